/* trace: see trace.h. Sockets as in ip(7), IP_TTL, and ipv6(7), IPV6_UNICAST_HOPS. */
#include "probes/trace.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/errno_name.h"
#include "probes/icmp_error.h"
#include "probes/kernel.h"
#include "probes/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TTL_MAX = 24,   /* paths to the cloud have 8 to 20 routers */
    SILENT_MAX = 6, /* so many in a row, and nobody behind them will speak either */
    IN_FLIGHT = 6,  /* besides the one with the usual time to live */
    VISITS_MAX = 3, /* a router seen so often stands in a circle */
    FULL = TTL_MAX, /* index of the SYN with the usual time to live */
    TTL_USUAL = 64, /* RFC 1700; where the kernel does not say */
};

/* The kernel sends an unanswered SYN again after 1 s: routers that count their ICMP errors get a
 * second chance. */
#define SYN_PATIENCE_US   1500000
#define WHOLE_PATIENCE_US 8000000

/* What came back for one SYN, and the report's words for it. */
enum answer {
    ANSWER_NONE,
    ANSWER_EXCEEDED,
    ANSWER_UNREACHABLE,
    ANSWER_PROHIBITED,
    ANSWER_RESET,
    ANSWER_SYN_ACK
};

static const char *const answer_words[] = {NULL,         "time-exceeded", "unreachable",
                                           "prohibited", "reset",         "syn-ack"};

struct syn {
    struct trace *trace;
    struct trace_hop *hop; /* NULL: not sent yet */
    enum answer answer;
    struct watch *watch; /* while it is in flight */
    int fd;
    int64_t sent_us;
};

struct trace {
    struct loop *loop;
    struct report *report;
    struct addr to;
    struct step *step;
    int64_t epoch_us, deadline_us;
    trace_fn *done;
    void *arg;
    struct watch *whole;          /* the bound of all */
    struct syn syns[TTL_MAX + 1]; /* index: time to live - 1 */
    unsigned sent, in_flight;     /* of those with a short time to live */
    int error;                    /* errno that kept a SYN from being sent; 0 */
};

static void go_on(struct trace *t);

/* --- one SYN --- */

static void put_away(struct syn *s)
{
    if (s->watch == NULL)
        return;
    watch_free(s->watch);
    s->watch = NULL;
    close(s->fd);
    if (s != &s->trace->syns[FULL])
        s->trace->in_flight--;
}

/* From the ICMP error; none from this machine's own kernel is an answer. */
static enum answer take_icmp(struct syn *s, const struct icmp_error *e)
{
    struct trace *t = s->trace;
    int family = t->to.family;
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    struct addr own;
    char text[ADDR_TEXT];

    if (getsockname(s->fd, (struct sockaddr *)&sa, &len) == 0 &&
        addr_from_sockaddr((struct sockaddr *)&sa, &own) && addr_same_ip(&own, &e->from)) {
        t->error = EHOSTUNREACH;
        return ANSWER_NONE;
    }
    s->hop->icmp = icmp_error_name(family, e);
    s->hop->icmp_type = e->type;
    s->hop->icmp_code = e->code;
    if (e->from.family != 0)
        s->hop->router = arena_strdup(t->report->arena, addr_text(&e->from, text));
    return icmp_error_is_time_exceeded(family, e) ? ANSWER_EXCEEDED
           : icmp_error_prohibits(family, e)      ? ANSWER_PROHIBITED
                                                  : ANSWER_UNREACHABLE;
}

static enum answer take_answer(struct syn *s)
{
    struct icmp_error e;
    socklen_t len = sizeof(int);
    int error = 0;

    if (icmp_error_read(s->fd, &e))
        return take_icmp(s, &e);
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0)
        return ANSWER_SYN_ACK;
    if (error == ECONNREFUSED)
        return ANSWER_RESET;
    if (error != ETIMEDOUT)
        s->trace->error = error;
    return ANSWER_NONE;
}

static void on_syn(void *arg, int what)
{
    struct syn *s = arg;
    struct trace *t = s->trace;

    if (what != LOOP_TIMEOUT)
        s->answer = take_answer(s);
    if (s->answer != ANSWER_NONE) {
        s->hop->answer = answer_words[s->answer];
        s->hop->rtt_us = loop_polled_us(t->loop) - s->sent_us;
    }
    put_away(s);
    go_on(t);
}

static int set_ttl(int fd, int family, int ttl)
{
    return family == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl)
                             : setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &ttl, sizeof ttl);
}

static int usual_ttl(int fd, int family)
{
    int ttl = 0;
    socklen_t len = sizeof ttl;
    int result = family == AF_INET ? getsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, &len)
                                   : getsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &ttl, &len);

    return result == 0 && ttl > 0 ? ttl : TTL_USUAL;
}

