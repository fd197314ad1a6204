/* The site file: strict YAML into a struct site. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/model/site.h"
#include "diag/site/endpoints.h"
#include "diag/site/site_file.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena *arena;
static struct site site;
static struct fault fault;
static char folder[] = "/tmp/hopproof-site-XXXXXX";
static const char *const files[] = {
    "proxy.pw",       "corp-ca.pem",   "sensor.pem", "sensor.key", "ServiceTags_Public.json",
    "endpoints.json", "bad-lines.txt", "empty.pw"};

static const char *path_of(const char *name)
{
    return arena_printf(arena, "%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void set_up(void)
{
    arena = arena_new();
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    put("proxy.pw", "p@ss: word%\r\n");
    put("corp-ca.pem", "x");
    put("sensor.pem", "x");
    put("sensor.key", "x");
    put("ServiceTags_Public.json", "{}");
    put("endpoints.json", "[\"portal.azure-devices.net\"]");
    put("bad-lines.txt", "a.example\nb..example\n");
    site_defaults(&site);
    fault.text[0] = '\0';
}

static void tear_down(void)
{
    site_wipe(&site);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(path_of(files[i]));
    rmdir(folder);
    arena_free(arena);
}

static int parse_len(const char *text, size_t len)
{
    struct endpoints *e = endpoints_new(arena);
    int rc = site_file_parse(path_of("site.yaml"), text, len, arena, &site, e, &fault);

    endpoints_give(e, &site);
    return rc;
}

static int parse(const char *text)
{
    return parse_len(text, strlen(text));
}

/* The text of the n-th ```yaml block of the documentation. */
static char *example(int n)
{
    static char doc[64 * 1024];
    FILE *file = fopen(TEST_DATA "/../../../docs/site-file.md", "r");
    char *start = doc, *end;

    ck_assert_ptr_nonnull(file);
    doc[fread(doc, 1, sizeof doc - 1, file)] = '\0';
    fclose(file);
    for (int i = 0; i <= n; i++) {
        start = strstr(start, "```yaml\n");
        ck_assert_ptr_nonnull(start);
        start += 8;
    }
    end = strstr(start, "```");
    ck_assert_ptr_nonnull(end);
    *end = '\0';
    return start;
}

START_TEST(the_short_example_of_the_documentation_is_valid)
{
    ck_assert_msg(parse(example(0)) == 0, "%s", fault.text);
    ck_assert_uint_eq(site.n_proxies, 1);
    ck_assert_str_eq(site.proxies[0]->name, "hop1");
    ck_assert_str_eq(site.proxies[0]->url, "http://10.1.0.4:3128");
    ck_assert(site.capture && site.experiments && site.attempts == 1);
    ck_assert(site.timeout_us == 5000000);
}
END_TEST

