/*
 * revocation: the hosts that a client asks whether certificates are revoked (RFC 5280 section
 * 4.2.1.13, RFC 6960), as further endpoints of the run.
 */
#ifndef HOPPROOF_REVOCATION_H
#define HOPPROOF_REVOCATION_H

#include "diag/model/report.h"

#include <stddef.h>

/*
 * Add the OCSP and CRL hosts of every certificate that was presented on the required route: one
 * optional endpoint of the service "revocation" each, and its result on that route, still `skip`.
 * Returns the number of results added; they stand at the end of report->results.
 */
size_t revocation_plan(struct report *r);

#endif
