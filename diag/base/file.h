/*
 * file: a whole input file in memory, bounded.
 */
#ifndef HOPPROOF_BASE_FILE_H
#define HOPPROOF_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct fault;

/*
 * All bytes of `path` ("-" is standard input) into the arena, with a NUL behind them. 0, or -1
 * with a fault "FILE: ..." when it cannot be read or has more than `limit` bytes.
 */
int file_read(struct arena *a, const char *path, size_t limit, const char **bytes, size_t *len,
              struct fault *f);

/*
 * Append what is left of a descriptor. 0, or an errno: E2BIG when there is more than the buffer's
 * limit, or no memory for it.
 */
int file_read_on(int fd, struct buf *to);

/* What to do about an input file that open or read refuses with this errno; a constant text. */
const char *file_todo(int error);

/* A ZIP archive, as --bundle writes one: whoever is given a bundle tries to have it read whole. */
bool file_is_zip(const void *bytes, size_t len);

/* The name of an input for messages and reports: printable, "standard input" for "-". */
const char *file_label(struct arena *a, const char *path);

#endif
