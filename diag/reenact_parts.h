/* reenact_parts: what the files of reenact share. Private to reenact. */
#ifndef HOPPROOF_REENACT_PARTS_H
#define HOPPROOF_REENACT_PARTS_H

#include "diag/reenact.h"

/* Silence that ends with the capture is none: who knows what would have come. */
#define REENACT_PATIENCE_US 900000

/* One connection on its way to become steps. */
struct probing {
    struct reenact *r;
    const struct reenact_flow *what;
    const struct wire_flow *flow;
    struct sock *sock;
    const char *address;
};

/* Text from the wire as the report may hold it; NULL stays NULL. */
const char *probing_printable(struct probing *p, const char *s);

/* A new step of the result, on its `leg`-th leg (the last one where there are fewer). */
struct step *probing_add(struct probing *p, enum step_kind kind, size_t leg, const char *target,
                         int64_t from_us);

void probing_end(struct probing *p, struct step *s, int64_t end_us);

/* How silence ended: reset, closed, or not at all; cancelled where the capture ended first. */
enum outcome probing_outcome(const struct probing *p, const struct step *s);

/* The other side said something that the capture does not hold: what, nobody knows. */
bool probing_is_hidden(const struct probing *p);

/* --- reenact_http.c --- */

/* CONNECT to the first `n_hops` hops: true when all of them opened their tunnel. */
bool reenact_tunnels(struct probing *p, size_t n_hops);

/* A hop's own page. */
void reenact_hop_page(struct probing *p, const char *target);

/*
 * The page that p->what is about: of an endpoint without TLS, or of one that answers without it.
 */
void reenact_page(struct probing *p, const char *target);

/* --- reenact_tls.c --- */

/* The handshake, if there is one in the capture. */
void reenact_tls(struct probing *p, size_t leg, const char *target);

/* --- reenact_idle.c --- */

/* The use after the pause; the one on a fresh connection. */
void reenact_idle(struct probing *p, const char *target);
void reenact_idle_control(struct probing *p, const char *target);

#endif
