/*
 * The recorder, live: in a network namespace of this test's own, so that it meets nobody. Without
 * the right to make one (CAP_SYS_ADMIN) there is nothing to test here, and the program says so.
 */
#include "capture/reader.h"
#include "capture/recorder.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"

#include <arpa/inet.h>
#include <cap-ng.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const loopback[] = {"lo"};

static void switch_loopback(bool on)
{
    struct ifreq request = {.ifr_flags = on ? IFF_UP : 0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    ck_assert_int_ge(fd, 0);
    strcpy(request.ifr_name, "lo");
    ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

/* A namespace with nothing but "lo". */
static void own_network(void)
{
    ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    switch_loopback(true);
}

/* A file system of this size that only this process sees, at a new directory. */
static void own_disk(char *dir, const char *size)
{
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(mount("tmpfs", dir, "tmpfs", 0, size), 0);
}

static void drop_disk(const char *dir)
{
    umount2(dir, MNT_DETACH);
    rmdir(dir);
}

static void send_datagrams(unsigned n, uint16_t port, size_t len)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int from = socket(AF_INET, SOCK_DGRAM, 0), sink = socket(AF_INET, SOCK_DGRAM, 0);
    char bytes[4096] = "x";

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* Somebody listens, so that no ICMP errors are recorded. */
    ck_assert_int_eq(bind(sink, (struct sockaddr *)&to, sizeof to), 0);
    for (unsigned i = 0; i < n; i++)
        ck_assert_int_eq(sendto(from, bytes, len, 0, (struct sockaddr *)&to, sizeof to), (int)len);
    close(from);
    close(sink);
}

static struct recorder *start(const struct recorder_conf *conf)
{
    struct recorder *r = NULL;
    struct fault f = {""};

    ck_assert_msg(recorder_start(conf, &r, &f) == 0, "%s", f.text);
    ck_assert_msg(recorder_ready(r, 5000, &f) == 1, "%s", f.text);
    return r;
}

static void stop(struct recorder *r, struct recorder_stats *stats)
{
    struct fault f = {""};

    ck_assert_msg(recorder_stop(r, stats, &f) == 0, "%s", f.text);
}

static unsigned count_packets(int fd)
{
    struct reader reader;
    struct packet p;
    unsigned n = 0;

    ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
    ck_assert_int_eq(reader_open_fd(&reader, fd, NULL), 0);
    while (reader_next(&reader, &p))
        n++;
    ck_assert_str_eq(reader.trouble, "");
    reader_free(&reader);
    return n;
}

/* The first child of this process; 0 when there is none. */
static pid_t my_child(void)
{
    char path[64];
    FILE *file;
    int pid = 0;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", &pid) != 1)
        pid = 0;
    fclose(file);
    return pid;
}

/* "KEY:\tVALUE" of /proc/PID/status. */
static void status_of(pid_t pid, const char *key, char *value, size_t room)
{
    char path[64], line[256];
    FILE *file;

    value[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL) {
        size_t len = strlen(key);

        if (strncmp(line, key, len) == 0 && line[len] == ':')
            snprintf(value, room, "%.*s", (int)strcspn(line + len + 2, "\n"), line + len + 2);
    }
    fclose(file);
}

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

START_TEST(the_recorder_has_no_rights_while_it_captures)
{
    struct recorder_conf conf = {loopback, 1, NULL, .file = NULL};
    struct recorder *r;
    char value[128];
    pid_t child;

    own_network();
    r = start(&conf);
    child = my_child();
    ck_assert_int_gt(child, 0);
    status_of(child, "CapEff", value, sizeof value);
    ck_assert_str_eq(value, "0000000000000000");
    status_of(child, "CapPrm", value, sizeof value);
    ck_assert_str_eq(value, "0000000000000000");
    status_of(child, "CapBnd", value, sizeof value);
    ck_assert_str_eq(value, "0000000000000000");
    status_of(child, "NoNewPrivs", value, sizeof value);
    ck_assert_str_eq(value, "1");
    status_of(child, "Uid", value, sizeof value);
    ck_assert_msg(strncmp(value, "65534\t65534\t65534", 17) == 0, "%s", value);
    status_of(child, "Groups", value, sizeof value);
    ck_assert_msg(strspn(value, " \t") == strlen(value), "groups: %s", value);
    status_of(child, "Seccomp", value, sizeof value);
    ck_assert_str_eq(value, "2");
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

START_TEST(without_the_right_it_says_how_to_give_it)
{
    struct recorder_conf conf = {loopback, 1, NULL, .file = NULL};
    struct recorder *r = NULL;
    struct fault f = {""};

    own_network();
    capng_clear(CAPNG_SELECT_BOTH);
    ck_assert_int_eq(capng_change_id(1000, 1000, CAPNG_DROP_SUPP_GRP), 0);
    ck_assert_int_eq(recorder_start(&conf, &r, &f), -1);
    ck_assert_ptr_null(r);
    ck_assert_msg(strstr(f.text, "setcap cap_net_raw+ep /") != NULL, "%s", f.text);
    ck_assert_msg(strstr(f.text, "on lo") != NULL, "%s", f.text);
}
END_TEST

/* Neither sudo nor setcap helps somebody who is root already. */
START_TEST(root_of_a_container_is_told_what_the_container_lacks)
{
    struct recorder_conf conf = {loopback, 1, NULL, .file = NULL};
    struct recorder *r = NULL;
    struct fault f = {""};

    own_network();
    capng_clear(CAPNG_SELECT_BOTH);
    ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
    ck_assert_int_eq(recorder_start(&conf, &r, &f), -1);
    ck_assert_ptr_null(r);
    ck_assert_msg(strstr(f.text, "--cap-add=NET_RAW") != NULL, "%s", f.text);
    ck_assert_msg(strstr(f.text, "sudo") == NULL, "%s", f.text);
}
END_TEST

START_TEST(cap_net_raw_alone_is_enough)
{
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = NULL};
    struct recorder_stats stats;
    struct recorder *r;

    own_network();
    capng_clear(CAPNG_SELECT_BOTH);
    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
    ck_assert_int_eq(capng_change_id(1000, 1000, CAPNG_DROP_SUPP_GRP), 0);
    r = start(&conf);
    send_datagrams(3, 4711, 10);
    stop(r, &stats);
    ck_assert_uint_eq(stats.packets, 3);
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

START_TEST(under_sudo_a_named_file_belongs_to_the_user)
{
    char path[] = "/tmp/check_recorder_XXXXXX";
    struct recorder_conf conf = {loopback, 1, "port 4711", .file = path};
    struct recorder_stats stats;
    struct recorder *r;
    struct stat st;

    own_network();
    close(mkstemp(path));
    setenv("SUDO_UID", "1234", 1);
    setenv("SUDO_GID", "2345", 1);
    r = start(&conf);
    send_datagrams(2, 4711, 10);
    stop(r, &stats);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_uid, 1234);
    ck_assert_uint_eq(st.st_gid, 2345);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    recorder_free(r);
    unlink(path);
}
END_TEST

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

/* A pipe at its standard output would have no end before the kernel tore the capture down. */
START_TEST(it_does_not_keep_the_standard_output_open)
{
    struct recorder_conf conf = {loopback, 1, NULL, .file = NULL};
    struct recorder *r;
    char path[64], to[64] = "";
    int ends[2];

    own_network();
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    r = start(&conf);
    snprintf(path, sizeof path, "/proc/%d/fd/1", (int)my_child());
    ck_assert_int_gt((int)readlink(path, to, sizeof to - 1), 0);
    ck_assert_str_eq(to, "/dev/null");
    recorder_free(r);
}
END_TEST

/* Linux before 5.9, or a container's filter that knows nothing newer. */
START_TEST(nothing_of_the_caller_stays_open_without_close_range)
{
    enum { CALLERS = 200 };
    struct recorder_conf conf = {loopback, 1, NULL, .file = NULL};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    struct recorder *r;
    char path[64], to[64];

    own_network();
    ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_close_range, 0), 0);
    ck_assert_int_eq(seccomp_load(filter), 0);
    seccomp_release(filter);
    ck_assert_int_eq(dup2(STDOUT_FILENO, CALLERS), CALLERS);
    r = start(&conf);
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)my_child(), CALLERS);
    ck_assert_int_eq((int)readlink(path, to, sizeof to), -1);
    recorder_free(r);
}
END_TEST

