/* The HTML page: whatever stands in a report, it is text on the page, never markup. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/html.h"
#include "reports/page.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const fill_samples[] = {
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)",
    "</td></table><img src=x onerror=alert(1)>",
    "&lt;script&gt;",
    "\x1b[2J\xff\xe2\x80\xae\n",
    "</style><svg onload=alert(1)>",
    "--><!--",
    "javascript:alert(1)",
};
enum { FILL_SAMPLES = sizeof fill_samples / sizeof fill_samples[0] };
#include "tests/unit/fill.h"
#include "tests/unit/support.h"

static size_t occurrences(const char *s, const char *part)
{
    size_t n = 0;

    for (; (s = strstr(s, part)) != NULL; s++)
        n++;
    return n;
}

/* Random content, but indices and links as a reader guarantees them. */
static struct report *random_report(unsigned seed)
{
    struct report *r = report_new();
    struct arena *a = r->arena;

    for (int i = 0; i < 3; i++) {
        struct endpoint *e = fill(a, &endpoint_shape, &seed);
        struct route *route = fill(a, &route_shape, &seed);
        struct finding *f = fill(a, &finding_shape, &seed);

        e->id = fill_samples[i];
        route->id = fill_samples[i + 3];
        for (size_t k = 0; k < f->n_results; k++)
            f->results[k] %= 9;
        list_push(a, r->endpoints, r->n_endpoints, e);
        list_push(a, r->routes, r->n_routes, route);
        list_push(a, r->findings, r->n_findings, f);
        list_push(a, r->hops, r->n_hops, (struct hop *)fill(a, &hop_shape, &seed));
    }
    for (int i = 0; i < 9; i++) {
        struct result *result = fill(a, &result_shape, &seed);

        result->of_endpoint = r->endpoints[i / 3];
        result->of_route = r->routes[i % 3];
        result->endpoint = result->of_endpoint->id;
        result->route = result->of_route->id;
        list_push(a, r->results, r->n_results, result);
    }
    r->run = fill(a, &run_shape, &seed);
    r->site = fill(a, &site_info_shape, &seed);
    r->tool = fill(a, &tool_shape, &seed);
    r->capture = fill(a, &capture_shape, &seed);
    r->summary->verdict = (enum verdict)(seed % 4);
    return r;
}

START_TEST(nothing_in_a_report_becomes_markup)
{
    struct report *r = random_report((unsigned)_i * 7919);
    struct buf page;

    buf_init(&page, 1 << 26);
    html_draw(r, &page);
    ck_assert(!page.overflow);
    ck_assert_uint_eq(occurrences(buf_text(&page), "<script"), 1);
    ck_assert_uint_eq(occurrences(buf_text(&page), "<style"), 1);
    ck_assert_ptr_null(strstr(buf_text(&page), "<img"));
    ck_assert_ptr_null(strstr(buf_text(&page), "\" onmouseover"));
    ck_assert_ptr_null(strstr(buf_text(&page), "<svg onload"));
    ck_assert_ptr_null(strstr(buf_text(&page), "<!--"));
    ck_assert_ptr_null(strchr(buf_text(&page), '\x1b'));
    ck_assert_ptr_null(strstr(buf_text(&page), "\xe2\x80\xae"));
    ck_assert_uint_eq(page.len, strlen(buf_text(&page)));
    buf_free(&page);
    report_free(r);
}
END_TEST

START_TEST(text_is_escaped_for_content_and_attributes)
{
    struct buf b;

    buf_init(&b, 1024);
    page_text(&b, "<a href='x'>\"&amp;\x01</a>");
    ck_assert_str_eq(buf_text(&b), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;\\x01&lt;/a&gt;");
    page_text(&b, NULL);
    buf_free(&b);
}
END_TEST

START_TEST(a_disagreement_is_said_in_words)
{
    struct report *r = random_report(1);
    struct buf page;

    for (size_t i = 0; i < r->n_results; i++) {
        r->results[i]->cause = CAUSE_NONE;
        r->results[i]->verdict = VERDICT_FAIL;
    }
    r->results[4]->verdict = VERDICT_PASS;
    r->results[4]->wire = report_new_of(r, wire);
    r->results[4]->wire->verdict = VERDICT_FAIL;
    buf_init(&page, 1 << 26);
    html_draw(r, &page);
    ck_assert_uint_eq(occurrences(buf_text(&page), "SOCKET AND WIRE DISAGREE"), 2);
    ck_assert_uint_eq(occurrences(buf_text(&page), "<td class=\"odd\">"), 1);
    /* Nobody reads "disagree" over two equal marks. */
    r->results[4]->wire->verdict = VERDICT_PASS;
    r->results[4]->cause = CAUSE_WIRE_OTHER_INTERFACE;
    buf_clear(&page);
    html_draw(r, &page);
    ck_assert_uint_eq(occurrences(buf_text(&page), "socket ✓, wire ≠ another interface<"), 1);
    buf_free(&page);
    report_free(r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("html_report");
    TCase *tc = tcase_create("html");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, nothing_in_a_report_becomes_markup, 0, 60);
    tcase_add_test(tc, text_is_escaped_for_content_and_attributes);
    tcase_add_test(tc, a_disagreement_is_said_in_words);
    return run_case(suite, tc);
}
