/*
 * points_method: what was seen of the points of a connection method (checklist.def).
 */
#include "diag/judge/conclude.h"
#include "diag/judge/points.h"
#include "diag/judge/sieve.h"
#include "diag/model/azure.h"

#include <string.h>

static const struct answer unseen = {POINT_UNSEEN, NULL};

/* --- every method --- */

struct answer point_route(struct judge *j)
{
    struct tally t = tally_of(j, required_route(j));

    return tally_answer(j, &t);
}

struct answer point_exact_names(struct judge *j)
{
    size_t wild = 0, exact = 0;
    const char *first = NULL;

    for (size_t i = 0; i < j->r->n_endpoints; i++) {
        const struct endpoint *e = j->r->endpoints[i];

        if (!endpoint_decides(j, e))
            continue;
        if (e->wildcard && wild++ == 0)
            first = e->host;
        exact += !e->wildcard;
    }
    if (wild + exact == 0)
        return unseen;
    if (wild > 0)
        return (struct answer){
            POINT_UNMET,
            text(j,
                 "%zu %s, as %s: what is behind them was not shown; give the portal's endpoint "
                 "details file with --endpoints",
                 wild, wild == 1 ? "is a wildcard" : "are wildcards", first)};
    return (struct answer){POINT_MET, text(j, "%zu without a wildcard", exact)};
}

/* "ADDR=TAG,TAG": is there a tag behind it? */
static bool has_tag(const char *tags)
{
    const char *equals = strchr(tags, '=');

    return equals != NULL && equals[1] != '\0';
}

/* Not for want of a file: it was read. */
const char *no_name_resolved(struct judge *j)
{
    return text(j, "the service tags are known, but %s",
                is_recording(j) ? "in the recording the sensor resolves none of the names itself"
                                : "none of the names was resolved here");
}

struct answer point_address_rules(struct judge *j)
{
    const char *outside = NULL, *untagged = NULL;
    const struct endpoint *last = NULL;
    size_t n_inside = 0, n_outside = 0;

    if (!j->r->site->tagged)
        return unseen;
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];
        const struct endpoint *e = c->result->of_endpoint;
        const struct azure_name *name = azure_name_of(e->host);
        const struct dns_detail *d = step_dns(dns_decisive(c));

        /* Once for each endpoint; a private address (Private Link) is in no tag and needs none. */
        if (e == last || d == NULL || d->n_tags == 0 || c->path->n_legs > 1 ||
            is_private(d->addresses[0]))
            continue;
        last = e;
        if (name == NULL || name->tag == NULL) {
            untagged = has_tag(d->tags[0]) || untagged != NULL ? untagged : e->host;
            n_inside += has_tag(d->tags[0]);
        } else if (has_tag(d->tags[0]) && c->result->cause != CAUSE_DNS_UNEXPECTED_ADDRESS) {
            n_inside++;
        } else if (n_outside++ == 0) {
            outside = e->host;
        }
    }
    if (n_outside > 0)
        return (struct answer){POINT_UNMET, text(j, "%zu outside, as %s", n_outside, outside)};
    if (n_inside == 0 && untagged == NULL)
        return (struct answer){POINT_UNSEEN, no_name_resolved(j)};
    return (struct answer){
        POINT_MET, untagged == NULL
                       ? text(j, "%zu inside", n_inside)
                       : text(j, "%zu inside; %s is in no tag and has to be allowed by name",
                              n_inside, untagged)};
}

/* --- through proxies --- */

static struct answer reach_answer(struct judge *j, const char *hop, const struct reach *reach)
{
    if (reach == NULL || reach->verdict == VERDICT_SKIP)
        return unseen;
    if (reach->verdict == VERDICT_FAIL)
        return (struct answer){POINT_UNMET, text(j, "%s is not reached: %s at %s", hop,
                                                 cause_info(reach->cause)->code,
                                                 reach->at != NULL ? reach->at : hop)};
    return (struct answer){POINT_MET, text(j, "%s is reached", hop)};
}

