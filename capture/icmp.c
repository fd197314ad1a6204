/* icmp: see icmp.h. */
#include "capture/icmp.h"

#include "capture/wire.h"

#include <netinet/in.h>
#include <string.h>

enum {
    V4_UNREACHABLE = 3,
    V4_EXCEEDED = 11,
    V4_PARAMETER = 12,
    V4_FRAG_NEEDED = 4, /* code */
    V6_UNREACHABLE = 1,
    V6_TOO_BIG = 2,
    V6_EXCEEDED = 3,
    V6_PARAMETER = 4,
    V6_SOLICITATION = 135,
    V6_ADVERTISEMENT = 136,
    OPTION_SOURCE = 1, /* link-layer address, RFC 4861 section 4.6.1 */
    OPTION_TARGET = 2,
    MAC_LEN = 6,
};

static bool is_error(bool v6, uint8_t type)
{
    if (v6)
        return type >= V6_UNREACHABLE && type <= V6_PARAMETER;
    return type == V4_UNREACHABLE || type == V4_EXCEEDED || type == V4_PARAMETER;
}

/* type 1 | code 1 | checksum 2 | 4, in places the MTU | the packet it is about */
bool icmp_error_of(const struct ip_packet *ip, struct icmp_error *out)
{
    struct bytes b = ip->payload, ports;
    bool v6 = ip->protocol == IPPROTO_ICMPV6;
    uint32_t word;

    out->type = bytes_u8(&b);
    out->code = bytes_u8(&b);
    bytes_skip(&b, 2);
    word = bytes_u32(&b);
    if (b.truncated || !is_error(v6, out->type))
        return false;
    out->mtu = v6 && out->type == V6_TOO_BIG                                       ? word
               : !v6 && out->type == V4_UNREACHABLE && out->code == V4_FRAG_NEEDED ? word & 0xffff
                                                                                   : 0;
    if (ip_decode(b.p, bytes_left(&b), (uint32_t)bytes_left(&b), &out->about) != DECODE_OK)
        return false;
    if ((out->about.family == AF_INET6) != v6 || out->about.offset != 0 ||
        (out->about.protocol != IPPROTO_TCP && out->about.protocol != IPPROTO_UDP))
        return false;
    ports = out->about.payload;
    out->src_port = bytes_u16(&ports);
    out->dst_port = bytes_u16(&ports);
    return !ports.truncated;
}

/* type 1 | length 1, in units of 8 octets | value: an option of RFC 4861 section 4.6 */
static const uint8_t *mac_in_options(struct bytes b, uint8_t wanted)
{
    while (bytes_left(&b) >= 8) { /* ends: each option is 8 octets at least */
        uint8_t type = bytes_u8(&b), units = bytes_u8(&b);
        const uint8_t *mac = bytes_take(&b, MAC_LEN);

        if (units == 0)
            return NULL;
        if (type == wanted && units == 1)
            return mac;
        bytes_skip(&b, 8u * (units - 1u));
    }
    return NULL;
}

/* type 1 | code 1 | checksum 2 | 4 | target 16 | options */
bool icmp_neighbour_of(const struct ip_packet *ip, struct icmp_neighbour *out)
{
    struct bytes b = ip->payload;
    uint8_t type = bytes_u8(&b);
    const uint8_t *target;

    /* From the link itself, or it is forged (RFC 4861 section 7.1). */
    if ((type != V6_SOLICITATION && type != V6_ADVERTISEMENT) || ip->ttl != 255)
        return false;
    bytes_skip(&b, 7);
    target = bytes_take(&b, 16);
    if (target == NULL)
        return false;
    memcpy(out->addr, target, 16);
    out->reply = type == V6_ADVERTISEMENT;
    out->mac = mac_in_options(b, out->reply ? OPTION_TARGET : OPTION_SOURCE);
    return true;
}

/* IANA's names, shortened; index: code. */
static const char *const v4_unreachable[] = {
    "net-unreachable",      "host-unreachable",    "protocol-unreachable", "port-unreachable",
    "fragmentation-needed", "source-route-failed", "net-unknown",          "host-unknown",
    "host-isolated",        "net-prohibited",      "host-prohibited",      "net-unreachable-tos",
    "host-unreachable-tos", "admin-prohibited",    "precedence-violation", "precedence-cutoff",
};

static const char *const v6_unreachable[] = {
    "no-route",         "admin-prohibited", "beyond-scope", "address-unreachable",
    "port-unreachable", "policy-failed",    "reject-route", "source-routing-error",
};

const char *wire_icmp_name(bool is_v6, uint8_t type, uint8_t code)
{
    if (is_v6) {
        switch (type) {
        case V6_UNREACHABLE:
            return code < sizeof v6_unreachable / sizeof v6_unreachable[0] ? v6_unreachable[code]
                                                                           : "unreachable";
        case V6_TOO_BIG:
            return "packet-too-big";
        case V6_EXCEEDED:
            return code == 0 ? "hop-limit-exceeded" : "reassembly-time-exceeded";
        default:
            return "parameter-problem";
        }
    }
    switch (type) {
    case V4_UNREACHABLE:
        return code < sizeof v4_unreachable / sizeof v4_unreachable[0] ? v4_unreachable[code]
                                                                       : "unreachable";
    case V4_EXCEEDED:
        return code == 0 ? "ttl-exceeded" : "reassembly-time-exceeded";
    default:
        return "parameter-problem";
    }
}
