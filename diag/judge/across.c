/*
 * across: what one result tells about another one.
 */
#include "diag/base/arena.h"
#include "diag/judge/sieve.h"

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

/*
 * The hosts of revocation lists and responders (endpoints of the service "revocation") are asked
 * by clients in passing: where the required route does not reach them, that is a warning.
 */
static void warn_of_revocation(struct cell *c)
{
    const struct result *x = c->result;

    if (BLOCK("revocation-unreachable") && same_text(x->of_endpoint->service, "revocation") &&
        c->path->route->required && x->verdict == VERDICT_FAIL)
        remark(c->judge,
               (struct remark){CAUSE_REVOCATION_UNREACHABLE,
                               x->at != NULL && strchr(x->at, '>') != NULL ? x->at : last_leg(c),
                               text(c->judge, "%s (%s)", x->endpoint, cause_info(x->cause)->code),
                               SEVERITY_WARNING, c, c->decisive});
}

void judge_across(struct judge *j)
{
    inherit(j);
    misled_inherit(j);
    silence_across(j);
    for (size_t i = 0; i < j->r->n_results; i++)
        warn_of_revocation(&j->cells[i]);
}
