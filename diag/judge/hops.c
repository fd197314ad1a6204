/*
 * hops: is each proxy reachable from the sensor, and from the hop before it (contract section 1).
 *
 * "Reachable" is a connection (and TLS, for an HTTPS proxy) to something that answers; whether it
 * allows anything is another question. From the hop before, a CONNECT to the hop's port tells,
 * where that hop allows one; else what chains through both told.
 */
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"

#include <string.h>

static struct reach *reach_of(struct judge *j, enum verdict verdict, enum cause cause,
                              const char *at)
{
    struct reach *x = report_new_of(j->r, reach);

    x->verdict = verdict;
    x->cause = cause;
    x->at = at;
    return x;
}

/* Causes that lie at the hop's own door, and say that no proxy stands there. */
static bool is_dumb(enum cause cause)
{
    return cause == CAUSE_PROXY_NO_ANSWER || cause == CAUSE_PROXY_CLOSED ||
           cause == CAUSE_PROXY_NOT_A_PROXY || cause == CAUSE_PROXY_MALFORMED;
}

struct sight {
    bool connected, talked;
    const struct step *failing, *dumb;
};

/* What the steps of one connection say of the hop that it begins with. */
static void look(struct sight *sight, struct step *const *steps, size_t n, const char *hop)
{
    for (size_t i = 0; i < n; i++) {
        const struct step *s = steps[i];
        bool own_tls = s->step == STEP_TLS && same_text(s->at, hop);

        if (BLOCK("hop-other-address") && s->experiment == EXPERIMENT_OTHER_RESOLVER)
            continue; /* that is not where the sensor's name for it leads */
        /* A SYN alone is no connection that anybody wanted; the other way leads through the hop
         * before. */
        if (s->experiment == EXPERIMENT_TRACE || s->experiment == EXPERIMENT_HOP_PORT)
            continue;
        if (s->step == STEP_CONNECT || own_tls) {
            if (s->verdict == VERDICT_FAIL && sight->failing == NULL)
                sight->failing = s;
            sight->connected = sight->connected || (s->verdict == VERDICT_PASS && !own_tls);
        } else if (step_tunnel(s) != NULL && s->verdict != VERDICT_SKIP) {
            const struct tunnel_detail *d = step_tunnel(s);

            if (d == NULL || (d->hop != NULL && !same_text(d->hop, hop)))
                continue;
            if (is_dumb(s->cause) && same_text(s->at, hop))
                sight->dumb = s;
            else
                sight->talked = true;
        }
    }
}

static struct reach *seen_from_sensor(struct judge *j, const struct hop *hop)
{
    struct sight sight = {0};

    look(&sight, hop->steps, hop->n_steps, hop->name);
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (c->path->n_legs < 2 || !same_text(c->path->stations[1], hop->name))
            continue;
        look(&sight, c->result->steps, c->result->n_steps, hop->name);
        if (c->decisive != NULL && c->decisive->step == STEP_RESOLVE &&
            c->result->verdict == VERDICT_FAIL)
            sight.failing = c->decisive; /* the name comes before what it leads to */
    }
    if (sight.talked)
        return reach_of(j, VERDICT_PASS, CAUSE_NONE, NULL);
    if (sight.dumb != NULL)
        return reach_of(j, VERDICT_FAIL, sight.dumb->cause, sight.dumb->at);
    if (sight.failing != NULL && (!sight.connected || sight.failing->step == STEP_TLS))
        return reach_of(j, VERDICT_FAIL, sight.failing->cause, sight.failing->at);
    return reach_of(j, sight.connected ? VERDICT_PASS : VERDICT_SKIP, CAUSE_NONE, NULL);
}

/* What a CONNECT to the hop's own port through the one before said; NULL when it says nothing. */
static struct reach *from_nested(struct judge *j, const struct step *s, const char *leg)
{
    switch (s->verdict) {
    case VERDICT_PASS:
    case VERDICT_WARN:
        return reach_of(j, VERDICT_PASS, CAUSE_NONE, NULL);
    case VERDICT_FAIL:
        if (s->cause == CAUSE_PROXY_UPSTREAM_REFUSED || s->cause == CAUSE_PROXY_UPSTREAM_TIMEOUT ||
            s->cause == CAUSE_PROXY_UPSTREAM_FAILED || s->cause == CAUSE_PROXY_DNS_FAILED)
            return reach_of(j, VERDICT_FAIL, s->cause,
                            s->cause == CAUSE_PROXY_DNS_FAILED ? s->at : leg);
        return NULL; /* not allowed, or broken before: that says nothing about the way */
    case VERDICT_SKIP:
        return NULL;
    }
    return NULL;
}

/* The steps of a hop's own experiments are judged as those of a route that ends at it. */
static enum cause cause_of_status(const struct tunnel_detail *d)
{
    if (has_text(d->x_squid_error, "ERR_CONNECT_FAIL 111") ||
        has_text(d->proxy_status, "connection_refused"))
        return CAUSE_PROXY_UPSTREAM_REFUSED;
    if (has_text(d->x_squid_error, "ERR_CONNECT_FAIL 110") || d->status == 504 ||
        has_text(d->proxy_status, "timeout"))
        return CAUSE_PROXY_UPSTREAM_TIMEOUT;
    return d->status >= 500 ? CAUSE_PROXY_UPSTREAM_FAILED : CAUSE_PROXY_DENIED;
}