START_TEST(the_full_example_of_the_documentation_is_valid)
{
    char text[ADDR_TEXT];

    ck_assert_msg(parse(example(1)) == 0, "%s", fault.text);
    ck_assert_str_eq(site.name, "plant-7");
    ck_assert_str_eq(site.sensor, "ot-sensor-3");
    ck_assert_str_eq(site.interface, "eth0");
    ck_assert(site.interface_given);
    ck_assert_str_eq(site.method, "proxy-chain");
    ck_assert_int_eq(site.chain, CHAIN_FORWARDED);
    ck_assert_uint_eq(site.n_proxies, 2);
    ck_assert_str_eq(site.proxies[0]->user, "sensor");
    ck_assert_str_eq(secret_text(site.proxies[0]->password), "p@ss: word%");
    ck_assert_int_eq(site.proxies[1]->scheme, PROXY_HTTPS);
    ck_assert_str_eq(site.proxies[1]->user, "sensor");
    ck_assert_str_eq(site.proxies[1]->ca_file, path_of("corp-ca.pem"));
    ck_assert_str_eq(site.proxies[1]->client_cert, path_of("sensor.pem"));
    ck_assert_str_eq(site.proxies[1]->client_key, path_of("sensor.key"));
    ck_assert_uint_eq(site.n_routes, 2);
    ck_assert_str_eq(site.required_route, "site");
    ck_assert_uint_eq(site.n_resolvers, 2);
    ck_assert(site.resolvers_given);
    ck_assert_str_eq(addr_port_text(&site.resolvers[1]->addr, text), "[2001:db8::53]:5353");
    ck_assert_uint_eq(site.n_ntp, 2);
    ck_assert_str_eq(site.ntp[1]->host, "ntp.plant.example");
    ck_assert(site.facts[FACT_VPN] == TRI_YES && site.facts[FACT_OTHER_CLOUD] == TRI_NO &&
              site.facts[FACT_SLA] == TRI_UNKNOWN);
    ck_assert_str_eq(site.legacy_hub, "old.azure-devices.net");
    ck_assert_str_eq(site.ca_file, path_of("corp-ca.pem"));
    ck_assert_str_eq(site.service_tags, path_of("ServiceTags_Public.json"));
    ck_assert(site.timeout_us == 5000000 && site.deadline_us == 600000000);
    ck_assert_int_eq(site.idle_us, 300000000);
    ck_assert(site.attempts == 3 && site.parallel == 100 && site.proxy_parallel == 8);
    ck_assert(site.app && !site.revocation && site.capture && site.experiments && site.trace);
    ck_assert_uint_eq(site.n_endpoints, 8); /* 4, 1 of the file, 4 of the profile less 1 twice */
    ck_assert_str_eq(site.endpoints[3]->host, "hub.plant.example");
    ck_assert_uint_eq(site.endpoints[3]->port, 8443);
    ck_assert(site.endpoints[3]->optional);
    ck_assert_str_eq(site.endpoints[3]->expect_address, "private");
    ck_assert_str_eq(site.endpoints[3]->service, "Local relay");
    ck_assert_str_eq(site.endpoints[7]->source, "profile defender-iot");
}
END_TEST

