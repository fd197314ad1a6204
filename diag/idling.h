/*
 * idling: which connections --idle leaves unused for a while, and which of them call for a control:
 * the same question at once on a fresh connection. (An answer there shows that it is the idle time
 * that killed the first one, and not the path or the question.)
 */
#ifndef HOPPROOF_IDLING_H
#define HOPPROOF_IDLING_H

#include "diag/judge/judge.h"
#include "diag/model/report.h"

#include <stddef.h>

/*
 * One connection for each service among the endpoints that got through TLS on the required route,
 * and for each endpoint whose service is not known; 8 at the most. The array is in the report's
 * arena; its length is returned.
 */
size_t idling_plan(struct report *r, struct wish **out);

/* A control for each idle connection that was used again and did not get its answer. */
size_t idling_controls(struct report *r, struct wish **out);

/* What became of the idle connections, as notes of the run: what was seen, without a verdict. */
void idling_note(struct report *r);

#endif
