/* check_squid: squid.conf as squid_lines, squid_acl and squid_conf read it. tests/audit holds the
 * same against a running Squid; here stand bounds, broken input and what cannot be decided. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/site/squid_conf.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena *arena;
static struct squid_conf conf;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

static int read_text(const char *text)
{
    struct fault f;

    return squid_conf_read(&conf, arena, "dir/squid.conf", text, strlen(text), &f);
}

static struct squid_request request(const char *host, uint16_t port, const char *source)
{
    struct squid_request q = {.host = host, .port = port, .local_port = 3128};

    q.is_address = addr_parse(host, &q.address);
    ck_assert(addr_parse(source, &q.source));
    return q;
}

static enum squid_answer ask(const char *host, uint16_t port, const char *source)
{
    struct squid_request q = request(host, port, source);

    return squid_conf_access(&conf, &conf.http_access, &q, SQUID_DENY).answer;
}

static const struct squid_problem *problem(const char *code)
{
    for (size_t i = 0; i < conf.text.n_problems; i++) {
        if (strcmp(conf.text.problems[i].code, code) == 0)
            return &conf.text.problems[i];
    }
    return NULL;
}

START_TEST(the_deciding_line_is_known)
{
    struct squid_request q;
    struct squid_verdict v;

    ck_assert_int_eq(read_text("http_port 3128\n"
                               "acl x dstdomain .foo.com \\\n"
                               "   bar.com\n"
                               "# remark\n"
                               "http_access allow x\n"
                               "http_access deny all\n"),
                     0);
    q = request("a.foo.com", 443, "10.0.0.1");
    v = squid_conf_access(&conf, &conf.http_access, &q, SQUID_DENY);
    ck_assert_int_eq(v.answer, SQUID_ALLOW);
    ck_assert_uint_eq(v.rule->at.line, 5);
    ck_assert_str_eq(v.rule->at.file, "dir/squid.conf");
    ck_assert_int_eq(ask("bar.com", 443, "10.0.0.1"), SQUID_ALLOW);
    ck_assert_int_eq(ask("a.bar.com", 443, "10.0.0.1"), SQUID_DENY);
    ck_assert(!conf.refused);
}
END_TEST

START_TEST(an_unread_include_leaves_doubt_below_it_alone)
{
    ck_assert_int_eq(read_text("http_port 3128\nacl x dstdomain -n foo.com\n"
                               "http_access allow x\ninclude /etc/squid/none/*.conf\n"
                               "http_access deny all\n"),
                     0);
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_ALLOW);
    ck_assert_int_eq(ask("bar.com", 443, "10.0.0.1"), SQUID_UNDECIDED);
    ck_assert_ptr_nonnull(problem("include-unseen"));
    ck_assert(!conf.refused);
}
END_TEST

/* A file that somebody sent must not make us walk through the whole disk. */
START_TEST(an_include_lists_no_more_than_two_levels_of_folders)
{
    ck_assert_int_eq(read_text("http_port 3128\ninclude /nowhere/*/x?/*.conf\n"), 0);
    ck_assert_ptr_nonnull(strstr(problem("include-unseen")->what, "more than two parts"));
    ck_assert_ptr_nonnull(strstr(problem("include-unseen")->what, "/nowhere/*/x?/*.conf"));
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_UNDECIDED);
    ck_assert_int_eq(read_text("http_port 3128\ninclude /nowhere/*//sub/*.conf\n"), 0);
    ck_assert_ptr_nonnull(strstr(problem("include-unseen")->what, "nothing can be read"));
}
END_TEST

/* Of too many files, those that were read are not said to be missing. */
START_TEST(the_first_files_of_many_are_read)
{
    char folder[] = "/tmp/check_squid.XXXXXX", path[64], text[96];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    for (int i = 0; i < 65; i++) {
        FILE *file;

        snprintf(path, sizeof path, "%s/%02d.conf", folder, i);
        file = fopen(path, "w");
        ck_assert_ptr_nonnull(file);
        fputs(i == 0 ? "http_access allow all\n" : "# nothing\n", file);
        fclose(file);
    }
    snprintf(text, sizeof text, "http_port 3128\ninclude %s/*.conf\n", folder);
    ck_assert_int_eq(read_text(text), 0);
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_ALLOW);
    ck_assert_ptr_nonnull(strstr(problem("include-unseen")->what, "only the first 64 files"));
    for (int i = 0; i < 65; i++) {
        snprintf(path, sizeof path, "%s/%02d.conf", folder, i);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_command_is_never_run)
{
    ck_assert_int_eq(read_text("include !touch /tmp/hopproof-was-here\nhttp_access allow all\n"),
                     0);
    ck_assert_ptr_nonnull(problem("include-unseen"));
    ck_assert_int_eq(access("/tmp/hopproof-was-here", F_OK), -1);
}
END_TEST

