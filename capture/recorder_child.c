/*
 * recorder_child: see recorder_child.h.
 *
 * Open the interfaces with libpcap (TPACKET_V3: immediate mode stays off, because its fixed slots
 * lost 80 % and more in our measurements), give up all rights, say READY, copy packets into the
 * file until told to stop, take what the ring still holds, say DONE, leave. pcap_close is left to
 * the kernel: it takes more than 20 ms and nobody waits for it.
 *
 * Each interface hands over blocks of packets: they are held back (hold.h) until no older one can
 * come from another interface, or of one, where two processors sent at once, in a later block.
 */
#include "capture/recorder_child.h"

#include "capture/hold.h"
#include "capture/pcapng_write.h"
#include "capture/sandbox.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SNAPLEN = 262144, /* a segment before the network card cuts it has 64 KiB and headers */
    TIMEOUT_MS = 10,  /* after which the kernel hands a part-filled block over */
    DRAIN_MS = 100,   /* at most: a block waits for TIMEOUT_MS, and for a busy machine's timer */
    HOLD_MS = 30,     /* longer than a block waits, the kernel's timer being late included */
    FLUSH_MS = 200,   /* a crash costs at most the packets of this time, and of HOLD_MS */
    HOLD_BYTES = 4 * 1024 * 1024,
    BUFFER_DEFAULT = 8 * 1024 * 1024,
};

static const uint64_t room_for_statistics = 128;

/* One open interface. */
struct ear {
    pcap_t *pcap; /* NULL once it failed */
    const char *name;
    int drop_fds[2]; /* the driver's counters in sysfs; -1 */
    uint64_t drops_before, packets;
    uint32_t number;
    /* How often the kernel counts a packet: twice where it goes to oneself; we get the second. */
    uint32_t passings;
    struct child *child;
};

struct child {
    struct ear ears[RECORDER_INTERFACES];
    size_t n;
    struct pcapng_writer writer;
    struct hold hold;
    uint64_t max_bytes, not_kept;
    int64_t start_us;
    int control;
    char problem[256];
};

static void say(struct child *c, enum recorder_said kind, const struct recorder_stats *stats,
                const char *text)
{
    struct recorder_word word = {.kind = kind};

    if (stats != NULL)
        word.stats = *stats;
    snprintf(word.text, sizeof word.text, "%s", text);
    if (send(c->control, &word, sizeof word, MSG_NOSIGNAL) < 0)
        _exit(1); /* nobody is there any more */
}

static _Noreturn void fail(struct child *c, const char *text)
{
    say(c, RECORDER_FAILED, NULL, text);
    _exit(1);
}

/* Also before Linux 5.9, and where a container's filter of system calls does not know this one. */
static void close_between(int first, int last)
{
    const long most = sysconf(_SC_OPEN_MAX);

    if (syscall(SYS_close_range, (unsigned)first + 1, (unsigned)last - 1, 0) == 0)
        return;
    for (int fd = first + 1; fd < last && fd < most; fd++)
        close(fd);
}

/*
 * Nothing of the caller's may stay open here: not its sockets, not its files; nor its standard
 * output, which somebody may read to its end while we are still being torn down.
 */
static void close_others(const struct child *c, int file, int kept)
{
    const int keep[] = {c->control, file, kept};
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int last = STDERR_FILENO, next;

    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    do { /* ends: `next` is one that was not passed yet */
        next = INT_MAX;
        for (size_t i = 0; i < sizeof keep / sizeof keep[0]; i++) {
            if (keep[i] > last && keep[i] < next)
                next = keep[i];
        }
        if (next - last > 1)
            close_between(last, next);
        last = next;
    } while (next != INT_MAX);
}

