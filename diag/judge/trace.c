/*
 * trace: where on the way the silence begins, as far as SYNs with a short time to live can tell
 * (the experiment trace; RFC 1812 section 5.3.1, RFC 4443 section 3.3).
 *
 * Careful words: routers that do not answer are normal, a firewall that drops silently may be the
 * last that answered or stand behind it, and each SYN may take another of several equal ways.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

enum {
    RETURNS = 2,  /* to routers that were passed before: less may be two ways of unequal length */
    TOLD = 3,     /* ways that one finding tells of */
    NETWORK4 = 3, /* octets that two addresses of one network share at least */
    NETWORK6 = 8,
};

/* What a trace showed. */
enum end {
    END_SILENT,  /* nobody answered */
    END_ROUTER,  /* a router was the last */
    END_NETWORK, /* ... one in the destination's own network */
    END_CIRCLE,  /* the same routers again and again */
    END_HOST,    /* the destination answered now */
    END_RESET,   /* it, or somebody in its name, refused now */
    END_REFUSED, /* a router refused now */
};

struct way {
    enum end end;
    const char *router; /* the last one; of a circle the first */
    const char *other;  /* of a circle the last; NULL when it does not answer */
    int64_t hops;       /* how far away it is */
};

/* --- what was seen --- */

void trace_learn(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];

        for (size_t k = 0; k < x->n_steps; k++) {
            const struct step *s = x->steps[k];

            if (s->experiment == EXPERIMENT_TRACE && s->address != NULL && step_tcp(s) != NULL)
                list_push(j->r->arena, j->traces, j->n_traces, s);
        }
    }
}

const struct step *trace_to(const struct judge *j, const char *address)
{
    for (size_t i = 0; i < j->n_traces; i++) {
        if (same_text(j->traces[i]->address, address))
            return j->traces[i];
    }
    return NULL;
}

static bool answered(const struct trace_hop *hop, const char *answer)
{
    return same_text(hop->answer, answer);
}

/* Router of the i-th SYN, when it ended there. */
static const char *router_at(const struct tcp_detail *d, size_t i)
{
    return i < d->n_trace && answered(d->trace[i], "time-exceeded") ? d->trace[i]->router : NULL;
}

/*
 * Do the packets come back to routers that they had left? One that answers twice in a row does
 * not count: some do that. The first router of the circle is where the first return leads to.
 */
static bool find_circle(const struct tcp_detail *d, struct way *way)
{
    struct way circle = {.end = END_CIRCLE};
    size_t returns = 0;

    for (size_t i = 2; i < d->n_trace; i++) {
        size_t k = i - 1;

        if (router_at(d, i) == NULL || same_text(router_at(d, i), router_at(d, i - 1)))
            continue;
        while (k > 0 && !same_text(router_at(d, k - 1), router_at(d, i)))
            k--;
        if (k == 0)
            continue;
        if (returns++ == 0) {
            circle.router = router_at(d, k - 1);
            circle.hops = d->trace[k - 1]->ttl;
            circle.other = router_at(d, i - 1);
        }
    }
    if (returns < RETURNS)
        return false;
    *way = circle;
    return true;
}

bool in_network_of(const char *router, const char *address)
{
    struct addr a, b;

    return addr_parse(router, &a) && addr_parse_port(address, 0, &b) && a.family == b.family &&
           memcmp(a.ip, b.ip, a.family == AF_INET ? NETWORK4 : NETWORK6) == 0;
}

/* The ICMP error by which a router refused; NULL. */
static const struct trace_hop *refusal_in(const struct tcp_detail *d)
{
    for (size_t i = 0; d != NULL && i < d->n_trace; i++) {
        if (answered(d->trace[i], "prohibited") || answered(d->trace[i], "unreachable"))
            return d->trace[i];
    }
    return NULL;
}

static struct way way_of(const struct step *trace)
{
    const struct tcp_detail *d = step_tcp(trace);
    struct way way = {.end = END_SILENT};
    bool host = false, reset = false;

    for (size_t i = 0; i < d->n_trace; i++) {
        host = host || answered(d->trace[i], "syn-ack");
        reset = reset || answered(d->trace[i], "reset");
        if (router_at(d, i) != NULL && d->trace[i]->ttl >= way.hops)
            way = (struct way){END_ROUTER, router_at(d, i), NULL, d->trace[i]->ttl};
    }
    if (host || reset)
        way.end = host ? END_HOST : END_RESET;
    else if (refusal_in(d) != NULL)
        way.end = END_REFUSED;
    else if (BLOCK("trace-circle") && find_circle(d, &way))
        return way;
    else if (BLOCK("trace-network") && way.end == END_ROUTER &&
             in_network_of(way.router, trace->address))
        way.end = END_NETWORK;
    return way;
}

const struct trace_hop *trace_refusal(const struct judge *j, const char *address)
{
    return refusal_in(step_tcp(trace_to(j, address)));
}

bool trace_was_answered(const struct judge *j, const char *address)
{
    const struct step *trace = trace_to(j, address);

    return trace != NULL && !not_tried(trace) && way_of(trace).end == END_HOST;
}

/* --- in words --- */

static const char *away(struct judge *j, const struct way *way)
{
    return text(j, "%s, %lld hop%s away", way->router, (long long)way->hops,
                way->hops == 1 ? "" : "s");
}

