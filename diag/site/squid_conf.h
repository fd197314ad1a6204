/*
 * squid_conf: a squid.conf as far as it decides what a sensor's CONNECT requests meet: who may
 * ask for what, and which way the request goes from there.
 */
#ifndef HOPPROOF_SITE_SQUID_CONF_H
#define HOPPROOF_SITE_SQUID_CONF_H

#include "diag/site/squid_acl.h"
#include "diag/site/squid_lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct squid_rule {
    struct squid_place at;
    const char *text; /* the line, printable */
    bool allow;
    bool unknown; /* an include that cannot be read stands here */
    struct squid_term *terms;
    size_t n_terms;
};

/* Rules of one kind in their order; the first one that matches decides. */
struct squid_list {
    struct squid_rule *rules;
    size_t n;
};

struct squid_port {
    struct squid_place at;
    const char *text; /* as written */
    const char *host; /* NULL: every address */
    const char *name; /* for myportname */
    uint16_t port;
    const char *mode; /* "intercept", "tproxy", "accel", or NULL: a forward proxy */
    bool bumps;       /* ssl-bump: TLS is opened */
    bool tls;         /* https_port */
};

struct squid_peer {
    struct squid_place at;
    const char *text, *host, *name;
    uint16_t port;
    bool parent;
    const char *login; /* of login=, or NULL */
    bool originserver;
    struct squid_list access;
};

struct squid_conf {
    struct squid_text text;
    struct squid_acls acls;
    struct squid_list http_access, adapted_http_access, miss_access, never_direct, always_direct,
        ssl_bump;
    struct squid_port *ports;
    size_t n_ports;
    struct squid_peer *peers;
    size_t n_peers;
    const struct squid_line *auth;        /* the first auth_param ... program */
    const struct squid_line **auth_lines; /* all auth_param lines */
    size_t n_auth_lines;
    const char **externals; /* names of external_acl_type */
    size_t n_externals;
    const struct squid_line *nonhierarchical; /* the line that decides nonhierarchical_direct */
    bool nonhierarchical_direct, prefer_direct;
    const struct squid_line *rewriter; /* url_rewrite_program, ICAP, eCAP: may change a request */
    bool refused;                      /* some problem is SQUID_FATAL */
};

/* Read it; 0, or -1 with a fault (not a text, too large). What Squid would say is in text.problems.
 */
int squid_conf_read(struct squid_conf *c, struct arena *a, const char *path, const char *bytes,
                    size_t len, struct fault *f);

/* Do these bytes look like a squid.conf? At least one line begins with one of its directives. */
bool squid_conf_recognize(const char *bytes, size_t len);

enum squid_answer {
    SQUID_ALLOW,
    SQUID_DENY,
    SQUID_ASKS_AUTH, /* 407 */
    SQUID_UNDECIDED, /* depends on what the file does not say */
};

struct squid_verdict {
    enum squid_answer answer;
    const struct squid_rule *rule;     /* that decided; NULL: no rule matched, or undecided */
    const struct squid_acl *unsure;    /* undecided: the first ACL in doubt; NULL: an include */
    bool may_allow, may_deny, may_ask; /* the possible answers */
};

/*
 * The first matching rule decides; where none does, the opposite of the last rule's action; where
 * there is none at all, `otherwise`.
 */
struct squid_verdict squid_conf_access(const struct squid_conf *c, const struct squid_list *list,
                                       const struct squid_request *q, enum squid_answer otherwise);

/* Where an allowed request goes. */
enum squid_way {
    SQUID_WAY_DIRECT,     /* to the endpoint itself */
    SQUID_WAY_PARENT,     /* only ever through a parent */
    SQUID_WAY_FALLS_BACK, /* through a parent, directly when that one does not answer */
    SQUID_WAY_NOWHERE,    /* never_direct, and no parent takes it */
    SQUID_WAY_UNDECIDED,
};

/* The way; *peer becomes the first parent that takes it, or NULL. */
enum squid_way squid_conf_way(const struct squid_conf *c, const struct squid_request *q,
                              const struct squid_peer **peer);

#endif
