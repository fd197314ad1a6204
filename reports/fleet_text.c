/* fleet_text: the fleet report for a terminal and in one line; see fleet.h. */
#include "reports/fleet.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/paper.h"
#include "reports/words.h"

#include <string.h>

enum { BUF_LIMIT = 1 << 20, LISTED = 12, ROWS = 40, NAME = 44 };

static const char *taken(const struct paper *p, struct buf *b)
{
    const char *s = arena_strdup(p->scratch, paper_safe(p, buf_text(b)));

    buf_clear(b);
    return s;
}

static void draw_head(const struct paper *p, const struct fleet *f)
{
    const enum verdict v = fleet_verdict(f);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    fleet_sentence(f, &b);
    buf_char(p->out, ' ');
    paper_paint(p, v == VERDICT_SKIP ? INK_WARN : paper_ink(v, true),
                v == VERDICT_SKIP ? "NONE" : words_verdict(v));
    buf_str(p->out, "  ");
    paper_paragraph(p, 7, 7, taken(p, &b));
    buf_printf(&b, "%zu passed, %zu with a warning, %zu failed, %zu not tested",
               f->counts[VERDICT_PASS], f->counts[VERDICT_WARN], f->counts[VERDICT_FAIL],
               f->counts[VERDICT_SKIP]);
    if (f->n_incomplete > 0)
        buf_printf(&b, ", %zu incomplete", f->n_incomplete);
    if (f->n_superseded > 0)
        buf_printf(&b, "; %zu older %s of the same sensors left aside", f->n_superseded,
                   f->n_superseded == 1 ? "report" : "reports");
    if (f->n_skipped > 0)
        buf_printf(&b, "; %zu %s", f->n_skipped,
                   f->n_skipped == 1 ? "file was no report" : "files were no reports");
    paper_spaces(p, 7);
    paper_paragraph(p, 7, 7, taken(p, &b));
    buf_free(&b);
}

static void draw_finding(const struct paper *p, const struct fleet_finding *g, size_t number)
{
    static const enum ink inks[] = {[SEVERITY_NONE] = INK_FAINT,
                                    [SEVERITY_INFO] = INK_FAINT,
                                    [SEVERITY_WARNING] = INK_WARN,
                                    [SEVERITY_ERROR] = INK_BAD};
    const struct fleet_hit *h = g->first;
    const char *head = arena_printf(p->scratch, "[%zu] %s", number, words_severity(h->severity));
    const char *code = names_word(&cause_names, (int)h->cause);
    const size_t most = p->style.verbose ? SIZE_MAX : LISTED;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    paper_line(p);
    paper_paint(p, inks[h->severity], head);
    buf_str(p->out, "  ");
    paper_paragraph(p, strlen(head) + 2, strlen(head) + 2, paper_safe(p, h->title));
    buf_printf(&b, "%s ", code == NULL ? "no cause" : code);
    words_place(h->at, &b);
    buf_str(&b, ": ");
    words_count(g->n_members, "sensor at ", "sensors at ", &b);
    words_count(g->n_sites, "site", "sites", &b);
    paper_spaces(p, 4);
    paper_paragraph(p, 4, 4, taken(p, &b));
    for (size_t i = 0; i < g->n_endpoints && i < most; i++)
        buf_printf(&b, "%s%s (%zu)", i > 0 ? ", " : "", g->endpoints[i].name, g->endpoints[i].n);
    if (g->n_endpoints > most)
        buf_printf(&b, " and %zu more", g->n_endpoints - most);
    paper_labelled(p, "Hits", taken(p, &b));
    for (size_t i = 0; i < g->n_members && i < most; i++) {
        buf_str(&b, i > 0 ? ", " : "");
        fleet_name(g->members[i], &b);
    }
    if (g->n_members > most)
        buf_printf(&b, " and %zu more", g->n_members - most);
    paper_labelled(p, "Sensors", taken(p, &b));
    words_owner(h->owner, &b);
    paper_labelled(p, "To act", taken(p, &b));
    fleet_remedy(g, &b);
    paper_labelled(p, "Do", taken(p, &b));
    buf_free(&b);
}

