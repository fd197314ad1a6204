/* output: a judged report into the forms that the user asked for, and the exit status. */
#ifndef HOPPROOF_OUTPUT_H
#define HOPPROOF_OUTPUT_H

#include "diag/model/report.h"

struct options;

/*
 * Write every output that was asked for, and the terminal report unless one of them is standard
 * output. `packets` is a descriptor of the evidence for a bundle, or -1. An output that fails is
 * told on standard error and costs only itself. Returns the enum exit_status of contract section 2.
 */
int output_report(const struct options *o, struct report *r, int packets);

#endif
