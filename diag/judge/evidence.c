/*
 * evidence: what a result's cause rests on (steps and frames by their numbers, experiments), and
 * what was ruled out and by what. Steps are counted from 1 in the order of the report.
 */
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

enum { FRAMES_LISTED = 12, ROUTES_LISTED = 4 };

static void add_evidence(struct cell *c, const char *line)
{
    list_push(c->judge->r->arena, c->result->evidence, c->result->n_evidence, line);
}

/* `what` is a cause's code, or something that has no cause of its own. */
static void rule_out(struct cell *c, const char *what, const char *why)
{
    const char *line = text(c->judge, "%s: %s", what, why);

    if (!same_text(cause_info(c->result->cause)->code, what))
        list_push(c->judge->r->arena, c->result->ruled_out, c->result->n_ruled_out, line);
}

static const char *code_of(enum cause cause)
{
    return cause_info(cause)->code;
}

/* --- steps and frames by number --- */

static size_t number_of(const struct cell *c, const struct step *s)
{
    for (size_t i = 0; i < c->result->n_steps; i++) {
        if (c->result->steps[i] == s)
            return i + 1;
    }
    return 0;
}

/* "step 5", "steps 5 to 7": a connection's own, as far as it was tried. */
static const char *steps_of(struct cell *c, const struct probe *p)
{
    size_t first = number_of(c, p->steps[0]), last = first;

    for (size_t i = 1; i < p->n; i++) {
        if (p->steps[i]->outcome != OUTCOME_NONE && number_of(c, p->steps[i]) == last + 1)
            last++;
    }
    return first == last ? text(c->judge, "step %zu", first)
                         : text(c->judge, "steps %zu to %zu", first, last);
}

static const char *step_line(struct cell *c, const struct step *s)
{
    const char *where = s->address != NULL ? s->address : s->target != NULL ? s->target : "";
    const char *outcome = names_word(&outcome_names, (int)s->outcome);

    return text(c->judge, "step %zu, %s %s: %s%s%s", number_of(c, s),
                names_word(&step_kind_names, (int)s->step), where, outcome != NULL ? outcome : "?",
                s->note != NULL ? ", " : "", s->note != NULL ? s->note : "");
}

static void write_frames(struct cell *c, const struct step *s)
{
    const struct wire *w = c->result->wire;
    const struct flow *f;
    const char *list = NULL;

    if (w == NULL || s->flow < 0 || s->flow >= (int64_t)w->n_flows)
        return;
    f = w->flows[s->flow];
    for (size_t i = 0; i < f->n_frames && i < FRAMES_LISTED; i++)
        list = list == NULL ? text(c->judge, "%lld", (long long)f->frames[i])
                            : text(c->judge, "%s, %lld", list, (long long)f->frames[i]);
    if (list != NULL)
        add_evidence(c, text(c->judge, "frames %s of the capture", list));
}

/* --- experiments --- */

/* The very same at another time or place: it has a verdict of its own. */
static const char *whole_try(struct cell *c, const struct probe *p)
{
    if (p->verdict == VERDICT_PASS || p->verdict == VERDICT_WARN)
        return "it works";
    return p->failing != NULL ? text(c->judge, "it fails (%s)", code_of(p->failing->cause))
                              : "it was not finished";
}

static const char *what_came(struct cell *c, const struct probe *p)
{
    const struct step *last = probe_last(p);
    const struct app_detail *a = step_app(last);
    const char *outcome = names_word(&outcome_names, (int)last->outcome);

    switch (p->experiment) {
    case EXPERIMENT_REPEAT:
    case EXPERIMENT_OTHER_RESOLVER:
    case EXPERIMENT_OTHER_PATH:
        return whole_try(c, p);
    case EXPERIMENT_SILENT:
        return last->outcome == OUTCOME_RESET ? "it is reset though nothing was said"
                                              : "it is left alone";
    case EXPERIMENT_PLAIN_HTTP:
    case EXPERIMENT_CLOCK:
    case EXPERIMENT_APP_AMQP:
    case EXPERIMENT_APP_PAGE:
        if (a != NULL && a->status != INT_UNKNOWN)
            return text(c->judge, "HTTP %lld%s%s", (long long)a->status,
                        a->date != NULL ? ", Date " : "", a->date != NULL ? a->date : "");
        break;
    default:
        switch (experiment_fate(c, p->experiment)) {
        case FATE_LIVES:
            return "the handshake lives";
        case FATE_ANSWERS:
            return text(c->judge, "it is answered (%s)", outcome != NULL ? outcome : "?");
        case FATE_DIES:
            return text(c->judge, "it dies too (%s)", outcome != NULL ? outcome : "?");
        case FATE_UNKNOWN:
            break;
        }
    }
    return outcome != NULL ? outcome : "?";
}

