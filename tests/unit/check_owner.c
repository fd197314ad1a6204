/* owner: a file for one user is nobody else's, whatever stood there before. */
#include "diag/base/fault.h"
#include "diag/base/owner.h"
#include "tests/unit/support.h"

#include <sys/stat.h>

static char dir[64], path[80], other[80];

static void set_up(void)
{
    snprintf(dir, sizeof dir, "/tmp/check_owner.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/file", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    unsetenv("SUDO_UID");
}

static void tear_down(void)
{
    unlink(path);
    unlink(other);
    ck_assert_int_eq(rmdir(dir), 0);
}

static void put(const char *name)
{
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs("before", file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static off_t size_of(const char *name)
{
    struct stat st;

    ck_assert_int_eq(stat(name, &st), 0);
    return st.st_size;
}

START_TEST(an_own_file_is_emptied_and_closed_to_others)
{
    struct fault f;
    struct stat st;
    int fd;

    set_up();
    put(path);
    ck_assert_int_eq(chmod(path, 0644), 0);
    fd = owner_create(path, &f);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(fstat(fd, &st), 0);
    ck_assert_int_eq(st.st_size, 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    close(fd);
    tear_down();
}
END_TEST

START_TEST(links_and_pipes_are_refused_and_left_alone)
{
    struct fault f;

    set_up();
    put(other);
    ck_assert_int_eq(symlink(other, path), 0);
    ck_assert_int_eq(owner_create(path, &f), -1);
    unlink(path);
    ck_assert_int_eq(link(other, path), 0);
    ck_assert_int_eq(owner_create(path, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "one name"));
    ck_assert_int_eq(size_of(other), 6);
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(owner_create(path, &f), -1);
    tear_down();
}
END_TEST

/* Whoever made it may hold it open, and would read along. */
START_TEST(a_file_of_somebody_else_is_refused_and_left_alone)
{
    struct fault f;
    int fd;

    set_up();
    put(path);
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(path, 65534, 65534), 0);
        ck_assert_int_eq(owner_create(path, &f), -1);
        ck_assert_ptr_nonnull(strstr(f.text, "somebody else"));
        ck_assert_int_eq(size_of(path), 6);
        /* ... unless that is the one whom we work for. */
        ck_assert_int_eq(setenv("SUDO_UID", "65534", 1) + setenv("SUDO_GID", "65534", 1), 0);
        fd = owner_create(path, &f);
        ck_assert_int_ge(fd, 0);
        close(fd);
        unsetenv("SUDO_UID");
    }
    tear_down();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_own_file_is_emptied_and_closed_to_others,
        links_and_pipes_are_refused_and_left_alone,
        a_file_of_somebody_else_is_refused_and_left_alone,
    };

    return run_suite("owner", tests, ARRAY_LEN(tests));
}
