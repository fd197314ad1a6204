/* Endpoint lists: any JSON, CSV and plain text, without duplicates. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/model/site.h"
#include "diag/site/endpoints.h"
#include "diag/site/plausible.h"
#include "diag/site/profile.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdio.h>
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

/* "host:port host:port ..." of all endpoints, in order. */
static const char *listed(struct endpoints *e, struct site *s)
{
    const char *text = "";

    *s = (struct site){0};
    endpoints_give(e, s);
    for (size_t i = 0; i < s->n_endpoints; i++)
        text = arena_printf(arena, "%s%s%s:%u", text, i > 0 ? " " : "", s->endpoints[i]->host,
                            s->endpoints[i]->port);
    return text;
}

static const struct {
    const char *what, *content, *expected;
} lists[] = {
    /* plain text */
    {"a host a line", "a.example\nb.example:8443\n", "a.example:443 b.example:8443"},
    {"comments and blank lines", "# hosts\n\n  a.example  # why\n#b.example\n", "a.example:443"},
    {"no newline at the end", "a.example", "a.example:443"},
    {"CRLF and a byte order mark",
     "\xef\xbb\xbf"
     "a.example\r\nb.example\r\n",
     "a.example:443 b.example:443"},
    {"a number behind a host is its port", "a.example 8883\nb.example 443 5671\n",
     "a.example:8883 b.example:443 b.example:5671"},
    {"bullets and quotes", "- a.example\n* \"b.example\"\n- <https://c.example/x>\n",
     "a.example:443 b.example:443 c.example:443"},
    {"several in a line", "a.example b.example:80 c.example\n",
     "a.example:443 b.example:80 c.example:443"},
    {"URLs, wildcards, addresses",
     "https://a.example/x\nhttp://b.example\n*.c.example\n192.0.2.1\n[2001:db8::1]:8443\n",
     "a.example:443 b.example:80 *.c.example:443 192.0.2.1:443 2001:db8::1:8443"},
    {"duplicates in all spellings", "a.example\nA.Example.:443\nhttps://a.example/y\n",
     "a.example:443"},
    {"an IPv6 address first is no JSON", "[2001:db8::1]:443\n", "2001:db8::1:443"},
    {"a single label with a port", "proxyhost:8080\n", "proxyhost:8080"},
    /* CSV */
    {"a header names the column",
     "Service,FQDN,Port\nIoT Hub,a.example,443\nEvents,b.example,5671\n",
     "a.example:443 b.example:5671"},
    {"semicolons and quotes", "Name;Host name;Ports\n\"x; y\";\"a.example\";\"443;8883\"\n",
     "a.example:443 a.example:8883"},
    {"tabs", "host\tport\na.example\t80\n", "a.example:80"},
    {"no header: fields that are endpoints",
     "IoT Hub,a.azure-devices.net,8883\nBlob,https://b.blob.core.windows.net/\n",
     "a.azure-devices.net:8883 b.blob.core.windows.net:443"},
    {"a quoted field with a line end in it",
     "host,comment\na.example,\"two\nlines\"\nb.example,x\n", "a.example:443 b.example:443"},
    {"doubled quotes", "comment,host\n\"say \"\"hi\"\"\",a.example\n", "a.example:443"},
    {"protocol words beside the port", "url,port\na.example,TCP/443\nb.example,443 (TCP)\n",
     "a.example:443 b.example:443"},
    {"several hosts in one field", "Destination,Port\n\"a.example, b.example\",443\n",
     "a.example:443 b.example:443"},
    {"rows that are shorter than the header", "service,host\nonly a title\nx,a.example\n",
     "a.example:443"},
    /* JSON */
    {"an array", "[\"a.example\", \"b.example:8443\"]", "a.example:443 b.example:8443"},
    {"a string alone", "\"https://a.example\"", "a.example:443"},
    {"a port beside it", "{\"host\": \"a.example\", \"port\": 8883}", "a.example:8883"},
    {"a port in the text wins", "{\"host\": \"a.example:1\", \"port\": 2}", "a.example:1"},
    {"a port above a list", "{\"port\": \"5671\", \"x\": [\"a.example.com\"]}",
     "a.example.com:5671"},
    {"keys are endpoints too", "{\"a.azure-devices.net\": {\"port\": 8883}}",
     "a.azure-devices.net:8883"},
    {"several in one string", "{\"hosts\": \"a.example; b.example\"}",
     "a.example:443 b.example:443"},
    {"a sentence is none", "{\"text\": \"ask a.example.com now\", \"host\": \"b.example\"}",
     "b.example:443"},
    {"a byte order mark", "\xef\xbb\xbf[\"a.example\"]", "a.example:443"},
};

