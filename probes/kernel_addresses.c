/* kernel_addresses: this machine's own addresses and the interfaces that have them; see kernel.h.
 */
#include "diag/base/fault.h"
#include "probes/kernel.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

/* Does the entry hold an address that reaches beyond a link? Then it is *a. */
static bool reaches_far(const struct ifaddrs *i, struct addr *a)
{
    enum addr_kind kind;

    if (i->ifa_addr == NULL || (i->ifa_flags & IFF_LOOPBACK) || !addr_from_sockaddr(i->ifa_addr, a))
        return false;
    kind = addr_kind(a);
    return kind != ADDR_LOOPBACK && kind != ADDR_LINK_LOCAL && kind != ADDR_UNSPECIFIED;
}

int kernel_addresses(struct kernel_addresses *out, struct fault *f)
{
    struct kernel_addresses have = {0};
    struct ifaddrs *list;
    struct addr a;

    if (getifaddrs(&list) != 0)
        return fault_set(f, "cannot list this machine's addresses: %s", strerror(errno));
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        if (!reaches_far(i, &a) || !(i->ifa_flags & IFF_UP))
            continue;
        have.ipv4 = have.ipv4 || a.family == AF_INET;
        have.ipv6 = have.ipv6 || a.family == AF_INET6;
    }
    freeifaddrs(list);
    *out = have;
    return 0;
}

unsigned kernel_stopped_interface(void)
{
    unsigned index = 0;
    struct ifaddrs *list;
    struct addr a;

    if (getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *i = list; i != NULL && index == 0; i = i->ifa_next) {
        if (reaches_far(i, &a) && !(i->ifa_flags & IFF_UP))
            index = if_nametoindex(i->ifa_name);
    }
    freeifaddrs(list);
    return index;
}
