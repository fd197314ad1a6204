/*
 * dns: from what a resolver answered to dns-… causes (RFC 1035, 2308, 7766; contract section 5).
 *
 * Each resolver was asked by itself. The result depends only on the answer that the system would
 * use (glibc asks the hosts file, then the resolvers in order; a negative answer is an answer,
 * silence and failures make it go on). What the others say is a warning or a remark. What stands in
 * an answer: dns_answer.c.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"
#include "diag/model/dns_outcome.h"

static const char at_resolver[] = "resolver", at_sensor[] = "sensor";

/* Did a server speak at all? Its word counts more than another one's silence. */
static bool spoke(const struct step *s)
{
    return s->outcome != OUTCOME_DNS_TIMEOUT && s->outcome != OUTCOME_DNS_UNREACHABLE &&
           s->outcome != OUTCOME_DNS_NO_RESOLVER && !not_tried(s);
}

/* A stub resolver of this machine (systemd-resolved, dnsmasq): no network lies between. */
static bool is_on_this_machine(const struct step *s)
{
    struct addr a;

    if (BLOCK("dns-own-address") && same_text(step_dns(s)->route, "local"))
        return true;
    return s->address != NULL && addr_parse_port(s->address, 0, &a) &&
           addr_kind(&a) == ADDR_LOOPBACK;
}

static bool refused_over_tcp(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        if (same_text(d->lookups[i]->error, "ECONNREFUSED"))
            return true;
    }
    return false;
}

/* Does this server answer other questions? Then it is not UDP as such that does not get there. */
static bool answers_others(const struct judge *j, const struct step *s)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        for (size_t k = 0; k < c->n_resolves; k++) {
            const struct step *o = c->resolves[k];

            if (same_text(o->address, s->address) && dns_outcome_is_definite(o->outcome))
                return true;
        }
    }
    return false;
}

void dns_learn(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct step *s = j->cells[i].over_tcp;
        struct tcp_answer answer;

        if (s == NULL || not_tried(s) || s->address == NULL)
            continue;
        answer.resolver = s->address;
        answer.word = s->outcome == OUTCOME_DNS_UNREACHABLE && refused_over_tcp(step_dns(s))
                          ? TCP_REFUSES
                      : spoke(s) ? TCP_ANSWERS
                                 : TCP_SILENT;
        list_push(j->r->arena, j->over_tcp, j->n_over_tcp, answer);
    }
}

enum tcp_word dns_over_tcp(const struct judge *j, const char *resolver)
{
    for (size_t i = 0; i < j->n_over_tcp; i++) {
        if (same_text(j->over_tcp[i].resolver, resolver))
            return j->over_tcp[i].word;
    }
    return TCP_UNASKED;
}

/* What came in place of an answer (other-source, …), and from where; NULL: nothing did. */
static const char *stray_of(const struct dns_detail *d, const char **from)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        if (d->lookups[i]->stray != NULL) {
            *from = d->lookups[i]->stray_from;
            return d->lookups[i]->stray;
        }
    }
    return NULL;
}

bool dns_answers_from_elsewhere(const struct step *s)
{
    const char *from = NULL;

    return step_dns(s) != NULL && same_text(stray_of(step_dns(s), &from), "other-source");
}

/* Answers that nobody may take (RFC 2181 section 4.1, RFC 5452 section 9.1); NULL: none came. */
static const char *how_astray(const struct cell *c, const struct step *s)
{
    const char *from = NULL, *stray = stray_of(step_dns(s), &from);
    const char *what = same_text(stray, "other-id")         ? "with another id"
                       : same_text(stray, "other-question") ? "to another question"
                                                            : NULL;

    if (BLOCK("dns-answers-from-elsewhere") && same_text(stray, "other-source") && from != NULL)
        return text(c->judge,
                    "answers come from %s, which was not asked, and no client takes those: the "
                    "server has to answer from the address that it is asked at, or a device that "
                    "translates addresses on the way has to see both directions",
                    from);
    if (BLOCK("dns-answers-astray") && what != NULL)
        return text(c->judge,
                    "no answer in time; what comes instead are answers %s, which no client takes: "
                    "a broken forwarder, or a device on the way that rewrites DNS",
                    what);
    return NULL;
}

/* Who is silent over UDP may be heard over TCP: then it is the way, and not the server. */
static const char *how_silent(const struct cell *c, const struct step *s)
{
    const char *astray = how_astray(c, s);

    if (astray != NULL)
        return astray;
    switch (BLOCK("dns-over-tcp") ? dns_over_tcp(c->judge, s->address) : TCP_UNASKED) {
    case TCP_ANSWERS:
        if (BLOCK("dns-silent-for-some") && answers_others(c->judge, s))
            return "no answer over UDP in time, though other names get one; over TCP the same "
                   "server answers: a limit of questions, or a filter of names on the way";
        return "no answer over UDP in time; over TCP the same server answers, so something on the "
               "way drops UDP port 53";
    case TCP_REFUSES:
        return "no answer over UDP in time; TCP port 53 is refused: the machine is up, its DNS "
               "service is not, or a firewall answers for it";
    case TCP_SILENT:
        return "neither over UDP nor over TCP an answer in time";
    case TCP_UNASKED:
        break;
    }
    return "no answer in time";
}

