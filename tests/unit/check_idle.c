/*
 * The idle layer over a scripted connection: what is heard during the silence and after it becomes
 * the right outcome, and nothing is said before the time has come.
 */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/layer.h"
#include "tests/unit/support.h"

#include <time.h>

enum { IDLE_US = 20000 };

/* What lies below: what a read gives before the request and after it, and how much a write takes.
 */
struct line {
    struct layer layer;
    ssize_t before, after; /* bytes, or IO_... */
    size_t tickets;        /* bytes that come during the silence, one a read */
    size_t takes;          /* bytes that a write takes at the most; 0: the connection is broken */
    bool busy;             /* the next write has to wait */
    bool spoken;           /* somebody tried to write */
    char asked[512];
    size_t n_asked;
};

static enum advance line_advance(struct layer *l)
{
    (void)l;
    return ADVANCE_DONE;
}

static ssize_t line_read(struct layer *l, void *to, size_t room)
{
    struct line *x = (struct line *)l;
    ssize_t n = x->spoken ? x->after : x->before;

    ck_assert_uint_gt(room, 0);
    if (x->tickets > 0) {
        x->tickets--;
        n = 1;
    }
    if (n > 0)
        memset(to, 'x', (size_t)n);
    return n;
}

static ssize_t line_write(struct layer *l, const void *from, size_t len)
{
    struct line *x = (struct line *)l;
    size_t n = len < x->takes ? len : x->takes;

    if (x->busy) {
        x->busy = false;
        return IO_WAIT;
    }
    x->spoken = true;
    if (x->takes == 0)
        return IO_BROKEN;
    ck_assert_uint_lt(x->n_asked + n, sizeof x->asked);
    memcpy(x->asked + x->n_asked, from, n);
    x->n_asked += n;
    return (ssize_t)n;
}

static void line_nothing(struct layer *l)
{
    (void)l;
}

static const struct layer_ops line_ops = {line_advance, line_read,    line_write,  NULL,
                                          line_nothing, line_nothing, line_nothing};

struct fixture {
    struct report *report;
    struct stack stack;
    struct line line;
    struct step *step;
};

static void set_up(struct fixture *x, const struct line *line)
{
    const struct idle_spec spec = {.host = "contoso.azure-devices.net", .idle_us = IDLE_US};

    memset(x, 0, sizeof *x);
    x->report = report_new();
    x->line = *line;
    x->line.layer = (struct layer){.ops = &line_ops, .step = step_new(x->report, STEP_CONNECT)};
    x->step = step_new(x->report, STEP_APP);
    stack_init(&x->stack, x->report, clock_monotonic_us());
    ck_assert(stack_push(&x->stack, &x->line.layer));
    ck_assert(stack_push(&x->stack, idle_layer_new(&spec, x->step)));
}

static void tear_down(struct fixture *x)
{
    stack_free(&x->stack);
    report_free(x->report);
}

static enum advance run(struct fixture *x)
{
    return stack_advance(&x->stack, clock_monotonic_us());
}

static void let_it_idle(void)
{
    const struct timespec pause = {.tv_nsec = IDLE_US * 1000 + 5000000};

    nanosleep(&pause, NULL);
}

static const struct {
    const char *name;
    struct line line;
    enum advance advance; /* once it has asked, or while nobody speaks */
    enum outcome outcome;
    bool asked;
} ends[] = {
    {"an answer", {.before = IO_WAIT, .after = 12, .takes = 512}, ADVANCE_DONE, OUTCOME_OK, true},
    {"an answer to a request that leaves in pieces",
     {.before = IO_WAIT, .after = 1, .takes = 7},
     ADVANCE_DONE,
     OUTCOME_OK,
     true},
    {"session tickets meanwhile are no answer",
     {.before = IO_WAIT, .after = IO_RESET, .tickets = 5, .takes = 512},
     ADVANCE_FAILED,
     OUTCOME_RESET,
     true},
    {"reset when it is used again",
     {.before = IO_WAIT, .after = IO_RESET, .takes = 512},
     ADVANCE_FAILED,
     OUTCOME_RESET,
     true},
    {"closed when it is used again",
     {.before = IO_WAIT, .after = IO_EOF, .takes = 512},
     ADVANCE_FAILED,
     OUTCOME_CLOSED,
     true},
    {"a write that fails is followed by a read, which tells why",
     {.before = IO_WAIT, .after = IO_RESET, .takes = 0},
     ADVANCE_FAILED,
     OUTCOME_RESET,
     true},
    {"closed while nobody spoke",
     {.before = IO_EOF, .after = 12, .takes = 512},
     ADVANCE_FAILED,
     OUTCOME_CLOSED,
     false},
    {"reset while nobody spoke",
     {.before = IO_RESET, .after = 12, .takes = 512},
     ADVANCE_FAILED,
     OUTCOME_RESET,
     false},
};