START_TEST(doubt_that_changes_nothing_is_none)
{
    ck_assert_int_eq(
        read_text("acl t time 09:00-17:00\nhttp_access deny t\nhttp_access deny all\n"), 0);
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_DENY);
    ck_assert_int_eq(
        read_text("acl t time 09:00-17:00\nhttp_access allow t\nhttp_access deny all\n"), 0);
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_UNDECIDED);
}
END_TEST

START_TEST(patterns_that_take_all_memory_or_time_are_not_tried)
{
    static const char *const patterns[] = {
        "((a{1,255}){1,255}){1,255}",
        "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)\\1\\2\\3\\4\\5\\6\\7\\8z",
    };
    char text[200];

    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        snprintf(text, sizeof text,
                 "acl x dstdom_regex -n %s\nhttp_access allow x\nhttp_access deny all\n",
                 patterns[i]);
        ck_assert_int_eq(read_text(text), 0);
        ck_assert_int_eq(ask("hub-of-a-rather-long-name.azure-devices.net", 443, "10.0.0.1"),
                         SQUID_UNDECIDED);
    }
    /* A backslash that is escaped escapes no digit. */
    ck_assert_int_eq(read_text("acl x dstdom_regex -n ^foo|\\\\1$\n"
                               "http_access allow x\nhttp_access deny all\n"),
                     0);
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_ALLOW);
}
END_TEST

START_TEST(a_password_does_not_reach_the_texts)
{
    ck_assert_int_eq(read_text("cache_peer 10.0.0.9 parent 3128 0 login=joe:secret no-query\n"), 0);
    ck_assert_uint_eq(conf.n_peers, 1);
    ck_assert_ptr_null(strstr(conf.peers[0].text, "secret"));
    ck_assert_ptr_nonnull(strstr(conf.peers[0].text, "no-query"));
}
END_TEST

/* Groups that name themselves, and deep ones, end. */
START_TEST(groups_end)
{
    char text[8000] = "acl g0 all-of CONNECT\n", line[100];

    for (int i = 1; i < 100; i++) {
        snprintf(line, sizeof line, "acl g%d any-of g%d\n", i, i - 1);
        strcat(text, line);
    }
    strcat(text, "acl g99 any-of g99\nhttp_access allow g99\nhttp_access deny all\n");
    ck_assert_int_eq(read_text(text), 0);
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_UNDECIDED);
}
END_TEST

START_TEST(binary_and_endless_lines_are_refused)
{
    struct fault f;
    size_t len = 300 * 1024;
    char *line = malloc(len);

    ck_assert_int_eq(squid_conf_read(&conf, arena, "x", "acl\0x", 5, &f), -1);
    memset(line, 'a', len);
    for (size_t i = 8000; i < len; i += 8000) /* an endless logical line, of short physical ones */
        memcpy(line + i, "\\\n", 2);
    ck_assert_int_eq(squid_conf_read(&conf, arena, "x", line, len, &f), -1);
    free(line);
}
END_TEST

/* Squid reads 8191 bytes at once, and takes what stands behind them for a line of its own. */
START_TEST(a_long_line_is_two)
{
    char text[9000];
    size_t at = 0;

    at += (size_t)snprintf(text, sizeof text, "http_port 3128\nacl x src 10.0.0.1 #");
    while (at < strlen("http_port 3128\n") + 8191)
        text[at++] = '-';
    snprintf(text + at, sizeof text - at, "http_access allow all\n");
    ck_assert_int_eq(read_text(text), 0);
    ck_assert_ptr_nonnull(problem("line-long"));
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.9"), SQUID_ALLOW);
}
END_TEST

/* What an unread include may define is no error of the lines below it. */
START_TEST(an_unread_include_may_define_names)
{
    ck_assert_int_eq(read_text("http_port 3128\ninclude /nowhere/at/all.conf\n"
                               "acl u proxy_auth REQUIRED\nacl h external helper\n"
                               "cache_peer_access next allow all\nhttp_access allow their_name\n"),
                     0);
    ck_assert(!conf.refused);
    ck_assert_ptr_null(problem("peer-unknown"));
    ck_assert_int_eq(ask("foo.com", 443, "10.0.0.1"), SQUID_UNDECIDED);
}
END_TEST

