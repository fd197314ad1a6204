/*
 * across: what one result tells about another one.
 */
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

int symptom_of(const struct cell *c)
{
    const struct tls_detail *d = step_tls(c->decisive);
    int got;

    if (d == NULL || c->result->verdict != VERDICT_FAIL)
        return -1;
    got = d->received != INT_UNKNOWN && d->received > 0;
    switch (c->decisive->outcome) {
    case OUTCOME_TIMEOUT:
        return got;
    case OUTCOME_RESET:
        return 2 + got;
    case OUTCOME_CLOSED:
        return 4 + got;
    default:
        return -1;
    }
}

/* What the experiments found for the results of one route that were chosen for them. */
struct lesson {
    enum cause cause;
    const char *at, *note;
    const struct cell *from;
    size_t n;
    bool mixed;
};

/*
 * Experiments are made for a few of many results with the same symptom on the same route. Where
 * these few agree, the rest has the same cause. A filter by name needs two that agree: one name
 * says nothing of another.
 */
static void inherit(struct judge *j)
{
    struct lesson *lessons =
        arena_alloc(j->r->arena, (j->r->n_routes + 1) * SYMPTOMS * sizeof *lessons);

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        int symptom = symptom_of(c);
        struct lesson *l;

        if (symptom < 0 || !c->experimented)
            continue;
        l = &lessons[(size_t)(c->path - j->paths) * SYMPTOMS + (size_t)symptom];
        l->mixed = l->mixed || (l->n > 0 && l->cause != c->result->cause);
        l->cause = c->result->cause;
        l->at = c->result->at;
        l->note = c->note;
        l->from = l->from != NULL ? l->from : c;
        l->n++;
    }
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        int symptom = symptom_of(c);
        const struct lesson *l;

        if (symptom < 0 || c->experimented)
            continue;
        l = &lessons[(size_t)(c->path - j->paths) * SYMPTOMS + (size_t)symptom];
        if (BLOCK("inherit") && l->n > (l->cause == CAUSE_SNI_FILTERED) && !l->mixed) {
            struct step *s = c->decisive;

            say_fail(c, s, l->cause, l->at, l->note);
            cell_set_from(c, VERDICT_FAIL, s);
            c->taught_by = l->from;
        }
    }
}

static int by_address(const void *a, const void *b)
{
    const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
    int order = strcmp(x->decisive->address, y->decisive->address);

    return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

static bool was_told(const struct cell *c)
{
    return c->result->cause == CAUSE_NET_UNREACHABLE || c->result->cause == CAUSE_NET_PROHIBITED;
}

/*
 * Routers limit how often they send an ICMP error (RFC 1812 section 4.3.2.8): of several results at
 * one address and port some may be told why, and the others wait in vain. What one was told holds
 * for all of them on the same leg.
 */
static void share_icmp(struct judge *j)
{
    struct cell **list = arena_alloc(j->r->arena, (j->r->n_results + 1) * sizeof(struct cell *));
    size_t n = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];

        if (c->result->verdict == VERDICT_FAIL && c->decisive != NULL &&
            c->decisive->step == STEP_CONNECT && c->decisive->address != NULL &&
            !(BLOCK("share-icmp-not-own") && is_own(j, c->decisive)) && /* no router said it */
            (was_told(c) || c->result->cause == CAUSE_TCP_TIMEOUT))
            list[n++] = c;
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_address);
    for (size_t i = 0, end; i < n; i = end) {
        const struct cell *told = NULL;

        for (end = i;
             end < n && strcmp(list[end]->decisive->address, list[i]->decisive->address) == 0;
             end++)
            told = told == NULL && was_told(list[end]) ? list[end] : told;
        for (size_t k = i; told != NULL && k < end; k++) {
            struct cell *c = list[k];

            if (!BLOCK("share-icmp") || was_told(c) || !same_text(told->result->at, c->result->at))
                continue;
            c->told_router = step_tcp(told->decisive)->icmp_from;
            say_fail(c, c->decisive, told->result->cause, told->result->at,
                     text(j, "%s said it of %s, at the same address",
                          c->told_router != NULL ? c->told_router : "a router",
                          told->result->endpoint));
            cell_set_from(c, VERDICT_FAIL, c->decisive);
        }
    }
}