struct answer point_proxy_reachable(struct judge *j)
{
    return reach_answer(j, j->r->hops[0]->name, j->r->hops[0]->from_sensor);
}

/* The packets got nowhere: neither a name that was not found, nor an answer that did not convince.
 */
static bool is_closed(const struct cell *c)
{
    const struct step *s = c->decisive;

    return s != NULL && c->leaf == NULL && (s->step == STEP_CONNECT || s->step == STEP_TLS);
}

/* How many of the endpoints that decide does the route lead to, whatever they answer then? */
static size_t reached(const struct judge *j, const struct route *route)
{
    size_t n = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        n += c->result->of_route == route && endpoint_decides(j, c->result->of_endpoint) &&
             reaches_service(c);
    }
    return n;
}

struct answer point_no_way_past(struct judge *j)
{
    const struct route *direct = direct_route(j);
    struct tally t = tally_of(j, direct);
    const struct result *other = NULL;
    size_t others = 0, open;

    if (required_route(j) == direct || t.pass + t.fail == 0)
        return is_recording(j)
                   ? (struct answer){POINT_UNSEEN, "in the recording the sensor tries no endpoint "
                                                   "directly; hopproof check does"}
                   : unseen;
    open = reached(j, direct);
    if (open > 0)
        return (struct answer){POINT_UNMET,
                               text(j, "%zu of %zu %s directly", open, t.pass + t.fail,
                                    open == 1 ? "endpoint answers" : "endpoints answer")};
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (c->result->of_route == direct && c->result->verdict == VERDICT_FAIL &&
            endpoint_decides(j, c->result->of_endpoint) && !is_closed(c) && others++ == 0)
            other = c->result;
    }
    if (other != NULL)
        return (struct answer){
            POINT_UNSEEN, text(j,
                               "%zu of %zu fail directly for another reason than a closed way, as "
                               "%s (%s)",
                               others, t.fail, other->endpoint, cause_info(other->cause)->code)};
    return (struct answer){POINT_MET,
                           t.fail == 1 ? "the endpoint does not answer directly"
                                       : text(j, "none of %zu endpoints answers directly", t.fail)};
}

/* Only in a recording of the sensor's own traffic: a check's connections are hopproof's. */
struct answer point_proxy_setting(struct judge *j)
{
    struct tally t = tally_of(j, required_route(j));
    const char *past = NULL;
    size_t n = 0;

    if (!is_recording(j) || t.route == NULL || t.route->n_hops == 0)
        return unseen;
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];

        if (x->of_route == direct_route(j) && connects(x) && endpoint_decides(j, x->of_endpoint) &&
            n++ == 0)
            past = x->endpoint;
    }
    if (n > 0)
        return (struct answer){POINT_UNMET, text(j, "in the recording %zu %s past it, as %s", n,
                                                 n == 1 ? "goes" : "go", past)};
    if (t.pass + t.fail == 0)
        return (struct answer){POINT_UNSEEN,
                               "in the recording the sensor asks for no endpoint, on any way; "
                               "record longer, or see System settings > Sensor Network Settings"};
    return (struct answer){
        POINT_MET, t.pass + t.fail == 1
                       ? "in the recording the endpoint is asked for through it"
                       : text(j, "in the recording all %zu go through it", t.pass + t.fail)};
}

struct answer point_next_reachable(struct judge *j)
{
    struct answer worst = {POINT_MET, NULL};

    if (j->r->n_hops < 2)
        return (struct answer){POINT_UNSEEN,
                               "only one proxy is named; name the next one to have it asked"};
    for (size_t i = 1; i < j->r->n_hops; i++) {
        struct answer a = reach_answer(j, j->r->hops[i]->name, j->r->hops[i]->from_previous);

        if (a.state != POINT_MET && worst.state != POINT_UNMET)
            worst = a;
        else if (worst.evidence == NULL && worst.state == POINT_MET)
            worst.evidence = a.evidence;
    }
    return worst;
}

