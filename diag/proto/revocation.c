/* revocation: see revocation.h. Tag and length octets: ITU-T X.690, sections 8.1 and 10.1. */
#include "diag/proto/revocation.h"

#include "diag/base/bytes.h"

#include <stdint.h>

enum { DER_INTEGER = 0x02, DER_OID = 0x06, DER_ENUMERATED = 0x0a, DER_SEQUENCE = 0x30 };

/* The header of an element with this tag; its length, or invalid in the cursor. */
static uint64_t enter(struct bytes *b, uint8_t tag)
{
    uint8_t first;
    uint64_t len = 0;

    if (bytes_u8(b) != tag)
        b->invalid = true;
    first = bytes_u8(b);
    if (first < 0x80)
        return first;
    if (first == 0x80 || first > 0x84) /* indefinite; more than any list has */
        b->invalid = true;
    for (int i = first & 0x7f; i > 0 && bytes_ok(b); i--)
        len = len << 8 | bytes_u8(b);
    return len;
}

/* Is the whole body one sequence, or the beginning of one? The cursor is inside afterwards. */
static bool is_one_sequence(struct bytes *b, bool complete)
{
    uint64_t len = enter(b, DER_SEQUENCE);

    return bytes_ok(b) && (complete ? len == bytes_left(b) : len >= bytes_left(b));
}

/*
 * CertificateList ::= SEQUENCE {              TBSCertList ::= SEQUENCE {
 *     tbsCertList          TBSCertList,           version    INTEGER OPTIONAL,
 *     signatureAlgorithm   ...                    signature  SEQUENCE { algorithm OID, ...
 */
bool revocation_is_crl(const void *body, size_t len, bool complete)
{
    struct bytes b = bytes_of(body, len);

    if (!is_one_sequence(&b, complete))
        return false;
    enter(&b, DER_SEQUENCE);
    if (bytes_left(&b) > 0 && *b.p == DER_INTEGER)
        bytes_skip(&b, (size_t)enter(&b, DER_INTEGER));
    enter(&b, DER_SEQUENCE);
    enter(&b, DER_OID);
    return bytes_ok(&b);
}

/* OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT ... OPTIONAL }
 */
bool revocation_is_ocsp(const void *body, size_t len, bool complete)
{
    struct bytes b = bytes_of(body, len);

    return is_one_sequence(&b, complete) && enter(&b, DER_ENUMERATED) == 1 && bytes_u8(&b) <= 6 &&
           bytes_ok(&b);
}
