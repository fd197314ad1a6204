/*
 * runner_parts: what the parts of the runner share: its tasks, its jobs and their gates.
 * Private to diag/runner*.c.
 */
#ifndef HOPPROOF_RUNNER_PARTS_H
#define HOPPROOF_RUNNER_PARTS_H

#include "diag/runner.h"
#include "probes/probe.h"
#include "probes/resolve.h"

#include <stdbool.h>

enum { RUNNER_ADDRESSES_MAX = 16 }; /* of one name that are tried */

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

struct clock_task;

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
    struct clock_task **clocks;
    size_t n_clocks;
    struct job **jobs; /* all that exist, for cancelling */
    size_t n_jobs;
    unsigned in_flight, parallel;
    size_t sockets;            /* that may be open at once, those that are being closed included */
    bool starting;             /* start_jobs is at work */
    unsigned unfinished;       /* tasks and jobs that the loop still runs for */
    int64_t probes;            /* numbers given */
    struct trace_job **traces; /* in the order in which they are made */
    size_t n_traces, next_trace;
    unsigned tracing; /* running */
    struct watch *deadline, *pause, *second, *signals[3];
    runner_second_fn *on_second; /* while connections idle */
    int64_t idle_until_us;
    enum runner_end end;
    const char *made_up; /* label for wildcards */
};

/* --- runner_jobs.c: probes in flight --- */

/* Queue a probe; the gate is that of its first hop. */
struct job *runner_add_job(struct runner *r, const struct probe_spec *spec);

/* Start it at once, whatever the bounds: for connections that do nothing but wait. */
void runner_start_job(struct runner *r, const struct probe_spec *spec);

/* Start what may be started, the gates in turn. */
void runner_start_jobs(struct runner *r);

/* The callback of runner->pause: the time of a job has come. */
void runner_on_pause(void *arg, int what);

/* --- runner_results.c: the work on one result --- */

/* Fill in what follows from the result: hops and legs. */
void runner_task_init(struct task *t, struct runner *r, struct result *result);

/* What a probe of this task is, but for the address. */
void runner_task_spec(struct task *t, struct probe_spec *spec);

/* Begin the work on a result; the loop runs until runner_finish_one was called for it. */
void runner_start_task(struct runner *r, struct result *result);

/* A probe of the current attempt ended: the next attempt, or the end of the task. */
void runner_task_probe_done(struct task *t, bool passed);

/* The first hop was tried: go on through it, or end with what was found. */
void runner_hop_known(struct task *t);

/* --- runner_search.c: names of a single label --- */

/* resolve_name of resolve.h, for a single label through the site's search list; the answer is
 * the last name's that was asked for. */
void runner_resolve(struct runner *r, const char *host, resolved_fn *done, void *arg);

/* --- runner_hops.c: the proxies themselves --- */

/* Resolve and try every proxy; tasks that need one wait for it. */
void runner_start_hops(struct runner *r);

/* A probe of a hop's address ended; after the last one the tasks that wait go on. */
void runner_hop_probe_done(struct hop_task *h, const struct job *j, bool passed);

/* Last: can each hop be reached from the one before it? */
void runner_ask_from_previous(struct runner *r);

/* --- runner_trace.c: traces --- */

/* Queue a trace to the address of the step that the wish is about. */
void runner_trace(struct runner *r, const struct wish *wish);

/* The run is over: those that still run are cancelled. */
void runner_stop_traces(struct runner *r);

/* --- runner_ntp.c: the time servers --- */

/* Ask every time server of the report. */
void runner_start_clocks(struct runner *r);

/* The run is over: questions that are still open are cancelled. */
void runner_stop_clocks(struct runner *r);

/* --- runner.c --- */

/* One thing less that the loop runs for. */
void runner_finish_one(struct runner *r);

/* Run the loop until nothing is left that it runs for, or the run is cut off. */
void runner_wait(struct runner *r);

#endif
