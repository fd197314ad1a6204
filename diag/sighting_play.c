/* sighting_play: from connections to the steps of results; see sighting.h. */
#include "diag/base/arena.h"
#include "diag/sighting_state.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT = 32,     /* connections of one result that are listed, of each fate */
    FORGOTTEN = 4, /* ... and of those that were dead after a pause */
};

/* An endpoint and its place in the report. */
struct placed {
    const struct endpoint *endpoint;
    size_t at;
};

struct casting {
    struct sighting *sighting;
    struct reenact *reenact;
    struct report *report;
    struct placed *sorted; /* by host and port */
    struct cast *casts;    /* one for each result */
    size_t *depths;        /* for each hop: its place in the routes that these were for */
    struct cast *hops;     /* for each hop: connections that never said for what */
    struct cast *asked;    /* for each hop: those that ask it about itself */
};

static int by_host(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    int order = strcmp(x->endpoint->host, y->endpoint->host);

    return order != 0 ? order : (int)(x->endpoint->port - y->endpoint->port);
}

/* Number of the result that an aim belongs to; that of all results when there is none. */
static size_t result_of(const struct casting *c, const struct aim *aim)
{
    const struct report *r = c->report;
    const struct endpoint wanted = {.host = aim->host, .port = aim->port};
    const struct placed key = {.endpoint = &wanted};
    const struct placed *e =
        aim->host == NULL ? NULL : bsearch(&key, c->sorted, r->n_endpoints, sizeof key, by_host);
    const char *route = e == NULL ? NULL : sighting_route(c->sighting, aim);

    /* plan_make lists the results endpoint by endpoint, in the order of the routes */
    for (size_t k = 0; e != NULL && k < r->n_routes; k++) {
        if (strcmp(r->routes[k]->id, route) == 0)
            return e->at * r->n_routes + k;
    }
    return r->n_results;
}

static void cast_add(struct casting *c, struct cast *cast, const struct wire_flow *w,
                     enum experiment told, const struct wire_tunnel *page)
{
    list_push(c->report->arena, cast->flows, cast->n, w);
    list_push(c->report->arena, cast->told, cast->n_told, told);
    list_push(c->report->arena, cast->pages, cast->n_pages, page);
    if (reenact_was_answered(w) && w->first_us > cast->answered_us)
        cast->answered_us = w->first_us;
    if (w->side[0].ttl_max > cast->usual_ttl)
        cast->usual_ttl = w->side[0].ttl_max;
}

/* The experiment that a connection shows to be, whatever came before. */
static enum experiment told_by(const struct aim *aim, const struct wire_flow *w)
{
    if (aim->other_name)
        return w->talk->tls->sni == NULL ? EXPERIMENT_NO_NAME : EXPERIMENT_OTHER_NAME;
    return aim->by_address ? EXPERIMENT_BY_ADDRESS : EXPERIMENT_NONE;
}

static void count_left_out(struct sighting *s, const struct wire_flow *w)
{
    if (w->protocol != IPPROTO_TCP || w->dst_port == SIGHT_DNS_PORT)
        return;
    if (sighting_is_relayed(s, w))
        s->relayed++;
    else if (w->side[0].syns == 0)
        s->earlier++;
    else
        s->strangers++;
}

static void cast_aim(struct casting *c, const struct wire_flow *w, const struct aim *aim)
{
    enum experiment told = told_by(aim, w);
    struct endpoint *e;
    size_t i;

    if (aim->hop_only) {
        size_t hop = aim->hops[aim->n_hops - 1];

        if (w->talk != NULL && w->talk->cut && w->side[0].bytes > 0)
            return; /* it did say for what, but the capture does not hold it */
        c->depths[hop] = aim->n_hops;
        if (aim->question != EXPERIMENT_NONE)
            cast_add(c, &c->asked[hop], w, aim->question, NULL);
        else
            cast_add(c, &c->hops[hop], w, told, NULL);
        return;
    }
    i = result_of(c, aim);
    if (i == c->report->n_results) {
        count_left_out(c->sighting, w);
        return;
    }
    e = c->report->results[i]->of_endpoint;
    if (aim->page != NULL && !e->plain)
        told = EXPERIMENT_PLAIN_HTTP; /* where TLS is usual, it asks who is there */
    else if (aim->page != NULL && e->expects == NULL && e->service != NULL &&
             strcmp(e->service, "revocation") == 0)
        e->expects = reenact_expects(aim->page);
    cast_add(c, &c->casts[i], w, told, aim->page);
}

