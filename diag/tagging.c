/* tagging: see tagging.h. */
#include "diag/tagging.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/text.h"
#include "diag/model/azure.h"
#include "diag/model/report.h"
#include "diag/model/site.h"
#include "diag/site/service_tags.h"

#include <string.h>

/* One address is typically in four: service, its region, AzureCloud and its region. */
enum { HITS_MAX = 32 };

int tagging_read(const struct site *s, struct arena *a, struct report *r, struct service_tags **out,
                 struct fault *f)
{
    const char *doubts[SERVICE_TAGS_DOUBTS];
    struct service_tags *t = NULL;
    size_t n;

    if (s->service_tags != NULL) {
        if (service_tags_read(s->service_tags, a, &t, f) != 0)
            return -1;
        n = service_tags_doubts(t, clock_wall_us() / 1000000, a, doubts);
        for (size_t i = 0; i < n; i++)
            report_note(r, "service tags: %s", doubts[i]);
    }
    *out = t;
    return 0;
}

/*
 * What an IPv6 address stands for where DNS64 made it: the IPv4 address inside. The prefix may be
 * the site's own (RFC 6052 section 2.2); then the answer's A records tell that it was made from
 * one.
 */
static struct addr behind_nat64(const struct addr *a, const struct dns_detail *d)
{
    struct addr inside, last;

    if (addr_translated(a, &inside))
        return inside;
    if (a->family != AF_INET6)
        return *a;
    last = addr_from_ip(AF_INET, a->ip + 12, 0);
    for (size_t i = 0; i < d->n_addresses; i++) {
        if (addr_parse(d->addresses[i], &inside) && inside.family == AF_INET &&
            addr_same_ip(&inside, &last))
            return inside;
    }
    return *a;
}

/* "ADDR=TAG,TAG" of one of the answer's addresses, in the report's arena. */
static const char *tags_of(const struct service_tags *t, struct report *r,
                           const struct dns_detail *d, const char *address, bool *found)
{
    struct tag_hit hits[HITS_MAX];
    const char *text;
    struct prefix p;
    struct addr a;
    size_t n;

    if (!addr_parse(address, &a))
        return NULL;
    a = behind_nat64(&a, d);
    p = prefix_of_addr(&a);
    n = service_tags_lookup(t, &p, hits, HITS_MAX);
    text = arena_printf(r->arena, "%s=", address);
    for (size_t i = 0; i < n && i < HITS_MAX; i++)
        text = arena_printf(r->arena, "%s%s%s", text, i > 0 ? "," : "", hits[i].tag->name);
    *found = *found || n > 0;
    return text;
}

/* The answer of a step for the endpoint's own name, not for a proxy's; NULL. */
static struct dns_detail *own_answer(const struct result *result, const struct step *s)
{
    struct dns_detail *d = step_dns(s);

    if (d == NULL || d->name == NULL || result->of_endpoint->host == NULL ||
        !text_equal_nocase(d->name, result->of_endpoint->host))
        return NULL;
    return d;
}

/* Of one endpoint's answers: was there an address, was one of them in a tag? */
struct tagged {
    const char *address; /* a public one, NULL when there is none */
    bool found;
};

static void tag_result(const struct service_tags *t, struct report *r, struct result *result,
                       struct tagged *to)
{
    for (size_t i = 0; i < result->n_steps; i++) {
        struct dns_detail *d = own_answer(result, result->steps[i]);

        if (d == NULL || d->n_tags > 0)
            continue;
        for (size_t k = 0; k < d->n_addresses; k++) {
            const char *text = tags_of(t, r, d, d->addresses[k], &to->found);
            struct addr a;

            if (text != NULL)
                list_push(r->arena, d->tags, d->n_tags, text);
            if (to->address == NULL && addr_parse(d->addresses[k], &a) &&
                addr_kind(&a) == ADDR_PUBLIC)
                to->address = d->addresses[k];
        }
    }
}

static bool is_other_cloud(const struct service_tags *t, const struct endpoint *e)
{
    const struct azure_name *name = azure_name_of(e->host);

    return name != NULL && t->of != AZURE_UNKNOWN && name->cloud != t->of;
}

