/* The model's tables: every enum has its words, every shape its fields. */
#include "diag/base/arena.h"
#include "diag/model/dns_outcome.h"
#include "diag/model/method.h"
#include "diag/model/report.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>

START_TEST(every_cause_has_a_code_and_texts)
{
    for (int c = CAUSE_NONE + 1; c < CAUSE_COUNT; c++) {
        const struct cause_info *info = cause_info((enum cause)c);

        ck_assert_ptr_nonnull(info->code);
        ck_assert_int_eq(names_value(&cause_names, info->code), c);
        ck_assert_msg(info->title[0] != '\0', "%s has no title", info->code);
    }
    ck_assert_int_eq(names_value(&cause_names, NULL), CAUSE_NONE);
}
END_TEST

START_TEST(every_method_is_found_by_its_word)
{
    for (int m = 0; m < METHOD_COUNT; m++) {
        const struct method_info *info = method_find(names_word(&method_names, m));

        ck_assert_ptr_nonnull(info);
        ck_assert_int_eq(info->method, m);
    }
    ck_assert_ptr_null(method_find("pigeon"));
    ck_assert_ptr_null(method_find(NULL));
}
END_TEST

START_TEST(a_new_object_knows_nothing)
{
    struct report *r = report_new();
    struct step *s = step_new(r, STEP_TLS);

    ck_assert(step_tls(s)->received == INT_UNKNOWN);
    ck_assert(s->duration_us == INT_UNKNOWN);
    ck_assert_ptr_null(step_tcp(s));
    report_free(r);
}
END_TEST

START_TEST(legs_of_a_forwarded_chain_include_the_later_hops)
{
    struct report *r = report_new();
    struct result *result = report_new_of(r, result);
    struct route *route = report_new_of(r, route);
    const char *names[] = {"hop1", "hop2"};

    for (int i = 0; i < 2; i++) {
        struct hop *hop = report_new_of(r, hop);

        hop->name = names[i];
        list_push(r->arena, r->hops, r->n_hops, hop);
    }
    list_push(r->arena, route->hops, route->n_hops, names[0]);
    route->forwarded = true;
    result->of_route = route;
    report_legs(r, result);
    ck_assert_uint_eq(result->n_legs, 3);
    ck_assert_str_eq(leg_name(r, result->legs[0]), "sensor>hop1");
    ck_assert_str_eq(leg_name(r, result->legs[1]), "hop1>hop2");
    ck_assert_str_eq(leg_name(r, result->legs[2]), "hop2>endpoint");
    report_free(r);
}
END_TEST

START_TEST(an_answer_tells_more_than_trouble_and_trouble_more_than_a_no)
{
    static const enum outcome falling[] = {
        OUTCOME_OK,          OUTCOME_DNS_TCP_FAILED, OUTCOME_DNS_SERVFAIL, OUTCOME_DNS_UNREACHABLE,
        OUTCOME_DNS_TIMEOUT, OUTCOME_DNS_NXDOMAIN,   OUTCOME_DNS_NODATA,   OUTCOME_CANCELLED};

    for (size_t i = 1; i < sizeof falling / sizeof falling[0]; i++)
        ck_assert_int_lt(dns_outcome_weight(falling[i]), dns_outcome_weight(falling[i - 1]));
    ck_assert_int_eq(dns_outcome_weight(OUTCOME_CANCELLED), 0);
    ck_assert_int_eq(dns_outcome_of_rcode(0, true), OUTCOME_OK);
    ck_assert_int_eq(dns_outcome_of_rcode(0, false), OUTCOME_DNS_NODATA);
    ck_assert_int_eq(dns_outcome_of_rcode(2, false), OUTCOME_DNS_SERVFAIL);
    ck_assert_int_eq(dns_outcome_of_rcode(3, true), OUTCOME_DNS_NXDOMAIN);
    ck_assert_int_eq(dns_outcome_of_rcode(5, false), OUTCOME_DNS_REFUSED);
    ck_assert_int_eq(dns_outcome_of_rcode(4, true), OUTCOME_DNS_RCODE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *tc = tcase_create("model");

    tcase_add_test(tc, every_cause_has_a_code_and_texts);
    tcase_add_test(tc, every_method_is_found_by_its_word);
    tcase_add_test(tc, a_new_object_knows_nothing);
    tcase_add_test(tc, legs_of_a_forwarded_chain_include_the_later_hops);
    tcase_add_test(tc, an_answer_tells_more_than_trouble_and_trouble_more_than_a_no);
    return run_case(suite, tc);
}
