/*
 * runner: see runner.h.
 *
 * First the hops: each proxy's name and every address of it, so that a dead proxy is found once
 * and not by every endpoint. Then the results, in the order of the plan, each as soon as its name
 * is known. Last the questions that could disturb a proxy (a CONNECT to the next hop's port).
 */
#include "diag/runner.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "probes/loop.h"
#include "probes/probe.h"
#include "probes/resolve.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* In flight at once: enough to fill a round trip of 100 ms with two cores' handshakes, few enough
 * that no step waits long for our own CPU. */
#define PARALLEL_DEFAULT 96
/* Of these through one proxy: a proxy serves a site, and may be a small machine. */
#define PROXY_PARALLEL_DEFAULT 24
/* Between two tries of the same: long enough for a parent proxy to recover, short for a person. */
#define REPEAT_PAUSE_US 1500000
#define ADDRESSES_MAX   16

/* One probe to be made. */
struct job {
    struct job *next;
    struct runner *runner;
    struct probe_spec spec;
    struct gate *gate;
    struct task *task; /* NULL: of a hop, or an experiment */
    struct hop_task *hop_task;
    int64_t not_before_us;
    struct probe *probe;
    bool running;
};

/* What leaves through the same door shares a bound: the direct way, or one proxy. */
struct gate {
    struct job *queue, **tail;
    unsigned running, limit;
};

/* The work on one result. */
struct task {
    struct runner *runner;
    struct result *result;
    size_t hops[PROBE_HOPS_MAX], n_hops;
    const char **legs;
    unsigned attempt, pending;
    int64_t started_us;
    const struct resolved *resolved;
    bool any_passed;
};

/* The work on one proxy itself. */
struct hop_task {
    struct runner *runner;
    size_t index;
    const struct resolved *resolved;
    unsigned pending;
    bool known, reachable;
    struct addr best;      /* the first address that answers */
    struct task **waiting; /* results that need to know */
    size_t n_waiting;
};

struct runner {
    struct report *report;
    const struct site *site;
    int64_t epoch_us;
    runner_fn *on_result;
    void *arg;
    struct loop *loop;
    struct resolve *resolve;
    struct prober *prober;
    struct gate *gates; /* direct, then one for each proxy */
    size_t next_gate;
    struct hop_task *hops;
    struct job **jobs; /* all that exist, for cancelling */
    size_t n_jobs;
    unsigned in_flight, parallel;
    bool starting;       /* start_jobs is at work */
    unsigned unfinished; /* tasks and jobs that the loop still runs for */
    int64_t probes;      /* numbers given */
    struct watch *deadline, *pause, *signals[3];
    enum runner_end end;
    const char *made_up; /* label for wildcards */
};

/* --- ending --- */

/* Slower resolvers are waited for too: what they say, or do not say, is part of the report. */
static bool is_finished(const struct runner *r)
{
    return r->unfinished == 0 && prober_closing(r->prober) == 0 && !resolve_busy(r->resolve);
}

static void check_end(struct runner *r)
{
    if (is_finished(r))
        loop_stop(r->loop);
}

static void on_idle(void *arg)
{
    check_end(arg);
}

static void finish_one(struct runner *r)
{
    r->unfinished--;
    check_end(r);
}

/* Cut off: what runs is cancelled, what waits stays as planned. */
static void cut_off(struct runner *r, enum runner_end why)
{
    if (r->end != RUNNER_DONE)
        return;
    r->end = why;
    for (size_t i = 0; i < r->n_jobs; i++) {
        if (r->jobs[i]->running && r->jobs[i]->probe != NULL) {
            r->jobs[i]->running = false;
            probe_cancel(r->jobs[i]->probe);
        }
    }
    loop_stop(r->loop);
}

static void on_deadline(void *arg, int what)
{
    (void)what;
    cut_off(arg, RUNNER_DEADLINE);
}

