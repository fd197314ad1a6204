/*
 * capture_multiply: one large pcap file out of small ones: every flow again and again from other
 * sensor addresses, 64 at a time, all of a batch at once, batch after batch. For the benchmark of
 * offline reading.
 *
 * capture_multiply OUT MEGABYTES TIMES CAPTURE[:FROM-TO*N]...
 *
 * Packets FROM to TO of a capture (one TCP flow; only data and acknowledgements) come N * TIMES
 * times, with advancing sequence numbers, times and IP identifications. MEGABYTES is the size that
 * the file would have with TIMES 1: files of the same MEGABYTES hold the same flows.
 *
 * Prints packets, octets and flows. Checksums are not made anew; nobody who takes part looks.
 */
#include "capture/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PACKETS_MAX = 1 << 16,
    CAPTURES_MAX = 64, /* each has a source port of its own below the copy's */
    TOGETHER = 64,
    PCAP_HEAD = 24,
    RECORD_HEAD = 16,
    ETHERNET = 14,
    V4_ID = ETHERNET + 4,
    V4_PROTOCOL = ETHERNET + 9,
    V4_SRC = ETHERNET + 12,
    V4_DST = ETHERNET + 16,
    L4 = ETHERNET + 20, /* stories have no IP options */
    TCP_SEQ = L4 + 4,
    TCP_ACK = L4 + 8,
    TCP_OFFSET = L4 + 12,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

struct kept {
    uint8_t *data;
    uint32_t len;
    int64_t time_us;
    size_t order;    /* among packets of the same time */
    unsigned source; /* which capture it is from */
    bool from_sensor;
};

static struct kept packets[PACKETS_MAX];
static size_t n_packets;
static unsigned n_flows; /* of all captures once */

static void die(const char *what)
{
    fprintf(stderr, "capture_multiply: %s\n", what);
    exit(2);
}

static uint32_t get(const uint8_t *p, int octets)
{
    uint32_t v = 0;

    while (octets-- > 0)
        v = v << 8 | *p++;
    return v;
}

static void put(uint8_t *p, int octets, uint32_t v)
{
    while (octets-- > 0) {
        p[octets] = (uint8_t)v;
        v >>= 8;
    }
}

static uint32_t payload_of(const struct kept *k)
{
    uint32_t total = get(k->data + ETHERNET + 2, 2);

    return total - (L4 - ETHERNET) - (uint32_t)(k->data[TCP_OFFSET] >> 4) * 4;
}

/* The packets that are repeated, and what one turn moves on: by direction, 1 is from the sensor. */
struct period {
    size_t from, to; /* indices into the capture, inclusive; 1-based as on the command line */
    unsigned turns;  /* 1: nothing is repeated */
    uint32_t octets[2], ids[2];
    int64_t us;
};

static void measure(struct period *p, const struct kept *list, size_t n)
{
    if (p->from < 2 || p->to < p->from || p->to >= n)
        die("the packets to repeat need one before and one behind them");
    for (size_t i = p->from - 1; i < p->to; i++) {
        if (list[i].data[V4_PROTOCOL] != PROTOCOL_TCP)
            die("only packets of TCP are repeated");
        p->octets[list[i].from_sensor] += payload_of(&list[i]);
        p->ids[list[i].from_sensor]++;
    }
    p->us = list[p->to].time_us - list[p->from - 1].time_us;
}

/* A packet as it is after `turns` further turns of the period. */
static void add(const struct kept *k, const struct period *p, uint32_t turns)
{
    struct kept *fresh = &packets[n_packets];

    if (n_packets == PACKETS_MAX)
        die("too many packets in one batch");
    *fresh = *k;
    fresh->order = n_packets++;
    fresh->data = malloc(k->len);
    if (fresh->data == NULL)
        die("out of memory");
    memcpy(fresh->data, k->data, k->len);
    fresh->time_us += turns * p->us;
    if (turns == 0)
        return;
    put(fresh->data + V4_ID, 2, get(k->data + V4_ID, 2) + turns * p->ids[k->from_sensor]);
    put(fresh->data + TCP_SEQ, 4, get(k->data + TCP_SEQ, 4) + turns * p->octets[k->from_sensor]);
    put(fresh->data + TCP_ACK, 4, get(k->data + TCP_ACK, 4) + turns * p->octets[!k->from_sensor]);
}

/* IPv4 over Ethernet, TCP and UDP only: the rest of a story is not worth multiplying. */
static bool is_wanted(const struct packet *p)
{
    return p->len >= L4 + 8 && p->data[12] == 8 && p->data[13] == 0 && p->data[ETHERNET] == 0x45 &&
           ((p->data[V4_PROTOCOL] == PROTOCOL_TCP && p->len >= L4 + 20) ||
            p->data[V4_PROTOCOL] == PROTOCOL_UDP);
}

static size_t read_packets(const char *path, struct kept *list, size_t max)
{
    struct reader r;
    struct packet p;
    size_t n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || reader_open_fd(&r, fd, NULL) != 0)
        die(path);
    while (reader_next(&r, &p)) {
        if (!is_wanted(&p))
            continue;
        if (n == max)
            die("a capture of too many packets");
        list[n].data = malloc(p.len);
        if (list[n].data == NULL)
            die("out of memory");
        memcpy(list[n].data, p.data, p.len);
        list[n].len = p.len;
        list[n].time_us = p.time_us;
        list[n].source = n_flows;
        list[n].from_sensor = p.data[V4_SRC] == 10 && p.data[V4_SRC + 3] == 5;
        n++;
    }
    reader_free(&r);
    close(fd);
    return n;
}

