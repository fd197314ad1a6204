/* The benchmark's throw-away PKI; see lab_pki.h. */
#include "lab_pki.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { DAY_S = 24 * 60 * 60, LEAF_DAYS = 90, CA_DAYS = 3650 };

/* What tells one kind of certificate from another. */
struct profile {
    const char *common_name;
    const char *basic_constraints;
    const char *key_usage;
    const char *extended_usage; /* NULL: none */
    const char *alt_name;       /* NULL: none */
    int days;
};

static int add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!extension)
        return -1;
    int ok = X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return ok ? 0 : -1;
}

static int set_serial(X509 *cert)
{
    unsigned char random[16];
    if (RAND_bytes(random, sizeof random) != 1)
        return -1;
    random[0] &= 0x7f; /* positive, RFC 5280 section 4.1.2.2 */
    BIGNUM *number = BN_bin2bn(random, sizeof random, NULL);
    if (!number)
        return -1;
    ASN1_INTEGER *serial = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return serial ? 0 : -1;
}

static int set_subject(X509 *cert, const char *common_name)
{
    X509_NAME *name = X509_get_subject_name(cert);
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)common_name,
                                      -1, -1, 0) == 1
               ? 0
               : -1;
}

static int add_extensions(X509 *cert, X509 *issuer, const struct profile *profile)
{
    if (add_extension(cert, issuer, NID_basic_constraints, profile->basic_constraints) != 0 ||
        add_extension(cert, issuer, NID_key_usage, profile->key_usage) != 0 ||
        add_extension(cert, issuer, NID_subject_key_identifier, "hash") != 0)
        return -1;
    if (issuer != cert &&
        add_extension(cert, issuer, NID_authority_key_identifier, "keyid:always") != 0)
        return -1;
    if (profile->extended_usage &&
        add_extension(cert, issuer, NID_ext_key_usage, profile->extended_usage) != 0)
        return -1;
    if (profile->alt_name &&
        add_extension(cert, issuer, NID_subject_alt_name, profile->alt_name) != 0)
        return -1;
    return 0;
}

/* Issues a certificate; `issuer` NULL means self-signed. */
static int issue(const struct profile *profile, const struct lab_leaf *issuer, struct lab_leaf *out)
{
    struct lab_leaf made = {X509_new(), EVP_EC_gen("P-256")};
    if (!made.cert || !made.key)
        goto fail;
    X509 *issuer_cert = issuer ? issuer->cert : made.cert;
    EVP_PKEY *issuer_key = issuer ? issuer->key : made.key;
    if (!X509_set_version(made.cert, X509_VERSION_3) || set_serial(made.cert) != 0 ||
        !X509_gmtime_adj(X509_getm_notBefore(made.cert), -DAY_S) ||
        !X509_gmtime_adj(X509_getm_notAfter(made.cert), (long)profile->days * DAY_S) ||
        set_subject(made.cert, profile->common_name) != 0 ||
        !X509_set_issuer_name(made.cert, X509_get_subject_name(issuer_cert)) ||
        !X509_set_pubkey(made.cert, made.key) ||
        add_extensions(made.cert, issuer_cert, profile) != 0 ||
        !X509_sign(made.cert, issuer_key, EVP_sha256()))
        goto fail;
    *out = made;
    return 0;
fail:
    lab_leaf_free(&made);
    return -1;
}

int lab_pki_new(struct lab_pki *pki)
{
    static const struct profile root = {
        .common_name = "hopproof bench root",
        .basic_constraints = "critical,CA:TRUE",
        .key_usage = "critical,keyCertSign,cRLSign",
        .days = CA_DAYS,
    };
    static const struct profile intermediate = {
        .common_name = "hopproof bench issuing CA",
        .basic_constraints = "critical,CA:TRUE,pathlen:0",
        .key_usage = "critical,keyCertSign,cRLSign",
        .extended_usage = "serverAuth",
        .days = CA_DAYS,
    };
    struct lab_pki made = {0};
    made.chain = sk_X509_new_null();
    if (!made.chain || issue(&root, NULL, &made.root) != 0 ||
        issue(&intermediate, &made.root, &made.intermediate) != 0 ||
        !X509_up_ref(made.intermediate.cert))
        goto fail;
    if (!sk_X509_push(made.chain, made.intermediate.cert)) {
        X509_free(made.intermediate.cert);
        goto fail;
    }
    *pki = made;
    return 0;
fail:
    lab_pki_free(&made);
    memset(pki, 0, sizeof *pki);
    return -1;
}

int lab_pki_leaf(const struct lab_pki *pki, const char *name, struct lab_leaf *leaf)
{
    char alt_name[300];
    int len = snprintf(alt_name, sizeof alt_name, "DNS:%s", name);
    if (len < 0 || (size_t)len >= sizeof alt_name)
        return -1;
    const struct profile profile = {
        .common_name = "hopproof bench endpoint", /* a CN has 64 characters, a name up to 253 */
        .basic_constraints = "critical,CA:FALSE",
        .key_usage = "critical,digitalSignature",
        .extended_usage = "serverAuth",
        .alt_name = alt_name,
        .days = LEAF_DAYS,
    };
    return issue(&profile, &pki->intermediate, leaf);
}

int lab_pki_write_root(const struct lab_pki *pki, const char *path)
{
    char part[PATH_MAX];
    int len = snprintf(part, sizeof part, "%s.part", path);
    if (len < 0 || (size_t)len >= sizeof part)
        return -1;
    FILE *file = fopen(part, "we");
    if (!file)
        return -1;
    int ok = PEM_write_X509(file, pki->root.cert);
    if (fclose(file) != 0 || !ok || rename(part, path) != 0) {
        (void)remove(part);
        return -1;
    }
    return 0;
}

void lab_leaf_free(struct lab_leaf *leaf)
{
    X509_free(leaf->cert);
    EVP_PKEY_free(leaf->key);
    leaf->cert = NULL;
    leaf->key = NULL;
}

void lab_pki_free(struct lab_pki *pki)
{
    lab_leaf_free(&pki->root);
    lab_leaf_free(&pki->intermediate);
    sk_X509_pop_free(pki->chain, X509_free);
    pki->chain = NULL;
}
