/* staple: stapled OCSP responses of every kind. */
#include "probes/staple.h"
#include "tests/unit/ca.h"

#include <openssl/ocsp.h>

static int staple(struct party *signer, X509 *responder, int status, const EVP_MD *id_hash,
                  X509 *about, int64_t from_s, int64_t until_s, unsigned char **der)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(id_hash, about, middle.cert);
    ASN1_TIME *from = ASN1_TIME_set(NULL, NOW + from_s),
              *until = ASN1_TIME_set(NULL, NOW + until_s);
    OCSP_RESPONSE *response;
    int len;

    OCSP_basic_add1_status(basic, id, status, 0, status == V_OCSP_CERTSTATUS_REVOKED ? from : NULL,
                           from, until);
    if (responder != NULL)
        OCSP_basic_add1_cert(basic, responder);
    OCSP_basic_sign(basic, responder != NULL ? responder : signer->cert, signer->key, EVP_sha256(),
                    NULL, responder != NULL ? 0 : OCSP_NOCERTS);
    response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    *der = NULL;
    len = i2d_OCSP_RESPONSE(response, der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return len;
}

static const char *judged(const unsigned char *der, size_t len, bool issuer_sent, int64_t now_s,
                          struct tls_detail **out)
{
    struct tls_detail *d = shape_new(arena, &tls_detail_shape);
    STACK_OF(X509) *chain = sk_X509_new_null();

    sk_X509_push(chain, leaf.cert);
    if (issuer_sent)
        sk_X509_push(chain, middle.cert);
    ck_assert_int_eq(trust_examine_chain(trust, chain, der, len, 2, HOST, now_s, d, NULL), 0);
    sk_X509_free(chain);
    if (out != NULL)
        *out = d;
    return d->ocsp;
}

START_TEST(stapled_responses_are_judged)
{
    struct party agent = make((struct wish){.cn = "Lab OCSP", .by = &middle, .eku = "OCSPSigning"});
    struct party impostor =
        make((struct wish){.cn = "Not OCSP", .by = &middle, .eku = "serverAuth"});
    const struct {
        struct party *signer;
        X509 *responder;
        int status;
        X509 *about;
        int64_t from_s, until_s;
        const char *word;
    } cases[] = {
        {&middle, NULL, V_OCSP_CERTSTATUS_GOOD, leaf.cert, -DAY, DAY, "good"},
        {&middle, NULL, V_OCSP_CERTSTATUS_REVOKED, leaf.cert, -DAY, DAY, "revoked"},
        {&middle, NULL, V_OCSP_CERTSTATUS_REVOKED, leaf.cert, -9 * DAY, -DAY, "revoked"},
        {&middle, NULL, V_OCSP_CERTSTATUS_UNKNOWN, leaf.cert, -DAY, DAY, "unknown"},
        {&middle, NULL, V_OCSP_CERTSTATUS_GOOD, leaf.cert, -9 * DAY, -DAY, "stale"},
        {&middle, NULL, V_OCSP_CERTSTATUS_GOOD, leaf.cert, DAY, 9 * DAY, "stale"},
        {&middle, NULL, V_OCSP_CERTSTATUS_GOOD, middle.cert, -DAY, DAY, "invalid"},
        {&stranger, NULL, V_OCSP_CERTSTATUS_REVOKED, leaf.cert, -DAY, DAY, "invalid"},
        {&agent, agent.cert, V_OCSP_CERTSTATUS_REVOKED, leaf.cert, -DAY, DAY, "revoked"},
        {&agent, agent.cert, V_OCSP_CERTSTATUS_GOOD, leaf.cert, -DAY, DAY, "good"},
        {&impostor, impostor.cert, V_OCSP_CERTSTATUS_REVOKED, leaf.cert, -DAY, DAY, "invalid"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int sha256 = 0; sha256 < 2; sha256++) {
            struct tls_detail *d;
            unsigned char *der;
            int len = staple(cases[i].signer, cases[i].responder, cases[i].status,
                             sha256 ? EVP_sha256() : EVP_sha1(), cases[i].about, cases[i].from_s,
                             cases[i].until_s, &der);

            ck_assert_int_gt(len, 0);
            ck_assert_msg(strcmp(judged(der, (size_t)len, true, NOW, &d), cases[i].word) == 0,
                          "case %zu: %s instead of %s", i, d->ocsp, cases[i].word);
            ck_assert_str_eq(errors(d), "");
            OPENSSL_free(der);
        }
    }
    drop(&agent);
    drop(&impostor);
}
END_TEST

START_TEST(a_staple_vouches_for_a_time)
{
    unsigned char *der;
    struct tls_detail *d;
    int len = staple(&middle, NULL, V_OCSP_CERTSTATUS_GOOD, EVP_sha1(), leaf.cert, -DAY, DAY, &der);

    ck_assert_str_eq(judged(der, (size_t)len, true, NOW, &d), "good");
    ck_assert_uint_eq(strlen(d->ocsp_produced), strlen("2026-11-24T09:30:00Z"));
    ck_assert_str_eq(judged(der, (size_t)len, false, NOW, &d), "invalid"); /* no issuer to ask */
    ck_assert_ptr_null(d->ocsp_produced);
    OPENSSL_free(der);
}
END_TEST

START_TEST(a_broken_staple_is_invalid_at_every_length)
{
    unsigned char *der;
    int len = staple(&middle, NULL, V_OCSP_CERTSTATUS_GOOD, EVP_sha1(), leaf.cert, -DAY, DAY, &der);

    for (size_t n = 1; n < (size_t)len; n++) {
        unsigned char *cut = malloc(n); /* an exact copy: a sanitizer sees what reads past it */

        memcpy(cut, der, n);
        ck_assert_str_eq(judged(cut, n, true, NOW, NULL), "invalid");
        free(cut);
    }
    for (size_t i = 0; i < (size_t)len; i += 7) {
        der[i] ^= 0x55;
        ck_assert_str_ne(judged(der, (size_t)len, true, NOW, NULL), "revoked");
        der[i] ^= 0x55;
    }
    OPENSSL_free(der);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        stapled_responses_are_judged,
        a_staple_vouches_for_a_time,
        a_broken_staple_is_invalid_at_every_length,
    };

    return ca_run("staple", tests, ARRAY_LEN(tests));
}