/*
 * No answer for want of a way: the sensor's own fault, not the resolver's. True when that was
 * said. A resolver on the link that does not answer ARP is off; a router that does not is ours.
 */
static bool blame_the_way(struct cell *c, struct step *s, const struct dns_detail *d)
{
    bool asked_in_vain = same_text(d->neighbour, "failed") || same_text(d->neighbour, "incomplete");

    if (BLOCK("dns-link-down") && d->link_down)
        say_fail(c, s, CAUSE_GATEWAY_UNREACHABLE, at_sensor,
                 link_down_words(c->judge, d->interface, d->route));
    else if (BLOCK("dns-gateway-dead") && asked_in_vain && d->gateway != NULL)
        say_fail(c, s, CAUSE_GATEWAY_UNREACHABLE, at_sensor,
                 text(c->judge, "%s does not answer on the local network", d->gateway));
    else if (BLOCK("dns-no-route") && d->route != NULL && !same_text(d->route, "route") &&
             !same_text(d->route, "local"))
        say_fail(c, s, CAUSE_NO_ROUTE, at_sensor,
                 BLOCK("dns-refusing-route") && refusing_route(s) != NULL
                     ? text(c->judge, "a route of type %s refuses the DNS server's address",
                            refusing_route(s))
                     : text(c->judge, "no way to the DNS server (%s)", d->route));
    else
        return false;
    return true;
}

static const char *lookup_error(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        if (d->lookups[i]->error != NULL)
            return d->lookups[i]->error;
    }
    return NULL;
}

static const char *lookup_rcode(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        if (d->lookups[i]->outcome == OUTCOME_DNS_RCODE && d->lookups[i]->rcode != NULL)
            return d->lookups[i]->rcode;
    }
    return "an unusual response code";
}

/* The resolver's own reason, as it came with one of these queries (RFC 8914); NULL. */
static const char *reason_of(const struct dns_detail *d, const char *otherwise)
{
    const char *reason = lookup_error(d);

    return reason != NULL ? reason : otherwise;
}

bool dns_fails_to_validate(const struct cell *c)
{
    const struct dns_detail *d = step_dns(c->unchecked);

    for (size_t i = 0; d != NULL && i < d->n_lookups; i++) {
        const struct lookup *l = d->lookups[i];

        if (l->unchecked && dns_outcome_is_definite(l->outcome))
            return true;
    }
    return false;
}

bool dns_finds_signatures_out_of_date(const struct cell *c)
{
    const char *reason = c->unchecked != NULL ? lookup_error(step_dns(c->unchecked)) : NULL;

    return has_text(reason, "Signature Expired") || has_text(reason, "Signature Not Yet Valid");
}

/*
 * Validation that fails looks like any SERVFAIL (RFC 4035 section 5.5); without it (CD) the same
 * server has the answer. What the server says of its reason is not signed: it is told, and believed
 * only so far.
 */
static const char *why_servfail(struct cell *c, const struct dns_detail *d)
{
    const char *reason =
        c->unchecked != NULL ? reason_of(step_dns(c->unchecked), lookup_error(d)) : lookup_error(d);

    if (BLOCK("dns-dnssec") && dns_fails_to_validate(c))
        return text(c->judge,
                    "its DNSSEC validation fails: asked without validation it has an answer%s%s",
                    reason != NULL ? "; it says: " : "", reason != NULL ? reason : "");
    return reason;
}

/* A private link zone without the record hides the public answer. */
static const char *why_missing(struct cell *c, const struct dns_detail *d, const char *what)
{
    const char *link = private_link_of(d);

    if (BLOCK("dns-private-zone-empty") && link != NULL)
        return text(c->judge, "%s for %s: the private zone of this resolver has no record for it",
                    what, link);
    return what;
}

