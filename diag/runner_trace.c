/*
 * runner_trace: traces, few at once, as experiments of the results that they are made for; see
 * runner_parts.h.
 */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/loop.h"
#include "probes/trace.h"

/* At once: what they send in vain is not to look like a scan. */
enum { TRACES_AT_ONCE = 2 };

struct trace_job {
    struct runner *runner;
    struct step *step;
    struct addr to;
    struct trace *trace; /* while it runs */
};

static void start_traces(struct runner *r);

static void on_trace(void *arg)
{
    struct trace_job *j = arg;
    struct runner *r = j->runner;

    trace_free(j->trace);
    j->trace = NULL;
    r->tracing--;
    start_traces(r);
    runner_finish_one(r);
}

static void start_traces(struct runner *r)
{
    while (r->next_trace < r->n_traces && r->tracing < TRACES_AT_ONCE && r->end == RUNNER_DONE) {
        struct trace_job *j = r->traces[r->next_trace++];

        j->trace = trace_start(r->loop, r->report, &j->to, j->step, r->epoch_us, on_trace, j);
        if (j->trace != NULL) {
            r->tracing++;
            continue;
        }
        report_note(r->report, "the way to %s was not traced: out of memory", j->step->address);
        runner_finish_one(r);
    }
}

void runner_trace(struct runner *r, const struct wish *wish)
{
    struct arena *a = r->report->arena;
    struct trace_job *j;
    struct addr to;

    if (wish->after == NULL || wish->after->address == NULL ||
        !addr_parse_port(wish->after->address, 0, &to) || to.port == 0)
        return;
    j = arena_alloc(a, sizeof *j);
    *j = (struct trace_job){.runner = r, .to = to};
    j->step = step_new(r->report, STEP_CONNECT);
    j->step->leg = wish->after->leg;
    j->step->target = wish->after->target;
    j->step->address = wish->after->address;
    j->step->attempt = 1;
    j->step->probe = ++r->probes;
    j->step->experiment = EXPERIMENT_TRACE;
    list_push(a, wish->result->steps, wish->result->n_steps, j->step);
    list_push(a, r->traces, r->n_traces, j);
    r->unfinished++;
    start_traces(r);
}

void runner_stop_traces(struct runner *r)
{
    for (size_t i = 0; i < r->n_traces; i++) {
        trace_free(r->traces[i]->trace);
        r->traces[i]->trace = NULL;
    }
}
