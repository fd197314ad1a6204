/* join_ladder: the frames of a flow that tell its story. Part of join. */
#ifndef HOPPROOF_JOIN_LADDER_H
#define HOPPROOF_JOIN_LADDER_H

#include "capture/wire.h"
#include "diag/model/report.h"

/* Fill f->ladder: a dozen frames at most, by number. */
void join_ladder(struct report *r, struct flow *f, const struct wire_flow *w, int64_t epoch_us);

#endif
