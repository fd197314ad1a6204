/*
 * routes: from connections (connections.c) to tries and results.
 *
 * A try passes when one of its connections (one for each address) passes; a result passes when all
 * tries do. Whatever else was noticed on a pass is a warning, the gravest first.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

enum { LISTED_ADDRESSES = 6 };

/* One try: the connections to all addresses with the same attempt number. */
struct
try {
    int64_t attempt;
    const struct probe *pass, *fail;
};

/* --- tries --- */

/* How much a failing connection says: how far it got; nothing when there was no way to begin. */
static int depth(const struct probe *p)
{
    int depth = 0;

    while ((size_t)depth < p->n && p->steps[depth] != p->failing)
        depth++;
    return p->failing->cause == CAUSE_NO_ROUTE ? -1 : depth;
}

/* Silence from an address of which a router said why on another try: routers count their ICMP
 * errors (RFC 1812 section 4.3.2.8), and the later ones go unsaid. */
static bool is_unsaid(const struct cell *c, const struct step *silent)
{
    if (!BLOCK("silence-after-icmp") || silent->outcome != OUTCOME_TCP_TIMEOUT)
        return false;
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct step *f = c->probes[i].failing;

        if (f != NULL && same_text(f->address, silent->address) &&
            (f->cause == CAUSE_NET_UNREACHABLE || f->cause == CAUSE_NET_PROHIBITED))
            return true;
    }
    return false;
}

/* How many connections of the result fail for the same reason at the same place. */
static size_t same_failures(const struct cell *c, const struct probe *p)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_probes; i++) {
        const struct step *f = c->probes[i].failing;

        n += c->probes[i].experiment == EXPERIMENT_NONE && f != NULL &&
             f->cause == p->failing->cause && same_text(f->at, p->failing->at) && !is_unsaid(c, f);
    }
    return n;
}

static bool says_more(const struct cell *c, const struct probe *p, const struct probe *than)
{
    size_t n, m;

    if (than == NULL || depth(p) != depth(than))
        return than == NULL || depth(p) > depth(than);
    n = same_failures(c, p);
    m = same_failures(c, than);
    return n > m;
}

static struct try *try_of(struct try **tries, size_t *n, struct arena *a, int64_t attempt)
{
    struct try fresh = {.attempt = attempt};

    for (size_t i = *n; i-- > 0;) {
        if ((*tries)[i].attempt == attempt)
            return &(*tries)[i];
    }
    list_push(a, *tries, *n, fresh);
    return &(*tries)[*n - 1];
}

static size_t collect_tries(struct cell *c, struct try **tries)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];
        struct try *t;

        if (p->experiment != EXPERIMENT_NONE || p->verdict == VERDICT_SKIP)
            continue;
        t = try_of(tries, &n, c->judge->r->arena, p->attempt);
        if (p->verdict != VERDICT_FAIL) {
            if (t->pass == NULL || (t->pass->verdict == VERDICT_PASS && p->verdict == VERDICT_WARN))
                t->pass = p; /* a pass with a warning says more */
        } else if (says_more(c, p, t->fail)) {
            t->fail = p;
        }
    }
    return n;
}

/* --- the result --- */

static void set(struct cell *c, enum verdict verdict, enum cause cause, const char *at,
                struct step *decisive, const char *note)
{
    c->result->verdict = verdict;
    c->result->cause = cause;
    c->result->at = at;
    c->decisive = decisive;
    c->note = note;
}

void cell_set_from(struct cell *c, enum verdict verdict, struct step *s)
{
    set(c, verdict, s->cause, s->at, s, s->note);
}

/* A further warning: the first one names the result, the others become findings only. */
static void warn(struct cell *c, enum cause cause, const char *at, struct step *s, const char *note)
{
    if (c->result->verdict == VERDICT_PASS)
        set(c, VERDICT_WARN, cause, at, s, note);
    else
        remark(c->judge, (struct remark){cause, at, note, SEVERITY_WARNING, c, s});
}

