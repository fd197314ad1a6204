/*
 * wire: what the packets add (contract section 4). A failing step's cause becomes more exact where
 * its flow shows more than the socket could see; a pass that the packets do not confirm warns.
 */
#include "diag/base/arena.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

enum {
    ICMP4_UNREACHABLE = 3, /* RFC 792, 1812 */
    ICMP4_FRAG_NEEDED = 4,
    ICMP6_UNREACHABLE = 1, /* RFC 4443 */
    ICMP6_PROHIBITED = 1,
    SURELY_LOST = 3,          /* retransmissions of one connection, whatever the socket says */
    SMALL_SEGMENT = 536,      /* RFC 9293 section 3.7.1: what every path is assumed to carry */
    CUT_SOON_US = 2000000,    /* a filter resets what it looks at within moments */
    ANSWER_TAKEN_US = 200000, /* a socket takes an answer sooner, however busy the machine is */
};

static const struct flow *flow_of(const struct cell *c, const struct step *s)
{
    const struct wire *w = c->result->wire;

    if (w == NULL || s->flow < 0 || s->flow >= (int64_t)w->n_flows)
        return NULL;
    return w->flows[s->flow];
}

/* An ICMP error that says: not this way. "Too big" is no such error. */
static bool says_unreachable(const struct flow *f, bool *prohibited)
{
    bool six = f->dst != NULL && f->dst[0] == '[';

    if (f->icmp_type != (six ? ICMP6_UNREACHABLE : ICMP4_UNREACHABLE))
        return false;
    if (!six && f->icmp_code == ICMP4_FRAG_NEEDED)
        return false;
    *prohibited = six ? f->icmp_code == ICMP6_PROHIBITED
                      : f->icmp_code == 9 || f->icmp_code == 10 || f->icmp_code == 13;
    return true;
}

static const char *router_note(struct cell *c, const struct flow *f)
{
    return text(c->judge, "%s from %s", f->icmp != NULL ? f->icmp : "ICMP unreachable",
                f->icmp_from != NULL ? f->icmp_from : "an unnamed router");
}

static void refine_unreachable(struct cell *c, struct step *s, const struct flow *f)
{
    bool prohibited = false;

    if (!says_unreachable(f, &prohibited))
        return;
    if (s->cause == CAUSE_DNS_TIMEOUT)
        say_fail(c, s, CAUSE_DNS_UNREACHABLE, s->at, router_note(c, f));
    else
        say_fail(c, s, prohibited ? CAUSE_NET_PROHIBITED : CAUSE_NET_UNREACHABLE, first_leg(c),
                 router_note(c, f));
}

/* Silence whose reason the packets know. */
static bool is_silence(enum cause cause)
{
    return cause == CAUSE_TCP_TIMEOUT || cause == CAUSE_TLS_TIMEOUT ||
           cause == CAUSE_PROXY_NO_ANSWER || cause == CAUSE_DNS_TIMEOUT;
}

static bool is_cut(enum cause cause)
{
    return cause == CAUSE_TLS_RESET || cause == CAUSE_TCP_RESET || cause == CAUSE_PROXY_CLOSED;
}

/* Did the socket of this flow notice the loss, beyond so many SYNs? Unknown where there was no
 * socket of ours. */
static enum tri noticed(const struct result *r, int64_t flow, int64_t syns)
{
    enum tri noticed = TRI_UNKNOWN;

    for (size_t i = 0; i < r->n_steps; i++) {
        const struct sock *sock = r->steps[i]->flow == flow ? step_sock(r->steps[i]) : NULL;

        if (sock != NULL && sock->retransmits > syns)
            return TRI_YES;
        if (sock != NULL && sock->retransmits != INT_UNKNOWN)
            noticed = TRI_NO;
    }
    return noticed;
}

/* SYNs that were sent again because too many came at the same time: a limit, and no loss. */
static int64_t syns_in_the_crowd(const struct cell *c, const struct flow *f)
{
    int64_t repeats = f->syns != INT_UNKNOWN && f->syns > 0 ? f->syns - 1 : 0;

    if (!BLOCK("wire-loss-in-the-crowd") || !crowd_met_a_limit(c))
        return 0;
    return repeats < f->retransmits ? repeats : f->retransmits;
}

/* Packets are missing in the capture itself: what is not in it may have been on the wire. */
static bool lost_packets(const struct cell *c)
{
    return c->judge->r->capture->dropped_kernel > 0;
}

/* Large segments are sent again and again, smaller ones arrived: RFC 2923 section 2.1. */
static bool is_black_hole(const struct flow *f)
{
    return f->lost_len != INT_UNKNOWN && f->lost_len > SMALL_SEGMENT &&
           f->passed_len != INT_UNKNOWN && f->passed_len > 0 && f->passed_len < f->lost_len;
}

