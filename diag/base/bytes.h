/*
 * bytes: the one way in which hostile bytes are read: a cursor that cannot leave its end.
 *
 * A read past the end gives zero and sets `truncated`, once and for good; the caller may read a
 * whole structure and look at the flag afterwards. "Truncated" (the bytes seen so far are a
 * correct beginning) is not "invalid": a decoder that finds a contradiction sets `invalid`
 * itself. All integers are in network byte order. All of it is inline: a packet costs dozens of
 * reads, and a call each would be most of them.
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

/*
 * The same where *b is in a structure of the caller's: a returned one would be copied there, in
 * words wider than those in which it was just written, for which a processor must wait.
 */
static inline void bytes_set(struct bytes *b, const uint8_t *p, size_t len)
{
    b->p = p;
    b->end = len == 0 ? p : p + len;
    b->truncated = b->invalid = false;
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
static inline const uint8_t *bytes_take(struct bytes *b, size_t len)
{
    const uint8_t *p = b->p;

    if (b->truncated || len > bytes_left(b)) {
        b->truncated = true;
        b->p = b->end; /* later reads must not find bytes of the structure that was cut */
        return NULL;
    }
    b->p += len;
    return p;
}

/* Skip; false when there are fewer. */
static inline bool bytes_skip(struct bytes *b, size_t len)
{
    return len == 0 ? !b->truncated : bytes_take(b, len) != NULL;
}

static inline uint8_t bytes_u8(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 1);

    return p == NULL ? 0 : p[0];
}

static inline uint16_t bytes_u16(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 2);

    return p == NULL ? 0 : (uint16_t)(((unsigned)p[0] << 8) | p[1]);
}

static inline uint32_t bytes_u24(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 3);

    return p == NULL ? 0 : (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t bytes_u32(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 4);

    return p == NULL ? 0 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * A cursor over the next `len` bytes. When there are fewer, `b` is truncated and the cursor holds
 * those that are there.
 */
static inline struct bytes bytes_sub(struct bytes *b, size_t len)
{
    struct bytes sub = {.p = b->p, .end = b->p, .truncated = b->truncated, .invalid = b->invalid};

    if (b->truncated)
        return sub;
    if (len > bytes_left(b)) {
        /* The part that is there stays readable; a read past it says "truncated" by itself. */
        sub.end = b->end;
        b->truncated = true;
        b->p = b->end;
        return sub;
    }
    sub.end = b->p + len;
    b->p += len;
    return sub;
}

/* A vector with a length of 1, 2 or 3 bytes in front (RFC 8446 section 3.4). */
static inline struct bytes bytes_vec8(struct bytes *b)
{
    return bytes_sub(b, bytes_u8(b));
}

static inline struct bytes bytes_vec16(struct bytes *b)
{
    return bytes_sub(b, bytes_u16(b));
}

static inline struct bytes bytes_vec24(struct bytes *b)
{
    return bytes_sub(b, bytes_u24(b));
}

#endif
