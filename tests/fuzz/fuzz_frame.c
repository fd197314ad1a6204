/*
 * Single frames: the first octet chooses the link type, the rest is the frame. No cursor leaves it.
 */
#include "capture/checksum.h"
#include "capture/icmp.h"
#include "capture/link.h"
#include "capture/tcp.h"
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t links[] = {1, 0, 9, 51, 101, 108, 113, 228, 276};
    struct link_packet link;
    struct ip_packet ip;
    struct tcp_segment s;
    struct icmp_error error;
    struct icmp_neighbour neighbour;

    if (size == 0)
        return 0;
    if (link_decode(links[data[0] % 9], data + 1, size - 1, &link) != LINK_OK)
        return 0;
    MUST(link.payload.p >= data + 1 && link.payload.end == data + size);
    if (ip_decode(link.payload.p, bytes_left(&link.payload), (uint32_t)bytes_left(&link.payload),
                  &ip) != DECODE_OK)
        return 0;
    MUST(bytes_left(&ip.payload) <= ip.len);
    MUST(ip.payload.p >= data + 1 && ip.payload.end <= data + size);
    if (ip.protocol == IPPROTO_TCP && tcp_decode(&ip, &s) == DECODE_OK) {
        MUST(bytes_left(&s.payload) <= s.len);
        MUST(s.payload.p == NULL || s.payload.end <= data + size);
    }
    if (icmp_error_of(&ip, &error))
        MUST(error.about.offset == 0);
    (void)icmp_neighbour_of(&ip, &neighbour);
    (void)checksum_of(&ip);
    return 0;
}
