/*
 * chain: how the proxies of a forwarded chain are tied to each other, as far as answers tell: in a
 * circle, or not at all (measured on Squid 5.7).
 */
#include "diag/base/addr.h"
#include "diag/base/text.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

/* --- requests that go round --- */

/* "1.1 p1, 1.1 p2, 1.1 p1": some station stands in it twice. */
static bool names_one_twice(const char *via)
{
    for (const char *entry = via; entry != NULL && *entry != '\0';) {
        size_t len = strcspn(entry, ",");
        const char *next = entry + len;

        while (len > 0 && entry[len - 1] == ' ')
            len--;
        for (const char *other = next; len > 0 && *other == ',';) {
            other += strspn(other, ", ");
            if (strncmp(other, entry, len) == 0 && strchr(", ", other[len]) != NULL)
                return true;
            other += strcspn(other, ",");
        }
        entry = next + strspn(next, ", ");
    }
    return false;
}

/*
 * Two Squids that are each other's parent: a GET is refused by the first that finds itself in the
 * request's Via. A CONNECT is passed on regardless, longer by an entry of Via and one of
 * X-Forwarded-For each time, until somebody's limit for heads (64 kB) is reached: his 431 comes
 * back with its body cut. Ours has some hundred bytes, so that nobody refuses the first one for its
 * length; who would have does it with a whole page.
 */
bool chain_went_round(const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    if (s->outcome != OUTCOME_HTTP_STATUS)
        return false;
    if (BLOCK("loop-of-a-page") && (s->step == STEP_HTTP || s->experiment == EXPERIMENT_HOP_PAGE))
        return d->status == 403 && names_one_twice(d->via);
    return BLOCK("loop-of-a-connect") && s->step == STEP_TUNNEL &&
           (d->status == 431 || has_text(d->x_squid_error, "ERR_TOO_BIG")) &&
           d->content_length > 0 && d->body_len == 0;
}

/* A page of Squid names the address that it tried: "Connection to 20.1.2.3 failed." */
static bool tried_address(const struct tunnel_detail *d, struct addr *tried)
{
    static const char before[] = "Connection to ";
    const char *at = d->body != NULL ? strstr(d->body, before) : NULL;
    char address[ADDR_TEXT];
    size_t len;

    if (at == NULL || !text_starts_with_nocase(d->x_squid_error, "ERR_CONNECT_FAIL"))
        return false;
    at += sizeof before - 1;
    len = strcspn(at, " ");
    if (len >= sizeof address)
        return false;
    memcpy(address, at, len);
    address[len] = '\0';
    return addr_parse(address, tried);
}

/* Does the sensor's own DNS give this address for the endpoint? */
static bool is_of_endpoint(const struct cell *c, const struct addr *address)
{
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);

    for (size_t i = 0; i < n; i++) {
        const struct step *s = sibling[i]->path->n_legs == 1 ? dns_decisive(sibling[i]) : NULL;
        const struct dns_detail *d = step_dns(s);

        for (size_t k = 0; d != NULL && k < d->n_addresses; k++) {
            struct addr a;

            if (addr_parse(d->addresses[k], &a) && addr_same_ip(&a, address))
                return true;
        }
    }
    return false;
}

void chain_learn(const struct step *s, struct hop_facts *f)
{
    f->goes_round = f->goes_round || chain_went_round(s);
}

/* In a forwarded chain they all hand on to each other, whichever was asked. */
bool chain_is_circle(const struct judge *j, const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);
    bool forwarded = BLOCK("loop-of-the-chain") && j->r->site->chain == CHAIN_FORWARDED;

    for (size_t i = 0; d != NULL && i < j->r->n_hops; i++) {
        if (j->hops[i].goes_round && (forwarded || same_text(j->hops[i].hop->name, d->hop)))
            return true;
    }
    return false;
}

const char *chain_circle_leg(const struct cell *c, const char *hop)
{
    const struct hop_facts *next = facts_of_hop(c->judge, station_after(c, hop));

    /* The one behind does not send anything back where it serves the sensor. */
    if (!hop_forwards(c, hop) || (BLOCK("loop-not-behind") && next != NULL && next->served))
        return leg_after(c, hop);
    return last_leg(c);
}

/* --- a child that goes direct --- */

bool chain_goes_past(const struct cell *c, const struct step *s, const char *hop)
{
    const struct tunnel_detail *d = step_tunnel(s);
    struct hop_facts *f = facts_of_hop(c->judge, hop);
    struct addr tried;

    if (f == NULL || !hop_forwards(c, hop) || !tried_address(d, &tried) ||
        !is_of_endpoint(c, &tried))
        return false;
    f->goes_past = true;
    return true;
}

bool chain_is_passed_by(const struct judge *j, enum cause cause, const char *leg)
{
    const char *to = leg != NULL ? strchr(leg, '>') : NULL;

    if (to == NULL || facts_of_hop(j, to + 1) == NULL ||
        (cause != CAUSE_PROXY_UPSTREAM_REFUSED && cause != CAUSE_PROXY_UPSTREAM_TIMEOUT &&
         cause != CAUSE_PROXY_UPSTREAM_FAILED))
        return false;
    for (size_t i = 0; i < j->r->n_hops; i++) {
        const char *name = j->hops[i].hop->name;

        if (j->hops[i].goes_past && strncmp(name, leg, (size_t)(to - leg)) == 0 &&
            name[to - leg] == '\0')
            return true;
    }
    return false;
}
