/*
 * cert: what a certificate says (RFC 5280), as printable facts for a report.
 *
 * Certificates are hostile: names may hold anything, lists may be endless. Text is made printable,
 * long text is cut, long lists end with how many entries were left out.
 */
#ifndef HOPPROOF_PROBES_CERT_H
#define HOPPROOF_PROBES_CERT_H

#include "diag/model/report.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;

enum { CERT_LIST_MAX = 100 }; /* entries of a list that are kept */

/* All facts of a certificate, in the arena. What cannot be decoded stays NULL. */
struct cert *cert_describe(struct arena *a, const X509 *cert);

/*
 * The question to the OCSP responder of a certificate, as a GET has it: the Base64 of the request's
 * DER (RFC 6960 appendix A.1). NULL when `issuer` did not issue it.
 */
const char *cert_ocsp_request(struct arena *a, X509 *cert, X509 *issuer);

/* A distinguished name as of RFC 2253, printable, in the arena. */
const char *cert_name_text(struct arena *a, const X509_NAME *name);

/* Seconds since 1970; false when the time cannot be read. */
bool cert_time(const ASN1_TIME *time, int64_t *out);

/* RFC 3339, UTC, whole seconds, in the arena. */
const char *cert_time_text(struct arena *a, int64_t seconds);

/* Lower-case hexadecimal in the arena. */
char *cert_hex(struct arena *a, const uint8_t *bytes, size_t len);

/* SHA-256 of the certificate's DER; false when memory ran out. */
bool cert_sha256(const X509 *cert, uint8_t out[32]);

/*
 * Does the certificate bear this name or address literal (without brackets)? As RFC 9525 and
 * X509_check_host(3): a wildcard stands for the whole leftmost label only, addresses match only
 * iPAddress entries, and the common name is no name of a server even where no other is given
 * (RFC 9525 section 2, and the contract: "no matching SAN").
 */
bool cert_bears(X509 *cert, const char *host);

#endif
