/* Before and after: what became of each endpoint, and what is worth saying beside the verdict. */
#include "diag/base/buf.h"
#include "reports/compare.h"
#include "reports/json.h"
#include "tests/unit/few.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>

#define NONE ((enum verdict) - 1) /* the endpoint is not in that report */

static const struct {
    const char *label;
    enum verdict before, after;
    enum change_kind kind;
    enum verdict verdict;
} rows[] = {
    {"pass to fail", VERDICT_PASS, VERDICT_FAIL, CHANGE_BROKE, VERDICT_FAIL},
    {"warn to fail", VERDICT_WARN, VERDICT_FAIL, CHANGE_BROKE, VERDICT_FAIL},
    {"pass to skip", VERDICT_PASS, VERDICT_SKIP, CHANGE_UNTESTED, VERDICT_WARN},
    {"pass to warn", VERDICT_PASS, VERDICT_WARN, CHANGE_WORSE, VERDICT_WARN},
    {"pass to pass", VERDICT_PASS, VERDICT_PASS, CHANGE_NONE, VERDICT_PASS},
    {"fail to pass", VERDICT_FAIL, VERDICT_PASS, CHANGE_FIXED, VERDICT_PASS},
    {"fail to fail", VERDICT_FAIL, VERDICT_FAIL, CHANGE_STILL, VERDICT_WARN},
    {"warn to pass", VERDICT_WARN, VERDICT_PASS, CHANGE_BETTER, VERDICT_PASS},
    {"skip to fail", VERDICT_SKIP, VERDICT_FAIL, CHANGE_NEW_FAIL, VERDICT_WARN},
    {"skip to skip", VERDICT_SKIP, VERDICT_SKIP, CHANGE_NONE, VERDICT_PASS},
    {"nothing to pass", NONE, VERDICT_PASS, CHANGE_NEW, VERDICT_PASS},
    {"nothing to fail", NONE, VERDICT_FAIL, CHANGE_NEW_FAIL, VERDICT_WARN},
    {"fail to nothing", VERDICT_FAIL, NONE, CHANGE_GONE, VERDICT_PASS},
};

static struct report *with(enum verdict required)
{
    struct report *r = few_report();

    if (required == NONE)
        r->n_results = 0;
    else
        r->results[0]->verdict = required;
    return r;
}