static bool is_recorded(const struct capture *capture, const char *interface)
{
    for (size_t i = 0; i < capture->n_interfaces; i++) {
        if (same_text(capture->interfaces[i], interface))
            return true;
    }
    return false;
}

/*
 * The kernel was asked to connect, knows its way and its neighbour, and no SYN came to the
 * interface, where nothing was missed: something on this machine took it away, as packet filters
 * do (netfilter's OUTPUT; the socket hears nothing of a drop).
 */
static bool never_left(const struct cell *c, const struct step *s)
{
    const struct capture *capture = c->judge->r->capture;
    const struct tcp_detail *d = step_tcp(s);

    return capture->enabled && capture->whole && capture->dropped_kernel <= 0 &&
           c->result->wire != NULL && d != NULL && d->sock != NULL && d->sock->local != NULL &&
           same_text(d->route, "route") && is_recorded(capture, d->interface) && !d->link_down &&
           (same_text(d->neighbour, "reachable") || same_text(d->neighbour, "stale") ||
            same_text(d->neighbour, "probe") || same_text(d->neighbour, "permanent") ||
            same_text(d->neighbour, "noarp"));
}

/*
 * The SYN-ACK reached this machine while the socket still waited for it. A capture of others may
 * have been made anywhere on the way.
 */
static bool was_answered(const struct cell *c, const struct step *s, const struct flow *f)
{
    return (!is_recording(c->judge) || c->judge->r->capture->own) &&
           f->answered_us != INT_UNKNOWN && s->started_us != INT_UNKNOWN &&
           s->duration_us != INT_UNKNOWN &&
           f->answered_us + ANSWER_TAKEN_US < s->started_us + s->duration_us;
}

/* Silence and refusals that the network has no part in. True when that was said. */
static bool blame_the_sensor(struct cell *c, struct step *s, const struct flow *f)
{
    if (s->step != STEP_CONNECT || (s->cause != CAUSE_TCP_TIMEOUT && s->cause != CAUSE_TCP_REFUSED))
        return false;
    if (BLOCK("wire-never-left") && f == NULL && never_left(c, s))
        say_own(c, s, s->cause, s->at,
                text(c->judge, "not one SYN of it was seen leaving on %s", step_tcp(s)->interface));
    else if (BLOCK("wire-answer-elsewhere") && f != NULL && s->cause == CAUSE_TCP_TIMEOUT &&
             was_answered(c, s, f) && f->interface != NULL && f->interface_back != NULL &&
             !same_text(f->interface, f->interface_back))
        say_own(c, s, CAUSE_TCP_TIMEOUT, s->at,
                text(c->judge,
                     "the SYN left on %s, the answer (SYN-ACK) came in on %s, and the sensor did "
                     "not take it, as reverse path filtering wants",
                     f->interface, f->interface_back));
    else if (BLOCK("wire-answer-not-taken") && f != NULL && s->cause == CAUSE_TCP_TIMEOUT &&
             was_answered(c, s, f))
        say_own(c, s, CAUSE_TCP_TIMEOUT, s->at,
                text(c->judge, "the answer (SYN-ACK) came in on %s, and the sensor did not take it",
                     f->interface_back != NULL ? f->interface_back : "its interface"));
    else
        return false;
    return true;
}

/* Segments and acknowledgements that the capture lost look as if they had vanished. */
static bool may_be_missing(const struct cell *c, const struct step *s)
{
    return lost_packets(c) && noticed(c->result, s->flow, 0) != TRI_YES;
}

/*
 * A reset to the SYN that passed no router: its TTL is one that systems begin with (RFC 1700's 64;
 * 128 and 255 are usual too), and each router takes one off (RFC 1812 section 5.3.1). Then the
 * first router, or a box before it, spoke in the name of an address behind it. Of a capture of
 * others nobody knows how far from the sensor it was made.
 */
static bool reset_is_near(const struct cell *c, const struct step *s)
{
    const struct flow *f = flow_of(c, s);
    const struct tcp_detail *d = step_tcp(s);

    return s->cause == CAUSE_TCP_REFUSED && d != NULL && d->gateway != NULL && f != NULL &&
           (f->reset_ttl == 64 || f->reset_ttl == 128 || f->reset_ttl == 255);
}

bool is_near_reset(const struct judge *j, const struct step *s)
{
    return is_among(j->near, j->n_near, s);
}

static const char *foreign_reset_words(struct judge *j, const struct flow *f)
{
    return f->reset_ttl != INT_UNKNOWN && f->peer_ttl != INT_UNKNOWN
               ? text(j, "it came with TTL %lld, the peer's packets come with %lld",
                      (long long)f->reset_ttl, (long long)f->peer_ttl)
               : "it differs from the peer's own packets";
}

