/* speak: how a sieve says what it found, and the places on a path; see sieve.h. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/judge/sieve.h"

#include <string.h>

bool same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool has_text(const char *s, const char *part)
{
    return s != NULL && text_contains_nocase(s, part);
}

const char *text(struct judge *j, const char *format, ...)
{
    va_list args;
    const char *s;

    va_start(args, format);
    s = arena_vprintf(j->r->arena, format, args);
    va_end(args);
    return s;
}

void say_pass(struct step *s)
{
    s->verdict = VERDICT_PASS;
    s->cause = CAUSE_NONE;
    s->at = NULL;
}

void say_skip(struct step *s)
{
    s->verdict = VERDICT_SKIP;
    s->cause = CAUSE_NONE;
    s->at = NULL;
}

void say(struct cell *c, struct step *s, enum verdict verdict, enum cause cause, const char *at,
         const char *note)
{
    struct judge *j = c->judge;

    s->verdict = verdict;
    s->cause = cause;
    s->at = at != NULL ? at : first_leg(c);
    s->note = note;
    for (size_t i = 0; i < j->n_own; i++) {
        if (j->own[i] == s)
            j->own[i] = NULL;
    }
}

void say_fail(struct cell *c, struct step *s, enum cause cause, const char *at, const char *note)
{
    say(c, s, VERDICT_FAIL, cause, at, note);
}

void say_own(struct cell *c, struct step *s, enum cause cause, const char *at, const char *note)
{
    struct judge *j = c->judge;

    say_fail(c, s, cause, at, note);
    list_push(j->r->arena, j->own, j->n_own, s);
}

bool is_recording(const struct judge *j)
{
    return j->r->run->command == COMMAND_ANALYZE;
}

bool is_among(const struct step *const *steps, size_t n, const struct step *s)
{
    for (size_t i = 0; s != NULL && i < n; i++) {
        if (steps[i] == s)
            return true;
    }
    return false;
}

bool is_own(const struct judge *j, const struct step *s)
{
    return is_among(j->own, j->n_own, s);
}

const char *first_leg(const struct cell *c)
{
    return c->path->legs[0];
}

const char *last_leg(const struct cell *c)
{
    return c->path->legs[c->path->n_legs - 1];
}

const char *leg_after(const struct cell *c, const char *station)
{
    for (size_t i = 0; i < c->path->n_legs; i++) {
        if (same_text(c->path->stations[i], station))
            return c->path->legs[i];
    }
    return NULL;
}

const char *leg_into(const struct cell *c, const char *station)
{
    for (size_t i = 0; i < c->path->n_legs; i++) {
        if (same_text(c->path->stations[i + 1], station))
            return c->path->legs[i];
    }
    return NULL;
}

const char *station_after(const struct cell *c, const char *station)
{
    for (size_t i = 0; i < c->path->n_legs; i++) {
        if (same_text(c->path->stations[i], station))
            return c->path->stations[i + 1];
    }
    return NULL;
}

/* The hop that the n-th tunnel step of a connection talks to. */
static const char *tunnel_hop(const struct cell *c, const struct probe *p, const struct step *s)
{
    const struct route *route = c->path->route;
    size_t nth = 0;

    if (step_tunnel(s) != NULL && step_tunnel(s)->hop != NULL)
        return step_tunnel(s)->hop;
    for (size_t i = 0; i < p->n && p->steps[i] != s; i++)
        nth += p->steps[i]->step == STEP_TUNNEL;
    return nth < route->n_hops ? route->hops[nth] : NULL;
}

const char *step_hop(const struct cell *c, const struct probe *p, const struct step *s)
{
    const char *to = s->leg != NULL ? strchr(s->leg, '>') : NULL;

    if (s->step == STEP_TUNNEL || s->step == STEP_HTTP)
        return tunnel_hop(c, p, s);
    if (s->step != STEP_TLS)
        return NULL;
    if (to != NULL)
        return strcmp(to + 1, "endpoint") == 0 ? NULL : to + 1;
    /* Without a leg: TLS below a tunnel is TLS to the proxy. */
    for (size_t i = p->n; i-- > 0 && p->steps[i] != s;) {
        if (p->steps[i]->step == STEP_TUNNEL)
            return tunnel_hop(c, p, p->steps[i]);
    }
    return NULL;
}

struct hop_facts *facts_of_hop(const struct judge *j, const char *name)
{
    for (size_t i = 0; i < j->r->n_hops; i++) {
        if (same_text(j->hops[i].hop->name, name))
            return &j->hops[i];
    }
    return NULL;
}

bool not_tried(const struct step *s)
{
    return s->outcome == OUTCOME_NONE || s->outcome == OUTCOME_CANCELLED ||
           s->outcome == OUTCOME_LOCAL_ERROR;
}

void remark(struct judge *j, struct remark remark)
{
    list_push(j->r->arena, j->remarks, j->n_remarks, remark);
}
