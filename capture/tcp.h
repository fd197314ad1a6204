/*
 * tcp: one TCP segment: header and the options that matter (RFC 9293 section 3.1, RFC 7323).
 */
#ifndef HOPPROOF_CAPTURE_TCP_H
#define HOPPROOF_CAPTURE_TCP_H

#include "capture/ip.h"

#include <stdbool.h>
#include <stdint.h>

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

/*
 * Sequence numbers are compared as RFC 9293 section 3.4 says: by the sign of their difference.
 */
static inline int32_t tcp_seq_diff(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

struct tcp_segment {
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint8_t flags;
    uint16_t window;          /* as it stands, without scaling */
    uint16_t mss;             /* option of a SYN, 0 when none */
    uint8_t wscale;           /* option of a SYN; TCP_NO_SCALE when none */
    bool sack_ok, timestamps; /* options of a SYN */
    uint32_t stamp, echo; /* of that option: the sender's time, and the peer's that it answers */
    bool dsack;           /* says that something arrived twice (RFC 2883) */
    uint32_t len;         /* octets of payload on the wire */
    struct bytes payload; /* those that were captured */
};

enum { TCP_NO_SCALE = 0xff };

/*
 * From the payload of an IP packet (not a later fragment). DECODE_TRUNCATED when even the fixed
 * header is cut; cut options are taken as far as they are there.
 */
enum decode tcp_decode(const struct ip_packet *ip, struct tcp_segment *out);

#endif
