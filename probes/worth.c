/* worth: see worth.h. */
#include "probes/worth.h"

#include "diag/base/arena.h"
#include "probes/anchors.h"
#include "probes/cert.h"
#include "probes/public_roots.h"
#include "probes/public_store.h"
#include "probes/verify.h"

#include <openssl/sha.h>
#include <openssl/x509.h>

struct chain_error *worth_error(struct arena *a, int depth, int code, const X509 *about)
{
    struct chain_error *e = shape_new(a, &chain_error_shape);
    char room[32];

    e->depth = depth;
    e->code = code;
    e->name = arena_strdup(a, verify_error_name(code, room, sizeof room));
    if (about != NULL)
        e->subject = cert_name_text(a, X509_get_subject_name(about));
    return e;
}

/*
 * Between which moments around now no validity period of these certificates begins or ends. To
 * X509_cmp_time(3) a certificate is no longer valid in the second of its notAfter.
 */
static void bound_time(struct worth *v, const STACK_OF(X509) * certs, int64_t now_s)
{
    for (int i = 0; i < sk_X509_num(certs); i++) {
        const X509 *x = sk_X509_value(certs, i);
        int64_t turns[2];
        bool known[2] = {cert_time(X509_get0_notBefore(x), &turns[0]),
                         cert_time(X509_get0_notAfter(x), &turns[1])};

        for (int k = 0; k < 2; k++) {
            if (!known[k])
                continue;
            if (turns[k] <= now_s && turns[k] > v->from_s)
                v->from_s = turns[k];
            if (turns[k] > now_s && turns[k] < v->until_s)
                v->until_s = turns[k];
        }
    }
}

static bool sound_but_for_time(const struct verify *run)
{
    for (size_t i = 0; i < run->n_errors; i++) {
        if (!verify_error_is_time(run->errors[i].code))
            return false;
    }
    return true;
}

static enum tri tri_of(bool yes)
{
    return yes ? TRI_YES : TRI_NO;
}

/* Is it somebody the world knows? Most chains end in an anchor that answers this at once. */
static void judge_public(const struct worth_basis *b, struct worth *v, const struct verify *run)
{
    bool leads = sound_but_for_time(run) && run->anchor != NULL && public_root_is(run->anchor);

    if (!leads)
        leads = public_store_leads(b->known, run->chain, false);
    v->public_trust = tri_of(leads);
    v->public_with_bridge = tri_of(leads || public_store_leads(b->known, run->chain, true));
}

/* Would these anchors be reached if the server had sent what servers forget to send? */
static enum tri judge_bridge(const struct worth_basis *b, const struct verify *run)
{
    const STACK_OF(X509) *bridges = public_store_bridges(b->known, run->chain);

    return tri_of(run->issuer_less != NULL && sk_X509_num(bridges) > 0 &&
                  verify_leads_to(run->store, run->chain, bridges));
}

static void take_errors(const struct worth_basis *b, struct worth *v, const struct verify *run)
{
    v->errors = arena_alloc(b->arena, (run->n_errors + 1) * sizeof v->errors[0]);
    for (size_t i = 0; i < run->n_errors; i++)
        v->errors[i] =
            worth_error(b->arena, run->errors[i].depth, run->errors[i].code, run->errors[i].cert);
    v->n_errors = run->n_errors;
}

/* Which of these very objects it is; -1 when none of them. */
static int place_in(const STACK_OF(X509) * chain, const X509 *cert)
{
    for (int i = 0; i < sk_X509_num(chain); i++) {
        if (sk_X509_value(chain, i) == cert)
            return i;
    }
    return -1;
}

/* An error that leaves the signatures between the certificates of the path right. */
static bool is_about_ends(int code)
{
    return verify_error_is_time(code) || code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
           code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

/* Note which of the presented certificates the verification built on: the leaf, and its issuers. */
static void take_used(struct worth *v, const struct verify *run)
{
    v->used[0] = true;
    for (size_t i = 0; i < run->n_errors; i++) {
        if (!is_about_ends(run->errors[i].code))
            return;
    }
    for (int i = 0; i < sk_X509_num(run->chain) && i < WORTH_CHAIN_MAX; i++) {
        for (int k = 0; k < sk_X509_num(run->path) && !v->used[i]; k++) /* an anchor is a copy */
            v->used[i] = X509_cmp(sk_X509_value(run->path, k), sk_X509_value(run->chain, i)) == 0;
    }
}

static void take_ends(const struct worth_basis *b, struct worth *v, const struct verify *run)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    if (run->anchor != NULL) {
        v->anchor = cert_name_text(b->arena, X509_get_subject_name(run->anchor));
        if (cert_sha256(run->anchor, digest))
            v->anchor_sha256 = cert_hex(b->arena, digest, sizeof digest);
    }
    if (run->issuer_less != NULL) {
        const X509_NAME *missing = X509_get_issuer_name(run->issuer_less);

        v->missing_issuer = cert_name_text(b->arena, missing);
        v->missing_issuer_public = public_issuer_known(missing);
    }
    /* A reference into the chain would keep the certificates of every connection: 5 KiB each. */
    v->issuer_at = place_in(run->chain, run->issuer);
    if (v->issuer_at < 0 && run->issuer != NULL && X509_up_ref(run->issuer))
        v->issuer = run->issuer;
}

static int verify_fully(const struct worth_basis *b, struct verify *run)
{
    if (verify_run(run) != 0)
        return -1;
    if (run->n_errors == 0 || !anchors_more(b->anchors))
        return 0;
    verify_clear(run);
    return verify_run(run);
}

int worth_judge(const struct worth_basis *b, const struct stack_st_X509 *chain, int security_level,
                int64_t now_s, struct worth *v)
{
    struct verify run = {.chain = chain,
                         .security_level = security_level,
                         .now_s = now_s,
                         .store = anchors_store(b->anchors, chain)};

    if (run.store == NULL || verify_fully(b, &run) != 0) {
        verify_clear(&run);
        return -1;
    }
    v->from_s = INT64_MIN;
    v->until_s = INT64_MAX;
    bound_time(v, chain, now_s);
    bound_time(v, run.path, now_s);
    v->trusted = tri_of(run.n_errors == 0);
    v->trusted_ignoring_time = tri_of(sound_but_for_time(&run));
    v->trusted_with_bridge = v->trusted_ignoring_time == TRI_YES ? TRI_YES : judge_bridge(b, &run);
    judge_public(b, v, &run);
    take_errors(b, v, &run);
    take_used(v, &run);
    take_ends(b, v, &run);
    verify_clear(&run);
    return 0;
}

void worth_clear(struct worth *v)
{
    X509_free(v->issuer);
    v->issuer = NULL;
}
