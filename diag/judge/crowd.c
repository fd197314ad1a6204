/*
 * crowd: what befell connections only because so many were made at the same time. A firewall, a
 * proxy or a NAT may admit some new connections a second, or some of one source at once; this
 * program opens more than a sensor does. What fails then is asked for again by itself (the
 * experiment "repeat"): where that works, the network is right, and the limit is worth a warning.
 */
#include "diag/base/arena.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

enum {
    CROWD_LEAST = 10,      /* connections of a route: a sensor opens about as many itself */
    RECOVERED_LEAST = 2,   /* one may be chance */
    RECOVERED_RATIO = 4,   /* of those asked again: a bad member of two would fail half of them */
    REPEATED_RATIO = 4,    /* of all SYNs, when none went unanswered for good */
    SYN_PATIENCE = 900000, /* us: the kernel sends a SYN again after 1 s (RFC 6298 section 2.1) */
};

bool cause_may_be_limit(enum cause cause)
{
    switch (cause) {
    case CAUSE_TCP_TIMEOUT:
    case CAUSE_TCP_REFUSED:
    case CAUSE_TCP_RESET:
    case CAUSE_NET_PROHIBITED:
    case CAUSE_NET_UNREACHABLE:
    case CAUSE_PROXY_CLOSED:
    case CAUSE_PROXY_DENIED:
    case CAUSE_PROXY_NO_ANSWER:
    case CAUSE_PROXY_UPSTREAM_REFUSED:
    case CAUSE_PROXY_UPSTREAM_TIMEOUT:
    case CAUSE_TLS_TIMEOUT:
    case CAUSE_TLS_RESET:
    case CAUSE_TLS_CLOSED:
    case CAUSE_RST_INJECTED:
        return true;
    default:
        return false;
    }
}

bool address_is_v6(const char *address)
{
    return address != NULL && address[0] == '[';
}

bool syn_went_unanswered(const struct step *s)
{
    const struct sock *sock = step_tcp(s) != NULL ? step_tcp(s)->sock : NULL;

    return sock != NULL && s->outcome == OUTCOME_OK && sock->retransmits > 0 &&
           s->duration_us != INT_UNKNOWN && sock->rtt_us != INT_UNKNOWN &&
           s->duration_us - sock->rtt_us > SYN_PATIENCE;
}

bool probe_was_turned_away(const struct judge *j, const struct probe *p)
{
    if (p->failing != NULL)
        return cause_may_be_limit(p->failing->cause) && !is_own(j, p->failing);
    return syn_went_unanswered(p->steps[0]);
}

/* Did a segment behind the SYN need a second try? Then packets of all kinds get lost. */
static bool lost_more_than_syns(const struct probe *p)
{
    const struct tcp_detail *d = step_tcp(p->steps[0]);
    const struct sock *first = d != NULL ? d->sock : NULL;
    int64_t syns;

    if (first == NULL)
        return false;
    syns = d->syn_retransmits != INT_UNKNOWN ? d->syn_retransmits : first->retransmits;
    for (size_t i = 1; i < p->n; i++) {
        const struct sock *sock = step_sock(p->steps[i]);

        if (sock != NULL && p->steps[i]->outcome == OUTCOME_OK && sock->retransmits > syns)
            return true;
    }
    return false;
}

/* The normal try that a repetition repeats; NULL when it was none that was turned away. */
static const struct probe *repeated(const struct cell *c, const struct probe *again)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        if (p->experiment == EXPERIMENT_NONE &&
            same_text(p->steps[0]->address, again->steps[0]->address) &&
            probe_was_turned_away(c->judge, p))
            return p;
    }
    return NULL;
}

static void count(struct crowd *crowd, const struct cell *c, const struct probe *p)
{
    if (p->verdict == VERDICT_SKIP && p->failing == NULL)
        return;
    if (p->experiment == EXPERIMENT_NONE) {
        crowd->tries++;
        crowd->at_once += !BLOCK("crowd-rounds") || p->attempt == 1;
        crowd->stands[address_is_v6(p->steps[0]->address)] |= p->steps[0]->outcome == OUTCOME_OK;
        crowd->turned_away += probe_was_turned_away(c->judge, p);
        crowd->refused += p->failing != NULL;
        crowd->lossy = crowd->lossy || lost_more_than_syns(p);
    } else if (p->experiment == EXPERIMENT_REPEAT && repeated(c, p) != NULL) {
        crowd->recovered += p->failing == NULL && !syn_went_unanswered(p->steps[0]);
        crowd->relapsed += p->failing != NULL || syn_went_unanswered(p->steps[0]);
    }
}

void crowd_learn(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        for (size_t k = 0; k < c->n_probes; k++)
            count(&j->crowds[c->path - j->paths], c, &c->probes[k]);
    }
}

const struct crowd *crowd_of(const struct cell *c)
{
    return &c->judge->crowds[c->path - c->judge->paths];
}

bool crowd_is_one(const struct cell *c)
{
    return crowd_of(c)->at_once >= CROWD_LEAST;
}

bool crowd_met_a_limit(const struct cell *c)
{
    const struct crowd *crowd = crowd_of(c);

    return BLOCK("crowd-limit") && crowd_is_one(c) && !crowd->lossy &&
           crowd->recovered >= RECOVERED_LEAST &&
           crowd->recovered > RECOVERED_RATIO * crowd->relapsed &&
           (crowd->refused > 0 || crowd->turned_away * REPEATED_RATIO >= crowd->tries);
}

const char *crowd_words(struct cell *c)
{
    const struct crowd *crowd = crowd_of(c);

    return text(c->judge,
                "new connections seem to be limited: of %zu%s %zu were turned away; made again one "
                "after the other, %zu of %zu passed",
                crowd->tries,
                crowd->tries == crowd->at_once ? " made at about the same time"
                                               : ", many at a time,",
                crowd->turned_away, crowd->recovered, crowd->recovered + crowd->relapsed);
}

bool crowd_excuses(const struct cell *c, const struct probe *p)
{
    if (!crowd_met_a_limit(c) || !probe_was_turned_away(c->judge, p))
        return false;
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *again = &c->probes[i];

        if (again->experiment == EXPERIMENT_REPEAT &&
            same_text(again->steps[0]->address, p->steps[0]->address))
            return again->failing == NULL;
    }
    /* It was not among those that were chosen to be repeated. */
    return BLOCK("crowd-family") && crowd_of(c)->stands[address_is_v6(p->steps[0]->address)];
}
