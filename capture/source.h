/*
 * source: the bytes of a capture file in order, read in large blocks, those of a large file ahead
 * of time (ahead.h).
 *
 * Works on pipes (read(2) only), in constant memory. Or bytes in memory, for tests.
 */
#ifndef HOPPROOF_CAPTURE_SOURCE_H
#define HOPPROOF_CAPTURE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct ahead;

enum { SOURCE_PEEK_MAX = 16 * 1024 * 1024 + 4096 }; /* the longest stretch that can be looked at */

struct source {
    const uint8_t *p, *end; /* what is at hand */
    uint64_t offset;        /* of `p` in the file */
    int fd;                 /* -1: memory only */
    int error;              /* errno of a failed read, which ends the bytes */
    struct ahead *ahead;    /* NULL: without */
    uint8_t *block;         /* own memory: `room` bytes */
    size_t room;
};

/* The descriptor stays the caller's; a large file is read ahead of time from here on (ahead.h). */
void source_of_fd(struct source *s, int fd);
void source_of_memory(struct source *s, const void *bytes, size_t len);
void source_free(struct source *s);

/* Make more bytes available: at least `want` unless the file ends before. */
void source_fill(struct source *s, size_t want);

/*
 * The next bytes without consuming them: at least `want` (at most SOURCE_PEEK_MAX), fewer only
 * where the file ends. Returns how many there are; valid until the next call.
 */
static inline size_t source_peek(struct source *s, size_t want)
{
    if ((size_t)(s->end - s->p) < want)
        source_fill(s, want);
    return (size_t)(s->end - s->p);
}

/* Consume `len` bytes that were peeked at. */
static inline void source_take(struct source *s, size_t len)
{
    s->p += len;
    s->offset += len;
}

/* Consume `len` bytes, however many; returns how many there were. */
uint64_t source_skip(struct source *s, uint64_t len);

#endif
