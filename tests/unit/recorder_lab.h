/*
 * recorder_lab: what the tests of the recorder share: a network namespace and a disk of their own,
 * traffic, and a look at the recorder's process.
 *
 * They make namespaces and change users: recorder_run() runs each test in a process of its own.
 * Without the right to make namespaces (CAP_SYS_ADMIN) there is nothing to test, and it says so.
 */
#ifndef HOPPROOF_TESTS_UNIT_RECORDER_LAB_H
#define HOPPROOF_TESTS_UNIT_RECORDER_LAB_H

#include "capture/reader.h"
#include "capture/recorder.h"
#include "diag/base/fault.h"

#include <arpa/inet.h>
#include <check.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const loopback[] = {"lo"};

static inline void switch_loopback(bool on)
{
    struct ifreq request = {.ifr_flags = on ? IFF_UP : 0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    ck_assert_int_ge(fd, 0);
    strcpy(request.ifr_name, "lo");
    ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

/* A namespace with nothing but "lo". */
static inline void own_network(void)
{
    ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
    switch_loopback(true);
}

/* A file system of this size that only this process sees, at a new directory. */
static inline void own_disk(char *dir, const char *size)
{
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(mount("tmpfs", dir, "tmpfs", 0, size), 0);
}

static inline void drop_disk(const char *dir)
{
    umount2(dir, MNT_DETACH);
    rmdir(dir);
}

static inline void send_datagrams(unsigned n, uint16_t port, size_t len)
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

static inline struct recorder *start(const struct recorder_conf *conf)
{
    struct recorder *r = NULL;
    struct fault f = {""};

    ck_assert_msg(recorder_start(conf, &r, &f) == 0, "%s", f.text);
    ck_assert_msg(recorder_ready(r, 5000, &f) == 1, "%s", f.text);
    return r;
}

static inline void stop(struct recorder *r, struct recorder_stats *stats)
{
    struct fault f = {""};

    ck_assert_msg(recorder_stop(r, stats, &f) == 0, "%s", f.text);
}

static inline unsigned count_packets(int fd)
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
static inline pid_t my_child(void)
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
static inline void status_of(pid_t pid, const char *key, char *value, size_t room)
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

static inline bool may_make_namespaces(void)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0)
        _exit(unshare(CLONE_NEWNET) == 0 ? 0 : 1);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* 77, as CTest knows a skipped test, where nothing can be tested. */
static inline int recorder_run(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tc);
    tcase_set_timeout(tc, 30);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(tc, tests[i]);
    if (!may_make_namespaces()) {
        printf("%s: not tested, because this user may not make a network namespace\n", name);
        srunner_free(runner);
        return 77;
    }
    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
