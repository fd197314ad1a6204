/*
 * dns_channel: see dns_channel.h.
 *
 * The octets are decoded here, not by c-ares, so that the capture's decoder is the same.
 */
#define CARES_NO_DEPRECATED /* the 1.18 API is what every supported system has */

#include "probes/dns_channel.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/model/dns_outcome.h"
#include "diag/proto/dns.h"
#include "probes/dns_again.h"
#include "probes/dns_transport.h"
#include "probes/errno_name.h"
#include "probes/kernel.h"

#include <ares.h>
#include <stdlib.h>
#include <string.h>

/* A resolver that left so many queries unanswered, and never answered one, is not asked on. */
#define DEAD_AFTER 16
/* Octets of an answer over UDP to who does not say that he takes more (RFC 1035 section 2.3.4). */
#define UDP_MOST 512

/* Questions out at the same time that may meet a limit; a sensor has fewer. */
#define CROWD_LEAST 16

struct dns_channel {
    struct report *report;
    struct addr to;
    struct dns_transport udp, tcp;
    struct dns_again *again;
    unsigned answers, timeouts;
    unsigned usable; /* of the answers: those that say what there is */
    unsigned out, most_out;
    bool closing;
};

struct asking {
    struct dns_channel *channel;
    struct lookup *lookup;
    const char *name;
    lookup_fn *done;
    void *arg;
    int64_t started_us;
    bool over_tcp, tcp_only, udp_only;
    bool in_crowd; /* it is one of those that are asked for all names at once */
};

static again_fn ask_again, finish_question;

struct dns_channel *dns_channel_new(struct loop *l, struct report *r, const struct addr *to,
                                    int64_t timeout_us, struct fault *f)
{
    struct dns_channel *c = calloc(1, sizeof *c);

    if (c != NULL) {
        c->report = r;
        c->to = *to;
    }
    if (c != NULL)
        c->again = dns_again_new(l, ask_again, finish_question);
    if (c == NULL || c->again == NULL ||
        dns_transport_open(&c->udp, l, to, false, timeout_us) != 0 ||
        dns_transport_open(&c->tcp, l, to, true, timeout_us) != 0) {
        dns_channel_free(c);
        fault_set(f, "the DNS library does not start; free some memory or descriptors");
        return NULL;
    }
    return c;
}

void dns_channel_free(struct dns_channel *c)
{
    if (c == NULL)
        return;
    c->closing = true;
    dns_again_free(c->again);
    c->again = NULL;
    dns_transport_close(&c->udp);
    dns_transport_close(&c->tcp);
    free(c);
}

void dns_channel_way(struct dns_channel *c, struct dns_detail *d)
{
    struct arena *a = c->report->arena;
    struct kernel_route way;
    char text[ADDR_TEXT];

    if (kernel_route(&c->to, &way, NULL) != 0)
        return;
    if (way.interface[0] != '\0')
        d->interface = arena_strdup(a, way.interface);
    if (way.gateway.family != 0)
        d->gateway = arena_strdup(a, addr_text(&way.gateway, text));
    d->neighbour = kernel_neighbour_name(way.neighbour);
    d->neighbour_mac = way.mac[0] != '\0' ? arena_strdup(a, way.mac) : NULL;
    d->link_down = way.ifindex != 0 && (!way.admin_up || !way.link_up);
    d->route = kernel_way_name(way.way);
}

/* --- answers --- */

static void note_answer(struct asking *q, const struct dns_message *m)
{
    struct arena *a = q->channel->report->arena;
    struct lookup *l = q->lookup;
    char text[ADDR_TEXT];

    l->rcode = dns_rcode_name(m->rcode);
    if (l->rcode == NULL)
        l->rcode = arena_printf(a, "RCODE %u", m->rcode);
    if (m->ttl >= 0)
        l->ttl = m->ttl;
    for (size_t i = 0; i < m->n_cnames; i++)
        list_push(a, l->cnames, l->n_cnames,
                  text_printable(a, m->cnames[i], strlen(m->cnames[i]), 300));
    for (size_t i = 0; i < m->n_addresses; i++)
        list_push(a, l->addresses, l->n_addresses,
                  arena_strdup(a, addr_text(&m->addresses[i], text)));
    for (size_t i = 0; i < m->n_errors && l->error == NULL; i++) {
        const char *name = dns_error_name(m->errors[i].code);

        l->error =
            arena_printf(a, "extended error %u (%s)%s%s", m->errors[i].code,
                         name != NULL ? name : "unknown", m->errors[i].text[0] != '\0' ? ": " : "",
                         text_printable(a, m->errors[i].text, strlen(m->errors[i].text), 200));
    }
    if (m->cname_loop && l->error == NULL)
        l->error = "the aliases lead round in a circle";
    l->outcome = dns_outcome_of_rcode(m->rcode, m->n_addresses > 0);
}

