/* text_checklist: what the method or a migration asks for, point by point; see text_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/text_parts.h"
#include "reports/words.h"

enum { BUF_LIMIT = 1 << 16, POINT_AT = 4 };

static void draw_point(const struct paper *p, const struct point *point)
{
    static const enum verdict as[] = {
        [POINT_UNSEEN] = VERDICT_SKIP, [POINT_MET] = VERDICT_PASS, [POINT_UNMET] = VERDICT_FAIL};
    enum verdict v = as[point->state];
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    words_point(point, &b);
    buf_str(p->out, "  ");
    if (v == VERDICT_FAIL && !point->needed)
        v = VERDICT_WARN;
    /* An unmet point is no error of the run: it is marked, and not in the colour of one. */
    paper_paint(p, v == VERDICT_FAIL ? INK_WARN : paper_ink(v, point->needed), paper_mark(p, v));
    buf_char(p->out, ' ');
    paper_paragraph(p, POINT_AT, POINT_AT, paper_safe(p, buf_text(&b)));
    buf_free(&b);
}

void text_checklist(const struct paper *p, const struct report *r)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < r->n_checklist; i++) {
        if (words_list_begins(r, i)) {
            words_list(r, i, &b);
            paper_line(p);
            paper_paragraph(p, 0, 2, paper_safe(p, buf_text(&b)));
            buf_clear(&b);
            words_sign_off(r, i, &b);
            paper_spaces(p, 2);
            paper_paragraph(p, 2, 2, paper_safe(p, buf_text(&b)));
            buf_clear(&b);
        }
        draw_point(p, r->checklist[i]);
    }
    buf_free(&b);
}
