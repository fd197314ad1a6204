/* reenact: see reenact.h. This file: connections, from the SYN; what is said on them is in
 * reenact_http.c and reenact_tls.c, names are in reenact_dns.c. */
#include "diag/reenact_parts.h"

#include "capture/tcp.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <string.h>

enum {
    VALUE_MAX = 300,
    ICMP4_UNREACHABLE = 3,
    ICMP6_UNREACHABLE = 1,
    ICMP4_EXCEEDED = 11,
    ICMP6_EXCEEDED = 3,
    ICMP4_PORT = 3,
    ICMP6_PORT = 4,
};

const char *probing_printable(struct probing *p, const char *s)
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

struct step *probing_add(struct probing *p, enum step_kind kind, size_t leg, const char *target,
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

void probing_end(struct probing *p, struct step *s, int64_t end_us)
{
    s->duration_us = end_us - p->r->epoch_us - s->started_us;
    if (s->duration_us < 0)
        s->duration_us = 0;
}

/* How silence ended: reset, closed, or not at all. */
enum outcome probing_outcome(const struct probing *p, const struct step *s)
{
    const struct wire_flow *w = p->flow;

    /* Once this side has given up, the other's goodbye is only an answer to that. */
    if (w->side[1].resets > 0 && w->closed_by == 1)
        return OUTCOME_RESET;
    if (w->side[1].fins > 0 && w->closed_by == 1)
        return OUTCOME_CLOSED;
    if (p->r->file->last_us - p->r->epoch_us - s->started_us < REENACT_PATIENCE_US)
        return OUTCOME_CANCELLED;
    return OUTCOME_TIMEOUT;
}

bool probing_is_hidden(const struct probing *p)
{
    const struct wire_side *dst = &p->flow->side[1];

    return dst->bytes > 0 && p->flow->talk != NULL && (p->flow->talk->cut || dst->unseen > 0);
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
    /* Its goodbye aside. */
    s->unacked = tcp_seq_diff(src->next - (src->fins > 0 ? 1 : 0), src->una) > 0;
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
    struct step *s = probing_add(p, STEP_CONNECT, 0, target, w->first_us);
    struct tcp_detail *d = step_tcp(s);
    const struct wire_icmp *icmp = refusal_of(w);
    char text[ADDR_TEXT];

    d->sock = p->sock;
    if (w->side[0].syns > 0)
        d->syn_retransmits = w->side[0].syns - 1;
    if (was_not_heard(w)) {
        probing_end(p, s, w->last_us);
        s->outcome = OUTCOME_TCP_TIMEOUT;
        return false;
    }
    if (w->syn_ack_us != 0 || w->side[1].bytes > 0) {
        s->outcome = OUTCOME_OK;
        probing_end(p, s, w->syn_ack_us != 0 ? w->syn_ack_us : w->first_us);
        return true;
    }
    probing_end(p, s, w->last_us);
    if (w->side[1].resets > 0) {
        s->outcome = OUTCOME_TCP_REFUSED;
        probing_end(p, s, w->reset_us);
    } else if (icmp != NULL) {
        s->outcome = outcome_of_icmp(w, icmp);
        d->icmp = wire_icmp_name(w->is_v6, icmp->type, icmp->code);
        d->icmp_type = icmp->type;
        d->icmp_code = icmp->code;
        d->icmp_from = arena_strdup(p->r->report->arena, addr_text(&icmp->from, text));
        probing_end(p, s, icmp->time_us);
    } else {
        s->outcome = probing_outcome(p, s);
        if (s->outcome == OUTCOME_TIMEOUT)
            s->outcome = OUTCOME_TCP_TIMEOUT;
    }
    return false;
}

/*
 * The other side ended the connection before the client had said anything: what was to come first
 * on this route is what failed. False when that is not what happened.
 */
static bool add_cut(struct probing *p, const char *target)
{
    const struct wire_flow *w = p->flow;
    const bool direct = p->what->n_hops == 0;
    const bool plain = direct && p->what->result->of_endpoint->plain;
    struct step *s;

    if (w->side[0].bytes > 0 || w->side[1].bytes > 0 || w->closed_by != 1)
        return false;
    s = probing_add(p,
                    plain    ? STEP_APP
                    : direct ? STEP_TLS
                             : STEP_TUNNEL,
                    direct ? 0 : 1, target, w->syn_ack_us != 0 ? w->syn_ack_us : w->first_us);
    if (plain) {
        step_app(s)->sock = p->sock;
    } else if (direct) {
        step_tls(s)->sock = p->sock;
        step_tls(s)->received = 0;
    } else {
        step_tunnel(s)->hop = p->what->hops[0];
        step_tunnel(s)->sock = p->sock;
        step_tunnel(s)->received = 0;
    }
    s->outcome = probing_outcome(p, s);
    probing_end(p, s, w->reset_by == 1 ? w->reset_us : w->fin_us);
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
    if (what->experiment == EXPERIMENT_HOP_ITSELF || what->experiment == EXPERIMENT_HOP_PAGE ||
        what->experiment == EXPERIMENT_HOP_TLS) {
        if (!reenact_tunnels(&p, what->n_hops - 1))
            return;
        if (what->experiment != EXPERIMENT_HOP_TLS)
            reenact_hop_page(&p, target);
        else
            reenact_tls(&p, what->n_hops - 1, target);
    } else if (what->page != NULL) {
        reenact_page(&p, target);
    } else if (what->n_hops > 0 &&
               (what->flow->talk == NULL || what->flow->talk->tunnels == NULL)) {
        reenact_tls(&p, 0, p.address); /* to the proxy itself; what is said in it is hidden */
    } else if (reenact_tunnels(&p, what->n_hops) && what->experiment != EXPERIMENT_HOP_LOOPBACK) {
        reenact_tls(&p, what->result->n_legs - 1, target);
        if (what->experiment == EXPERIMENT_IDLE)
            reenact_idle(&p, target);
        else if (what->controls)
            reenact_idle_control(&p, target);
    }
}
