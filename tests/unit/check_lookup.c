/* Which DNS answer belongs to which question, however many wait at the same time. */
#include "capture/lookup.h"
#include "diag/base/arena.h"
#include "diag/proto/dns.h"
#include "tests/unit/support.h"

#include <check.h>
#include <netinet/in.h>
#include <string.h>

/* In 65536 slots so many share one about thirty times; that none does has a chance of e^-30. */
enum { MANY = 2000, PORT = 20000 };

static struct wire_flow flows[MANY];
static struct wire_file file;
static struct words words;
static struct lookups lookups;
static const uint64_t secret[2] = {1, 2};

static void set_up(void)
{
    file = (struct wire_file){.arena = arena_new()};
    words_init(&words, file.arena, secret);
    ck_assert_int_eq(lookups_init(&lookups, &file, &words, secret), 0);
    for (size_t i = 0; i < MANY; i++)
        flows[i] = (struct wire_flow){.src = {192, 0, 2, 1},
                                      .dst = {192, 0, 2, 53},
                                      .src_port = (uint16_t)(PORT + i),
                                      .dst_port = 53,
                                      .protocol = IPPROTO_UDP};
}

static void tear_down(void)
{
    lookups_free(&lookups);
    arena_free(file.arena);
}

static void say(size_t i, bool answer, uint32_t frame)
{
    struct seen seen = {.frame = frame, .time_us = frame};
    uint8_t message[128];
    size_t len = dns_query(message, 7, "hub.example", 1, 0);

    if (answer)
        message[2] |= 0x80; /* QR (RFC 1035 section 4.1.1) */
    lookups_message(&lookups, &flows[i], answer ? 1 : 0, message, len, len, &seen);
}

START_TEST(each_of_many_gets_its_own_answer)
{
    for (size_t i = 0; i < MANY; i++)
        say(i, false, (uint32_t)(1 + i));
    for (size_t i = 0; i < MANY; i++)
        say(i, true, (uint32_t)(1 + MANY + i));
    ck_assert_uint_eq(file.n_dns, MANY);
    for (size_t i = 0; i < MANY; i++) {
        ck_assert_msg(file.dns[i]->answered, "question %zu", i);
        ck_assert_uint_eq(file.dns[i]->answer_frame, 1 + MANY + i);
    }
}
END_TEST

START_TEST(a_repeat_is_the_same_question)
{
    for (uint32_t frame = 1; frame <= 2; frame++)
        for (size_t i = 0; i < MANY; i++)
            say(i, false, frame);
    ck_assert_uint_eq(file.n_dns, MANY);
    for (size_t i = 0; i < MANY; i++)
        ck_assert_uint_eq(file.dns[i]->queries, 2);
    say(0, true, 3);
    say(0, true, 4); /* the first one counts */
    ck_assert_uint_eq(file.dns[0]->answer_frame, 3);
    say(0, false, 5); /* asked anew */
    ck_assert_uint_eq(file.n_dns, MANY + 1);
    ck_assert(!file.dns[MANY]->answered);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lookup");
    TCase *tc = tcase_create("lookup");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, each_of_many_gets_its_own_answer);
    tcase_add_test(tc, a_repeat_is_the_same_question);
    return run_case(suite, tc);
}
