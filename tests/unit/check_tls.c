/*
 * Messages of TLS in the clear: real ones of OpenSSL 3.0 (tests/unit/data/tls), hostile lengths,
 * and every cut.
 */
#include "diag/proto/tls_stream.h"
#include "tests/unit/support.h"

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

int main(void)
{
    const TTest *const tests[] = {
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
        names_are_those_of_the_registries,
        cipher_numbers_ascend,
    };

    return run_suite("tls", tests, ARRAY_LEN(tests));
}
