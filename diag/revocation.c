/* revocation: see revocation.h. Only http:// is used for this (RFC 5280 section 8). */
#include "diag/revocation.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <stdio.h>
#include <string.h>

enum {
    HOSTS_MAX = 64, /* a certificate may name as many as its maker likes */
    PATH_MAX_LEN = 1024,
};

/* What an authority names: where to ask, and what for. */
struct source {
    const char *host, *id, *path;
    unsigned long port;
};

/* The path of a URL, as it can stand in a request line; NULL when it cannot. */
static const char *path_of(struct report *r, const char *rest)
{
    size_t len = strcspn(rest, "#");

    if (len > PATH_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        if (rest[i] <= ' ' || rest[i] > '~')
            return NULL;
    }
    return arena_printf(r->arena, "%s%.*s", *rest == '/' ? "" : "/", (int)len, rest);
}

/* "http://HOST[:PORT]/..." into *out; false when it is of no use. */
static bool read_url(struct report *r, const char *url, struct source *out)
{
    const char *rest = url + strlen("http://");
    size_t len;
    char *name, *colon;

    if (!text_starts_with_nocase(url, "http://"))
        return false;
    len = strcspn(rest, "/?#");
    if (len == 0 || len > 260 || memchr(rest, '[', len) != NULL || memchr(rest, '@', len) != NULL)
        return false; /* no authority puts an address or a user there */
    name = arena_strndup(r->arena, rest, len);
    out->port = 80;
    colon = strchr(name, ':');
    if (colon != NULL) {
        *colon = '\0';
        if (!text_parse_uint(colon + 1, 65535, &out->port) || out->port == 0)
            return false;
    }
    for (char *p = name; *p != '\0'; p++) { /* a host name and nothing else goes to the resolver */
        bool upper = *p >= 'A' && *p <= 'Z';

        if (upper)
            *p = (char)(*p - 'A' + 'a');
        if (!upper && strchr("abcdefghijklmnopqrstuvwxyz0123456789-._", *p) == NULL)
            return false;
    }
    out->host = name;
    out->id = arena_printf(r->arena, "%s:%lu", name, out->port);
    out->path = path_of(r, rest + len);
    return *name != '\0' && out->path != NULL;
}

/* Base64 with what a path cannot hold as it is escaped (RFC 6960 appendix A.1). */
static const char *escaped(struct report *r, const char *base64)
{
    char *text = arena_alloc(r->arena, 3 * strlen(base64) + 1), *end = text;

    for (; *base64 != '\0'; base64++) {
        if (*base64 == '+' || *base64 == '/' || *base64 == '=')
            end += sprintf(end, "%%%02X", (unsigned)*base64);
        else
            *end++ = *base64;
    }
    *end = '\0';
    return text;
}

static size_t add_host(struct report *r, struct route *route, const struct source *from,
                       const char *expects, const char *of)
{
    struct endpoint *e;
    struct result *result;

    if (report_endpoint(r, from->id) != NULL)
        return 0;
    e = report_new_of(r, endpoint);
    e->id = from->id;
    e->host = from->host;
    e->port = (int64_t)from->port;
    e->service = "revocation";
    e->source = arena_printf(r->arena, "certificate of %s", of);
    e->optional = true;
    e->plain = true;
    e->path = from->path;
    e->expects = expects;
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

/* The responder is asked about this certificate; where nobody can say how, any answer will do. */
static size_t add_responder(struct report *r, struct route *route, const struct cert *c,
                            const char *url, const char *of)
{
    struct source from = {0};
    bool slash;

    if (!read_url(r, url, &from))
        return 0;
    if (c->ocsp_request == NULL)
        return add_host(r, route, &from, NULL, of);
    slash = from.path[strlen(from.path) - 1] == '/';
    from.path =
        arena_printf(r->arena, "%s%s%s", from.path, slash ? "" : "/", escaped(r, c->ocsp_request));
    return add_host(r, route, &from, "ocsp", of);
}

/* At most `room` hosts. */
static size_t add_hosts_of(struct report *r, struct route *route, const struct step *s, size_t room)
{
    const struct tls_detail *d = step_tls(s);
    struct source from;
    size_t added = 0;

    for (size_t i = 0; d != NULL && i < d->n_chain; i++) {
        const struct cert *c = d->chain[i];

        for (size_t k = 0; k < c->n_ocsp && added < room; k++)
            added += add_responder(r, route, c, c->ocsp[k], s->target);
        for (size_t k = 0; k < c->n_crls && added < room; k++) {
            if (read_url(r, c->crls[k], &from))
                added += add_host(r, route, &from, "crl", s->target);
        }
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
                added += add_hosts_of(r, result->of_route, result->steps[k], HOSTS_MAX - added);
        }
    }
    return added;
}
