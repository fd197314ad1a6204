/*
 * layer_idle: an open TLS connection on which nobody says anything for a while, as a client's
 * between two messages; then one HTTP request (RFC 9110 section 9.3.2) that any HTTP server
 * answers, whatever its answer is. Nothing is sent in between, no keepalive either: it would keep
 * the path awake.
 *
 *     waiting -> asking -> listening -> done      it is alive
 *        |                     '------> failed    silence, reset or end, after the request
 *        '--------------------------->  failed    it was ended while nobody used it, and we were
 * told
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "probes/layer.h"

#include <stdlib.h>

enum state { IDLE_START, IDLE_WAITING, IDLE_ASKING, IDLE_LISTENING };

struct idle_layer {
    struct layer layer;
    struct idle_spec spec;
    enum state state;
    int64_t since_us; /* when the silence began */
    struct buf request;
    size_t sent;
};

static struct idle_layer *of(struct layer *l)
{
    return (struct idle_layer *)l;
}

static void note_end(struct idle_layer *t)
{
    struct app_detail *d = step_app(t->layer.step);

    d->sock = tcp_layer_sock(t->layer.stack);
    d->close_notify = tls_layer_closed(t->layer.below);
}

static enum advance fail(struct idle_layer *t, enum outcome outcome)
{
    note_end(t);
    return layer_fail(&t->layer, outcome);
}

/* Nothing is said, but heard: session tickets pass below, and whoever hangs up tells us so. */
static enum advance wait(struct idle_layer *t)
{
    struct app_detail *d = step_app(t->layer.step);
    int64_t until = t->since_us + t->spec.idle_us;
    char trash[1024];
    ssize_t n;

    do {
        n = below_read(&t->layer, trash, sizeof trash);
    } while (n > 0 && clock_monotonic_us() < until);
    d->idle_us = clock_monotonic_us() - t->since_us;
    if (n <= 0 && n != IO_WAIT)
        return fail(t, outcome_of_io(n));
    if (clock_monotonic_us() < until)
        return ADVANCE_WAIT;
    t->layer.patience_us = 0;
    return ADVANCE_DONE;
}

static void build_request(struct idle_layer *t)
{
    step_app(t->layer.step)->request = "HEAD / HTTP/1.1";
    buf_init(&t->request, 4096);
    buf_printf(
        &t->request,
        "HEAD / HTTP/1.1\r\nHost: %s\r\nUser-Agent: hopproof/%s\r\nConnection: close\r\n\r\n",
        t->spec.host, HOPPROOF_VERSION);
}

/* True when all is out. A broken connection takes it too: reading tells why. */
static bool ask(struct idle_layer *t)
{
    while (t->sent < t->request.len) {
        ssize_t n = below_write(&t->layer, t->request.data + t->sent, t->request.len - t->sent);

        if (n == IO_WAIT)
            return false;
        if (n <= 0)
            break;
        t->sent += (size_t)n;
    }
    return true;
}

static enum advance listen_for_any(struct idle_layer *t)
{
    char answer[1024];
    ssize_t n = below_read(&t->layer, answer, sizeof answer);

    if (n == IO_WAIT)
        return ADVANCE_WAIT;
    if (n <= 0)
        return fail(t, outcome_of_io(n));
    note_end(t);
    return ADVANCE_DONE;
}

static enum advance advance(struct layer *l)
{
    struct idle_layer *t = of(l);
    enum advance done;

    for (;;) {
        switch (t->state) {
        case IDLE_START:
            t->since_us = clock_monotonic_us();
            l->patience_us = t->since_us + t->spec.idle_us;
            t->state = IDLE_WAITING;
            break;
        case IDLE_WAITING: /* nobody speaks */
            done = wait(t);
            if (done != ADVANCE_DONE)
                return done;
            build_request(t);
            t->state = IDLE_ASKING;
            break;
        case IDLE_ASKING: /* we speak next */
            if (!ask(t))
                return ADVANCE_WAIT;
            t->state = IDLE_LISTENING;
            break;
        case IDLE_LISTENING: /* the far side speaks next */
            return listen_for_any(t);
        }
    }
}

static ssize_t idle_read(struct layer *l, void *to, size_t room)
{
    return below_read(l, to, room);
}

static ssize_t idle_write(struct layer *l, const void *from, size_t len)
{
    return below_write(l, from, len);
}

static void expired(struct layer *l)
{
    note_end(of(l));
}

static void reset(struct layer *l)
{
    struct idle_layer *t = of(l);

    buf_free(&t->request);
    t->sent = 0;
    t->state = IDLE_START;
    l->patience_us = 0;
}

static void free_layer(struct layer *l)
{
    buf_free(&of(l)->request);
    free(l);
}

static const struct layer_ops idle_ops = {advance, idle_read, idle_write, NULL,
                                          expired, reset,     free_layer};

struct layer *idle_layer_new(const struct idle_spec *spec, struct step *step)
{
    struct idle_layer *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->layer = (struct layer){.ops = &idle_ops, .step = step, .extra_us = spec->idle_us};
    t->spec = *spec;
    return &t->layer;
}
