/* Many reports as one: what is counted together, what is not, and what a bad file costs. */
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "reports/fleet.h"
#include "reports/fleet_json.h"
#include "reports/json.h"
#include "reports/json_skim.h"
#include "tests/unit/few.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const fill_samples[] = {"",      "\"steps\":[", "]}", "\\\"wire\":{",
                                           "steps", "x\\",         "[{"};
enum { FILL_SAMPLES = sizeof fill_samples / sizeof fill_samples[0] };
#include "tests/unit/fill.h"
#include "tests/unit/support.h"

static struct report *sensor_report(const char *site, const char *sensor, const char *started,
                                    enum verdict verdict)
{
    struct report *r = few_report();

    r->site->name = site;
    r->site->sensor = sensor;
    r->run->started = started;
    r->results[0]->verdict = r->summary->verdict = verdict;
    if (verdict == VERDICT_FAIL) {
        struct finding *f = report_new_of(r, finding);

        f->cause = CAUSE_PROXY_DENIED;
        f->severity = SEVERITY_ERROR;
        f->at = "proxy-B";
        f->owner = "proxy:proxy-B";
        f->title = "The proxy's policy denies the endpoint";
        list_push(r->arena, f->results, f->n_results, 0);
        list_push(r->arena, r->findings, r->n_findings, f);
    }
    return r;
}

static void add(struct fleet *f, const char *file, struct report *r)
{
    fleet_add(f, file, r);
    report_free(r); /* what the fleet keeps must be its own */
}

START_TEST(the_same_finding_is_one_line_for_all_its_sensors)
{
    struct fleet *f = fleet_new();
    struct buf b;

    add(f, "1", sensor_report("north", "a", "2026-11-24T09:00:00.000Z", VERDICT_FAIL));
    add(f, "2", sensor_report("south", "b", "2026-11-24T09:00:00.000Z", VERDICT_FAIL));
    add(f, "3", sensor_report("north", "c", "2026-11-24T09:00:00.000Z", VERDICT_FAIL));
    add(f, "4", sensor_report("west", "d", "2026-11-24T09:00:00.000Z", VERDICT_PASS));
    fleet_skip(f, "5", "5:1: not JSON; give another");
    fleet_finish(f);
    ck_assert_int_eq(fleet_verdict(f), VERDICT_FAIL);
    ck_assert_uint_eq(f->n_findings, 1);
    ck_assert_uint_eq(f->findings[0].n_members, 3);
    ck_assert_uint_eq(f->findings[0].n_sites, 2);
    ck_assert_uint_eq(f->findings[0].endpoints[0].n, 3);
    ck_assert_uint_eq(f->n_sites, 3);
    ck_assert_str_eq(f->sites[0].name, "north");
    ck_assert_uint_eq(f->endpoints[0].n[VERDICT_FAIL], 3);
    ck_assert_uint_eq(f->endpoints[0].n[VERDICT_PASS], 1);
    buf_init(&b, 1 << 20);
    fleet_text(f, (struct text_style){.utf8 = true}, &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "3 of 4 sensors at 2 of 3 sites fail."));
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "proxy-denied at proxy-B: 3 sensors at 2 sites\n"));
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "5:1: not JSON"));
    buf_free(&b);
    fleet_free(f);
}
END_TEST

static struct report *expired_report(const char *sensor, const char *endpoint, const char *remedy)
{
    struct report *r = sensor_report("plant", sensor, "2026-11-24T09:00:00.000Z", VERDICT_FAIL);

    r->results[0]->endpoint = endpoint;
    r->findings[0]->cause = CAUSE_CERT_EXPIRED;
    r->findings[0]->at = "endpoint";
    r->findings[0]->remedy = remedy;
    return r;
}

/* Two certificates are two things to renew, and one sensor's address is not everybody's. */
START_TEST(what_differs_is_not_told_as_one)
{
    static const char note[] = "(That is plant / a; the reports of other sensors name other";
    struct fleet *f = fleet_new();
    struct buf b;

    add(f, "1", expired_report("a", "one.example:443", "Renew it at 192.0.2.1."));
    add(f, "2", expired_report("b", "one.example:443", "Renew it at 192.0.2.2."));
    add(f, "3", expired_report("c", "two.example:443", "Renew it at 192.0.2.3."));
    add(f, "4", expired_report("d", "two.example:443", "Renew it at 192.0.2.3."));
    fleet_finish(f);
    ck_assert_uint_eq(f->n_findings, 2);
    ck_assert_uint_eq(f->findings[0].n_members, 2);
    ck_assert_str_eq(f->findings[0].endpoints[0].name, "one.example:443");
    buf_init(&b, 1 << 20);
    fleet_remedy(&f->findings[0], &b);
    ck_assert_msg(strstr(buf_text(&b), note) != NULL, "%s", buf_text(&b));
    buf_clear(&b);
    fleet_remedy(&f->findings[1], &b);
    ck_assert_str_eq(buf_text(&b), "Renew it at 192.0.2.3.");
    buf_clear(&b);
    fleet_html(f, &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), note));
    buf_free(&b);
    fleet_free(f);
}
END_TEST

