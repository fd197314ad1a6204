/*
 * recording: the packets of one `check` run, from the recorder's start to what can be kept of it.
 *
 * Nothing here can fail the run: what could not be recorded is said in the report.
 */
#ifndef HOPPROOF_RECORDING_H
#define HOPPROOF_RECORDING_H

#include "diag/model/report.h"
#include "diag/packets.h"

struct options;
struct recording;

/* Start the recorder as the options want it. Fills report->capture; NULL: no packets. */
struct recording *recording_start(const struct options *o, struct report *r);

/* Wait until no packet can be missed any more. All functions take NULL. */
void recording_wait(struct recording *rec);

/* Stop, read the packets, and join what they say to the report. */
void recording_stop(struct recording *rec);

/* What was recorded, until recording_free. */
struct packets recording_packets(const struct recording *rec);

void recording_free(struct recording *rec);

#endif
