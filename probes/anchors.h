/*
 * anchors: where trust anchors come from, and when they are loaded.
 *
 * A bundle of 140 roots takes some 45 ms to load, a hashed directory nothing: OpenSSL looks up
 * there what a chain asks for. See openssl-env(7) and openssl-rehash(1).
 */
#ifndef HOPPROOF_PROBES_ANCHORS_H
#define HOPPROOF_PROBES_ANCHORS_H

#include <openssl/types.h>
#include <stdbool.h>

struct stack_st_X509;
struct arena;
struct fault;

/* The anchors of this machine or of a PEM file; see trust_new(). */
struct anchors;

struct anchors *anchors_new(const char *ca_file, struct fault *f);
void anchors_free(struct anchors *n);

/* Load in the background what is slow. */
void anchors_preload(struct anchors *n);

/*
 * The store, loaded, with whatever this chain may need in it; NULL when memory ran out. Belongs to
 * the anchors.
 */
X509_STORE *anchors_store(struct anchors *n, const struct stack_st_X509 *chain);

/*
 * A chain did not convince: load what was left out because it rarely adds anything. True when the
 * store has more anchors now, and the chain is worth another look.
 */
bool anchors_more(struct anchors *n);

/* In words, in the arena; waits for the load. */
const char *anchors_source(struct anchors *n, struct arena *a);

#endif
