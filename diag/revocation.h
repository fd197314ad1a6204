/*
 * revocation: the hosts that a client asks whether certificates are revoked (RFC 5280 section
 * 4.2.1.13, RFC 6960), as further endpoints of the run.
 */
#ifndef HOPPROOF_REVOCATION_H
#define HOPPROOF_REVOCATION_H

#include "diag/model/report.h"

#include <stddef.h>

struct wish;

/*
 * Add the OCSP and CRL servers of every certificate that was presented on the required route and
 * that a known authority vouches for: one optional endpoint of the service "revocation" for each
 * host and port, and its result on that route, still `skip`. Further URLs of a server stand in its
 * `also`; a responder is asked about one certificate. What was left out is said in the run's notes.
 * Returns the number of results added; they stand at the end of report->results.
 */
size_t revocation_plan(struct report *r);

/*
 * When these were probed: the further URLs of the servers that were reached, whatever they
 * answered, as experiments in the report's arena. Returns their number.
 */
size_t revocation_further(struct report *r, struct wish **out);

#endif
