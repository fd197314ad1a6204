/* balancer_read: see balancer_read.h. */
#include "diag/site/balancer_read.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/site/azure_export.h"

#include <string.h>
#include <strings.h>

static enum said switch_of(json_t *object, const char *name)
{
    return !export_has(object, name)   ? SAID_NOTHING
           : export_true(object, name) ? SAID_YES
                                       : SAID_NO;
}

/* ".../virtualNetworks/NETWORK/subnets/SUBNET" as "NETWORK/SUBNET". */
static const char *subnet_id(const struct export *s, json_t *object)
{
    const char *id = export_id(s, object), *subnet = export_last_part(id), *network;

    if (id == NULL)
        return NULL;
    network = strcasestr(id, "/virtualNetworks/");
    if (network == NULL)
        return subnet;
    network += strlen("/virtualNetworks/");
    return arena_printf(s->arena, "%.*s/%s", (int)strcspn(network, "/"), network, subnet);
}

static void read_frontends(const struct export *s, json_t *root, struct balancer *b)
{
    json_t *one;
    size_t i;

    json_array_foreach(export_member(root, "frontendIPConfigurations"), i, one)
    {
        const char *address = export_text(s, one, "privateIPAddress");
        const char *subnet = subnet_id(s, export_member(one, "subnet"));

        if (address != NULL && b->n_addresses < BALANCER_ITEMS_MAX)
            list_push(s->arena, b->addresses, b->n_addresses, address);
        if (subnet != NULL && b->n_subnets < BALANCER_ITEMS_MAX)
            list_push(s->arena, b->subnets, b->n_subnets, subnet);
        b->public_frontend = b->public_frontend || export_has(one, "publicIPAddress");
    }
}

/* One pool, or the newer list of pools. */
static const char *pool_of(const struct export *s, json_t *rule)
{
    const char *pool = export_referred(s, rule, "backendAddressPool");
    json_t *first = json_array_get(export_member(rule, "backendAddressPools"), 0);

    return pool != NULL ? pool : export_last_part(export_id(s, first));
}

static void read_rules(const struct export *s, json_t *root, struct balancer *b)
{
    json_t *one;
    size_t i;

    json_array_foreach(export_member(root, "loadBalancingRules"), i, one)
    {
        struct balancer_rule r = {.name = export_text(s, one, "name"),
                                  .protocol = export_text(s, one, "protocol"),
                                  .probe = export_referred(s, one, "probe"),
                                  .pool = pool_of(s, one),
                                  .frontend_port = export_number(one, "frontendPort"),
                                  .backend_port = export_number(one, "backendPort"),
                                  .idle_minutes = export_number(one, "idleTimeoutInMinutes"),
                                  .tcp_reset = switch_of(one, "enableTcpReset"),
                                  .no_outbound_snat = switch_of(one, "disableOutboundSnat"),
                                  .floating_ip = export_true(one, "enableFloatingIP")};

        r.line = export_line(s, r.name);
        if (i < BALANCER_ITEMS_MAX)
            list_push(s->arena, b->rules, b->n_rules, r);
    }
}

static struct balancer_probe read_probe(const struct export *s, json_t *one)
{
    struct balancer_probe p = {.name = export_text(s, one, "name"),
                               .protocol = export_text(s, one, "protocol"),
                               .path = export_text(s, one, "requestPath"),
                               .port = export_number(one, "port"),
                               .used = export_size(one, "loadBalancingRules") > 0};

    p.line = export_line(s, p.name);
    return p;
}

static void read_pools(const struct export *s, json_t *root, struct balancer *b)
{
    json_t *one;
    size_t i;

    json_array_foreach(export_member(root, "backendAddressPools"), i, one)
    {
        size_t interfaces = export_size(one, "backendIPConfigurations");
        size_t addresses = export_size(one, "loadBalancerBackendAddresses");
        struct balancer_pool p = {.name = export_text(s, one, "name"),
                                  .members = interfaces > addresses ? interfaces : addresses};

        p.line = export_line(s, p.name);
        if (i < BALANCER_ITEMS_MAX)
            list_push(s->arena, b->pools, b->n_pools, p);
    }
    json_array_foreach(export_member(root, "outboundRules"), i, one)
    {
        struct balancer_outbound o = {.name = export_text(s, one, "name"),
                                      .ports = export_number(one, "allocatedOutboundPorts")};

        o.line = export_line(s, o.name);
        if (i < BALANCER_ITEMS_MAX)
            list_push(s->arena, b->outbound, b->n_outbound, o);
    }
}

int balancer_read(struct arena *a, const char *label, const char *bytes, size_t len,
                  struct balancer *b, struct fault *f)
{
    struct export s = {a, label, bytes, len};
    json_t *root = export_load(&s, f), *top = export_first(root), *sku, *one;
    size_t i;

