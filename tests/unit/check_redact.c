/* Redaction: what must go goes everywhere, what must stay stays, neighbours stay neighbours. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/json.h"
#include "reports/redact.h"
#include "tests/unit/few.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A report whose site betrays its names: two hops, one of them with a user. */
static struct report *site_report(void)
{
    struct report *r = few_report();

    r->site->name = "Werk Nord 7";
    r->site->sensor = "otsensor7";
    list_push(r->arena, r->run->again, r->run->n_again, "--site=werk-nord.yaml");
    r->endpoints[0]->host = "contoso-ns.servicebus.windows.net";
    r->endpoints[0]->public_name = true;
    few_endpoint(r, "intern.werk.example:443")->host = "intern.werk.example";
    few_endpoint(r, "relay.werk.de:443")->host = "relay.werk.de";
    r->endpoints[r->n_endpoints - 1]->public_name = true; /* and yet the owner's */
    few_endpoint(r, "updates.vendor.io:443")->host = "updates.vendor.io";
    r->endpoints[r->n_endpoints - 1]->public_name = true;
    r->endpoints[r->n_endpoints - 1]->source = "profile defender-iot:12";
    for (int i = 0; i < 2; i++) {
        struct hop *hop = report_new_of(r, hop);

        hop->name = i == 0 ? "werkproxy" : "zentrale";
        hop->url =
            i == 0 ? "http://svc-alice@werkproxy.werk.example:3128" : "http://10.20.30.40:8080";
        list_push(r->arena, r->hops, r->n_hops, hop);
    }
    return r;
}

static const struct {
    const char *text, *redacted;
} rows[] = {
    /* addresses: the same everywhere, neighbours in one /24 */
    {"10.1.2.3 and 10.1.2.4:443, again 10.1.2.3.", "241.0.2.1 and 241.0.2.2:443, again 241.0.2.1."},
    {"20.30.40.50 or 20.30.41.50", "240.0.2.1 or 240.0.3.1"},
    {"[2603:1030::5]:443, 2603:1030::6", "[2001:db8:f000:2::1]:443, 2001:db8:f000:2::2"},
    {"2603:1030:0:0::5 is 2603:1030::5", "2001:db8:f000:2::1 is 2001:db8:f000:2::1"},
    {"fe80::1%eth0", "2001:db8:f002:2::1%eth0"},
    {"::ffff:10.1.2.3", "2001:db8:f001:2::1"},
    {"127.0.0.1, 0.0.0.0, ::1 and :: stay", "127.0.0.1, 0.0.0.0, ::1 and :: stay"},
    {"from 00:1B:44:11:3a:b7", "from 02:00:00:00:00:01"},
    {"240.0.1.1 is ours", "240.0.1.1 is ours"},
    {"\\x0a10.1.2.3\\\\10.1.2.4", "\\x0a241.0.2.1\\\\241.0.2.2"}, /* escapes are no part of it */
    /* names */
    {"werkproxy refused", "hop1 refused"},
    {"WERKPROXY>zentrale>endpoint", "hop1>hop2>endpoint"},
    {"proxy:werkproxy", "proxy:hop1"},
    {"myzentrale zentrale2", "myzentrale zentrale2"}, /* other words */
    {"site Werk Nord 7, sensor otsensor7", "site site-1, sensor sensor-1"},
    {"via db1.werk.example and db2.werk.example.", "via h_1.h_01.host_01 and h_2.h_01.host_01."},
    {"CN=web.werk.example,O=Werk", "CN=h_1.h_01.host_01,O=Werk"},
    {"host_9.h_9.com", "host_9.h_9.com"}, /* of an earlier redaction */
    /* users, mail, URLs, files */
    {"http://bob:secret@gw.werk.example:3128/x?y=z", "http://user-2@_2.h_01.host_01:3128/..."},
    {"mail bob@werk.local now", "mail user-2@h_01.h_002 now"},
    {"https://10.1.2.3/login?u=bob", "https://241.0.2.1/..."},
    {"https://[2603:1030::5]:8443/a/b", "https://[2001:db8:f000:2::1]:8443/..."},
    {"http://ocsp.digicert.com/abc", "http://ocsp.digicert.com/abc"},
    {"read from /home/alice/site.txt", "read from file-2"},
    {"hopproof check --site werk-nord.yaml --ca-file /home/alice/ca.pem a",
     "hopproof check --site file-1 --ca-file file-2 a"},
    {"--site=werk-nord.yaml", "--site=file-1"},
    {"system store (/etc/ssl/certs)", "system store (/etc/ssl/certs)"},
    /* what stays */
    {"contoso-ns.servicebus.windows.net:443", "contoso-ns.servicebus.windows.net:443"},
    {"updates.vendor.io, other.vendor.io, relay.werk.de",
     "updates.vendor.io, h_002.vendor.io, h_001.h_01._1"},
    {"waws-prod.cloudapp.net, x.trafficmanager.net",
     "waws-prod.cloudapp.net, x.trafficmanager.net"},
    {"evilwindows.net", "host_000001.net"}, /* an ending is not a domain */
    {"contoso.azure-devices.net, azure-devices.net, azure-devices.net.werk.example",
     "contoso.azure-devices.net, azure-devices.net, host_00000001.h_1.h_01.host_01"},
    {"224.0.0.251, ff02::1, 255.255.255.255", "224.0.0.251, ff02::1, 255.255.255.255"},
    {"239.1.2.3 and ff02::1:ff00:1234", "243.0.2.1 and 2001:db8:f003:3::1"},
    {"TLSv1.3 after 1.5 s, squid/5.7, 09:30:00, evidence.pcapng, 3.1",
     "TLSv1.3 after 1.5 s, squid/5.7, 09:30:00, evidence.pcapng, 3.1"},
    {"\\x1b[31m, größer, 日本", "\\x1b[31m, größer, 日本"},
    {"", ""},
};

