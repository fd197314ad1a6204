/*
 * A throw-away PKI for the benchmark's server fleet: root, intermediate and one leaf for each
 * name, all EC P-256 with SHA-256, as the big clouds serve them (RFC 5280 profiles).
 */
#ifndef BENCH_LAB_PKI_H
#define BENCH_LAB_PKI_H

#include <openssl/ssl.h>

/* A leaf certificate with its private key. */
struct lab_leaf {
    X509 *cert;
    EVP_PKEY *key;
};

/* The two authorities; all keys live in this process only. */
struct lab_pki {
    struct lab_leaf root;
    struct lab_leaf intermediate;
    STACK_OF(X509) * chain; /* what a server sends behind its leaf: the intermediate */
};

/* Makes root and intermediate. 0, or -1 with OpenSSL's error queue filled and `pki` empty. */
int lab_pki_new(struct lab_pki *pki);

/* Makes a leaf for the DNS name `name` (a wildcard is fine), valid from yesterday for 90 days.
   The caller owns `leaf`. 0, or -1 with `leaf` untouched. */
int lab_pki_leaf(const struct lab_pki *pki, const char *name, struct lab_leaf *leaf);

/* Writes the root certificate as PEM; other processes see the whole file or none. 0 or -1. */
int lab_pki_write_root(const struct lab_pki *pki, const char *path);

void lab_leaf_free(struct lab_leaf *leaf);
void lab_pki_free(struct lab_pki *pki);

#endif