    if (root == NULL)
        return -1;
    *b = (struct balancer){.name = export_text(&s, top, "name")};
    sku = export_member(top, "sku");
    b->sku = json_is_object(sku) ? export_text(&s, sku, "name") : NULL;
    read_frontends(&s, top, b);
    read_rules(&s, top, b);
    read_pools(&s, top, b);
    json_array_foreach(export_member(top, "probes"), i, one)
    {
        struct balancer_probe p = read_probe(&s, one);

        if (i < BALANCER_ITEMS_MAX)
            list_push(a, b->probes, b->n_probes, p);
    }
    json_decref(root);
    return 0;
}

int probes_read(struct arena *a, const char *label, const char *bytes, size_t len,
                struct balancer_probe **probes, size_t *n, struct fault *f)
{
    struct export s = {a, label, bytes, len};
    json_t *root = export_load(&s, f), *one;

    if (root == NULL)
        return -1;
    *probes = NULL;
    *n = 0;
    for (size_t i = 0; i < BALANCER_ITEMS_MAX && (one = export_at(root, i)) != NULL; i++) {
        struct balancer_probe p = read_probe(&s, one);

        list_push(a, *probes, *n, p);
    }
    json_decref(root);
    return 0;
}

/* --- the way out --- */

static void read_subnet_ids(const struct export *s, json_t *object, const char ***list, size_t *n)
{
    json_t *one;
    size_t i;

    json_array_foreach(export_member(object, "subnets"), i, one)
    {
        const char *id = subnet_id(s, one);

        if (id != NULL && i < BALANCER_ITEMS_MAX)
            list_push(s->arena, *list, *n, id);
    }
}

int nat_read(struct arena *a, const char *label, const char *bytes, size_t len,
             struct nat_gateway **gateways, size_t *n, struct fault *f)
{
    struct export s = {a, label, bytes, len};
    json_t *root = export_load(&s, f), *one;

    if (root == NULL)
        return -1;
    *gateways = NULL;
    *n = 0;
    for (size_t i = 0; i < OUTBOUND_OBJECTS_MAX && (one = export_at(root, i)) != NULL; i++) {
        struct nat_gateway g = {.name = export_text(&s, one, "name"),
                                .n_addresses = export_size(one, "publicIpAddresses"),
                                .n_prefixes = export_size(one, "publicIpPrefixes"),
                                .idle_minutes = export_number(one, "idleTimeoutInMinutes")};

        g.line = export_line(&s, g.name);
        read_subnet_ids(&s, one, &g.subnets, &g.n_subnets);
        list_push(a, *gateways, *n, g);
    }
    json_decref(root);
    return 0;
}

static void read_table(const struct export *s, json_t *json, struct route_table *t)
{
    json_t *one;
    size_t i;

    *t = (struct route_table){.name = export_text(s, json, "name"),
                              .n_subnets = export_size(json, "subnets"),
                              .no_propagation = export_true(json, "disableBgpRoutePropagation")};
    t->line = export_line(s, t->name);
    json_array_foreach(export_member(json, "routes"), i, one)
    {
        struct azure_route r = {.name = export_text(s, one, "name"),
                                .prefix = export_text(s, one, "addressPrefix"),
                                .next_type = export_text(s, one, "nextHopType"),
                                .next = export_text(s, one, "nextHopIpAddress")};

        r.line = export_line(s, r.name);
        if (i < BALANCER_ITEMS_MAX && r.prefix != NULL && r.next_type != NULL)
            list_push(s->arena, t->routes, t->n_routes, r);
    }
}

int routes_read(struct arena *a, const char *label, const char *bytes, size_t len,
                struct route_table **tables, size_t *n, struct fault *f)
{
    struct export s = {a, label, bytes, len};
    json_t *root = export_load(&s, f), *one;

    if (root == NULL)
        return -1;
    *tables = NULL;
    *n = 0;
    for (size_t i = 0; i < OUTBOUND_OBJECTS_MAX && (one = export_at(root, i)) != NULL; i++) {
        struct route_table t;

        read_table(&s, one, &t);
        list_push(a, *tables, *n, t);
    }
    json_decref(root);
    return 0;
}

int subnets_read(struct arena *a, const char *label, const char *bytes, size_t len,
                 struct azure_subnet **subnets, size_t *n, struct fault *f)
{
    struct export s = {a, label, bytes, len};
    json_t *root = export_load(&s, f), *one;

    if (root == NULL)
        return -1;
    *subnets = NULL;
    *n = 0;
    for (size_t i = 0; i < OUTBOUND_OBJECTS_MAX && (one = export_at(root, i)) != NULL; i++) {
        struct azure_subnet u = {.name = export_text(&s, one, "name"),
                                 .id = subnet_id(&s, one),
                                 .nat = export_has(one, "natGateway"),
                                 .route_table = export_has(one, "routeTable"),
                                 .default_outbound = switch_of(one, "defaultOutboundAccess")};

        u.line = export_line(&s, u.name);
        list_push(a, *subnets, *n, u);
    }
    json_decref(root);
    return 0;
}
