/* check_nsg: security groups and load balancers: priorities, prefixes, both forms of export. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/site/balancer_read.h"
#include "diag/site/nsg_read.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct nsg *groups;
static size_t n_groups;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

/* A group of rules "PRIORITY ACCESS PROTOCOL SOURCE DESTINATION PORT", inbound. */
static void make(const char *const *rules, size_t n)
{
    char text[8192];
    size_t end = (size_t)snprintf(text, sizeof text, "{\"name\": \"g\", \"securityRules\": [");
    struct fault f;

    for (size_t i = 0; i < n; i++) {
        char word[6][40];

        ck_assert_int_eq(sscanf(rules[i], "%39s %39s %39s %39s %39s %39s", word[0], word[1],
                                word[2], word[3], word[4], word[5]),
                         6);
        end += (size_t)snprintf(
            text + end, sizeof text - end,
            "%s{\"name\": \"r%s\", \"properties\": {\"priority\": %s, \"access\": \"%s\", "
            "\"direction\": \"Inbound\", \"protocol\": \"%s\", \"sourceAddressPrefix\": \"%s\", "
            "\"destinationAddressPrefix\": \"%s\", \"destinationPortRange\": \"%s\"}}",
            i > 0 ? ", " : "", word[0], word[0], word[1], word[2], word[3], word[4], word[5]);
    }
    snprintf(text + end, sizeof text - end, "]}");
    ck_assert_msg(nsg_read(arena, "g.json", text, strlen(text), &groups, &n_groups, &f) == 0, "%s",
                  f.text);
    ck_assert_uint_eq(n_groups, 1);
}

static const struct {
    const char *rules[4];
    const char *source, *tag;
    unsigned port;
    enum nsg_answer answer;
    const char *by;
} cases[] = {
    {{"100 Allow Tcp 10.1.0.0/16 10.0.0.4 3128"}, "10.1.2.3", NULL, 3128, NSG_ALLOW, "r100"},
    {{"100 Allow Tcp 10.1.0.0/16 10.0.0.4 3128", "4096 Deny * * * *"},
     "10.2.0.1",
     NULL,
     3128,
     NSG_DENY,
     "r4096"},
    /* the smaller priority is first, wherever it stands */
    {{"200 Deny * * * *", "100 Allow Tcp 10.1.0.0/16 10.0.0.4 3128"},
     "10.1.0.1",
     NULL,
     3128,
     NSG_ALLOW,
     "r100"},
    {{"100 Allow Tcp 10.1.0.0/16 10.0.0.4 3128", "90 Deny Tcp 10.1.0.7 * *"},
     "10.1.0.7",
     NULL,
     3128,
     NSG_DENY,
     "r90"},
    /* the built-in rules stand behind an export without them */
    {{"100 Allow Tcp 10.1.0.0/16 10.0.0.4 3128"},
     "10.9.0.1",
     NULL,
     3128,
     NSG_ALLOW,
     "AllowVnetInBound"},
    {{"100 Allow Tcp 10.1.0.0/16 10.0.0.4 3128"},
     "8.8.8.8",
     NULL,
     3128,
     NSG_DENY,
     "DenyAllInBound"},
    {{NULL},
     "168.63.129.16",
     "AzureLoadBalancer",
     3128,
     NSG_ALLOW,
     "AllowAzureLoadBalancerInBound"},
    {{"4096 Deny * * * *"}, "168.63.129.16", "AzureLoadBalancer", 3128, NSG_DENY, "r4096"},
    {{"4095 Allow * AzureLoadBalancer * *", "4096 Deny * * * *"},
     "168.63.129.16",
     "AzureLoadBalancer",
     3128,
     NSG_ALLOW,
     "r4095"},
    {{"100 Allow Udp * * *", "101 Deny Tcp * * 3000-3200"},
     "10.1.0.1",
     NULL,
     3128,
     NSG_DENY,
     "r101"},
    {{"100 Allow Tcp * * 3129-65535", "101 Deny * * * *"},
     "10.1.0.1",
     NULL,
     3128,
     NSG_DENY,
     "r101"},
    /* a service tag's ranges are elsewhere */
    {{"100 Allow Tcp AzureCloud * 3128", "4096 Deny * * * *"},
     "20.1.2.3",
     NULL,
     3128,
     NSG_UNDECIDED,
     "r100"},
    {{"100 Deny Tcp AzureCloud * 3128", "4096 Deny * * * *"},
     "20.1.2.3",
     NULL,
     3128,
     NSG_DENY,
     "r4096"},
};

