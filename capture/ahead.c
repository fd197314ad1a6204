/* ahead: see ahead.h. */
#include "capture/ahead.h"

#include "diag/base/supply.h"
#include "diag/base/worker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BLOCKS = 3,             /* one is looked at, one waits, one is being read */
    WORTH = 8 * 1024 * 1024 /* of a smaller file the worker costs more than it saves */
};

struct block {
    ssize_t n; /* bytes behind the first AHEAD_KEEP; 0: the file is over; -1: `error` */
    int error;
    uint8_t bytes[AHEAD_KEEP + AHEAD_MOST];
};

struct ahead {
    int fd;
    struct supply supply;
    size_t at;  /* the place that was taken last */
    bool begun; /* the caller has one to give back */
    bool over;  /* that was the last one */
    struct block blocks[BLOCKS];
};

static bool read_block(void *arg, size_t place)
{
    struct ahead *a = arg;
    struct block *b = &a->blocks[place];

    do {
        b->n = read(a->fd, b->bytes + AHEAD_KEEP, AHEAD_MOST);
    } while (b->n < 0 && errno == EINTR);
    b->error = b->n < 0 ? errno : 0;
    return b->n > 0;
}

static bool is_worth_it(int fd)
{
    struct stat st;

    return worker_helps() && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= WORTH;
}

struct ahead *ahead_new(int fd)
{
    struct ahead *a = is_worth_it(fd) ? malloc(sizeof *a) : NULL;

    if (a == NULL)
        return NULL;
    a->fd = fd;
    a->begun = a->over = false;
    if (supply_begin(&a->supply, BLOCKS, read_block, a) != 0) {
        free(a);
        return NULL;
    }
    return a;
}

ssize_t ahead_next(struct ahead *a, const uint8_t *keep, size_t n_keep, const uint8_t **bytes)
{
    struct block *b;
    uint8_t *front;

    if (!a->over)
        a->at = supply_take(&a->supply);
    b = &a->blocks[a->at];
    a->over = b->n <= 0;
    if (a->over) {
        errno = b->error;
        return b->n;
    }
    front = b->bytes + AHEAD_KEEP - n_keep;
    if (n_keep > 0)
        memcpy(front, keep, n_keep);
    *bytes = front;
    if (a->begun) /* the block before, which was looked at till now */
        supply_give_back(&a->supply);
    a->begun = true;
    return b->n;
}

void ahead_free(struct ahead *a)
{
    if (a == NULL)
        return;
    supply_end(&a->supply, NULL);
    free(a);
}
