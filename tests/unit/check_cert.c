/* cert: what is told of a certificate, also of one that means to mislead. */
#include "diag/base/text.h"
#include "probes/cert.h"
#include "tests/unit/ca.h"

START_TEST(facts_of_a_certificate)
{
    struct party x = make((struct wish){
        .cn = "h\xc3\xa4user.example",
        .o = "A, B",
        .by = &middle,
        .san = "DNS:a.example,IP:192.0.2.7,IP:2001:db8::7,URI:https://x/,email:m@x",
        .access = "OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/m.crt",
        .from_s = -DAY,
        .until_s = DAY});
    struct cert *c = cert_describe(arena, x.cert);

    ck_assert_str_eq(c->subject, "CN=h\xc3\xa4user.example,O=A\\, B");
    ck_assert_str_eq(c->subject_cn, "h\xc3\xa4user.example");
    ck_assert_str_eq(c->issuer, "CN=Lab Middle,O=Lab");
    ck_assert_str_eq(c->issuer_cn, "Lab Middle");
    ck_assert_str_eq(c->issuer_o, "Lab");
    ck_assert_uint_eq(c->n_sans, 5);
    ck_assert_str_eq(c->sans[1], "192.0.2.7");
    ck_assert_str_eq(c->sans[2], "2001:db8::7");
    ck_assert_str_eq(c->sans[3], "URI:https://x/");
    ck_assert_str_eq(c->not_before, "2026-11-17T11:06:40Z");
    ck_assert_str_eq(c->not_after, "2026-11-19T11:06:40Z");
    ck_assert_str_eq(c->key, "EC P-256");
    ck_assert_uint_eq(strlen(c->sha256), 64);
    ck_assert_uint_eq(strlen(c->spki_sha256), 64);
    ck_assert_str_eq(c->ocsp[0], "http://ocsp.example/");
    ck_assert_str_eq(c->aia[0], "http://ca.example/m.crt");
    ck_assert(!c->self_signed);
    ck_assert(cert_describe(arena, root.cert)->self_signed);
    ck_assert_int_eq(c->scts, 0);
    drop(&x);
}
END_TEST

START_TEST(facts_of_real_roots)
{
    X509 *rsa = public_cert(PUBLIC_ROOT_AZURE, "DigiCert Global Root G2");
    X509 *ec = public_cert(PUBLIC_ROOT_AZURE, "Microsoft ECC Root Certificate Authority 2017");
    struct cert *c = cert_describe(arena, rsa);

    ck_assert_str_eq(c->subject,
                     "CN=DigiCert Global Root G2,OU=www.digicert.com,O=DigiCert Inc,C=US");
    ck_assert_str_eq(c->key, "RSA 2048");
    ck_assert_str_eq(c->serial, "033af1e6a711a9a0bb2864b11d09fae5");
    ck_assert_str_eq(c->not_after, "2038-01-15T12:00:00Z");
    ck_assert_str_eq(cert_describe(arena, ec)->key, "EC P-384");
    X509_free(rsa);
    X509_free(ec);
}
END_TEST

START_TEST(names_that_mislead_become_visible)
{
    /* right-to-left override, a line break, an escape sequence */
    struct party x = make((struct wish){.cn = "ok\xe2\x80\xae"
                                              "evil\n\x1b[31m",
                                        .by = &middle});
    struct cert *c = cert_describe(arena, x.cert);

    ck_assert(strstr(c->subject, "\\E2\\80\\AE") != NULL);
    ck_assert(strchr(c->subject, '\n') == NULL && strchr(c->subject, '\x1b') == NULL);
    ck_assert(strchr(c->subject_cn, '\n') == NULL && strchr(c->subject_cn, '\x1b') == NULL);
    drop(&x);
}
END_TEST

START_TEST(strings_of_the_wrong_type_do_no_harm)
{
    struct party x = make((struct wish){.cn = "x", .by = &middle});
    X509_NAME *name = X509_get_subject_name(x.cert);
    static const unsigned char bytes[] = {0xd8, 0x00, 0xff};
    struct cert *c;

    ck_assert(X509_NAME_add_entry_by_NID(name, NID_organizationName, V_ASN1_BMPSTRING, bytes, 2, -1,
                                         0)); /* half a surrogate pair */
    ck_assert(X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING, bytes, 3, -1, 0));
    c = cert_describe(arena, x.cert);
    ck_assert_ptr_nonnull(c->subject);
    ck_assert(text_is_printable(c->subject));
    ck_assert(c->subject_cn == NULL || text_is_printable(c->subject_cn));
    drop(&x);
}
END_TEST

START_TEST(a_huge_list_of_names_ends)
{
    struct party x = make((struct wish){.cn = "x", .by = &middle});
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    struct cert *c;

    for (int i = 0; i < 5000; i++) {
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        char long_name[700];

        snprintf(long_name, sizeof long_name, "%0*d.example", 600, i);
        ASN1_STRING_set(text, long_name, -1);
        GENERAL_NAME_set0_value(name, GEN_DNS, text);
        sk_GENERAL_NAME_push(list, name);
    }
    ck_assert(X509_add1_ext_i2d(x.cert, NID_subject_alt_name, list, 0, 0));
    GENERAL_NAMES_free(list);
    c = cert_describe(arena, x.cert);
    ck_assert_uint_eq(c->n_sans, CERT_LIST_MAX + 1);
    ck_assert_str_eq(c->sans[CERT_LIST_MAX], "(and 4900 more)");
    ck_assert_uint_le(strlen(c->sans[0]), 512);
    ck_assert_uint_lt(arena_used(arena), 400000);
    drop(&x);
}
END_TEST

START_TEST(a_chain_of_a_hundred_certificates_is_cut)
{
    struct tls_detail *d = shape_new(arena, &tls_detail_shape);
    STACK_OF(X509) *chain = sk_X509_new_null();

    sk_X509_push(chain, leaf.cert);
    sk_X509_push(chain, middle.cert);
    for (int i = 0; i < 98; i++)
        sk_X509_push(chain, stranger.cert);
    ck_assert_int_eq(trust_examine_chain(trust, chain, NULL, 0, 2, HOST, NOW, d, NULL), 0);
    ck_assert(trust_convinced(d));
    ck_assert_uint_eq(d->n_chain, 16);
    sk_X509_free(chain);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        facts_of_a_certificate,
        facts_of_real_roots,
        names_that_mislead_become_visible,
        strings_of_the_wrong_type_do_no_harm,
        a_huge_list_of_names_ends,
        a_chain_of_a_hundred_certificates_is_cut,
    };

    return ca_run("cert", tests, ARRAY_LEN(tests));
}
