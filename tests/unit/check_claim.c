/* claim: who says that an address is his, in ARP's and neighbour discovery's words. */
#include "capture/claim.h"
#include "capture/icmp.h"
#include "diag/base/arena.h"
#include "tests/unit/support.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t one[6] = {2, 0, 0, 0, 0, 1}, other[6] = {2, 0, 0, 0, 0, 2};

/* An advertisement of 2001:db8::1, with a nonce (RFC 3971) before the link-layer address. */
static const uint8_t advertisement[] = {
    136,  0, 0,   0,    0x60, 0, 0, 0,                          /* router, solicited, override */
    0x20, 1, 0xd, 0xb8, 0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,  /* target */
    14,   1, 9,   9,    9,    9, 9, 9, 2, 1, 2, 0, 0, 0, 0, 1}; /* nonce; target's address */

static struct ip_packet packet(const uint8_t *message, size_t len)
{
    struct ip_packet ip = {.family = AF_INET6, .protocol = IPPROTO_ICMPV6, .ttl = 255};

    ip.payload = bytes_of(message, len);
    return ip;
}

START_TEST(an_advertisement_names_the_address_of_its_target)
{
    struct ip_packet ip = packet(advertisement, sizeof advertisement);
    struct icmp_neighbour n;

    ck_assert(icmp_neighbour_of(&ip, &n));
    ck_assert(n.reply);
    ck_assert_ptr_nonnull(n.mac);
    ck_assert_mem_eq(n.mac, one, 6);
}
END_TEST

START_TEST(a_solicitation_names_the_address_of_who_asks)
{
    uint8_t message[sizeof advertisement];
    struct ip_packet ip;
    struct icmp_neighbour n;

    memcpy(message, advertisement, sizeof message);
    message[0] = 135;
    ip = packet(message, sizeof message);
    ck_assert(icmp_neighbour_of(&ip, &n));
    ck_assert(!n.reply);
    ck_assert_ptr_null(n.mac); /* that option is the target's */
    message[32] = 1;
    ck_assert(icmp_neighbour_of(&ip, &n));
    ck_assert_ptr_nonnull(n.mac);
}
END_TEST

START_TEST(every_truncation_and_an_option_without_length)
{
    struct icmp_neighbour n;

    for (size_t len = 0; len < sizeof advertisement; len++) {
        uint8_t *copy = malloc(len + 1);
        struct ip_packet ip;

        memcpy(copy, advertisement, len);
        ip = packet(copy, len);
        ck_assert_int_eq(icmp_neighbour_of(&ip, &n), len >= 24);
        if (len >= 24)
            ck_assert_ptr_null(n.mac);
        copy[len] = 0;
        free(copy);
    }
    uint8_t message[sizeof advertisement];
    struct ip_packet ip = packet(message, sizeof message);

    memcpy(message, advertisement, sizeof message);
    message[25] = 0;
    ck_assert(icmp_neighbour_of(&ip, &n));
    ck_assert_ptr_null(n.mac);
}
END_TEST

static struct addr address(const char *text)
{
    struct addr a;

    ck_assert(addr_parse(text, &a));
    return a;
}

START_TEST(an_address_of_two_machines)
{
    struct wire_file file = {.arena = arena_new()};
    struct addr a = address("10.0.0.1"), nobody = address("0.0.0.0");
    static const uint8_t group[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    claims_take(&file, &a, one, 0);
    claims_take(&file, &a, one, 0);
    ck_assert_uint_eq(file.n_claims, 1);
    ck_assert_uint_eq(file.claims[0].n_macs, 1);
    claims_take(&file, &a, group, 0);
    claims_take(&file, &nobody, other, 0);
    claims_take(&file, &a, other, 1); /* another network */
    ck_assert_uint_eq(file.n_claims, 2);
    ck_assert_uint_eq(file.claims[0].n_macs, 1);
    claims_take(&file, &a, other, 0);
    ck_assert_uint_eq(file.claims[0].n_macs, 2);
    ck_assert_mem_eq(file.claims[0].macs[1], other, 6);
    arena_free(file.arena);
}
END_TEST

START_TEST(more_than_fit_are_left_out)
{
    struct wire_file file = {.arena = arena_new()};

    for (unsigned i = 0; i < 2 * CLAIMS_MAX; i++) {
        const uint8_t ip[4] = {10, 0, (uint8_t)(i >> 8), (uint8_t)(i + 1)};
        struct addr a = addr_from_ip(AF_INET, ip, 0);

        for (unsigned k = 0; k < 2 * WIRE_CLAIMANTS; k++) {
            const uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)(k + 1)};

            claims_take(&file, &a, mac, 0);
        }
    }
    ck_assert_uint_eq(file.n_claims, CLAIMS_MAX);
    ck_assert_uint_eq(file.claims[0].n_macs, WIRE_CLAIMANTS);
    arena_free(file.arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("claim");
    TCase *tc = tcase_create("claim");

    tcase_add_test(tc, an_advertisement_names_the_address_of_its_target);
    tcase_add_test(tc, a_solicitation_names_the_address_of_who_asks);
    tcase_add_test(tc, every_truncation_and_an_option_without_length);
    tcase_add_test(tc, an_address_of_two_machines);
    tcase_add_test(tc, more_than_fit_are_left_out);
    return run_case(suite, tc);
}
