/*
 * misled: a name that leads to the wrong machine. The hosts file or a resolver may be out of date:
 * then what fails is the address and not the way, and the one who keeps that list has to act.
 *
 * Two signs: another source knows an address where the very same works (the experiment
 * "other-resolver"); or a public name has an address that cannot be public and nobody is there.
 */
#include "diag/base/addr.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

static const char at_resolver[] = "resolver";

static bool is_from_hosts_file(const struct step *s)
{
    return same_text(step_dns(s)->source, "hosts-file");
}

static bool gives(const struct dns_detail *d, const struct addr *address)
{
    for (size_t i = 0; i < d->n_addresses; i++) {
        struct addr a;

        if (addr_parse(d->addresses[i], &a) && addr_same_ip(&a, address))
            return true;
    }
    return false;
}

/* The used answer, where it is one that another source could contradict; else NULL. */
static struct step *contestable(const struct cell *c)
{
    struct step *used = dns_decisive(c);

    if (used == NULL || used->outcome != OUTCOME_OK || step_dns(used)->n_addresses == 0 ||
        same_text(step_dns(used)->source, "literal"))
        return NULL;
    return used;
}

size_t misled_others(const struct cell *c, const char *others[MISLED_OTHERS])
{
    const struct step *used = contestable(c);
    int families[MISLED_OTHERS] = {0};
    size_t n = 0;

    for (size_t i = 0; used != NULL && i < c->n_resolves; i++) {
        const struct step *s = c->resolves[i];

        for (size_t k = 0; s->outcome == OUTCOME_OK && k < step_dns(s)->n_addresses; k++) {
            const char *text = step_dns(s)->addresses[k];
            struct addr a;

            if (n == MISLED_OTHERS || !addr_parse(text, &a) || gives(step_dns(used), &a) ||
                addr_kind(&a) == ADDR_UNSPECIFIED || addr_kind(&a) == ADDR_LOOPBACK ||
                (n > 0 && families[0] == a.family))
                continue;
            families[n] = a.family;
            others[n++] = text;
        }
    }
    return n;
}

/* Is what failed the machine at the used address itself, and not something behind it? */
static bool is_its_machine(const struct cell *c, const struct step *failing)
{
    switch (failing->step) {
    case STEP_CONNECT:
        return true;
    case STEP_HTTP:
    case STEP_TUNNEL: /* a policy or a way behind it is a real proxy's */
        return failing->cause == CAUSE_PROXY_NOT_A_PROXY || failing->cause == CAUSE_PROXY_CLOSED ||
               failing->cause == CAUSE_PROXY_NO_ANSWER || failing->cause == CAUSE_PROXY_MALFORMED;
    case STEP_TLS:
        return c->path->n_legs == 1 ||
               (failing->leg != NULL && strcmp(failing->leg, first_leg(c)) == 0);
    case STEP_APP:
        return c->path->n_legs == 1;
    case STEP_RESOLVE:
        break;
    }
    return false;
}

/*
 * What a machine does that is off, or is another one. What a filter or a firewall says of itself
 * is no sign: content networks give each resolver other addresses, and the rule may know only some.
 */
static bool is_stranger(const struct step *failing)
{
    switch (failing->cause) {
    case CAUSE_TCP_TIMEOUT:
    case CAUSE_TCP_REFUSED:
    case CAUSE_NET_UNREACHABLE:
    case CAUSE_TLS_NOT_TLS:
    case CAUSE_TLS_ALERT:
    case CAUSE_CERT_NAME_MISMATCH:
    case CAUSE_CERT_SELF_SIGNED:
    case CAUSE_CERT_UNTRUSTED:
    case CAUSE_CERT_EXPIRED:
    case CAUSE_APP_REFUSED:
    case CAUSE_PROXY_NOT_A_PROXY:
    case CAUSE_PROXY_CLOSED:
    case CAUSE_PROXY_NO_ANSWER:
        return true;
    default:
        return false;
    }
}