struct answer point_parent_used(struct judge *j)
{
    if (j->r->site->chain == CHAIN_NESTED)
        return (struct answer){POINT_MET, "nested: the client itself tunnels through each proxy"};
    return unseen;
}

/* --- proxies in Azure --- */

/* A site of another cloud may have no proxy: then its endpoints' addresses tell. */
static const char *first_direct_address(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        for (size_t k = 0; c->path->n_legs == 1 && k < c->result->n_steps; k++) {
            const struct step *s = c->result->steps[k];

            if (s->step == STEP_CONNECT && endpoint_decides(j, c->result->of_endpoint))
                return without_port(j, s->address);
        }
    }
    return NULL;
}

/* "; a connection to it came about": an address that only stands in a file shows little. */
static const char *how_far(const struct judge *j)
{
    const struct reach *reach = j->r->n_hops > 0 ? j->r->hops[0]->from_sensor : NULL;

    if (j->r->n_hops == 0)
        return "";
    if (reach == NULL || reach->verdict == VERDICT_SKIP)
        return "; whether it answers was not tested";
    return reach->verdict == VERDICT_FAIL ? "; no connection to it came about"
                                          : "; a connection to it came about";
}

struct answer point_private_way(struct judge *j)
{
    const char *hop = j->r->n_hops > 0 ? j->r->hops[0]->name : NULL;
    const char *address = hop != NULL ? first_hop_address(j) : first_direct_address(j);

    if (address == NULL)
        return unseen;
    if (is_private(address))
        return (struct answer){POINT_MET,
                               text(j, "%s is at %s, a private address%s",
                                    hop != NULL ? hop : "the endpoint", address, how_far(j))};
    return (struct answer){
        POINT_UNMET,
        hop != NULL
            ? text(j, "%s is at %s, which is no private address%s", hop, address, how_far(j))
            : text(j,
                   "endpoints are reached at public addresses (%s) over the internet; that "
                   "is enough where no private addresses have to be exchanged",
                   address)};
}

/* A finished handshake with an endpoint through the first hop; NULL. */
static const struct step *handshake_through(const struct judge *j, const char *hop)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (same_text(c->path->stations[1], hop) && c->leaf != NULL &&
            c->leaf->outcome == OUTCOME_OK)
            return c->leaf;
    }
    return NULL;
}

/* What the kernel knows of the way to the first hop. */
static const char *packet_sizes(struct judge *j, const struct sock *s)
{
    const char *sizes = "";

    if (s != NULL && s->mss != INT_UNKNOWN && s->mss > 0)
        sizes = text(j, "; segments up to %lld bytes", (long long)s->mss);
    if (s != NULL && s->pmtu != INT_UNKNOWN && s->pmtu > 0)
        sizes = text(j, "%s, path MTU %lld", sizes, (long long)s->pmtu);
    /* Azure's VPN gateways: tunnel MTU 1400, clamp at 1350 (the vendor's page on TCP/IP tuning). */
    if (s != NULL && s->pmtu != INT_UNKNOWN && s->pmtu > 1400)
        sizes = text(j, "%s (over a VPN: tunnel 1400, MSS clamp 1350)", sizes);
    return sizes;
}

struct answer point_full_packets(struct judge *j)
{
    const char *hop = j->r->hops[0]->name;
    const char *leg = text(j, "sensor>%s", hop);
    const struct step *handshake = handshake_through(j, hop);

    for (size_t i = 0; i < j->r->n_findings; i++) {
        const struct finding *f = j->r->findings[i];

        if ((f->cause == CAUSE_MTU_BLACKHOLE || f->cause == CAUSE_HELLO_SIZE_BLOCKED) &&
            same_text(f->at, leg))
            return (struct answer){POINT_UNMET,
                                   text(j, "they vanish between the sensor and %s", hop)};
    }
    if (handshake == NULL)
        return unseen;
    return (struct answer){POINT_MET,
                           text(j,
                                "handshakes through %s brought whole certificate "
                                "chains%s; towards %s: %s",
                                hop, packet_sizes(j, step_sock(handshake)), hop,
                                j->r->run->large_hello ? "large first messages arrived"
                                                       : "not tested, --large-hello does")};
}

