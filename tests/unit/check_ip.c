/* IPv4 and IPv6 headers, extension headers, fragments, every truncation; reassembly. */
#include "capture/fragment.h"
#include "capture/ip.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* IPv4 with one option word, TTL 61, TCP, 4 octets of payload, padded by Ethernet. */
static const uint8_t v4[] = {0x46, 0, 0, 28, 0x12, 0x34, 0x40, 0, 61,  6,   0,   0,   10, 0, 0, 5,
                             192,  0, 2, 1,  1,    1,    1,    0, 'd', 'a', 't', 'a', 0,  0, 0};

/* IPv6: hop-by-hop, routing, destination options, then TCP and 4 octets. */
static const uint8_t v6[] = {
    0x60, 0, 0,   0,    0, 28, 0, 57, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0,   0,   0,   0,  0, 0, 0, 5,
    0x20, 1, 0xd, 0xb8, 0, 1,  0, 0,  0,    0, 0,   0,    0, 0, 0, 1, 43,  0,   1,   4,  0, 0, 0, 0,
    60,   0, 0,   0,    0, 0,  0, 0,  6,    0, 1,   4,    0, 0, 0, 0, 'd', 'a', 't', 'a'};

START_TEST(a_header_with_options_and_padding_behind)
{
    struct ip_packet ip;

    ck_assert_int_eq(ip_decode(v4, sizeof v4, sizeof v4, &ip), DECODE_OK);
    ck_assert_int_eq(ip.family, AF_INET);
    ck_assert_uint_eq(ip.ttl, 61);
    ck_assert_uint_eq(ip.id, 0x1234);
    ck_assert(ip.dont_fragment && !ip.fragment);
    ck_assert_uint_eq(ip.len, 4);
    ck_assert_uint_eq(bytes_left(&ip.payload), 4);
    ck_assert_mem_eq(ip.payload.p, "data", 4);
}
END_TEST

START_TEST(extension_headers_are_walked)
{
    struct ip_packet ip;

    ck_assert_int_eq(ip_decode(v6, sizeof v6, sizeof v6, &ip), DECODE_OK);
    ck_assert_int_eq(ip.family, AF_INET6);
    ck_assert_uint_eq(ip.protocol, 6);
    ck_assert_uint_eq(ip.ttl, 57);
    ck_assert_uint_eq(ip.len, 4);
    ck_assert_mem_eq(ip.payload.p, "data", 4);
}
END_TEST

START_TEST(every_truncation)
{
    static const struct {
        const uint8_t *bytes;
        size_t len, head;
    } rows[] = {{v4, 28, 24}, {v6, sizeof v6, 64}};

    for (size_t i = 0; i < 2; i++) {
        for (size_t n = 0; n < rows[i].len; n++) {
            uint8_t *copy = malloc(n + 1);
            struct ip_packet ip;
            enum decode verdict;

            memcpy(copy, rows[i].bytes, n);
            verdict = ip_decode(copy, n, (uint32_t)rows[i].len, &ip);
            ck_assert_msg(verdict == (n < rows[i].head ? DECODE_TRUNCATED : DECODE_OK),
                          "row %zu, %zu octets: %d", i, n, (int)verdict);
            if (verdict == DECODE_OK)
                ck_assert_uint_eq(bytes_left(&ip.payload), n - rows[i].head);
            free(copy);
        }
    }
}
END_TEST

START_TEST(a_length_that_the_network_card_fills_in)
{
    uint8_t copy[sizeof v4];
    struct ip_packet ip;

    memcpy(copy, v4, sizeof v4);
    copy[2] = copy[3] = 0;
    ck_assert_int_eq(ip_decode(copy, sizeof copy, 3000, &ip), DECODE_OK);
    ck_assert_uint_eq(ip.len, 3000 - 24);
}
END_TEST