static void cast_flow(struct casting *c, const struct wire_flow *w)
{
    struct aim aims[SIGHT_AIMS];
    size_t n = sighting_aims(c->sighting, w, aims);

    for (size_t i = 0; i < n; i++)
        cast_aim(c, w, &aims[i]);
}

/* One step for all SYNs towards one destination. */
static void play_traces(struct casting *c, struct result *result, const struct cast *cast)
{
    for (size_t i = 1; i < cast->n; i++) {
        const struct wire_flow **flows = NULL;
        size_t n = 0, first = 1;

        if (!cast_is_of_trace(cast, i))
            continue;
        while (!cast_is_of_trace(cast, first) ||
               !cast_same_destination(cast->flows[first], cast->flows[i]))
            first++; /* ends: at i */
        for (size_t k = i; first == i && k < cast->n && n < TRACE_TTL_MAX; k++) {
            if (cast_is_of_trace(cast, k) && cast_same_destination(cast->flows[k], cast->flows[i]))
                list_push(c->report->arena, flows, n, cast->flows[k]);
        }
        if (n > 0)
            reenact_trace(c->reenact, result, flows, n);
    }
}

/*
 * Dead when it was used again, while a fresh connection works: the experiment idle. Whole, so that
 * what was sent again on it is no loss of the others.
 */
static bool is_forgotten(const struct casting *c, const struct cast *cast, size_t i)
{
    const struct wire_flow *w = cast->flows[i];

    return cast->told[i] == EXPERIMENT_NONE && w->used_us != 0 && cast->answered_us > w->used_us &&
           reenact_was_forgotten(c->reenact, w);
}

/*
 * Another list of a server for revocation than the one that was fetched first: not the same once
 * more, since filters by path let some through and not all. The experiment other-path.
 */
static bool is_other_path(const struct result *result, const struct cast *cast, size_t i)
{
    const struct wire_tunnel *first = NULL;

    if (result->of_endpoint->expects == NULL || cast->pages[i] == NULL)
        return false;
    for (size_t k = 0; first == NULL; k++) /* ends: at the latest with this one */
        first = cast->pages[k];
    return strcmp(first->target, cast->pages[i]->target) != 0;
}

static void play_result(struct casting *c, struct result *result, const struct cast *cast)
{
    size_t kept[2] = {0, 0}, left = 0, n_forgotten = 0;
    int64_t forgotten_us =
        0; /* when that was found: a fresh connection from then on is its control */

    for (size_t i = 0; i < cast->n; i++) {
        struct reenact_flow what = {.flow = cast->flows[i],
                                    .result = result,
                                    .host = result->of_endpoint->host,
                                    .port = (unsigned)result->of_endpoint->port,
                                    .hops = result->of_route->hops,
                                    .n_hops = result->of_route->n_hops,
                                    .page = cast->pages[i]};
        bool passed = reenact_passed(cast->flows[i]);
        bool forgotten = n_forgotten < FORGOTTEN && is_forgotten(c, cast, i);

        if (i > 0 && cast_is_of_trace(cast, i))
            continue;
        what.controls = forgotten_us != 0 && cast->flows[i]->first_us > forgotten_us &&
                        reenact_was_answered(cast->flows[i]);
        if (kept[passed] >= KEPT && !forgotten &&
            !what.controls) { /* many more of the same tell nothing new */
            left++;
            continue;
        }
        if (cast_is_superseded(cast, i))
            continue;
        kept[passed]++;
        what.experiment = forgotten ? EXPERIMENT_IDLE : cast_difference(cast, i);
        if (what.experiment == EXPERIMENT_NONE && is_other_path(result, cast, i))
            what.experiment = EXPERIMENT_OTHER_PATH;
        if (forgotten && n_forgotten++ == 0)
            forgotten_us = cast->flows[i]->used_us;
        if (what.controls)
            forgotten_us = 0; /* one is enough */
        what.attempt = what.experiment == EXPERIMENT_NONE ? cast_attempt(cast, i) : 1;
        reenact_flow(c->reenact, &what);
    }
    play_traces(c, result, cast);
    if (left > 0)
        report_note(c->report, "%s over %s: %zu further connection%s like those listed",
                    result->endpoint, result->route, left, left == 1 ? "" : "s");
}

