/* checksum: see checksum.h. */
#include "capture/checksum.h"

#include <netinet/in.h>

static uint64_t add(uint64_t sum, const uint8_t *p, size_t len)
{
    for (; len > 1; p += 2, len -= 2)
        sum += (uint64_t)p[0] << 8 | p[1];
    return len == 1 ? sum + ((uint64_t)p[0] << 8) : sum;
}

uint16_t checksum_of(const struct ip_packet *ip)
{
    uint64_t sum = 0;

    if (ip->protocol != IPPROTO_ICMP) {
        size_t address = ip->family == AF_INET ? 4 : 16;

        sum = add(sum, ip->src, address);
        sum = add(sum, ip->dst, address);
        sum += ip->protocol;
        sum += ip->len;
    }
    sum = add(sum, ip->payload.p, bytes_left(&ip->payload));
    while (sum >> 16 != 0) /* ends: the sum shrinks */
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
