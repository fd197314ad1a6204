/* trust: what a chain is worth, with every way in which it can be wrong. */
#include "probes/cert.h"
#include "tests/unit/ca.h"

#include <openssl/ssl.h>

/* --- the chain --- */

START_TEST(a_good_chain_convinces)
{
    struct tls_detail *d = examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW);

    ck_assert_str_eq(errors(d), "");
    ck_assert(trust_convinced(d));
    ck_assert_int_eq(d->trusted, TRI_YES);
    ck_assert_int_eq(d->trusted_ignoring_time, TRI_YES);
    ck_assert_int_eq(d->public_trust, TRI_NO);
    ck_assert_int_eq(d->public_with_bridge, TRI_NO);
    ck_assert_str_eq(d->anchor, "CN=Lab Root,O=Lab");
    ck_assert_str_eq(d->anchor_sha256, cert_describe(arena, root.cert)->sha256);
    ck_assert_ptr_null(d->missing_issuer);
    ck_assert_ptr_null(d->ocsp);
    ck_assert_uint_eq(d->n_chain, 2);
}
END_TEST

START_TEST(a_chain_in_any_order_with_the_root_convinces_too)
{
    ck_assert(trust_convinced(examine(trust, leaf.cert, root.cert, middle.cert, HOST, NOW)));
}
END_TEST

START_TEST(an_empty_chain_changes_nothing)
{
    struct tls_detail *d = examine(trust, NULL, NULL, NULL, HOST, NOW);

    ck_assert(!trust_convinced(d));
    ck_assert_int_eq(d->trusted, TRI_UNKNOWN);
}
END_TEST

START_TEST(a_missing_intermediate_is_not_an_unknown_root)
{
    struct tls_detail *d = examine(trust, leaf.cert, NULL, NULL, HOST, NOW);

    ck_assert_str_eq(errors(d), "0:unable-to-get-issuer-cert-locally");
    ck_assert_str_eq(d->missing_issuer, "CN=Lab Middle,O=Lab");
    ck_assert(!d->missing_issuer_public);
    ck_assert_int_eq(d->trusted_ignoring_time, TRI_NO);
    ck_assert_int_eq(d->trusted_with_bridge, TRI_NO);
    ck_assert_ptr_null(d->anchor);
}
END_TEST

START_TEST(an_unknown_root_that_was_sent_misses_nobody)
{
    struct party own = make((struct wish){.cn = HOST, .by = &stranger, .san = SAN_OK});
    struct tls_detail *d = examine(trust, own.cert, stranger.cert, NULL, HOST, NOW);

    ck_assert_str_eq(errors(d), "1:self-signed-cert-in-chain");
    ck_assert_ptr_null(d->missing_issuer);
    ck_assert_ptr_null(d->anchor);
    ck_assert_int_eq(d->public_trust, TRI_NO);
    drop(&own);
}
END_TEST

START_TEST(a_self_signed_leaf_is_called_so)
{
    struct party own = make((struct wish){.cn = HOST, .san = SAN_OK});
    struct tls_detail *d = examine(trust, own.cert, NULL, NULL, HOST, NOW);

    ck_assert_str_eq(errors(d), "0:depth-zero-self-signed-cert");
    ck_assert(d->chain[0]->self_signed);
    ck_assert_ptr_null(d->missing_issuer);
    drop(&own);
}
END_TEST

START_TEST(all_errors_of_a_chain_are_collected)
{
    struct party old = make((struct wish){
        .cn = "Old", .ca = true, .by = &stranger, .from_s = -20 * DAY, .until_s = -10 * DAY});
    struct party own = make((struct wish){.cn = HOST,
                                          .by = &old,
                                          .san = "DNS:example.org",
                                          .eku = "clientAuth",
                                          .rsa_bits = 1024,
                                          .from_s = 3 * DAY,
                                          .until_s = 9 * DAY});
    struct tls_detail *d = examine(trust, own.cert, old.cert, stranger.cert, HOST, NOW);

    ck_assert_msg(strstr(errors(d), "2:self-signed-cert-in-chain") != NULL, "%s", errors(d));
    ck_assert(strstr(errors(d), "0:invalid-purpose") != NULL);
    ck_assert(strstr(errors(d), "0:ee-key-too-small") != NULL);
    ck_assert(strstr(errors(d), "1:cert-has-expired") != NULL);
    ck_assert(strstr(errors(d), "0:cert-not-yet-valid") != NULL);
    ck_assert(strstr(errors(d), "0:hostname-mismatch") != NULL);
    ck_assert_uint_eq(d->n_chain_errors, 6);
    drop(&own);
    drop(&old);
}
END_TEST

