/*
 * trust_der: certificates as octets, as a capture has them, held against the trust anchors.
 */
#ifndef HOPPROOF_PROBES_TRUST_DER_H
#define HOPPROOF_PROBES_TRUST_DER_H

#include "diag/model/report.h"

#include <stddef.h>
#include <stdint.h>

struct fault;
struct trust;

/*
 * trust_examine_chain of n certificates in DER, leaf first, up to the first that cannot be
 * decoded; nothing is changed when that is the leaf. The keys must be as strong as the
 * distributions demand (security level 2). 0, or -1 with a fault when memory ran out.
 */
int trust_examine_der(struct trust *t, const uint8_t *const *der, const size_t *len, size_t n,
                      const char *host, int64_t now_s, struct tls_detail *d, struct fault *f);

#endif