/* "go round in circles between A and B" */
static const char *circle(struct judge *j, const struct way *way)
{
    return way->other == NULL
               ? text(j, "go round in circles through %s", way->router)
               : text(j, "go round in circles between %s and %s", way->router, way->other);
}

const char *trace_words(struct judge *j, const char *address)
{
    const struct step *trace = trace_to(j, address);
    struct way way;

    if (trace == NULL || not_tried(trace))
        return NULL;
    way = way_of(trace);
    switch (way.end) {
    case END_SILENT:
        return "no router on the way answers either, not even the first";
    case END_ROUTER:
        return text(j, "the last router that answers is %s; nothing behind it does", away(j, &way));
    case END_NETWORK:
        return text(j, "the last router that answers is %s, in the destination's own network",
                    away(j, &way));
    case END_CIRCLE:
        return text(j, "the packets %s", circle(j, &way));
    case END_HOST:
        return "a later attempt was answered";
    case END_RESET:
        return "a later attempt was refused with a reset";
    case END_REFUSED:
        return "a router refused a later attempt";
    }
    return NULL;
}

static const char *first_router(const struct step *trace)
{
    const char *gateway = step_tcp(trace)->gateway;

    return gateway != NULL ? gateway : "the sensor's gateway";
}

/* "Towards 20.1.2.3, …": what it means for a person. `left`: packets were seen leaving. */
static const char *told(struct judge *j, const struct step *trace, const char *whom, bool left)
{
    struct way way = way_of(trace);

    switch (way.end) {
    case END_SILENT:
        return text(j,
                    "Towards %s no router answers SYNs with a short time to live, not even the "
                    "first, %s: either none on this way ever does, or the packets are lost %sat "
                    "that first router.",
                    whom, first_router(trace), left ? "" : "on the sensor itself or ");
    case END_ROUTER:
        return text(j,
                    "Towards %s the last router that answers SYNs with a short time to live is "
                    "%s; nothing behind it does. The packets are lost there or further on: what "
                    "drops them silently, and many a router, does not say so.",
                    whom, away(j, &way));
    case END_NETWORK:
        return text(j,
                    "Towards %s the packets get as far as %s, which is in the destination's own "
                    "network; the way there is open.",
                    whom, away(j, &way));
    case END_CIRCLE:
        return text(j, "Towards %s the packets %s, %lld hop%s away: a routing loop.", whom,
                    circle(j, &way), (long long)way.hops, way.hops == 1 ? "" : "s");
    case END_HOST:
        return text(j, "A later attempt to %s was answered: the silence comes and goes.", whom);
    case END_RESET:
        return text(j, "A later attempt to %s was refused with a reset.", whom);
    case END_REFUSED:
        break; /* that is the cause by itself */
    }
    return "";
}

static const char *advice(struct judge *j, const struct step *trace, const char *whom, bool left)
{
    struct way way = way_of(trace);

    switch (way.end) {
    case END_SILENT:
        return text(j, "Begin with %s%s.", left ? "" : "the sensor's own packet filter and with ",
                    first_router(trace));
    case END_ROUTER:
        return text(j,
                    "Begin with %s, the last router that answers, and with what stands right "
                    "behind it.",
                    way.router);
    case END_NETWORK:
        return text(j, "Begin behind %s, with the destination's own firewall.", way.router);
    case END_CIRCLE:
        return text(
            j, "Correct the routes to %s on %s and %s: each holds the other for the way there.",
            whom, way.router, way.other != NULL ? way.other : "the router behind it");
    case END_HOST:
    case END_RESET:
    case END_REFUSED:
        break;
    }
    return "";
}

/* Traces that end alike at the same router are told in one sentence. */
static bool end_alike(const struct step *a, const struct step *b)
{
    struct way x = way_of(a), y = way_of(b);

    return x.end == y.end && x.hops == y.hops &&
           (x.router == y.router || same_text(x.router, y.router));
}

/* What the traces to several addresses showed, told once for those that end alike. */
struct telling {
    const struct step *trace;
    const char *whom;
    bool left;
};

static void add_telling(struct judge *j, struct telling *list, size_t *n, const struct step *about,
                        const struct step *trace)
{
    const char *address = without_port(j, trace->address);
    size_t k = 0;

    while (k < *n && !end_alike(list[k].trace, trace))
        k++;
    if (k == TOLD)
        return;
    if (k == *n)
        list[(*n)++] = (struct telling){trace, address, true};
    else if (strstr(list[k].whom, address) == NULL)
        list[k].whom = text(j, "%s, %s", list[k].whom, address);
    list[k].left = list[k].left && j->r->capture->enabled && about->flow >= 0;
}

const char *trace_tell(struct judge *j, const struct step *const *about, size_t n, bool advise)
{
    struct telling list[TOLD];
    const char *out = NULL;
    size_t n_told = 0;

    for (size_t i = 0; i < n; i++) {
        const struct step *trace = about[i] != NULL ? trace_to(j, about[i]->address) : NULL;

        if (trace != NULL && !not_tried(trace))
            add_telling(j, list, &n_told, about[i], trace);
    }
    for (size_t k = 0; k < n_told; k++) {
        const char *sentence = advise ? advice(j, list[k].trace, list[k].whom, list[k].left)
                                      : told(j, list[k].trace, list[k].whom, list[k].left);

        if (*sentence != '\0')
            out = out == NULL ? sentence : text(j, "%s %s", out, sentence);
    }
    return out;
}
