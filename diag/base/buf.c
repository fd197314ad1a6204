/* buf: see buf.h. */
#include "diag/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t limit)
{
    *b = (struct buf){.limit = limit};
}

void buf_free(struct buf *b)
{
    size_t limit = b->limit;

    free(b->data);
    buf_init(b, limit);
}

/* The room includes a NUL behind the bytes. */
int buf_reserve(struct buf *b, size_t more)
{
    size_t room = b->room < 64 ? 64 : b->room;
    uint8_t *data;

    if (more > b->limit - b->len) {
        b->overflow = true;
        return -1;
    }
    if (b->data != NULL && b->room - b->len > more)
        return 0;
    while (room <= b->len + more) {
        if (room > SIZE_MAX / 2) {
            b->overflow = true;
            return -1;
        }
        room *= 2;
    }
    data = realloc(b->data, room);
    if (data == NULL) {
        b->overflow = true;
        return -1;
    }
    b->data = data;
    b->room = room;
    return 0;
}

int buf_add(struct buf *b, const void *bytes, size_t len)
{
    if (buf_reserve(b, len) != 0)
        return -1;
    if (len > 0)
        memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = 0;
    return 0;
}

int buf_str(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int buf_char(struct buf *b, char c)
{
    if (b->room - b->len < 2 || b->len >= b->limit)
        return buf_add(b, &c, 1);
    b->data[b->len++] = (uint8_t)c;
    b->data[b->len] = 0;
    return 0;
}

int buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    if (len < 0 || buf_reserve(b, (size_t)len) != 0) {
        va_end(again);
        return -1;
    }
    vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, again);
    va_end(again);
    b->len += (size_t)len;
    return 0;
}

int buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = buf_vprintf(b, format, args);
    va_end(args);
    return result;
}

void buf_drop(struct buf *b, size_t len)
{
    if (len > b->len)
        len = b->len;
    if (b->data == NULL)
        return;
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
    b->data[b->len] = 0;
}

void buf_clear(struct buf *b)
{
    buf_drop(b, b->len);
    b->overflow = false;
}

const char *buf_text(const struct buf *b)
{
    return b->data == NULL ? "" : (const char *)b->data;
}
