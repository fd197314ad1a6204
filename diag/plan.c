/* plan: see plan.h. */
#include "diag/plan.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/model/method.h"

#include <string.h>
#include <sys/random.h>

/* A random UUID (RFC 9562 section 5.4). */
static const char *new_uuid(struct arena *a)
{
    unsigned char b[16] = {0};

    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b) {
        int64_t now = clock_wall_us();

        memcpy(b, &now, sizeof now); /* unique enough for one sensor */
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                        b[12], b[13], b[14], b[15]);
}

static void plan_run(const struct site *s, struct report *r)
{
    char now[40];

    clock_rfc3339(clock_wall_us(), now, sizeof now);
    r->run->id = new_uuid(r->arena);
    r->run->started = arena_strdup(r->arena, now);
    r->run->command = COMMAND_CHECK;
    r->run->complete = true;
    r->run->timeout_us = s->timeout_us;
    r->run->trust_given = s->ca_file != NULL;
    r->run->large_hello = s->large_hello;
    for (size_t i = 0; i < s->n_notes; i++)
        report_note(r, "%s", s->notes[i]);
}

static void plan_site(const struct site *s, struct report *r)
{
    char text[ADDR_TEXT];

    r->site->name = s->name;
    r->site->sensor = s->sensor;
    r->site->interface = s->interface;
    r->site->chain = s->chain;
    r->site->method = s->method;
    r->site->migration = s->migration;
    r->site->legacy_hub = s->legacy_hub;
    for (size_t i = 0; i < s->n_resolvers; i++)
        list_push(r->arena, r->site->resolvers, r->site->n_resolvers,
                  arena_strdup(r->arena, addr_port_text(&s->resolvers[i]->addr, text)));
    for (size_t i = 0; i < s->n_ntp; i++) {
        struct time_server *t = report_new_of(r, time_server);

        t->id = addr_host_port(r->arena, s->ntp[i]->host, s->ntp[i]->port);
        t->host = s->ntp[i]->host;
        t->port = s->ntp[i]->port;
        list_push(r->arena, r->time_servers, r->n_time_servers, t);
    }
    for (size_t i = 0; i < s->n_proxies; i++) {
        struct hop *hop = report_new_of(r, hop);

        hop->name = s->proxies[i]->name;
        hop->url = s->proxies[i]->url;
        hop->credentials = s->proxies[i]->user != NULL;
        hop->from_sensor = report_new_of(r, reach);
        hop->from_previous = report_new_of(r, reach);
        list_push(r->arena, r->hops, r->n_hops, hop);
    }
}

/* A name for which only a public authority should vouch: not one of the special-use suffixes. */
static bool is_public_name(const struct site_endpoint *e)
{
    static const char *const special[] = {
        ".local", ".localhost", ".test", ".example", ".invalid",  ".internal", ".lan",
        ".home",  ".home.arpa", ".corp", ".intra",   ".intranet", ".private",  ".onion"};
    struct addr literal;

    if (addr_parse(e->host, &literal) || strchr(e->host, '.') == NULL)
        return false;
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++) {
        if (text_ends_with_nocase(e->host, special[i]))
            return false;
    }
    return true;
}

static void plan_endpoints(const struct site *s, struct report *r)
{
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct site_endpoint *from = s->endpoints[i];
        struct endpoint *e = report_new_of(r, endpoint);

        e->id = addr_host_port(r->arena, from->host, from->port);
        e->host = from->host;
        e->port = from->port;
        e->service = from->service;
        e->wildcard = from->wildcard;
        e->source = from->source;
        e->optional = from->optional;
        e->plain = from->plain;
        e->path = from->http ? "/" : NULL;
        e->public_name = is_public_name(from);
        e->expect_address = from->expect_address;
        list_push(r->arena, r->endpoints, r->n_endpoints, e);
    }
}

