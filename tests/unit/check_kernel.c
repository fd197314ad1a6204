/* kernel: what rtnetlink says, on the loopback and, with root, in a namespace of its own. */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/model/report.h"
#include "probes/kernel.h"
#include "tests/unit/lab.h"
#include "tests/unit/support.h"

#include <check.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct kernel_route ask(const char *to)
{
    struct kernel_route k;
    struct addr a;
    struct fault f = {""};

    ck_assert_msg(addr_parse(to, &a), "%s", to);
    ck_assert_msg(kernel_route(&a, &k, &f) == 0, "%s: %s", to, f.text);
    return k;
}

static const char *text(const struct addr *a)
{
    static char room[ADDR_TEXT];

    return a->family == 0 ? "" : addr_text(a, room);
}

START_TEST(the_loopback_is_local)
{
    struct kernel_route k = ask("127.0.0.1");

    ck_assert_int_eq(k.way, KERNEL_WAY_LOCAL);
    ck_assert_str_eq(k.interface, "lo");
    ck_assert_str_eq(text(&k.source), "127.0.0.1");
    ck_assert_str_eq(text(&k.gateway), "");
    ck_assert(k.admin_up && k.link_up);
    ck_assert_uint_ge(k.mtu, 1280);
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_NOT_NEEDED);
}
END_TEST

START_TEST(facts_go_into_a_steps_detail)
{
    struct arena *arena = arena_new();
    struct tcp_detail *d = shape_new(arena, &tcp_detail_shape);
    struct addr a;

    ck_assert(addr_parse("127.0.0.1", &a));
    kernel_describe(&a, arena, d);
    ck_assert_str_eq(d->route, "local");
    ck_assert_str_eq(d->interface, "lo");
    ck_assert_str_eq(d->source, "127.0.0.1");
    ck_assert_ptr_null(d->gateway);
    ck_assert(!d->link_down);
    ck_assert_int_ge(d->interface_mtu, 1280);
    arena_free(arena);
}
END_TEST

START_TEST(every_way_and_state_has_a_word)
{
    for (int way = KERNEL_WAY_ROUTE; way <= KERNEL_WAY_BLACKHOLE; way++)
        ck_assert_ptr_nonnull(kernel_way_name((enum kernel_way)way));
    ck_assert_ptr_null(kernel_way_name(KERNEL_WAY_UNKNOWN));
    for (int state = NEIGHBOUR_NONE; state <= NEIGHBOUR_FAILED; state++)
        ck_assert_ptr_nonnull(kernel_neighbour_name((enum kernel_neighbour)state));
}
END_TEST

/* --- in a namespace: nobody else's routes --- */

START_TEST(no_route_is_an_answer)
{
    struct kernel_addresses have;

    if (!enter_lab())
        return;
    ck_assert_int_eq(ask("198.51.100.1").way, KERNEL_WAY_NONE);
    ck_assert_int_eq(ask("2001:db8:1::1").way, KERNEL_WAY_NONE);
    ck_assert_int_eq(kernel_addresses(&have, NULL), 0);
    ck_assert(have.ipv4 && have.ipv6);
    run("ip link set veth-a down");
    ck_assert_int_eq(kernel_addresses(&have, NULL), 0);
    ck_assert(!have.ipv4 && !have.ipv6);
    ck_assert_int_eq(ask("192.0.2.2").way, KERNEL_WAY_NONE);
    ck_assert_int_eq(ask("2001:db8::2").way, KERNEL_WAY_NONE);
}
END_TEST

START_TEST(an_interface_that_was_stopped_is_named)
{
    struct kernel_route k;

    if (!enter_lab())
        return;
    k = ask("198.51.100.1");
    ck_assert_uint_eq(k.ifindex, 0); /* nothing is down that has an address */
    run("ip link add unused type veth peer name unused-b");
    k = ask("198.51.100.1");
    ck_assert_uint_eq(k.ifindex, 0);
    run("ip link set veth-a down");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.way, KERNEL_WAY_NONE);
    ck_assert_str_eq(k.interface, "veth-a");
    ck_assert(!k.admin_up && !k.link_up);
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_NONE);
}
END_TEST

