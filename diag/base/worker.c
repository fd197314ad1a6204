/* worker: see worker.h. */
#include "diag/base/worker.h"

#include <sched.h>
#include <signal.h>

/* More of them than a set has room for are more than one as well. */
bool worker_helps(void)
{
    cpu_set_t ours;

    return sched_getaffinity(0, sizeof ours, &ours) != 0 || CPU_COUNT(&ours) > 1;
}

int worker_start(pthread_t *worker, void *(*run)(void *), void *arg)
{
    sigset_t all, before;
    int status;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(worker, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}