static int open_counter(const char *interface, const char *counter)
{
    char path[160];

    snprintf(path, sizeof path, "/sys/class/net/%.32s/statistics/%s", interface, counter);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t interface_drops(const struct ear *e)
{
    uint64_t sum = 0;

    for (int i = 0; i < 2; i++) {
        char text[32] = "";

        if (e->drop_fds[i] >= 0 && pread(e->drop_fds[i], text, sizeof text - 1, 0) > 0)
            sum += strtoull(text, NULL, 10);
    }
    return sum;
}

static void set_filter(struct child *c, struct ear *e, const char *filter)
{
    struct bpf_program program;
    char text[1024];

    if (filter == NULL)
        return;
    if (pcap_compile(e->pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) != 0 ||
        pcap_setfilter(e->pcap, &program) != 0) {
        snprintf(text, sizeof text, "%s: no filter for the capture: %.200s", e->name,
                 pcap_geterr(e->pcap));
        fail(c, text);
    }
    pcap_freecode(&program);
}

static void open_ear(struct child *c, struct ear *e, const struct recorder_conf *conf)
{
    char error[PCAP_ERRBUF_SIZE] = "", text[1024];
    size_t buffer = conf->buffer_bytes != 0 ? conf->buffer_bytes : BUFFER_DEFAULT;
    int status;

    e->pcap = pcap_create(e->name, error);
    if (e->pcap == NULL)
        fail(c, error);
    pcap_set_snaplen(e->pcap, SNAPLEN);
    pcap_set_promisc(e->pcap, 0);
    pcap_set_timeout(e->pcap, TIMEOUT_MS);
    pcap_set_buffer_size(e->pcap, buffer > INT32_MAX ? INT32_MAX : (int)buffer);
    status = pcap_activate(e->pcap);
    if (status < 0) {
        snprintf(text, sizeof text, "cannot capture on %s: %.200s%s%.200s", e->name,
                 pcap_statustostr(status), pcap_geterr(e->pcap)[0] != '\0' ? ": " : "",
                 pcap_geterr(e->pcap));
        fail(c, text);
    }
    set_filter(c, e, conf->filter);
    if (pcap_setnonblock(e->pcap, 1, error) != 0)
        fail(c, error);
    e->drop_fds[0] = open_counter(e->name, "rx_missed_errors");
    e->drop_fds[1] = open_counter(e->name, "rx_fifo_errors");
    e->drops_before = interface_drops(e);
    pcapng_interface(&c->writer, e->name, (uint16_t)pcap_datalink(e->pcap), SNAPLEN, conf->filter);
}

/* In order of time. */
static void write_packet(void *arg, const struct hold_packet *held)
{
    struct child *c = arg;
    struct pcapng_packet p = {
        .iface = held->iface,
        .time_us = held->time_us,
        .data = held->data,
        .len = held->len,
        .wire_len = held->wire_len,
    };

    if (c->writer.written + p.len + room_for_statistics * c->n > c->max_bytes ||
        c->writer.error != 0) {
        c->not_kept++;
        return;
    }
    pcapng_packet(&c->writer, &p);
}

static void on_packet(u_char *arg, const struct pcap_pkthdr *head, const u_char *data)
{
    struct ear *e = (struct ear *)(void *)arg;
    struct hold_packet p = {
        .iface = e->number,
        .time_us = (int64_t)head->ts.tv_sec * 1000000 + head->ts.tv_usec,
        .taken_us = clock_monotonic_us(),
        .data = data,
        .len = head->caplen,
        .wire_len = head->len,
    };

    e->packets++;
    hold_add(&e->child->hold, &p);
}

static void note_problem(struct child *c, const char *where, const char *what)
{
    if (c->problem[0] == '\0')
        snprintf(c->problem, sizeof c->problem, "%.60s: %.180s", where, what);
}

/* Take all packets that are there. */
static void take(struct child *c, struct ear *e)
{
    int n;

    do {
        n = pcap_dispatch(e->pcap, -1, on_packet, (u_char *)(void *)e);
    } while (n > 0);
    if (n < 0) {
        note_problem(c, e->name, pcap_geterr(e->pcap));
        e->pcap = NULL; /* the rest of the ears goes on; the kernel frees it at our end */
    }
}

/* Wait for packets or the word to stop. True when it came, or the caller is gone. */
static bool wait_and_take(struct child *c, bool drain, int wait_ms)
{
    struct pollfd p[RECORDER_INTERFACES + 1];
    const int64_t begin_us = clock_monotonic_us();
    bool stop = false;

    for (size_t i = 0; i < c->n; i++) {
        p[i].fd = c->ears[i].pcap != NULL ? pcap_get_selectable_fd(c->ears[i].pcap) : -1;
        p[i].events = POLLIN;
        p[i].revents = 0;
    }
    p[c->n] = (struct pollfd){.fd = drain ? -1 : c->control, .events = POLLIN};
    if (poll(p, (nfds_t)c->n + 1, wait_ms) < 0 && errno != EINTR)
        return true;
    stop = p[c->n].revents != 0;
    if (stop) { /* a word left unread would turn our own last word into a reset */
        char word;

        (void)!recv(c->control, &word, 1, MSG_DONTWAIT);
    }
    for (size_t i = 0; i < c->n; i++) {
        if (c->ears[i].pcap != NULL && (p[i].revents != 0 || stop))
            take(c, &c->ears[i]);
    }
    /* What waited in any buffer when this round began, we have now. */
    hold_release(&c->hold, begin_us - HOLD_MS * 1000);
    return stop;
}

/* Are there packets in the kernel's buffers that we have not had? */
static bool is_drained(struct child *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct pcap_stat s = {0};
        struct ear *e = &c->ears[i];

        if (e->pcap != NULL && pcap_stats(e->pcap, &s) == 0 &&
            (uint32_t)(s.ps_recv - s.ps_drop) != e->passings * (uint32_t)e->packets)
            return false;
    }
    return true;
}

