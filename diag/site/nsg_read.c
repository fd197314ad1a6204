/* nsg_read: see nsg_read.h. */
#include "diag/site/nsg_read.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/azure_export.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 120 };

/* --- security groups --- */

/* The single member and the list, as both exist and one of them is empty. */
static void read_values(const struct export *s, json_t *rule, const char *one, const char *many,
                        const char ***list, size_t *n)
{
    const char *single = export_text(s, rule, one);
    json_t *values = export_member(rule, many), *value;
    size_t i;

    if (single != NULL && single[0] != '\0')
        list_push(s->arena, *list, *n, single);
    json_array_foreach(values, i, value)
    {
        if (i < NSG_ITEMS_MAX && json_is_string(value))
            list_push(s->arena, *list, *n,
                      text_printable(s->arena, json_string_value(value), json_string_length(value),
                                     SHOWN));
    }
}

static bool has_items(json_t *rule, const char *name)
{
    return json_array_size(export_member(rule, name)) > 0;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return word != NULL && (strcasecmp(word, one) == 0 || strcasecmp(word, other) == 0);
}

/* A member that is there is a text; one that is not would be left out, and the rule mean more. */
static bool is_text(json_t *rule, const char *name)
{
    json_t *value = export_member(rule, name);

    return value == NULL || json_is_string(value);
}

static bool is_texts(json_t *rule, const char *name)
{
    json_t *values = export_member(rule, name), *value;
    size_t i;

    if (values != NULL && (!json_is_array(values) || json_array_size(values) > NSG_ITEMS_MAX))
        return false;
    json_array_foreach(values, i, value)
    {
        if (!json_is_string(value))
            return false;
    }
    return true;
}

/* What of a rule is not as Azure writes it; NULL: nothing. A rule left out would change the rest.
 */
static const char *defect(const struct export *s, json_t *rule)
{
    static const char *const single[] = {"protocol", "sourceAddressPrefix",
                                         "destinationAddressPrefix", "destinationPortRange"};
    static const char *const several[] = {"sourceAddressPrefixes", "destinationAddressPrefixes",
                                          "destinationPortRanges"};

    if (!is_one_of(export_text(s, rule, "direction"), "Inbound", "Outbound"))
        return "direction";
    if (!is_one_of(export_text(s, rule, "access"), "Allow", "Deny"))
        return "access";
    if (export_number(rule, "priority") == 0)
        return "priority";
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        if (!is_text(rule, single[i]))
            return single[i];
    }
    for (size_t i = 0; i < sizeof several / sizeof several[0]; i++) {
        if (!is_texts(rule, several[i]))
            return several[i];
    }
    return NULL;
}

static int read_rule(const struct export *s, struct nsg *g, json_t *json, struct fault *f)
{
    struct nsg_rule r = {.name = export_text(s, json, "name"),
                         .priority = export_number(json, "priority")};
    const char *direction = export_text(s, json, "direction"),
               *access = export_text(s, json, "access");
    const char *wrong = defect(s, json);
    unsigned long line = export_line(s, r.name);

    if (wrong != NULL)
        return fault_at(f, s->label, line > 0 ? line : 1,
                        "a rule (%s) has no usable \"%s\"; export the group again",
                        r.name == NULL ? "without a name" : r.name, wrong);
    if (g->n_rules >= NSG_RULES_MAX)
        return fault_at(f, s->label, line > 0 ? line : 1,
                        "more than %d rules; a group of Azure has at most 1000", NSG_RULES_MAX);
    r.name = r.name == NULL ? "" : r.name;
    r.line = line;
    r.inbound = strcasecmp(direction, "Inbound") == 0;
    r.allow = strcasecmp(access, "Allow") == 0;
    r.protocol = export_text(s, json, "protocol");
    r.protocol = r.protocol == NULL ? "*" : r.protocol;
    r.builtin = r.priority >= 65000;
    read_values(s, json, "sourceAddressPrefix", "sourceAddressPrefixes", &r.sources, &r.n_sources);
    read_values(s, json, "destinationAddressPrefix", "destinationAddressPrefixes", &r.destinations,
                &r.n_destinations);
    read_values(s, json, "destinationPortRange", "destinationPortRanges", &r.ports, &r.n_ports);
    r.groups = has_items(json, "sourceApplicationSecurityGroups") ||
               has_items(json, "destinationApplicationSecurityGroups");
    list_push(s->arena, g->rules, g->n_rules, r);
    return 0;
}

