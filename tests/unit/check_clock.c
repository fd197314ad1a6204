/* The times of a report: also those that only a broken capture claims. */
#include "diag/base/clock.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

static const struct {
    int64_t us;
    const char *text;
} times[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {INT64_C(1795512600123999), "2026-11-24T09:30:00.123Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {-1000, "1969-12-31T23:59:59.999Z"},
    {-1001, "1969-12-31T23:59:59.998Z"},
    {-1000000, "1969-12-31T23:59:59.000Z"},
    {INT64_MAX, "9999-12-31T23:59:59.999Z"},
    {INT64_MIN, "1000-01-01T00:00:00.000Z"},
};

START_TEST(every_time_is_one_of_rfc_3339)
{
    char text[32];

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        clock_rfc3339(times[i].us, text, sizeof text);
        ck_assert_str_eq(text, times[i].text);
        ck_assert_int_ne(clock_parse_rfc3339(text), INT64_MIN);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("clock");
    TCase *tc = tcase_create("clock");

    tcase_add_test(tc, every_time_is_one_of_rfc_3339);
    return run_case(s, tc);
}
