/*
 * loop: waiting for many sockets and timers at once. The only file that knows libevent.
 *
 * Times are monotonic microseconds (clock_monotonic_us). A callback may free its own watch.
 */
#ifndef HOPPROOF_PROBES_LOOP_H
#define HOPPROOF_PROBES_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct fault;
struct loop;
struct watch;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_TIMEOUT = 4, LOOP_SIGNAL = 8 };

/* A new loop; NULL with a fault when the system gives no epoll descriptor. */
struct loop *loop_new(struct fault *f);
void loop_free(struct loop *l);

/* Run until loop_stop or until no watch waits for anything. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/*
 * When the events that are being handled were fetched from the kernel. A step that ended because
 * of such an event ends at this time: what our own CPU needed since then is not the network's.
 */
int64_t loop_polled_us(const struct loop *l);

typedef void watch_fn(void *arg, int what); /* what: LOOP_READ, LOOP_WRITE, LOOP_TIMEOUT, ... */

/* Watch a descriptor (which stays the caller's), a signal, or (fd -1) only the clock. NULL: no
 * memory. */
struct watch *watch_new(struct loop *l, int fd, watch_fn *fn, void *arg);
struct watch *watch_signal(struct loop *l, int signal, watch_fn *fn, void *arg);
void watch_free(struct watch *w);

/*
 * Wait for `what` (0: for nothing but the clock) until `deadline_us` (0: for ever). Stays in force
 * over events, but not over a timeout, until it is changed.
 */
void watch_want(struct watch *w, int what, int64_t deadline_us);

#endif
