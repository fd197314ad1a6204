/* dns_again: which open questions are asked again, and when asking ends. */
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "probes/dns_again.h"
#include "probes/loop.h"
#include "tests/unit/support.h"

enum { QUESTIONS = 8 };

static struct asked {
    struct dns_again *again;
    struct loop *loop;
    bool answers;   /* what the server does when it is asked by itself */
    unsigned left;  /* as they were */
    unsigned asked; /* again */
    int64_t last_us, least_pause_us;
} a;

static int questions[QUESTIONS];

static void end_when_done(void)
{
    if (a.asked + a.left == QUESTIONS)
        loop_stop(a.loop);
}

static void ask(void *question)
{
    int64_t now = clock_monotonic_us(), pause = now - a.last_us;

    ck_assert_ptr_eq(question, &questions[a.asked]); /* in the order of coming */
    if (pause < a.least_pause_us)
        a.least_pause_us = pause;
    a.last_us = now;
    a.asked++;
    dns_again_done(a.again, a.answers);
    end_when_done();
}

static void leave(void *question)
{
    (void)question;
    a.left++;
    end_when_done();
}

static void run(bool answers)
{
    struct fault f;

    a = (struct asked){.answers = answers, .least_pause_us = INT64_MAX};
    a.loop = loop_new(&f);
    ck_assert_ptr_nonnull(a.loop);
    a.again = dns_again_new(a.loop, ask, leave);
    ck_assert_ptr_nonnull(a.again);
    a.last_us = clock_monotonic_us();
    for (size_t i = 0; i < QUESTIONS; i++)
        ck_assert(dns_again_add(a.again, &questions[i]));
    loop_run(a.loop);
}

static void end(void)
{
    dns_again_free(a.again);
    loop_free(a.loop);
}

START_TEST(all_are_asked_where_the_server_answers_and_none_right_behind_another)
{
    run(true);
    ck_assert_uint_eq(a.asked, QUESTIONS);
    ck_assert_uint_eq(a.left, 0);
    ck_assert_int_ge(a.least_pause_us, 100000);
    end();
}
END_TEST

START_TEST(three_in_vain_end_it)
{
    run(false);
    ck_assert_uint_eq(a.asked, 3);
    ck_assert_uint_eq(a.left, QUESTIONS - 3);
    ck_assert(!dns_again_add(a.again, &questions[0]));
    end();
}
END_TEST

START_TEST(what_still_waits_at_the_end_is_left)
{
    struct fault f;

    a = (struct asked){.loop = loop_new(&f)};
    ck_assert_ptr_nonnull(a.loop);
    a.again = dns_again_new(a.loop, ask, leave);
    ck_assert_ptr_nonnull(a.again);
    ck_assert(dns_again_add(a.again, &questions[0]));
    ck_assert(dns_again_add(a.again, &questions[1]));
    end();
    ck_assert_uint_eq(a.left, 2);
    ck_assert_uint_eq(a.asked, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        all_are_asked_where_the_server_answers_and_none_right_behind_another,
        three_in_vain_end_it,
        what_still_waits_at_the_end_is_left,
    };

    return run_suite("dns_again", tests, ARRAY_LEN(tests));
}
