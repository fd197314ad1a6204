/*
 * runner: see runner.h.
 *
 * First the hops: each proxy's name and every address of it, so that a dead proxy is found once
 * and not by every endpoint. Then the results, in the order of the plan, each as soon as its name
 * is known. Last the questions that could disturb a proxy (a CONNECT to the next hop's port).
 */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/descriptors.h"
#include "diag/base/fault.h"
#include "probes/loop.h"

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
/* Repetitions begin one after the other: what failed may have been one too many at a time. */
#define REPEAT_GAP_US 200000
/* File descriptors beside those of connections: event loop, signals, files, questions to the
 * kernel. Two more for each resolver. */
#define DESCRIPTORS_OURS 16
/* Where a hop gets at once, wherever it stands; at a port that rules about ports admit. */
#define LOOPBACK_HOST "127.0.0.1"
#define LOOPBACK_PORT 443
#define PAGE_PORT     80

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

/* A connection has said its goodbye: its descriptor is free for another one. */
static void on_closed(void *arg)
{
    runner_start_jobs(arg);
    check_end(arg);
}

void runner_finish_one(struct runner *r)
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
    runner_stop_traces(r);
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

/* --- experiments --- */

/* The probe ends at the hop that the failed step asked. */
static bool end_at_hop(const struct runner *r, const struct wish *w, struct probe_spec *spec)
{
    const struct tunnel_detail *d = step_tunnel(w->after);

    for (size_t i = 0; d != NULL && d->hop != NULL && i < spec->n_hops; i++) {
        if (strcmp(r->report->hops[spec->hops[i]]->name, d->hop) != 0)
            continue;
        if (w->what == EXPERIMENT_BY_ADDRESS && i + 1 < spec->n_hops) /* asked for the next hop */
            spec->port = r->site->proxies[spec->hops[i + 1]]->port;
        if (w->what == EXPERIMENT_BY_ADDRESS)
            spec->host = w->to;
        if (w->what == EXPERIMENT_HOP_TLS)
            spec->host = NULL; /* nothing more than the handshake */
        if (w->what == EXPERIMENT_HOP_LOOPBACK) {
            spec->host = LOOPBACK_HOST;
            spec->port = LOOPBACK_PORT;
        }
        if (w->what == EXPERIMENT_HOP_PAGE)
            spec->port = PAGE_PORT;
        spec->n_hops = i + 1;
        spec->tunnel_only = true;
        return true;
    }
    return false;
}

/* The plan's words for one wish; false when the wish cannot be carried out. */
static bool spec_of_wish(struct runner *r, const struct wish *w, struct task *t,
                         struct probe_spec *spec)
{
    struct addr address;

    runner_task_init(t, r, w->result);
    t->attempt = 1;
    runner_task_spec(t, spec);
    spec->experiment = w->what;
    spec->other_name = w->name;
    spec->app =
        spec->app && (w->what == EXPERIMENT_REPEAT || w->what == EXPERIMENT_OTHER_RESOLVER ||
                      w->what == EXPERIMENT_APP_AMQP || w->what == EXPERIMENT_APP_PAGE);
    if (w->question != NULL) {
        spec->path = w->question->path;
        spec->expects = w->question->expects;
    }
    if (w->after == NULL || w->after->address == NULL ||
        !addr_parse_port(w->after->address, (uint16_t)w->result->of_endpoint->port, &address))
        return false;
    spec->address = address;
    if (w->what == EXPERIMENT_BY_ADDRESS || w->what == EXPERIMENT_HOP_ITSELF ||
        w->what == EXPERIMENT_HOP_TLS || w->what == EXPERIMENT_HOP_LOOPBACK ||
        w->what == EXPERIMENT_HOP_PAGE)
        return end_at_hop(r, w, spec);
    if (w->to != NULL) { /* another machine, the same port */
        if (!addr_parse(w->to, &spec->address))
            return false;
        spec->address.port = address.port;
    }
    return true;
}

void runner_wait(struct runner *r)
{
    runner_start_jobs(r);
    if (r->end == RUNNER_DONE && !is_finished(r))
        loop_run(r->loop);
}

enum runner_end runner_experiment(struct runner *r, const struct wish *wishes, size_t n)
{
    int64_t next_repeat = clock_monotonic_us() + REPEAT_PAUSE_US;

    for (size_t i = 0; i < n && r->end == RUNNER_DONE; i++) {
        struct task task = {0};
        struct probe_spec spec;
        struct job *j;

        if (wishes[i].what == EXPERIMENT_DNS_TCP) {
            resolve_over_tcp(r->resolve, wishes[i].after, wishes[i].result);
            continue;
        }
        if (wishes[i].what == EXPERIMENT_DNS_UNCHECKED) {
            resolve_unchecked(r->resolve, wishes[i].after, wishes[i].result);
            continue;
        }
        if (wishes[i].what == EXPERIMENT_TRACE) {
            runner_trace(r, &wishes[i]);
            continue;
        }
        if (!spec_of_wish(r, &wishes[i], &task, &spec))
            continue;
        j = runner_add_job(r, &spec);
        if (wishes[i].what == EXPERIMENT_REPEAT) {
            j->not_before_us = next_repeat;
            next_repeat += REPEAT_GAP_US;
        }
    }
    runner_wait(r);
    return r->end;
}

