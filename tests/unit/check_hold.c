/* Packets of several interfaces leave the recorder in the order of their time stamps. */
#include "capture/hold.h"

#include "tests/unit/support.h"

enum { ROOM = 4096, SEEN_MAX = 4096 };

/* What has left. */
struct seen {
    int64_t time_us[SEEN_MAX];
    uint32_t iface[SEEN_MAX];
    size_t n;
};

/* Each packet is filled with one octet that follows from its stamp. */
static void note(void *arg, const struct hold_packet *p)
{
    struct seen *s = arg;
    uint32_t whole = 0;

    ck_assert_uint_lt(s->n, SEEN_MAX);
    while (whole < p->len && p->data[whole] == (uint8_t)p->time_us)
        whole++;
    ck_assert_uint_eq(whole, p->len);
    s->time_us[s->n] = p->time_us;
    s->iface[s->n++] = p->iface;
}

static void add(struct hold *h, uint32_t iface, int64_t time_us, int64_t taken_us, uint32_t len)
{
    uint8_t data[ROOM];
    struct hold_packet p = {.iface = iface, .time_us = time_us, .taken_us = taken_us};

    memset(data, (uint8_t)time_us, sizeof data);
    p.data = data;
    p.len = p.wire_len = len;
    hold_add(h, &p);
}

static void ck_ascending(const struct seen *s)
{
    for (size_t i = 1; i < s->n; i++)
        ck_assert_msg(s->time_us[i] >= s->time_us[i - 1], "packet %zu of %zu", i, s->n);
}

/* Nothing is held back any longer: `n` have left in all, in order. */
static void finish(struct hold *h, const struct seen *s, size_t n)
{
    hold_release(h, INT64_MAX);
    ck_assert_uint_eq(s->n, n);
    ck_ascending(s);
    hold_free(h);
}

static struct hold start(struct seen *s)
{
    struct hold h;

    *s = (struct seen){0};
    ck_assert_int_eq(hold_init(&h, ROOM, note, s), 0);
    return h;
}

START_TEST(two_blocks_leave_as_one_sequence)
{
    struct seen s;
    struct hold h = start(&s);

    for (int i = 0; i < 10; i++)
        add(&h, 0, 100 + 10 * i, 1000, 20);
    for (int i = 0; i < 10; i++)
        add(&h, 1, 105 + 10 * i, 1001, 30);
    hold_release(&h, 1000); /* taken before 1000: none */
    ck_assert_uint_eq(s.n, 0);
    finish(&h, &s, 20);
}
END_TEST

START_TEST(one_that_may_leave_takes_all_older_ones_along)
{
    struct seen s;
    struct hold h = start(&s);

    add(&h, 0, 300, 10, 20);
    add(&h, 1, 200, 20, 20);
    add(&h, 1, 400, 20, 20);
    hold_release(&h, 11);
    ck_assert_uint_eq(s.n, 2);
    ck_assert_int_eq(s.time_us[0], 200);
    ck_assert_int_eq(s.time_us[1], 300);
    add(&h, 0, 350, 30, 20); /* the one that stayed is whole, and waits its turn */
    hold_release(&h, 31);
    ck_assert_uint_eq(s.n, 4);
    ck_ascending(&s);
    hold_free(&h);
}
END_TEST

START_TEST(of_equal_stamps_the_first_leaves_first)
{
    struct seen s;
    struct hold h = start(&s);

    for (uint32_t i = 0; i < 20; i++)
        add(&h, i, 7, 1, 20);
    hold_release(&h, 2);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_uint_eq(s.iface[i], i);
    hold_free(&h);
}
END_TEST

START_TEST(without_room_the_older_ones_leave_early_and_none_is_lost)
{
    struct seen s;
    struct hold h = start(&s);
    unsigned seed = 1;

    for (int i = 0; i < 1000; i++) { /* each interface in order, 50 us apart from each other */
        seed = seed * 1103515245u + 12345u;
        add(&h, (uint32_t)(i & 1), 10 * i + (i & 1 ? 50 : 0), i, 1 + (seed >> 16) % 300);
        ck_assert_uint_le(h.len, ROOM);
    }
    ck_assert_uint_gt(s.n, 900);
    finish(&h, &s, 1000);
}
END_TEST

/* A steady stream: what has left is made room of long before the room is full. */
START_TEST(gaps_are_closed_and_what_stays_is_whole)
{
    struct seen s = {0};
    size_t most = 0;
    struct hold h;

    ck_assert_int_eq(hold_init(&h, 1024ul * 1024, note, &s), 0);
    for (int i = 0; i < 2000; i++) {
        add(&h, (uint32_t)(i & 1), 10 * i + (i & 1 ? 15 : 0), i, 1000);
        hold_release(&h, i - 20);
        ck_assert_uint_le(h.n, 30);
        most = h.len > most ? h.len : most;
    }
    ck_assert_uint_le(most, 300ul * 1024);
    hold_release(&h, INT64_MAX);
    ck_assert_uint_eq(s.n, 2000);
    ck_assert_uint_eq(h.len, 0);
    ck_ascending(&s);
    hold_free(&h);
}
END_TEST

START_TEST(many_small_ones_are_bounded_too)
{
    struct seen s;
    struct hold h = start(&s);

    for (int i = 0; i < 1000; i++)
        add(&h, 0, i, i, i % 2 == 0 ? 0 : 1);
    ck_assert_uint_ge(s.n, 1000 - h.room_packets);
    finish(&h, &s, 1000);
}
END_TEST

START_TEST(the_largest_one_fits_alone)
{
    struct seen s;
    struct hold h = start(&s);

    add(&h, 0, 1, 1, 20);
    add(&h, 0, 2, 1, ROOM);
    ck_assert_uint_eq(s.n, 1);
    add(&h, 0, 3, 1, ROOM);
    ck_assert_uint_eq(s.n, 2);
    hold_release(&h, 2);
    ck_assert_uint_eq(s.n, 3);
    ck_ascending(&s);
    hold_free(&h);
}
END_TEST

START_TEST(a_clock_that_is_set_back_does_not_mix_before_and_after)
{
    struct seen s;
    struct hold h = start(&s);

    add(&h, 0, 5000000, 1, 20);
    add(&h, 1, 5000010, 1, 20);
    add(&h, 0, 1000000, 2, 20);
    add(&h, 1, 1000010, 2, 20);
    hold_release(&h, INT64_MAX);
    ck_assert_uint_eq(s.n, 4);
    ck_assert_int_eq(s.time_us[0], 5000000);
    ck_assert_int_eq(s.time_us[1], 5000010);
    ck_assert_int_eq(s.time_us[2], 1000000);
    ck_assert_int_eq(s.time_us[3], 1000010);
    hold_free(&h);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        two_blocks_leave_as_one_sequence,
        one_that_may_leave_takes_all_older_ones_along,
        of_equal_stamps_the_first_leaves_first,
        without_room_the_older_ones_leave_early_and_none_is_lost,
        gaps_are_closed_and_what_stays_is_whole,
        many_small_ones_are_bounded_too,
        the_largest_one_fits_alone,
        a_clock_that_is_set_back_does_not_mix_before_and_after,
    };

    return run_suite("hold", tests, ARRAY_LEN(tests));
}
