/*
 * audit_squid: what the files audit_squid*.c share. One of them asks for the endpoints, one says
 * why something is denied, one follows the chain, one looks at the file as such.
 */
#ifndef HOPPROOF_AUDIT_SQUID_H
#define HOPPROOF_AUDIT_SQUID_H

#include "diag/audit.h"
#include "diag/site/squid_conf.h"

struct site_endpoint;
struct site_proxy;

/* Where requests come from. */
struct audit_source {
    struct addr address;
    const char *name; /* for people: "10.1.0.7", "10.1.0.1 (ACL sensors)", "any other address" */
};

/* One squid.conf being judged. */
struct squid_audit {
    struct audit *a;
    struct audit_file *file;
    struct squid_conf conf;
    struct audit_source sources[AUDIT_SOURCES_MAX + 1];
    size_t n_sources;
    bool given; /* the sources are the sensors', not samples of the file's lists */
    const struct site_proxy *self; /* the hop whose file this is; NULL: not known */
    const struct site_proxy *next; /* the hop behind it; NULL: none, or not known */
    uint16_t port;                 /* that the sensors connect to; 0: not known */
    const char *port_name;
};

/*
 * The answer to a request: http_access, adapted_http_access (which Squid asks whether or not
 * anything is adapted), miss_access.
 */
struct squid_verdict audit_squid_ask(struct squid_audit *s, const struct squid_request *q);

/* A request for an endpoint; a wildcard is asked with a made-up name below it. */
struct squid_request audit_squid_request(struct squid_audit *s, const char *host, bool wildcard,
                                         uint16_t port, const struct audit_source *source);

/* Find out why an endpoint is denied, and say it with the corrected line. */
void audit_squid_denied(struct squid_audit *s, const struct site_endpoint *e,
                        const struct squid_request *q, const struct squid_verdict *v);

/* Parents, never_direct, nested tunnels. */
void audit_squid_chain(struct squid_audit *s);

/* Ports, users, rules that never decide, tunnels to any port. */
void audit_squid_rules(struct squid_audit *s);

/* Where the sources come from: --sensor, the hop before, or samples of the file's own lists. */
void audit_squid_sources(struct squid_audit *s);

#endif
