/*
 * junit: the report as JUnit XML for continuous integration: an endpoint is a suite, a route a
 * case. Only what decides the verdict can be a failure; results for information that do not pass
 * are "skipped", with the reason, and warnings pass with the text in system-out.
 */
#ifndef HOPPROOF_REPORTS_JUNIT_H
#define HOPPROOF_REPORTS_JUNIT_H

#include "diag/model/report.h"

struct buf;

/* Appended; a buffer that is too small says so by `overflow`. */
void junit_draw(const struct report *r, struct buf *out);

#endif
