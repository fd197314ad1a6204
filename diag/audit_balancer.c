/* audit_balancer: an Azure load balancer's rule, health probe and members, for the proxies behind
 * it; health probes alone. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/site.h"
#include "diag/site/balancer_read.h"

#include <string.h>
#include <strings.h>

enum { PROXY_PORT = 3128 };

static bool is(const char *word, const char *wanted)
{
    return word != NULL && strcasecmp(word, wanted) == 0;
}

/* The port that the sensors connect to. */
static unsigned sensors_port(const struct audit *a)
{
    return a->site->n_proxies > 0 ? a->site->proxies[0]->port : PROXY_PORT;
}

static const struct balancer_probe *find_probe(const struct balancer *b, const char *name)
{
    for (size_t i = 0; name != NULL && i < b->n_probes; i++) {
        if (is(b->probes[i].name, name))
            return &b->probes[i];
    }
    return NULL;
}

/*
 * Squid answers a plain GET for a path with 400: it is no web server (measured on 5.7). Only what
 * it serves of its own is there (global_internal_static, on by default).
 */
static bool http_probe_fails(const struct balancer_probe *p)
{
    return (is(p->protocol, "Http") || is(p->protocol, "Https")) &&
           (is(p->protocol, "Https") || p->path == NULL ||
            !text_starts_with_nocase(p->path, "/squid-internal-"));
}

/* A probe that does ask `port`. */
static void check_kind_of_probe(struct audit *a, struct audit_file *file,
                                const struct balancer_probe *p, unsigned port)
{
    struct squid_place at = {file->label, p->line};

    if (http_probe_fails(p))
        audit_find(a, file, AUDIT_ERROR, "probe-http", at,
                   arena_printf(a->arena, "the probe speaks %s to a proxy", p->protocol),
                   "Squid answers a request for a path with 400, not with the 200 that the probe "
                   "wants: the balancer takes every machine for dead.",
                   "\"protocol\": \"Tcp\"");
    else
        audit_find(a, file, AUDIT_INFO, "probe-tcp", at,
                   is(p->protocol, "Http") ? "the probe only sees that Squid answers"
                                           : "the probe only opens a connection",
                   "A proxy that denies everything, or whose DNS is broken, stays in the pool.",
                   arena_printf(a->arena,
                                "watch each proxy with hopproof check --proxy http://MACHINE:%u",
                                port));
}

static void check_probe(struct audit *a, struct audit_file *file, const struct balancer *b,
                        const struct balancer_rule *r)
{
    const struct balancer_probe *p = find_probe(b, r->probe);
    struct squid_place at = {file->label, r->line};

    if (p == NULL) {
        audit_find(a, file, AUDIT_ERROR, "no-probe", at, "the rule has no health probe",
                   "Dead machines then keep getting their share of the sensors.",
                   arena_printf(a->arena, "a Tcp probe on port %u", r->backend_port));
        return;
    }
    at.line = p->line;
    if (p->port != r->backend_port)
        audit_find(a, file, AUDIT_ERROR, "probe-port", at,
                   arena_printf(a->arena, "the probe asks port %u, the rule sends to %u", p->port,
                                r->backend_port),
                   "What the probe finds says nothing about the proxy.",
                   arena_printf(a->arena, "\"port\": %u", r->backend_port));
    else
        check_kind_of_probe(a, file, p, r->backend_port);
}

static void check_pool(struct audit *a, struct audit_file *file, const struct balancer *b,
                       const struct balancer_rule *r)
{
    struct squid_place at = {file->label, r->line};

    for (size_t i = 0; r->pool != NULL && i < b->n_pools; i++) {
        if (!is(b->pools[i].name, r->pool) || b->pools[i].members > 0)
            continue;
        at.line = b->pools[i].line;
        audit_find(a, file, AUDIT_ERROR, "empty-pool", at,
                   arena_printf(a->arena, "the backend pool %s has no members", r->pool),
                   "There is nobody to send the sensors to: their connections are not answered.",
                   "add the proxies' network interfaces (or the scale set) to the pool");
    }
    if (r->pool == NULL && b->n_pools > 0)
        audit_find(a, file, AUDIT_ERROR, "no-pool", at, "the rule sends to no backend pool",
                   "The sensors' connections are not answered.",
                   arena_printf(a->arena, "\"backendAddressPool\": the id of %s",
                                b->pools[0].name != NULL ? b->pools[0].name : "the pool"));
}

/* What becomes of a tunnel that is left alone (Azure: 4 minutes where nothing is said). */
static void check_idle(struct audit *a, struct audit_file *file, const struct balancer_rule *r)
{
    struct squid_place at = {file->label, r->line};

    if (r->tcp_reset == SAID_NO)
        audit_find(
            a, file, AUDIT_WARNING, "idle-silent", at,
            arena_printf(a->arena,
                         "connections are forgotten without a word after %u minutes of silence",
                         r->idle_minutes > 0 ? r->idle_minutes : 4),
            "A sensor that is not told sends its next message into nothing, and waits for its "
            "own timeout.",
            "\"enableTcpReset\": true   (az network lb rule update --enable-tcp-reset true)");
    if (r->floating_ip)
        audit_find(a, file, AUDIT_WARNING, "floating-ip", at,
                   "packets come with the balancer's own address (floating IP)",
                   "The machines drop them unless that address is on their loopback interface.",
                   "\"enableFloatingIP\": false");
}

