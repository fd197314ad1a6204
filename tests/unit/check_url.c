/* Endpoints and proxies as people write them, and the routes over them. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/model/site.h"
#include "diag/site/proxy.h"
#include "diag/site/url.h"
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
    unsigned port;
    const char *scheme;
} targets[] = {
    {"contoso.azure-devices.net", "contoso.azure-devices.net", 0, NULL},
    {"contoso.azure-devices.net:8883", "contoso.azure-devices.net", 8883, NULL},
    {"https://Contoso.blob.core.windows.net/path?x=1#y", "contoso.blob.core.windows.net", 443,
     "https"},
    {"HTTPS://a.example:8443", "a.example", 8443, "https"},
    {"http://crl3.digicert.com/x.crl", "crl3.digicert.com", 80, "http"},
    {"https://a.example?q", "a.example", 443, "https"},
    {"wss://hub.example/$iothub/websocket", "hub.example", 443, "wss"},
    {"amqps://ns.servicebus.windows.net", "ns.servicebus.windows.net", 5671, "amqps"},
    {"sb://ns.servicebus.windows.net:5671/", "ns.servicebus.windows.net", 5671, "sb"},
    {"*.azure-devices.net", "*.azure-devices.net", 0, NULL},
    {"*.azure-devices.net:443", "*.azure-devices.net", 443, NULL},
    {"https://*.azure-devices.net", "*.azure-devices.net", 443, "https"},
    {"192.0.2.7", "192.0.2.7", 0, NULL},
    {"192.0.2.7:65535", "192.0.2.7", 65535, NULL},
    {"2001:db8::1", "2001:db8::1", 0, NULL},
    {"[2001:db8::1]", "2001:db8::1", 0, NULL},
    {"[2001:db8::1]:8443", "2001:db8::1", 8443, NULL},
    {"https://[2001:db8::1]/", "2001:db8::1", 443, "https"},
    {"a.example/some/path", "a.example", 0, NULL},
};

START_TEST(endpoints_are_understood)
{
    struct target t;
    struct fault fault = {""};

    ck_assert_msg(target_parse(arena, targets[_i].text, strlen(targets[_i].text), &t, &fault) == 0,
                  "%s: %s", targets[_i].text, fault.text);
    ck_assert_str_eq(t.host.text, targets[_i].host);
    ck_assert_uint_eq(t.port, targets[_i].port);
    ck_assert_pstr_eq(t.scheme, targets[_i].scheme);
}
END_TEST

static const struct {
    const char *text, *complaint;
} bad_targets[] = {
    {"", "no host"},
    {":443", "no host"},
    {"https://", "no host"},
    {"a.example:", "1 to 65535"},
    {"a.example:0", "1 to 65535"},
    {"a.example:65536", "1 to 65535"},
    {"a.example:44a3", "1 to 65535"},
    {"a.example:-1", "1 to 65535"},
    {"a.example:99999999999999999999", "1 to 65535"},
    {"[2001:db8::1]443", "follow the bracket"},
    {"[2001:db8::1]:", "1 to 65535"},
    {"10.0.0.0/8", "range of addresses"},
    {"2001:db8::/32", "range of addresses"},
    {"gopher://a.example", "port of scheme gopher"},
    {"https://user:secret@a.example", "has no user"},
    {"a b", "only letters"},
};

START_TEST(bad_endpoints_are_refused_with_the_reason)
{
    struct target t = {.port = 7};
    struct fault fault = {""};

    ck_assert_msg(
        target_parse(arena, bad_targets[_i].text, strlen(bad_targets[_i].text), &t, &fault) == -1,
        "%s became %s", bad_targets[_i].text, t.host.text);
    ck_assert_msg(strstr(fault.text, bad_targets[_i].complaint) != NULL, "%s: %s",
                  bad_targets[_i].text, fault.text);
    ck_assert_ptr_null(strstr(fault.text, "secret"));
    ck_assert_uint_eq(t.port, 7);
}
END_TEST

static const struct {
    const char *text;
    enum proxy_scheme scheme;
    const char *host;
    unsigned port;
    const char *user, *url;
} proxies[] = {
    {"10.1.0.4:3128", PROXY_HTTP, "10.1.0.4", 3128, NULL, "http://10.1.0.4:3128"},
    {"proxy1", PROXY_HTTP, "proxy1", 3128, NULL, "http://proxy1:3128"},
    {"http://Proxy.plant.example", PROXY_HTTP, "proxy.plant.example", 3128, NULL,
     "http://proxy.plant.example:3128"},
    {"https://proxy.example:8443/", PROXY_HTTPS, "proxy.example", 8443, NULL,
     "https://proxy.example:8443"},
    {"http://[2001:db8::3]:8080", PROXY_HTTP, "2001:db8::3", 8080, NULL,
     "http://[2001:db8::3]:8080"},
    {"2001:db8::3", PROXY_HTTP, "2001:db8::3", 3128, NULL, "http://[2001:db8::3]:3128"},
    {"http://sensor@proxy:80", PROXY_HTTP, "proxy", 80, "sensor", "http://sensor@proxy:80"},
    {"sensor@proxy", PROXY_HTTP, "proxy", 3128, "sensor", "http://sensor@proxy:3128"},
    {"http://PLANT%5Csensor@proxy", PROXY_HTTP, "proxy", 3128, "PLANT\\sensor",
     "http://PLANT%5Csensor@proxy:3128"},
    {"http://a@b@proxy", PROXY_HTTP, "proxy", 3128, "a@b", "http://a@b@proxy:3128"},
};

START_TEST(proxies_are_understood)
{
    struct site_proxy p = {.name = "kept"};
    struct fault fault = {""};

    ck_assert_msg(proxy_parse(arena, proxies[_i].text, &p, &fault) == 0, "%s: %s", proxies[_i].text,
                  fault.text);
    ck_assert_int_eq(p.scheme, proxies[_i].scheme);
    ck_assert_str_eq(p.host, proxies[_i].host);
    ck_assert_uint_eq(p.port, proxies[_i].port);
    ck_assert_pstr_eq(p.user, proxies[_i].user);
    ck_assert_str_eq(p.url, proxies[_i].url);
    ck_assert_str_eq(p.name, "kept");
}
END_TEST

static const struct {
    const char *text, *complaint;
} bad_proxies[] = {
    {"", "no host"},
    {"http://", "no host"},
    {"http://user:secret@proxy:3128", "must not hold a password"},
    {"user:sec@ret@proxy:3128", "must not hold a password"},
    {"user:sec/ret@proxy:3128", "must not hold a password"},
    {"user:sec#ret?@proxy", "must not hold a password"},
    {"http://user:@proxy", "must not hold a password"},
    {"http://@proxy", "empty user"},
    {"http://a%3secret@proxy", "broken % sequence"},
    {"http://a%00b@proxy", "broken % sequence"},
    {"http://a%3ab@proxy", "colon"},
    {"http://a%0ab@proxy", "control character"},
    {"socks5://proxy:1080", "no proxy that the sensor can use"},
    {"http://proxy:3128/path", "has no path"},
    {"http://proxy:3128?x", "has no path"},
    {"http://proxy:0", "1 to 65535"},
    {"*.example", "a wildcard"},
};

START_TEST(bad_proxies_are_refused_and_passwords_never_repeated)
{
    struct site_proxy p = {.port = 7};
    struct fault fault = {""};

    ck_assert_msg(proxy_parse(arena, bad_proxies[_i].text, &p, &fault) == -1, "%s was accepted",
                  bad_proxies[_i].text);
    ck_assert_msg(strstr(fault.text, bad_proxies[_i].complaint) != NULL, "%s: %s",
                  bad_proxies[_i].text, fault.text);
    ck_assert_ptr_null(strstr(fault.text, "sec"));
    ck_assert_uint_eq(p.port, 7);
}
END_TEST

static struct site *two_hops(void)
{
    struct site *s = arena_new_of(arena, struct site);

    for (int i = 0; i < 2; i++) {
        struct site_proxy *p = arena_new_of(arena, struct site_proxy);

        p->name = i == 1 ? "azure" : NULL;
        ck_assert_int_eq(proxy_add(s, arena, p, NULL), 0);
    }
    return s;
}

static const struct {
    const char *route, *complaint; /* NULL: fine */
} routes[] = {
    {"direct", NULL},
    {"hop1", NULL},
    {"azure", NULL},
    {"hop1>azure", NULL},
    {"azure>hop1", NULL},
    {"", "no proxy is named"},
    {"hop2", "there are hop1, azure"},
    {"hop1>", "no proxy is named"},
    {">hop1", "no proxy is named"},
    {"hop1>hop1", "passes hop1 twice"},
    {"direct>hop1", "no proxy is named \"direct\""},
    {"hop1 > azure", "no proxy is named"},
};

