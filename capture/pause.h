/*
 * pause: silence on a connection, and that its client used it again. Part of track.h: called for
 * every segment, before anything of it is noted.
 */
#ifndef HOPPROOF_CAPTURE_PAUSE_H
#define HOPPROOF_CAPTURE_PAUSE_H

#include "capture/tcp.h"
#include "capture/track.h"
#include "capture/wire.h"

void pause_segment(struct wire_flow *f, int direction, const struct tcp_segment *s,
                   const struct seen *seen);

#endif
