/*
 * dns_again: questions that one resolver left open while it answered others, asked again one after
 * the other. Resolvers and firewalls limit the questions of one client in a second (unbound:
 * ip-ratelimit; BIND: rate-limit; dnsdist: MaxQPSIPRule), and this program asks for all names at
 * once, as no sensor does.
 */
#ifndef HOPPROOF_PROBES_DNS_AGAIN_H
#define HOPPROOF_PROBES_DNS_AGAIN_H

#include <stdbool.h>

struct dns_again;
struct loop;

/* What is done with a question, which stays the caller's: asked again, or left as it is. */
typedef void again_fn(void *question);

/* NULL: out of memory. Nothing is asked by itself. */
struct dns_again *dns_again_new(struct loop *l, again_fn *ask, again_fn *leave);

/* What waits is left as it is. */
void dns_again_free(struct dns_again *a);

/* Let a question wait for its turn. False: it was not taken (no memory, or asking is in vain). */
bool dns_again_add(struct dns_again *a, void *question);

/* The question whose turn it was has ended, with a usable answer or without. */
void dns_again_done(struct dns_again *a, bool answered);

#endif
