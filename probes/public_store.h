/*
 * public_store: the compiled-in public roots as an X509_STORE.
 *
 * Decoding all of them would take 45 ms, so it holds only the roots that chains have asked for.
 */
#ifndef HOPPROOF_PROBES_PUBLIC_STORE_H
#define HOPPROOF_PROBES_PUBLIC_STORE_H

#include <openssl/types.h>
#include <stdbool.h>

struct stack_st_X509;
struct public_store;

/* NULL when memory ran out; freeing NULL is fine. */
struct public_store *public_store_new(void);
void public_store_free(struct public_store *p);

/* The store, with every public root in it that the chain names as an issuer. */
X509_STORE *public_store_for(struct public_store *p, const struct stack_st_X509 *chain);

/*
 * The bridges that bear the name of an issuer in the chain, and the roots that they lead to put
 * into the store. Belongs to the public store and is good until the next call.
 */
const struct stack_st_X509 *public_store_bridges(struct public_store *p,
                                                 const struct stack_st_X509 *chain);

/* Does the chain lead to a public root, whatever the time; with the bridges, when wanted? */
bool public_store_leads(struct public_store *p, const struct stack_st_X509 *chain, bool bridges);

#endif
