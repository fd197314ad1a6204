/* ntp: see ntp.h. */
#include "probes/ntp.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/proto/ntp.h"
#include "probes/errno_name.h"
#include "probes/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 2 };

struct ntp_query {
    struct report *report;
    struct time_server *to;
    ntp_fn *done;
    void *arg;
    int fd;
    struct watch *watch;
    uint64_t cookie;
    int64_t timeout_us;            /* of one try */
    int64_t wall_us, monotonic_us; /* when the question went out */
    unsigned tries;
};

static void free_query(struct ntp_query *q)
{
    watch_free(q->watch);
    if (q->fd >= 0)
        close(q->fd);
    free(q);
}

static void finish(struct ntp_query *q, enum outcome outcome)
{
    ntp_fn *done = q->done;
    void *arg = q->arg;

    q->to->outcome = outcome;
    free_query(q);
    done(arg);
}

/* The kernel, or an ICMP error that it passes on: there is no way, or nobody listens. */
static void fail(struct ntp_query *q, int error)
{
    q->to->error = errno_name(error);
    finish(q, OUTCOME_NTP_UNREACHABLE);
}

/* A new cookie for each question: a late answer to the first is no answer to the second. */
static int send_question(struct ntp_query *q)
{
    uint8_t question[NTP_LEN];

    if (getrandom(&q->cookie, sizeof q->cookie, GRND_NONBLOCK) != (ssize_t)sizeof q->cookie)
        q->cookie = (uint64_t)clock_monotonic_us() << 20 ^ (uint64_t)(uintptr_t)q;
    ntp_request(q->cookie, question);
    q->tries++;
    q->wall_us = clock_wall_us();
    q->monotonic_us = clock_monotonic_us();
    if (send(q->fd, question, sizeof question, MSG_NOSIGNAL) < 0)
        return errno;
    watch_want(q->watch, LOOP_READ, q->monotonic_us + q->timeout_us);
    return 0;
}

/*
 * RFC 4330 section 5: offset ((T2 - T1) + (T3 - T4)) / 2, delay (T4 - T1) - (T3 - T2). T4 is T1
 * plus what passed by the monotonic clock, so that a clock that is set meanwhile does no harm.
 */
static void note_time(struct ntp_query *q, const struct ntp_answer *a)
{
    int64_t passed = clock_monotonic_us() - q->monotonic_us, held = a->sent_us - a->received_us;
    int64_t server = (a->received_us - q->wall_us + a->sent_us - (q->wall_us + passed)) / 2;

    q->to->offset_us = -server;
    q->to->delay_us = passed - held;
    q->to->stratum = a->stratum;
    if (a->reference[0] != '\0')
        q->to->reference = arena_strdup(q->report->arena, a->reference);
}

static void on_answer(struct ntp_query *q)
{
    struct ntp_answer a;
    uint8_t data[1024];
    ssize_t len = recv(q->fd, data, sizeof data, MSG_DONTWAIT);

    if (len < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(q, errno);
        return;
    }
    ntp_read(data, (size_t)len, q->cookie, &a);
    switch (a.kind) {
    case NTP_FOREIGN:
        return; /* somebody else's, or too late: ours may still come */
    case NTP_TIME:
        note_time(q, &a);
        finish(q, OUTCOME_OK);
        return;
    case NTP_UNSYNCHRONISED:
    case NTP_KISS:
        q->to->stratum = a.stratum;
        if (a.reference[0] != '\0')
            q->to->reference = arena_strdup(q->report->arena, a.reference);
        finish(q, a.kind == NTP_KISS ? OUTCOME_NTP_KISS : OUTCOME_NTP_UNSYNCHRONISED);
        return;
    case NTP_BROKEN:
        finish(q, OUTCOME_NTP_MALFORMED);
        return;
    }
}

static void on_event(void *arg, int what)
{
    struct ntp_query *q = arg;
    int error;

    if ((what & LOOP_READ) != 0) {
        on_answer(q);
        return;
    }
    if (q->tries == TRIES) {
        finish(q, OUTCOME_TIMEOUT);
        return;
    }
    error = send_question(q);
    if (error != 0)
        fail(q, error);
}

struct ntp_query *ntp_ask(struct loop *l, struct report *r, struct time_server *to,
                          const struct addr *address, int64_t timeout_us, ntp_fn *done, void *arg)
{
    struct ntp_query *q = calloc(1, sizeof *q);
    struct sockaddr_storage sa;
    socklen_t len = addr_to_sockaddr(address, &sa);
    char text[ADDR_TEXT];
    int error = 0;

    to->address = arena_strdup(r->arena, addr_port_text(address, text));
    to->error = NULL; /* of an address before this one */
    if (q == NULL) {
        to->outcome = OUTCOME_LOCAL_ERROR;
        done(arg);
        return NULL;
    }
    *q = (struct ntp_query){
        .report = r, .to = to, .done = done, .arg = arg, .timeout_us = timeout_us / TRIES};
    q->fd = socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    q->watch = q->fd < 0 ? NULL : watch_new(l, q->fd, on_event, q);
    if (q->watch == NULL) {
        finish(q, OUTCOME_LOCAL_ERROR);
        return NULL;
    }
    /* Connected, so that ICMP errors reach us, and no answer of another machine does. */
    if (connect(q->fd, (struct sockaddr *)&sa, len) != 0)
        error = errno;
    if (error == 0)
        error = send_question(q);
    if (error != 0) {
        fail(q, error);
        return NULL;
    }
    return q;
}

void ntp_cancel(struct ntp_query *q)
{
    if (q == NULL)
        return;
    q->to->outcome = OUTCOME_CANCELLED;
    free_query(q);
}
