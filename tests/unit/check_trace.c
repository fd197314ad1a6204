/* trace: TTL-limited SYNs on the loopback and, with root, over routers in a namespace. */
#include "diag/base/addr.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/model/report.h"
#include "probes/loop.h"
#include "probes/trace.h"
#include "tests/unit/lab.h"
#include "tests/unit/support.h"

#include <check.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct report *report;
static struct step *step;
static unsigned calls;

static void set_up(void)
{
    struct fault f;

    loop = loop_new(&f);
    ck_assert_ptr_nonnull(loop);
    report = report_new();
    step = step_new(report, STEP_CONNECT);
    calls = 0;
}

static void tear_down(void)
{
    loop_free(loop);
    report_free(report);
}

static void on_done(void *arg)
{
    (void)arg;
    calls++;
    loop_stop(loop);
}

static const struct tcp_detail *trace_to(const char *to)
{
    struct trace *t;
    struct addr a;

    ck_assert_msg(addr_parse_port(to, 0, &a), "%s", to);
    t = trace_start(loop, report, &a, step, clock_monotonic_us(), on_done, NULL);
    ck_assert_ptr_nonnull(t);
    ck_assert_uint_eq(calls, 0); /* from the loop, not at once */
    loop_run(loop);
    trace_free(t);
    ck_assert_uint_eq(calls, 1);
    ck_assert_int_ge(step->duration_us, 0);
    return step_tcp(step);
}

static int listen_on(const char *ip, struct addr *at)
{
    struct sockaddr_storage sa;
    socklen_t len;
    int fd;

    ck_assert(addr_parse(ip, at));
    len = addr_to_sockaddr(at, &sa);
    fd = socket(at->family, SOCK_STREAM, 0);
    ck_assert(fd >= 0 && bind(fd, (struct sockaddr *)&sa, len) == 0 && listen(fd, 64) == 0);
    ck_assert(getsockname(fd, (struct sockaddr *)&sa, &len) == 0);
    ck_assert(addr_from_sockaddr((struct sockaddr *)&sa, at));
    return fd;
}

START_TEST(who_answers_is_found)
{
    struct addr at;
    char text[ADDR_TEXT];
    int fd = listen_on(_i == 0 ? "127.0.0.1" : "::1", &at);
    const struct tcp_detail *d = trace_to(addr_port_text(&at, text));

    ck_assert_int_eq(step->outcome, OUTCOME_OK);
    ck_assert_uint_ge(d->n_trace, 2);
    ck_assert_int_eq(d->trace[0]->ttl, 1);
    ck_assert_str_eq(d->trace[0]->answer, "syn-ack");
    ck_assert_ptr_null(d->trace[0]->router);
    ck_assert_int_gt(d->trace[d->n_trace - 1]->ttl, 24); /* the usual one is the last */
    ck_assert_str_eq(d->trace[d->n_trace - 1]->answer, "syn-ack");
    ck_assert_str_eq(d->route, "local");
    close(fd);
}
END_TEST

START_TEST(who_refuses_is_found)
{
    struct addr at;
    char text[ADDR_TEXT];
    int fd = listen_on("127.0.0.1", &at);
    const struct tcp_detail *d;

    close(fd); /* now nobody listens there */
    d = trace_to(addr_port_text(&at, text));
    ck_assert_int_eq(step->outcome, OUTCOME_TCP_REFUSED);
    ck_assert_str_eq(d->trace[0]->answer, "reset");
}
END_TEST

/* --- in a namespace --- */

/* The lab with a router whose machine is not there: its hardware address is made up. */
static bool enter_lab_with_router(void)
{
    if (!enter_lab())
        return false;
    run("ip route add default via 192.0.2.2");
    run("ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth-a nud permanent");
    return true;
}

START_TEST(silence_is_not_asked_for_ever)
{
    const struct tcp_detail *d;

    if (!enter_lab_with_router())
        return;
    d = trace_to("198.51.100.1:443");
    ck_assert_int_eq(step->outcome, OUTCOME_TCP_TIMEOUT);
    ck_assert_uint_eq(d->n_trace, 7); /* six, and the usual one */
    for (size_t i = 0; i < d->n_trace; i++)
        ck_assert_ptr_null(d->trace[i]->answer);
    ck_assert_int_eq(d->trace[5]->ttl, 6);
    ck_assert_int_lt(step->duration_us, 4000000);
    ck_assert_str_eq(d->gateway, "192.0.2.2");
}
END_TEST

START_TEST(no_way_out_ends_it_at_once)
{
    const struct tcp_detail *d;

    if (!enter_lab_with_router())
        return;
    run("ip route delete default");
    d = trace_to("198.51.100.1:443");
    ck_assert_int_eq(step->outcome, OUTCOME_LOCAL_ERROR);
    ck_assert_str_eq(d->error, "ENETUNREACH");
    ck_assert_int_lt(step->duration_us, 1000000);
}
END_TEST

static void free_it(void *arg, int what)
{
    (void)what;
    trace_free(*(struct trace **)arg);
    loop_stop(loop);
}

START_TEST(one_that_is_cut_off_says_so)
{
    struct watch *timer;
    struct trace *t;
    struct addr a;

    if (!enter_lab_with_router())
        return;
    ck_assert(addr_parse_port("198.51.100.1:443", 0, &a));
    t = trace_start(loop, report, &a, step, clock_monotonic_us(), on_done, NULL);
    timer = watch_new(loop, -1, free_it, &t);
    watch_want(timer, 0, clock_monotonic_us() + 100000);
    loop_run(loop);
    watch_free(timer);
    ck_assert_int_eq(step->outcome, OUTCOME_CANCELLED);
    ck_assert_uint_eq(calls, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trace");
    TCase *t = tcase_create("trace");

    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, who_answers_is_found, 0, 2);
    tcase_add_test(t, who_refuses_is_found);
    tcase_add_test(t, silence_is_not_asked_for_ever);
    tcase_add_test(t, no_way_out_ends_it_at_once);
    tcase_add_test(t, one_that_is_cut_off_says_so);
    return run_case(s, t);
}
