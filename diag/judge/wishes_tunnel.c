/* wishes_tunnel: the next experiments where a hop did not open the tunnel; see wishes.c. */
#include "diag/base/addr.h"
#include "diag/base/text.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"
#include "diag/judge/wishing.h"

#include <string.h>

/* The address of a resolve step's answer; NULL where it has none. */
static const char *answered_address(const struct step *s)
{
    const struct dns_detail *d = step_dns(s);

    return d != NULL && s->verdict != VERDICT_FAIL && d->n_addresses > 0 ? d->addresses[0] : NULL;
}

/* The endpoint's name as the sensor itself resolves it; NULL where that gave nothing. */
static const struct dns_detail *addresses_of_endpoint(const struct cell *c)
{
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);
    struct addr literal;

    if (c->result->of_endpoint->wildcard || addr_parse(c->result->of_endpoint->host, &literal))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const struct step *s = dns_decisive(sibling[i]);

        if (sibling[i]->path->n_legs == 1 && answered_address(s) != NULL)
            return step_dns(s);
    }
    return NULL;
}

/* The same of a hop. One that is given by address has no resolve step. */
static const char *address_of_hop(const struct hop *hop)
{
    for (size_t i = 0; i < hop->n_steps; i++) {
        if (answered_address(hop->steps[i]) != NULL)
            return answered_address(hop->steps[i]);
    }
    return NULL;
}

/* Can the hop only not resolve the name, of the endpoint or of the next hop of a nested chain? Or
 * not reach one family of addresses: of the endpoint's it is asked for one of each. */
static void want_by_address(struct wishing *w, struct cell *c)
{
    const struct hop_facts *next =
        facts_of_hop(w->j, station_after(c, step_tunnel(c->decisive)->hop));
    bool of_hop = BLOCK("wish-next-hop-by-address") && next != NULL &&
                  !hop_forwards(c, step_tunnel(c->decisive)->hop);
    const char *address = of_hop ? address_of_hop(next->hop) : NULL;
    const struct dns_detail *d = of_hop ? NULL : addresses_of_endpoint(c);
    bool asked[2] = {false, false};

    if (!BLOCK("wish-by-address") || wish_was_made(c, EXPERIMENT_BY_ADDRESS))
        return;
    if (address != NULL)
        wish_push(w, c, EXPERIMENT_BY_ADDRESS, address);
    for (size_t i = 0; d != NULL && i < d->n_addresses; i++) {
        bool six = strchr(d->addresses[i], ':') != NULL;

        if (!asked[six])
            wish_push(w, c, EXPERIMENT_BY_ADDRESS, d->addresses[i]);
        asked[six] = true;
    }
}

static bool is_wished(const struct wishing *w, enum experiment what, const char *hop)
{
    for (size_t i = 0; i < w->n; i++) {
        const struct tunnel_detail *d = step_tunnel(w->list[i].after);

        if (w->list[i].what == what && d != NULL && same_text(d->hop, hop))
            return true;
    }
    return false;
}

/* A question to the hop itself, once in a run; `known` is what it told. */
static void want_of_hop(struct wishing *w, struct cell *c, enum experiment what, enum tri known)
{
    const struct tunnel_detail *d = step_tunnel(c->decisive);

    if (known == TRI_UNKNOWN && !is_wished(w, what, d->hop) && !wish_was_made(c, what))
        wish_push(w, c, what, NULL);
}

/* Nobody said why: no field of the answer does. */
static bool gives_no_reason(const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    return d->x_squid_error == NULL && d->proxy_status == NULL;
}

/* It answers that it cannot get any further. */
static void after_upstream_failure(struct wishing *w, struct cell *c)
{
    bool sample = wish_is_sample(w, c, SYMPTOM_PARENT);

    if (BLOCK("wish-repeat-parent") && c->tested <= 1 &&
        (w->works[c->path - w->j->paths] || sample))
        wish_again(w, c);
    if (sample && gives_no_reason(c->decisive))
        want_by_address(w, c);
}

