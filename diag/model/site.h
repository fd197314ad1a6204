/*
 * site: one sensor's situation and the wishes of the user, as read from site file and flags.
 *
 * Filled by diag/site and diag/options.c, read by the plan, the runner and the probes; the report
 * repeats what a reader needs of it. All strings live in the arena that the reader was given.
 */
#ifndef HOPPROOF_MODEL_SITE_H
#define HOPPROOF_MODEL_SITE_H

#include "diag/base/addr.h"
#include "diag/model/fact.h"
#include "diag/model/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct secret;
struct vault;

/* One endpoint as it was named; duplicates are already merged. */
struct site_endpoint {
    const char
        *host; /* A-labels, lower case; an IP literal without brackets; "*.x" for wildcards */
    uint16_t port;
    bool wildcard, optional;
    bool plain;          /* no TLS is spoken there: http://, ws://; see service */
    bool http;           /* plain, and HTTP: something can be asked */
    const char *service; /* what it is for, or NULL */
    const char *source;  /* "command line", "FILE:LINE", "FILE:$.json.path", "profile NAME" */
    const char *expect_address; /* "public", "private" or NULL */
};

enum proxy_scheme { PROXY_HTTP, PROXY_HTTPS };

/* One hop, as configured. */
struct site_proxy {
    const char *name;
    enum proxy_scheme scheme;
    const char *host; /* A-labels or IP literal without brackets */
    uint16_t port;
    const char *url;           /* for people: without password */
    const char *user;          /* NULL when no credentials are configured */
    struct secret *password;   /* owned by the site (site_wipe) */
    const char *password_file; /* where it came from, or NULL */
    const char *ca_file;       /* trust anchors for an HTTPS proxy; NULL: as for endpoints */
    const char *client_cert, *client_key; /* PEM files for an HTTPS proxy, or NULL */
};

/* A time server. */
struct site_ntp {
    const char *host; /* A-labels or IP literal */
    uint16_t port;
};

struct site_resolver {
    struct addr addr;   /* with port */
    const char *source; /* "/etc/resolv.conf", "site file", "--resolver" */
};

/* One name of the hosts file (hosts(5)); sorted by name, the file's order within a name. */
struct site_host {
    const char *name; /* lower case */
    struct addr addr;
    unsigned line;
};

struct site {
    const char *name, *sensor, *interface, *method;
    bool interface_given;       /* by the user, not chosen by the kernel */
    bool migration;             /* away from the legacy method */
    enum tri facts[FACT_COUNT]; /* what the site's owner knows: for the choice of a method */
    const char *legacy_hub; /* the IoT hub of that method, HOST:PORT when all is read; or NULL */
    enum chain chain;
    const char *required_route; /* NULL: the default of the contract */
    const char **routes;        /* asked for by --route; none: the default of the contract */
    size_t n_routes;
    struct site_endpoint **endpoints;
    size_t n_endpoints;
    struct site_proxy **proxies; /* nearest first */
    size_t n_proxies;
    struct site_resolver **resolvers;
    size_t n_resolvers;
    struct site_ntp **ntp; /* time servers */
    size_t n_ntp;
    const char *
        *search; /* domains for names of a single label (resolv.conf(5)); the system's only */
    size_t n_search;
    bool resolvers_given;    /* by site file or flag, not the system's */
    const char *hosts_file;  /* NULL when given resolvers replace it too */
    struct site_host *hosts; /* its content */
    size_t n_hosts;
    const char *ca_file; /* NULL: the system's trust anchors */
    const char *service_tags;
    /* wishes */
    int64_t timeout_us;  /* of each step */
    int64_t deadline_us; /* of the whole run; 0: none */
    int64_t idle_us;     /* to leave connections unused; 0: not asked for */
    unsigned attempts;
    unsigned parallel;       /* probes in flight at once; 0: the program chooses */
    unsigned proxy_parallel; /* connections in flight to one proxy; 0: the program chooses */
    bool app, revocation, large_hello, capture, experiments;
    bool trace;          /* where SYNs vanish, look for the last router that answers */
    bool trace_optional; /* ... for results that do not decide the verdict too */
    const char **notes;  /* what the readers noticed, for run.notes */
    size_t n_notes;
    /*
     * Where the TLS secrets of the run go (the NSS key log format); NULL: nowhere. Owned by the
     * site. `keylog_credentials`: also those that open a proxy's credentials.
     */
    struct vault *keylog;
    bool keylog_credentials;
};

/*
 * What the hosts file says of a name (lower case): the number of entries, which stand together
 * from *first on; 0 when it says nothing.
 */
size_t site_hosts_lookup(const struct site *s, const char *name, const struct site_host **first);

/* Wipe and free the passwords and TLS secrets of the site; the rest belongs to its arena. */
void site_wipe(struct site *s);

#endif
