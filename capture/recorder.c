/*
 * recorder: see recorder.h. This file: the caller's side. The process that captures is in
 * recorder_child.c; both speak over a socket pair: it says READY, FAILED or DONE, once each and
 * with a struct recorder_word; we say "stop" by one octet or by going away.
 */
#include "capture/recorder.h"

#include "capture/recorder_child.h"
#include "diag/base/fault.h"
#include "diag/base/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    STOP_MS = 5000,       /* longer than any disk needs; then the recorder is dead to us */
    TEAR_DOWN_TRIES = 60, /* of 5 ms */
};

static const uint64_t max_bytes_default = 1024ull * 1024 * 1024;
static const uint64_t max_bytes_in_memory = 64ull * 1024 * 1024;

struct recorder {
    pid_t child; /* 0: gone */
    int control, file;
    bool ready, stopped;
};

/* Why a packet socket cannot be had, and what to do. */
static int no_permission(const char *interface, struct fault *f)
{
    char program[512] = "hopproof";
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    if (geteuid() == 0)
        return fault_set(f,
                         "no permission to capture packets on %s, although this is root: the "
                         "container or service has no CAP_NET_RAW; give it, in Docker with "
                         "--cap-add=NET_RAW, in systemd with AmbientCapabilities=CAP_NET_RAW",
                         interface);
    if (n > 0)
        program[n] = '\0';
    return fault_set(f,
                     "no permission to capture packets on %s; give it once with: "
                     "sudo setcap cap_net_raw+ep %s, or run with sudo",
                     interface, program);
}

/*
 * A packet socket that receives nothing, as the proof of our right to have one. It is left to the
 * child: the last close of a packet socket waits until no processor can be using it, 6 ms and more
 * on two idle ones. -1 with a fault.
 */
static int check_rights(const struct recorder_conf *conf, struct fault *f)
{
    int fd;

    if (conf->n_interfaces == 0 || conf->n_interfaces > RECORDER_INTERFACES)
        return fault_set(f, "%zu interfaces to capture on; at least 1 and at most %d",
                         conf->n_interfaces, RECORDER_INTERFACES);
    for (size_t i = 0; i < conf->n_interfaces; i++) {
        const char *name = conf->interfaces[i];

        if (strcmp(name, "any") != 0 && if_nametoindex(name) == 0)
            return fault_set(f, "there is no interface %s; see: ip link", name);
    }
    fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: no packets */
    if (fd < 0 && (errno == EPERM || errno == EACCES))
        return no_permission(conf->interfaces[0], f);
    if (fd < 0)
        return fault_set(f, "no packet socket: %s", strerror(errno));
    return fd;
}

static int start_child(const struct recorder_conf *conf, int proof, struct recorder *r,
                       struct fault *f)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return fault_set(f, "no socket pair for the recorder: %s", strerror(errno));
    r->child = fork();
    if (r->child < 0) {
        int error = errno;

        close(pair[0]);
        close(pair[1]);
        r->child = 0;
        return fault_set(f, "cannot start the recorder: %s", strerror(error));
    }
    if (r->child == 0)
        recorder_child(conf, pair[1], r->file, proof); /* does not return */
    close(pair[1]);
    r->control = pair[0];
    return 0;
}

/* A check is not to fill up the disk of a machine that has other work: half of what is free. */
static uint64_t bounded(uint64_t max_bytes, int file)
{
    uint64_t most = max_bytes != 0 ? max_bytes : max_bytes_default, room = UINT64_MAX;
    struct statvfs fs;

    if (fstatvfs(file, &fs) == 0)
        room = fs.f_blocks == 0 ? max_bytes_in_memory : (uint64_t)fs.f_bavail * fs.f_frsize / 2;
    return most < room ? most : room;
}

int recorder_start(const struct recorder_conf *conf, struct recorder **out, struct fault *f)
{
    int proof = check_rights(conf, f);
    struct recorder_conf own = *conf;
    struct recorder *r;

    if (proof < 0)
        return -1;
    r = calloc(1, sizeof *r);
    if (r == NULL) {
        close(proof);
        return fault_set(f, "out of memory");
    }
    r->control = -1;
    r->file = conf->file != NULL ? owner_create(conf->file, f) : owner_temporary(f);
    own.max_bytes = bounded(conf->max_bytes, r->file);
    if (r->file < 0 || start_child(&own, proof, r, f) != 0) {
        close(proof);
        recorder_free(r);
        return -1;
    }
    close(proof);
    *out = r;
    return 0;
}

int recorder_file(const struct recorder *r)
{
    return r->file;
}

/* 1: a word came; 0: none in time; -1: the recorder is gone. */
static int listen_to(struct recorder *r, int wait_ms, struct recorder_word *word)
{
    struct pollfd p = {.fd = r->control, .events = POLLIN};
    ssize_t n;
    int ready;

    if (r->control < 0)
        return -1;
    do
        ready = poll(&p, 1, wait_ms);
    while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return 0;
    do
        n = recv(r->control, word, sizeof *word, 0);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *word ? 1 : -1;
}

/* Say how the child ended, when it has. */
static int told_dead(struct recorder *r, struct fault *f)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    pid_t gone = 0;
    int status;

    /* Its end takes the kernel some time; a recorder that hangs instead is not waited for. */
    for (int i = 0; i < TEAR_DOWN_TRIES && r->child > 0 && gone == 0; i++) {
        gone = waitpid(r->child, &status, WNOHANG);
        if (gone == 0)
            nanosleep(&pause, NULL);
    }
    if (r->child > 0 && gone == r->child) {
        r->child = 0;
        if (WIFSIGNALED(status))
            return fault_set(f,
                             "the recorder died of signal %d (%s); there are no packets of the "
                             "rest of the run",
                             WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    return fault_set(f,
                     "the recorder ended too early; there are no packets of the rest of the run");
}

int recorder_ready(struct recorder *r, int wait_ms, struct fault *f)
{
    struct recorder_word word;

    if (r->ready)
        return 1;
    switch (listen_to(r, wait_ms, &word)) {
    case 0:
        return 0;
    case 1:
        if (word.kind == RECORDER_READY) {
            r->ready = true;
            return 1;
        }
        word.text[sizeof word.text - 1] = '\0';
        return fault_set(f, "%s", word.text);
    default:
        return told_dead(r, f);
    }
}

int recorder_stop(struct recorder *r, struct recorder_stats *stats, struct fault *f)
{
    struct recorder_word word = {0};
    int heard;

    *stats = (struct recorder_stats){0};
    if (r->stopped)
        return fault_set(f, "the recorder is stopped already");
    r->stopped = true;
    if (send(r->control, "S", 1, MSG_NOSIGNAL) != 1 && errno != EPIPE)
        return told_dead(r, f);
    do { /* ends: the child says at most READY and one word more */
        heard = listen_to(r, STOP_MS, &word);
    } while (heard == 1 && word.kind == RECORDER_READY);
    if (heard != 1)
        return told_dead(r, f);
    *stats = word.stats;
    if (word.kind == RECORDER_DONE && word.stats.complete)
        return 0;
    word.text[sizeof word.text - 1] = '\0';
    return fault_set(f, "%s", word.text);
}

void recorder_free(struct recorder *r)
{
    if (r == NULL)
        return;
    if (r->control >= 0)
        close(r->control); /* it ends when it sees that */
    if (r->file >= 0)
        close(r->file);
    /*
     * The kernel takes 20 ms and more to tear a capture down. Nothing of it concerns us: whoever
     * adopts the child takes note of its end.
     */
    if (r->child > 0)
        waitpid(r->child, NULL, WNOHANG);
    free(r);
}