START_TEST(what_ends_the_silence_is_told)
{
    struct fixture x;
    const struct app_detail *d;
    enum advance done;

    set_up(&x, &ends[_i].line);
    done = run(&x);
    if (ends[_i].asked) {
        ck_assert_msg(done == ADVANCE_WAIT, "%s: it does not wait", ends[_i].name);
        ck_assert_uint_eq(x.line.n_asked, 0);
        let_it_idle();
        done = run(&x);
    }
    d = step_app(x.step);
    ck_assert_msg(done == ends[_i].advance, "%s: %d", ends[_i].name, (int)done);
    ck_assert_msg(x.step->outcome == ends[_i].outcome, "%s: outcome %d", ends[_i].name,
                  (int)x.step->outcome);
    ck_assert_msg((d->request != NULL) == ends[_i].asked, "%s: asked", ends[_i].name);
    if (ends[_i].asked)
        ck_assert_int_ge(d->idle_us, IDLE_US);
    else
        ck_assert_int_lt(d->idle_us, IDLE_US);
    if (x.line.n_asked > 0)
        ck_assert_msg(strncmp(x.line.asked,
                              "HEAD / HTTP/1.1\r\nHost: contoso.azure-devices.net\r\n", 50) == 0 &&
                          strcmp(x.line.asked + x.line.n_asked - 4, "\r\n\r\n") == 0,
                      "%s", x.line.asked);
    tear_down(&x);
}
END_TEST

START_TEST(the_request_waits_for_room_and_the_answer_for_the_far_side)
{
    const struct line line = {.before = IO_WAIT, .after = IO_WAIT, .takes = 512, .busy = true};
    struct fixture x;

    set_up(&x, &line);
    ck_assert_int_eq(run(&x), ADVANCE_WAIT);
    let_it_idle();
    ck_assert_int_eq(run(&x), ADVANCE_WAIT); /* no room */
    ck_assert_uint_eq(x.line.n_asked, 0);
    ck_assert_int_eq(run(&x), ADVANCE_WAIT); /* asked, and no answer yet */
    ck_assert_uint_gt(x.line.n_asked, 0);
    x.line.after = 1;
    ck_assert_int_eq(run(&x), ADVANCE_DONE);
    tear_down(&x);
}
END_TEST

START_TEST(silence_after_the_request_ends_with_the_step)
{
    const struct line line = {.before = IO_WAIT, .after = IO_WAIT, .takes = 512};
    struct fixture x;

    set_up(&x, &line);
    ck_assert_int_eq(run(&x), ADVANCE_WAIT);
    let_it_idle();
    ck_assert_int_eq(run(&x), ADVANCE_WAIT);
    stack_expire(&x.stack);
    ck_assert_int_eq(x.step->outcome, OUTCOME_TIMEOUT);
    ck_assert_ptr_nonnull(step_app(x.step)->request);
    tear_down(&x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idle");
    TCase *tc = tcase_create("idle");

    tcase_add_loop_test(tc, what_ends_the_silence_is_told, 0, (int)ARRAY_LEN(ends));
    tcase_add_test(tc, the_request_waits_for_room_and_the_answer_for_the_far_side);
    tcase_add_test(tc, silence_after_the_request_ends_with_the_step);
    return run_case(suite, tc);
}
