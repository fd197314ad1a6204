/* Memory of the run: aligned, zeroed, and never lost. */
#include "diag/base/arena.h"
#include "tests/unit/support.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>

static bool all_are(const unsigned char *p, size_t len, unsigned char value)
{
    bool all = true;

    for (size_t i = 0; i < len; i++)
        all = all && p[i] == value;
    return all;
}

START_TEST(pieces_are_zeroed_aligned_and_apart)
{
    struct arena *a = arena_new();
    unsigned char *pieces[600];
    size_t sizes[600];
    uint32_t state = 9;

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        /* small ones, large ones, and those around a quarter of a chunk */
        sizes[i] = i % 50 == 0 ? 100000 : i % 7 == 0 ? 16380 + i % 10 : chance(&state) % 300;
        pieces[i] = arena_alloc(a, sizes[i]);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        ck_assert(all_are(pieces[i], sizes[i], 0));
        if (sizes[i] > 0)
            memset(pieces[i], (int)(i % 255 + 1), sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        ck_assert(all_are(pieces[i], sizes[i], (unsigned char)(i % 255 + 1)));
    arena_free(a);
    arena_free(NULL);
}
END_TEST

START_TEST(strings_are_copied_with_their_end)
{
    struct arena *a = arena_new();

    ck_assert_ptr_null(arena_strdup(a, NULL));
    ck_assert_str_eq(arena_strdup(a, "abc"), "abc");
    ck_assert_str_eq(arena_strndup(a, "abc", 2), "ab");
    ck_assert_str_eq(arena_strndup(a, NULL, 0), "");
    ck_assert_mem_eq(arena_strndup(a, "a\0b", 3), "a\0b", 4);
    ck_assert_str_eq(arena_printf(a, "%s-%d", "x", 7), "x-7");
    ck_assert_uint_eq(strlen(arena_printf(a, "%*s", 200000, "x")), 200000);
    arena_free(a);
}
END_TEST

START_TEST(lists_keep_their_elements_while_they_grow)
{
    struct arena *a = arena_new();
    size_t *list = NULL, n = 0;
    struct wide {
        char text[40];
    } *wide = NULL;
    size_t n_wide = 0;

    for (size_t i = 0; i < 5000; i++) {
        struct wide w;

        snprintf(w.text, sizeof w.text, "%zu", i);
        list_push(a, list, n, i);
        list_push(a, wide, n_wide, w);
    }
    ck_assert_uint_eq(n, 5000);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(list[i], i);
        ck_assert_uint_eq(strtoul(wide[i].text, NULL, 10), i);
    }
    arena_free(a);
}
END_TEST

START_TEST(use_is_counted)
{
    struct arena *a = arena_new();

    ck_assert_uint_eq(arena_used(a), 0);
    arena_alloc(a, 1);
    ck_assert_uint_eq(arena_used(a), alignof(max_align_t));
    arena_alloc(a, 1000000);
    ck_assert_uint_ge(arena_used(a), 1000001);
    arena_free(a);
}
END_TEST

static void leave(void)
{
    _exit(42);
}

/* In a process of its own: the sanitizers' allocator would report and stop. */
START_TEST(the_end_of_memory_is_handed_to_the_program)
{
    arena_on_exhausted(leave);
    arena_alloc(arena_new(), SIZE_MAX / 2);
    _exit(0);
}
END_TEST

START_TEST(lengths_that_wrap_are_the_end_of_memory)
{
    arena_on_exhausted(leave);
    arena_alloc(arena_new(), SIZE_MAX);
    _exit(0);
}
END_TEST

START_TEST(a_list_too_long_is_the_end_of_memory)
{
    arena_on_exhausted(leave);
    arena_grow(arena_new(), NULL, (size_t)1 << 62, 16);
    _exit(0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        pieces_are_zeroed_aligned_and_apart,
        strings_are_copied_with_their_end,
        lists_keep_their_elements_while_they_grow,
        use_is_counted,
    };
    const char *fork = getenv("CK_FORK");
    Suite *suite = suite_create("arena");
    TCase *tc = tcase_create("arena"), *ends = tcase_create("ends");
    SRunner *runner = srunner_create(suite);
    int failed;

    for (size_t i = 0; i < ARRAY_LEN(tests); i++)
        tcase_add_test(tc, tests[i]);
    suite_add_tcase(suite, tc);
    if (fork == NULL || strcmp(fork, "no") != 0) { /* these leave their process */
        tcase_add_exit_test(ends, the_end_of_memory_is_handed_to_the_program, 42);
        tcase_add_exit_test(ends, lengths_that_wrap_are_the_end_of_memory, 42);
        tcase_add_exit_test(ends, a_list_too_long_is_the_end_of_memory, 42);
    }
    suite_add_tcase(suite, ends);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
