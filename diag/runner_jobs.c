/*
 * runner_jobs: probes in flight, bounded in all and politely through each proxy; see
 * runner_parts.h.
 */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/loop.h"

static void on_probe(void *arg, bool passed)
{
    struct job *j = arg;
    struct runner *r = j->runner;

    j->running = false;
    j->probe = NULL;
    r->in_flight--;
    j->gate->running--;
    if (j->task != NULL)
        runner_task_probe_done(j->task, passed);
    else if (j->hop_task != NULL)
        runner_hop_probe_done(j->hop_task, j, passed);
    runner_start_jobs(r);
    runner_finish_one(r);
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

void runner_on_pause(void *arg, int what)
{
    (void)what;
    runner_start_jobs(arg);
}

/* Take the first job of the gate whose time has come; NULL, and *wake the next such time. */
static struct job *take_job(struct gate *g, int64_t now, int64_t *wake)
{
    for (struct job **at = &g->queue; *at != NULL; at = &(*at)->next) {
        struct job *j = *at;

        if (j->not_before_us > now) {
            if (*wake == 0 || j->not_before_us < *wake)
                *wake = j->not_before_us;
            continue;
        }
        *at = j->next;
        if (*at == NULL)
            g->tail = at;
        j->next = NULL;
        return j;
    }
    return NULL;
}

void runner_start_jobs(struct runner *r)
{
    size_t n_gates = r->site->n_proxies + 1;
    int64_t now = clock_monotonic_us(), wake = 0;

    if (r->starting)
        return; /* a probe that ended at once: the loop below goes on, without recursion */
    r->starting = true;
    for (size_t idle = 0; idle < n_gates && r->in_flight < r->parallel &&
                          r->in_flight + prober_closing(r->prober) < r->sockets &&
                          r->end == RUNNER_DONE;) {
        struct gate *g = &r->gates[r->next_gate];
        struct job *j = g->running < g->limit ? take_job(g, now, &wake) : NULL;

        r->next_gate = (r->next_gate + 1) % n_gates;
        if (j == NULL) {
            idle++;
            continue;
        }
        idle = 0;
        start(r, j);
    }
    r->starting = false;
    if (wake != 0)
        watch_want(r->pause, 0, wake);
}

static struct job *new_job(struct runner *r, const struct probe_spec *spec)
{
    struct job *j = arena_alloc(r->report->arena, sizeof *j);

    j->runner = r;
    j->spec = *spec;
    j->gate = &r->gates[spec->n_hops == 0 ? 0 : spec->hops[0] + 1];
    list_push(r->report->arena, r->jobs, r->n_jobs, j);
    r->unfinished++;
    return j;
}

struct job *runner_add_job(struct runner *r, const struct probe_spec *spec)
{
    struct job *j = new_job(r, spec);

    *j->gate->tail = j;
    j->gate->tail = &j->next;
    return j;
}

void runner_start_job(struct runner *r, const struct probe_spec *spec)
{
    start(r, new_job(r, spec));
}