void wire_refine(struct cell *c, struct step *s)
{
    const struct flow *f = flow_of(c, s);

    if (s->verdict != VERDICT_FAIL || blame_the_sensor(c, s, f) || f == NULL)
        return;
    if (BLOCK("wire-near-reset") && reset_is_near(c, s)) {
        say_fail(c, s, s->cause, s->at,
                 text(c->judge,
                      "a reset answered, and with TTL %lld it has passed no router: %s or a box "
                      "before it sent it in that name",
                      (long long)f->reset_ttl, step_tcp(s)->gateway));
        list_push(c->judge->r->arena, c->judge->near, c->judge->n_near, s);
    }
    if (BLOCK("wire-icmp") && is_silence(s->cause))
        refine_unreachable(c, s, f);
    /* Where an experiment already named the filter, its reset is only its tool. */
    if (BLOCK("wire-foreign-reset") && is_cut(s->cause) && f->reset_foreign == TRI_YES)
        say_fail(c, s, CAUSE_RST_INJECTED, first_leg(c), foreign_reset_words(c->judge, f));
    if (BLOCK("wire-black-hole") && is_silence(s->cause) && is_black_hole(f) &&
        !(BLOCK("wire-black-hole-drops") && may_be_missing(c, s)))
        say_fail(c, s, CAUSE_MTU_BLACKHOLE, first_leg(c),
                 text(c->judge, "Segments of %lld bytes vanish, those of %lld pass.",
                      (long long)f->lost_len, (long long)f->passed_len));
}

/* Did a normal try that this flow carried pass, from the connection to its last step? */
static bool carried_a_pass(const struct result *r, int64_t flow)
{
    for (size_t i = 0; i < r->n_steps; i++) {
        const struct step *s = r->steps[i];
        bool passed = s->step == STEP_CONNECT && s->flow == flow &&
                      s->experiment == EXPERIMENT_NONE && s->outcome == OUTCOME_OK;

        for (size_t k = 0; passed && k < r->n_steps; k++)
            passed = r->steps[k]->probe != s->probe || r->steps[k]->outcome == OUTCOME_OK;
        if (passed)
            return true;
    }
    return false;
}

/* Did the flow end right after its last step, or does nobody know when? */
static bool ended_soon(const struct result *r, size_t flow)
{
    int64_t ended_us = r->wire->flows[flow]->ended_us;

    for (size_t i = 0; i < r->n_steps && ended_us != INT_UNKNOWN; i++) {
        const struct step *s = r->steps[i];

        if (s->flow == (int64_t)flow && s->started_us != INT_UNKNOWN &&
            s->duration_us != INT_UNKNOWN &&
            ended_us - s->started_us - s->duration_us <= CUT_SOON_US)
            return true;
    }
    return ended_us == INT_UNKNOWN;
}

/*
 * A connection that passed and was at once ended by a reset that the peer did not send, before we
 * ended it ourselves. With TLS 1.3 the client is done before the server has its Finished (RFC 8446
 * section 2), so a filter that looks at the server's certificate may cut what looks like a pass.
 * What resets a connection that we closed first does no harm, and what ends one that has served for
 * a while is most often a balancer's or firewall's idle time. NULL: there is none.
 */
static const struct flow *cut_behind_our_back(const struct cell *c)
{
    const struct wire *w = c->result->wire;

    for (size_t i = 0; i < w->n_flows; i++) {
        if (w->flows[i]->reset_foreign == TRI_YES && same_text(w->flows[i]->closed_by, "dst") &&
            carried_a_pass(c->result, (int64_t)i) &&
            (ended_soon(c->result, i) || !BLOCK("wire-cut-soon")))
            return w->flows[i];
    }
    return NULL;
}

/*
 * Retransmissions on the connections that passed. A dead address's SYNs and a question to DNS that
 * was asked again have causes of their own. One or two that our socket did not need are no loss: a
 * peer that waits some milliseconds in vain for a busy machine's ACK repeats its last segment (tail
 * loss probe, RFC 8985 section 7), and a FIN may be repeated while the connection is put away.
 */
static int64_t retransmits(const struct cell *c)
{
    const struct wire *w = c->result->wire;
    int64_t n = 0;

    for (size_t i = 0; i < w->n_flows; i++) {
        int64_t of_flow = w->flows[i]->retransmits, syns = 0;

        if (of_flow <= 0 || !carried_a_pass(c->result, (int64_t)i))
            continue;
        syns = syns_in_the_crowd(c, w->flows[i]);
        of_flow -= syns;
        if (BLOCK("wire-loss-unneeded") && of_flow < SURELY_LOST &&
            noticed(c->result, (int64_t)i, syns) == TRI_NO)
            continue;
        n += of_flow;
    }
    return n;
}

