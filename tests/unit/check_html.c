/* Error pages: title, text, signature; hostile markup and every cut. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/html.h"
#include "tests/unit/support.h"

static const char *text_of(struct arena *a, const char *body)
{
    return html_text(a, body, strlen(body), 200);
}

static const char *title_of(struct arena *a, const char *body)
{
    return html_title(a, body, strlen(body), 60);
}

START_TEST(titles_are_found)
{
    static const struct {
        const char *body, *title;
    } cases[] = {
        {"<html><head><title>ERROR: The requested URL</title>", "ERROR: The requested URL"},
        {"<TITLE lang=\"en\">\n A &amp; B &lt;x&gt; \n\tC&#33;</TITLE>", "A & B <x> C!"},
        {"<title>cut", "cut"},
        {"<title>a<b>c</b></title>", "a<b>c</b>"},
        {"<title></title>", NULL},
        {"<title> </title>", NULL},
        {"<titled>x</titled>", NULL},
        {"<title", NULL},
        {"no markup", NULL},
        {"", NULL},
        {"<!-- <title>no</title> --><script>'<title>no</title>'</script><title>yes</title>", "yes"},
        {"<p title=\"<title>no</title>\">x<title>yes</title>", "yes"},
        {"<title>\xc3\xa4 &#228; &#xE4; &uuml;</title>", "\xc3\xa4 \xc3\xa4 \xc3\xa4 &uuml;"},
        {"<title>a\x1b[31mb\xff</title>", "a\\x1b[31mb\\xff"},
        {"<title>&#0;&#xd800;&#x110000;</title>", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"<title>&#8238;x</title>", "\\xe2\\x80\\xaex"},
        {"<title>&#;&#x;&;&</title>", "&#;&#x;&;&"},
    };
    struct arena *a = arena_new();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = title_of(a, cases[i].body);

        ck_assert_msg((got == NULL) == (cases[i].title == NULL) &&
                          (got == NULL || strcmp(got, cases[i].title) == 0),
                      "%s: %s", cases[i].body, got == NULL ? "(null)" : got);
    }
    arena_free(a);
}
END_TEST

START_TEST(text_is_what_a_person_reads)
{
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"plain  text\r\nlines", "plain text lines"},
        {"<p>one</p><p>two</p>", "one two"},
        {"<b>bo</b>ld <a href='x>y'>link</a>.", "bold link."},
        {"a < b & c > d", "a < b & c > d"},
        {"x<!-- gone -->y<!-- open", "xy"},
        {"<style>p{}</style><script>a<b</script>left", "left"},
        {"<script>never closed", NULL},
        {"<!DOCTYPE html><?xml?>x", "x"},
        {"<title>gone</title>left", "left"},
        {"<a href=\"never closed>text", "text"},
        {"a&nbsp;b\xc2\xa0"
         "c",
         "a b c"},
        {"\xef\xbb\xbfmark", "mark"},
        {"<", "<"},
        {"<p", NULL},
        {"1<2", "1<2"},
        {"   ", NULL},
    };
    struct arena *a = arena_new();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = text_of(a, cases[i].body);

        ck_assert_msg((got == NULL) == (cases[i].text == NULL) &&
                          (got == NULL || strcmp(got, cases[i].text) == 0),
                      "%s: %s", cases[i].body, got == NULL ? "(null)" : got);
    }
    arena_free(a);
}
END_TEST

START_TEST(the_length_is_bounded_at_a_character)
{
    struct arena *a = arena_new();
    char word[400];

    memset(word, 'x', sizeof word);
    ck_assert_uint_eq(strlen(html_text(a, word, sizeof word, 50)), 50);
    ck_assert_str_eq(html_text(a, word, 50, 50) + 47, "xxx");
    ck_assert_str_eq(html_text(a, word, 51, 50) + 47, "...");
    for (size_t i = 0; i + 1 < sizeof word; i += 2)
        memcpy(word + i, "\xc3\xa4", 2);
    for (size_t max = 10; max < 40; max++) {
        char *got = html_text(a, word, sizeof word, max);

        ck_assert_uint_le(strlen(got), max);
        ck_assert(text_is_printable(got) && strstr(got, "\\x") == NULL);
    }
    arena_free(a);
}
END_TEST

START_TEST(squid_signs_its_pages)
{
    static const char *const files[] = {"http/squid-403.bin", "http/squid-407.bin",
                                        "http/squid-500.bin"};
    struct arena *a = arena_new();
    const char *software;

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct sample s = sample_read(files[i]);

        ck_assert_pstr_eq(html_generated_by(a, s.data, s.len, &software), "p1.example");
        ck_assert_pstr_eq(software, "squid/5.7");
        free(s.data);
    }
    ck_assert_pstr_eq(
        html_generated_by(a, "<p>Erzeugt am Montag von p2.example (squid/6.6)</p>", 51, &software),
        "p2.example");
    ck_assert_pstr_eq(software, "squid/6.6");
    ck_assert_pstr_eq(html_generated_by(a, "Generated today by p3", 21, &software), "p3");
    ck_assert_ptr_null(software);
    ck_assert_ptr_null(html_generated_by(a, "Generated today by ", 19, NULL));
    ck_assert_ptr_null(html_generated_by(a, "a page made by hand", 19, NULL));
    ck_assert_ptr_null(html_generated_by(a, " (squid", 7, NULL));
    ck_assert_ptr_null(html_generated_by(a, "", 0, NULL));
    arena_free(a);
}
END_TEST

START_TEST(every_cut_is_survived)
{
    struct sample s = sample_read("http/squid-407.bin");
    struct guard g = guard_new(s.len);

    for (size_t len = 0; len <= s.len; len++) {
        struct arena *a = arena_new();
        const uint8_t *p = guard_put(&g, s.data + (s.len - len), len);
        char *text = html_text(a, p, len, 500);

        ck_assert(text == NULL || (strlen(text) <= 500 && text_is_printable(text)));
        p = guard_put(&g, s.data, len);
        html_title(a, p, len, 100);
        text = html_text(a, p, len, 500);
        ck_assert(text == NULL || (strlen(text) <= 500 && text_is_printable(text)));
        arena_free(a);
    }
    guard_free(&g);
    free(s.data);
}
END_TEST

START_TEST(hostile_markup_takes_no_time)
{
    static const char *const pieces[] = {"<a \"", "<!--",  "<title", "&#",       "<script>",
                                         "</",    "<a '>", "&am",    "<a x=\"'>"};
    enum { ROOM = 64 * 1024 };
    char *body = malloc(ROOM);
    struct arena *a = arena_new();

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        size_t len = strlen(pieces[i]);

        for (size_t n = 0; n < ROOM; n++)
            body[n] = pieces[i][n % len];
        html_text(a, body, ROOM, 1000);
        html_title(a, body, ROOM, 100);
        html_generated_by(a, body, ROOM, NULL);
    }
    arena_free(a);
    free(body);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        titles_are_found,      text_is_what_a_person_reads, the_length_is_bounded_at_a_character,
        squid_signs_its_pages, every_cut_is_survived,       hostile_markup_takes_no_time,
    };

    return run_suite("html", tests, ARRAY_LEN(tests));
}
