/* tls_client: see tls_client.h. */
#include "probes/tls_client.h"

#include "diag/base/fault.h"
#include "diag/base/vault.h"
#include "probes/trust.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* RFC 8701: an extension type that servers must ignore, reserved for tests of just that. */
#define GREASE_EXTENSION 0x5a5a
/* More than one segment on any Ethernet, whatever the rest of the ClientHello needs. */
#define LARGE_HELLO_FILL 1800

struct tls_client {
    SSL_CTX *ctx, *large;
    struct vault *keylog;
};

/* Marks connections that tls_client_hush was called for; made at first use. */
static int hush_index(void)
{
    static int index = -1;

    if (index < 0)
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

int tls_client_hush(SSL *ssl)
{
    static char yes;

    return SSL_set_ex_data(ssl, hush_index(), &yes) == 1 ? 0 : -1;
}

static bool begins(const char *line, const char *label)
{
    return strncmp(line, label, strlen(label)) == 0;
}

/*
 * "LABEL client-random secret" (draft-ietf-tls-keylogfile). Of a hushed connection what opens the
 * client's application data is left out; in TLS 1.2 one secret opens both directions.
 */
static void on_secret(const SSL *ssl, const char *line)
{
    struct vault *keylog = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    if (begins(line, "EXPORTER_SECRET ")) /* opens nothing that was sent */
        return;
    if (SSL_get_ex_data(ssl, hush_index()) != NULL &&
        (begins(line, "CLIENT_TRAFFIC_SECRET_0 ") || begins(line, "CLIENT_RANDOM ")))
        return;
    if (vault_add(keylog, line, strlen(line)) == 0)
        (void)vault_add(keylog, "\n", 1);
}

/* OpenSSL would ask on the terminal for a key's passphrase, in the middle of the run. */
static int no_passphrase(char *to, int room, int writing, void *arg)
{
    (void)to, (void)room, (void)writing, (void)arg;
    return -1;
}

static SSL_CTX *new_ctx(struct vault *keylog)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (ctx == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    trust_defer(ctx); /* a handshake that stops at the first error hides all the others */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    if (keylog != NULL) {
        SSL_CTX_set_app_data(ctx, keylog);
        SSL_CTX_set_keylog_callback(ctx, on_secret);
    }
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

/* Why the key could not be taken, from OpenSSL's last word about it. */
static int bad_key(const char *cert, const char *key, struct fault *f)
{
    unsigned long error = ERR_peek_last_error();
    int reason = ERR_GET_REASON(error);

    if (ERR_GET_LIB(error) == ERR_LIB_X509 &&
        (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH))
        return fault_set(f, "%s: this key does not belong to the certificate in %s", key, cert);
    return fault_set(f,
                     "%s: no private key in PEM form that can be read without a passphrase; make "
                     "one with: openssl pkey -in FILE -out NEW",
                     key);
}

int tls_client_check_cert(const char *cert, const char *key, struct fault *f)
{
    SSL_CTX *ctx;
    int result = 0;

    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    ctx = new_ctx(NULL);
    if (ctx == NULL)
        return fault_set(f, "out of memory; free some memory");
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
        result =
            fault_set(f, "%s: no certificate in PEM form; it must hold the client's first", cert);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
        result = bad_key(cert, key, f);
    SSL_CTX_free(ctx);
    ERR_clear_error();
    return result;
}

struct tls_client *tls_client_new(struct vault *keylog, struct fault *f)
{
    struct tls_client *c = calloc(1, sizeof *c);

    /* The machine's openssl.cnf must not decide what a diagnosis can see. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (c != NULL) {
        c->keylog = keylog;
        c->ctx = new_ctx(keylog);
    }
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
        c->large = new_ctx(c->keylog);
        if (c->large != NULL)
            SSL_CTX_add_custom_ext(c->large, GREASE_EXTENSION, SSL_EXT_CLIENT_HELLO, add_fill, NULL,
                                   NULL, NULL, NULL);
    }
    return c->large != NULL ? c->large : c->ctx;
}