/* It accepted the connection and did not answer. */
static void after_no_answer(struct wishing *w, struct cell *c)
{
    const struct hop_facts *f = facts_of_hop(w->j, step_tunnel(c->decisive)->hop);

    bool sample = wish_is_sample(w, c, SYMPTOM_TUNNEL);

    if (BLOCK("wish-repeat-tunnel") && c->tested <= 1 && (sample || wish_is_of_member(w, c)))
        wish_again(w, c);
    if (f == NULL || !sample)
        return;
    if (BLOCK("wish-hop-tls") && c->result->cause == CAUSE_PROXY_CLOSED && f->hop->url != NULL &&
        text_starts_with_nocase(f->hop->url, "http:"))
        want_of_hop(w, c, EXPERIMENT_HOP_TLS, f->speaks_tls);
    if (BLOCK("wish-hop-itself") && c->decisive->outcome == OUTCOME_TIMEOUT) {
        want_of_hop(w, c, EXPERIMENT_HOP_ITSELF, f->alive);
        want_by_address(w, c);
        /* One that forwards passes this on as well: then it shows whether the next one is there. */
        if (BLOCK("wish-hop-loopback") && f->answered == NULL)
            want_of_hop(w, c, EXPERIMENT_HOP_LOOPBACK, f->handles);
        /* Together with the page of its own, so that it costs no time. */
        if (BLOCK("wish-hop-page") && f->answered == NULL && f->alive == TRI_UNKNOWN &&
            !c->result->of_endpoint->wildcard)
            want_of_hop(w, c, EXPERIMENT_HOP_PAGE, f->page);
    }
}

/* Squid 5.7 says the same of a name that it cannot resolve and of a parent that is down. */
static void after_stuck(struct wishing *w, struct cell *c)
{
    const struct tunnel_detail *d = step_tunnel(c->decisive);

    if (BLOCK("wish-stuck-by-address") && d != NULL &&
        has_text(d->x_squid_error, "ERR_CANNOT_FORWARD") && same_text(d->hop, c->result->at) &&
        !is_wished(w, EXPERIMENT_BY_ADDRESS, d->hop) && wish_is_sample(w, c, SYMPTOM_PARENT))
        want_by_address(w, c);
}

/* It knows the names of others: this one does not exist, or a member behind its address knows
 * none. */
static void after_unknown_name(struct wishing *w, struct cell *c)
{
    if (BLOCK("wish-repeat-unknown") && c->tested <= 1 && c->result->required &&
        w->works[c->path - w->j->paths] && !c->result->of_endpoint->wildcard &&
        c->decisive->outcome == OUTCOME_HTTP_STATUS &&
        (wish_is_sample(w, c, SYMPTOM_UNKNOWN) || wish_is_of_member(w, c)))
        wish_again(w, c);
}

/*
 * It denies this one and admits others: its list, or one of several machines behind its address,
 * or a limit of connections that were open at the same time. Only a list says the same again.
 */
static void after_denial(struct wishing *w, struct cell *c)
{
    if (BLOCK("wish-repeat-denied") && c->tested <= 1 && c->result->required &&
        w->works[c->path - w->j->paths] && !c->result->of_endpoint->wildcard &&
        c->decisive->step == STEP_TUNNEL &&
        (wish_is_sample(w, c, SYMPTOM_DENIED) || wish_is_of_member(w, c)))
        wish_again(w, c);
}

void wishes_after_tunnel(struct wishing *w, struct cell *c)
{
    switch (c->result->cause) {
    case CAUSE_PROXY_DENIED:
        after_denial(w, c);
        return;
    case CAUSE_PROXY_UPSTREAM_FAILED:
        /* Each request that goes round costs the proxies a thousand connections. */
        if (!BLOCK("wish-no-more-rounds") || !chain_is_circle(w->j, c->decisive))
            after_upstream_failure(w, c);
        return;
    case CAUSE_PROXY_DNS_FAILED:
        after_stuck(w, c);
        after_unknown_name(w, c);
        return;
    case CAUSE_PROXY_NO_ANSWER:
    case CAUSE_PROXY_CLOSED:
    case CAUSE_PROXY_UPSTREAM_TIMEOUT:
        after_no_answer(w, c);
        return;
    default:
        return;
    }
}
