/*
 * worker: a thread that does one thing beside the caller, as long as it lasts. Signals are not its
 * business: all are blocked in it.
 */
#ifndef HOPPROOF_BASE_WORKER_H
#define HOPPROOF_BASE_WORKER_H

#include <pthread.h>
#include <stdbool.h>

/* May this process use a second processor (sched_setaffinity(2))? Without, a worker only costs. */
bool worker_helps(void);

/* 0, or an error number; pthread_join(3) ends it. */
int worker_start(pthread_t *worker, void *(*run)(void *), void *arg);

#endif
