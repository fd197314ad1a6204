/*
 * verify: one certificate chain against one set of anchors, with every error (RFC 5280 section 6).
 *
 * OpenSSL stops at the first error unless a callback lets it go on; this one does, and keeps
 * what it saw. Names are not looked at here.
 */
#ifndef HOPPROOF_PROBES_VERIFY_H
#define HOPPROOF_PROBES_VERIFY_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stack_st_X509;

enum { VERIFY_ERRORS_MAX = 32 };

struct verify_error {
    int depth, code; /* X509_V_ERR_... */
    X509 *cert;      /* the caller's; alive as long as the verify */
};

struct verify {
    /* what is asked */
    X509_STORE *store;
    const struct stack_st_X509 *chain; /* as presented, leaf first */
    int security_level;                /* see SSL_get_security_level(3) */
    int64_t now_s;
    /* the answer */
    struct verify_error errors[VERIFY_ERRORS_MAX];
    size_t n_errors;
    X509 *anchor;               /* the trust anchor that ends the chain, NULL when none was found */
    X509 *issuer;               /* of the leaf, NULL when not found */
    X509 *issuer_less;          /* the last one of a chain that ends in nothing, NULL otherwise */
    struct stack_st_X509 *path; /* what was built, leaf first */
};

/* Fill the answer. 0, or -1 when memory ran out. verify_clear() afterwards in both cases; after
 * that the same question can be asked again. */
int verify_run(struct verify *v);
void verify_clear(struct verify *v);

/*
 * Does the chain lead to an anchor of the store, whatever the time and the purpose, with the
 * `helpers` (may be NULL) as further intermediates? Stops at the first error, and so costs little
 * when it does not.
 */
bool verify_leads_to(X509_STORE *store, const struct stack_st_X509 *chain,
                     const struct stack_st_X509 *helpers);

/* An error that goes away when the clock is right. */
bool verify_error_is_time(int code);

/* The name of X509_V_ERR_CERT_HAS_EXPIRED: "cert-has-expired"; "error-N" for unknown ones. */
const char *verify_error_name(int code, char *room, size_t len);

#endif