START_TEST(each_pair_of_verdicts_has_its_word)
{
    struct report *before = with(rows[_i].before), *after = with(rows[_i].after);
    struct comparison *c = compare_new(before, "b", after, "a");

    ck_assert_msg(c->changes[0]->required && c->changes[0]->kind == rows[_i].kind, "%s: %s",
                  rows[_i].label, names_word(&change_kind_names, (int)c->changes[0]->kind));
    ck_assert_msg(c->verdict == rows[_i].verdict, "%s", rows[_i].label);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

/* Lists were joined one by one, which took the square of their length. */
START_TEST(a_strange_report_costs_no_more_than_its_size)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;

    for (int i = 0; i < 5000; i++) {
        struct route *route = report_new_of(before, route);

        route->id = "a-route";
        list_push(before->arena, before->routes, before->n_routes, route);
    }
    c = compare_new(before, "b", after, "a");
    ck_assert_uint_lt(arena_used(c->arena), 1024 * 1024);
    ck_assert_uint_eq(c->n_circumstances, 1);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

START_TEST(a_new_required_route_is_held_against_the_old_one)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;

    before->routes[0]->required = false; /* before: direct is required; after: proxy */
    before->routes[1]->required = true;
    after->results[0]->verdict = VERDICT_FAIL;
    after->results[1]->verdict = VERDICT_FAIL; /* direct is closed now, as it should be */
    c = compare_new(before, "b", after, "a");
    ck_assert_int_eq(c->changes[0]->kind, CHANGE_BROKE);
    ck_assert_str_eq(c->changes[0]->before->route, "direct");
    ck_assert_str_eq(c->changes[0]->after->route, "proxy");
    ck_assert(c->required->broke == 1);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

START_TEST(what_is_for_information_never_fails_the_comparison)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;

    after->results[1]->verdict = VERDICT_FAIL;
    c = compare_new(before, "b", after, "a");
    ck_assert_int_eq(c->verdict, VERDICT_PASS);
    ck_assert(c->required->same == 1);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

START_TEST(an_optional_endpoint_never_fails_the_comparison)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;
    struct buf text;

    after->results[0]->required = false; /* before, it was in the list of what is required */
    after->results[0]->verdict = VERDICT_FAIL;
    c = compare_new(before, "b", after, "a");
    ck_assert_int_eq(c->verdict, VERDICT_PASS);
    ck_assert(c->required->broke == 0);
    ck_assert_int_eq(c->changes[0]->kind, CHANGE_BROKE);
    ck_assert(!c->changes[0]->required && c->changes[0]->optional);
    buf_init(&text, 1 << 20);
    compare_text(c, (struct text_style){.utf8 = true}, &text); /* and is told without asking */
    ck_assert_ptr_nonnull(strstr(buf_text(&text), "a.example:443 (for information)"));
    buf_free(&text);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

/* The IoT hub of the legacy method: optional or not there afterwards, and cut off on purpose. */
static const struct {
    enum verdict after;
    bool named, required;
    enum change_kind kind;
    enum verdict verdict;
} hubs[] = {
    {VERDICT_FAIL, true, false, CHANGE_CUT, VERDICT_PASS},
    {VERDICT_FAIL, false, false, CHANGE_BROKE, VERDICT_PASS}, /* optional, and no legacy hub */
    {VERDICT_FAIL, true, true, CHANGE_BROKE, VERDICT_FAIL},   /* the new list requires it, too */
    {VERDICT_PASS, true, false, CHANGE_NONE, VERDICT_PASS},
    {VERDICT_SKIP, true, false, CHANGE_UNTESTED, VERDICT_PASS},
};

START_TEST(a_legacy_hub_that_was_cut_off_is_no_regression)
{
    struct report *before = few_report(), *after = few_report();
    const char *hub = "contoso.azure-devices.net:443";
    struct comparison *c;
    struct buf sentence;

    before->results[0]->endpoint = after->results[0]->endpoint = hub;
    before->results[1]->endpoint = after->results[1]->endpoint = hub;
    after->results[0]->required = hubs[_i].required;
    after->results[0]->verdict = after->results[1]->verdict = hubs[_i].after;
    after->site->legacy_hub = hubs[_i].named ? hub : NULL;
    c = compare_new(before, "b", after, "a");
    ck_assert_int_eq(c->verdict, hubs[_i].verdict);
    ck_assert_int_eq(c->changes[0]->kind, hubs[_i].kind);
    ck_assert(c->required->cut == (hubs[_i].kind == CHANGE_CUT)); /* once, not for each route */
    buf_init(&sentence, 1000);
    compare_sentence(c, &sentence);
    ck_assert((strstr(buf_text(&sentence), "1 legacy IoT hub cut off") != NULL) ==
              (hubs[_i].kind == CHANGE_CUT));
    buf_free(&sentence);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

/* Before, the new route is not ready yet, and the hub is reached over the old one. */
START_TEST(a_legacy_hub_counts_on_whatever_route_it_works)
{
    struct report *before = few_report(), *after = few_report();
    const char *hub = "contoso.azure-devices.net:443";
    struct comparison *c;

    for (int i = 0; i < 2; i++) {
        before->results[i]->endpoint = after->results[i]->endpoint = hub;
        before->results[i]->required = after->results[i]->required = false;
        after->results[i]->verdict = VERDICT_FAIL;
    }
    before->results[0]->verdict = VERDICT_FAIL;
    after->site->legacy_hub = hub;
    c = compare_new(before, "b", after, "a");
    ck_assert(c->required->cut == 1);
    ck_assert_int_eq(c->changes[0]->kind, CHANGE_CUT);
    ck_assert_str_eq(c->changes[0]->before->route, "direct");
    compare_free(c);
    after->results[1]->verdict = VERDICT_PASS; /* it still works directly: not cut off */
    c = compare_new(before, "b", after, "a");
    ck_assert(c->required->cut == 0);
    ck_assert_int_eq(c->changes[0]->kind, CHANGE_NONE);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

static const struct {
    int64_t before, after;
    const char *note;
} times[] = {
    {60000, 3000000, "slower: 60 ms, now 3.0 s"},
    {3000000, 60000, "faster: 3.0 s, now 60 ms"},
    {60000, 100000, NULL},
    {1000000, 1200000, NULL},
    {INT_UNKNOWN, 3000000, NULL},
    {60000, INT_UNKNOWN, NULL},
};

START_TEST(times_are_told_beyond_noise)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;

    before->results[0]->duration_us = times[_i].before;
    after->results[0]->duration_us = times[_i].after;
    c = compare_new(before, "b", after, "a");
    ck_assert_uint_eq(c->changes[0]->n_notes, times[_i].note != NULL);
    if (times[_i].note != NULL)
        ck_assert_str_eq(c->changes[0]->notes[0], times[_i].note);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

static void give_certificate(struct report *r, const char *sha256, const char *issuer)
{
    struct step *s = step_new(r, STEP_TLS);
    struct cert *leaf = report_new_of(r, cert);

    leaf->sha256 = sha256;
    leaf->spki_sha256 = "k";
    leaf->issuer_cn = issuer;
    list_push(r->arena, step_tls(s)->chain, step_tls(s)->n_chain, leaf);
    list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, s);
}

static void give_addresses(struct report *r, const char *one, const char *two)
{
    struct step *s = step_new(r, STEP_RESOLVE);

    list_push(r->arena, step_dns(s)->addresses, step_dns(s)->n_addresses, one);
    list_push(r->arena, step_dns(s)->addresses, step_dns(s)->n_addresses, two);
    list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, s);
}

START_TEST(certificates_and_addresses_are_told)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;

    give_certificate(before, "a", "DigiCert");
    give_certificate(after, "b", "Zscaler");
    give_addresses(before, "192.0.2.1", "192.0.2.2");
    give_addresses(after, "192.0.2.2", "192.0.2.1"); /* another order is no change */
    c = compare_new(before, "b", after, "a");
    ck_assert_uint_eq(c->changes[0]->n_notes, 2);
    ck_assert_str_eq(c->changes[0]->notes[0], "certificate issued by: DigiCert, now Zscaler");
    ck_assert_str_eq(c->changes[0]->notes[1], "another certificate for the same key");
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

START_TEST(all_drawings_are_safe_and_say_the_same)
{
    struct report *before = few_report(), *after = few_report();
    struct comparison *c;
    struct buf text, line, page, json;
    void *again;

    for (int i = 0; i < 2; i++) {
        before->results[i]->endpoint = "<b>\x1b[2J";
        after->results[i]->endpoint = "<b>\x1b[2J";
    }
    after->results[0]->verdict = VERDICT_FAIL;
    after->site->name = "<script>alert(1)</script>";
    c = compare_new(before, "b", after, "a");
    buf_init(&text, 1 << 20);
    buf_init(&line, 1 << 20);
    buf_init(&page, 1 << 20);
    buf_init(&json, 1 << 20);
    compare_text(c, (struct text_style){.utf8 = true, .verbose = true}, &text);
    compare_line(c, (struct text_style){.utf8 = true}, &line);
    compare_html(c, &page);
    ck_assert_ptr_null(strchr(buf_text(&text), '\x1b'));
    ck_assert_uint_eq(few_times(buf_text(&line), "\n"), 1);
    ck_assert_ptr_nonnull(strstr(buf_text(&line), "HOPPROOF CRITICAL - <b>\\x1b[2J passed before"));
    ck_assert_uint_eq(few_times(buf_text(&page), "<script"), 1);
    ck_assert_ptr_null(strchr(buf_text(&page), '\x1b'));
    ck_assert_int_eq(json_write_object(c, &comparison_shape, false, &json), 0);
    ck_assert_int_eq(
        json_read_object("c", json.data, json.len, &comparison_shape, c->arena, &again, NULL), 0);
    ck_assert_str_eq(((struct comparison *)again)->changes[0]->endpoint, "<b>\\x1b[2J");
    buf_free(&text);
    buf_free(&line);
    buf_free(&page);
    buf_free(&json);
    compare_free(c);
    report_free(before);
    report_free(after);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

int main(void)
{
    Suite *suite = suite_create("compare");
    TCase *tc = tcase_create("compare");

    tcase_add_loop_test(tc, each_pair_of_verdicts_has_its_word, 0, COUNT(rows));
    tcase_add_test(tc, a_strange_report_costs_no_more_than_its_size);
    tcase_add_test(tc, a_new_required_route_is_held_against_the_old_one);
    tcase_add_test(tc, what_is_for_information_never_fails_the_comparison);
    tcase_add_test(tc, an_optional_endpoint_never_fails_the_comparison);
    tcase_add_loop_test(tc, a_legacy_hub_that_was_cut_off_is_no_regression, 0, COUNT(hubs));
    tcase_add_test(tc, a_legacy_hub_counts_on_whatever_route_it_works);
    tcase_add_loop_test(tc, times_are_told_beyond_noise, 0, COUNT(times));
    tcase_add_test(tc, certificates_and_addresses_are_told);
    tcase_add_test(tc, all_drawings_are_safe_and_say_the_same);
    return run_case(suite, tc);
}
