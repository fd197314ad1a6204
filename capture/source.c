/* source: see source.h. */
#include "capture/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK ((size_t)1024 * 1024)

void source_of_fd(struct source *s, int fd)
{
    *s = (struct source){.fd = fd};
}

void source_of_memory(struct source *s, const void *bytes, size_t len)
{
    *s = (struct source){.fd = -1};
    if (len > 0) {
        s->p = bytes;
        s->end = s->p + len;
    }
}

void source_free(struct source *s)
{
    free(s->block);
    source_of_memory(s, NULL, 0);
}

/* A block that holds what is left, at its front, with room for `want` in all. */
static int make_room(struct source *s, size_t want)
{
    size_t left = (size_t)(s->end - s->p), room = s->room < BLOCK ? BLOCK : s->room;
    uint8_t *block = s->block;

    while (room < want)
        room *= 2;
    if (room != s->room) {
        block = malloc(room);
        if (block == NULL)
            return -1;
    }
    if (left > 0)
        memmove(block, s->p, left);
    if (block != s->block) {
        free(s->block);
        s->block = block;
        s->room = room;
    }
    s->p = block;
    s->end = block + left;
    return 0;
}

void source_fill(struct source *s, size_t want)
{
    size_t left = (size_t)(s->end - s->p);

    if (s->fd < 0 || s->error != 0)
        return;
    if (want > SOURCE_PEEK_MAX)
        want = SOURCE_PEEK_MAX;
    if (make_room(s, want) != 0) {
        s->error = ENOMEM;
        return;
    }
    while (left < want) { /* ends: each turn adds a byte at least, or stops */
        ssize_t n = read(s->fd, s->block + left, s->room - left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            s->error = errno;
        if (n <= 0)
            break;
        left += (size_t)n;
    }
    s->end = s->block + left;
}

uint64_t source_skip(struct source *s, uint64_t len)
{
    uint64_t done = 0;

    while (done < len) { /* ends: source_peek gives nothing once the file is over */
        size_t have = source_peek(s, 1);
        size_t part = len - done < have ? (size_t)(len - done) : have;

        if (part == 0)
            break;
        source_take(s, part);
        done += part;
    }
    return done;
}
