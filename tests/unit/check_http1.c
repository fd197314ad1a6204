/* HTTP/1 heads: what proxies send, what they must not send, and every cut and split of both. */
#include "diag/base/arena.h"
#include "diag/proto/http1.h"
#include "tests/unit/support.h"

/* Feed all of it in one piece; the caller frees *h. */
static enum http1_state feed(struct http1 *h, enum http1_kind kind, const char *text, size_t *used)
{
    http1_init(h, kind);
    return http1_feed(h, text, strlen(text), used);
}

/* One row: a head, and what it must be taken for. */
struct verdict_case {
    const char *head;
    enum http1_state state;
    const char *rule;
};

static void check_verdicts(enum http1_kind kind, const struct verdict_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(cases[i].head), used;
        struct http1 h;

        ck_assert_msg(feed(&h, kind, cases[i].head, &used) == cases[i].state, "%s: %s",
                      cases[i].head, http1_state_name(h.state));
        if (cases[i].rule != NULL)
            ck_assert_str_eq(h.rule, cases[i].rule);
        ck_assert_uint_le(used, len);
        http1_free(&h);
        /* The same, octet by octet. */
        http1_init(&h, kind);
        for (size_t k = 0; k < len && h.state == HTTP1_MORE; k++)
            http1_feed(&h, cases[i].head + k, 1, &used);
        ck_assert_msg(h.state == cases[i].state, "by octets: %s", cases[i].head);
        if (cases[i].rule != NULL)
            ck_assert_str_eq(h.rule, cases[i].rule);
        http1_free(&h);
    }
}

