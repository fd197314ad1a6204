/*
 * squid_value: the values of an `acl` line: what Squid makes of each, and which it drops or
 * refuses.
 */
#ifndef HOPPROOF_SITE_SQUID_VALUE_H
#define HOPPROOF_SITE_SQUID_VALUE_H

#include "diag/site/squid_acl.h"

/* Add a value to the ACL. Where Squid does not take it as it stands, a problem is noted in *t. */
void squid_value_add(struct squid_text *t, struct squid_acl *acl, const struct squid_word *word,
                     bool nocase);

/*
 * Can a pattern be tried without harm? Those with counted repetitions can take all memory, those
 * with references to groups (\1) all time: glibc goes through every way to split the text.
 */
bool squid_regex_is_tame(const char *pattern);

/* A word of the file, fit to be shown. */
const char *squid_shown(const struct squid_text *t, const char *word);

/* Note that Squid does not start with an `acl` line. */
void squid_acl_refuse(struct squid_text *t, struct squid_place at, const char *what,
                      const char *fix);

#endif
