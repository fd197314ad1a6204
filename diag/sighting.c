/* sighting: see sighting.h. This file: from connections to endpoints, routes and results. */
#include "diag/sighting.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/proto/dns.h"
#include "diag/sighting_state.h"
#include "diag/site/endpoints.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    DNS_PORT = 53,
    KEPT = 32,      /* connections of one result that are listed, of each fate */
    MSS_LESS = 100, /* an announced segment size so much smaller is an experiment */
    PORT_DEFAULT = 443,
    TRACE_TTL_MAX = 24,  /* of SYNs that look for routers: our own, and most programs' */
    TRACE_TTL_LESS = 16, /* so much less than usual: no system begins with 32 (RFC 1700: 64) */
};

/* --- what the site does not say --- */

static const char *route_of(struct sighting *s, const struct aim *aim)
{
    const char *id = "direct";

    for (size_t i = 0; i < aim->n_hops; i++)
        id = i == 0 ? s->site->proxies[aim->hops[0]]->name
                    : arena_printf(s->arena, "%s>%s", id, s->site->proxies[aim->hops[i]]->name);
    return id;
}

static void add_route(struct sighting *s, const char *id)
{
    for (size_t i = 0; i < s->site->n_routes; i++) {
        if (strcmp(s->site->routes[i], id) == 0)
            return;
    }
    list_push(s->arena, s->site->routes, s->site->n_routes, id);
}

/* Plain HTTP on the side (clocks, revocation) is no endpoint that anybody named. */
static bool is_side_talk(const struct wire_flow *w)
{
    return w->talk != NULL && w->talk->request != NULL && w->talk->tls == NULL;
}

static void add_endpoint(struct endpoints *list, const char *host, unsigned port)
{
    const struct endpoint_facts facts = {.port = (uint16_t)port};
    struct fault f; /* what is no host name is no endpoint */

    (void)!endpoints_add(list, host, strlen(host), &facts, "seen in the capture", &f);
}

/* Is there an address that a connection could have been seen to? */
static bool leads_somewhere(const struct wire_dns *d)
{
    for (size_t i = 0; i < d->n_addresses; i++) {
        enum addr_kind kind = addr_kind(&d->addresses[i]);

        if (kind != ADDR_UNSPECIFIED && kind != ADDR_LOOPBACK)
            return true;
    }
    return false;
}

/* "name.suffix": tried because the name alone did not exist (search lists, resolv.conf(5)). */
static bool is_searched(const char *name, const char *shorter)
{
    size_t len = shorter == NULL ? 0 : strlen(shorter);

    return len > 0 && strchr(shorter, '.') != NULL && strncasecmp(name, shorter, len) == 0 &&
           name[len] == '.';
}

/* A proxy of one label is looked for in several domains; in one of them it was found. */
static bool is_of_proxy(const struct sighting *s, const char *name)
{
    size_t label = strcspn(name, ".") + 1;

    for (size_t i = 0; i < s->site->n_proxies; i++) {
        const char *host = s->site->proxies[i]->host;
        struct addr addr;
        bool unused;

        if (addr_parse(host, &addr))
            host = sighting_name_of(s, &addr, NULL, &unused);
        if (host != NULL && (dns_same_name(host, name) || strncasecmp(host, name, label) == 0 ||
                             sighting_is_label(host, name)))
            return true;
    }
    return false;
}

/* A name that nobody could resolve is wanted all the same. */
static void add_unresolved(struct sighting *s, struct endpoints *list)
{
    const char *asked_before = NULL;

    for (size_t i = 0, n; i < s->file->n_dns; i += n) { /* name by name */
        const struct wire_dns *const *of_name = s->dns + i;
        const char *name = of_name[0]->name;
        bool resolved = false, address = false;

        for (n = 0; i + n < s->file->n_dns && dns_same_name(of_name[n]->name, name); n++) {
            resolved = resolved || leads_somewhere(of_name[n]);
            address = address || of_name[n]->type == DNS_A || of_name[n]->type == DNS_AAAA;
        }
        if (resolved || !address || strchr(name, '.') == NULL || is_searched(name, asked_before) ||
            is_of_proxy(s, name))
            continue;
        asked_before = name;
        add_endpoint(list, text_printable(s->arena, name, strlen(name), 300), PORT_DEFAULT);
        add_route(s, "direct");
    }
}

