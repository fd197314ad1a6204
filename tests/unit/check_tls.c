/*
 * TLS in the clear: real conversations of OpenSSL 3.0 (tests/unit/data/tls), hostile lengths, and
 * every cut and split.
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
        e = tls_stream_next(s, &in);
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

static struct bytes first_message(const struct sample *s)
{
    return bytes_of(s->data + TLS_RECORD_HEADER, s->len - TLS_RECORD_HEADER);
}

static bool equals(const struct bytes *b, const char *text)
{
    return b->p != NULL && bytes_left(b) == strlen(text) && memcmp(b->p, text, strlen(text)) == 0;
}

START_TEST(a_client_hello_says_what_is_wanted)
{
    struct sample s = sample_read("tls/tls13-client.bin");
    struct bytes m = first_message(&s);
    struct tls_client_hello h;

    ck_assert_int_eq(tls_client_hello(m.p, 512, &h), DECODE_OK);
    ck_assert_uint_eq(h.len, 512);
    ck_assert_uint_eq(h.legacy_version, TLS_12);
    ck_assert_uint_eq(h.max_version, TLS_13);
    ck_assert_uint_eq(h.n_versions, 2);
    ck_assert(equals(&h.sni, "contoso.azure-devices.net"));
    ck_assert_uint_eq(h.n_alpn, 2);
    ck_assert(equals(&h.alpn[0], "h2") && equals(&h.alpn[1], "http/1.1"));
    ck_assert_uint_eq(h.n_key_shares, 1);
    ck_assert_uint_eq(h.key_shares[0], 0x001d);
    ck_assert_uint_eq(h.key_share_len, 32);
    ck_assert_uint_eq(h.session_id_len, 32);
    ck_assert_uint_gt(h.n_ciphers, 3);
    ck_assert(h.sni_extension && !h.ech && !h.psk && !h.early_data);
    free(s.data);
}
END_TEST

START_TEST(every_truncation_of_a_client_hello_keeps_what_it_has)
{
    struct sample s = sample_read("tls/tls13-client.bin");
    struct guard g = guard_new(512);
    struct bytes m = first_message(&s);
    size_t sni_from = 0;

    for (size_t len = 0; len < 512; len++) {
        struct tls_client_hello h;

        ck_assert_msg(tls_client_hello(guard_put(&g, m.p, len), len, &h) == DECODE_TRUNCATED,
                      "at %zu", len);
        if (h.sni.p != NULL) {
            ck_assert(equals(&h.sni, "contoso.azure-devices.net"));
            sni_from = sni_from == 0 ? len : sni_from;
        } else {
            ck_assert_uint_eq(sni_from, 0);
        }
    }
    ck_assert_uint_gt(sni_from, 100);
    guard_free(&g);
    free(s.data);
}
END_TEST

START_TEST(server_hellos_of_all_kinds_are_read)
{
    struct sample s12 = sample_read("tls/tls12-server.bin");
    struct sample s13 = sample_read("tls/tls13-server.bin");
    struct sample retry = sample_read("tls/hrr-server.bin");
    struct tls_server_hello h;
    char name[TLS_NAME_ROOM];

    ck_assert_int_eq(tls_server_hello(first_message(&s12).p, 80, &h), DECODE_OK);
    ck_assert_uint_eq(h.version, TLS_12);
    ck_assert_str_eq(tls_cipher_name(h.cipher, name), "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    ck_assert(equals(&h.alpn, "http/1.1"));
    ck_assert_uint_eq(h.group, 0);
    ck_assert(!h.hello_retry_request);

    ck_assert_int_eq(tls_server_hello(first_message(&s13).p, 122, &h), DECODE_OK);
    ck_assert_uint_eq(h.version, TLS_13);
    ck_assert_str_eq(tls_cipher_name(h.cipher, name), "TLS_AES_256_GCM_SHA384");
    ck_assert_str_eq(tls_group_name(h.group, name), "x25519");
    ck_assert(!h.downgrade);

    ck_assert_int_eq(tls_server_hello(first_message(&retry).p, 88, &h), DECODE_OK);
    ck_assert(h.hello_retry_request);
    ck_assert_uint_eq(h.version, TLS_13);
    ck_assert_str_eq(tls_group_name(h.group, name), "secp384r1");
    free(s12.data);
    free(s13.data);
    free(retry.data);
}
END_TEST

/* The message of that type in a sample of TLS 1.2 whose messages have a record each. */
static struct bytes message_of(const struct sample *s, uint8_t type)
{
    struct bytes in = bytes_of(s->data, s->len);
    struct tls_record r;

