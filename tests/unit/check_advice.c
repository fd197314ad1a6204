/* The choice of a method: the vendor's table and chart, row by row, and what is asked on the way.
 */
#include "diag/advice.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* "y" and "n" in the order of fact.def, "?" for what nobody said. */
static void set(enum tri facts[FACT_COUNT], const char *marks)
{
    ck_assert_uint_eq(strlen(marks), FACT_COUNT);
    for (int i = 0; i < FACT_COUNT; i++)
        facts[i] = marks[i] == 'y' ? TRI_YES : marks[i] == 'n' ? TRI_NO : TRI_UNKNOWN;
}

/*
 * other_cloud; private_connectivity, expressroute, vpn; proxy_needed, single_point;
 * private_addresses; throughput, sla, high_volume, no_internet; own_routers
 */
static const struct {
    const char *facts, *method, *way;
} decisions[] = {
    {"nnnnnn??????", "direct", NULL},
    {"nynnnn??????", "azure-proxy", NULL},
    {"nnynnn??????", "azure-proxy", NULL},
    {"nnnynn??????", "azure-proxy", NULL},
    {"nnnyyy??????", "azure-proxy", NULL}, /* also a proxy and a single point */
    {"nnnnyn??????", "proxy-chain", NULL},
    {"nnnnny??????", "proxy-chain", NULL},
    {"y?????n?????", "multicloud", "public IP addresses over the internet"},
    {"yyyyyyn?????", "multicloud", "public IP addresses over the internet"},
    {"y?????ynnnn?", "multicloud", "a site-to-site VPN over the internet"},
    {"y?????yynnny", "multicloud", "ExpressRoute with customer-managed routing"},
    {"y?????ynynny", "multicloud", "ExpressRoute with customer-managed routing"},
    {"y?????ynnynn", "multicloud", "ExpressRoute with a cloud exchange provider"},
    {"y?????ynnnyn", "multicloud", "ExpressRoute with a cloud exchange provider"},
};

START_TEST(the_vendors_table_row_by_row)
{
    enum tri facts[FACT_COUNT];
    const struct advice_rule *rule;
    enum fact missing;

    set(facts, decisions[_i].facts);
    rule = advice_find(facts, &missing);
    ck_assert_msg(rule != NULL, "%s: undecided", decisions[_i].facts);
    ck_assert_str_eq(names_word(&method_names, (int)rule->method), decisions[_i].method);
    if (decisions[_i].way == NULL)
        ck_assert_ptr_null(rule->way);
    else
        ck_assert_str_eq(rule->way, decisions[_i].way);
}
END_TEST

/* What is asked next, as long as nothing is decided. */
static const struct {
    const char *facts;
    enum fact asked;
} questions[] = {
    {"????????????", FACT_OTHER_CLOUD},       {"n???????????", FACT_PRIVATE_CONNECTIVITY},
    {"nn??????????", FACT_EXPRESSROUTE},      {"nnn?????????", FACT_VPN},
    {"nnnn????????", FACT_PROXY_NEEDED},      {"nnnnn???????", FACT_SINGLE_POINT},
    {"y???????????", FACT_PRIVATE_ADDRESSES}, {"y?????y?????", FACT_THROUGHPUT},
    {"y?????yy????", FACT_OWN_ROUTERS}, /* one is enough: the others are not asked */
    {"y?????ynn???", FACT_HIGH_VOLUME},
};

START_TEST(only_what_can_change_the_answer_is_asked)
{
    enum tri facts[FACT_COUNT];
    enum fact missing = FACT_COUNT;

    set(facts, questions[_i].facts);
    ck_assert_ptr_null(advice_find(facts, &missing));
    ck_assert_msg(missing == questions[_i].asked, "%s: asks for %s", questions[_i].facts,
                  names_word(&fact_names, (int)missing));
}
END_TEST

/* Every combination of answers leads to a decision, and no question comes twice. */
START_TEST(every_interview_ends)
{
    for (unsigned answers = 0; answers < 1U << FACT_COUNT; answers++) {
        enum tri facts[FACT_COUNT] = {TRI_UNKNOWN};
        enum fact missing;
        int asked = 0;

        while (advice_find(facts, &missing) == NULL) {
            ck_assert_int_eq(facts[missing], TRI_UNKNOWN);
            ck_assert_int_lt(asked++, FACT_COUNT);
            facts[missing] = (answers >> missing & 1) != 0 ? TRI_YES : TRI_NO;
        }
    }
}
END_TEST

/* The vendor's table and chart once more, in other words: read from the article, not from the
 * rules.
 */
