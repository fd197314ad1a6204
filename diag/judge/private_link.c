/*
 * private_link: names of Azure resources that have a private endpoint.
 *
 * Public DNS leads such a name through its zone (contoso.blob.core.windows.net to
 * contoso.privatelink.blob.core.windows.net, and on to the public address). A DNS server that is
 * linked to the private zone of that name gives the private address; one on the site gets there by
 * a forwarder for the public name (learn.microsoft.com: private-link/private-endpoint-dns).
 */
#include "diag/base/text.h"
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"
#include "diag/model/azure.h"

#include <string.h>

static const char zone_label[] = "privatelink.";

/* What is wrong with an answer, and which resolve step gave it. */
struct split {
    enum { RIGHT, PUBLIC_FOR_PRIVATE, PRIVATE_FOR_PUBLIC } kind;
    const struct step *by;
};

const char *private_link_of(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        for (size_t k = 0; k < d->lookups[i]->n_cnames; k++) {
            if (has_text(d->lookups[i]->cnames[k], ".privatelink."))
                return d->lookups[i]->cnames[k];
        }
    }
    return NULL;
}

/* "privatelink.blob.core.windows.net": of the canonical name, else of what is known of the
 * service; NULL. */
static const char *zone_of(const struct cell *c, const struct dns_detail *d)
{
    const struct azure_name *name = azure_name_of(c->result->of_endpoint->host);
    const char *link = private_link_of(d);

    while (link != NULL && !text_starts_with_nocase(link, zone_label))
        link = strchr(link, '.') != NULL ? strchr(link, '.') + 1 : NULL;
    if (link != NULL)
        return link;
    return name != NULL && name->tag != NULL ? text(c->judge, "privatelink%s", name->suffix) : NULL;
}

/* The name that a site's DNS server has to forward for that zone. */
static const char *forwarded_name(const char *zone)
{
    return zone + sizeof zone_label - 1;
}

static bool gives(const struct step *s, bool private)
{
    const struct dns_detail *d = step_dns(s);

    for (size_t i = 0; d != NULL && s->outcome == OUTCOME_OK && i < d->n_addresses; i++) {
        if (dns_is_private(d->addresses[i]) == private)
            return true;
    }
    return false;
}

static bool is_hosts_file(const struct step *s)
{
    const struct dns_detail *d = step_dns(s);

    return d != NULL && same_text(d->source, "hosts-file");
}

/* What others were told tells something only where the name has a private endpoint at all. */
static struct split split_of(const struct cell *c, const struct step *s)
{
    const char *expected = c->result->of_endpoint->expect_address;
    const struct step *public = NULL, *private = NULL;

    /* A proxy's name is none of these, and a hosts file asks no zone. */
    if (step_dns(s) == NULL || c->path->n_legs > 1 || is_hosts_file(s))
        return (struct split){RIGHT, NULL};
    if (same_text(expected, "private") && gives(s, false))
        return (struct split){PUBLIC_FOR_PRIVATE, s};
    if (same_text(expected, "public") && gives(s, true))
        return (struct split){PRIVATE_FOR_PUBLIC, s};
    for (size_t i = 0; i < c->n_resolves; i++) {
        const struct step *r = c->resolves[i];

        if (is_hosts_file(r))
            continue;
        if (public == NULL && gives(r, false) && private_link_of(step_dns(r)) != NULL)
        public = r;
        if (private == NULL && gives(r, true))
        private = r;
    }
    return public != NULL && private != NULL && expected == NULL && (s == public || s == private)
               ? (struct split){PUBLIC_FOR_PRIVATE, public}
               : (struct split){RIGHT, NULL};
}

