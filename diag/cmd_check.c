/*
 * cmd_check: the main job, as a table of contents: make the plan, start the recorder, run the
 * probes and the experiments, stop the recorder and read what it saw, judge, write the reports.
 *
 * Whatever happens on the way, the report is written: the plan is a report already.
 */
#include "diag/again.h"
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/commands.h"
#include "diag/idling.h"
#include "diag/join.h"
#include "diag/judge/judge.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/output.h"
#include "diag/plan.h"
#include "diag/recording.h"
#include "diag/revocation.h"
#include "diag/runner.h"
#include "diag/tagging.h"
#include "probes/tls_client.h"
#include "reports/progress.h"

#include <stdio.h>
#include <unistd.h>

/* Experiments lead to experiments, but not for ever. */
#define ROUNDS_MAX 4

struct check {
    struct options *options;
    struct report *report;
    struct recording *recording;
    struct progress *progress;
    struct service_tags *tags; /* NULL: not given */
    int64_t epoch_us;
    bool tty; /* progress goes to a terminal */
};

static void on_result(void *arg, const struct result *result)
{
    struct check *c = arg;

    progress_done(c->progress, result);
}

static void note_end(struct report *r, enum runner_end end)
{
    if (end == RUNNER_DONE)
        return;
    r->run->complete = false;
    report_note(r, "%s; what had not been tested by then is reported as not tested",
                end == RUNNER_DEADLINE ? "the deadline of the run was reached"
                                       : "the run was interrupted");
}

/* Leave out the wishes that the user does not share. */
static size_t keep_wanted(const struct site *s, struct wish *wishes, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        bool optional = !wishes[i].result->required;

        if (wishes[i].what != EXPERIMENT_TRACE || (s->trace && (s->trace_optional || !optional)))
            wishes[kept++] = wishes[i];
    }
    return kept;
}

/* The smallest further experiments that tell the remaining causes apart, in rounds. */
static enum runner_end experiment(struct check *c, struct runner *runner)
{
    enum runner_end end = RUNNER_DONE;

    if (!c->options->site->experiments)
        return end;
    for (int round = 0; round < ROUNDS_MAX && end == RUNNER_DONE; round++) {
        struct wish *wishes;
        size_t n = judge_wishes(c->report, &wishes);

        n = keep_wanted(c->options->site, wishes, n);
        if (n == 0)
            break;
        progress_phase(c->progress, "telling causes apart");
        end = runner_experiment(runner, wishes, n);
    }
    return end;
}

static void on_idle_second(void *arg, int64_t left)
{
    struct check *c = arg;
    char text[64];

    snprintf(text, sizeof text, "leaving connections idle: %lld s to go", (long long)left);
    progress_phase(c->progress, text);
}

/* Does a connection that nobody uses live? Asked of what passed, when the user wants to know. */
static enum runner_end leave_idle(struct check *c, struct runner *runner)
{
    struct wish *wishes;
    size_t n = idling_plan(c->report, &wishes);
    enum runner_end end;

    if (n == 0) {
        report_note(c->report, "no connection was left idle: none passed on the required route");
        return RUNNER_DONE;
    }
    /* Elsewhere than on a terminal one line is enough. */
    if (!c->tty)
        progress_phase(c->progress, "leaving connections idle");
    end = runner_idle(runner, wishes, n, c->tty ? on_idle_second : NULL);
    n = idling_controls(c->report, &wishes);
    if (end == RUNNER_DONE)
        end = runner_experiment(runner, wishes, n);
    idling_note(c->report);
    return end;
}

/* The servers that certificates name, then what else those that were reached have. */
static enum runner_end ask_for_revocation(struct check *c, struct runner *runner)
{
    size_t first = c->report->n_results, n;
    enum runner_end end = RUNNER_DONE;
    struct wish *wishes;

    if (revocation_plan(c->report) > 0)
        end = runner_more(runner, first);
    n = revocation_further(c->report, &wishes);
    return end == RUNNER_DONE && n > 0 ? runner_experiment(runner, wishes, n) : end;
}

static void probe(struct check *c)
{
    struct fault f;
    struct runner *runner = runner_new(c->report, c->options->site, c->epoch_us, on_result, c, &f);
    enum runner_end end;

    if (runner == NULL) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        c->report->run->complete = false;
        report_note(c->report, "nothing was probed: %s", f.text);
        return;
    }
    recording_wait(c->recording);
    end = runner_run(runner);
    if (end == RUNNER_DONE && c->options->site->revocation)
        end = ask_for_revocation(c, runner);
    if (end == RUNNER_DONE)
        end = runner_settle(runner);
    if (end == RUNNER_DONE)
        end = experiment(c, runner);
    if (end == RUNNER_DONE && c->options->site->idle_us > 0)
        end = leave_idle(c, runner);
    runner_free(runner); /* before judging: it settles the steps that were cut off */
    note_end(c->report, end);
}

static void note_time(struct check *c)
{
    char now[40];

    clock_rfc3339(clock_wall_us(), now, sizeof now);
    c->report->run->finished = arena_strdup(c->report->arena, now);
    c->report->run->duration_us = clock_monotonic_us() - c->epoch_us;
}

static struct progress *start_progress(const struct options *o, const struct report *r, bool tty)
{
    if (o->quiet || (!tty && !o->verbose))
        return NULL;
    return progress_new(stderr, r->n_results, tty);
}

/* Before anything is probed: every connection to such a proxy would fail for a reason of ours. */
static int check_client_certs(const struct site *s, struct fault *f)
{
    for (size_t i = 0; i < s->n_proxies; i++) {
        const struct site_proxy *p = s->proxies[i];

        if (p->client_cert != NULL &&
            tls_client_check_cert(p->client_cert,
                                  p->client_key != NULL ? p->client_key : p->client_cert, f) != 0)
            return -1;
    }
    return 0;
}

int check_run(struct options *o, void (*finish)(struct report *r, void *arg), void *arg)
{
    struct check c = {.options = o, .report = report_new(), .tty = isatty(STDERR_FILENO) == 1};
    struct packets packets;
    struct fault f;
    int status;

    if (check_client_certs(o->site, &f) != 0 || plan_make(o->site, c.report, &f) != 0 ||
        tagging_read(o->site, o->arena, c.report, &c.tags, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        report_free(c.report);
        return STATUS_USAGE;
    }
    /* `started` has whole milliseconds. Steps count from it as packets do, or a SYN would seem to
     * leave after its answer came. */
    c.epoch_us = clock_monotonic_us() - (clock_wall_us() - join_epoch(c.report));
    again_note(o, c.report);
    c.recording = recording_start(o, c.report);
    c.progress = start_progress(o, c.report, c.tty);
    probe(&c);
    note_time(&c);
    progress_phase(c.progress, "reading the packets");
    recording_stop(c.recording);
    tagging_apply(c.tags, c.report);
    tagging_note_private_links(c.report);
    judge_report(c.report);
    if (finish != NULL)
        finish(c.report, arg);
    progress_free(c.progress);
    packets = recording_packets(c.recording);
    status = output_report(o, c.report, &packets);
    recording_free(c.recording);
    report_free(c.report);
    return status;
}

int cmd_check(struct options *o)
{
    return check_run(o, NULL, NULL);
}
