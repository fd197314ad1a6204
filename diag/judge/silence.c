/*
 * silence: a proxy that accepts a CONNECT and says nothing in time.
 *
 * It hangs, or it waits for its own next step: Squid's patience with DNS (dns_timeout, 30 s) and
 * with a connection (connect_timeout, 60 s) is much longer than ours. Experiments tell these apart:
 * who answers what he need not pass on is alive and waits; who has a tunnel to the address at once
 * waits for the name; and who is asked again may know by then why he failed (Squid 5.7 keeps a
 * failed name). Who is alive and handles no CONNECT, not even one to his own loopback address,
 * hangs himself. Which hop of a forwarded chain waits, the one behind it tells when it is asked
 * alone.
 */
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include "diag/base/arena.h"

/* Where a hop waits that passes requests on: on the next leg, until somebody behind it was heard.
 */
static const char *waiting_leg(const struct cell *c, const char *hop)
{
    return hop_forwards(c, hop) && c->path->beyond ? last_leg(c) : leg_after(c, hop);
}

/* What may hang in a proxy that answers for itself. */
#define HELPERS "(login, external ACL, URL rewriting)"

static bool said_nothing(const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    return d != NULL && s->outcome == OUTCOME_TIMEOUT &&
           (d->received == INT_UNKNOWN || d->received == 0);
}

/* A question to the hop itself says nothing of what is behind it. */
static bool is_of_hop_itself(const struct step *s)
{
    return s->experiment == EXPERIMENT_HOP_ITSELF || s->experiment == EXPERIMENT_HOP_LOOPBACK ||
           s->experiment == EXPERIMENT_HOP_PAGE;
}

bool hangs_at_connect(const struct cell *c, const struct hop_facts *f)
{
    return BLOCK("hangs-at-connect") && f != NULL && f->alive == TRI_YES && f->handles == TRI_NO &&
           f->answered == NULL && !hop_forwards(c, f->hop->name);
}

/* What its own loopback address told of a hop that waits. */
static const char *loopback_note(const struct cell *c, const struct hop_facts *f)
{
    bool forwards = hop_forwards(c, f->hop->name);

    if (f->answered != NULL)
        return "";
    if (f->handles == TRI_YES && forwards && c->path->beyond)
        return " A CONNECT to a loopback address is answered at once, and not by it: the next "
               "station is there.";
    if (f->denies_itself)
        return " A CONNECT to its own loopback address is denied at once by its rules; that one of "
               "its own helpers " HELPERS " hangs is not ruled out.";
    if (f->handles == TRI_YES)
        return " A CONNECT to its own loopback address is answered at once: it does handle them.";
    if (forwards && !c->path->beyond)
        return " That one of its own helpers " HELPERS " hangs is not ruled out.";
    return "";
}

/* The first hop of a chain may be silent because the one behind it is: nothing told. */
static const char *silent_note(struct cell *c, const struct step *s, const char *hop)
{
    const struct tunnel_detail *d = step_tunnel(s);
    const struct hop_facts *f = facts_of_hop(c->judge, hop);

    if (d->received != INT_UNKNOWN && d->received > 0)
        return text(c->judge, "Only %lld byte%s of an answer came.", (long long)d->received,
                    d->received == 1 ? "" : "s");
    if (hangs_at_connect(c, f))
        return "It answers a request for a page of its own, and no CONNECT, not even one to its "
               "own loopback address, which takes no name and no network: a helper that it asks "
               "about each CONNECT " HELPERS " hangs.";
    if (f != NULL && f->alive == TRI_NO)
        return "Nor does it answer what it need not pass on to anybody.";
    if (!same_text(station_after(c, hop), "endpoint"))
        return "The silence may be that of a hop behind it.";
    return NULL;
}

/* Squid connects to an address itself before it asks a parent (nonhierarchical_direct), unless it
 * was told to go through that one; then it resolves no name either, but for its own rules (`acl …
 * dst`). So who has the one behind him answer for a loopback address waits for that one's DNS,
 * unless that one serves the sensor. */
