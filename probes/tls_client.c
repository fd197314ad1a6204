/* tls_client: see tls_client.h. */
#include "probes/tls_client.h"

#include "diag/base/fault.h"
#include "probes/trust.h"

#include <openssl/ssl.h>
#include <stdlib.h>

/* RFC 8701: an extension type that servers must ignore, reserved for tests of just that. */
#define GREASE_EXTENSION 0x5a5a
/* More than one segment on any Ethernet, whatever the rest of the ClientHello needs. */
#define LARGE_HELLO_FILL 1800

struct tls_client {
    SSL_CTX *ctx, *large;
};

static SSL_CTX *new_ctx(void)
{
    static const unsigned char http11[] = "\x08http/1.1";
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (ctx == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    trust_defer(ctx); /* a handshake that stops at the first error hides all the others */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_alpn_protos(ctx, http11, sizeof http11 - 1);
    return ctx;
}

static int add_fill(SSL *ssl, unsigned int type, unsigned int context, const unsigned char **out,
                    size_t *len, X509 *x, size_t index, int *alert, void *arg)
{
    static const unsigned char fill[LARGE_HELLO_FILL];

    (void)ssl, (void)type, (void)context, (void)x, (void)index, (void)alert, (void)arg;
    *out = fill;
    *len = sizeof fill;
    return 1;
}

struct tls_client *tls_client_new(struct fault *f)
{
    struct tls_client *c = calloc(1, sizeof *c);

    /* The machine's openssl.cnf must not decide what a diagnosis can see. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (c != NULL)
        c->ctx = new_ctx();
    if (c == NULL || c->ctx == NULL) {
        tls_client_free(c);
        fault_set(f, "the TLS library does not start; check the installation of OpenSSL 3");
        return NULL;
    }
    return c;
}

void tls_client_free(struct tls_client *c)
{
    if (c == NULL)
        return;
    SSL_CTX_free(c->ctx);
    SSL_CTX_free(c->large);
    free(c);
}

SSL_CTX *tls_client_ctx(struct tls_client *c)
{
    return c->ctx;
}

SSL_CTX *tls_client_large_ctx(struct tls_client *c)
{
    if (c->large == NULL) {
        c->large = new_ctx();
        if (c->large != NULL)
            SSL_CTX_add_custom_ext(c->large, GREASE_EXTENSION, SSL_EXT_CLIENT_HELLO, add_fill, NULL,
                                   NULL, NULL, NULL);
    }
    return c->large != NULL ? c->large : c->ctx;
}