START_TEST(lists_are_understood)
{
    struct endpoints *e = endpoints_new(arena);
    struct fault fault = {""};
    struct site s;

    ck_assert_msg(
        endpoints_add_bytes(e, "list", lists[_i].content, strlen(lists[_i].content), &fault) == 0,
        "%s: %s", lists[_i].what, fault.text);
    ck_assert_msg(strcmp(listed(e, &s), lists[_i].expected) == 0, "%s: %s", lists[_i].what,
                  listed(e, &s));
}
END_TEST

static const struct {
    const char *content;
    const char *complaint;
} bad_lists[] = {
    {"", "list: is empty; give"},
    {"\n \r\n", "list: is empty; give"},
    {"# only a comment\n", "list: names no endpoint;"},
    {"a.example\nb..example\n", "list:2: \"b..example\" has an empty label"},
    {"a.example\nSucceeded\n", "list:2: \"Succeeded\" has no dot"},
    {"a.example:99999\n", "list:1: \"a.example:99999\": a port is"},
    {"10.0.0.0/8\n", "list:1: \"10.0.0.0/8\" is a range"},
    {"a.example 0\n", "list:1: \"0\" has no dot"},
    {"host,port\na.example,443\nb_.-x,443\n", "list:3: \"b_.-x\" has a label that begins"},
    {"host,port\na.example,https\n", "list:2: \"https\" is no port"},
    {"host,port\na.example,70000\n", "list:2: \"70000\" is no port"},
    {"host,port\na.example,1-1024\n", "list:2: \"1-1024\" is no port"},
    {"host,x\n\"a.example\n", "list:2: a quoted field does not end"},
    {"host,x\n\"a.example\"y,z\n", "list:2: text stands behind a quoted field"},
    {"host,port\n,443\n", "list: names no endpoint"},
    {"{\"host\": \"a.example\"", "list:1:"},
    {"{\n\"a\": 1,\n}", "list:3:1: is broken JSON"},
    {"{\"a.example.com\": 1, \"a.example.com\": 2}", "duplicate object key"},
    {"{\"state\": \"Succeeded\"}", "list: names no endpoint;"},
    {"{\"values\":[{\"addressPrefixes\":[\"20.0.0.0/8\"]}]}", "--service-tags"},
    {"{\"x\": \"contoso.widget\"}", "\"contoso.widget\" is none that is known"},
    {"PK\x03\x04zzzz", "ZIP or Excel"},
};

START_TEST(bad_lists_are_refused_with_file_and_line)
{
    struct endpoints *e = endpoints_new(arena);
    struct fault fault = {""};

    ck_assert_msg(endpoints_add_bytes(e, "list", bad_lists[_i].content,
                                      strlen(bad_lists[_i].content), &fault) == -1,
                  "%s", bad_lists[_i].content);
    ck_assert_msg(strncmp(fault.text, "list:", 5) == 0 &&
                      strstr(fault.text, bad_lists[_i].complaint) != NULL,
                  "%s: %s", bad_lists[_i].content, fault.text);
}
END_TEST