static void judge_hop_step(struct judge *j, const struct hop *hop, const char *before,
                           struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);
    bool nested = s->experiment == EXPERIMENT_HOP_PORT;

    /* Shared with the results on whose routes the hop is: they have told already, and knew more. */
    if (s->step == STEP_RESOLVE || s->verdict != VERDICT_SKIP)
        return;
    s->at = NULL;
    if (not_tried(s)) {
        say_skip(s);
    } else if (s->outcome == OUTCOME_OK || s->outcome == OUTCOME_TLS_VERIFY) {
        say_pass(s);
    } else if (s->step == STEP_CONNECT) {
        s->verdict = VERDICT_FAIL;
        s->cause = s->outcome == OUTCOME_TCP_REFUSED       ? CAUSE_TCP_REFUSED
                   : s->outcome == OUTCOME_TCP_PROHIBITED  ? CAUSE_NET_PROHIBITED
                   : s->outcome == OUTCOME_TCP_UNREACHABLE ? CAUSE_NET_UNREACHABLE
                   : s->outcome == OUTCOME_TCP_NO_ROUTE    ? CAUSE_NO_ROUTE
                                                           : CAUSE_TCP_TIMEOUT;
        s->at = s->cause == CAUSE_NO_ROUTE ? "sensor"
                : nested                   ? text(j, "sensor>%s", before)
                                           : text(j, "sensor>%s", hop->name);
    } else if (d != NULL && s->outcome == OUTCOME_HTTP_STATUS) {
        s->verdict = nested || d->status >= 500 ? VERDICT_FAIL : VERDICT_PASS;
        s->cause = s->verdict == VERDICT_FAIL ? cause_of_status(d) : CAUSE_NONE;
        if (s->verdict == VERDICT_FAIL)
            s->at = !nested || s->cause == CAUSE_PROXY_DENIED ? (nested ? before : hop->name)
                                                              : text(j, "%s>%s", before, hop->name);
    } else {
        s->verdict = VERDICT_FAIL;
        s->cause = s->step == STEP_TLS              ? CAUSE_TLS_CLOSED
                   : s->outcome == OUTCOME_TIMEOUT  ? CAUSE_PROXY_NO_ANSWER
                   : s->outcome == OUTCOME_NOT_HTTP ? CAUSE_PROXY_NOT_A_PROXY
                   : s->outcome == OUTCOME_RESET || s->outcome == OUTCOME_CLOSED
                       ? CAUSE_PROXY_CLOSED
                       : CAUSE_PROXY_MALFORMED;
        s->at = nested ? before : hop->name;
    }
}

/* A chain through both that got behind this hop, or that failed exactly between the two. */
static struct reach *seen_in_chains(struct judge *j, const char *before, const char *hop)
{
    const char *leg = text(j, "%s>%s", before, hop);
    struct reach *failed = NULL;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (!same_text(leg_into(c, hop), leg))
            continue;
        for (size_t k = 0; k < c->result->n_steps; k++) {
            const struct step *s = c->result->steps[k];
            const struct tunnel_detail *d = step_tunnel(s);
            bool asked = d != NULL && same_text(d->hop, hop) && s->verdict != VERDICT_SKIP;

            /* It was asked through the one before, or it is named as the one who refused. */
            if (asked || (d != NULL && same_text(s->at, hop)) ||
                (d != NULL && s->at != NULL && same_text(s->at, leg_after(c, hop))))
                return reach_of(j, VERDICT_PASS, CAUSE_NONE, NULL);
            if (d != NULL && same_text(s->at, leg) && s->verdict == VERDICT_FAIL)
                failed = reach_of(j, VERDICT_FAIL, s->cause, leg);
        }
    }
    return failed;
}

static struct reach *seen_from_previous(struct judge *j, const struct hop *hop, const char *before)
{
    const char *leg = text(j, "%s>%s", before, hop->name);
    struct reach *x = NULL;

    for (size_t i = 0; i < hop->n_steps && x == NULL; i++) {
        const struct step *s = hop->steps[i];

        if (s->experiment == EXPERIMENT_HOP_PORT && s->step == STEP_TUNNEL)
            x = from_nested(j, s, leg);
    }
    if (x == NULL)
        x = seen_in_chains(j, before, hop->name);
    return x != NULL ? x : reach_of(j, VERDICT_SKIP, CAUSE_NONE, NULL);
}

void hops_conclude(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_hops; i++) {
        struct hop *hop = j->r->hops[i];
        const char *before = i > 0 ? j->r->hops[i - 1]->name : NULL;

        for (size_t k = 0; k < hop->n_steps; k++)
            judge_hop_step(j, hop, before, hop->steps[k]);
        hop->from_sensor = seen_from_sensor(j, hop);
        if (before != NULL)
            hop->from_previous = seen_from_previous(j, hop, before);
        if (BLOCK("auth-unneeded") && hop->credentials && j->hops[i].served && !j->hops[i].asked)
            remark(j, (struct remark){.cause = CAUSE_PROXY_AUTH_UNNEEDED,
                                      .at = hop->name,
                                      .severity = SEVERITY_INFO});
    }
}

bool hop_denies_all(const struct judge *j, const char *hop)
{
    const struct endpoint *first = NULL;
    bool several = false;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        /* A farther hop sees the one before it, and not the sensor. */
        for (size_t k = 0; same_text(c->path->stations[1], hop) && k < c->n_probes; k++) {
            const struct probe *p = &c->probes[k];

            for (size_t n = 0; n < p->n; n++) {
                const struct step *s = p->steps[n];

                if (s->step != STEP_TUNNEL || not_tried(s))
                    continue;
                if (s->cause != CAUSE_PROXY_DENIED || !same_text(s->at, hop))
                    return false;
                several = several || (first != NULL && first != c->result->of_endpoint);
                first = c->result->of_endpoint;
            }
        }
    }
    return several;
}
