/*
 * wishes_connect: what would tell more after a connection that was not made; see wishes.c.
 */
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"
#include "diag/judge/wishing.h"

enum {
    TRACES_REQUIRED = 3, /* of a run: to so many addresses */
    TRACES_OPTIONAL = 2,
};

/* Traces that were made or wished for results of this kind, and is one of them to this address? */
static size_t count_traces(const struct wishing *w, const struct cell *c, bool *known)
{
    const struct judge *j = w->j;
    size_t n = 0;

    *known = trace_to(j, c->decisive->address) != NULL;
    for (size_t i = 0; i < j->r->n_results; i++)
        n += j->r->results[i]->required == c->result->required &&
             wish_was_made(&j->cells[i], EXPERIMENT_TRACE);
    for (size_t i = 0; i < w->n; i++) {
        if (w->list[i].what != EXPERIMENT_TRACE)
            continue;
        n += w->list[i].result->required == c->result->required;
        *known = *known || same_text(w->list[i].after->address, c->decisive->address);
    }
    return n;
}

/* Did a connection that stood need a segment twice? */
static bool saw_loss(const struct step *s)
{
    const struct tcp_detail *d = step_tcp(s);
    const struct sock *sock = step_sock(s);

    return s->outcome == OUTCOME_OK &&
           ((d != NULL && d->syn_retransmits > 0) || (sock != NULL && sock->retransmits > 0));
}

/* Packets get lost in this network, also those of what works: three SYNs may have, by chance. */
static bool run_saw_loss(const struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];

        for (size_t k = 0; k < x->n_steps; k++) {
            if (saw_loss(x->steps[k]))
                return true;
        }
    }
    return false;
}

/* The hop refuses this connection and accepts others: a limit, or one of several members. */
static bool is_refused_among_others(struct wishing *w, const struct cell *c)
{
    return c->result->cause == CAUSE_TCP_REFUSED && c->result->required && c->path->n_legs > 1 &&
           w->works[c->path - w->j->paths] &&
           (wish_is_sample(w, c, SYMPTOM_REFUSED) || wish_is_of_member(w, c));
}

/*
 * SYNs that vanish, or that live too long: where? One trace for each address, few for each kind of
 * result. On the sensor's own network there is no router to ask. One that is held by hand to be
 * where nothing comes back from is asked this way before it is called wrong.
 */
void wishes_after_connect(struct wishing *w, struct cell *c)
{
    const struct tcp_detail *d = step_tcp(c->decisive);
    bool known = false;

    if (BLOCK("wish-repeat-refused") && c->tested == 1 && is_refused_among_others(w, c))
        wish_again(w, c);
    else if (c->tested == 1 && !wish_was_made(c, EXPERIMENT_REPEAT) &&
             ((BLOCK("wish-repeat-traced") && trace_was_answered(w->j, c->decisive->address)) ||
              (BLOCK("wish-repeat-lossy") && c->result->required &&
               c->result->cause == CAUSE_TCP_TIMEOUT && run_saw_loss(w->j))))
        wish_push(w, c, EXPERIMENT_REPEAT, NULL);
    if (c->result->cause != CAUSE_TCP_TIMEOUT &&
        !(BLOCK("wish-trace-circle") && has_text(d->icmp, "exceeded")) &&
        !(BLOCK("wish-trace-by-hand") && held_by_hand(c->decisive) != NULL))
        return;
    if (BLOCK("wish-trace-router") && d->gateway == NULL && d->route != NULL)
        return;
    if (BLOCK("wish-trace-later") && w->asking[c->path - w->j->paths])
        return;
    if (BLOCK("wish-trace") &&
        count_traces(w, c, &known) < (c->result->required ? TRACES_REQUIRED : TRACES_OPTIONAL) &&
        !known)
        wish_push(w, c, EXPERIMENT_TRACE, NULL);
}
