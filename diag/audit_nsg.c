/* audit_nsg: a network security group against what the proxy behind it must receive and send. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/site.h"
#include "diag/site/nsg_read.h"

#include <string.h>
#include <strings.h>

/* One group being judged. */
struct group_audit {
    struct audit *a;
    struct audit_file *file;
    const struct nsg *g;
    unsigned port;           /* of the proxy, as the sensors and the balancer know it */
    struct addr destination; /* of the sensors' packets; family 0: not known */
    const char *destination_text;
    bool balancer_only; /* that was said */
};

static const char *rule_text(struct group_audit *ga, const struct nsg_rule *rule)
{
    return arena_printf(ga->a->arena, "rule %u %s", rule->priority, rule->name);
}

static struct squid_place place(const struct group_audit *ga, const struct nsg_rule *rule)
{
    return (struct squid_place){ga->file->label, rule == NULL ? 0 : rule->line};
}

/* Ask, and put the answer among the verdicts. */
static enum nsg_answer ask(struct group_audit *ga, const struct nsg_packet *p, const char *from,
                           const char *to, const struct nsg_rule **by)
{
    static const char *const words[] = {"allow", "deny", "undecided"};
    enum nsg_answer answer = nsg_ask(ga->g, p, by);
    struct audit_verdict v = {.from = from,
                              .to = arena_printf(ga->a->arena, "%s:%u", to, p->port),
                              .answer = words[answer],
                              .at = place(ga, *by)};

    v.by = *by == NULL ? "no rule says anything" : rule_text(ga, *by);
    if (answer == NSG_UNDECIDED && *by != NULL)
        v.by = arena_printf(ga->a->arena, "depends on members or ranges of %s, which are elsewhere",
                            rule_text(ga, *by));
    audit_answer(ga->a, ga->file, v);
    return answer;
}

/* --- the sensors --- */

/* The priority that a new rule needs, at most `most`, to be looked at before another one. */
static unsigned priority_before(const struct nsg_rule *rule, unsigned most)
{
    return rule != NULL && rule->priority > 1 && rule->priority <= most ? rule->priority - 1 : most;
}

/* `before`: the rule that the new one must come before. */
static const char *sensor_rule(struct group_audit *ga, const char *source,
                               const struct nsg_rule *before)
{
    unsigned priority = priority_before(before, 100);

    return arena_printf(
        ga->a->arena, "priority %u: Allow Tcp from %s to %s port %u", priority, source,
        ga->destination.family != 0 ? ga->destination_text : "LOAD-BALANCER", ga->port);
}

/*
 * A rule that lets it pass to another private address than the one that it uses. Azure applies a
 * group behind the balancer: there a packet's destination is the member's own address ("Virtual
 * machines in load-balanced pools" of the vendor's page on network security groups).
 */
static const struct nsg_rule *rule_to_members(struct group_audit *ga, struct nsg_packet p)
{
    for (size_t i = 0; i < ga->g->n_rules; i++) {
        const struct nsg_rule *rule = &ga->g->rules[i], *by;

        if (!rule->inbound || !rule->allow || rule->builtin || rule->n_destinations != 1 ||
            !nsg_prefix_sample(rule->destinations[0], &p.destination) ||
            addr_kind(&p.destination) != ADDR_PRIVATE)
            continue;
        if (nsg_ask(ga->g, &p, &by) == NSG_ALLOW && by == rule)
            return rule;
    }
    return NULL;
}

/* Does the rule name this one address and nothing else? */
static bool names_only(const struct nsg_rule *rule, const struct addr *address)
{
    struct addr named;
    size_t len =
        address->family != 0 && rule->n_destinations == 1 ? strcspn(rule->destinations[0], "/") : 0;

    return len > 0 &&
           (rule->destinations[0][len] == '\0' ||
            strcmp(rule->destinations[0] + len, "/32") == 0) &&
           nsg_prefix_sample(rule->destinations[0], &named) && addr_same_ip(&named, address);
}

/* Once for each group. */
static void say_balancer_only(struct group_audit *ga, const struct nsg_rule *rule)
{
    if (ga->balancer_only)
        return;
    ga->balancer_only = true;
    audit_find(ga->a, ga->file, AUDIT_INFO, "balancer-address-only", place(ga, rule),
               arena_printf(ga->a->arena, "%s names %s and no other address", rule_text(ga, rule),
                            ga->destination_text),
               "That is how the vendor's article has it. If it is a balancer without floating IP, "
               "Azure compares the members' own addresses: where sensors then meet silence, this "
               "is why.",
               "the destination VirtualNetwork, which holds both");
}

