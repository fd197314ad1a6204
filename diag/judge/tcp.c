/*
 * tcp: from what connect() told to tcp-…, net-… and the sensor's own causes (RFC 9293, 792, 4443,
 * 1812 section 5.2.7.1).
 */
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <netinet/in.h>

static const char at_sensor[] = "sensor";
static const char own_filter[] = "the sensor's own packet filter";

static const char *leg_of(const struct cell *c, const struct step *s)
{
    return s->leg != NULL ? s->leg : first_leg(c);
}

static const char *from_router(struct cell *c, const char *icmp, const char *router)
{
    return text(c->judge, "%s from %s", icmp != NULL ? icmp : "ICMP unreachable",
                router != NULL ? router : "an unnamed router");
}

/* What the router said; after "time exceeded" also how it came to that, where it is known. */
static const char *icmp_note(struct cell *c, const struct step *s, const struct tcp_detail *d)
{
    const char *note = d->error, *words = trace_words(c->judge, s->address);

    if (d->icmp != NULL || d->icmp_from != NULL)
        note = from_router(c, d->icmp, d->icmp_from);
    if (BLOCK("tcp-why-time-exceeded") && words != NULL && has_text(d->icmp, "exceeded"))
        return text(c->judge, "%s; %s", note, words);
    return note;
}

static bool neighbour_dead(const struct tcp_detail *d)
{
    return same_text(d->neighbour, "failed") || same_text(d->neighbour, "incomplete");
}

/* An entry that the kernel would use, whether it was confirmed lately or not (NUD_VALID). */
static bool neighbour_kept(const struct tcp_detail *d)
{
    static const char *const states[] = {"reachable", "permanent", "stale", "delay", "probe"};

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (same_text(d->neighbour, states[i]))
            return true;
    }
    return false;
}

/* Does the next packet not even leave the local network? A target on the link has no gateway. */
static bool gateway_dead(const struct tcp_detail *d)
{
    return d->gateway != NULL && neighbour_dead(d);
}

bool is_missed_on_link(const struct step *s)
{
    const struct tcp_detail *d = step_tcp(s);

    return d != NULL && d->gateway == NULL &&
           (s->outcome == OUTCOME_TCP_NO_NEIGHBOUR ||
            (s->outcome == OUTCOME_TCP_TIMEOUT && neighbour_dead(d)));
}

static bool own_route_missing(const struct step *s)
{
    return same_text(step_tcp(s)->route, "none") || refusing_route(s) != NULL;
}

bool lacks_port(const struct step *s)
{
    const struct tcp_detail *d = step_tcp(s);

    return d != NULL && s->outcome == OUTCOME_TCP_NO_ROUTE &&
           same_text(d->error, "EADDRNOTAVAIL") && same_text(d->route, "route") &&
           d->source != NULL;
}

static bool icmp_known(const struct tcp_detail *d)
{
    return d->icmp != NULL || d->icmp_from != NULL || d->icmp_type != INT_UNKNOWN;
}

/* Reasons on this side of the first cable. True when one was said. */
static bool blame_the_sensor(struct cell *c, struct step *s, const struct tcp_detail *d)
{
    if (BLOCK("tcp-icmp-speaks") && icmp_known(d))
        return false; /* an answer came from outside: cable and gateway work */
    if (BLOCK("tcp-link-down") && d->link_down)
        say_fail(c, s, CAUSE_GATEWAY_UNREACHABLE, at_sensor,
                 link_down_words(c->judge, d->interface, d->route));
    else if (BLOCK("tcp-no-port") && lacks_port(s))
        say_fail(c, s, CAUSE_NO_ROUTE, at_sensor, "no local port is free for it (EADDRNOTAVAIL)");
    else if (BLOCK("tcp-no-route") && (s->outcome == OUTCOME_TCP_NO_ROUTE || own_route_missing(s)))
        say_fail(c, s, CAUSE_NO_ROUTE, at_sensor,
                 BLOCK("tcp-refusing-route") && refusing_route(s) != NULL
                     ? text(c->judge, "a route of type %s refuses that address", refusing_route(s))
                     : text(c->judge, "%s", d->error != NULL ? d->error : "no route to it"));
    else if (BLOCK("tcp-gateway-dead") && gateway_dead(d))
        say_fail(c, s, CAUSE_GATEWAY_UNREACHABLE, at_sensor,
                 text(c->judge, "%s does not answer on the local network", d->gateway));
    else
        return false;
    return true;
}

