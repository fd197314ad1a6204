/* The join: steps of a report and flows of a capture that was told as a story. */
#include "capture/checksum.h"
#include "capture/link.h"
#include "capture/reader.h"
#include "capture/wire.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/join.h"
#include "diag/packets.h"
#include "tests/wire/story.h"

#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct story story;
static struct wire_file *wire;
static struct report *report;

static void play(const char *path)
{
    struct fault f;

    ck_assert_int_eq(story_load(path, &story), 0);
    ck_assert_msg(wire_read_memory(story.capture.data, story.capture.len, NULL, &wire, &f) == 0,
                  "%s", f.text);
}

/* Another story in the place of the one of all tests. */
static void play_instead(const char *path)
{
    wire_file_free(wire);
    story_free(&story);
    play(path);
}

/* The story's time 100 s is the start of the run. */
static void set_up(void)
{
    play(TEST_DATA "/run.story");
    report = report_new();
    report->run->started = "2027-01-15T08:01:40.000Z";
}

static void tear_down(void)
{
    report_free(report);
    wire_file_free(wire);
    story_free(&story);
}

static struct result *add_result(const char *route)
{
    struct result *result = report_new_of(report, result);

    result->endpoint = "www.example:443";
    result->route = route;
    list_push(report->arena, report->results, report->n_results, result);
    return result;
}

static struct step *add_step(struct result *result, struct step *s, int64_t probe,
                             enum outcome outcome, int64_t started_us)
{
    s->probe = probe;
    s->outcome = outcome;
    s->started_us = started_us;
    list_push(report->arena, result->steps, result->n_steps, s);
    return s;
}

static struct step *resolve_step(void)
{
    static const char *const types[] = {"A", "AAAA"};
    struct step *s = step_new(report, STEP_RESOLVE);

    step_dns(s)->name = "WWW.example";
    s->address = "10.0.0.53:53";
    for (int i = 0; i < 2; i++) {
        struct lookup *l = report_new_of(report, lookup);

        l->type = types[i];
        list_push(report->arena, step_dns(s)->lookups, step_dns(s)->n_lookups, l);
    }
    return s;
}

static struct step *connect_step(const char *local, const char *remote)
{
    struct step *s = step_new(report, STEP_CONNECT);

    step_tcp(s)->sock = report_new_of(report, sock);
    step_tcp(s)->sock->local = local;
    step_tcp(s)->sock->remote = remote;
    return s;
}

static struct result *direct_result(struct step *resolve)
{
    struct result *result = add_result("direct");

    add_step(result, resolve, INT_UNKNOWN, OUTCOME_OK, 0);
    add_step(result, connect_step("10.0.0.5:40000", "192.0.2.1:443"), 1, OUTCOME_OK, 20000);
    add_step(result, step_new(report, STEP_TLS), 1, OUTCOME_RESET, 32000);
    return result;
}

static struct result *proxy_result(void)
{
    struct result *result = add_result("hop1");

    add_step(result, connect_step("10.0.0.5:40001", "10.0.1.1:3128"), 2, OUTCOME_OK, 40000);
    add_step(result, step_new(report, STEP_TUNNEL), 2, OUTCOME_OK, 43000);
    add_step(result, step_new(report, STEP_TLS), 2, OUTCOME_OK, 61000);
    return result;
}

START_TEST(the_story_is_what_it_says)
{
    struct buf facts;

    buf_init(&facts, 1 << 20);
    facts_print(wire, &facts);
    for (size_t i = 0; i < story.n_expected; i++)
        ck_assert_msg(facts_hold(buf_text(&facts), story.expected[i]), "%s not in\n%s",
                      story.expected[i], buf_text(&facts));
    buf_free(&facts);
}
END_TEST

START_TEST(the_steps_of_a_probe_share_its_flow)
{
    struct result *result = direct_result(resolve_step());
    const struct flow *f;

    join_report(report, wire);
    ck_assert_ptr_nonnull(result->wire);
    ck_assert_uint_eq(result->wire->n_flows, 3); /* A, AAAA, the connection */
    ck_assert_int_eq(result->steps[1]->flow, result->steps[2]->flow);
    f = result->wire->flows[result->steps[2]->flow];
    ck_assert_str_eq(f->src, "10.0.0.5:40000");
    ck_assert_str_eq(f->dst, "192.0.2.1:443");
    ck_assert_str_eq(f->sni, "www.example");
    ck_assert_str_eq(f->state, "reset");
    ck_assert_int_eq(f->reset_foreign, TRI_YES);
    ck_assert_int_eq(f->reset_ttl, 61);
    ck_assert_int_eq(f->peer_ttl, 57);
    ck_assert_int_eq(f->syn_rtt_us, 10000);
    ck_assert_int_eq(f->mss, 1400);
    ck_assert_int_eq(f->started_us, 20000); /* not the old flow with the same ports */
    ck_assert_int_eq(result->wire->verdict, VERDICT_FAIL);
    ck_assert_uint_ge(result->wire->n_notes, 1);
    ck_assert_int_eq(report->capture->packets, 23);
    ck_assert(report->capture->enabled);
}
END_TEST

