/* The number of free file descriptors, against a limit that is known. */
#include "diag/base/descriptors.h"
#include "tests/unit/support.h"

#include <sys/resource.h>
#include <unistd.h>

enum { MOST = 64 };

static void set_limit(rlim_t soft, rlim_t hard)
{
    const struct rlimit limit = {soft, hard};

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

START_TEST(every_open_file_takes_one)
{
    size_t before;
    int fd[2];

    set_limit(MOST, MOST);
    before = descriptors_free();
    ck_assert_uint_lt(before, MOST);
    ck_assert_int_eq(pipe(fd), 0);
    ck_assert_uint_eq(descriptors_free(), before - 2);
    close(fd[0]);
    close(fd[1]);
    ck_assert_uint_eq(descriptors_free(), before);
}
END_TEST

START_TEST(as_many_can_be_opened)
{
    size_t spare, opened = 0;
    int fd[MOST];

    set_limit(MOST, MOST);
    spare = descriptors_free();
    while (opened < MOST && (fd[opened] = dup(STDOUT_FILENO)) >= 0)
        opened++;
    ck_assert_uint_eq(opened, spare);
    ck_assert_uint_eq(descriptors_free(), 0);
    while (opened > 0)
        close(fd[--opened]);
}
END_TEST

START_TEST(soft_limit_is_raised)
{
    struct rlimit limit;

    set_limit(MOST / 2, MOST);
    ck_assert_uint_gt(descriptors_free(), MOST / 2);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_uint_eq(limit.rlim_cur, MOST);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_open_file_takes_one,
        as_many_can_be_opened,
        soft_limit_is_raised,
    };

    return run_suite("descriptors", tests, ARRAY_LEN(tests));
}