START_TEST(a_forged_signature_is_seen)
{
    struct party forged = make((struct wish){.cn = "Lab Middle", .o = "Lab", .ca = true});
    struct party own;

    X509_set_issuer_name(forged.cert, X509_get_subject_name(root.cert));
    X509_sign(forged.cert, forged.key, EVP_sha256()); /* not root's key */
    own = make((struct wish){.cn = HOST, .by = &forged, .san = SAN_OK});
    ck_assert_str_eq(errors(examine(trust, own.cert, forged.cert, NULL, HOST, NOW)),
                     "1:cert-signature-failure");
    drop(&own);
    drop(&forged);
}
END_TEST

START_TEST(a_leaf_may_not_issue)
{
    struct party own = make((struct wish){.cn = "x.example", .by = &leaf, .san = "DNS:x.example"});
    struct tls_detail *d = examine(trust, own.cert, leaf.cert, middle.cert, "x.example", NOW);

    ck_assert(strstr(errors(d), "1:invalid-ca") != NULL);
    ck_assert_int_eq(d->trusted_ignoring_time, TRI_NO);
    drop(&own);
}
END_TEST

/* --- time --- */

START_TEST(the_clock_alone_is_told_apart)
{
    struct tls_detail *d = examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW + 400 * DAY);

    ck_assert_str_eq(errors(d), "2:cert-has-expired 1:cert-has-expired 0:cert-has-expired");
    ck_assert_int_eq(d->trusted, TRI_NO);
    ck_assert_int_eq(d->trusted_ignoring_time, TRI_YES);
    ck_assert_str_eq(d->anchor, "CN=Lab Root,O=Lab");
    d = examine(trust, leaf.cert, middle.cert, NULL, HOST, 0);
    ck_assert(strstr(errors(d), "0:cert-not-yet-valid") != NULL);
    ck_assert_int_eq(d->trusted_ignoring_time, TRI_YES);
}
END_TEST

START_TEST(a_kept_verdict_ends_with_the_validity)
{
    int64_t end;

    ck_assert(cert_time(X509_get0_notAfter(leaf.cert), &end));
    ck_assert(trust_convinced(examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW)));
    ck_assert(trust_convinced(examine(trust, leaf.cert, middle.cert, NULL, HOST, end - 1)));
    ck_assert(!trust_convinced(examine(trust, leaf.cert, middle.cert, NULL, HOST, end)));
    ck_assert(trust_convinced(examine(trust, leaf.cert, middle.cert, NULL, HOST, end - 1)));
}
END_TEST

START_TEST(a_chain_seen_again_costs_no_memory)
{
    struct tls_detail *first = examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW);
    struct tls_detail *again = examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW + 1);
    struct party other = make((struct wish){.cn = HOST, .by = &middle, .san = SAN_OK});
    struct tls_detail *third = examine(trust, other.cert, middle.cert, NULL, HOST, NOW);

    ck_assert_ptr_eq(first->chain, again->chain);
    ck_assert_ptr_ne(first->chain, third->chain);
    ck_assert_ptr_eq(first->chain[1], third->chain[1]); /* the same intermediate */
    drop(&other);
}
END_TEST

