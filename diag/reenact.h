/*
 * reenact: a connection of a capture as the steps that a probe of ours would have reported. With
 * join.h behind it and the judge, a foreign capture gets the same verdicts as a run.
 */
#ifndef HOPPROOF_REENACT_H
#define HOPPROOF_REENACT_H

#include "capture/wire.h"
#include "diag/model/report.h"

struct fault;
struct trust;

struct reenact {
    struct report *report;
    const struct wire_file *file;
    int64_t epoch_us;      /* join_epoch of the report */
    const char *ca_file;   /* anchors for certificates in the clear; NULL: the system's */
    struct trust *trust;   /* made when the first certificate is seen; trust_free is the caller's */
    bool trust_failed;     /* ... and could not be made: said in a note */
    int64_t probes;        /* connections so far */
    size_t hidden;         /* handshakes whose certificates TLS 1.3 hides */
    size_t refused_hidden; /* ... of which the client ended right after the certificate */
};

/* What a connection was for. */
struct reenact_flow {
    const struct wire_flow *flow;
    struct result *result; /* gets the steps */
    const char *host;      /* of the endpoint; of the hop, where that is asked about itself */
    unsigned port;
    const char *const *hops; /* names of the hops that it passed, in order */
    size_t n_hops;
    const struct wire_tunnel
        *page; /* the first that was asked of the host in plain HTTP, or NULL */
    int64_t attempt;
    enum experiment experiment;
    bool controls; /* it shows that a fresh connection works, where an idle one was dead */
};

/* Steps of a connection, appended to the result. */
void reenact_flow(struct reenact *r, const struct reenact_flow *what);

/* A trace, as one step: SYNs towards one destination that ended, or were to end, on the way. */
void reenact_trace(struct reenact *r, struct result *result, const struct wire_flow *const *flows,
                   size_t n);

/*
 * One resolve step for each server that was asked for `name` in these exchanges (in the order of
 * the capture); appended to *steps. Returns how many.
 */
size_t reenact_lookups(struct reenact *r, const char *name, const struct wire_dns *const *exchanges,
                       size_t n, struct result *result);

/*
 * What a time server was asked and said, into *t; of several (a name has several addresses) what
 * tells most stays.
 */
void reenact_clock(struct reenact *r, struct time_server *t, const struct wire_clock *c);

/*
 * What the answer to such a request is to be: "crl" or "ocsp" where it asks for the revocation of
 * certificates, else NULL: anything.
 */
const char *reenact_expects(const struct wire_tunnel *page);

/* Was it dead when its client used it again after a pause, without having been told? */
bool reenact_was_forgotten(const struct reenact *r, const struct wire_flow *w);

/* Was something asked on it within TLS, and answered? */
bool reenact_was_answered(const struct wire_flow *w);

/* Did the connection do what it was for, as far as packets tell? */
bool reenact_passed(const struct wire_flow *w);

#endif
