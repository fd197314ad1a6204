/* output: a judged report into the forms that the user asked for, and the exit status. */
#ifndef HOPPROOF_OUTPUT_H
#define HOPPROOF_OUTPUT_H

#include "diag/model/report.h"

struct options;
struct packets;

/*
 * Write every output that was asked for, and the terminal report unless one of them is standard
 * output. `packets` is what there is of a recording, or NULL. An output that fails is told on
 * standard error and costs only itself. Returns the enum exit_status of contract section 2.
 */
int output_report(const struct options *o, struct report *r, const struct packets *packets);

/*
 * See that what a command printed has arrived: `status`, or STATUS_INCOMPLETE after having told on
 * standard error why not.
 */
int output_printed(int status);

#endif