/* The clock of this process was an hour behind, or ahead, of the kernel's: the flows are found. */
START_TEST(a_clock_that_was_set_hides_no_flow)
{
    struct result *result = direct_result(resolve_step());
    const struct flow *f;

    report->run->started = _i == 0 ? "2027-01-15T07:01:40.000Z" : "2027-01-15T09:01:40.000Z";
    join_report(report, wire);
    ck_assert_uint_eq(result->wire->n_flows, 3);
    f = result->wire->flows[result->steps[2]->flow];
    ck_assert_str_eq(f->state, "reset");
}
END_TEST

START_TEST(the_ladder_stands_in_order)
{
    struct result *result = direct_result(resolve_step());
    const struct flow *f;

    join_report(report, wire);
    f = result->wire->flows[result->steps[1]->flow];
    ck_assert_uint_eq(f->n_ladder, 4);
    ck_assert_str_eq(f->ladder[0]->what, "SYN");
    ck_assert_str_eq(f->ladder[0]->from, "src");
    ck_assert_str_eq(f->ladder[1]->what, "SYN-ACK");
    ck_assert_str_eq(f->ladder[2]->what, "ClientHello");
    ck_assert_str_eq(f->ladder[3]->what, "RST TTL 61");
    ck_assert_str_eq(f->ladder[3]->from, "dst");
    ck_assert_int_eq(f->ladder[3]->at_us, 34000);
}
END_TEST

/* The answer that decides is the last one, however many proxies asked for credentials before. */
START_TEST(the_ladder_keeps_the_last_answers)
{
    static const char *const wanted[] = {"SYN",
                                         "SYN-ACK",
                                         "CONNECT hop2.example:3128",
                                         "HTTP 407",
                                         "CONNECT hop2.example:3128",
                                         "HTTP 200",
                                         "CONNECT www.example:443",
                                         "HTTP 407",
                                         "CONNECT www.example:443",
                                         "HTTP 403",
                                         "FIN"};
    struct result *result = add_result("hop1>hop2");
    const struct flow *flow;

    play_instead(TEST_DATA "/asked-four-times.story");
    add_step(result, connect_step("10.0.0.5:40000", "10.0.1.1:3128"), 0, OUTCOME_OK, 0);
    join_report(report, wire);
    flow = result->wire->flows[0];
    ck_assert_uint_eq(flow->n_ladder, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < flow->n_ladder; i++)
        ck_assert_str_eq(flow->ladder[i]->what, wanted[i]);
}
END_TEST

/* Named or not, a bridge above the card is no other interface, and no other way back. */
START_TEST(a_flow_that_passed_two_interfaces_is_said_to_be_on_the_named_one)
{
    static const char *const named[] = {NULL, "if0", "if1", "eth9"};
    static const char *const expected[] = {"if0", "if0", "if1", "if0"};
    struct result *result = add_result("direct");
    const struct flow *flow;

    play_instead(TEST_DATA "/seen-twice.story");
    add_step(result, connect_step("10.0.0.5:40000", "192.0.2.1:443"), 0, OUTCOME_OK, 0);
    report->site->interface = named[_i];
    join_report(report, wire);
    flow = result->wire->flows[0];
    ck_assert_str_eq(flow->interface, expected[_i]);
    ck_assert_str_eq(flow->interface_back, expected[_i]);
}
END_TEST

START_TEST(a_shared_step_gets_each_results_own_flow)
{
    struct step *shared = resolve_step();
    struct result *first = proxy_result(), *second;

    list_push(report->arena, first->steps, first->n_steps, shared);
    shared->outcome = OUTCOME_OK;
    shared->started_us = 0;
    second = direct_result(shared);
    join_report(report, wire);
    ck_assert_ptr_eq(first->steps[3], shared);
    ck_assert_ptr_ne(second->steps[0], shared);
    ck_assert_ptr_eq(second->steps[0]->detail, shared->detail);
    ck_assert_int_eq(first->steps[3]->flow, 1);
    ck_assert_int_eq(second->steps[0]->flow, 0);
    ck_assert_str_eq(second->wire->flows[0]->state, "answered");
}
END_TEST

