/*
 * tls_hello: what our ClientHello offers (RFC 8446 section 4.1.2), as a probe wants it.
 */
#ifndef HOPPROOF_PROBES_TLS_HELLO_H
#define HOPPROOF_PROBES_TLS_HELLO_H

#include <openssl/types.h>

struct tls_spec;

/* The large hello is the context's business (tls_client.h). 0, or -1 where the library or the
 * client certificate does not allow it; OpenSSL's error queue then says why. */
int tls_hello_set(SSL *ssl, const struct tls_spec *spec);

#endif