const char *private_link_why_public(struct cell *c, const struct step *s)
{
    const struct dns_detail *d = step_dns(s);
    const char *link = private_link_of(d), *zone = zone_of(c, d);

    if (BLOCK("dns-private-link-unknown-here") && link != NULL)
        return text(c->judge,
                    "public where a private one is expected; the name leads through %s, whose "
                    "private zone this resolver does not ask: a forwarder for %s is missing",
                    link, forwarded_name(zone));
    if (BLOCK("dns-no-private-endpoint") && zone != NULL)
        return text(c->judge,
                    "public where a private one is expected; the answer does not lead through %s, "
                    "as it does where there is a private endpoint",
                    zone);
    return "public where a private one is expected";
}

const char *private_link_why_both(struct cell *c, const struct step *used, const struct step *other)
{
    struct split split = split_of(c, other);
    const char *both = text(c->judge,
                            "private and public answers, depending on the resolver: %s says %s, %s "
                            "says %s",
                            without_port(c->judge, used->address), step_dns(used)->addresses[0],
                            without_port(c->judge, other->address), step_dns(other)->addresses[0]);

    if (!BLOCK("dns-half-forwarded") || split.kind != PUBLIC_FOR_PRIVATE)
        return both;
    return text(c->judge, "%s; a forwarder for %s is missing on %s", both,
                forwarded_name(zone_of(c, step_dns(split.by))),
                without_port(c->judge, split.by->address));
}

const char *private_link_explanation(const struct cell *c, const struct step *s)
{
    switch (split_of(c, s).kind) {
    case PUBLIC_FOR_PRIVATE:
        return "A private endpoint is expected, and a DNS server of the site gives the public "
               "address of {endpoint}: {detail}. Traffic leaves over the internet, or is refused "
               "where the resource admits its private endpoint only.";
    case PRIVATE_FOR_PUBLIC:
        return "A public address is expected, and {resolver} gives a private one for {endpoint}: "
               "{detail}. That leads to a private endpoint, which this site may not reach.";
    case RIGHT:
        break;
    }
    return NULL;
}

/* The zones that this server should see, of all endpoints that suffer from it; without the first
 * `skip` octets of each. */
static const char *zones(const struct cell *c, const struct step *by, size_t skip)
{
    struct judge *j = c->judge;
    const char *list = "";

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *other = &j->cells[i];
        struct split split =
            other->n_resolves > 0 ? split_of(other, dns_decisive(other)) : (struct split){0};
        const char *zone =
            split.kind == PUBLIC_FOR_PRIVATE && same_text(split.by->address, by->address)
                ? zone_of(other, step_dns(split.by))
                : NULL;

        if (zone != NULL && strstr(list, zone + skip) == NULL)
            list = text(j, "%s%s%s", list, *list != '\0' ? ", " : "", zone + skip);
    }
    return list;
}

static const char *forward(const struct cell *c, const struct step *by)
{
    return text(c->judge,
                "forward %s to a DNS server that sees the private zone (%s): the inbound "
                "endpoint of an Azure DNS Private Resolver, or a DNS server in the virtual network "
                "that asks 168.63.129.16. In Azure, link the zone to that network, with a "
                "record for each name.",
                zones(c, by, sizeof zone_label - 1), zones(c, by, 0));
}

const char *private_link_remedy(const struct cell *c, const struct step *s)
{
    struct split split = split_of(c, s);
    const char *zone = split.kind != RIGHT ? zone_of(c, step_dns(split.by)) : NULL, *by;

    if (zone == NULL)
        return NULL;
    if (split.kind == PRIVATE_FOR_PUBLIC)
        return text(c->judge,
                    "On {resolver}: take the zone %s, or the forwarder for %s, away from this "
                    "site. If the private endpoint is meant, write 'expect: private' for {host} in "
                    "the site file.",
                    zone, forwarded_name(zone));
    by = without_port(c->judge, split.by->address);
    if (private_link_of(step_dns(split.by)) != NULL)
        return text(c->judge, "On %s: %s", by, forward(c, split.by));
    return text(
        c->judge,
        "Ask the owner of the Azure resource whether {host} has an approved private "
        "endpoint. If it has, on %s: %s If the public address is right, take 'expect: private' "
        "out of the site file.",
        by, forward(c, split.by));
}
