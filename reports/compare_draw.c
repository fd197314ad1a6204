/* compare_draw: the comparison on a terminal, in one line and as a page; see compare.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/compare.h"
#include "reports/page.h"
#include "reports/paper.h"
#include "reports/words.h"

#include <string.h>

enum { BUF_LIMIT = 1 << 20, PAGE_BYTES = 2 * 1000 * 1000 - 50 * 1000 };

/* A change that is none and has nothing to tell is not drawn. */
static bool is_worth_telling(const struct change *change)
{
    return change->kind != CHANGE_NONE || change->n_notes > 0;
}

static enum verdict mood(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_BROKE:
    case CHANGE_STILL:
    case CHANGE_NEW_FAIL:
        return VERDICT_FAIL;
    case CHANGE_UNTESTED:
    case CHANGE_WORSE:
        return VERDICT_WARN;
    case CHANGE_FIXED:
    case CHANGE_BETTER:
    case CHANGE_NEW:
        return VERDICT_PASS;
    case CHANGE_GONE:
    case CHANGE_CUT:
    case CHANGE_NONE:
    case CHANGE_COUNT:
        break;
    }
    return VERDICT_SKIP;
}

static void draw_side(const struct paper *p, const char *label, const struct side *s)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_printf(&b, "%s %s", words_verdict(s->verdict), s->started == NULL ? "" : s->started);
    if (s->site != NULL)
        buf_printf(&b, ", %s", s->site);
    if (s->sensor != NULL)
        buf_printf(&b, ", %s", s->sensor);
    if (s->required_route != NULL)
        buf_printf(&b, ", over %s", s->required_route);
    buf_printf(&b, " (%s)", s->file);
    paper_labelled(p, label, buf_text(&b));
    buf_free(&b);
}

static void draw_change(const struct paper *p, const struct change *change)
{
    const enum verdict v = mood(change->kind);
    const char *safe = paper_safe(p, change->endpoint);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    paper_spaces(p, 2);
    paper_paint(p, paper_ink(v, change->required), paper_mark(p, v));
    buf_char(p->out, ' ');
    paper_paragraph(
        p, 4, 6, change->required ? safe : arena_printf(p->scratch, "%s (for information)", safe));
    compare_states(change, &b);
    paper_spaces(p, 6);
    paper_paragraph(p, 6, 8, paper_safe(p, buf_text(&b)));
    if (v == VERDICT_FAIL && change->after != NULL && change->after->summary != NULL) {
        paper_spaces(p, 6);
        paper_paragraph(p, 6, 8, paper_safe(p, change->after->summary));
    }
    for (size_t i = 0; i < change->n_notes; i++) {
        paper_spaces(p, 6);
        paper_paragraph(p, 6, 8, paper_safe(p, change->notes[i]));
    }
    buf_free(&b);
}

static void draw_kind(const struct paper *p, const struct comparison *c, enum change_kind kind)
{
    bool any = false;

    for (size_t i = 0; i < c->n_changes; i++) {
        const struct change *change = c->changes[i];

        /* What the other routes do is for those who ask. */
        if (change->kind != kind || !is_worth_telling(change) ||
            (!change->required && !change->optional && !p->style.verbose))
            continue;
        if (!any) {
            paper_line(p);
            paper_paint(p, INK_BOLD, compare_heading(kind));
            paper_line(p);
            any = true;
        }
        draw_change(p, change);
    }
}

void compare_text(const struct comparison *c, struct text_style style, struct buf *out)
{
    struct arena *scratch = arena_new();
    const struct paper p = {out, style, scratch};
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    compare_sentence(c, &b);
    buf_char(out, ' ');
    paper_paint(&p, paper_ink(c->verdict, true), words_verdict(c->verdict));
    buf_str(out, "  ");
    paper_paragraph(&p, 7, 7, paper_safe(&p, buf_text(&b)));
    draw_side(&p, "Before", c->before);
    draw_side(&p, "After", c->after);
    for (int kind = 0; kind < CHANGE_COUNT; kind++)
        draw_kind(&p, c, (enum change_kind)kind);
    if (c->n_circumstances > 0) {
        paper_line(&p);
        paper_paint(&p, INK_BOLD, "CIRCUMSTANCES");
        paper_line(&p);
    }
    for (size_t i = 0; i < c->n_circumstances; i++) {
        paper_spaces(&p, 4);
        paper_paragraph(&p, 4, 6, paper_safe(&p, c->circumstances[i]));
    }
    buf_free(&b);
    arena_free(scratch);
}

