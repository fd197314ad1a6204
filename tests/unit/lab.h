/*
 * lab: a network of a test's own, in a namespace, where that is allowed.
 */
#ifndef HOPPROOF_TESTS_UNIT_LAB_H
#define HOPPROOF_TESTS_UNIT_LAB_H

#include <check.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

/*
 * Into a network with one link, veth-a (192.0.2.1/24, 2001:db8::1/64, MTU 1400) to veth-b, where
 * nobody is. False where that needs more rights than we have.
 */
static inline bool enter_lab(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
        fprintf(stderr, "not root: tests in a namespace are left out\n");
        return false;
    }
    run("ip link set lo up");
    run("ip link add veth-a mtu 1400 type veth peer name veth-b");
    run("ip address add 192.0.2.1/24 dev veth-a");
    run("ip -6 address add 2001:db8::1/64 dev veth-a nodad");
    run("ip link set veth-b up && ip link set veth-a up");
    return true;
}

#endif
