/* cert: see cert.h. */
#include "probes/cert.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/text.h"

#include <openssl/ct.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    NAME_MAX_LEN = 512,     /* octets of a name or URL that are kept */
    OCSP_REQUEST_MAX = 255, /* RFC 6960 appendix A.1: a longer one is not sent by GET */
    SERIAL_MAX = 64,        /* RFC 5280 section 4.1.2.2 allows 20 */
};

/* --- lists that end --- */

struct list {
    const char **items;
    size_t n, left_out;
};

static void list_add(struct arena *a, struct list *l, const char *item)
{
    if (l->n >= CERT_LIST_MAX)
        l->left_out++;
    else
        list_push(a, l->items, l->n, item);
}

static void list_end(struct arena *a, struct list *l, const char ***items, size_t *n)
{
    if (l->left_out > 0) {
        const char *rest = arena_printf(a, "(and %zu more)", l->left_out);

        list_push(a, l->items, l->n, rest);
    }
    *items = l->items;
    *n = l->n;
}

/* --- text --- */

static const char *string_text(struct arena *a, const ASN1_STRING *s, const char *prefix)
{
    const char *text =
        text_printable(a, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s), NAME_MAX_LEN);

    return prefix == NULL ? text : arena_printf(a, "%s:%s", prefix, text);
}

/* RFC 2253, with characters beyond ASCII as UTF-8 or, where they could mislead, as \HH. */
static const char *print_name(struct arena *a, const X509_NAME *name, unsigned long flags)
{
    BIO *out = BIO_new(BIO_s_mem());
    const char *text = NULL;
    char *data;
    long len;

    if (out == NULL)
        return NULL;
    if (X509_NAME_print_ex(out, name, 0, flags) >= 0) {
        len = BIO_get_mem_data(out, &data);
        text = arena_strndup(a, data, len < 0 ? 0 : (size_t)len);
        if (strlen(text) != (size_t)len || !text_is_printable(text))
            text = NULL;
        else if (len > NAME_MAX_LEN)
            text = text_printable(a, text, (size_t)len, NAME_MAX_LEN);
    }
    BIO_free(out);
    return text;
}

const char *cert_name_text(struct arena *a, const X509_NAME *name)
{
    const char *text = print_name(a, name, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);

    if (text == NULL)
        text = print_name(a, name, XN_FLAG_RFC2253);
    if (text == NULL) /* strings that are not what their type says: "#" and hexadecimal */
        text = print_name(a, name, XN_FLAG_RFC2253 | ASN1_STRFLGS_DUMP_ALL);
    return text;
}

/* The last entry of a kind: the most specific one in the usual order of names. */
static const char *entry_text(struct arena *a, const X509_NAME *name, int nid)
{
    const char *text = NULL;
    unsigned char *utf8 = NULL;
    int at = -1, next, len;

    while ((next = X509_NAME_get_index_by_NID(name, nid, at)) >= 0)
        at = next;
    if (at < 0)
        return NULL;
    len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len >= 0)
        text = text_printable(a, utf8, (size_t)len, NAME_MAX_LEN);
    OPENSSL_free(utf8);
    return text;
}

