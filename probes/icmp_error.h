/*
 * icmp_error: what ICMP said about a socket's packets, which errno alone hides: the error queue of
 * ip(7), IP_RECVERR, and ipv6(7), IPV6_RECVERR. No privilege is needed.
 */
#ifndef HOPPROOF_PROBES_ICMP_ERROR_H
#define HOPPROOF_PROBES_ICMP_ERROR_H

#include "diag/base/addr.h"

#include <stdbool.h>

struct icmp_error {
    struct addr from; /* the router that sent it; family 0 when the kernel does not say */
    int type, code;   /* RFC 792, RFC 4443 */
};

/* Have the errors of this socket queued, or no longer. */
void icmp_error_queue(int fd, int family, bool on);

/* Take all errors out of the queue; *out is the newest. False when there was none. */
bool icmp_error_read(int fd, struct icmp_error *out);

/* "host unreachable", "time exceeded", ...; NULL for a rarer one. */
const char *icmp_error_name(int family, const struct icmp_error *e);

/* Is it a policy that speaks (RFC 1812 section 5.2.7.1, RFC 4443 section 3.1)? */
bool icmp_error_prohibits(int family, const struct icmp_error *e);

/* "Host unreachable": the one that a kernel sends to itself when the neighbour does not answer. */
bool icmp_error_is_of_neighbour(int family, const struct icmp_error *e);

/* The packet was on its way for too long, or for too short a time to live. */
bool icmp_error_is_time_exceeded(int family, const struct icmp_error *e);

#endif
