/* nsg_read: see nsg_read.h. */
#include "diag/site/nsg_read.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A group holds at most 1,000 rules; looking for the lines of larger files takes too long. */
enum { SHOWN = 120, LINES_OF_MAX = 2 * 1024 * 1024 };

/* The file, for the lines that jansson does not keep. */
struct source {
    struct arena *arena;
    const char *label, *bytes;
    size_t len;
};

/* A member in either form, its name in any case. */
static json_t *member(json_t *object, const char *name)
{
    json_t *forms[2] = {object, json_object_get(object, "properties")};
    const char *key;
    json_t *value;

    for (size_t i = 0; i < 2; i++) {
        json_object_foreach(forms[i], key, value)
        {
            if (strcasecmp(key, name) == 0 && !json_is_null(value))
                return value;
        }
    }
    return NULL;
}

static const char *text_of(const struct source *s, json_t *object, const char *name)
{
    json_t *value = member(object, name);

    return json_is_string(value) ? text_printable(s->arena, json_string_value(value),
                                                  json_string_length(value), SHOWN)
                                 : NULL;
}

static unsigned number_of(json_t *object, const char *name)
{
    json_t *value = member(object, name);
    unsigned long number = 0;

    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) <= 65535)
        return (unsigned)json_integer_value(value);
    if (json_is_string(value) && text_parse_uint(json_string_value(value), 65535, &number))
        return (unsigned)number;
    return 0;
}

/* The line that says "name": "NAME"; 0 where none does. */
static unsigned long line_of(const struct source *s, const char *name)
{
    const char *p = s->bytes, *end = s->bytes + s->len, *quoted;
    unsigned long line = 1;

    if (name == NULL || s->len > LINES_OF_MAX)
        return 0;
    quoted = arena_printf(s->arena, "\"%s\"", name);
    for (; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));

        stop = stop == NULL ? end : stop;
        if (memmem(p, (size_t)(stop - p), "\"name\"", 6) != NULL &&
            memmem(p, (size_t)(stop - p), quoted, strlen(quoted)) != NULL)
            return line;
        p = stop + 1;
    }
    return 0;
}

static json_t *load(const struct source *s, struct fault *f)
{
    const char *bytes = s->bytes;
    size_t len = s->len;
    json_error_t error;
    json_t *root;

    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fault_at(f, s->label, (unsigned long)(error.line > 0 ? error.line : 1),
                 "no valid JSON: %s; export it again", error.text);
    return root;
}

/* --- security groups --- */

/* The single member and the list, as both exist and one of them is empty. */
static void read_values(const struct source *s, json_t *rule, const char *one, const char *many,
                        const char ***list, size_t *n)
{
    const char *single = text_of(s, rule, one);
    json_t *values = member(rule, many), *value;
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
    return json_array_size(member(rule, name)) > 0;
}

static bool is_one_of(const char *word, const char *one, const char *other)
{
    return word != NULL && (strcasecmp(word, one) == 0 || strcasecmp(word, other) == 0);
}

/* A member that is there is a text; one that is not would be left out, and the rule mean more. */
static bool is_text(json_t *rule, const char *name)
{
    json_t *value = member(rule, name);

    return value == NULL || json_is_string(value);
}