static void draw_tallies(const struct paper *p, const char *title, const struct fleet_tally *list,
                         size_t n)
{
    const size_t most = p->style.verbose ? SIZE_MAX : ROWS;

    if (n == 0)
        return;
    paper_line(p);
    paper_paint(p, INK_FAINT, title);
    paper_spaces(p, NAME - strlen(title));
    buf_str(p->out, "    fail    warn    pass  not tested");
    paper_line(p);
    for (size_t i = 0; i < n && i < most; i++) {
        const struct fleet_tally *t = &list[i];
        const enum verdict worst = t->n[VERDICT_FAIL] > 0   ? VERDICT_FAIL
                                   : t->n[VERDICT_WARN] > 0 ? VERDICT_WARN
                                                            : VERDICT_PASS;

        paper_cell(p, paper_safe(p, t->name), NAME);
        paper_paint(p, paper_ink(worst, true),
                    arena_printf(p->scratch, "%8zu%8zu%8zu%12zu", t->n[VERDICT_FAIL],
                                 t->n[VERDICT_WARN], t->n[VERDICT_PASS], t->n[VERDICT_SKIP]));
        paper_line(p);
    }
    if (n > most) {
        buf_printf(p->out, "and %zu more (--verbose lists them)", n - most);
        paper_line(p);
    }
}

static void draw_sign_off(const struct paper *p, const struct fleet_member *m)
{
    const enum verdict v = m->n_unmet > 0 ? VERDICT_FAIL : m->verdict;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_str(p->out, "  ");
    paper_paint(p, paper_ink(v, true), paper_mark(p, v));
    buf_char(p->out, ' ');
    fleet_name(m, &b);
    buf_str(&b, ": ");
    fleet_sign_off(m, &b);
    paper_paragraph(p, 4, 6, taken(p, &b));
    buf_free(&b);
}

/* Sensors with unmet points first; those without a checklist have nothing to say. */
static void draw_sign_offs(const struct paper *p, const struct fleet *f)
{
    const size_t most = p->style.verbose ? SIZE_MAX : ROWS;
    size_t n = 0;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < f->n_members; i++) {
            const struct fleet_member *m = f->members[i];

            if (m->superseded || !m->has_checklist || (m->n_unmet > 0) != (pass == 0))
                continue;
            if (n++ == 0) {
                paper_line(p);
                paper_paint(p, INK_FAINT, "SIGN-OFF");
                paper_line(p);
            }
            if (n <= most)
                draw_sign_off(p, m);
        }
    }
    if (n > most) {
        buf_printf(p->out, "and %zu more (--verbose lists them)", n - most);
        paper_line(p);
    }
}

void fleet_text(const struct fleet *f, struct text_style style, struct buf *out)
{
    struct arena *scratch = arena_new();
    const struct paper p = {out, style, scratch};

    draw_head(&p, f);
    for (size_t i = 0; i < f->n_findings; i++)
        draw_finding(&p, &f->findings[i], i + 1);
    draw_tallies(&p, "SITE", f->sites, f->n_sites);
    draw_tallies(&p, "ENDPOINT", f->endpoints, f->n_endpoints);
    draw_sign_offs(&p, f);
    if (f->n_skipped > 0)
        paper_line(&p);
    for (size_t i = 0; i < f->n_skipped; i++)
        paper_labelled(&p, "Skipped", f->skipped[i].why);
    arena_free(scratch);
}

void fleet_line(const struct fleet *f, struct text_style style, struct buf *out)
{
    struct arena *scratch = arena_new();
    const struct paper p = {out, style, scratch};
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    fleet_sentence(f, &b);
    for (size_t i = 0; i < b.len; i++) {
        if (b.data[i] == '|')
            b.data[i] = '/';
    }
    buf_printf(out,
               "HOPPROOF %s - %s | sensors=%zu pass=%zu warn=%zu fail=%zu skip=%zu skipped=%zu\n",
               words_state(fleet_verdict(f)), paper_safe(&p, buf_text(&b)),
               f->n_members - f->n_superseded, f->counts[VERDICT_PASS], f->counts[VERDICT_WARN],
               f->counts[VERDICT_FAIL], f->counts[VERDICT_SKIP], f->n_skipped);
    buf_free(&b);
    arena_free(scratch);
}
