/* The TCP layer on connections that end: whoever is silent has not reset. */
#include "diag/base/clock.h"
#include "probes/layer.h"
#include "tests/unit/lab.h"
#include "tests/unit/support.h"

#include <arpa/inet.h>
#include <check.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { PORT = 4711, PATIENCE_MS = 8000 };

static struct report *report;
static struct stack stack;
static int listener, peer;

static void open_connection(void)
{
    const int on = 1;
    struct sockaddr_in sa = {
        .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct tcp_spec spec = {.to = addr_from_ip(AF_INET, &sa.sin_addr, PORT)};

    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(listener, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&sa, sizeof sa), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    report = report_new();
    stack_init(&stack, report, clock_monotonic_us());
    ck_assert(stack_push(&stack, tcp_layer_new(&spec, step_new(report, STEP_CONNECT))));
    while (stack_advance(&stack, clock_monotonic_us()) == ADVANCE_WAIT) {
        struct pollfd p = {.fd = stack.fd, .events = POLLOUT};

        ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
    }
    peer = accept(listener, NULL, NULL);
    ck_assert_int_ge(peer, 0);
}

static void close_connection(void)
{
    stack_free(&stack);
    report_free(report);
    close(peer);
    close(listener);
}

static struct layer *tcp(void)
{
    return stack.layers[0];
}

static ssize_t say(void)
{
    return tcp()->ops->write(tcp(), "hello", 5);
}

/* Until something can be read, or the connection has an error. */
static void await(void)
{
    struct pollfd p = {.fd = stack.fd, .events = POLLIN};

    ck_assert_int_eq(poll(&p, 1, PATIENCE_MS), 1);
}

static ssize_t hear(void)
{
    char byte;

    return tcp()->ops->read(tcp(), &byte, 1);
}

/* The peer's kernel drops what comes, and acknowledges nothing; ours gives up after 1 s. */
static bool fall_silent(void)
{
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &drop};

    if (!enter_lab())
        return false;
    run("sysctl -qw net.ipv4.tcp_retries2=1");
    open_connection();
    ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
    ck_assert_int_eq((int)say(), 5);
    await();
    return true;
}

START_TEST(who_acknowledges_nothing_is_silent)
{
    if (!fall_silent())
        return;
    ck_assert_int_eq((int)hear(), IO_SILENCE);
    ck_assert_int_eq(outcome_of_io(IO_SILENCE), OUTCOME_TIMEOUT);
    ck_assert_int_gt((int)tcp_layer_sock(&stack)->unacked, 0);
    close_connection();
}
END_TEST

START_TEST(silence_that_a_write_finds_is_no_end)
{
    if (!fall_silent())
        return;
    ck_assert_int_eq((int)say(), 5); /* pretends: the next read tells */
    ck_assert_int_eq((int)hear(), IO_SILENCE);
    close_connection();
}
END_TEST

static void reset_by_peer(void)
{
    const struct linger at_once = {1, 0};

    open_connection();
    ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(peer);
    await();
}

START_TEST(a_reset_is_a_reset_whoever_finds_it)
{
    if (!enter_lab())
        return;
    reset_by_peer();
    ck_assert_int_eq((int)hear(), IO_RESET);
    close_connection();
    reset_by_peer();
    ck_assert_int_eq((int)say(), 5);
    ck_assert_int_eq((int)hear(), IO_RESET);
    close_connection();
}
END_TEST

START_TEST(an_end_is_an_end)
{
    if (!enter_lab())
        return;
    open_connection();
    close(peer);
    await();
    ck_assert_int_eq((int)hear(), IO_EOF);
    close_connection();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("layer-tcp");
    TCase *tc = tcase_create("ends");

    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, who_acknowledges_nothing_is_silent);
    tcase_add_test(tc, silence_that_a_write_finds_is_no_end);
    tcase_add_test(tc, a_reset_is_a_reset_whoever_finds_it);
    tcase_add_test(tc, an_end_is_an_end);
    return run_case(s, tc);
}
