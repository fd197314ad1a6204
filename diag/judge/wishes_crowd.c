/*
 * wishes_crowd: connections that may have failed only because many were made at the same time are
 * made again, one after the other; see crowd.c. First a few of each cause; once one of these works,
 * all. No trace is made meanwhile: its SYNs would be a crowd of their own.
 */
#include "diag/base/arena.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"
#include "diag/judge/wishing.h"

/* The first try that a limit may have turned away, of a result that passes all the same. */
static const struct step *turned_away(const struct cell *c)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        /* A family that leads nowhere at all is no limit. */
        if (p->experiment == EXPERIMENT_NONE && probe_was_turned_away(c->judge, p) &&
            crowd_of(c)->stands[address_is_v6(p->steps[0]->address)])
            return p->failing != NULL ? p->failing : p->steps[0];
    }
    return NULL;
}

/* A few for each cause, and all once one of these works. What other files repeat they sample. */
static bool is_wanted(struct wishing *w, struct cell *c)
{
    const struct result *x = c->result;
    const char *others[MISLED_OTHERS];
    /* Of several tries (--attempts) some may have come at a better moment. */
    bool sometimes = BLOCK("wish-crowd-attempts") && x->cause == CAUSE_INTERMITTENT;
    enum cause cause = sometimes ? c->decisive->cause : x->cause;
    /* Squid (5.7, maxconn) counts when a request comes: of many that connected first it admits
     * none. Elsewhere a limit lets some through. */
    bool denies_all = BLOCK("wish-crowd-denied") && cause == CAUSE_PROXY_DENIED &&
                      !w->works[c->path - w->j->paths];

    if (x->verdict != VERDICT_FAIL || (c->passed > 0 && !sometimes) || !cause_may_be_limit(cause) ||
        is_own(c->judge, c->decisive) ||
        !(w->works[c->path - w->j->paths] || denies_all || sometimes))
        return false;
    if (BLOCK("wish-crowd-all") && crowd_of(c)->recovered > 0)
        return true;
    return BLOCK("wish-crowd") &&
           (c->decisive->step == STEP_CONNECT || cause == CAUSE_PROXY_UPSTREAM_REFUSED ||
            denies_all) &&
           misled_others(c, others) == 0 && /* else that is tried, and the same once more */
           wish_is_sample(w, c, SYMPTOM_CROWD + (int)cause);
}

bool wishes_after_crowd(struct wishing *w, struct cell *c)
{
    bool passes = c->result->verdict == VERDICT_PASS || c->result->verdict == VERDICT_WARN;
    const struct step *after = passes ? turned_away(c) : c->decisive;

    if (!crowd_is_one(c) || after == NULL)
        return false;
    if (passes ? !BLOCK("wish-crowd-passing") || !wish_is_sample(w, c, SYMPTOM_CROWD_PASSES)
               : !is_wanted(w, c))
        return false;
    if (wish_was_made(c, EXPERIMENT_REPEAT)) /* it was one of the few */
        return false;
    wish_push_after(w, c, after, EXPERIMENT_REPEAT);
    w->asking[c->path - w->j->paths] = true;
    return true;
}
