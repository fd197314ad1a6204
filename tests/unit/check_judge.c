/*
 * The judge where a case file does not reach: dates, the filling of texts, many results, and
 * reports of which nothing is known. What it concludes is tested by tests/judge.
 */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/judge/conclude.h"
#include "diag/judge/judge.h"
#include "diag/judge/learned.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(an_http_date_is_read_or_refused)
{
    static const struct {
        const char *date;
        const char *same;
    } good[] = {
        {"Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"},
        {"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
        {"Tue, 29 Feb 2000 23:59:59 GMT", "2000-02-29T23:59:59Z"},
        {"Wed, 01 Mar 2000 00:00:00 GMT", "2000-03-01T00:00:00Z"},
        {"Tue, 24 Nov 2026 10:00:00 GMT", "2026-11-24T10:00:00Z"},
        {"Mon, 01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00Z"},
    };
    static const char *const bad[] = {
        "",
        "now",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT",
        "Sun, 06 No 1994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_int_eq(clock_parse_http_date(good[i].date), clock_parse_rfc3339(good[i].same));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(clock_parse_http_date(bad[i]) == INT64_MIN, "%s", bad[i]);
    ck_assert(clock_parse_http_date(NULL) == INT64_MIN);
}
END_TEST

START_TEST(a_text_without_facts_has_no_hole)
{
    struct report *r = report_new();
    struct judge j = {.r = r};

    for (int cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++) {
        const struct cause_info *info = cause_info((enum cause)cause);
        const char *patterns[] = {info->explanation, info->remedy};

        for (size_t i = 0; i < 2; i++) {
            const char *s = text_fill(&j, patterns[i], NULL, NULL, NULL, NULL, NULL);

            ck_assert_msg(s[0] != '\0', "%s says nothing", info->code);
            ck_assert_msg(strpbrk(s, "{}") == NULL && strstr(s, "  ") == NULL &&
                              strstr(s, "..") == NULL && strstr(s, " .") == NULL &&
                              strstr(s, "()") == NULL && strstr(s, ": .") == NULL,
                          "%s: %s", info->code, s);
        }
    }
    report_free(r);
}
END_TEST

START_TEST(a_brace_that_is_no_placeholder_stays)
{
    struct report *r = report_new();
    struct judge j = {.r = r};

    ck_assert_str_eq(text_fill(&j, "a { b {unknown} {", NULL, NULL, NULL, NULL, NULL),
                     "a { b {unknown} {");
    ck_assert_str_eq(text_fill(&j, "It is {detail}.", NULL, NULL, NULL, "so.", NULL), "It is so.");
    ck_assert_str_eq(text_fill(&j, "It is. {detail}", NULL, NULL, NULL, "So", NULL), "It is. So.");
    report_free(r);
}
END_TEST

/* Endpoints on one route, each with a connection that times out. */
static struct report *many(size_t n, enum outcome outcome)
{
    struct report *r = report_new();
    struct route *route = report_new_of(r, route);

    route->id = "direct";
    list_push(r->arena, r->routes, r->n_routes, route);
    for (size_t i = 0; i < n; i++) {
        struct endpoint *e = report_new_of(r, endpoint);
        struct result *result = report_new_of(r, result);
        struct step *s = step_new(r, STEP_CONNECT), *tls = step_new(r, STEP_TLS);

        e->host = arena_printf(r->arena, "h%zu.azure-devices.net", i);
        e->id = arena_printf(r->arena, "%s:443", e->host);
        e->port = 443;
        list_push(r->arena, r->endpoints, r->n_endpoints, e);
        result->endpoint = e->id;
        result->route = "direct";
        result->required = true;
        result->of_endpoint = e;
        result->of_route = route;
        s->probe = tls->probe = (int64_t)i;
        s->outcome = OUTCOME_OK;
        tls->outcome = outcome;
        tls->address = s->address = arena_printf(r->arena, "20.0.%zu.%zu:443", i / 256, i % 256);
        list_push(r->arena, result->steps, result->n_steps, s);
        list_push(r->arena, result->steps, result->n_steps, tls);
        list_push(r->arena, r->results, r->n_results, result);
    }
    return r;
}

START_TEST(ten_thousand_endpoints_take_moments)
{
    static const enum outcome outcomes[] = {OUTCOME_OK, OUTCOME_TIMEOUT, OUTCOME_TLS_ALERT};

    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        struct report *r = many(10000, outcomes[i]);
        int64_t start = clock_monotonic_us();
        struct wish *wishes;

        ck_assert_uint_le(judge_wishes(r, &wishes), 15);
        judge_report(r);
        ck_assert_int_eq(r->summary->all->pass + r->summary->all->fail, 10000);
        /* Generous: a quadratic loop takes minutes. */
        ck_assert_int_lt(clock_monotonic_us() - start, 20 * 1000000);
        report_free(r);
    }
}
END_TEST

START_TEST(judging_again_says_the_same)
{
    struct report *r = many(3, OUTCOME_TIMEOUT);
    struct wish *wishes;
    size_t n = judge_wishes(r, &wishes);

    judge_report(r);
    judge_report(r);
    ck_assert_uint_eq(judge_wishes(r, &wishes), n);
    judge_report(r);
    ck_assert_uint_eq(r->n_findings, 1);
    ck_assert_uint_eq(r->findings[0]->n_results, 3);
    ck_assert_uint_eq(r->results[0]->n_legs, 1);
    ck_assert_int_eq(r->summary->required->fail, 3);
    report_free(r);
}
END_TEST

/* A run puts one step into the hop and into the results behind it; a case file cannot. */
START_TEST(what_a_result_found_out_about_a_hop_counts_for_the_hop)
{
    struct report *r = report_new();
    struct step *s = step_new(r, STEP_CONNECT);
    struct result *x = report_new_of(r, result);
    struct endpoint *e = report_new_of(r, endpoint);
    struct route *route = report_new_of(r, route);
    struct hop *hop = report_new_of(r, hop);

    hop->name = "hop1";
    s->leg = "sensor>hop1";
    s->address = "10.1.0.1:3128";
    s->outcome = OUTCOME_TCP_TIMEOUT;
    step_tcp(s)->gateway = "10.0.0.1";
    step_tcp(s)->neighbour = "failed";
    e->id = x->endpoint = "a.example:443";
    e->host = "a.example";
    e->port = 443;
    route->id = x->route = "hop1";
    list_push(r->arena, route->hops, route->n_hops, "hop1");
    route->required = x->required = true;
    list_push(r->arena, hop->steps, hop->n_steps, s);
    list_push(r->arena, x->steps, x->n_steps, s);
    list_push(r->arena, r->hops, r->n_hops, hop);
    list_push(r->arena, r->endpoints, r->n_endpoints, e);
    list_push(r->arena, r->routes, r->n_routes, route);
    list_push(r->arena, r->results, r->n_results, x);
    ck_assert_int_eq(report_link(r, NULL), 0);
    judge_report(r);
    ck_assert_int_eq(x->cause, CAUSE_GATEWAY_UNREACHABLE);
    ck_assert_int_eq(hop->from_sensor->cause, CAUSE_GATEWAY_UNREACHABLE);
    ck_assert_str_eq(hop->from_sensor->at, "sensor");
    ck_assert_int_eq(s->cause, CAUSE_GATEWAY_UNREACHABLE);
    report_free(r);
}
END_TEST

START_TEST(a_report_of_which_nothing_is_known)
{
    struct report *r = report_new();
    struct wish *wishes;

    ck_assert_uint_eq(judge_wishes(r, &wishes), 0);
    judge_report(r);
    ck_assert_int_eq(r->summary->verdict, VERDICT_WARN); /* nothing was shown */
    report_free(r);

    /* Every outcome at every step, without any detail. */
    for (int outcome = 0; outcome < (int)outcome_names.n; outcome++) {
        for (int kind = STEP_RESOLVE; kind <= STEP_APP; kind++) {
            r = many(1, OUTCOME_OK);
            r->results[0]->steps[0] = step_new(r, (enum step_kind)kind);
            r->results[0]->steps[0]->outcome = (enum outcome)outcome;
            (void)judge_wishes(r, &wishes);
            judge_report(r);
            ck_assert_ptr_nonnull(r->results[0]->summary);
            r->results[0]->steps[0]->detail = NULL;
            judge_report(r);
            report_free(r);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tc = tcase_create("judge");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, an_http_date_is_read_or_refused);
    tcase_add_test(tc, a_text_without_facts_has_no_hole);
    tcase_add_test(tc, a_brace_that_is_no_placeholder_stays);
    tcase_add_test(tc, ten_thousand_endpoints_take_moments);
    tcase_add_test(tc, judging_again_says_the_same);
    tcase_add_test(tc, what_a_result_found_out_about_a_hop_counts_for_the_hop);
    tcase_add_test(tc, a_report_of_which_nothing_is_known);
    return run_case(suite, tc);
}
