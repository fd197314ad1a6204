/*
 * staple: what a stapled OCSP response (RFC 6960, RFC 6066 section 8) says of a certificate.
 */
#ifndef HOPPROOF_PROBES_STAPLE_H
#define HOPPROOF_PROBES_STAPLE_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

struct stack_st_X509;

enum staple {
    STAPLE_GOOD,
    STAPLE_REVOKED,
    STAPLE_UNKNOWN, /* the responder does not know the certificate */
    STAPLE_STALE,   /* good, but for another time than `now` */
    STAPLE_INVALID, /* not a response, about another certificate, or not signed by the issuer */
};

/*
 * Judge a response in DER about `leaf`, whose issuer is `issuer` (NULL when not known: nothing
 * can be verified then). Revocation is believed at any time. *produced_s, where the signature
 * is right, is when the response was signed (seconds since 1970), INT64_MIN otherwise.
 */
enum staple staple_judge(const uint8_t *der, size_t len, X509 *leaf, X509 *issuer,
                         const struct stack_st_X509 *chain, int64_t now_s, int64_t *produced_s);

/* "good", "revoked", "unknown", "stale", "invalid" */
const char *staple_name(enum staple s);

#endif
