/* The recorder, live: disks and files that are full. */
#include "capture/recorder.h"
#include "diag/base/fault.h"
#include "tests/unit/recorder_lab.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(a_full_file_is_counted_not_exceeded)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL, .max_bytes = 10000};
    struct recorder_stats stats;
    struct recorder *r;

    own_network();
    r = start(&conf);
    send_datagrams(100, 4711, 1000);
    stop(r, &stats);
    ck_assert_uint_le(stats.bytes, 10000);
    ck_assert_uint_gt(stats.packets, 5);
    ck_assert_uint_eq(stats.packets + stats.dropped_kernel, 100);
    ck_assert_uint_eq(count_packets(recorder_file(r)), stats.packets);
    recorder_free(r);
}
END_TEST

START_TEST(a_directory_without_room_is_not_used)
{
    char dir[] = "/tmp/check_recorder_XXXXXX";
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct recorder *r;

    own_network();
    own_disk(dir, "size=64k");
    setenv("TMPDIR", dir, 1);
    r = start(&conf);
    send_datagrams(300, 4711, 1000);
    stop(r, &stats);
    ck_assert_uint_eq(stats.packets, 300);
    ck_assert_uint_eq(stats.dropped_kernel, 0);
    recorder_free(r);
    drop_disk(dir);
}
END_TEST

/* Half of what is free is its part. When others take more than theirs, it says what was lost. */
START_TEST(a_disk_that_fills_up_costs_packets_that_are_counted)
{
    char dir[] = "/tmp/check_recorder_XXXXXX", path[64], other[64];
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = path};
    struct recorder_stats stats;
    struct fault f = {""};
    struct recorder *r;
    char octets[4096] = "";
    int fd;

    own_network();
    own_disk(dir, "size=2m");
    snprintf(path, sizeof path, "%s/packets", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    r = start(&conf);
    send_datagrams(300, 4711, 1000);
    usleep(500000); /* longer than it keeps packets to itself */
    fd = open(other, O_WRONLY | O_CREAT, 0600);
    while (write(fd, octets, sizeof octets) == (ssize_t)sizeof octets)
        ; /* ends: the disk is small */
    close(fd);
    send_datagrams(300, 4711, 1000);
    ck_assert_int_eq(recorder_stop(r, &stats, &f), -1);
    ck_assert_msg(strstr(f.text, "make room") != NULL, "%s", f.text);
    ck_assert(!stats.complete);
    ck_assert_uint_ge(stats.packets, 200);
    ck_assert_uint_lt(stats.packets, 600);
    ck_assert_uint_eq(stats.packets + stats.dropped_kernel, 600);
    ck_assert_uint_eq(count_packets(recorder_file(r)), stats.packets);
    recorder_free(r);
    drop_disk(dir);
}
END_TEST

START_TEST(it_takes_at_most_half_of_what_is_free)
{
    char dir[] = "/tmp/check_recorder_XXXXXX", path[64];
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = path};
    struct recorder_stats stats;
    struct recorder *r;

    own_network();
    own_disk(dir, "size=256k");
    snprintf(path, sizeof path, "%s/packets", dir);
    r = start(&conf);
    send_datagrams(300, 4711, 1000);
    stop(r, &stats);
    ck_assert_uint_le(stats.bytes, 128ul * 1024);
    ck_assert_uint_ge(stats.packets, 100);
    ck_assert_uint_eq(stats.packets + stats.dropped_kernel, 300);
    recorder_free(r);
    drop_disk(dir);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_full_file_is_counted_not_exceeded, a_directory_without_room_is_not_used,
        a_disk_that_fills_up_costs_packets_that_are_counted, it_takes_at_most_half_of_what_is_free};

    return recorder_run("recorder_disk", tests, sizeof tests / sizeof tests[0]);
}
