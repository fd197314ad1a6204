/* What this machine says of itself: resolv.conf and hosts. */
#include "diag/base/arena.h"
#include "diag/model/site.h"
#include "diag/site/system.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena *arena;
static char conf[] = "/tmp/hopproof-resolv-XXXXXX", upstreams[] = "/tmp/hopproof-stub-XXXXXX";

static void set_up(void)
{
    arena = arena_new();
    strcpy(conf + strlen(conf) - 6, "XXXXXX");
    strcpy(upstreams + strlen(upstreams) - 6, "XXXXXX");
    close(mkstemp(conf));
    close(mkstemp(upstreams));
}

static void tear_down(void)
{
    unlink(conf);
    unlink(upstreams);
    arena_free(arena);
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* "addr:port addr:port" as read from this resolv.conf. */
static const char *read_conf(struct site *s, const char *text)
{
    const char *list = "";
    char addr[ADDR_TEXT];

    put(conf, text);
    *s = (struct site){0};
    system_resolvers(s, arena, conf, upstreams);
    for (size_t i = 0; i < s->n_resolvers; i++)
        list = arena_printf(arena, "%s%s%s", list, i > 0 ? " " : "",
                            addr_port_text(&s->resolvers[i]->addr, addr));
    return list;
}

static const struct {
    const char *conf, *resolvers, *note; /* NULL: no note */
} cases[] = {
    {"nameserver 192.0.2.1\n", "192.0.2.1:53", NULL},
    {"# x\n; y\nsearch a.example\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\r\noptions x\n",
     "192.0.2.1:53 [2001:db8::1]:53", NULL},
    {"nameserver 192.0.2.1 # comment\n", "192.0.2.1:53", NULL},
    {"nameserver fe80::1%1\n", "[fe80::1%lo]:53", NULL},
    {"nameserver 192.0.2.1\nnameserver 192.0.2.1\n", "192.0.2.1:53", NULL},
    {"nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n",
     "192.0.2.1:53 192.0.2.2:53 192.0.2.3:53", "names 4 resolvers; only the first 3"},
    {"nameserver dns.example\nnameserver 192.0.2.1\n", "192.0.2.1:53",
     "\"dns.example\" is no address"},
    {" nameserver 192.0.2.1\nnameserver192.0.2.2\nnameserver\nnameserver #\n", "",
     "names no resolver"},
    {"", "", "names no resolver"},
    {"nameserver 127.0.0.53\n", "127.0.0.53:53", "which asks 10.0.0.1, 10.0.0.2"},
    {"nameserver 127.0.0.1\n", "127.0.0.1:53", NULL},
    {"nameserver \x1b[31m\n", "", "\"\\x1b[31m\" is no address"},
};

START_TEST(nameservers_are_read_as_the_c_library_does)
{
    struct site s;

    put(upstreams, "# managed\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n");
    ck_assert_str_eq(read_conf(&s, cases[_i].conf), cases[_i].resolvers);
    if (cases[_i].note == NULL) {
        ck_assert_uint_eq(s.n_notes, 0);
        return;
    }
    ck_assert_uint_ge(s.n_notes, 1);
    ck_assert_msg(strstr(s.notes[0], cases[_i].note) != NULL, "%s", s.notes[0]);
}
END_TEST

START_TEST(a_stub_without_servers_is_said)
{
    struct site s;

    put(upstreams, "");
    read_conf(&s, "nameserver 127.0.0.53\n");
    ck_assert_ptr_nonnull(strstr(s.notes[0], "it has no server to ask"));
    unlink(upstreams);
    read_conf(&s, "nameserver 127.0.0.53\n");
    ck_assert_ptr_nonnull(strstr(s.notes[0], "is not known"));
}
END_TEST

START_TEST(the_last_search_list_counts)
{
    struct site s = {0};

    read_conf(&s, "domain old.example\nsearch plant.example. corp.example ..bad $(x)\nsearching x\n"
                  "nameserver 192.0.2.1\n");
    ck_assert_uint_eq(s.n_search, 2);
    ck_assert_str_eq(s.search[0], "plant.example");
    ck_assert_str_eq(s.search[1], "corp.example");
    read_conf(&s, "nameserver 192.0.2.1\n");
    ck_assert_uint_eq(s.n_search, 0);
}
END_TEST

START_TEST(a_missing_resolv_conf_is_a_note)
{
    struct site s = {0};

    system_resolvers(&s, arena, "/nonexistent/resolv.conf", upstreams);
    ck_assert_uint_eq(s.n_resolvers, 0);
    ck_assert_ptr_nonnull(strstr(s.notes[0], "this machine has no resolver"));
}
END_TEST

START_TEST(hosts_are_found_by_name_with_their_lines)
{
    const struct site_host *first = NULL;
    struct site s = {0};
    char text[ADDR_TEXT];

    put(conf, "127.0.0.1 localhost\n"
              "# 192.0.2.9 b.example\n"
              "192.0.2.1\tB.Example b # alias\n"
              "2001:db8::1 b.example\r\n"
              "not-an-address c.example\n"
              "192.0.2.3 a.example");
    system_hosts(&s, arena, conf);
    ck_assert_str_eq(s.hosts_file, conf);
    ck_assert_uint_eq(site_hosts_lookup(&s, "b.example", &first), 2);
    ck_assert_str_eq(addr_text(&first[0].addr, text), "192.0.2.1");
    ck_assert_uint_eq(first[0].line, 3);
    ck_assert_str_eq(addr_text(&first[1].addr, text), "2001:db8::1");
    ck_assert_uint_eq(first[1].line, 4);
    ck_assert_uint_eq(site_hosts_lookup(&s, "a.example", &first), 1);
    ck_assert_uint_eq(first->line, 6);
    ck_assert_uint_eq(site_hosts_lookup(&s, "c.example", &first), 0);
    ck_assert_uint_eq(site_hosts_lookup(&s, "b", &first), 1);
}
END_TEST

START_TEST(no_hosts_file_is_no_hosts)
{
    const struct site_host *first;
    struct site s = {0};

    system_hosts(&s, arena, "/nonexistent/hosts");
    ck_assert_ptr_null(s.hosts_file);
    ck_assert_uint_eq(site_hosts_lookup(&s, "localhost", &first), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("resolv");
    TCase *tc = tcase_create("resolv");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, nameservers_are_read_as_the_c_library_does, 0,
                        sizeof cases / sizeof cases[0]);
    tcase_add_test(tc, a_stub_without_servers_is_said);
    tcase_add_test(tc, the_last_search_list_counts);
    tcase_add_test(tc, a_missing_resolv_conf_is_a_note);
    tcase_add_test(tc, hosts_are_found_by_name_with_their_lines);
    tcase_add_test(tc, no_hosts_file_is_no_hosts);
    return run_case(suite, tc);
}