/* The addresses that failed while another one worked, as text; NULL when that is normal. */
static const char *failed_addresses(struct cell *c, struct step **s)
{
    const char *list = NULL;
    size_t listed = 0;

    for (size_t i = 0; i < c->n_probes && listed < LISTED_ADDRESSES; i++) {
        const struct probe *p = &c->probes[i];
        const char *address;

        if (p->experiment != EXPERIMENT_NONE || p->failing == NULL)
            continue;
        /* A family that this machine does not have at all is no fault: sensors need IPv4 only. */
        if (BLOCK("addresses-no-route") && p->failing->cause == CAUSE_NO_ROUTE)
            continue;
        /* Nobody ever meant that one to work: it is the answer of DNS that is warned of. */
        if (BLOCK("addresses-of-a-sinkhole") && p->failing->address != NULL &&
            dns_leads_to_sinkhole(c, p->failing->address))
            continue;
        *s = *s != NULL ? *s : p->failing;
        if (crowd_excuses(c, p))
            continue;
        address = p->failing->address != NULL ? p->failing->address : "an address";
        if (list != NULL && strstr(list, address) != NULL)
            continue; /* each try fails at the same one */
        list = text(c->judge, "%s%s%s (%s)", list != NULL ? list : "", list != NULL ? ", " : "",
                    address, cause_info(p->failing->cause)->code);
        listed++;
    }
    return list;
}

/*
 * The same of the first hop, for a connection that passed through one of its addresses: the run
 * tried each once, and went on with one that works. What another client picks, nobody knows.
 */
static const char *dead_addresses_of_hop(struct cell *c, const struct probe *passed)
{
    const struct hop_facts *f =
        c->path->n_legs > 1 ? facts_of_hop(c->judge, c->path->stations[1]) : NULL;
    const char *list = NULL;
    size_t listed = 0;

    for (size_t i = 0; f != NULL && i < f->hop->n_steps && listed < LISTED_ADDRESSES; i++) {
        const struct step *s = f->hop->steps[i];

        if (s->step != STEP_CONNECT || s->experiment != EXPERIMENT_NONE || s->address == NULL ||
            s->outcome == OUTCOME_OK || s->outcome == OUTCOME_TCP_NO_ROUTE || not_tried(s) ||
            same_text(s->address, passed->steps[0]->address))
            continue;
        list = text(c->judge, "%s%s%s (%s)", list != NULL ? list : "", list != NULL ? ", " : "",
                    s->address, names_word(&outcome_names, (int)s->outcome));
        listed++;
    }
    return list;
}

static const char *slow_place(const struct cell *c, const struct probe *p, const struct step *s)
{
    const char *hop;

    if (s->step == STEP_RESOLVE)
        return "resolver";
    if (s->leg != NULL)
        return s->leg;
    hop = step_hop(c, p, s);
    return s->step == STEP_CONNECT ? first_leg(c) : hop != NULL ? leg_into(c, hop) : last_leg(c);
}

/* One that had to wait for a later SYN or question, only because many were sent together. */
static bool waited_in_the_crowd(const struct cell *c, const struct step *s)
{
    if (s->step == STEP_RESOLVE)
        return BLOCK("slow-among-names") && dns_limits_questions(c->judge, s);
    return BLOCK("slow-in-the-crowd") && syn_went_unanswered(s) && crowd_met_a_limit(c);
}

/* A step that passed, and took more than half of what it may. */
static bool is_slow(const struct cell *c, const struct step *s)
{
    int64_t timeout = c->judge->r->run->timeout_us;

    return BLOCK("slow") && timeout > 0 && s->duration_us != INT_UNKNOWN &&
           s->verdict == VERDICT_PASS && s->duration_us > timeout / 2 && !waited_in_the_crowd(c, s);
}

static void warn_slow(struct cell *c, const struct probe *p)
{
    struct step *s = dns_decisive(c);

    for (size_t i = 0; i < p->n && (s == NULL || !is_slow(c, s)); i++)
        s = p->steps[i];
    if (s != NULL && is_slow(c, s))
        warn(c, CAUSE_SLOW, slow_place(c, p, s), s,
             text(c->judge, "%s took %lld ms", names_word(&step_kind_names, (int)s->step),
                  (long long)(s->duration_us / 1000)));
}

/* A try that a limit turned away, or kept waiting; the decisive step of it, or NULL. */
static struct step *turned_away_by_a_limit(const struct cell *c)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        if (p->experiment == EXPERIMENT_NONE && crowd_excuses(c, p))
            return p->failing != NULL ? p->failing : p->steps[0];
    }
    return NULL;
}

