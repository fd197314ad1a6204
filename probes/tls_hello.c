/* tls_hello: see tls_hello.h. */
#include "probes/tls_hello.h"

#include "probes/layer.h"

#include <openssl/ssl.h>

/* A ClientHello as small as it gets: one group, one suite each, nothing optional. */
static void shrink_hello(SSL *ssl)
{
    SSL_set1_groups_list(ssl, "X25519");
    SSL_set_ciphersuites(ssl, "TLS_AES_128_GCM_SHA256");
    SSL_set_cipher_list(ssl, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256");
    SSL_set1_sigalgs_list(ssl, "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256");
    SSL_set_tlsext_status_type(ssl, -1);
    SSL_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_ENCRYPT_THEN_MAC);
    SSL_clear_options(ssl, SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
}

static bool use_client_cert(SSL *ssl, const struct tls_spec *spec)
{
    if (spec->client_cert == NULL)
        return true;
    return SSL_use_certificate_chain_file(ssl, spec->client_cert) == 1 &&
           SSL_use_PrivateKey_file(ssl,
                                   spec->client_key != NULL ? spec->client_key : spec->client_cert,
                                   SSL_FILETYPE_PEM) == 1 &&
           SSL_check_private_key(ssl) == 1;
}

int tls_hello_set(SSL *ssl, const struct tls_spec *spec)
{
    static const unsigned char http11[] = "\x08http/1.1"; /* RFC 7301 section 3.1 */

    if (spec->sni != NULL)
        SSL_set_tlsext_host_name(ssl, spec->sni);
    if (spec->http && SSL_set_alpn_protos(ssl, http11, sizeof http11 - 1) != 0)
        return -1;
    if (spec->small_hello)
        shrink_hello(ssl);
    if (spec->tls12_only)
        SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    if (spec->legacy) { /* what would the far side speak, if we were careless? */
        SSL_set_min_proto_version(ssl, TLS1_VERSION);
        SSL_set_security_level(ssl, 0);
        SSL_set_cipher_list(ssl, "ALL:@SECLEVEL=0");
    }
    return use_client_cert(ssl, spec) ? 0 : -1;
}
