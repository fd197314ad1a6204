/*
 * public_roots: the authorities that the world's TLS clients believe, compiled in.
 *
 * Data with a date (public_roots.def, public_issuers.def): what a private authority re-signed is
 * recognised by not leading here, whatever this machine was made to trust.
 */
#ifndef HOPPROOF_PROBES_PUBLIC_ROOTS_H
#define HOPPROOF_PROBES_PUBLIC_ROOTS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum public_root_kind {
    PUBLIC_ROOT_MOZILLA, /* of Mozilla's list */
    PUBLIC_ROOT_AZURE,   /* of those, or of Microsoft: behind Azure's endpoints */
    PUBLIC_ROOT_BRIDGE,  /* no root: a cross-certificate that servers sometimes forget */
};

struct public_root {
    enum public_root_kind kind;
    uint32_t name_hash; /* of the subject, as of X509_NAME_hash_ex(3) */
    const char *sha256; /* of the certificate, lower-case hexadecimal */
    const char *name;
    const char *base64; /* DER */
};

/* When the list was made, "2026-11-24". */
const char *public_roots_date(void);

/* All rows with this subject hash, next to each other: their number; *first is the first one. */
size_t public_roots_named(unsigned long name_hash, const struct public_root **first);

/* Row number i of `public_roots_count`. */
extern const size_t public_roots_count;
const struct public_root *public_root_at(size_t i);

/* The certificate of a row, for the caller to free; NULL when memory ran out. */
X509 *public_root_decode(const struct public_root *row);

/*
 * True when this certificate is a root of the list, or of the list that this machine's
 * distribution ships (which may be newer). What an administrator added is neither.
 */
bool public_root_is(const X509 *cert);

/*
 * True when a known public intermediate, which servers have to send, has this name. Not so for
 * roots, which they need not: where one of those is missing, this machine does not have it.
 */
bool public_issuer_known(const X509_NAME *name);

#endif