char *cert_hex(struct arena *a, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(a, 2 * len + 1);

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

bool cert_time(const ASN1_TIME *time, int64_t *out)
{
    struct tm tm;

    if (time == NULL || !ASN1_TIME_to_tm(time, &tm))
        return false;
    *out = timegm(&tm);
    return true;
}

const char *cert_time_text(struct arena *a, int64_t seconds)
{
    time_t t = seconds;
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
        return NULL;
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *validity_text(struct arena *a, const ASN1_TIME *time)
{
    int64_t seconds;

    return cert_time(time, &seconds) ? cert_time_text(a, seconds) : NULL;
}

/* --- the parts of a certificate --- */

/* RFC 5280 section 4.2.1.6. Names and addresses stand alone, other kinds say what they are. */
static void describe_sans(struct arena *a, const X509 *x, struct cert *c)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    struct list list = {0};

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        char text[ADDR_TEXT];
        struct addr addr;
        int len;

        if (list.n >= CERT_LIST_MAX) { /* count without spending memory */
            list.left_out++;
            continue;
        }
        switch (name->type) {
        case GEN_DNS:
            list_add(a, &list, string_text(a, name->d.dNSName, NULL));
            break;
        case GEN_URI:
            list_add(a, &list, string_text(a, name->d.uniformResourceIdentifier, "URI"));
            break;
        case GEN_EMAIL:
            list_add(a, &list, string_text(a, name->d.rfc822Name, "email"));
            break;
        case GEN_IPADD:
            len = ASN1_STRING_length(name->d.iPAddress);
            if (len != 4 && len != 16)
                break; /* matches nothing */
            addr = addr_from_ip(len == 4 ? AF_INET : AF_INET6,
                                ASN1_STRING_get0_data(name->d.iPAddress), 0);
            list_add(a, &list, arena_strdup(a, addr_text(&addr, text)));
            break;
        case GEN_DIRNAME:
            list_add(a, &list, arena_printf(a, "DN:%s", cert_name_text(a, name->d.directoryName)));
            break;
        default:
            break;
        }
    }
    list_end(a, &list, &c->sans, &c->n_sans);
    GENERAL_NAMES_free(names);
}

/* RFC 5280 section 4.2.2.1 */
static void describe_access(struct arena *a, const X509 *x, struct cert *c)
{
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
    struct list ocsp = {0}, issuers = {0};

    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *one = sk_ACCESS_DESCRIPTION_value(access, i);
        int method = OBJ_obj2nid(one->method);
        struct list *list = method == NID_ad_OCSP ? &ocsp : &issuers;

        if (one->location->type != GEN_URI ||
            (method != NID_ad_OCSP && method != NID_ad_ca_issuers))
            continue;
        if (list->n >= CERT_LIST_MAX)
            list->left_out++;
        else
            list_add(a, list, string_text(a, one->location->d.uniformResourceIdentifier, NULL));
    }
    list_end(a, &ocsp, &c->ocsp, &c->n_ocsp);
    list_end(a, &issuers, &c->aia, &c->n_aia);
    AUTHORITY_INFO_ACCESS_free(access);
}

/* RFC 5280 section 4.2.1.13 */
static void describe_crls(struct arena *a, const X509 *x, struct cert *c)
{
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    struct list list = {0};

    for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *point = sk_DIST_POINT_value(points, i);

        if (point->distpoint == NULL || point->distpoint->type != 0) /* fullName */
            continue;
        for (int k = 0; k < sk_GENERAL_NAME_num(point->distpoint->name.fullname); k++) {
            const GENERAL_NAME *name = sk_GENERAL_NAME_value(point->distpoint->name.fullname, k);

            if (name->type != GEN_URI)
                continue;
            if (list.n >= CERT_LIST_MAX)
                list.left_out++;
            else
                list_add(a, &list, string_text(a, name->d.uniformResourceIdentifier, NULL));
        }
    }
    list_end(a, &list, &c->crls, &c->n_crls);
    CRL_DIST_POINTS_free(points);
}

static int64_t count_scts(const X509 *x)
{
    STACK_OF(SCT) *scts = X509_get_ext_d2i(x, NID_ct_precert_scts, NULL, NULL);
    int n = scts == NULL ? 0 : sk_SCT_num(scts);

    SCT_LIST_free(scts);
    return n;
}

/* "RSA 2048", "EC P-256", "ED25519" */
static const char *key_text(struct arena *a, const X509 *x)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    char group[64];
    const char *curve;

    if (key == NULL)
        return NULL;
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return arena_printf(a, "RSA %d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC:
        if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
            return arena_printf(a, "EC %d", EVP_PKEY_get_bits(key));
        curve = EC_curve_nid2nist(OBJ_sn2nid(group));
        return arena_printf(a, "EC %s", curve != NULL ? curve : group);
    default:
        curve = EVP_PKEY_get0_type_name(key);
        return curve != NULL ? text_printable(a, curve, strlen(curve), NAME_MAX_LEN) : NULL;
    }
}

