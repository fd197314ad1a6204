/*
 * neighbour: silence for a reason on the sensor's own link that the kernel does not know of.
 *
 * A router that it was told of by hand (ip-neighbour(8), nud permanent) is never asked for, so no
 * state of the neighbour table shows that the entry is wrong. And where two machines answer for one
 * address (RFC 5227 section 1.1) it believes one of them.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

static const char *gateway_of(const struct step *s)
{
    const struct tcp_detail *t = step_tcp(s);
    const struct dns_detail *d = step_dns(s);

    return t != NULL ? t->gateway : d != NULL ? d->gateway : NULL;
}

const char *held_by_hand(const struct step *s)
{
    const struct tcp_detail *t = step_tcp(s);
    const struct dns_detail *d = step_dns(s);
    const char *state = t != NULL ? t->neighbour : d != NULL ? d->neighbour : NULL;

    if (gateway_of(s) == NULL || !same_text(state, "permanent"))
        return NULL;
    return t != NULL ? t->neighbour_mac : d->neighbour_mac;
}

/* Did a router, or whoever the SYNs of a trace were for, say anything? */
static bool trace_heard(const struct tcp_detail *d)
{
    for (size_t i = 0; d != NULL && i < d->n_trace; i++) {
        if (d->trace[i]->answer != NULL)
            return true;
    }
    return false;
}

static bool heard(const struct step *s)
{
    switch (s->outcome) {
    case OUTCOME_NONE:
    case OUTCOME_CANCELLED:
    case OUTCOME_LOCAL_ERROR:
    case OUTCOME_DNS_TIMEOUT:
    case OUTCOME_DNS_NO_RESOLVER:
    case OUTCOME_TCP_TIMEOUT:
    case OUTCOME_TCP_NO_ROUTE:
    case OUTCOME_TCP_NO_NEIGHBOUR:
    case OUTCOME_TCP_LOCAL_DENIED:
        return trace_heard(step_tcp(s));
    default:
        return s->step == STEP_RESOLVE || s->step == STEP_CONNECT;
    }
}

/*
 * May this step's word have come through the router that `silent` was sent to? Not over the other
 * family, not from this machine itself, not from its own network. A step that passed does not say
 * which way it took.
 */
static bool came_by(const struct step *s, const struct step *silent)
{
    const struct tcp_detail *d = step_tcp(silent);
    struct addr a, b;

    if (s->address == NULL || !addr_parse_port(s->address, 0, &a) ||
        !addr_parse_port(silent->address, 0, &b) || a.family != b.family ||
        addr_kind(&a) == ADDR_LOOPBACK)
        return false;
    if (gateway_of(s) != NULL)
        return same_text(gateway_of(s), gateway_of(silent));
    return d == NULL || d->source == NULL || !in_network_of(d->source, s->address);
}

static bool any_heard(struct step *const *steps, size_t n, const struct step *silent)
{
    for (size_t i = 0; i < n; i++) {
        if (heard(steps[i]) && came_by(steps[i], silent))
            return true;
    }
    return false;
}

static bool nothing_came_by(const struct judge *j, const struct step *silent)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        if (any_heard(j->r->results[i]->steps, j->r->results[i]->n_steps, silent))
            return false;
    }
    for (size_t i = 0; i < j->r->n_hops; i++) {
        if (any_heard(j->r->hops[i]->steps, j->r->hops[i]->n_steps, silent))
            return false;
    }
    return true;
}

/* --- two machines, one address --- */

/* The address that the step was sent from, as far as it is known. */
static const char *source_of(const struct cell *c)
{
    const struct step *s = c->decisive;
    const struct tcp_detail *t = step_tcp(s);
    const struct wire *w = c->result->wire;

    if (t != NULL && t->source != NULL)
        return t->source;
    return w != NULL && s->flow >= 0 && s->flow < (int64_t)w->n_flows
               ? without_port(c->judge, w->flows[s->flow]->src)
               : NULL;
}

static const char *interface_of(const struct cell *c)
{
    const struct tcp_detail *t = step_tcp(c->decisive);
    const struct dns_detail *d = step_dns(c->decisive);

    return t != NULL ? t->interface : d != NULL ? d->interface : NULL;
}

/* Heard on the interface that the step used: other networks may have the same addresses. */
static const struct double_address *double_of(const struct cell *c, const char *address)
{
    const struct capture *capture = c->judge->r->capture;

    for (size_t i = 0; i < capture->n_doubles; i++) {
        const struct double_address *d = capture->doubles[i];

        if (same_text(d->address, address) && d->n_macs > 1 &&
            (interface_of(c) == NULL || d->interface == NULL ||
             same_text(d->interface, interface_of(c))))
            return d;
    }
    return NULL;
}

bool is_doubled(const struct judge *j, const struct step *s)
{
    return is_among(j->doubled, j->n_doubled, s);
}

/* `what` the address is of the sensor's; the place and the cause may stay as they are. */
static void say_double(struct cell *c, enum cause cause, const char *at, const char *what,
                       const struct double_address *d)
{
    struct judge *j = c->judge;

    say_fail(c, c->decisive, cause, at,
             text(j, "two machines on the sensor's network say that %s %s is theirs: %s and %s",
                  what, d->address, d->macs[0], d->macs[1]));
    cell_set_from(c, VERDICT_FAIL, c->decisive);
    list_push(j->r->arena, j->doubled, j->n_doubled, c->decisive);
}

/* --- all results --- */

/* Is it for want of an answer that the result fails? */
static bool is_silence(const struct cell *c)
{
    return c->result->verdict == VERDICT_FAIL && c->decisive != NULL &&
           c->decisive->address != NULL &&
           (c->result->cause == CAUSE_TCP_TIMEOUT || c->result->cause == CAUSE_DNS_TIMEOUT);
}

/*
 * A wrong entry is the sensor's own fault; one that is right has let something through by now. Of
 * two machines with the router's address one forwards nothing; where something came by, the silence
 * may have another reason. Of two with the sensor's own address the other gets the answers.
 */
void neighbour_across(struct judge *j)
{
    const struct step *asked = NULL;
    bool silent = false;

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        const struct double_address *own, *router;

        if (!is_silence(c))
            continue;
        own = double_of(c, source_of(c));
        router = double_of(c, gateway_of(c->decisive));
        if (gateway_of(c->decisive) != NULL &&
            (asked == NULL || !same_text(gateway_of(asked), gateway_of(c->decisive)))) {
            asked = c->decisive;
            silent = nothing_came_by(j, asked);
        }
        if (BLOCK("double-own-address") && own != NULL) {
            say_double(c, c->result->cause, c->result->at, "the sensor's own address", own);
        } else if (gateway_of(c->decisive) == NULL || !silent) {
            continue;
        } else if (BLOCK("gateway-by-hand") && held_by_hand(c->decisive) != NULL) {
            say_fail(c, c->decisive, CAUSE_GATEWAY_UNREACHABLE, "sensor",
                     text(j,
                          "%s is held by hand to be at %s (a permanent entry), so the kernel never "
                          "asks for it, and nothing has come back from there",
                          gateway_of(c->decisive), held_by_hand(c->decisive)));
            cell_set_from(c, VERDICT_FAIL, c->decisive);
        } else if (BLOCK("double-router") && router != NULL) {
            say_double(c, CAUSE_GATEWAY_UNREACHABLE, "sensor", "the router's address", router);
        }
    }
}