void dns_sieve(struct cell *c, struct step *s)
{
    const struct dns_detail *d = step_dns(s);

    if (d == NULL || not_tried(s)) {
        say_skip(s);
        return;
    }
    switch (s->outcome) {
    case OUTCOME_OK:
        dns_judge_answer(c, s, d);
        return;
    case OUTCOME_DNS_NXDOMAIN: /* RFC 2308: name error, for every type */
        say_fail(c, s, CAUSE_DNS_NXDOMAIN, at_resolver, why_missing(c, d, "NXDOMAIN"));
        return;
    case OUTCOME_DNS_NODATA: /* RFC 2308 section 2.2 */
        say_fail(c, s, CAUSE_DNS_NO_ADDRESS, at_resolver,
                 BLOCK("dns-no-address-why") && lookup_error(d) != NULL
                     ? text(c->judge, "neither A nor AAAA; %s", lookup_error(d))
                     : why_missing(c, d, "neither A nor AAAA"));
        return;
    case OUTCOME_DNS_REFUSED:
        if (BLOCK("dns-own-resolver-refuses") && is_on_this_machine(s))
            say_own(c, s, CAUSE_DNS_REFUSED, at_resolver,
                    "REFUSED by the DNS service of the sensor itself, as one does that knows no "
                    "server to ask (dnsmasq)");
        else
            say_fail(c, s, CAUSE_DNS_REFUSED, at_resolver, "REFUSED");
        return;
    case OUTCOME_DNS_TCP_FAILED: /* RFC 7766: TCP is not optional */
        say_fail(c, s, CAUSE_DNS_TCP_BLOCKED, at_resolver, "truncated over UDP, and TCP fails");
        return;
    case OUTCOME_DNS_NO_RESOLVER:
        say_fail(c, s, CAUSE_DNS_UNREACHABLE, at_resolver, "No DNS server is configured.");
        return;
    case OUTCOME_DNS_TIMEOUT:
        if (!blame_the_way(c, s, d))
            say_fail(c, s, CAUSE_DNS_TIMEOUT, at_resolver, how_silent(c, s));
        return;
    case OUTCOME_DNS_UNREACHABLE:
        if (BLOCK("dns-own-resolver") && is_on_this_machine(s))
            say_own(c, s, CAUSE_DNS_UNREACHABLE, at_resolver, lookup_error(d));
        else if (!blame_the_way(c, s, d))
            say_fail(c, s, CAUSE_DNS_UNREACHABLE, at_resolver, lookup_error(d));
        return;
    case OUTCOME_DNS_RCODE: /* a server that fails in a rarer way fails */
        say_fail(c, s, CAUSE_DNS_SERVFAIL, at_resolver, lookup_rcode(d));
        return;
    case OUTCOME_DNS_MALFORMED:
        say_fail(c, s, CAUSE_DNS_SERVFAIL, at_resolver,
                 BLOCK("dns-sound-over-tcp") && dns_over_tcp(c->judge, s->address) == TCP_ANSWERS
                     ? "an answer that cannot be decoded; over TCP the same server's answer is "
                       "sound, so a device on the way breaks it"
                     : "an answer that cannot be decoded");
        return;
    default:
        say_fail(c, s, CAUSE_DNS_SERVFAIL, at_resolver, why_servfail(c, d));
        return;
    }
}

struct step *dns_decisive(const struct cell *c)
{
    struct step *usable = NULL, *said = NULL, *first = NULL;

    for (size_t i = 0; i < c->n_resolves; i++) {
        struct step *s = c->resolves[i];

        if (step_dns(s) != NULL && step_dns(s)->used)
            return s;
        if (usable == NULL && s->outcome == OUTCOME_OK)
            usable = s;
        if (said == NULL && spoke(s))
            said = s;
        if (first == NULL && !not_tried(s))
            first = s;
    }
    return usable != NULL ? usable : said != NULL ? said : first;
}

/* Does an answer lead to the other kind of network than the used one? */
static bool other_kind(const struct step *used, const struct step *s)
{
    const struct dns_detail *a = step_dns(used), *b = step_dns(s);

    return a->n_addresses > 0 && b->n_addresses > 0 &&
           dns_is_private(a->addresses[0]) != dns_is_private(b->addresses[0]);
}

/*
 * A server at an address that the kernel has no route to, as an IPv6 one on a site without IPv6:
 * the system's own question fails at once, and nobody waits.
 */
static bool costs_no_time(const struct step *s)
{
    return s->cause == CAUSE_NO_ROUTE && BLOCK("dns-first-resolver-without-a-way");
}

bool dns_warns(struct cell *c, struct step **out)
{
    struct step *used = dns_decisive(c);
    bool before = true, found = false;
    /* With the name in the hosts file nobody asks a resolver. */
    bool by_hosts_file = BLOCK("dns-by-hosts-file") && used != NULL &&
                         same_text(step_dns(used)->source, "hosts-file");

    for (size_t i = 0; used != NULL && i < c->n_resolves; i++) {
        struct step *s = c->resolves[i];

        if (s == used) {
            before = false;
            continue;
        }
        /* The system waits for it each time before it asks the next one. */
        if (BLOCK("dns-first-resolver-bad") && before && !found && s->verdict == VERDICT_FAIL &&
            !costs_no_time(s)) {
            *out = s;
            found = true;
        } else if (BLOCK("dns-resolvers-disagree") && s->outcome == OUTCOME_OK &&
                   other_kind(used, s)) {
            /* One sees the private link zone and the other does not. */
            say(c, s, VERDICT_WARN, CAUSE_DNS_UNEXPECTED_ADDRESS, at_resolver,
                private_link_why_both(c, used, s));
            if (!found)
                *out = s;
            found = true;
        } else if (BLOCK("dns-other-resolver-bad") && s->verdict == VERDICT_FAIL &&
                   !by_hosts_file) {
            remark(c->judge, (struct remark){.cause = s->cause,
                                             .at = s->at,
                                             .note = s->note,
                                             .severity = SEVERITY_INFO,
                                             .cell = c,
                                             .step = s});
        }
    }
    return found;
}
