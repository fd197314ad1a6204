/*
 * hop_auth: what a run has learnt about the credentials that a proxy wants, so that later
 * connections need no round trip to be asked.
 */
#ifndef HOPPROOF_PROBES_HOP_AUTH_H
#define HOPPROOF_PROBES_HOP_AUTH_H

#include "diag/proto/challenge.h"

#include <stdbool.h>

struct arena;

struct hop_auth {
    struct challenges challenges; /* of the last 407, in the arena of the run */
    bool asked;                   /* a 407 came */
    unsigned nc;                  /* uses of the nonce in it (RFC 7616 section 3.4) */
};

#endif