static void add_point(struct report *r, const char *code, enum point_state state, bool needed)
{
    struct point *p = report_new_of(r, point);

    p->id = code;
    p->list = "direct";
    p->state = state;
    p->needed = needed;
    list_push(r->arena, r->checklist, r->n_checklist, p);
}

/* An older report's points count as little as its verdict. */
START_TEST(unmet_points_stand_beside_their_sensor)
{
    struct report *old = sensor_report("north", "a", "2026-11-23T09:00:00.000Z", VERDICT_PASS);
    struct report *new = sensor_report("north", "a", "2026-11-24T09:00:00.000Z", VERDICT_PASS);
    struct report *warns = sensor_report("north", "w", "2026-11-24T09:00:00.000Z", VERDICT_WARN);
    struct fleet *f = fleet_new();
    struct buf b;

    add_point(old, "exact-names", POINT_UNMET, true);
    add_point(new, "route", POINT_UNMET, true);
    add_point(new, "private-way", POINT_MET, true);
    add_point(new, "<software>", POINT_UNSEEN, true);
    add_point(new, "no-way-past", POINT_UNMET, false);
    add_point(new, "link-service", POINT_UNSEEN, false);
    add_point(warns, "route", POINT_MET, true);
    add(f, "1", old);
    add(f, "2", new);
    add(f, "3", warns);
    add(f, "4", sensor_report("south", "b", "2026-11-24T09:00:00.000Z", VERDICT_PASS));
    fleet_finish(f);
    buf_init(&b, 1 << 20);
    fleet_text(f, (struct text_style){.utf8 = true}, &b);
    ck_assert_msg(strstr(buf_text(&b), "\nSIGN-OFF\n  \u2717 north / a: unmet: route; to look at: "
                                       "<software>; unmet for information:\n      no-way-past\n"
                                       "  ! north / w: each warning has to be mended or "
                                       "accepted\n") != NULL,
                  "%s", buf_text(&b));
    ck_assert_ptr_null(strstr(buf_text(&b), "exact-names"));
    ck_assert_ptr_null(strstr(buf_text(&b), "link-service"));
    ck_assert_ptr_null(strstr(buf_text(&b), "south / b"));
    buf_clear(&b);
    fleet_html(f, &b);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "unmet: route; to look at: &lt;software&gt;"));
    ck_assert_uint_eq(few_times(buf_text(&b), "no method was named"), 1);
    buf_clear(&b);
    ck_assert_int_eq(fleet_json(f, &b), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "\"unmet_info\": ["));
    buf_free(&b);
    fleet_free(f);
}
END_TEST

START_TEST(the_newest_report_of_a_sensor_counts)
{
    struct fleet *f = fleet_new();

    add(f, "new", sensor_report("north", "a", "2026-11-24T09:00:00.000Z", VERDICT_PASS));
    add(f, "old", sensor_report("north", "a", "2026-11-23T09:00:00.000Z", VERDICT_FAIL));
    add(f, "else", sensor_report("south", "a", "2026-11-23T09:00:00.000Z", VERDICT_PASS));
    add(f, "x", sensor_report("north", NULL, "2026-11-23T09:00:00.000Z", VERDICT_PASS));
    add(f, "y", sensor_report("north", NULL, "2026-11-24T09:00:00.000Z", VERDICT_PASS));
    fleet_finish(f);
    ck_assert_int_eq(fleet_verdict(f), VERDICT_PASS);
    ck_assert_uint_eq(f->n_superseded, 1);
    ck_assert_uint_eq(f->counts[VERDICT_PASS], 4);
    ck_assert_uint_eq(f->n_findings, 0);
    fleet_free(f);
}
END_TEST

START_TEST(a_huge_fleet_makes_a_small_page)
{
    struct fleet *f = fleet_new();
    struct buf page, text;

    for (int i = 0; i < 6000; i++) {
        char site[64], sensor[64];

        snprintf(site, sizeof site, "<site %d> with a long name to fill the page", i);
        snprintf(sensor, sizeof sensor, "sensor-%d", i);
        add(f, "f", sensor_report(site, sensor, NULL, i % 2 != 0 ? VERDICT_FAIL : VERDICT_WARN));
    }
    for (int i = 0; i < 6000; i++)
        fleet_skip(f, "f", "a file that was no report at all; give another");
    fleet_finish(f);
    buf_init(&page, 1 << 24);
    buf_init(&text, 1 << 24);
    fleet_html(f, &page);
    fleet_text(f, (struct text_style){.utf8 = true, .verbose = true}, &text);
    ck_assert_uint_lt(page.len, 1000 * 1000);
    ck_assert_uint_gt(page.len, 300 * 1000);
    ck_assert_ptr_null(strstr(buf_text(&page), "<site"));
    ck_assert_ptr_nonnull(strstr(buf_text(&page), "left out to keep the page small"));
    buf_free(&page);
    buf_free(&text);
    fleet_free(f);
}
END_TEST

