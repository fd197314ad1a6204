/*
 * plan: the report with every result still `skip`: endpoints by routes, as contract section 1
 * says.
 */
#ifndef HOPPROOF_PLAN_H
#define HOPPROOF_PLAN_H

#include "diag/model/report.h"
#include "diag/model/site.h"

struct fault;

/*
 * Fill the report's run, site, hops, routes, endpoints and results from the site. 0, or -1 with a
 * fault when a route names no hop.
 */
int plan_make(const struct site *s, struct report *r, struct fault *f);

#endif
