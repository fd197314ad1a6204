/* kernel: see kernel.h. Requests and answers as in rtnetlink(7) and linux/rtnetlink.h. */
#include "probes/kernel.h"

#include "diag/base/fault.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { ANSWER_MAX = 32768, ATTRIBUTES_MAX = 64, PATIENCE_S = 2 };

struct request {
    struct nlmsghdr head;
    union {
        struct rtmsg route;
        struct ifinfomsg link;
        struct ndmsg neighbour;
        struct ifaddrmsg address;
    } body;
    char attributes[64]; /* two IPv6 addresses and an index: 48 */
};

/* A socket that cannot wait for ever: the kernel answers at once or not at all. */
static int open_netlink(struct fault *f)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (fd < 0)
        return fault_set(f, "cannot ask the kernel for its routes (netlink): %s", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static void init(struct request *r, unsigned type, unsigned flags, size_t body_len)
{
    memset(r, 0, sizeof *r);
    r->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(body_len);
    r->head.nlmsg_type = (uint16_t)type;
    r->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    r->head.nlmsg_seq = 1;
}

static void add(struct request *r, unsigned type, const void *value, size_t len)
{
    size_t at = NLMSG_ALIGN(r->head.nlmsg_len);
    struct rtattr attribute = {.rta_len = (unsigned short)RTA_LENGTH(len),
                               .rta_type = (unsigned short)type};

    memcpy((char *)r + at, &attribute, sizeof attribute);
    memcpy((char *)r + at + RTA_LENGTH(0), value, len);
    r->head.nlmsg_len = (uint32_t)(at + RTA_ALIGN(attribute.rta_len));
}

/*
 * Send, and read one answer into `room`. 0: the answer, of the wanted type, is *out; > 0: the
 * kernel refused with this errno; -1: it could not be asked.
 */
static int ask(int fd, const struct request *r, unsigned wanted, char *room,
               const struct nlmsghdr **out)
{
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    const struct nlmsghdr *answer = (const struct nlmsghdr *)(const void *)room;
    ssize_t n;

    if (sendto(fd, r, r->head.nlmsg_len, 0, (const struct sockaddr *)&kernel, sizeof kernel) < 0)
        return -1;
    do
        n = recv(fd, room, ANSWER_MAX, 0);
    while (n < 0 && errno == EINTR);
    if (n < (ssize_t)sizeof *answer || !NLMSG_OK(answer, (unsigned)n))
        return -1;
    if (answer->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *error = NLMSG_DATA(answer);

        if (answer->nlmsg_len < NLMSG_LENGTH(sizeof *error))
            return -1;
        if (error->error < 0)
            return -error->error;
        *out = answer; /* an acknowledgement */
        return wanted == NLMSG_ERROR ? 0 : -1;
    }
    if (answer->nlmsg_type != wanted)
        return -1;
    *out = answer;
    return 0;
}

/* The attributes behind a body, by type; those of unknown types are left out. */
static void index_attributes(const struct nlmsghdr *answer, size_t body_len,
                             const struct rtattr *by_type[ATTRIBUTES_MAX])
{
    size_t at = NLMSG_LENGTH(NLMSG_ALIGN(body_len));

    memset(by_type, 0, ATTRIBUTES_MAX * sizeof by_type[0]);
    while (at + sizeof(struct rtattr) <= answer->nlmsg_len) { /* ends: each step is at least 4 */
        const struct rtattr *a = (const struct rtattr *)(const void *)((const char *)answer + at);
        unsigned type = a->rta_type & 0x3fffu; /* without NLA_F_NESTED, NLA_F_NET_BYTEORDER */

        if (a->rta_len < sizeof *a || a->rta_len > answer->nlmsg_len - at)
            return;
        if (type < ATTRIBUTES_MAX)
            by_type[type] = a;
        at += RTA_ALIGN(a->rta_len);
    }
}

static uint32_t number_of(const struct rtattr *a, uint32_t otherwise)
{
    uint32_t value = otherwise;

    if (a != NULL && RTA_PAYLOAD(a) >= sizeof value)
        memcpy(&value, RTA_DATA(a), sizeof value);
    return value;
}

static struct addr addr_of(const struct rtattr *a, int family, unsigned scope)
{
    struct addr out = {0};

    if (a != NULL && RTA_PAYLOAD(a) >= (family == AF_INET ? 4 : 16))
        out = addr_from_ip(family, RTA_DATA(a), 0);
    if (addr_kind(&out) == ADDR_LINK_LOCAL && out.family == AF_INET6)
        out.scope = scope;
    return out;
}

/* RTA_VIA: a gateway of another family than the destination's (RFC 5549). */
static struct addr via_of(const struct rtattr *a, unsigned scope)
{
    const struct rtvia *via;
    struct addr out = {0};

    if (a == NULL || RTA_PAYLOAD(a) < sizeof *via + 4)
        return out;
    via = RTA_DATA(a);
    if (via->rtvia_family == AF_INET)
        out = addr_from_ip(AF_INET, via->rtvia_addr, 0);
    else if (via->rtvia_family == AF_INET6 && RTA_PAYLOAD(a) >= sizeof *via + 16)
        out = addr_from_ip(AF_INET6, via->rtvia_addr, 0);
    if (out.family == AF_INET6 && addr_kind(&out) == ADDR_LINK_LOCAL)
        out.scope = scope;
    return out;
}

/* How the kernel says no to a look-up: the error of the route that was found, or of none. */
static enum kernel_way way_of_errno(int error)
{
    switch (error) {
    case EHOSTUNREACH:
        return KERNEL_WAY_UNREACHABLE;
    case EACCES:
        return KERNEL_WAY_PROHIBIT;
    case EINVAL:
        return KERNEL_WAY_BLACKHOLE;
    case ENETUNREACH:
    case ENODEV:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return KERNEL_WAY_NONE;
    default:
        return KERNEL_WAY_UNKNOWN;
    }
}

static enum kernel_way way_of_type(unsigned type)
{
    switch (type) {
    case RTN_LOCAL:
        return KERNEL_WAY_LOCAL;
    case RTN_UNREACHABLE:
        return KERNEL_WAY_UNREACHABLE;
    case RTN_PROHIBIT:
        return KERNEL_WAY_PROHIBIT;
    case RTN_BLACKHOLE:
        return KERNEL_WAY_BLACKHOLE;
    default:
        return KERNEL_WAY_ROUTE;
    }
}

/* `from`: the source address, where it is known; rules may lead each source another way. */
static int ask_route(int fd, const struct addr *to, const struct addr *from, char *room,
                     struct kernel_route *k)
{
    const struct rtattr *a[ATTRIBUTES_MAX];
    const struct nlmsghdr *answer;
    const struct rtmsg *route;
    struct request r;
    int error;

    init(&r, RTM_GETROUTE, 0, sizeof r.body.route);
    r.body.route.rtm_family = (unsigned char)to->family;
    r.body.route.rtm_dst_len = to->family == AF_INET ? 32 : 128;
    add(&r, RTA_DST, to->ip, to->family == AF_INET ? 4 : 16);
    if (from != NULL) {
        r.body.route.rtm_src_len = r.body.route.rtm_dst_len;
        add(&r, RTA_SRC, from->ip, to->family == AF_INET ? 4 : 16);
    }
    if (to->scope != 0)
        add(&r, RTA_OIF, &to->scope, sizeof to->scope);
    error = ask(fd, &r, RTM_NEWROUTE, room, &answer);
    if (error != 0) {
        k->way = error > 0 ? way_of_errno(error) : KERNEL_WAY_UNKNOWN;
        return k->way == KERNEL_WAY_UNKNOWN ? -1 : 0;
    }
    if (answer->nlmsg_len < NLMSG_LENGTH(sizeof *route))
        return -1;
    route = NLMSG_DATA(answer);
    index_attributes(answer, sizeof *route, a);
    k->way = way_of_type(route->rtm_type);
    k->ifindex = number_of(a[RTA_OIF], 0);
    k->source = addr_of(a[RTA_PREFSRC], to->family, k->ifindex);
    k->gateway = addr_of(a[RTA_GATEWAY], to->family, k->ifindex);
    if (k->gateway.family == 0)
        k->gateway = via_of(a[RTA_VIA], k->ifindex);
    return 0;
}

/*
 * Policy routing: connect() asks once for a source address and then, with it, for the way; a rule
 * by source (ip-rule(8), "from") holds for the second question only. No route to start from ends
 * it.
 */
static int ask_way(int fd, const struct addr *to, char *room, struct kernel_route *k)
{
    struct kernel_route with_source = {0};
    struct addr source;

    if (ask_route(fd, to, NULL, room, k) != 0)
        return -1;
    source = k->source;
    if (k->way != KERNEL_WAY_ROUTE || source.family != to->family)
        return 0;
    if (ask_route(fd, to, &source, room, &with_source) != 0)
        return 0; /* the first answer is better than none */
    if (with_source.source.family == 0)
        with_source.source = source;
    if (with_source.ifindex == 0)
        with_source.ifindex = k->ifindex;
    *k = with_source;
    return 0;
}

static void ask_link(int fd, char *room, struct kernel_route *k)
{
    const struct rtattr *a[ATTRIBUTES_MAX];
    const struct nlmsghdr *answer;
    const struct ifinfomsg *link;
    struct request r;
    unsigned state;

    init(&r, RTM_GETLINK, 0, sizeof r.body.link);
    r.body.link.ifi_index = (int)k->ifindex;
    if (ask(fd, &r, RTM_NEWLINK, room, &answer) != 0 ||
        answer->nlmsg_len < NLMSG_LENGTH(sizeof *link))
        return;
    link = NLMSG_DATA(answer);
    index_attributes(answer, sizeof *link, a);
    if (a[IFLA_IFNAME] != NULL && RTA_PAYLOAD(a[IFLA_IFNAME]) > 0) {
        size_t len = RTA_PAYLOAD(a[IFLA_IFNAME]);

        if (len >= sizeof k->interface)
            len = sizeof k->interface - 1;
        memcpy(k->interface, RTA_DATA(a[IFLA_IFNAME]), len);
    }
    k->mtu = number_of(a[IFLA_MTU], 0);
    k->admin_up = (link->ifi_flags & IFF_UP) != 0;
    /* Loopback and tunnels never leave "unknown" (RFC 2863), which is no complaint. */
    state = a[IFLA_OPERSTATE] != NULL && RTA_PAYLOAD(a[IFLA_OPERSTATE]) >= 1
                ? *(const unsigned char *)RTA_DATA(a[IFLA_OPERSTATE])
                : IF_OPER_UNKNOWN;
    k->link_up = k->admin_up && (link->ifi_flags & IFF_LOWER_UP) != 0 &&
                 (state == IF_OPER_UP || state == IF_OPER_UNKNOWN);
    if (link->ifi_flags & (IFF_NOARP | IFF_LOOPBACK | IFF_POINTOPOINT))
        k->neighbour = NEIGHBOUR_NOT_NEEDED;
}

static enum kernel_neighbour neighbour_of(unsigned state)
{
    if (state & NUD_PERMANENT)
        return NEIGHBOUR_PERMANENT;
    if (state & NUD_REACHABLE)
        return NEIGHBOUR_REACHABLE;
    if (state & NUD_NOARP)
        return NEIGHBOUR_NOT_NEEDED;
    if (state & NUD_FAILED)
        return NEIGHBOUR_FAILED;
    if (state & NUD_INCOMPLETE)
        return NEIGHBOUR_INCOMPLETE;
    if (state & (NUD_DELAY | NUD_PROBE))
        return NEIGHBOUR_PROBED;
    if (state & NUD_STALE)
        return NEIGHBOUR_STALE;
    return NEIGHBOUR_NONE;
}

/* One entry by its address: Linux 5.0 and later. No entry is ENOENT. */
static void ask_neighbour(int fd, const struct addr *next, char *room, struct kernel_route *k)
{
    const struct rtattr *a[ATTRIBUTES_MAX];
    const struct nlmsghdr *answer;
    const struct ndmsg *entry;
    struct request r;

    init(&r, RTM_GETNEIGH, 0, sizeof r.body.neighbour);
    r.body.neighbour.ndm_family = (unsigned char)next->family;
    r.body.neighbour.ndm_ifindex = (int)k->ifindex;
    add(&r, NDA_DST, next->ip, next->family == AF_INET ? 4 : 16);
    if (ask(fd, &r, RTM_NEWNEIGH, room, &answer) != 0 ||
        answer->nlmsg_len < NLMSG_LENGTH(sizeof *entry))
        return;
    entry = NLMSG_DATA(answer);
    index_attributes(answer, sizeof *entry, a);
    k->neighbour = neighbour_of(entry->ndm_state);
    k->has_mac = a[NDA_LLADDR] != NULL && RTA_PAYLOAD(a[NDA_LLADDR]) > 0;
    if (k->has_mac && RTA_PAYLOAD(a[NDA_LLADDR]) == ETHER_ADDR_LEN) {
        const unsigned char *m = RTA_DATA(a[NDA_LLADDR]);

        snprintf(k->mac, sizeof k->mac, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3],
                 m[4], m[5]);
    }
}