START_TEST(nonsense_is_invalid)
{
    uint8_t copy[sizeof v4];
    struct ip_packet ip;

    memcpy(copy, v4, sizeof v4);
    copy[0] = 0x44; /* a header of 16 octets */
    ck_assert_int_eq(ip_decode(copy, sizeof copy, sizeof copy, &ip), DECODE_INVALID);
    copy[0] = 0x46;
    copy[3] = 20; /* shorter than its header */
    ck_assert_int_eq(ip_decode(copy, sizeof copy, sizeof copy, &ip), DECODE_INVALID);
    copy[0] = 0x56;
    ck_assert_int_eq(ip_decode(copy, sizeof copy, sizeof copy, &ip), DECODE_INVALID);
}
END_TEST

/* Extension headers that follow each other for ever end. */
START_TEST(a_long_chain_of_headers_is_invalid)
{
    uint8_t bytes[40 + 8 * 40] = {0x60};
    struct ip_packet ip;

    bytes[4] = (8 * 40) >> 8;
    bytes[5] = (8 * 40) & 0xff;
    bytes[6] = 60;
    for (int i = 0; i < 40; i++)
        bytes[40 + 8 * i] = 60;
    ck_assert_int_eq(ip_decode(bytes, sizeof bytes, sizeof bytes, &ip), DECODE_INVALID);
}
END_TEST

/* --- fragments --- */

static struct ip_packet fragment(uint16_t offset, const char *text, bool more)
{
    struct ip_packet ip = {.family = AF_INET, .protocol = 17, .id = 7, .offset = offset};

    ip.fragment = true;
    ip.more = more;
    ip.len = (uint32_t)strlen(text);
    ip.payload = bytes_of(text, strlen(text));
    return ip;
}

START_TEST(fragments_in_any_order_become_the_packet)
{
    static const char *const parts[] = {"01234567", "89abcdef", "end"};
    static const int orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}, {2, 0, 1}};

    for (size_t i = 0; i < 4; i++) {
        struct fragments *f = fragments_new();
        struct ip_packet ip;

        for (int k = 0; k < 3; k++) {
            int n = orders[i][k];

            ip = fragment((uint16_t)(n * 8), parts[n], n < 2);
            ck_assert(fragments_take(f, &ip, k) == (k == 2));
        }
        ck_assert_uint_eq(ip.len, 19);
        ck_assert_mem_eq(ip.payload.p, "0123456789abcdefend", 19);
        ck_assert(!ip.fragment);
        ck_assert_uint_eq(fragments_lost(f), 0);
        fragments_free(f);
    }
}
END_TEST

START_TEST(overlapping_fragments_are_dropped)
{
    struct fragments *f = fragments_new();
    struct ip_packet ip = fragment(0, "0123456789abcdef", true);

    ck_assert(!fragments_take(f, &ip, 0));
    ip = fragment(8, "XXXXXXXX", false);
    ck_assert(!fragments_take(f, &ip, 0));
    ck_assert_uint_eq(fragments_lost(f), 1);
    fragments_free(f);
}
END_TEST

START_TEST(fragments_that_never_end_are_bounded)
{
    struct fragments *f = fragments_new();

    for (uint32_t i = 0; i < 1000; i++) {
        struct ip_packet ip = fragment(0, "01234567", true);

        ip.id = i;
        ck_assert(!fragments_take(f, &ip, i));
    }
    ck_assert_uint_eq(fragments_lost(f), 1000);
    fragments_free(f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ip");
    TCase *tc = tcase_create("ip");

    tcase_add_test(tc, a_header_with_options_and_padding_behind);
    tcase_add_test(tc, extension_headers_are_walked);
    tcase_add_test(tc, every_truncation);
    tcase_add_test(tc, a_length_that_the_network_card_fills_in);
    tcase_add_test(tc, nonsense_is_invalid);
    tcase_add_test(tc, a_long_chain_of_headers_is_invalid);
    tcase_add_test(tc, fragments_in_any_order_become_the_packet);
    tcase_add_test(tc, overlapping_fragments_are_dropped);
    tcase_add_test(tc, fragments_that_never_end_are_bounded);
    return run_case(suite, tc);
}
