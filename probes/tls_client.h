/*
 * tls_client: what all TLS connections of a run share (SSL_CTX_new(3)): made once, because per
 * connection it would cost twenty times the handshake.
 */
#ifndef HOPPROOF_PROBES_TLS_CLIENT_H
#define HOPPROOF_PROBES_TLS_CLIENT_H

#include <openssl/types.h>

struct fault;
struct tls_client;

/* NULL with a fault when the TLS library does not start. */
struct tls_client *tls_client_new(struct fault *f);
void tls_client_free(struct tls_client *c);

/* The context for normal handshakes; the one whose ClientHello needs several segments. */
SSL_CTX *tls_client_ctx(struct tls_client *c);
SSL_CTX *tls_client_large_ctx(struct tls_client *c);

#endif
