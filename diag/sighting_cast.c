/* sighting_cast: what is different about one connection of a result, held against the others. Part
 * of sighting. */
#include "diag/sighting_state.h"

#include <string.h>

enum {
    MSS_LESS = 100,      /* an announced segment size so much smaller is an experiment */
    TRACE_TTL_LESS = 16, /* so much less than usual: no system begins with 32 (RFC 1700: 64) */
};

/* The proxy wanted a password, and got it on a connection of its own. */
bool cast_is_superseded(const struct cast *cast, size_t i)
{
    const struct wire_talk *talk = cast->flows[i]->talk;

    if (talk == NULL || talk->tunnels == NULL || talk->tunnels->status != 407 ||
        !wire_tunnel_ends(cast->flows[i], talk->tunnels) || talk->tunnels->auth_scheme != NULL)
        return false;
    for (size_t k = i + 1; k < cast->n; k++) {
        const struct wire_talk *later = cast->flows[k]->talk;

        if (later != NULL && later->tunnels != NULL && later->tunnels->auth_scheme != NULL)
            return true;
    }
    return false;
}

/* A SYN that was meant to end at a router on the way: the experiment trace, or a traceroute. */
bool cast_is_of_trace(const struct cast *cast, size_t i)
{
    const struct wire_side *src = &cast->flows[i]->side[0];

    return src->syns > 0 && src->bytes == 0 && src->ttl_max <= TRACE_TTL_MAX &&
           src->ttl_max + TRACE_TTL_LESS <= cast->usual_ttl;
}

/* The last thing that was asked of a proxy; NULL when nothing was. */
const struct wire_tunnel *cast_last_request(const struct wire_flow *w)
{
    const struct wire_tunnel *t = w->talk != NULL ? w->talk->tunnels : NULL;

    while (t != NULL && t->next != NULL)
        t = t->next;
    return t;
}

/*
 * Asked in silence, and later asked once more without success: the experiment repeat, which may
 * hear by then why (judgement.md). A repetition that is granted is another try: it shows that it
 * comes and goes.
 */
static bool is_asked_again(const struct wire_flow *first, const struct wire_flow *w)
{
    const struct wire_tunnel *before = cast_last_request(first), *now = cast_last_request(w);

    return before != NULL && now != NULL && before->answered_us == 0 && first->closed_by != 1 &&
           first->last_us <= w->first_us && now->status / 100 != 2 &&
           strcmp(before->target, now->target) == 0;
}

bool cast_same_destination(const struct wire_flow *a, const struct wire_flow *b)
{
    return a->dst_port == b->dst_port && memcmp(a->dst, b->dst, sizeof a->dst) == 0;
}

/*
 * What is different about this connection, held against the first of its kind? The wire shows it:
 * another server name, a smaller segment size, a smaller or larger hello, an older version.
 */
enum experiment cast_difference(const struct cast *cast, size_t i)
{
    const struct wire_flow *w = cast->flows[i], *first = cast->flows[0];
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    const struct wire_tls *of_first = first->talk != NULL ? first->talk->tls : NULL;

    if (cast->told[i] == EXPERIMENT_BY_ADDRESS && i == 0) /* not after the name: no question */
        return EXPERIMENT_NONE;
    if (cast->told[i] != EXPERIMENT_NONE)
        return cast->told[i];
    if (i == 0)
        return EXPERIMENT_NONE;
    if (cast_is_of_trace(cast, i))
        return EXPERIMENT_TRACE;
    if (is_asked_again(first, w))
        return EXPERIMENT_REPEAT;
    if (w->is_v6 == first->is_v6 && w->side[0].mss != 0 &&
        w->side[0].mss + MSS_LESS < first->side[0].mss)
        return EXPERIMENT_SMALL_MSS;
    if (tls == NULL || of_first == NULL || tls->hello_len == 0 || of_first->hello_len == 0)
        return EXPERIMENT_NONE;
    if (tls->max_version < of_first->max_version)
        return EXPERIMENT_TLS12;
    if (tls->hello_len * 5 < of_first->hello_len * 4)
        return EXPERIMENT_SMALL_HELLO;
    if (tls->hello_len > of_first->hello_len * 2)
        return EXPERIMENT_LARGE_HELLO;
    return EXPERIMENT_NONE;
}

/* How often was this address tried before? */
int64_t cast_attempt(const struct cast *cast, size_t i)
{
    int64_t n = 1;

    for (size_t k = 0; k < i; k++) {
        const struct wire_flow *w = cast->flows[k];

        if (memcmp(w->dst, cast->flows[i]->dst, sizeof w->dst) == 0 &&
            !cast_is_superseded(cast, k) && cast_difference(cast, k) == EXPERIMENT_NONE)
            n++;
    }
    return n;
}

/* Is it one of the addresses that a source of the name gave: the one that the system used, or
 * another? */
static bool is_given(const struct result *result, const struct wire_flow *w, bool used)
{
    struct addr to = wire_dst(w);
    char text[ADDR_TEXT];

    addr_text(&to, text);
    for (size_t i = 0; i < result->n_steps; i++) {
        const struct dns_detail *d = step_dns(result->steps[i]);

        for (size_t k = 0; d != NULL && d->used == used && k < d->n_addresses; k++) {
            if (strcmp(d->addresses[k], text) == 0)
                return true;
        }
    }
    return false;
}

void cast_mark_sources(const struct result *result, struct cast *cast)
{
    size_t n_sources = 0, n_used = 0;

    for (size_t i = 0; i < result->n_steps; i++)
        n_sources += step_dns(result->steps[i]) != NULL;
    for (size_t i = 0; n_sources > 1 && i < cast->n; i++) {
        if (!is_given(result, cast->flows[i], true))
            continue;
        n_used++;
        if (reenact_passed(cast->flows[i]))
            return;
    }
    for (size_t i = 0; n_used > 0 && i < cast->n; i++) {
        const struct wire_flow *w = cast->flows[i];

        if (cast->told[i] == EXPERIMENT_NONE && reenact_passed(w) && !is_given(result, w, true) &&
            is_given(result, w, false))
            cast->told[i] = EXPERIMENT_OTHER_RESOLVER;
    }
}
