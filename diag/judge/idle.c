/*
 * idle: what became of a connection that nobody used for a while (--idle).
 *
 * The question is whether the sensor was told. A connection that somebody ends while it is idle, by
 * FIN or by RST, costs nothing: the client opens another one. One that is dead when it is used next
 * costs a message and a timeout, and what the cloud had to say in the meantime.
 */
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

static long long seconds(int64_t us)
{
    return us == INT_UNKNOWN ? 0 : (long long)((us + 500000) / 1000000);
}

/* The step that was left alone; NULL when the experiment was not made or did not get that far. */
static struct step *idle_step(const struct cell *c)
{
    const struct probe *p = experiment_probe(c, EXPERIMENT_IDLE);
    struct step *s = p != NULL ? probe_last(p) : NULL;

    return step_app(s) == NULL || not_tried(s) ? NULL : s;
}

/* The same question on a fresh connection brought an answer. */
static bool control_answers(const struct cell *c)
{
    const struct probe *p = experiment_probe(c, EXPERIMENT_IDLE_CONTROL);
    const struct step *s = p != NULL ? probe_last(p) : NULL;

    return step_app(s) != NULL && s->outcome == OUTCOME_OK;
}

/* How an idle connection ended. A FIN comes from whoever is next to us, unless TLS vouches for the
 * endpoint; a reset may be that of any device on the way. */
static const char *how_it_ended(const struct cell *c, enum outcome outcome,
                                const struct app_detail *a)
{
    const char *next = c->path->n_legs == 1 ? "the endpoint" : c->path->stations[1];

    if (outcome == OUTCOME_RESET)
        return text(c->judge, "reset on the way or by %s", next);
    if (a->close_notify || c->path->n_legs == 1)
        return "closed in order by the endpoint";
    return text(c->judge, "closed in order by %s or somebody behind it", next);
}

/*
 * On which leg the connection died. The next station's kernel acknowledges what it gets: where
 * nothing is acknowledged, our first leg is dead; where it is, and no answer comes, one behind it.
 */
static const char *where(const struct cell *c, const struct step *s, const char **how)
{
    const struct sock *sock = step_sock(s);
    bool acknowledged = s->outcome == OUTCOME_TIMEOUT && sock != NULL && sock->unacked == 0;

    *how = "";
    if (c->path->n_legs == 1 || !acknowledged)
        return first_leg(c);
    if (c->path->n_legs > 2)
        *how = "; on which of the legs behind it cannot be told from here";
    return c->path->legs[1];
}

void idle_sieve(struct cell *c, struct step *s)
{
    const struct app_detail *a = step_app(s);
    long long idle = seconds(a->idle_us);

    if (not_tried(s)) {
        say_skip(s);
    } else if (s->outcome == OUTCOME_OK) {
        say_pass(s);
        s->note = text(c->judge, "alive after %lld s without traffic", idle);
    } else if (BLOCK("idle-told") && a->request == NULL) {
        say_pass(s);
        s->note = text(c->judge, "%s after %lld s without traffic, and we were told",
                       how_it_ended(c, s->outcome, a), idle);
    } else {
        say_skip(s); /* what it means depends on the control */
        s->note = text(c->judge, "%s after %lld s without traffic",
                       s->outcome == OUTCOME_TIMEOUT ? "not answering"
                       : s->outcome == OUTCOME_RESET ? "reset when used"
                                                     : "closed when used",
                       idle);
    }
}

bool idle_warns(struct cell *c, struct step **out, const char **at, const char **note)
{
    struct step *s = idle_step(c);
    const char *how;

    if (!BLOCK("idle-dropped") || s == NULL || step_app(s)->request == NULL ||
        (s->outcome != OUTCOME_TIMEOUT && s->outcome != OUTCOME_RESET))
        return false;
    /* Whoever does not answer this question at all, or not any more, did not forget us. */
    if (BLOCK("idle-control") && !control_answers(c))
        return false;
    *out = s;
    *at = where(c, s, &how);
    *note = text(c->judge, "after %lld s without traffic %s%s; a fresh connection works",
                 seconds(step_app(s)->idle_us),
                 s->outcome == OUTCOME_RESET ? "it was reset as soon as it was used"
                                             : "nothing that was sent got an answer",
                 how);
    return true;
}

const char *idle_words(const struct cell *c)
{
    const struct step *s = idle_step(c);

    if (s == NULL || s->verdict == VERDICT_PASS || s->outcome == OUTCOME_CLOSED)
        return s != NULL ? s->note : NULL;
    return text(c->judge,
                "%s; neither was a fresh one answered, so that this shows nothing about idle time",
                s->note);
}

long long idle_seconds(const struct cell *c)
{
    const struct step *s = idle_step(c);

    return s == NULL ? 0 : seconds(step_app(s)->idle_us);
}
