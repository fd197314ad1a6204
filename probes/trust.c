/*
 * trust: see trust.h.
 *
 * What a chain is worth depends on the certificates, the anchors and the clock, and hardly ever
 * changes between two connections: the verdict is kept under the digest of the presented chain,
 * for as long as no validity period in it begins or ends (18 % of a handshake's CPU). The name, the
 * stapled response and the proof of possession are looked at for each connection.
 */
#include "probes/trust.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "probes/anchors.h"
#include "probes/cert.h"
#include "probes/public_roots.h"
#include "probes/public_store.h"
#include "probes/staple.h"
#include "probes/verify.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum {
    CHAIN_MAX = 16,   /* certificates of a chain that are looked at */
    KEPT_MAX = 16384, /* chains and certificates that are remembered */
    DIGEST_LEN = 32
};

/* One certificate that was seen, by its SHA-256. */
struct seen {
    uint8_t digest[DIGEST_LEN];
    struct cert *cert;
    UT_hash_handle hh;
};

/* One presented chain that was judged. */
struct worth {
    uint8_t digest[DIGEST_LEN];
    int64_t from_s, until_s; /* the same verdict for any time in [from, until) */
    int issuer_at;           /* the leaf's issuer: its place in the chain; -1: not from there */
    X509 *issuer;            /* then an anchor, our own reference; NULL when not found */
    bool lasting;            /* in the table, which frees it */
    bool used[CHAIN_MAX];    /* of the presented certificates: the verification built on it */
    /* the facts, as in struct tls_detail */
    struct cert **chain;
    struct chain_error **errors;
    size_t n_chain, n_errors;
    enum tri trusted, trusted_ignoring_time, trusted_with_bridge, public_trust, public_with_bridge;
    const char *anchor, *anchor_sha256, *missing_issuer;
    bool missing_issuer_public;
    UT_hash_handle hh;
};

struct trust {
    struct arena *arena;
    struct anchors *anchors;    /* this machine's, or the user's */
    struct public_store *known; /* the world's */
    struct seen *seen;
    struct worth *worths;
};

struct trust *trust_new(struct arena *a, const char *ca_file, struct fault *f)
{
    struct trust *t = calloc(1, sizeof *t);

    /* The library's configuration file may name engines and policies that nobody asked for. */
    if (t == NULL || !OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL)) {
        fault_set(f, "no memory for the trust anchors");
        free(t);
        return NULL;
    }
    t->arena = a;
    t->anchors = anchors_new(ca_file, f);
    if (t->anchors == NULL)
        goto fail;
    t->known = public_store_new();
    if (t->known == NULL) {
        fault_set(f, "no memory for the public roots");
        goto fail;
    }
    ERR_clear_error();
    return t;
fail:
    ERR_clear_error();
    trust_free(t);
    return NULL;
}

/* The rest is in the arena. */
static void worth_free(struct worth *v)
{
    X509_free(v->issuer);
}

void trust_free(struct trust *t)
{
    struct worth *v, *next;

    if (t == NULL)
        return;
    HASH_CLEAR(hh, t->seen);
    HASH_ITER(hh, t->worths, v, next)
    {
        HASH_DEL(t->worths, v);
        worth_free(v);
    }
    public_store_free(t->known);
    anchors_free(t->anchors);
    free(t);
}

void trust_preload(struct trust *t)
{
    anchors_preload(t->anchors);
}

const char *trust_source(struct trust *t)
{
    return anchors_source(t->anchors, t->arena);
}

const char *trust_public_date(void)
{
    return public_roots_date();
}

static int go_on(X509_STORE_CTX *ctx, void *arg)
{
    (void)arg;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

void trust_defer(SSL_CTX *ctx)
{
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, go_on, NULL);
    SSL_CTX_set_tlsext_status_type(ctx, TLSEXT_STATUSTYPE_ocsp);
}

/* --- facts of certificates --- */

/* The facts of a certificate, described once however often it is seen. */
static struct cert *describe(struct trust *t, const X509 *x, const uint8_t *digest)
{
    struct seen *s;