static const struct {
    const char *key, *text;
    enum plausible expected;
} strings[] = {
    {"value", "contoso.azure-devices.net", PLAUSIBLE_YES},
    {"value", "https://contoso/path", PLAUSIBLE_YES},
    {"value", "contoso", PLAUSIBLE_NO},
    {"host", "contoso", PLAUSIBLE_NO},
    {"value", "contoso:443", PLAUSIBLE_NO},
    {"value", "Succeeded", PLAUSIBLE_NO},
    {"value", "westeurope", PLAUSIBLE_NO},
    {"value", "22.1.3", PLAUSIBLE_NO},
    {"value", "22.1.3.4-Release", PLAUSIBLE_NO},
    {"value", "1.0.0-beta.2", PLAUSIBLE_NO},
    {"value", "v2.0", PLAUSIBLE_NO},
    {"sensorVersion", "10.5.3.2", PLAUSIBLE_NO},
    {"value", "20.50.1.2", PLAUSIBLE_YES},
    {"value", "10.0.0.4", PLAUSIBLE_YES},
    {"value", "127.0.0.1", PLAUSIBLE_NO},
    {"value", "0.0.0.0", PLAUSIBLE_NO},
    {"value", "255.255.255.0", PLAUSIBLE_NO},
    {"value", "239.1.1.1", PLAUSIBLE_NO},
    {"value", "::1", PLAUSIBLE_NO},
    {"value", "2603:1030::5", PLAUSIBLE_YES},
    {"value", "00:11:22:33:44:55", PLAUSIBLE_NO},
    {"value", "12:30:45", PLAUSIBLE_NO},
    {"value", "10.0.0.0/8", PLAUSIBLE_NO},
    {"dnsServer", "10.0.0.4", PLAUSIBLE_NO},
    {"value", "3fa85f64-5717-4562-b3fc-2c963f66afa6", PLAUSIBLE_NO},
    {"value", "2026-10-01T08:15:30.123Z", PLAUSIBLE_NO},
    {"value", "me@contoso.com", PLAUSIBLE_NO},
    {"value", "mailto:me@contoso.com", PLAUSIBLE_NO},
    {"value", "/subscriptions/x/contoso.com", PLAUSIBLE_NO},
    {"value", "application/json", PLAUSIBLE_NO},
    {"value", "Microsoft.Storage/storageAccounts", PLAUSIBLE_NO},
    {"value", "Microsoft.EventHub", PLAUSIBLE_NO},
    {"endpoint", "Microsoft.EventHub", PLAUSIBLE_NO},
    {"value", "download.microsoft.com", PLAUSIBLE_YES},
    {"value", "report.json", PLAUSIBLE_DOUBT},
    {"value", "install.sh", PLAUSIBLE_DOUBT},
    {"fqdn", "hub.plant.factory", PLAUSIBLE_YES},
    {"value", "hub.plant.factory", PLAUSIBLE_DOUBT},
    {"value", "hub.plant.local", PLAUSIBLE_YES},
    {"value", "contoso.de", PLAUSIBLE_YES},
    {"value", "*.azure-devices.net", PLAUSIBLE_YES},
    {"value", "*.anything.factory", PLAUSIBLE_YES},
    {"value", "*download.microsoft.com", PLAUSIBLE_NO},
    {"$schema", "https://schema.management.azure.com/x.json", PLAUSIBLE_NO},
    {"documentationUrl", "https://learn.microsoft.com/x", PLAUSIBLE_NO},
    {"serviceUrl", "https://contoso.blob.core.windows.net/x", PLAUSIBLE_YES},
    {"endpointType", "contoso.widget", PLAUSIBLE_NO},
    {"value", "https://user:pw@contoso.com/", PLAUSIBLE_NO},
    {"value", "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84", PLAUSIBLE_YES},
    {"value", "...", PLAUSIBLE_NO},
    {"value", "e.g.", PLAUSIBLE_NO},
};

START_TEST(strings_of_foreign_files_are_told_apart)
{
    enum plausible got = plausible_endpoint(arena, strings[_i].text, strlen(strings[_i].text),
                                            plausible_key(strings[_i].key));

    ck_assert_msg(got == strings[_i].expected, "%s: %s is %d", strings[_i].key, strings[_i].text,
                  (int)got);
}
END_TEST

START_TEST(settings_as_keys_are_no_endpoints)
{
    ck_assert_int_eq(plausible_endpoint(arena, "feature.is", 10, KEY_ITSELF), PLAUSIBLE_NO);
    ck_assert_int_eq(plausible_endpoint(arena, "a.azure-devices.net", 19, KEY_ITSELF),
                     PLAUSIBLE_YES);
}
END_TEST