static void conclude_pass(struct cell *c, const struct probe *p)
{
    struct step *resolver = NULL, *seen = NULL, *idle = NULL, *bad = NULL, *used = dns_decisive(c);
    struct step *amqp = NULL, *limited;
    const char *addresses = NULL, *at, *note;
    enum cause cause;

    set(c, VERDICT_PASS, CAUSE_NONE, NULL, probe_last(p), NULL);
    for (size_t i = 0; i < p->n; i++) {
        if (p->steps[i]->verdict == VERDICT_WARN)
            warn(c, p->steps[i]->cause, p->steps[i]->at, p->steps[i], p->steps[i]->note);
    }
    if (used != NULL && used->verdict == VERDICT_WARN)
        warn(c, used->cause, used->at, used, used->note);
    if (app_warns(c, &amqp, &note))
        warn(c, CAUSE_WEBSOCKET_BLOCKED, amqp->at, amqp, note);
    addresses = failed_addresses(c, &bad);
    if (BLOCK("some-addresses-fail") && addresses != NULL && c->passed == c->tested)
        warn(c, CAUSE_SOME_ADDRESSES_FAIL, c->path->n_legs > 1 ? c->path->stations[1] : "endpoint",
             bad, addresses);
    else if (BLOCK("some-addresses-of-a-hop") && (addresses = dead_addresses_of_hop(c, p)) != NULL)
        warn(c, CAUSE_SOME_ADDRESSES_FAIL, c->path->stations[1], probe_last(p), addresses);
    if (BLOCK("crowd-passes") && (limited = turned_away_by_a_limit(c)) != NULL)
        warn(c, CAUSE_INTERMITTENT, limited->at != NULL ? limited->at : first_leg(c), limited,
             crowd_words(c));
    if (BLOCK("large-hello-dies") && experiment_fate(c, EXPERIMENT_LARGE_HELLO) == FATE_DIES)
        warn(c, CAUSE_HELLO_SIZE_BLOCKED, leg_of_death(c, large_hello_step(c)), large_hello_step(c),
             large_hello_note(c));
    if (dns_warns(c, &resolver))
        warn(c, resolver->cause, resolver->at, resolver, resolver->note);
    if (idle_warns(c, &idle, &at, &note))
        warn(c, CAUSE_IDLE_DROPPED, at, idle, note);
    if (wire_warns(c, &seen, &cause, &at, &note))
        warn(c, cause, at, seen, note);
    warn_slow(c, p);
}

/* ", all answered by p2": one member behind a load balancer. */
static const char *failing_member(struct cell *c)
{
    const char *node = failing_node(c);

    return node != NULL ? text(c->judge, ", all answered by %s", node) : "";
}

/*
 * Did a proxy keep silent that answered another failing try in words? It is the same trouble, told
 * later: Squid waits for its DNS longer than we do, and then remembers (measured on 5.7).
 */
static bool is_told_elsewhere(const struct probe *p, const struct try *tries, size_t n)
{
    const struct tunnel_detail *d = step_tunnel(p->failing);

    if (d == NULL || p->failing->outcome != OUTCOME_TIMEOUT)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct step *s = tries[i].fail != NULL ? tries[i].fail->failing : NULL;

        if (step_tunnel(s) != NULL && s->outcome == OUTCOME_HTTP_STATUS &&
            same_text(step_tunnel(s)->hop, d->hop))
            return BLOCK("words-before-silence");
    }
    return false;
}

/* The failing connection to name when several tries fail: the reason that most of them have. */
static const struct probe *worst(const struct cell *c, const struct try *tries, size_t n)
{
    const struct probe *worst = NULL;

    for (size_t i = 0; i < n; i++) {
        const struct probe *p = tries[i].pass == NULL ? tries[i].fail : NULL;

        if (p != NULL && !is_told_elsewhere(p, tries, n) &&
            (worst == NULL || same_failures(c, p) > same_failures(c, worst)))
            worst = p;
    }
    return worst;
}

/* The very same once more, after a pause, passes. True when that settles the result. */
static bool conclude_repeat(struct cell *c, struct step *failing)
{
    const struct probe *p = NULL;
    size_t made = 0;

    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *x = &c->probes[i];

        if (x->experiment != EXPERIMENT_REPEAT)
            continue;
        made++;
        if (p == NULL && (x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN))
            p = x;
    }
    if (p == NULL)
        return false;
    c->tested += made; /* they were tries like the others */
    c->passed++;
    c->result->attempts = (int64_t)c->tested;
    c->result->passed_attempts = (int64_t)c->passed;
    conclude_pass(c, p);
    if (crowd_met_a_limit(c) && cause_may_be_limit(failing->cause))
        return true; /* conclude_pass said so */
    /* A first Squid marks its parent dead after failures of other hosts, and then fails healthy
     * ones for a moment (Squid 5.7). We caused that, and it is over. */
    if (BLOCK("repeat-dead-parent") && failing->cause == CAUSE_PROXY_UPSTREAM_FAILED)
        return true;
    warn(c, CAUSE_INTERMITTENT, failing->at, failing,
         text(c->judge, "the first try failed (%s), a repetition passed",
              cause_info(failing->cause)->code));
    return true;
}

