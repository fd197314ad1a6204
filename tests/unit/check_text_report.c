/* The terminal report and the progress line: what a reader, a pipe and a hostile name may see. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/paper.h"
#include "reports/progress.h"
#include "reports/text.h"
#include "reports/words.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct report *report_with(size_t n_endpoints, size_t n_failing)
{
    struct report *r = report_new();
    struct route *route = report_new_of(r, route);
    struct finding *f = report_new_of(r, finding);

    r->run->complete = true;
    route->id = "direct";
    route->required = true;
    list_push(r->arena, r->routes, r->n_routes, route);
    f->cause = CAUSE_TCP_TIMEOUT;
    f->severity = SEVERITY_ERROR;
    f->at = "sensor>endpoint";
    f->owner = "network";
    f->title = "Nothing answers";
    for (size_t i = 0; i < n_endpoints; i++) {
        struct endpoint *e = report_new_of(r, endpoint);
        struct result *result = report_new_of(r, result);

        e->id = arena_printf(r->arena, "host%zu.example:443", i);
        result->endpoint = e->id;
        result->route = "direct";
        result->of_endpoint = e;
        result->of_route = route;
        result->required = true;
        result->verdict = i < n_failing ? VERDICT_FAIL : VERDICT_PASS;
        result->cause = i < n_failing ? CAUSE_TCP_TIMEOUT : CAUSE_NONE;
        list_push(r->arena, r->endpoints, r->n_endpoints, e);
        list_push(r->arena, r->results, r->n_results, result);
        if (i < n_failing)
            list_push(r->arena, f->results, f->n_results, (int64_t)i);
    }
    if (n_failing > 0)
        list_push(r->arena, r->findings, r->n_findings, f);
    r->summary->verdict = n_failing > 0 ? VERDICT_FAIL : VERDICT_PASS;
    r->summary->required->pass = (int64_t)(n_endpoints - n_failing);
    r->summary->required->fail = (int64_t)n_failing;
    r->summary->required->warn = 0;
    r->summary->required->skip = 0;
    return r;
}

static char *drawn(struct report *r, struct text_style style)
{
    struct buf b;
    char *copy;

    buf_init(&b, 1 << 24);
    text_draw(r, style, &b);
    copy = strdup(buf_text(&b));
    buf_free(&b);
    return copy;
}

static size_t occurrences(const char *s, const char *part)
{
    size_t n = 0;

    for (; (s = strstr(s, part)) != NULL; s++)
        n++;
    return n;
}

START_TEST(the_verdict_comes_first)
{
    struct report *r = report_with(3, 1);
    char *text = drawn(r, (struct text_style){.utf8 = true});

    ck_assert_msg(strncmp(text,
                          " FAIL  host0.example:443 fails between sensor and endpoint: nothing "
                          "answers. To\n       act: the network team.\n",
                          80) == 0,
                  "%s", text);
    free(text);
    report_free(r);
}
END_TEST

START_TEST(colour_only_repeats_words)
{
    struct report *r = report_with(40, 20);
    char *plain = drawn(r, (struct text_style){.utf8 = true});
    char *color = drawn(r, (struct text_style){.utf8 = true, .color = true});
    char *to = color;

    ck_assert_ptr_null(strchr(plain, '\x1b'));
    ck_assert_ptr_nonnull(strchr(color, '\x1b'));
    for (const char *from = color; *from != '\0';) { /* take the sequences out */
        if (*from == '\x1b')
            from = strchr(from, 'm') + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
    ck_assert_str_eq(plain, color);
    free(plain);
    free(color);
    report_free(r);
}
END_TEST

START_TEST(a_long_report_repeats_its_failures)
{
    struct report *few = report_with(3, 1), *many = report_with(60, 50);
    char *short_text = drawn(few, (struct text_style){.utf8 = true});
    char *long_text = drawn(many, (struct text_style){.utf8 = true});

    ck_assert_uint_eq(occurrences(short_text, " FAIL  host0"), 1);
    ck_assert_uint_eq(occurrences(long_text, " FAIL  50 of 60 required"), 2);
    free(short_text);
    free(long_text);
    report_free(few);
    report_free(many);
}
END_TEST

