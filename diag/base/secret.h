/*
 * secret: a password in memory that is never swapped, dumped or printed.
 *
 * Secrets live only here: no argv, no environment kept, no report, no log, no core file.
 */
#ifndef HOPPROOF_BASE_SECRET_H
#define HOPPROOF_BASE_SECRET_H

#include <stddef.h>

struct fault;
struct secret;

/* A copy of `len` bytes (at most 4096) in locked, undumpable memory; NULL without memory. */
struct secret *secret_new(const void *bytes, size_t len);

/* Wipe and free; NULL is fine. */
void secret_free(struct secret *s);

/* The bytes, with a NUL behind them; valid while the secret lives. */
const char *secret_text(const struct secret *s);
size_t secret_len(const struct secret *s);

/*
 * The first line of a regular file, without its line end, byte for byte otherwise: 1 to 4096
 * bytes, which stand in no other memory. 0, or -1 with a fault.
 */
int secret_read_file(const char *path, struct secret **out, struct fault *f);

/*
 * Memory of its own for secrets: zeroed, locked (best effort), kept out of core files and of child
 * processes. NULL without memory. `room` is a multiple of SECRET_PAGES. Freeing wipes it; NULL is
 * fine.
 */
enum { SECRET_PAGES = 8192 };
void *secret_pages(size_t room);
void secret_pages_free(void *pages, size_t room);

/*
 * A copy of an environment variable, which is then wiped and removed; *out is NULL when it is not
 * set. 0, or -1 with a fault when it is too long.
 */
int secret_from_env(const char *name, struct secret **out, struct fault *f);

#endif
