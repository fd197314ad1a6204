/*
 * dns_channel: the queries to one resolver, over UDP, and over TCP after a truncated answer
 * (RFC 7766). Only this and dns_transport know c-ares.
 */
#ifndef HOPPROOF_PROBES_DNS_CHANNEL_H
#define HOPPROOF_PROBES_DNS_CHANNEL_H

#include "diag/base/addr.h"
#include "diag/model/report.h"

#include <stdint.h>

struct dns_channel;
struct fault;
struct loop;

typedef void lookup_fn(void *arg);

/* A channel to the resolver `to`; a query ends after about `timeout_us` at the latest. */
struct dns_channel *dns_channel_new(struct loop *l, struct report *r, const struct addr *to,
                                    int64_t timeout_us, struct fault *f);

/* Queries still running end as "cancelled", with their callbacks. */
void dns_channel_free(struct dns_channel *c);

/* Ask for lookup->type of `name`; fills *lookup, then calls back once. */
void dns_channel_ask(struct dns_channel *c, const char *name, struct lookup *lookup,
                     lookup_fn *done, void *arg);

/* The same over TCP at once, without a question over UDP before. */
void dns_channel_ask_tcp(struct dns_channel *c, const char *name, struct lookup *lookup,
                         lookup_fn *done, void *arg);

/* The same over UDP with EDNS, and where lookup->unchecked without validation (CD). */
void dns_channel_ask_edns(struct dns_channel *c, const char *name, struct lookup *lookup,
                          lookup_fn *done, void *arg);

/* Note in *d which way the kernel sends queries to this resolver. */
void dns_channel_way(struct dns_channel *c, struct dns_detail *d);

#endif
