/* kernel_describe: what the kernel knows of a way, in the words of a report; see kernel.h. */
#include "diag/base/arena.h"
#include "diag/model/report.h"
#include "probes/kernel.h"

const char *kernel_way_name(enum kernel_way way)
{
    switch (way) {
    case KERNEL_WAY_ROUTE:
        return "route";
    case KERNEL_WAY_LOCAL:
        return "local";
    case KERNEL_WAY_NONE:
        return "none";
    case KERNEL_WAY_UNREACHABLE:
        return "unreachable";
    case KERNEL_WAY_PROHIBIT:
        return "prohibit";
    case KERNEL_WAY_BLACKHOLE:
        return "blackhole";
    case KERNEL_WAY_UNKNOWN:
        break;
    }
    return NULL;
}

const char *kernel_neighbour_name(enum kernel_neighbour state)
{
    switch (state) {
    case NEIGHBOUR_NOT_NEEDED:
        return "noarp";
    case NEIGHBOUR_INCOMPLETE:
        return "incomplete";
    case NEIGHBOUR_PERMANENT:
        return "permanent";
    case NEIGHBOUR_REACHABLE:
        return "reachable";
    case NEIGHBOUR_STALE:
        return "stale";
    case NEIGHBOUR_PROBED:
        return "probe";
    case NEIGHBOUR_FAILED:
        return "failed";
    case NEIGHBOUR_NONE:
        break;
    }
    return "none";
}

static const char *text_or_null(struct arena *a, const struct addr *addr)
{
    char text[ADDR_TEXT];

    return addr->family != 0 ? arena_strdup(a, addr_text(addr, text)) : NULL;
}

void kernel_describe(const struct addr *to, struct arena *a, struct tcp_detail *d)
{
    struct kernel_route k;

    if (kernel_route(to, &k, NULL) != 0)
        return;
    d->route = kernel_way_name(k.way);
    if (k.ifindex == 0)
        return;
    d->interface = k.interface[0] != '\0' ? arena_strdup(a, k.interface) : NULL;
    if (k.mtu != 0)
        d->interface_mtu = k.mtu;
    d->source = text_or_null(a, &k.source);
    d->gateway = text_or_null(a, &k.gateway);
    d->neighbour = kernel_neighbour_name(k.neighbour);
    d->neighbour_mac = k.mac[0] != '\0' ? arena_strdup(a, k.mac) : NULL;
    d->link_down = !k.link_up;
}
