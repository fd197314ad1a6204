/*
 * tls_client: what all TLS connections of a run share (SSL_CTX_new(3)): made once, because per
 * connection it would cost twenty times the handshake.
 */
#ifndef HOPPROOF_PROBES_TLS_CLIENT_H
#define HOPPROOF_PROBES_TLS_CLIENT_H

#include <openssl/types.h>

struct fault;
struct tls_client;
struct vault;

/*
 * NULL with a fault when the TLS library does not start. `keylog`: where the secrets of every
 * connection go, one a line (SSL_CTX_set_keylog_callback(3)); NULL: nowhere. It outlives the
 * client.
 */
struct tls_client *tls_client_new(struct vault *keylog, struct fault *f);
void tls_client_free(struct tls_client *c);

/* The context for normal handshakes; the one whose ClientHello needs several segments. */
SSL_CTX *tls_client_ctx(struct tls_client *c);
SSL_CTX *tls_client_large_ctx(struct tls_client *c);

/*
 * Can a client certificate and its key (PEM files, perhaps the same one) be used? Nobody is asked
 * for a passphrase, here or later. 0, or -1 with a fault that names the file.
 */
int tls_client_check_cert(const char *cert, const char *key, struct fault *f);

/*
 * What this side says on the connection stays unreadable, whoever has the key log. 0, or -1
 * without memory: then nothing may be said.
 */
int tls_client_hush(SSL *ssl);

#endif
