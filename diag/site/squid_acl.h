/*
 * squid_acl: the named conditions of squid.conf, and whether a request meets one.
 *
 * A request is what a sensor sends: CONNECT host:port. What the file alone cannot decide (time,
 * external programs, the proxy's own DNS) answers SQUID_UNKNOWN, never a guess. Behaviour follows
 * Squid 5.7 where versions differ.
 */
#ifndef HOPPROOF_SITE_SQUID_ACL_H
#define HOPPROOF_SITE_SQUID_ACL_H

#include "diag/base/addr.h"
#include "diag/site/squid_ip.h"
#include "diag/site/squid_lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum squid_acl_kind {
    SQUID_ACL_SRC,
    SQUID_ACL_DST,
    SQUID_ACL_DSTDOMAIN,
    SQUID_ACL_DSTDOM_REGEX,
    SQUID_ACL_URL_REGEX,
    SQUID_ACL_URLPATH_REGEX,
    SQUID_ACL_PORT,
    SQUID_ACL_LOCALPORT,
    SQUID_ACL_MYPORTNAME,
    SQUID_ACL_METHOD,
    SQUID_ACL_PROTO,
    SQUID_ACL_PROXY_AUTH,
    SQUID_ACL_AUTH_REGEX,
    SQUID_ACL_ANY_OF,
    SQUID_ACL_ALL_OF,
    SQUID_ACL_OTHER,
};

/* NO and YES are certain. AUTH: Squid first asks for credentials (407). */
enum squid_match { SQUID_NO, SQUID_YES, SQUID_AUTH, SQUID_UNKNOWN };

struct squid_acl;

/* One ACL in a rule, perhaps negated. */
struct squid_term {
    const struct squid_acl *acl;
    bool negated;
};

struct squid_value {
    struct squid_place at;
    const char *text;
    struct squid_ip ip;       /* SRC, DST */
    unsigned long low, high;  /* PORT, LOCALPORT */
    bool nocase;              /* regexes */
    bool dropped;             /* Squid ignores it: an earlier one clashes */
    struct squid_term *terms; /* ANY_OF: one, ALL_OF: all of a line */
    size_t n_terms;
};

struct squid_acl {
    const char *name;
    const char *type; /* as Squid calls it */
    enum squid_acl_kind kind;
    const char *why_unknown; /* OTHER */
    struct squid_place at;   /* the first line; file NULL: built in */
    struct squid_value *values;
    size_t n_values;
    bool unseen;    /* values in a file that cannot be read here */
    bool no_lookup; /* -n */
    bool nocase;    /* proxy_auth -i */
    bool newer;     /* built in, but only from Squid 6 on */
};

struct squid_acls {
    struct squid_acl **list;
    size_t n;
};

/* What a sensor asks for. */
struct squid_request {
    const char *host; /* lower case, no brackets */
    uint16_t port;
    bool is_address; /* the host is an IP literal, in `address` */
    struct addr address;
    struct addr source;  /* of the sensor */
    uint16_t local_port; /* of the proxy's http_port; 0: not known */
    const char *port_name;
    bool credentials; /* valid ones are sent */
    const char *user; /* NULL: not known */
};

/* The ACLs that every Squid has. */
void squid_acls_init(struct squid_text *t, struct squid_acls *acls);

/* Names of ACLs are the same in any case. */
struct squid_acl *squid_acl_find(const struct squid_acls *acls, const char *name);

/* One `acl` line. Problems go to *t. */
void squid_acl_read(struct squid_text *t, struct squid_acls *acls, const struct squid_line *line);

/*
 * Words that name ACLs, with "!" for negation. False, and a problem noted, where one is not
 * known: Squid refuses such a line.
 */
bool squid_terms_read(struct squid_text *t, const struct squid_acls *acls,
                      const struct squid_word *words, size_t n, struct squid_term **terms,
                      size_t *n_terms);

/*
 * Does the request meet the condition? On SQUID_UNKNOWN *why becomes the ACL that cannot be
 * decided.
 */
enum squid_match squid_acl_match(struct arena *a, const struct squid_acl *acl,
                                 const struct squid_request *q, const struct squid_acl **why);

/* The same with the term's negation. */
enum squid_match squid_term_match(struct arena *a, const struct squid_term *term,
                                  const struct squid_request *q, const struct squid_acl **why);

/* Does a name match an entry of a dstdomain list? ".example" holds example and all below it. */
bool squid_domain_has(const char *entry, const char *name);

/* Why an ACL cannot be decided, for people. */
const char *squid_acl_why(const struct squid_acl *acl);

#endif
