/*
 * wishes: the smallest next experiments (judge.h). Only for what failed, only where the symptom
 * has more than one cause, and for a few of many results with the same symptom on the same route.
 *
 * The first round holds what may well be made at the same time; the second what only makes sense
 * when all of the first died. Nothing is wished twice, so the rounds end.
 */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"
#include "diag/judge/wishing.h"

#include <string.h>

/* The name of an endpoint that passes on the same route: no filter there can dislike it. */
static const char *unsuspicious_name(const struct cell *c)
{
    const struct judge *j = c->judge;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *other = &j->cells[i];

        if (other->path == c->path && !other->result->of_endpoint->wildcard &&
            (other->result->verdict == VERDICT_PASS || other->result->verdict == VERDICT_WARN) &&
            !same_text(other->result->of_endpoint->host, c->result->of_endpoint->host))
            return other->result->of_endpoint->host;
    }
    return NULL;
}

bool wish_was_made(const struct cell *c, enum experiment what)
{
    return experiment_probe(c, what) != NULL;
}

void wish_push(struct wishing *w, struct cell *c, enum experiment what, const char *to)
{
    struct wish wish = {.result = c->result, .after = c->decisive, .what = what, .to = to};

    list_push(w->j->r->arena, w->list, w->n, wish);
}

void wish_push_after(struct wishing *w, struct cell *c, const struct step *after,
                     enum experiment what)
{
    struct wish wish = {.result = c->result, .after = after, .what = what};

    list_push(w->j->r->arena, w->list, w->n, wish);
}

static void want(struct wishing *w, struct cell *c, enum experiment what, const char *name)
{
    if (wish_was_made(c, what))
        return;
    wish_push(w, c, what, NULL);
    w->list[w->n - 1].name = name;
}

bool wish_is_sample(struct wishing *w, const struct cell *c, int kind)
{
    size_t *n = &w->samples[(size_t)(c->path - w->j->paths) * SYMPTOM_KINDS + (size_t)kind];
    size_t limit = c->result->required ? REQUIRED_SAMPLES : OPTIONAL_SAMPLES;

    return (*n)++ < limit;
}

bool wish_is_of_member(const struct wishing *w, const struct cell *c)
{
    return BLOCK("wish-of-member") && c->path->n_legs > 1 && w->recovered[c->path - w->j->paths];
}

/*
 * A parent that was marked dead recovers (Squid 5.7); the request on which Squid notices that it is
 * back fails all the same. Of two members behind one address the bad one may be met again, also
 * because something else was asked in between.
 */
void wish_again(struct wishing *w, struct cell *c)
{
    size_t path = (size_t)(c->path - w->j->paths), made = 0;
    bool closed = BLOCK("wish-repeat-closed") && c->result->cause == CAUSE_PROXY_CLOSED &&
                  c->result->required && w->works[path];

    for (size_t i = 0; i < c->n_probes; i++)
        made += c->probes[i].experiment == EXPERIMENT_REPEAT;
    if (made == 0)
        wish_push(w, c, EXPERIMENT_REPEAT, NULL);
    if (made != 1 || !(closed || (BLOCK("wish-repeat-recovered") && w->recovered[path])))
        return;
    for (int i = 0; i < REPEATS_AT_ONCE; i++)
        wish_push(w, c, EXPERIMENT_REPEAT, NULL);
}

static bool died(const struct cell *c, enum experiment what)
{
    return experiment_fate(c, what) == FATE_DIES;
}

/* A handshake that died without words. */
static void after_death(struct wishing *w, struct cell *c)
{
    bool timeout = c->decisive->outcome == OUTCOME_TIMEOUT;
    bool direct = c->path->n_legs == 1;

    if (c->tested <= 1)
        want(w, c, EXPERIMENT_REPEAT, NULL);
    want(w, c, EXPERIMENT_OTHER_NAME, unsuspicious_name(c));
    want(w, c, EXPERIMENT_SMALL_HELLO, NULL);
    if (timeout) { /* what costs one more timeout is tried at the same time as the rest */
        want(w, c, EXPERIMENT_SMALL_MSS, NULL);
        want(w, c, EXPERIMENT_TLS12, NULL);
    }
    if (BLOCK("wish-silent") && c->decisive->outcome == OUTCOME_RESET && direct)
        want(w, c, EXPERIMENT_SILENT, NULL);
    /* The second round: nothing helped so far, and these cost no timeout. */
    if (BLOCK("wish-second-round") && !timeout && died(c, EXPERIMENT_OTHER_NAME) &&
        died(c, EXPERIMENT_SMALL_HELLO)) {
        want(w, c, EXPERIMENT_NO_NAME, NULL);
        want(w, c, EXPERIMENT_LEGACY_TLS, NULL);
        want(w, c, EXPERIMENT_TLS12, NULL);
    }
}

