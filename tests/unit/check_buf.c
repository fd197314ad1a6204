/* Buffers that are born with their limit. */
#include "diag/base/buf.h"
#include "tests/unit/support.h"

START_TEST(an_empty_buffer_is_an_empty_string)
{
    struct buf b;

    buf_init(&b, 10);
    ck_assert_str_eq(buf_text(&b), "");
    buf_drop(&b, 5);
    buf_clear(&b);
    ck_assert_int_eq(buf_add(&b, NULL, 0), 0);
    ck_assert_str_eq(buf_text(&b), "");
    buf_free(&b);
    buf_free(&b);
}
END_TEST

START_TEST(the_limit_holds_at_the_octet)
{
    struct buf b;

    buf_init(&b, 5);
    ck_assert_int_eq(buf_str(&b, "hello"), 0);
    ck_assert(!b.overflow);
    ck_assert_int_eq(buf_char(&b, '!'), -1);
    ck_assert(b.overflow);
    ck_assert_str_eq(buf_text(&b), "hello");
    ck_assert_int_eq(buf_printf(&b, "%d", 1), -1);
    ck_assert_int_eq(buf_add(&b, "", 0), 0);
    buf_clear(&b);
    ck_assert(!b.overflow);
    ck_assert_int_eq(buf_printf(&b, "%s", "abcdef"), -1);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_int_eq(buf_printf(&b, "%s", "abcde"), 0);
    ck_assert_str_eq(buf_text(&b), "abcde");
    buf_free(&b);
    ck_assert_int_eq(buf_str(&b, "123456"), -1);
    buf_free(&b);
}
END_TEST

START_TEST(huge_lengths_are_refused)
{
    struct buf b;

    buf_init(&b, SIZE_MAX);
    ck_assert_int_eq(buf_str(&b, "x"), 0);
    ck_assert_int_eq(buf_add(&b, "x", SIZE_MAX - 1), -1);
    ck_assert_int_eq(buf_add(&b, "x", SIZE_MAX), -1);
    ck_assert_str_eq(buf_text(&b), "x");
    buf_free(&b);
    buf_init(&b, 100);
    ck_assert_int_eq(buf_str(&b, "x"), 0);
    ck_assert_int_eq(buf_add(&b, "x", SIZE_MAX), -1);
    buf_free(&b);
}
END_TEST

START_TEST(growing_keeps_everything_and_a_nul_behind)
{
    struct buf b;

    buf_init(&b, 100000);
    for (size_t i = 0; i < 100000; i++) {
        ck_assert_int_eq(buf_char(&b, (char)('a' + i % 26)), 0);
        ck_assert_uint_eq(b.data[b.len], 0);
    }
    for (size_t i = 0; i < 100000; i++)
        ck_assert_int_eq(b.data[i], 'a' + (int)(i % 26));
    ck_assert_int_eq(buf_char(&b, 'x'), -1);
    buf_free(&b);
}
END_TEST

START_TEST(printf_meets_the_edge_of_its_memory)
{
    /* 64 octets are the first piece: the NUL of vsnprintf must fit, too. */
    for (int n = 60; n < 70; n++) {
        struct buf b;

        buf_init(&b, 1000);
        ck_assert_int_eq(buf_printf(&b, "%*s", n, "x"), 0);
        ck_assert_uint_eq(b.len, (size_t)n);
        ck_assert_int_eq(buf_printf(&b, "%*s", n, "y"), 0);
        ck_assert_uint_eq(strlen(buf_text(&b)), (size_t)(2 * n));
        buf_free(&b);
    }
}
END_TEST

START_TEST(dropping_moves_the_rest)
{
    struct buf b;

    buf_init(&b, 100);
    buf_add(&b, "ab\0cd", 5);
    buf_drop(&b, 2);
    ck_assert_uint_eq(b.len, 3);
    ck_assert_mem_eq(b.data, "\0cd", 4);
    buf_drop(&b, 99);
    ck_assert_uint_eq(b.len, 0);
    ck_assert_str_eq(buf_text(&b), "");
    buf_str(&b, "again");
    ck_assert_str_eq(buf_text(&b), "again");
    buf_free(&b);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_empty_buffer_is_an_empty_string,
        the_limit_holds_at_the_octet,
        huge_lengths_are_refused,
        growing_keeps_everything_and_a_nul_behind,
        printf_meets_the_edge_of_its_memory,
        dropping_moves_the_rest,
    };

    return run_suite("buf", tests, ARRAY_LEN(tests));
}