START_TEST(the_right_rule_decides)
{
    struct nsg_packet p = {
        .inbound = true, .protocol = "Tcp", .source_tag = cases[_i].tag, .port = cases[_i].port};
    const struct nsg_rule *by;
    size_t n = 0;

    while (n < 4 && cases[_i].rules[n] != NULL)
        n++;
    make(cases[_i].rules, n);
    ck_assert(addr_parse(cases[_i].source, &p.source));
    ck_assert(addr_parse("10.0.0.4", &p.destination));
    ck_assert_int_eq(nsg_ask(&groups[0], &p, &by), cases[_i].answer);
    ck_assert_str_eq(by->name, cases[_i].by);
}
END_TEST

START_TEST(prefixes)
{
    struct addr a;

    ck_assert(addr_parse("10.1.2.3", &a));
    ck_assert(nsg_prefix_has("10.1.2.0/24", &a));
    ck_assert(nsg_prefix_has("10.1.2.3", &a));
    ck_assert(nsg_prefix_has("0.0.0.0/0", &a));
    ck_assert(!nsg_prefix_has("10.1.2.4/31", &a));
    ck_assert(!nsg_prefix_has("10.1.2.0/33", &a));
    ck_assert(!nsg_prefix_has("2001:db8::/32", &a));
    ck_assert(!nsg_prefix_has("VirtualNetwork", &a));
}
END_TEST

/* Every beginning of an export is invalid JSON, and so a fault; never a crash. */
START_TEST(truncations_are_faults)
{
    static const char text[] =
        "{\"name\": \"lb\", \"loadBalancingRules\": [{\"name\": \"r\", \"frontendPort\": 3128, "
        "\"backendPort\": \"3128\", \"probe\": {\"id\": \"/a/p\"}}], \"probes\": [{\"name\": "
        "\"p\", \"port\": 3128}], \"frontendIPConfigurations\": [{\"privateIPAddress\": "
        "\"10.0.0.4\"}], \"securityRules\": [{\"direction\": \"Inbound\", \"access\": "
        "\"Deny\", \"priority\": 100}]}";
    struct balancer b;
    struct fault f;

    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *copy = malloc(len + 1);

        memcpy(copy, text, len);
        ck_assert_int_eq(nsg_read(arena, "x", copy, len, &groups, &n_groups, &f), -1);
        ck_assert_int_eq(balancer_read(arena, "x", copy, len, &b, &f), -1);
        free(copy);
    }
    ck_assert_int_eq(nsg_read(arena, "x", text, sizeof text - 1, &groups, &n_groups, &f), 0);
    ck_assert_int_eq(balancer_read(arena, "x", text, sizeof text - 1, &b, &f), 0);
    ck_assert_uint_eq(b.rules[0].backend_port, 3128);
    ck_assert_str_eq(b.rules[0].probe, "p");
    ck_assert_str_eq(b.addresses[0], "10.0.0.4");
}
END_TEST

/* Whatever is missing at its end, the exports of the way out are refused with a word. */
START_TEST(exports_of_the_way_out_are_read_whole)
{
    static const char text[] =
        "[{\"name\": \"n\", \"id\": \"/x/virtualNetworks/v/subnets/n\", \"port\": 3128, "
        "\"protocol\": \"Tcp\", \"loadBalancingRules\": [{}], \"idleTimeoutInMinutes\": 10, "
        "\"publicIpAddresses\": [{}], \"subnets\": [{\"id\": "
        "\"/x/virtualNetworks/v/subnets/s\"}, {}, 7], \"routes\": [{\"addressPrefix\": "
        "\"0.0.0.0/0\", \"nextHopType\": \"None\"}, {\"nextHopType\": 1}], \"natGateway\": {}}, 3]";
    struct balancer_probe *probes;
    struct nat_gateway *gateways;
    struct route_table *tables;
    struct azure_subnet *subnets;
    struct fault f;
    size_t n;

    for (size_t len = 0; len < sizeof text - 1; len++) {
        char *copy = malloc(len + 1);

        memcpy(copy, text, len);
        ck_assert_int_eq(probes_read(arena, "x", copy, len, &probes, &n, &f), -1);
        ck_assert_int_eq(nat_read(arena, "x", copy, len, &gateways, &n, &f), -1);
        ck_assert_int_eq(routes_read(arena, "x", copy, len, &tables, &n, &f), -1);
        ck_assert_int_eq(subnets_read(arena, "x", copy, len, &subnets, &n, &f), -1);
        free(copy);
    }
    ck_assert_int_eq(probes_read(arena, "x", text, sizeof text - 1, &probes, &n, &f), 0);
    ck_assert(n == 2 && probes[0].port == 3128 && probes[0].used && probes[1].name == NULL);
    ck_assert_int_eq(nat_read(arena, "x", text, sizeof text - 1, &gateways, &n, &f), 0);
    ck_assert(gateways[0].n_addresses == 1 && gateways[0].n_subnets == 1);
    ck_assert_str_eq(gateways[0].subnets[0], "v/s");
    ck_assert_int_eq(routes_read(arena, "x", text, sizeof text - 1, &tables, &n, &f), 0);
    ck_assert(tables[0].n_routes == 1 && tables[0].n_subnets == 3);
    ck_assert_int_eq(subnets_read(arena, "x", text, sizeof text - 1, &subnets, &n, &f), 0);
    ck_assert(subnets[0].nat && subnets[0].default_outbound == SAID_NOTHING);
    ck_assert_str_eq(subnets[0].id, "v/n");
}
END_TEST

