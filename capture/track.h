/*
 * track: what one more segment says about its TCP connection (RFC 9293): handshake, repeats,
 * losses and their sizes, resets, closing. Knows nothing of what is said over it.
 */
#ifndef HOPPROOF_CAPTURE_TRACK_H
#define HOPPROOF_CAPTURE_TRACK_H

#include "capture/tcp.h"
#include "capture/wire.h"

#include <stdbool.h>

/* Where and when a packet was captured. */
struct seen {
    uint32_t frame;
    int64_t time_us;
    uint16_t iface;
};

/*
 * Is this segment the first of a new connection, although the table has a flow between the same
 * ends? (ports used again)
 */
bool track_is_new(const struct wire_flow *f, const struct tcp_segment *s, int direction);

/* Who opened a connection whose beginning is missing: does this segment go from src to dst? */
bool track_from_src(const struct tcp_segment *s);

/*
 * Take the segment into account. False when it is to be ignored otherwise too: the same packet
 * seen twice.
 */
bool track_segment(struct wire_flow *f, int direction, const struct ip_packet *ip,
                   const struct tcp_segment *s, const struct seen *seen);

/*
 * What every packet of a flow, of TCP or not, says of its side: the interface where it was seen,
 * and the time to live. Packets of a side on a second interface are the same ones once more:
 * track_interface counts them, and says false.
 */
bool track_interface(struct wire_flow *f, int direction, const struct seen *seen);
void track_ttl(struct wire_side *side, uint8_t ttl);

/* No more segments: settle what is still open, free what tracking needed. */
void track_finish(struct wire_flow *f);

#endif
