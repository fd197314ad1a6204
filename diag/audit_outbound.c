/* audit_outbound: how the proxies in Azure get out to the cloud: NAT gateway, routes, subnet. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/site/balancer_read.h"

#include <string.h>
#include <strings.h>

/* Of one public address to one destination (Microsoft's page on NAT gateways). */
#define SNAT_PORTS "64,512"

static bool is(const char *word, const char *wanted)
{
    return word != NULL && strcasecmp(word, wanted) == 0;
}

static const char *or_none(const char *name)
{
    return name != NULL ? name : "without a name";
}

/* --- NAT gateways --- */

static void check_gateway(struct audit *a, struct audit_file *file, const struct nat_gateway *g)
{
    struct squid_place at = {file->label, g->line};

    if (g->n_addresses + g->n_prefixes == 0)
        audit_find(a, file, AUDIT_ERROR, "nat-no-address", at,
                   "the NAT gateway has neither a public address nor a prefix",
                   "Nothing gets out through it, and it takes the place of every other way out.",
                   "\"publicIpAddresses\": the id of a Standard public address");
    else
        audit_find(
            a, file, AUDIT_INFO, "nat-ports", at,
            arena_printf(a->arena,
                         "%zu public address%s%s: " SNAT_PORTS
                         " connections at a time from each to one destination; forgotten "
                         "after %u minutes of silence",
                         g->n_addresses, g->n_addresses == 1 ? "" : "es",
                         g->n_prefixes > 0 ? " and those of its prefixes" : "",
                         g->idle_minutes > 0 ? g->idle_minutes : 4),
            "All proxies behind it share them. The addresses are what IP filters of the hub, "
            "the namespace and the storage account must admit.",
            NULL);
    if (g->n_subnets == 0)
        audit_find(a, file, AUDIT_ERROR, "nat-no-subnet", at,
                   "the NAT gateway is attached to no subnet", "Nobody leaves through it.",
                   arena_printf(a->arena,
                                "az network vnet subnet update --nat-gateway %s   for the proxies' "
                                "subnet",
                                or_none(g->name)));
}

int audit_nat(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
              struct fault *f)
{
    struct nat_gateway *gateways;
    size_t n;

    if (nat_read(a->arena, file->label, bytes, len, &gateways, &n, f) != 0)
        return -1;
    a->has_nat = true;
    for (size_t i = 0; i < n; i++) {
        check_gateway(a, file, &gateways[i]);
        for (size_t k = 0; k < gateways[i].n_subnets; k++)
            list_push(a->arena, a->nat_subnets, a->n_nat_subnets, gateways[i].subnets[k]);
    }
    return 0;
}

/* --- routes --- */

static void check_route(struct audit *a, struct audit_file *file, const struct azure_route *r)
{
    struct squid_place at = {file->label, r->line};
    bool all = strcmp(r->prefix, "0.0.0.0/0") == 0;
    bool cloud = strchr(r->prefix, '/') == NULL; /* a service tag */

    if (!all && !cloud)
        return;
    if (is(r->next_type, "None"))
        audit_find(a, file, AUDIT_ERROR, "route-none", at,
                   arena_printf(a->arena, "what goes to %s is dropped", r->prefix),
                   "The proxies cannot reach the cloud.", "\"nextHopType\": \"Internet\"");
    else if (is(r->next_type, "VirtualAppliance"))
        audit_find(
            a, file, AUDIT_WARNING, "route-appliance", at,
            arena_printf(a->arena, "what goes to %s leaves through an appliance%s%s", r->prefix,
                         r->next != NULL ? " at " : "", r->next != NULL ? r->next : ""),
            "The route wins over a NAT gateway. The appliance has to admit the endpoints, and "
            "must not open their TLS.",
            "the endpoints on the appliance's allow list, or \"nextHopType\": \"Internet\"");
    else if (is(r->next_type, "VirtualNetworkGateway"))
        audit_find(a, file, AUDIT_WARNING, "route-forced", at,
                   arena_printf(a->arena, "what goes to %s is sent back to the site", r->prefix),
                   "The route wins over a NAT gateway; the site's own firewall then has to let the "
                   "proxies out.",
                   "\"nextHopType\": \"Internet\"");
}

