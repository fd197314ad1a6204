/*
 * probe: one connection over one route, from the SYN to the goodbye, as steps in the report.
 */
#ifndef HOPPROOF_PROBES_PROBE_H
#define HOPPROOF_PROBES_PROBE_H

#include "diag/base/addr.h"
#include "diag/model/report.h"
#include "diag/model/site.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct loop;
struct probe;
struct prober;

enum { PROBE_HOPS_MAX = 8 };

/* What to try, and where the steps go. */
struct probe_spec {
    struct result *result; /* gets the steps; NULL: hop does */
    struct hop *hop;
    int64_t attempt, number;
    struct addr address;         /* to connect to, with port */
    const char *entry;           /* the name behind it, host:port */
    size_t hops[PROBE_HOPS_MAX]; /* indices into the site's proxies, nearest first */
    size_t n_hops;
    const char *const *legs; /* names: those of the result, or one more than hops */
    const char *host;        /* the endpoint; NULL: connect only */
    uint16_t port;
    const char *service;
    const char *path;    /* of an endpoint without TLS: ask for this; NULL: nothing is asked */
    const char *expects; /* what the answer must be: see service_plain_genuine */
    bool tunnel_only;    /* stop when the last tunnel stands: no TLS */
    bool app;            /* the application check after TLS */
    enum experiment experiment;
    int64_t idle_us;        /* for EXPERIMENT_IDLE */
    const char *other_name; /* for EXPERIMENT_OTHER_NAME; NULL: one that no filter minds */
};

typedef void probe_fn(void *arg, bool passed);

/* What all probes of a run share. Facts go to the report's arena; `epoch_us` is the run's start. */
struct prober *prober_new(struct loop *l, struct report *r, const struct site *s, int64_t epoch_us,
                          struct fault *f);

/* Probes that still run are cancelled; connections that still say goodbye are dropped. */
void prober_free(struct prober *p);

/* Connections that are still saying goodbye. */
size_t prober_closing(const struct prober *p);

/* Called whenever a goodbye is over. */
void prober_on_closed(struct prober *p, void (*fn)(void *arg), void *arg);

/*
 * Start; `done` is called once, from the loop or at once, when the last step ended (the goodbye
 * comes after it). The handle is the prober's; it is good for probe_cancel until then.
 * NULL without memory or with too many hops: `done` is not called.
 */
struct probe *probe_start(struct prober *p, const struct probe_spec *spec, probe_fn *done,
                          void *arg);

/* The run is over: the current step says "cancelled"; `done` is not called. */
void probe_cancel(struct probe *probe);

#endif
