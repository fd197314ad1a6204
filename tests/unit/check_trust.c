/* trust: chains of a laboratory CA, made here, with every way in which a chain can be wrong. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "probes/cert.h"
#include "probes/public_roots.h"
#include "probes/staple.h"
#include "probes/trust.h"

#include <check.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOW    INT64_C(1795000000) /* 2026-11-18 */
#define DAY    INT64_C(86400)
#define HOST   "contoso.azure-devices.net"
#define SAN_OK "DNS:" HOST

/* --- a laboratory CA --- */

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

static void extend(X509 *x, const struct party *by, int nid, const char *value)
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

static void add_name(X509_NAME *name, const char *field, const char *value)
{
    if (value != NULL)
        ck_assert(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                             (const unsigned char *)value, -1, -1, 0));
}

static struct party make(struct wish w)
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

static void drop(struct party *p)
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

static const char *write_pem(const char *name, X509 *const *certs, size_t n)
{
    char *path = arena_printf(arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    ck_assert(file != NULL);
    for (size_t i = 0; i < n; i++)
        ck_assert(PEM_write_X509(file, certs[i]));
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static void set_up(void)
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

static void tear_down(void)
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
static struct tls_detail *examine(struct trust *t, X509 *a, X509 *b, X509 *c, const char *host,
                                  int64_t now_s)
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

static const char *errors(const struct tls_detail *d)
{
    const char *all = "";

    for (size_t i = 0; i < d->n_chain_errors; i++)
        all = arena_printf(arena, "%s%s%d:%s", all, i > 0 ? " " : "",
                           (int)d->chain_errors[i]->depth, d->chain_errors[i]->name);
    return all;
}

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
    struct party own = make((struct wish){.cn = names[_i].cn, .san = names[_i].san});

    ck_assert_msg(cert_bears(own.cert, names[_i].host) == names[_i].bears, "%s %s: %s",
                  names[_i].san, names[_i].cn, names[_i].host);
    drop(&own);
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

/* --- the world's opinion --- */

static X509 *public_cert(enum public_root_kind kind, const char *name)
{
    for (size_t i = 0; i < public_roots_count; i++) {
        if (public_root_at(i)->kind == kind && strcmp(public_root_at(i)->name, name) == 0)
            return public_root_decode(public_root_at(i));
    }
    ck_abort_msg("no %s", name);
}

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

/* --- anchors --- */

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

/* --- stapled responses --- */

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

/* --- facts --- */

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
    Suite *s = suite_create("trust");
    TCase *t = tcase_create("trust");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, a_good_chain_convinces);
    tcase_add_test(t, a_chain_in_any_order_with_the_root_convinces_too);
    tcase_add_test(t, an_empty_chain_changes_nothing);
    tcase_add_test(t, a_missing_intermediate_is_not_an_unknown_root);
    tcase_add_test(t, an_unknown_root_that_was_sent_misses_nobody);
    tcase_add_test(t, a_self_signed_leaf_is_called_so);
    tcase_add_test(t, all_errors_of_a_chain_are_collected);
    tcase_add_test(t, a_forged_signature_is_seen);
    tcase_add_test(t, a_leaf_may_not_issue);
    tcase_add_test(t, the_clock_alone_is_told_apart);
    tcase_add_test(t, a_kept_verdict_ends_with_the_validity);
    tcase_add_test(t, a_chain_seen_again_costs_no_memory);
    tcase_add_test(t, the_name_is_looked_at_for_each_connection);
    tcase_add_loop_test(t, names_match_as_in_rfc_9525, 0, (int)(sizeof names / sizeof names[0]));
    tcase_add_test(t, an_address_that_is_not_in_the_certificate_has_its_own_error);
    tcase_add_test(t, a_name_with_a_nul_in_it_is_no_name);
    tcase_add_test(t, every_public_root_is_what_its_row_says);
    tcase_add_test(t, a_public_chain_is_public_whatever_this_machine_believes);
    tcase_add_test(t, a_forgotten_bridge_is_found);
    tcase_add_test(t, known_intermediates_are_known_by_name_and_organisation);
    tcase_add_test(t, a_forger_with_a_public_name_is_not_public);
    tcase_add_test(t, an_intermediate_that_the_user_names_is_an_anchor);
    tcase_add_test(t, files_that_cannot_be_used_are_named);
    tcase_add_test(t, the_environment_names_a_bundle_and_a_folder);
    tcase_add_test(t, a_bundle_beside_a_folder_is_loaded_when_a_chain_needs_it);
    tcase_add_test(t, a_bundle_of_the_hashed_folder_is_not_loaded);
    tcase_add_test(t, the_systems_roots_are_found);
    tcase_add_test(t, stapled_responses_are_judged);
    tcase_add_test(t, a_staple_vouches_for_a_time);
    tcase_add_test(t, a_broken_staple_is_invalid_at_every_length);
    tcase_add_test(t, facts_of_a_certificate);
    tcase_add_test(t, facts_of_real_roots);
    tcase_add_test(t, names_that_mislead_become_visible);
    tcase_add_test(t, strings_of_the_wrong_type_do_no_harm);
    tcase_add_test(t, a_huge_list_of_names_ends);
    tcase_add_test(t, a_chain_of_a_hundred_certificates_is_cut);
    tcase_add_test(t, a_handshake_goes_on_and_is_examined);
    suite_add_tcase(s, t);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