static void complete_site(struct sighting *s)
{
    struct endpoints *list = endpoints_new(s->arena);
    bool guess_endpoints = s->site->n_endpoints == 0, guess_routes = s->site->n_routes == 0;

    s->guess_proxies = s->site->n_proxies == 0;
    /* First who is a proxy: connections to it that never asked for anything may come before. */
    for (size_t i = 0; s->guess_proxies && i < s->file->n_flows; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);

        if (w->talk != NULL && w->talk->tunnels != NULL)
            (void)sighting_aim(s, w);
    }
    for (size_t i = 0; i < s->file->n_flows; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        struct aim aim = sighting_aim(s, w);

        if (aim.host == NULL && !aim.hop_only)
            continue;
        if (guess_routes && !(guess_endpoints && is_side_talk(w)))
            add_route(s, route_of(s, &aim));
        if (guess_endpoints && aim.host != NULL && !aim.other_name && !is_side_talk(w) &&
            w->dst_port != DNS_PORT && !sighting_is_added(s, aim.host, aim.port))
            add_endpoint(list, aim.host, aim.port);
    }
    if (guess_endpoints)
        add_unresolved(s, list);
    if (guess_endpoints)
        endpoints_give(list, s->site);
    s->guess_proxies = false;
}

struct sighting *sighting_new(struct site *site, struct arena *a, const struct wire_file *file)
{
    struct sighting *s = arena_new_of(a, struct sighting);

    s->site = site;
    s->arena = a;
    s->file = file;
    s->hosts = arena_alloc(a, SIGHT_HOSTS * sizeof *s->hosts);
    sighting_names(s);
    complete_site(s);
    return s;
}

size_t sighting_strangers(const struct sighting *s)
{
    return s->strangers;
}

/* --- results --- */

/* The connections of one result, in the order of the capture. */
struct cast {
    const struct wire_flow **flows;
    bool *other_names;
    size_t n, n_names;
    uint8_t usual_ttl; /* the largest with which the client's packets came by */
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
    const char *route = e == NULL ? NULL : route_of(c->sighting, aim);

    /* plan_make lists the results endpoint by endpoint, in the order of the routes */
    for (size_t k = 0; e != NULL && k < r->n_routes; k++) {
        if (strcmp(r->routes[k]->id, route) == 0)
            return e->at * r->n_routes + k;
    }
    return r->n_results;
}

static void cast_add(struct casting *c, struct cast *cast, const struct wire_flow *w, bool other)
{
    list_push(c->report->arena, cast->flows, cast->n, w);
    list_push(c->report->arena, cast->other_names, cast->n_names, other);
    if (w->side[0].ttl_max > cast->usual_ttl)
        cast->usual_ttl = w->side[0].ttl_max;
}

static void cast_flow(struct casting *c, const struct wire_flow *w)
{
    struct aim aim = sighting_aim(c->sighting, w);
    size_t i;

    if (aim.hop_only) {
        c->depths[aim.hops[aim.n_hops - 1]] = aim.n_hops;
        cast_add(c, &c->hops[aim.hops[aim.n_hops - 1]], w, false);
        return;
    }
    i = result_of(c, &aim);
    if (i < c->report->n_results)
        cast_add(c, &c->casts[i], w, aim.other_name);
    else if (w->protocol == IPPROTO_TCP && w->dst_port != DNS_PORT)
        c->sighting->strangers++;
}

/* The proxy wanted a password, and got it on a connection of its own. */
static bool is_superseded(const struct cast *cast, size_t i)
{
    const struct wire_talk *talk = cast->flows[i]->talk;

    if (talk == NULL || talk->tunnels == NULL || talk->tunnels->status != 407 ||
        talk->tunnels->next != NULL || talk->tunnels->auth_scheme != NULL)
        return false;
    for (size_t k = i + 1; k < cast->n; k++) {
        const struct wire_talk *later = cast->flows[k]->talk;

        if (later != NULL && later->tunnels != NULL && later->tunnels->auth_scheme != NULL)
            return true;
    }
    return false;
}

/* A SYN that was meant to end at a router on the way: the experiment trace, or a traceroute. */
static bool is_of_trace(const struct cast *cast, size_t i)
{
    const struct wire_side *src = &cast->flows[i]->side[0];

    return src->syns > 0 && src->bytes == 0 && src->ttl_max <= TRACE_TTL_MAX &&
           src->ttl_max + TRACE_TTL_LESS <= cast->usual_ttl;
}

static bool same_destination(const struct wire_flow *a, const struct wire_flow *b)
{
    return a->dst_port == b->dst_port && memcmp(a->dst, b->dst, sizeof a->dst) == 0;
}

/*
 * What is different about this connection, held against the first of its kind? The wire shows it:
 * another server name, a smaller segment size, a smaller or larger hello, an older version.
 */
static enum experiment difference(const struct cast *cast, size_t i)
{
    const struct wire_flow *w = cast->flows[i], *first = cast->flows[0];
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    const struct wire_tls *of_first = first->talk != NULL ? first->talk->tls : NULL;