/* A file that somebody cut down to some services says nothing about the others. */
static bool lacks_tag(const struct service_tags *t, const struct endpoint *e)
{
    const struct azure_name *name = azure_name_of(e->host);

    return name != NULL && name->tag != NULL && service_tags_find(t, name->tag, NULL) == NULL &&
           (name->also == NULL || service_tags_find(t, name->also, NULL) == NULL);
}

/* The endpoint has an answer, and it is in none of the tags that are for services' own ranges. */
static void note_untagged(struct report *r, const struct endpoint *e, const char *address)
{
    const struct azure_name *name = azure_name_of(e->host);

    if (name != NULL && name->tag != NULL)
        return; /* the judge's to say */
    report_note(r,
                "%s (%s) is in no service tag%s; a firewall that allows addresses from the service "
                "tags blocks it: allow it by name",
                e->host, address,
                name != NULL ? ", as a content network serves it, and that is normal" : "");
}

/* The results of one endpoint stand together: the index behind the last one. */
static size_t end_of_endpoint(const struct report *r, size_t first)
{
    size_t end = first + 1;

    while (end < r->n_results && r->results[end]->of_endpoint == r->results[first]->of_endpoint)
        end++;
    return end;
}

static void tag_results(const struct service_tags *t, struct report *r, size_t first, size_t end)
{
    struct tagged tagged = {0};

    for (size_t i = first; i < end; i++)
        tag_result(t, r, r->results[i], &tagged);
    if (tagged.address != NULL && !tagged.found)
        note_untagged(r, r->results[first]->of_endpoint, tagged.address);
}

void tagging_apply(const struct service_tags *t, struct report *r)
{
    const struct endpoint *other = NULL, *lacking = NULL;
    size_t others = 0;

    if (t == NULL)
        return;
    r->site->tagged = true;
    for (size_t i = 0, end; i < r->n_results; i = end) {
        const struct endpoint *e = r->results[i]->of_endpoint;

        end = end_of_endpoint(r, i);
        if (is_other_cloud(t, e)) {
            other = others++ == 0 ? e : other;
        } else if (lacks_tag(t, e)) {
            lacking = e;
        } else {
            tag_results(t, r, i, end);
        }
    }
    if (lacking != NULL)
        report_note(r, "%s has no tag %s, so that %s and others like it were not held against it",
                    t->label, azure_name_of(lacking->host)->tag, lacking->host);
    if (others > 0)
        report_note(r,
                    "%s is of %s; %zu endpoint%s of another cloud (%s is of %s) %s not held "
                    "against it: give the file of that cloud",
                    t->label, azure_cloud_text(t->of), others, others == 1 ? "" : "s", other->host,
                    azure_cloud_text(azure_name_of(other->host)->cloud),
                    others == 1 ? "was" : "were");
}

/* The canonical name that a private endpoint gives a resource, also in public DNS; NULL. */
static const char *private_link_of(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_lookups; i++) {
        for (size_t k = 0; k < d->lookups[i]->n_cnames; k++) {
            if (text_contains_nocase(d->lookups[i]->cnames[k], ".privatelink."))
                return d->lookups[i]->cnames[k];
        }
    }
    return NULL;
}

static bool has_public_address(const struct dns_detail *d)
{
    for (size_t i = 0; i < d->n_addresses; i++) {
        struct addr a;

        if (addr_parse(d->addresses[i], &a) && addr_kind(&a) == ADDR_PUBLIC)
            return true;
    }
    return false;
}

static bool note_private_link(struct report *r, const struct result *result)
{
    for (size_t i = 0; i < result->n_steps; i++) {
        const struct dns_detail *d = own_answer(result, result->steps[i]);
        const char *link = d != NULL && d->used ? private_link_of(d) : NULL;

        if (link == NULL || !has_public_address(d))
            continue;
        report_note(r,
                    "%s leads through %s: it has a private endpoint, and this site gets its public "
                    "address; where traffic has to stay private, forward that zone to a resolver "
                    "in the virtual network, and write \"expect: private\" in the site file",
                    d->name, link);
        return true;
    }
    return false;
}

void tagging_note_private_links(struct report *r)
{
    for (size_t i = 0, end; i < r->n_results; i = end) {
        bool noted = r->results[i]->of_endpoint->expect_address != NULL; /* then it is judged */

        end = end_of_endpoint(r, i);
        for (size_t k = i; k < end && !noted; k++)
            noted = note_private_link(r, r->results[k]);
    }
}
