/* public_roots: what the world believes, whatever this machine does. */
#include "probes/cert.h"
#include "tests/unit/ca.h"

START_TEST(every_public_root_is_what_its_row_says)
{
    uint32_t before = 0;
    size_t azure = 0, bridges = 0;

    for (size_t i = 0; i < public_roots_count; i++) {
        const struct public_root *row = public_root_at(i), *found;
        X509 *x = public_root_decode(row);
        uint8_t digest[32];

        ck_assert_msg(x != NULL, "%s", row->name);
        ck_assert(cert_sha256(x, digest));
        ck_assert_str_eq(cert_hex(arena, digest, 32), row->sha256);
        ck_assert_uint_eq(X509_NAME_hash_ex(X509_get_subject_name(x), NULL, NULL, NULL),
                          row->name_hash);
        ck_assert(row->name_hash >= before);
        ck_assert_uint_ge(public_roots_named(row->name_hash, &found), 1);
        ck_assert(public_root_is(x) == (row->kind != PUBLIC_ROOT_BRIDGE));
        before = row->name_hash;
        azure += row->kind == PUBLIC_ROOT_AZURE;
        bridges += row->kind == PUBLIC_ROOT_BRIDGE;
        X509_free(x);
    }
    ck_assert_uint_eq(azure, 6);
    ck_assert_uint_eq(bridges, 1);
    ck_assert(public_roots_count > 130);
    ck_assert(!public_root_is(root.cert));
    ck_assert_uint_eq(strlen(trust_public_date()), strlen("2026-11-24"));
}
END_TEST

START_TEST(a_public_chain_is_public_whatever_this_machine_believes)
{
    X509 *bridge = public_cert(PUBLIC_ROOT_BRIDGE, "Microsoft TLS RSA Root G2");
    struct tls_detail *d = examine(trust, bridge, NULL, NULL, NULL, NOW);

    ck_assert_int_eq(d->trusted, TRI_NO);
    ck_assert_int_eq(d->public_trust, TRI_YES);
    ck_assert_int_eq(d->public_with_bridge, TRI_YES);
    ck_assert_str_eq(d->missing_issuer,
                     "CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US");
    ck_assert(!d->missing_issuer_public);             /* a root: servers need not send it */
    ck_assert_int_eq(d->trusted_with_bridge, TRI_NO); /* the root is missing, not a bridge */
    X509_free(bridge);
}
END_TEST

/*
 * The bridge that download.microsoft.com forgot. Nobody can sign with Microsoft's key here, so the
 * chain ends in one of its real intermediates, as if that were a server's certificate.
 */
START_TEST(a_forgotten_bridge_is_found)
{
    X509 *digicert = public_cert(PUBLIC_ROOT_AZURE, "DigiCert Global Root G2");
    X509 *bridge = public_cert(PUBLIC_ROOT_BRIDGE, "Microsoft TLS RSA Root G2");
    FILE *file = fopen(TEST_DATA "/trust/microsoft-tls-g2-rsa-ca-ocsp-04.pem", "r");
    X509 *issuing = file != NULL ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    struct trust *t = trust_new(arena, write_pem("other.pem", &digicert, 1), NULL);
    struct tls_detail *d;

    ck_assert_ptr_nonnull(issuing);
    fclose(file);
    d = examine(t, issuing, NULL, NULL, NULL, NOW);
    ck_assert_int_eq(d->trusted, TRI_NO);
    ck_assert_int_eq(d->trusted_with_bridge, TRI_YES);
    ck_assert_int_eq(d->public_trust, TRI_YES); /* by the bridge's self-signed twin */
    ck_assert_str_eq(d->missing_issuer,
                     "CN=Microsoft TLS RSA Root G2,O=Microsoft Corporation,C=US");
    ck_assert(d->missing_issuer_public);
    d = examine(t, issuing, bridge, NULL, NULL, NOW);
    ck_assert_ptr_null(d->missing_issuer);
    ck_assert(strstr(d->anchor, "DigiCert Global Root G2") != NULL);
    d = examine(trust, issuing, NULL, NULL, NULL, NOW); /* the lab's root: no bridge leads there */
    ck_assert_int_eq(d->trusted_with_bridge, TRI_NO);
    trust_free(t);
    X509_free(issuing);
    X509_free(bridge);
    X509_free(digicert);
}
END_TEST

START_TEST(known_intermediates_are_known_by_name_and_organisation)
{
    struct party ca = make((struct wish){.cn = "Microsoft TLS G2 RSA CA OCSP 04",
                                         .o = "Microsoft Corporation",
                                         .ca = true,
                                         .by = &root});
    struct party fake = make((struct wish){
        .cn = "Microsoft TLS G2 RSA CA OCSP 04", .o = "Corp Inspection", .ca = true, .by = &root});
    struct party one = make((struct wish){.cn = HOST, .by = &ca, .san = SAN_OK});
    struct party two = make((struct wish){.cn = HOST, .by = &fake, .san = SAN_OK});

    ck_assert(examine(trust, one.cert, NULL, NULL, HOST, NOW)->missing_issuer_public);
    ck_assert(!examine(trust, two.cert, NULL, NULL, HOST, NOW)->missing_issuer_public);
    drop(&one);
    drop(&two);
    drop(&ca);
    drop(&fake);
}
END_TEST

START_TEST(a_forger_with_a_public_name_is_not_public)
{
    struct party fake = make(
        (struct wish){.cn = "ISRG Root X1", .o = "Internet Security Research Group", .ca = true});
    struct party own = make((struct wish){.cn = HOST, .by = &fake, .san = SAN_OK});
    struct trust *t = trust_new(arena, write_pem("other.pem", &fake.cert, 1), NULL);
    struct tls_detail *d = examine(t, own.cert, NULL, NULL, HOST, NOW);

    ck_assert(trust_convinced(d)); /* inspected, and this machine was told to believe it */
    ck_assert_int_eq(d->public_trust, TRI_NO);
    ck_assert_int_eq(d->public_with_bridge, TRI_NO);
    trust_free(t);
    drop(&own);
    drop(&fake);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_public_root_is_what_its_row_says,
        a_public_chain_is_public_whatever_this_machine_believes,
        a_forgotten_bridge_is_found,
        known_intermediates_are_known_by_name_and_organisation,
        a_forger_with_a_public_name_is_not_public,
    };

    return ca_run("public_roots", tests, ARRAY_LEN(tests));
}
