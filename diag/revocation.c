/* revocation: see revocation.h. Only http:// is used for this (RFC 5280 section 8). */
#include "diag/revocation.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <string.h>

enum { HOSTS_MAX = 64 }; /* a certificate may name as many as its maker likes */

/* "http://HOST[:PORT]/..." as "HOST:PORT" in the arena, and *port; NULL when it is of no use. */
static const char *host_port_of(struct report *r, const char *url, const char **host,
                                unsigned long *port)
{
    const char *rest = url + strlen("http://");
    size_t len;
    char *name, *colon;

    if (!text_starts_with_nocase(url, "http://"))
        return NULL;
    len = strcspn(rest, "/?#");
    if (len == 0 || len > 260 || memchr(rest, '[', len) != NULL || memchr(rest, '@', len) != NULL)
        return NULL; /* no authority puts an address or a user there */
    name = arena_strndup(r->arena, rest, len);
    *port = 80;
    colon = strchr(name, ':');
    if (colon != NULL) {
        *colon = '\0';
        if (!text_parse_uint(colon + 1, 65535, port) || *port == 0)
            return NULL;
    }
    for (char *p = name; *p != '\0'; p++) { /* a host name and nothing else goes to the resolver */
        bool upper = *p >= 'A' && *p <= 'Z';

        if (upper)
            *p = (char)(*p - 'A' + 'a');
        if (!upper && strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", *p) == NULL)
            return NULL;
    }
    *host = name;
    return *name == '\0' ? NULL : arena_printf(r->arena, "%s:%lu", name, *port);
}

static size_t add_host(struct report *r, struct route *route, const char *url, const char *of)
{
    struct endpoint *e;
    struct result *result;
    const char *host = NULL, *id;
    unsigned long port = 0;

    id = host_port_of(r, url, &host, &port);
    if (id == NULL || report_endpoint(r, id) != NULL)
        return 0;
    e = report_new_of(r, endpoint);
    e->id = id;
    e->host = host;
    e->port = (int64_t)port;
    e->service = "revocation";
    e->source = arena_printf(r->arena, "certificate of %s", of);
    e->optional = true;
    e->plain = true;
    e->public_name = true;
    list_push(r->arena, r->endpoints, r->n_endpoints, e);
    result = report_new_of(r, result);
    result->of_endpoint = e;
    result->of_route = route;
    result->endpoint = e->id;
    result->route = route->id;
    result->attempts = 0;
    result->passed_attempts = 0;
    report_legs(r, result);
    list_push(r->arena, r->results, r->n_results, result);
    return 1;
}

static size_t add_hosts_of(struct report *r, struct route *route, const struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    size_t added = 0;

    for (size_t i = 0; d != NULL && i < d->n_chain; i++) {
        const struct cert *c = d->chain[i];

        for (size_t k = 0; k < c->n_ocsp; k++)
            added += add_host(r, route, c->ocsp[k], s->target);
        for (size_t k = 0; k < c->n_crls; k++)
            added += add_host(r, route, c->crls[k], s->target);
    }
    return added;
}

size_t revocation_plan(struct report *r)
{
    size_t added = 0, n = r->n_results;

    for (size_t i = 0; i < n; i++) {
        struct result *result = r->results[i];

        for (size_t k = 0; k < result->n_steps && added < HOSTS_MAX; k++) {
            if (result->of_route->required)
                added += add_hosts_of(r, result->of_route, result->steps[k]);
        }
    }
    return added;
}
