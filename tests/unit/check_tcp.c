/* TCP segments and options (RFC 9293), every truncation; comparison of sequence numbers. */
#include "capture/tcp.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A SYN with MSS 1460, SACK permitted, timestamps, window scale 7, and 3 octets of payload. */
static const uint8_t syn[] = {0x9c, 0x40, 0x01, 0xbb, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00,
                              0x09, 0xa0, 0x02, 0xfa, 0xf0, 0,    0,    0,    0,    0x02, 0x04,
                              0x05, 0xb4, 0x04, 0x02, 0x08, 0x0a, 0,    0,    0,    1,    0,
                              0,    0,    0,    0x01, 0x03, 0x03, 0x07, 'a',  'b',  'c'};

static struct ip_packet packet_of(const uint8_t *bytes, size_t captured, size_t len)
{
    struct ip_packet ip = {.family = AF_INET, .protocol = 6, .len = (uint32_t)len};

    ip.payload = bytes_of(bytes, captured);
    return ip;
}

START_TEST(options_of_a_syn)
{
    struct ip_packet ip = packet_of(syn, sizeof syn, sizeof syn);
    struct tcp_segment s;

    ck_assert_int_eq(tcp_decode(&ip, &s), DECODE_OK);
    ck_assert_uint_eq(s.src_port, 40000);
    ck_assert_uint_eq(s.dst_port, 443);
    ck_assert_uint_eq(s.seq, 5);
    ck_assert_uint_eq(s.ack, 9);
    ck_assert_uint_eq(s.flags, TCP_SYN);
    ck_assert_uint_eq(s.mss, 1460);
    ck_assert_uint_eq(s.wscale, 7);
    ck_assert(s.sack_ok && s.timestamps && !s.dsack);
    ck_assert_uint_eq(s.len, 3);
    ck_assert_mem_eq(s.payload.p, "abc", 3);
}
END_TEST

/* What is cut is truncated up to the fixed header; behind it the segment is known, less its end. */
START_TEST(every_truncation)
{
    for (size_t n = 0; n < sizeof syn; n++) {
        uint8_t *copy = malloc(n + 1);
        struct ip_packet ip = packet_of(copy, n, sizeof syn);
        struct tcp_segment s;

        memcpy(copy, syn, n);
        ck_assert_int_eq(tcp_decode(&ip, &s), n < 20 ? DECODE_TRUNCATED : DECODE_OK);
        if (n >= 20) {
            ck_assert_uint_eq(s.len, 3);
            ck_assert_uint_eq(bytes_left(&s.payload), n > 40 ? n - 40 : 0);
            ck_assert_uint_eq(s.mss, n >= 24 ? 1460 : 0);
        }
        free(copy);
    }
}
END_TEST

START_TEST(a_header_longer_than_the_packet_is_invalid)
{
    struct ip_packet ip = packet_of(syn, 30, 30);
    struct tcp_segment s;

    ck_assert_int_eq(tcp_decode(&ip, &s), DECODE_INVALID);
    ip = packet_of(syn, 10, 10);
    ck_assert_int_eq(tcp_decode(&ip, &s), DECODE_INVALID);
}
END_TEST

START_TEST(an_option_of_length_zero_ends_the_options)
{
    uint8_t bytes[24] = {0};
    struct ip_packet ip = packet_of(bytes, sizeof bytes, sizeof bytes);
    struct tcp_segment s;

    memcpy(bytes, syn, 20);
    bytes[12] = 0x60;
    memcpy(bytes + 20, "\x02\x00\x05\xb4", 4);
    ck_assert_int_eq(tcp_decode(&ip, &s), DECODE_OK);
    ck_assert_uint_eq(s.mss, 0);
}
END_TEST

/* RFC 2883 section 4: below the acknowledgement, or within the second block. */
START_TEST(duplicate_sack)
{
    static const struct {
        uint32_t ack, blocks[4];
        size_t n;
        bool twice;
    } rows[] = {
        {1000, {900, 1000}, 1, true},
        {1000, {1500, 2000}, 1, false},
        {1000, {1500, 2000, 1500, 3000}, 2, true},
        {1000, {1500, 2000, 2500, 3000}, 2, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[20 + 4 + 16] = {0};
        size_t len = 24 + rows[i].n * 8;
        struct ip_packet ip = packet_of(bytes, len, len);
        struct tcp_segment s;
        uint32_t ack = __builtin_bswap32(rows[i].ack);

        memcpy(bytes, syn, 20);
        memcpy(bytes + 8, &ack, 4);
        bytes[12] = (uint8_t)(len / 4 << 4);
        bytes[13] = TCP_ACK;
        bytes[20] = bytes[21] = 1;
        bytes[22] = 5;
        bytes[23] = (uint8_t)(2 + rows[i].n * 8);
        for (size_t k = 0; k < rows[i].n * 2; k++) {
            uint32_t edge = __builtin_bswap32(rows[i].blocks[k]);

            memcpy(bytes + 24 + k * 4, &edge, 4);
        }
        ck_assert_int_eq(tcp_decode(&ip, &s), DECODE_OK);
        ck_assert_msg(s.dsack == rows[i].twice, "row %zu", i);
    }
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
    ck_assert_int_lt(tcp_seq_diff(0xfffffff0, 0x10), 0);
    ck_assert_int_gt(tcp_seq_diff(0x10, 0xfffffff0), 0);
    ck_assert_int_eq(tcp_seq_diff(7, 7), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp");
    TCase *tc = tcase_create("tcp");

    tcase_add_test(tc, options_of_a_syn);
    tcase_add_test(tc, every_truncation);
    tcase_add_test(tc, a_header_longer_than_the_packet_is_invalid);
    tcase_add_test(tc, an_option_of_length_zero_ends_the_options);
    tcase_add_test(tc, duplicate_sack);
    tcase_add_test(tc, sequence_numbers_wrap);
    return run_case(suite, tc);
}
