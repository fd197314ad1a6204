/* loop: what a watch is told, and when. */
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "probes/loop.h"
#include "tests/unit/support.h"

#include <sys/socket.h>

/* Somebody who talks every 10 ms, and somebody who listens for 100 ms. */
struct talk {
    struct loop *loop;
    struct watch *talker, *listener;
    int mouth, ear;
    unsigned heard;
    bool timed_out;
};

static void on_talk(void *arg, int what)
{
    struct talk *t = arg;

    ck_assert_int_eq(what, LOOP_TIMEOUT);
    ck_assert_int_eq(write(t->mouth, "x", 1), 1);
    watch_want(t->talker, 0, clock_monotonic_us() + 10000);
}

static void on_listen(void *arg, int what)
{
    struct talk *t = arg;
    char trash[16];

    if (what & LOOP_READ)
        ck_assert_int_gt(read(t->ear, trash, sizeof trash), 0);
    t->heard++;
    t->timed_out = (what & LOOP_TIMEOUT) != 0;
    if (t->timed_out || t->heard == 100)
        loop_stop(t->loop);
}

START_TEST(a_deadline_holds_whoever_talks_meanwhile)
{
    struct talk t = {0};
    struct fault f;
    int64_t began;
    int pair[2];

    t.loop = loop_new(&f);
    ck_assert_ptr_nonnull(t.loop);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    t.mouth = pair[0];
    t.ear = pair[1];
    t.talker = watch_new(t.loop, -1, on_talk, &t);
    t.listener = watch_new(t.loop, t.ear, on_listen, &t);
    ck_assert(t.talker != NULL && t.listener != NULL);
    began = clock_monotonic_us();
    watch_want(t.talker, 0, began + 10000);
    watch_want(t.listener, LOOP_READ, began + 100000);
    loop_run(t.loop);
    ck_assert(t.timed_out);
    ck_assert_uint_gt(t.heard, 1);
    ck_assert_int_ge(clock_monotonic_us() - began, 100000);
    watch_free(t.talker);
    watch_free(t.listener);
    loop_free(t.loop);
    close(pair[0]);
    close(pair[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_deadline_holds_whoever_talks_meanwhile};

    return run_suite("loop", tests, ARRAY_LEN(tests));
}
