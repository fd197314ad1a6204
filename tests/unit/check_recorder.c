/* The recorder, live: what gets into its file, from which interfaces, and how it ends. */
#include "capture/reader.h"
#include "capture/recorder.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "tests/unit/recorder_lab.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(every_packet_that_the_filter_wants_is_in_the_file)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct recorder *r;
    int64_t begin = clock_monotonic_us(), ready, stopped;

    own_network();
    r = start(&conf);
    ready = clock_monotonic_us() - begin;
    send_datagrams(100, 4711, 1000);
    send_datagrams(50, 4712, 1000);
    begin = clock_monotonic_us();
    stop(r, &stats);
    stopped = clock_monotonic_us() - begin;
    printf("recorder: ready after %lld us, stopped after %lld us\n", (long long)ready,
           (long long)stopped);
    ck_assert_uint_eq(stats.packets, 100);
    ck_assert_uint_eq(stats.dropped_kernel, 0);
    ck_assert(stats.complete);
    ck_assert_uint_eq(count_packets(recorder_file(r)), 100);
    recorder_free(r);
}
END_TEST

START_TEST(it_ends_when_the_caller_goes_away)
{
    struct recorder_conf conf = {loopback, 1, NULL, .file = NULL};
    struct recorder *r;
    pid_t child;

    own_network();
    r = start(&conf);
    child = my_child();
    recorder_free(r);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(signals_of_the_terminal_do_not_end_it)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct recorder *r;

    own_network();
    r = start(&conf);
    kill(my_child(), SIGINT);
    kill(my_child(), SIGTERM);
    send_datagrams(1, 4711, 10);
    stop(r, &stats);
    ck_assert_uint_eq(stats.packets, 1);
    recorder_free(r);
}
END_TEST

START_TEST(when_it_is_killed_what_it_wrote_remains)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct fault f = {""};
    struct recorder *r;

    own_network();
    r = start(&conf);
    send_datagrams(20, 4711, 10);
    usleep(500000); /* longer than it keeps packets to itself */
    send_datagrams(1, 4711, 10);
    usleep(50000);
    kill(my_child(), SIGKILL);
    usleep(20000);
    ck_assert_int_eq(recorder_stop(r, &stats, &f), -1);
    ck_assert_msg(strstr(f.text, "signal 9") != NULL, "%s", f.text);
    ck_assert(!stats.complete);
    ck_assert_uint_ge(count_packets(recorder_file(r)), 20);
    recorder_free(r);
}
END_TEST

START_TEST(an_interface_that_is_not_there_is_named)
{
    const char *const names[] = {"nosuch0"};
    struct recorder_conf conf = {names, 1, NULL, .file = NULL};
    struct recorder *r = NULL;
    struct fault f = {""};

    ck_assert_int_eq(recorder_start(&conf, &r, &f), -1);
    ck_assert_msg(strstr(f.text, "nosuch0") != NULL, "%s", f.text);
}
END_TEST

START_TEST(a_broken_filter_fails_before_anything_is_ready)
{
    struct recorder_conf conf = {loopback, 1, "port and port", .file = NULL};
    struct recorder *r = NULL;
    struct fault f = {""};

    own_network();
    ck_assert_int_eq(recorder_start(&conf, &r, &f), 0);
    ck_assert_int_eq(recorder_ready(r, 5000, &f), -1);
    ck_assert_msg(strstr(f.text, "no filter") != NULL, "%s", f.text);
    recorder_free(r);
}
END_TEST

/* What the interface said before it went down, and after it came back. */
START_TEST(an_interface_that_goes_down_does_not_end_it)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct recorder *r;

    own_network();
    r = start(&conf);
    send_datagrams(3, 4711, 10);
    usleep(50000);
    switch_loopback(false);
    usleep(50000);
    switch_loopback(true);
    send_datagrams(4, 4711, 10);
    stop(r, &stats);
    ck_assert(stats.complete);
    ck_assert_uint_eq(stats.packets, 7);
    recorder_free(r);
}
END_TEST

START_TEST(what_the_kernel_had_no_room_for_is_counted)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL,
                                 .buffer_bytes = 512ul * 1024};
    struct recorder_stats stats;
    struct recorder *r;
    pid_t child;

    own_network();
    r = start(&conf);
    child = my_child();
    kill(child, SIGSTOP);
    send_datagrams(2000, 4711, 1400);
    kill(child, SIGCONT);
    stop(r, &stats);
    ck_assert_uint_gt(stats.dropped_kernel, 0);
    ck_assert_uint_eq(stats.packets + stats.dropped_kernel, 2000);
    ck_assert_uint_eq(count_packets(recorder_file(r)), stats.packets);
    recorder_free(r);
}
END_TEST

/* A second interface that sees what goes over "lo": its other name. */
START_TEST(packets_of_two_interfaces_are_in_the_order_of_time)
{
    const char *const names[] = {"lo", "any"};
    struct recorder_conf conf = {names, 2, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct reader reader;
    struct packet p;
    struct recorder *r;
    int64_t last = INT64_MIN;
    unsigned of[2] = {0};

    own_network();
    r = start(&conf);
    for (int i = 0; i < 30; i++) { /* longer than a block of the kernel, and than packets wait */
        send_datagrams(3, 4711, 100);
        usleep(2000);
    }
    stop(r, &stats);
    ck_assert_int_eq(lseek(recorder_file(r), 0, SEEK_SET), 0);
    ck_assert_int_eq(reader_open_fd(&reader, recorder_file(r), NULL), 0);
    while (reader_next(&reader, &p)) {
        ck_assert_int_ge(p.time_us, last);
        last = p.time_us;
        ck_assert_uint_lt(p.iface, 2);
        of[p.iface]++;
    }
    reader_free(&reader);
    ck_assert_uint_eq(of[0], 90);
    ck_assert_uint_ge(of[1], 90);
    ck_assert_uint_eq(stats.packets, of[0] + of[1]);
    recorder_free(r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_packet_that_the_filter_wants_is_in_the_file,
                                  it_ends_when_the_caller_goes_away,
                                  signals_of_the_terminal_do_not_end_it,
                                  when_it_is_killed_what_it_wrote_remains,
                                  an_interface_that_is_not_there_is_named,
                                  a_broken_filter_fails_before_anything_is_ready,
                                  an_interface_that_goes_down_does_not_end_it,
                                  what_the_kernel_had_no_room_for_is_counted,
                                  packets_of_two_interfaces_are_in_the_order_of_time};

    return recorder_run("recorder", tests, sizeof tests / sizeof tests[0]);
}