int kernel_route(const struct addr *to, struct kernel_route *out, struct fault *f)
{
    /* Aligned for the structures that are read out of it. */
    union {
        struct nlmsghdr head;
        char bytes[ANSWER_MAX];
    } room;
    struct kernel_route k = {0};
    int fd = open_netlink(f);

    if (fd < 0)
        return -1;
    if (ask_way(fd, to, room.bytes, &k) != 0) {
        close(fd);
        return fault_set(f, "the kernel does not answer for its routes");
    }
    if (k.way == KERNEL_WAY_NONE && k.ifindex == 0)
        k.ifindex = kernel_stopped_interface(); /* its routes went with it */
    if (k.ifindex != 0) {
        ask_link(fd, room.bytes, &k);
        if (k.way == KERNEL_WAY_ROUTE && k.neighbour != NEIGHBOUR_NOT_NEEDED)
            ask_neighbour(fd, k.gateway.family != 0 ? &k.gateway : to, room.bytes, &k);
    }
    close(fd);
    *out = k;
    return 0;
}

bool kernel_probe_neighbour(unsigned ifindex, const struct addr *next)
{
    union {
        struct nlmsghdr head;
        char bytes[ANSWER_MAX];
    } room;
    const struct nlmsghdr *answer;
    struct request r;
    int fd = open_netlink(NULL);
    bool asked;

    if (fd < 0)
        return false;
    init(&r, RTM_NEWNEIGH, NLM_F_REPLACE | NLM_F_ACK, sizeof r.body.neighbour);
    r.body.neighbour.ndm_family = (unsigned char)next->family;
    r.body.neighbour.ndm_ifindex = (int)ifindex;
    r.body.neighbour.ndm_state = NUD_PROBE;
    add(&r, NDA_DST, next->ip, next->family == AF_INET ? 4 : 16);
    asked = ask(fd, &r, NLMSG_ERROR, room.bytes, &answer) == 0;
    close(fd);
    return asked;
}
