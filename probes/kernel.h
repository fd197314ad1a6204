/*
 * kernel: what the kernel knows of the way to an address, asked through rtnetlink(7).
 *
 * Needs no privilege and sends no packet. "There is no way" is an answer, not a failure.
 */
#ifndef HOPPROOF_PROBES_KERNEL_H
#define HOPPROOF_PROBES_KERNEL_H

#include "diag/base/addr.h"

#include <net/if.h>
#include <stdbool.h>

struct arena;
struct fault;
struct tcp_detail;

/* What the routing table says of a destination; the words of kernel_way_name. */
enum kernel_way {
    KERNEL_WAY_UNKNOWN,
    KERNEL_WAY_ROUTE,       /* "route": there is one */
    KERNEL_WAY_LOCAL,       /* "local": an address of this machine */
    KERNEL_WAY_NONE,        /* "none": no route, or no address of this family to send from */
    KERNEL_WAY_UNREACHABLE, /* "unreachable", "prohibit", "blackhole": routes of ip-route(8) */
    KERNEL_WAY_PROHIBIT,
    KERNEL_WAY_BLACKHOLE,
};

/* State of the neighbour that the next packet goes to (ip-neighbour(8)). */
enum kernel_neighbour {
    NEIGHBOUR_NONE,       /* "none": no entry, nothing was sent yet (or it was forgotten) */
    NEIGHBOUR_NOT_NEEDED, /* "noarp": the link has no neighbour discovery */
    NEIGHBOUR_INCOMPLETE, /* "incomplete": asked, no answer yet */
    NEIGHBOUR_PERMANENT,  /* "permanent": an entry that somebody made by hand; never asked */
    NEIGHBOUR_REACHABLE,  /* "reachable": answered a moment ago, which is up to 45 s */
    NEIGHBOUR_STALE,      /* "stale": answered once, not needed since */
    NEIGHBOUR_PROBED, /* "probe": answered once, in use, about to be asked again (delay, probe) */
    NEIGHBOUR_FAILED, /* "failed": asked, never answered */
};

enum { KERNEL_MAC_TEXT = 18 };

struct kernel_route {
    enum kernel_way way;
    unsigned ifindex; /* 0: none */
    char interface[IF_NAMESIZE];
    struct addr source;              /* that the kernel would send from; family 0 when unknown */
    struct addr gateway;             /* the next router; family 0 when the target is on the link */
    bool admin_up;                   /* the interface is switched on (IFF_UP) */
    bool link_up;                    /* and has a carrier (IFF_LOWER_UP, operational state) */
    unsigned mtu;                    /* of the interface, octets; 0 unknown */
    enum kernel_neighbour neighbour; /* the gateway, or the target when on the link */
    bool has_mac;                    /* its link-layer address is known */
    char mac[KERNEL_MAC_TEXT];       /* "02:00:00:00:00:01" where that is Ethernet's; else "" */
};

/*
 * Fill *out for packets to `to`. 0; -1 with a fault when the kernel could not be asked. Where there
 * is no route, and an interface that has an address of this machine is down, it is the one named.
 */
int kernel_route(const struct addr *to, struct kernel_route *out, struct fault *f);

/*
 * Have the kernel ask whether the neighbour `next` on the link is still there, as "ip neighbour
 * change ADDR dev DEV nud probe" does. One that is there answers at once and nothing changes; the
 * entry of a dead one has failed after 3 s instead of up to 45. False when the kernel does not let
 * us (CAP_NET_ADMIN) or has no such entry.
 */
bool kernel_probe_neighbour(unsigned ifindex, const struct addr *next);

/*
 * Addresses with which this machine can reach beyond its links: any on an interface that is up
 * and not the loopback, except link-local ones. 0, or -1 with a fault.
 */
struct kernel_addresses {
    bool ipv4, ipv6; /* there is at least one */
};
int kernel_addresses(struct kernel_addresses *out, struct fault *f);

/*
 * The index of an interface that is down and still has an address that reaches beyond a link: one
 * that was in use until somebody stopped it. The kernel takes the routes of a stopped interface
 * away and leaves it its IPv4 addresses; one that is up without a carrier keeps its routes, so
 * an idle bridge of containers is none of these. 0: there is none.
 */
unsigned kernel_stopped_interface(void);

/* The report's words; NULL for KERNEL_WAY_UNKNOWN. */
const char *kernel_way_name(enum kernel_way way);
const char *kernel_neighbour_name(enum kernel_neighbour state);

/*
 * The facts of kernel_route(to) in a step's detail: route, interface, interface_mtu, source,
 * gateway, neighbour and its address, link_down. Says nothing where the kernel could not be asked.
 */
void kernel_describe(const struct addr *to, struct arena *a, struct tcp_detail *d);

#endif