static enum outcome outcome_of_status(struct asking *q, int status, struct dns_transport *t)
{
    switch (status) {
    case ARES_ETIMEOUT:
        /* An ICMP error may have been limited in rate: one of several tries is enough to know. */
        if (t->last_errno != 0 && q->channel->answers == 0)
            return OUTCOME_DNS_UNREACHABLE;
        return OUTCOME_DNS_TIMEOUT;
    case ARES_ECONNREFUSED:
    case ARES_ESERVFAIL:
        return OUTCOME_DNS_UNREACHABLE;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return OUTCOME_CANCELLED;
    case ARES_EBADRESP:
    case ARES_EFORMERR:
        return OUTCOME_DNS_MALFORMED;
    case ARES_EBADNAME:
        return OUTCOME_DNS_NXDOMAIN; /* cannot exist: longer than RFC 1035 allows */
    default: /* newer versions have more words for "no server can be used" */
        return t->last_errno != 0 ? OUTCOME_DNS_UNREACHABLE : OUTCOME_LOCAL_ERROR;
    }
}

/* What came in place of the answer, from any of the queries: they are all to one server. */
static void note_stray(struct asking *q, const struct dns_transport *t)
{
    static const char *const words[] = {
        [STRAY_OTHER_ID] = "other-id",
        [STRAY_OTHER_QUESTION] = "other-question",
        [STRAY_OTHER_SOURCE] = "other-source",
    };
    char text[ADDR_TEXT];

    q->lookup->stray = words[t->stray];
    if (t->stray == STRAY_OTHER_SOURCE)
        q->lookup->stray_from =
            arena_strdup(q->channel->report->arena, addr_port_text(&t->stray_from, text));
}

static void note_ports(struct asking *q, struct dns_transport *t)
{
    struct lookup *l = q->lookup;

    for (size_t i = 0; i < t->n_ports; i++)
        list_push(
            q->channel->report->arena, l->local_ports, l->n_local_ports,
            arena_printf(q->channel->report->arena, "%s/%u", t->tcp ? "tcp" : "udp", t->ports[i]));
}

static void finish_question(void *arg)
{
    struct asking *q = arg;

    q->channel->out -= q->in_crowd;
    q->done(q->arg);
    free(q);
}

static void finish(struct asking *q)
{
    struct dns_channel *c = q->channel;
    struct lookup *l = q->lookup;
    bool usable = dns_outcome_is_definite(l->outcome);

    l->duration_us = clock_monotonic_us() - q->started_us;
    c->usable += usable;
    if (l->asked_again && !c->closing)
        dns_again_done(c->again, usable);
    else if (q->in_crowd && !c->closing && c->most_out >= CROWD_LEAST &&
             dns_outcome_may_be_limit(l->outcome) &&
             /* A refusal comes at once, and may overtake the first answer; silence comes late. */
             (c->usable > 0 || l->outcome != OUTCOME_DNS_TIMEOUT) && dns_again_add(c->again, q))
        return;
    finish_question(q);
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *octets, int len);

static int type_of(const struct lookup *l)
{
    return strcmp(l->type, "A") == 0 ? DNS_A : DNS_AAAA;
}

static void ask_over_tcp(struct asking *q)
{
    q->over_tcp = true;
    q->lookup->truncated = !q->tcp_only;
    dns_transport_ask(&q->channel->tcp, q->name, type_of(q->lookup), on_answer, q);
}

