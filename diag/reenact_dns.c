/* reenact_dns: questions and answers of a capture as resolve steps. Part of reenact.h. */
#include "diag/reenact.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/dns_outcome.h"
#include "diag/proto/dns.h"

#include <string.h>

enum {
    SERVERS_MAX = 16,
    PORTS_KEPT = 32, /* of the questions of one type: many more tell nothing new */
};

static enum outcome outcome_of(const struct wire_dns *d)
{
    if (!d->answered)
        return d->flow->icmp != NULL ? OUTCOME_DNS_UNREACHABLE : OUTCOME_DNS_TIMEOUT;
    if (d->malformed)
        return OUTCOME_DNS_MALFORMED;
    if (d->truncated && !d->tcp)
        return OUTCOME_DNS_TCP_FAILED; /* unless a question over TCP comes after it */
    return dns_outcome_of_rcode(d->rcode, d->n_addresses > 0);
}

/* The lookup of this type in the step, added if there is none. */
static struct lookup *lookup_of(struct reenact *r, struct dns_detail *d, const char *type)
{
    struct lookup *l;

    for (size_t i = 0; i < d->n_lookups; i++) {
        if (strcmp(d->lookups[i]->type, type) == 0)
            return d->lookups[i];
    }
    l = report_new_of(r->report, lookup);
    l->type = type;
    l->outcome = OUTCOME_NONE;
    list_push(r->report->arena, d->lookups, d->n_lookups, l);
    return l;
}

static void set_answer(struct reenact *r, struct lookup *l, const struct wire_dns *w)
{
    struct arena *a = r->report->arena;
    char text[ADDR_TEXT];

    l->rcode = dns_rcode_name(w->rcode);
    l->ttl = w->ttl >= 0 ? w->ttl : INT_UNKNOWN;
    l->answer_len = w->answer_len;
    l->duration_us = w->answered_us - w->asked_us;
    l->addresses = NULL;
    l->n_addresses = l->n_cnames = 0;
    l->cnames = NULL;
    for (size_t i = 0; i < w->n_cnames; i++)
        list_push(a, l->cnames, l->n_cnames,
                  text_printable(a, w->cnames[i], strlen(w->cnames[i]), 300));
    for (size_t i = 0; i < w->n_addresses; i++)
        list_push(a, l->addresses, l->n_addresses,
                  arena_strdup(a, addr_text(&w->addresses[i], text)));
}

static void take(struct reenact *r, struct lookup *l, const struct wire_dns *w)
{
    enum outcome outcome = outcome_of(w);
    bool better = l->outcome == OUTCOME_NONE ||
                  dns_outcome_weight(outcome) > dns_outcome_weight(l->outcome) ||
                  (w->answered && (w->tcp || l->outcome == OUTCOME_DNS_TIMEOUT));

    l->truncated = l->truncated || w->truncated;
    l->unchecked = w->unchecked;
    l->transport = l->transport == NULL               ? (w->tcp ? "tcp" : "udp")
                   : w->tcp && l->transport[0] == 'u' ? "udp+tcp"
                                                      : l->transport;
    if (l->n_local_ports < PORTS_KEPT)
        list_push(r->report->arena, l->local_ports, l->n_local_ports,
                  arena_printf(r->report->arena, "%s/%u", w->tcp ? "tcp" : "udp", w->client.port));
    /* A repeat that fails takes nothing from an answer; an answer over TCP replaces a cut one. */
    if (!better || (l->outcome == OUTCOME_OK && outcome != OUTCOME_OK))
        return;
    l->asked_again = w->answered && !w->tcp && dns_outcome_may_be_limit(l->outcome);
    l->outcome = outcome;
    if (w->answered)
        set_answer(r, l, w);
}

