/* The flow table: both directions are one flow, growth, bound, ports used again, hash. */
#include "capture/flow.h"
#include "capture/siphash.h"
#include "tests/unit/support.h"

#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static struct flow_table table;

static void address(uint8_t to[16], uint32_t n)
{
    memset(to, 0, 16);
    memcpy(to, &n, 4);
}

static struct wire_flow *add(uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port)
{
    uint8_t a[16], b[16];
    struct flow_key key;
    bool src_is_a;

    address(a, src);
    address(b, dst);
    src_is_a = flow_key_of(&key, false, IPPROTO_TCP, a, src_port, b, dst_port);
    return flow_add(&table, &key, flow_hash(&table, &key), src_is_a);
}

static struct wire_flow *find(uint32_t src, uint16_t src_port, uint32_t dst, uint16_t dst_port)
{
    uint8_t a[16], b[16];
    struct flow_key key;

    address(a, src);
    address(b, dst);
    flow_key_of(&key, false, IPPROTO_TCP, a, src_port, b, dst_port);
    return flow_find(&table, &key, flow_hash(&table, &key));
}

START_TEST(both_directions_are_one_flow)
{
    uint8_t a[16], b[16];
    struct flow_key key;
    struct wire_flow *f;

    ck_assert_int_eq(flow_table_init(&table, 0), 0);
    f = add(2, 40000, 1, 443);
    ck_assert_ptr_eq(find(2, 40000, 1, 443), f);
    ck_assert_ptr_eq(find(1, 443, 2, 40000), f);
    ck_assert_ptr_null(find(2, 443, 1, 40000));
    address(a, 2);
    address(b, 1);
    ck_assert_uint_eq(f->src_port, 40000); /* whoever began */
    ck_assert_int_eq(flow_direction(f, flow_key_of(&key, false, IPPROTO_TCP, a, 40000, b, 443)), 0);
    ck_assert_int_eq(flow_direction(f, flow_key_of(&key, false, IPPROTO_TCP, b, 443, a, 40000)), 1);
    flow_table_free(&table);
}
END_TEST

/* Addresses of IPv6 that differ in one octet, wherever it is, are other ends. */
START_TEST(every_octet_of_an_address_counts)
{
    uint8_t a[16] = {0x20}, b[16] = {0x20, 1};
    struct flow_key key;
    bool src_is_a;

    ck_assert_int_eq(flow_table_init(&table, 0), 0);
    src_is_a = flow_key_of(&key, true, IPPROTO_TCP, a, 40000, b, 443);
    ck_assert_ptr_nonnull(flow_add(&table, &key, flow_hash(&table, &key), src_is_a));
    for (int i = 0; i < 16; i++) {
        b[i] ^= 0x80;
        flow_key_of(&key, true, IPPROTO_TCP, a, 40000, b, 443);
        ck_assert_ptr_null(flow_find(&table, &key, flow_hash(&table, &key)));
        b[i] ^= 0x80;
    }
    flow_key_of(&key, true, IPPROTO_TCP, b, 443, a, 40000);
    ck_assert_ptr_nonnull(flow_find(&table, &key, flow_hash(&table, &key)));
    flow_key_of(&key, false, IPPROTO_TCP, b, 443, a, 40000); /* the same octets as IPv4 */
    ck_assert_ptr_null(flow_find(&table, &key, flow_hash(&table, &key)));
    flow_table_free(&table);
}
END_TEST

START_TEST(equal_addresses_are_told_apart_by_port)
{
    struct wire_flow *f;

    ck_assert_int_eq(flow_table_init(&table, 0), 0);
    f = add(7, 50000, 7, 443); /* on the loopback both ends are the same */
    ck_assert_ptr_eq(find(7, 443, 7, 50000), f);
    ck_assert_uint_eq(f->src_port, 50000);
    flow_table_free(&table);
}
END_TEST

START_TEST(it_grows_and_forgets_nothing)
{
    enum { N = 100000 };

    ck_assert_int_eq(flow_table_init(&table, 0), 0);
    for (uint32_t i = 0; i < N; i++)
        ck_assert_ptr_nonnull(add(i, (uint16_t)(i * 7), i + 1, 443));
    for (uint32_t i = 0; i < N; i++) {
        struct wire_flow *f = find(i + 1, 443, i, (uint16_t)(i * 7));

        ck_assert_ptr_nonnull(f);
        ck_assert_uint_eq(f->src_port, (uint16_t)(i * 7));
    }
    ck_assert_uint_eq(table.n, N);
    flow_table_free(&table);
}
END_TEST

START_TEST(it_is_bounded)
{
    ck_assert_int_eq(flow_table_init(&table, 10), 0);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_ptr_nonnull(add(i, 1, 100, 443));
    ck_assert_ptr_null(add(50, 1, 100, 443));
    ck_assert_ptr_nonnull(find(3, 1, 100, 443));
    ck_assert_uint_eq(table.n, 10);
    flow_table_free(&table);
}
END_TEST

START_TEST(ports_used_again_stand_in_front_of_the_old_flow)
{
    struct wire_flow *old, *fresh;

    ck_assert_int_eq(flow_table_init(&table, 0), 0);
    old = add(2, 40000, 1, 443);
    fresh = add(2, 40000, 1, 443);
    ck_assert_ptr_ne(old, fresh);
    ck_assert_ptr_eq(find(2, 40000, 1, 443), fresh);
    ck_assert_uint_eq(fresh->older, 1);
    ck_assert_uint_eq(old->older, 0);
    flow_table_free(&table);
}
END_TEST

/* Nobody can prepare collisions: another table, another order. */
START_TEST(every_table_has_a_key_of_its_own)
{
    struct flow_table other;

    ck_assert_int_eq(flow_table_init(&table, 0), 0);
    ck_assert_int_eq(flow_table_init(&other, 0), 0);
    ck_assert_int_ne(memcmp(table.secret, other.secret, sizeof other.secret), 0);
    flow_table_free(&table);
    flow_table_free(&other);
}
END_TEST

/* The empty message with the key 00..0f, as the SipHash-1-3 of other programs has it. */
START_TEST(the_hash_is_siphash_1_3)
{
    uint8_t key[16], message[15];
    uint64_t secret[2];

    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 15; i++)
        message[i] = i;
    memcpy(secret, key, sizeof secret);
    ck_assert_uint_eq(siphash(secret, message, 0), 0xabac0158050fc4dcull);
    ck_assert_uint_ne(siphash(secret, message, 15), siphash(secret, message, 14));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flow");
    TCase *tc = tcase_create("flow");

    tcase_add_test(tc, both_directions_are_one_flow);
    tcase_add_test(tc, every_octet_of_an_address_counts);
    tcase_add_test(tc, equal_addresses_are_told_apart_by_port);
    tcase_add_test(tc, it_grows_and_forgets_nothing);
    tcase_add_test(tc, it_is_bounded);
    tcase_add_test(tc, ports_used_again_stand_in_front_of_the_old_flow);
    tcase_add_test(tc, every_table_has_a_key_of_its_own);
    tcase_add_test(tc, the_hash_is_siphash_1_3);
    return run_case(suite, tc);
}
