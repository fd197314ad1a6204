/* ip: see ip.h. */
#include "capture/ip.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
    V4_HEAD = 20,
    V6_HEAD = 40,
    FLAG_DF = 0x4000,
    FLAG_MF = 0x2000,
    OFFSET_MASK = 0x1fff,
    EXTENSIONS_MAX = 16, /* more than that is an attack */
    NEXT_AH = 51,
    NEXT_MOBILITY = 135,
    NEXT_HIP = 139,
    NEXT_SHIM6 = 140,
};

/* Cut the payload to what the header says: Ethernet pads short packets. */
static void set_payload(struct bytes *out, const uint8_t *p, size_t have, uint32_t len)
{
    bytes_set(out, p, have < len ? have : len);
}

/*
 * version, IHL 1 | TOS 1 | total length 2 | id 2 | flags, offset 2 | TTL 1 | protocol 1 |
 * checksum 2 | source 4 | destination 4 | options
 */
static enum decode v4_decode(const uint8_t *p, size_t have, uint32_t wire_len,
                             struct ip_packet *out)
{
    uint32_t head, total;
    uint16_t flags;

    if (have < V4_HEAD)
        return DECODE_TRUNCATED;
    head = (uint32_t)(p[0] & 15) * 4;
    total = (uint32_t)p[2] << 8 | p[3];
    if (total == 0)
        total = wire_len;
    if (head < V4_HEAD || total < head)
        return DECODE_INVALID;
    if (have < head)
        return DECODE_TRUNCATED;
    flags = (uint16_t)(p[6] << 8 | p[7]);
    *out = (struct ip_packet){.family = AF_INET,
                              .src = {p[12], p[13], p[14], p[15]},
                              .dst = {p[16], p[17], p[18], p[19]},
                              .protocol = p[9],
                              .ttl = p[8],
                              .fragment = (flags & (FLAG_MF | OFFSET_MASK)) != 0,
                              .more = (flags & FLAG_MF) != 0,
                              .dont_fragment = (flags & FLAG_DF) != 0,
                              .offset = (uint16_t)((flags & OFFSET_MASK) * 8),
                              .id = (uint32_t)p[4] << 8 | p[5],
                              .len = total - head};
    set_payload(&out->payload, p + head, have - head, total - head);
    return DECODE_OK;
}

/*
 * Walk the extension headers (RFC 8200 section 4) in `b` until a transport protocol. Each is
 * next header 1 | length 1 | ...; `b` ends where the packet ends.
 */
static enum decode walk_extensions(struct bytes *b, uint8_t next, struct ip_packet *out)
{
    for (int n = 0; n < EXTENSIONS_MAX; n++) {
        uint8_t kind = next, units;
        uint16_t word;

        switch (kind) {
        case IPPROTO_HOPOPTS:
        case IPPROTO_ROUTING:
        case IPPROTO_DSTOPTS:
        case NEXT_MOBILITY:
        case NEXT_HIP:
        case NEXT_SHIM6:
        case NEXT_AH:
            next = bytes_u8(b);
            units = bytes_u8(b);
            /* AH counts 4-octet units less 2, the others 8-octet units less 1 */
            bytes_skip(b, kind == NEXT_AH ? (size_t)units * 4 + 6 : (size_t)units * 8 + 6);
            break;
        case IPPROTO_FRAGMENT: /* next 1 | reserved 1 | offset, M 2 | identification 4 */
            next = bytes_u8(b);
            bytes_skip(b, 1);
            word = bytes_u16(b);
            out->id = bytes_u32(b);
            out->offset = word & 0xfff8;
            out->more = (word & 1) != 0;
            /* an "atomic" fragment (RFC 6946) is a whole packet */
            out->fragment = out->more || out->offset != 0;
            if (out->offset != 0) {
                out->protocol = next;
                return bytes_verdict(b);
            }
            break;
        default:
            out->protocol = kind;
            return bytes_verdict(b);
        }
        if (!bytes_ok(b))
            return bytes_verdict(b);
    }
    return DECODE_INVALID;
}

/* version, class, flow label 4 | payload length 2 | next header 1 | hop limit 1 | source | dest. */
static enum decode v6_decode(const uint8_t *p, size_t have, uint32_t wire_len,
                             struct ip_packet *out)
{
    struct bytes *b = &out->payload;
    uint32_t total;
    enum decode verdict;

    if (have < V6_HEAD)
        return DECODE_TRUNCATED;
    total = (uint32_t)p[4] << 8 | p[5];
    if (total == 0 && wire_len > V6_HEAD)
        total = wire_len - V6_HEAD; /* a jumbogram: segmentation offload makes them */
    memset(out, 0, offsetof(struct ip_packet, payload));
    out->family = AF_INET6;
    memcpy(out->src, p + 8, 16);
    memcpy(out->dst, p + 24, 16);
    out->ttl = p[7];
    out->dont_fragment = true;
    set_payload(b, p + V6_HEAD, have - V6_HEAD, total);
    verdict = walk_extensions(b, p[6], out);
    if (verdict != DECODE_OK)
        return verdict == DECODE_TRUNCATED && have - V6_HEAD >= total ? DECODE_INVALID : verdict;
    out->len = total - (uint32_t)(b->p - (p + V6_HEAD));
    return DECODE_OK;
}

enum decode ip_decode(const uint8_t *p, size_t have, uint32_t wire_len, struct ip_packet *out)
{
    if (have == 0)
        return DECODE_TRUNCATED;
    switch (p[0] >> 4) {
    case 4:
        return v4_decode(p, have, wire_len, out);
    case 6:
        return v6_decode(p, have, wire_len, out);
    default:
        return DECODE_INVALID;
    }
}
