/*
 * dns_answer: what is in an answer with addresses: those of DNS filters, of the wrong kind, or of
 * another service; and whether it only came when the question was asked again. Part of the DNS
 * sieve (dns.c).
 */
#include "diag/base/addr.h"
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"
#include "diag/model/azure.h"
#include "diag/model/dns_outcome.h"

#include <string.h>

static const char at_resolver[] = "resolver";

enum {
    LIMITED_LEAST = 2, /* questions answered when asked again; one may be chance */
    CROWD_LEAST = 16,  /* questions of all; a sensor asks fewer at the same time */
};

/* Addresses that DNS filters answer with to show a block page or nothing at all. */
static const char *const block_addresses[] = {
    "146.112.61.104", "146.112.61.105", "146.112.61.106", "146.112.61.107", /* Cisco Umbrella */
    "146.112.61.108", "146.112.61.109", "146.112.61.110", "208.91.112.55",  /* FortiGuard */
    "72.5.65.111",  /* Palo Alto Networks sinkhole */
    "2600:5200::1", /* the same, IPv6 */
};

static bool blocks(const char *address, bool of_hop)
{
    struct addr a;
    enum addr_kind kind;

    if (!addr_parse(address, &a))
        return false;
    kind = addr_kind(&a);
    if (kind == ADDR_UNSPECIFIED)
        return true;
    if (of_hop) /* a proxy on this very machine is normal */
        return false;
    if (BLOCK("dns-sinkhole-translated"))
        addr_translated(&a, &a);
    for (size_t i = 0; i < sizeof block_addresses / sizeof *block_addresses; i++) {
        struct addr known;

        if (addr_parse(block_addresses[i], &known) && addr_same_ip(&a, &known))
            return true;
    }
    return kind == ADDR_LOOPBACK;
}

/* The first address, when all of them (there is one at least) are blocking ones. */
static const char *sinkhole(const struct dns_detail *d, bool of_hop)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_addresses; i++)
        n += blocks(d->addresses[i], of_hop);
    return n > 0 && n == d->n_addresses ? d->addresses[0] : NULL;
}

/* The first blocking address beside others, as from a filter that overrides one type only (dnsmasq:
 * address=/NAME/0.0.0.0 leaves AAAA alone); NULL. */
static const char *sinkhole_in_part(const struct dns_detail *d, bool of_hop)
{
    for (size_t i = 0; i < d->n_addresses; i++) {
        if (blocks(d->addresses[i], of_hop))
            return d->addresses[i];
    }
    return NULL;
}

/* A filter that answers with a canonical name of its own says so in the name. */
static const char *sinkhole_name(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        const struct lookup *l = d->lookups[i];

        for (size_t k = 0; k < l->n_cnames; k++) {
            if (has_text(l->cnames[k], "sinkhole"))
                return l->cnames[k];
        }
    }
    return NULL;
}

bool dns_is_private(const char *address)
{
    struct addr a;

    return addr_parse(address, &a) &&
           (addr_kind(&a) == ADDR_PRIVATE || addr_kind(&a) == ADDR_LINK_LOCAL);
}

/*
 * What the service tags say of an address: a list of tags, "" when it is in none, NULL when it was
 * not held against them (no file given, or the file of another cloud).
 */
static const char *tags_of(const struct dns_detail *d, const char *address)
{
    size_t len = strlen(address);

    for (size_t i = 0; i < d->n_tags; i++) {
        if (strncmp(d->tags[i], address, len) == 0 && d->tags[i][len] == '=')
            return d->tags[i] + len + 1;
    }
    return NULL;
}

bool dns_is_in_other_tag(const struct dns_detail *d)
{
    const char *tags = d->n_addresses > 0 ? tags_of(d, d->addresses[0]) : NULL;

    return tags != NULL && *tags != '\0';
}

/* Is one of "TAG,TAG.Region" a tag of this service? */
static bool in_own_tag(const char *tags, const struct azure_name *name)
{
    for (size_t len; *tags != '\0'; tags += len + (tags[len] == ',')) {
        len = strcspn(tags, ",");
        if (azure_tag_is(tags, len, name->tag) || azure_tag_is(tags, len, name->also))
            return true;
    }
    return false;
}

/*
 * Public addresses outside of the tag of the name's service; the first one in *which. A private
 * address is in no tag by nature (private link), a content network's neither.
 */
static size_t count_outside(const struct dns_detail *d, const struct azure_name *name,
                            const char **which)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_addresses && name != NULL && name->tag != NULL; i++) {
        const char *tags = tags_of(d, d->addresses[i]);

        if (tags == NULL || dns_is_private(d->addresses[i]) || in_own_tag(tags, name))
            continue;
        if (n++ == 0)
            *which = d->addresses[i];
    }
    return n;
}

/* Of `n` addresses `bad` are of the wrong kind: all fails, a part warns. */
static void say_unexpected(struct cell *c, struct step *s, size_t bad, size_t n, const char *why)
{
    say(c, s, bad == n ? VERDICT_FAIL : VERDICT_WARN, CAUSE_DNS_UNEXPECTED_ADDRESS, at_resolver,
        text(c->judge, "%zu of %zu address%s: %s", bad, n, n == 1 ? "" : "es", why));
}