/* The first rule for the port; NULL, and that is said. */
static const struct balancer_rule *check_rule(struct audit *a, struct audit_file *file,
                                              const struct balancer *b, unsigned port)
{
    struct squid_place at = {file->label, 0};

    for (size_t i = 0; i < b->n_rules; i++) {
        const struct balancer_rule *r = &b->rules[i];
        bool all = r->frontend_port == 0;

        if (r->frontend_port != port && !all)
            continue;
        at.line = r->line;
        if (r->protocol != NULL && !is(r->protocol, "Tcp") && !is(r->protocol, "All"))
            audit_find(a, file, AUDIT_ERROR, "rule-protocol", at,
                       arena_printf(a->arena, "the rule is for %s", r->protocol),
                       "Proxies speak TCP.", "\"protocol\": \"Tcp\"");
        if (r->backend_port != port && !all)
            audit_find(a, file, AUDIT_WARNING, "rule-backend", at,
                       arena_printf(a->arena, "the rule sends port %u to port %u of the machines",
                                    port, r->backend_port),
                       "Squid must listen there, and the security group must allow that port.",
                       arena_printf(a->arena, "\"backendPort\": %u", port));
        return r;
    }
    audit_find(
        a, file, AUDIT_ERROR, "no-rule", at,
        arena_printf(a->arena, "no rule for port %u, to which sensors connect", port),
        "Their connections are not answered.",
        arena_printf(a->arena, "a Tcp rule from frontend port %u to backend port %u", port, port));
    return NULL;
}

/* How the proxies get out, where the balancer itself is their way. */
static void check_outbound(struct audit *a, struct audit_file *file, const struct balancer *b,
                           const struct balancer_rule *r)
{
    struct squid_place at = {file->label, r != NULL ? r->line : 0};

    for (size_t i = 0; i < b->n_outbound; i++) {
        at.line = b->outbound[i].line;
        if (b->outbound[i].ports == 0)
            audit_find(
                a, file, AUDIT_WARNING, "snat-by-size", at,
                "how many ports each machine gets for its way out depends on the pool's size",
                "When the pool grows, every machine's share is cut, and connections to the "
                "cloud fail in the moment.",
                "\"allocatedOutboundPorts\": 10000   or a NAT gateway");
    }
    if (b->public_frontend && b->n_outbound == 0 && r != NULL && r->no_outbound_snat == SAID_NO)
        audit_find(
            a, file, AUDIT_WARNING, "snat-implied", at,
            "the proxies leave with the balancer's public address, by its rule for what comes in",
            "Each machine has few ports for that (1,024 or less); when they run out, some "
            "connections to the cloud time out.",
            "\"disableOutboundSnat\": true   and a NAT gateway for the proxies' subnet");
}

static void check_as_such(struct audit *a, struct audit_file *file, const struct balancer *b)
{
    struct squid_place at = {file->label, 0};

    if (b->public_frontend)
        audit_find(a, file, AUDIT_WARNING, "public-frontend", at,
                   "the balancer has a public address",
                   "The way from the sensors is private; a public one opens the proxies to all.",
                   "an internal load balancer: a private frontend address");
    if (b->sku != NULL && strcasecmp(b->sku, "Standard") != 0)
        audit_find(a, file, AUDIT_WARNING, "sku", at,
                   arena_printf(a->arena, "its SKU is %s", b->sku),
                   "Zone-redundant frontends and the procedure's NAT gateway need Standard.",
                   "a load balancer with SKU Standard");
}

int audit_balancer(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                   struct fault *f)
{
    struct audit_balance balance = {.file = a->n_files};
    const struct balancer_rule *r;
    struct balancer b;

    if (balancer_read(a->arena, file->label, bytes, len, &b, f) != 0)
        return -1;
    for (size_t i = 0; i < b.n_addresses; i++)
        list_push(a->arena, a->balancers, a->n_balancers, b.addresses[i]);
    r = check_rule(a, file, &b, sensors_port(a));
    balance.at.file = file->label;
    if (r != NULL) {
        check_probe(a, file, &b, r);
        check_pool(a, file, &b, r);
        check_idle(a, file, r);
        balance.at.line = r->line;
        balance.backend_port = r->frontend_port == 0 ? sensors_port(a) : r->backend_port;
    }
    check_outbound(a, file, &b, r);
    check_as_such(a, file, &b);
    balance.subnet = b.n_subnets > 0 ? b.subnets[0] : NULL;
    balance.needs_a_way_out = !b.public_frontend && b.n_outbound == 0 && is(b.sku, "Standard");
    list_push(a->arena, a->balances, a->n_balances, balance);
    return 0;
}

int audit_probes(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                 struct fault *f)
{
    struct balancer_probe *probes;
    unsigned port = sensors_port(a);
    bool found = false;
    size_t n;

    if (probes_read(a->arena, file->label, bytes, len, &probes, &n, f) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (probes[i].port != port)
            continue;
        found = true;
        check_kind_of_probe(a, file, &probes[i], port);
        if (!probes[i].used)
            audit_find(a, file, AUDIT_WARNING, "probe-unused",
                       (struct squid_place){file->label, probes[i].line}, "no rule uses this probe",
                       "Dead machines then keep getting their share of the sensors.",
                       "az network lb rule update --probe-name: the name of this probe");
    }
    if (!found)
        audit_find(a, file, AUDIT_ERROR, "probe-port",
                   (struct squid_place){file->label, n > 0 ? probes[0].line : 0},
                   arena_printf(a->arena, "no probe asks port %u", port),
                   "What the probes find says nothing about the proxy.",
                   arena_printf(a->arena, "\"port\": %u", port));
    return 0;
}
