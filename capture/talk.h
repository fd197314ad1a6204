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

struct talk_chains;

struct talks {
    struct wire_file *file; /* facts are put there, memory comes from its arena */
    struct lookups *lookups;
    struct talk_chains *chains;
    uint64_t secret[2];
};

int talks_init(struct talks *t, struct wire_file *file, struct lookups *lookups,
               const uint64_t secret[2]);
void talks_free(struct talks *t);

/* The first segment of a flow that is worth reading: get ready. `dns`: a resolver's port. */
void talk_begin(struct talks *t, struct wire_flow *f, bool dns);

/* A segment of the flow that track_segment has taken. */
void talk_segment(struct talks *t, struct wire_flow *f, int direction, const struct tcp_segment *s,
                  const struct seen *seen);

/* No more segments: put down what is known of things that are not complete; free the state. */
void talk_finish(struct talks *t, struct wire_flow *f);

#endif
