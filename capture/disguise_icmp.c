/*
 * disguise_icmp: errors and what they quote (RFC 792, RFC 4443), neighbour discovery (RFC 4861).
 * Of a quoted packet the headers stay, what it carried goes.
 */
#include "capture/disguise_parts.h"
#include "capture/icmp.h"

#include <netinet/in.h>
#include <string.h>

enum {
    HEAD = 8,
    V4_REDIRECT = 5,
    V6_ERROR_MAX = 127,
    V6_ROUTER_SOLICITATION = 133,
    V6_ROUTER_ADVERTISEMENT = 134,
    V6_SOLICITATION = 135,
    V6_ADVERTISEMENT = 136,
    V6_REDIRECT = 137,
    OPTION_SOURCE = 1,
    OPTION_TARGET = 2,
    OPTION_PREFIX = 3,
    OPTION_MTU = 5,
};

/* Headers of the packet that an error is about; its payload becomes zeros. */
static void put_quote(const struct disguise *d, const uint8_t *in, size_t len, uint8_t *out)
{
    struct ip_packet ip;
    size_t head = disguise_ip_head(d, in, len, len, out, &ip), have;

    if (head == 0 || ip.offset != 0)
        return;
    have = bytes_left(&ip.payload);
    if (ip.protocol == IPPROTO_TCP && have >= 8) {
        size_t whole = have < 20 ? 0 : (size_t)(ip.payload.p[12] >> 4) * 4;

        memcpy(out + head, ip.payload.p,
               have < 16 ? 8 : 16); /* not its checksum, which tells too much */
        if (whole > 20 && whole <= have)
            disguise_tcp_options(ip.payload.p + 20, whole - 20, out + head + 20);
        if (whole >= 20 && have >= ip.len) /* all of it is quoted, and somebody may check it */
            disguise_tcp_sum(d, &ip, out + head, have);
    } else if (ip.protocol == IPPROTO_UDP && have >= 6) {
        memcpy(out + head, ip.payload.p, 6);
    } else if ((ip.protocol == IPPROTO_ICMP || ip.protocol == IPPROTO_ICMPV6) && have >= HEAD) {
        memcpy(out + head, ip.payload.p, 2);
        memcpy(out + head + 4, ip.payload.p + 4, 4);
    }
}

/* type 1 | length 1, in 8 octets | value (RFC 4861 section 4.6) */
static void put_options(const struct disguise *d, const uint8_t *in, size_t len, uint8_t *out)
{
    while (len >= 8) { /* ends: each turn takes eight octets at least */
        size_t size = (size_t)in[1] * 8;

        if (size == 0 || size > len)
            return;
        memcpy(out, in, 2);
        if ((in[0] == OPTION_SOURCE || in[0] == OPTION_TARGET) && size == 8) {
            d->names->mac(d->names->context, in + 2, out + 2);
        } else if (in[0] == OPTION_PREFIX && size == 32) {
            memcpy(out + 2, in + 2, 14);
            disguise_address(d->names, AF_INET6, in + 16, out + 16);
        } else if (in[0] == OPTION_MTU) {
            memcpy(out + 2, in + 2, size - 2);
        }
        in += size;
        out += size;
        len -= size;
    }
}

/* Addresses of 16 octets each, then options. */
static void put_discovery(const struct disguise *d, const uint8_t *in, size_t len, uint8_t *out,
                          int addresses)
{
    for (; addresses > 0 && len >= 16; addresses--) {
        disguise_address(d->names, AF_INET6, in, out);
        in += 16;
        out += 16;
        len -= 16;
    }
    if (addresses == 0)
        put_options(d, in, len, out);
}

static void put_v6(const struct disguise *d, const uint8_t *in, size_t len, uint8_t *out)
{
    switch (in[0]) {
    case V6_ROUTER_SOLICITATION:
        put_discovery(d, in + HEAD, len - HEAD, out + HEAD, 0);
        break;
    case V6_ROUTER_ADVERTISEMENT: /* 8 octets of times stand in front of the options */
        if (len < HEAD + 8)
            break;
        memcpy(out + HEAD, in + HEAD, 8);
        put_discovery(d, in + HEAD + 8, len - HEAD - 8, out + HEAD + 8, 0);
        break;
    case V6_SOLICITATION:
    case V6_ADVERTISEMENT:
        put_discovery(d, in + HEAD, len - HEAD, out + HEAD, 1);
        break;
    case V6_REDIRECT:
        put_discovery(d, in + HEAD, len - HEAD, out + HEAD, 2);
        break;
    default:
        if (in[0] <= V6_ERROR_MAX)
            put_quote(d, in + HEAD, len - HEAD, out + HEAD);
    }
}

size_t disguise_icmp(const struct disguise *d, const struct ip_packet *ip, uint8_t *out)
{
    const uint8_t *in = ip->payload.p;
    size_t len = bytes_left(&ip->payload);
    struct icmp_error error;

    if (len < HEAD)
        return 0;
    memcpy(out, in, HEAD);
    if (ip->protocol == IPPROTO_ICMPV6) {
        put_v6(d, in, len, out);
    } else if (in[0] == V4_REDIRECT) {
        disguise_address(d->names, AF_INET, in + 4, out + 4);
        put_quote(d, in + HEAD, len - HEAD, out + HEAD);
    } else if (icmp_error_of(ip, &error)) {
        put_quote(d, in + HEAD, len - HEAD, out + HEAD);
    }
    return len;
}