static const char *serial_text(struct arena *a, const X509 *x)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    size_t len = (size_t)ASN1_STRING_length(serial);

    return arena_printf(
        a, "%s%s%s", ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? "-" : "",
        cert_hex(a, ASN1_STRING_get0_data(serial), len < SERIAL_MAX ? len : SERIAL_MAX),
        len > SERIAL_MAX ? "..." : "");
}

bool cert_sha256(const X509 *cert, uint8_t out[32])
{
    unsigned len = 0;

    return X509_digest(cert, EVP_sha256(), out, &len) == 1 && len == 32;
}

static const char *spki_sha256(struct arena *a, const X509 *x)
{
    unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    unsigned digest_len = 0;
    const char *text = NULL;

    if (len > 0 && EVP_Digest(der, (size_t)len, digest, &digest_len, EVP_sha256(), NULL))
        text = cert_hex(a, digest, digest_len);
    OPENSSL_free(der);
    return text;
}

struct cert *cert_describe(struct arena *a, const X509 *x)
{
    struct cert *c = shape_new(a, &cert_shape);
    const X509_NAME *subject = X509_get_subject_name(x), *issuer = X509_get_issuer_name(x);
    uint8_t digest[32];

    c->subject = cert_name_text(a, subject);
    c->issuer = cert_name_text(a, issuer);
    c->subject_cn = entry_text(a, subject, NID_commonName);
    c->issuer_cn = entry_text(a, issuer, NID_commonName);
    c->issuer_o = entry_text(a, issuer, NID_organizationName);
    c->not_before = validity_text(a, X509_get0_notBefore(x));
    c->not_after = validity_text(a, X509_get0_notAfter(x));
    c->serial = serial_text(a, x);
    if (cert_sha256(x, digest))
        c->sha256 = cert_hex(a, digest, sizeof digest);
    c->spki_sha256 = spki_sha256(a, x);
    c->key = key_text(a, x);
    c->self_signed = X509_self_signed((X509 *)x, 1) == 1;
    describe_sans(a, x, c);
    describe_access(a, x, c);
    describe_crls(a, x, c);
    c->scts = count_scts(x);
    return c;
}

const char *cert_ocsp_request(struct arena *a, X509 *cert, X509 *issuer)
{
    OCSP_CERTID *id = NULL;
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    unsigned char *der = NULL;
    char *text = NULL;
    int len = -1;

    if (request != NULL && X509_check_issued(issuer, cert) == X509_V_OK)
        id = OCSP_cert_to_id(NULL, cert, issuer); /* NULL: SHA-1, which every responder knows */
    if (id != NULL && OCSP_request_add0_id(request, id) != NULL) {
        len = i2d_OCSP_REQUEST(request, &der);
        id = NULL; /* the request's now */
    }
    if (len > 0 && len <= OCSP_REQUEST_MAX) {
        text = arena_alloc(a, (size_t)len * 4 / 3 + 5);
        EVP_EncodeBlock((unsigned char *)text, der, len);
    }
    OPENSSL_free(der);
    OCSP_CERTID_free(id);
    OCSP_REQUEST_free(request);
    return text;
}

bool cert_bears(X509 *cert, const char *host)
{
    const unsigned flags =
        X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    size_t len = strlen(host);
    struct addr addr;

    if (addr_parse(host, &addr))
        return X509_check_ip(cert, addr.ip, addr.family == AF_INET ? 4 : 16, 0) == 1;
    if (len > 0 && host[len - 1] == '.') /* the root's dot is no part of the name */
        len--;
    if (len == 0)
        return false;
    return X509_check_host(cert, host, len, flags, NULL) == 1;
}
