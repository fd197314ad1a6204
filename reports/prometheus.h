/*
 * prometheus: the report for node_exporter's textfile collector.
 *
 * Names and units are blackbox_exporter's (probe_...) where they mean the same, hopproof_... else.
 */
#ifndef HOPPROOF_REPORTS_PROMETHEUS_H
#define HOPPROOF_REPORTS_PROMETHEUS_H

#include "diag/model/report.h"

struct buf;

/* Appended; a buffer that is too small says so by `overflow`. */
void prometheus_draw(const struct report *r, struct buf *out);

#endif
