/* audit_balancer: an Azure load balancer's rule and health probe for the proxies behind it. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/model/site.h"
#include "diag/site/nsg_read.h"

#include <string.h>
#include <strings.h>

static const struct balancer_probe *find_probe(const struct balancer *b, const char *name)
{
    for (size_t i = 0; name != NULL && i < b->n_probes; i++) {
        if (b->probes[i].name != NULL && strcasecmp(b->probes[i].name, name) == 0)
            return &b->probes[i];
    }
    return NULL;
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
        audit_find(a, file, AUDIT_INFO, "probe-tcp", at, "the probe only opens a connection",
                   "A proxy that denies everything, or whose DNS is broken, stays in the pool.",
                   "watch each proxy with hopproof check --proxy http://MACHINE:3128");
}

static void check_rule(struct audit *a, struct audit_file *file, const struct balancer *b,
                       unsigned port)
{
    struct squid_place at = {file->label, 0};

    for (size_t i = 0; i < b->n_rules; i++) {
        const struct balancer_rule *r = &b->rules[i];

        if (r->frontend_port != port && r->frontend_port != 0) /* 0: all ports */
            continue;
        at.line = r->line;
        if (r->protocol != NULL && strcasecmp(r->protocol, "Tcp") != 0 &&
            strcasecmp(r->protocol, "All") != 0)
            audit_find(a, file, AUDIT_ERROR, "rule-protocol", at,
                       arena_printf(a->arena, "the rule is for %s", r->protocol),
                       "Proxies speak TCP.", "\"protocol\": \"Tcp\"");
        if (r->backend_port != port)
            audit_find(a, file, AUDIT_WARNING, "rule-backend", at,
                       arena_printf(a->arena, "the rule sends port %u to port %u of the machines",
                                    port, r->backend_port),
                       "Squid must listen there, and the security group must allow that port.",
                       arena_printf(a->arena, "\"backendPort\": %u", port));
        check_probe(a, file, b, r);
        return;
    }
    audit_find(
        a, file, AUDIT_ERROR, "no-rule", at,
        arena_printf(a->arena, "no rule for port %u, to which sensors connect", port),
        "Their connections are not answered.",
        arena_printf(a->arena, "a Tcp rule from frontend port %u to backend port %u", port, port));
}

int audit_balancer(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                   struct fault *f)
{
    struct balancer b;
    struct squid_place at = {file->label, 0};

    if (balancer_read(a->arena, file->label, bytes, len, &b, f) != 0)
        return -1;
    for (size_t i = 0; i < b.n_addresses; i++)
        list_push(a->arena, a->balancers, a->n_balancers, b.addresses[i]);
    check_rule(a, file, &b, a->site->n_proxies > 0 ? a->site->proxies[0]->port : 3128);
    if (b.public_frontend)
        audit_find(a, file, AUDIT_WARNING, "public-frontend", at,
                   "the balancer has a public address",
                   "The way from the sensors is private; a public one opens the proxies to all.",
                   "an internal load balancer: a private frontend address");
    if (b.sku != NULL && strcasecmp(b.sku, "Standard") != 0)
        audit_find(a, file, AUDIT_WARNING, "sku", at,
                   arena_printf(a->arena, "its SKU is %s", b.sku),
                   "Zone-redundant frontends and the procedure's NAT gateway need Standard.",
                   "a load balancer with SKU Standard");
    return 0;
}
