/* The recorder, live: what it needs, what it gives up, and what it keeps of its caller. */
#include "capture/recorder.h"
#include "diag/base/fault.h"
#include "tests/unit/recorder_lab.h"

#include <cap-ng.h>
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int main(void)
{
    const TTest *const tests[] = {the_recorder_has_no_rights_while_it_captures,
                                  without_the_right_it_says_how_to_give_it,
                                  root_of_a_container_is_told_what_the_container_lacks,
                                  cap_net_raw_alone_is_enough,
                                  under_sudo_a_named_file_belongs_to_the_user,
                                  it_does_not_keep_the_standard_output_open,
                                  nothing_of_the_caller_stays_open_without_close_range};

    return recorder_run("recorder_rights", tests, sizeof tests / sizeof tests[0]);
}
