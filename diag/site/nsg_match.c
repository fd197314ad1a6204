/* nsg_match: which rule of a security group decides about a packet. See nsg_read.h. */
#include "diag/site/nsg_read.h"

#include "diag/base/text.h"

#include <string.h>
#include <strings.h>

enum match { NO, YES, MAYBE };

/* "ADDRESS" or "ADDRESS/BITS". */
static bool parse_prefix(const char *prefix, struct addr *out, unsigned *bits)
{
    char text[64];
    const char *slash = strchr(prefix, '/');
    size_t len = slash == NULL ? strlen(prefix) : (size_t)(slash - prefix);
    unsigned long number;

    if (len >= sizeof text)
        return false;
    memcpy(text, prefix, len);
    text[len] = '\0';
    if (!addr_parse(text, out))
        return false;
    number = out->family == AF_INET ? 32 : 128;
    if (slash != NULL && !text_parse_uint(slash + 1, number, &number))
        return false;
    *bits = (unsigned)number;
    return true;
}

bool nsg_prefix_has(const char *prefix, const struct addr *address)
{
    struct addr network;
    unsigned bits;

    if (!parse_prefix(prefix, &network, &bits) || network.family != address->family)
        return false;
    for (unsigned i = 0; i < bits; i++) {
        uint8_t bit = (uint8_t)(0x80 >> i % 8);

        if ((network.ip[i / 8] & bit) != (address->ip[i / 8] & bit))
            return false;
    }
    return true;
}

bool nsg_prefix_sample(const char *prefix, struct addr *out)
{
    unsigned bits;
    size_t last;

    if (!parse_prefix(prefix, out, &bits))
        return false;
    last = out->family == AF_INET ? 3 : 15;
    if (bits < (last + 1) * 8)
        out->ip[last] = (uint8_t)(out->ip[last] | 1);
    return true;
}

bool nsg_rule_has_port(const struct nsg_rule *rule, unsigned port)
{
    for (size_t i = 0; i < rule->n_ports; i++) {
        const char *dash = strchr(rule->ports[i], '-');
        char low[16];
        unsigned long from, to;
        size_t len = dash == NULL ? strlen(rule->ports[i]) : (size_t)(dash - rule->ports[i]);

        if (strcmp(rule->ports[i], "*") == 0)
            return true;
        if (len >= sizeof low)
            continue;
        memcpy(low, rule->ports[i], len);
        low[len] = '\0';
        if (text_parse_uint(low, 65535, &from) &&
            text_parse_uint(dash == NULL ? low : dash + 1, 65535, &to) && from <= port &&
            port <= to)
            return true;
    }
    return false;
}

static bool is_any(const char *prefix)
{
    return strcmp(prefix, "*") == 0 || strcasecmp(prefix, "Any") == 0 ||
           strcmp(prefix, "0.0.0.0/0") == 0;
}

/*
 * One side of a rule. VirtualNetwork is the network, its peers and what hangs on its gateways:
 * every private address may be part of it, and a sensor over VPN or ExpressRoute is.
 */
static enum match match_side(const char *const *prefixes, size_t n, const struct addr *address,
                             const char *tag)
{
    bool private_one = address->family != 0 && addr_kind(address) != ADDR_PUBLIC;
    enum match all = NO;

    for (size_t i = 0; i < n; i++) {
        const char *prefix = prefixes[i];
        struct addr network;
        unsigned bits;

        if (is_any(prefix) || (tag != NULL && strcasecmp(tag, prefix) == 0))
            return YES;
        if (parse_prefix(prefix, &network, &bits)) {
            if (address->family != 0 && nsg_prefix_has(prefix, address))
                return YES;
            if (address->family == 0 && tag == NULL)
                all = MAYBE;
            continue;
        }
        if (tag != NULL || strcasecmp(prefix, "AzureLoadBalancer") == 0)
            continue; /* another tag; nothing but the probe comes from the balancer itself */
        if (strcasecmp(prefix, "VirtualNetwork") == 0) {
            if (private_one || address->family == 0)
                return YES;
        } else if (strcasecmp(prefix, "Internet") == 0) {
            if (!private_one && address->family != 0)
                return YES;
        } else if (!private_one) {
            all = MAYBE; /* a service tag: its ranges are in another file */
        }
    }
    return all;
}

static enum match match_rule(const struct nsg_rule *rule, const struct nsg_packet *p)
{
    enum match from, to;

    if (rule->inbound != p->inbound || !nsg_rule_has_port(rule, p->port) ||
        (strcmp(rule->protocol, "*") != 0 && strcasecmp(rule->protocol, "Any") != 0 &&
         strcasecmp(rule->protocol, p->protocol) != 0))
        return NO;
    if (rule->groups)
        return MAYBE;
    from = match_side(rule->sources, rule->n_sources, &p->source, p->source_tag);
    to = match_side(rule->destinations, rule->n_destinations, &p->destination, p->destination_tag);
    if (from == NO || to == NO)
        return NO;
    return from == YES && to == YES ? YES : MAYBE;
}

enum nsg_answer nsg_ask(const struct nsg *g, const struct nsg_packet *p, const struct nsg_rule **by)
{
    const struct nsg_rule *doubt = NULL;
    bool may_allow = false, may_deny = false;

    *by = NULL;
    for (size_t i = 0; i < g->n_rules; i++) {
        const struct nsg_rule *rule = &g->rules[i];
        enum match m = match_rule(rule, p);

        if (m == NO)
            continue;
        may_allow = may_allow || rule->allow;
        may_deny = may_deny || !rule->allow;
        if (m == MAYBE) {
            doubt = doubt == NULL ? rule : doubt;
            continue;
        }
        *by = may_allow && may_deny ? doubt : rule;
        return may_allow && may_deny ? NSG_UNDECIDED : rule->allow ? NSG_ALLOW : NSG_DENY;
    }
    *by = doubt;
    return NSG_UNDECIDED;
}
