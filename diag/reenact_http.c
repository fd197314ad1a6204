/* reenact_http: what was asked of proxies and plain HTTP servers, and their answers, as steps. */
#include "diag/reenact_parts.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/http1.h"
#include "probes/proxy_answer.h"
#include "probes/service.h"

#include <string.h>
#include <strings.h>

enum { FIRST_MAX = 400, HTTP_AUTH_REQUIRED = 407 };

/* --- tunnel --- */

static void set_answer(struct probing *p, struct tunnel_detail *d, const struct wire_tunnel *t)
{
    struct arena *a = p->r->report->arena;

    d->status = t->status;
    d->reason = probing_printable(p, t->reason);
    d->version = probing_printable(p, t->version);
    d->via = probing_printable(p, t->via);
    d->proxy_status = probing_printable(p, t->proxy_status);
    d->x_cache = probing_printable(p, t->x_cache);
    d->x_squid_error = probing_printable(p, t->x_squid_error);
    for (size_t i = 0; i < t->n_proxy_authenticate; i++)
        list_push(a, d->proxy_authenticate, d->n_proxy_authenticate,
                  probing_printable(p, t->proxy_authenticate[i]));
    d->server = probing_printable(p, t->server);
    d->date = probing_printable(p, t->date);
    d->location = probing_printable(p, t->location);
    d->connection = probing_printable(p, t->connection);
    d->content_type = probing_printable(p, t->content_type);
    if (t->content_length >= 0) {
        d->content_length = t->content_length;
        d->body_complete = t->body_complete ? TRI_YES : TRI_NO;
    }
    d->body_len = t->body_len;
    d->body = probing_printable(p, t->body);
    d->title = probing_printable(p, t->title);
    d->generated_by = probing_printable(p, t->generated_by);
}

static enum outcome outcome_of_answer(struct probing *p, const struct step *s,
                                      const struct wire_tunnel *t)
{
    if (t->answered_us == 0)
        return probing_outcome(p, s);
    switch ((enum http1_state)t->http) {
    case HTTP1_OK:
        return t->status / 100 == 2 ? OUTCOME_OK : OUTCOME_HTTP_STATUS;
    case HTTP1_MALFORMED:
        return OUTCOME_HTTP_MALFORMED;
    case HTTP1_OVERSIZED:
        return OUTCOME_HTTP_OVERSIZED;
    case HTTP1_NOT_HTTP:
        return OUTCOME_NOT_HTTP;
    case HTTP1_MORE:
    case HTTP1_NO_MEMORY:
        break;
    }
    return probing_outcome(p, s);
}

static void set_tunnel(struct probing *p, struct step *s, const struct wire_tunnel *t, size_t hop)
{
    struct tunnel_detail *d = step_tunnel(s);

    d->hop = p->what->hops[hop];
    d->request = probing_printable(p, t->target);
    d->auth_offered = probing_printable(p, t->auth_scheme);
    d->received = (int64_t)t->received;
    d->error = t->rule;
    d->sock = p->sock;
    if (t->status != 0)
        set_answer(p, d, t);
    else if (t->n_first > 0)
        d->first_bytes = text_printable(p->r->report->arena, t->first, t->n_first, FIRST_MAX);
    s->outcome = outcome_of_answer(p, s, t);
    probing_end(p, s, t->answered_us != 0 ? t->answered_us : p->flow->last_us);
}

/* The last of the requests for one target: what came before was the proxy asking for a password. */
static const struct wire_tunnel *last_try(const struct wire_flow *f, const struct wire_tunnel *t,
                                          int64_t *rounds)
{
    *rounds = 0;
    for (;; t = t->next) { /* ends: goes down a list */
        if (t->status == HTTP_AUTH_REQUIRED)
            ++*rounds;
        if (wire_tunnel_ends(f, t) || t->status / 100 == 2 ||
            strcmp(t->next->target, t->target) != 0)
            return t;
    }
}