static void judge_refused(struct cell *c, struct step *s, const struct tcp_detail *d)
{
    /* Port unreachable gives the same errno as a reset, but a router speaks, not the host. */
    if (BLOCK("tcp-refused-by-icmp") && icmp_known(d))
        say_fail(c, s, CAUSE_NET_UNREACHABLE, leg_of(c, s), icmp_note(c, s, d));
    else
        say_fail(c, s, CAUSE_TCP_REFUSED, leg_of(c, s), "a reset answered");
}

/* It is off, has another address, or is not on this network at all. */
static const char missed_on_link[] =
    "by the sensor's netmask it is on its own network, and it does not answer there (ARP)";

static void judge_no_neighbour(struct cell *c, struct step *s, const struct tcp_detail *d)
{
    /* An error that this machine's kernel made up, although it does not miss the neighbour: only a
     * filter that rejects with "host unreachable" does that. */
    if (BLOCK("tcp-own-filter-unreachable") && neighbour_kept(d))
        say_own(c, s, CAUSE_NET_PROHIBITED, leg_of(c, s), own_filter);
    else if (BLOCK("tcp-no-neighbour-gateway") && d->gateway != NULL)
        say_fail(c, s, CAUSE_GATEWAY_UNREACHABLE, at_sensor,
                 text(c->judge, "%s does not answer on the local network", d->gateway));
    else /* the target itself is on the link */
        say_fail(c, s, CAUSE_TCP_TIMEOUT, leg_of(c, s), missed_on_link);
}

/*
 * Accepted, and reset before anything was sent. A moment later the same reset meets the CONNECT:
 * one behaviour of a hop, one cause.
 */
static void judge_reset(struct cell *c, struct step *s)
{
    if (BLOCK("tcp-reset-by-hop") && c->path->n_legs > 1 && same_text(leg_of(c, s), first_leg(c)))
        say_fail(c, s, CAUSE_PROXY_CLOSED, c->path->stations[1],
                 "It resets the connection before it is asked for anything.");
    else
        say_fail(c, s, CAUSE_TCP_RESET, leg_of(c, s), NULL);
}

static void judge_silence(struct cell *c, struct step *s)
{
    const struct trace_hop *refusal = trace_refusal(c->judge, s->address);

    /* Routers count their ICMP errors (RFC 1812 section 4.3.2.8): the first may have gone unsaid.
     */
    if (BLOCK("trace-refused") && refusal != NULL)
        say_fail(c, s,
                 same_text(refusal->answer, "prohibited") ? CAUSE_NET_PROHIBITED
                                                          : CAUSE_NET_UNREACHABLE,
                 leg_of(c, s), from_router(c, refusal->icmp, refusal->router));
    else if (BLOCK("tcp-silent-neighbour") && is_missed_on_link(s)) /* the kernel waits 3 s */
        say_fail(c, s, CAUSE_TCP_TIMEOUT, leg_of(c, s), missed_on_link);
    else
        say_fail(c, s, CAUSE_TCP_TIMEOUT, leg_of(c, s), trace_words(c->judge, s->address));
}

void tcp_sieve(struct cell *c, struct step *s)
{
    const struct tcp_detail *d = step_tcp(s);

    if (d == NULL || not_tried(s)) {
        say_skip(s);
        return;
    }
    if (s->outcome == OUTCOME_OK) {
        say_pass(s);
        return;
    }
    if (s->outcome != OUTCOME_TCP_REFUSED && blame_the_sensor(c, s, d))
        return;
    switch (s->outcome) {
    case OUTCOME_TCP_REFUSED:
        judge_refused(c, s, d);
        return;
    case OUTCOME_TCP_UNREACHABLE:
        say_fail(c, s, CAUSE_NET_UNREACHABLE, leg_of(c, s), icmp_note(c, s, d));
        return;
    case OUTCOME_TCP_PROHIBITED:
        say_fail(c, s, CAUSE_NET_PROHIBITED, leg_of(c, s), icmp_note(c, s, d));
        return;
    case OUTCOME_TCP_NO_NEIGHBOUR:
        judge_no_neighbour(c, s, d);
        return;
    case OUTCOME_TCP_LOCAL_DENIED: /* nobody but this machine's own filter can say that */
        say_own(c, s, CAUSE_NET_PROHIBITED, leg_of(c, s), own_filter);
        return;
    case OUTCOME_RESET:
        judge_reset(c, s);
        return;
    default:
        judge_silence(c, s);
        return;
    }
}