    HASH_FIND(hh, t->seen, digest, DIGEST_LEN, s);
    if (s != NULL)
        return s->cert;
    if (HASH_COUNT(t->seen) >= KEPT_MAX)
        return cert_describe(t->arena, x);
    s = arena_alloc(t->arena, sizeof *s);
    memcpy(s->digest, digest, DIGEST_LEN);
    s->cert = cert_describe(t->arena, x);
    HASH_ADD(hh, t->seen, digest, DIGEST_LEN, s); /* no memory: then it is not remembered */
    return s->cert;
}

static struct chain_error *error_new(struct trust *t, int depth, int code, X509 *about)
{
    struct chain_error *e = shape_new(t->arena, &chain_error_shape);
    char room[32];

    e->depth = depth;
    e->code = code;
    e->name = arena_strdup(t->arena, verify_error_name(code, room, sizeof room));
    if (about != NULL)
        e->subject = cert_name_text(t->arena, X509_get_subject_name(about));
    return e;
}

/* --- what a chain is worth --- */

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

static enum tri tri_of(bool b)
{
    return b ? TRI_YES : TRI_NO;
}

/* Is it somebody the world knows? Most chains end in an anchor that answers this at once. */
static void judge_public(struct trust *t, struct worth *v, const struct verify *run)
{
    bool leads = sound_but_for_time(run) && run->anchor != NULL && public_root_is(run->anchor);

    if (!leads)
        leads = public_store_leads(t->known, run->chain, false);
    v->public_trust = tri_of(leads);
    v->public_with_bridge = tri_of(leads || public_store_leads(t->known, run->chain, true));
}

/* Would these anchors be reached if the server had sent what servers forget to send? */
static enum tri judge_bridge(struct trust *t, const struct verify *run)
{
    const STACK_OF(X509) *bridges = public_store_bridges(t->known, run->chain);

    return tri_of(run->issuer_less != NULL && sk_X509_num(bridges) > 0 &&
                  verify_leads_to(run->store, run->chain, bridges));
}

static void take_errors(struct trust *t, struct worth *v, const struct verify *run)
{
    v->errors = arena_alloc(t->arena, (run->n_errors + 1) * sizeof v->errors[0]);
    for (size_t i = 0; i < run->n_errors; i++)
        v->errors[i] = error_new(t, run->errors[i].depth, run->errors[i].code, run->errors[i].cert);
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
    for (int i = 0; i < sk_X509_num(run->chain) && i < CHAIN_MAX; i++) {
        for (int k = 0; k < sk_X509_num(run->path) && !v->used[i]; k++) /* an anchor is a copy */
            v->used[i] = X509_cmp(sk_X509_value(run->path, k), sk_X509_value(run->chain, i)) == 0;
    }
}

static void take_ends(struct trust *t, struct worth *v, const struct verify *run)
{
    uint8_t digest[DIGEST_LEN];

    if (run->anchor != NULL) {
        v->anchor = cert_name_text(t->arena, X509_get_subject_name(run->anchor));
        if (cert_sha256(run->anchor, digest))
            v->anchor_sha256 = cert_hex(t->arena, digest, sizeof digest);
    }
    if (run->issuer_less != NULL) {
        const X509_NAME *missing = X509_get_issuer_name(run->issuer_less);

        v->missing_issuer = cert_name_text(t->arena, missing);
        v->missing_issuer_public = public_issuer_known(missing);
    }
    /* A reference into the chain would keep the certificates of every connection: 5 KiB each. */
    v->issuer_at = place_in(run->chain, run->issuer);
    if (v->issuer_at < 0 && run->issuer != NULL && X509_up_ref(run->issuer))
        v->issuer = run->issuer;
}

static int verify_fully(struct trust *t, struct verify *run)
{
    if (verify_run(run) != 0)
        return -1;
    if (run->n_errors == 0 || !anchors_more(t->anchors))
        return 0;
    verify_clear(run);
    return verify_run(run);
}