/* The first `n_hops` of the tunnels: true when all of them are open. */
bool reenact_tunnels(struct probing *p, size_t n_hops)
{
    const struct wire_tunnel *t = p->flow->talk != NULL ? p->flow->talk->tunnels : NULL;
    struct step *s;

    for (size_t i = 0; i < n_hops; i++, t = t->next) {
        int64_t rounds;

        if (t == NULL) { /* nobody asked for the next one */
            return false;
        }
        t = last_try(p->flow, t, &rounds);
        s = probing_add(p, STEP_TUNNEL, i + 1, probing_printable(p, t->target), t->asked_us);
        set_tunnel(p, s, t, i);
        step_tunnel(s)->auth_rounds = rounds;
        if (s->outcome != OUTCOME_OK)
            return false;
    }
    return true;
}

/* A hop's own page. Whatever is answered, it is no tunnel: see layer_tunnel.c. */
void reenact_hop_page(struct probing *p, const char *target)
{
    const struct wire_tunnel *page = p->flow->talk->pages;
    size_t hop = p->what->n_hops - 1;
    struct step *s = probing_add(p, STEP_TUNNEL, hop, target, page->asked_us);

    set_tunnel(p, s, page, hop);
    step_tunnel(s)->request =
        arena_printf(p->r->report->arena, "GET %s", probing_printable(p, page->target));
    if (s->outcome == OUTCOME_OK)
        s->outcome = OUTCOME_HTTP_STATUS;
}

/* --- pages --- */

/* What the proxy answered by asking for a login was asked once more. */
static const struct wire_tunnel *last_page(const struct wire_tunnel *page, int64_t *rounds)
{
    *rounds = 0;
    for (;; page = page->next) { /* ends: goes down a list */
        if (page->status != HTTP_AUTH_REQUIRED)
            return page;
        ++*rounds;
        if (page->next == NULL || strcmp(page->next->target, page->target) != 0)
            return page;
    }
}

/*
 * A list is named by its suffix (RFC 5280 section 4.2.1.13). A question about one certificate is
 * Base64 in the path (RFC 6960 appendix A.1), with the object identifier of a digest in it: SHA-1's
 * (RFC 3279 section 2.1) or SHA-256's (RFC 4055), where the usual lengths before it put it.
 */
const char *reenact_expects(const struct wire_tunnel *page)
{
    size_t path = strcspn(page->target, "?#");

    if (page->is_crl || page->is_ocsp)
        return page->is_crl ? "crl" : "ocsp";
    if (path > 4 && strncasecmp(page->target + path - 4, ".crl", 4) == 0)
        return "crl";
    if (strstr(page->target, "BgUrDgMCGg") != NULL ||
        strstr(page->target, "BglghkgBZQMEAg") != NULL)
        return "ocsp";
    return strcmp(page->method, "POST") == 0 && page->host != NULL &&
                   text_contains_nocase(page->host, "ocsp")
               ? "ocsp"
               : NULL;
}

/* Of an endpoint that is about revocation the request tells which kind of answer is good. */
static const char *expected(const struct probing *p, const struct wire_tunnel *page)
{
    return p->what->result->of_endpoint->expects != NULL ? reenact_expects(page) : NULL;
}

/* Which kind of thing is it? Where the capture has no octet of a body, its type must do;
 * one that was redacted shows neither. */
static bool is_expected(const struct probing *p, const struct wire_tunnel *page)
{
    const char *expects = expected(p, page);
    bool crl = expects != NULL && strcmp(expects, "crl") == 0;

    if ((crl ? page->is_crl : page->is_ocsp) || p->r->file->redacted)
        return true;
    return page->body == NULL && !page->body_complete && page->content_type != NULL &&
           strstr(page->content_type, crl ? "pkix-crl" : "ocsp-response") != NULL;
}