START_TEST(each_kind_of_name_gets_its_pseudonym)
{
    struct redactor *rd = redact_new();
    struct report *r = site_report();
    const char *got;

    redact_report(rd, r);
    got = redact_text(rd, r->arena, rows[_i].text);
    ck_assert_str_eq(got, rows[_i].redacted);
    ck_assert_str_eq(redact_text(rd, r->arena, got), got); /* twice is as once */
    redact_free(rd);
    report_free(r);
}
END_TEST

START_TEST(a_fresh_redactor_numbers_from_one)
{
    struct redactor *rd = redact_new();
    struct arena *a = arena_new();

    ck_assert_str_eq(redact_text(rd, a, "10.1.2.3 10.1.2.4 10.1.3.4"),
                     "241.0.1.1 241.0.1.2 241.0.2.1");
    ck_assert_str_eq(redact_text(rd, a, "a.corp.example b.corp.example a.other.example"),
                     "i.h_01.host_01 j.h_01.host_01 i.h_001.host_01");
    ck_assert_str_eq(redact_text(rd, a, "A.CORP.example"), "i.h_01.host_01");
    arena_free(a);
    redact_free(rd);
}
END_TEST

/* The secret things of a report, put everywhere a text can be; none may be left in its JSON. */
static const char *const fill_samples[] = {
    "werkproxy said 10.20.30.40",  "http://svc-alice@werkproxy.werk.example:3128/p?user=alice",
    "1.1 geheim (squid/5.7)",      "MISS from geheim",
    "/home/alice/werk.yaml:7",     "[2a01:4f8::77]:443",
    "Basic realm=\"Werk Nord 7\"", "alice@werk.example",
    "geheim.werk.example",         "otsensor7>werkproxy",
};
enum { FILL_SAMPLES = sizeof fill_samples / sizeof fill_samples[0] };
#include "tests/unit/fill.h"
#include "tests/unit/support.h"

static const char *const secrets[] = {"10.20.30.40", "alice",     "werk.example",
                                      "2a01:4f8",    "otsensor7", "werkproxy",
                                      "Werk Nord",   "geheim",    "zentrale"};

/* Packets carry the same names, and keep their sizes. */
START_TEST(a_pseudonym_has_the_length_of_the_name)
{
    static const char *const lengths[] = {"a",     "bb",     "ccc",     "dddd",
                                          "eeeee", "ffffff", "ggggggg", "hhhhhhhhhhhhhhhhhhhh"};
    struct redactor *rd = redact_new();
    char label[40], name[80];

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        for (int k = 0; k < 3000; k++) { /* more than the readable ones */
            const size_t len = strlen(lengths[i]);
            const char *to;

            snprintf(label, sizeof label, "%s%d", lengths[i], k);
            memmove(label, label + strlen(label) - (len < 5 ? len : strlen(label)), len + 6);
            snprintf(name, sizeof name, "%s.corp.example", label);
            to = redact_name(rd, name);
            ck_assert_uint_eq(strlen(to), strlen(name));
            ck_assert_str_eq(strchr(to, '.'), ".h_01.host_01");
            ck_assert_str_eq(redact_name(rd, name), to);
        }
    }
    redact_free(rd);
}
END_TEST

