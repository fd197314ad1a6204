/* anchors: where trust anchors come from, and when they are loaded. */
#include "tests/unit/ca.h"

START_TEST(an_intermediate_that_the_user_names_is_an_anchor)
{
    struct trust *t = trust_new(arena, write_pem("other.pem", &middle.cert, 1), NULL);
    struct tls_detail *d = examine(t, leaf.cert, NULL, NULL, HOST, NOW);

    ck_assert_str_eq(errors(d), "");
    ck_assert_str_eq(d->anchor, "CN=Lab Middle,O=Lab");
    trust_free(t);
}
END_TEST

START_TEST(files_that_cannot_be_used_are_named)
{
    struct fault f = {""};
    FILE *file = fopen(arena_printf(arena, "%s/bad.pem", folder), "w");

    fputs("hello\n", file);
    fclose(file);
    ck_assert_ptr_null(trust_new(arena, "/nowhere/ca.pem", &f));
    ck_assert(strstr(f.text, "/nowhere/ca.pem: No such file") != NULL);
    ck_assert_ptr_null(trust_new(arena, arena_printf(arena, "%s/bad.pem", folder), &f));
    ck_assert(strstr(f.text, "no certificate in PEM form") != NULL);
    ck_assert_ptr_null(trust_new(arena, folder, &f));
    setenv("SSL_CERT_FILE", "/nowhere/env.pem", 1);
    ck_assert_ptr_null(trust_new(arena, NULL, &f));
    ck_assert(strstr(f.text, "SSL_CERT_FILE=/nowhere/env.pem") != NULL);
    unsetenv("SSL_CERT_FILE");
}
END_TEST

START_TEST(the_environment_names_a_bundle_and_a_folder)
{
    X509 *certs[] = {root.cert, stranger.cert};
    struct tls_detail *d;
    struct trust *t;

    setenv("SSL_CERT_FILE", write_pem("other.pem", certs, 2), 1);
    setenv("SSL_CERT_DIR", folder, 1);
    t = trust_new(arena, NULL, NULL);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    trust_preload(t);
    trust_preload(t);
    d = examine(t, leaf.cert, middle.cert, NULL, HOST, NOW);
    ck_assert(trust_convinced(d));
    ck_assert(strstr(trust_source(t), "other.pem (2 certificates)") != NULL);
    ck_assert(strstr(trust_source(t), "(hashed directory)") != NULL);
    trust_free(t);
    t = trust_new(arena, NULL, NULL); /* never used: its load must end with it */
    trust_preload(t);
    trust_free(t);
}
END_TEST

/* Loading a bundle is most of the start-up; nearly always the directory beside it does. */
START_TEST(a_bundle_beside_a_folder_is_loaded_when_a_chain_needs_it)
{
    const char *link = arena_printf(
        arena, "%08lx.0", X509_NAME_hash_ex(X509_get_subject_name(root.cert), NULL, NULL, NULL));
    struct party own = make((struct wish){.cn = HOST, .by = &stranger, .san = SAN_OK});
    struct trust *t;

    write_pem(link, &root.cert, 1);
    setenv("SSL_CERT_FILE", write_pem("other.pem", &stranger.cert, 1), 1);
    setenv("SSL_CERT_DIR", folder, 1);
    t = trust_new(arena, NULL, NULL);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    trust_preload(t);
    ck_assert(trust_convinced(examine(t, leaf.cert, middle.cert, NULL, HOST, NOW)));
    ck_assert(strstr(trust_source(t), "other.pem (not needed)") != NULL);
    ck_assert(trust_convinced(examine(t, own.cert, NULL, NULL, HOST, NOW)));
    ck_assert(strstr(trust_source(t), "other.pem (1 certificate)") != NULL);
    trust_free(t);
    drop(&own);
    unlink(arena_printf(arena, "%s/%s", folder, link));
}
END_TEST

/* update-ca-certificates(8) makes both: to load the bundle too would cost 45 ms for nothing. */
START_TEST(a_bundle_of_the_hashed_folder_is_not_loaded)
{
    const char *file = write_pem("ca-certificates.crt", &root.cert, 1);
    struct trust *t;

    setenv("SSL_CERT_FILE", file, 1);
    setenv("SSL_CERT_DIR", folder, 1);
    t = trust_new(arena, NULL, NULL);
    ck_assert_str_eq(trust_source(t), arena_printf(arena, "%s (hashed directory)", folder));
    trust_free(t);
    setenv("SSL_CERT_DIR", "/etc/ssl/certs", 1); /* somebody else's bundle is */
    t = trust_new(arena, NULL, NULL);
    ck_assert(strstr(trust_source(t), "ca-certificates.crt (not needed), /etc/ssl") != NULL);
    trust_free(t);
    setenv("SSL_CERT_FILE", "", 1);
    t = trust_new(arena, NULL, NULL);
    ck_assert_ptr_nonnull(t);
    trust_free(t);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    unlink(file);
}
END_TEST

START_TEST(the_systems_roots_are_found)
{
    X509 *bridge = public_cert(PUBLIC_ROOT_BRIDGE, "Microsoft TLS RSA Root G2");
    struct trust *t = trust_new(arena, NULL, NULL);
    struct tls_detail *d = examine(t, bridge, NULL, NULL, NULL, NOW);

    ck_assert_ptr_nonnull(t);
    ck_assert_int_eq(d->trusted_ignoring_time, TRI_YES);
    ck_assert_int_eq(d->public_trust, TRI_YES);
    ck_assert(strstr(d->anchor, "DigiCert Global Root G2") != NULL);
    X509_free(bridge);
    trust_free(t);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_intermediate_that_the_user_names_is_an_anchor,
        files_that_cannot_be_used_are_named,
        the_environment_names_a_bundle_and_a_folder,
        a_bundle_beside_a_folder_is_loaded_when_a_chain_needs_it,
        a_bundle_of_the_hashed_folder_is_not_loaded,
        the_systems_roots_are_found,
    };

    return ca_run("anchors", tests, ARRAY_LEN(tests));
}
