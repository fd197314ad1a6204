/*
 * bundling_site: the site file as a bundle shows it.
 *
 * It holds no passwords; whoever wrote one into a comment did not mean to send it: lines that name
 * one are left out. Redacted, it has pseudonyms, and no comments: nobody can tell what is in them.
 */
#ifndef HOPPROOF_BUNDLING_SITE_H
#define HOPPROOF_BUNDLING_SITE_H

struct buf;
struct redactor;

/* Append it to `to`; `redactor` NULL: not redacted. NULL, or why there is nothing to show. */
const char *bundling_site(const struct buf *site, struct redactor *redactor, struct buf *to);

#endif
