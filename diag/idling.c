/* idling: see idling.h. */
#include "diag/idling.h"

#include "diag/base/arena.h"

#include <string.h>

enum { IDLE_MAX = 8 };

/* The last step of the result, in a probe of this kind. */
static const struct step *last_step(const struct result *x, enum experiment what)
{
    for (size_t i = x->n_steps; i-- > 0;) {
        if (x->steps[i]->step != STEP_RESOLVE && x->steps[i]->experiment == what)
            return x->steps[i];
    }
    return NULL;
}

/* A normal try that got through TLS with the endpoint. */
static const struct step *passed(const struct result *x)
{
    for (size_t i = 0; i < x->n_steps; i++) {
        const struct step *s = x->steps[i];

        if (s->experiment == EXPERIMENT_NONE && s->outcome == OUTCOME_OK && step_tls(s) != NULL &&
            s->target != NULL && strcmp(s->target, x->endpoint) == 0)
            return s;
    }
    return NULL;
}

static bool has_service(const struct wish *wishes, size_t n, const char *service)
{
    for (size_t i = 0; service != NULL && i < n; i++) {
        const char *other = wishes[i].result->of_endpoint->service;

        if (other != NULL && strcmp(other, service) == 0)
            return true;
    }
    return false;
}

size_t idling_plan(struct report *r, struct wish **out)
{
    size_t n = 0;

    *out = NULL;
    for (size_t i = 0; i < r->n_results && n < IDLE_MAX; i++) {
        struct result *x = r->results[i];
        struct wish wish = {.result = x, .after = passed(x), .what = EXPERIMENT_IDLE};

        if (x->required && !x->of_endpoint->wildcard && wish.after != NULL &&
            !has_service(*out, n, x->of_endpoint->service))
            list_push(r->arena, *out, n, wish);
    }
    return n;
}

size_t idling_controls(struct report *r, struct wish **out)
{
    size_t n = 0;

    *out = NULL;
    for (size_t i = 0; i < r->n_results; i++) {
        struct result *x = r->results[i];
        const struct step *s = last_step(x, EXPERIMENT_IDLE);
        struct wish wish = {.result = x, .after = s, .what = EXPERIMENT_IDLE_CONTROL};

        if (s != NULL && step_app(s) != NULL && step_app(s)->request != NULL &&
            s->outcome != OUTCOME_OK && last_step(x, EXPERIMENT_IDLE_CONTROL) == NULL)
            list_push(r->arena, *out, n, wish);
    }
    return n;
}

static const char *end_of(const struct step *s)
{
    const struct app_detail *d = step_app(s);

    if (d->request != NULL)
        return s->outcome == OUTCOME_TIMEOUT ? "did not answer afterwards"
               : s->outcome == OUTCOME_RESET ? "was reset when it was used again"
                                             : "was closed when it was used again";
    return s->outcome == OUTCOME_RESET ? "was reset meanwhile"
           : d->close_notify           ? "was closed meanwhile, by the TLS server"
                                       : "was closed meanwhile";
}

void idling_note(struct report *r)
{
    size_t alive = 0, all = 0, cut = 0;
    int64_t longest_us = 0;

    for (size_t i = 0; i < r->n_results; i++) {
        const struct step *s = last_step(r->results[i], EXPERIMENT_IDLE);
        const struct app_detail *d = step_app(s);

        cut += s != NULL && (s->outcome == OUTCOME_NONE || s->outcome == OUTCOME_CANCELLED);
        if (d == NULL || s->outcome == OUTCOME_NONE || s->outcome == OUTCOME_CANCELLED)
            continue;
        all++;
        alive += s->outcome == OUTCOME_OK;
        if (d->idle_us > longest_us)
            longest_us = d->idle_us;
        if (s->outcome != OUTCOME_OK && d->idle_us != INT_UNKNOWN)
            report_note(r, "the idle connection for %s %s; it had been without traffic for %.1f s",
                        r->results[i]->endpoint, end_of(s), (double)d->idle_us / 1e6);
    }
    if (cut > 0)
        report_note(r,
                    "%zu idle %s not used again: the run ended before; allow it more "
                    "time than the idle time takes (--deadline)",
                    cut, cut == 1 ? "connection was" : "connections were");
    if (all > 0)
        report_note(r, "%zu of %zu connection%s %s alive after %.1f s without traffic", alive, all,
                    all == 1 ? "" : "s", alive == 1 ? "was" : "were", (double)longest_us / 1e6);
}
