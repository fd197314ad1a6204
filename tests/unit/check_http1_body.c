/* HTTP/1 bodies: how long they are, how they are framed, and chunks at every cut. */
#include "diag/base/buf.h"
#include "diag/proto/http1.h"
#include "tests/unit/support.h"

/* An answer's head in one piece; the caller frees *h. */
static enum http1_state read_head(struct http1 *h, const char *text)
{
    size_t used;

    http1_init(h, HTTP1_ANSWER);
    return http1_feed(h, text, strlen(text), &used);
}

START_TEST(content_lengths_are_held_against_each_other)
{
    static const struct {
        const char *fields;
        enum http1_length verdict;
        uint64_t value;
    } cases[] = {
        {"", HTTP1_LENGTH_NONE, 0},
        {"Content-Length: 0\r\n", HTTP1_LENGTH_OK, 0},
        {"content-length: 3068\r\n", HTTP1_LENGTH_OK, 3068},
        {"Content-Length: 5, 5\r\n", HTTP1_LENGTH_OK, 5},
        {"Content-Length: 5\r\nContent-Length: 05\r\n", HTTP1_LENGTH_OK, 5},
        {"Content-Length: 5, 6\r\n", HTTP1_LENGTH_CONFLICT, 0},
        {"Content-Length: 5, 6, 5\r\n", HTTP1_LENGTH_CONFLICT, 0},
        {"Content-Length: 5\r\nContent-Length: 6\r\n", HTTP1_LENGTH_CONFLICT, 0},
        {"Content-Length:\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: 5,\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: +5\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: -1\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: 5 5\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: 0x10\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: 99999999999999999999\r\n", HTTP1_LENGTH_INVALID, 0},
        {"Content-Length: 18446744073709551617\r\n", HTTP1_LENGTH_INVALID, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t value = 0;
        char head[256];
        struct http1 h;

        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n%s\r\n", cases[i].fields);
        read_head(&h, head);
        ck_assert_msg(http1_content_length(&h, &value) == cases[i].verdict, "%s", cases[i].fields);
        ck_assert_uint_eq(value, cases[i].value);
        http1_free(&h);
    }
}
END_TEST

START_TEST(bodies_are_framed_as_the_rules_say)
{
    static const struct {
        const char *head, *method;
        enum http1_framing framing;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "CONNECT", HTTP1_BODY_NONE},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "CONNECT", HTTP1_BODY_NONE},
        {"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n", "CONNECT", HTTP1_BODY_LENGTH},
        {"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n", "HEAD", HTTP1_BODY_NONE},
        {"HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n", "GET", HTTP1_BODY_NONE},
        {"HTTP/1.1 204 Nothing\r\n\r\n", "GET", HTTP1_BODY_NONE},
        {"HTTP/1.1 101 Upgrade\r\n\r\n", "GET", HTTP1_BODY_NONE},
        {"HTTP/1.1 200 OK\r\n\r\n", "GET", HTTP1_BODY_CLOSE},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 5\r\n\r\n", "GET",
         HTTP1_BODY_CHUNKED},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", "GET",
         HTTP1_BODY_CHUNKED},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", "GET", HTTP1_BODY_CLOSE},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", "GET", HTTP1_BODY_CLOSE},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n", "GET", HTTP1_BODY_INVALID},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t len = 0;
        struct http1 h;

        ck_assert_int_eq(read_head(&h, cases[i].head), HTTP1_OK);
        ck_assert_msg(http1_framing(&h, cases[i].method, &len) == cases[i].framing, "%s",
                      cases[i].head);
        if (cases[i].framing == HTTP1_BODY_LENGTH)
            ck_assert_uint_eq(len, 5);
        http1_free(&h);
    }
}
END_TEST

START_TEST(chunks_are_put_together_at_every_cut)
{
    static const char body[] = "5\r\nhello\r\n1;x=\"y\"\r\n \r\n005\nworld\n0\r\nT: x\r\n\r\nrest";
    size_t whole = sizeof body - 1 - 4, used;
    struct guard g = guard_new(sizeof body);
    struct buf out;

    for (size_t len = 0; len < sizeof body; len++) {
        enum decode verdict;

        buf_init(&out, 64);
        verdict = http1_unchunk(guard_put(&g, body, len), len, &out, &used);
        ck_assert_msg(verdict == (len < whole ? DECODE_TRUNCATED : DECODE_OK), "at %zu", len);
        ck_assert_int_eq(strncmp("hello world", buf_text(&out), out.len), 0);
        if (len >= whole) {
            ck_assert_uint_eq(used, whole);
            ck_assert_str_eq(buf_text(&out), "hello world");
        }
        buf_free(&out);
    }
    buf_init(&out, 7);
    ck_assert_int_eq(http1_unchunk(body, sizeof body - 1, &out, &used), DECODE_OK);
    ck_assert_str_eq(buf_text(&out), "hello w");
    buf_free(&out);
    guard_free(&g);
}
END_TEST

START_TEST(broken_chunks_are_invalid)
{
    static const char *const bodies[] = {
        "x\r\n",
        "\r\n",
        "-1\r\n",
        "5\r\nhelloX\r\n",
        "ffffffffffffffff\r\n",
        "10000000000000000\r\n",
        "5 6x5\r\nhello5\r\n",
        "5g\r\n",
    };
    struct buf out;
    size_t used;

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        buf_init(&out, 64);
        ck_assert_msg(http1_unchunk(bodies[i], strlen(bodies[i]), &out, &used) == DECODE_INVALID,
                      "%s", bodies[i]);
        buf_free(&out);
    }
    buf_init(&out, 64);
    ck_assert_int_eq(http1_unchunk(NULL, 0, &out, &used), DECODE_TRUNCATED);
    ck_assert_int_eq(http1_unchunk("7fffffffffffff\r\nx", 17, &out, &used), DECODE_TRUNCATED);
    buf_free(&out);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        content_lengths_are_held_against_each_other,
        bodies_are_framed_as_the_rules_say,
        chunks_are_put_together_at_every_cut,
        broken_chunks_are_invalid,
    };

    return run_suite("http1-body", tests, ARRAY_LEN(tests));
}
