/*
 * ca: a laboratory CA with every way in which a certificate can be wrong, and what tests of chains
 * start from: a root that is believed, an intermediate, a leaf, and a stranger who re-signs.
 */
#ifndef HOPPROOF_TESTS_UNIT_CA_H
#define HOPPROOF_TESTS_UNIT_CA_H

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "probes/public_roots.h"
#include "probes/trust.h"
#include "tests/unit/support.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define NOW    INT64_C(1795000000) /* 2026-11-18 */
#define DAY    INT64_C(86400)
#define HOST   "contoso.azure-devices.net"
#define SAN_OK "DNS:" HOST

struct party {
    X509 *cert;
    EVP_PKEY *key;
};

struct wish {
    const char *cn, *o;
    const struct party *by; /* NULL: itself */
    bool ca;
    const char *san, *eku, *access; /* as in x509v3_config(5) */
    int64_t from_s, until_s;        /* relative to NOW; both 0: a year around it */
    int rsa_bits;                   /* 0: EC P-256 */
};

static inline void extend(X509 *x, const struct party *by, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;

    if (value == NULL)
        return;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, by != NULL ? by->cert : x, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ck_assert_msg(ext != NULL, "%s", value);
    ck_assert(X509_add_ext(x, ext, -1));
    X509_EXTENSION_free(ext);
}

static inline void add_name(X509_NAME *name, const char *field, const char *value)
{
    if (value != NULL)
        ck_assert(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                             (const unsigned char *)value, -1, -1, 0));
}

static inline struct party make(struct wish w)
{
    static long serial = 1000;
    struct party p = {.cert = X509_new(),
                      .key =
                          w.rsa_bits > 0 ? EVP_RSA_gen((unsigned)w.rsa_bits) : EVP_EC_gen("P-256")};
    X509_NAME *name = X509_get_subject_name(p.cert);

    X509_set_version(p.cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(p.cert), serial++);
    if (w.from_s == 0 && w.until_s == 0) {
        w.from_s = -180 * DAY;
        w.until_s = 180 * DAY;
    }
    ASN1_TIME_set(X509_getm_notBefore(p.cert), NOW + w.from_s);
    ASN1_TIME_set(X509_getm_notAfter(p.cert), NOW + w.until_s);
    add_name(name, "O", w.o);
    add_name(name, "CN", w.cn);
    X509_set_issuer_name(p.cert, w.by != NULL ? X509_get_subject_name(w.by->cert) : name);
    X509_set_pubkey(p.cert, p.key);
    extend(p.cert, w.by, NID_basic_constraints, w.ca ? "critical,CA:TRUE" : "CA:FALSE");
    extend(p.cert, w.by, NID_subject_key_identifier, "hash");
    extend(p.cert, w.by, NID_key_usage, w.ca ? "critical,keyCertSign,cRLSign" : NULL);
    extend(p.cert, w.by, NID_ext_key_usage, w.eku);
    extend(p.cert, w.by, NID_subject_alt_name, w.san);
    extend(p.cert, w.by, NID_info_access, w.access);
    ck_assert(X509_sign(p.cert, w.by != NULL ? w.by->key : p.key, EVP_sha256()));
    return p;
}

static inline void drop(struct party *p)
{
    X509_free(p->cert);
    EVP_PKEY_free(p->key);
    *p = (struct party){0};
}

/* --- what every test starts from --- */

static struct arena *arena;
static struct trust *trust; /* believes `root` and nobody else */
static struct party root, middle, leaf, stranger;
static char folder[] = "/tmp/check_trust.XXXXXX";

static inline const char *write_pem(const char *name, X509 *const *certs, size_t n)
{
    char *path = arena_printf(arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    ck_assert(file != NULL);
    for (size_t i = 0; i < n; i++)
        ck_assert(PEM_write_X509(file, certs[i]));
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static inline void set_up(void)
{
    struct fault f = {""};

    arena = arena_new();
    strcpy(folder, "/tmp/check_trust.XXXXXX");
    ck_assert(mkdtemp(folder) != NULL);
    root = make((struct wish){.cn = "Lab Root", .o = "Lab", .ca = true});
    middle = make((struct wish){.cn = "Lab Middle", .o = "Lab", .ca = true, .by = &root});
    leaf = make((struct wish){.cn = HOST, .by = &middle, .san = SAN_OK, .eku = "serverAuth"});
    stranger = make((struct wish){.cn = "Inspecting Proxy", .o = "Corp", .ca = true});
    trust = trust_new(arena, write_pem("root.pem", &root.cert, 1), &f);
    ck_assert_msg(trust != NULL, "%s", f.text);
}

static inline void tear_down(void)
{
    const char *names[] = {"root.pem", "other.pem", "bad.pem"};

    trust_free(trust);
    for (size_t i = 0; i < 3; i++)
        unlink(arena_printf(arena, "%s/%s", folder, names[i]));
    rmdir(folder);
    arena_free(arena);
    drop(&root);
    drop(&middle);
    drop(&leaf);
    drop(&stranger);
}

/* Examine a chain of up to three certificates at a time, for a host. */
static inline struct tls_detail *examine(struct trust *t, X509 *a, X509 *b, X509 *c,
                                         const char *host, int64_t now_s)
{
    struct tls_detail *d = shape_new(arena, &tls_detail_shape);
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *certs[] = {a, b, c};
    struct fault f = {""};

    for (size_t i = 0; i < 3 && certs[i] != NULL; i++)
        sk_X509_push(chain, certs[i]);
    ck_assert_msg(trust_examine_chain(t, chain, NULL, 0, 2, host, now_s, d, &f) == 0, "%s", f.text);
    sk_X509_free(chain);
    return d;
}

static inline const char *errors(const struct tls_detail *d)
{
    const char *all = "";

    for (size_t i = 0; i < d->n_chain_errors; i++)
        all = arena_printf(arena, "%s%s%d:%s", all, i > 0 ? " " : "",
                           (int)d->chain_errors[i]->depth, d->chain_errors[i]->name);
    return all;
}

static inline X509 *public_cert(enum public_root_kind kind, const char *name)
{
    for (size_t i = 0; i < public_roots_count; i++) {
        if (public_root_at(i)->kind == kind && strcmp(public_root_at(i)->name, name) == 0)
            return public_root_decode(public_root_at(i));
    }
    ck_abort_msg("no %s", name);
}

/* Run tests that start from the above. */
static inline int ca_run(const char *name, const TTest *const *tests, size_t n)
{
    Suite *suite = suite_create(name);
    TCase *tc = tcase_create(name);

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(tc, tests[i]);
    return run_case(suite, tc);
}

#endif
