/* delay_tun.c: a TUN device that gives back every packet later, or never, twice, or out of turn.
 *
 * Put into the path by routes ("ip route add default dev NAME table N"): what the kernel routes
 * into the device is written back to the same device after the delay, and routed on. A stand-in
 * for tc-netem on kernels without it. Bounds: at most QUEUE_MAX packets wait; more are dropped, as
 * a router would. */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PACKET_MAX = 65536,
    QUEUE_MAX = 200000,
    READ_BURST = 64, /* packets taken in a row before due ones are looked at again */
};

struct waiting {
    uint64_t due_ns;
    uint64_t order; /* ties leave in the order of arrival */
    size_t len;
    unsigned char *bytes;
};

/* A binary heap; the packet that is due first is at [0]. */
struct queue {
    struct waiting *slot;
    size_t count;
    size_t limit;
};

struct settings {
    const char *dev;
    const char *ready;
    uint64_t delay_ns;
    uint64_t jitter_ns;
    uint64_t reorder_ns;
    uint32_t loss_ppm;
    uint32_t reorder_ppm;
    uint32_t duplicate_ppm;
    uint64_t seed;
};

struct counters {
    uint64_t seen, lost, reordered, duplicated, overrun;
};

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* xorshift64*: the same seed gives the same losses in every run. */
static uint32_t next_random(uint64_t *state)
{
    uint64_t x = *state;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return (uint32_t)((x * 0x2545F4914F6CDD1DU) >> 32);
}

static bool by_chance(uint64_t *state, uint32_t ppm)
{
    return next_random(state) % 1000000U < ppm;
}

static bool sooner(const struct waiting *a, const struct waiting *b)
{
    return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->order < b->order);
}

static void swap_slots(struct queue *q, size_t i, size_t j)
{
    struct waiting held = q->slot[i];

    q->slot[i] = q->slot[j];
    q->slot[j] = held;
}

/* Takes over w.bytes, also when it fails. Returns -1 when the queue is full or memory is out. */
static int queue_push(struct queue *q, struct waiting w)
{
    if (q->count == q->limit) {
        size_t limit = q->limit == 0 ? 1024 : q->limit * 2;
        struct waiting *slot = limit > QUEUE_MAX ? NULL : realloc(q->slot, limit * sizeof(*slot));

        if (slot == NULL) {
            free(w.bytes);
            return -1;
        }
        q->slot = slot;
        q->limit = limit;
    }
    size_t i = q->count++;
    q->slot[i] = w;
    while (i > 0 && sooner(&q->slot[i], &q->slot[(i - 1) / 2])) {
        swap_slots(q, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
    return 0;
}

/* The caller owns the bytes of what it takes. The queue must not be empty. */
static struct waiting queue_pop(struct queue *q)
{
    struct waiting first = q->slot[0];
    size_t i = 0;

    q->slot[0] = q->slot[--q->count];
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= q->count) {
            return first;
        }
        if (child + 1 < q->count && sooner(&q->slot[child + 1], &q->slot[child])) {
            child++;
        }
        if (!sooner(&q->slot[child], &q->slot[i])) {
            return first;
        }
        swap_slots(q, i, child);
        i = child;
    }
}

/* Opens the device, up and with a long queue. Returns its descriptor, or -1 with a message printed.
 */
static int open_device(const char *name)
{
    struct ifreq request;
    int sock = -1;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        fprintf(stderr, "delay_tun: /dev/net/tun: %s\n", strerror(errno));
        return -1;
    }
    memset(&request, 0, sizeof(request));
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        goto fail;
    }
    sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock < 0) {
        goto fail;
    }
    /* The default of 500 packets is less than one burst of a thousand handshakes. */
    request.ifr_qlen = 20000;
    if (ioctl(sock, SIOCSIFTXQLEN, &request) < 0) {
        goto fail;
    }
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(sock, SIOCSIFFLAGS, &request) < 0) {
        goto fail;
    }
    close(sock);
    return fd;

fail:
    fprintf(stderr, "delay_tun: %s: %s\n", name, strerror(errno));
    if (sock >= 0) {
        close(sock);
    }
    close(fd);
    return -1;
}

/* Queues a copy of a packet. */
static void enqueue(struct queue *q, struct counters *count, struct waiting w,
                    const unsigned char *bytes)
{
    w.bytes = malloc(w.len);
    if (w.bytes == NULL) {
        count->overrun++;
        return;
    }
    memcpy(w.bytes, bytes, w.len);
    if (queue_push(q, w) < 0) {
        count->overrun++;
    }
}

/* Decides the fate of one packet and queues it. */
static void admit(const struct settings *s, struct queue *q, struct counters *count,
                  uint64_t *random, uint64_t *last_due_ns, const unsigned char *bytes, size_t len)
{
    struct waiting w = {.due_ns = now_ns() + s->delay_ns, .order = count->seen++, .len = len};

    if (by_chance(random, s->loss_ppm)) {
        count->lost++;
        return;
    }
    if (s->jitter_ns > 0) {
        w.due_ns += (uint64_t)next_random(random) * s->jitter_ns >> 32;
    }
    if (by_chance(random, s->reorder_ppm)) {
        /* Held back a little longer than the rest, so that later packets overtake it. */
        w.due_ns += s->reorder_ns;
        count->reordered++;
    } else {
        /* Jitter alone must not reorder: no packet leaves before its predecessor. */
        if (w.due_ns < *last_due_ns) {
            w.due_ns = *last_due_ns;
        }
        *last_due_ns = w.due_ns;
    }
    enqueue(q, count, w, bytes);
    /* No chance is taken when nothing is to be doubled: old seeds give what they gave. */
    if (s->duplicate_ppm > 0 && by_chance(random, s->duplicate_ppm)) {
        enqueue(q, count, w, bytes);
        count->duplicated++;
    }
}