/* Silence, where the capture shows enough of it. */
static enum outcome outcome_without_answer(const struct probing *p, const struct step *s,
                                           const struct wire_tunnel *page)
{
    const struct wire_flow *w = p->flow;

    if (page->http != HTTP1_MORE && page->answered_us != 0)
        return page->http == HTTP1_NOT_HTTP    ? OUTCOME_NOT_HTTP
               : page->http == HTTP1_OVERSIZED ? OUTCOME_HTTP_OVERSIZED
                                               : OUTCOME_HTTP_MALFORMED;
    /* It said something, of which packets are missing; or nobody waited for it. */
    if (probing_is_hidden(p) || w->side[1].last_data_us > page->asked_us ||
        (w->closed_by == 0 && w->fin_us - page->asked_us < REENACT_PATIENCE_US))
        return OUTCOME_CANCELLED;
    return probing_outcome(p, s);
}

static void end_page(struct probing *p, struct step *s, const struct wire_tunnel *page)
{
    probing_end(p, s, page->answered_us != 0 ? page->answered_us : p->flow->last_us);
}

/* The server itself answers: step `app`, see layer_app.c. */
static void add_app(struct probing *p, size_t leg, const char *target,
                    const struct wire_tunnel *page)
{
    struct step *s = probing_add(p, STEP_APP, leg, target, page->asked_us);
    struct app_detail *d = step_app(s);
    const char *expects = expected(p, page);

    d->sock = p->sock;
    d->request =
        arena_printf(p->r->report->arena, "%s %s HTTP/1.1", probing_printable(p, page->method),
                     probing_printable(p, page->target));
    end_page(p, s, page);
    if (page->status == 0) {
        s->outcome = outcome_without_answer(p, s, page);
        d->error = page->rule;
        return;
    }
    d->status = page->status;
    d->reason = probing_printable(p, page->reason);
    d->server = probing_printable(p, page->server);
    d->date = probing_printable(p, page->date);
    d->location = probing_printable(p, page->location);
    d->content_type = probing_printable(p, page->content_type);
    d->title = probing_printable(p, page->title);
    d->body = probing_printable(p, page->body);
    /* Who asks where TLS was expected wants to know who is there: any answer will do. */
    if (p->what->experiment == EXPERIMENT_PLAIN_HTTP ||
        service_plain_kind(expects, page->status, is_expected(p, page), &d->kind))
        s->outcome = OUTCOME_OK;
    else
        s->outcome = OUTCOME_APP_UNEXPECTED;
}

/* The last hop is asked for it: step `http`, see layer_tunnel.c. */
static void add_http(struct probing *p, const char *target, const struct wire_tunnel *first)
{
    int64_t rounds;
    const struct wire_tunnel *page = last_page(first, &rounds);
    struct step *s = probing_add(p, STEP_HTTP, p->what->n_hops, target, page->asked_us);
    struct tunnel_detail *d = step_tunnel(s);
    const char *expects = expected(p, page);

    set_tunnel(p, s, page, p->what->n_hops - 1);
    d->auth_rounds = rounds;
    if (page->status == 0)
        s->outcome = outcome_without_answer(p, s, page);
    else if (proxy_answer_own(d))
        s->outcome = OUTCOME_HTTP_STATUS;
    else
        s->outcome = service_plain_kind(expects, page->status, is_expected(p, page), &d->kind)
                         ? OUTCOME_OK
                         : OUTCOME_APP_UNEXPECTED;
}

/* The tunnels that stood when the page was asked for. */
static size_t tunnels_before(const struct wire_flow *w, const struct wire_tunnel *page)
{
    size_t n = 0;

    for (const struct wire_tunnel *t = w->talk->tunnels; t != NULL; t = t->next)
        n += t->status / 100 == 2 && t->asked_us <= page->asked_us;
    return n;
}

void reenact_page(struct probing *p, const char *target)
{
    const struct wire_tunnel *page = p->what->page;
    size_t n_hops = p->what->n_hops;

    if (n_hops == 0)
        add_app(p, 0, target, page);
    else if (tunnels_before(p->flow, page) < n_hops && reenact_tunnels(p, n_hops - 1))
        add_http(p, target, page);
    else if (tunnels_before(p->flow, page) >= n_hops && reenact_tunnels(p, n_hops))
        add_app(p, p->what->result->n_legs - 1, target, page);
}