/* Does this result's route lead through the hop, at the place where it was asked? */
static bool leads_through(const struct casting *c, size_t hop, const struct result *result)
{
    const struct route *route = result->of_route;
    size_t depth = c->depths[hop];

    return depth > 0 && route->n_hops >= depth &&
           strcmp(route->hops[depth - 1], c->sighting->site->proxies[hop]->name) == 0;
}

static bool has_failed(const struct cast *cast)
{
    for (size_t i = 0; i < cast->n; i++) {
        const struct wire_tunnel *t = cast_last_request(cast->flows[i]);

        if (!reenact_passed(cast->flows[i]) || (t != NULL && t->status / 100 != 2))
            return true;
    }
    return false;
}

/*
 * A question to the hop itself belongs to the first result that failed through it, as with our own
 * probes. Where nobody asked it for a tunnel, it was no question: it is all that is known.
 */
static void play_questions(struct casting *c, size_t hop)
{
    const struct site_proxy *proxy = c->sighting->site->proxies[hop];
    const struct cast *asked = &c->asked[hop];
    struct result *result = NULL;

    for (size_t i = 0; i < c->report->n_results && result == NULL && asked->n > 0; i++) {
        if (leads_through(c, hop, c->report->results[i]) && has_failed(&c->casts[i]))
            result = c->report->results[i];
    }
    for (size_t i = 0; i < asked->n; i++) {
        struct reenact_flow what = {.flow = asked->flows[i],
                                    .host = proxy->host,
                                    .port = proxy->port,
                                    .result = result,
                                    .attempt = 1,
                                    .experiment = asked->told[i]};

        if (result == NULL &&
            (asked->told[i] == EXPERIMENT_HOP_LOOPBACK || asked->told[i] == EXPERIMENT_HOP_PAGE))
            continue; /* somebody's own business with the proxy's machine */
        if (result == NULL) {
            cast_add(c, &c->hops[hop], asked->flows[i], EXPERIMENT_NONE, NULL);
        } else if (i < KEPT) {
            what.hops = result->of_route->hops;
            what.n_hops = c->depths[hop];
            reenact_flow(c->reenact, &what);
        }
    }
}

/* Connections to a hop that never said for what, beside those that did: they tell of its
 * addresses, as our own steps for the hop itself. */
static void play_addresses(struct casting *c, size_t hop, const struct result *like)
{
    struct report *r = c->report;
    struct result *scratch = report_new_of(r, result);

    *scratch = *like;
    scratch->steps = NULL;
    scratch->n_steps = 0;
    play_result(c, scratch, &c->hops[hop]);
    for (size_t i = 0; i < scratch->n_steps; i++) {
        if (scratch->steps[i]->step == STEP_CONNECT)
            list_push(r->arena, r->hops[hop]->steps, r->hops[hop]->n_steps, scratch->steps[i]);
    }
}

/* Connections to a hop that died before they said for what stop every result of that hop. */
static void play_hop(struct casting *c, size_t hop)
{
    const struct cast *cast = &c->hops[hop];
    struct result *first = NULL, *served = NULL;
    size_t from = 0, to = 0;

    for (size_t i = 0; i < c->report->n_results && cast->n > 0; i++) {
        struct result *result = c->report->results[i];

        if (!leads_through(c, hop, result))
            continue;
        if (c->casts[i].n > 0) {
            served = result;
            continue;
        }
        if (first != NULL) {
            for (size_t k = from; k < to; k++)
                list_push(c->report->arena, result->steps, result->n_steps, first->steps[k]);
            continue;
        }
        first = result;
        from = result->n_steps;
        play_result(c, result, cast);
        to = result->n_steps;
    }
    if (first == NULL && served != NULL && c->depths[hop] == 1)
        play_addresses(c, hop, served);
}

