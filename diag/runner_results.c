/*
 * runner_results: the work on one result: its name, its attempts, every address; see
 * runner_parts.h.
 */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"

#include <stdlib.h>
#include <string.h>

/* Within this time after the attempt before, the next one begins. */
#define ATTEMPT_SPREAD_US 60000

void runner_task_init(struct task *t, struct runner *r, struct result *result)
{
    const struct route *route = result->of_route;

    t->runner = r;
    t->result = result;
    t->legs = arena_alloc(r->report->arena, (result->n_legs + 1) * sizeof *t->legs);
    for (size_t i = 0; i < result->n_legs; i++)
        t->legs[i] = leg_name(r->report, result->legs[i]);
    for (size_t i = 0; i < route->n_hops && i < PROBE_HOPS_MAX; i++) {
        for (size_t k = 0; k < r->report->n_hops; k++) {
            if (strcmp(r->report->hops[k]->name, route->hops[i]) == 0)
                t->hops[t->n_hops++] = k;
        }
    }
}

/* The endpoint's host; a wildcard becomes a made-up name under it. */
static const char *concrete_host(struct runner *r, const struct endpoint *e)
{
    if (!e->wildcard)
        return e->host;
    return arena_printf(r->report->arena, "%s%s", r->made_up,
                        e->host[0] == '*' ? e->host + 1 : e->host);
}

void runner_task_spec(struct task *t, struct probe_spec *spec)
{
    struct runner *r = t->runner;
    const struct endpoint *e = t->result->of_endpoint;

    *spec = (struct probe_spec){.result = t->result,
                                .attempt = t->attempt,
                                .n_hops = t->n_hops,
                                .legs = t->legs,
                                .host = concrete_host(r, e),
                                .port = (uint16_t)e->port,
                                .service = e->service,
                                .path = e->path,
                                .expects = e->expects,
                                .tunnel_only = (e->wildcard || e->plain) && e->path == NULL,
                                .app = r->site->app};
    memcpy(spec->hops, t->hops, sizeof t->hops);
    spec->entry = t->n_hops == 0
                      ? e->id
                      : addr_host_port(r->report->arena, r->site->proxies[t->hops[0]]->host,
                                       r->site->proxies[t->hops[0]]->port);
}

static void task_done(struct task *t)
{
    struct runner *r = t->runner;

    t->result->duration_us = clock_monotonic_us() - r->epoch_us - t->started_us;
    if (r->on_result != NULL)
        r->on_result(r->arg, t->result);
    runner_finish_one(r);
}

static void add_probe(struct task *t, const struct addr *address, uint16_t port)
{
    struct probe_spec spec;
    struct job *j;

    runner_task_spec(t, &spec);
    spec.address = *address;
    spec.address.port = port;
    j = runner_add_job(t->runner, &spec);
    if (t->attempt >
        1) /* out of step: a balancer that takes turns would give each its own member */
        j->not_before_us = clock_monotonic_us() + random() % ATTEMPT_SPREAD_US;
    j->task = t;
    t->pending++;
}

/* One attempt: a fresh connection to every address. */
static void start_attempt(struct task *t)
{
    struct runner *r = t->runner;

    t->attempt++;
    t->result->attempts = t->attempt;
    t->any_passed = false;
    if (t->n_hops > 0) {
        const struct hop_task *h = &r->hops[t->hops[0]];

        add_probe(t, &h->best, r->site->proxies[h->index]->port);
    } else {
        for (size_t i = 0; i < t->resolved->n_addresses && i < RUNNER_ADDRESSES_MAX; i++)
            add_probe(t, &t->resolved->addresses[i], (uint16_t)t->result->of_endpoint->port);
    }
    if (t->pending == 0)
        task_done(t);
}

void runner_task_probe_done(struct task *t, bool passed)
{
    t->any_passed = t->any_passed || passed;
    if (--t->pending > 0)
        return;
    if (t->any_passed)
        t->result->passed_attempts++;
    if (t->attempt < t->runner->site->attempts && t->runner->end == RUNNER_DONE)
        start_attempt(t);
    else
        task_done(t);
}

static void share_steps(struct result *result, struct step **steps, size_t n, struct report *r)
{
    for (size_t i = 0; i < n; i++)
        list_push(r->arena, result->steps, result->n_steps, steps[i]);
}

/* The name is known, or known not to be. */
static void on_resolved(void *arg, const struct resolved *resolved)
{
    struct task *t = arg;
    struct runner *r = t->runner;

    t->resolved = resolved;
    t->started_us = clock_monotonic_us() - r->epoch_us;
    share_steps(t->result, resolved->steps, resolved->n_steps, r->report);
    if (resolved->n_addresses > RUNNER_ADDRESSES_MAX)
        report_note(r->report, "%s has %zu addresses; the first %d were tried", t->result->endpoint,
                    resolved->n_addresses, RUNNER_ADDRESSES_MAX);
    start_attempt(t);
    runner_start_jobs(r);
}

void runner_hop_known(struct task *t)
{
    struct runner *r = t->runner;
    const struct hop_task *h = &r->hops[t->hops[0]];
    struct hop *hop = r->report->hops[h->index];

    t->started_us = clock_monotonic_us() - r->epoch_us;
    share_steps(t->result, h->resolved->steps, h->resolved->n_steps, r->report);
    if (h->reachable) {
        start_attempt(t);
        return;
    }
    /* What stopped the first try stops them all: the same steps are this result's evidence. */
    t->result->attempts = h->resolved->n_addresses > 0 ? 1 : 0;
    for (size_t i = 0; i < hop->n_steps; i++) {
        if (hop->steps[i]->step != STEP_RESOLVE)
            share_steps(t->result, &hop->steps[i], 1, r->report);
    }
    task_done(t);
}

void runner_start_task(struct runner *r, struct result *result)
{
    struct task *t = arena_new_of(r->report->arena, struct task);
    const struct route *route = result->of_route;

    runner_task_init(t, r, result);
    if (route->n_hops == 0 && result->of_endpoint->wildcard)
        return; /* nothing can be asked */
    r->unfinished++;
    if (route->n_hops == 0) {
        runner_resolve(r, result->of_endpoint->host, on_resolved, t);
    } else {
        struct hop_task *h = &r->hops[t->hops[0]];

        if (h->known)
            runner_hop_known(t);
        else
            list_push(r->report->arena, h->waiting, h->n_waiting, t);
    }
}
