/* bytes: see bytes.h. */
#include "diag/base/bytes.h"

const uint8_t *bytes_take(struct bytes *b, size_t len)
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

bool bytes_skip(struct bytes *b, size_t len)
{
    return len == 0 ? !b->truncated : bytes_take(b, len) != NULL;
}

uint8_t bytes_u8(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 1);

    return p == NULL ? 0 : p[0];
}

uint16_t bytes_u16(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 2);

    return p == NULL ? 0 : (uint16_t)(((unsigned)p[0] << 8) | p[1]);
}

uint32_t bytes_u24(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 3);

    return p == NULL ? 0 : (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

uint32_t bytes_u32(struct bytes *b)
{
    const uint8_t *p = bytes_take(b, 4);

    return p == NULL ? 0 : (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct bytes bytes_sub(struct bytes *b, size_t len)
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

struct bytes bytes_vec8(struct bytes *b)
{
    return bytes_sub(b, bytes_u8(b));
}

struct bytes bytes_vec16(struct bytes *b)
{
    return bytes_sub(b, bytes_u16(b));
}

struct bytes bytes_vec24(struct bytes *b)
{
    return bytes_sub(b, bytes_u24(b));
}
