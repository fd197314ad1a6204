/*
 * ahead: the bytes of a regular file in order, read by a worker (worker.h) while the caller looks
 * at those before: the kernel's copying costs him no time where there is a second processor.
 */
#ifndef HOPPROOF_CAPTURE_AHEAD_H
#define HOPPROOF_CAPTURE_AHEAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    AHEAD_KEEP = 64 * 1024,  /* bytes that ahead_next can put in front of the next ones */
    AHEAD_MOST = 512 * 1024, /* bytes that come at once: far less than a processor's cache */
};

struct ahead;

/*
 * From the current position of the descriptor, which stays the caller's, and is not to be used by
 * him until ahead_free. NULL where there is nothing to be had by it: a pipe (of which reading may
 * take for ever), a small file, no second processor.
 */
struct ahead *ahead_new(int fd);

/*
 * The next bytes of the file, with a copy of those at `keep` in front of them: `n_keep` bytes, at
 * most AHEAD_KEEP, usually the last ones of the call before. Sets `bytes` to the first of those
 * kept, and returns how many came behind them: 0 at the end of the file, -1 with errno when reading
 * failed; then nothing is moved, and later calls say the same. Valid until the next call.
 */
ssize_t ahead_next(struct ahead *a, const uint8_t *keep, size_t n_keep, const uint8_t **bytes);

/* NULL is fine. */
void ahead_free(struct ahead *a);

#endif
