/*
 * runner: the order of work. Starts probes when their names are resolved, keeps the numbers in
 * flight bounded and polite, repeats attempts, carries out the experiments that the judge asks
 * for, and ends in time whatever happens.
 */
#ifndef HOPPROOF_RUNNER_H
#define HOPPROOF_RUNNER_H

#include "diag/judge/judge.h"
#include "diag/model/report.h"
#include "diag/model/site.h"

#include <stddef.h>
#include <stdint.h>

struct fault;
struct runner;

enum runner_end {
    RUNNER_DONE,
    RUNNER_DEADLINE,    /* the deadline of the site cut it off */
    RUNNER_INTERRUPTED, /* SIGINT, SIGTERM or SIGHUP */
};

/* Called for each result whose normal probes are done. */
typedef void runner_fn(void *arg, const struct result *result);

/*
 * Everything that the run needs, opened; NULL with a fault. `epoch_us`: start of the run,
 * monotonic; the deadline counts from it.
 */
struct runner *runner_new(struct report *r, const struct site *s, int64_t epoch_us,
                          runner_fn *on_result, void *arg, struct fault *f);
void runner_free(struct runner *r);

/* Probe everything in the plan. Once it was cut off, every later call returns at once. */
enum runner_end runner_run(struct runner *r);

/* Probe the results from index `first` on, which joined the plan after runner_run. */
enum runner_end runner_more(struct runner *r, size_t first);

/*
 * Where steps ended in silence: find out whether the next router is still there, and put its state
 * into their details. Takes no time where something else came through it, 3 s (8 s without
 * CAP_NET_ADMIN) where it is dead.
 */
enum runner_end runner_settle(struct runner *r);

/*
 * Carry out wishes for idle connections, all at the same time; `on_second` is called once a second
 * with the seconds that they still have to wait. NULL: nobody wants to know.
 */
typedef void runner_second_fn(void *arg, int64_t left);
enum runner_end runner_idle(struct runner *r, const struct wish *wishes, size_t n,
                            runner_second_fn *on_second);

/* Carry out the experiments that the judge wishes. */
enum runner_end runner_experiment(struct runner *r, const struct wish *wishes, size_t n);

#endif