static void on_second(void *arg, int what)
{
    struct runner *r = arg;
    int64_t now = clock_monotonic_us();

    (void)what;
    if (now >= r->idle_until_us)
        return;
    r->on_second(r->arg, (r->idle_until_us - now + 999999) / 1000000);
    watch_want(r->second, 0, now + 1000000);
}

enum runner_end runner_idle(struct runner *r, const struct wish *wishes, size_t n,
                            runner_second_fn *each_second)
{
    r->unfinished++; /* nothing ends while things are still being started */
    r->idle_until_us = clock_monotonic_us() + r->site->idle_us;
    for (size_t i = 0; i < n && r->end == RUNNER_DONE; i++) {
        struct task task = {0};
        struct probe_spec spec;

        if (!spec_of_wish(r, &wishes[i], &task, &spec))
            continue;
        spec.idle_us = r->site->idle_us;
        runner_start_job(r, &spec);
    }
    r->on_second = each_second;
    if (each_second != NULL)
        on_second(r, 0);
    r->unfinished--;
    runner_wait(r);
    return r->end;
}

enum runner_end runner_more(struct runner *r, size_t first)
{
    r->unfinished++; /* nothing ends while things are still being started */
    for (size_t i = first; i < r->report->n_results && r->end == RUNNER_DONE; i++)
        runner_start_task(r, r->report->results[i]);
    r->unfinished--;
    runner_wait(r);
    return r->end;
}

enum runner_end runner_run(struct runner *r)
{
    r->unfinished++;
    runner_start_hops(r);
    runner_start_clocks(r);
    r->unfinished--;
    runner_more(r, 0);
    if (r->end == RUNNER_DONE) {
        runner_ask_from_previous(r);
        runner_wait(r);
    }
    return r->end;
}

/* --- life --- */

/* random(3) orders attempts, nothing else; the run's id is random already. */
static void seed(const struct report *r)
{
    unsigned value = 0;

    for (const char *p = r->run->id; p != NULL && *p != '\0'; p++)
        value = value * 31 + (unsigned char)*p;
    srandom(value);
}

static const char *make_label(struct report *r)
{
    /* Not a name that anybody has, and recognisable in a proxy's log. */
    return arena_printf(r->arena, "hopproof-%.8s", r->run->id);
}

/* How many sockets there may be at once. The event loop would not survive having too few itself. */
static int count_sockets(struct runner *r, struct fault *f)
{
    size_t spare = descriptors_free(), ours = DESCRIPTORS_OURS + 2 * r->site->n_resolvers;

    if (spare <= ours)
        return fault_set(f,
                         "%zu more files or connections may be opened, and %zu are needed; raise "
                         "the limit of open files (ulimit -n)",
                         spare, ours + 1);
    r->sockets = spare - ours;
    if (r->sockets < r->parallel)
        report_note(r->report,
                    "this program may open few files (ulimit -n): at most %zu connections were "
                    "made at the same time",
                    r->sockets);
    return 0;
}

static int open_all(struct runner *r, struct fault *f)
{
    static const int signals[3] = {SIGINT, SIGTERM, SIGHUP};

    if (count_sockets(r, f) != 0)
        return -1;
    r->loop = loop_new(f);
    if (r->loop == NULL)
        return -1;
    r->resolve = resolve_new(r->loop, r->report, r->site, r->epoch_us, f);
    r->prober = r->resolve == NULL ? NULL : prober_new(r->loop, r->report, r->site, r->epoch_us, f);
    if (r->prober == NULL)
        return -1;
    prober_on_closed(r->prober, on_closed, r);
    resolve_on_idle(r->resolve, on_idle, r);
    for (size_t i = 0; i < 3; i++)
        r->signals[i] = watch_signal(r->loop, signals[i], on_signal, r);
    r->pause = watch_new(r->loop, -1, runner_on_pause, r);
    r->deadline = watch_new(r->loop, -1, on_deadline, r);
    r->second = watch_new(r->loop, -1, on_second, r);
    if (r->pause == NULL || r->deadline == NULL || r->second == NULL)
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
    seed(r);
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
    runner_stop_traces(r);
    runner_stop_clocks(r);
    prober_free(r->prober);
    resolve_free(r->resolve);
    for (size_t i = 0; i < 3; i++)
        watch_free(r->signals[i]);
    watch_free(r->pause);
    watch_free(r->deadline);
    watch_free(r->second);
    loop_free(r->loop);
    free(r);
}
