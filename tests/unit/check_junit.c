/* JUnit: what breaks a build, and what only tells. */
#include "diag/base/buf.h"
#include "reports/junit.h"
#include "tests/unit/few.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *label;
    enum verdict required, other;
    size_t failures, skipped;
} rows[] = {
    {"all well", VERDICT_PASS, VERDICT_PASS, 0, 0},
    {"required fails", VERDICT_FAIL, VERDICT_PASS, 1, 0},
    {"only the other fails", VERDICT_PASS, VERDICT_FAIL, 0, 1},
    {"a warning passes", VERDICT_WARN, VERDICT_WARN, 0, 0},
    {"not tested is skipped", VERDICT_SKIP, VERDICT_SKIP, 0, 2},
};

START_TEST(only_required_failures_break_a_build)
{
    struct report *r = few_report();
    char numbers[96];
    struct buf b;

    r->results[0]->verdict = rows[_i].required;
    r->results[1]->verdict = rows[_i].other;
    buf_init(&b, 1 << 20);
    junit_draw(r, &b);
    snprintf(numbers, sizeof numbers, "tests=\"2\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
             rows[_i].failures, rows[_i].skipped);
    ck_assert_msg(few_times(buf_text(&b), numbers) == 2, "%s: %s", rows[_i].label, buf_text(&b));
    ck_assert_uint_eq(few_times(buf_text(&b), "<failure"), rows[_i].failures);
    ck_assert_uint_eq(few_times(buf_text(&b), "<skipped"), rows[_i].skipped);
    buf_free(&b);
    report_free(r);
}
END_TEST

START_TEST(times_are_in_seconds_and_bounded)
{
    struct report *r = few_report();
    struct buf b;

    r->results[1]->duration_us = INT64_MAX; /* nobody's run, but a file may say so */
    buf_init(&b, 1 << 20);
    junit_draw(r, &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "name=\"proxy\" time=\"0.012345\""));
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "skipped=\"0\" time=\"0.012345\""));
    buf_free(&b);
    report_free(r);
}
END_TEST

START_TEST(text_cannot_leave_its_element)
{
    struct report *r = few_report();
    struct buf b;

    r->results[0]->verdict = VERDICT_FAIL;
    r->results[0]->summary = "]]></failure><x a=\"\x01\">";
    buf_init(&b, 1 << 20);
    junit_draw(r, &b);
    ck_assert_uint_eq(few_times(buf_text(&b), "</failure>"), 1);
    ck_assert_ptr_null(strstr(buf_text(&b), "<x "));
    ck_assert_ptr_null(strchr(buf_text(&b), '\x01'));
    buf_free(&b);
    report_free(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("junit");
    TCase *tc = tcase_create("junit");

    tcase_add_loop_test(tc, only_required_failures_break_a_build, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tc, times_are_in_seconds_and_bounded);
    tcase_add_test(tc, text_cannot_leave_its_element);
    return run_case(suite, tc);
}
