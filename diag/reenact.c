/* reenact: see reenact.h. This file: connections; names are in reenact_dns.c. */
#include "diag/reenact.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/proto/http1.h"
#include "diag/proto/tls.h"
#include "probes/trust.h"
#include "probes/trust_der.h"

#include <stdlib.h>
#include <string.h>

enum {
    VALUE_MAX = 300,
    FIRST_MAX = 400,
    ICMP4_UNREACHABLE = 3,
    ICMP6_UNREACHABLE = 1,
    ICMP4_EXCEEDED = 11,
    ICMP6_EXCEEDED = 3,
    ICMP4_PORT = 3,
    ICMP6_PORT = 4,
    HTTP_AUTH_REQUIRED = 407,
    GOODBYE = 2 * (5 + 19), /* records of a client that only closes, one of them sent again */
    CLIENT_CHAIN = 4096,    /* what a client that was asked for certificates may still send */
};

/* Silence that ends with the capture is none: who knows what would have come. */
static const int64_t patience_us = 900000;

struct probing {
    struct reenact *r;
    const struct reenact_flow *what;
    const struct wire_flow *flow;
    struct sock *sock;
    const char *address;
};

static const char *printable(struct probing *p, const char *s)
{
    return s == NULL ? NULL : text_printable(p->r->report->arena, s, strlen(s), VALUE_MAX);
}

static const char *leg_of(struct probing *p, size_t i)
{
    const struct result *result = p->what->result;

    if (i >= result->n_legs)
        i = result->n_legs - 1;
    return leg_name(p->r->report, result->legs[i]);
}

static struct step *add_step(struct probing *p, enum step_kind kind, size_t leg, const char *target,
                             int64_t from_us)
{
    struct step *s = step_new(p->r->report, kind);

    s->leg = leg_of(p, leg);
    s->target = target;
    s->address = p->address;
    s->attempt = p->what->attempt;
    s->experiment = p->what->experiment;
    s->probe = p->r->probes;
    s->started_us = from_us - p->r->epoch_us;
    list_push(p->r->report->arena, p->what->result->steps, p->what->result->n_steps, s);
    return s;
}

static void set_end(struct probing *p, struct step *s, int64_t end_us)
{
    s->duration_us = end_us - p->r->epoch_us - s->started_us;
    if (s->duration_us < 0)
        s->duration_us = 0;
}

/* How silence ended: reset, closed, or not at all. */
static enum outcome end_of(const struct probing *p, const struct step *s)
{
    const struct wire_flow *w = p->flow;

    /* Once this side has given up, the other's goodbye is only an answer to that. */
    if (w->side[1].resets > 0 && w->closed_by == 1)
        return OUTCOME_RESET;
    if (w->side[1].fins > 0 && w->closed_by == 1)
        return OUTCOME_CLOSED;
    if (p->r->file->last_us - p->r->epoch_us - s->started_us < patience_us)
        return OUTCOME_CANCELLED;
    return OUTCOME_TIMEOUT;
}

static struct sock *make_sock(struct probing *p)
{
    const struct wire_flow *w = p->flow;
    const struct wire_side *src = &w->side[0], *dst = &w->side[1];
    struct arena *a = p->r->report->arena;
    struct sock *s = report_new_of(p->r->report, sock);
    struct addr local = wire_src(w), remote = wire_dst(w);
    char text[ADDR_TEXT];

    s->local = arena_strdup(a, addr_port_text(&local, text));
    s->remote = arena_strdup(a, addr_port_text(&remote, text));
    if (w->syn_us != 0 && w->syn_ack_us != 0)
        s->rtt_us = w->syn_ack_us - w->syn_us;
    /* A goodbye that was repeated took nothing from the steps before it. */
    s->retransmits = w->fin_frame != 0 && w->repeat_frame > w->fin_frame ? 0 : src->retransmits;
    if (dst->mss != 0)
        s->mss = src->mss != 0 && src->mss < dst->mss ? src->mss : dst->mss;
    s->sent = (int64_t)src->bytes;
    s->received = (int64_t)dst->bytes;
    s->segments_in = dst->packets;
    return s;
}

/* --- connect --- */

static const struct wire_icmp *refusal_of(const struct wire_flow *w)
{
    for (const struct wire_icmp *i = w->icmp; i != NULL; i = i->next) {
        if (i->type == (w->is_v6 ? ICMP6_UNREACHABLE : ICMP4_UNREACHABLE) && i->mtu == 0)
            return i;
    }
    /* One that lived too long ends the attempt of a client like ours too. */
    for (const struct wire_icmp *i = w->icmp; i != NULL; i = i->next) {
        if (i->type == (w->is_v6 ? ICMP6_EXCEEDED : ICMP4_EXCEEDED) && i->code == 0)
            return i;
    }
    return NULL;
}