static void check_table(struct audit *a, struct audit_file *file, const struct route_table *t)
{
    struct squid_place at = {file->label, t->line};
    bool to_gateway = false;

    for (size_t i = 0; i < t->n_routes; i++) {
        check_route(a, file, &t->routes[i]);
        to_gateway = to_gateway || is(t->routes[i].next_type, "VirtualNetworkGateway");
    }
    if (t->no_propagation && !to_gateway)
        audit_find(a, file, AUDIT_WARNING, "route-back", at,
                   "routes that a VPN or ExpressRoute gateway learns do not reach the subnet",
                   "The proxies' answers to sensors behind it then have no way back, and their "
                   "connections time out.",
                   "\"disableBgpRoutePropagation\": false   or a route to the sensors' networks");
    if (t->n_subnets == 0)
        audit_find(a, file, AUDIT_INFO, "route-no-subnet", at,
                   "the route table is attached to no subnet", "It decides nothing.", NULL);
}

int audit_routes(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                 struct fault *f)
{
    struct route_table *tables;
    size_t n;

    if (routes_read(a->arena, file->label, bytes, len, &tables, &n, f) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        check_table(a, file, &tables[i]);
    return 0;
}

/* --- subnets --- */

/* Subnets that Azure itself uses hold no proxies. */
static bool is_reserved(const struct azure_subnet *u)
{
    return is(u->name, "AzureBastionSubnet") || is(u->name, "GatewaySubnet") ||
           is(u->name, "AzureFirewallSubnet") || is(u->name, "AzureFirewallManagementSubnet") ||
           is(u->name, "RouteServerSubnet");
}

static void check_subnet(struct audit *a, struct audit_file *file, const struct azure_subnet *u)
{
    struct squid_place at = {file->label, u->line};
    const char *fix =
        arena_printf(a->arena, "az network vnet subnet update --name %s --nat-gateway GATEWAY",
                     or_none(u->name));

    if (u->nat || is_reserved(u))
        return;
    if (u->default_outbound == SAID_NO && !u->route_table)
        audit_find(a, file, AUDIT_ERROR, "no-outbound", at,
                   "the subnet has no NAT gateway, and no default outbound access",
                   "Proxies in it reach the cloud only where each has a public address of its own.",
                   fix);
    else if (u->default_outbound != SAID_NO)
        audit_find(
            a, file, AUDIT_WARNING, "default-outbound", at,
            "machines in the subnet leave by default outbound access",
            "The address is Microsoft's, can change, and is given up for new networks; behind "
            "an internal Standard load balancer there is none at all.",
            fix);
}

int audit_subnets(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                  struct fault *f)
{
    struct azure_subnet *subnets;
    size_t n;

    if (subnets_read(a->arena, file->label, bytes, len, &subnets, &n, f) != 0)
        return -1;
    a->has_subnet = true;
    for (size_t i = 0; i < n; i++)
        check_subnet(a, file, &subnets[i]);
    return 0;
}

/* --- all together --- */

static bool is_served(const struct audit *a, const char *subnet)
{
    for (size_t i = 0; i < a->n_nat_subnets; i++) {
        if (is(a->nat_subnets[i], subnet))
            return true;
    }
    return false;
}

void audit_together(struct audit *a)
{
    for (size_t i = 0; i < a->n_balances; i++) {
        const struct audit_balance *b = &a->balances[i];
        struct audit_file *file = &a->files[b->file];
        struct squid_place at = {b->at.file, 0};

        if (!b->needs_a_way_out)
            continue;
        if (!a->has_nat && !a->has_subnet)
            audit_find(
                a, file, AUDIT_INFO, "outbound-unseen", at,
                "nothing here says how the proxies get out",
                "An internal Standard load balancer gives the machines behind it no way out.",
                "audit it with the outputs of az network nat gateway show and az network vnet "
                "subnet show");
        else if (a->n_nat_subnets > 0 && b->subnet != NULL && !is_served(a, b->subnet))
            audit_find(
                a, file, AUDIT_WARNING, "nat-other-subnet", at,
                arena_printf(a->arena, "the balancer is in %s, the NAT gateway serves %s",
                             b->subnet, a->nat_subnets[0]),
                "Unless the proxies are in the other one they have no way out.",
                "az network vnet subnet update --nat-gateway GATEWAY   for the proxies' subnet");
    }
}
