/* sighting: see sighting.h. This file: what the site does not say; sighting_play.c: results. */
#include "diag/sighting.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/proto/dns.h"
#include "diag/sighting_state.h"
#include "diag/site/endpoints.h"

#include <string.h>
#include <strings.h>

enum { PORT_DEFAULT = 443, PORT_HTTP = 80 };

const char *sighting_route(struct sighting *s, const struct aim *aim)
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

static void add_endpoint(struct endpoints *list, const char *host, unsigned port)
{
    const struct endpoint_facts facts = {.port = (uint16_t)port};
    struct fault f; /* what is no host name is no endpoint */

    (void)!endpoints_add(list, host, strlen(host), &facts, "seen in the capture", &f);
}

/* Plain HTTP is on the side (clocks, revocation): no endpoint that anybody named. */
static void add_plain(struct endpoints *list, const char *host, unsigned port,
                      const struct wire_tunnel *page)
{
    const struct endpoint_facts facts = {
        .port = (uint16_t)port,
        .service = sighting_is_revocation(host, page) ? "revocation" : NULL,
        .optional = true,
        .plain = true};
    struct fault f;

    (void)!endpoints_add(list, host, strlen(host), &facts, "seen in the capture", &f);
}

bool sighting_leads(const struct wire_dns *d)
{
    if (d->unchecked)
        return false; /* who asked so does not mean to go there */
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

static bool is_of_clock(const struct sighting *s, const char *name)
{
    for (size_t i = 0; i < s->site->n_ntp; i++) {
        if (dns_same_name(s->site->ntp[i]->host, name))
            return true;
    }
    return false;
}

/* No system goes on over TCP then (RFC 7766 section 5): what came over it was an experiment. */
static bool is_silent_over_udp(const struct sighting *s, const struct wire_dns *const *of_name,
                               const char *name)
{
    bool asked = false;

    for (size_t n = 0; of_name + n < (const struct wire_dns *const *)s->dns + s->n_dns &&
                       dns_same_name(of_name[n]->name, name);
         n++) {
        if (!of_name[n]->tcp && of_name[n]->answered && !of_name[n]->malformed)
            return false;
        asked = asked || !of_name[n]->tcp;
    }
    return asked;
}

/* A name that nobody could resolve is wanted all the same. */
static void add_unresolved(struct sighting *s, struct endpoints *list)
{
    const char *asked_before = NULL;

    for (size_t i = 0, n; i < s->n_dns; i += n) { /* name by name */
        const struct wire_dns *const *of_name = (const struct wire_dns *const *)s->dns + i;
        const char *name = of_name[0]->name;
        bool resolved = false, address = false;
        bool silent = is_silent_over_udp(s, of_name, name);

        for (n = 0; i + n < s->n_dns && dns_same_name(of_name[n]->name, name); n++) {
            resolved = resolved || (sighting_leads(of_name[n]) && !(silent && of_name[n]->tcp));
            address = address || of_name[n]->type == DNS_A || of_name[n]->type == DNS_AAAA;
        }
        if (resolved || !address || strchr(name, '.') == NULL || is_searched(name, asked_before) ||
            is_of_proxy(s, name) || is_of_clock(s, name))
            continue;
        asked_before = name;
        name = text_printable(s->arena, name, strlen(name), 300);
        if (sighting_is_revocation(name, NULL))
            add_plain(list, name, PORT_HTTP, NULL);
        else
            add_endpoint(list, name, PORT_DEFAULT);
        add_route(s, "direct");
    }
}

/* One connection tells of an endpoint and of a route. */
static void complete_by(struct sighting *s, const struct wire_flow *w, struct endpoints *list,
                        bool guess_routes)
{
    struct aim aims[SIGHT_AIMS];
    size_t n = sighting_aims(s, w, aims);

    for (size_t i = 0; i < n; i++) {
        const struct aim *aim = &aims[i];

        if (aim->host == NULL && !aim->hop_only)
            continue;
        if (guess_routes)
            add_route(s, sighting_route(s, aim));
        if (list == NULL || aim->host == NULL || aim->other_name || w->dst_port == SIGHT_DNS_PORT)
            continue;
        if (sighting_is_plain(aim, w))
            add_plain(list, aim->host, aim->port, aim->page);
        else if (aim->page == NULL && !sighting_is_added(s, aim->host, aim->port))
            add_endpoint(list, aim->host, aim->port);
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

        if (w->talk != NULL && (w->talk->tunnels != NULL || w->talk->pages != NULL))
            (void)sighting_aim(s, w);
    }
    sighting_relays(s);
    sighting_guess_clocks(s);
    for (size_t i = 0; i < s->file->n_flows; i++)
        complete_by(s, wire_flow_at(s->file, i), guess_endpoints ? list : NULL, guess_routes);
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
    s->ends = arena_alloc(a, SIGHT_ENDS * sizeof *s->ends);
    sighting_names(s);
    sighting_failed_names(s);
    complete_site(s);
    return s;
}
