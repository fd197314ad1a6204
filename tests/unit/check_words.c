/* Texts that come again are kept once. */
#include "capture/words.h"
#include "diag/base/arena.h"
#include "tests/unit/support.h"

static struct words words;

static void set_up(void)
{
    static const uint64_t secret[2] = {1, 2};

    words_init(&words, arena_new(), secret);
}

static void tear_down(void)
{
    arena_free(words.arena);
}

START_TEST(equal_texts_are_one)
{
    char again[] = "hub.example";
    const char *first = words_keep_string(&words, "hub.example");

    ck_assert_str_eq(first, "hub.example");
    ck_assert_ptr_ne(first, again);
    ck_assert_ptr_eq(words_keep_string(&words, again), first);
    ck_assert_ptr_eq(words_keep(&words, "hub.example/", 11), first);
    ck_assert_ptr_null(words_keep_string(&words, NULL));
}
END_TEST

START_TEST(others_are_not)
{
    const char *first = words_keep(&words, "hub\0one", 7);

    ck_assert_mem_eq(first, "hub\0one", 8);
    ck_assert_mem_eq(words_keep(&words, "hub\0two", 7), "hub\0two", 8);
    ck_assert_str_eq(words_keep_string(&words, "hub"), "hub");
    ck_assert_str_eq(words_keep_string(&words, ""), "");
    ck_assert_mem_eq(first, "hub\0one", 8);
}
END_TEST

/* Far more than there are places: what gives way to others stays where it is. */
START_TEST(many_stay_what_they_are)
{
    const char *kept[3 * WORDS_PLACES];
    char text[16];

    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        snprintf(text, sizeof text, "name-%zu", i);
        kept[i] = words_keep_string(&words, text);
    }
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        snprintf(text, sizeof text, "name-%zu", i);
        ck_assert_str_eq(kept[i], text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("words");
    TCase *tc = tcase_create("words");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, equal_texts_are_one);
    tcase_add_test(tc, others_are_not);
    tcase_add_test(tc, many_stay_what_they_are);
    return run_case(suite, tc);
}