START_TEST(no_report_at_all_is_no_pass)
{
    struct fleet *f = fleet_new();

    fleet_finish(f);
    ck_assert_int_eq(fleet_verdict(f), VERDICT_SKIP);
    fleet_free(f);
}
END_TEST

/* The outline of a report is the report without steps and wire, whatever else is in it. */
START_TEST(an_outline_lacks_nothing_but_the_bulk)
{
    char path[] = "/tmp/hopproof-fleet-XXXXXX";
    unsigned seed = (unsigned)_i;
    struct report *r = few_report(), *outline = NULL;
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    struct buf wanted, got;
    struct fault fault = {""};

    for (size_t i = 0; i < r->n_results; i++) {
        struct result *result = fill(r->arena, &result_shape, &seed);

        result->endpoint = r->results[i]->endpoint;
        result->route = r->results[i]->route;
        for (size_t k = 0; k < result->n_steps; k++)
            result->steps[k]->flow = INT_UNKNOWN;
        r->results[i] = result;
    }
    r->site = fill(r->arena, &site_info_shape, &seed);
    r->run = fill(r->arena, &run_shape, &seed);
    ck_assert_int_eq(json_write(r, file), 0);
    fclose(file);
    ck_assert_msg(json_read_outline(path, &outline, &fault) == 0, "%s", fault.text);
    for (size_t i = 0; i < r->n_results; i++) {
        r->results[i]->n_steps = 0;
        r->results[i]->wire = NULL;
    }
    buf_init(&wanted, 1 << 24);
    buf_init(&got, 1 << 24);
    ck_assert_int_eq(json_write_buf(r, &wanted), 0);
    ck_assert_int_eq(json_write_buf(outline, &got), 0);
    ck_assert_str_eq(buf_text(&got), buf_text(&wanted));
    buf_free(&wanted);
    buf_free(&got);
    report_free(outline);
    report_free(r);
    unlink(path);
}
END_TEST

static const struct {
    const char *text, *skimmed;
} skims[] = {
    {"{\"steps\":[1,[2],\"]\"],\"a\":1}", "{\"steps\":null,\"a\":1}"},
    {"{ \"wire\" : {\"b\":\"}\\\"\"} }", "{ \"wire\":null }"},
    {"{\"steps\":[]}", "{\"steps\":[]}"}, /* too short for null, and short enough */
    {"{\"wire\":null,\"steps\":7}", "{\"wire\":null,\"steps\":7}"},
    {"[\"steps\",[1,2,3,4,5]]", "[\"steps\",[1,2,3,4,5]]"},
    {"{\"steps\":[1,2,3,4,5", "{\"steps\":[1,2,3,4,5"},
    {"{\"steps", "{\"steps"},
    {"{\"steps\\", "{\"steps\\"},
    {"", ""},
};

START_TEST(skimming_follows_brackets_and_strings)
{
    size_t len = strlen(skims[_i].text);
    char *copy = malloc(len + 1); /* exactly as long, so that the sanitizer sees a step too far */

    memcpy(copy, skims[_i].text, len);
    len = json_skim(copy, len);
    ck_assert_msg(len == strlen(skims[_i].skimmed) && memcmp(copy, skims[_i].skimmed, len) == 0,
                  "%.*s instead of %s", (int)len, copy, skims[_i].skimmed);
    free(copy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fleet");
    TCase *tc = tcase_create("fleet");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, the_same_finding_is_one_line_for_all_its_sensors);
    tcase_add_test(tc, what_differs_is_not_told_as_one);
    tcase_add_test(tc, unmet_points_stand_beside_their_sensor);
    tcase_add_test(tc, the_newest_report_of_a_sensor_counts);
    tcase_add_test(tc, a_huge_fleet_makes_a_small_page);
    tcase_add_test(tc, no_report_at_all_is_no_pass);
    tcase_add_loop_test(tc, an_outline_lacks_nothing_but_the_bulk, 0, 60);
    tcase_add_loop_test(tc, skimming_follows_brackets_and_strings, 0,
                        (int)(sizeof skims / sizeof skims[0]));
    return run_case(suite, tc);
}