static enum outcome outcome_of_icmp(const struct wire_flow *w, const struct wire_icmp *i)
{
    if (i->type == (w->is_v6 ? ICMP6_EXCEEDED : ICMP4_EXCEEDED))
        return OUTCOME_TCP_UNREACHABLE;
    if (i->code == (w->is_v6 ? ICMP6_PORT : ICMP4_PORT))
        return OUTCOME_TCP_REFUSED;
    if (w->is_v6 ? i->code == 1 : i->code == 9 || i->code == 10 || i->code == 13)
        return OUTCOME_TCP_PROHIBITED;
    return OUTCOME_TCP_UNREACHABLE;
}

/* It was answered, and asked again and never acknowledged: the client did not hear of the answer.
 */
static bool was_not_heard(const struct wire_flow *w)
{
    return w->state == WIRE_SYN_ANSWERED && w->side[0].syns > 1 &&
           w->side[0].packets == w->side[0].syns && w->side[1].bytes == 0;
}

/* True when the connection was made. */
static bool add_connect(struct probing *p, const char *target)
{
    const struct wire_flow *w = p->flow;
    struct step *s = add_step(p, STEP_CONNECT, 0, target, w->first_us);
    struct tcp_detail *d = step_tcp(s);
    const struct wire_icmp *icmp = refusal_of(w);
    char text[ADDR_TEXT];

    d->sock = p->sock;
    if (w->side[0].syns > 0)
        d->syn_retransmits = w->side[0].syns - 1;
    if (was_not_heard(w)) {
        set_end(p, s, w->last_us);
        s->outcome = OUTCOME_TCP_TIMEOUT;
        return false;
    }
    if (w->syn_ack_us != 0 || w->side[1].bytes > 0) {
        s->outcome = OUTCOME_OK;
        set_end(p, s, w->syn_ack_us != 0 ? w->syn_ack_us : w->first_us);
        return true;
    }
    set_end(p, s, w->last_us);
    if (w->side[1].resets > 0) {
        s->outcome = OUTCOME_TCP_REFUSED;
        set_end(p, s, w->reset_us);
    } else if (icmp != NULL) {
        s->outcome = outcome_of_icmp(w, icmp);
        d->icmp = wire_icmp_name(w->is_v6, icmp->type, icmp->code);
        d->icmp_type = icmp->type;
        d->icmp_code = icmp->code;
        d->icmp_from = arena_strdup(p->r->report->arena, addr_text(&icmp->from, text));
        set_end(p, s, icmp->time_us);
    } else {
        s->outcome = end_of(p, s);
        if (s->outcome == OUTCOME_TIMEOUT)
            s->outcome = OUTCOME_TCP_TIMEOUT;
    }
    return false;
}

/* --- tunnel --- */

static void set_answer(struct probing *p, struct tunnel_detail *d, const struct wire_tunnel *t)
{
    struct arena *a = p->r->report->arena;

    d->status = t->status;
    d->reason = printable(p, t->reason);
    d->version = printable(p, t->version);
    d->via = printable(p, t->via);
    d->proxy_status = printable(p, t->proxy_status);
    d->x_cache = printable(p, t->x_cache);
    d->x_squid_error = printable(p, t->x_squid_error);
    for (size_t i = 0; i < t->n_proxy_authenticate; i++)
        list_push(a, d->proxy_authenticate, d->n_proxy_authenticate,
                  printable(p, t->proxy_authenticate[i]));
    d->server = printable(p, t->server);
    d->date = printable(p, t->date);
    d->location = printable(p, t->location);
    d->connection = printable(p, t->connection);
    d->content_type = printable(p, t->content_type);
    if (t->content_length >= 0) {
        d->content_length = t->content_length;
        d->body_complete = t->body_complete ? TRI_YES : TRI_NO;
    }
    d->body_len = t->body_len;
    d->body = printable(p, t->body);
    d->title = printable(p, t->title);
    d->generated_by = printable(p, t->generated_by);
}

static enum outcome outcome_of_answer(struct probing *p, const struct step *s,
                                      const struct wire_tunnel *t)
{
    if (t->answered_us == 0)
        return end_of(p, s);
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
    return end_of(p, s);
}

