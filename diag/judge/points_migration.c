/*
 * points_migration: what was seen of the steps of the vendor's migration article (checklist.def).
 */
#include "diag/judge/conclude.h"
#include "diag/judge/points.h"
#include "diag/judge/sieve.h"
#include "diag/model/azure.h"
#include "diag/model/method.h"

#include <string.h>

static const struct answer unseen = {POINT_UNSEEN, NULL};

static bool works(const struct result *x)
{
    return x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN;
}

/* --- step 1: what there is --- */

struct answer point_present_hub(struct judge *j)
{
    const char *hub = j->r->site->legacy_hub, *ways = NULL, *failing = NULL;

    for (size_t i = 0; hub != NULL && i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];

        if (!same_text(x->endpoint, hub))
            continue;
        if (works(x))
            ways = text(j, "%s%s%s", ways != NULL ? ways : "", ways != NULL ? ", " : "", x->route);
        else if (x->verdict == VERDICT_FAIL)
            failing = text(j, "%s%s%s (%s at %s)", failing != NULL ? failing : "",
                           failing != NULL ? ", " : "", x->route, cause_info(x->cause)->code,
                           x->at != NULL ? x->at : "the endpoint");
    }
    if (ways != NULL)
        return (struct answer){POINT_MET, text(j, "%s answers; routes: %s", hub, ways)};
    if (hub != NULL && failing == NULL)
        return (struct answer){
            POINT_UNSEEN,
            text(j, is_recording(j) ? "%s does not occur in the recording" : "%s was not tested",
                 hub)};
    if (failing == NULL)
        return unseen;
    return (struct answer){POINT_UNMET,
                           text(j,
                                "%s answers on no route: %s; after the migration, give the "
                                "report of before: hopproof migrate BEFORE.json",
                                hub, failing)};
}

static bool works_somewhere(const struct judge *j, const char *endpoint)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        if (works(j->r->results[i]) && same_text(j->r->results[i]->endpoint, endpoint))
            return true;
    }
    return false;
}

struct answer point_ranges_reached(struct judge *j)
{
    static const char *const wanted[] = {"AzureIoTHub", "Storage", "EventHub"};
    size_t reached[3] = {0}, failed = 0;
    const char *list = "", *first = NULL;

    if (!j->r->site->tagged)
        return unseen;
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];
        const struct azure_name *name = azure_name_of(c->result->of_endpoint->host);
        const struct dns_detail *d = step_dns(dns_decisive(c));

        if (c->path->n_legs > 1 || name == NULL || name->tag == NULL || d == NULL ||
            d->n_tags == 0 || c->result->verdict == VERDICT_SKIP)
            continue;
        for (size_t k = 0; works(c->result) && k < 3; k++)
            reached[k] += strcmp(name->tag, wanted[k]) == 0;
        /* The legacy hub is cut off one day, and the direct way closed for what goes through a
         * proxy: neither is an answer to this question. */
        if (!works_somewhere(j, c->result->endpoint) &&
            !same_text(c->result->endpoint, j->r->site->legacy_hub) && failed++ == 0)
            first = c->result->endpoint;
    }
    for (size_t k = 0; k < 3; k++) {
        if (reached[k] > 0)
            list = text(j, "%s%s%s (%zu)", list, *list != '\0' ? ", " : "", wanted[k], reached[k]);
    }
    if (failed > 0)
        return (struct answer){POINT_UNMET, text(j, "%zu not reached, as %s", failed, first)};
    if (*list == '\0')
        return (struct answer){POINT_UNSEEN, no_name_resolved(j)};
    return (struct answer){POINT_MET, text(j, "reached: %s", list)};
}

/* --- step 2: which method --- */

struct answer point_ready_direct(struct judge *j)
{
    struct tally t = tally_of(j, direct_route(j));

    return tally_answer(j, &t);
}

/* The route that begins at the first proxy and is the whole way of the method. */
static struct answer ready_through_proxies(struct judge *j)
{
    const struct route *required = required_route(j);
    struct tally t;

    if (j->r->n_hops == 0)
        return unseen;
    if (required == NULL || required->n_hops == 0)
        required = report_route(j->r, j->r->hops[0]->name);
    t = tally_of(j, required);
    return tally_answer(j, &t);
}

struct answer point_ready_azure_proxy(struct judge *j)
{
    struct answer a = ready_through_proxies(j);
    const char *address = first_hop_address(j);

    if (a.state != POINT_MET || address == NULL)
        return a;
    if (!is_private(address))
        return (struct answer){POINT_UNMET,
                               text(j, "%s, but %s is at %s, which is no private address",
                                    a.evidence, j->r->hops[0]->name, address)};
    a.evidence =
        text(j, "%s; %s is at %s, a private address", a.evidence, j->r->hops[0]->name, address);
    return a;
}

struct answer point_ready_proxy_chain(struct judge *j)
{
    struct answer a = ready_through_proxies(j);

    if (a.state == POINT_MET)
        a.evidence = text(j, "%s; %zu %s named", a.evidence, j->r->n_hops,
                          j->r->n_hops == 1 ? "proxy is" : "proxies are");
    return a;
}

struct answer point_ready_multicloud(struct judge *j)
{
    return j->r->n_hops > 0 ? point_ready_azure_proxy(j) : point_ready_direct(j);
}

/* --- steps 3 and 4: what it needs --- */

struct answer point_resources(struct judge *j)
{
    const struct method_info *m = method_find(j->r->site->method);

    if (m == NULL)
        return unseen;
    if (m->method == METHOD_LEGACY)
        return (struct answer){POINT_UNSEEN,
                               text(j,
                                    "the site's method is still %s; hopproof advise finds the "
                                    "new one",
                                    m->word)};
    if (m->proxy == METHOD_PROXY_NEVER)
        return (struct answer){POINT_MET, "the method direct needs none"};
    if (j->r->n_hops == 0)
        return (struct answer){POINT_UNSEEN, "the site has no proxy; a VPN or ExpressRoute alone "
                                             "cannot be told from any other path"};
    return point_proxy_reachable(j);
}

struct answer point_new_rules(struct judge *j)
{
    struct answer names = point_exact_names(j), route = point_route(j);

    if (route.state == POINT_UNMET || names.state != POINT_UNMET)
        return route;
    return unseen; /* groups of names show too little */
}

/* --- step 7: what comes after --- */

struct answer point_hub_unused(struct judge *j)
{
    struct cell *where = NULL;
    const char *use = method_hub_use(j, &where);

    if (use != NULL)
        return (struct answer){POINT_UNMET, text(j, "in the recording this sensor %s", use)};
    if (is_recording(j) && j->r->site->legacy_hub != NULL)
        return (struct answer){POINT_UNSEEN,
                               text(j,
                                    "the recording holds nothing of this sensor for %s; whether "
                                    "others use it, its connected devices and metrics in Azure say",
                                    j->r->site->legacy_hub)};
    return unseen;
}
