/* runner_ntp: the site's time servers, beside the results; see runner_parts.h. */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"
#include "probes/ntp.h"

#include <string.h>

/* The work on one server: its name, then its addresses in turn until one tells the time. */
struct clock_task {
    struct runner *runner;
    struct time_server *server;
    const struct resolved *resolved;
    size_t tried;
    struct ntp_query *query;
};

static void ask_next(struct clock_task *t);

static void on_time(void *arg)
{
    struct clock_task *t = arg;

    t->query = NULL;
    if (t->server->outcome != OUTCOME_OK && t->tried < t->resolved->n_addresses &&
        t->tried < RUNNER_ADDRESSES_MAX && t->runner->end == RUNNER_DONE)
        ask_next(t);
    else
        runner_finish_one(t->runner);
}

static void ask_next(struct clock_task *t)
{
    struct addr address = t->resolved->addresses[t->tried++];
    struct ntp_query *q;

    address.port = (uint16_t)t->server->port;
    /* When it ends at once, on_time has been called, perhaps for further addresses too. */
    q = ntp_ask(t->runner->loop, t->runner->report, t->server, &address,
                t->runner->site->timeout_us, on_time, t);
    if (q != NULL)
        t->query = q;
}

static void on_resolved(void *arg, const struct resolved *resolved)
{
    struct clock_task *t = arg;

    t->resolved = resolved;
    if (resolved->n_addresses > 0) {
        ask_next(t);
        return;
    }
    t->server->outcome = OUTCOME_NTP_NO_ADDRESS;
    runner_finish_one(t->runner);
}

void runner_start_clocks(struct runner *r)
{
    for (size_t i = 0; i < r->report->n_time_servers; i++) {
        struct clock_task *t = arena_new_of(r->report->arena, struct clock_task);

        t->runner = r;
        t->server = r->report->time_servers[i];
        list_push(r->report->arena, r->clocks, r->n_clocks, t);
        r->unfinished++;
        runner_resolve(r, t->server->host, on_resolved, t);
    }
}

void runner_stop_clocks(struct runner *r)
{
    for (size_t i = 0; i < r->n_clocks; i++) {
        ntp_cancel(r->clocks[i]->query);
        r->clocks[i]->query = NULL;
    }
}