static void set_tunnel(struct probing *p, struct step *s, const struct wire_tunnel *t, size_t hop)
{
    struct tunnel_detail *d = step_tunnel(s);

    d->hop = p->what->hops[hop];
    d->request = printable(p, t->target);
    d->auth_offered = printable(p, t->auth_scheme);
    d->received = (int64_t)t->received;
    d->error = t->rule;
    d->sock = p->sock;
    if (t->status != 0)
        set_answer(p, d, t);
    else if (t->n_first > 0)
        d->first_bytes = text_printable(p->r->report->arena, t->first, t->n_first, FIRST_MAX);
    s->outcome = outcome_of_answer(p, s, t);
    set_end(p, s, t->answered_us != 0 ? t->answered_us : p->flow->last_us);
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
static bool add_tunnels(struct probing *p, size_t n_hops)
{
    const struct wire_tunnel *t = p->flow->talk != NULL ? p->flow->talk->tunnels : NULL;
    struct step *s;

    for (size_t i = 0; i < n_hops; i++, t = t->next) {
        int64_t rounds;

        if (t == NULL) { /* nobody asked for the next one */
            return false;
        }
        t = last_try(p->flow, t, &rounds);
        s = add_step(p, STEP_TUNNEL, i + 1, printable(p, t->target), t->asked_us);
        set_tunnel(p, s, t, i);
        step_tunnel(s)->auth_rounds = rounds;
        if (s->outcome != OUTCOME_OK)
            return false;
    }
    return true;
}

/* A hop's own page. Whatever is answered, it is no tunnel: see layer_tunnel.c. */
static void add_page(struct probing *p, const char *target)
{
    const struct wire_tunnel *page = p->flow->talk->page;
    size_t hop = p->what->n_hops - 1;
    struct step *s = add_step(p, STEP_TUNNEL, hop, target, page->asked_us);

    set_tunnel(p, s, page, hop);
    step_tunnel(s)->request = "GET /";
    if (s->outcome == OUTCOME_OK)
        s->outcome = OUTCOME_HTTP_STATUS;
}

/* --- TLS --- */

/* Judge the certificates by this machine's anchors, at the time when they were shown. */
static void examine(struct probing *p, struct tls_detail *d, const struct wire_tls *tls)
{
    struct reenact *r = p->r;
    struct fault f = {""};

    if (r->trust == NULL && !r->trust_failed) {
        r->trust = trust_new(r->report->arena, r->ca_file, &f);
        r->trust_failed = r->trust == NULL;
        if (r->trust_failed)
            report_note(r->report, "certificates were not judged: %s", f.text);
        else
            r->report->run->trust = arena_strdup(r->report->arena, trust_source(r->trust));
    }
    if (r->trust != NULL &&
        trust_examine_der(r->trust, tls->chain->der, tls->chain->der_len, tls->chain->n,
                          p->what->host, tls->hello_us / 1000000, d, &f) != 0)
        report_note(r->report, "a certificate was not judged: %s", f.text);
}

static const char *reached(const struct wire_tls *tls)
{
    if (tls->finished)
        return "finished";
    if (tls->chain != NULL)
        return "certificate";
    return tls->version != 0 ? "server-hello" : "client-hello";
}

static void set_tls(struct probing *p, struct tls_detail *d, const struct wire_tls *tls)
{
    struct arena *a = p->r->report->arena;
    char name[TLS_NAME_ROOM];

    d->sni = printable(p, tls->sni);
    if (tls->version != 0) {
        d->version = arena_strdup(a, tls_version_name(tls->version, name));
        d->cipher = arena_strdup(a, tls_cipher_name(tls->cipher, name));
    }
    if (tls->group != 0)
        d->group = arena_strdup(a, tls_group_name(tls->group, name));
    d->alpn = printable(p, tls->alpn);
    if (tls->alert >= 0)
        d->alert = tls_alert_name((unsigned)tls->alert);
    if (tls->alert_sent >= 0)
        d->alert_sent = tls_alert_name((unsigned)tls->alert_sent);
    d->reached = reached(tls);
    if (tls->hello_len != 0)
        d->hello_len = tls->hello_len;
    d->received = (int64_t)tls->received;
    d->client_cert_requested = tls->client_cert_requested;
    if (tls->n_first > 0)
        d->first_bytes = text_printable(a, tls->first, tls->n_first, FIRST_MAX);
    d->sock = p->sock;
    if (tls->chain != NULL && !p->r->file->redacted)
        examine(p, d, tls);
}

/*
 * What the certificates were worth only the client knows. One that talks on has accepted them; one
 * that closes after the handshake may have only looked, as our own probes do.
 */
static void set_hidden(struct probing *p, struct tls_detail *d, const struct wire_tls *tls)
{
    uint64_t after = p->flow->side[0].bytes - tls->finished_at;

    p->r->hidden++;
    p->r->refused_hidden += tls->client_maybe_alert;
    d->hidden_accepted =
        tls->finished && after > (tls->client_cert_requested ? CLIENT_CHAIN : GOODBYE) ? TRI_YES
                                                                                       : TRI_NO;
}

/* Alerts by which a client says that it does not like the certificate (RFC 8446 section 6.2). */
static bool is_about_certificate(int alert)
{
    return alert >= 41 && alert <= 48; /* no_certificate ... unknown_ca */
}

static enum outcome outcome_of_tls(struct probing *p, const struct step *s,
                                   const struct wire_tls *tls, struct tls_detail *d)
{
    if (tls->not_tls)
        return OUTCOME_NOT_TLS;
    if (tls->alert >= 0)
        return OUTCOME_TLS_ALERT;
    if (tls->version != 0 && tls->version < TLS_12) {
        char name[TLS_NAME_ROOM];

        d->peer_version = arena_strdup(p->r->report->arena, tls_version_name(tls->version, name));
        return OUTCOME_TLS_VERSION;
    }
    if (d->n_chain_errors > 0)
        return OUTCOME_TLS_VERIFY;
    if (tls->alert_sent >= 0)
        return is_about_certificate(tls->alert_sent) ? OUTCOME_TLS_VERIFY : OUTCOME_TLS_PROTOCOL;
    if (tls->finished && tls->server_maybe_alert && tls->client_cert_requested)
        return OUTCOME_CLOSED; /* it asked, got nothing, said something short and left */
    if (tls->finished)
        return OUTCOME_OK;
    if (tls->client_maybe_alert) {
        d->error = "the client ended the handshake right after the server's messages, which TLS "
                   "1.3 hides; most often it does not accept the certificate";
        return OUTCOME_TLS_VERIFY;
    }
    if (p->flow->closed_by == 0 && tls->version != 0 &&
        p->flow->fin_us - p->flow->side[1].last_data_us < patience_us)
        return OUTCOME_CANCELLED; /* the client left on its own, without having waited */
    return end_of(p, s);
}

static void add_tls(struct probing *p, size_t leg, const char *target)
{
    const struct wire_tls *tls = p->flow->talk != NULL ? p->flow->talk->tls : NULL;
    struct step *s;

    if (tls == NULL || tls->hello_us == 0)
        return;
    s = add_step(p, STEP_TLS, leg, target, tls->hello_us);
    set_tls(p, step_tls(s), tls);
    s->outcome = outcome_of_tls(p, s, tls, step_tls(s));
    set_end(p, s, tls->finished_us != 0 ? tls->finished_us : p->flow->last_us);
    if (tls->chain == NULL && tls->version == TLS_13)
        set_hidden(p, step_tls(s), tls);
}

/*
 * The other side ended the connection before the client had said anything: what was to come first
 * on this route is what failed. False when that is not what happened.
 */
static bool add_cut(struct probing *p, const char *target)
{
    const struct wire_flow *w = p->flow;
    const bool direct = p->what->n_hops == 0;
    struct step *s;

    if (w->side[0].bytes > 0 || w->side[1].bytes > 0 || w->closed_by != 1)
        return false;
    s = add_step(p, direct ? STEP_TLS : STEP_TUNNEL, direct ? 0 : 1, target,
                 w->syn_ack_us != 0 ? w->syn_ack_us : w->first_us);
    if (direct) {
        step_tls(s)->sock = p->sock;
        step_tls(s)->received = 0;
    } else {
        step_tunnel(s)->hop = p->what->hops[0];
        step_tunnel(s)->sock = p->sock;
        step_tunnel(s)->received = 0;
    }
    s->outcome = end_of(p, s);
    set_end(p, s, w->reset_by == 1 ? w->reset_us : w->fin_us);
    return true;
}

bool reenact_passed(const struct wire_flow *w)
{
    if (w->talk != NULL && w->talk->tls != NULL)
        return w->talk->tls->finished && w->talk->tls->alert < 0 && w->talk->tls->alert_sent < 0;
    return w->side[0].bytes > 0 && w->side[1].bytes > 0 && w->side[1].resets == 0;
}

void reenact_flow(struct reenact *r, const struct reenact_flow *what)
{
    struct probing p = {.r = r, .what = what, .flow = what->flow};
    struct addr remote = wire_dst(what->flow);
    struct arena *a = r->report->arena;
    char text[ADDR_TEXT];
    const char *target = addr_host_port(a, what->host, what->port);

    r->probes++;
    p.sock = make_sock(&p);
    p.address = arena_strdup(a, addr_port_text(&remote, text));
    if (!add_connect(&p, what->n_hops > 0 ? p.address : target))
        return;
    if (add_cut(&p, target))
        return;
    if (what->experiment == EXPERIMENT_HOP_ITSELF || what->experiment == EXPERIMENT_HOP_TLS) {
        if (!add_tunnels(&p, what->n_hops - 1))
            return;
        if (what->experiment == EXPERIMENT_HOP_ITSELF)
            add_page(&p, target);
        else
            add_tls(&p, what->n_hops - 1, target);
    } else if (what->n_hops > 0 &&
               (what->flow->talk == NULL || what->flow->talk->tunnels == NULL)) {
        add_tls(&p, 0, p.address); /* to the proxy itself; what is said in it is hidden */
    } else if (add_tunnels(&p, what->n_hops)) {
        add_tls(&p, what->result->n_legs - 1, target);
    }
}