bool misled_is_possible(const struct cell *c, const struct step *failing)
{
    const struct step *used = contestable(c);

    if (used == NULL || !is_its_machine(c, failing))
        return false;
    /* A line that somebody typed is suspect whatever fails; DNS only where a stranger answers. */
    return BLOCK("misled-only-by-strangers") && !is_from_hosts_file(used) ? is_stranger(failing)
                                                                          : true;
}

/* Who gave the address that works. */
static const char *source_of(struct cell *c, const char *address)
{
    struct addr a;

    for (size_t i = 0; addr_parse(address, &a) && i < c->n_resolves; i++) {
        const struct step *s = c->resolves[i];

        if (s->outcome == OUTCOME_OK && gives(step_dns(s), &a))
            return is_from_hosts_file(s)
                       ? "the hosts file"
                       : text(c->judge, "DNS server %s", without_port(c->judge, s->address));
    }
    return "another source";
}

/* The address that was tried in place of the used one, and works; NULL. */
static const char *works_elsewhere(const struct cell *c)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        if (p->experiment == EXPERIMENT_OTHER_RESOLVER &&
            (p->verdict == VERDICT_PASS || p->verdict == VERDICT_WARN))
            return without_port(c->judge, p->steps[0]->address);
    }
    return NULL;
}

bool misled_is_shown(const struct cell *c)
{
    return works_elsewhere(c) != NULL;
}

static bool blame_the_answer(struct cell *c, const struct step *failing)
{
    struct step *used = contestable(c);
    const char *address = works_elsewhere(c);

    if (!BLOCK("misled-other-works") || address == NULL || used == NULL)
        return false;
    say_fail(c, used, CAUSE_DNS_UNEXPECTED_ADDRESS, at_resolver,
             text(c->judge, "%s says %s, where it fails (%s); %s says %s, and there it works%s",
                  is_from_hosts_file(used)
                      ? text(c->judge, "the hosts file (%s)", hosts_lines(c->judge, used))
                      : without_port(c->judge, used->address),
                  step_dns(used)->addresses[0], cause_info(failing->cause)->code,
                  source_of(c, address), address,
                  /* Content networks give each resolver other addresses: two causes remain. */
                  is_from_hosts_file(used) || failing->step != STEP_CONNECT
                      ? ""
                      : "; a stale record, or a way that is closed to the first address only"));
    cell_set_from(c, VERDICT_FAIL, used);
    return true;
}

static enum addr_kind kind_of(const char *address)
{
    struct addr a;

    return addr_parse(address, &a) ? addr_kind(&a) : ADDR_PUBLIC;
}

/* Did somebody accept a connection at this address? */
static bool accepted(const struct cell *c, const char *address)
{
    struct addr wanted, tried;

    for (size_t i = 0; addr_parse(address, &wanted) && i < c->result->n_steps; i++) {
        const struct step *s = c->result->steps[i];

        if (s->step == STEP_CONNECT && s->outcome == OUTCOME_OK && s->address != NULL &&
            addr_parse_port(s->address, 0, &tried) && addr_same_ip(&wanted, &tried))
            return true;
    }
    return false;
}

/*
 * What kinds of address the names of this run have. Those for documentation and benchmarks belong
 * to nobody; where one of them works all the same, somebody uses them as public ones (a
 * laboratory).
 */
void misled_learn(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];
        const struct step *s = c->path->n_legs == 1 ? dns_decisive(c) : NULL;
        const struct dns_detail *d = step_dns(s);

        for (size_t k = 0; s != NULL && s->outcome == OUTCOME_OK && k < d->n_addresses; k++) {
            enum addr_kind kind = kind_of(d->addresses[k]);

            if (kind == ADDR_PUBLIC)
                j->public_answers = true;
            else if (BLOCK("dns-reserved-works") && kind == ADDR_RESERVED &&
                     accepted(c, d->addresses[k]))
                j->reserved_works = true;
        }
    }
}