static void on_signal(void *arg, int what)
{
    (void)what;
    cut_off(arg, RUNNER_INTERRUPTED);
}

/* --- jobs --- */

static void start_jobs(struct runner *r);
static void task_probe_done(struct task *t, bool passed);
static void hop_probe_done(struct hop_task *h, const struct job *j, bool passed);

static void on_probe(void *arg, bool passed)
{
    struct job *j = arg;
    struct runner *r = j->runner;

    j->running = false;
    j->probe = NULL;
    r->in_flight--;
    j->gate->running--;
    if (j->task != NULL)
        task_probe_done(j->task, passed);
    else if (j->hop_task != NULL)
        hop_probe_done(j->hop_task, j, passed);
    start_jobs(r);
    finish_one(r);
}

static void start(struct runner *r, struct job *j)
{
    struct probe *probe;

    r->in_flight++;
    j->gate->running++;
    j->running = true;
    j->spec.number = ++r->probes;
    probe = probe_start(r->prober, &j->spec, on_probe, j);
    if (probe == NULL) { /* no memory: the steps stay "not run", the run goes on */
        report_note(r->report, "a probe of %s could not be started: out of memory", j->spec.entry);
        on_probe(j, false);
        return;
    }
    if (j->running) /* it may have ended at once */
        j->probe = probe;
}

static void on_pause(void *arg, int what)
{
    (void)what;
    start_jobs(arg);
}

/* Start what may be started, the gates in turn. */
static void start_jobs(struct runner *r)
{
    size_t n_gates = r->site->n_proxies + 1;
    int64_t now = clock_monotonic_us(), wake = 0;

    if (r->starting)
        return; /* a probe that ended at once: the loop below goes on, without recursion */
    r->starting = true;
    for (size_t idle = 0; idle < n_gates && r->in_flight < r->parallel && r->end == RUNNER_DONE;) {
        struct gate *g = &r->gates[r->next_gate];
        struct job *j = g->queue;

        r->next_gate = (r->next_gate + 1) % n_gates;
        if (j != NULL && j->not_before_us > now && (wake == 0 || j->not_before_us < wake))
            wake = j->not_before_us;
        if (j == NULL || g->running >= g->limit || j->not_before_us > now) {
            idle++;
            continue;
        }
        idle = 0;
        g->queue = j->next;
        if (g->queue == NULL)
            g->tail = &g->queue;
        start(r, j);
    }
    r->starting = false;
    if (wake != 0)
        watch_want(r->pause, 0, wake);
}

/* Queue a probe; the gate is that of its first hop. */
static struct job *add_job(struct runner *r, const struct probe_spec *spec)
{
    struct job *j = arena_alloc(r->report->arena, sizeof *j);

    j->runner = r;
    j->spec = *spec;
    j->gate = &r->gates[spec->n_hops == 0 ? 0 : spec->hops[0] + 1];
    *j->gate->tail = j;
    j->gate->tail = &j->next;
    list_push(r->report->arena, r->jobs, r->n_jobs, j);
    r->unfinished++;
    return j;
}

/* --- results --- */

static const char *host_port(struct report *r, const char *host, unsigned port)
{
    return strchr(host, ':') != NULL ? arena_printf(r->arena, "[%s]:%u", host, port)
                                     : arena_printf(r->arena, "%s:%u", host, port);
}

/* The endpoint's host; a wildcard becomes a made-up name under it. */
static const char *concrete_host(struct runner *r, const struct endpoint *e)
{
    if (!e->wildcard)
        return e->host;
    return arena_printf(r->report->arena, "%s%s", r->made_up,
                        e->host[0] == '*' ? e->host + 1 : e->host);
}

static void spec_of_task(struct task *t, struct probe_spec *spec)
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
                                .tunnel_only = e->wildcard || e->plain,
                                .app = r->site->app};
    memcpy(spec->hops, t->hops, sizeof t->hops);
    spec->entry = t->n_hops == 0 ? e->id
                                 : host_port(r->report, r->site->proxies[t->hops[0]]->host,
                                             r->site->proxies[t->hops[0]]->port);
}