static const struct {
    const char *yaml, *complaint; /* the complaint follows the path of the file */
} bad[] = {
    {"", ": is empty"},
    {"# nothing\n", ": is empty"},
    {"just text\n", ":1:1: a site file is a mapping"},
    {"- a\n", ":1:1: a site file is a mapping such as \"name: plant-7\", not a list"},
    {"name: x\nnmae: y\n", ":2:1: unknown key \"nmae\"; did you mean name?"},
    {"name: x\ntotally_else: y\n", ":2:1: unknown key \"totally_else\"; docs/site-file.md"},
    {"name: x\nname: y\n", ":2:1: \"name\" is given twice, first in line 1"},
    {"name: &a x\n", ":1:7: anchors (&a) are not supported"},
    {"name: *a\n", ":1:7: aliases (*) are not supported"},
    {"endpoints:\n- *.azure-devices.net\n",
     ":2:4: a value that begins with * must stand in quotes"},
    {"name: !!str x\n", ":1:7: tags (!) are not supported"},
    {"name: !foo x\n", ":1:7: tags (!) are not supported"},
    {"proxies: !!seq []\n", ":1:10: tags (!) are not supported"},
    {"<<: {name: x}\n", ":1:1: merge keys (<<) are not supported"},
    {"name: x\n---\nname: y\n", ":2:1: a second document begins here"},
    {"name: [x]\n", ":1:7: one value belongs here, not a list"},
    {"name: {a: b}\n", ":1:7: one value belongs here, not a mapping"},
    {"name:\n", ":1:6: the value is missing"},
    {"name: ~\n", ":1:7: the value is missing"},
    {"name: null\n", ":1:7: the value is missing"},
    {"name: \"a\\nb\"\n", ":1:7: the value holds a line end"},
    {"name: \"a\\0b\"\n", ":1:7: the value holds a line end or a control"},
    {"name: \"\\e[31m\"\n", ":1:7: the value holds a line end or a control"},
    {"name: 'x\n", ":1:7: is broken YAML"},
    {"name: x\n\tsensor: y\n", ":2:1: is broken YAML"},
    {"name: \xff\n", ": is broken YAML"},
    {"[a, b]: c\n", ":1:1: a key is a word, not a list"},
    {"app: yes\n", ":1:6: \"yes\" is neither true nor false"},
    {"app: \"true\"\n", ":1:6: \"true\" is neither"},
    {"attempts: 0\n", ":1:11: \"0\" is no number from 1 to 1000"},
    {"attempts: -1\n", ":1:11: \"-1\" is no number"},
    {"attempts: 1e3\n", ":1:11: \"1e3\" is no number"},
    {"parallel: 10001\n", ":1:11: \"10001\" is no number from 1 to 10000"},
    {"timeout: 0.01\n", ":1:10: \"0.01\" is no number of seconds from 0.05 to 300"},
    {"timeout: 5s\n", ":1:10: \"5s\" is no number of seconds"},
    {"timeout: .inf\n", ":1:10: \".inf\" is no number of seconds"},
    {"chain: nestd\n", ":1:8: \"nestd\" is not known; did you mean nested?"},
    {"method: pigeon\n", ":1:9: \"pigeon\" is not known; use one of direct, azure-proxy,"},
    {"facts: [vpn]\n", ":1:8: a mapping such as \"vpn: true\" belongs here, not a list"},
    {"facts: {vpn: yes}\n", ":1:14: \"yes\" is neither true nor false"},
    {"facts: {vnp: true}\n", ":1:9: \"vnp\" is not known; did you mean vpn?"},
    {"ntp: [\"*.example\"]\n", ":1:7: \"*.example\" is no time server"},
    {"ntp: {a: b}\n", ":1:6: a list belongs here, not a mapping"},
    {"legacy_hub: a..b\n", ":1:13: \"a..b\" has an empty label"},
    {"legacy_hub: old\n", ":1:13: \"old\" is not the hub's whole name; give the host name that the "
                          "portal shows for it, as in old.azure-devices.net"},
    {"legacy_hub: \"*.azure-devices.net\"\n", ":1:13: a wildcard is no hub"},
    {"ca_file: missing.pem\n", ":1:10: "},
    {"resolvers: dns.example\n", ":1:12: \"dns.example\" is no address of a DNS server"},
    {"resolvers: {a: b}\n", ":1:12: a list belongs here, not a mapping"},
    {"endpoints: [a.example, b..example]\n", ":1:24: \"b..example\" has an empty label"},
    {"endpoints: [{port: 1}]\n", ":1:13: the endpoint has no host"},
    {"endpoints: [{host: a.example, port: 0}]\n", ":1:37: \"0\" is no number from 1 to 65535"},
    {"endpoints: [{host: a.example, prot: 1}]\n",
     ":1:31: unknown key \"prot\"; did you mean port?"},
    {"endpoints: [{host: a.example, expect: pubic}]\n", "did you mean public?"},
    {"profile: defender\n", ":1:10: no profile is named \"defender\""},
    {"profile: legcy\n", "did you mean legacy?"},
    {"endpoints_files: nothing.txt\n", ":1:18: "},
    {"proxies: [\"socks5://x\"]\n", ":1:11: \"socks5://\" is no proxy"},
    {"proxies: [{name: a}]\n", ":1:11: the proxy has no url"},
    {"proxies: [{url: \"http://u:secret@p\"}]\n", ":1:17: a proxy URL must not hold a password"},
    {"proxies: [{url: p, password: secret}]\n", ":1:30: a password does not belong into a site"},
    {"proxies: [{url: \"http://u@p\", user: v}]\n", "the user stands in url and in user"},
    {"proxies: [{user: v, url: \"http://u@p\"}]\n", "the user stands in url and in user"},
    {"proxies: [{url: p, user: \"u:secret\"}]\n", "a proxy's user cannot hold a colon"},
    {"proxies: [{url: p, password_file: proxy.pw}]\n", "has a password, but no user"},
    {"proxies: [{url: p, ca_file: corp-ca.pem}]\n", "spoken to in clear text"},
    {"proxies: [{url: \"https://p\", client_key: sensor.key}]\n", "client key without a certif"},
    {"proxies: [{url: p, name: direct}]\n", ":1:26: \"direct\" has a meaning of its own"},
    {"proxies: [{url: p, name: a}, {url: q, name: a}]\n", ":1:30: two proxies are named \"a\""},
    {"proxies: [p, p, p, p, p, p, p, p, p]\n", "more than 8 proxies"},
    {"require: hop2\nproxies: [p]\n", ":1:10: route \"hop2\": no proxy is named \"hop2\""},
    {"routes: [direct, hop1>hop1]\nproxies: [p]\n", ":1:18: route \"hop1>hop1\" passes hop1 twice"},
    {"a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", "nested deeper than 8"},
};

