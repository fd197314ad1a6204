/*
 * balancer_read: an Azure load balancer (`az network lb show`) and its health probes alone (`az
 * network lb probe list`), and what lets machines out (`az network nat gateway show`, `az network
 * route-table show`, `az network vnet subnet show`), into plain structures. Or the REST form.
 */
#ifndef HOPPROOF_SITE_BALANCER_READ_H
#define HOPPROOF_SITE_BALANCER_READ_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fault;

enum { BALANCER_ITEMS_MAX = 5000, OUTBOUND_OBJECTS_MAX = 100 };

/* What a file says of a switch: a short export may leave it out. */
enum said { SAID_NOTHING, SAID_NO, SAID_YES };

/* `line` is always that of the name in the file; 0: not found. */
struct balancer_rule {
    const char *name, *protocol, *probe, *pool; /* probe, pool: their names, or NULL */
    unsigned long line;
    unsigned frontend_port, backend_port, idle_minutes;
    enum said tcp_reset, no_outbound_snat;
    bool floating_ip;
};

struct balancer_probe {
    const char *name, *protocol, *path; /* path: of an HTTP probe */
    unsigned long line;
    unsigned port;
    bool used; /* a rule refers to it (in a list of probes) */
};

struct balancer_pool {
    const char *name;
    unsigned long line;
    size_t members;
};

/* What the machines of a pool leave with, where the balancer is public. */
struct balancer_outbound {
    const char *name;
    unsigned long line;
    unsigned ports; /* for each machine; 0: by the size of the pool */
};

struct balancer {
    const char *name, *sku;
    const char **addresses; /* private frontend addresses */
    size_t n_addresses;
    const char **subnets; /* those of the private frontends: "NETWORK/SUBNET" */
    size_t n_subnets;
    bool public_frontend;
    struct balancer_rule *rules;
    size_t n_rules;
    struct balancer_probe *probes;
    size_t n_probes;
    struct balancer_pool *pools;
    size_t n_pools;
    struct balancer_outbound *outbound;
    size_t n_outbound;
};

struct nat_gateway {
    const char *name;
    unsigned long line;
    size_t n_addresses, n_prefixes;
    const char **subnets;
    size_t n_subnets;
    unsigned idle_minutes;
};

struct azure_route {
    const char *name, *prefix, *next_type, *next; /* next: address of an appliance, or NULL */
    unsigned long line;
};

struct route_table {
    const char *name;
    unsigned long line;
    struct azure_route *routes;
    size_t n_routes, n_subnets;
    bool no_propagation; /* routes that a gateway learns do not reach the subnets */
};

struct azure_subnet {
    const char *name, *id; /* id: "NETWORK/SUBNET" */
    unsigned long line;
    bool nat, route_table;
    enum said default_outbound;
};

/* All return -1 with a fault "LABEL:LINE: ..."; lists take the objects of a list, up to a bound. */
int balancer_read(struct arena *a, const char *label, const char *bytes, size_t len,
                  struct balancer *b, struct fault *f);
int probes_read(struct arena *a, const char *label, const char *bytes, size_t len,
                struct balancer_probe **probes, size_t *n, struct fault *f);
int nat_read(struct arena *a, const char *label, const char *bytes, size_t len,
             struct nat_gateway **gateways, size_t *n, struct fault *f);
int routes_read(struct arena *a, const char *label, const char *bytes, size_t len,
                struct route_table **tables, size_t *n, struct fault *f);
int subnets_read(struct arena *a, const char *label, const char *bytes, size_t len,
                 struct azure_subnet **subnets, size_t *n, struct fault *f);

#endif