/*
 * Where one result alone goes over a hop, an attempt that never got to the hop was one of its own:
 * behind a balancer it is the member that is down.
 */
static void give_to_the_only_one(struct casting *c, size_t hop)
{
    const struct cast *silent = &c->hops[hop];
    struct cast *only = NULL;
    size_t kept = 0;

    for (size_t i = 0; i < c->report->n_results && silent->n > 0; i++) {
        if (!leads_through(c, hop, c->report->results[i]))
            continue;
        if (only != NULL || c->casts[i].n == 0)
            return;
        only = &c->casts[i];
    }
    for (size_t i = 0; only != NULL && i < silent->n; i++) {
        const struct wire_flow *w = silent->flows[i];

        if (w->syn_ack_us == 0 && w->side[1].bytes == 0) {
            cast_add(c, only, w, silent->told[i], NULL);
        } else {
            silent->told[kept] = silent->told[i];
            silent->flows[kept++] = w;
        }
    }
    if (only != NULL)
        c->hops[hop].n = c->hops[hop].n_told = c->hops[hop].n_pages = kept;
}

/* Nobody answered, and a connection was made: the address came from a hosts file or a cache. */
static bool is_known_otherwise(const struct cast *cast, const struct wire_dns *const *exchanges,
                               size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sighting_leads(exchanges[i]))
            return false;
    }
    return cast->n > 0;
}

/* The look-ups of a name, as steps of this result; shared with those that need them too. */
static void play_name(struct casting *c, const char *name, struct result *result,
                      const struct cast *cast)
{
    const struct wire_dns *const *exchanges;
    size_t n = sighting_exchanges(c->sighting, name, &exchanges);

    if (n > 0 && !is_known_otherwise(cast, exchanges, n))
        reenact_lookups(c->reenact, name, exchanges, n, result);
}

/*
 * On the direct route the sensor resolves the endpoint's name; through a proxy the proxy does,
 * and the sensor only needs that of the first hop.
 */
static void play_names(struct casting *c)
{
    struct addr literal;

    for (size_t i = 0; i < c->report->n_results; i++) {
        struct result *result = c->report->results[i];
        const struct route *route = result->of_route;

        if (route->n_hops == 0) {
            play_name(c, result->of_endpoint->host, result, &c->casts[i]);
            continue;
        }
        for (size_t k = 0; k < c->sighting->site->n_proxies; k++) {
            const struct site_proxy *p = c->sighting->site->proxies[k];

            if (strcmp(p->name, route->hops[0]) == 0 && !addr_parse(p->host, &literal))
                play_name(c, p->host, result, &c->casts[i]);
        }
    }
}

void sighting_reenact(struct sighting *s, struct reenact *r)
{
    struct report *report = r->report;
    struct casting c = {.sighting = s, .reenact = r, .report = report};

    c.sorted = arena_alloc(report->arena, (report->n_endpoints + 1) * sizeof *c.sorted);
    c.casts = arena_alloc(report->arena, (report->n_results + 1) * sizeof *c.casts);
    c.depths = arena_alloc(report->arena, (s->site->n_proxies + 1) * sizeof *c.depths);
    c.hops = arena_alloc(report->arena, (s->site->n_proxies + 1) * sizeof *c.hops);
    c.asked = arena_alloc(report->arena, (s->site->n_proxies + 1) * sizeof *c.asked);
    for (size_t i = 0; i < report->n_endpoints; i++)
        c.sorted[i] = (struct placed){report->endpoints[i], i};
    if (report->n_endpoints > 0)
        qsort(c.sorted, report->n_endpoints, sizeof *c.sorted, by_host);
    for (size_t i = 0; i < s->file->n_flows; i++)
        cast_flow(&c, wire_flow_at(s->file, i));
    play_names(&c);
    for (size_t i = 0; i < s->site->n_proxies; i++)
        give_to_the_only_one(&c, i);
    for (size_t i = 0; i < report->n_results; i++) {
        cast_mark_sources(report->results[i], &c.casts[i]);
        play_result(&c, report->results[i], &c.casts[i]);
    }
    for (size_t i = 0; i < s->site->n_proxies; i++) {
        play_questions(&c, i);
        play_hop(&c, i);
    }
}