/* Whoever has one good certificate could send us anywhere with a second one behind it. */
START_TEST(only_what_the_verification_used_says_whom_to_ask)
{
    static const char access[] = "OCSP;URI:http://10.0.0.5/";
    struct party issuer = make(
        (struct wish){.cn = "Lab Second", .o = "Lab", .ca = true, .by = &root, .access = access});
    struct party own =
        make((struct wish){.cn = HOST, .by = &issuer, .san = SAN_OK, .access = access});
    struct party surplus =
        make((struct wish){.cn = "x", .by = &stranger, .ca = true, .access = access});
    struct party namesake = make((struct wish){
        .cn = "Lab Second", .o = "Lab", .by = &stranger, .ca = true, .access = access});
    struct tls_detail *d = examine(trust, own.cert, surplus.cert, issuer.cert, HOST, NOW);
    const char *request = d->chain[0]->ocsp_request;

    ck_assert(trust_convinced(d));
    ck_assert_uint_eq(d->chain[0]->n_ocsp, 1);
    ck_assert_uint_eq(d->chain[1]->n_ocsp, 0);
    ck_assert_uint_eq(d->chain[2]->n_ocsp, 1);
    ck_assert_str_eq(request, cert_ocsp_request(arena, own.cert, issuer.cert));
    d = examine(trust, own.cert, namesake.cert, NULL, HOST, NOW);
    ck_assert(!trust_convinced(d));
    ck_assert_uint_eq(d->chain[0]->n_ocsp, 1);
    ck_assert_uint_eq(d->chain[1]->n_ocsp, 0);
    d = examine(trust, surplus.cert, stranger.cert, NULL, HOST, NOW); /* there it is the leaf */
    ck_assert_uint_eq(d->chain[0]->n_ocsp, 1);
    drop(&issuer);
    drop(&own);
    drop(&surplus);
    drop(&namesake);
}
END_TEST

START_TEST(the_name_is_looked_at_for_each_connection)
{
    ck_assert_str_eq(errors(examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW)), "");
    ck_assert_str_eq(errors(examine(trust, leaf.cert, middle.cert, NULL, "example.org", NOW)),
                     "0:hostname-mismatch");
    ck_assert_str_eq(errors(examine(trust, leaf.cert, middle.cert, NULL, HOST, NOW)), "");
}
END_TEST

/* --- names --- */

static const struct {
    const char *san, *cn, *host;
    bool bears;
} names[] = {
    {"DNS:a.example.org", "x", "a.example.org", true},
    {"DNS:A.Example.ORG", "x", "a.eXAMPLE.org", true},
    {"DNS:a.example.org", "x", "a.example.org.", true},
    {"DNS:a.example.org", "x", "b.example.org", false},
    {"DNS:a.example.org", "x", "a.example.or", false},
    {"DNS:*.example.org", "x", "a.example.org", true},
    {"DNS:*.example.org", "x", "a.b.example.org", false}, /* one label only */
    {"DNS:*.example.org", "x", "example.org", false},
    {"DNS:*.org", "x", "example.org", false},
    {"DNS:a*.example.org", "x", "ab.example.org", false}, /* RFC 9525 section 6.3 */
    {"DNS:*.*.example.org", "x", "a.b.example.org", false},
    {"DNS:b.*.org", "x", "b.example.org", false},
    {"DNS:xn--bcher-kva.example", "x", "xn--bcher-kva.example", true},
    {"DNS:*.example.org", "x", "xn--bcher-kva.example.org", true},
    {"DNS:a.example.org", "b.example.org", "b.example.org", false}, /* no CN beside SANs */
    {"IP:192.0.2.1", "b.example.org", "b.example.org", false},      /* of any kind */
    {NULL, "b.example.org", "b.example.org", false},                /* nor instead of them */
    {NULL, "192.0.2.1", "192.0.2.1", false},
    {"IP:192.0.2.1", "x", "192.0.2.1", true},
    {"IP:192.0.2.1", "x", "192.0.2.2", false},
    {"DNS:192.0.2.1", "x", "192.0.2.1", false},
    {"IP:2001:db8::1", "x", "2001:db8:0::1", true},
    {"DNS:*.0.2.1", "x", "192.0.2.1", false},
    {"URI:https://a.example.org/", "x", "a.example.org", false},
    {"DNS:a.example.org", "x", "", false},
    {"DNS:a.example.org", "x", ".", false},
};

