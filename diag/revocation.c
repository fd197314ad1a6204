/* revocation: see revocation.h. Only http:// is used for this (RFC 5280 section 8). */
#include "diag/revocation.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/judge/judge.h"

#include <stdio.h>
#include <string.h>

enum {
    /* A certificate may name as many as its maker likes; a public one names two to four. */
    URLS_MAX = 64,
    URLS_OF_SERVER_MAX = 8,
    URLS_LISTED_MAX = 1000,
    PATH_MAX_LEN = 1024,
};

/* What an authority names: where to ask, and what for. */
struct source {
    const char *host, *id, *path;
    unsigned long port;
};

/* The plan while it is made. */
struct plan {
    struct report *r;
    struct route *route;
    size_t results, urls;
    const char **left_out; /* URLs, each once */
    size_t n_left_out;
    const char *stranger; /* the target of a chain that nobody vouches for; NULL: none */
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

/* The endpoint with this id, if it is one of ours. */
static struct endpoint *server_of(const struct plan *p, const struct source *from, bool *foreign)
{
    struct endpoint *e = report_endpoint(p->r, from->id);

    *foreign = e != NULL && (e->service == NULL || strcmp(e->service, "revocation") != 0);
    return e;
}

static void add_server(struct plan *p, const struct source *from, const char *expects,
                       const char *of)
{
    struct report *r = p->r;
    struct endpoint *e = report_new_of(r, endpoint);
    struct result *result = report_new_of(r, result);

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
    result->of_endpoint = e;
    result->of_route = p->route;
    result->endpoint = e->id;
    result->route = p->route->id;
    result->attempts = 0;
    result->passed_attempts = 0;
    report_legs(r, result);
    list_push(r->arena, r->results, r->n_results, result);
    p->results++;
}

/* Does the server get this question already? Of a responder's one about another certificate is the
 * same: what comes behind its URL is Base64, which no filter reads. */
static bool is_asked(const char *asked, const char *path, size_t base)
{
    return asked != NULL && strncmp(asked, path, base) == 0 &&
           (asked[base] == '\0' || (path[base] != '\0' && strchr(asked + base, '/') == NULL));
}

static bool server_is_asked(const struct endpoint *e, const char *path, size_t base)
{
    for (size_t i = 0; i < e->n_also; i++) {
        if (is_asked(e->also[i]->path, path, base))
            return true;
    }
    return is_asked(e->path, path, base);
}

static void leave_out(struct plan *p, const struct source *from, size_t base)
{
    const char *url = arena_printf(p->r->arena, "%s%.*s", from->id, (int)base, from->path);

    for (size_t i = 0; i < p->n_left_out; i++) {
        if (strcmp(p->left_out[i], url) == 0)
            return;
    }
    if (p->n_left_out < URLS_LISTED_MAX)
        list_push(p->r->arena, p->left_out, p->n_left_out, url);
}

/* `base`: so much of the path tells one URL from another. */
static void add_url(struct plan *p, const struct source *from, size_t base, const char *expects,
                    const char *of)
{
    bool foreign;
    struct endpoint *e = server_of(p, from, &foreign);
    struct question *q;

    if (foreign || (e != NULL && server_is_asked(e, from->path, base)))
        return;
    if (p->urls >= URLS_MAX || (e != NULL && e->n_also + 1 >= URLS_OF_SERVER_MAX)) {
        leave_out(p, from, base);
        return;
    }
    p->urls++;
    if (e == NULL) {
        add_server(p, from, expects, of);
        return;
    }
    q = report_new_of(p->r, question);
    q->path = from->path;
    q->expects = expects;
    list_push(p->r->arena, e->also, e->n_also, q);
}

/* The responder is asked about this certificate; where nobody can say how, any answer will do. */
static void add_responder(struct plan *p, const struct cert *c, const char *url, const char *of)
{
    struct source from = {0};
    size_t base;
    bool slash;

    if (!read_url(p->r, url, &from))
        return;
    base = strlen(from.path);
    if (c->ocsp_request == NULL) {
        add_url(p, &from, base, NULL, of);
        return;
    }
    slash = from.path[base - 1] == '/';
    from.path = arena_printf(p->r->arena, "%s%s%s", from.path, slash ? "" : "/",
                             escaped(p->r, c->ocsp_request));
    add_url(p, &from, slash ? base : base + 1, "ocsp", of);
}

/*
 * Whoever sits in between writes any URL into a certificate of his own, and would have us ask for
 * pages of the site's own machines. Only what an authority that is known here or to the world
 * vouches for sends us anywhere; its dates, and an intermediate that was forgotten, do not matter.
 * (Certificates beside its path have no URLs in the report: probes/trust.c.)
 */
static bool is_vouched_for(const struct tls_detail *d)
{
    return d->trusted == TRI_YES || d->trusted_ignoring_time == TRI_YES ||
           d->trusted_with_bridge == TRI_YES || d->public_trust == TRI_YES ||
           d->public_with_bridge == TRI_YES;
}

static void add_urls_of(struct plan *p, const struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    struct source from;

    if (d == NULL || d->n_chain == 0)
        return;
    if (!is_vouched_for(d)) {
        p->stranger = s->target;
        return;
    }
    for (size_t i = 0; i < d->n_chain; i++) {
        const struct cert *c = d->chain[i];

        for (size_t k = 0; k < c->n_ocsp; k++)
            add_responder(p, c, c->ocsp[k], s->target);
        for (size_t k = 0; k < c->n_crls; k++) {
            if (read_url(p->r, c->crls[k], &from))
                add_url(p, &from, strlen(from.path), "crl", s->target);
        }
    }
}

size_t revocation_plan(struct report *r)
{
    struct plan p = {.r = r};
    size_t n = r->n_results;

    for (size_t i = 0; i < n; i++) {
        struct result *result = r->results[i];

        p.route = result->of_route;
        for (size_t k = 0; k < result->n_steps && p.route->required; k++)
            add_urls_of(&p, result->steps[k]);
    }
    if (p.stranger != NULL)
        report_note(r,
                    "revocation: what certificates name that no known authority vouches for was "
                    "not asked for, among them those of %s",
                    p.stranger);
    if (p.n_left_out > 0)
        report_note(
            r,
            "revocation: %zu%s further URLs that certificates name were not asked for (%d for "
            "each server, %d in all), among them http://%s",
            p.n_left_out, p.n_left_out == URLS_LISTED_MAX ? " or more" : "", URLS_OF_SERVER_MAX,
            URLS_MAX, p.left_out[0]);
    return p.results;
}

/* Where on the route the server itself, or somebody who reads paths, was asked: the step of that.
 */
static const struct step *asked_step(const struct result *x)
{
    for (size_t i = 0; i < x->n_steps; i++) {
        const struct step *s = x->steps[i];

        if ((s->step == STEP_APP || s->step == STEP_HTTP) && s->experiment == EXPERIMENT_NONE &&
            s->outcome != OUTCOME_NONE && s->outcome != OUTCOME_CANCELLED)
            return s;
    }
    return NULL;
}

size_t revocation_further(struct report *r, struct wish **out)
{
    size_t n = 0;

    *out = NULL;
    for (size_t i = 0; i < r->n_results; i++) {
        struct result *x = r->results[i];
        const struct endpoint *e = x->of_endpoint;
        struct wish wish = {.result = x, .after = asked_step(x), .what = EXPERIMENT_OTHER_PATH};

        for (size_t k = 0; wish.after != NULL && k < e->n_also; k++) {
            wish.question = e->also[k];
            list_push(r->arena, *out, n, wish);
        }
    }
    return n;
}
