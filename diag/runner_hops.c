/*
 * runner_hops: the proxies themselves: is each of them there, seen from the sensor and from the
 * hop before it; see runner_parts.h.
 */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"

#include <string.h>

static void hop_finished(struct hop_task *h)
{
    struct runner *r = h->runner;

    h->known = true;
    for (size_t i = 0; i < h->n_waiting; i++)
        runner_hop_known(h->waiting[i]);
    h->n_waiting = 0;
    runner_start_jobs(r);
    runner_finish_one(r);
}

void runner_hop_probe_done(struct hop_task *h, const struct job *j, bool passed)
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
                              .entry = addr_host_port(r->report->arena, proxy->host, proxy->port),
                              .hops = {h->index},
                              .n_hops = 1,
                              .legs = legs};

    h->resolved = resolved;
    legs[0] = arena_printf(r->report->arena, "sensor>%s", hop->name);
    legs[1] = NULL;
    for (size_t i = 0; i < resolved->n_steps; i++)
        list_push(r->report->arena, hop->steps, hop->n_steps, resolved->steps[i]);
    for (size_t i = 0; i < resolved->n_addresses && i < RUNNER_ADDRESSES_MAX; i++) {
        struct job *j;

        spec.address = resolved->addresses[i];
        spec.address.port = proxy->port;
        j = runner_add_job(r, &spec);
        j->hop_task = h;
        h->pending++;
    }
    if (h->pending == 0)
        hop_finished(h);
    runner_start_jobs(r);
}

void runner_start_hops(struct runner *r)
{
    for (size_t i = 0; i < r->site->n_proxies; i++) {
        struct hop_task *h = &r->hops[i];

        h->runner = r;
        h->index = i;
        r->unfinished++;
        runner_resolve(r, r->site->proxies[i]->host, on_hop_resolved, h);
    }
}

/*
 * Can a hop be reached from the one before it? Asked by a CONNECT to its port, where the first
 * hop is up; many proxies refuse such a port by policy, and that says nothing.
 */
void runner_ask_from_previous(struct runner *r)
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
        spec.entry = addr_host_port(r->report->arena, r->site->proxies[first]->host,
                                    r->site->proxies[first]->port);
        (void)runner_add_job(r, &spec);
    }
}