/* Every beginning of a file is read without a crash (and under sanitizers without a complaint). */
START_TEST(every_truncation)
{
    static const char text[] =
        "http_port 10.0.0.1:3128 ssl-bump name=p\n"
        "acl a src 10.0.0.0/8 fe80::/10 10.1.0.1-10.1.0.9/24 h.example\n"
        "acl b dstdomain \"/none\" 'x'\nacl c port 1-2 443\n"
        "acl d dstdom_regex -i ^a[b-c]+$ +i x\n"
        "if ${process_number} = 1\ncache_peer h parent 1 0 login=a:b\nendif\n"
        "configuration_includes_quoted_values on\n"
        "acl e dstdomain \"a\\\"b\" parameters(\"/none\")\n"
        "auth_param basic program /x /y\nacl f proxy_auth REQUIRED\n"
        "http_access allow a !b c d e f\nnever_direct allow all\n";

    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len + 1); /* exactly as long as needed, for the sanitizer */
        struct fault f;
        struct squid_request q = request("a.example", 443, "10.1.0.1");
        const struct squid_peer *peer;

        memcpy(copy, text, len);
        copy[len] = '\0';
        if (squid_conf_read(&conf, arena, "x", copy, len, &f) == 0) {
            squid_conf_access(&conf, &conf.http_access, &q, SQUID_DENY);
            squid_conf_way(&conf, &q, &peer);
        }
        free(copy);
    }
}
END_TEST

static const struct {
    const char *text;
    enum squid_ip_kind kind;
    const char *in, *out;
} ips[] = {
    {"10.0.0.1", SQUID_IP_RANGE, "10.0.0.1", "10.0.0.2"},
    {"10.1.0.0/16", SQUID_IP_RANGE, "10.1.255.255", "10.2.0.0"},
    {"10.1.2.3/255.255.0.0", SQUID_IP_RANGE, "10.1.0.0", "10.2.0.0"},
    {"10.0.0.5-10.0.0.9", SQUID_IP_RANGE, "10.0.0.9", "10.0.0.10"},
    {"2001:db8::/32", SQUID_IP_RANGE, "2001:db8:ffff::1", "10.0.0.1"},
    {"0.0.0.0/0", SQUID_IP_ALL, "2001:db8::1", NULL},
    {"proxy-1.example", SQUID_IP_UNKNOWN, NULL, NULL},
    {"10.0.0.1/0", SQUID_IP_UNKNOWN, NULL, NULL},
    {"10.0.0.256", SQUID_IP_BAD, NULL, NULL},
    {"10.0.0.1/33", SQUID_IP_BAD, NULL, NULL},
    {"2001:db8::/129", SQUID_IP_BAD, NULL, NULL},
    {"", SQUID_IP_BAD, NULL, NULL},
};

START_TEST(addresses)
{
    struct squid_ip ip = squid_ip_parse(arena, ips[_i].text);
    struct addr address;

    ck_assert_msg(ip.kind == ips[_i].kind, "%s: kind %d", ips[_i].text, (int)ip.kind);
    if (ips[_i].in != NULL) {
        ck_assert(addr_parse(ips[_i].in, &address));
        ck_assert(squid_ip_has(&ip, &address));
    }
    if (ips[_i].out != NULL) {
        ck_assert(addr_parse(ips[_i].out, &address));
        ck_assert(!squid_ip_has(&ip, &address));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("squid");
    TCase *tests = tcase_create("squid");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_deciding_line_is_known);
    tcase_add_test(tests, an_unread_include_leaves_doubt_below_it_alone);
    tcase_add_test(tests, an_include_lists_no_more_than_two_levels_of_folders);
    tcase_add_test(tests, the_first_files_of_many_are_read);
    tcase_add_test(tests, a_command_is_never_run);
    tcase_add_test(tests, doubt_that_changes_nothing_is_none);
    tcase_add_test(tests, patterns_that_take_all_memory_or_time_are_not_tried);
    tcase_add_test(tests, a_password_does_not_reach_the_texts);
    tcase_add_test(tests, groups_end);
    tcase_add_test(tests, binary_and_endless_lines_are_refused);
    tcase_add_test(tests, a_long_line_is_two);
    tcase_add_test(tests, an_unread_include_may_define_names);
    tcase_add_test(tests, every_truncation);
    tcase_add_loop_test(tests, addresses, 0, (int)(sizeof ips / sizeof ips[0]));
    return run_case(suite, tests);
}
