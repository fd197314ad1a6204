/*
 * recording: the packets of one `check` run, from the recorder's start to the kept evidence.
 *
 * Nothing here can fail the run: what could not be recorded is said in the report.
 */
#ifndef HOPPROOF_RECORDING_H
#define HOPPROOF_RECORDING_H

#include "diag/model/report.h"

struct options;
struct recording;

/* Start the recorder as the options want it. Fills report->capture; NULL: no packets. */
struct recording *recording_start(const struct options *o, struct report *r);

/* Wait until no packet can be missed any more. All functions take NULL. */
void recording_wait(struct recording *rec);

/* Stop, read the packets, and join what they say to the report. */
void recording_stop(struct recording *rec);

/*
 * After judging: write the evidence, where the user wants it in a file or a bundle. Returns a
 * descriptor of it, the recording's; -1: there is none.
 */
int recording_keep(struct recording *rec);

void recording_free(struct recording *rec);

#endif
