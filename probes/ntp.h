/*
 * ntp: what time does a time server say? One question over UDP, asked again once, as a client of
 * NTP does (SNTP, RFC 4330 section 5).
 */
#ifndef HOPPROOF_PROBES_NTP_H
#define HOPPROOF_PROBES_NTP_H

#include "diag/base/addr.h"
#include "diag/model/report.h"

#include <stdint.h>

struct loop;
struct ntp_query;

typedef void ntp_fn(void *arg);

/*
 * Ask the server at `address` (with port) and fill in what it said: outcome, offset, delay,
 * stratum, in the report's arena. `done` is called once, from the loop or at once. NULL when it was
 * called at once.
 */
struct ntp_query *ntp_ask(struct loop *l, struct report *r, struct time_server *to,
                          const struct addr *address, int64_t timeout_us, ntp_fn *done, void *arg);

/* The run is over: the outcome says "cancelled", `done` is not called. NULL is fine. */
void ntp_cancel(struct ntp_query *q);

#endif
