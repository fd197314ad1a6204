/*
 * join: brings together what the sockets saw (the report's steps) and what the packets say
 * (capture/wire.h). Facts only; what follows from them is the judge's.
 */
#ifndef HOPPROOF_JOIN_H
#define HOPPROOF_JOIN_H

#include "capture/wire.h"
#include "diag/model/report.h"

#include <stdbool.h>

struct fault;

/*
 * Give every result its `wire`, every step that used the network its `flow`, and fill the counts
 * of r->capture. To be called when probing is over; the judge may have judged before and is to
 * judge again. A step that several results share gets a copy for each (its flow's index differs).
 * The report keeps no pointer into the file.
 */
void join_report(struct report *r, const struct wire_file *file);

/* One flow as the report has it; times relative to `epoch_us` (wall clock). */
struct flow *join_flow(struct report *r, const struct wire_file *file, const struct wire_flow *w,
                       int64_t epoch_us);

/* One DNS exchange in the same form. */
struct flow *join_dns_flow(struct report *r, const struct wire_file *file, const struct wire_dns *d,
                           int64_t epoch_us);

/* The start of the run as wall clock microseconds; INT64_MIN when the report does not say. */
int64_t join_epoch(const struct report *r);

/* What a person should know of a flow that did not end well, as notes of the wire. */
void join_notes(struct report *r, struct wire *wire, const struct wire_file *file,
                const struct wire_flow *w);

#endif
