/*
 * A long wire between two network namespaces: two TUN devices and a queue that holds every packet
 * for a fixed time (a kernel without sch_netem has nothing else).
 *
 *     bench_delay --a /run/netns/NAME:DEV --b /run/netns/NAME:DEV --delay-us N [--life SECONDS]
 *
 * Makes the devices, prints "ready", forwards until SIGTERM or the end of its life; the caller
 * gives the devices addresses and routes. See Documentation/networking/tuntap in the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum {
    PACKET_MAX = 2048, /* above any MTU that a TUN device has by default */
    QUEUE_MAX = 16384, /* a power of two; a full wire drops, as real ones do */
};

static const int64_t US_NS = 1000, S_NS = 1000000000;

struct packet {
    int64_t due_ns;
    size_t len;
    unsigned char bytes[PACKET_MAX];
};

/* One direction: what came in on `from`, oldest first, goes out on `to`. */
struct wire {
    int from, to;
    size_t head, count;
    unsigned long forwarded, dropped;
    struct packet *packets;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * S_NS + now.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_delay: %s: %s\n", what, strerror(errno));
    exit(3);
}

/* Opens a new TUN device in the namespace of "/run/netns/NAME:DEV". */
static int open_tun(char *place)
{
    char *device = strrchr(place, ':');
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    if (!device || device == place || strlen(device + 1) >= sizeof request.ifr_name) {
        errno = EINVAL;
        die(place);
    }
    *device++ = '\0';
    int space = open(place, O_RDONLY | O_CLOEXEC);
    /* A TUN device belongs to the namespace in which /dev/net/tun was opened. */
    if (space < 0 || setns(space, CLONE_NEWNET) != 0)
        die(place);
    close(space);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        die("/dev/net/tun");
    memcpy(request.ifr_name, device, strlen(device) + 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0)
        die(device);
    return fd;
}

static void take_in(struct wire *wire, int64_t delay_ns)
{
    unsigned char scrap[PACKET_MAX];
    for (;;) {
        bool full = wire->count == QUEUE_MAX;
        struct packet *packet = &wire->packets[(wire->head + wire->count) % QUEUE_MAX];
        ssize_t len = read(wire->from, full ? scrap : packet->bytes, PACKET_MAX);
        if (len <= 0)
            return;
        if (full) {
            wire->dropped++;
            continue;
        }
        packet->len = (size_t)len;
        packet->due_ns = now_ns() + delay_ns;
        wire->count++;
    }
}

static void give_out(struct wire *wire)
{
    int64_t now = now_ns();
    while (wire->count > 0 && wire->packets[wire->head].due_ns <= now) {
        struct packet *packet = &wire->packets[wire->head];
        if (write(wire->to, packet->bytes, packet->len) == (ssize_t)packet->len)
            wire->forwarded++;
        else
            wire->dropped++;
        wire->head = (wire->head + 1) % QUEUE_MAX;
        wire->count--;
    }
}

static int64_t next_due_ns(const struct wire *wire, int64_t otherwise)
{
    if (wire->count == 0 || wire->packets[wire->head].due_ns > otherwise)
        return otherwise;
    return wire->packets[wire->head].due_ns;
}

static void forward_until(struct wire *there, struct wire *back, int64_t delay_ns, int64_t end_ns)
{
    struct pollfd polled[2] = {{.fd = there->from, .events = POLLIN},
                               {.fd = back->from, .events = POLLIN}};
    for (int64_t now; !stop && (now = now_ns()) < end_ns;) {
        int64_t due = next_due_ns(there, next_due_ns(back, now + S_NS));
        int64_t wait = due > now ? due - now : 0;
        struct timespec timeout = {.tv_sec = wait / S_NS, .tv_nsec = wait % S_NS};
        if (ppoll(polled, 2, &timeout, NULL) < 0 && errno != EINTR)
            die("poll");
        take_in(there, delay_ns);
        take_in(back, delay_ns);
        give_out(there);
        give_out(back);
    }
}

static int64_t number_option(const char *text, long max)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || end == text || value < 0 || value > max) {
        fprintf(stderr, "bench_delay: not a number up to %ld: %s\n", max, text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"a", required_argument, NULL, 'a'},
        {"b", required_argument, NULL, 'b'},
        {"delay-us", required_argument, NULL, 'd'},
        {"life", required_argument, NULL, 'l'},
        {0},
    };
    char *a = NULL, *b = NULL;
    int64_t delay_ns = 0, life_ns = 600 * S_NS;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'a':
            a = optarg;
            break;
        case 'b':
            b = optarg;
            break;
        case 'd':
            delay_ns = number_option(optarg, 10000000) * US_NS;
            break;
        case 'l':
            life_ns = number_option(optarg, 24L * 3600) * S_NS;
            break;
        default:
            return 2;
        }
    }
    if (!a || !b) {
        fprintf(stderr, "bench_delay: --a and --b are needed\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_TIMERSLACK, 1); /* the default adds 50 us to each wait */
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    int fd_a = open_tun(a), fd_b = open_tun(b);
    struct wire there = {.from = fd_a, .to = fd_b}, back = {.from = fd_b, .to = fd_a};
    there.packets = calloc(QUEUE_MAX, sizeof *there.packets);
    back.packets = calloc(QUEUE_MAX, sizeof *back.packets);
    if (!there.packets || !back.packets)
        die("memory");
    printf("ready\n");
    fflush(stdout);

    forward_until(&there, &back, delay_ns, now_ns() + life_ns);

    fprintf(stderr, "bench_delay: %lu and %lu packets forwarded, %lu and %lu dropped\n",
            there.forwarded, back.forwarded, there.dropped, back.dropped);
    free(there.packets);
    free(back.packets);
    close(fd_a);
    close(fd_b);
    return 0;
}
