/* trust_der: see trust_der.h. */
#include "probes/trust_der.h"

#include "probes/trust.h"

#include "diag/base/fault.h"

#include <openssl/x509.h>

enum { SECURITY_LEVEL = 2 }; /* what the distributions build OpenSSL with */

int trust_examine_der(struct trust *t, const uint8_t *const *der, const size_t *len, size_t n,
                      const char *host, int64_t now_s, struct tls_detail *d, struct fault *f)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    int status = 0;

    if (chain == NULL)
        return fault_set(f, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const unsigned char *p = der[i];
        X509 *cert = d2i_X509(NULL, &p, (long)len[i]);

        if (cert == NULL)
            break; /* what stands in front of the broken one is evidence all the same */
        if (sk_X509_push(chain, cert) == 0) {
            X509_free(cert);
            status = fault_set(f, "out of memory");
        }
    }
    if (status == 0 && sk_X509_num(chain) > 0)
        status = trust_examine_chain(t, chain, NULL, 0, SECURITY_LEVEL, host, now_s, d, f);
    sk_X509_pop_free(chain, X509_free);
    return status;
}
