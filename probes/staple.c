/* staple: see staple.h. */
#include "probes/staple.h"

#include "probes/cert.h"

#include <openssl/ocsp.h>
#include <stdbool.h>

enum {
    SINGLES_MAX = 64, /* a response for one certificate holds one; some hold a few */
    SKEW_S = 300,     /* clocks of responder and sensor may differ */
};

const char *staple_name(enum staple s)
{
    switch (s) {
    case STAPLE_GOOD:
        return "good";
    case STAPLE_REVOKED:
        return "revoked";
    case STAPLE_UNKNOWN:
        return "unknown";
    case STAPLE_STALE:
        return "stale";
    case STAPLE_INVALID:
        break;
    }
    return "invalid";
}

/*
 * Signed by the issuer itself, or by a responder that the issuer appointed (RFC 6960 section
 * 4.2.2.2). The issuer alone is the anchor: whether it is trusted is another question.
 */
static bool signature_is_right(OCSP_BASICRESP *basic, X509 *issuer, const STACK_OF(X509) * chain)
{
    X509_STORE *store = X509_STORE_new();
    bool right = false;

    if (store != NULL && X509_STORE_add_cert(store, issuer) &&
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME))
        right = OCSP_basic_verify(basic, (STACK_OF(X509) *)chain, store, 0) == 1;
    X509_STORE_free(store);
    return right;
}

/* The answer about this certificate: its id may be made with any hash. */
static OCSP_SINGLERESP *single_of(OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer)
{
    int n = OCSP_resp_count(basic);

    for (int i = 0; i < n && i < SINGLES_MAX; i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        OCSP_CERTID *theirs = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(single), *ours = NULL;
        ASN1_OBJECT *hash = NULL;
        const EVP_MD *md;
        bool same = false;

        if (!OCSP_id_get0_info(NULL, &hash, NULL, NULL, theirs))
            continue;
        md = EVP_get_digestbyobj(hash);
        if (md != NULL)
            ours = OCSP_cert_to_id(md, leaf, issuer);
        if (ours != NULL)
            same = OCSP_id_cmp(ours, theirs) == 0;
        OCSP_CERTID_free(ours);
        if (same)
            return single;
    }
    return NULL;
}

static enum staple judge_single(OCSP_SINGLERESP *single, int64_t now_s)
{
    ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
    int64_t from_s, until_s;

    switch (OCSP_single_get0_status(single, NULL, NULL, &from, &until)) {
    case V_OCSP_CERTSTATUS_GOOD:
        break;
    case V_OCSP_CERTSTATUS_REVOKED:
        return STAPLE_REVOKED;
    default:
        return STAPLE_UNKNOWN;
    }
    if (!cert_time(from, &from_s) || (until != NULL && !cert_time(until, &until_s)))
        return STAPLE_INVALID;
    if (now_s < from_s - SKEW_S || (until != NULL && now_s > until_s + SKEW_S))
        return STAPLE_STALE;
    return STAPLE_GOOD;
}

enum staple staple_judge(const uint8_t *der, size_t len, X509 *leaf, X509 *issuer,
                         const struct stack_st_X509 *chain, int64_t now_s, int64_t *produced_s)
{
    const unsigned char *p = der;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)len);
    OCSP_BASICRESP *basic = NULL;
    OCSP_SINGLERESP *single;
    enum staple s = STAPLE_INVALID;

    *produced_s = INT64_MIN;
    if (response == NULL || p != der + len || issuer == NULL ||
        OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        goto out;
    basic = OCSP_response_get1_basic(response);
    if (basic == NULL || !signature_is_right(basic, issuer, chain))
        goto out;
    if (!cert_time(OCSP_resp_get0_produced_at(basic), produced_s))
        *produced_s = INT64_MIN;
    single = single_of(basic, leaf, issuer);
    if (single != NULL)
        s = judge_single(single, now_s);
out:
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    return s;
}