START_TEST(a_long_table_counts_those_that_pass)
{
    struct report *r = report_with(500, 2);
    char *text = drawn(r, (struct text_style){.utf8 = false});
    char *verbose = drawn(r, (struct text_style){.utf8 = false, .verbose = true});

    ck_assert_ptr_null(strstr(text, "host77.example"));
    ck_assert_ptr_nonnull(strstr(text, "+ 498 others pass on every route"));
    ck_assert_ptr_nonnull(strstr(verbose, "host77.example"));
    free(text);
    free(verbose);
    report_free(r);
}
END_TEST

START_TEST(many_routes_become_a_list)
{
    struct report *r = report_with(1, 1);

    for (int i = 0; i < 5; i++) {
        struct route *route = report_new_of(r, route);
        struct result *result = report_new_of(r, result);

        route->id = arena_printf(r->arena, "hop1>hop2>hop3>hop%d", i);
        result->endpoint = r->endpoints[0]->id;
        result->route = route->id;
        result->of_endpoint = r->endpoints[0];
        result->of_route = route;
        list_push(r->arena, r->routes, r->n_routes, route);
        list_push(r->arena, r->results, r->n_results, result);
    }
    char *text = drawn(r, (struct text_style){.utf8 = true});

    ck_assert_ptr_nonnull(strstr(text, "\n    hop1>hop2>hop3>hop4  "));
    ck_assert_ptr_nonnull(strstr(text, "- not tested"));
    free(text);
    report_free(r);
}
END_TEST

static const struct {
    const char *label;
    enum verdict verdict;
    bool complete;
    const char *begins;
} lines[] = {
    {"pass", VERDICT_PASS, true, "HOPPROOF OK - All 3 required endpoints can be reached. |"},
    {"fail", VERDICT_FAIL, true, "HOPPROOF CRITICAL - host0.example:443 fails "},
    {"fail, cut", VERDICT_FAIL, false, "HOPPROOF CRITICAL - host0.example:443 fails "},
    {"pass, cut", VERDICT_PASS, false,
     "HOPPROOF UNKNOWN - All 3 required endpoints can be reached. "
     "The run is incomplete. |"},
};

START_TEST(the_quiet_line_is_one_line)
{
    struct report *r = report_with(3, lines[_i].verdict == VERDICT_FAIL);
    struct buf b;

    buf_init(&b, 1 << 16);
    r->run->complete = lines[_i].complete;
    text_draw_line(r, (struct text_style){.utf8 = true}, &b);
    ck_assert_msg(strncmp(buf_text(&b), lines[_i].begins, strlen(lines[_i].begins)) == 0, "%s: %s",
                  lines[_i].label, buf_text(&b));
    ck_assert_uint_eq(occurrences(buf_text(&b), "\n"), 1);
    ck_assert_uint_eq(occurrences(buf_text(&b), "|"), 1);
    buf_free(&b);
    report_free(r);
}
END_TEST

START_TEST(a_bar_in_a_name_cannot_forge_performance_data)
{
    struct report *r = report_with(1, 1);
    struct buf b;

    buf_init(&b, 1 << 16);
    r->findings[0]->title = "x | pass=9 \x1b[2J";
    text_draw_line(r, (struct text_style){.utf8 = true}, &b);
    ck_assert_uint_eq(occurrences(buf_text(&b), "|"), 1);
    ck_assert_ptr_null(strchr(buf_text(&b), '\x1b'));
    buf_free(&b);
    report_free(r);
}
END_TEST

static const struct {
    int64_t pass, skip;
    const char *says;
} untested[] = {
    {0, 1, "The required endpoint was not tested."},
    {0, 3, "None of the 3 required endpoints was tested."},
    {0, 0, "There is no required endpoint, so nothing was tested."},
    {2, 1, "2 of 3 required endpoints can be reached directly, 1 was not tested."},
};