/* What the kernel had no room for. */
static uint64_t kernel_drops(const struct ear *e)
{
    struct pcap_stat s = {0};

    if (e->pcap == NULL || pcap_stats(e->pcap, &s) != 0 || s.ps_drop == 0)
        return 0;
    if (e->passings == 1)
        return s.ps_drop;
    return s.ps_recv / e->passings > e->packets ? s.ps_recv / e->passings - e->packets : 0;
}

static void finish(struct child *c)
{
    struct recorder_stats stats = {.dropped_kernel = c->not_kept};
    char text[512] = "";

    for (size_t i = 0; i < c->n; i++) {
        struct ear *e = &c->ears[i];
        struct pcapng_counts counts = {.start_us = c->start_us, .end_us = clock_wall_us()};

        counts.received = e->packets;
        counts.dropped_kernel = kernel_drops(e);
        counts.dropped_interface = interface_drops(e) - e->drops_before;
        stats.dropped_kernel += counts.dropped_kernel;
        stats.dropped_interface += counts.dropped_interface;
        pcapng_statistics(&c->writer, e->number, &counts);
    }
    if (pcapng_flush(&c->writer) != 0) /* a block of which only a part is there helps nobody */
        (void)!ftruncate(c->writer.fd, (off_t)c->writer.kept);
    stats.bytes = c->writer.kept;
    stats.packets = c->writer.kept_packets;
    stats.dropped_kernel += c->writer.packets - c->writer.kept_packets;
    stats.complete = c->writer.error == 0 && c->problem[0] == '\0';
    if (c->writer.error != 0)
        snprintf(text, sizeof text, "cannot write the capture: %s; make room and try again",
                 strerror(c->writer.error));
    else if (c->problem[0] != '\0')
        snprintf(text, sizeof text, "the capture broke off: %s", c->problem);
    close(STDERR_FILENO); /* whoever reads it to its end need not wait for ours */
    say(c, RECORDER_DONE, &stats, text);
}

static void record(struct child *c)
{
    int64_t flushed = clock_monotonic_us(), end;
    bool late = false;

    while (!wait_and_take(c, false, c->hold.n > 0 ? HOLD_MS : c->writer.len > 0 ? FLUSH_MS : -1)) {
        if (c->writer.len > 0 && clock_monotonic_us() - flushed > FLUSH_MS * 1000) {
            pcapng_flush(&c->writer);
            flushed = clock_monotonic_us();
        }
    }
    end = clock_monotonic_us() + DRAIN_MS * 1000;
    while (!is_drained(c) && !late) { /* once more when it is over: all is handed over by then */
        late = clock_monotonic_us() >= end;
        wait_and_take(c, true, late ? 0 : TIMEOUT_MS / 2);
    }
    hold_release(&c->hold, INT64_MAX);
}

_Noreturn void recorder_child(const struct recorder_conf *conf, int control, int file, int kept)
{
    static struct child child;
    struct child *c = &child;
    struct fault fault;
    bool filter = !conf->no_sandbox;

    /* The caller decides when it is over, also when the user presses Ctrl-C for all of us. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    *c = (struct child){.control = control, .n = conf->n_interfaces};
    close_others(c, file, kept);
    prctl(PR_SET_NAME, "hopproof-rec", 0, 0, 0);
    c->max_bytes = conf->max_bytes;
    c->start_us = clock_wall_us();
    if (pcapng_writer_init(&c->writer, file) != 0 ||
        hold_init(&c->hold, HOLD_BYTES, write_packet, c) != 0)
        fail(c, "out of memory");
    pcapng_section(&c->writer, NULL, false);
    for (size_t i = 0; i < c->n; i++) {
        c->ears[i].name = conf->interfaces[i];
        c->ears[i].number = (uint32_t)i;
        c->ears[i].passings = strcmp(conf->interfaces[i], "lo") == 0 ? 2 : 1;
        c->ears[i].child = c;
        open_ear(c, &c->ears[i], conf);
    }
    if (sandbox_enter(filter, &fault) != 0)
        fail(c, fault.text);
    say(c, RECORDER_READY, NULL, "");
    record(c);
    finish(c);
    _exit(0); /* no exit handlers: they are the caller's */
}
