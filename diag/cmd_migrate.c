/*
 * cmd_migrate: a check with the checklist of a migration; afterwards also held against the report
 * of before.
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/commands.h"
#include "diag/options.h"
#include "reports/compare.h"
#include "reports/json.h"

#include <stdio.h>
#include <string.h>

enum { SENTENCE_MAX = 4096 };

/* Is it another sensor's report? Then a comparison says nothing. */
static bool is_stranger(const struct report *before, const struct report *now)
{
    const char *was = before->site->sensor, *is = now->site->sensor;

    return was != NULL && is != NULL && strcmp(was, is) != 0;
}

/* "the report of 2026-11-27T20:33:10Z". */
static const char *name_of(const struct report *before, struct arena *a)
{
    return arena_printf(a, "the report of %s",
                        before->run->started != NULL ? before->run->started : "an unknown time");
}

/* How an endpoint fared in one report. */
struct fate {
    const char *ways; /* the routes on which it answered: "direct, azure"; NULL: none */
    bool tested;
};

/* Routes that today's report does not have stay without their name: it redacts what it knows. */
static struct fate fate_of(const struct report *r, const char *endpoint, const struct report *now)
{
    struct fate s = {NULL, false};

    for (size_t i = 0; i < r->n_results; i++) {
        const struct result *x = r->results[i];
        const char *route;

        if (x->endpoint == NULL || x->route == NULL || strcmp(x->endpoint, endpoint) != 0)
            continue;
        s.tested = s.tested || x->verdict != VERDICT_SKIP;
        if (x->verdict != VERDICT_PASS && x->verdict != VERDICT_WARN)
            continue;
        route = report_route(now, x->route) != NULL ? x->route : "one that is tested no more";
        s.ways = s.ways == NULL ? route : arena_printf(now->arena, "%s, %s", s.ways, route);
    }
    return s;
}

/*
 * What the old connection reached on any route, and nothing reaches now, is lost, though the route
 * that is required now never worked. The legacy hub is meant to be.
 */
static const char *first_lost(const struct report *before, const struct report *now)
{
    for (size_t i = 0; i < now->n_endpoints; i++) {
        const struct endpoint *e = now->endpoints[i];
        struct fate was, is;

        if (e->optional || e->id == NULL ||
            (now->site->legacy_hub != NULL && strcmp(e->id, now->site->legacy_hub) == 0))
            continue;
        was = fate_of(before, e->id, now);
        is = fate_of(now, e->id, now);
        if (was.ways != NULL && is.ways == NULL && is.tested)
            return arena_printf(now->arena, "%s worked before; routes: %s; now it does on none",
                                e->id, was.ways);
    }
    return NULL;
}

static void answer_nothing_broke(const struct report *before, struct report *now, struct point *p)
{
    struct comparison *c = compare_new(before, "before", now, "now");
    const char *lost = is_stranger(before, now) ? NULL : first_lost(before, now);
    struct buf sentence;

    buf_init(&sentence, SENTENCE_MAX);
    compare_sentence(c, &sentence);
    p->state = is_stranger(before, now)                     ? POINT_UNSEEN
               : lost != NULL || c->verdict == VERDICT_FAIL ? POINT_UNMET
               : c->required->untested > 0                  ? POINT_UNSEEN
                                                            : POINT_MET;
    p->evidence =
        arena_printf(now->arena, "%s%s%s (held against %s%s)", lost != NULL ? lost : "",
                     lost != NULL ? ". " : "", buf_text(&sentence), name_of(before, now->arena),
                     is_stranger(before, now) ? ", which is another sensor's" : "");
    buf_free(&sentence);
    compare_free(c);
}

/*
 * That the hub answers is a question about before: afterwards it is cut off, as it should be. Who
 * has no word of it from before learns nothing from its silence now.
 */
static void answer_present_hub(const struct report *before, struct report *now, struct point *p)
{
    const char *hub = now->site->legacy_hub, *today;
    struct arena *a = now->arena;
    struct fate was, is;

    if (hub == NULL || is_stranger(before, now))
        return;
    was = fate_of(before, hub, now);
    is = fate_of(now, hub, now);
    today = is.ways != NULL ? arena_printf(a, "now it still answers; routes: %s", is.ways)
            : is.tested     ? "now it answers on no route"
                            : "now it was not tested";
    if (was.ways != NULL) {
        p->state = POINT_MET;
        p->evidence = arena_printf(a, "%s answered before; routes: %s (%s); %s", hub, was.ways,
                                   name_of(before, a), today);
    } else if (was.tested) {
        p->state = POINT_UNMET;
        p->evidence = arena_printf(a, "%s answered on no route before (%s); %s", hub,
                                   name_of(before, a), today);
    } else if (is.ways == NULL) {
        p->state = POINT_UNSEEN;
        p->evidence = arena_printf(a, "%s did not test %s; %s", name_of(before, a), hub, today);
    }
}

static void hold_against(struct report *now, void *before)
{
    for (size_t i = 0; i < now->n_checklist; i++) {
        struct point *p = now->checklist[i];

        if (strcmp(p->id, "nothing-broke") == 0)
            answer_nothing_broke(before, now, p);
        else if (strcmp(p->id, "present-hub") == 0)
            answer_present_hub(before, now, p);
    }
}

int cmd_migrate(struct options *o)
{
    struct report *before = NULL;
    struct fault f;
    int status;

    if (o->n_args > 0 && json_read(o->args[0], &before, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        return STATUS_USAGE;
    }
    status = check_run(o, before != NULL ? hold_against : NULL, before);
    report_free(before);
    return status;
}
