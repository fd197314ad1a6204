/* supply: see supply.h. */
#include "diag/base/supply.h"

#include "diag/base/worker.h"

/* sem_wait(3), through signals. */
static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0) /* ends: only a signal interrupts it */
        continue;
}

static void *make_on(void *arg)
{
    struct supply *s = arg;
    bool more = true;

    for (size_t i = 0; more; i = (i + 1) % s->places) { /* ends when told, or with the last one */
        wait_for(&s->room);
        if (atomic_load(&s->stop))
            break;
        more = s->make(s->arg, i);
        sem_post(&s->ready);
    }
    return NULL;
}

static void close_counts(struct supply *s)
{
    sem_destroy(&s->room);
    sem_destroy(&s->ready);
}

int supply_begin(struct supply *s, size_t places, supply_make *make, void *arg)
{
    int status;

    s->make = make;
    s->arg = arg;
    s->places = places;
    s->next = 0;
    atomic_init(&s->stop, false);
    sem_init(&s->room, 0, (unsigned)places);
    sem_init(&s->ready, 0, 0);
    status = worker_start(&s->worker, make_on, s);
    if (status != 0)
        close_counts(s);
    return status;
}

static size_t advance(struct supply *s)
{
    size_t place = s->next;

    s->next = (place + 1) % s->places;
    return place;
}

size_t supply_take(struct supply *s)
{
    wait_for(&s->ready);
    return advance(s);
}

void supply_give_back(struct supply *s)
{
    sem_post(&s->room);
}

void supply_end(struct supply *s, void (*drop)(void *arg, size_t place))
{
    atomic_store(&s->stop, true);
    sem_post(&s->room);
    pthread_join(s->worker, NULL);
    while (drop != NULL && sem_trywait(&s->ready) == 0) /* ends: nobody raises it any more */
        drop(s->arg, advance(s));
    close_counts(s);
}