static const char *vendor_says(const enum tri f[FACT_COUNT])
{
#define YES(fact) (f[FACT_##fact] == TRI_YES)
    if (YES(OTHER_CLOUD)) {
        bool more_than_a_vpn = YES(THROUGHPUT) || YES(SLA) || YES(HIGH_VOLUME) || YES(NO_INTERNET);

        if (!YES(PRIVATE_ADDRESSES))
            return "public IP addresses over the internet";
        if (!more_than_a_vpn)
            return "a site-to-site VPN over the internet";
        return YES(OWN_ROUTERS) ? "ExpressRoute with customer-managed routing"
                                : "ExpressRoute with a cloud exchange provider";
    }
    if (YES(PRIVATE_CONNECTIVITY) || YES(EXPRESSROUTE) || YES(VPN))
        return "azure-proxy";
    return YES(PROXY_NEEDED) || YES(SINGLE_POINT) ? "proxy-chain" : "direct";
#undef YES
}

START_TEST(every_combination_is_the_vendors_decision)
{
    for (unsigned answers = 0; answers < 1U << FACT_COUNT; answers++) {
        enum tri facts[FACT_COUNT];
        const struct advice_rule *rule;
        enum fact missing;

        for (int i = 0; i < FACT_COUNT; i++)
            facts[i] = (answers >> i & 1) != 0 ? TRI_YES : TRI_NO;
        rule = advice_find(facts, &missing);
        ck_assert_ptr_nonnull(rule);
        ck_assert_str_eq(rule->way != NULL ? rule->way
                                           : names_word(&method_names, (int)rule->method),
                         vendor_says(facts));
        ck_assert_uint_eq(advice_open(facts), 0);
    }
}
END_TEST

/* Facts that cannot all be meant, and near misses; a word of what is said. */
static const struct {
    const char *facts, *said;
} contradictions[] = {
    {"y?????n???y?", "avoid the internet"},
    {"yy????n?????", "avoid the internet"},
    {"y?????nn?y??", "high volumes"},
    {"nynn????????", "neither an ExpressRoute nor a VPN"},
    {"nyyn????????", NULL},
    {"nyn?????????", NULL}, /* the VPN is not known yet */
    {"y?????y???y?", NULL},
    {"n?????n???y?", NULL}, /* another cloud's questions */
    {"y?????nnnnn?", NULL},
    {"????????????", NULL},
};

START_TEST(contradictions_are_named)
{
    enum tri facts[FACT_COUNT];
    const struct advice_rule *conflict;
    size_t next = 0;

    set(facts, contradictions[_i].facts);
    conflict = advice_conflict(facts, &next);
    if (contradictions[_i].said == NULL) {
        ck_assert_msg(conflict == NULL, "%s: %s", contradictions[_i].facts,
                      conflict != NULL ? conflict->reason : "");
        return;
    }
    ck_assert_msg(conflict != NULL, "%s: no conflict", contradictions[_i].facts);
    ck_assert_msg(strstr(conflict->reason, contradictions[_i].said) != NULL, "%s",
                  conflict->reason);
    ck_assert_ptr_null(advice_conflict(facts, &next));
}
END_TEST

START_TEST(what_may_still_be_asked)
{
    enum tri facts[FACT_COUNT];

    set(facts, "y?????y???yy");
    ck_assert_uint_eq(advice_open(facts), 0);
    set(facts, "y?????y???y?");
    ck_assert_uint_eq(advice_open(facts), 1U << FACT_OWN_ROUTERS);
    set(facts, "y?????y?????");
    ck_assert_uint_eq(advice_open(facts), 1U << FACT_THROUGHPUT | 1U << FACT_SLA |
                                              1U << FACT_HIGH_VOLUME | 1U << FACT_NO_INTERNET |
                                              1U << FACT_OWN_ROUTERS);
    set(facts, "nnnn?n??????");
    ck_assert_uint_eq(advice_open(facts), 1U << FACT_PROXY_NEEDED);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("advice");
    TCase *tc = tcase_create("rules");

    tcase_add_loop_test(tc, the_vendors_table_row_by_row, 0,
                        (int)(sizeof decisions / sizeof decisions[0]));
    tcase_add_loop_test(tc, only_what_can_change_the_answer_is_asked, 0,
                        (int)(sizeof questions / sizeof questions[0]));
    tcase_add_test(tc, every_interview_ends);
    tcase_add_test(tc, every_combination_is_the_vendors_decision);
    tcase_add_loop_test(tc, contradictions_are_named, 0,
                        (int)(sizeof contradictions / sizeof contradictions[0]));
    tcase_add_test(tc, what_may_still_be_asked);
    return run_case(s, tc);
}