    if (cast->other_names[i])
        return tls != NULL && tls->sni == NULL ? EXPERIMENT_NO_NAME : EXPERIMENT_OTHER_NAME;
    if (i == 0)
        return EXPERIMENT_NONE;
    if (is_of_trace(cast, i))
        return EXPERIMENT_TRACE;
    if (w->is_v6 == first->is_v6 && w->side[0].mss != 0 &&
        w->side[0].mss + MSS_LESS < first->side[0].mss)
        return EXPERIMENT_SMALL_MSS;
    if (tls == NULL || of_first == NULL || tls->hello_len == 0 || of_first->hello_len == 0)
        return EXPERIMENT_NONE;
    if (tls->max_version < of_first->max_version)
        return EXPERIMENT_TLS12;
    if (tls->hello_len * 5 < of_first->hello_len * 4)
        return EXPERIMENT_SMALL_HELLO;
    if (tls->hello_len > of_first->hello_len * 2)
        return EXPERIMENT_LARGE_HELLO;
    return EXPERIMENT_NONE;
}

/* How often was this address tried before? */
static int64_t attempt_of(const struct cast *cast, size_t i)
{
    int64_t n = 1;

    for (size_t k = 0; k < i; k++) {
        const struct wire_flow *w = cast->flows[k];

        if (memcmp(w->dst, cast->flows[i]->dst, sizeof w->dst) == 0 && !is_superseded(cast, k) &&
            difference(cast, k) == EXPERIMENT_NONE)
            n++;
    }
    return n;
}

/* One step for all SYNs towards one destination. */
static void play_traces(struct casting *c, struct result *result, const struct cast *cast)
{
    for (size_t i = 1; i < cast->n; i++) {
        const struct wire_flow **flows = NULL;
        size_t n = 0, first = 1;

        if (!is_of_trace(cast, i))
            continue;
        while (!is_of_trace(cast, first) || !same_destination(cast->flows[first], cast->flows[i]))
            first++; /* ends: at i */
        for (size_t k = i; first == i && k < cast->n && n < TRACE_TTL_MAX; k++) {
            if (is_of_trace(cast, k) && same_destination(cast->flows[k], cast->flows[i]))
                list_push(c->report->arena, flows, n, cast->flows[k]);
        }
        if (n > 0)
            reenact_trace(c->reenact, result, flows, n);
    }
}

static void play_result(struct casting *c, struct result *result, const struct cast *cast)
{
    size_t kept[2] = {0, 0}, left = 0;

    for (size_t i = 0; i < cast->n; i++) {
        struct reenact_flow what = {.flow = cast->flows[i],
                                    .result = result,
                                    .host = result->of_endpoint->host,
                                    .port = (unsigned)result->of_endpoint->port,
                                    .hops = result->of_route->hops,
                                    .n_hops = result->of_route->n_hops};
        bool passed = reenact_passed(cast->flows[i]);

        if (i > 0 && is_of_trace(cast, i))
            continue;
        if (kept[passed] >= KEPT) { /* many more of the same tell nothing new */
            left++;
            continue;
        }
        if (is_superseded(cast, i))
            continue;
        kept[passed]++;
        what.experiment = difference(cast, i);
        what.attempt = what.experiment == EXPERIMENT_NONE ? attempt_of(cast, i) : 1;
        reenact_flow(c->reenact, &what);
    }
    play_traces(c, result, cast);
    if (left > 0)
        report_note(c->report, "%s over %s: %zu further connections like those listed",
                    result->endpoint, result->route, left);
}

/* Connections to a hop that died before they said for what stop every result of that hop. */
static void play_hop(struct casting *c, size_t hop)
{
    const struct cast *cast = &c->hops[hop];
    const char *name = c->sighting->site->proxies[hop]->name;
    struct result *first = NULL;
    size_t depth = c->depths[hop], from = 0, to = 0;

    for (size_t i = 0; i < c->report->n_results && cast->n > 0; i++) {
        struct result *result = c->report->results[i];
        const struct route *route = result->of_route;

        if (depth == 0 || route->n_hops < depth || strcmp(route->hops[depth - 1], name) != 0 ||
            c->casts[i].n > 0)
            continue;
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
}

/* Nobody answered, and a connection was made: the address came from a hosts file or a cache. */
static bool is_known_otherwise(const struct cast *cast, const struct wire_dns *const *exchanges,
                               size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (leads_somewhere(exchanges[i]))
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
    for (size_t i = 0; i < report->n_endpoints; i++)
        c.sorted[i] = (struct placed){report->endpoints[i], i};
    if (report->n_endpoints > 0)
        qsort(c.sorted, report->n_endpoints, sizeof *c.sorted, by_host);
    for (size_t i = 0; i < s->file->n_flows; i++)
        cast_flow(&c, wire_flow_at(s->file, i));
    play_names(&c);
    for (size_t i = 0; i < report->n_results; i++)
        play_result(&c, report->results[i], &c.casts[i]);
    for (size_t i = 0; i < s->site->n_proxies; i++)
        play_hop(&c, i);
}
