/*
 * revocation: is this what a revocation server answers, and not somebody's page? Pure functions
 * over the first bytes of a body; a list may be megabytes long, so that its beginning has to tell.
 */
#ifndef HOPPROOF_PROTO_REVOCATION_H
#define HOPPROOF_PROTO_REVOCATION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The DER of a certificate revocation list (RFC 5280 section 5.1), as far as it came. With
 * `complete` its announced length has to be that of the body.
 */
bool revocation_is_crl(const void *body, size_t len, bool complete);

/* The DER of an OCSP response, whatever it says (RFC 6960 section 4.2.1). */
bool revocation_is_ocsp(const void *body, size_t len, bool complete);

#endif