START_TEST(link_local_addresses_reach_nobody)
{
    struct kernel_addresses have;

    if (!enter_lab())
        return;
    run("ip address flush dev veth-a scope global");
    ck_assert_int_eq(kernel_addresses(&have, NULL), 0);
    ck_assert(!have.ipv4 && !have.ipv6);
    run("ip address add 169.254.3.3/16 dev veth-a");
    ck_assert_int_eq(kernel_addresses(&have, NULL), 0);
    ck_assert(!have.ipv4);
}
END_TEST

START_TEST(routes_that_refuse_say_how)
{
    static const struct {
        const char *type;
        enum kernel_way way;
    } kinds[] = {
        {"unreachable", KERNEL_WAY_UNREACHABLE},
        {"prohibit", KERNEL_WAY_PROHIBIT},
        {"blackhole", KERNEL_WAY_BLACKHOLE},
    };

    if (!enter_lab())
        return;
    for (size_t i = 0; i < 3; i++) {
        char command[200];

        snprintf(command, sizeof command,
                 "ip route replace %s 198.51.100.0/24 && ip -6 route replace %s 2001:db8:1::/48",
                 kinds[i].type, kinds[i].type);
        run(command);
        ck_assert_int_eq(ask("198.51.100.1").way, kinds[i].way);
        ck_assert_int_eq(ask("2001:db8:1::1").way, kinds[i].way);
        run("ip route flush 198.51.100.0/24; ip -6 route flush 2001:db8:1::/48");
    }
}
END_TEST

START_TEST(a_gateway_has_a_source_a_link_and_a_neighbour)
{
    struct kernel_route k;

    if (!enter_lab())
        return;
    run("ip route add default via 192.0.2.2");
    run("ip -6 route add default via 2001:db8::2");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.way, KERNEL_WAY_ROUTE);
    ck_assert_str_eq(k.interface, "veth-a");
    ck_assert_str_eq(text(&k.source), "192.0.2.1");
    ck_assert_str_eq(text(&k.gateway), "192.0.2.2");
    ck_assert_uint_eq(k.mtu, 1400);
    ck_assert(k.admin_up && k.link_up);
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_NONE);
    /* First, or the kernel remembers that it was reachable and sees no need to ask. */
    run("ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth-a nud delay");
    ck_assert_int_eq(ask("198.51.100.1").neighbour, NEIGHBOUR_PROBED);
    run("ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth-a nud reachable");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_REACHABLE);
    ck_assert(k.has_mac);
    run("ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth-a nud stale");
    ck_assert_int_eq(ask("198.51.100.1").neighbour, NEIGHBOUR_STALE);
    run("ip neighbour replace 192.0.2.2 dev veth-a nud failed");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_FAILED);
    ck_assert(!k.has_mac);

    k = ask("2001:db8:7::1");
    ck_assert_str_eq(text(&k.gateway), "2001:db8::2");
    ck_assert_str_eq(text(&k.source), "2001:db8::1");
    run("ip neighbour replace 2001:db8::2 lladdr 02:00:00:00:00:02 dev veth-a nud permanent");
    ck_assert_int_eq(ask("2001:db8:7::1").neighbour, NEIGHBOUR_PERMANENT);
}
END_TEST

/* The main table leads 192.0.2.1 nowhere else: only who asks with the source address learns it. */
START_TEST(a_rule_by_source_counts)
{
    struct kernel_route k;

    if (!enter_lab())
        return;
    run("ip route add default via 192.0.2.2 && ip -6 route add default via 2001:db8::2");
    run("ip route add default via 192.0.2.77 dev veth-a table 77");
    run("ip rule add from 192.0.2.1 lookup 77");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.way, KERNEL_WAY_ROUTE);
    ck_assert_str_eq(text(&k.gateway), "192.0.2.77");
    ck_assert_str_eq(text(&k.source), "192.0.2.1");
    run("ip route replace prohibit default table 77");
    run("ip -6 rule add from 2001:db8::1 prohibit");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.way, KERNEL_WAY_PROHIBIT);
    ck_assert_str_eq(k.interface, "veth-a");
    ck_assert_str_eq(text(&k.source), "192.0.2.1");
    ck_assert_int_eq(ask("2001:db8:7::1").way, KERNEL_WAY_PROHIBIT);
}
END_TEST

