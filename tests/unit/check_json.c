/* The report as JSON: what is written is read again, and what is hostile is refused with a place.
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "reports/json.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const fill_samples[] = {
    "",
    "contoso.azure-devices.net:443",
    "\"quoted\" \\\\x1b[31m",
    "<script>alert(1)</script>",
    "größer ✓ 日本",
    "&lt;]]>",
};
enum { FILL_SAMPLES = sizeof fill_samples / sizeof fill_samples[0] };
#include "tests/unit/fill.h"
#include "tests/unit/support.h"

#define HEAD "{\"schema\":\"hopproof.report/1\","

static void read_back(const char *json, const char *expected_fault)
{
    struct report *r = NULL;
    struct fault f = {""};
    int result = json_read_bytes("x.json", json, strlen(json), &r, &f);

    if (expected_fault == NULL) {
        ck_assert_msg(result == 0, "refused: %s\n%s", f.text, json);
    } else {
        ck_assert_msg(result == -1, "accepted: %s", json);
        ck_assert_msg(strstr(f.text, expected_fault) != NULL, "\"%s\" lacks \"%s\"", f.text,
                      expected_fault);
        ck_assert_msg(strstr(f.text, "; ") != NULL, "no advice in: %s", f.text);
        ck_assert_ptr_null(r);
    }
    report_free(r);
}

static void round_trip(const struct shape *shape, unsigned seed)
{
    struct arena *a = arena_new();
    struct buf first, second, flat;
    struct fault f = {""};
    void *object = fill(a, shape, &seed), *again = NULL;

    buf_init(&first, 1 << 24);
    buf_init(&second, 1 << 24);
    buf_init(&flat, 1 << 24);
    ck_assert_int_eq(json_write_object(object, shape, false, &first), 0);
    ck_assert_msg(json_read_object("x", first.data, first.len, shape, a, &again, &f) == 0, "%s: %s",
                  shape->name, f.text);
    ck_assert_int_eq(json_write_object(again, shape, false, &second), 0);
    ck_assert_str_eq(buf_text(&first), buf_text(&second));
    ck_assert_int_eq(json_write_object(again, shape, true, &flat), 0);
    ck_assert_ptr_null(strchr(buf_text(&flat), '\n'));
    buf_free(&first);
    buf_free(&second);
    buf_free(&flat);
    arena_free(a);
}

START_TEST(every_shape_survives_a_round_trip)
{
#define ROUND_TRIP(name, FIELDS) round_trip(&name##_shape, (unsigned)_i);
    REPORT_SHAPES(ROUND_TRIP)
}
END_TEST

START_TEST(an_empty_report_is_whole)
{
    struct report *r = report_new(), *again;
    struct fault f;
    struct buf b;

    buf_init(&b, 1 << 20);
    ck_assert_int_eq(json_write_buf(r, &b), 0);
    ck_assert_int_eq(json_read_bytes("x", b.data, b.len, &again, &f), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "\n \"findings\": [],\n"));
    report_free(r);
    report_free(again);
    buf_free(&b);
}
END_TEST

static const struct {
    int64_t us;
    const char *text;
} times[] = {{12345, "12.345"}, {0, "0.000"},
             {7, "0.007"},      {1000000, "1000.000"},
             {-5, "-0.005"},    {INT_UNKNOWN, "null"},
             {99999, "99.999"}, {INT64_MAX, "9223372036854775.807"}};

START_TEST(times_have_three_decimals)
{
    struct arena *a = arena_new();
    struct lookup *l = shape_new(a, &lookup_shape);
    struct buf b;
    char wanted[64];

    buf_init(&b, 4096);
    l->duration_us = times[_i].us;
    ck_assert_int_eq(json_write_object(l, &lookup_shape, true, &b), 0);
    snprintf(wanted, sizeof wanted, "\"duration_ms\":%s,", times[_i].text);
    ck_assert_msg(strstr(buf_text(&b), wanted) != NULL, "%s lacks %s", buf_text(&b), wanted);
    buf_free(&b);
    arena_free(a);
}
END_TEST

START_TEST(every_microsecond_comes_back)
{
    for (int64_t us = 1; us < (int64_t)1 << 49; us = us * 3 + 1) {
        struct arena *a = arena_new();
        struct lookup *l = shape_new(a, &lookup_shape);
        void *again;
        struct buf b;

        buf_init(&b, 4096);
        l->duration_us = us;
        ck_assert_int_eq(json_write_object(l, &lookup_shape, true, &b), 0);
        ck_assert_int_eq(json_read_object("x", b.data, b.len, &lookup_shape, a, &again, NULL), 0);
        ck_assert(((struct lookup *)again)->duration_us == us);
        buf_free(&b);
        arena_free(a);
    }
}
END_TEST

START_TEST(missing_keys_are_unknown)
{
    static const char json[] =
        HEAD "\"endpoints\":[{\"id\":\"a:1\"}],\"routes\":[{\"id\":\"direct\"}],"
             "\"results\":[{\"endpoint\":\"a:1\",\"route\":\"direct\",\"steps\":"
             "[{\"step\":\"tls\",\"duration_ms\":1.5},{\"step\":\"connect\"}]}]}";
    struct report *r;
    struct fault f;

    ck_assert_int_eq(json_read_bytes("x", json, strlen(json), &r, &f), 0);
    ck_assert_ptr_nonnull(r->run);
    ck_assert_ptr_nonnull(r->summary->required);
    ck_assert(r->endpoints[0]->port == INT_UNKNOWN);
    ck_assert_ptr_eq(r->results[0]->of_endpoint, r->endpoints[0]);
    ck_assert_int_eq(r->results[0]->verdict, VERDICT_SKIP);
    ck_assert_ptr_nonnull(step_tls(r->results[0]->steps[0]));
    ck_assert(r->results[0]->steps[0]->duration_us == 1500);
    ck_assert_ptr_nonnull(step_tcp(r->results[0]->steps[1]));
    report_free(r);
}
END_TEST

START_TEST(unknown_keys_survive_everywhere)
{
    static const char json[] =
        HEAD "\"mood\":\"\\u001b[31m\\u202e\",\"run\":{\"weather\":{\"rain\":0.1,\"big\":1e300}},"
             "\"hops\":[{\"steps\":[{\"step\":\"tls\",\"detail\":{\"ech\":[true,null]}}]}]}";
    struct report *r;
    struct buf b;
    struct fault f;

    buf_init(&b, 1 << 20);
    ck_assert_int_eq(json_read_bytes("x", json, strlen(json), &r, &f), 0);
    ck_assert_int_eq(json_write_buf(r, &b), 0);
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "\"mood\":\"\\u001B[31m\\u202E\""));
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "\"weather\":{\"rain\":0.1,\"big\":1e300}"));
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "\"ech\":[true,null]"));
    report_free(r);
    buf_free(&b);
}
END_TEST

START_TEST(strings_are_printable_after_reading)
{
    static const char json[] =
        HEAD "\"site\":{\"name\":\"a\\u001b[2Jb\\u202ec\\nd\",\"sensor\":\"C:\\\\\\\\x\"}}";
    struct report *r;
    struct fault f;

    ck_assert_int_eq(json_read_bytes("x", json, strlen(json), &r, &f), 0);
    ck_assert(text_is_printable(r->site->name));
    ck_assert_str_eq(r->site->name, "a\\x1b[2Jb\\xe2\\x80\\xaec\\x0ad");
    ck_assert_str_eq(r->site->sensor, "C:\\\\x"); /* already printable: left as it is */
    report_free(r);
}
END_TEST