START_TEST(answers_are_taken_for_what_they_are)
{
    static const struct verdict_case cases[] = {
        {"HTTP/1.1 200 Connection established\r\n\r\n", HTTP1_OK, NULL},
        {"HTTP/1.0 200 OK\r\n\r\n", HTTP1_OK, NULL},
        {"HTTP/1.1 200\r\n\r\n", HTTP1_OK, NULL},
        {"HTTP/1.1 200 \r\n\r\n", HTTP1_OK, NULL},
        {"HTTP/1.1  403   Forbidden\r\n\r\n", HTTP1_OK, NULL},
        {"HTTP/1.1 200 OK\n\n", HTTP1_OK, NULL},
        {"HTTP/1.1 200 OK\nA: b\r\n\n", HTTP1_OK, NULL},
        {"HTTP/1.1 200 OK\r\nA:b\r\n", HTTP1_MORE, NULL},
        {"HTTP/1.1 200 OK\r\nA:b\r\n\r", HTTP1_MORE, NULL},
        {"H", HTTP1_MORE, NULL},
        {"HTTP/", HTTP1_MORE, NULL},
        {"HTTX/1.1 200 OK\r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"http/1.1 200 OK\r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"\r\nHTTP/1.1 200 OK\r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"SSH-2.0-OpenSSH_9.2p1\r\n", HTTP1_NOT_HTTP, NULL},
        {"220 mail.example ESMTP\r\n", HTTP1_NOT_HTTP, NULL},
        {"\x15\x03\x01", HTTP1_NOT_HTTP, NULL},
        {"<html>", HTTP1_NOT_HTTP, NULL},
        {"HTT\n", HTTP1_NOT_HTTP, NULL},
        {"HTTP/2 200\r\n\r\n", HTTP1_MALFORMED, "the HTTP version is not 1.x"},
        {"HTTP/2.0 200 OK\r\n\r\n", HTTP1_MALFORMED, "the HTTP version is not 1.x"},
        {"HTTP/1.1x200 OK\r\n\r\n", HTTP1_MALFORMED, "the HTTP version is not 1.x"},
        {"HTTP/1\r\n\r\n", HTTP1_MALFORMED, "the HTTP version is not 1.x"},
        {"HTTP/\r\n\r\n", HTTP1_MALFORMED, "the HTTP version is not 1.x"},
        {"HTTP/1.1 20 OK\r\n\r\n", HTTP1_MALFORMED, "no three-digit status code"},
        {"HTTP/1.1 2000 OK\r\n\r\n", HTTP1_MALFORMED, "no three-digit status code"},
        {"HTTP/1.1 OK\r\n\r\n", HTTP1_MALFORMED, "no three-digit status code"},
        {"HTTP/1.1 099 No\r\n\r\n", HTTP1_MALFORMED, "no three-digit status code"},
        {"HTTP/1.1 \r\n\r\n", HTTP1_MALFORMED, "no three-digit status code"},
        {"HTTP/1.1 200 O\rK\r\n\r\n", HTTP1_MALFORMED, "a CR without LF"},
        {"HTTP/1.1 200 OK\r\nA: b\r\r\n\r\n", HTTP1_MALFORMED, "a CR without LF"},
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", HTTP1_MALFORMED, "a field line without a colon"},
        {"HTTP/1.1 200 OK\r\n: b\r\n\r\n", HTTP1_MALFORMED, "a field name that is no token"},
        {"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", HTTP1_MALFORMED, "a field name that is no token"},
        {"HTTP/1.1 200 OK\r\n A: c\r\n\r\n", HTTP1_MALFORMED,
         "white space in front of the first field"},
    };

    check_verdicts(HTTP1_ANSWER, cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(requests_are_taken_for_what_they_are)
{
    static const struct verdict_case cases[] = {
        {"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", HTTP1_OK, NULL},
        {"\r\nGET / HTTP/1.0\r\n\r\n", HTTP1_OK, NULL},
        {"GET", HTTP1_MORE, NULL},
        {"\r", HTTP1_MORE, NULL},
        {"\n\n\n\n\nGET / HTTP/1.0\r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"\x16\x03\x01", HTTP1_NOT_HTTP, NULL},
        {" GET / HTTP/1.1\r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", HTTP1_NOT_HTTP, NULL},
        {"EHLO mail\r\n", HTTP1_NOT_HTTP, NULL},
        {"GET /\r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP", HTTP1_NOT_HTTP, NULL},
        {"GET / HTTP/2.0\r\n\r\n", HTTP1_MALFORMED, "the HTTP version is not 1.x"},
        {"GET / HTTP/1.1 \r\n\r\n", HTTP1_NOT_HTTP, NULL},
        {"GET / x HTTP/1.1\r\n\r\n", HTTP1_MALFORMED, "white space in the request target"},
        {"GET  HTTP/1.1\r\n\r\n", HTTP1_MALFORMED, "white space in the request target"},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", HTTP1_MALFORMED, "a field name that is no token"},
    };

    check_verdicts(HTTP1_REQUEST, cases, ARRAY_LEN(cases));
}
END_TEST

START_TEST(a_nul_is_refused_wherever_it_stands)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nName: value\r\n\r\n";

    for (size_t i = 5; i < sizeof head - 1; i++) {
        char broken[sizeof head];
        struct http1 h;
        size_t used;

        memcpy(broken, head, sizeof head);
        broken[i] = '\0';
        http1_init(&h, HTTP1_ANSWER);
        http1_feed(&h, broken, sizeof head - 1, &used);
        ck_assert_msg(h.state == HTTP1_MALFORMED, "at %zu", i);
        http1_free(&h);
    }
}
END_TEST

START_TEST(the_reader_stops_exactly_behind_the_empty_line)
{
    static const char head[] = "HTTP/1.1 200 Connection established\r\nVia: 1.1 p1\r\n\r\n";
    char all[sizeof head + 8];
    struct http1 h;
    size_t used;

    snprintf(all, sizeof all, "%s\x16\x03\x01\n\n", head);
    ck_assert_int_eq(feed(&h, HTTP1_ANSWER, all, &used), HTTP1_OK);
    ck_assert_uint_eq(used, strlen(head));
    ck_assert_uint_eq(h.received, strlen(head));
    ck_assert_uint_le(h.n_first, strlen(head));
    ck_assert_uint_eq(h.status, 200);
    ck_assert_str_eq(http1_reason(&h), "Connection established");
    /* A final state is final. */
    ck_assert_int_eq(http1_feed(&h, "X", 1, &used), HTTP1_OK);
    ck_assert_uint_eq(used, 0);
    http1_free(&h);
    http1_free(&h);
}
END_TEST

/* All that is to be known of a head, as one string. */
static void describe(const struct http1 *h, size_t used, char *to, size_t room)
{
    size_t n = (size_t)snprintf(
        to, room, "%s %s %u %s %u %s %s %zu|%d%d|", http1_state_name(h->state),
        h->rule == NULL ? "" : h->rule, h->status, http1_reason(h), h->interim, http1_method(h),
        http1_target(h), h->state == HTTP1_OK ? used : 0, h->bare_lf, h->obs_fold);

    for (size_t i = 0; i < h->n_fields && n < room; i++)
        n += (size_t)snprintf(to + n, room - n, "%s=%s|", http1_field_name(h, i),
                              http1_field_value(h, i));
}

/* Every split into two, at every octet, and every truncation, in front of a forbidden page. */
static void check_cuts(enum http1_kind kind, const void *bytes, size_t len)
{
    static char whole[8192], split[8192];
    struct guard g = guard_new(len);
    const uint8_t *p = guard_put(&g, bytes, len);
    size_t used, more, head;
    struct http1 h;

    http1_init(&h, kind);
    http1_feed(&h, p, len, &head);
    describe(&h, head, whole, sizeof whole);
    ck_assert_int_eq(h.state, HTTP1_OK);
    http1_free(&h);
    for (size_t cut = 0; cut <= head; cut++) {
        http1_init(&h, kind);
        p = guard_put(&g, bytes, cut); /* ends at the page: also a truncation */
        http1_feed(&h, p, cut, &used);
        ck_assert_uint_eq(used, cut);
        ck_assert_int_eq(h.state, cut < head ? HTTP1_MORE : HTTP1_OK);
        p = guard_put(&g, (const uint8_t *)bytes + cut, len - cut);
        http1_feed(&h, p, len - cut, &more);
        describe(&h, used + more, split, sizeof split);
        ck_assert_str_eq(whole, split);
        http1_free(&h);
    }
    http1_init(&h, kind);
    for (size_t i = 0; i < head; i++)
        http1_feed(&h, (const uint8_t *)bytes + i, 1, &used);
    describe(&h, head, split, sizeof split);
    ck_assert_str_eq(whole, split);
    http1_free(&h);
    guard_free(&g);
}

START_TEST(splits_and_truncations_change_nothing)
{
    static const char odd[] = "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103\nLink: <a>\n\n"
                              "HTTP/1.0 407 No way\r\nA:\r\n b\r\n\t c \r\nB : d\n\r\nrest";
    static const char connect[] = "\r\nCONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: x\r\n\r\n\x16";
    static const char *const files[] = {"http/squid-403.bin", "http/squid-407.bin",
                                        "http/squid-500.bin"};

    check_cuts(HTTP1_ANSWER, odd, sizeof odd - 1);
    check_cuts(HTTP1_REQUEST, connect, sizeof connect - 1);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct sample s = sample_read(files[i]);

        check_cuts(HTTP1_ANSWER, s.data, s.len);
        free(s.data);
    }
}
END_TEST

START_TEST(fields_are_found_joined_and_folded)
{
    struct arena *a = arena_new();
    struct http1 h;
    size_t used;

    feed(
        &h, HTTP1_ANSWER,
        "HTTP/1.1 407 Auth\r\nproxy-authenticate: Negotiate\r\nVIA:\r\n\t1.1 p2 \r\n  (squid)  \r\n"
        "Proxy-Authenticate: \t Basic realm=\"x\" \t\r\nEmpty:\r\nBlank: \r\n \r\nVia: 1.1 p1\r\n"
        "Connection: keep-alive, Close;x, upgrade\r\n\r\n",
        &used);
    ck_assert_int_eq(h.state, HTTP1_OK);
    ck_assert_str_eq(http1_get(&h, "Proxy-Authenticate", 0), "Negotiate");
    ck_assert_str_eq(http1_get(&h, "PROXY-AUTHENTICATE", 1), "Basic realm=\"x\"");
    ck_assert_ptr_null(http1_get(&h, "Proxy-Authenticate", 2));
    ck_assert_ptr_null(http1_get(&h, "Proxy-Authenticat", 0));
    ck_assert_str_eq(http1_joined(&h, "via", a), "1.1 p2 (squid), 1.1 p1");
    ck_assert_ptr_null(http1_joined(&h, "none", a));
    ck_assert_str_eq(http1_get(&h, "empty", 0), "");
    ck_assert_str_eq(http1_get(&h, "blank", 0), "");
    ck_assert(h.obs_fold && !h.bare_lf);
    ck_assert(http1_has_token(&h, "connection", "close"));
    ck_assert(http1_has_token(&h, "connection", "Upgrade"));
    ck_assert(!http1_has_token(&h, "connection", "keep"));
    ck_assert(!http1_has_token(&h, "connection", "keep-alive2"));
    ck_assert(!http1_has_token(&h, "nothing", "close"));
    http1_free(&h);
    arena_free(a);
}
END_TEST

START_TEST(interim_answers_are_skipped_and_101_is_not)
{
    char many[1024] = "";
    struct http1 h;
    size_t used;

    feed(&h, HTTP1_ANSWER, "HTTP/1.1 101 Switching Protocols\r\n\r\n", &used);
    ck_assert_int_eq(h.state, HTTP1_OK);
    ck_assert_uint_eq(h.status, 101);
    http1_free(&h);
    for (int i = 0; i < HTTP1_INTERIM_MAX; i++)
        strcat(many, "HTTP/1.1 102 Processing\r\nA: b\r\n\r\n");
    strcat(many, "HTTP/1.1 200 OK\r\nC: d\r\n\r\n");
    feed(&h, HTTP1_ANSWER, many, &used);
    ck_assert_int_eq(h.state, HTTP1_OK);
    ck_assert_uint_eq(h.status, 200);
    ck_assert_uint_eq(h.interim, HTTP1_INTERIM_MAX);
    ck_assert_uint_eq(h.n_fields, 1);
    ck_assert_uint_eq(used, strlen(many));
    http1_free(&h);
    memmove(many + strlen("HTTP/1.1 102 Processing\r\nA: b\r\n\r\n"), many, strlen(many) + 1);
    feed(&h, HTTP1_ANSWER, many, &used);
    ck_assert_int_eq(h.state, HTTP1_OVERSIZED);
    ck_assert_str_eq(h.rule, "too many interim answers");
    http1_free(&h);
}
END_TEST

/* A head of `fields` fields whose values have `len` octets, in pieces of `piece`. */
static enum http1_state feed_large(struct http1 *h, size_t fields, size_t len, size_t piece)
{
    size_t room = fields * (len + 16) + 64, n, used;
    char *text = malloc(room);

    n = (size_t)snprintf(text, room, "HTTP/1.1 200 OK\r\n");
    for (size_t i = 0; i < fields; i++) {
        n += (size_t)snprintf(text + n, room - n, "A: ");
        memset(text + n, 'x', len);
        n += len;
        n += (size_t)snprintf(text + n, room - n, "\r\n");
    }
    n += (size_t)snprintf(text + n, room - n, "\r\n");
    http1_init(h, HTTP1_ANSWER);
    for (size_t at = 0; at < n && h->state == HTTP1_MORE; at += used)
        http1_feed(h, text + at, n - at < piece ? n - at : piece, &used);
    free(text);
    return h->state;
}

START_TEST(limits_hold_at_the_octet)
{
    static const size_t pieces[] = {1, 1000, 1 << 20};
    struct http1 h;

    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        ck_assert_int_eq(feed_large(&h, 128, 10, pieces[i]), HTTP1_OK);
        http1_free(&h);
        ck_assert_int_eq(feed_large(&h, 129, 10, pieces[i]), HTTP1_OVERSIZED);
        ck_assert_str_eq(h.rule, "too many fields");
        http1_free(&h);
        ck_assert_int_eq(feed_large(&h, 1, HTTP1_LINE_MAX - 5, pieces[i]), HTTP1_OK);
        http1_free(&h);
        ck_assert_int_eq(feed_large(&h, 1, HTTP1_LINE_MAX - 4, pieces[i]), HTTP1_OVERSIZED);
        ck_assert_str_eq(h.rule, "a line too long");
        http1_free(&h);
        /* 17 + 8 * (len + 5) + 2 octets: 65531 and 65539 */
        ck_assert_int_eq(feed_large(&h, 8, 8185, pieces[i]), HTTP1_OVERSIZED);
        ck_assert_str_eq(h.rule, "a head too long");
        http1_free(&h);
        ck_assert_int_eq(feed_large(&h, 8, 8184, pieces[i]), HTTP1_OK);
        http1_free(&h);
    }
}
END_TEST

START_TEST(an_endless_first_line_is_known_early)
{
    static char endless[HTTP1_LINE_MAX * 2];
    struct http1 h;
    size_t used;

    memset(endless, 'H', sizeof endless);
    http1_init(&h, HTTP1_ANSWER);
    ck_assert_int_eq(http1_feed(&h, endless, sizeof endless, &used), HTTP1_NOT_HTTP);
    ck_assert_uint_eq(h.n_first, HTTP1_FIRST);
    http1_free(&h);
    memcpy(endless, "HTTP/1.1 200 ", 13);
    http1_init(&h, HTTP1_ANSWER);
    ck_assert_int_eq(http1_feed(&h, endless, sizeof endless, &used), HTTP1_OVERSIZED);
    ck_assert_str_eq(http1_reason(&h), "");
    http1_free(&h);
}
END_TEST

START_TEST(damaged_heads_are_survived)
{
    struct sample s = sample_read("http/squid-407.bin");
    struct guard g = guard_new(s.len);
    uint32_t state = 7;

    for (int i = 0; i < 5000; i++) {
        uint8_t *p = guard_put(&g, s.data, 600);
        struct http1 h;
        size_t used;

        for (uint32_t k = chance(&state) % 4; k > 0; k--)
            p[chance(&state) % 600] = (uint8_t)(chance(&state) % 5 == 0 ? '\n' : chance(&state));
        http1_init(&h, HTTP1_ANSWER);
        http1_feed(&h, p, 600, &used);
        for (size_t f = 0; f < h.n_fields; f++)
            ck_assert_ptr_null(strpbrk(http1_field_value(&h, f), "\r\n"));
        http1_free(&h);
    }
    guard_free(&g);
    free(s.data);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        answers_are_taken_for_what_they_are,        requests_are_taken_for_what_they_are,
        a_nul_is_refused_wherever_it_stands,        the_reader_stops_exactly_behind_the_empty_line,
        splits_and_truncations_change_nothing,      fields_are_found_joined_and_folded,
        interim_answers_are_skipped_and_101_is_not, limits_hold_at_the_octet,
        an_endless_first_line_is_known_early,       damaged_heads_are_survived,
    };

    return run_suite("http1", tests, ARRAY_LEN(tests));
}
