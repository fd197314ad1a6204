/* Addresses: what is one, how it is written, what it is good for. */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "tests/unit/support.h"

START_TEST(addresses_are_read_and_written_back)
{
    static const struct {
        const char *text, *back;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"::", "::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"fe80::1%lo", "fe80::1%lo"},
        {"fe80::1%4000000000", "fe80::1%4000000000"},
        {"fe80::1%1", "fe80::1%lo"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char to[ADDR_TEXT];
        struct addr a;

        ck_assert_msg(addr_parse(cases[i].text, &a), "%s", cases[i].text);
        ck_assert_str_eq(addr_text(&a, to), cases[i].back);
        ck_assert_uint_eq(a.port, 0);
    }
}
END_TEST

START_TEST(what_is_no_address_leaves_the_target_alone)
{
    static const char *const texts[] = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.04 ",
        " 1.2.3.4",
        "0x1.2.3.4",
        "1.2.3.4%lo",
        "fe80::1%",
        "fe80::1%no-such-if",
        "::1::",
        "[::1]",
        "1.2.3.4:5",
        "example.net",
        "12345::",
        ":::",
        "fe80::1%4294967296",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct addr a = {.family = 77};

        ck_assert_msg(!addr_parse(texts[i], &a), "%s", texts[i]);
        ck_assert_int_eq(a.family, 77);
    }
}
END_TEST

START_TEST(ports_are_read_with_and_without_brackets)
{
    static const struct {
        const char *text, *back;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1:53"},
        {"192.0.2.1:5353", "192.0.2.1:5353"},
        {"2001:db8::1", "[2001:db8::1]:53"},
        {"[2001:db8::1]", "[2001:db8::1]:53"},
        {"[2001:db8::1]:65535", "[2001:db8::1]:65535"},
        {"[fe80::1%lo]:53", "[fe80::1%lo]:53"},
        {"2001:db8::1:80", "[2001:db8::1:80]:53"}, /* an address as it stands */
    };
    static const char *const wrong[] = {
        "",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:+1",
        "[::1",
        "[::1]x",
        "[::1]:",
        "[::1]:99999",
        "::1]:80",
        "[192.0.2.1]:80",
        "[]:80",
        ":80",
        "host:80",
        "192.0.2.1:8 0",
        "[[::1]]:80",
        "[::1]:80:80",
        "192.0.2.1:18446744073709551617",
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char to[ADDR_TEXT];
        struct addr a;

        ck_assert_msg(addr_parse_port(cases[i].text, 53, &a), "%s", cases[i].text);
        ck_assert_str_eq(addr_port_text(&a, to), cases[i].back);
    }
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct addr a = {.family = 77};

        ck_assert_msg(!addr_parse_port(wrong[i], 53, &a), "%s", wrong[i]);
        ck_assert_int_eq(a.family, 77);
    }
}
END_TEST

START_TEST(the_kernels_form_and_back_is_the_same)
{
    static const char *const texts[] = {"192.0.2.1:80", "[2001:db8::1]:443", "[fe80::1%lo]:53"};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct addr none;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct sockaddr_storage ss;
        struct addr a, b;

        ck_assert(addr_parse_port(texts[i], 0, &a));
        ck_assert_uint_eq(addr_to_sockaddr(&a, &ss), a.family == AF_INET
                                                         ? sizeof(struct sockaddr_in)
                                                         : sizeof(struct sockaddr_in6));
        ck_assert(addr_from_sockaddr((struct sockaddr *)&ss, &b));
        ck_assert(addr_equal(&a, &b));
        ck_assert_uint_eq(a.scope, b.scope);
    }
    ck_assert(!addr_from_sockaddr(&other, &none));
}
END_TEST