static void say_waits_for_dns(struct cell *c, struct step *s, const char *hop)
{
    const struct hop_facts *f = facts_of_hop(c->judge, hop);
    const struct hop_facts *behind = facts_of_hop(c->judge, f->passes_on_to);
    const char *next =
        BLOCK("waits-for-dns-behind") && behind != NULL && !behind->served ? f->passes_on_to : NULL;
    const char *who = "";

    if (next != NULL)
        who = text(c->judge, " (%s passes on to %s what it is asked, addresses too)", hop, next);
    else if (hop_forwards(c, hop))
        who = " (itself or the hop behind it: that cannot be told)";
    say_fail(c, s, CAUSE_PROXY_DNS_FAILED, next != NULL ? next : hop,
             text(c->judge,
                  "It says nothing in time when it is asked for the name, and connects at once "
                  "when it is asked for the address %s%s.",
                  without_port(c->judge, step_by_address(c, s, OUTCOME_OK)->target), who));
}

void silence_sieve(struct cell *c, struct step *s, const char *hop)
{
    const struct hop_facts *f = facts_of_hop(c->judge, hop);
    const struct endpoint *e = c->result->of_endpoint;
    bool answers = f != NULL && f->answered != NULL && (f->answered_others || f->answered != e);
    bool alive = BLOCK("proxy-alive") && f != NULL && f->alive == TRI_YES;
    bool waits =
        (answers || alive) && said_nothing(s) && !is_of_hop_itself(s) && !hangs_at_connect(c, f);

    /* A made-up name may take the proxy's DNS long: nothing is shown, in neither direction. */
    if (BLOCK("wildcard-silence") && waits && e->wildcard)
        say_skip(s);
    else if (BLOCK("proxy-waits-for-a-family") && waits && silent_address(c, s) != NULL)
        say_fail(c, s, CAUSE_PROXY_UPSTREAM_TIMEOUT, waiting_leg(c, hop),
                 text(c->judge,
                      "It connects at once when it is asked for the address %s, and says nothing "
                      "in time when it is asked for %s, which has the same name: what it sends "
                      "there vanishes, and it does not try the other one.",
                      without_port(c->judge, step_by_address(c, s, OUTCOME_OK)->target),
                      without_port(c->judge, silent_address(c, s)->target)));
    else if (BLOCK("proxy-waits-for-dns") && waits && address_is_reached(c, s))
        say_waits_for_dns(c, s, hop);
    else if (BLOCK("proxy-waits-upstream") && waits)
        say_fail(c, s, CAUSE_PROXY_UPSTREAM_TIMEOUT, waiting_leg(c, hop),
                 text(c->judge, "%s %s%s", hop,
                      answers ? "answers for other endpoints, for this one it says nothing in time."
                              : "is alive (it answers a request for a page of its own), but says "
                                "nothing in time when it has to go on.",
                      f != NULL ? loopback_note(c, f) : ""));
    else
        say_fail(c, s, CAUSE_PROXY_NO_ANSWER, hop, silent_note(c, s, hop));
}

bool silence_is_broken(struct cell *c, const struct step *failing)
{
    const struct probe *p = experiment_probe(c, EXPERIMENT_REPEAT);

    if (!BLOCK("repeat-tells") || !said_nothing(failing) || p == NULL || p->failing == NULL ||
        p->failing->step != STEP_TUNNEL || p->failing->outcome != OUTCOME_HTTP_STATUS)
        return false;
    cell_set_from(c, VERDICT_FAIL, p->failing);
    return true;
}

/* The normal try that ended in silence; NULL when none did. */
static struct step *silent_step(const struct cell *c)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        if (c->probes[i].experiment == EXPERIMENT_NONE && c->probes[i].failing != NULL &&
            said_nothing(c->probes[i].failing))
            return c->probes[i].failing;
    }
    return NULL;
}

static void take_over(struct cell *c, struct step *s, enum cause cause, const char *at,
                      const char *note)
{
    say_fail(c, s, cause, at, note);
    cell_set_from(c, VERDICT_FAIL, s);
}

/* --- the hop behind, asked alone --- */

/* A cause for which a hop keeps the one before it waiting. */
static bool makes_wait(enum cause cause)
{
    return cause == CAUSE_PROXY_NO_ANSWER || cause == CAUSE_PROXY_DNS_FAILED ||
           cause == CAUSE_PROXY_UPSTREAM_TIMEOUT || cause == CAUSE_PROXY_UPSTREAM_FAILED;
}

/* Squid (5.7) says 200 as soon as its parent took the CONNECT, and hands on whatever comes from
 * there: what is no answer to a CONNECT looks like the endpoint's. Measured. */