static void task_done(struct task *t)
{
    struct runner *r = t->runner;

    t->result->duration_us = clock_monotonic_us() - r->epoch_us - t->started_us;
    if (r->on_result != NULL)
        r->on_result(r->arg, t->result);
    finish_one(r);
}

static void add_probe(struct task *t, const struct addr *address, uint16_t port)
{
    struct probe_spec spec;
    struct job *j;

    spec_of_task(t, &spec);
    spec.address = *address;
    spec.address.port = port;
    j = add_job(t->runner, &spec);
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
        for (size_t i = 0; i < t->resolved->n_addresses && i < ADDRESSES_MAX; i++)
            add_probe(t, &t->resolved->addresses[i], (uint16_t)t->result->of_endpoint->port);
    }
    if (t->pending == 0)
        task_done(t);
}

static void task_probe_done(struct task *t, bool passed)
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
    if (resolved->n_addresses > ADDRESSES_MAX)
        report_note(r->report, "%s has %zu addresses; the first %d were tried", t->result->endpoint,
                    resolved->n_addresses, ADDRESSES_MAX);
    start_attempt(t);
    start_jobs(r);
}

/* The first hop was tried: go on through it, or end with what was found. */
static void hop_known(struct task *t)
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

static void start_task(struct runner *r, struct result *result)
{
    struct task *t = arena_new_of(r->report->arena, struct task);
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
    if (route->n_hops == 0 && result->of_endpoint->wildcard)
        return; /* nothing can be asked */
    if (route->n_hops > 0 && result->of_endpoint->plain) {
        /* A client would ask the proxy for the page; proxies refuse a tunnel to port 80. */
        report_note(r->report, "%s speaks plain HTTP: not tested through a proxy",
                    result->endpoint);
        return;
    }
    r->unfinished++;
    if (route->n_hops == 0) {
        resolve_name(r->resolve, result->of_endpoint->host, on_resolved, t);
    } else {
        struct hop_task *h = &r->hops[t->hops[0]];

        if (h->known)
            hop_known(t);
        else
            list_push(r->report->arena, h->waiting, h->n_waiting, t);
    }
}

/* --- hops --- */

static void hop_finished(struct hop_task *h)
{
    struct runner *r = h->runner;

    h->known = true;
    for (size_t i = 0; i < h->n_waiting; i++)
        hop_known(h->waiting[i]);
    h->n_waiting = 0;
    start_jobs(r);
    finish_one(r);
}

static void hop_probe_done(struct hop_task *h, const struct job *j, bool passed)
{
    if (passed && !h->reachable) {
        h->reachable = true;
        h->best = j->spec.address;
    }
    if (--h->pending == 0)
        hop_finished(h);
}

static void on_hop_resolved(void *arg, const struct resolved *resolved)
{
    struct hop_task *h = arg;
    struct runner *r = h->runner;
    struct hop *hop = r->report->hops[h->index];
    const struct site_proxy *proxy = r->site->proxies[h->index];
    const char **legs = arena_alloc(r->report->arena, 2 * sizeof *legs);
    struct probe_spec spec = {.hop = hop,
                              .attempt = 1,
                              .entry = host_port(r->report, proxy->host, proxy->port),
                              .hops = {h->index},
                              .n_hops = 1,
                              .legs = legs};

    h->resolved = resolved;
    legs[0] = arena_printf(r->report->arena, "sensor>%s", hop->name);
    legs[1] = NULL;
    for (size_t i = 0; i < resolved->n_steps; i++)
        list_push(r->report->arena, hop->steps, hop->n_steps, resolved->steps[i]);
    for (size_t i = 0; i < resolved->n_addresses && i < ADDRESSES_MAX; i++) {
        struct job *j;

        spec.address = resolved->addresses[i];
        spec.address.port = proxy->port;
        j = add_job(r, &spec);
        j->hop_task = h;
        h->pending++;
    }
    if (h->pending == 0)
        hop_finished(h);
    start_jobs(r);
}

