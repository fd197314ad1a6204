/* Hosts as people write them: names, internationalised ones, addresses, wildcards. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/site/host.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static void set_up(void)
{
    arena = arena_new();
}

static void tear_down(void)
{
    arena_free(arena);
}

static const struct {
    const char *text, *host;
    enum host_kind kind;
} good[] = {
    {"contoso.azure-devices.net", "contoso.azure-devices.net", HOST_NAME},
    {"Contoso.Azure-Devices.NET", "contoso.azure-devices.net", HOST_NAME},
    {"contoso.azure-devices.net.", "contoso.azure-devices.net", HOST_NAME},
    {"localhost", "localhost", HOST_NAME},
    {"_dmarc.example.org", "_dmarc.example.org", HOST_NAME},
    {"1und1.de", "1und1.de", HOST_NAME},
    {"a.b-c.example", "a.b-c.example", HOST_NAME},
    {"b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example", HOST_NAME},
    {"B\xc3\x9c"
     "CHER.example",
     "xn--bcher-kva.example", HOST_NAME},
    {"bu\xcc\x88"
     "cher.example",
     "xn--bcher-kva.example", HOST_NAME},          /* decomposed */
    {"fa\xc3\x9f.de", "xn--fa-hia.de", HOST_NAME}, /* IDNA 2008, not "fass" */
    {"\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "xn--r8jz45g.xn--zckzah",
     HOST_NAME},
    {"xn--bcher-kva.example", "xn--bcher-kva.example", HOST_NAME},
    {"*.azure-devices.net", "*.azure-devices.net", HOST_WILDCARD},
    {"*.Azure-Devices.net.", "*.azure-devices.net", HOST_WILDCARD},
    {"*.b\xc3\xbc"
     "cher.example",
     "*.xn--bcher-kva.example", HOST_WILDCARD},
    {"192.0.2.1", "192.0.2.1", HOST_ADDRESS},
    {"2001:DB8:0:0::1", "2001:db8::1", HOST_ADDRESS},
    {"[2001:db8::1]", "2001:db8::1", HOST_ADDRESS},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1", HOST_ADDRESS},
};

START_TEST(good_hosts_come_to_one_form)
{
    struct host host;
    struct fault fault = {""};

    ck_assert_msg(host_parse(arena, good[_i].text, strlen(good[_i].text), &host, &fault) == 0,
                  "%s: %s", good[_i].text, fault.text);
    ck_assert_str_eq(host.text, good[_i].host);
    ck_assert_int_eq(host.kind, good[_i].kind);
}
END_TEST

static const struct {
    const char *text, *complaint;
} bad[] = {
    {"", "no host"},
    {".", "empty label"},
    {"..", "empty label"},
    {"a..b", "empty label"},
    {"*.", "empty label"},
    {"-a.example", "hyphen"},
    {"a-.example", "hyphen"},
    {"a b.example", "only letters"},
    {"a/b", "only letters"},
    {"a.example\n", "only letters"},
    {"a\x01.example", "only letters"},
    {"user@a.example", "only letters"},
    {".azure-devices.net", "write *.azure-devices.net"},
    {"*azure-devices.net", "did you mean *.azure-devices.net"},
    {"a.*.example", "one whole label in front"},
    {"*", "one whole label in front"},
    {"*.*.example", "one whole label in front"},
    {"10.0.0.256", "neither an IPv4 address"},
    {"10.0.0", "neither an IPv4 address"},
    {"22.1.3", "neither an IPv4 address"},
    {"443", "neither an IPv4 address"},
    {"2001:db8::g", "looks like an address"},
    {"1:2", "looks like an address"},
    {"[2001:db8::1", "not closed"},
    {"[a.example]", "only an IPv6 address"},
    {"b\xfc"
     "cher.example",
     "internationalised"},                                     /* Latin-1 */
    {"\xe2\x98\x83\xe2\x80\x8b.example", "internationalised"}, /* a zero-width space */
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", "63"},
};

START_TEST(bad_hosts_are_refused_with_the_reason)
{
    struct host host = {"untouched", HOST_NAME};
    struct fault fault = {""};

    ck_assert_msg(host_parse(arena, bad[_i].text, strlen(bad[_i].text), &host, &fault) == -1,
                  "%s became %s", bad[_i].text, host.text);
    ck_assert_msg(strstr(fault.text, bad[_i].complaint) != NULL, "%s: %s", bad[_i].text,
                  fault.text);
    ck_assert_str_eq(host.text, "untouched");
}
END_TEST

START_TEST(a_complaint_shows_no_control_characters)
{
    struct host host;
    struct fault fault = {""};

    ck_assert_int_eq(host_parse(arena, "\x1b[2Jx", 5, &host, &fault), -1);
    ck_assert_ptr_null(strchr(fault.text, 0x1b));
}
END_TEST

START_TEST(names_end_at_253_characters)
{
    char name[300];
    struct host host;
    size_t len = 0;

    while (len < 250) {
        memset(name + len, 'a', 49);
        name[len + 49] = '.';
        len += 50;
    }
    memcpy(name + 250, "abc", 4); /* 253 in all */
    ck_assert_int_eq(host_parse(arena, name, 253, &host, NULL), 0);
    memcpy(name + 250, "abcd", 5);
    ck_assert_int_eq(host_parse(arena, name, 254, &host, NULL), -1);
    memcpy(name + 250, "abc.", 5); /* the root's dot does not count */
    ck_assert_int_eq(host_parse(arena, name, 254, &host, NULL), 0);
}
END_TEST

START_TEST(a_nul_inside_is_no_end)
{
    struct host host;

    ck_assert_int_eq(host_parse(arena, "good.example\0.evil", 18, &host, NULL), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("idn");
    TCase *tc = tcase_create("idn");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, good_hosts_come_to_one_form, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tc, bad_hosts_are_refused_with_the_reason, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tc, a_complaint_shows_no_control_characters);
    tcase_add_test(tc, names_end_at_253_characters);
    tcase_add_test(tc, a_nul_inside_is_no_end);
    return run_case(suite, tc);
}
