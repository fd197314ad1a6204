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
#include "probes/worth.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum {
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
struct kept {
    uint8_t digest[DIGEST_LEN];
    struct worth worth;
    struct cert **chain; /* as in struct tls_detail */
    size_t n_chain;
    bool lasting; /* in the table, which frees it */
    UT_hash_handle hh;
};

struct trust {
    struct worth_basis basis;
    struct seen *seen;
    struct kept *kept;
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
    t->basis.arena = a;
    t->basis.anchors = anchors_new(ca_file, f);
    if (t->basis.anchors == NULL)
        goto fail;
    t->basis.known = public_store_new();
    if (t->basis.known == NULL) {
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

void trust_free(struct trust *t)
{
    struct kept *k, *next;

    if (t == NULL)
        return;
    HASH_CLEAR(hh, t->seen);
    HASH_ITER(hh, t->kept, k, next)
    {
        HASH_DEL(t->kept, k);
        worth_clear(&k->worth); /* the rest is in the arena */
    }
    public_store_free(t->basis.known);
    anchors_free(t->basis.anchors);
    free(t);
}

void trust_preload(struct trust *t)
{
    anchors_preload(t->basis.anchors);
}

const char *trust_source(struct trust *t)
{
    return anchors_source(t->basis.anchors, t->basis.arena);
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
        return cert_describe(t->basis.arena, x);
    s = arena_alloc(t->basis.arena, sizeof *s);
    memcpy(s->digest, digest, DIGEST_LEN);
    s->cert = cert_describe(t->basis.arena, x);
    HASH_ADD(hh, t->seen, digest, DIGEST_LEN, s); /* no memory: then it is not remembered */
    return s->cert;
}

/* The first WORTH_CHAIN_MAX certificates, their digests, and a digest of it all. */
static bool digest_chain(const STACK_OF(X509) * chain, int security_level, STACK_OF(X509) * cut,
                         uint8_t digests[][DIGEST_LEN], uint8_t key[DIGEST_LEN])
{
    uint8_t all[(WORTH_CHAIN_MAX + 1) * DIGEST_LEN] = {(uint8_t)security_level};
    size_t n = 0;

    for (int i = 0; i < sk_X509_num(chain) && i < WORTH_CHAIN_MAX; i++) {
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
    struct cert *copy = arena_new_of(t->basis.arena, struct cert);

    *copy = *c; /* the other one may be of use in another chain */
    copy->n_ocsp = copy->n_crls = 0;
    return copy;
}

/* What to ask the responders that the certificate at this place names: it takes the issuer. */
static const char *request_about(struct trust *t, const struct kept *k,
                                 const STACK_OF(X509) * chain, size_t at)
{
    X509 *subject = sk_X509_value(chain, (int)at);

    for (size_t i = 0; i < k->n_chain; i++) {
        X509 *issuer = sk_X509_value(chain, (int)i);

        if (i != at && k->worth.used[i] && X509_check_issued(issuer, subject) == X509_V_OK)
            return cert_ocsp_request(t->basis.arena, subject, issuer);
    }
    return NULL;
}

static struct kept *keep(struct trust *t, const STACK_OF(X509) * chain,
                         uint8_t digests[][DIGEST_LEN], const uint8_t *key, int security_level,
                         int64_t now_s)
{
    struct kept *k = arena_new_of(t->basis.arena, struct kept);
    size_t n = (size_t)sk_X509_num(chain);

    memcpy(k->digest, key, DIGEST_LEN);
    if (worth_judge(&t->basis, chain, security_level, now_s, &k->worth) != 0) {
        worth_clear(&k->worth);
        return NULL;
    }
    k->chain = arena_alloc(t->basis.arena, n * sizeof k->chain[0]);
    k->n_chain = n;
    for (size_t i = 0; i < n; i++) {
        k->chain[i] = describe(t, sk_X509_value(chain, (int)i), digests[i]);
        if (!k->worth.used[i])
            k->chain[i] = without_urls(t, k->chain[i]);
        else if (k->chain[i]->n_ocsp > 0 && k->chain[i]->ocsp_request == NULL)
            k->chain[i]->ocsp_request = request_about(t, k, chain, i);
    }
    if (HASH_COUNT(t->kept) < KEPT_MAX) {
        HASH_ADD(hh, t->kept, digest, DIGEST_LEN, k);
        k->lasting = k->hh.tbl != NULL;
    }
    return k;
}

/* What is known of this chain, judged now unless it was before; release() afterwards. */
static struct kept *find(struct trust *t, const STACK_OF(X509) * chain, int security_level,
                         int64_t now_s)
{
    STACK_OF(X509) *cut = sk_X509_new_null();
    uint8_t digests[WORTH_CHAIN_MAX][DIGEST_LEN], key[DIGEST_LEN];
    struct kept *k = NULL;

    if (cut == NULL || !digest_chain(chain, security_level, cut, digests, key))
        goto out;
    HASH_FIND(hh, t->kept, key, DIGEST_LEN, k);
    if (k != NULL && now_s >= k->worth.from_s && now_s < k->worth.until_s)
        goto out;
    if (k != NULL) { /* a validity period began or ended since then */
        HASH_DEL(t->kept, k);
        worth_clear(&k->worth);
    }
    k = keep(t, cut, digests, key, security_level, now_s);
out:
    sk_X509_free(cut);
    return k;
}

static void release(struct kept *k)
{
    if (!k->lasting)
        worth_clear(&k->worth);
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
    errors = arena_alloc(t->basis.arena, (d->n_chain_errors + 1) * sizeof errors[0]);
    if (d->n_chain_errors > 0)
        memcpy(errors, d->chain_errors, d->n_chain_errors * sizeof errors[0]);
    errors[d->n_chain_errors++] = worth_error(t->basis.arena, 0, code, leaf);
    d->chain_errors = errors;
}

int trust_examine_chain(struct trust *t, const struct stack_st_X509 *chain, const uint8_t *staple,
                        size_t staple_len, int security_level, const char *host, int64_t now_s,
                        struct tls_detail *d, struct fault *f)
{
    const struct worth *v;
    struct kept *k;
    X509 *leaf;

    if (sk_X509_num(chain) <= 0)
        return 0;
    leaf = sk_X509_value(chain, 0);
    k = find(t, chain, security_level, now_s);
    if (k == NULL) {
        ERR_clear_error();
        return fault_set(f, "no memory to verify a certificate");
    }
    v = &k->worth;
    d->chain = k->chain;
    d->n_chain = k->n_chain;
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
            d->ocsp_produced = cert_time_text(t->basis.arena, produced_s);
    }
    release(k);
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
