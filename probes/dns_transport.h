/*
 * dns_transport: one c-ares channel to one resolver, over UDP or over TCP: its sockets in our loop,
 * their local ports (to find the packets again) and the errno that c-ares does not hand on.
 */
#ifndef HOPPROOF_PROBES_DNS_TRANSPORT_H
#define HOPPROOF_PROBES_DNS_TRANSPORT_H

#include "diag/base/addr.h"
#include "probes/dns_stream.h"

#include <ares.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DNS_PORTS_MAX = 16 };

struct loop;
struct socket_watch;
struct watch;

/* What came over UDP and was no answer to anything: the gravest of it. */
enum dns_stray { STRAY_NONE, STRAY_OTHER_ID, STRAY_OTHER_QUESTION, STRAY_OTHER_SOURCE };

/* Zeroed before it is opened. Callers read what stands behind `tcp`. */
struct dns_transport {
    struct loop *loop;
    ares_channel ares;
    struct socket_watch *sockets;
    struct watch *timer;
    struct bare_queries queries;
    struct dns_stream stream; /* what came over TCP */
    size_t handed;            /* octets of it that c-ares took, ever */
    struct addr to;
    bool closing, tcp;
    enum dns_stray stray;
    struct addr stray_from; /* of STRAY_OTHER_SOURCE */
    int last_errno;         /* of any of its sockets; 0: none failed */
    uint16_t ports[DNS_PORTS_MAX];
    size_t n_ports;
};

/* 0; -1 where c-ares does not start. A query ends after about `timeout_us`. Close it in any case.
 */
int dns_transport_open(struct dns_transport *t, struct loop *l, const struct addr *to, bool tcp,
                       int64_t timeout_us);

/* Calls back every query that still runs, and each that is asked meanwhile (ARES_EDESTRUCTION). */
void dns_transport_close(struct dns_transport *t);

/*
 * Ask for a type of RFC 1035 (DNS_A, DNS_AAAA). The callback of ares_query(3) comes once, perhaps
 * before this returns.
 */
void dns_transport_ask(struct dns_transport *t, const char *name, int type, ares_callback done,
                       void *arg);

/*
 * Ask the same with EDNS, and where `unchecked` with CD: the resolver is not to validate (RFC 4035
 * section 3.2.2). Answers stay within 512 octets.
 */
void dns_transport_ask_edns(struct dns_transport *t, const char *name, int type, bool unchecked,
                            ares_callback done, void *arg);

#endif
