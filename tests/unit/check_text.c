/* What came from outside, made fit to be shown. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "tests/unit/support.h"

START_TEST(utf8_is_exactly_rfc_3629)
{
    static const struct {
        const char *bytes;
        size_t len, expected;
    } cases[] = {
        {"", 0, 0},
        {"a", 1, 1},
        {"\0", 1, 1},
        {"\x7f", 1, 1},
        {"\x80", 1, 0},
        {"\xbf", 1, 0},
        {"\xc0\x80", 2, 0},
        {"\xc1\xbf", 2, 0},
        {"\xc2\x80", 2, 2},
        {"\xc2", 1, 0},
        {"\xc2\x41", 2, 0},
        {"\xdf\xbf", 2, 2},
        {"\xe0\x9f\xbf", 3, 0},
        {"\xe0\xa0\x80", 3, 3},
        {"\xe0\xa0", 2, 0},
        {"\xed\x9f\xbf", 3, 3},
        {"\xed\xa0\x80", 3, 0},
        {"\xef\xbf\xbf", 3, 3},
        {"\xe2\x82\x28", 3, 0},
        {"\xf0\x8f\xbf\xbf", 4, 0},
        {"\xf0\x90\x80\x80", 4, 4},
        {"\xf4\x8f\xbf\xbf", 4, 4},
        {"\xf4\x90\x80\x80", 4, 0},
        {"\xf0\x9f\x98", 3, 0},
        {"\xf5\x80\x80\x80", 4, 0},
        {"\xff", 1, 0},
    };
    struct guard g = guard_new(8);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const unsigned char *p = guard_put(&g, cases[i].bytes, cases[i].len);

        ck_assert_msg(text_utf8_len(p, cases[i].len) == cases[i].expected, "case %zu", i);
    }
    guard_free(&g);
}
END_TEST

START_TEST(what_could_deceive_is_escaped)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
         "plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"a\\b", "a\\\\b"},
        {"\x1b[31m", "\\x1b[31m"},
        {"a\nb\tc", "a\\x0ab\\x09c"},
        {"\x7f", "\\x7f"},
        {"\xc2\x9b", "\\xc2\\x9b"},                   /* C1: CSI in one character */
        {"\xe2\x80\xae", "\\xe2\\x80\\xae"},          /* right-to-left override */
        {"\xd8\x9c", "\\xd8\\x9c"},                   /* Arabic letter mark */
        {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},          /* isolate */
        {"\xe2\x80\x8b", "\\xe2\\x80\\x8b"},          /* zero width space */
        {"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},          /* byte order mark */
        {"\xc2\xad", "\\xc2\\xad"},                   /* soft hyphen */
        {"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"}, /* a tag character */
        {"\xef\xbf\xbe", "\\xef\\xbf\\xbe"},          /* no character */
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc3", "\\xc3"},
        {"\xe2\x82x", "\\xe2\\x82x"},
    };
    struct arena *a = arena_new();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *out = text_printable(a, cases[i].in, strlen(cases[i].in), 200);

        ck_assert_str_eq(out, cases[i].out);
        ck_assert(text_is_printable(out));
        ck_assert_int_eq(text_is_printable(cases[i].in),
                         strchr(cases[i].in, '\\') != NULL || strcmp(cases[i].in, out) == 0);
    }
    ck_assert_str_eq(text_printable(a, "a\0b", 3, 200), "a\\x00b");
    arena_free(a);
}
END_TEST

START_TEST(cuts_fall_between_characters_and_escapes)
{
    static const char in[] = "ab\xc3\xa4\x1b\xe2\x82\xac\xf0\x9f\x98\x80\xe2\x80\xae\\xyz";
    struct arena *a = arena_new();
    char *whole = text_printable(a, in, sizeof in - 1, 1000);
    size_t len = strlen(whole);

    for (size_t max = 0; max < len + 5; max++) {
        char *out = text_printable(a, in, sizeof in - 1, max);
        size_t n = strlen(out);

        ck_assert_uint_le(n, max);
        ck_assert(text_is_printable(out));
        if (max >= len) {
            ck_assert_str_eq(out, whole);
        } else if (max >= 3) {
            ck_assert_str_eq(out + n - 3, "...");
            ck_assert_int_eq(strncmp(out, whole, n - 3), 0);
            /* never half an escape */
            ck_assert(n < 4 || out[n - 4] != '\\' || out[n - 5] == '\\');
        }
    }
    arena_free(a);
}
END_TEST

START_TEST(any_bytes_become_printable)
{
    struct arena *a = arena_new();
    uint32_t state = 5;

    for (int i = 0; i < 5000; i++) {
        unsigned char bytes[40];
        size_t len = chance(&state) % sizeof bytes, max = chance(&state) % 100;
        char *out;

        for (size_t k = 0; k < len; k++)
            bytes[k] =
                (unsigned char)(chance(&state) % 3 == 0 ? chance(&state) | 0xc0 : chance(&state));
        out = text_printable(a, bytes, len, max);
        ck_assert(text_is_printable(out));
        ck_assert_uint_le(strlen(out), max);
    }
    arena_free(a);
}
END_TEST

