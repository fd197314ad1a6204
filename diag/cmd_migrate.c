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

static void answer(const struct report *before, struct report *now, struct point *p)
{
    struct comparison *c = compare_new(before, "before", now, "now");
    struct buf sentence;

    buf_init(&sentence, SENTENCE_MAX);
    compare_sentence(c, &sentence);
    p->state = is_stranger(before, now)     ? POINT_UNSEEN
               : c->verdict == VERDICT_FAIL ? POINT_UNMET
               : c->required->untested > 0  ? POINT_UNSEEN
                                            : POINT_MET;
    p->evidence =
        arena_printf(now->arena, "%s (held against the report of %s%s)", buf_text(&sentence),
                     before->run->started != NULL ? before->run->started : "an unknown time",
                     is_stranger(before, now) ? ", which is another sensor's" : "");
    buf_free(&sentence);
    compare_free(c);
}

static void hold_against(struct report *now, void *before)
{
    for (size_t i = 0; i < now->n_checklist; i++) {
        if (strcmp(now->checklist[i]->id, "nothing-broke") == 0)
            answer(before, now, now->checklist[i]);
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
