/*
 * TLS records as a stream: real conversations of OpenSSL 3.0 (tests/unit/data/tls), and every cut
 * and split of them.
 */
#include "diag/proto/tls_stream.h"
#include "tests/unit/support.h"

/* What a stream says of the bytes: one word an event. */
static void note_event(const struct tls_event *e, char *to, size_t room)
{
    size_t n = strlen(to);

    switch (e->kind) {
    case TLS_EVENT_NONE:
        break;
    case TLS_EVENT_MESSAGE:
        snprintf(to + n, room - n, "%s/%zu ", tls_message_name(e->type), bytes_left(&e->message));
        break;
    case TLS_EVENT_ALERT:
        snprintf(to + n, room - n, "alert:%u:%s ", e->alert.level,
                 tls_alert_name(e->alert.description));
        break;
    case TLS_EVENT_CCS:
        snprintf(to + n, room - n, "ccs ");
        break;
    case TLS_EVENT_ENCRYPTED:
        snprintf(to + n, room - n, "encrypted:%u ", e->type);
        break;
    case TLS_EVENT_DATA:
        snprintf(to + n, room - n, "data ");
        break;
    case TLS_EVENT_NOT_TLS:
        snprintf(to + n, room - n, "not-tls ");
        break;
    case TLS_EVENT_INVALID:
        snprintf(to + n, room - n, "invalid ");
        break;
    case TLS_EVENT_NO_MEMORY:
        snprintf(to + n, room - n, "no-memory ");
        break;
    }
}

/* Feed a piece and write down its events. */
static void feed(struct tls_stream *s, const void *bytes, size_t len, char *to, size_t room)
{
    struct bytes in = bytes_of(bytes, len);
    struct tls_event e;

    do {
        tls_stream_next(s, &in, &e);
        note_event(&e, to, room);
    } while (e.kind != TLS_EVENT_NONE && s->final == TLS_EVENT_NONE);
}

static const char *told(const void *bytes, size_t len)
{
    static char to[1024];
    struct tls_stream s;

    to[0] = '\0';
    tls_stream_init(&s);
    feed(&s, bytes, len, to, sizeof to);
    tls_stream_free(&s);
    return to;
}

START_TEST(conversations_are_told_as_they_went)
{
    static const struct {
        const char *file, *events;
    } cases[] = {
        {"tls/tls12-server.bin",
         "server_hello/80 certificate/843 server_key_exchange/114 certificate_request/52 "
         "server_hello_done/4 new_session_ticket/202 ccs encrypted:22 "},
        {"tls/tls12-client.bin",
         "client_hello/512 certificate/7 client_key_exchange/37 ccs encrypted:22 data "},
        {"tls/tls13-server.bin", "server_hello/122 ccs data data data data data data "},
        {"tls/tls13-client.bin", "client_hello/512 ccs data data "},
        {"tls/hrr-server.bin",
         "server_hello/88 ccs server_hello/187 data data data data data data "},
        {"tls/hrr-client.bin", "client_hello/512 ccs client_hello/512 data data "},
        {"tls/untrusted-client.bin", "client_hello/512 alert:2:unknown_ca "},
        {"tls/version-server.bin", "alert:2:protocol_version "},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s = sample_read(cases[i].file);
        const char *got = told(s.data, s.len);

        ck_assert_msg(strcmp(got, cases[i].events) == 0, "%s: %s", cases[i].file, got);
        free(s.data);
    }
}
END_TEST

START_TEST(splits_change_nothing_and_cuts_are_no_errors)
{
    static const char *const files[] = {
        "tls/tls12-server.bin",     "tls/tls12-client.bin",   "tls/tls13-server.bin",
        "tls/tls13-client.bin",     "tls/hrr-server.bin",     "tls/hrr-client.bin",
        "tls/untrusted-client.bin", "tls/version-server.bin",
    };

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct sample sample = sample_read(files[i]);
        struct guard g = guard_new(sample.len);
        char whole[1024], split[1024];
        struct tls_stream s;

        snprintf(whole, sizeof whole, "%s", told(sample.data, sample.len));
        for (size_t cut = 0; cut <= sample.len; cut++) {
            split[0] = '\0';
            tls_stream_init(&s);
            feed(&s, guard_put(&g, sample.data, cut), cut, split, sizeof split);
            ck_assert_uint_eq(s.received, cut);
            ck_assert_msg(strncmp(whole, split, strlen(split)) == 0, "%s cut at %zu: %s", files[i],
                          cut, split);
            feed(&s, guard_put(&g, sample.data + cut, sample.len - cut), sample.len - cut, split,
                 sizeof split);
            ck_assert_str_eq(whole, split);
            tls_stream_free(&s);
        }
        split[0] = '\0';
        tls_stream_init(&s);
        for (size_t k = 0; k < sample.len; k++)
            feed(&s, sample.data + k, 1, split, sizeof split);
        ck_assert_str_eq(whole, split);
        tls_stream_free(&s);
        guard_free(&g);
        free(sample.data);
    }
}
END_TEST