/*
 * The socket did what the packets do not show, or the packets show losses of which the socket knows
 * nothing. A machine so busy that its capture loses packets also answers late, and peers repeat.
 */
static bool tells_differently(const struct cell *c)
{
    const struct result *r = c->result;

    if (BLOCK("wire-drops-unseen") && r->wire->verdict == VERDICT_FAIL)
        return true;
    for (size_t i = 0; BLOCK("wire-drops-unneeded") && i < r->wire->n_flows; i++) {
        if (r->wire->flows[i]->retransmits >= SURELY_LOST && carried_a_pass(r, (int64_t)i) &&
            noticed(r, (int64_t)i, 0) == TRI_NO)
            return true;
    }
    return false;
}

/*
 * Every flow was captured on another interface than the one that the user named. Where he named
 * none, the kernel's own choice is right by definition.
 */
static const char *other_interface(const struct cell *c)
{
    const struct wire *w = c->result->wire;
    const char *meant = c->judge->r->site->interface;

    for (size_t i = 0; i < w->n_flows; i++) {
        if (w->flows[i]->interface == NULL || meant == NULL ||
            same_text(w->flows[i]->interface, meant) || same_text(meant, "any"))
            return NULL;
    }
    return w->n_flows > 0 ? w->flows[0]->interface : NULL;
}

/* Looking up a name is no way to the endpoint. */
static const char *connected_to(const struct result *x)
{
    for (size_t i = 0; i < x->n_steps; i++) {
        if (x->steps[i]->step == STEP_CONNECT && x->steps[i]->address != NULL)
            return x->steps[i]->address;
    }
    return NULL;
}

/* In a capture of others: the direct way was used although a proxy is required. */
static const char *leak_of(const struct cell *c)
{
    const struct report *r = c->judge->r;
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);

    if (!is_recording(c->judge) || r->capture->own || !c->result->required || c->path->n_legs < 2)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const struct wire *w = sibling[i]->result->wire;

        if (sibling[i]->path->n_legs == 1 && w != NULL && connected_to(sibling[i]->result) != NULL)
            return connected_to(sibling[i]->result);
    }
    return NULL;
}

static const char *leak_words(const struct cell *c, const char *leak)
{
    return text(c->judge, "%s, but went directly to %s", c->result->route, leak);
}

/* A sensor that goes nowhere but past its proxy: on the required route nothing passes to be warned
 * of, and it leaks all the same. */
void wire_conclude(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        enum verdict v = c->result->verdict;
        const char *leak = v == VERDICT_FAIL || v == VERDICT_SKIP ? leak_of(c) : NULL;

        if (BLOCK("wire-leak-alone") && leak != NULL)
            remark(j, (struct remark){CAUSE_WIRE_LEAK, "sensor", leak_words(c, leak),
                                      SEVERITY_WARNING, c, NULL});
    }
}

bool wire_warns(struct cell *c, struct step **s, enum cause *cause, const char **at,
                const char **note)
{
    const struct capture *capture = c->judge->r->capture;
    const struct wire *w = c->result->wire;
    const struct flow *cut;
    const char *leak = leak_of(c);

    *s = NULL;
    *at = "sensor";
    *note = NULL;
    if (BLOCK("wire-leak") && leak != NULL) {
        *cause = CAUSE_WIRE_LEAK;
        *note = leak_words(c, leak);
        return true;
    }
    if (!capture->enabled || w == NULL || c->n_probes == 0)
        return false;
    if (BLOCK("wire-drops") && lost_packets(c) && (w->n_flows == 0 || tells_differently(c))) {
        *cause = CAUSE_WIRE_DROPS;
        *note = text(c->judge, "%lld packet%s", (long long)capture->dropped_kernel,
                     capture->dropped_kernel == 1 ? "" : "s");
        return true;
    }
    if (BLOCK("wire-not-seen") && w->n_flows == 0) {
        *cause = CAUSE_WIRE_NOT_SEEN;
        return true;
    }
    if (BLOCK("wire-other-interface") && other_interface(c) != NULL) {
        *cause = CAUSE_WIRE_OTHER_INTERFACE;
        *note = text(c->judge, "seen on %s", other_interface(c));
        return true;
    }
    if (BLOCK("wire-cut-behind") && (cut = cut_behind_our_back(c)) != NULL) {
        *cause = CAUSE_RST_INJECTED;
        *at = first_leg(c);
        *note = text(c->judge, "the handshake passes, and then a reset cuts it; %s",
                     foreign_reset_words(c->judge, cut));
        return true;
    }
    if (BLOCK("wire-loss") && retransmits(c) > 0) {
        *cause = CAUSE_WIRE_LOSS;
        *at = first_leg(c);
        *note = text(c->judge, "%lld retransmission%s", (long long)retransmits(c),
                     retransmits(c) == 1 ? "" : "s");
        return true;
    }
    return false;
}
