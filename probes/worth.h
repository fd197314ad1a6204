/*
 * worth: what a presented chain is worth to this machine and to the world, by the certificates, the
 * anchors and the clock alone: docs/architecture.md, "Trust".
 */
#ifndef HOPPROOF_PROBES_WORTH_H
#define HOPPROOF_PROBES_WORTH_H

#include "diag/model/report.h"

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct anchors;
struct arena;
struct public_store;
struct stack_st_X509;

enum { WORTH_CHAIN_MAX = 16 }; /* certificates of a chain that are looked at */

/* Who is believed; the texts of a worth are in the arena. */
struct worth_basis {
    struct arena *arena;
    struct anchors *anchors;    /* this machine's, or the user's */
    struct public_store *known; /* the world's */
};

struct worth {
    int64_t from_s, until_s;    /* the same verdict for any time in [from, until) */
    int issuer_at;              /* the leaf's issuer: its place in the chain; -1: not from there */
    X509 *issuer;               /* then an anchor, our own reference; NULL when not found */
    bool used[WORTH_CHAIN_MAX]; /* of the presented certificates: the verification built on it */
    /* the facts, as in struct tls_detail */
    struct chain_error **errors;
    size_t n_errors;
    enum tri trusted, trusted_ignoring_time, trusted_with_bridge, public_trust, public_with_bridge;
    const char *anchor, *anchor_sha256, *missing_issuer;
    bool missing_issuer_public;
};

/*
 * Judge a chain of 1 to WORTH_CHAIN_MAX certificates, leaf first, into *v, which was zeroed. 0, or
 * -1 when memory ran out. worth_clear() afterwards in both cases.
 */
int worth_judge(const struct worth_basis *b, const struct stack_st_X509 *chain, int security_level,
                int64_t now_s, struct worth *v);
void worth_clear(struct worth *v);

/* An error of the verification as the report has it; `about` may be NULL. */
struct chain_error *worth_error(struct arena *a, int depth, int code, const X509 *about);

#endif
