/* ahead: see ahead.h. */
#include "capture/ahead.h"

#include "diag/base/worker.h"

#include <errno.h>
#include <stdatomic.h>
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
    pthread_t worker;
    sem_t free, full; /* blocks to read into; blocks that were read */
    atomic_bool stop;
    size_t next; /* block that the caller gets next */
    bool begun;  /* he has the one before */
    bool over;   /* nothing comes after the one before */
    struct block blocks[BLOCKS];
};

static void read_block(struct block *b, int fd)
{
    do {
        b->n = read(fd, b->bytes + AHEAD_KEEP, AHEAD_MOST);
    } while (b->n < 0 && errno == EINTR);
    b->error = b->n < 0 ? errno : 0;
}

static void *read_on(void *arg)
{
    struct ahead *a = arg;
    bool over = false;

    for (size_t i = 0; !over; i = (i + 1) % BLOCKS) { /* ends with the file, or when told */
        worker_wait(&a->free);
        if (atomic_load(&a->stop))
            break;
        read_block(&a->blocks[i], a->fd);
        over = a->blocks[i].n <= 0;
        sem_post(&a->full);
    }
    return NULL;
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
    a->next = 0;
    a->begun = a->over = false;
    atomic_init(&a->stop, false);
    sem_init(&a->free, 0, BLOCKS);
    sem_init(&a->full, 0, 0);
    if (worker_start(&a->worker, read_on, a) != 0) {
        free(a);
        return NULL;
    }
    return a;
}

ssize_t ahead_next(struct ahead *a, const uint8_t *keep, size_t n_keep, const uint8_t **bytes)
{
    struct block *b = &a->blocks[a->next];
    uint8_t *front = b->bytes + AHEAD_KEEP - n_keep;

    if (!a->over)
        worker_wait(&a->full);
    a->over = b->n <= 0;
    if (a->over) {
        errno = b->error;
        return b->n;
    }
    if (n_keep > 0)
        memcpy(front, keep, n_keep);
    *bytes = front;
    if (a->begun)
        sem_post(&a->free); /* the block before, which was looked at till now */
    a->begun = true;
    a->next = (a->next + 1) % BLOCKS;
    return b->n;
}

void ahead_free(struct ahead *a)
{
    if (a == NULL)
        return;
    atomic_store(&a->stop, true);
    sem_post(&a->free);
    pthread_join(a->worker, NULL);
    sem_destroy(&a->free);
    sem_destroy(&a->full);
    free(a);
}
