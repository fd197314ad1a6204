/*
 * supply: things that a worker (worker.h) makes ready one after the other, while the caller uses
 * those before. They stand in a few places, round and round; each place is the worker's or the
 * caller's, never of both.
 */
#ifndef HOPPROOF_BASE_SUPPLY_H
#define HOPPROOF_BASE_SUPPLY_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Runs in the worker: fill this place. False: this was the last one that is made. */
typedef bool supply_make(void *arg, size_t place);

struct supply {
    supply_make *make;
    void *arg;
    size_t places, next; /* next: the place that is taken next */
    pthread_t worker;
    sem_t room, ready; /* places that may be filled; that are filled */
    atomic_bool stop;
};

/*
 * Begin to fill the places, from the first on. The structure stays where it is until supply_end. 0,
 * or an error number: then there is nothing to end.
 */
int supply_begin(struct supply *s, size_t places, supply_make *make, void *arg);

/* The next place, once it is filled. Not after the last one. */
size_t supply_take(struct supply *s);

/* The place that has been the caller's for longest may be filled anew. */
void supply_give_back(struct supply *s);

/* Nothing more is made. `drop` (or NULL) is called for each place that is filled and not taken. */
void supply_end(struct supply *s, void (*drop)(void *arg, size_t place));

#endif