/* The rules that every group ends with, for exports that leave them out. */
static void add_defaults(const struct export *s, struct nsg *g)
{
    static const char *any[] = {"*"}, *network[] = {"VirtualNetwork"},
                      *balancer[] = {"AzureLoadBalancer"}, *internet[] = {"Internet"};
    const struct nsg_rule rules[] = {
        {"AllowVnetInBound", 0, 65000, true, true, "*", network, network, 1, 1, any, 1, false,
         true},
        {"AllowAzureLoadBalancerInBound", 0, 65001, true, true, "*", balancer, any, 1, 1, any, 1,
         false, true},
        {"DenyAllInBound", 0, 65500, true, false, "*", any, any, 1, 1, any, 1, false, true},
        {"AllowVnetOutBound", 0, 65000, false, true, "*", network, network, 1, 1, any, 1, false,
         true},
        {"AllowInternetOutBound", 0, 65001, false, true, "*", any, internet, 1, 1, any, 1, false,
         true},
        {"DenyAllOutBound", 0, 65500, false, false, "*", any, any, 1, 1, any, 1, false, true},
    };

    for (size_t i = 0; i < g->n_rules; i++) {
        if (g->rules[i].builtin)
            return;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        list_push(s->arena, g->rules, g->n_rules, rules[i]);
}

static int by_priority(const void *a, const void *b)
{
    const struct nsg_rule *x = a, *y = b;

    return (x->priority > y->priority) - (x->priority < y->priority);
}

/* `az network nsg rule list`: the rules alone, as a list. */
static bool is_rule_list(json_t *json)
{
    json_t *first = json_array_get(json, 0);

    return export_member(first, "direction") != NULL &&
           export_member(first, "securityRules") == NULL;
}

static int read_group(const struct export *s, json_t *json, struct nsg *g, struct fault *f)
{
    bool bare = is_rule_list(json);
    json_t *rules = bare ? json : export_member(json, "securityRules");
    json_t *defaults = bare ? NULL : export_member(json, "defaultSecurityRules");
    json_t *rule;
    size_t i;
    int rc = 0;

    if (!json_is_array(rules))
        return fault_at(f, s->label, 1,
                        "is no network security group: it has no list \"securityRules\"; export it "
                        "with az network nsg show");
    g->name = bare ? NULL : export_text(s, json, "name");
    for (i = 0; rc == 0 && i < json_array_size(rules); i++)
        rc = read_rule(s, g, json_array_get(rules, i), f);
    json_array_foreach(defaults, i, rule)
    {
        if (rc == 0)
            rc = read_rule(s, g, rule, f);
    }
    if (rc != 0)
        return -1;
    add_defaults(s, g);
    qsort(g->rules, g->n_rules, sizeof *g->rules, by_priority);
    return 0;
}

int nsg_read(struct arena *a, const char *label, const char *bytes, size_t len, struct nsg **groups,
             size_t *n, struct fault *f)
{
    struct export s = {a, label, bytes, len};
    json_t *root = export_load(&s, f), *one;
    bool several;
    size_t i;
    int rc = 0;

    if (root == NULL)
        return -1;
    *groups = NULL;
    *n = 0;
    several = json_is_array(root) && !is_rule_list(root);
    for (i = 0; rc == 0 && i < (several ? json_array_size(root) : 1); i++) {
        struct nsg g = {0};

        one = several ? json_array_get(root, i) : root;
        rc = read_group(&s, one, &g, f);
        if (rc == 0 && *n < NSG_GROUPS_MAX)
            list_push(a, *groups, *n, g);
    }
    json_decref(root);
    if (rc == 0 && *n == 0)
        return fault_at(f, label, 1, "holds no network security group; export one");
    return rc;
}
