/*
 * link: from a captured frame to the network packet in it.
 *
 * Link types of the tcpdump group's registry: Ethernet with VLAN and QinQ tags, PPPoE and SNAP,
 * Linux cooked v1 and v2, raw IP, BSD loopback, PPP.
 */
#ifndef HOPPROOF_CAPTURE_LINK_H
#define HOPPROOF_CAPTURE_LINK_H

#include "diag/base/bytes.h"

#include <stdint.h>

enum {
    ETHERTYPE_V4 = 0x0800,
    ETHERTYPE_ARP_ = 0x0806,
    ETHERTYPE_V6 = 0x86dd,
};

enum link_result {
    LINK_OK,
    LINK_OTHER,       /* a frame of another kind of traffic */
    LINK_TRUNCATED,   /* cut within its head */
    LINK_UNSUPPORTED, /* a link type that we do not read */
};

struct link_packet {
    uint16_t ethertype; /* ETHERTYPE_V4, ETHERTYPE_V6, ETHERTYPE_ARP_, or another */
    uint16_t vlan;      /* the innermost tag's number, 0 when there is none */
    uint32_t ifindex;   /* Linux cooked v2 only, else 0 */
    struct bytes payload;
};

enum link_result link_decode(uint16_t linktype, const uint8_t *data, size_t len,
                             struct link_packet *out);

/* Octets of the payload on the wire, of a frame at `data` that had `wire_len` (at least those that
 * were captured). */
static inline uint32_t link_wire_len(const struct link_packet *l, const uint8_t *data,
                                     uint32_t wire_len)
{
    return wire_len - (uint32_t)(l->payload.p - data);
}

#endif
