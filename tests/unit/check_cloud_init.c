/* check_cloud_init: cloud-config files as they come: duplicates, wrong keys, broken base64. */
#include "diag/base/arena.h"
#include "diag/site/cloud_init.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct cloud_init c;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

static void read_text(const char *text)
{
    cloud_init_read(&c, arena, text, strlen(text));
}

START_TEST(the_last_of_two_keys_counts)
{
    read_text("#cloud-config\nruncmd:\n - a\nx: 1\nruncmd:\n - [b, c]\n - d\n");
    ck_assert(c.header);
    ck_assert_uint_eq(c.n_keys, 3);
    ck_assert(c.keys[0].repeated);
    ck_assert(!c.keys[2].repeated);
    ck_assert_uint_eq(c.keys[2].line, 5);
    ck_assert_uint_eq(c.n_commands, 2);
    ck_assert_str_eq(c.commands[0].text, "b c");
    ck_assert(!c.keys[1].known);
}
END_TEST

START_TEST(a_key_that_is_nearly_right)
{
    static const char *const nearly[] = {"run cmd", "run_cmd", "runcmds", "Runcmd"};

    for (size_t i = 0; i < 4; i++) {
        read_text(arena_printf(arena, "#cloud-config\n%s: []\n", nearly[i]));
        ck_assert(!c.keys[0].known);
        ck_assert_msg(c.keys[0].nearest != NULL && strcmp(c.keys[0].nearest, "runcmd") == 0, "%s",
                      nearly[i]);
    }
}
END_TEST

START_TEST(files_are_decoded)
{
    read_text("#cloud-config\nwrite_files:\n- {path: /a, encoding: b64, content: aGVsbG8=}\n"
              "- {path: /b, content: plain}\n- {path: /c, encoding: b64, content: '***'}\n"
              "- {path: /d, encoding: gz+b64, content: aGVsbG8=}\n- {path: /e}\n- x\n");
    ck_assert_uint_eq(c.n_files, 4);
    ck_assert_int_eq(c.files[0].state, CLOUD_DECODED);
    ck_assert_str_eq(c.files[0].content, "hello");
    ck_assert_int_eq(c.files[1].state, CLOUD_PLAIN);
    ck_assert_int_eq(c.files[2].state, CLOUD_BROKEN);
    ck_assert_int_eq(c.files[3].state, CLOUD_UNSUPPORTED);
}
END_TEST

START_TEST(base64)
{
    static const struct {
        const char *text, *out;
    } cases[] = {{"", NULL},        {"YQ==", "a"},       {"YWI=", "ab"}, {"YWJj", "abc"},
                 {"YW\nJj", "abc"}, {"YQ", NULL},        {"YQ=", NULL},  {"YQ==YQ==", NULL},
                 {"====", NULL},    {"Y W J j ", "abc"}, {"YWJ-", NULL}, {"YWJjYQ===", NULL}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len;
        char *out = cloud_init_base64(arena, cases[i].text, strlen(cases[i].text), &len);

        if (cases[i].out == NULL)
            ck_assert_msg(out == NULL, "%s", cases[i].text);
        else
            ck_assert_str_eq(out, cases[i].out);
    }
}
END_TEST

START_TEST(every_truncation)
{
    static const char text[] = "#cloud-config\npackages: [squid, {a: b}]\nruncmd:\n - [a, 'b']\n"
                               "write_files:\n- path: /x\n  encoding: b64\n  content: aGVsbG8=\n"
                               "&a run cmd: *a\n? [x]\n: y\n";

    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len == 0 ? 1 : len);

        memcpy(copy, text, len);
        cloud_init_read(&c, arena, copy, len);
        cloud_init_recognize(copy, len);
        free(copy);
    }
    ck_assert(cloud_init_recognize(text, sizeof text - 1));
    ck_assert(!cloud_init_recognize("http_port 3128\n", 15));
}
END_TEST

START_TEST(what_is_no_yaml_is_said)
{
    read_text("#cloud-config\nruncmd: [a\n");
    ck_assert_ptr_nonnull(c.broken);
    ck_assert_uint_ge(c.broken_line, 2);
    read_text("#cloud-config\n- a\n");
    ck_assert_ptr_nonnull(c.broken);
    read_text("#cloud-configx\na: b\n");
    ck_assert(!c.header);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cloud_init");
    TCase *tests = tcase_create("cloud_init");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_last_of_two_keys_counts);
    tcase_add_test(tests, a_key_that_is_nearly_right);
    tcase_add_test(tests, files_are_decoded);
    tcase_add_test(tests, base64);
    tcase_add_test(tests, every_truncation);
    tcase_add_test(tests, what_is_no_yaml_is_said);
    return run_case(suite, tests);
}
