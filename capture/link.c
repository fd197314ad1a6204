/* link: see link.h. */
#include "capture/link.h"

#include <string.h>
#include <sys/socket.h>

enum {
    LINKTYPE_NULL = 0,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_PPP = 9,
    LINKTYPE_RAW_BSD = 12, /* DLT_RAW leaked into files */
    LINKTYPE_RAW_OPENBSD = 14,
    LINKTYPE_PPP_HDLC = 50,
    LINKTYPE_PPP_ETHER = 51,
    LINKTYPE_RAW = 101,
    LINKTYPE_LOOP = 108,
    LINKTYPE_LINUX_SLL = 113,
    LINKTYPE_IPV4 = 228,
    LINKTYPE_IPV6 = 229,
    LINKTYPE_LINUX_SLL2 = 276,

    TYPE_VLAN = 0x8100,
    TYPE_QINQ = 0x88a8,
    TYPE_QINQ_OLD = 0x9100,
    TYPE_PPPOE_SESSION = 0x8864,
    PPP_V4 = 0x0021,
    PPP_V6 = 0x0057,
    TAGS_MAX = 8,
    TYPE_MIN = 0x0600, /* below it stands a length (IEEE 802.3) */
};

/* ver/type 1 | code 1 | session 2 | length 2 | PPP protocol 2 (RFC 2516) */
static uint16_t pppoe(struct bytes *b)
{
    uint16_t protocol;

    bytes_skip(b, 6);
    protocol = bytes_u16(b);
    return protocol == PPP_V4 ? ETHERTYPE_V4 : protocol == PPP_V6 ? ETHERTYPE_V6 : 0;
}

/* An optional address and control field, then the protocol, in one octet or two (RFC 1661). */
static uint16_t ppp(struct bytes *b)
{
    uint16_t protocol;

    if (bytes_left(b) >= 2 && b->p[0] == 0xff && b->p[1] == 0x03)
        bytes_skip(b, 2);
    if (bytes_left(b) >= 1 && (b->p[0] & 1) != 0)
        protocol = bytes_u8(b);
    else
        protocol = bytes_u16(b);
    return protocol == PPP_V4 ? ETHERTYPE_V4 : protocol == PPP_V6 ? ETHERTYPE_V6 : 0;
}

/* DSAP, SSAP 0xaa | control 3 | OUI 0 | type: SNAP (RFC 1042); 0 for other 802.3 traffic. */
static uint16_t snap(struct bytes *b)
{
    static const uint8_t head[6] = {0xaa, 0xaa, 3, 0, 0, 0};
    const uint8_t *p = bytes_take(b, sizeof head);

    if (p == NULL || memcmp(p, head, sizeof head) != 0)
        return 0;
    return bytes_u16(b);
}

/* What stands behind an Ethernet type: tags and PPPoE are taken off. */
static uint16_t behind_type(struct bytes *b, uint16_t type, uint16_t *vlan)
{
    for (int n = 0; n < TAGS_MAX; n++) {
        if (type == TYPE_VLAN || type == TYPE_QINQ || type == TYPE_QINQ_OLD) {
            *vlan = bytes_u16(b) & 0x0fff;
            type = bytes_u16(b);
        } else if (type == TYPE_PPPOE_SESSION) {
            return pppoe(b);
        } else if (type < TYPE_MIN) {
            return snap(b);
        } else {
            return type;
        }
    }
    return 0;
}

static uint16_t by_version(const struct bytes *b)
{
    if (bytes_left(b) == 0)
        return 0;
    return b->p[0] >> 4 == 4 ? ETHERTYPE_V4 : b->p[0] >> 4 == 6 ? ETHERTYPE_V6 : 0;
}

/* An address family as the capturing system numbers it, in its byte order or the network's. */
static uint16_t by_family(struct bytes *b)
{
    uint32_t family = bytes_u32(b);

    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:
        return ETHERTYPE_V4;
    case 10: /* Linux */
    case 24: /* NetBSD, OpenBSD, Windows as 23 */
    case 23:
    case 28: /* FreeBSD */
    case 30: /* macOS */
        return ETHERTYPE_V6;
    default:
        return 0;
    }
}

enum link_result link_decode(uint16_t linktype, const uint8_t *data, size_t len,
                             struct link_packet *out)
{
    struct bytes *b = &out->payload;
    uint16_t type = 0;

    bytes_set(b, data, len);
    out->vlan = 0;
    out->ifindex = 0;
    switch (linktype) {
    case LINKTYPE_ETHERNET: /* destination 6 | source 6 | type 2 */
        bytes_skip(b, 12);
        type = behind_type(b, bytes_u16(b), &out->vlan);
        break;
    case LINKTYPE_LINUX_SLL: /* packet type 2 | ARPHRD 2 | length 2 | address 8 | protocol 2 */
        bytes_skip(b, 14);
        type = behind_type(b, bytes_u16(b), &out->vlan);
        break;
    case LINKTYPE_LINUX_SLL2: /* protocol 2 | 2 | ifindex 4 | ARPHRD 2 | type 1 | length 1 | 8 */
        type = bytes_u16(b);
        bytes_skip(b, 2);
        out->ifindex = bytes_u32(b);
        bytes_skip(b, 12);
        type = behind_type(b, type, &out->vlan);
        break;
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_BSD:
    case LINKTYPE_RAW_OPENBSD:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
        if (len == 0)
            return LINK_TRUNCATED;
        type = by_version(b);
        break;
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
        type = by_family(b);
        break;
    case LINKTYPE_PPP:
    case LINKTYPE_PPP_HDLC:
        type = ppp(b);
        break;
    case LINKTYPE_PPP_ETHER:
        type = pppoe(b);
        break;
    default:
        return LINK_UNSUPPORTED;
    }
    if (b->truncated)
        return LINK_TRUNCATED;
    out->ethertype = type;
    return type == ETHERTYPE_V4 || type == ETHERTYPE_V6 || type == ETHERTYPE_ARP_ ? LINK_OK
                                                                                  : LINK_OTHER;
}