START_TEST(a_tunnel_that_carried_tls_passes)
{
    struct result *result = proxy_result();
    const struct flow *f;

    join_report(report, wire);
    ck_assert_int_eq(result->wire->verdict, VERDICT_PASS);
    f = result->wire->flows[result->steps[0]->flow];
    ck_assert_str_eq(f->connect, "www.example:443");
    ck_assert_str_eq(f->icmp, "fragmentation-needed");
    ck_assert_int_eq(f->icmp_mtu, 1400);
    ck_assert_str_eq(f->icmp_from, "10.0.7.1");
}
END_TEST

/* The step's own flow is the exchange that says why it failed, however late it comes. */
START_TEST(a_name_asked_for_all_day_fills_no_report)
{
    struct step *resolve = resolve_step();
    struct result *result = add_result("direct");

    play_instead(TEST_DATA "/asked-all-day.story");
    add_step(result, resolve, INT_UNKNOWN, OUTCOME_OK, 0);
    join_report(report, wire);
    ck_assert_uint_eq(result->wire->n_flows, 17);
    ck_assert_str_eq(result->wire->flows[resolve->flow]->state, "unanswered");
    ck_assert_uint_eq(result->wire->n_notes, 1);
    ck_assert_str_eq(result->wire->notes[0],
                     "23 further questions for WWW.example like those listed");
}
END_TEST

START_TEST(names_alone_are_no_sight_of_a_connection)
{
    struct result *result = add_result("direct");

    add_step(result, resolve_step(), INT_UNKNOWN, OUTCOME_OK, 0);
    add_step(result, connect_step("10.0.0.5:49999", "192.0.2.1:443"), 1, OUTCOME_OK, 20000);
    join_report(report, wire);
    ck_assert_uint_eq(result->wire->n_flows, 0);
    ck_assert_int_eq(result->wire->verdict, VERDICT_SKIP);
    ck_assert_int_eq(result->steps[0]->flow, INT_UNKNOWN);
}
END_TEST

START_TEST(a_step_that_did_not_run_has_no_flow)
{
    struct result *result = add_result("direct");

    add_step(result, connect_step("10.0.0.5:40000", "192.0.2.1:443"), 1, OUTCOME_NONE, INT_UNKNOWN);
    join_report(report, wire);
    ck_assert_uint_eq(result->wire->n_flows, 0);
    ck_assert_int_eq(result->steps[0]->flow, INT_UNKNOWN);
}
END_TEST

/* --- evidence --- */

/* A file without a name that holds the story's capture. */
static int recorded(void)
{
    int fd = memfd_create("story", MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, story.capture.data, story.capture.len), (ssize_t)story.capture.len);
    return fd;
}

/* Where the text stands in the file; -1: nowhere. */
static ptrdiff_t position(const char *path, const char *text)
{
    static char bytes[1 << 16];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, bytes, sizeof bytes);
    const char *at;

    close(fd);
    ck_assert_int_gt(n, 0);
    at = memmem(bytes, (size_t)n, text, strlen(text));
    return at == NULL ? -1 : at - bytes;
}

static bool holds(const char *path, const char *text)
{
    return position(path, text) >= 0;
}

/* Every TCP and ICMP checksum of the file is right. */
static void check_sums(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct reader r;
    struct packet p;

    ck_assert_int_eq(reader_open_fd(&r, fd, NULL), 0);
    while (reader_next(&r, &p)) {
        struct link_packet link;
        struct ip_packet ip;

        ck_assert_int_eq(link_decode(p.linktype, p.data, p.len, &link), LINK_OK);
        ck_assert_int_eq(ip_decode(link.payload.p, bytes_left(&link.payload), p.wire_len, &ip),
                         DECODE_OK);
        if (ip.protocol != IPPROTO_UDP)
            ck_assert_msg(checksum_of(&ip) == 0, "frame %d", (int)p.number);
    }
    ck_assert_str_eq(r.trouble, "");
    reader_free(&r);
    close(fd);
}

static void write_evidence(char *path, bool keep_secrets)
{
    struct fault f = {""};
    int from = recorded(), fd;

    strcpy(path, "/tmp/check_join_XXXXXX");
    fd = mkstemp(path);
    close(fd);
    direct_result(resolve_step());
    proxy_result();
    join_report(report, wire);
    ck_assert_msg(packets_save(&(struct packets){wire, from, keep_secrets, NULL}, report, NULL,
                               path, &f) == 0,
                  "%s", f.text);
    close(from);
}

