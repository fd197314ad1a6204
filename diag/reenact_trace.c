/* reenact_trace: SYNs with a short time to live as the step of a trace; see reenact.h. */
#include "diag/reenact.h"

#include "diag/base/arena.h"

#include <stdlib.h>

enum {
    ICMP4_EXCEEDED = 11, /* RFC 792 */
    ICMP6_EXCEEDED = 3,  /* RFC 4443 */
};

static bool prohibits(const struct wire_flow *w, const struct wire_icmp *icmp)
{
    return w->is_v6 ? icmp->code == 1 : icmp->code == 9 || icmp->code == 10 || icmp->code == 13;
}

static struct trace_hop *hop_of(struct report *r, const struct wire_flow *w, enum outcome *outcome)
{
    struct trace_hop *hop = report_new_of(r, trace_hop);
    const struct wire_icmp *icmp = w->icmp;
    char text[ADDR_TEXT];

    hop->ttl = w->side[0].ttl_max;
    if (w->syn_ack_us != 0) {
        hop->answer = "syn-ack";
        hop->rtt_us = w->syn_ack_us - w->first_us;
        *outcome = OUTCOME_OK;
    } else if (w->side[1].resets > 0) {
        hop->answer = "reset";
        hop->rtt_us = w->reset_us - w->first_us;
        *outcome = OUTCOME_TCP_REFUSED;
    } else if (icmp != NULL) {
        hop->answer = icmp->type == (w->is_v6 ? ICMP6_EXCEEDED : ICMP4_EXCEEDED) ? "time-exceeded"
                      : prohibits(w, icmp)                                       ? "prohibited"
                                                                                 : "unreachable";
        hop->rtt_us = icmp->time_us - w->first_us;
        hop->icmp = wire_icmp_name(w->is_v6, icmp->type, icmp->code);
        hop->icmp_type = icmp->type;
        hop->icmp_code = icmp->code;
        hop->router = arena_strdup(r->arena, addr_text(&icmp->from, text));
    }
    return hop;
}

static int by_ttl(const void *a, const void *b)
{
    const struct trace_hop *x = *(struct trace_hop *const *)a, *y = *(struct trace_hop *const *)b;

    return (x->ttl > y->ttl) - (x->ttl < y->ttl);
}

void reenact_trace(struct reenact *r, struct result *result, const struct wire_flow *const *flows,
                   size_t n)
{
    struct report *report = r->report;
    struct step *s = step_new(report, STEP_CONNECT);
    struct tcp_detail *d = step_tcp(s);
    struct addr remote = wire_dst(flows[0]);
    int64_t end_us = flows[0]->last_us;
    char text[ADDR_TEXT];

    s->leg = leg_name(report, result->legs[0]);
    s->address = s->target = arena_strdup(report->arena, addr_port_text(&remote, text));
    s->attempt = 1;
    s->probe = ++r->probes;
    s->experiment = EXPERIMENT_TRACE;
    s->started_us = flows[0]->first_us - r->epoch_us;
    s->outcome = OUTCOME_TCP_TIMEOUT;
    for (size_t i = 0; i < n; i++) {
        list_push(report->arena, d->trace, d->n_trace, hop_of(report, flows[i], &s->outcome));
        if (flows[i]->last_us > end_us)
            end_us = flows[i]->last_us;
    }
    qsort(d->trace, d->n_trace, sizeof(struct trace_hop *), by_ttl);
    s->duration_us = end_us - r->epoch_us - s->started_us;
    list_push(report->arena, result->steps, result->n_steps, s);
}