static int judge(struct trust *t, struct worth *v, const STACK_OF(X509) * chain, int security_level,
                 int64_t now_s)
{
    struct verify run = {.chain = chain,
                         .security_level = security_level,
                         .now_s = now_s,
                         .store = anchors_store(t->anchors, chain)};

    if (run.store == NULL || verify_fully(t, &run) != 0) {
        verify_clear(&run);
        return -1;
    }
    v->from_s = INT64_MIN;
    v->until_s = INT64_MAX;
    bound_time(v, chain, now_s);
    bound_time(v, run.path, now_s);
    v->trusted = tri_of(run.n_errors == 0);
    v->trusted_ignoring_time = tri_of(sound_but_for_time(&run));
    v->trusted_with_bridge = v->trusted_ignoring_time == TRI_YES ? TRI_YES : judge_bridge(t, &run);
    judge_public(t, v, &run);
    take_errors(t, v, &run);
    take_used(v, &run);
    take_ends(t, v, &run);
    verify_clear(&run);
    return 0;
}

/* The first CHAIN_MAX certificates, their digests, and a digest of it all. */
static bool digest_chain(const STACK_OF(X509) * chain, int security_level, STACK_OF(X509) * cut,
                         uint8_t digests[][DIGEST_LEN], uint8_t key[DIGEST_LEN])
{
    uint8_t all[(CHAIN_MAX + 1) * DIGEST_LEN] = {(uint8_t)security_level};
    size_t n = 0;

    for (int i = 0; i < sk_X509_num(chain) && i < CHAIN_MAX; i++) {
        if (!cert_sha256(sk_X509_value(chain, i), digests[n]) ||
            sk_X509_push(cut, sk_X509_value(chain, i)) == 0)
            return false;
        n++;
        memcpy(all + n * DIGEST_LEN, digests[n - 1], DIGEST_LEN);
    }
    return EVP_Digest(all, (n + 1) * DIGEST_LEN, key, NULL, EVP_sha256(), NULL) == 1;
}

/*
 * A certificate that nobody who is believed has signed may be anybody's: where it says that its
 * revocation can be asked for, nobody is to go.
 */
static struct cert *without_urls(struct trust *t, const struct cert *c)
{
    struct cert *copy = arena_new_of(t->arena, struct cert);

    *copy = *c; /* the other one may be of use in another chain */
    copy->n_ocsp = copy->n_crls = 0;
    return copy;
}

/* What to ask the responders that the certificate at this place names: it takes the issuer. */
static const char *request_about(struct trust *t, const struct worth *v,
                                 const STACK_OF(X509) * chain, size_t at)
{
    X509 *subject = sk_X509_value(chain, (int)at);

    for (size_t i = 0; i < v->n_chain; i++) {
        X509 *issuer = sk_X509_value(chain, (int)i);

        if (i != at && v->used[i] && X509_check_issued(issuer, subject) == X509_V_OK)
            return cert_ocsp_request(t->arena, subject, issuer);
    }
    return NULL;
}

static struct worth *worth_new(struct trust *t, const STACK_OF(X509) * chain,
                               uint8_t digests[][DIGEST_LEN], const uint8_t *key,
                               int security_level, int64_t now_s)
{
    struct worth *v = arena_alloc(t->arena, sizeof *v);
    size_t n = (size_t)sk_X509_num(chain);

    memcpy(v->digest, key, DIGEST_LEN);
    if (judge(t, v, chain, security_level, now_s) != 0) {
        worth_free(v);
        return NULL;
    }
    v->chain = arena_alloc(t->arena, n * sizeof v->chain[0]);
    v->n_chain = n;
    for (size_t i = 0; i < n; i++) {
        v->chain[i] = describe(t, sk_X509_value(chain, (int)i), digests[i]);
        if (!v->used[i])
            v->chain[i] = without_urls(t, v->chain[i]);
        else if (v->chain[i]->n_ocsp > 0 && v->chain[i]->ocsp_request == NULL)
            v->chain[i]->ocsp_request = request_about(t, v, chain, i);
    }
    if (HASH_COUNT(t->worths) < KEPT_MAX) {
        HASH_ADD(hh, t->worths, digest, DIGEST_LEN, v);
        v->lasting = v->hh.tbl != NULL;
    }
    return v;
}