    while (tls_record(&in, &r) == DECODE_OK) {
        if (r.type == TLS_HANDSHAKE && r.fragment.p[0] == type)
            return r.fragment;
    }
    ck_abort_msg("no message %u", type);
    return in;
}

START_TEST(messages_of_tls12_are_truncated_at_every_octet)
{
    struct sample s = sample_read("tls/tls12-server.bin");
    struct bytes hello = message_of(&s, TLS_SERVER_HELLO);
    struct bytes chain = message_of(&s, TLS_CERTIFICATE);
    struct guard g = guard_new(4096);
    struct tls_server_hello h;
    struct tls_certificates c;

    ck_assert_int_eq(tls_certificates(chain.p, bytes_left(&chain), &c), DECODE_OK);
    ck_assert_uint_eq(c.n, 2);
    ck_assert_uint_eq(c.der[0].p[0], 0x30);
    ck_assert_ptr_eq(c.der[1].end, chain.end);
    for (size_t n = 0; n < bytes_left(&hello); n++)
        ck_assert_int_eq(tls_server_hello(guard_put(&g, hello.p, n), n, &h), DECODE_TRUNCATED);
    for (size_t n = 0; n < bytes_left(&chain); n++) {
        const uint8_t *p = guard_put(&g, chain.p, n);

        ck_assert_int_eq(tls_certificates(p, n, &c), DECODE_TRUNCATED);
        for (size_t k = 0; k < c.n; k++)
            ck_assert(c.der[k].p > p && c.der[k].end <= p + n);
    }
    guard_free(&g);
    free(s.data);
}
END_TEST

/*
 * A well-formed hello, put together so that single octets can be bent:
 * offsets: 4 version, 38 session length, 39 suites, 43 compression, 45 extensions, 47 first type.
 */
static size_t small_hello(uint8_t *to, const char *extensions, size_t len)
{
    uint8_t *p = to;

    memset(p, 0, 47);
    p[0] = TLS_CLIENT_HELLO;
    p[3] = (uint8_t)(43 + len);
    p[4] = p[5] = 3;
    p[40] = 2;
    p[41] = 0x13;
    p[42] = 1;
    p[43] = 1;
    p[46] = (uint8_t)len;
    memcpy(p + 47, extensions, len);
    return 47 + len;
}

START_TEST(lengths_that_contradict_each_other_are_invalid)
{
    static const struct {
        const char *what, *extensions;
        size_t len;
    } cases[] = {
#define CASE(what, literal) {what, literal, sizeof(literal) - 1}
        CASE("a name list longer than its extension", "\0\0\0\5\0\4\0\0\1"),
        CASE("a name longer than its list", "\0\0\0\6\0\4\0\0\2a"),
        CASE("an extension longer than the list", "\0\0\0\7\0\4\0\0\1a"),
        CASE("octets behind the name list", "\0\0\0\7\0\4\0\0\1aX"),
        CASE("half an extension", "\0\0\0"),
        CASE("pre_shared_key twice", "\0\x29\0\0\0\x29\0\0"),
        CASE("a protocol without a name", "\0\x10\0\3\0\1\0"),
        CASE("a protocol longer than its list", "\0\x10\0\4\0\2\2h"),
        CASE("half a version", "\0\x2b\0\2\1\3"),
        CASE("a key longer than its list", "\0\x33\0\6\0\4\0\x1d\0\1"),
#undef CASE
    };
    struct tls_client_hello h;
    uint8_t m[128];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = small_hello(m, cases[i].extensions, cases[i].len);

        ck_assert_msg(tls_client_hello(m, len, &h) == DECODE_INVALID, "%s", cases[i].what);
    }
    ck_assert_int_eq(tls_client_hello(m, small_hello(m, "\0\0\0\6\0\4\0\0\1a", 10), &h), DECODE_OK);
    ck_assert(equals(&h.sni, "a"));
}
END_TEST