static void start_hops(struct runner *r)
{
    for (size_t i = 0; i < r->site->n_proxies; i++) {
        struct hop_task *h = &r->hops[i];

        h->runner = r;
        h->index = i;
        r->unfinished++;
        resolve_name(r->resolve, r->site->proxies[i]->host, on_hop_resolved, h);
    }
}

/*
 * Can a hop be reached from the one before it? Asked by a CONNECT to its port, where the first
 * hop is up; many proxies refuse such a port by policy, and that says nothing.
 */
static void ask_from_previous(struct runner *r)
{
    for (size_t i = 1; i < r->site->n_proxies; i++) {
        bool nested = r->site->chain == CHAIN_NESTED;
        size_t first = nested ? 0 : i - 1;
        struct hop *hop = r->report->hops[i];
        const char **legs = arena_alloc(r->report->arena, (i - first + 1) * sizeof *legs);
        struct probe_spec spec = {.hop = hop,
                                  .attempt = 1,
                                  .legs = legs,
                                  .host = r->site->proxies[i]->host,
                                  .port = r->site->proxies[i]->port,
                                  .tunnel_only = true,
                                  .experiment = EXPERIMENT_HOP_PORT};

        if (!r->hops[first].reachable || i - first > PROBE_HOPS_MAX)
            continue;
        legs[0] = arena_printf(r->report->arena, "sensor>%s", r->report->hops[first]->name);
        for (size_t k = first; k < i; k++) {
            spec.hops[spec.n_hops++] = k;
            legs[k - first + 1] = arena_printf(r->report->arena, "%s>%s", r->report->hops[k]->name,
                                               r->report->hops[k + 1]->name);
        }
        spec.address = r->hops[first].best;
        spec.entry =
            host_port(r->report, r->site->proxies[first]->host, r->site->proxies[first]->port);
        (void)add_job(r, &spec);
    }
}

/* --- experiments --- */

/* The plan's words for one wish; false when the wish cannot be carried out. */
static bool spec_of_wish(struct runner *r, const struct wish *w, struct task *t,
                         struct probe_spec *spec)
{
    struct addr address;

    t->runner = r;
    t->result = w->result;
    t->attempt = 1;
    t->legs = arena_alloc(r->report->arena, (w->result->n_legs + 1) * sizeof *t->legs);
    for (size_t i = 0; i < w->result->n_legs; i++)
        t->legs[i] = leg_name(r->report, w->result->legs[i]);
    for (size_t i = 0; i < w->result->of_route->n_hops && i < PROBE_HOPS_MAX; i++) {
        for (size_t k = 0; k < r->report->n_hops; k++) {
            if (strcmp(r->report->hops[k]->name, w->result->of_route->hops[i]) == 0)
                t->hops[t->n_hops++] = k;
        }
    }
    spec_of_task(t, spec);
    spec->experiment = w->what;
    spec->other_name = w->name;
    spec->app = spec->app && w->what == EXPERIMENT_REPEAT;
    if (w->after == NULL || w->after->address == NULL ||
        !addr_parse_port(w->after->address, (uint16_t)w->result->of_endpoint->port, &address))
        return false;
    spec->address = address;
    return true;
}

static void wait_for_all(struct runner *r)
{
    start_jobs(r);
    if (r->end == RUNNER_DONE && !is_finished(r))
        loop_run(r->loop);
}

enum runner_end runner_experiment(struct runner *r, const struct wish *wishes, size_t n)
{
    for (size_t i = 0; i < n && r->end == RUNNER_DONE; i++) {
        struct task task = {0};
        struct probe_spec spec;
        struct job *j;

        if (!spec_of_wish(r, &wishes[i], &task, &spec))
            continue;
        j = add_job(r, &spec);
        if (wishes[i].what == EXPERIMENT_REPEAT)
            j->not_before_us = clock_monotonic_us() + REPEAT_PAUSE_US;
    }
    wait_for_all(r);
    return r->end;
}

