/* tcp: see tcp.h. */
#include "capture/tcp.h"

enum {
    HEAD = 20,
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_SACK_OK = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8,
};

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * left edge 4 | right edge 4, and more blocks. The first names what came twice when it lies below
 * the acknowledgement or within the second block (RFC 2883 section 4).
 */
static bool is_dsack(const uint8_t *blocks, size_t len, uint32_t ack)
{
    uint32_t left, right;

    if (len < 8)
        return false;
    left = u32(blocks);
    right = u32(blocks + 4);
    if (tcp_seq_diff(right, ack) <= 0)
        return true;
    return len >= 16 && tcp_seq_diff(left, u32(blocks + 8)) >= 0 &&
           tcp_seq_diff(right, u32(blocks + 12)) <= 0;
}

/* kind 1 | length 1 | value; two kinds are a single octet. Stops at the first nonsense. */
static void read_options(const uint8_t *p, size_t len, struct tcp_segment *out)
{
    while (len > 0) { /* ends: each turn consumes an octet at least */
        uint8_t kind = p[0], size;

        if (kind == OPTION_END)
            return;
        if (kind == OPTION_NOP) {
            p++;
            len--;
            continue;
        }
        if (len < 2)
            return;
        size = p[1];
        if (size < 2 || size > len)
            return;
        if ((out->flags & TCP_SYN) == 0) { /* the others mean something in a SYN only */
            if (kind == OPTION_SACK)
                out->dsack = is_dsack(p + 2, size - 2u, out->ack);
        } else if (kind == OPTION_MSS && size == 4)
            out->mss = (uint16_t)(p[2] << 8 | p[3]);
        else if (kind == OPTION_SCALE && size == 3)
            out->wscale = p[2] > 14 ? 14 : p[2]; /* RFC 7323 section 2.3 */
        else if (kind == OPTION_SACK_OK)
            out->sack_ok = true;
        else if (kind == OPTION_TIMESTAMPS && size == 10) { /* RFC 7323 section 3.2 */
            out->timestamps = true;
            out->stamp = u32(p + 2);
            out->echo = u32(p + 6);
        }
        p += size;
        len -= size;
    }
}

/*
 * ports 2+2 | sequence 4 | acknowledgement 4 | offset, flags 2 | window 2 | checksum 2 | urgent 2
 */
enum decode tcp_decode(const struct ip_packet *ip, struct tcp_segment *out)
{
    const uint8_t *p = ip->payload.p;
    size_t have = bytes_left(&ip->payload), head;

    if (have < HEAD)
        return ip->len < HEAD ? DECODE_INVALID : DECODE_TRUNCATED;
    head = (size_t)(p[12] >> 4) * 4;
    if (head < HEAD || head > ip->len)
        return DECODE_INVALID;
    out->src_port = (uint16_t)(p[0] << 8 | p[1]);
    out->dst_port = (uint16_t)(p[2] << 8 | p[3]);
    out->seq = u32(p + 4);
    out->ack = u32(p + 8);
    out->flags = p[13] & 0x3f;
    out->window = (uint16_t)(p[14] << 8 | p[15]);
    out->mss = 0;
    out->wscale = TCP_NO_SCALE;
    out->sack_ok = false;
    out->timestamps = false;
    out->stamp = out->echo = 0;
    out->dsack = false;
    if (head > HEAD)
        read_options(p + HEAD, (have < head ? have : head) - HEAD, out);
    out->len = ip->len - (uint32_t)head;
    bytes_set(&out->payload, p + (have < head ? have : head), have < head ? 0 : have - head);
    return DECODE_OK;
}
