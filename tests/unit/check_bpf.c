/* The recorder's filter: what the kernel would let through, tried on packets. */
#include "capture/bpf.h"
#include "diag/base/arena.h"
#include "tests/unit/support.h"

#include <check.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ethernet, IPv4, and the first octets of TCP or UDP. */
static size_t make_v4(uint8_t *p, uint8_t protocol, uint16_t src_port, uint16_t dst_port,
                      uint16_t fragment)
{
    memset(p, 0, 74);
    p[12] = 0x08;
    p[14] = 0x45;
    p[17] = 60;
    p[20] = (uint8_t)(fragment >> 8);
    p[21] = (uint8_t)fragment;
    p[22] = 64;
    p[23] = protocol;
    p[34] = (uint8_t)(src_port >> 8);
    p[35] = (uint8_t)src_port;
    p[36] = (uint8_t)(dst_port >> 8);
    p[37] = (uint8_t)dst_port;
    return 74;
}

static size_t make_v6(uint8_t *p, uint8_t next, uint16_t dst_port)
{
    memset(p, 0, 94);
    p[12] = 0x86;
    p[13] = 0xdd;
    p[14] = 0x60;
    p[19] = 40;
    p[20] = next;
    p[56] = (uint8_t)(dst_port >> 8);
    p[57] = (uint8_t)dst_port;
    return 94;
}

static bool lets_through(const char *filter, const uint8_t *packet, size_t len)
{
    struct pcap_pkthdr head = {.caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len};
    pcap_t *dead = pcap_open_dead(DLT_EN10MB, 65535);
    struct bpf_program program;
    bool yes;

    ck_assert_msg(pcap_compile(dead, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0, "%s: %s",
                  filter, pcap_geterr(dead));
    ck_assert_uint_le(program.bf_len, 4096); /* the kernel's limit */
    yes = pcap_offline_filter(&program, &head, packet) != 0;
    pcap_freecode(&program);
    pcap_close(dead);
    return yes;
}

static const uint16_t some_ports[] = {3128, 443, 443, 8080};

static const struct {
    const char *what;
    bool v6;
    uint8_t protocol;
    uint16_t src, dst, fragment;
    bool wanted;
} packets[] = {
    {"SYN to an endpoint", false, 6, 40000, 443, 0, true},
    {"answer of an endpoint", false, 6, 443, 40000, 0, true},
    {"to a proxy", false, 6, 40000, 3128, 0, true},
    {"DNS over UDP", false, 17, 40000, 53, 0, true},
    {"DNS over TCP", false, 6, 40000, 53, 0, true},
    {"a later fragment", false, 17, 0, 0, 185, true},
    {"an ICMP error", false, 1, 0x0303, 0, 0, true},
    {"ssh", false, 6, 40000, 22, 0, false},
    {"a neighbouring port", false, 6, 40000, 444, 0, false},
    {"syslog", false, 17, 514, 514, 0, false},
    {"IPv6 to an endpoint", true, 6, 0, 443, 0, true},
    {"ICMPv6", true, 58, 0, 0, 0, true},
    {"an IPv6 fragment", true, 44, 0, 0, 0, true},
    {"IPv6 to a printer", true, 6, 0, 9100, 0, false},
};

START_TEST(the_filter_wants_this_sites_traffic)
{
    struct arena *a = arena_new();
    const char *filter = bpf_text(a, some_ports, 4);
    uint8_t p[128];
    size_t len;

    len = packets[_i].v6 ? make_v6(p, packets[_i].protocol, packets[_i].dst)
                         : make_v4(p, packets[_i].protocol, packets[_i].src, packets[_i].dst,
                                   packets[_i].fragment);
    ck_assert_msg(lets_through(filter, p, len) == packets[_i].wanted, "%s: %s", packets[_i].what,
                  filter);
    arena_free(a);
}
END_TEST

START_TEST(neighbours_are_wanted)
{
    struct arena *a = arena_new();
    uint8_t arp[60] = {[12] = 0x08, [13] = 0x06};

    ck_assert(lets_through(bpf_text(a, some_ports, 4), arp, sizeof arp));
    arena_free(a);
}
END_TEST

START_TEST(equal_and_neighbouring_ports_become_one_range)
{
    static const uint16_t ports[] = {8081, 443, 8080, 8082, 443};
    struct arena *a = arena_new();
    const char *filter = bpf_text(a, ports, 5);

    ck_assert_msg(strstr(filter, "or port 53 or port 443 or portrange 8080-8082") != NULL, "%s",
                  filter);
    arena_free(a);
}
END_TEST

START_TEST(too_many_ports_for_the_kernel_become_all_of_tcp)
{
    struct arena *a = arena_new();
    uint16_t ports[2000];
    uint8_t p[128];
    const char *filter;

    for (uint16_t i = 0; i < 2000; i++)
        ports[i] = (uint16_t)(1000 + i * 3);
    filter = bpf_text(a, ports, 2000);
    ck_assert(lets_through(filter, p, make_v4(p, 6, 40000, 6997, 0)));
    ck_assert(lets_through(filter, p, make_v4(p, 17, 40000, 53, 0)));
    ck_assert(!lets_through(filter, p, make_v4(p, 17, 514, 514, 0)));
    /* one fewer than the limit still compiles to something that the kernel takes */
    for (uint16_t i = 0; i < 63; i++)
        ports[i] = (uint16_t)(1001 + i * 31);
    ck_assert(lets_through(bpf_text(a, ports, 63), p, make_v4(p, 6, 40000, 1032, 0)));
    arena_free(a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bpf");
    TCase *tc = tcase_create("bpf");

    tcase_add_loop_test(tc, the_filter_wants_this_sites_traffic, 0,
                        (int)(sizeof packets / sizeof packets[0]));
    tcase_add_test(tc, neighbours_are_wanted);
    tcase_add_test(tc, equal_and_neighbouring_ports_become_one_range);
    tcase_add_test(tc, too_many_ports_for_the_kernel_become_all_of_tcp);
    return run_case(suite, tc);
}