START_TEST(packets_get_the_pseudonyms_of_the_report)
{
    struct redactor *rd = redact_new();
    struct arena *a = arena_new();
    const uint8_t mac[6] = {0, 0x1b, 0x44, 0x11, 0x3a, 0xb7};
    struct addr real, to;
    uint8_t other[6];
    char text[ADDR_TEXT];

    ck_assert(addr_parse("10.1.2.3", &real));
    real.port = 443;
    to = redact_addr(rd, &real);
    ck_assert_str_eq(redact_text(rd, a, "10.1.2.3:443"), addr_port_text(&to, text));
    ck_assert(addr_parse("127.0.0.1", &real));
    to = redact_addr(rd, &real);
    ck_assert_str_eq(addr_text(&to, text), "127.0.0.1");
    redact_mac_octets(rd, mac, other);
    ck_assert_str_eq(redact_text(rd, a, "00:1B:44:11:3A:B7"), "02:00:00:00:00:01");
    ck_assert_mem_eq(other, "\2\0\0\0\0\1", 6);
    ck_assert_str_eq(redact_name(rd, "gw.werk.example"), redact_text(rd, a, "gw.werk.example"));
    ck_assert_str_eq(redact_interface(rd, "enp1s0f0np0"), "enp1s0f0np0");
    ck_assert_str_eq(redact_interface(rd, "enx001b44113ab7"), "if-1");
    ck_assert_str_eq(redact_interface(rd, "werk7"), "if-2");
    arena_free(a);
    redact_free(rd);
}
END_TEST

START_TEST(no_secret_is_left_anywhere)
{
    unsigned seed = (unsigned)_i * 101 + 7;
    struct report *r = site_report();
    struct redactor *rd = redact_new();
    struct buf b;

    for (size_t i = 0; i < r->n_results; i++) {
        struct result *result = fill(r->arena, &result_shape, &seed);
        struct step *s = step_new(r, STEP_TUNNEL);

        result->endpoint = r->results[i]->endpoint;
        result->route = r->results[i]->route;
        step_tunnel(s)->via = "1.1 geheim (squid/5.7)"; /* where the name is learned */
        list_push(r->arena, result->steps, result->n_steps, s);
        r->results[i] = result;
    }
    r->run = fill(r->arena, &run_shape, &seed);
    r->run->id = r->run->started = r->run->finished = NULL; /* these are ours */
    r->capture = fill(r->arena, &capture_shape, &seed);
    list_push(r->arena, r->findings, r->n_findings,
              (struct finding *)fill(r->arena, &finding_shape, &seed));
    redact_report(rd, r);
    buf_init(&b, 1 << 24);
    ck_assert_int_eq(json_write_buf(r, &b), 0);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        ck_assert_msg(strstr(buf_text(&b), secrets[i]) == NULL, "%s is left: %.200s", secrets[i],
                      strstr(buf_text(&b), secrets[i]) -
                          (strstr(buf_text(&b), secrets[i]) - buf_text(&b) > 60 ? 60 : 0));
    ck_assert_ptr_nonnull(strstr(buf_text(&b), "contoso-ns.servicebus.windows.net"));
    buf_free(&b);
    redact_free(rd);
    report_free(r);
}
END_TEST

/* Interfaces have names that somebody gave them, and the wire's witnesses are the ones to tell. */
START_TEST(every_interface_that_is_told_of_is_hidden)
{
    struct report *r = site_report();
    struct redactor *rd = redact_new();
    struct wire *w = report_new_of(r, wire);
    struct flow *f = report_new_of(r, flow);
    struct step *connect = step_new(r, STEP_CONNECT), *resolve = step_new(r, STEP_RESOLVE);

    f->interface = "halle7";
    f->interface_back = "br-nord";
    list_push(r->arena, w->flows, w->n_flows, f);
    r->results[0]->wire = w;
    step_tcp(connect)->interface = "uplink-werk";
    step_dns(resolve)->interface = "dnsport";
    list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, connect);
    list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, resolve);
    r->results[0]->summary = "seen on halle7 and br-nord, routed over uplink-werk, dnsport, eth0";
    redact_report(rd, r);
    ck_assert_str_eq(r->results[0]->summary, "seen on if-3 and if-4, routed over if-1, if-2, eth0");
    redact_free(rd);
    report_free(r);
}
END_TEST

