/*
 * reenact_idle: a connection that nobody used for a while, and that was dead when it was used
 * again: as the step of the experiment idle; and a fresh one that works, as that of its control.
 * See probes/layer_idle.c and judge/idle.c. Normal clients make both without wanting to.
 */
#include "diag/reenact_parts.h"

#include "capture/tcp.h"
#include "diag/base/arena.h"

/* TLS with the other end stood before the pause. */
static bool stood(const struct wire_flow *w)
{
    return w->talk != NULL && w->talk->tls != NULL && w->talk->tls->finished &&
           w->talk->tls->finished_us < w->used_us;
}

/* It was used to say goodbye: nobody waited for an answer. */
static bool was_goodbye(const struct wire_flow *w)
{
    int64_t end_us = w->fin_us != 0 ? w->fin_us : w->reset_us;

    return w->closed_by == 0 && end_us - w->used_us < REENACT_PATIENCE_US;
}

bool reenact_was_forgotten(const struct reenact *r, const struct wire_flow *w)
{
    const struct wire_side *dst = &w->side[1];

    if (w->used_us == 0 || !stood(w) || was_goodbye(w) || dst->last_data_us > w->used_us ||
        dst->unseen > 0)
        return false;
    return w->reset_by == 1
               ? w->reset_us >= w->used_us
               : w->closed_by != 1 && r->file->last_us - w->used_us >= REENACT_PATIENCE_US;
}

/*
 * Tickets of TLS 1.3 come unasked, and look like an answer; then the client goes on waiting. So of
 * one that was ended the end must follow soon, and of one that is open the server spoke last.
 */
bool reenact_was_answered(const struct wire_flow *w)
{
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    int64_t answered_us = w->side[1].last_data_us;

    if (tls == NULL || !tls->finished || w->side[0].bytes <= tls->finished_at ||
        answered_us <= tls->finished_us || w->side[0].lost_times > 0)
        return false;
    if (w->fin_us != 0)
        return w->fin_us - answered_us < REENACT_PATIENCE_US;
    return w->reset_by != 1 && answered_us > w->side[0].last_data_us;
}

/* What was asked is hidden by TLS; that something was is all that matters. */
static struct step *add(struct probing *p, const char *target, int64_t from_us, int64_t to_us)
{
    struct step *s = probing_add(p, STEP_APP, p->what->result->n_legs - 1, target, from_us);

    step_app(s)->request = "hidden by TLS";
    step_app(s)->sock = p->sock;
    probing_end(p, s, to_us);
    return s;
}

void reenact_idle(struct probing *p, const char *target)
{
    const struct wire_flow *w = p->flow;
    const struct wire_side *src = &w->side[0];
    struct step *s = add(p, target, w->used_us, w->reset_by == 1 ? w->reset_us : w->last_us);

    step_app(s)->idle_us = (int64_t)w->pause_ms * 1000;
    p->sock->unacked = tcp_seq_diff(src->next, src->una) > 0;
    s->outcome = w->reset_by == 1 ? OUTCOME_RESET : OUTCOME_TIMEOUT;
}

void reenact_idle_control(struct probing *p, const char *target)
{
    const struct wire_flow *w = p->flow;
    struct step *s = add(p, target, w->talk->tls->finished_us, w->side[1].last_data_us);

    s->experiment = EXPERIMENT_IDLE_CONTROL;
    step_app(s)->idle_us = 0;
    s->outcome = OUTCOME_OK;
}