/* Was each try that failed only turned away by a limit, as its repetition by itself showed? */
static const struct probe *passed_but_for_a_limit(const struct cell *c, const struct try *tries,
                                                  size_t n)
{
    const struct probe *pass = NULL;

    for (size_t i = 0; i < n; i++) {
        if (tries[i].pass == NULL && !crowd_excuses(c, tries[i].fail))
            return NULL;
        if (tries[i].pass != NULL)
            pass = tries[i].pass;
    }
    return pass;
}

static void conclude_fail(struct cell *c, const struct try *tries, size_t n)
{
    struct step *failing = worst(c, tries, n)->failing;
    const struct probe *again = experiment_probe(c, EXPERIMENT_REPEAT);
    const struct probe *pass = passed_but_for_a_limit(c, tries, n);

    if (BLOCK("crowd-attempts") && pass != NULL) {
        conclude_pass(c, pass); /* which says so */
        return;
    }
    if (BLOCK("intermittent") && c->passed > 0) {
        set(c, VERDICT_FAIL, CAUSE_INTERMITTENT, failing->at, failing,
            text(c->judge, "%zu of %zu tries fail%s (%s)%s", c->tested - c->passed, c->tested,
                 c->tested - c->passed == 1 ? "s" : "", cause_info(failing->cause)->code,
                 failing_member(c)));
        return;
    }
    if ((BLOCK("repeat-passes") && conclude_repeat(c, failing)) || silence_is_broken(c, failing) ||
        misled_concludes(c, failing) || dns_sinkhole_concludes(c, failing))
        return;
    /* In the crowd it was a limit that spoke; by itself it is heard what is wrong with it. */
    if (BLOCK("crowd-relapse") && crowd_met_a_limit(c) && again != NULL && again->failing != NULL)
        failing = again->failing;
    cell_set_from(c, VERDICT_FAIL, failing);
}

/* The name leads nowhere, so nothing could be tried. */
static bool conclude_dns(struct cell *c, bool passes)
{
    struct step *s = dns_decisive(c);

    if (s == NULL || s->verdict != VERDICT_FAIL)
        return false;
    /* Identity was proved at that address: it is no block page (a local relay, for instance). */
    if (BLOCK("dns-sinkhole-proved") && passes && s->cause == CAUSE_DNS_SINKHOLE)
        return false;
    cell_set_from(c, VERDICT_FAIL, s);
    return true;
}

static void conclude_untested(struct cell *c)
{
    set(c, VERDICT_SKIP, CAUSE_NONE, NULL, NULL, NULL);
    if (BLOCK("wildcard-untestable") && c->result->of_endpoint->wildcard)
        set(c, VERDICT_SKIP, CAUSE_WILDCARD_UNTESTABLE, "sensor", NULL, NULL);
}

void cell_conclude(struct cell *c)
{
    struct try *tries = NULL;
    size_t n = collect_tries(c, &tries);
    const struct probe *pass = NULL;

    c->tested = n;
    c->passed = 0;
    for (size_t i = 0; i < n; i++) {
        c->passed += tries[i].pass != NULL;
        if (pass == NULL || (tries[i].pass != NULL && tries[i].pass->verdict == VERDICT_WARN))
            pass = tries[i].pass;
    }
    c->result->attempts = (int64_t)c->tested;
    c->result->passed_attempts = (int64_t)c->passed;
    if (BLOCK("wildcard-direct") && c->result->of_endpoint->wildcard && c->path->n_legs == 1)
        conclude_untested(c);
    else if (conclude_dns(c, pass != NULL))
        return;
    else if (n == 0)
        conclude_untested(c);
    else if (c->passed < c->tested)
        conclude_fail(c, tries, n);
    else if (!revocation_lacks(c))
        conclude_pass(c, pass);
}