START_TEST(mistakes_are_told_with_their_place)
{
    const char *label = path_of("site.yaml");

    ck_assert_msg(parse(bad[_i].yaml) == -1, "accepted: %s", bad[_i].yaml);
    ck_assert_msg(strncmp(fault.text, label, strlen(label)) == 0 &&
                      strstr(fault.text, bad[_i].complaint) != NULL,
                  "%s: %s", bad[_i].yaml, fault.text);
    ck_assert_ptr_null(strstr(fault.text, "secret"));
}
END_TEST

START_TEST(mistakes_in_a_list_that_is_named_are_told_with_the_lists_place)
{
    ck_assert_int_eq(parse("endpoints_files: bad-lines.txt\n"), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "bad-lines.txt:2: \"b..example\""));
}
END_TEST

START_TEST(a_list_of_one_may_be_written_as_its_element)
{
    ck_assert_msg(parse("endpoints: a.example\nproxies: p\nresolvers: 192.0.2.1\n"
                        "profile: legacy\nroutes: hop1\n") == 0,
                  "%s", fault.text);
    ck_assert(site.n_endpoints == 5 && site.n_proxies == 1 && site.n_resolvers == 1);
    ck_assert(site.n_routes == 1);
}
END_TEST

START_TEST(json_is_yaml_too)
{
    ck_assert_msg(parse("{\"name\": \"x\", \"endpoints\": [\"*.a.example\"], \"app\": true}") == 0,
                  "%s", fault.text);
    ck_assert(site.app && site.n_endpoints == 1 && site.endpoints[0]->wildcard);
}
END_TEST

START_TEST(routes_without_proxies_wait_for_the_command_line)
{
    ck_assert_int_eq(parse("require: hop1\n"), 0);
}
END_TEST

START_TEST(every_cut_and_every_flipped_bit_is_survived)
{
    static const char text[] = "proxies: [{name: a, url: 'http://u@p', password_file: proxy.pw}]\n"
                               "endpoints:\n- \"*.b.example\"\n- {host: c.example, port: 1}\n"
                               "timeout: 1.5\nresolvers: [\"::1\"]\n";
    char copy[sizeof text];

    for (size_t i = 0; i < sizeof text - 1; i++) {
        (void)parse_len(text, i);
        site_wipe(&site);
        site_defaults(&site);
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, text, sizeof text);
            copy[i] = (char)(text[i] ^ (1 << bit));
            (void)parse_len(copy, sizeof text - 1);
            site_wipe(&site);
            site_defaults(&site);
        }
    }
}
END_TEST

START_TEST(bombs_are_refused_quickly)
{
    size_t room = 2 * 1024 * 1024;
    char *text = malloc(room);

    memset(text, '[', room);
    ck_assert_int_eq(parse_len(text, room), -1);
    for (size_t i = 0; i + 4 <= room; i += 4)
        memcpy(text + i, "- a\n", 4);
    ck_assert_int_eq(parse_len(text, room), -1);
    memset(text, 'a', room);
    ck_assert_int_eq(parse_len(text, room), -1);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("site");
    TCase *tc = tcase_create("site");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_short_example_of_the_documentation_is_valid);
    tcase_add_test(tc, the_full_example_of_the_documentation_is_valid);
    tcase_add_loop_test(tc, mistakes_are_told_with_their_place, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tc, mistakes_in_a_list_that_is_named_are_told_with_the_lists_place);
    tcase_add_test(tc, a_list_of_one_may_be_written_as_its_element);
    tcase_add_test(tc, json_is_yaml_too);
    tcase_add_test(tc, routes_without_proxies_wait_for_the_command_line);
    tcase_add_test(tc, every_cut_and_every_flipped_bit_is_survived);
    tcase_add_test(tc, bombs_are_refused_quickly);
    return run_case(suite, tc);
}