static void say_outside(struct cell *c, struct step *s, size_t n, const struct azure_name *name,
                        const char *which)
{
    const struct dns_detail *d = step_dns(s);
    const char *tags = tags_of(d, which);
    char wanted[80];

    azure_tags_text(name, wanted, sizeof wanted);
    say_unexpected(
        c, s, n, d->n_addresses,
        tags[0] == '\0'
            ? text(c->judge, "outside the service tags of %s; %s is in no tag", wanted, which)
            : text(c->judge, "outside the service tags of %s; %s is in %.200s", wanted, which,
                   tags));
}

static void judge_addresses(struct cell *c, struct step *s, const struct dns_detail *d)
{
    const struct endpoint *e = c->result->of_endpoint;
    const struct azure_name *name = azure_name_of(e->host);
    const char *which = NULL;
    size_t n_private = 0, n = d->n_addresses, n_outside = count_outside(d, name, &which);

    for (size_t i = 0; i < n; i++)
        n_private += dns_is_private(d->addresses[i]);
    /* The site file says which kind is right; without it both may be (private link). */
    if (BLOCK("dns-private-where-public") && n_private > 0 &&
        same_text(e->expect_address, "public"))
        say_unexpected(c, s, n_private, n, "private where a public one is expected");
    else if (BLOCK("dns-public-where-private") && n_private < n &&
             same_text(e->expect_address, "private"))
        say_unexpected(c, s, n - n_private, n, private_link_why_public(c, s));
    else if (BLOCK("dns-outside-tags") && c->judge->r->site->tagged && n_outside > 0)
        say_outside(c, s, n_outside, name, which);
}

bool dns_leads_to_sinkhole(const struct cell *c, const char *address)
{
    const struct step *used = dns_decisive(c);
    struct addr a, b;

    if (used == NULL || used->cause != CAUSE_DNS_SINKHOLE || !addr_parse_port(address, 0, &a))
        return false;
    for (size_t i = 0; i < step_dns(used)->n_addresses; i++) {
        const char *given = step_dns(used)->addresses[i];

        if (addr_parse(given, &b) && addr_same_ip(&a, &b))
            return blocks(given, c->path->route->n_hops > 0);
    }
    return false;
}

bool dns_sinkhole_concludes(struct cell *c, const struct step *failing)
{
    struct step *used = dns_decisive(c);

    if (!BLOCK("dns-sinkhole-and-no-other") || used == NULL || used->cause != CAUSE_DNS_SINKHOLE ||
        failing->step != STEP_CONNECT || c->path->n_legs > 1)
        return false;
    say_fail(c, used, CAUSE_DNS_SINKHOLE, used->at, used->note);
    cell_set_from(c, VERDICT_FAIL, used);
    return true;
}

/* Questions that this step's server answered only when they were asked again by themselves. */
static size_t answered_again(const struct step *s)
{
    const struct dns_detail *d = step_dns(s);
    size_t n = 0;

    for (size_t i = 0; d != NULL && i < d->n_lookups; i++)
        n += d->lookups[i]->asked_again && dns_outcome_is_definite(d->lookups[i]->outcome);
    return n;
}

bool dns_limits_questions(const struct judge *j, const struct step *s)
{
    size_t n = 0, all = 0;

    for (size_t i = 0; i < j->r->n_results && s->address != NULL; i++) {
        const struct cell *c = &j->cells[i];

        for (size_t k = 0; k < c->n_resolves; k++) {
            if (!same_text(c->resolves[k]->address, s->address))
                continue;
            n += answered_again(c->resolves[k]);
            all += step_dns(c->resolves[k])->n_lookups;
        }
        if (n >= LIMITED_LEAST && all >= CROWD_LEAST)
            return BLOCK("dns-limit");
    }
    return false;
}

void dns_judge_answer(struct cell *c, struct step *s, const struct dns_detail *d)
{
    bool of_hop = c->path->route->n_hops > 0;
    const char *address = sinkhole(d, of_hop), *name = sinkhole_name(d);
    const char *part = sinkhole_in_part(d, of_hop);

    say_pass(s);
    if (same_text(d->source, "literal")) /* what the user typed is what the user wants */
        return;
    if (BLOCK("dns-localhost") && same_text(s->target, "localhost"))
        return; /* RFC 6761, 6.3: the loopback address is what this name means */
    if (BLOCK("dns-sinkhole-address") && address != NULL)
        say_fail(c, s, CAUSE_DNS_SINKHOLE, at_resolver,
                 text(c->judge, "the answer is %s", address));
    else if (BLOCK("dns-sinkhole-name") && name != NULL)
        say_fail(c, s, CAUSE_DNS_SINKHOLE, at_resolver,
                 text(c->judge, "the answer leads to %s", name));
    else if (BLOCK("dns-sinkhole-in-part") && part != NULL)
        say(c, s, VERDICT_WARN, CAUSE_DNS_SINKHOLE, at_resolver,
            text(c->judge, "%s is among the addresses of the answer", part));
    else if (!of_hop)
        judge_addresses(c, s, d);
    if (s->verdict == VERDICT_PASS && answered_again(s) > 0 && dns_limits_questions(c->judge, s))
        say(c, s, VERDICT_WARN, CAUSE_INTERMITTENT, at_resolver,
            "the DNS server left this question open among many, or refused it; asked again, one "
            "after the other, it answers");
}