static bool is_texts(json_t *rule, const char *name)
{
    json_t *values = member(rule, name), *value;
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
static const char *defect(const struct source *s, json_t *rule)
{
    static const char *const single[] = {"protocol", "sourceAddressPrefix",
                                         "destinationAddressPrefix", "destinationPortRange"};
    static const char *const several[] = {"sourceAddressPrefixes", "destinationAddressPrefixes",
                                          "destinationPortRanges"};

    if (!is_one_of(text_of(s, rule, "direction"), "Inbound", "Outbound"))
        return "direction";
    if (!is_one_of(text_of(s, rule, "access"), "Allow", "Deny"))
        return "access";
    if (number_of(rule, "priority") == 0)
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

static int read_rule(const struct source *s, struct nsg *g, json_t *json, struct fault *f)
{
    struct nsg_rule r = {.name = text_of(s, json, "name"), .priority = number_of(json, "priority")};
    const char *direction = text_of(s, json, "direction"), *access = text_of(s, json, "access");
    const char *wrong = defect(s, json);
    unsigned long line = line_of(s, r.name);

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
    r.protocol = text_of(s, json, "protocol");
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
static void add_defaults(const struct source *s, struct nsg *g)
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

    return member(first, "direction") != NULL && member(first, "securityRules") == NULL;
}

static int read_group(const struct source *s, json_t *json, struct nsg *g, struct fault *f)
{
    bool bare = is_rule_list(json);
    json_t *rules = bare ? json : member(json, "securityRules");
    json_t *defaults = bare ? NULL : member(json, "defaultSecurityRules");
    json_t *rule;
    size_t i;
    int rc = 0;

    if (!json_is_array(rules))
        return fault_at(f, s->label, 1,
                        "is no network security group: it has no list \"securityRules\"; export it "
                        "with az network nsg show");
    g->name = bare ? NULL : text_of(s, json, "name");
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
    struct source s = {a, label, bytes, len};
    json_t *root = load(&s, f), *one;
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

/* --- load balancers --- */

bool nsg_recognize_balancer(const char *bytes, size_t len)
{
    return memmem(bytes, len, "\"loadBalancingRules\"", 20) != NULL &&
           memmem(bytes, len, "\"securityRules\"", 15) == NULL;
}

/* The last part of a resource's id. */
static const char *referred(const struct source *s, json_t *object, const char *name)
{
    json_t *to = member(object, name);
    const char *id = json_is_object(to) ? text_of(s, to, "id") : NULL, *slash;

    if (id == NULL)
        return NULL;
    slash = strrchr(id, '/');
    return slash == NULL ? id : slash + 1;
}

static void read_frontends(const struct source *s, json_t *root, struct balancer *b)
{
    json_t *one;
    size_t i;

    json_array_foreach(member(root, "frontendIPConfigurations"), i, one)
    {
        const char *address = text_of(s, one, "privateIPAddress");

        if (address != NULL && b->n_addresses < NSG_ITEMS_MAX)
            list_push(s->arena, b->addresses, b->n_addresses, address);
        b->public_frontend = b->public_frontend || member(one, "publicIPAddress") != NULL;
    }
}

int balancer_read(struct arena *a, const char *label, const char *bytes, size_t len,
                  struct balancer *b, struct fault *f)
{
    struct source s = {a, label, bytes, len};
    json_t *root = load(&s, f), *one, *sku, *top;
    size_t i;

    if (root == NULL)
        return -1;
    top = json_is_array(root) ? json_array_get(root, 0) : root;
    *b = (struct balancer){.name = text_of(&s, top, "name")};
    sku = member(top, "sku");
    b->sku = json_is_object(sku) ? text_of(&s, sku, "name") : NULL;
    read_frontends(&s, top, b);
    json_array_foreach(member(top, "loadBalancingRules"), i, one)
    {
        struct balancer_rule r = {.name = text_of(&s, one, "name"),
                                  .protocol = text_of(&s, one, "protocol"),
                                  .probe = referred(&s, one, "probe"),
                                  .frontend_port = number_of(one, "frontendPort"),
                                  .backend_port = number_of(one, "backendPort")};

        r.line = line_of(&s, r.name);
        if (i < NSG_RULES_MAX)
            list_push(a, b->rules, b->n_rules, r);
    }
    json_array_foreach(member(top, "probes"), i, one)
    {
        struct balancer_probe p = {.name = text_of(&s, one, "name"),
                                   .protocol = text_of(&s, one, "protocol"),
                                   .port = number_of(one, "port")};

        p.line = line_of(&s, p.name);
        if (i < NSG_RULES_MAX)
            list_push(a, b->probes, b->n_probes, p);
    }
    json_decref(root);
    return 0;
}
