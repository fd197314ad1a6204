/*
 * dns_stream: DNS messages that come over TCP, each behind its length (RFC 1035 section 4.2.2),
 * held back until they are whole, so that a bare refusal can get its question back (dns_bare.h).
 *
 * No I/O: the caller puts in what he read and takes out what may be handed on.
 */
#ifndef HOPPROOF_PROBES_DNS_STREAM_H
#define HOPPROOF_PROBES_DNS_STREAM_H

#include "probes/dns_bare.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_LENGTH = 2, /* octets of a message's length */
    DNS_STREAM_MAX = DNS_LENGTH + UINT16_MAX,
};

/* One direction of one connection; zeroed is the beginning. */
struct dns_stream {
    uint8_t octets[DNS_STREAM_MAX];
    size_t len;   /* octets held, of one message at most */
    size_t given; /* of them handed on; only a whole message is */
    bool whole;
};

/*
 * Where the next octets go, and how many of them: never 0, and never more than the message has.
 * Only while nothing is left to hand on.
 */
uint8_t *dns_stream_room(struct dns_stream *s, size_t *room);

/* So many octets were put there. A message that is whole by that is completed from the queries. */
void dns_stream_add(struct dns_stream *s, size_t n, const struct bare_queries *queries);

/* Octets that may be handed on. */
size_t dns_stream_left(const struct dns_stream *s);

/* Hand on up to `room` of them: the number, 0 where there are none. */
size_t dns_stream_take(struct dns_stream *s, uint8_t *to, size_t room);

/* Remember the queries in octets that are sent: whole messages, one after the other. */
void dns_stream_remember(struct bare_queries *queries, const uint8_t *sent, size_t len);

#endif
