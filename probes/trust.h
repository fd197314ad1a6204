/*
 * trust: whom this machine believes, and whom the world believes.
 *
 * A struct trust holds one set of trust anchors: the system's, or those of a PEM file. It judges
 * a certificate chain twice: against its anchors (is the endpoint believed here?) and against the
 * public roots compiled into the program (is this somebody else's certificate in the endpoint's
 * name?). Every error of the chain is collected, not only the first one.
 *
 * The handshake itself never fails for the certificate: trust_defer() makes it go on, and
 * trust_examine() looks at the certificates afterwards. No data may be sent before that.
 *
 * Not thread-safe, except that trust_preload() works in the background.
 */
#ifndef HOPPROOF_PROBES_TRUST_H
#define HOPPROOF_PROBES_TRUST_H

#include "diag/model/report.h"

#include <openssl/types.h>
#include <stdint.h>

struct arena;
struct fault;
struct stack_st_X509; /* STACK_OF(X509) */
struct trust;

/*
 * Trust anchors from a PEM file, or the system's where `ca_file` is NULL: SSL_CERT_FILE and
 * SSL_CERT_DIR as in openssl-env(7), else the system's hashed directory (read lazily, only the
 * roots that are asked for), else its bundle. A machine that has none at all is judged by the
 * compiled-in public roots, and trust_source() says so.
 *
 * What is learned of certificates is kept in `a`, the arena of the report: it must outlive the
 * trust. NULL with a fault when a file that was named cannot be used.
 */
struct trust *trust_new(struct arena *a, const char *ca_file, struct fault *f);

/* Waits for a load in the background; NULL is fine. */
void trust_free(struct trust *t);

/*
 * Begin to load what is slow (a bundle takes some 45 ms) in a thread of its own, so that it hides
 * behind the first round trips. Optional; whatever needs the anchors first waits for the thread.
 */
void trust_preload(struct trust *t);

/*
 * Where the anchors come from, for run.trust: "/etc/ssl/certs (hashed directory)",
 * "corp.pem (2 certificates)". Lives as long as the arena; waits for the load.
 */
const char *trust_source(struct trust *t);

/* The date of the compiled-in list of public roots, "2026-11-24". */
const char *trust_public_date(void);

/*
 * Make handshakes of this context go on whatever the certificate is worth, and ask for a stapled
 * OCSP response. Resumption is the caller's to switch off: a resumed session shows no chain.
 */
void trust_defer(SSL_CTX *ctx);

/*
 * Fill `d` with what the peer of `ssl` presented and what it is worth: chain, chain_errors,
 * trusted, trusted_ignoring_time, public_trust, public_with_bridge, anchor, missing_issuer, ocsp
 * and their like. To be called when the handshake is over, completed or not; without
 * certificates nothing is changed.
 *
 * `host` is the name or address literal (no brackets) that the certificate must bear; `now_s` is
 * the time to judge by, seconds since 1970. `d->chain` and `d->chain_errors` may be shared with
 * other connections that saw the same chain: they must not be changed in place.
 *
 * 0; or -1 with a fault when memory ran out; the facts are then incomplete.
 */
int trust_examine(struct trust *t, SSL *ssl, const char *host, int64_t now_s, struct tls_detail *d,
                  struct fault *f);

/*
 * The same of a chain that came from elsewhere (a capture, a file), leaf first. `staple` is the
 * stapled OCSP response in DER, NULL when none came; `security_level` that of
 * SSL_get_security_level(3), below which keys and signatures are too weak.
 */
int trust_examine_chain(struct trust *t, const struct stack_st_X509 *chain, const uint8_t *staple,
                        size_t staple_len, int security_level, const char *host, int64_t now_s,
                        struct tls_detail *d, struct fault *f);

/* True when `d` has no chain error at all: the chain convinces, and the name is the right one. */
bool trust_convinced(const struct tls_detail *d);

#endif