/* Writes everything that is due. A write that fails is a packet lost: the receiver is gone. */
static void release(int fd, struct queue *q)
{
    uint64_t now = now_ns();

    while (q->count > 0 && q->slot[0].due_ns <= now) {
        struct waiting w = queue_pop(q);
        ssize_t written = write(fd, w.bytes, w.len);

        (void)written;
        free(w.bytes);
    }
}

static int forward(int fd, const struct settings *s)
{
    static unsigned char packet[PACKET_MAX];
    struct queue q = {0};
    struct counters count = {0};
    uint64_t random = s->seed * 0x9E3779B97F4A7C15U + 1;
    uint64_t last_due_ns = 0;
    int status = 0;

    while (!stop_asked) {
        struct pollfd want = {.fd = fd, .events = POLLIN};
        struct timespec wait = {.tv_sec = 3600};

        if (q.count > 0) {
            uint64_t now = now_ns();
            uint64_t left = q.slot[0].due_ns > now ? q.slot[0].due_ns - now : 0;

            wait.tv_sec = (time_t)(left / 1000000000U);
            wait.tv_nsec = (long)(left % 1000000000U);
        }
        if (ppoll(&want, 1, &wait, NULL) < 0 && errno != EINTR) {
            perror("delay_tun: ppoll");
            status = 1;
            break;
        }
        for (int i = 0; i < READ_BURST; i++) {
            ssize_t len = read(fd, packet, sizeof(packet));

            if (len <= 0) {
                break;
            }
            admit(s, &q, &count, &random, &last_due_ns, packet, (size_t)len);
        }
        release(fd, &q);
    }
    fprintf(stderr,
            "delay_tun: %llu packets, %llu lost, %llu reordered, %llu duplicated, "
            "%llu dropped for want of room\n",
            (unsigned long long)count.seen, (unsigned long long)count.lost,
            (unsigned long long)count.reordered, (unsigned long long)count.duplicated,
            (unsigned long long)count.overrun);
    while (q.count > 0) {
        free(queue_pop(&q).bytes);
    }
    free(q.slot);
    return status;
}

static int announce(const char *path)
{
    FILE *f;

    if (path == NULL) {
        return 0;
    }
    f = fopen(path, "w");
    if (f == NULL || fclose(f) != 0) {
        fprintf(stderr, "delay_tun: %s: %s\n", path, strerror(errno));
        return -1;
    }
    return 0;
}

/* A plain decimal number between 0 and max, times scale. Exits with a message where it is not. */
static uint64_t number(const char *name, const char *text, double max, double scale)
{
    char *end = NULL;
    double value = strtod(text, &end);

    if (end == text || *end != '\0' || !(value >= 0 && value <= max)) {
        fprintf(stderr, "delay_tun: --%s: %s is not a number from 0 to %.0f\n", name, text, max);
        exit(2);
    }
    return (uint64_t)(value * scale);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"dev", required_argument, NULL, 'i'},       {"delay-ms", required_argument, NULL, 'd'},
        {"jitter-ms", required_argument, NULL, 'j'}, {"loss", required_argument, NULL, 'l'},
        {"reorder", required_argument, NULL, 'r'},   {"reorder-ms", required_argument, NULL, 'm'},
        {"duplicate", required_argument, NULL, 'u'}, {"seed", required_argument, NULL, 's'},
        {"ready", required_argument, NULL, 'f'},     {0},
    };
    struct settings s = {.reorder_ns = 3000000, .seed = 1};
    struct sigaction action = {.sa_handler = on_signal};
    int option;
    int fd;
    int status;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'i':
            s.dev = optarg;
            break;
        case 'd':
            s.delay_ns = number("delay-ms", optarg, 60000, 1e6);
            break;
        case 'j':
            s.jitter_ns = number("jitter-ms", optarg, 4000, 1e6);
            break;
        case 'l':
            s.loss_ppm = (uint32_t)number("loss", optarg, 100, 1e4);
            break;
        case 'r':
            s.reorder_ppm = (uint32_t)number("reorder", optarg, 100, 1e4);
            break;
        case 'm':
            s.reorder_ns = number("reorder-ms", optarg, 60000, 1e6);
            break;
        case 'u':
            s.duplicate_ppm = (uint32_t)number("duplicate", optarg, 100, 1e4);
            break;
        case 's':
            s.seed = number("seed", optarg, 1e15, 1);
            break;
        case 'f':
            s.ready = optarg;
            break;
        default:
            return 2;
        }
    }
    if (s.dev == NULL || optind != argc) {
        fprintf(stderr,
                "usage: delay_tun --dev NAME [--delay-ms N] [--jitter-ms N] [--loss PERCENT]\n"
                "                 [--reorder PERCENT] [--reorder-ms N] [--duplicate PERCENT]\n"
                "                 [--seed N] [--ready FILE]\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    /* 50 microseconds of timer slack would be a third of a short delay. */
    prctl(PR_SET_TIMERSLACK, 1000);
    fd = open_device(s.dev);
    if (fd < 0 || announce(s.ready) < 0) {
        return 1;
    }
    status = forward(fd, &s);
    close(fd);
    return status;
}
