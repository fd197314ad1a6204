/*
 * capture_floor: the least that a reader of TCP flows must do: read(2) in blocks, headers of
 * Ethernet, IPv4 and TCP, one table of packets and octets. No verdicts, no hostile input.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, SLOTS = 1 << 20 };

struct flow {
    uint64_t ends;
    uint32_t ports, packets;
    uint64_t octets;
};

static struct flow *slots;
static uint64_t n_flows, n_packets;

static void take(const uint8_t *p, uint32_t len)
{
    uint32_t a, b, head;
    uint16_t x, y;
    uint64_t ends, hash;

    if (len < 54 || p[12] != 8 || p[23] != 6)
        return;
    head = 14 + (uint32_t)(p[14] & 15) * 4;
    memcpy(&a, p + 26, 4);
    memcpy(&b, p + 30, 4);
    memcpy(&x, p + head, 2);
    memcpy(&y, p + head + 2, 2);
    ends = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    hash = ends * 0x9e3779b97f4a7c15u ^ (uint64_t)(x ^ y) * 0xc2b2ae3d27d4eb4fu;
    for (size_t i = hash >> 44;; i = (i + 1) & (SLOTS - 1)) {
        struct flow *f = &slots[i];

        if (f->packets == 0) {
            f->ends = ends;
            f->ports = (uint32_t)(x ^ y);
            n_flows++;
        } else if (f->ends != ends || f->ports != (uint32_t)(x ^ y)) {
            continue;
        }
        f->packets++;
        f->octets += len;
        return;
    }
}

int main(int argc, char **argv)
{
    uint8_t *block = malloc(2 * BLOCK);
    size_t have = 0, at = 24;
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    ssize_t n;

    slots = calloc(SLOTS, sizeof *slots);
    if (fd < 0 || block == NULL || slots == NULL)
        return 2;
    while ((n = read(fd, block + have, BLOCK)) > 0) {
        have += (size_t)n;
        for (;;) {
            uint32_t len;

            if (have < at + 16)
                break;
            memcpy(&len, block + at + 8, 4);
            if (have < at + 16 + len)
                break;
            take(block + at + 16, len);
            n_packets++;
            at += 16 + len;
        }
        memmove(block, block + at, have - at);
        have -= at;
        at = 0;
    }
    printf("%llu packets, %llu flows\n", (unsigned long long)n_packets,
           (unsigned long long)n_flows);
    free(slots);
    free(block);
    close(fd);
    return 0;
}
