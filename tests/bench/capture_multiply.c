/*
 * capture_multiply: one large pcap file out of small ones: every flow again and again from other
 * sensor addresses, 64 at a time interleaved, for the benchmark of offline reading.
 *
 * capture_multiply OUT MEGABYTES CAPTURE...    prints the number of packets and flows
 */
#include "capture/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PACKETS_MAX = 4096, TOGETHER = 64, ETHERNET = 14, V4_SRC = ETHERNET + 12 };

struct kept {
    uint8_t *data;
    uint32_t len;
    int64_t time_us;
};

static struct kept packets[PACKETS_MAX];
static size_t n_packets, n_captures;

/* IPv4 TCP over Ethernet only: the rest of a story is not worth multiplying. */
static void load(const char *path)
{
    struct reader r;
    struct packet p;
    int fd = open(path, O_RDONLY);

    if (fd < 0 || reader_open_fd(&r, fd, NULL) != 0) {
        perror(path);
        exit(2);
    }
    while (reader_next(&r, &p)) {
        struct kept *k = &packets[n_packets];

        if (n_packets == PACKETS_MAX || p.len < 54 || p.data[12] != 8 || p.data[13] != 0 ||
            p.data[23] != 6)
            continue;
        k->data = malloc(p.len);
        if (k->data == NULL)
            exit(2);
        memcpy(k->data, p.data, p.len);
        k->len = p.len;
        k->time_us = p.time_us;
        n_packets++;
    }
    n_captures++;
    reader_free(&r);
    close(fd);
}

static void put_u32(FILE *out, uint32_t v)
{
    fwrite(&v, 4, 1, out);
}

/* The sensor of copy `n` in place of the one with a private address. */
static void put(FILE *out, const struct kept *k, uint32_t n, int64_t shift_us)
{
    int64_t time = k->time_us + shift_us;
    size_t at = k->data[V4_SRC] == 10 && k->data[V4_SRC + 3] == 5 ? V4_SRC : V4_SRC + 4;

    k->data[at + 1] = (uint8_t)(n >> 14 & 0xff);
    k->data[at + 2] = (uint8_t)(n >> 6 & 0xff);
    k->data[at + 3] = 5;
    /* the lower six bits go into the source port, which every story has at 40000 or above */
    k->data[at == V4_SRC ? ETHERNET + 20 : ETHERNET + 22] = (uint8_t)(0x9c + (n & 0x3f) % 0x60);
    put_u32(out, (uint32_t)(time / 1000000));
    put_u32(out, (uint32_t)(time % 1000000));
    put_u32(out, k->len);
    put_u32(out, k->len);
    fwrite(k->data, k->len, 1, out);
    k->data[at + 1] = k->data[at + 2] = 0;
    k->data[at + 3] = 5;
}

int main(int argc, char **argv)
{
    uint64_t wanted, written = 24, count = 0;
    uint32_t copies = 0;
    FILE *out;

    if (argc < 4)
        return 2;
    for (int i = 3; i < argc; i++)
        load(argv[i]);
    wanted = strtoull(argv[2], NULL, 10) * 1000000;
    out = fopen(argv[1], "wb");
    if (out == NULL || n_packets == 0) {
        perror(argv[1]);
        return 2;
    }
    setvbuf(out, NULL, _IOFBF, 1 << 20);
    put_u32(out, 0xa1b2c3d4);
    put_u32(out, 2 | 4u << 16);
    put_u32(out, 0);
    put_u32(out, 0);
    put_u32(out, 262144);
    put_u32(out, 1);
    for (; written < wanted; copies += TOGETHER) {
        for (size_t i = 0; i < n_packets; i++) {
            for (uint32_t c = 0; c < TOGETHER; c++) {
                put(out, &packets[i], copies + c, (int64_t)copies * 1000);
                written += 16 + packets[i].len;
                count++;
            }
        }
    }
    if (fclose(out) != 0) {
        perror(argv[1]);
        return 2;
    }
    printf("%llu packets, %u copies of %zu captures\n", (unsigned long long)count, copies,
           n_captures);
    return 0;
}