START_TEST(streams_that_are_no_tls_say_when_they_stopped_being)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *events;
    } cases[] = {
#define CASE(literal, events) {literal, sizeof(literal) - 1, events}
        CASE("HTTP/1.1 403 Forbidden\r\n", "not-tls "),
        CASE("\x17\3\3\0\1x", "not-tls "),
        CASE("\x15\3\3\0\2\2\x28"
             "HTTP",
             "alert:2:handshake_failure invalid "),
        CASE("\x15\3\3\0\2\3\x28", "invalid "),
        CASE("\x15\3\3\0\2\2\xff", "alert:2:(null) "),
        CASE("\x16\3\3\0\4\x0e\0\0\0\x14\3\3\0\1\1\x15\3\3\0\x1a",
             "server_hello_done/4 ccs encrypted:21 "),
        CASE("\x16\3\3\0\4\x63\0\0\0", "invalid "),
        CASE("\x16\3\3\0\4\2\x10\0\0", "invalid "),
        CASE("\x16\3\3\0\2\2\0\x17\3\3\0\1x", "invalid "),
        CASE("\x16\3\3\0\2\2\0\x14\3\3\0\1\1", "invalid "),
        CASE("\x16\3\3\0\2\x0e\0\x15\3\3\0\2\1\0\x16\3\3\0\2\0\0",
             "alert:1:close_notify server_hello_done/4 "),
        CASE("\x16\3\3\0\4\x0e\0\0\0\x14\3\3\0\2\1\1", "server_hello_done/4 invalid "),
        CASE("\x16\3\3\0\x08\x0e\0\0\0\x0e\0\0\0\x17\3\3\0\0\x17\3\3\0\1x",
             "server_hello_done/4 server_hello_done/4 data data "),
#undef CASE
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char whole[256], split[256] = "";
        struct tls_stream s;

        snprintf(whole, sizeof whole, "%s", told(cases[i].bytes, cases[i].len));
        ck_assert_msg(strcmp(whole, cases[i].events) == 0, "case %zu: %s", i, whole);
        tls_stream_init(&s);
        for (size_t k = 0; k < cases[i].len && s.final == TLS_EVENT_NONE; k++)
            feed(&s, cases[i].bytes + k, 1, split, sizeof split);
        ck_assert_str_eq(whole, split);
        tls_stream_free(&s);
    }
}
END_TEST

START_TEST(a_hello_over_many_records_is_put_together)
{
    struct sample s = sample_read("tls/tls13-client.bin");
    const uint8_t *message = s.data + TLS_RECORD_HEADER; /* its first record is the hello */
    char events[256] = "";
    struct tls_stream stream;
    struct tls_client_hello h;
    struct bytes part;

    tls_stream_init(&stream);
    for (size_t i = 0; i < 512; i++) {
        uint8_t record[6] = {TLS_HANDSHAKE, 3, 1, 0, 1, message[i]};

        part = tls_stream_partial(&stream);
        ck_assert_uint_eq(bytes_left(&part), i);
        feed(&stream, record, sizeof record, events, sizeof events);
        if (i == 300) {
            part = tls_stream_partial(&stream);
            ck_assert_int_eq(tls_client_hello(part.p, bytes_left(&part), &h), DECODE_TRUNCATED);
            ck_assert_uint_eq(bytes_left(&h.sni), strlen("contoso.azure-devices.net"));
            ck_assert_mem_eq(h.sni.p, "contoso.azure-devices.net", bytes_left(&h.sni));
        }
    }
    ck_assert_str_eq(events, "client_hello/512 ");
    part = tls_stream_partial(&stream);
    ck_assert_ptr_null(part.p);
    tls_stream_free(&stream);
    free(s.data);
}
END_TEST

START_TEST(application_data_is_counted_and_not_kept)
{
    struct sample s = sample_read("tls/tls13-server.bin");
    static uint8_t data[5 + 16384] = {TLS_APPLICATION_DATA, 3, 3, 0x40, 0};
    struct tls_stream stream;
    char events[256] = "";

    tls_stream_init(&stream);
    feed(&stream, s.data, s.len, events, sizeof events);
    ck_assert_uint_eq(stream.data_records, 6);
    for (int i = 0; i < 10; i++) {
        events[0] = '\0';
        feed(&stream, data, sizeof data, events, sizeof events);
        ck_assert_str_eq(events, "data ");
    }
    ck_assert_uint_eq(stream.data_records, 16);
    ck_assert_ptr_null(stream.message.data);
    ck_assert(stream.encrypted);
    tls_stream_free(&stream);
    free(s.data);
}
END_TEST

START_TEST(damaged_streams_are_survived)
{
    static const char *const files[] = {"tls/tls12-server.bin", "tls/hrr-client.bin"};
    uint32_t state = 3;

    for (size_t f = 0; f < ARRAY_LEN(files); f++) {
        struct sample sample = sample_read(files[f]);
        struct guard g = guard_new(sample.len);

        for (int i = 0; i < 3000; i++) {
            uint8_t *p = guard_put(&g, sample.data, sample.len);
            struct bytes in = bytes_of(p, sample.len);
            struct tls_stream s;
            struct tls_event e;

            for (uint32_t k = chance(&state) % 4 + 1; k > 0; k--)
                p[chance(&state) % sample.len] = (uint8_t)chance(&state);
            tls_stream_init(&s);
            while (tls_stream_next(&s, &in, &e) < TLS_EVENT_NOT_TLS && e.kind != TLS_EVENT_NONE) {
                struct tls_client_hello h;
                struct tls_certificates c;

                tls_client_hello(e.message.p, bytes_left(&e.message), &h);
                tls_certificates(e.message.p, bytes_left(&e.message), &c);
            }
            ck_assert_int_ne(e.kind, TLS_EVENT_NO_MEMORY);
            tls_stream_free(&s);
        }
        guard_free(&g);
        free(sample.data);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        conversations_are_told_as_they_went,
        splits_change_nothing_and_cuts_are_no_errors,
        streams_that_are_no_tls_say_when_they_stopped_being,
        a_hello_over_many_records_is_put_together,
        application_data_is_counted_and_not_kept,
        damaged_streams_are_survived,
    };

    return run_suite("tls-stream", tests, ARRAY_LEN(tests));
}