START_TEST(the_portals_file_yields_all_endpoints_and_nothing_else)
{
    struct endpoints *e = endpoints_new(arena);
    struct fault fault = {""};
    const struct site_endpoint *hub, *events;
    struct site s;

    ck_assert_msg(endpoints_add_file(e, TEST_DATA "/site/portal.json", &fault) == 0, "%s",
                  fault.text);
    ck_assert_str_eq(listed(e, &s),
                     "iothub-ot-weu-01.azure-devices.net:443 "
                     "iothub-ot-weu-02.azure-devices.net:443 "
                     "ot-weu.servicebus.windows.net:5671 otweu01.blob.core.windows.net:443 "
                     "download.microsoft.com:443 *.dl.delivery.mp.microsoft.com:443 "
                     "eu.events.data.microsoft.com:443 20.50.1.2:443 20.50.1.2:8883 "
                     "browser.pipe.aria.microsoft.com:443");
    hub = s.endpoints[1];
    ck_assert_str_eq(hub->service, "IoT Hub");
    ck_assert_str_eq(strrchr(hub->source, '/'), "/portal.json:$.cloudEndpoints[0].fqdns[1]");
    events = s.endpoints[9];
    ck_assert_str_eq(strrchr(events->source, '/'),
                     "/portal.json:$.allowed['browser.pipe.aria.microsoft.com']");
    ck_assert(s.endpoints[5]->wildcard);
    ck_assert(!s.endpoints[4]->wildcard);
}
END_TEST

START_TEST(utf_16_as_powershell_writes_it_is_read)
{
    static const char little[] = "\xff\xfe"
                                 "a\0.\0d\0e\0\r\0\n\0b\0\xfc\0.\0d\0e\0";
    static const char big[] = "\xfe\xff\0a\0.\0d\0e";
    struct endpoints *e = endpoints_new(arena);
    struct site s;

    ck_assert_int_eq(endpoints_add_bytes(e, "x", little, sizeof little - 1, NULL), 0);
    ck_assert_str_eq(listed(e, &s), "a.de:443 xn--b-eha.de:443");
    ck_assert_int_eq(endpoints_add_bytes(e, "y", big, sizeof big - 1, NULL), 0);
    ck_assert_uint_eq(endpoints_count(e), 2);
}
END_TEST

START_TEST(duplicates_keep_the_first_source_and_are_noted)
{
    struct endpoints *e = endpoints_new(arena);
    struct endpoint_facts optional = {.optional = true}, required = {.service = "Hub"};
    struct site s;

    ck_assert_int_eq(endpoints_add(e, "a.example", 9, &optional, "first", NULL), 0);
    ck_assert_int_eq(endpoints_add(e, "b.example", 9, &optional, "first", NULL), 0);
    ck_assert_int_eq(endpoints_add(e, "A.example:443", 13, &required, "second", NULL), 0);
    ck_assert_int_eq(endpoints_add_bytes(e, "list", "b.example\nc.example\n", 20, NULL), 0);
    ck_assert_str_eq(listed(e, &s), "a.example:443 b.example:443 c.example:443");
    ck_assert_str_eq(s.endpoints[0]->source, "first");
    ck_assert_str_eq(s.endpoints[0]->service, "Hub");
    ck_assert(!s.endpoints[0]->optional);
    ck_assert_str_eq(s.endpoints[2]->source, "list:2");
    ck_assert_uint_eq(s.n_notes, 1);
    ck_assert_str_eq(
        s.notes[0],
        "list: one endpoint was named before: b.example:443 in list:1, first named in first");
}
END_TEST

START_TEST(what_was_left_out_is_noted)
{
    struct endpoints *e = endpoints_new(arena);
    struct site s;

    ck_assert_int_eq(endpoints_add_bytes(e, "list", "[\"a.example\", \"b.widget\"]", 25, NULL), 0);
    ck_assert_str_eq(listed(e, &s), "a.example:443");
    ck_assert_uint_eq(s.n_notes, 1);
    ck_assert_ptr_nonnull(strstr(s.notes[0], "\"b.widget\""));
}
END_TEST

START_TEST(many_endpoints_stay_fast_and_bounded)
{
    struct endpoints *e = endpoints_new(arena);
    struct fault fault = {""};
    struct buf text;

    buf_init(&text, 8 * 1024 * 1024);
    for (int i = 0; i < ENDPOINTS_MAX; i++)
        buf_printf(&text, "host-%d.example.net\n", i);
    ck_assert_int_eq(endpoints_add_bytes(e, "big", buf_text(&text), text.len, &fault), 0);
    ck_assert_uint_eq(endpoints_count(e), ENDPOINTS_MAX);
    ck_assert_int_eq(endpoints_add_bytes(e, "more", "x.example\n", 10, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "more:1: more than 100000 endpoints"));
    buf_free(&text);
}
END_TEST