START_TEST(an_address_on_the_link_is_its_own_neighbour)
{
    struct kernel_route k;

    if (!enter_lab())
        return;
    run("ip neighbour replace 192.0.2.9 dev veth-a nud failed");
    k = ask("192.0.2.9");
    ck_assert_int_eq(k.way, KERNEL_WAY_ROUTE);
    ck_assert_str_eq(text(&k.gateway), "");
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_FAILED);
}
END_TEST

/* The kernel would believe in it for up to 45 s more. */
START_TEST(a_neighbour_that_died_moments_ago_is_found_out)
{
    struct kernel_route k;
    struct addr stranger;

    if (!enter_lab())
        return;
    run("ip route add default via 192.0.2.2");
    run("ip neighbour replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth-a nud reachable");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_REACHABLE);
    ck_assert(kernel_probe_neighbour(k.ifindex, &k.gateway));
    ck_assert_int_eq(ask("198.51.100.1").neighbour, NEIGHBOUR_PROBED);
    for (int i = 0; i < 100 && ask("198.51.100.1").neighbour == NEIGHBOUR_PROBED; i++)
        usleep(100000); /* 3 s are right, 10 s the most */
    ck_assert_int_eq(ask("198.51.100.1").neighbour, NEIGHBOUR_FAILED);
    ck_assert(addr_parse("192.0.2.77", &stranger));
    ck_assert(!kernel_probe_neighbour(k.ifindex, &stranger));
}
END_TEST

START_TEST(a_gateway_of_the_other_family_is_found)
{
    struct kernel_route k;

    if (!enter_lab())
        return;
    run("ip route add 198.51.100.0/24 via inet6 fe80::2 dev veth-a");
    k = ask("198.51.100.1");
    ck_assert_int_eq(k.gateway.family, AF_INET6);
    ck_assert_uint_eq(k.gateway.scope, k.ifindex);
}
END_TEST

START_TEST(a_link_without_carrier_is_down)
{
    struct kernel_route k;

    if (!enter_lab())
        return;
    run("sysctl -qw net.ipv4.conf.veth-a.ignore_routes_with_linkdown=0");
    run("ip link set veth-b down");
    for (int i = 0; i < 50; i++) { /* the carrier goes a moment later */
        k = ask("192.0.2.2");
        if (!k.link_up)
            break;
        usleep(20000);
    }
    ck_assert_str_eq(k.interface, "veth-a");
    ck_assert(k.admin_up);
    ck_assert(!k.link_up);
}
END_TEST

START_TEST(a_tunnel_has_no_neighbours)
{
    struct kernel_route k;

    if (access("/dev/net/tun", R_OK | W_OK) != 0 || !enter_lab())
        return;
    run("ip tuntap add tun0 mode tun && ip link set tun0 up");
    run("ip route add 198.51.100.0/24 dev tun0");
    k = ask("198.51.100.1");
    ck_assert_str_eq(k.interface, "tun0");
    ck_assert_int_eq(k.neighbour, NEIGHBOUR_NOT_NEEDED);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kernel");
    TCase *t = tcase_create("kernel");

    tcase_set_timeout(t, 30);
    tcase_add_test(t, the_loopback_is_local);
    tcase_add_test(t, facts_go_into_a_steps_detail);
    tcase_add_test(t, every_way_and_state_has_a_word);
    /* each test in a namespace enters a new one, which ends with the process or the next test */
    tcase_add_test(t, no_route_is_an_answer);
    tcase_add_test(t, an_interface_that_was_stopped_is_named);
    tcase_add_test(t, link_local_addresses_reach_nobody);
    tcase_add_test(t, routes_that_refuse_say_how);
    tcase_add_test(t, a_gateway_has_a_source_a_link_and_a_neighbour);
    tcase_add_test(t, a_rule_by_source_counts);
    tcase_add_test(t, an_address_on_the_link_is_its_own_neighbour);
    tcase_add_test(t, a_neighbour_that_died_moments_ago_is_found_out);
    tcase_add_test(t, a_gateway_of_the_other_family_is_found);
    tcase_add_test(t, a_link_without_carrier_is_down);
    tcase_add_test(t, a_tunnel_has_no_neighbours);
    return run_case(s, t);
}
