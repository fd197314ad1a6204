/* Time servers' answers: what counts, what does not, at every length. */
#include "diag/proto/ntp.h"
#include "tests/unit/support.h"

#define COOKIE UINT64_C(0x0123456789abcdef)

/* 2026-11-24 10:00:00.5 UTC */
#define AT_S  UINT32_C(0xeeafdea0)
#define AT_US INT64_C(1795514400500000)

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The answer of a server of stratum 2 that is in order. */
static void good(uint8_t a[NTP_LEN])
{
    memset(a, 0, NTP_LEN);
    a[0] = 4 << 3 | 4;
    a[1] = 2;
    memcpy(a + 12, "\x0a\x01\x00\x7b", 4);
    put32(a + 24, (uint32_t)(COOKIE >> 32));
    put32(a + 28, (uint32_t)COOKIE);
    put32(a + 32, AT_S);
    put32(a + 36, UINT32_C(0x80000000));
    put32(a + 40, AT_S + 1);
}

START_TEST(a_request_is_of_a_client_and_tells_nothing)
{
    uint8_t q[NTP_LEN];

    ntp_request(COOKIE, q);
    ck_assert_uint_eq(q[0], 0x23); /* version 4, mode 3 */
    for (int i = 1; i < 40; i++)
        ck_assert_uint_eq(q[i], 0);
    ck_assert_uint_eq(q[40], 0x01);
    ck_assert_uint_eq(q[47], 0xef);
}
END_TEST

START_TEST(an_answer_tells_two_times)
{
    struct ntp_answer out;
    uint8_t a[NTP_LEN];

    good(a);
    ntp_read(a, sizeof a, COOKIE, &out);
    ck_assert_int_eq(out.kind, NTP_TIME);
    ck_assert_uint_eq(out.stratum, 2);
    ck_assert_str_eq(out.reference, "10.1.0.123");
    ck_assert_int_eq(out.received_us, AT_US);
    ck_assert_int_eq(out.sent_us, AT_US + 500000);
}
END_TEST

/* RFC 4330 section 3: a clear top bit is a time from 7 February 2036, 06:28:16 UTC, on. */
START_TEST(the_next_era_begins_in_2036)
{
    struct ntp_answer out;
    uint8_t a[NTP_LEN];

    good(a);
    put32(a + 32, UINT32_MAX);
    put32(a + 36, 0);
    put32(a + 40, 0);
    put32(a + 44, 1);
    ntp_read(a, sizeof a, COOKIE, &out);
    ck_assert_int_eq(out.kind, NTP_TIME);
    ck_assert_int_eq(out.received_us, INT64_C(2085978495) * 1000000);
    ck_assert_int_eq(out.sent_us, INT64_C(2085978496) * 1000000);
}
END_TEST

static const struct {
    const char *what;
    size_t at;
    uint8_t value;
    enum ntp_kind kind;
} changes[] = {
    {"another question's", 24, 0xff, NTP_FOREIGN},
    {"a client's mode", 0, 0x23, NTP_BROKEN},
    {"a broadcast's mode", 0, 0x25, NTP_BROKEN},
    {"not synchronised", 0, 0xe4, NTP_UNSYNCHRONISED},
    {"a leap second is announced", 0, 0x64, NTP_TIME},
    {"version 3", 0, 0x1c, NTP_TIME},
    {"a primary server", 1, 1, NTP_TIME},
    {"the last stratum", 1, 15, NTP_TIME},
    {"a stratum that is none", 1, 16, NTP_UNSYNCHRONISED},
    {"kiss of death", 1, 0, NTP_KISS},
};

START_TEST(one_octet_makes_the_difference)
{
    struct ntp_answer out;
    uint8_t a[NTP_LEN];

    good(a);
    a[changes[_i].at] = changes[_i].value;
    ntp_read(a, sizeof a, COOKIE, &out);
    ck_assert_msg(out.kind == changes[_i].kind, "%s: %d", changes[_i].what, (int)out.kind);
}
END_TEST

START_TEST(an_answer_without_times_is_none)
{
    struct ntp_answer out;
    uint8_t a[NTP_LEN];

    good(a);
    memset(a + 40, 0, 8);
    ntp_read(a, sizeof a, COOKIE, &out);
    ck_assert_int_eq(out.kind, NTP_BROKEN);
}
END_TEST

START_TEST(the_code_of_a_kiss_is_text_without_surprises)
{
    struct ntp_answer out;
    uint8_t a[NTP_LEN];

    good(a);
    a[1] = 0;
    memcpy(a + 12, "RATE", 4);
    ntp_read(a, sizeof a, COOKIE, &out);
    ck_assert_str_eq(out.reference, "RATE");
    memcpy(a + 12, "A\x1b[m", 4);
    ntp_read(a, sizeof a, COOKIE, &out);
    ck_assert_str_eq(out.reference, "A");
}
END_TEST

START_TEST(no_length_is_too_short)
{
    struct guard g = guard_new(NTP_LEN + 20);
    struct ntp_answer out;
    uint8_t a[NTP_LEN + 20] = {0};

    good(a);
    for (size_t len = 0; len <= sizeof a; len++) {
        ntp_read(guard_put(&g, a, len), len, COOKIE, &out);
        ck_assert_int_eq(out.kind,
                         len < NTP_LEN ? NTP_BROKEN : NTP_TIME); /* extensions may follow */
    }
    guard_free(&g);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ntp");
    TCase *tc = tcase_create("answers");

    tcase_add_test(tc, a_request_is_of_a_client_and_tells_nothing);
    tcase_add_test(tc, an_answer_tells_two_times);
    tcase_add_test(tc, the_next_era_begins_in_2036);
    tcase_add_loop_test(tc, one_octet_makes_the_difference, 0,
                        (int)(sizeof changes / sizeof changes[0]));
    tcase_add_test(tc, an_answer_without_times_is_none);
    tcase_add_test(tc, the_code_of_a_kiss_is_text_without_surprises);
    tcase_add_test(tc, no_length_is_too_short);
    return run_case(s, tc);
}