/* Send one; a failure of ours ends the trace. */
static void send_syn(struct trace *t, size_t index)
{
    struct syn *s = &t->syns[index];
    struct sockaddr_storage sa;
    socklen_t len = addr_to_sockaddr(&t->to, &sa);
    int family = t->to.family;

    s->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (s->fd < 0) {
        t->error = errno;
        return;
    }
    icmp_error_queue(s->fd, family, true);
    s->hop = report_new_of(t->report, trace_hop);
    s->hop->ttl = index == FULL ? usual_ttl(s->fd, family) : (int)index + 1;
    s->sent_us = clock_monotonic_us();
    if ((index != FULL && set_ttl(s->fd, family, (int)index + 1) != 0) ||
        (connect(s->fd, (struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS)) {
        t->error = errno;
        close(s->fd);
        return;
    }
    s->watch = watch_new(t->loop, s->fd, on_syn, s);
    if (s->watch == NULL) {
        t->error = ENOMEM;
        close(s->fd);
        return;
    }
    if (index != FULL) {
        t->sent++;
        t->in_flight++;
    }
    watch_want(s->watch, LOOP_WRITE, s->sent_us + SYN_PATIENCE_US);
}

/* --- all of them --- */

/* The same machine as at so many places before: the packets go round in circles. */
static bool is_circle(const struct trace *t, const struct trace_hop *hop)
{
    unsigned visits = 0;

    for (unsigned i = 0; hop->router != NULL && i < t->sent; i++) {
        const char *router = t->syns[i].hop->router;

        visits += router != NULL && strcmp(router, hop->router) == 0;
    }
    return visits >= VISITS_MAX;
}

/*
 * How many routers away it is worth to look: not behind a machine that has said more than "time
 * exceeded", nor once round a circle, nor behind many that are silent.
 */
static unsigned reach(const struct trace *t)
{
    unsigned last = 0;

    if (t->error != 0)
        return 0;
    for (unsigned i = 0; i < t->sent; i++) {
        const struct syn *s = &t->syns[i];

        if (s->answer > ANSWER_EXCEEDED || (s->answer != ANSWER_NONE && is_circle(t, s->hop)))
            return i + 1;
        if (s->answer == ANSWER_EXCEEDED)
            last = i + 1;
    }
    return last + SILENT_MAX < TTL_MAX ? last + SILENT_MAX : TTL_MAX;
}

static enum outcome outcome_of(const struct trace *t)
{
    enum answer best = ANSWER_NONE;

    for (size_t i = 0; i <= TTL_MAX; i++) {
        if (t->syns[i].answer > best)
            best = t->syns[i].answer;
    }
    switch (best) {
    case ANSWER_SYN_ACK:
        return OUTCOME_OK;
    case ANSWER_RESET:
        return OUTCOME_TCP_REFUSED;
    case ANSWER_PROHIBITED:
        return OUTCOME_TCP_PROHIBITED;
    case ANSWER_UNREACHABLE:
        return OUTCOME_TCP_UNREACHABLE;
    default:
        return t->error != 0 ? OUTCOME_LOCAL_ERROR : OUTCOME_TCP_TIMEOUT;
    }
}

static void write_step(struct trace *t)
{
    struct tcp_detail *d = step_tcp(t->step);

    for (size_t i = 0; i <= TTL_MAX; i++) {
        if (t->syns[i].hop != NULL)
            list_push(t->report->arena, d->trace, d->n_trace, t->syns[i].hop);
    }
    if (t->error != 0)
        d->error = errno_name(t->error);
    t->step->duration_us = clock_monotonic_us() - t->epoch_us - t->step->started_us;
    t->step->outcome = outcome_of(t);
    kernel_describe(&t->to, t->report->arena, d);
}

static void finish(struct trace *t)
{
    for (size_t i = 0; i <= TTL_MAX; i++)
        put_away(&t->syns[i]);
    watch_free(t->whole);
    t->whole = NULL;
    write_step(t);
    t->done(t->arg); /* may free the trace */
}

/* Send what is worth it; end when nothing is left to be heard. */
static void go_on(struct trace *t)
{
    while (t->in_flight < IN_FLIGHT && t->sent < reach(t))
        send_syn(t, t->sent);
    if (t->error != 0 || (t->in_flight == 0 && t->syns[FULL].watch == NULL))
        finish(t);
}

static void on_whole(void *arg, int what)
{
    (void)what;
    finish(arg);
}

static void on_start(void *arg, int what)
{
    struct trace *t = arg;

    (void)what;
    watch_free(t->whole);
    t->whole = watch_new(t->loop, -1, on_whole, t);
    if (t->whole == NULL) {
        t->error = ENOMEM;
    } else {
        watch_want(t->whole, 0, t->deadline_us);
        send_syn(t, FULL);
    }
    go_on(t);
}

struct trace *trace_start(struct loop *l, struct report *r, const struct addr *to,
                          struct step *step, int64_t epoch_us, trace_fn *done, void *arg)
{
    struct trace *t = calloc(1, sizeof *t);
    int64_t now = clock_monotonic_us();

    if (t == NULL)
        return NULL;
    *t = (struct trace){.loop = l,
                        .report = r,
                        .to = *to,
                        .step = step,
                        .epoch_us = epoch_us,
                        .deadline_us = now + WHOLE_PATIENCE_US,
                        .done = done,
                        .arg = arg};
    for (size_t i = 0; i <= TTL_MAX; i++)
        t->syns[i] = (struct syn){.trace = t, .fd = -1};
    step->started_us = now - epoch_us;
    t->whole = watch_new(l, -1, on_start, t); /* so that `done` comes from the loop */
    if (t->whole == NULL) {
        free(t);
        return NULL;
    }
    watch_want(t->whole, 0, now);
    return t;
}

void trace_free(struct trace *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i <= TTL_MAX; i++)
        put_away(&t->syns[i]);
    if (t->whole != NULL) {
        watch_free(t->whole);
        t->step->outcome = OUTCOME_CANCELLED;
        t->step->duration_us = clock_monotonic_us() - t->epoch_us - t->step->started_us;
    }
    free(t);
}