static void check_sensor(struct group_audit *ga, const struct addr *source, const char *name)
{
    struct nsg_packet p = {.inbound = true,
                           .protocol = "Tcp",
                           .source = *source,
                           .destination = ga->destination,
                           .port = ga->port};
    const struct nsg_rule *by, *members;
    enum nsg_answer answer;

    answer = ask(ga, &p, name, ga->destination_text, &by);
    members = answer == NSG_DENY ? rule_to_members(ga, p) : NULL;
    if (members != NULL)
        audit_find(ga->a, ga->file, AUDIT_WARNING, "sensor-to-members", place(ga, members),
                   arena_printf(ga->a->arena, "%s reaches %s:%u by %s, and not %s", name,
                                members->destinations[0], ga->port, rule_text(ga, members),
                                ga->destination_text),
                   "Right if these are the proxies' own addresses: behind a balancer without "
                   "floating IP, that is what Azure compares. Wrong if it is a mistake.",
                   sensor_rule(ga, name, by));
    else if (answer == NSG_DENY)
        audit_find(ga->a, ga->file, AUDIT_ERROR, "sensor-denied", place(ga, by),
                   arena_printf(ga->a->arena, "%s cannot reach %s:%u: %s", name,
                                ga->destination_text, ga->port, rule_text(ga, by)),
                   "No rule with a smaller priority allows it.", sensor_rule(ga, name, by));
    else if (answer == NSG_ALLOW && by->builtin)
        audit_find(ga->a, ga->file, AUDIT_INFO, "sensor-by-default", place(ga, by),
                   arena_printf(ga->a->arena, "%s passes by the built-in %s alone", name,
                                rule_text(ga, by)),
                   "A rule that denies all (4096) would shut it out.", sensor_rule(ga, name, NULL));
    else if (answer == NSG_ALLOW && names_only(by, &ga->destination))
        say_balancer_only(ga, by);
}

static void check_sensors(struct group_audit *ga)
{
    struct addr source;
    size_t asked = 0;
    char text[ADDR_TEXT];

    for (size_t i = 0; i < ga->a->n_sensors; i++, asked++)
        check_sensor(ga, &ga->a->sensors[i],
                     arena_strdup(ga->a->arena, addr_text(&ga->a->sensors[i], text)));
    /* No address was given: one of each rule that is meant for sensors. */
    for (size_t i = 0; ga->a->n_sensors == 0 && i < ga->g->n_rules; i++) {
        const struct nsg_rule *rule = &ga->g->rules[i];

        if (!rule->inbound || !rule->allow || rule->builtin || !nsg_rule_has_port(rule, ga->port))
            continue;
        for (size_t k = 0; k < rule->n_sources && asked < AUDIT_SOURCES_MAX; k++) {
            if (!nsg_prefix_sample(rule->sources[k], &source) ||
                addr_kind(&source) == ADDR_UNSPECIFIED)
                continue;
            check_sensor(ga, &source,
                         arena_printf(ga->a->arena, "%s (%s)", addr_text(&source, text),
                                      rule_text(ga, rule)));
            asked++;
        }
    }
    if (asked == 0 && addr_parse("10.255.255.254", &source))
        check_sensor(ga, &source, "any private address");
}

/* --- probe, deny-all, Bastion, outbound --- */

/* A rule of the user's that denies everything inbound. */
static const struct nsg_rule *find_deny_all(const struct nsg *g)
{
    for (size_t i = 0; i < g->n_rules; i++) {
        const struct nsg_rule *r = &g->rules[i];

        if (r->inbound && !r->allow && !r->builtin && strcmp(r->protocol, "*") == 0 &&
            r->n_sources == 1 && strcmp(r->sources[0], "*") == 0 && r->n_ports == 1 &&
            strcmp(r->ports[0], "*") == 0)
            return r;
    }
    return NULL;
}

static void check_probe(struct group_audit *ga)
{
    struct nsg_packet p = {.inbound = true,
                           .protocol = "Tcp",
                           .source_tag = "AzureLoadBalancer",
                           .destination = ga->destination,
                           .port = ga->port};
    const struct nsg_rule *by;

    addr_parse("168.63.129.16", &p.source); /* where it comes from, for rules by address */
    if (ask(ga, &p, "AzureLoadBalancer (health probe)", "proxy", &by) == NSG_DENY)
        audit_find(
            ga->a, ga->file, AUDIT_ERROR, "probe-denied", place(ga, by),
            arena_printf(ga->a->arena, "the health probe is blocked by %s", rule_text(ga, by)),
            "The balancer then takes every backend for dead; rule 65001, which allows the "
            "probe, comes later.",
            arena_printf(ga->a->arena,
                         "priority %u: Allow * from AzureLoadBalancer to * port * (a copy "
                         "of 65001)",
                         priority_before(by, 4095)));
}

static void check_deny_all(struct group_audit *ga)
{
    const struct nsg_rule *deny = find_deny_all(ga->g);

    if (deny == NULL) {
        audit_find(ga->a, ga->file, AUDIT_WARNING, "no-deny-all", place(ga, NULL),
                   "no rule denies all other inbound traffic",
                   "The built-in rule 65000 lets the whole virtual network and all sites behind "
                   "its gateways reach every port of the proxies.",
                   "priority 4096: Deny * from * to * port *");
        return;
    }
    for (size_t i = 0; i < ga->g->n_rules; i++) {
        const struct nsg_rule *r = &ga->g->rules[i];

        if (r->inbound && !r->builtin && r->priority > deny->priority)
            audit_find(
                ga->a, ga->file, AUDIT_WARNING, "rule-dead", place(ga, r),
                arena_printf(ga->a->arena, "%s never decides", rule_text(ga, r)),
                arena_printf(ga->a->arena, "%s denies everything before it.", rule_text(ga, deny)),
                arena_printf(ga->a->arena, "give it a priority below %u", deny->priority));
    }
}

