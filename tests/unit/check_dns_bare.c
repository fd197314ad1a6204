/* Answers that are a header only get their question back. */
#include "probes/dns_bare.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { A_EXAMPLE = 12 + 9 + 4 };

static const uint8_t query[A_EXAMPLE] = {0x12, 0x34, 1,   0,   0,   1,   0,   0, 0, 0, 0, 0, 7,
                                         'e',  'x',  'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};
static struct bare_queries queries;

static void set_up(void)
{
    memset(&queries, 0, sizeof queries);
    bare_remember(&queries, query, sizeof query);
}

/* The answer in a buffer of just that size, so that a sanitizer sees what is written behind it. */
static size_t complete(uint16_t id, uint8_t flags, uint8_t rcode, uint8_t questions, size_t room,
                       uint8_t out[64])
{
    uint8_t *answer = calloc(1, room);
    size_t len;

    ck_assert_ptr_nonnull(answer);
    memcpy(answer, (const uint8_t[12]){(uint8_t)(id >> 8), (uint8_t)id, flags, rcode, 0, questions},
           12);
    len = bare_complete(&queries, answer, 12, room);
    memcpy(out, answer, len);
    free(answer);
    return len;
}

START_TEST(a_bare_refusal_gets_the_question_back)
{
    uint8_t out[64];

    ck_assert_uint_eq(complete(0x1234, 0x81, 0x85, 0, A_EXAMPLE, out), A_EXAMPLE);
    ck_assert_uint_eq(out[5], 1);
    ck_assert_mem_eq(out + 12, query + 12, A_EXAMPLE - 12);
}
END_TEST

/* Measured: an OPT record as others send it, and what Unbound 1.17 sends with "refuse_non_local".
 */
static const struct {
    uint8_t additional;
    const uint8_t *rest;
    size_t len;
} behind[] = {
    {1, (const uint8_t[]){0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0}, 11},
    {0, query + 12, A_EXAMPLE - 12},
    {1, query + 12, A_EXAMPLE - 12},
};

START_TEST(what_follows_the_header_of_a_refusal_gives_way_to_the_question)
{
    uint8_t answer[64] = {0x12, 0x34, 0x81, 0x85, 0, 0, 0, 0, 0, 0, 0, behind[_i].additional};

    memcpy(answer + 12, behind[_i].rest, behind[_i].len);
    ck_assert_uint_eq(bare_complete(&queries, answer, 12 + behind[_i].len, sizeof answer),
                      A_EXAMPLE);
    ck_assert_mem_eq(answer + 4, query + 4, A_EXAMPLE - 4);
}
END_TEST

START_TEST(an_answer_with_records_is_no_bare_refusal)
{
    uint8_t answer[64] = {0x12, 0x34, 0x81, 0x83, 0, 0, 0, 1};

    ck_assert_uint_eq(bare_complete(&queries, answer, 40, sizeof answer), 40);
    ck_assert_uint_eq(bare_complete(&queries, answer, 11, sizeof answer), 11); /* cut */
}
END_TEST

static const struct {
    uint16_t id;
    uint8_t flags, rcode, questions;
    size_t room;
} others[] = {
    {0x1235, 0x81, 0x85, 0, 64}, /* nobody asked */
    {0x1234, 0x01, 0x05, 0, 64}, /* no answer */
    {0x1234, 0x81, 0x80, 0, 64}, /* no refusal: an answer without a question says nothing */
    {0x1234, 0x81, 0x85, 1, 64}, /* cut off, not bare */
    {0x1234, 0x81, 0x85, 0, A_EXAMPLE - 1} /* no room */
};

START_TEST(anything_else_stays_as_it_is)
{
    uint8_t out[64];

    ck_assert_uint_eq(complete(others[_i].id, others[_i].flags, others[_i].rcode,
                               others[_i].questions, others[_i].room, out),
                      12);
}
END_TEST

START_TEST(what_is_no_query_is_not_remembered)
{
    uint8_t out[64], broken[A_EXAMPLE];

    memset(&queries, 0, sizeof queries);
    for (size_t len = 0; len < sizeof query; len++) /* every truncation */
        bare_remember(&queries, query, len);
    memcpy(broken, query, sizeof broken);
    broken[12] = 0xc0; /* a pointer */
    bare_remember(&queries, broken, sizeof broken);
    broken[12] = 63; /* a label that goes on behind the end */
    bare_remember(&queries, broken, sizeof broken);
    ck_assert_uint_eq(complete(0x1234, 0x81, 0x85, 0, 64, out), 12);
}
END_TEST

START_TEST(an_answer_belongs_to_its_query_by_id_and_question)
{
    uint8_t answer[A_EXAMPLE + 16] = {0};

    memcpy(answer, query, sizeof query);
    ck_assert_int_eq(bare_match(&queries, answer, sizeof answer), BARE_MATCHES);
    answer[13] = 'E'; /* letters match in either case */
    ck_assert_int_eq(bare_match(&queries, answer, sizeof answer), BARE_MATCHES);
    answer[13] = 'f';
    ck_assert_int_eq(bare_match(&queries, answer, sizeof answer), BARE_OTHER_QUESTION);
    answer[13] = 'e';
    ck_assert_int_eq(bare_match(&queries, answer, A_EXAMPLE - 1), BARE_OTHER_QUESTION);
    answer[1]++;
    ck_assert_int_eq(bare_match(&queries, answer, sizeof answer), BARE_OTHER_ID);
    ck_assert_int_eq(bare_match(&queries, answer, 11), BARE_OTHER_ID);
}
END_TEST

START_TEST(the_latest_query_of_an_id_counts)
{
    uint8_t out[64], later[A_EXAMPLE];

    memcpy(later, query, sizeof later);
    later[13] = 'E';
    for (int i = 0; i < BARE_QUERIES; i++)
        bare_remember(&queries, later, sizeof later);
    ck_assert_uint_eq(complete(0x1234, 0x81, 0x85, 0, 64, out), A_EXAMPLE);
    ck_assert_uint_eq(out[13], 'E');
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dns_bare");
    TCase *tc = tcase_create("dns_bare");

    tcase_add_checked_fixture(tc, set_up, NULL);
    tcase_add_test(tc, a_bare_refusal_gets_the_question_back);
    tcase_add_loop_test(tc, what_follows_the_header_of_a_refusal_gives_way_to_the_question, 0,
                        sizeof behind / sizeof behind[0]);
    tcase_add_test(tc, an_answer_with_records_is_no_bare_refusal);
    tcase_add_loop_test(tc, anything_else_stays_as_it_is, 0, sizeof others / sizeof others[0]);
    tcase_add_test(tc, what_is_no_query_is_not_remembered);
    tcase_add_test(tc, an_answer_belongs_to_its_query_by_id_and_question);
    tcase_add_test(tc, the_latest_query_of_an_id_counts);
    return run_case(s, tc);
}