/* What is known of this chain, judged now unless it was before; release_worth() afterwards. */
static struct worth *find_worth(struct trust *t, const STACK_OF(X509) * chain, int security_level,
                                int64_t now_s)
{
    STACK_OF(X509) *cut = sk_X509_new_null();
    uint8_t digests[CHAIN_MAX][DIGEST_LEN], key[DIGEST_LEN];
    struct worth *v = NULL;

    if (cut == NULL || !digest_chain(chain, security_level, cut, digests, key))
        goto out;
    HASH_FIND(hh, t->worths, key, DIGEST_LEN, v);
    if (v != NULL && now_s >= v->from_s && now_s < v->until_s)
        goto out;
    if (v != NULL) { /* a validity period began or ended since then */
        HASH_DEL(t->worths, v);
        worth_free(v);
    }
    v = worth_new(t, cut, digests, key, security_level, now_s);
out:
    sk_X509_free(cut);
    return v;
}

static void release_worth(struct worth *v)
{
    if (!v->lasting)
        worth_free(v);
}

/* --- what belongs to the connection --- */

static void check_name(struct trust *t, X509 *leaf, const char *host, struct tls_detail *d)
{
    struct chain_error **errors;
    struct addr addr;
    int code;

    if (host == NULL || cert_bears(leaf, host))
        return;
    code = addr_parse(host, &addr) ? X509_V_ERR_IP_ADDRESS_MISMATCH : X509_V_ERR_HOSTNAME_MISMATCH;
    /* A list of its own: the other one belongs to all connections that saw this chain. */
    errors = arena_alloc(t->arena, (d->n_chain_errors + 1) * sizeof errors[0]);
    if (d->n_chain_errors > 0)
        memcpy(errors, d->chain_errors, d->n_chain_errors * sizeof errors[0]);
    errors[d->n_chain_errors++] = error_new(t, 0, code, leaf);
    d->chain_errors = errors;
}

int trust_examine_chain(struct trust *t, const struct stack_st_X509 *chain, const uint8_t *staple,
                        size_t staple_len, int security_level, const char *host, int64_t now_s,
                        struct tls_detail *d, struct fault *f)
{
    struct worth *v;
    X509 *leaf;

    if (sk_X509_num(chain) <= 0)
        return 0;
    leaf = sk_X509_value(chain, 0);
    v = find_worth(t, chain, security_level, now_s);
    if (v == NULL) {
        ERR_clear_error();
        return fault_set(f, "no memory to verify a certificate");
    }
    d->chain = v->chain;
    d->n_chain = v->n_chain;
    d->chain_errors = v->n_errors > 0 ? v->errors : NULL;
    d->n_chain_errors = v->n_errors;
    d->trusted = v->trusted;
    d->trusted_ignoring_time = v->trusted_ignoring_time;
    d->trusted_with_bridge = v->trusted_with_bridge;
    d->public_trust = v->public_trust;
    d->public_with_bridge = v->public_with_bridge;
    d->anchor = v->anchor;
    d->anchor_sha256 = v->anchor_sha256;
    d->missing_issuer = v->missing_issuer;
    d->missing_issuer_public = v->missing_issuer_public;
    check_name(t, leaf, host, d);
    if (staple != NULL && staple_len > 0) {
        X509 *issuer = v->issuer_at >= 0 ? sk_X509_value(chain, v->issuer_at) : v->issuer;
        int64_t produced_s;

        d->ocsp =
            staple_name(staple_judge(staple, staple_len, leaf, issuer, chain, now_s, &produced_s));
        if (produced_s != INT64_MIN)
            d->ocsp_produced = cert_time_text(t->arena, produced_s);
    }
    release_worth(v);
    ERR_clear_error(); /* whoever asks SSL_get_error(3) next must not find our leftovers */
    return 0;
}

int trust_examine(struct trust *t, SSL *ssl, const char *host, int64_t now_s, struct tls_detail *d,
                  struct fault *f)
{
    const STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    unsigned char *staple = NULL;
    long len;

    if (chain == NULL)
        return 0;
    len = SSL_get_tlsext_status_ocsp_resp(ssl, &staple);
    return trust_examine_chain(t, chain, staple, len > 0 ? (size_t)len : 0,
                               SSL_get_security_level(ssl), host, now_s, d, f);
}

bool trust_convinced(const struct tls_detail *d)
{
    return d->n_chain > 0 && d->n_chain_errors == 0;
}