/* A rule meant for Bastion (port 22, by port or name) must not be hidden by another one. */
static void check_bastion(struct group_audit *ga)
{
    for (size_t i = 0; i < ga->g->n_rules; i++) {
        const struct nsg_rule *r = &ga->g->rules[i], *by;
        struct nsg_packet p = {.inbound = true, .protocol = "Tcp", .port = 22};
        char text[ADDR_TEXT];

        if (!r->inbound || !r->allow || r->builtin || !nsg_rule_has_port(r, 22) ||
            (r->n_ports == 1 && strcmp(r->ports[0], "*") == 0) || r->n_sources == 0)
            continue;
        if (strcmp(r->sources[0], "*") == 0 || strcasecmp(r->sources[0], "Internet") == 0) {
            audit_find(ga->a, ga->file, AUDIT_WARNING, "ssh-open", place(ga, r),
                       arena_printf(ga->a->arena, "SSH is open to everybody: %s", rule_text(ga, r)),
                       "Bastion needs its own subnet as the source, and nothing more.",
                       "sourceAddressPrefix: the AzureBastionSubnet, such as 10.0.0.64/26");
            continue;
        }
        if (!nsg_prefix_sample(r->sources[0], &p.source))
            continue;
        if (r->n_destinations > 0)
            nsg_prefix_sample(r->destinations[0], &p.destination);
        if (ask(ga, &p, arena_printf(ga->a->arena, "%s (Bastion)", addr_text(&p.source, text)),
                "proxy", &by) == NSG_DENY)
            audit_find(ga->a, ga->file, AUDIT_ERROR, "bastion-denied", place(ga, r),
                       arena_printf(ga->a->arena, "%s is never reached: %s decides first",
                                    rule_text(ga, r), rule_text(ga, by)),
                       "The smaller priority is looked at first.",
                       arena_printf(ga->a->arena, "give it a priority below %u", by->priority));
    }
}

static void check_internet(struct group_audit *ga)
{
    struct nsg_packet in = {.inbound = true,
                            .protocol = "Tcp",
                            .source_tag = "Internet",
                            .destination = ga->destination,
                            .port = ga->port};
    struct nsg_packet out = {.protocol = "Tcp", .destination_tag = "Internet", .port = 443};
    const struct nsg_rule *by;

    if (nsg_ask(ga->g, &in, &by) == NSG_ALLOW)
        audit_find(ga->a, ga->file, AUDIT_WARNING, "open-to-internet", place(ga, by),
                   arena_printf(ga->a->arena, "port %u is open to the internet: %s", ga->port,
                                rule_text(ga, by)),
                   "Only the sensors' networks need it.",
                   "sourceAddressPrefixes: the sensors' networks");
    if (ask(ga, &out, "proxy", "Internet", &by) == NSG_DENY)
        audit_find(
            ga->a, ga->file, AUDIT_ERROR, "outbound-denied", place(ga, by),
            arena_printf(ga->a->arena, "the proxy cannot reach the cloud: %s", rule_text(ga, by)),
            "Outbound TCP 443 to the endpoints is what the proxy is for.",
            "Allow Tcp outbound to Internet (or AzureIoTHub, Storage, EventHub) port 443");
}

static void find_destination(struct group_audit *ga)
{
    const struct site *site = ga->a->site;
    struct addr any;

    ga->destination_text = "load balancer";
    if (ga->a->n_balancers > 0 && addr_parse(ga->a->balancers[0], &ga->destination)) {
        ga->destination_text = ga->a->balancers[0];
        return;
    }
    if (site->n_proxies > 0 && addr_parse(site->proxies[0]->host, &ga->destination)) {
        ga->destination_text = site->proxies[0]->host;
        return;
    }
    ga->destination.family = 0;
    for (size_t i = 0; i < ga->g->n_rules; i++) {
        const struct nsg_rule *r = &ga->g->rules[i];

        if (r->inbound && r->allow && !r->builtin && nsg_rule_has_port(r, ga->port) &&
            r->n_destinations > 0 && strchr(r->destinations[0], '/') == NULL &&
            addr_parse(r->destinations[0], &any)) {
            ga->destination = any;
            ga->destination_text = r->destinations[0];
            return;
        }
    }
}

int audit_nsg(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
              struct fault *f)
{
    struct nsg *groups;
    size_t n;

    if (nsg_read(a->arena, file->label, bytes, len, &groups, &n, f) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct group_audit ga = {.a = a, .file = file, .g = &groups[i], .port = 3128};

        if (a->site->n_proxies > 0)
            ga.port = a->site->proxies[0]->port;
        find_destination(&ga);
        check_sensors(&ga);
        check_probe(&ga);
        check_deny_all(&ga);
        check_bastion(&ga);
        check_internet(&ga);
    }
    return 0;
}