static void finish(struct reenact *r, struct step *s)
{
    struct dns_detail *d = step_dns(s);

    s->outcome = OUTCOME_NONE;
    for (size_t i = 0; i < d->n_lookups; i++) {
        const struct lookup *l = d->lookups[i];

        if (s->outcome == OUTCOME_NONE ||
            dns_outcome_weight(l->outcome) > dns_outcome_weight(s->outcome))
            s->outcome = l->outcome;
        if (l->duration_us != INT_UNKNOWN &&
            (s->duration_us == INT_UNKNOWN || l->duration_us > s->duration_us))
            s->duration_us = l->duration_us;
        for (size_t k = 0; k < l->n_addresses; k++)
            list_push(r->report->arena, d->addresses, d->n_addresses, l->addresses[k]);
    }
}

static struct step *new_step(struct reenact *r, const char *name, const struct wire_dns *w)
{
    struct step *s = step_new(r->report, STEP_RESOLVE);
    char text[ADDR_TEXT];

    s->target = name;
    s->address = arena_strdup(r->report->arena, addr_port_text(&w->server, text));
    s->started_us = w->asked_us - r->epoch_us;
    step_dns(s)->name = name;
    step_dns(s)->source = "resolver";
    return s;
}

/*
 * Nothing that can be understood came over UDP, and nobody said that the answer is too long: no
 * resolver of a system goes on over TCP then (RFC 7766 section 5). It is the experiment dns-tcp.
 */
static bool is_question(const struct step *s, const struct wire_dns *w)
{
    const struct dns_detail *d = step_dns(s);

    for (size_t i = 0; w->tcp && i < d->n_lookups; i++) {
        const struct lookup *l = d->lookups[i];

        if (strcmp(l->type, dns_type_name(w->type)) == 0)
            return l->transport != NULL && strcmp(l->transport, "udp") == 0 && !l->truncated &&
                   (l->outcome == OUTCOME_DNS_TIMEOUT || l->outcome == OUTCOME_DNS_MALFORMED);
    }
    return false;
}

static void add_experiments(struct reenact *r, struct result *result, struct step *const *steps,
                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (steps[i] == NULL)
            continue;
        finish(r, steps[i]);
        list_push(r->report->arena, result->steps, result->n_steps, steps[i]);
    }
}

size_t reenact_lookups(struct reenact *r, const char *name, const struct wire_dns *const *exchanges,
                       size_t n, struct result *result)
{
    struct step *steps[SERVERS_MAX], *over_tcp[SERVERS_MAX] = {NULL};
    struct step *unchecked[SERVERS_MAX] = {NULL};
    struct addr servers[SERVERS_MAX];
    size_t n_servers = 0;
    bool used = false;

    for (size_t i = 0; i < n; i++) {
        const struct wire_dns *w = exchanges[i];
        struct step **s;
        size_t k = 0;

        if (w->type != DNS_A && w->type != DNS_AAAA)
            continue;
        while (k < n_servers && !addr_equal(&servers[k], &w->server))
            k++;
        if (k == SERVERS_MAX)
            continue;
        if (k == n_servers) {
            servers[n_servers] = w->server;
            steps[n_servers++] = new_step(r, name, w);
        }
        s = w->unchecked ? &unchecked[k] : is_question(steps[k], w) ? &over_tcp[k] : &steps[k];
        if (*s == NULL) {
            *s = new_step(r, name, w);
            (*s)->experiment = w->unchecked ? EXPERIMENT_DNS_UNCHECKED : EXPERIMENT_DNS_TCP;
        }
        take(r, lookup_of(r, step_dns(*s), dns_type_name(w->type)), w);
    }
    for (size_t k = 0; k < n_servers; k++) {
        finish(r, steps[k]);
        /* The answer that the system used is the first that said anything definite. */
        if (!used &&
            (steps[k]->outcome == OUTCOME_OK || dns_outcome_weight(steps[k]->outcome) <= 20))
            used = step_dns(steps[k])->used = true;
        list_push(r->report->arena, result->steps, result->n_steps, steps[k]);
    }
    add_experiments(r, result, over_tcp, n_servers);
    add_experiments(r, result, unchecked, n_servers);
    return n_servers;
}
