/*
 * trace: where on the way to an address do connection attempts die?
 *
 * SYNs that live for one router, for two, for three: the router at which one ends says so (ICMP
 * time exceeded: RFC 1812 section 5.3.1, RFC 4443 section 3.3), and a plain TCP socket hears it
 * through its error queue. No privilege is needed, and a firewall sees what it saw before, down to
 * the port. One more SYN with the usual time to live tells whether the silence is still there.
 */
#ifndef HOPPROOF_PROBES_TRACE_H
#define HOPPROOF_PROBES_TRACE_H

#include "diag/base/addr.h"
#include "diag/model/report.h"

#include <stdint.h>

struct loop;
struct trace;

typedef void trace_fn(void *arg);

/*
 * Trace the way to `to` (with its port). `step`, a connect step, gets the outcome, the list of SYNs
 * and the kernel's way; facts go to the report's arena. `epoch_us` is the run's start. At most 7
 * SYNs are in flight, 25 in all, and it takes 8 s at most. `done` is called once, from the loop.
 * NULL without memory: `done` is not called.
 */
struct trace *trace_start(struct loop *l, struct report *r, const struct addr *to,
                          struct step *step, int64_t epoch_us, trace_fn *done, void *arg);

/* One that still runs is cancelled, and its step says so. NULL is fine. */
void trace_free(struct trace *t);

#endif