void compare_line(const struct comparison *c, struct text_style style, struct buf *out)
{
    struct arena *scratch = arena_new();
    const struct paper p = {out, style, scratch};
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    compare_sentence(c, &b);
    buf_printf(out, "HOPPROOF %s - %s\n",
               c->verdict == VERDICT_FAIL   ? "CRITICAL"
               : c->verdict == VERDICT_WARN ? "WARNING"
                                            : "OK",
               paper_safe(&p, buf_text(&b)));
    buf_free(&b);
    arena_free(scratch);
}

/* --- the page --- */

static void page_side(const char *label, const struct side *s, struct buf *out)
{
    buf_printf(out, "<p>%s: <b>%s</b> ", label, words_verdict(s->verdict));
    page_text(out, s->started);
    buf_str(out, s->site == NULL ? "" : ", ");
    page_text(out, s->site);
    buf_str(out, s->sensor == NULL ? "" : ", ");
    page_text(out, s->sensor);
    buf_str(out, s->required_route == NULL ? "" : ", over ");
    page_text(out, s->required_route);
    buf_str(out, " (");
    page_text(out, s->file);
    buf_str(out, ")</p>");
}

static void page_state(const struct state *s, struct buf *out)
{
    const char *cause = s == NULL ? NULL : names_word(&cause_names, (int)s->cause);

    if (s == NULL) {
        buf_str(out, "<td>not there</td>");
        return;
    }
    buf_printf(out, "<td><span class=\"t %s\">%s</span> <small>over ", page_class(s->verdict),
               words_verdict(s->verdict));
    page_text(out, s->route);
    buf_printf(out, " %s</small>", cause == NULL ? "" : cause);
    if (s->verdict == VERDICT_FAIL && s->summary != NULL) {
        buf_str(out, "<br>");
        page_text(out, s->summary);
    }
    buf_str(out, "</td>");
}

static void page_change(const struct change *change, struct buf *out)
{
    const enum verdict v = mood(change->kind);

    buf_str(out, "<tr data-k=\"");
    page_text(out, change->endpoint);
    buf_printf(out, "\" data-v=\"%c\" data-q=\"%d\"><th scope=\"row\">", page_class(v)[0],
               change->required);
    page_text(out, change->endpoint);
    buf_printf(out, "%s</th><td class=\"t %s\">%s</td>",
               change->required ? "" : " <small>for information</small>", page_class(v),
               names_word(&change_kind_names, (int)change->kind));
    page_state(change->before, out);
    page_state(change->after, out);
    buf_str(out, "<td>");
    for (size_t i = 0; i < change->n_notes; i++) {
        buf_str(out, i > 0 ? "<br>" : "");
        page_text(out, change->notes[i]);
    }
    buf_str(out, "</td></tr>\n");
}

static void page_changes(const struct comparison *c, struct buf *out)
{
    size_t left = 0;

    buf_str(out, "<section><h2 id=\"c\">Endpoints</h2><div class=\"wide\" role=\"region\" "
                 "aria-labelledby=\"c\" tabindex=\"0\"><table><thead><tr>"
                 "<th scope=\"col\">Endpoint</th><th scope=\"col\">Change</th>"
                 "<th scope=\"col\">Before</th><th scope=\"col\">After</th>"
                 "<th scope=\"col\">What else</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < c->n_changes; i++) {
        if (out->len > PAGE_BYTES)
            left++;
        else
            page_change(c->changes[i], out);
    }
    buf_str(out, "</tbody></table></div>");
    if (left > 0)
        buf_printf(out, "<p><b>%zu %s left out.</b></p>", left, left == 1 ? "row is" : "rows are");
    buf_str(out, "</section>\n");
}

void compare_html(const struct comparison *c, struct buf *out)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    compare_sentence(c, &b);
    page_begin(out, "Before and after - hopproof");
    buf_printf(out,
               "<header><div class=\"band %s\"><h1 class=\"%s\"><span class=\"word\">%s</span>",
               page_class(c->verdict), page_class(c->verdict), words_verdict(c->verdict));
    page_text(out, buf_text(&b));
    buf_str(out, "</h1>");
    page_side("Before", c->before, out);
    page_side("After", c->after, out);
    buf_str(out, "</div></header>\n");
    page_filters(out, true);
    buf_str(out, "<main>");
    page_changes(c, out);
    if (c->n_circumstances > 0)
        buf_str(out, "<section><h2>Circumstances</h2><ul>");
    for (size_t i = 0; i < c->n_circumstances; i++) {
        buf_str(out, "<li>");
        page_text(out, c->circumstances[i]);
        buf_str(out, "</li>");
    }
    buf_str(out, c->n_circumstances > 0 ? "</ul></section></main>\n" : "</main>\n");
    page_end(out);
    buf_free(&b);
}
