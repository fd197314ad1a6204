/* Passwords: byte for byte, and gone afterwards. */
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/base/vault.h"
#include "tests/unit/support.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[64];

static void set_up(void)
{
    snprintf(dir, sizeof dir, "/tmp/check_secret.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void tear_down(void)
{
    ck_assert_int_eq(rmdir(dir), 0);
}

/* Write a file, read it as a secret, remove it. */
static int read_back(const void *bytes, size_t len, struct secret **out, struct fault *f)
{
    char path[128];
    FILE *file;
    int result;

    snprintf(path, sizeof path, "%s/password", dir);
    file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    fclose(file);
    result = secret_read_file(path, out, f);
    unlink(path);
    return result;
}

START_TEST(the_first_line_is_taken_as_it_stands)
{
    static const struct {
        const char *file, *password;
    } cases[] = {
        {"secret", "secret"},
        {"secret\n", "secret"},
        {"secret\r\n", "secret"},
        {" s p \t\n", " s p \t"},
        {"p@ss:w#rd%/\"\\\xc3\xbc\xff\n", "p@ss:w#rd%/\"\\\xc3\xbc\xff"},
        {"one\ntwo\n", "one"},
        {"with\rreturn\r\n", "with\rreturn"},
        {"open end\r", "open end\r"},
        {"x\n", "x"},
    };

    set_up();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct secret *s = NULL;
        struct fault f;

        ck_assert_int_eq(read_back(cases[i].file, strlen(cases[i].file), &s, &f), 0);
        ck_assert_str_eq(secret_text(s), cases[i].password);
        ck_assert_uint_eq(secret_len(s), strlen(cases[i].password));
        secret_free(s);
    }
    tear_down();
}
END_TEST

START_TEST(what_is_no_password_is_refused_and_said)
{
    static char large[5000];
    struct secret *s = NULL;
    struct fault f;

    set_up();
    ck_assert_int_eq(read_back("", 0, &s, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "empty"));
    ck_assert_int_eq(read_back("\nsecond\n", 8, &s, &f), -1);
    ck_assert_int_eq(read_back("\r\n", 2, &s, &f), -1);
    ck_assert_int_eq(read_back("a\0b\n", 4, &s, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "binary"));
    memset(large, 'x', sizeof large);
    ck_assert_int_eq(read_back(large, 4097, &s, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "too long"));
    ck_assert_ptr_null(s);
    ck_assert_int_eq(read_back(large, 4096, &s, &f), 0);
    ck_assert_uint_eq(secret_len(s), 4096);
    secret_free(s);
    tear_down();
}
END_TEST

START_TEST(only_plain_files_are_read)
{
    struct secret *s = NULL;
    char path[128];
    struct fault f;

    set_up();
    ck_assert_int_eq(secret_read_file(dir, &s, &f), -1);
    ck_assert_int_eq(secret_read_file("/dev/zero", &s, &f), -1);
    ck_assert_int_eq(secret_read_file("/proc/self/mem", &s, &f), -1); /* a plain file: EIO at 0 */
    ck_assert_ptr_nonnull(strstr(f.text, "Input/output error; check the disk"));
    ck_assert_int_eq(secret_read_file("/nonexistent/password", &s, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "/nonexistent/password:1: "));
    /* A pipe that nobody writes to must not hold the run up. */
    snprintf(path, sizeof path, "%s/pipe", dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(secret_read_file(path, &s, &f), -1);
    unlink(path);
    ck_assert_ptr_null(s);
    tear_down();
}
END_TEST

START_TEST(lengths_and_zeroes_are_kept)
{
    static char large[4097];
    struct secret *s = secret_new("a\0b", 3);

    ck_assert_uint_eq(secret_len(s), 3);
    ck_assert_mem_eq(secret_text(s), "a\0b", 4);
    secret_free(s);
    s = secret_new(NULL, 0);
    ck_assert_str_eq(secret_text(s), "");
    secret_free(s);
    secret_free(NULL);
    ck_assert_ptr_null(secret_new(large, 4097));
    s = secret_new(large, 4096);
    ck_assert_ptr_nonnull(s);
    secret_free(s);
}
END_TEST

START_TEST(the_environment_forgets)
{
    struct secret *s;
    struct fault f;
    char *old, longer[4200];

    ck_assert_int_eq(secret_from_env("HOPPROOF_TEST_SECRET", &s, &f), 0);
    ck_assert_ptr_null(s);
    ck_assert_int_eq(setenv("HOPPROOF_TEST_SECRET", "p@ss", 1), 0);
    old = getenv("HOPPROOF_TEST_SECRET");
    ck_assert_int_eq(secret_from_env("HOPPROOF_TEST_SECRET", &s, &f), 0);
    ck_assert_str_eq(secret_text(s), "p@ss");
    ck_assert_ptr_null(getenv("HOPPROOF_TEST_SECRET"));
    ck_assert_mem_eq(old, "\0\0\0\0", 4); /* the memory that /proc shows */
    secret_free(s);
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_assert_int_eq(setenv("HOPPROOF_TEST_SECRET", longer, 1), 0);
    ck_assert_int_eq(secret_from_env("HOPPROOF_TEST_SECRET", &s, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "HOPPROOF_TEST_SECRET"));
    ck_assert_ptr_null(s);
    ck_assert_ptr_null(getenv("HOPPROOF_TEST_SECRET"));
}
END_TEST

/* True when the kernel keeps the page at p out of core files ("dd" in VmFlags of smaps). */
static bool undumpable(const void *p)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    bool here = false, found = false;
    char line[512];

    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;

        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = (uintptr_t)p >= from && (uintptr_t)p < to;
        else if (here && strncmp(line, "VmFlags:", 8) == 0)
            found = strstr(line, " dd") != NULL;
    }
    fclose(maps);
    return found;
}

START_TEST(secrets_stay_out_of_core_files)
{
    struct secret *s = secret_new("x", 1);

    ck_assert(undumpable(s));
    secret_free(s);
}
END_TEST

/* The recorder is a child of ours. */
START_TEST(a_child_finds_nothing)
{
    struct secret *s = secret_new("x", 1);
    int status = -1;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(secret_text(s)[0] == '\0' ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(secret_text(s), "x");
    secret_free(s);
}
END_TEST

START_TEST(a_vault_grows_keeps_all_and_stays_out_of_core_files)
{
    struct vault *v = vault_new();
    char line[100];
    size_t n = 0;

    ck_assert_uint_eq(vault_len(v), 0);
    for (; n < 3000; n++) { /* several times its first room */
        snprintf(line, sizeof line, "%098zu\n", n);
        ck_assert_int_eq(vault_add(v, line, 99), 0);
    }
    ck_assert_uint_eq(vault_len(v), n * 99);
    for (size_t i = 0; i < n; i++) {
        snprintf(line, sizeof line, "%098zu\n", i);
        ck_assert_mem_eq(vault_text(v) + i * 99, line, 99);
    }
    ck_assert(undumpable(vault_text(v)));
    ck_assert_int_eq(vault_add(v, line, 64 * 1024 * 1024), -1);
    ck_assert_uint_eq(vault_len(v), n * 99);
    vault_free(v);
    vault_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_first_line_is_taken_as_it_stands,
        what_is_no_password_is_refused_and_said,
        only_plain_files_are_read,
        lengths_and_zeroes_are_kept,
        the_environment_forgets,
        secrets_stay_out_of_core_files,
        a_child_finds_nothing,
        a_vault_grows_keeps_all_and_stays_out_of_core_files,
    };

    return run_suite("secret", tests, ARRAY_LEN(tests));
}