START_TEST(broken_hellos_are_invalid)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *what;
    } cases[] = {
        {0, 2, "another message"},
        {1, 0xff, "a message of 16 MiB"},
        {4, 2, "version 2.3"},
        {38, 33, "a session of 33 octets"},
        {40, 3, "one and a half suites"},
        {40, 0, "no suites"},
        {43, 0, "no compression"},
        {46, 9, "extensions too short"},
        {46, 11, "extensions too long"},
        {3, 52, "a message too short"},
    };
    struct tls_client_hello h;
    uint8_t m[128];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t len = small_hello(m, "\0\0\0\6\0\4\0\0\1a", 10);

        m[cases[i].at] = cases[i].value;
        ck_assert_msg(tls_client_hello(m, len, &h) == DECODE_INVALID, "%s", cases[i].what);
    }
}
END_TEST

START_TEST(grease_and_strange_extensions_are_read_over)
{
    static const char extensions[] = "\x0a\x0a\0\0"
                                     "\0\x2b\0\7\6\x7a\x7a\3\4\3\3"
                                     "\0\x33\0\x0b\0\x09\x1a\x1a\0\1\0\0\x1d\0\0"
                                     "\xfe\x0d\0\1\0"
                                     "\0\x2a\0\0"
                                     "\xff\xff\0\2hi"
                                     "\0\x29\0\1x";
    struct tls_client_hello h;
    uint8_t m[128];

    ck_assert_int_eq(tls_client_hello(m, small_hello(m, extensions, sizeof extensions - 1), &h),
                     DECODE_OK);
    ck_assert_uint_eq(h.n_versions, 2);
    ck_assert_uint_eq(h.max_version, TLS_13);
    ck_assert_uint_eq(h.n_key_shares, 1);
    ck_assert_uint_eq(h.key_share_len, 1);
    ck_assert(h.ech && h.psk && h.early_data && !h.sni_extension);
    ck_assert(tls_is_grease(0xfafa) && !tls_is_grease(0xfa0a) && !tls_is_grease(0x0a1a));
}
END_TEST

START_TEST(a_hello_of_old_has_no_extensions)
{
    struct tls_client_hello h;
    uint8_t m[128];

    small_hello(m, "", 0);
    m[3] = 41;
    m[5] = 1;
    ck_assert_int_eq(tls_client_hello(m, 45, &h), DECODE_OK);
    ck_assert_uint_eq(h.max_version, TLS_10);
    ck_assert_ptr_null(h.sni.p);
}
END_TEST

START_TEST(a_talked_down_server_says_so)
{
    struct sample s = sample_read("tls/tls12-server.bin");
    uint8_t m[80];
    struct tls_server_hello h;

    memcpy(m, first_message(&s).p, sizeof m);
    memcpy(m + 6 + 24, "DOWNGRD\1", 8);
    ck_assert_int_eq(tls_server_hello(m, sizeof m, &h), DECODE_OK);
    ck_assert(h.downgrade);
    m[6 + 31] = 2;
    ck_assert_int_eq(tls_server_hello(m, sizeof m, &h), DECODE_OK);
    ck_assert(!h.downgrade);
    free(s.data);
}
END_TEST

