/* tls_client: a client certificate that cannot be used is told before the run. */
#include "probes/tls_client.h"
#include "tests/unit/ca.h"

#include <openssl/ssl.h>

static const char *write_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
    char *path = arena_printf(arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert(PEM_write_PrivateKey(file, key, passphrase != NULL ? EVP_aes_128_cbc() : NULL,
                                   (const unsigned char *)passphrase,
                                   passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL));
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

START_TEST(a_certificate_and_its_key_are_fine)
{
    const char *cert = write_pem("other.pem", &leaf.cert, 1);
    const char *key = write_key("bad.pem", leaf.key, NULL);
    struct fault f = {""};

    ck_assert_msg(tls_client_check_cert(cert, key, &f) == 0, "%s", f.text);
}
END_TEST

/* OpenSSL would ask on the terminal, while all connections wait. */
START_TEST(a_key_with_a_passphrase_is_refused_and_not_asked_for)
{
    const char *cert = write_pem("other.pem", &leaf.cert, 1);
    const char *key = write_key("bad.pem", leaf.key, "sesame");
    struct tls_client *c;
    struct fault f = {""};

    ck_assert_int_eq(tls_client_check_cert(cert, key, &f), -1);
    ck_assert_ptr_nonnull(strstr(f.text, "bad.pem"));
    ck_assert_ptr_nonnull(strstr(f.text, "passphrase"));
    c = tls_client_new(NULL, &f);
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_nonnull(SSL_CTX_get_default_passwd_cb(tls_client_ctx(c)));
    ck_assert_ptr_nonnull(SSL_CTX_get_default_passwd_cb(tls_client_large_ctx(c)));
    tls_client_free(c);
}
END_TEST

START_TEST(what_does_not_belong_together_is_refused)
{
    const char *cert = write_pem("other.pem", &leaf.cert, 1);
    const char *key = write_key("bad.pem", stranger.key, NULL);
    struct fault f = {""};

    ck_assert_int_eq(tls_client_check_cert(cert, key, &f), -1);
    ck_assert_msg(strstr(f.text, "does not belong") != NULL, "%s", f.text);
    ck_assert_int_eq(tls_client_check_cert(key, key, &f), -1);
    ck_assert_msg(strstr(f.text, "no certificate") != NULL, "%s", f.text);
    ck_assert_int_eq(tls_client_check_cert(cert, cert, &f), -1);
    ck_assert_msg(strstr(f.text, "no private key") != NULL, "%s", f.text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_certificate_and_its_key_are_fine,
        a_key_with_a_passphrase_is_refused_and_not_asked_for,
        what_does_not_belong_together_is_refused,
    };

    return ca_run("tls_client", tests, ARRAY_LEN(tests));
}
