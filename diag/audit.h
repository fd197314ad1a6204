/*
 * audit: files of the way to the cloud (a proxy's squid.conf, cloud-init, exports of what stands
 * around it in Azure) against the endpoints and the site, offline.
 *
 * Each file is told apart by its content and answers with findings (what is wrong, where, why, and
 * the line that would be right) and verdicts (what happens to each request). What a file cannot
 * say is `undecided`, with the reason.
 */
#ifndef HOPPROOF_AUDIT_H
#define HOPPROOF_AUDIT_H

#include "diag/base/addr.h"
#include "diag/site/squid_lines.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct fault;
struct site;
struct text_style;

enum audit_kind {
    AUDIT_SQUID,
    AUDIT_CLOUD_INIT,
    AUDIT_NSG,
    AUDIT_BALANCER,
    AUDIT_PROBES,
    AUDIT_NAT,
    AUDIT_ROUTES,
    AUDIT_SUBNET,
    AUDIT_KIND_COUNT
};

enum audit_severity { AUDIT_ERROR, AUDIT_WARNING, AUDIT_INFO, AUDIT_SEVERITY_COUNT };

struct audit_finding {
    enum audit_severity severity;
    const char *code;      /* short and stable: "endpoint-denied" */
    struct squid_place at; /* line 0: the file as a whole */
    const char *what, *why;
    const char *fix;     /* the corrected line, or what to do */
    const char *subject; /* what it is about, in front of `what`; NULL: nothing */
    size_t n_subjects;
};

/* What happens to one request. */
struct audit_verdict {
    const char *from, *to; /* "10.1.0.7" or "any address"; "host:port" */
    const char *answer;    /* "allow", "deny", "auth", "undecided", "refused" */
    const char *way;       /* "direct", "HOST:PORT", ...; NULL where there is none */
    struct squid_place at; /* of what decided; file NULL: the default */
    const char *by;        /* the deciding line, or why it is undecided */
};

struct audit_file {
    const char *label;
    enum audit_kind kind;
    struct audit_finding *findings;
    size_t n_findings;
    struct audit_verdict *verdicts;
    size_t n_verdicts;
};

/* What a load balancer says, for the judges of other files. */
struct audit_balance {
    size_t file;           /* its index in audit->files */
    struct squid_place at; /* the rule for the sensors' port */
    unsigned backend_port; /* to which it sends; 0: no such rule */
    const char *subnet;    /* of its private frontend, or NULL */
    bool needs_a_way_out;  /* it gives the machines behind it none */
};

struct audit {
    struct arena *arena;
    const struct site *site; /* endpoints and proxies */
    struct addr *sensors;    /* given with --sensor */
    size_t n_sensors;
    struct audit_file *files;
    size_t n_files;
    size_t n_squid; /* squid.conf files among the arguments, and the one in turn */
    size_t squid_index;
    const char **balancers; /* private frontend addresses of load balancer exports */
    size_t n_balancers;
    struct audit_balance *balances; /* one of each balancer's file */
    size_t n_balances;
    const char **nat_subnets; /* that NAT gateways serve: "NETWORK/SUBNET" */
    size_t n_nat_subnets;
    bool has_nat, has_subnet; /* such files are among the arguments */
};

enum { AUDIT_FILES_MAX = 100, AUDIT_SOURCES_MAX = 16, AUDIT_VERDICTS_MAX = 200000 };

/*
 * Read and judge all files. 0, or -1 with a fault "FILE: ..." where one cannot be read or is of
 * no known kind.
 */
int audit_run(struct audit *a, const char *const *paths, size_t n, struct fault *f);

/* The sum over all files. */
size_t audit_count(const struct audit *a, enum audit_severity severity);

const char *audit_kind_text(enum audit_kind kind);
const char *audit_severity_text(enum audit_severity severity);

/* Append to a file's list; NULL and overlong texts are the caller's business. */
void audit_find(struct audit *a, struct audit_file *file, enum audit_severity severity,
                const char *code, struct squid_place at, const char *what, const char *why,
                const char *fix);

/*
 * The same about a subject ("HOST:PORT"). Where the last finding differs in nothing but its
 * subject, the subject joins it.
 */
void audit_find_of(struct audit *a, struct audit_file *file, struct audit_finding finding);

/* Add one that is complete. */
void audit_answer(struct audit *a, struct audit_file *file, struct audit_verdict v);

/* What is wrong, with its subjects. */
const char *audit_what(const struct audit *a, const struct audit_finding *f);

/* The judges of each kind (audit_*.c). `label` names the bytes for people. */
int audit_squid(struct audit *a, struct audit_file *file, const char *path, const char *bytes,
                size_t len, struct fault *f);
int audit_cloud(struct audit *a, struct audit_file *file, const char *path, const char *bytes,
                size_t len, struct fault *f);
int audit_nsg(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
              struct fault *f);
int audit_balancer(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                   struct fault *f);

int audit_probes(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                 struct fault *f);
int audit_nat(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
              struct fault *f);
int audit_routes(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                 struct fault *f);
int audit_subnets(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                  struct fault *f);

/* When all files were judged: is there a way out for what stands behind a balancer?
 * (audit_outbound.c) */
void audit_together(struct audit *a);

/* For people, 80 columns; as JSON. */
void audit_draw(const struct audit *a, struct text_style style, struct buf *out);
int audit_json(const struct audit *a, struct buf *out);

#endif