START_TEST(counts_that_cannot_be_are_cut)
{
    ck_assert_uint_gt(wire->n_interfaces, 0);
    wire->interfaces[0].has_drops = true;
    wire->interfaces[0].dropped_kernel = UINT64_MAX;
    wire->interfaces[0].dropped_interface = (uint64_t)INT64_MAX + 1;
    join_report(report, wire);
    ck_assert_int_eq(report->capture->dropped_kernel, INT_MOST);
    ck_assert_int_eq(report->capture->dropped_interface, INT_MOST);
}
END_TEST

START_TEST(evidence_holds_no_credentials)
{
    struct wire_file *again;
    struct buf before, after;
    char path[64];
    struct stat st;

    ck_assert_uint_eq(wire->n_secrets, 1);
    write_evidence(path, false);
    ck_assert(!holds(path, "dXNlcjpwYXNz")); /* in the segment, its two repeats, the ICMP quote */
    ck_assert(!holds(path, "dXNlcj"));
    ck_assert(!holds(path, "jpwYXNz"));
    ck_assert(holds(path, "Proxy-Authorization: Basic xxxxxxxxxxxx\r\n"));
    check_sums(path);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0600);
    /* nothing else changed */
    buf_init(&before, 1 << 20);
    buf_init(&after, 1 << 20);
    ck_assert_int_eq(wire_read(path, NULL, &again, NULL), 0);
    facts_print(wire, &before);
    facts_print(again, &after);
    ck_assert_str_eq(buf_text(&before), buf_text(&after));
    buf_free(&before);
    buf_free(&after);
    wire_file_free(again);
    unlink(path);
}
END_TEST

START_TEST(evidence_keeps_credentials_when_asked)
{
    char path[64];

    write_evidence(path, true);
    ck_assert(holds(path, "dXNlcjpwYXNz"));
    check_sums(path);
    unlink(path);
}
END_TEST

START_TEST(evidence_says_what_the_packets_are)
{
    char path[64];

    write_evidence(path, false);
    ck_assert(holds(path, "result 0: www.example:443 over direct"));
    ck_assert(holds(path, "connect ok, tls reset"));
    ck_assert(holds(path, "result 0: RST TTL 61"));
    ck_assert(holds(path, "result 1: CONNECT www.example:443"));
    ck_assert(holds(path, "credentials are overwritten"));
    /* Who reads the file once from front to back (tshark) knows a name only behind its block. */
    ck_assert_int_gt(position(path, "\x02\x01www.example"), 0);
    ck_assert_int_lt(position(path, "\x02\x01www.example"),
                     position(path, "result 0: www.example:443 over direct"));
    unlink(path);
}
END_TEST

START_TEST(evidence_is_not_written_through_a_link)
{
    struct fault f = {""};
    int from = recorded();

    unlink("/tmp/check_join_link");
    ck_assert_int_eq(symlink("/tmp/check_join_target", "/tmp/check_join_link"), 0);
    ck_assert_int_eq(packets_save(&(struct packets){wire, from, false, NULL}, report, NULL,
                                  "/tmp/check_join_link", &f),
                     -1);
    ck_assert_ptr_nonnull(strstr(f.text, "/tmp/check_join_link"));
    ck_assert_int_ne(access("/tmp/check_join_target", F_OK), 0);
    unlink("/tmp/check_join_link");
    close(from);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("join");
    TCase *tc = tcase_create("join");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tc);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, the_story_is_what_it_says);
    tcase_add_test(tc, the_steps_of_a_probe_share_its_flow);
    tcase_add_loop_test(tc, a_clock_that_was_set_hides_no_flow, 0, 2);
    tcase_add_test(tc, the_ladder_stands_in_order);
    tcase_add_test(tc, the_ladder_keeps_the_last_answers);
    tcase_add_loop_test(tc, a_flow_that_passed_two_interfaces_is_said_to_be_on_the_named_one, 0, 4);
    tcase_add_test(tc, a_shared_step_gets_each_results_own_flow);
    tcase_add_test(tc, a_tunnel_that_carried_tls_passes);
    tcase_add_test(tc, a_name_asked_for_all_day_fills_no_report);
    tcase_add_test(tc, names_alone_are_no_sight_of_a_connection);
    tcase_add_test(tc, a_step_that_did_not_run_has_no_flow);
    tcase_add_test(tc, counts_that_cannot_be_are_cut);
    tcase_add_test(tc, evidence_holds_no_credentials);
    tcase_add_test(tc, evidence_keeps_credentials_when_asked);
    tcase_add_test(tc, evidence_says_what_the_packets_are);
    tcase_add_test(tc, evidence_is_not_written_through_a_link);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