static void ask_again(void *arg)
{
    struct asking *q = arg;

    if (q->channel->usable == 0) { /* it answers nobody */
        dns_again_done(q->channel->again, false);
        finish_question(q);
        return;
    }
    q->lookup->asked_again = true;
    q->lookup->error = NULL;
    q->over_tcp = false;
    q->started_us = clock_monotonic_us();
    dns_transport_ask(&q->channel->udp, q->name, type_of(q->lookup), on_answer, q);
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *octets, int len)
{
    struct asking *q = arg;
    struct dns_channel *c = q->channel;
    struct dns_transport *t = q->over_tcp ? &c->tcp : &c->udp;
    struct lookup *l = q->lookup;
    struct dns_message *m;
    enum decode decoded;
    bool cut;

    (void)timeouts;
    note_ports(q, t);
    l->transport = q->tcp_only ? "tcp" : q->over_tcp ? "udp+tcp" : "udp";
    if (octets == NULL || len <= 0) {
        l->outcome = outcome_of_status(q, status, t);
        if (t->last_errno != 0)
            l->error = errno_name(t->last_errno);
        if (q->over_tcp && !q->tcp_only && l->outcome != OUTCOME_CANCELLED)
            l->outcome = OUTCOME_DNS_TCP_FAILED;
        if (l->outcome == OUTCOME_DNS_TIMEOUT && !q->over_tcp) {
            c->timeouts++;
            note_stray(q, t);
        }
        finish(q);
        return;
    }
    c->answers++;
    m = calloc(1, sizeof *m);
    if (m == NULL) {
        l->outcome = OUTCOME_LOCAL_ERROR;
        finish(q);
        return;
    }
    l->answer_len = len;
    decoded = dns_decode(octets, (size_t)len, m);
    /* More than RFC 1035 section 4.2.1 allows without EDNS: c-ares cuts it, and says nothing. */
    cut = decoded == DECODE_TRUNCATED && len == UDP_MOST;
    if ((m->tc || cut) && !q->over_tcp && !q->udp_only && decoded != DECODE_INVALID) {
        free(m);
        ask_over_tcp(q);
        return;
    }
    if (decoded == DECODE_OK)
        note_answer(q, m);
    else
        l->outcome = OUTCOME_DNS_MALFORMED;
    free(m);
    finish(q);
}

static struct asking *asking_new(struct dns_channel *c, const char *name, struct lookup *lookup,
                                 lookup_fn *done, void *arg)
{
    struct asking *q = calloc(1, sizeof *q);

    if (q != NULL)
        *q = (struct asking){.channel = c,
                             .lookup = lookup,
                             .name = name,
                             .done = done,
                             .arg = arg,
                             .started_us = clock_monotonic_us()};
    return q;
}

static void end_unasked(struct lookup *lookup, enum outcome outcome, const char *error,
                        lookup_fn *done, void *arg)
{
    lookup->outcome = outcome;
    lookup->error = error;
    lookup->duration_us = 0;
    done(arg);
}

void dns_channel_ask(struct dns_channel *c, const char *name, struct lookup *lookup,
                     lookup_fn *done, void *arg)
{
    bool dead = c->answers == 0 && c->timeouts >= DEAD_AFTER;
    struct asking *q = dead ? NULL : asking_new(c, name, lookup, done, arg);

    if (dead)
        end_unasked(lookup, OUTCOME_DNS_TIMEOUT,
                    "not asked: this resolver left many other queries unanswered", done, arg);
    else if (q == NULL)
        end_unasked(lookup, OUTCOME_LOCAL_ERROR, "out of memory", done, arg);
    if (q == NULL)
        return;
    q->in_crowd = true;
    if (++c->out > c->most_out)
        c->most_out = c->out;
    dns_transport_ask(&c->udp, name, type_of(lookup), on_answer, q);
}

void dns_channel_ask_tcp(struct dns_channel *c, const char *name, struct lookup *lookup,
                         lookup_fn *done, void *arg)
{
    struct asking *q = asking_new(c, name, lookup, done, arg);

    if (q == NULL) {
        end_unasked(lookup, OUTCOME_LOCAL_ERROR, "out of memory", done, arg);
        return;
    }
    q->tcp_only = true;
    ask_over_tcp(q);
}

void dns_channel_ask_edns(struct dns_channel *c, const char *name, struct lookup *lookup,
                          lookup_fn *done, void *arg)
{
    struct asking *q = asking_new(c, name, lookup, done, arg);

    if (q == NULL) {
        end_unasked(lookup, OUTCOME_LOCAL_ERROR, "out of memory", done, arg);
        return;
    }
    q->udp_only = true;
    dns_transport_ask_edns(&c->udp, name, type_of(lookup), lookup->unchecked, on_answer, q);
}
