/* fleet_points: what the checklist of a sensor's report leaves for its sign-off; see fleet.h. */
#include "reports/fleet.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/words.h"

void fleet_take_points(struct fleet *f, struct fleet_member *m, const struct report *r)
{
    m->has_checklist = r->n_checklist > 0;
    for (size_t i = 0; i < r->n_checklist; i++) {
        const struct point *p = r->checklist[i];
        const char *code = arena_strdup(f->arena, p->id == NULL ? "?" : p->id);

        if (p->state == POINT_UNMET && p->needed)
            list_push(f->arena, m->unmet, m->n_unmet, code);
        else if (p->state == POINT_UNMET)
            list_push(f->arena, m->remarks, m->n_remarks, code);
        else if (p->state == POINT_UNSEEN && p->needed)
            list_push(f->arena, m->to_look, m->n_to_look, code);
    }
}

static void add_codes(const char *before, const char *const *codes, size_t n, struct buf *to)
{
    for (size_t i = 0; i < n; i++) {
        buf_str(to, i == 0 ? before : ", ");
        buf_str(to, codes[i]);
    }
}

void fleet_sign_off(const struct fleet_member *m, struct buf *to)
{
    if (!m->has_checklist) {
        buf_str(to, "no checklist: no method was named");
        return;
    }
    if (m->n_unmet == 0)
        buf_str(to, m->verdict == VERDICT_FAIL   ? "the verdict is against it"
                    : m->verdict == VERDICT_WARN ? "each warning has to be mended or accepted"
                    : m->n_to_look > 0           ? "nothing against it from here"
                                                 : "every needed point holds");
    add_codes("unmet: ", m->unmet, m->n_unmet, to);
    add_codes("; to look at: ", m->to_look, m->n_to_look, to);
    add_codes("; unmet for information: ", m->remarks, m->n_remarks, to);
}