static bool may_make_namespaces(void)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0)
        _exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

int main(void)
{
    Suite *suite = suite_create("recorder");
    TCase *tc = tcase_create("recorder");
    SRunner *runner = srunner_create(suite);
    int failed;

    if (!may_make_namespaces()) {
        puts("recorder: not tested, because this user may not make a network namespace");
        return 77;
    }
    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, every_packet_that_the_filter_wants_is_in_the_file);
    tcase_add_test(tc, the_recorder_has_no_rights_while_it_captures);
    tcase_add_test(tc, it_ends_when_the_caller_goes_away);
    tcase_add_test(tc, signals_of_the_terminal_do_not_end_it);
    tcase_add_test(tc, when_it_is_killed_what_it_wrote_remains);
    tcase_add_test(tc, without_the_right_it_says_how_to_give_it);
    tcase_add_test(tc, root_of_a_container_is_told_what_the_container_lacks);
    tcase_add_test(tc, cap_net_raw_alone_is_enough);
    tcase_add_test(tc, an_interface_that_is_not_there_is_named);
    tcase_add_test(tc, a_broken_filter_fails_before_anything_is_ready);
    tcase_add_test(tc, under_sudo_a_named_file_belongs_to_the_user);
    tcase_add_test(tc, a_full_file_is_counted_not_exceeded);
    tcase_add_test(tc, an_interface_that_goes_down_does_not_end_it);
    tcase_add_test(tc, what_the_kernel_had_no_room_for_is_counted);
    tcase_add_test(tc, a_directory_without_room_is_not_used);
    tcase_add_test(tc, a_disk_that_fills_up_costs_packets_that_are_counted);
    tcase_add_test(tc, it_takes_at_most_half_of_what_is_free);
    tcase_add_test(tc, packets_of_two_interfaces_are_in_the_order_of_time);
    tcase_add_test(tc, it_does_not_keep_the_standard_output_open);
    tcase_add_test(tc, nothing_of_the_caller_stays_open_without_close_range);
    /* These change namespaces and users: always in processes of their own. */
    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
