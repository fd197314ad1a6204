/* The cursor that cannot leave its end. */
#include "diag/base/bytes.h"
#include "tests/unit/support.h"

START_TEST(integers_are_in_network_order)
{
    struct bytes b = bytes_of("\1\2\3\4\5\6\7\xff\xff\xff\xff", 11);

    ck_assert_uint_eq(bytes_u8(&b), 1);
    ck_assert_uint_eq(bytes_u16(&b), 0x0203);
    ck_assert_uint_eq(bytes_u24(&b), 0x040506);
    ck_assert_uint_eq(bytes_u8(&b), 7);
    ck_assert_uint_eq(bytes_u32(&b), 0xffffffff);
    ck_assert_uint_eq(bytes_left(&b), 0);
    ck_assert(bytes_ok(&b));
}
END_TEST

START_TEST(a_read_past_the_end_gives_zero_for_good)
{
    struct guard g = guard_new(8);

    for (size_t len = 0; len < 4; len++) {
        struct bytes b = bytes_of(guard_put(&g, "\xff\xff\xff\xff", len), len);

        ck_assert_uint_eq(bytes_u32(&b), 0);
        ck_assert(b.truncated && !bytes_ok(&b));
        ck_assert_uint_eq(bytes_left(&b), 0);
        /* What was left of the cut structure must not be read as the next one. */
        ck_assert_uint_eq(bytes_u8(&b), 0);
        ck_assert_ptr_null(bytes_take(&b, 0));
        ck_assert(!bytes_skip(&b, 0));
        ck_assert_int_eq(bytes_verdict(&b), DECODE_TRUNCATED);
    }
    guard_free(&g);
}
END_TEST

START_TEST(nothing_at_all_is_a_cursor_too)
{
    struct bytes b = bytes_of(NULL, 0);

    ck_assert_uint_eq(bytes_left(&b), 0);
    ck_assert(bytes_skip(&b, 0));
    ck_assert(bytes_ok(&b));
    ck_assert(!bytes_skip(&b, 1));
    ck_assert(b.truncated);
}
END_TEST

START_TEST(huge_lengths_do_not_wrap)
{
    struct bytes b = bytes_of("abc", 3), c = b, d = b, sub;

    ck_assert_ptr_null(bytes_take(&b, SIZE_MAX));
    ck_assert(!bytes_skip(&c, SIZE_MAX - 1));
    sub = bytes_sub(&d, SIZE_MAX);
    ck_assert_uint_eq(bytes_left(&sub), 3);
    ck_assert(d.truncated && !sub.truncated);
}
END_TEST

START_TEST(a_part_of_what_is_cut_holds_what_is_there)
{
    struct bytes b = bytes_of("\0\5ab", 4), v = bytes_vec16(&b);

    ck_assert(b.truncated);
    ck_assert_uint_eq(bytes_left(&v), 2);
    ck_assert_uint_eq(bytes_u8(&v), 'a');
    ck_assert(bytes_ok(&v));
    ck_assert_uint_eq(bytes_u16(&v), 0);
    ck_assert(v.truncated);
}
END_TEST

START_TEST(a_part_ends_where_its_length_says)
{
    struct bytes b = bytes_of("\2ab\0\0\1c\0\2de!", 12), v;

    v = bytes_vec8(&b);
    ck_assert_uint_eq(bytes_u32(&v), 0);
    ck_assert(v.truncated && !b.truncated);
    v = bytes_vec24(&b);
    ck_assert_uint_eq(bytes_u8(&v), 'c');
    ck_assert_uint_eq(bytes_left(&v), 0);
    v = bytes_vec16(&b);
    ck_assert_uint_eq(bytes_left(&v), 2);
    ck_assert_uint_eq(bytes_left(&b), 1);
    ck_assert(bytes_ok(&b));
}
END_TEST

START_TEST(a_length_that_is_cut_gives_an_empty_part)
{
    struct bytes b = bytes_of("\xff", 1), v = bytes_vec16(&b);

    ck_assert(b.truncated && v.truncated);
    ck_assert_uint_eq(bytes_left(&v), 0);
    v = bytes_vec8(&b);
    ck_assert(v.truncated);
    ck_assert_uint_eq(bytes_left(&v), 0);
}
END_TEST

START_TEST(invalid_wins_over_truncated)
{
    struct bytes b = bytes_of("", 0);

    ck_assert_int_eq(bytes_verdict(&b), DECODE_OK);
    bytes_u8(&b);
    ck_assert_int_eq(bytes_verdict(&b), DECODE_TRUNCATED);
    b.invalid = true;
    ck_assert_int_eq(bytes_verdict(&b), DECODE_INVALID);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        integers_are_in_network_order,
        a_read_past_the_end_gives_zero_for_good,
        nothing_at_all_is_a_cursor_too,
        huge_lengths_do_not_wrap,
        a_part_of_what_is_cut_holds_what_is_there,
        a_part_ends_where_its_length_says,
        a_length_that_is_cut_gives_an_empty_part,
        invalid_wins_over_truncated,
    };

    return run_suite("bytes", tests, ARRAY_LEN(tests));
}