/* Alerts that a server also sends when only an older version would do (RFC 8446 appendix D). */
static bool may_mean_version(const struct tls_detail *d)
{
    return has_text(d->alert, "handshake") || has_text(d->alert, "internal") ||
           has_text(d->alert, "insufficient");
}

static bool is_time_cause(enum cause cause)
{
    return cause == CAUSE_CERT_EXPIRED || cause == CAUSE_CERT_NOT_YET_VALID ||
           cause == CAUSE_CLOCK_SKEW;
}

static void after_certificate(struct wishing *w, struct cell *c, bool *clock)
{
    enum cause cause = c->result->cause;

    if (BLOCK("wish-clock") && is_time_cause(cause) && !w->j->clock.dated && !*clock) {
        *clock = true;
        want(w, c, EXPERIMENT_CLOCK, NULL);
    }
}

static void after_tls(struct wishing *w, struct cell *c, bool *clock)
{
    const struct tls_detail *d = step_tls(c->decisive);
    int symptom = symptom_of(c);

    if (symptom >= 0 && c->result->cause != CAUSE_TLS_CLIENT_CERT_REQUIRED) {
        if (BLOCK("wish-after-death") && wish_is_sample(w, c, symptom))
            after_death(w, c);
    } else if (c->decisive->outcome == OUTCOME_TLS_ALERT) {
        if (BLOCK("wish-legacy") && may_mean_version(d) && !d->client_cert_requested &&
            wish_is_sample(w, c, SYMPTOM_ALERT))
            want(w, c, EXPERIMENT_LEGACY_TLS, NULL);
    } else if (c->decisive->outcome == OUTCOME_NOT_TLS) {
        if (BLOCK("wish-plain-http") && wish_is_sample(w, c, SYMPTOM_NOT_TLS))
            want(w, c, EXPERIMENT_PLAIN_HTTP, NULL);
    } else {
        after_certificate(w, c, clock);
    }
}

/*
 * For each route: does any endpoint get behind the place where another one fails? Then it may be a
 * moment's failure.
 */
static bool *routes_that_work(const struct judge *j)
{
    bool *works = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *works);
    const char **place = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *place);

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];
        size_t p = (size_t)(c->path - j->paths);

        if (c->tested == 0)
            continue;
        if (c->result->verdict != VERDICT_FAIL ||
            (place[p] != NULL && !same_text(place[p], c->result->at)))
            works[p] = true;
        place[p] = c->result->at;
    }
    return works;
}

static bool *routes_that_mislead(const struct judge *j)
{
    bool *misled = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *misled);

    for (size_t i = 0; i < j->r->n_results; i++)
        if (misled_is_shown(&j->cells[i]))
            misled[j->cells[i].path - j->paths] = true;
    return misled;
}

/*
 * The address may be wrong, and another source knows another one. On a route through proxies all
 * results share the first hop's name, so one stands for all; directly each name is its own matter,
 * but where DNS servers differ in very many names, those that prove nothing end it.
 */
static void after_wrong_address(struct wishing *w, struct cell *c)
{
    const char *others[MISLED_OTHERS];
    size_t n = misled_others(c, others);
    bool by_hand = same_text(step_dns(dns_decisive(c))->source, "hosts-file");
    size_t path = (size_t)(c->path - w->j->paths);
    size_t before = w->samples[path * SYMPTOM_KINDS + SYMPTOM_MISLED]++;
    size_t limit = c->result->required ? MISLED_REQUIRED : MISLED_OPTIONAL;
    bool enough = c->path->n_legs > 1 ? before >= 1 : before >= limit && !by_hand;

    if (n == 0 || (enough && !w->misled[path]) || wish_was_made(c, EXPERIMENT_OTHER_RESOLVER))
        return;
    for (size_t i = 0; i < n; i++)
        wish_push(w, c, EXPERIMENT_OTHER_RESOLVER, others[i]);
    if (c->tested <= 1) /* or was it a moment's failure? */
        want(w, c, EXPERIMENT_REPEAT, NULL);
}