START_TEST(names_match_as_in_rfc_9525)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct party own = make((struct wish){.cn = names[i].cn, .san = names[i].san});

        ck_assert_msg(cert_bears(own.cert, names[i].host) == names[i].bears, "%s %s: %s",
                      names[i].san, names[i].cn, names[i].host);
        drop(&own);
    }
}
END_TEST

START_TEST(an_address_that_is_not_in_the_certificate_has_its_own_error)
{
    ck_assert_str_eq(errors(examine(trust, leaf.cert, middle.cert, NULL, "192.0.2.1", NOW)),
                     "0:ip-address-mismatch");
}
END_TEST

START_TEST(a_name_with_a_nul_in_it_is_no_name)
{
    static const unsigned char evil[] = HOST "\0.evil.example";
    struct party own = make((struct wish){.cn = "x", .by = &middle});
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    struct tls_detail *d;

    ASN1_STRING_set(text, evil, sizeof evil - 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(list, name);
    ck_assert(X509_add1_ext_i2d(own.cert, NID_subject_alt_name, list, 0, 0));
    GENERAL_NAMES_free(list);
    X509_sign(own.cert, middle.key, EVP_sha256());
    d = examine(trust, own.cert, middle.cert, NULL, HOST, NOW);
    ck_assert_str_eq(errors(d), "0:hostname-mismatch");
    ck_assert_str_eq(d->chain[0]->sans[0], HOST "\\x00.evil.example");
    drop(&own);
}
END_TEST

/* --- a real handshake --- */

START_TEST(a_handshake_goes_on_and_is_examined)
{
    SSL_CTX *server_ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX *client_ctx = SSL_CTX_new(TLS_client_method());
    struct party own = make((struct wish){.cn = "x", .by = &stranger, .san = "DNS:other.example"});
    struct tls_detail *d = shape_new(arena, &tls_detail_shape);
    SSL *client, *server;
    BIO *a, *b;

    SSL_CTX_use_certificate(server_ctx, own.cert);
    SSL_CTX_use_PrivateKey(server_ctx, own.key);
    trust_defer(client_ctx);
    client = SSL_new(client_ctx);
    server = SSL_new(server_ctx);
    ck_assert(BIO_new_bio_pair(&a, 0, &b, 0));
    SSL_set_bio(client, a, a);
    SSL_set_bio(server, b, b);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int i = 0; i < 10; i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    ck_assert(SSL_is_init_finished(client));
    ck_assert_int_eq(trust_examine(trust, client, HOST, NOW, d, NULL), 0);
    ck_assert_str_eq(errors(d), "0:unable-to-get-issuer-cert-locally 0:hostname-mismatch");
    ck_assert_str_eq(d->missing_issuer, "CN=Inspecting Proxy,O=Corp");
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(client_ctx);
    SSL_CTX_free(server_ctx);
    drop(&own);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_good_chain_convinces,
        a_chain_in_any_order_with_the_root_convinces_too,
        an_empty_chain_changes_nothing,
        a_missing_intermediate_is_not_an_unknown_root,
        an_unknown_root_that_was_sent_misses_nobody,
        a_self_signed_leaf_is_called_so,
        all_errors_of_a_chain_are_collected,
        a_forged_signature_is_seen,
        a_leaf_may_not_issue,
        the_clock_alone_is_told_apart,
        a_kept_verdict_ends_with_the_validity,
        a_chain_seen_again_costs_no_memory,
        only_what_the_verification_used_says_whom_to_ask,
        the_name_is_looked_at_for_each_connection,
        names_match_as_in_rfc_9525,
        an_address_that_is_not_in_the_certificate_has_its_own_error,
        a_name_with_a_nul_in_it_is_no_name,
        a_handshake_goes_on_and_is_examined,
    };

    return ca_run("trust", tests, ARRAY_LEN(tests));
}