/* A wildcard alone, Ctrl-C, the deadline: "all that were tested pass" would be true, and a lie. */
START_TEST(what_was_not_tested_is_not_said_to_pass)
{
    struct report *r = report_with(3, 0);
    struct buf b;

    buf_init(&b, 1 << 16);
    r->site->required_route = "direct";
    r->summary->verdict = VERDICT_WARN;
    r->summary->required->pass = untested[_i].pass;
    r->summary->required->skip = untested[_i].skip;
    words_sentence(r, &b);
    ck_assert_str_eq(buf_text(&b), untested[_i].says);
    buf_free(&b);
    report_free(r);
}
END_TEST

START_TEST(the_environment_decides_style)
{
    setenv("LC_ALL", "", 1);
    setenv("LC_CTYPE", "", 1);
    setenv("LANG", "de_DE.UTF-8", 1);
    ck_assert(text_style_of(stdout, false, false).utf8);
    setenv("LC_ALL", "C", 1);
    ck_assert(!text_style_of(stdout, false, false).utf8);
    setenv("LC_ALL", "C.utf8", 1);
    ck_assert(text_style_of(stdout, false, false).utf8);
    setenv("NO_COLOR", "1", 1);
    ck_assert(!text_style_of(stdout, false, false).color);
}
END_TEST

static const struct {
    int64_t us;
    const char *text;
} durations[] = {{INT_UNKNOWN, "?"}, {0, "0.0 ms"},           {30, "<0.1 ms"},
                 {400, "0.4 ms"},    {43400, "43 ms"},        {999600, "1.0 s"},
                 {3120500, "3.1 s"}, {125000000, "2 min 5 s"}};

START_TEST(durations_read_well)
{
    struct buf b;

    buf_init(&b, 64);
    words_duration(durations[_i].us, &b);
    ck_assert_str_eq(buf_text(&b), durations[_i].text);
    buf_free(&b);
}
END_TEST

START_TEST(cells_keep_their_width_for_any_name)
{
    static const char *const names[] = {"short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:443",
                                        "日本日本日本日本日本日本日本日本日本",
                                        "größer-größer-größer.example:443", ""};
    struct arena *a = arena_new();

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (size_t width = 8; width < 30; width++) {
            struct buf b;
            const struct paper p = {&b, {.utf8 = true}, a};
            size_t columns = 0;

            buf_init(&b, 1024);
            paper_cell(&p, names[i], width);
            for (const char *c = buf_text(&b); *c != '\0'; c++) /* wide ones are three bytes */
                columns +=
                    ((unsigned char)*c & 0xc0) != 0x80 ? ((unsigned char)*c >= 0xe3 ? 2 : 1) : 0;
            ck_assert_msg(columns <= width && columns + 2 >= width, "%zu for %zu: %s", columns,
                          width, buf_text(&b));
            buf_free(&b);
        }
    }
    arena_free(a);
}
END_TEST

static char *progress_of(bool tty)
{
    struct report *r = report_with(500, 3);
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    struct progress *p = progress_new(memory, 500, tty);

    r->results[0]->endpoint = "evil\x1b[2J\nhost";
    progress_phase(p, "probing \x1b[31m");
    for (size_t i = 0; i < r->n_results; i++)
        progress_done(p, r->results[i]);
    progress_free(p);
    fclose(memory);
    report_free(r);
    return text;
}