/* A resolver that is silent, or not to be understood: once over TCP, one result for each. */
static void after_silent_resolver(struct wishing *w, struct cell *c)
{
    const struct step *s = c->decisive;

    if (s->address == NULL || dns_over_tcp(w->j, s->address) != TCP_UNASKED)
        return;
    for (size_t i = 0; i < w->n; i++) {
        if (w->list[i].what == EXPERIMENT_DNS_TCP &&
            same_text(w->list[i].after->address, s->address))
            return;
    }
    want(w, c, EXPERIMENT_DNS_TCP, NULL);
}

/* SERVFAIL of a resolver: does its validation fail? A few names of each route stand for the rest.
 */
static void after_servfail(struct wishing *w, struct cell *c)
{
    if (c->decisive->address != NULL && c->unchecked == NULL &&
        wish_is_sample(w, c, SYMPTOM_SERVFAIL))
        want(w, c, EXPERIMENT_DNS_UNCHECKED, NULL);
}

/* A time server and the sensor's clock differ: a third one tells which of the two is wrong. */
static void after_other_time(struct wishing *w, struct cell *c, bool *clock)
{
    const struct judge *j = w->j;

    for (size_t i = 0; i < j->r->n_time_servers && !*clock && !j->clock.dated; i++) {
        const struct time_server *t = j->r->time_servers[i];

        if (t->outcome != OUTCOME_OK || t->offset_us == INT_UNKNOWN ||
            !clock_differs(t->offset_us / 1000000, 0) || !c->result->required || c->leaf == NULL)
            continue;
        *clock = true;
        wish_push_after(w, c, c->leaf, EXPERIMENT_CLOCK);
    }
}

/* Asked for by the user; everything else waits for a failure. */
static void after_pass(struct wishing *w, struct cell *c)
{
    const struct result *x = c->result;

    if (BLOCK("wish-large-hello") && w->j->r->run->large_hello && x->required &&
        (x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN) && c->leaf != NULL &&
        !wish_was_made(c, EXPERIMENT_LARGE_HELLO))
        wish_push_after(w, c, c->leaf, EXPERIMENT_LARGE_HELLO);
}

/* For each route: does a repetition pass where the first try found the way closed? */
static bool *routes_that_recovered(const struct judge *j)
{
    bool *recovered = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *recovered);

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (c->passed < c->tested && c->result->verdict != VERDICT_FAIL &&
            wish_was_made(c, EXPERIMENT_REPEAT))
            recovered[c->path - j->paths] = true;
    }
    return recovered;
}

size_t wishes_of(struct judge *j, struct wish **out)
{
    struct wishing w = {.j = j,
                        .works = routes_that_work(j),
                        .recovered = routes_that_recovered(j),
                        .misled = routes_that_mislead(j)};
    bool clock = false;

    w.asking = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *w.asking);
    w.samples = arena_alloc(j->r->arena, (j->r->n_routes + 1) * SYMPTOM_KINDS * sizeof *w.samples);
    for (size_t i = 0; i < j->r->n_results; i++)
        for (size_t k = 0; k < j->r->results[i]->n_steps; k++)
            clock = clock || j->r->results[i]->steps[k]->experiment == EXPERIMENT_CLOCK;
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];

        after_pass(&w, c);
        if (BLOCK("wish-other-time"))
            after_other_time(&w, c, &clock);
        wishes_after_answer(&w, c);
        if (wishes_after_crowd(&w, c) || c->result->verdict != VERDICT_FAIL ||
            c->decisive == NULL || c->passed > 0)
            continue;
        if (BLOCK("wish-dns-tcp") && (c->result->cause == CAUSE_DNS_TIMEOUT ||
                                      c->decisive->outcome == OUTCOME_DNS_MALFORMED))
            after_silent_resolver(&w, c);
        if (BLOCK("wish-dns-unchecked") && c->decisive->outcome == OUTCOME_DNS_SERVFAIL)
            after_servfail(&w, c);
        if (BLOCK("wish-other-resolver") && misled_is_possible(c, c->decisive))
            after_wrong_address(&w, c);
        if (c->decisive->step == STEP_TLS) {
            for (size_t k = 0; k < c->n_probes; k++) {
                if (c->probes[k].failing == c->decisive &&
                    step_hop(c, &c->probes[k], c->decisive) == NULL) {
                    after_tls(&w, c, &clock);
                    break;
                }
            }
        } else if (step_tunnel(c->decisive) != NULL) {
            wishes_after_tunnel(&w, c);
        } else if (c->decisive->step == STEP_CONNECT) {
            wishes_after_connect(&w, c);
        } else if (c->decisive->step == STEP_APP) {
            wishes_after_refusal(&w, c);
        }
    }
    *out = w.list;
    return w.n;
}
