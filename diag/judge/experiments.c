/* experiments: what the control experiments of a result showed; see experiment.def. */
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

const struct probe *experiment_probe(const struct cell *c, enum experiment what)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        if (c->probes[i].experiment == what)
            return &c->probes[i];
    }
    return NULL;
}

/* The handshake with the endpoint of an experiment; NULL when it did not get that far. */
static const struct step *handshake(const struct cell *c, const struct probe *p)
{
    for (size_t i = p->n; i-- > 0;) {
        if (p->steps[i]->step == STEP_TLS && step_hop(c, p, p->steps[i]) == NULL)
            return p->steps[i];
    }
    return NULL;
}

enum fate fate_of_tls(const struct step *s)
{
    const struct tls_detail *d = step_tls(s);

    if (same_text(d->reached, "certificate") || same_text(d->reached, "finished"))
        return FATE_LIVES;
    switch (s->outcome) {
    case OUTCOME_OK:
    case OUTCOME_TLS_VERIFY:
        return FATE_LIVES;
    case OUTCOME_TLS_ALERT:
    case OUTCOME_TLS_VERSION:
    case OUTCOME_TLS_PROTOCOL:
    case OUTCOME_NOT_TLS:
        return FATE_ANSWERS;
    case OUTCOME_RESET:
    case OUTCOME_CLOSED:
    case OUTCOME_TIMEOUT:
        return FATE_DIES;
    default:
        return FATE_UNKNOWN;
    }
}

enum fate experiment_fate(const struct cell *c, enum experiment what)
{
    enum fate best = FATE_UNKNOWN;

    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];
        const struct step *s;
        enum fate fate;

        if (p->experiment != what || (s = handshake(c, p)) == NULL)
            continue;
        fate = fate_of_tls(s);
        if (fate > best)
            best = fate;
    }
    return best;
}

struct step *large_hello_step(const struct cell *c)
{
    const struct probe *p = experiment_probe(c, EXPERIMENT_LARGE_HELLO);

    return p != NULL ? probe_last(p) : NULL;
}

const char *large_hello_note(struct cell *c)
{
    const struct tls_detail *large = step_tls(large_hello_step(c)), *ours = step_tls(c->leaf);

    return text(c->judge, "a ClientHello of %lld bytes passes, one of %lld bytes dies%s",
                ours != NULL && ours->hello_len != INT_UNKNOWN ? (long long)ours->hello_len : 0LL,
                large != NULL && large->hello_len != INT_UNKNOWN ? (long long)large->hello_len
                                                                 : 0LL,
                BLOCK("large-hello-unacked") && c->path->n_legs > 1 &&
                        !same_text(leg_of_death(c, large_hello_step(c)), last_leg(c))
                    ? ", and not even the first station acknowledges it: all packets of full size "
                      "may vanish on that leg, not only such messages (try a smaller MTU)"
                    : "");
}

const struct step *step_by_address(const struct cell *c, const struct step *s, enum outcome outcome)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct step *last = probe_last(&c->probes[i]);

        if (c->probes[i].experiment == EXPERIMENT_BY_ADDRESS && step_tunnel(last) != NULL &&
            last->outcome == outcome && step_tunnel(s) != NULL &&
            same_text(step_tunnel(last)->hop, step_tunnel(s)->hop))
            return last;
    }
    return NULL;
}

bool address_is_reached(const struct cell *c, const struct step *s)
{
    return step_by_address(c, s, OUTCOME_OK) != NULL;
}

const struct step *silent_address(const struct cell *c, const struct step *s)
{
    return address_is_reached(c, s) ? step_by_address(c, s, OUTCOME_TIMEOUT) : NULL;
}