/* Banners, titles and reason phrases are quoted in sentences, and name their owners as they like.
 */
START_TEST(what_strangers_say_is_hidden_where_it_is_quoted)
{
    struct report *r = site_report();
    struct redactor *rd = redact_new();
    struct step *tls = step_new(r, STEP_TLS), *tunnel = step_new(r, STEP_TUNNEL),
                *app = step_new(r, STEP_APP), *usual = step_new(r, STEP_TUNNEL);
    struct step *const steps[] = {tls, tunnel, app, usual};

    step_tls(tls)->first_bytes = "220 mailnord ESMTP ready\\x0d\\x0a";
    step_tunnel(tunnel)->title = "Gate of hall nine";
    step_tunnel(tunnel)->first_bytes = "HTTP/1.1 418 nord-teapot\\x0d\\x0a";
    step_app(app)->reason = "Blocked by Nordwacht";
    step_tunnel(usual)->title = "ERROR: The requested URL could not be retrieved";
    step_tunnel(usual)->reason = "Forbidden";
    for (size_t i = 0; i < 4; i++)
        list_push(r->arena, r->results[0]->steps, r->results[0]->n_steps, steps[i]);
    r->results[0]->summary =
        "It begins with \"220 mailnord ESMTP ready\\x0d\\x0a\", titled Gate of hall nine, "
        "\"HTTP/1.1 418 nord-teapot\\x0d\\x0a\", 403 Blocked by Nordwacht; It says 403 "
        "Forbidden, ERROR: The requested URL could not be retrieved.";
    redact_report(rd, r);
    ck_assert_str_eq(r->results[0]->summary,
                     "It begins with \"220 ...text-1\", titled text-3, "
                     "\"HTTP/1.1 418...text-2\", 403 text-4; It says 403 "
                     "Forbidden, ERROR: The requested URL could not be retrieved.");
    ck_assert_str_eq(step_tunnel(tunnel)->title, "text-3");
    ck_assert_str_eq(step_app(app)->reason, "text-4");
    redact_free(rd);
    report_free(r);
}
END_TEST

START_TEST(the_key_tells_what_stood_there)
{
    struct redactor *rd = redact_new();
    struct report *r = site_report();
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);

    redact_report(rd, r);
    ck_assert_int_eq(redact_write_key(rd, memory), 0);
    fclose(memory);
    ck_assert_ptr_nonnull(strstr(text, "\"hop1\": \"werkproxy\""));
    ck_assert_ptr_nonnull(strstr(text, "\"241.0.1.1\": \"10.20.30.40\""));
    ck_assert_ptr_nonnull(strstr(text, "\"user-1\": \"svc-alice\""));
    ck_assert_ptr_nonnull(strstr(text, "\"host_0001.h_01.host_01\": \"werkproxy.werk.example\""));
    ck_assert_str_eq(r->hops[0]->url, "http://user-1@host_0001.h_01.host_01:3128");
    ck_assert_str_eq(r->hops[1]->url, "http://241.0.1.1:8080");
    free(text);
    redact_free(rd);
    report_free(r);
}
END_TEST

START_TEST(the_same_machine_in_two_reports_has_one_name)
{
    struct redactor *rd = redact_new();
    struct report *one = site_report(), *two = site_report();

    two->site->sensor = "otsensor8";
    redact_report(rd, one);
    redact_report(rd, two);
    ck_assert_str_eq(one->hops[0]->url, two->hops[0]->url);
    ck_assert_str_eq(one->site->name, two->site->name);
    ck_assert_str_ne(one->site->sensor, two->site->sensor);
    redact_free(rd);
    report_free(one);
    report_free(two);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("redact");
    TCase *tc = tcase_create("redact");

    tcase_add_loop_test(tc, each_kind_of_name_gets_its_pseudonym, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    tcase_add_test(tc, a_fresh_redactor_numbers_from_one);
    tcase_add_test(tc, a_pseudonym_has_the_length_of_the_name);
    tcase_add_test(tc, packets_get_the_pseudonyms_of_the_report);
    tcase_add_loop_test(tc, no_secret_is_left_anywhere, 0, 60);
    tcase_add_test(tc, every_interface_that_is_told_of_is_hidden);
    tcase_add_test(tc, what_strangers_say_is_hidden_where_it_is_quoted);
    tcase_add_test(tc, the_key_tells_what_stood_there);
    tcase_add_test(tc, the_same_machine_in_two_reports_has_one_name);
    return run_case(suite, tc);
}