START_TEST(routes_pass_known_hops_once)
{
    struct fault fault = {""};
    int rc = route_check(two_hops(), routes[_i].route, &fault);

    if (routes[_i].complaint == NULL) {
        ck_assert_msg(rc == 0, "%s: %s", routes[_i].route, fault.text);
        return;
    }
    ck_assert_int_eq(rc, -1);
    ck_assert_msg(strstr(fault.text, routes[_i].complaint) != NULL, "%s", fault.text);
}
END_TEST

START_TEST(names_of_hops_are_plain_words_and_unique)
{
    static const char *const bad[] = {
        "",    "direct", "sensor", "endpoint", "resolver",
        "a>b", "a b",    "a:b",    "\xc3\xbc", "a23456789012345678901234567890123456789012"};
    struct site_proxy twin = {.name = "hop1"};
    struct fault fault;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(proxy_name_check(bad[i], &fault) == -1, "%s", bad[i]);
    ck_assert_int_eq(proxy_name_check("Site-A_proxy.1", &fault), 0);
    ck_assert_int_eq(proxy_add(two_hops(), arena, &twin, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "two proxies are named \"hop1\""));
}
END_TEST

#define LOOP(tc, test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])

int main(void)
{
    Suite *suite = suite_create("url");
    TCase *tc = tcase_create("url");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    LOOP(tc, endpoints_are_understood, targets);
    LOOP(tc, bad_endpoints_are_refused_with_the_reason, bad_targets);
    LOOP(tc, proxies_are_understood, proxies);
    LOOP(tc, bad_proxies_are_refused_and_passwords_never_repeated, bad_proxies);
    LOOP(tc, routes_pass_known_hops_once, routes);
    tcase_add_test(tc, names_of_hops_are_plain_words_and_unique);
    return run_case(suite, tc);
}
