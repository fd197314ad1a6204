/*
 * talk: what the two sides of a TCP connection say in the clear: CONNECT requests and answers,
 * tunnels in tunnels, the TLS handshake; DNS where it is a resolver's port. The decoders are those
 * of the probes (diag/proto); this file only decides who is to speak which protocol next.
 *
 * Octets are looked at as they come and not kept; state lives only until the handshake is decided.
 */
#ifndef HOPPROOF_CAPTURE_TALK_H
#define HOPPROOF_CAPTURE_TALK_H

#include "capture/lookup.h"
#include "capture/tcp.h"
#include "capture/track.h"
#include "capture/wire.h"

#include <stdbool.h>

struct reading;
struct talk_chains;

struct talks {
    struct wire_file *file; /* facts are put there, memory comes from its arena */
    struct lookups *lookups;
    struct words *words; /* ... that of what is said again and again from here */
    struct talk_chains *chains;
    struct reading *spare; /* states that were used, for the next flow */
    /* of connections that are over, the oldest first: not much more can come */
    struct reading *ended, **last_ended;
    uint64_t secret[2];
};

int talks_init(struct talks *t, struct wire_file *file, struct lookups *lookups,
               struct words *words, const uint64_t secret[2]);
void talks_free(struct talks *t);

/* The first segment of a flow that is worth reading: get ready. `dns`: a resolver's port. */
void talk_begin(struct talks *t, struct wire_flow *f, bool dns);

/* A segment of the flow that track_segment has taken. */
void talk_segment(struct talks *t, struct wire_flow *f, int direction, const struct tcp_segment *s,
                  const struct seen *seen);

/*
 * The flow was closed or reset: its state is given up soon, but not at once (a reset may be forged,
 * a last segment late). To be called with every segment; `now_us` is its time.
 */
void talk_ended(struct talks *t, struct wire_flow *f, int64_t now_us);

/*
 * No more segments of any flow: put down what is not complete of this one, free its state. To be
 * called for each; nothing else may follow.
 */
void talk_over(struct talks *t, struct wire_flow *f);

#endif
