/*
 * collect: from the report to cells: paths, connections, neighbours. No opinion is formed here,
 * and those of an earlier judgement are wiped.
 */
#include "diag/base/arena.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

static void wipe_step(struct step *s)
{
    say_skip(s);
    s->note = NULL;
    if (step_tls(s) != NULL)
        step_tls(s)->resigner = NULL;
}

static void wipe(struct report *r)
{
    for (size_t i = 0; i < r->n_results; i++) {
        struct result *x = r->results[i];

        x->verdict = VERDICT_SKIP;
        x->cause = CAUSE_NONE;
        x->at = x->summary = x->remedy = x->retest = NULL;
        x->evidence = x->ruled_out = NULL;
        x->n_evidence = x->n_ruled_out = 0;
        for (size_t k = 0; k < x->n_steps; k++)
            wipe_step(x->steps[k]);
    }
    for (size_t i = 0; i < r->n_hops; i++) {
        r->hops[i]->from_sensor = report_new_of(r, reach);
        r->hops[i]->from_previous = report_new_of(r, reach);
        for (size_t k = 0; k < r->hops[i]->n_steps; k++)
            wipe_step(r->hops[i]->steps[k]);
    }
    for (size_t i = 0; i < r->n_time_servers; i++)
        r->time_servers[i]->verdict = VERDICT_SKIP;
    r->findings = NULL;
    r->n_findings = 0;
    r->checklist = NULL;
    r->n_checklist = 0;
    r->summary->verdict = VERDICT_SKIP;
}

static void add_leg(struct judge *j, struct path *p, const char *from, const char *to)
{
    const char *leg = text(j, "%s>%s", from, to);
    size_t n = p->n_legs;

    list_push(j->r->arena, p->stations, n, from);
    list_push(j->r->arena, p->legs, p->n_legs, leg);
}

/* The same stations as report_legs, once for each route. */
static void make_path(struct judge *j, const struct route *route, struct path *p)
{
    const char *from = "sensor";
    bool behind = false;
    size_t n;

    p->route = route;
    for (size_t i = 0; i < route->n_hops; i++) {
        add_leg(j, p, from, route->hops[i]);
        from = route->hops[i];
    }
    for (size_t i = 0; route->forwarded && i < j->r->n_hops; i++) {
        const char *name = j->r->hops[i]->name;

        if (behind) {
            add_leg(j, p, from, name);
            from = name;
        }
        behind = behind || same_text(name, from);
    }
    add_leg(j, p, from, "endpoint");
    n = p->n_legs;
    list_push(j->r->arena, p->stations, n, "endpoint");
}

static const struct path *path_of(const struct judge *j, const struct route *route)
{
    size_t i = 0;

    while (i + 1 < j->r->n_routes && j->r->routes[i] != route)
        i++;
    return &j->paths[i];
}

/* The connection that a step belongs to. Numbers may be missing in what others wrote: then a
 * connection begins with each connect step. */
static struct probe *probe_for(struct judge *j, struct cell *c, const struct step *s)
{
    struct probe fresh = {.number = s->probe,
                          .attempt = s->attempt == INT_UNKNOWN ? 1 : s->attempt,
                          .experiment = s->experiment};

    for (size_t i = c->n_probes; i-- > 0;) {
        struct probe *p = &c->probes[i];

        if (p->number != s->probe || p->experiment != s->experiment)
            continue;
        if (s->probe != INT_UNKNOWN || s->step != STEP_CONNECT)
            return p;
        break;
    }
    list_push(j->r->arena, c->probes, c->n_probes, fresh);
    return &c->probes[c->n_probes - 1];
}

struct step *probe_last(const struct probe *p)
{
    return p->steps[p->n - 1];
}

/* Which hop a tunnel step asks follows from its place, where nobody wrote it down. */
static void name_hops(struct cell *c)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        for (size_t k = 0; k < c->probes[i].n; k++) {
            struct tunnel_detail *d = step_tunnel(c->probes[i].steps[k]);

            if (d != NULL && d->hop == NULL)
                d->hop = step_hop(c, &c->probes[i], c->probes[i].steps[k]);
        }
    }
}

/* The step in which the endpoint showed its certificate: that of a completed try when there is. */
static void find_leaf(struct cell *c)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        for (size_t k = 0; p->experiment == EXPERIMENT_NONE && k < p->n; k++) {
            const struct tls_detail *d = step_tls(p->steps[k]);

            if (d == NULL || d->n_chain == 0 || step_hop(c, p, p->steps[k]) != NULL)
                continue;
            if (c->leaf == NULL || p->steps[k]->outcome == OUTCOME_OK)
                c->leaf = p->steps[k];
        }
    }
}

static void make_cell(struct judge *j, size_t index, struct cell *c)
{
    c->judge = j;
    c->index = index;
    c->result = j->r->results[index];
    c->path = path_of(j, c->result->of_route);
    report_legs(j->r, c->result);
    for (size_t k = 0; k < c->result->n_steps; k++) {
        struct step *s = c->result->steps[k];
        struct probe *p;

        if (s->detail == NULL) /* from a file of others: no facts, no conclusion */
            continue;
        if (s->step == STEP_RESOLVE) {
            if (s->experiment == EXPERIMENT_NONE)
                list_push(j->r->arena, c->resolves, c->n_resolves, s);
            else if (s->experiment == EXPERIMENT_DNS_UNCHECKED)
                c->unchecked = s;
            else
                c->over_tcp = s;
            continue;
        }
        p = probe_for(j, c, s);
        list_push(j->r->arena, p->steps, p->n, s);
    }
    name_hops(c);
    find_leaf(c);
}

static int by_endpoint(const void *a, const void *b)
{
    const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
    uintptr_t ex = (uintptr_t)x->result->of_endpoint, ey = (uintptr_t)y->result->of_endpoint;

    if (ex != ey)
        return ex < ey ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

struct cell **cell_siblings(const struct cell *c, size_t *n)
{
    const struct judge *j = c->judge;
    const struct cell *key = c;
    struct cell **found =
        bsearch(&key, j->by_endpoint, j->r->n_results, sizeof(struct cell *), by_endpoint);
    struct cell **end = j->by_endpoint + j->r->n_results, **last = found;

    while (found > j->by_endpoint && found[-1]->result->of_endpoint == c->result->of_endpoint)
        found--;
    while (last < end && (*last)->result->of_endpoint == c->result->of_endpoint)
        last++;
    *n = (size_t)(last - found);
    return found;
}

void judge_collect(struct judge *j, struct report *r)
{
    *j = (struct judge){.r = r};
    wipe(r);
    j->paths = arena_alloc(r->arena, (r->n_routes + 1) * sizeof *j->paths);
    j->crowds = arena_alloc(r->arena, (r->n_routes + 1) * sizeof *j->crowds);
    for (size_t i = 0; i < r->n_routes; i++)
        make_path(j, r->routes[i], &j->paths[i]);
    j->hops = arena_alloc(r->arena, (r->n_hops + 1) * sizeof *j->hops);
    for (size_t i = 0; i < r->n_hops; i++)
        j->hops[i].hop = r->hops[i];
    j->cells = arena_alloc(r->arena, (r->n_results + 1) * sizeof *j->cells);
    j->by_endpoint = arena_alloc(r->arena, (r->n_results + 1) * sizeof(struct cell *));
    for (size_t i = 0; i < r->n_results; i++) {
        make_cell(j, i, &j->cells[i]);
        j->by_endpoint[i] = &j->cells[i];
    }
    if (r->n_results > 0)
        qsort(j->by_endpoint, r->n_results, sizeof(struct cell *), by_endpoint);
}