/* The hop of this name, len octets; NULL with a fault. */
static const char *hop_named(const struct report *r, const char *name, size_t len,
                             const char *route, struct fault *f)
{
    for (size_t i = 0; i < r->n_hops; i++) {
        if (strlen(r->hops[i]->name) == len && memcmp(r->hops[i]->name, name, len) == 0)
            return r->hops[i]->name;
    }
    fault_set(f,
              "route \"%s\": no proxy is named \"%.*s\"; name proxies of the site, joined with >",
              route, (int)len, name);
    return NULL;
}

/* Add the route of this id, unless it is there. */
static int add_route(const struct site *s, struct report *r, const char *id, struct fault *f)
{
    struct route *route;

    if (report_route(r, id) != NULL)
        return 0;
    route = report_new_of(r, route);
    route->id = arena_strdup(r->arena, id);
    if (strcmp(id, "direct") != 0) {
        for (const char *p = id;;) {
            size_t len = strcspn(p, ">");
            const char *name = hop_named(r, p, len, id, f);

            if (name == NULL)
                return -1;
            list_push(r->arena, route->hops, route->n_hops, name);
            if (p[len] == '\0')
                break;
            p += len + 1;
        }
        /* A hop that we do not tunnel on from hands on by itself, to the ones configured after it.
         */
        route->forwarded = s->chain == CHAIN_FORWARDED && route->n_hops == 1 &&
                           strcmp(route->hops[0], r->hops[r->n_hops - 1]->name) != 0;
    }
    list_push(r->arena, r->routes, r->n_routes, route);
    return 0;
}

/* "hop1>hop2>...": the first n hops. */
static const char *prefix(struct report *r, size_t n)
{
    const char *id = r->hops[0]->name;

    for (size_t i = 1; i < n; i++)
        id = arena_printf(r->arena, "%s>%s", id, r->hops[i]->name);
    return id;
}

static int default_routes(const struct site *s, struct report *r, struct fault *f)
{
    int failed = add_route(s, r, "direct", f);

    for (size_t i = 0; i < r->n_hops && failed == 0; i++)
        failed = add_route(s, r, s->chain == CHAIN_NESTED ? prefix(r, i + 1) : r->hops[i]->name, f);
    return failed;
}

static const char *default_required(const struct site *s, struct report *r)
{
    const struct method_info *method = method_find(s->method);

    if (r->n_hops == 0 || (method != NULL && method->proxy == METHOD_PROXY_NEVER))
        return "direct";
    return s->chain == CHAIN_NESTED ? prefix(r, r->n_hops) : r->hops[0]->name;
}

static int plan_routes(const struct site *s, struct report *r, struct fault *f)
{
    const char *required = s->required_route != NULL ? s->required_route : default_required(s, r);
    int failed = 0;

    if (s->n_routes == 0)
        failed = default_routes(s, r, f);
    for (size_t i = 0; i < s->n_routes && failed == 0; i++)
        failed = add_route(s, r, s->routes[i], f);
    if (failed != 0 || add_route(s, r, required, f) != 0)
        return -1;
    report_route(r, required)->required = true;
    r->site->required_route = report_route(r, required)->id;
    return 0;
}

static void plan_results(struct report *r)
{
    for (size_t i = 0; i < r->n_endpoints; i++) {
        for (size_t k = 0; k < r->n_routes; k++) {
            struct result *result = report_new_of(r, result);

            result->of_endpoint = r->endpoints[i];
            result->of_route = r->routes[k];
            result->endpoint = r->endpoints[i]->id;
            result->route = r->routes[k]->id;
            result->required = r->routes[k]->required && !r->endpoints[i]->optional;
            result->attempts = 0;
            result->passed_attempts = 0;
            report_legs(r, result);
            list_push(r->arena, r->results, r->n_results, result);
        }
    }
}

int plan_make(const struct site *s, struct report *r, struct fault *f)
{
    plan_run(s, r);
    plan_site(s, r);
    plan_endpoints(s, r);
    if (plan_routes(s, r, f) != 0)
        return -1;
    plan_results(r);
    return 0;
}
