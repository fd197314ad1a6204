/*
 * bytes: the one way in which hostile bytes are read: a cursor that cannot leave its end.
 *
 * A read past the end gives zero and sets `truncated`, once and for good; the caller may read a
 * whole structure and look at the flag afterwards. "Truncated" (the bytes seen so far are a
 * correct beginning) is not "invalid": a decoder that finds a contradiction sets `invalid`
 * itself. All integers are in network byte order.
 */
#ifndef HOPPROOF_BASE_BYTES_H
#define HOPPROOF_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *p, *end;
    bool truncated, invalid;
};

/* What a decoder says of the bytes it was given. */
enum decode {
    DECODE_OK,        /* complete and well-formed */
    DECODE_TRUNCATED, /* a correct beginning; more is needed */
    DECODE_INVALID,   /* no continuation can make it right */
};

static inline struct bytes bytes_of(const void *data, size_t len)
{
    const uint8_t *p = data;

    return (struct bytes){.p = p, .end = len == 0 ? p : p + len};
}

static inline size_t bytes_left(const struct bytes *b)
{
    return (size_t)(b->end - b->p);
}

/* False once anything went wrong: the values read since then mean nothing. */
static inline bool bytes_ok(const struct bytes *b)
{
    return !b->truncated && !b->invalid;
}

/* DECODE_INVALID wins over DECODE_TRUNCATED. */
static inline enum decode bytes_verdict(const struct bytes *b)
{
    return b->invalid ? DECODE_INVALID : b->truncated ? DECODE_TRUNCATED : DECODE_OK;
}

/* The next `len` bytes, or NULL (and truncated) when there are fewer. */
const uint8_t *bytes_take(struct bytes *b, size_t len);

/* Skip; false when there are fewer. */
bool bytes_skip(struct bytes *b, size_t len);

uint8_t bytes_u8(struct bytes *b);
uint16_t bytes_u16(struct bytes *b);
uint32_t bytes_u24(struct bytes *b);
uint32_t bytes_u32(struct bytes *b);

/*
 * A cursor over the next `len` bytes. When there are fewer, `b` is truncated and the cursor holds
 * those that are there.
 */
struct bytes bytes_sub(struct bytes *b, size_t len);

/* A vector with a length of 1, 2 or 3 bytes in front (RFC 8446 section 3.4). */
struct bytes bytes_vec8(struct bytes *b);
struct bytes bytes_vec16(struct bytes *b);
struct bytes bytes_vec24(struct bytes *b);

#endif