START_TEST(a_mapped_address_is_its_ipv4_address)
{
    struct addr v4, v6, other;

    ck_assert(addr_parse_port("192.0.2.1:80", 0, &v4));
    ck_assert(addr_parse_port("[::ffff:192.0.2.1]:80", 0, &v6));
    ck_assert(addr_parse("192.0.2.2", &other));
    ck_assert(addr_same_ip(&v4, &v6) && addr_equal(&v6, &v4));
    ck_assert(!addr_same_ip(&v4, &other));
    v6.port = 81;
    ck_assert(addr_same_ip(&v4, &v6) && !addr_equal(&v4, &v6));
}
END_TEST

START_TEST(an_address_of_dns64_has_one_inside)
{
    struct addr a, inside;
    char to[ADDR_TEXT];

    ck_assert(addr_parse("64:ff9b::1431:6d0a", &a));
    ck_assert(addr_translated(&a, &inside));
    ck_assert_str_eq(addr_text(&inside, to), "20.49.109.10");
    ck_assert_int_eq(inside.port, 0);
    ck_assert(!addr_same_ip(&a, &inside));
    ck_assert(addr_parse("64:ff9b:1:fffe::1431:6d0a", &a)); /* a prefix of the site's own */
    ck_assert(addr_translated(&a, &inside));
    ck_assert_str_eq(addr_text(&inside, to), "20.49.109.10");
    ck_assert(addr_parse("64:ff9b:2::1431:6d0a", &a));
    ck_assert(!addr_translated(&a, &inside));
    ck_assert(addr_parse("64:ff9b:1:1431:6d:a00::", &a)); /* behind a prefix of 48 bits */
    ck_assert(!addr_translated(&a, &inside));
    ck_assert(addr_parse("64:ff9b:1:0:14:316d:a00::", &a)); /* ... and of 64 */
    ck_assert(!addr_translated(&a, &inside));
    ck_assert(addr_parse("0.100.255.155", &a)); /* the same octets, of the other family */
    ck_assert(!addr_translated(&a, &inside));
}
END_TEST

