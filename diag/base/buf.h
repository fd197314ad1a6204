/*
 * buf: a growable byte buffer that is born with its limit.
 *
 * The bytes stand at data[0..len); a NUL always stands behind them, so that text can be used as
 * a string. What does not fit under the limit is refused and remembered in `overflow`.
 */
#ifndef HOPPROOF_BASE_BUF_H
#define HOPPROOF_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data; /* NULL until the first byte arrives */
    size_t len, room, limit;
    bool overflow; /* something was refused: limit reached or no memory */
};

/* An empty buffer that will never hold more than `limit` bytes. No allocation yet. */
void buf_init(struct buf *b, size_t limit);

/* Give the memory back; the buffer is empty again and usable with the same limit. */
void buf_free(struct buf *b);

/* Make room for `more` bytes, so that the buffer does not move before; -1 as for buf_add. */
int buf_reserve(struct buf *b, size_t more);

/* Append; -1 and nothing appended (overflow set) when it does not fit. */
int buf_add(struct buf *b, const void *bytes, size_t len);
int buf_str(struct buf *b, const char *s);
int buf_char(struct buf *b, char c);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Drop `len` bytes from the front (all of them when there are fewer). */
void buf_drop(struct buf *b, size_t len);

/* Forget the content, keep the memory. */
void buf_clear(struct buf *b);

/* The content as a string: never NULL, valid until the next change. */
const char *buf_text(const struct buf *b);

#endif