START_TEST(first_bytes_tell_tls_from_everything_else)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum decode verdict;
    } cases[] = {
        {"", 0, DECODE_TRUNCATED},
        {"\x16", 1, DECODE_TRUNCATED},
        {"\x16\3", 2, DECODE_TRUNCATED},
        {"\x16\3\1\2", 4, DECODE_TRUNCATED},
        {"\x16\3\1\2\0", 5, DECODE_OK},
        {"\x16\3\3\x48\0\1", 6, DECODE_OK},
        {"\x16\3\3\x48\1", 5, DECODE_INVALID},
        {"\x16\3\3\x49", 4, DECODE_INVALID},
        {"\x16\3\3\0\0", 5, DECODE_INVALID},
        {"\x15\3\1\0\2\2\x28", 7, DECODE_OK},
        {"\x15\3\1\0\x1a", 5, DECODE_INVALID},
        {"\x16\2", 2, DECODE_INVALID},
        {"\x16\3\5", 3, DECODE_INVALID},
        {"\x14\3\3\0\1\1", 6, DECODE_INVALID},
        {"\x17\3\3\0\1\1", 6, DECODE_INVALID},
        {"HTTP/1.1 200 OK", 15, DECODE_INVALID},
        {"\0", 1, DECODE_INVALID},
        {"\x80\x2e\1\3\1", 5, DECODE_INVALID},
    };
    struct guard g = guard_new(64);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        ck_assert_msg(tls_looks_like(guard_put(&g, cases[i].bytes, cases[i].len), cases[i].len) ==
                          cases[i].verdict,
                      "case %zu", i);
    guard_free(&g);
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
    struct bytes m = first_message(&s);
    char events[256] = "";
    struct tls_stream stream;
    struct tls_client_hello h;
    struct bytes part;

    tls_stream_init(&stream);
    for (size_t i = 0; i < 512; i++) {
        uint8_t record[6] = {TLS_HANDSHAKE, 3, 1, 0, 1, m.p[i]};

        part = tls_stream_partial(&stream);
        ck_assert_uint_eq(bytes_left(&part), i);
        feed(&stream, record, sizeof record, events, sizeof events);
        if (i == 300) {
            part = tls_stream_partial(&stream);
            ck_assert_int_eq(tls_client_hello(part.p, bytes_left(&part), &h), DECODE_TRUNCATED);
            ck_assert(equals(&h.sni, "contoso.azure-devices.net"));
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

START_TEST(names_are_those_of_the_registries)
{
    char to[TLS_NAME_ROOM];
    unsigned alerts = 0;

    ck_assert_str_eq(tls_alert_name(40), "handshake_failure");
    ck_assert_str_eq(tls_alert_name(116), "certificate_required");
    ck_assert_ptr_null(tls_alert_name(1));
    for (unsigned i = 0; i < 256; i++)
        alerts += tls_alert_name(i) != NULL;
    ck_assert_uint_eq(alerts, 37);
    ck_assert_str_eq(tls_version_name(0x0304, to), "TLSv1.3");
    ck_assert_str_eq(tls_version_name(0x7f1c, to), "0x7f1c");
    ck_assert_str_eq(tls_cipher_name(0x1301, to), "TLS_AES_128_GCM_SHA256");
    ck_assert_str_eq(tls_cipher_name(0x0001, to), "TLS_RSA_WITH_NULL_MD5");
    ck_assert_str_eq(tls_cipher_name(0xcca9, to), "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");
    ck_assert_str_eq(tls_cipher_name(0xfefe, to), "0xfefe");
    ck_assert_str_eq(tls_group_name(0x11ec, to), "X25519MLKEM768");
    ck_assert_str_eq(tls_group_name(1, to), "0x0001");
    ck_assert_ptr_null(tls_message_name(5000));
}
END_TEST

START_TEST(cipher_numbers_ascend)
{
    static const unsigned numbers[] = {
#define CIPHER(number, name) number,
#include "diag/proto/tls_cipher.def"
#undef CIPHER
    };

    /* They are looked up by bisection. */
    for (size_t i = 1; i < ARRAY_LEN(numbers); i++)
        ck_assert_uint_lt(numbers[i - 1], numbers[i]);
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
            while ((e = tls_stream_next(&s, &in)).kind < TLS_EVENT_NOT_TLS &&
                   e.kind != TLS_EVENT_NONE) {
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
        a_client_hello_says_what_is_wanted,
        every_truncation_of_a_client_hello_keeps_what_it_has,
        server_hellos_of_all_kinds_are_read,
        messages_of_tls12_are_truncated_at_every_octet,
        lengths_that_contradict_each_other_are_invalid,
        broken_hellos_are_invalid,
        grease_and_strange_extensions_are_read_over,
        a_hello_of_old_has_no_extensions,
        a_talked_down_server_says_so,
        first_bytes_tell_tls_from_everything_else,
        streams_that_are_no_tls_say_when_they_stopped_being,
        a_hello_over_many_records_is_put_together,
        application_data_is_counted_and_not_kept,
        names_are_those_of_the_registries,
        cipher_numbers_ascend,
        damaged_streams_are_survived,
    };

    return run_suite("tls", tests, ARRAY_LEN(tests));
}