static bool parent_breaks_it(const struct cell *c, const struct result *alone, const char *hop)
{
    return BLOCK("parent-breaks-the-tunnel") && c->decisive->step == STEP_TLS &&
           (c->result->cause == CAUSE_TLS_CLOSED || c->result->cause == CAUSE_TLS_RESET ||
            c->result->cause == CAUSE_TLS_NOT_TLS) &&
           (alone->cause == CAUSE_PROXY_CLOSED || alone->cause == CAUSE_PROXY_MALFORMED ||
            alone->cause == CAUSE_PROXY_NOT_A_PROXY) &&
           same_text(alone->at, hop);
}

/* What the same endpoint's result on the route of a later hop alone says of this one. */
static bool learn_from_alone(struct cell *c, const struct cell *alone, const char *hop)
{
    const struct result *x = alone->result;
    const char *first = c->path->stations[1];
    struct step *s = c->decisive;

    if (parent_breaks_it(c, x, hop)) {
        take_over(c, s, x->cause, hop,
                  text(c->judge,
                       "%s opens the tunnel before the proxy behind it has answered; %s, asked "
                       "alone, fails like this.",
                       first, hop));
        return true;
    }
    if (!said_nothing(s))
        return false;
    if (BLOCK("later-hop-fails-alone") && x->verdict == VERDICT_FAIL && makes_wait(x->cause) &&
        facts_of_hop(c->judge, first)->alive != TRI_NO &&
        (c->result->cause != CAUSE_PROXY_NO_ANSWER || x->cause == CAUSE_PROXY_NO_ANSWER)) {
        take_over(c, s, x->cause, x->at,
                  text(c->judge, "%s, asked alone, fails in the same way.", hop));
        return true;
    }
    if (BLOCK("later-hop-works-alone") && c->result->cause == CAUSE_PROXY_UPSTREAM_TIMEOUT &&
        (x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN)) {
        take_over(c, s, CAUSE_PROXY_UPSTREAM_TIMEOUT, leg_after(c, first),
                  text(c->judge, "%s The endpoint works when %s is asked alone.", s->note, hop));
        return true;
    }
    return false;
}

/*
 * A first hop that says nothing waits for the one behind it, or that one for somebody else. When
 * that one fails in the same way when it is asked alone, it is the one; when it works, it is not.
 * And a tunnel that leads nowhere may be of its making.
 */
static void ask_the_hop_behind(struct cell *c)
{
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);
    const char *first = c->path->stations[1];

    if (c->result->verdict != VERDICT_FAIL || c->decisive == NULL || !hop_forwards(c, first) ||
        chain_is_circle(c->judge, c->decisive) || facts_of_hop(c->judge, first) == NULL)
        return;
    for (size_t i = 0; i < n; i++) {
        const char *hop = sibling[i]->path->stations[1];

        if (sibling[i]->path->n_legs > 1 && !same_text(hop, first) && leg_into(c, hop) != NULL &&
            learn_from_alone(c, sibling[i], hop))
            return;
    }
}

/* --- the few that were asked again --- */

struct lesson {
    enum cause cause;
    const char *at, *note;
    bool known, mixed;
};

/* Experiments are made for a few of many silent results on one route; where they agree, the rest
 * has the same cause. */
static void inherit(struct judge *j)
{
    struct lesson *lessons = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *lessons);

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        struct lesson *l = &lessons[c->path - j->paths];

        if (silent_step(c) == NULL || experiment_probe(c, EXPERIMENT_REPEAT) == NULL)
            continue;
        l->mixed = l->mixed || c->result->verdict != VERDICT_FAIL ||
                   (l->known && (l->cause != c->result->cause || !same_text(l->at, c->result->at)));
        *l = (struct lesson){c->result->cause, c->result->at, c->note, true, l->mixed};
    }
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        const struct lesson *l = &lessons[c->path - j->paths];

        if (BLOCK("inherit-silence") && l->known && !l->mixed && silent_step(c) != NULL &&
            experiment_probe(c, EXPERIMENT_REPEAT) == NULL && c->result->verdict == VERDICT_FAIL)
            take_over(c, silent_step(c), l->cause, l->at, l->note);
    }
}

void silence_across(struct judge *j)
{
    inherit(j);
    /* The shorter routes first: what they say is asked for by the longer ones. */
    for (size_t legs = 2; legs <= j->r->n_hops + 1; legs++) {
        for (size_t i = 0; i < j->r->n_results; i++) {
            if (j->cells[i].path->n_legs == legs)
                ask_the_hop_behind(&j->cells[i]);
        }
    }
}
