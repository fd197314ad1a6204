/* public_roots: see public_roots.h. */
#include "probes/public_roots.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct public_root rows[] = {
#define PUBLIC_ROOT(kind, name_hash, sha256, name, base64)                                         \
    {PUBLIC_ROOT_##kind, name_hash, sha256, name, base64},
#include "probes/public_roots.def"
#undef PUBLIC_ROOT
};
const size_t public_roots_count = sizeof rows / sizeof rows[0];

static const struct {
    const char *organisation, *common_name;
} issuers[] = {
#define PUBLIC_ISSUER(organisation, common_name) {organisation, common_name},
#include "probes/public_issuers.def"
#undef PUBLIC_ISSUER
};

const char *public_roots_date(void)
{
    return
#define PUBLIC_ROOTS_DATE(date) date;
#define PUBLIC_ROOT(...)
#include "probes/public_roots.def"
#undef PUBLIC_ROOT
#undef PUBLIC_ROOTS_DATE
}

size_t public_roots_named(unsigned long name_hash, const struct public_root **first)
{
    size_t low = 0, high = public_roots_count, n = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (rows[middle].name_hash < name_hash)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low < public_roots_count ? &rows[low] : NULL;
    while (low + n < public_roots_count && rows[low + n].name_hash == name_hash)
        n++;
    return n;
}

const struct public_root *public_root_at(size_t i)
{
    return i < public_roots_count ? &rows[i] : NULL;
}

X509 *public_root_decode(const struct public_root *row)
{
    size_t len = strlen(row->base64), padding = 0;
    unsigned char *der = malloc(len / 4 * 3 + 1);
    const unsigned char *p = der;
    X509 *cert = NULL;
    int n;

    if (der == NULL)
        return NULL;
    while (padding < 2 && padding < len && row->base64[len - 1 - padding] == '=')
        padding++;
    n = EVP_DecodeBlock(der, (const unsigned char *)row->base64, (int)len);
    if (n > (int)padding)
        cert = d2i_X509(NULL, &p, n - (long)padding);
    free(der);
    return cert;
}

static bool has_fingerprint(const X509 *cert, const char *sha256)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[2 * 32 + 1];
    unsigned len = 0;

    if (!X509_digest(cert, EVP_sha256(), digest, &len) || len != 32)
        return false;
    for (unsigned i = 0; i < len; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", digest[i]);
    return strcmp(text, sha256) == 0;
}

/*
 * Debian's and Ubuntu's hashed directory is full of links: those of the distribution's own list
 * end in a folder where only the package writes, those of an administrator in /usr/local.
 */
static bool distribution_ships(const X509 *cert, unsigned long name_hash)
{
    static const char folder[] = "/usr/share/ca-certificates/mozilla/";

    for (int n = 0; n < 10; n++) {
        char link[64], path[PATH_MAX];
        bool same = false;
        X509 *other;
        FILE *file;

        snprintf(link, sizeof link, "/etc/ssl/certs/%08lx.%d", name_hash, n);
        if (realpath(link, path) == NULL)
            return false;
        if (strncmp(path, folder, strlen(folder)) != 0 || (file = fopen(path, "re")) == NULL)
            continue;
        other = PEM_read_X509(file, NULL, NULL, NULL);
        fclose(file);
        same = other != NULL && X509_cmp(cert, other) == 0;
        X509_free(other);
        if (same)
            return true;
    }
    return false;
}

bool public_root_is(const X509 *cert)
{
    unsigned long hash = X509_NAME_hash_ex(X509_get_subject_name(cert), NULL, NULL, NULL);
    const struct public_root *row;
    size_t n = public_roots_named(hash, &row);

    for (size_t i = 0; i < n; i++) {
        if (row[i].kind != PUBLIC_ROOT_BRIDGE && has_fingerprint(cert, row[i].sha256))
            return true;
    }
    return distribution_ships(cert, hash);
}

static bool entry_is(const X509_NAME *name, int nid, const char *wanted)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *text = NULL;
    bool same;
    int len;

    if (at < 0)
        return false;
    len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len < 0)
        return false;
    same = (size_t)len == strlen(wanted) && memcmp(text, wanted, (size_t)len) == 0;
    OPENSSL_free(text);
    return same;
}

bool public_issuer_known(const X509_NAME *name)
{
    for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++) {
        if (entry_is(name, NID_commonName, issuers[i].common_name) &&
            entry_is(name, NID_organizationName, issuers[i].organisation))
            return true;
    }
    return false;
}
