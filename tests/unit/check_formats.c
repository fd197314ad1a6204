/* Outputs arrive whole or not at all, where the user said, and none takes another with it. */
#include "diag/base/fault.h"
#include "reports/formats.h"
#include "reports/json.h"
#include "reports/save.h"
#include "tests/unit/support.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/hopproof-formats-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[8][200];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int write_text(void *context, FILE *out)
{
    return fputs(context, out) < 0 ? -1 : 0;
}

static int fail_half_way(void *context, FILE *out)
{
    (void)context;
    fputs("half", out);
    errno = ENOSPC;
    return -1;
}

static char *content(const char *path)
{
    static char text[256];
    FILE *f = fopen(path, "r");
    size_t n;

    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

static int files_in_folder(void)
{
    DIR *d = opendir(folder);
    int n = 0;

    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

START_TEST(a_file_is_private_and_leaves_nothing_else_behind)
{
    struct fault f;
    struct stat st;

    umask(0);
    ck_assert_int_eq(save(in_folder("a"), write_text, (void *)"one", &f), 0);
    ck_assert_str_eq(content(in_folder("a")), "one");
    ck_assert_int_eq(stat(in_folder("a"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    ck_assert_int_eq(chmod(in_folder("a"), 0644), 0); /* the administrator opens it */
    ck_assert_int_eq(save(in_folder("a"), write_text, (void *)"two", &f), 0);
    ck_assert_str_eq(content(in_folder("a")), "two");
    ck_assert_int_eq(stat(in_folder("a"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0644);
    ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

/* "sudo hopproof check --json FILE": who typed it must be able to read it. */
START_TEST(a_new_file_belongs_to_the_user_behind_sudo)
{
    struct stat st;
    struct fault f;

    if (geteuid() != 0)
        return;
    setenv("SUDO_UID", "1234", 1);
    setenv("SUDO_GID", "2345", 1);
    ck_assert_int_eq(save(in_folder("s"), write_text, (void *)"one", &f), 0);
    ck_assert_int_eq(stat(in_folder("s"), &st), 0);
    ck_assert_uint_eq(st.st_uid, 1234);
    ck_assert_uint_eq(st.st_gid, 2345);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    /* Written again, it stays his. */
    ck_assert_int_eq(save(in_folder("s"), write_text, (void *)"two", &f), 0);
    ck_assert_int_eq(stat(in_folder("s"), &st), 0);
    ck_assert_uint_eq(st.st_uid, 1234);
    unsetenv("SUDO_UID");
    unsetenv("SUDO_GID");
}
END_TEST

START_TEST(a_failure_half_way_keeps_the_old_file)
{
    struct fault f;

    ck_assert_int_eq(save(in_folder("a"), write_text, (void *)"old", &f), 0);
    ck_assert_int_eq(save(in_folder("a"), fail_half_way, NULL, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "not written: No space left on device; make room"));
    ck_assert_str_eq(content(in_folder("a")), "old");
    ck_assert_int_eq(files_in_folder(), 1);
}
END_TEST

START_TEST(a_symbolic_link_is_not_followed)
{
    struct fault f;

    ck_assert_int_eq(save(in_folder("target"), write_text, (void *)"precious", &f), 0);
    ck_assert_int_eq(symlink(in_folder("target"), in_folder("link")), 0);
    ck_assert_int_eq(save(in_folder("link"), write_text, (void *)"x", &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "symbolic link"));
    ck_assert_str_eq(content(in_folder("target")), "precious");
    ck_assert_int_eq(symlink("nowhere", in_folder("dangling")), 0);
    ck_assert_int_eq(save(in_folder("dangling"), write_text, (void *)"x", &f), -1);
    ck_assert_int_eq(files_in_folder(), 3);
}
END_TEST

START_TEST(devices_are_written_to_and_stay_devices)
{
    struct fault f;
    struct stat st;

    ck_assert_int_eq(save("/dev/null", write_text, (void *)"x", &f), 0);
    ck_assert_int_eq(stat("/dev/null", &st), 0);
    ck_assert(S_ISCHR(st.st_mode));
    ck_assert_int_eq(save("/dev/full", write_text, (void *)"x", &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "/dev/full: not written: No space left"));
}
END_TEST

START_TEST(impossible_places_are_named)
{
    struct fault f;

    ck_assert_int_eq(save(in_folder("no/such/x"), write_text, (void *)"x", &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "No such file or directory; check the folder"));
    ck_assert_int_eq(save(folder, write_text, (void *)"x", &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "Is a directory"));
    ck_assert_int_eq(save("", write_text, (void *)"x", &f), -1);
}
END_TEST

START_TEST(a_closed_pipe_does_not_cost_the_other_outputs)
{
    struct report *r = report_new(), *again = NULL;
    struct format_needs needs = {.style = {.utf8 = true}};
    struct output outputs[] = {{format_find("text"), "-"},
                               {format_find("html"), "/dev/full"},
                               {format_find("json"), in_folder("r.json")},
                               {format_find("html"), in_folder("r.html")}};
    char *complaints = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&complaints, &len);
    int ends[2], old = dup(1);

    fflush(stdout);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    dup2(ends[1], 1);
    ck_assert_int_eq(formats_write(r, outputs, 4, &needs, memory), -1);
    dup2(old, 1);
    fclose(memory);
    ck_assert_ptr_nonnull(
        strstr(complaints, "hopproof: standard output: not written: Broken pipe;"));
    ck_assert_ptr_nonnull(strstr(complaints, "hopproof: /dev/full: not written: No space left"));
    ck_assert_int_eq(json_read(in_folder("r.json"), &again, NULL), 0);
    ck_assert_int_eq(access(in_folder("r.html"), R_OK), 0);
    free(complaints);
    report_free(r);
    report_free(again);
}
END_TEST

START_TEST(every_format_has_a_name_and_draws)
{
    struct report *r = report_new();
    struct format_needs needs = {.style = {.utf8 = true}};

    for (size_t i = 0; format_at(i) != NULL; i++) {
        const struct format *f = format_at(i);
        FILE *full = fopen("/dev/full", "w");
        char *text = NULL;
        size_t len = 0;
        FILE *memory = open_memstream(&text, &len);

        ck_assert_ptr_eq(format_find(f->name), f);
        ck_assert_int_eq(f->draw(r, &needs, memory), 0);
        fclose(memory);
        ck_assert_msg(len > 10, "%s draws %zu bytes", f->name, len);
        setvbuf(full, NULL, _IONBF, 0);
        ck_assert_msg(f->draw(r, &needs, full) == -1, "%s does not notice a full disk", f->name);
        fclose(full);
        free(text);
    }
    ck_assert_ptr_null(format_find("dance"));
    report_free(r);
}
END_TEST

static void make_folder(void)
{
    strcpy(folder, "/tmp/hopproof-formats-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    DIR *d = opendir(folder);

    for (struct dirent *e; (e = readdir(d)) != NULL;)
        unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(folder);
}

int main(void)
{
    Suite *suite = suite_create("formats");
    TCase *tc = tcase_create("formats");

    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_test(tc, a_new_file_belongs_to_the_user_behind_sudo);
    tcase_add_test(tc, a_file_is_private_and_leaves_nothing_else_behind);
    tcase_add_test(tc, a_failure_half_way_keeps_the_old_file);
    tcase_add_test(tc, a_symbolic_link_is_not_followed);
    tcase_add_test(tc, devices_are_written_to_and_stay_devices);
    tcase_add_test(tc, impossible_places_are_named);
    tcase_add_test(tc, a_closed_pipe_does_not_cost_the_other_outputs);
    tcase_add_test(tc, every_format_has_a_name_and_draws);
    return run_case(suite, tc);
}
