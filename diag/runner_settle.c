/*
 * runner_settle: is the router that all this silence came through still there? See runner.h.
 *
 * The kernel believes in a neighbour for up to 45 s after its last word, and asks again only 5 s
 * after it was needed next (RFC 4861 sections 7.3.3 and 10; arp(7) has the same numbers for IPv4).
 * A step that timed out before then knows nothing of a router that died moments ago, and would
 * blame whoever it meant to speak to. So the kernel is told to ask now, where it lets us; where it
 * does not, its own question is waited for.
 */
#include "diag/runner_parts.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/kernel.h"
#include "probes/loop.h"

#include <string.h>

enum { ROUTERS_MAX = 8 };

#define LOOK_EVERY_US 50000
/* 5 s until the kernel asks, three questions 1 s apart, and its timers' slack. */
#define PATIENCE_US 8500000

struct router {
    struct addr to; /* a destination behind it */
    const char *gateway;
    unsigned ifindex;
    int64_t since_us; /* the first silence began, since the start of the run */
    enum kernel_neighbour state;
};

struct settling {
    struct runner *runner;
    struct watch *watch;
    struct router routers[ROUTERS_MAX];
    size_t n;
    int64_t deadline_us;
};

typedef void each_fn(struct settling *s, struct step *step);

/* The normal steps of the whole report; one that is shared may come more than once. */
static void for_each_step(struct settling *s, each_fn *fn)
{
    const struct report *r = s->runner->report;

    for (size_t i = 0; i < r->n_hops; i++) {
        for (size_t k = 0; k < r->hops[i]->n_steps; k++)
            fn(s, r->hops[i]->steps[k]);
    }
    for (size_t i = 0; i < r->n_results; i++) {
        for (size_t k = 0; k < r->results[i]->n_steps; k++)
            fn(s, r->results[i]->steps[k]);
    }
}

/* Where the step keeps the state of the router; NULL when it does not know one. */
static const char **neighbour_of(const struct step *step, const char **gateway)
{
    struct tcp_detail *t = step_tcp(step);
    struct dns_detail *d = step_dns(step);

    *gateway = t != NULL ? t->gateway : d != NULL ? d->gateway : NULL;
    if (*gateway == NULL)
        return NULL;
    return t != NULL ? &t->neighbour : &d->neighbour;
}

static bool is_silence(const struct step *step)
{
    return step->outcome == OUTCOME_TCP_TIMEOUT || step->outcome == OUTCOME_DNS_TIMEOUT;
}

/* Note the router of a step that nobody answered, where its state is only a memory. */
static void add_router(struct settling *s, struct step *step)
{
    const char *gateway, **neighbour = is_silence(step) ? neighbour_of(step, &gateway) : NULL;
    struct kernel_route way;
    struct addr to;

    if (neighbour == NULL || step->address == NULL || !addr_parse_port(step->address, 0, &to))
        return;
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->routers[i].gateway, gateway) == 0)
            return;
    }
    if (s->n == ROUTERS_MAX || kernel_route(&to, &way, NULL) != 0 || way.gateway.family == 0)
        return;
    if (way.neighbour != NEIGHBOUR_REACHABLE && way.neighbour != NEIGHBOUR_STALE &&
        way.neighbour != NEIGHBOUR_PROBED)
        return;
    s->routers[s->n++] = (struct router){.to = to,
                                         .gateway = gateway,
                                         .ifindex = way.ifindex,
                                         .since_us = step->started_us,
                                         .state = NEIGHBOUR_PROBED};
    if (kernel_probe_neighbour(way.ifindex, &way.gateway))
        return;
    /* The kernel will ask by itself, or it sees no need to. */
    s->routers[s->n - 1].state = way.neighbour;
}

/* Something came back through that router since: it lives. */
static void note_life(struct settling *s, struct step *step)
{
    struct kernel_route way;
    struct addr to;
    char text[ADDR_TEXT];

    if (step->outcome != OUTCOME_OK || step->address == NULL ||
        (step->step != STEP_RESOLVE && step->step != STEP_CONNECT) ||
        step->started_us == INT_UNKNOWN || step->duration_us == INT_UNKNOWN ||
        !addr_parse_port(step->address, 0, &to))
        return;
    for (size_t i = 0; i < s->n; i++) {
        struct router *router = &s->routers[i];

        if (router->state == NEIGHBOUR_PROBED && router->since_us != INT_UNKNOWN &&
            step->started_us + step->duration_us > router->since_us &&
            kernel_route(&to, &way, NULL) == 0 && way.gateway.family != 0 &&
            strcmp(addr_text(&way.gateway, text), router->gateway) == 0)
            router->state = NEIGHBOUR_REACHABLE;
    }
}

static bool look(struct settling *s)
{
    struct kernel_route way;
    bool waiting = false;

    for (size_t i = 0; i < s->n; i++) {
        struct router *router = &s->routers[i];

        if (router->state != NEIGHBOUR_PROBED)
            continue;
        router->state = kernel_route(&router->to, &way, NULL) == 0 ? way.neighbour : NEIGHBOUR_NONE;
        waiting = waiting || router->state == NEIGHBOUR_PROBED;
    }
    return waiting;
}

static void on_look(void *arg, int what)
{
    struct settling *s = arg;
    int64_t now = clock_monotonic_us();

    (void)what;
    if (look(s) && now < s->deadline_us)
        watch_want(s->watch, 0, now + LOOK_EVERY_US);
    else
        runner_finish_one(s->runner);
}

static void set_state(struct settling *s, struct step *step)
{
    const char *gateway, **neighbour = is_silence(step) ? neighbour_of(step, &gateway) : NULL;

    for (size_t i = 0; neighbour != NULL && i < s->n; i++) {
        if (strcmp(s->routers[i].gateway, gateway) == 0)
            *neighbour = kernel_neighbour_name(s->routers[i].state);
    }
}

enum runner_end runner_settle(struct runner *r)
{
    struct settling s = {.runner = r, .deadline_us = clock_monotonic_us() + PATIENCE_US};

    if (r->end != RUNNER_DONE)
        return r->end;
    for_each_step(&s, add_router);
    if (s.n == 0)
        return r->end;
    for_each_step(&s, note_life);
    s.watch = watch_new(r->loop, -1, on_look, &s);
    if (s.watch != NULL && look(&s)) {
        r->unfinished++;
        watch_want(s.watch, 0, clock_monotonic_us() + LOOK_EVERY_US);
        runner_wait(r);
    }
    watch_free(s.watch);
    for_each_step(&s, set_state);
    return r->end;
}