/* With which name, at which address: what made this one different. */
static const char *variant(struct cell *c, const struct probe *p)
{
    const struct tls_detail *d = step_tls(probe_last(p));

    if (p->experiment == EXPERIMENT_OTHER_RESOLVER)
        return text(c->judge, " (%s)", without_port(c->judge, p->steps[0]->address));
    if (p->experiment == EXPERIMENT_OTHER_NAME && d != NULL && d->sni != NULL)
        return text(c->judge, " (%s)", d->sni);
    if ((p->experiment == EXPERIMENT_SMALL_HELLO || p->experiment == EXPERIMENT_LARGE_HELLO) &&
        d != NULL && d->hello_len != INT_UNKNOWN)
        return text(c->judge, " (%lld bytes)", (long long)d->hello_len);
    return "";
}

static void write_experiments(struct cell *c)
{
    const struct step *asked[] = {c->over_tcp, c->unchecked};

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        if (asked[i] != NULL)
            add_evidence(c, text(c->judge, "experiment %s, step %zu: %s",
                                 names_word(&experiment_names, (int)asked[i]->experiment),
                                 number_of(c, asked[i]),
                                 names_word(&outcome_names, (int)asked[i]->outcome)));
    }
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        if (p->experiment != EXPERIMENT_NONE && p->experiment != EXPERIMENT_TRACE)
            add_evidence(c, text(c->judge, "experiment %s%s, %s: %s",
                                 names_word(&experiment_names, (int)p->experiment), variant(c, p),
                                 steps_of(c, p), what_came(c, p)));
    }
    if (c->taught_by != NULL)
        add_evidence(c, text(c->judge, "the experiments made for %s %s: the same symptom",
                             c->taught_by->result->endpoint,
                             c->taught_by->path->n_legs == 1
                                 ? "directly"
                                 : text(c->judge, "over %s", c->taught_by->result->route)));
}

/* --- ruled out --- */

/* What each experiment would have shown, had the other cause been the one. */
static const struct {
    enum experiment what;
    const char *rival;
    const char *dies;
} rivals[] = {
    {EXPERIMENT_OTHER_NAME, "sni-filtered", "it dies with another server name too"},
    {EXPERIMENT_SMALL_HELLO, "hello-size-blocked", "a small ClientHello dies too"},
    {EXPERIMENT_SMALL_MSS, "mtu-blackhole", "it dies with small segments too"},
    {EXPERIMENT_TLS12, "TLS 1.3", "it dies with TLS 1.2 only too"},
    {EXPERIMENT_LEGACY_TLS, "tls-version", "it dies with older versions too"},
};

static const char *with_steps(struct cell *c, const char *why, enum experiment what)
{
    return text(c->judge, "%s (%s)", why, steps_of(c, experiment_probe(c, what)));
}

static bool was_whole_failure(const struct cell *c, enum experiment what)
{
    const struct probe *p = experiment_probe(c, what);

    return p != NULL && p->verdict == VERDICT_FAIL;
}

static void rule_out_by_experiments(struct cell *c)
{
    if (was_whole_failure(c, EXPERIMENT_REPEAT))
        rule_out(c, "intermittent",
                 with_steps(c, "a repetition fails in the same way", EXPERIMENT_REPEAT));
    for (size_t i = 0; i < sizeof rivals / sizeof *rivals; i++) {
        if (experiment_fate(c, rivals[i].what) == FATE_DIES)
            rule_out(c, rivals[i].rival, with_steps(c, rivals[i].dies, rivals[i].what));
    }
    if (was_whole_failure(c, EXPERIMENT_OTHER_RESOLVER) && !misled_is_shown(c))
        rule_out(c, code_of(CAUSE_DNS_UNEXPECTED_ADDRESS),
                 with_steps(c, "it fails at the address that another source gives too",
                            EXPERIMENT_OTHER_RESOLVER));
}

