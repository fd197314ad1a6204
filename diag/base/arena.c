/* arena: see arena.h. Chunks in a list; large requests get a chunk of their own. */
#include "diag/base/arena.h"

#include "diag/base/pages.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 * 1024)
/* An arena that holds more than this takes large pages for what comes. */
#define LARGE_FROM ((size_t)4 * 1024 * 1024)

struct chunk {
    struct chunk *next;
    size_t size, used;
    bool in_pages;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct chunk *chunks; /* the one being filled comes first */
    size_t used;
};

static void die(void)
{
    fputs("hopproof: out of memory; free some memory or check fewer endpoints at once\n", stderr);
    exit(3);
}

static void (*exhausted)(void) = die;

void arena_on_exhausted(void (*handler)(void))
{
    exhausted = handler;
}

static void give_up(void)
{
    exhausted();
    die(); /* a handler that returns is a mistake, and there is nothing to return to */
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);

    if (a == NULL)
        give_up();
    return a;
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    for (struct chunk *c = a->chunks, *next; c != NULL; c = next) {
        next = c->next;
        if (c->in_pages)
            pages_free(c);
        else
            free(c);
    }
    free(a);
}

static struct chunk *chunk_new(size_t size)
{
    struct chunk *c;

    if (size > SIZE_MAX / 2)
        give_up();
    c = calloc(1, sizeof *c + size);
    if (c == NULL)
        give_up();
    c->size = size;
    return c;
}

static struct chunk *next_chunk(const struct arena *a)
{
    struct chunk *c = a->used < LARGE_FROM ? NULL : pages_new();

    if (c == NULL)
        return chunk_new(CHUNK_SIZE);
    c->size = PAGES_SIZE - sizeof *c;
    c->in_pages = true;
    return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct chunk *c = a->chunks;
    void *p;

    if (size > SIZE_MAX / 4)
        give_up();
    size = (size + align - 1) / align * align;
    a->used += size;
    if (size > CHUNK_SIZE / 4) {
        struct chunk *own = chunk_new(size);

        own->used = size;
        if (c != NULL) { /* behind the one being filled, which keeps its room */
            own->next = c->next;
            c->next = own;
        } else {
            a->chunks = own;
        }
        return own->data;
    }
    if (c == NULL || c->size - c->used < size) {
        c = next_chunk(a);
        c->next = a->chunks;
        a->chunks = c;
    }
    p = c->data + c->used;
    c->used += size;
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
    char *copy = arena_alloc(a, len + 1);

    if (len > 0)
        memcpy(copy, s, len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    char *s;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        len = 0;
    s = arena_alloc(a, (size_t)len + 1);
    vsnprintf(s, (size_t)len + 1, format, again);
    va_end(again);
    return s;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    char *s;

    va_start(args, format);
    s = arena_vprintf(a, format, args);
    va_end(args);
    return s;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

void *arena_grow(struct arena *a, void *list, size_t n, size_t size)
{
    size_t room = n < 4 ? 4 : n * 2;
    void *moved;

    if (n != 0 && (n < 4 || (n & (n - 1)) != 0))
        return list; /* still room: capacities are 4, 8, 16, ... */
    if (room > SIZE_MAX / 2 / size)
        give_up();
    moved = arena_alloc(a, room * size);
    if (n > 0)
        memcpy(moved, list, n * size);
    return moved;
}
