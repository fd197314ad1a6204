/*
 * vault: secret text that grows, in memory that is never swapped, dumped or printed.
 */
#ifndef HOPPROOF_BASE_VAULT_H
#define HOPPROOF_BASE_VAULT_H

#include <stddef.h>

struct vault;

/* NULL without memory. Freeing wipes everything; NULL is fine. */
struct vault *vault_new(void);
void vault_free(struct vault *v);

/* Append. 0, or -1 without memory or beyond 64 MiB; then nothing was added. */
int vault_add(struct vault *v, const char *text, size_t len);

/* What was added so far; not terminated, valid until the next vault_add. */
const char *vault_text(const struct vault *v);
size_t vault_len(const struct vault *v);

#endif
