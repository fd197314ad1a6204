/* loop: see loop.h. libevent's core does the waiting; its errors are ours to tell. */
#include "probes/loop.h"

#include "diag/base/clock.h"
#include "diag/base/fault.h"

#include <event2/event.h>
#include <stdlib.h>

struct loop {
    struct event_base *base;
    struct event *prepare; /* keeps nothing alive; see loop_run */
    int64_t polled_us;
    bool stopped;
};

struct watch {
    struct loop *loop;
    struct event *event;
    watch_fn *fn;
    void *arg;
    int fd, what;
    int64_t deadline_us;
};

struct loop *loop_new(struct fault *f)
{
    struct loop *l = calloc(1, sizeof *l);
    struct event_config *config = event_config_new();

    if (l != NULL && config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_PRECISE_TIMER);
        l->base = event_base_new_with_config(config);
    }
    if (config != NULL)
        event_config_free(config);
    if (l == NULL || l->base == NULL) {
        free(l);
        fault_set(f, "the system gives no event queue; raise the limit of open files (ulimit -n)");
        return NULL;
    }
    return l;
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    event_base_free(l->base);
    free(l);
}

void loop_run(struct loop *l)
{
    l->stopped = false;
    while (!l->stopped) {
        /* One round: libevent takes the time when epoll_wait returns and caches it. */
        if (event_base_loop(l->base, EVLOOP_ONCE) != 0)
            break;
    }
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
    event_base_loopbreak(l->base);
}

int64_t loop_polled_us(const struct loop *l)
{
    return l->polled_us != 0 ? l->polled_us : clock_monotonic_us();
}

/* The time of the poll, from libevent's cache, on our clock. */
static int64_t time_of_poll(struct loop *l)
{
    struct timeval cached;
    int64_t age;

    if (event_base_gettimeofday_cached(l->base, &cached) != 0)
        return clock_monotonic_us();
    age = clock_wall_us() - ((int64_t)cached.tv_sec * 1000000 + cached.tv_usec);
    return clock_monotonic_us() - (age > 0 && age < 5000000 ? age : 0);
}

/* Let the event happen until the watch's deadline; 0: for ever. */
static void arm(struct watch *w)
{
    int64_t left = w->deadline_us == 0 ? 0 : w->deadline_us - clock_monotonic_us();
    struct timeval wait = {0};

    if (left > 0) {
        wait.tv_sec = (time_t)(left / 1000000);
        wait.tv_usec = (suseconds_t)(left % 1000000);
    }
    event_add(w->event, w->deadline_us == 0 ? NULL : &wait);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    struct watch *w = arg;
    int events = 0;

    (void)fd;
    if (what & EV_READ)
        events |= LOOP_READ;
    if (what & EV_WRITE)
        events |= LOOP_WRITE;
    if (what & EV_SIGNAL)
        events |= LOOP_SIGNAL;
    if (what & EV_TIMEOUT)
        events |= LOOP_TIMEOUT;
    w->loop->polled_us = time_of_poll(w->loop);
    if (events & LOOP_TIMEOUT)
        w->deadline_us = 0;
    else if (w->deadline_us != 0)
        arm(w); /* libevent counts the time of a persistent event anew at each one */
    w->fn(w->arg, events);
}

static struct watch *new_watch(struct loop *l, int fd, int what, watch_fn *fn, void *arg)
{
    struct watch *w = calloc(1, sizeof *w);

    if (w == NULL)
        return NULL;
    *w = (struct watch){.loop = l, .fn = fn, .arg = arg, .fd = fd};
    w->event = event_new(l->base, fd, (short)what, on_event, w);
    if (w->event == NULL) {
        free(w);
        return NULL;
    }
    return w;
}

struct watch *watch_new(struct loop *l, int fd, watch_fn *fn, void *arg)
{
    return new_watch(l, fd, fd < 0 ? 0 : EV_PERSIST, fn, arg);
}

struct watch *watch_signal(struct loop *l, int signal, watch_fn *fn, void *arg)
{
    struct watch *w = new_watch(l, signal, EV_SIGNAL | EV_PERSIST, fn, arg);

    if (w != NULL)
        event_add(w->event, NULL);
    return w;
}

void watch_free(struct watch *w)
{
    if (w == NULL)
        return;
    event_free(w->event); /* takes it out of the queue first */
    free(w);
}

void watch_want(struct watch *w, int what, int64_t deadline_us)
{
    if (w->what == what && deadline_us == 0 && w->deadline_us == 0 &&
        event_pending(w->event, EV_READ | EV_WRITE, NULL))
        return;
    if (w->what != what || what == 0 || deadline_us == 0) {
        event_del(w->event);
        if (w->fd >= 0)
            event_assign(w->event, w->loop->base, w->fd,
                         (short)(EV_PERSIST | (what & LOOP_READ ? EV_READ : 0) |
                                 (what & LOOP_WRITE ? EV_WRITE : 0)),
                         on_event, w);
    }
    w->what = what;
    w->deadline_us = deadline_us;
    if (what != 0 || deadline_us != 0)
        arm(w);
}
