/* icmp_error: see icmp_error.h. */
#include "probes/icmp_error.h"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>

enum { QUEUED_MAX = 8 }; /* one for each SYN at the most */

void icmp_error_queue(int fd, int family, bool on)
{
    const int value = on;

    if (family == AF_INET)
        setsockopt(fd, SOL_IP, IP_RECVERR, &value, sizeof value);
    else
        setsockopt(fd, SOL_IPV6, IPV6_RECVERR, &value, sizeof value);
}

/* One control message: an error with the address of its sender behind it. */
static bool take(const struct cmsghdr *c, struct icmp_error *out)
{
    struct sock_extended_err e;
    struct sockaddr_storage offender = {0};
    size_t len = c->cmsg_len - CMSG_LEN(0);

    if (!((c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR) ||
          (c->cmsg_level == SOL_IPV6 && c->cmsg_type == IPV6_RECVERR)) ||
        len < sizeof e)
        return false;
    memcpy(&e, CMSG_DATA(c), sizeof e);
    if (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6)
        return false;
    *out = (struct icmp_error){.type = e.ee_type, .code = e.ee_code};
    len -= sizeof e;
    memcpy(&offender, CMSG_DATA(c) + sizeof e, len < sizeof offender ? len : sizeof offender);
    (void)!addr_from_sockaddr((struct sockaddr *)&offender, &out->from);
    return true;
}

bool icmp_error_read(int fd, struct icmp_error *out)
{
    char control[512], data[256];
    struct iovec iov = {data, sizeof data};
    bool found = false;

    for (int i = 0; i < QUEUED_MAX; i++) {
        struct msghdr m = {.msg_iov = &iov,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};

        if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            break;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
            found = take(c, out) || found;
    }
    return found;
}

const char *icmp_error_name(int family, const struct icmp_error *e)
{
    int type = e->type, code = e->code;

    if (family == AF_INET6) {
        static const char *const codes[] = {"no route to destination",
                                            "communication administratively prohibited",
                                            "beyond scope of source address",
                                            "address unreachable",
                                            "port unreachable",
                                            "source address failed ingress/egress policy",
                                            "reject route to destination"};

        if (type == ICMP6_DST_UNREACH && code >= 0 && (size_t)code < sizeof codes / sizeof codes[0])
            return codes[code];
        return type == ICMP6_TIME_EXCEEDED ? "time exceeded" : NULL;
    }
    static const char *const codes[] = {"network unreachable",
                                        "host unreachable",
                                        "protocol unreachable",
                                        "port unreachable",
                                        "fragmentation needed",
                                        "source route failed",
                                        "network unknown",
                                        "host unknown",
                                        "source host isolated",
                                        "network administratively prohibited",
                                        "host administratively prohibited",
                                        "network unreachable for type of service",
                                        "host unreachable for type of service",
                                        "communication administratively prohibited",
                                        "host precedence violation",
                                        "precedence cutoff in effect"};

    if (type == ICMP_UNREACH && code >= 0 && (size_t)code < sizeof codes / sizeof codes[0])
        return codes[code];
    return type == ICMP_TIMXCEED ? "time exceeded" : NULL;
}

bool icmp_error_prohibits(int family, const struct icmp_error *e)
{
    if (family == AF_INET6)
        return e->type == ICMP6_DST_UNREACH && (e->code == 1 || e->code == 5 || e->code == 6);
    return e->type == ICMP_UNREACH && (e->code == 9 || e->code == 10 || e->code == 13);
}

bool icmp_error_is_of_neighbour(int family, const struct icmp_error *e)
{
    return family == AF_INET6 ? e->type == ICMP6_DST_UNREACH && e->code == ICMP6_DST_UNREACH_ADDR
                              : e->type == ICMP_UNREACH && e->code == ICMP_UNREACH_HOST;
}

bool icmp_error_is_time_exceeded(int family, const struct icmp_error *e)
{
    return e->type == (family == AF_INET6 ? ICMP6_TIME_EXCEEDED : ICMP_TIMXCEED);
}
