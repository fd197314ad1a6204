/* source: see source.h. */
#include "capture/source.h"

#include "capture/ahead.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK ((size_t)1024 * 1024)

void source_of_fd(struct source *s, int fd)
{
    *s = (struct source){.fd = fd, .ahead = ahead_new(fd)};
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
    ahead_free(s->ahead);
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

/* Where the file goes on, in a block of its own; how many bytes came, as read(2) says it. */
static ssize_t step_ahead(struct source *s)
{
    size_t left = (size_t)(s->end - s->p);
    const uint8_t *bytes;
    ssize_t n = ahead_next(s->ahead, s->p, left, &bytes);

    if (n > 0) {
        s->p = bytes;
        s->end = bytes + left + n;
    }
    return n;
}

/* The same behind what is left, in our own block, which make_room has made large enough. */
static ssize_t append(struct source *s)
{
    uint8_t *end = s->block + (s->end - s->p); /* make_room has put `p` at the front */
    const uint8_t *bytes;
    ssize_t n;

    if (s->ahead == NULL) {
        n = read(s->fd, end, s->room - (size_t)(end - s->block));
    } else {
        n = ahead_next(s->ahead, NULL, 0, &bytes);
        if (n > 0)
            memcpy(end, bytes, (size_t)n);
    }
    if (n > 0)
        s->end += n;
    return n;
}

void source_fill(struct source *s, size_t want)
{
    bool steps;

    if (s->fd < 0 || s->error != 0)
        return;
    if (want > SOURCE_PEEK_MAX)
        want = SOURCE_PEEK_MAX;
    steps = s->ahead != NULL && want <= AHEAD_KEEP;
    if (!steps && make_room(s, want + (s->ahead != NULL ? AHEAD_MOST : 0)) != 0) {
        s->error = ENOMEM;
        return;
    }
    while ((size_t)(s->end - s->p) < want) { /* ends: each turn adds a byte at least, or stops */
        ssize_t n = steps ? step_ahead(s) : append(s);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            s->error = errno;
        if (n <= 0)
            break;
    }
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
