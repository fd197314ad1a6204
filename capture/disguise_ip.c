/*
 * disguise_ip: headers of IP, TCP and UDP with their checksums. Options that can hold addresses
 * become padding.
 */
#include "capture/checksum.h"
#include "capture/disguise_parts.h"
#include "capture/tcp.h"

#include <netinet/in.h>
#include <string.h>

enum {
    V4_HEAD = 20,
    V4_CHECKSUM_AT = 10,
    V6_HEAD = 40,
    TCP_HEAD = 20,
    TCP_CHECKSUM_AT = 16,
    UDP_HEAD = 8,
    UDP_CHECKSUM_AT = 6,
    ICMP_CHECKSUM_AT = 2,
    NEXT_AH = 51,
};

/* How a checksum stood in the packet: so it stands again, without telling what it was made of. */
enum sum {
    SUM_RIGHT,
    SUM_PARTIAL, /* of the pseudo header alone: left to the network card */
    SUM_ABSENT,  /* zero */
    SUM_WRONG,
};

static uint16_t u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_u16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Of the pseudo header, as it is handed to a network card. */
static uint16_t partial_sum(const struct ip_packet *ip)
{
    struct ip_packet empty = *ip;

    empty.payload = bytes_of(ip->payload.p, 0);
    return (uint16_t)~checksum_of(&empty);
}

static enum sum sum_of(const struct ip_packet *ip, size_t at)
{
    const uint16_t value = u16(ip->payload.p + at);

    if (value == 0 && ip->protocol != IPPROTO_TCP)
        return SUM_ABSENT;
    if (bytes_left(&ip->payload) < ip->len || checksum_of(ip) == 0)
        return SUM_RIGHT; /* what cannot be checked is taken for right */
    return value == partial_sum(ip) ? SUM_PARTIAL : SUM_WRONG;
}

/* Write the checksum of `len` octets of payload in `out` to the place `at` in it. */
static void put_sum(const struct disguise *d, const struct ip_packet *was, uint8_t *out, size_t len,
                    size_t at, enum sum sum)
{
    struct ip_packet now = *was;
    uint16_t value;

    disguise_address(d->names, was->family, was->src, now.src);
    disguise_address(d->names, was->family, was->dst, now.dst);
    now.payload = bytes_of(out, len);
    put_u16(out + at, 0);
    value = sum == SUM_PARTIAL ? partial_sum(&now) : checksum_of(&now);
    if (sum == SUM_WRONG)
        value ^= 0x5555;
    if (sum == SUM_ABSENT)
        value = 0;
    else if (value == 0 && was->protocol == IPPROTO_UDP)
        value = 0xffff; /* RFC 768 */
    put_u16(out + at, value);
}

