/* dns_again: see dns_again.h. */
#include "probes/dns_again.h"

#include "diag/base/clock.h"
#include "probes/loop.h"

#include <stdlib.h>

enum {
    FIRST_PAUSE_US = 1100000, /* limits count by the second: let the one of the crowd end */
    PAUSE_US = 150000, /* seven questions a second: limits of ten are usual, and less is not */
    IN_VAIN = 3,       /* these unanswered, and not more than as many answered: it is no limit */
    OUT_MOST = 3,      /* with so many unanswered the next one waits */
};

struct waiting {
    struct waiting *next;
    void *question;
};

struct dns_again {
    struct watch *turn;
    struct waiting *first, **last;
    again_fn *ask, *leave;
    unsigned answered, unanswered, out;
    bool begun, pausing;
};

static void next_turn(struct dns_again *a)
{
    if (a->first == NULL || a->pausing || a->out >= OUT_MOST)
        return;
    a->pausing = true;
    watch_want(a->turn, 0, clock_monotonic_us() + (a->begun ? PAUSE_US : FIRST_PAUSE_US));
    a->begun = true;
}

static void on_turn(void *arg, int what)
{
    struct dns_again *a = arg;
    struct waiting *w = a->first;
    void *question;

    (void)what;
    a->pausing = false;
    if (w == NULL)
        return; /* all were left meanwhile */
    question = w->question;
    a->first = w->next;
    if (a->first == NULL)
        a->last = &a->first;
    free(w);
    a->out++;
    next_turn(a);
    a->ask(question);
}

struct dns_again *dns_again_new(struct loop *l, again_fn *ask, again_fn *leave)
{
    struct dns_again *a = calloc(1, sizeof *a);

    if (a == NULL)
        return NULL;
    a->ask = ask;
    a->leave = leave;
    a->last = &a->first;
    a->turn = watch_new(l, -1, on_turn, a);
    if (a->turn == NULL) {
        free(a);
        return NULL;
    }
    return a;
}

static void leave_all(struct dns_again *a)
{
    struct waiting *w = a->first;

    a->first = NULL;
    a->last = &a->first;
    while (w != NULL) {
        struct waiting *next = w->next;

        a->leave(w->question);
        free(w);
        w = next;
    }
}

void dns_again_free(struct dns_again *a)
{
    if (a == NULL)
        return;
    leave_all(a);
    watch_free(a->turn);
    free(a);
}

static bool is_in_vain(const struct dns_again *a)
{
    return a->unanswered >= IN_VAIN && a->answered <= a->unanswered;
}

bool dns_again_add(struct dns_again *a, void *question)
{
    struct waiting *w = is_in_vain(a) ? NULL : malloc(sizeof *w);

    if (w == NULL)
        return false;
    *w = (struct waiting){.question = question};
    *a->last = w;
    a->last = &w->next;
    next_turn(a);
    return true;
}

void dns_again_done(struct dns_again *a, bool answered)
{
    a->out--;
    a->answered += answered;
    a->unanswered += !answered;
    if (is_in_vain(a))
        leave_all(a);
    next_turn(a);
}