START_TEST(every_special_range_is_known_at_its_edges)
{
    static const struct {
        const char *text;
        enum addr_kind kind;
    } cases[] = {
        {"0.0.0.0", ADDR_UNSPECIFIED},
        {"0.255.255.255", ADDR_UNSPECIFIED},
        {"1.0.0.0", ADDR_PUBLIC},
        {"9.255.255.255", ADDR_PUBLIC},
        {"10.0.0.0", ADDR_PRIVATE},
        {"10.255.255.255", ADDR_PRIVATE},
        {"11.0.0.0", ADDR_PUBLIC},
        {"100.63.255.255", ADDR_PUBLIC},
        {"100.64.0.0", ADDR_PRIVATE},
        {"100.127.255.255", ADDR_PRIVATE},
        {"100.128.0.0", ADDR_PUBLIC},
        {"127.0.0.1", ADDR_LOOPBACK},
        {"127.255.255.255", ADDR_LOOPBACK},
        {"128.0.0.0", ADDR_PUBLIC},
        {"169.254.0.0", ADDR_LINK_LOCAL},
        {"169.255.0.0", ADDR_PUBLIC},
        {"172.15.255.255", ADDR_PUBLIC},
        {"172.16.0.0", ADDR_PRIVATE},
        {"172.31.255.255", ADDR_PRIVATE},
        {"172.32.0.0", ADDR_PUBLIC},
        {"192.0.2.1", ADDR_RESERVED},
        {"192.167.255.255", ADDR_PUBLIC},
        {"192.168.0.0", ADDR_PRIVATE},
        {"192.169.0.0", ADDR_PUBLIC},
        {"198.17.255.255", ADDR_PUBLIC},
        {"198.18.0.0", ADDR_RESERVED},
        {"198.19.255.255", ADDR_RESERVED},
        {"198.20.0.0", ADDR_PUBLIC},
        {"223.255.255.255", ADDR_PUBLIC},
        {"224.0.0.0", ADDR_MULTICAST},
        {"239.255.255.255", ADDR_MULTICAST},
        {"240.0.0.0", ADDR_RESERVED},
        {"255.255.255.255", ADDR_RESERVED},
        {"20.50.1.2", ADDR_PUBLIC},
        {"::", ADDR_UNSPECIFIED},
        {"::1", ADDR_LOOPBACK},
        {"::2", ADDR_PUBLIC},
        {"::ffff:10.0.0.1", ADDR_PRIVATE},
        {"::ffff:127.0.0.1", ADDR_LOOPBACK},
        {"100::1", ADDR_RESERVED},
        {"100:0:0:1::", ADDR_PUBLIC},
        {"2001:db8::1", ADDR_RESERVED},
        {"2001:db9::1", ADDR_PUBLIC},
        {"3fff:fff::", ADDR_RESERVED},
        {"3fff:1000::", ADDR_PUBLIC},
        {"fbff::", ADDR_PUBLIC},
        {"fc00::", ADDR_PRIVATE},
        {"fdff::", ADDR_PRIVATE},
        {"fe00::", ADDR_PUBLIC},
        {"fe80::1", ADDR_LINK_LOCAL},
        {"febf::1", ADDR_LINK_LOCAL},
        {"fec0::1", ADDR_PRIVATE},
        {"ff02::1", ADDR_MULTICAST},
        {"2603:1030::1", ADDR_PUBLIC},
        {"64:ff9b::20.49.109.10", ADDR_PUBLIC}, /* what DNS64 makes is of the kind inside */
        {"64:ff9b::10.0.0.4", ADDR_PRIVATE},
        {"64:ff9b::127.0.0.1", ADDR_LOOPBACK},
        {"64:ff9b::1:10.0.0.4", ADDR_PUBLIC},     /* not of the prefix of 96 bits */
        {"64:ff9b:1::20.49.109.10", ADDR_PUBLIC}, /* of the site's own translator */
        {"64:ff9b:1::10.0.0.4", ADDR_PRIVATE},
    };
    struct addr none = {.family = 0};
    char to[ADDR_TEXT];

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct addr a;

        ck_assert(addr_parse(cases[i].text, &a));
        ck_assert_msg(addr_kind(&a) == cases[i].kind, "%s", cases[i].text);
    }
    ck_assert_int_eq(addr_kind(&none), ADDR_UNSPECIFIED);
    ck_assert_str_eq(addr_text(&none, to), "-");
    ck_assert_str_eq(addr_port_text(&none, to), "-");
}
END_TEST

START_TEST(raw_octets_are_taken_whole)
{
    struct addr a = addr_from_ip(AF_INET, "\x14\x32\1\2", 443);
    char to[ADDR_TEXT];

    ck_assert_str_eq(addr_port_text(&a, to), "20.50.1.2:443");
    a = addr_from_ip(AF_INET6, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 53);
    ck_assert_str_eq(addr_port_text(&a, to), "[2001:db8::1]:53");
}
END_TEST

START_TEST(only_an_ipv6_literal_gets_brackets)
{
    struct arena *a = arena_new();

    ck_assert_str_eq(addr_host_port(a, "contoso.azure-devices.net", 443),
                     "contoso.azure-devices.net:443");
    ck_assert_str_eq(addr_host_port(a, "20.50.1.2", 80), "20.50.1.2:80");
    ck_assert_str_eq(addr_host_port(a, "2001:db8::1", 443), "[2001:db8::1]:443");
    arena_free(a);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        addresses_are_read_and_written_back,       what_is_no_address_leaves_the_target_alone,
        ports_are_read_with_and_without_brackets,  the_kernels_form_and_back_is_the_same,
        a_mapped_address_is_its_ipv4_address,      an_address_of_dns64_has_one_inside,
        every_special_range_is_known_at_its_edges, raw_octets_are_taken_whole,
        only_an_ipv6_literal_gets_brackets,
    };

    return run_suite("addr", tests, ARRAY_LEN(tests));
}
