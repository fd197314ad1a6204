/*
 * connections: from steps to connections. Each step goes to the sieve of its subject; the first one
 * that fails is what its connection fails of.
 */
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

/* An experiment's steps say what happened, without a verdict on the endpoint. */
static void judge_experiment_step(struct cell *c, struct probe *p, struct step *s)
{
    if ((p->experiment == EXPERIMENT_HOP_ITSELF || p->experiment == EXPERIMENT_HOP_LOOPBACK ||
         p->experiment == EXPERIMENT_HOP_PAGE) &&
        s->outcome == OUTCOME_HTTP_STATUS) {
        say_pass(s); /* whatever it says, it answers */
    } else if (s->step == STEP_CONNECT) {
        tcp_sieve(c, s);
    } else if (step_tunnel(s) != NULL) {
        proxy_sieve(c, p, s);
    } else if (not_tried(s)) {
        say_skip(s);
    } else if (s->outcome == OUTCOME_RESET) {
        say_fail(c, s, p->experiment == EXPERIMENT_SILENT ? CAUSE_TCP_RESET : CAUSE_TLS_RESET,
                 last_leg(c), NULL);
    } else if (s->outcome == OUTCOME_TIMEOUT && p->experiment != EXPERIMENT_SILENT) {
        say_fail(c, s, CAUSE_TLS_TIMEOUT, last_leg(c), NULL);
    } else if (s->outcome == OUTCOME_CLOSED && p->experiment != EXPERIMENT_SILENT) {
        say_fail(c, s, CAUSE_TLS_CLOSED, last_leg(c), NULL);
    } else if (s->outcome == OUTCOME_TLS_ALERT) {
        say_fail(c, s, CAUSE_TLS_ALERT, "endpoint", step_tls(s) ? step_tls(s)->alert : NULL);
    } else {
        say_pass(s);
    }
}

/* Experiments that are the endpoint's own probe again, elsewhere or later: their verdict counts. */
static bool is_whole_try(enum experiment what)
{
    return what == EXPERIMENT_NONE || what == EXPERIMENT_REPEAT ||
           what == EXPERIMENT_OTHER_RESOLVER || what == EXPERIMENT_OTHER_PATH;
}

static void judge_step(struct cell *c, struct probe *p, struct step *s)
{
    if (s->step == STEP_APP &&
        (p->experiment == EXPERIMENT_IDLE || p->experiment == EXPERIMENT_IDLE_CONTROL)) {
        idle_sieve(c, s);
        return;
    }
    if (s->step == STEP_APP &&
        (p->experiment == EXPERIMENT_APP_AMQP || p->experiment == EXPERIMENT_APP_PAGE)) {
        app_more_sieve(c, s);
        return;
    }
    if (!is_whole_try(p->experiment)) {
        judge_experiment_step(c, p, s);
        return;
    }
    switch (s->step) {
    case STEP_RESOLVE:
        dns_sieve(c, s);
        break;
    case STEP_CONNECT:
        tcp_sieve(c, s);
        break;
    case STEP_TUNNEL:
    case STEP_HTTP:
        proxy_sieve(c, p, s);
        break;
    case STEP_TLS:
        tls_sieve(c, p, s);
        break;
    case STEP_APP:
        app_sieve(c, s);
        break;
    }
    if (s->verdict == VERDICT_PASS)
        portal_sieve(c, s);
    wire_refine(c, s);
}

/* Did the connection show what the result is about, if all its steps passed? */
static bool is_complete(const struct cell *c, const struct probe *p)
{
    const struct step *last = probe_last(p);

    if (c->result->of_endpoint->wildcard) /* nobody is there to speak TLS with */
        return step_tunnel(last) != NULL || last->step == STEP_TLS;
    if (last->step == STEP_TLS || last->step == STEP_APP)
        return step_hop(c, p, last) == NULL;
    /* A connection to a proxy that nobody asked for anything shows nothing of what is behind it. */
    return c->result->of_endpoint->plain && (c->path->n_legs == 1 || last->step != STEP_CONNECT);
}

static void conclude_probe(struct cell *c, struct probe *p)
{
    bool warned = false, untried = false;

    for (size_t i = 0; i < p->n; i++) {
        struct step *s = p->steps[i];

        if (p->failing != NULL) { /* what was not reached has no verdict */
            say_skip(s);
            continue;
        }
        judge_step(c, p, s);
        warned = warned || s->verdict == VERDICT_WARN;
        untried = untried || s->verdict == VERDICT_SKIP;
        if (s->verdict == VERDICT_FAIL)
            p->failing = s;
    }
    if (p->failing != NULL)
        p->verdict = VERDICT_FAIL;
    else if (untried || !is_complete(c, p))
        p->verdict = VERDICT_SKIP;
    else
        p->verdict = warned ? VERDICT_WARN : VERDICT_PASS;
}

void cell_judge_steps(struct cell *c)
{
    for (size_t i = 0; i < c->n_resolves; i++) {
        dns_sieve(c, c->resolves[i]);
        wire_refine(c, c->resolves[i]);
    }
    if (c->over_tcp != NULL)
        dns_sieve(c, c->over_tcp);
    if (c->unchecked != NULL)
        dns_sieve(c, c->unchecked);
    c->experimented = experiment_fate(c, EXPERIMENT_OTHER_NAME) != FATE_UNKNOWN ||
                      experiment_fate(c, EXPERIMENT_SMALL_MSS) != FATE_UNKNOWN ||
                      experiment_fate(c, EXPERIMENT_SMALL_HELLO) != FATE_UNKNOWN ||
                      experiment_probe(c, EXPERIMENT_SILENT) != NULL;
    for (size_t i = 0; i < c->n_probes; i++)
        conclude_probe(c, &c->probes[i]);
}
