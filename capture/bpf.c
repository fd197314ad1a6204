/* bpf: see bpf.h. */
#include "capture/bpf.h"

#include "diag/base/arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    DNS_PORT = 53,
    PORTS_MAX = 64, /* of ranges; a kernel filter has 4096 instructions, a port takes about 10 */
};

/* Everything that has no port: neighbours, errors, and the parts of packets behind the first. */
static const char without_port[] =
    "arp or icmp or icmp6 or (ip[6:2] & 0x1fff != 0) or (ip6[6] == 44)";

static int by_number(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

char *bpf_text(struct arena *a, const uint16_t *ports, size_t n)
{
    uint16_t *sorted = arena_alloc(a, (n + 1) * sizeof *sorted);
    char *text = arena_strdup(a, without_port);
    size_t ranges = 0;

    if (n > 0)
        memcpy(sorted, ports, n * sizeof *sorted);
    sorted[n] = DNS_PORT;
    qsort(sorted, n + 1, sizeof *sorted, by_number);
    for (size_t i = 0; i <= n; ranges++) { /* ends: each turn passes one number at least */
        uint16_t first = sorted[i], last = first;

        for (i++; i <= n && sorted[i] - last <= 1; i++)
            last = sorted[i];
        if (ranges == PORTS_MAX)
            return arena_printf(a, "%s or tcp or udp port %d", without_port, DNS_PORT);
        text = first == last ? arena_printf(a, "%s or port %u", text, first)
                             : arena_printf(a, "%s or portrange %u-%u", text, first, last);
    }
    return text;
}
