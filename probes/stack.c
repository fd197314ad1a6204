/* stack: works the layers of a route upwards; see layer.h. */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/layer.h"
#include "probes/loop.h"

void stack_init(struct stack *s, struct report *report, int64_t epoch_us)
{
    *s = (struct stack){.report = report, .epoch_us = epoch_us, .fd = -1, .want = LOOP_READ};
}

void stack_free(struct stack *s)
{
    while (s->n > 0) {
        struct layer *l = s->layers[--s->n];

        l->ops->free(l);
    }
}

bool stack_push(struct stack *s, struct layer *l)
{
    if (l == NULL)
        return false;
    if (s->n == STACK_MAX) {
        l->ops->free(l);
        return false;
    }
    l->stack = s;
    l->below = s->n > 0 ? s->layers[s->n - 1] : NULL;
    s->layers[s->n++] = l;
    return true;
}

/* The step of the current layer ends now: the network was waited for until the last poll. */
static void end_step(struct stack *s)
{
    struct step *step = s->layers[s->current]->step;
    int64_t end = s->polled_us - s->epoch_us;

    step->duration_us = end > step->started_us ? end - step->started_us : 0;
}

static void begin_step(struct stack *s)
{
    struct step *step = s->layers[s->current]->step;

    s->started = true;
    if (step->started_us == INT_UNKNOWN) /* a restart does not begin again */
        step->started_us = clock_monotonic_us() - s->epoch_us;
}

/* A layer wants a fresh connection: everything below it starts again, silently. */
static void restart(struct stack *s)
{
    s->restart = RESTART_NONE;
    for (size_t i = s->current + 1; i-- > 0;) {
        if (s->layers[i]->ops->reset != NULL)
            s->layers[i]->ops->reset(s->layers[i]);
    }
    s->current = 0;
    s->want = LOOP_READ;
}

enum advance stack_advance(struct stack *s, int64_t polled_us)
{
    s->polled_us = polled_us;
    while (s->current < s->n) {
        struct layer *l = s->layers[s->current];
        enum advance done;

        if (!s->started)
            begin_step(s);
        done = l->ops->advance(l);
        if (done == ADVANCE_WAIT && s->restart != RESTART_NONE) {
            restart(s);
            continue;
        }
        if (done == ADVANCE_WAIT)
            return ADVANCE_WAIT;
        end_step(s);
        if (done == ADVANCE_FAILED)
            return ADVANCE_FAILED;
        l->step->outcome = OUTCOME_OK;
        s->current++;
        s->started = false;
    }
    return ADVANCE_DONE;
}

void stack_expire(struct stack *s)
{
    struct layer *l;

    if (s->current >= s->n)
        return;
    l = s->layers[s->current];
    s->polled_us = clock_monotonic_us();
    l->step->outcome = OUTCOME_TIMEOUT;
    l->ops->expired(l);
    end_step(s);
}

void stack_cancel(struct stack *s)
{
    if (s->current >= s->n || !s->started)
        return;
    s->polled_us = clock_monotonic_us();
    s->layers[s->current]->step->outcome = OUTCOME_CANCELLED;
    end_step(s);
}

bool stack_close(struct stack *s)
{
    size_t done = s->current < s->n ? s->current : s->n;

    /* Layers that never came to life have nothing to say. */
    while (done > 1) {
        struct layer *l = s->layers[done - 1];

        if (l->ops->close != NULL && !l->ops->close(l))
            break; /* its goodbye is out; the answer is drained below */
        done--;
    }
    return tcp_layer_drain(s);
}

enum advance layer_fail(struct layer *l, enum outcome outcome)
{
    l->step->outcome = outcome;
    return ADVANCE_FAILED;
}

enum outcome outcome_of_io(ssize_t io)
{
    switch (io) {
    case IO_EOF:
        return OUTCOME_CLOSED;
    case IO_RESET:
        return OUTCOME_RESET;
    case IO_WAIT:
    case IO_SILENCE:
        return OUTCOME_TIMEOUT;
    default:
        return OUTCOME_LOCAL_ERROR;
    }
}