/* One capture: what stands before the period, the period again and again, what stands behind. */
static void load(char *argument, unsigned times)
{
    static struct kept list[1024];
    struct period p = {.turns = 1};
    char *colon = strchr(argument, ':');
    size_t n;

    if (colon != NULL && sscanf(colon, ":%zu-%zu*%u", &p.from, &p.to, &p.turns) != 3)
        die("CAPTURE:FROM-TO*N");
    if (colon != NULL)
        *colon = '\0';
    n = read_packets(argument, list, sizeof list / sizeof list[0]);
    if (n == 0)
        die("a capture without packets of use");
    if (colon != NULL) {
        measure(&p, list, n);
        p.turns *= times;
    } else {
        p.from = p.to = n + 1; /* never reached */
    }
    for (size_t i = 0; i + 1 < p.from && i < n; i++)
        add(&list[i], &p, 0);
    for (uint32_t turn = 0; colon != NULL && turn < p.turns; turn++) {
        for (size_t i = p.from - 1; i < p.to; i++)
            add(&list[i], &p, turn);
    }
    for (size_t i = p.to; i < n; i++)
        add(&list[i], &p, p.turns - 1);
    for (size_t i = 0; i < n; i++)
        free(list[i].data);
    if (++n_flows > CAPTURES_MAX)
        die("too many captures");
}

static int in_time(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;

    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void put_u32(FILE *out, uint32_t v)
{
    fwrite(&v, 4, 1, out);
}

/*
 * The packet of copy `n`: the sensor has another address, and a port of the capture's own, so that
 * no two flows have the same ends.
 */
static void write_copy(FILE *out, const struct kept *k, uint32_t n, int64_t shift_us)
{
    int64_t time = k->time_us + shift_us;
    uint8_t *addr = k->data + (k->from_sensor ? V4_SRC : V4_DST);

    put(addr + 1, 2, n / TOGETHER);
    /* ports from 40000 on: 64 copies of an address, 64 captures of a copy */
    put(k->data + (k->from_sensor ? L4 : L4 + 2), 2,
        40000 + n % TOGETHER * CAPTURES_MAX + k->source);
    put_u32(out, (uint32_t)(time / 1000000));
    put_u32(out, (uint32_t)(time % 1000000));
    put_u32(out, k->len);
    put_u32(out, k->len);
    fwrite(k->data, k->len, 1, out);
}

static uint64_t batch_octets(void)
{
    uint64_t octets = 0;

    for (size_t i = 0; i < n_packets; i++)
        octets += (uint64_t)(RECORD_HEAD + packets[i].len) * TOGETHER;
    return octets;
}

static void free_packets(void)
{
    for (size_t i = 0; i < n_packets; i++)
        free(packets[i].data);
    n_packets = n_flows = 0;
}

/* The captures, given again for each load: parsing takes the periods off their names. */
static void load_all(char **argv, int argc, unsigned times)
{
    free_packets();
    for (int i = 0; i < argc; i++) {
        char *copy = strdup(argv[i]);

        if (copy == NULL)
            die("out of memory");
        load(copy, times);
        free(copy);
    }
}

int main(int argc, char **argv)
{
    uint64_t wanted, octets = PCAP_HEAD;
    uint32_t batches;
    int64_t span_us;
    FILE *out;

    if (argc < 5 || atoi(argv[3]) < 1)
        die("OUT MEGABYTES TIMES CAPTURE[:FROM-TO*N]...");
    wanted = strtoull(argv[2], NULL, 10) * 1000000;
    load_all(argv + 4, argc - 4, 1);
    batches = (uint32_t)((wanted + batch_octets() - 1) / batch_octets());
    load_all(argv + 4, argc - 4, (unsigned)atoi(argv[3]));
    qsort(packets, n_packets, sizeof packets[0], in_time);
    span_us = packets[n_packets - 1].time_us - packets[0].time_us + 1;
    out = fopen(argv[1], "wb");
    if (out == NULL)
        die(argv[1]);
    setvbuf(out, NULL, _IOFBF, 1 << 20);
    put_u32(out, 0xa1b2c3d4);
    put_u32(out, 2 | 4u << 16);
    put_u32(out, 0);
    put_u32(out, 0);
    put_u32(out, 262144);
    put_u32(out, 1);
    for (uint32_t batch = 0; batch < batches; batch++) {
        for (size_t i = 0; i < n_packets; i++) {
            for (uint32_t c = 0; c < TOGETHER; c++)
                write_copy(out, &packets[i], batch * TOGETHER + c, batch * span_us);
        }
    }
    octets += batches * batch_octets();
    if (fclose(out) != 0)
        die(argv[1]);
    printf("%llu packets, %llu octets, %llu flows\n",
           (unsigned long long)n_packets * TOGETHER * batches, (unsigned long long)octets,
           (unsigned long long)n_flows * TOGETHER * batches);
    free_packets();
    return 0;
}