/* Is this no address where the others of this run are? */
static bool is_astray(const struct judge *j, const char *address)
{
    switch (kind_of(address)) {
    case ADDR_MULTICAST: /* no TCP there, for anybody */
        return BLOCK("dns-multicast");
    case ADDR_RESERVED:
        return BLOCK("dns-reserved") && j->public_answers && !j->reserved_works;
    case ADDR_PRIVATE:
    case ADDR_LINK_LOCAL:
        return j->public_answers || j->reserved_works;
    default:
        return false;
    }
}

static size_t count_astray(const struct cell *c, const struct dns_detail *d)
{
    size_t n = 0;

    for (size_t i = 0; i < d->n_addresses; i++)
        n += is_astray(c->judge, d->addresses[i]);
    return n;
}

/*
 * No service of a cloud, whoever may be between: it speaks something else, or shows a certificate
 * that it made itself. (A wrong name may be another account's private link.)
 */
static bool is_no_service(const struct step *failing)
{
    return BLOCK("dns-private-stranger") && failing->step == STEP_TLS &&
           (failing->cause == CAUSE_TLS_NOT_TLS || failing->cause == CAUSE_CERT_SELF_SIGNED);
}

/*
 * A public name at a private address where nobody answers or something else, while others have
 * public addresses: a stale private link zone, or a DNS filter's block page, is likelier than a
 * firewall.
 */
static bool blame_private_address(struct cell *c, const struct step *failing)
{
    struct step *s = c->path->n_legs == 1 ? contestable(c) : NULL;

    if (!BLOCK("dns-private-dead") || s == NULL ||
        (failing->step != STEP_CONNECT && !is_no_service(failing)) ||
        count_astray(c, step_dns(s)) < step_dns(s)->n_addresses ||
        c->result->of_endpoint->expect_address != NULL || !name_is_public(c->result->of_endpoint))
        return false;
    say_fail(c, s, CAUSE_DNS_UNEXPECTED_ADDRESS, at_resolver,
             text(c->judge, "%s is no public address, and %s (%s)", step_dns(s)->addresses[0],
                  failing->step == STEP_CONNECT ? "nobody answers there"
                                                : "what answers there is not the service",
                  cause_info(failing->cause)->code));
    cell_set_from(c, VERDICT_FAIL, s);
    return true;
}

bool misled_concludes(struct cell *c, const struct step *failing)
{
    return blame_the_answer(c, failing) || blame_private_address(c, failing);
}

static bool same_answer(const struct step *a, const struct step *b)
{
    return same_text(a->target, b->target) && same_text(a->address, b->address) &&
           same_text(step_dns(a)->addresses[0], step_dns(b)->addresses[0]);
}

/* The result that showed which way a hop's name misleads; NULL. */
static const struct cell *teacher(const struct judge *j, const char *hop)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (c->path->n_legs > 1 && same_text(c->path->stations[1], hop) && c->decisive != NULL &&
            c->decisive->step == STEP_RESOLVE && misled_is_shown(c))
            return c;
    }
    return NULL;
}

void misled_inherit(struct judge *j)
{
    for (size_t h = 0; h < j->r->n_hops; h++) {
        const struct cell *c = teacher(j, j->r->hops[h]->name);

        for (size_t i = 0; c != NULL && i < j->r->n_results; i++) {
            struct cell *other = &j->cells[i];
            struct step *used = other->path->n_legs > 1 ? contestable(other) : NULL;

            if (!BLOCK("misled-inherit") || used == NULL ||
                other->result->verdict != VERDICT_FAIL || other->decisive == NULL ||
                !same_answer(used, c->decisive) ||
                (other != c && !is_its_machine(other, other->decisive)))
                continue; /* the step is shared: what one says of it, the next one wipes */
            say_fail(other, used, CAUSE_DNS_UNEXPECTED_ADDRESS, at_resolver, c->note);
            cell_set_from(other, VERDICT_FAIL, used);
        }
    }
}