static const struct {
    const char *json, *fault;
} refused[] = {
    {"", "x.json:1: not JSON"},
    {"{", "x.json:1: not JSON"},
    {"{}", "no hopproof report"},
    {"[]", "no hopproof report"},
    {"{\"schema\":7}", "no hopproof report"},
    {"{\"schema\":\"hopproof.report/2\"}", "reads \"hopproof.report/1\""},
    {"{\"schema\":\"\\u001b[31m\"}", "\\x1b[31m"},
    {HEAD "\"run\":7}", "$.run: an object expected, not a whole number"},
    {HEAD "\"run\":{\"complete\":\"yes\"}}", "$.run.complete: true, false or null expected"},
    {HEAD "\"run\":{\"notes\":[1]}}", "$.run.notes[0]: a string expected"},
    {HEAD "\"run\":{\"notes\":{}}}", "$.run.notes: a list expected"},
    {HEAD "\"run\":{\"duration_ms\":\"1\"}}", "$.run.duration_ms: a number of milliseconds"},
    {HEAD "\"run\":{\"duration_ms\":1e200}}", "$.run.duration_ms: this is no duration"},
    {HEAD "\"run\":{\"clock_offset_s\":1.5}}", "$.run.clock_offset_s: a whole number"},
    {HEAD "\"run\":{\"clock_offset_s\":99999999999999999999}}", "not JSON: too big integer"},
    {HEAD "\"run\":{\"clock_offset_s\":9007199254740993}}",
     "$.run.clock_offset_s: larger than any number of a report"},
    {HEAD "\"run\":{\"command\":\"dance\"}}", "$.run.command: \"dance\" is no command"},
    {HEAD "\"run\":{},\"run\":{}}", "not JSON: duplicate object key"},
    {HEAD "\"endpoints\":[null]}", "$.endpoints[0]: an object expected, not null"},
    {HEAD "\"hops\":[{},{\"steps\":[{\"step\":\"tls\",\"detail\":{\"chain\":[{\"sans\":7}]}}]}]}",
     "$.hops[1].steps[0].detail.chain[0].sans: a list expected"},
    {HEAD "\"hops\":[{\"steps\":[{\"step\":\"tls\",\"detail\":[]}]}]}",
     "$.hops[0].steps[0].detail: an object expected, not a list"},
    {HEAD "\"results\":[{\"endpoint\":\"a\",\"route\":\"b\"}]}", "result 0 names an endpoint"},
    {HEAD "\"findings\":[{\"results\":[0]}]}", "$.findings[0].results: there is no such result"},
    {HEAD "\"findings\":[{\"results\":[-1]}]}", "$.findings[0].results: there is no such result"},
    {HEAD
     "\"endpoints\":[{\"id\":\"a\"}],\"routes\":[{\"id\":\"b\"}],\"results\":[{\"endpoint\":\"a\","
     "\"route\":\"b\",\"steps\":[{\"flow\":0}]}]}",
     "$.results[0].steps[0].flow: there is no such flow"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "too deeply nested"},
    {HEAD "\"site\":{\"name\":\"a\\u0000b\"}}", "not JSON"},
    {HEAD "\"site\":{\"name\":\"\xff\"}}", "not JSON"},
    {HEAD "\"site\":{}} {}", "not JSON"},
};