START_TEST(columns_are_those_of_a_terminal)
{
    ck_assert_uint_eq(text_columns(""), 0);
    ck_assert_uint_eq(text_columns("abc"), 3);
    ck_assert_uint_eq(text_columns("\xc3\xa4"), 1);
    ck_assert_uint_eq(text_columns("e\xcc\x81"), 1); /* a combining accent */
    ck_assert_uint_eq(text_columns("\xe4\xb8\xad\xe6\x96\x87"), 4);
    ck_assert_uint_eq(text_columns("\xf0\x9f\x98\x80"), 2);
}
END_TEST

START_TEST(comparisons_know_ascii_only)
{
    ck_assert(text_equal_nocase("Via", "vIA"));
    ck_assert(!text_equal_nocase("Via", "Vi"));
    ck_assert(!text_equal_nocase("Vi", "Via"));
    ck_assert(!text_equal_nocase("\xc3\x84", "\xc3\xa4"));
    ck_assert(!text_equal_nocase("@", "`")); /* 0x40 and 0x60 are no letters */
    ck_assert(!text_equal_nocase("[", "{"));
    ck_assert(text_equal_nocase("", ""));
    ck_assert(text_starts_with_nocase("HTTP/1.1", "http/"));
    ck_assert(!text_starts_with_nocase("HT", "http"));
    ck_assert(text_starts_with_nocase("x", ""));
    ck_assert(text_ends_with_nocase("a.Example", ".eXample"));
    ck_assert(!text_ends_with_nocase("ple", "example"));
    ck_assert(text_ends_with_nocase("x", ""));
    ck_assert(text_contains_nocase("the PROXY denied", "proxy"));
    ck_assert(text_contains_nocase("", ""));
    ck_assert(text_contains_nocase("x", ""));
    ck_assert(!text_contains_nocase("prox", "proxy"));
}
END_TEST

START_TEST(numbers_are_whole_and_bounded)
{
    static const struct {
        const char *text;
        unsigned long max;
        bool ok;
        unsigned long value;
    } cases[] = {
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"99999", 65535, false, 0},
        {"007", 10, true, 7},
        {"18446744073709551615", 18446744073709551615UL, true, 18446744073709551615UL},
        {"18446744073709551616", 18446744073709551615UL, false, 0},
        {"99999999999999999999999999", 18446744073709551615UL, false, 0},
        {"5", 3, false, 0},
        {"9", 5, false, 0},
        {"10", 9, false, 0},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {" 1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"1x", 10, false, 0},
        {"0x1", 10, false, 0},
        {"\xd9\xa1", 10, false, 0}, /* an Arabic digit */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned long value = 77;

        ck_assert_msg(text_parse_uint(cases[i].text, cases[i].max, &value) == cases[i].ok, "%s",
                      cases[i].text);
        ck_assert_uint_eq(value, cases[i].ok ? cases[i].value : 77);
    }
}
END_TEST

START_TEST(the_nearest_word_is_near)
{
    static const char *const words[] = {"timeout", "port", "resolver", "proxy"};
    char longest[200];

    ck_assert_pstr_eq(text_nearest("timout", words, 4), "timeout");
    ck_assert_pstr_eq(text_nearest("prot", words, 4), "port");
    ck_assert_pstr_eq(text_nearest("PROXY", words, 4), "proxy");
    ck_assert_pstr_eq(text_nearest("resolvers", words, 4), "resolver");
    ck_assert_ptr_null(text_nearest("banana", words, 4));
    ck_assert_ptr_null(text_nearest("", words, 4));
    ck_assert_ptr_null(text_nearest("x", words, 4));
    ck_assert_ptr_null(text_nearest("port", words, 0));
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_null(text_nearest(longest, words, 4));
}
END_TEST

/* A message may quote a file that somebody wrote to take over the reader's terminal. */
START_TEST(a_message_steers_no_terminal)
{
    struct fault f;

    fault_set(&f, "near '%s'", "\x1b[31m\x7f");
    ck_assert_str_eq(f.text, "near '?[31m?'");
    fault_at(&f, "a\x1b.json", 7, "%s", "\x1b]0;x\a");
    ck_assert_str_eq(f.text, "a?.json:7: ?]0;x?");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        utf8_is_exactly_rfc_3629,
        what_could_deceive_is_escaped,
        cuts_fall_between_characters_and_escapes,
        any_bytes_become_printable,
        columns_are_those_of_a_terminal,
        comparisons_know_ascii_only,
        numbers_are_whole_and_bounded,
        the_nearest_word_is_near,
        a_message_steers_no_terminal,
    };

    return run_suite("text", tests, ARRAY_LEN(tests));
}