enum runner_end runner_more(struct runner *r, size_t first)
{
    r->unfinished++; /* nothing ends while things are still being started */
    for (size_t i = first; i < r->report->n_results && r->end == RUNNER_DONE; i++)
        start_task(r, r->report->results[i]);
    r->unfinished--;
    wait_for_all(r);
    return r->end;
}

enum runner_end runner_run(struct runner *r)
{
    r->unfinished++;
    start_hops(r);
    r->unfinished--;
    runner_more(r, 0);
    if (r->end == RUNNER_DONE) {
        ask_from_previous(r);
        wait_for_all(r);
    }
    return r->end;
}

/* --- life --- */

static const char *make_label(struct report *r)
{
    /* Not a name that anybody has, and recognisable in a proxy's log. */
    return arena_printf(r->arena, "hopproof-%.8s", r->run->id);
}

static int open_all(struct runner *r, struct fault *f)
{
    static const int signals[3] = {SIGINT, SIGTERM, SIGHUP};

    r->loop = loop_new(f);
    if (r->loop == NULL)
        return -1;
    r->resolve = resolve_new(r->loop, r->report, r->site, r->epoch_us, f);
    r->prober = r->resolve == NULL ? NULL : prober_new(r->loop, r->report, r->site, r->epoch_us, f);
    if (r->prober == NULL)
        return -1;
    prober_on_closed(r->prober, on_idle, r);
    resolve_on_idle(r->resolve, on_idle, r);
    for (size_t i = 0; i < 3; i++)
        r->signals[i] = watch_signal(r->loop, signals[i], on_signal, r);
    r->pause = watch_new(r->loop, -1, on_pause, r);
    r->deadline = watch_new(r->loop, -1, on_deadline, r);
    if (r->pause == NULL || r->deadline == NULL)
        return fault_set(f, "out of memory; free some memory");
    if (r->site->deadline_us > 0)
        watch_want(r->deadline, 0, r->epoch_us + r->site->deadline_us);
    return 0;
}

struct runner *runner_new(struct report *r, const struct site *s, int64_t epoch_us,
                          runner_fn *on_result, void *arg, struct fault *f)
{
    struct runner *runner = calloc(1, sizeof *runner);

    if (runner == NULL) {
        fault_set(f, "out of memory; free some memory");
        return NULL;
    }
    *runner = (struct runner){.report = r,
                              .site = s,
                              .epoch_us = epoch_us,
                              .on_result = on_result,
                              .arg = arg,
                              .made_up = make_label(r),
                              .parallel = s->parallel > 0 ? s->parallel : PARALLEL_DEFAULT};
    runner->gates = arena_alloc(r->arena, (s->n_proxies + 1) * sizeof *runner->gates);
    runner->hops = arena_alloc(r->arena, (s->n_proxies + 1) * sizeof *runner->hops);
    for (size_t i = 0; i <= s->n_proxies; i++) {
        runner->gates[i].tail = &runner->gates[i].queue;
        runner->gates[i].limit = i == 0                  ? runner->parallel
                                 : s->proxy_parallel > 0 ? s->proxy_parallel
                                                         : PROXY_PARALLEL_DEFAULT;
    }
    if (open_all(runner, f) != 0) {
        runner_free(runner);
        return NULL;
    }
    return runner;
}

void runner_free(struct runner *r)
{
    if (r == NULL)
        return;
    prober_free(r->prober);
    resolve_free(r->resolve);
    for (size_t i = 0; i < 3; i++)
        watch_free(r->signals[i]);
    watch_free(r->pause);
    watch_free(r->deadline);
    loop_free(r->loop);
    free(r);
}