/* Ids of real subscriptions are longer than other texts may be. */
START_TEST(a_long_id_keeps_its_end)
{
    static const char text[] =
        "{\"loadBalancingRules\": [{\"name\": \"r\", \"probe\": {\"id\": "
        "\"/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333/resourceGroups/"
        "rg-defender-for-iot-plant-north/providers/Microsoft.Network/loadBalancers/lb-proxy/probes/"
        "squid\"}}]}";
    struct balancer b;
    struct fault f;

    ck_assert_int_eq(balancer_read(arena, "x", text, strlen(text), &b, &f), 0);
    ck_assert_str_eq(b.rules[0].probe, "squid");
}
END_TEST

#define RULE(more)                                                                                 \
    "{\"name\": \"r\", \"access\": \"Deny\", \"direction\": \"Inbound\", \"priority\": 100" more "}"

START_TEST(the_bare_list_of_rules_is_a_group)
{
    static const char text[] = "[" RULE(", \"protocol\": \"*\", \"sourceAddressPrefix\": \"*\", "
                                        "\"destinationAddressPrefix\": \"*\", "
                                        "\"destinationPortRange\": \"*\"") "]";
    struct nsg_packet p = {.inbound = true, .protocol = "Tcp", .port = 3128};
    const struct nsg_rule *by;
    struct fault f;

    ck_assert_int_eq(nsg_read(arena, "g.json", text, strlen(text), &groups, &n_groups, &f), 0);
    ck_assert_uint_eq(n_groups, 1);
    ck_assert(addr_parse("10.1.2.3", &p.source) && addr_parse("10.0.0.4", &p.destination));
    ck_assert_int_eq(nsg_ask(&groups[0], &p, &by), NSG_DENY);
    ck_assert_str_eq(by->name, "r");
}
END_TEST

/* A rule that cannot be read must not be left out: what it denies would be allowed. */
START_TEST(a_rule_of_wrong_types_is_a_fault)
{
    static const char *const rules[] = {
        RULE(", \"sourceAddressPrefix\": 7"),
        RULE(", \"destinationPortRange\": 3128"),
        RULE(", \"destinationPortRanges\": \"3128\""),
        RULE(", \"sourceAddressPrefixes\": [\"10.0.0.0/8\", 5]"),
        RULE(", \"protocol\": {}"),
        "{\"name\": \"r\", \"direction\": \"Inbound\", \"priority\": 100}",
        "{\"name\": \"r\", \"access\": \"Deny\", \"direction\": [], \"priority\": 100}",
        "{\"name\": \"r\", \"access\": \"Deny\", \"direction\": \"Inbound\", \"priority\": \"a\"}",
        "{\"name\": \"r\", \"access\": \"No\", \"direction\": \"Inbound\", \"priority\": 100}",
        "5",
        "null",
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char text[400];
        struct fault f;

        snprintf(text, sizeof text, "{\"securityRules\": [%s]}", rules[i]);
        ck_assert_msg(nsg_read(arena, "g.json", text, strlen(text), &groups, &n_groups, &f) == -1,
                      "%s", text);
    }
}
END_TEST

START_TEST(what_is_no_group_is_a_fault)
{
    static const char *const texts[] = {"[]",   "{}",  "[1]", "{\"securityRules\": 1}",
                                        "[[]]", "null"};
    struct fault f;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_int_eq(nsg_read(arena, "x", texts[i], strlen(texts[i]), &groups, &n_groups, &f),
                         -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nsg");
    TCase *tests = tcase_create("nsg");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, the_right_rule_decides, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, prefixes);
    tcase_add_test(tests, truncations_are_faults);
    tcase_add_test(tests, what_is_no_group_is_a_fault);
    tcase_add_test(tests, exports_of_the_way_out_are_read_whole);
    tcase_add_test(tests, a_long_id_keeps_its_end);
    tcase_add_test(tests, the_bare_list_of_rules_is_a_group);
    tcase_add_test(tests, a_rule_of_wrong_types_is_a_fault);
    return run_case(suite, tests);
}