/* A shell that gets the lines joins them to the command that they are. */
START_TEST(a_command_is_broken_between_its_words)
{
    static const char command[] =
        "hopproof check --site 'a file with a rather long name, spaces and an it'\\''s.yaml' "
        "--proxy azure=http://10.30.4.10:3128 --route 'a>b' --no-capture plant\\ seven.example:443 "
        "--ca-file "
        "/a/path/that/is/longer/than/a/whole/line/and/must/not/be/broken/or/it/is/another.pem";
    static const char drawn[] =
        "hopproof check \\\n"
        "  --site 'a file with a rather long name, spaces and an it'\\''s.yaml' \\\n"
        "  --proxy azure=http://10.30.4.10:3128 --route 'a>b' \\\n"
        "  --no-capture plant\\ seven.example:443 \\\n"
        "  --ca-file "
        "/a/path/that/is/longer/than/a/whole/line/and/must/not/be/broken/or/it/is/another.pem\n";
    struct arena *a = arena_new();
    struct buf b;

    buf_init(&b, 4096);
    paper_command(&(struct paper){.out = &b, .scratch = a}, 14, 2, command);
    ck_assert_str_eq(buf_text(&b), drawn);
    buf_free(&b);
    arena_free(a);
}
END_TEST

START_TEST(progress_on_a_terminal_is_one_line_seldom_drawn)
{
    char *text = progress_of(true);

    ck_assert_ptr_null(strchr(text, '\n'));
    ck_assert_uint_lt(occurrences(text, "\r"), 40);
    ck_assert_ptr_null(strstr(text, "\x1b[31m"));
    ck_assert_str_eq(text + strlen(text) - 4, "\r\x1b[K");
    free(text);
}
END_TEST

START_TEST(progress_in_a_pipe_is_a_line_for_each_result)
{
    char *text = progress_of(false);

    ck_assert_uint_eq(occurrences(text, "\n"), 501);
    ck_assert_ptr_nonnull(strstr(text, "2/500 host1.example:443 over direct: FAIL tcp-timeout\n"));
    ck_assert_ptr_null(strchr(text, '\x1b'));
    free(text);
}
END_TEST

START_TEST(a_recording_that_broke_off_is_not_said_to_have_lost_nothing)
{
    struct report *r = report_with(1, 0);
    struct buf b;

    buf_init(&b, 1000);
    r->capture->enabled = true;
    r->capture->packets = 17;
    r->capture->dropped_kernel = r->capture->dropped_interface = 0;
    words_capture(r, &b);
    ck_assert_str_eq(buf_text(&b), "17 recorded, none lost");
    buf_free(&b);
    buf_init(&b, 1000);
    r->capture->reason = "the recorder died of signal 9 (Killed)";
    words_capture(r, &b);
    ck_assert_str_eq(buf_text(&b), "17 recorded, but not all of the run");
    buf_free(&b);
    report_free(r);
}
END_TEST

START_TEST(no_progress_is_fine)
{
    progress_phase(NULL, "x");
    progress_done(NULL, NULL);
    progress_free(NULL);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof(list)[0]))

int main(void)
{
    Suite *suite = suite_create("text_report");
    TCase *tc = tcase_create("text_report");

    tcase_add_test(tc, the_verdict_comes_first);
    tcase_add_test(tc, colour_only_repeats_words);
    tcase_add_test(tc, a_long_report_repeats_its_failures);
    tcase_add_test(tc, a_long_table_counts_those_that_pass);
    tcase_add_test(tc, many_routes_become_a_list);
    tcase_add_loop_test(tc, the_quiet_line_is_one_line, 0, COUNT(lines));
    tcase_add_test(tc, a_bar_in_a_name_cannot_forge_performance_data);
    tcase_add_loop_test(tc, what_was_not_tested_is_not_said_to_pass, 0, COUNT(untested));
    tcase_add_test(tc, the_environment_decides_style);
    tcase_add_loop_test(tc, durations_read_well, 0, COUNT(durations));
    tcase_add_test(tc, cells_keep_their_width_for_any_name);
    tcase_add_test(tc, a_command_is_broken_between_its_words);
    tcase_add_test(tc, progress_on_a_terminal_is_one_line_seldom_drawn);
    tcase_add_test(tc, progress_in_a_pipe_is_a_line_for_each_result);
    tcase_add_test(tc, no_progress_is_fine);
    tcase_add_test(tc, a_recording_that_broke_off_is_not_said_to_have_lost_nothing);
    return run_case(suite, tc);
}
