/*
 * ip: IPv4 (RFC 791) and IPv6 (RFC 8200) headers, options and extension headers, down to the
 * transport protocol.
 */
#ifndef HOPPROOF_CAPTURE_IP_H
#define HOPPROOF_CAPTURE_IP_H

#include "diag/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

struct ip_packet {
    int family;      /* AF_INET, AF_INET6 */
    uint8_t src[16]; /* the first 4 for IPv4, the rest zero */
    uint8_t dst[16];
    uint8_t protocol; /* of the payload: behind all extension headers */
    uint8_t ttl;      /* or hop limit */
    bool fragment;    /* a part of a larger packet */
    bool more;        /* fragments follow */
    bool dont_fragment;
    uint16_t offset;      /* of this fragment, octets */
    uint32_t id;          /* IPv4 identification; IPv6: of the fragment header, else 0 */
    uint32_t len;         /* octets of payload on the wire */
    struct bytes payload; /* those that were captured; fewer than `len` where the capture cuts */
};

/*
 * From the first `have` octets of a packet. `wire_len`: its octets on the wire, for those whose own
 * length field is zero because the capturing machine's network card was to fill it in (segmentation
 * offload). DECODE_TRUNCATED: cut within the headers, *out is of no use.
 */
enum decode ip_decode(const uint8_t *p, size_t have, uint32_t wire_len, struct ip_packet *out);

#endif
