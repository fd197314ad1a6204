/* DNS over TCP: whole messages, and bare refusals with their question. */
#include "probes/dns_stream.h"
#include "tests/unit/support.h"

#include <check.h>
#include <string.h>

enum { QUESTION = 9 + 4, QUERY = 12 + QUESTION };

static const uint8_t query[DNS_LENGTH + QUERY] = {0,   QUERY, 0x12, 0x34, 1, 0, 0,   1,   0,
                                                  0,   0,     0,    0,    0, 7, 'e', 'x', 'a',
                                                  'm', 'p',   'l',  'e',  0, 0, 1,   0,   1};
static const uint8_t refusal[DNS_LENGTH + 12] = {0, 12, 0x12, 0x34, 0x81, 0x85};
static const uint8_t longer[DNS_LENGTH + 14] = {0, 14, 0x12, 0x34, 0x81, 0x80};

static struct bare_queries queries;
static struct dns_stream stream;

static void set_up(void)
{
    memset(&queries, 0, sizeof queries);
    memset(&stream, 0, sizeof stream);
    dns_stream_remember(&queries, query, sizeof query);
}

/* Put in `len` octets, at most `piece` at a time, until a message is whole; how many were used. */
static size_t put(const uint8_t *octets, size_t len, size_t piece)
{
    size_t at = 0;

    while (at < len && dns_stream_left(&stream) == 0) {
        size_t room, n;
        uint8_t *into = dns_stream_room(&stream, &room);

        ck_assert_uint_gt(room, 0);
        ck_assert(into + room <= stream.octets + sizeof stream.octets);
        n = room < piece ? room : piece;
        n = n < len - at ? n : len - at;
        memcpy(into, octets + at, n);
        dns_stream_add(&stream, n, &queries);
        at += n;
    }
    return at;
}

/* Take all there is, `piece` octets at a time. */
static size_t take(uint8_t out[64], size_t piece)
{
    size_t len = 0, n;

    while ((n = dns_stream_take(&stream, out + len, piece)) > 0)
        len += n;
    return len;
}

START_TEST(a_bare_refusal_gets_the_question_back_in_all_pieces)
{
    uint8_t out[64];

    for (size_t in = 1; in <= sizeof refusal; in++) {
        for (size_t piece = 1; piece <= sizeof query; piece++) {
            ck_assert_uint_eq(put(refusal, sizeof refusal, in), sizeof refusal);
            ck_assert_uint_eq(take(out, piece), sizeof query);
            ck_assert_uint_eq(out[1], QUERY);
            ck_assert_uint_eq(out[DNS_LENGTH + 5], 1);
            ck_assert_mem_eq(out + DNS_LENGTH + 12, query + DNS_LENGTH + 12, QUESTION);
        }
    }
}
END_TEST

START_TEST(other_messages_pass_as_they_are)
{
    uint8_t out[64], two[2 * sizeof longer];

    memcpy(two, longer, sizeof longer);
    memcpy(two + sizeof longer, longer, sizeof longer);
    ck_assert_uint_eq(put(two, sizeof two, sizeof two), sizeof longer); /* one at a time */
    ck_assert_uint_eq(take(out, 3), sizeof longer);
    ck_assert_mem_eq(out, longer, sizeof longer);
    ck_assert_uint_eq(put(two + sizeof longer, sizeof longer, 5), sizeof longer);
    ck_assert_uint_eq(take(out, sizeof out), sizeof longer);
    ck_assert_mem_eq(out, longer, sizeof longer);
}
END_TEST

START_TEST(what_is_not_whole_is_held_back)
{
    uint8_t out[64];

    for (size_t len = 0; len < sizeof refusal; len++) {
        set_up();
        ck_assert_uint_eq(put(refusal, len, len + 1), len);
        ck_assert_uint_eq(dns_stream_left(&stream), 0);
        ck_assert_uint_eq(take(out, sizeof out), 0);
    }
}
END_TEST

START_TEST(lengths_of_nothing_and_of_the_most_there_can_be)
{
    static const uint8_t none[DNS_LENGTH] = {0, 0};
    static uint8_t most[DNS_STREAM_MAX] = {0xff, 0xff};
    static uint8_t out[DNS_STREAM_MAX];

    ck_assert_uint_eq(put(none, sizeof none, 1), sizeof none);
    ck_assert_uint_eq(dns_stream_take(&stream, out, sizeof out), sizeof none);
    ck_assert_uint_eq(put(most, sizeof most, sizeof most), sizeof most);
    ck_assert_uint_eq(dns_stream_take(&stream, out, sizeof out), sizeof most);
}
END_TEST

START_TEST(all_queries_of_one_write_are_remembered)
{
    uint8_t two[2 * sizeof query], out[64];

    set_up();
    memset(&queries, 0, sizeof queries);
    memcpy(two, query, sizeof query);
    memcpy(two + sizeof query, query, sizeof query);
    two[2] = 0x99;                                /* the first has another id */
    for (size_t len = 0; len < sizeof two; len++) /* every truncation */
        dns_stream_remember(&queries, two, len);
    memset(&queries, 0, sizeof queries);
    dns_stream_remember(&queries, two, sizeof two);
    put(refusal, sizeof refusal, sizeof refusal);
    ck_assert_uint_eq(take(out, sizeof out), sizeof query);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dns_stream");
    TCase *tc = tcase_create("dns_stream");

    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, a_bare_refusal_gets_the_question_back_in_all_pieces);
    tcase_add_test(tc, other_messages_pass_as_they_are);
    tcase_add_test(tc, what_is_not_whole_is_held_back);
    tcase_add_test(tc, lengths_of_nothing_and_of_the_most_there_can_be);
    tcase_add_test(tc, all_queries_of_one_write_are_remembered);
    return run_case(s, tc);
}