/* A failing connection whose first router answers: the sensor's own side is well. */
static void rule_out_the_sensor(struct cell *c)
{
    const struct tcp_detail *t = step_tcp(c->decisive);
    const struct dns_detail *d = step_dns(c->decisive);
    const char *gateway = t != NULL ? t->gateway : d != NULL ? d->gateway : NULL;
    const char *neighbour = t != NULL ? t->neighbour : d != NULL ? d->neighbour : NULL;

    if (gateway != NULL && same_text(neighbour, "reachable"))
        rule_out(c, code_of(CAUSE_GATEWAY_UNREACHABLE),
                 text(c->judge, "%s answers on the local network (step %zu)", gateway,
                      number_of(c, c->decisive)));
}

static bool works(const struct cell *c)
{
    return c->result->verdict == VERDICT_PASS || c->result->verdict == VERDICT_WARN;
}

/* What the plan asked of others anyway: the same route for others, other routes for the same. */
static void rule_out_by_others(struct cell *c)
{
    struct judge *j = c->judge;
    const char *routes = NULL;
    size_t n, listed = 0, others = c->path->passed;
    struct cell **sibling = cell_siblings(c, &n);

    for (size_t i = 0; i < n && listed < ROUTES_LISTED; i++) {
        if (sibling[i] == c || !works(sibling[i]))
            continue;
        routes = text(j, "%s%s%s", routes != NULL ? routes : "", routes != NULL ? ", " : "",
                      sibling[i]->result->route);
        listed++;
    }
    if (routes != NULL)
        rule_out(c, "the endpoint itself", text(j, "it works on another route (%s)", routes));
    if (others > 0)
        rule_out(c, "the route as a whole",
                 text(j, "%zu other endpoint%s on it", others, others == 1 ? " passes" : "s pass"));
}

static void rule_out_the_clock(struct cell *c)
{
    const struct clock_facts *clock = &c->judge->clock;

    if ((c->result->cause == CAUSE_CERT_EXPIRED || c->result->cause == CAUSE_CERT_NOT_YET_VALID) &&
        clock->known)
        rule_out(c, code_of(CAUSE_CLOCK_SKEW),
                 text(c->judge, "the local clock differs by %lld s from that of %s",
                      (long long)clock->offset_s,
                      clock->source != NULL ? clock->source : "a server"));
}

/* A trace is made once for each address, whichever result asked for it. */
static void write_trace(struct cell *c)
{
    const struct step *trace = trace_to(c->judge, c->decisive->address);
    const char *words = trace_words(c->judge, c->decisive->address);
    size_t number = trace != NULL ? number_of(c, trace) : 0;

    if (words != NULL)
        add_evidence(
            c, text(c->judge, "trace to %s, %s: %s", trace->address,
                    number > 0 ? text(c->judge, "step %zu", number) : "made for another result",
                    words));
}

void cell_evidence(struct cell *c)
{
    if (c->result->verdict != VERDICT_FAIL && c->result->verdict != VERDICT_WARN)
        return;
    if (c->decisive != NULL) {
        add_evidence(c, step_line(c, c->decisive));
        write_frames(c, c->decisive);
        if (c->decisive->step == STEP_CONNECT)
            write_trace(c);
    }
    write_experiments(c);
    if (c->result->verdict != VERDICT_FAIL)
        return;
    rule_out_by_experiments(c);
    rule_out_the_sensor(c);
    rule_out_by_others(c);
    rule_out_the_clock(c);
}

const char *client_of(const struct cell *c)
{
    for (size_t i = 0; i < c->result->n_steps; i++) {
        const struct sock *k = step_sock(c->result->steps[i]);

        if (k != NULL && k->local != NULL)
            return without_port(c->judge, k->local);
    }
    return NULL;
}