START_TEST(deep_json_ends_in_a_complaint)
{
    struct endpoints *e = endpoints_new(arena);
    struct fault fault = {""};
    char text[2 * 400 + 1] = "";

    memset(text, '[', 400);
    memset(text + 400, ']', 400);
    ck_assert_int_eq(endpoints_add_bytes(e, "deep", text, 800, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "nested deeper"));
}
END_TEST

/* Nothing that a byte can do to a list may crash its reader. */
START_TEST(every_cut_and_every_flipped_byte_is_survived)
{
    static const char *const texts[] = {
        "{\"fqdns\":[\"a.example\",\"*.b.example:8443\"],\"port\":[443,\"80\"],\"s\":\"\\u0000\"}",
        "Service;\"FQDN\";Port\r\n\"x\"\"y\";a.example;443\r\n",
        "- a.example 443 # x\n[2001:db8::1]:443 b\xc3\xbc.example\n",
    };

    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        size_t len = strlen(texts[t]);
        char *copy = malloc(len);

        for (size_t i = 0; i < len; i++) {
            memcpy(copy, texts[t], len);
            (void)endpoints_add_bytes(endpoints_new(arena), "x", copy, i, NULL);
            for (int bit = 0; bit < 8; bit++) {
                copy[i] = (char)(texts[t][i] ^ (1 << bit));
                (void)endpoints_add_bytes(endpoints_new(arena), "x", copy, len, NULL);
            }
        }
        free(copy);
    }
}
END_TEST

START_TEST(every_profile_is_a_valid_list_with_dates_and_sources)
{
    const struct profile *all;
    size_t n;

    all = profiles(&n);
    ck_assert_ptr_nonnull(profile_find(PROFILE_DEFAULT, NULL));
    for (size_t i = 0; i < n; i++) {
        struct endpoints *e = endpoints_new(arena);
        struct fault fault = {""};

        ck_assert_msg(profile_add(&all[i], e, &fault) == 0, "%s: %s", all[i].name, fault.text);
        ck_assert_uint_eq(endpoints_count(e), all[i].n_lines);
        for (size_t k = 0; k < all[i].n_lines; k++) {
            const struct profile_line *line = &all[i].lines[k];

            ck_assert_msg(strncmp(line->date, "20", 2) == 0 && strlen(line->date) >= 4, "%s",
                          line->host);
            ck_assert_msg(strlen(line->source) > 10 && strlen(line->service) > 1, "%s", line->host);
        }
    }
}
END_TEST

START_TEST(the_default_profile_can_be_tested_directly)
{
    struct endpoints *e = endpoints_new(arena);
    struct site s;

    ck_assert_int_eq(profile_add(profile_find(PROFILE_DEFAULT, NULL), e, NULL), 0);
    ck_assert_str_eq(listed(e, &s), "*.azure-devices.net:443 *.blob.core.windows.net:443 "
                                    "*.servicebus.windows.net:443 download.microsoft.com:443");
    for (size_t i = 0; i < s.n_endpoints; i++) {
        ck_assert(!s.endpoints[i]->optional && !s.endpoints[i]->plain);
        ck_assert(s.endpoints[i]->wildcard == (i < 3));
    }
}
END_TEST

#define LOOP(tc, test, table) tcase_add_loop_test(tc, test, 0, sizeof table / sizeof table[0])

int main(void)
{
    Suite *suite = suite_create("endpoints");
    TCase *tc = tcase_create("endpoints");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    LOOP(tc, lists_are_understood, lists);
    LOOP(tc, bad_lists_are_refused_with_file_and_line, bad_lists);
    LOOP(tc, strings_of_foreign_files_are_told_apart, strings);
    tcase_add_test(tc, settings_as_keys_are_no_endpoints);
    tcase_add_test(tc, the_portals_file_yields_all_endpoints_and_nothing_else);
    tcase_add_test(tc, utf_16_as_powershell_writes_it_is_read);
    tcase_add_test(tc, duplicates_keep_the_first_source_and_are_noted);
    tcase_add_test(tc, what_was_left_out_is_noted);
    tcase_add_test(tc, many_endpoints_stay_fast_and_bounded);
    tcase_add_test(tc, deep_json_ends_in_a_complaint);
    tcase_add_test(tc, every_cut_and_every_flipped_byte_is_survived);
    tcase_add_test(tc, every_profile_is_a_valid_list_with_dates_and_sources);
    tcase_add_test(tc, the_default_profile_can_be_tested_directly);
    return run_case(suite, tc);
}