/*
 * ICMP "network unreachable" (RFC 792), ICMPv6 "no route to destination" (RFC 4443 section 3.1) of
 * the sensor's own next router: it has no route there. A router of IPv6 is known by its link-local
 * address (RFC 4861 section 4.2) and sends errors from a global one, that of the interface towards
 * the sensor: an address of the sensor's own network.
 */
static bool first_router_lacks_route(const struct cell *c)
{
    const struct tcp_detail *d = step_tcp(c->decisive);
    bool says_so;

    if (c->result->cause != CAUSE_NET_UNREACHABLE || d == NULL || d->gateway == NULL ||
        d->icmp_from == NULL || d->icmp_code != 0)
        return false;
    says_so = d->icmp_type == (strchr(d->icmp_from, ':') != NULL ? 1 : 3);
    return says_so && (same_text(d->icmp_from, d->gateway) ||
                       (BLOCK("no-route-ipv6") && d->icmp_type == 1 && d->source != NULL &&
                        in_network_of(d->icmp_from, d->source)));
}

static bool somebody_connects(const struct judge *j, const char *leg)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];

        for (size_t k = 0; k < x->n_steps; k++) {
            if (x->steps[k]->step == STEP_CONNECT && x->steps[k]->outcome == OUTCOME_OK &&
                same_text(x->steps[k]->leg, leg))
                return true;
        }
    }
    return false;
}

/* Silence in which not even the first router answers SYNs that live too short for it. */
static bool first_router_is_silent(const struct judge *j, const struct cell *c, const char *gateway)
{
    const struct tcp_detail *d = step_tcp(c->decisive);
    const struct step *trace = trace_to(j, c->decisive->address);

    if (c->result->cause != CAUSE_TCP_TIMEOUT || d == NULL || !same_text(d->gateway, gateway))
        return false;
    for (size_t i = 0; trace != NULL && i < step_tcp(trace)->n_trace; i++) {
        if (step_tcp(trace)->trace[i]->answer != NULL)
            return false;
    }
    return true;
}

/*
 * A first router that has no route says so to two or three packets of a sender, then once in a
 * while (Linux pays for such errors from one account for each sender): of twelve endpoints two are
 * told why, and ten wait in vain. Where nobody gets through it, and it does not even answer the
 * trace to a silent address, though it was heard to send ICMP errors, it has no route there either.
 */
static void share_no_route(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *told = &j->cells[i];
        const char *router, *gateway, *leg = told->result->at;

        if (told->result->verdict != VERDICT_FAIL || told->decisive == NULL ||
            !first_router_lacks_route(told) || somebody_connects(j, leg))
            continue;
        router = step_tcp(told->decisive)->icmp_from;
        gateway = step_tcp(told->decisive)->gateway;
        for (size_t k = 0; k < j->r->n_results; k++) {
            struct cell *c = &j->cells[k];

            if (!BLOCK("share-no-route") || c->result->verdict != VERDICT_FAIL ||
                c->decisive == NULL || c->decisive->step != STEP_CONNECT ||
                c->decisive->address == NULL || !same_text(c->result->at, leg) ||
                !first_router_is_silent(j, c, gateway))
                continue;
            c->told_router = router;
            say_fail(c, c->decisive, CAUSE_NET_UNREACHABLE, leg,
                     text(j, "%s said it of %s, and lets nothing else through", router,
                          told->result->endpoint));
            cell_set_from(c, VERDICT_FAIL, c->decisive);
        }
    }
}

void judge_across(struct judge *j)
{
    inherit(j);
    share_icmp(j);
    share_no_route(j);
    neighbour_across(j);
    misled_inherit(j);
    silence_across(j);
    revocation_warns(j);
}
