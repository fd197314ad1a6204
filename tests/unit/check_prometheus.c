/* Prometheus: one series a subject, no value where nothing was measured, no line that breaks. */
#include "diag/base/buf.h"
#include "reports/prometheus.h"
#include "tests/unit/few.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>

static char *drawn(struct report *r)
{
    struct buf b;
    char *copy;

    buf_init(&b, 1 << 20);
    prometheus_draw(r, &b);
    copy = strdup(buf_text(&b));
    buf_free(&b);
    return copy;
}

START_TEST(not_tested_is_neither_success_nor_failure)
{
    struct report *r = few_report();
    char *text;

    r->results[0]->verdict = VERDICT_SKIP;
    r->results[1]->verdict = VERDICT_WARN;
    text = drawn(r);
    ck_assert_uint_eq(few_times(text, "\nprobe_success{"), 1);
    ck_assert_ptr_nonnull(strstr(
        text, "probe_success{endpoint=\"a.example:443\",route=\"direct\",required=\"false\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "verdict=\"skip\",cause=\"\",at=\"\"} 1\n"));
    free(text);
    report_free(r);
}
END_TEST

START_TEST(the_earliest_expiry_of_the_chain_counts)
{
    static const char *const dates[] = {"2027-02-01T00:00:00Z", "2026-12-24T18:00:00Z", "soon"};
    struct report *r = few_report();
    struct step *s = step_new(r, STEP_TLS);
    struct tls_detail *d = step_tls(s);
    char *text;

    s->outcome = OUTCOME_OK;
    d->version = "TLSv1.3";
    for (size_t i = 0; i < 3; i++) {
        struct cert *c = report_new_of(r, cert);

        c->not_after = dates[i];
        list_push(r->arena, d->chain, d->n_chain, c);
    }
    list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, s);
    text = drawn(r);
    ck_assert_ptr_nonnull(strstr(text, "route=\"proxy\",required=\"true\"} 1798135200\n"));
    ck_assert_ptr_nonnull(strstr(text, "version=\"TLS 1.3\"} 1\n"));
    free(text);
    report_free(r);
}
END_TEST

START_TEST(duplicates_and_hostile_names_keep_the_file_valid)
{
    struct report *r = few_report();
    char *text;

    r->endpoints[0]->id = "a\"} 1\nprobe_success 1 \\";
    r->results[0]->endpoint = r->results[1]->endpoint = r->endpoints[0]->id;
    few_result(r, 0, 0); /* the same pair once more */
    text = drawn(r);
    ck_assert_uint_eq(few_times(text, "\nprobe_success{"), 2);
    ck_assert_ptr_nonnull(
        strstr(text, "probe_success{endpoint=\"a\\\"} 1\\\\x0aprobe_success 1 \\\\\\\\\",route="));
    free(text);
    report_free(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prometheus");
    TCase *tc = tcase_create("prometheus");

    tcase_add_test(tc, not_tested_is_neither_success_nor_failure);
    tcase_add_test(tc, the_earliest_expiry_of_the_chain_counts);
    tcase_add_test(tc, duplicates_and_hostile_names_keep_the_file_valid);
    return run_case(suite, tc);
}