START_TEST(hostile_files_are_refused_with_their_place)
{
    read_back(refused[_i].json, refused[_i].fault);
}
END_TEST

START_TEST(a_cut_file_is_refused_wherever_it_is_cut)
{
    struct report *r = report_new(), *again = NULL;
    struct buf b;

    buf_init(&b, 1 << 20);
    report_note(r, "a note with \"quotes\" and ünicode");
    ck_assert_int_eq(json_write_buf(r, &b), 0);
    for (size_t len = 0; len + 1 < b.len; len++) { /* the last byte is a line end */
        void *copy = malloc(len + 1);              /* the sanitizer guards its end */

        memcpy(copy, b.data, len);
        ck_assert_int_eq(json_read_bytes("x", copy, len, &again, NULL), -1);
        free(copy);
    }
    report_free(r);
    buf_free(&b);
}
END_TEST

START_TEST(files_that_cannot_be_read_are_named)
{
    struct report *r = NULL;
    struct fault f;

    ck_assert_int_eq(json_read("/nonexistent/x.json", &r, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "/nonexistent/x.json: No such file"));
    ck_assert_int_eq(json_read("/", &r, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "/: Is a directory"));
    ck_assert_ptr_null(r);
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    struct report *r = report_new();
    FILE *full = fopen("/dev/full", "w");

    ck_assert_ptr_nonnull(full);
    setvbuf(full, NULL, _IONBF, 0);
    errno = 0;
    ck_assert_int_eq(json_write(r, full), -1);
    ck_assert_int_eq(errno, ENOSPC);
    fclose(full);
    report_free(r);
}
END_TEST

START_TEST(a_large_report_is_written_in_pieces)
{
    struct report *r = report_new(), *again;
    struct fault f;
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    struct buf b;

    for (int i = 0; i < 20000; i++)
        report_note(r, "note %d of a run that had much to say", i);
    for (int i = 0; i < 2000; i++) {
        struct endpoint *e = report_new_of(r, endpoint);

        e->id = arena_printf(r->arena, "host%d:443", i);
        list_push(r->arena, r->endpoints, r->n_endpoints, e);
    }
    buf_init(&b, 1 << 24);
    ck_assert_int_eq(json_write(r, memory), 0);
    fclose(memory);
    ck_assert_int_eq(json_write_buf(r, &b), 0);
    ck_assert_str_eq(text, buf_text(&b));
    ck_assert_int_eq(json_read_bytes("x", text, len, &again, &f), 0);
    ck_assert_uint_eq(again->n_endpoints, 2000);
    free(text);
    buf_free(&b);
    report_free(r);
    report_free(again);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tc = tcase_create("json");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, every_shape_survives_a_round_trip, 0, 40);
    tcase_add_test(tc, an_empty_report_is_whole);
    tcase_add_loop_test(tc, times_have_three_decimals, 0, COUNT(times));
    tcase_add_test(tc, every_microsecond_comes_back);
    tcase_add_test(tc, missing_keys_are_unknown);
    tcase_add_test(tc, unknown_keys_survive_everywhere);
    tcase_add_test(tc, strings_are_printable_after_reading);
    tcase_add_loop_test(tc, hostile_files_are_refused_with_their_place, 0, COUNT(refused));
    tcase_add_test(tc, a_cut_file_is_refused_wherever_it_is_cut);
    tcase_add_test(tc, files_that_cannot_be_read_are_named);
    tcase_add_test(tc, a_full_disk_is_noticed);
    tcase_add_test(tc, a_large_report_is_written_in_pieces);
    return run_case(suite, tc);
}