/* The first finding of a hop that accepts connections and opens no tunnels, or not always. */
static const struct finding *refusal_of(const struct judge *j, const char *hop)
{
    for (size_t i = 0; i < j->r->n_findings; i++) {
        const struct finding *f = j->r->findings[i];

        if (same_text(f->at, hop) && f->severity > SEVERITY_INFO && cause_of_member(f->cause))
            return f;
    }
    return NULL;
}

/* A normal try to which every proxy on its way opened the tunnel. */
static bool opened_tunnel(const struct probe *p)
{
    bool opened = false;

    for (size_t i = 0; p->experiment == EXPERIMENT_NONE && i < p->n; i++) {
        if (p->steps[i]->step == STEP_TUNNEL)
            opened = p->steps[i]->outcome == OUTCOME_OK;
    }
    return opened;
}

struct answer point_members(struct judge *j)
{
    const char *hop = j->r->hops[0]->name;
    const struct finding *f = refusal_of(j, hop);
    const struct route *route = required_route(j);
    size_t n = 0;

    if (f != NULL)
        return (struct answer){
            POINT_UNMET,
            text(j,
                 "%s at %s, while its port accepts connections: a TCP probe takes it for healthy",
                 cause_info(f->cause)->code, hop)};
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        for (size_t k = 0; c->path->route == route && k < c->n_probes; k++)
            n += opened_tunnel(&c->probes[k]);
    }
    if (n == 0)
        return unseen;
    return (struct answer){POINT_MET,
                           text(j,
                                "%zu %s; which member opened each cannot be seen, and a bad one "
                                "shows only in some tries (--attempts 10)",
                                n, n == 1 ? "tunnel was opened" : "tunnels were opened")};
}

struct answer point_way_out(struct judge *j)
{
    struct tally t = tally_of(j, required_route(j));
    const char *out;
    size_t n;

    if (t.route == NULL || t.route->n_hops == 0 || t.pass + t.fail == 0)
        return unseen;
    n = reached(j, t.route);
    if (n > 0)
        return (struct answer){POINT_MET,
                               text(j,
                                    "%zu %s through it; which public address it uses is not "
                                    "seen from here",
                                    n, n == 1 ? "endpoint answers" : "endpoints answer")};
    out = last_leg(t.first);
    for (size_t i = 0; i < j->r->n_findings; i++) {
        const struct finding *f = j->r->findings[i];

        if (f->cause == CAUSE_PROXY_UPSTREAM_TIMEOUT && same_text(f->at, out))
            return (struct answer){
                POINT_UNMET, text(j, "no endpoint is reached: proxy-upstream-timeout at %s", out)};
    }
    return unseen;
}

/* --- the legacy method --- */

struct answer point_own_hub(struct judge *j)
{
    const struct result *failing = NULL;
    const char *named = NULL;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];
        const struct azure_name *name = azure_name_of(x->of_endpoint->host);

        if (!x->of_route->required || x->of_endpoint->wildcard || name == NULL ||
            !same_text(name->tag, "AzureIoTHub"))
            continue;
        if (x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN)
            return (struct answer){POINT_MET, text(j, "%s answers", x->endpoint)};
        if (x->verdict == VERDICT_FAIL && failing == NULL)
            failing = x;
        named = x->endpoint;
    }
    if (failing == NULL && named != NULL)
        return (struct answer){POINT_UNSEEN, text(j, "%s was not tested", named)};
    if (failing == NULL)
        return unseen;
    return (struct answer){POINT_UNMET, text(j, "%s: %s at %s", failing->endpoint,
                                             cause_info(failing->cause)->code,
                                             failing->at != NULL ? failing->at : "the endpoint")};
}