static uint16_t v4_sum(const uint8_t *head, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += u16(head + i);
    while (sum >> 16 != 0) /* ends: the sum shrinks */
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_v4(const struct disguise_names *n, const uint8_t *in, size_t head, uint8_t *out)
{
    const bool absent = u16(in + V4_CHECKSUM_AT) == 0, right = v4_sum(in, head) == 0;

    memcpy(out, in, V4_HEAD);
    disguise_address(n, AF_INET, in + 12, out + 12);
    disguise_address(n, AF_INET, in + 16, out + 16);
    if (head > V4_HEAD) /* options record routes: "no operation" instead */
        memset(out + V4_HEAD, 1, head - V4_HEAD);
    put_u16(out + V4_CHECKSUM_AT, 0);
    if (!absent)
        put_u16(out + V4_CHECKSUM_AT, v4_sum(out, head) ^ (right ? 0 : 0x5555));
}

/* Extension headers (RFC 8200 section 4): kind and length stay, content becomes padding. */
static void put_v6(const struct disguise_names *n, const uint8_t *in, size_t head, uint8_t *out)
{
    uint8_t kind = in[6];

    memcpy(out, in, V6_HEAD);
    disguise_address(n, AF_INET6, in + 8, out + 8);
    disguise_address(n, AF_INET6, in + 24, out + 24);
    for (size_t at = V6_HEAD; at + 8 <= head;) { /* ends: each turn takes eight octets at least */
        const size_t size = kind == IPPROTO_FRAGMENT ? 8
                            : kind == NEXT_AH        ? (size_t)in[at + 1] * 4 + 8
                                                     : (size_t)in[at + 1] * 8 + 8;

        memcpy(out + at, in + at, 2);
        if (kind == IPPROTO_FRAGMENT)
            memcpy(out + at, in + at, 8);
        else if (kind == IPPROTO_HOPOPTS || kind == IPPROTO_DSTOPTS) {
            out[at + 2] = 1; /* PadN; more than it can name is zeros, of one octet each */
            out[at + 3] = (uint8_t)(size - 4 < 255 ? size - 4 : 255);
        }
        kind = in[at];
        at += size;
    }
}

size_t disguise_ip_head(const struct disguise *d, const uint8_t *in, size_t len, size_t wire_len,
                        uint8_t *out, struct ip_packet *ip)
{
    size_t head;

    if (ip_decode(in, len, (uint32_t)wire_len, ip) != DECODE_OK)
        return 0;
    head = (size_t)(ip->payload.p - in);
    if (ip->family == AF_INET)
        put_v4(d->names, in, head, out);
    else
        put_v6(d->names, in, head, out);
    return head;
}

void disguise_tcp_options(const uint8_t *in, size_t len, uint8_t *out)
{
    memset(out, 1, len);
    for (size_t at = 0; at < len && in[at] != 0;) { /* ends: each turn takes an octet at least */
        const uint8_t kind = in[at], size = kind == 1 || at + 1 == len ? 1 : in[at + 1];

        if (size == 0 || size > len - at)
            return;
        if (kind >= 2 && kind <= 8 && kind != 6 && kind != 7)
            memcpy(out + at, in + at, size);
        at += size;
    }
}

void disguise_tcp_sum(const struct disguise *d, const struct ip_packet *was, uint8_t *out,
                      size_t len)
{
    put_sum(d, was, out, len, TCP_CHECKSUM_AT, sum_of(was, TCP_CHECKSUM_AT));
}

static size_t put_tcp(struct disguise *d, uint64_t number, const struct ip_packet *ip, uint8_t *out)
{
    const uint8_t *in = ip->payload.p;
    size_t have = bytes_left(&ip->payload), options, shown;
    struct tcp_segment t;
    enum sum sum;

    if (have < TCP_HEAD || ip->offset != 0)
        return 0;
    memcpy(out, in, TCP_HEAD);
    put_u16(out + TCP_CHECKSUM_AT, 0);
    if (ip->fragment || tcp_decode(ip, &t) != DECODE_OK)
        return TCP_HEAD;
    sum = sum_of(ip, TCP_CHECKSUM_AT);
    options = (size_t)(in[12] >> 4) * 4 - TCP_HEAD;
    if (options > have - TCP_HEAD)
        options = have - TCP_HEAD;
    disguise_tcp_options(in + TCP_HEAD, options, out + TCP_HEAD);
    shown = TCP_HEAD + options;
    if (bytes_left(&t.payload) > 0)
        shown += disguise_streams_put(d, number, ip, t.seq, in, bytes_left(&t.payload),
                                      out + (t.payload.p - in));
    put_sum(d, ip, out, shown, TCP_CHECKSUM_AT, sum);
    return shown;
}

size_t disguise_datagram(const struct disguise *d, const struct ip_packet *ip, uint8_t *out)
{
    const uint8_t *in = ip->payload.p;
    size_t have = bytes_left(&ip->payload), shown = UDP_HEAD;
    enum sum sum;

    if (have < UDP_HEAD)
        return 0;
    memcpy(out, in, UDP_HEAD);
    sum = sum_of(ip, UDP_CHECKSUM_AT);
    if (disguise_is_dns(d, u16(in)) || disguise_is_dns(d, u16(in + 2)))
        shown += disguise_dns(d->names, in + UDP_HEAD, have - UDP_HEAD, out + UDP_HEAD);
    put_sum(d, ip, out, shown, UDP_CHECKSUM_AT, sum);
    return shown;
}

size_t disguise_ip(struct disguise *d, uint64_t number, const uint8_t *in, size_t len,
                   size_t wire_len, uint8_t *out)
{
    struct ip_packet ip;
    size_t head = disguise_ip_head(d, in, len, wire_len, out, &ip), shown = 0;
    uint8_t *to = out + head;

    if (head == 0)
        return 0;
    switch (ip.protocol) {
    case IPPROTO_TCP:
        shown = put_tcp(d, number, &ip, to);
        break;
    case IPPROTO_UDP:
        shown = ip.fragment ? disguise_fragments_put(d, number, &ip, to)
                            : disguise_datagram(d, &ip, to);
        break;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        if (ip.fragment || bytes_left(&ip.payload) < 8)
            break;
        shown = disguise_icmp(d, &ip, to);
        if (shown > 0)
            put_sum(d, &ip, to, shown, ICMP_CHECKSUM_AT, sum_of(&ip, ICMP_CHECKSUM_AT));
        break;
    default:
        break;
    }
    /* Behind a packet that is shown to its end stands only what pads the frame. */
    return shown == bytes_left(&ip.payload) ? len : head + shown;
}
