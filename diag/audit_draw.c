/* audit_draw: the audit for a terminal, 80 columns wide. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "reports/paper.h"

#include <string.h>

enum { LABEL = 9, INDENT = 2 + LABEL };

static const char *place_text(const struct audit *a, struct squid_place at)
{
    if (at.file == NULL)
        return "default";
    return at.line == 0 ? at.file : arena_printf(a->arena, "%s:%lu", at.file, at.line);
}

static void draw_labelled(const struct paper *p, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    paper_spaces(p, 2);
    paper_cell(p, label, LABEL);
    paper_paragraph(p, INDENT, INDENT, paper_safe(p, text));
}

static void draw_finding(const struct audit *a, const struct paper *p,
                         const struct audit_finding *f)
{
    static const enum ink inks[AUDIT_SEVERITY_COUNT] = {INK_BAD, INK_WARN, INK_PLAIN};
    const char *name = audit_severity_text(f->severity);

    paper_spaces(p, 2);
    paper_paint(p, inks[f->severity], name);
    paper_spaces(p, LABEL - strlen(name));
    buf_printf(p->out, "%s  [%s]", paper_safe(p, place_text(a, f->at)), f->code);
    paper_line(p);
    draw_labelled(p, "", audit_what(a, f));
    draw_labelled(p, "why", f->why);
    if (f->fix != NULL) {
        paper_spaces(p, 2);
        paper_cell(p, "do", LABEL);
        if (text_columns(f->fix) > PAPER_WIDTH - INDENT && strstr(f->fix, "acl ") == NULL)
            paper_paragraph(p, INDENT, INDENT, paper_safe(p, f->fix));
        else
            paper_copyable(p, paper_safe(p, f->fix));
    }
    paper_line(p);
}

static void draw_verdict(const struct audit *a, const struct paper *p,
                         const struct audit_verdict *v)
{
    bool good = strcmp(v->answer, "allow") == 0;
    const char *text = arena_printf(a->arena, "%s from %s%s%s: %s, %s", v->to, v->from,
                                    v->way != NULL ? " goes " : "", v->way != NULL ? v->way : "",
                                    place_text(a, v->at), v->by);

    paper_spaces(p, 2);
    paper_paint(p,
                good                             ? INK_GOOD
                : strcmp(v->answer, "deny") == 0 ? INK_BAD
                                                 : INK_WARN,
                v->answer);
    paper_spaces(p, LABEL + 2 - strlen(v->answer));
    paper_paragraph(p, INDENT + 2, INDENT + 2, paper_safe(p, text));
}

static void draw_file(const struct audit *a, const struct paper *p, const struct audit_file *file)
{
    paper_paint(p, INK_BOLD, paper_safe(p, file->label));
    buf_printf(p->out, " (%s)", audit_kind_text(file->kind));
    paper_line(p);
    paper_line(p);
    for (int severity = 0; severity < AUDIT_SEVERITY_COUNT; severity++) {
        for (size_t i = 0; i < file->n_findings; i++) {
            if (file->findings[i].severity == (enum audit_severity)severity)
                draw_finding(a, p, &file->findings[i]);
        }
    }
    for (size_t i = 0; i < file->n_verdicts; i++)
        draw_verdict(a, p, &file->verdicts[i]);
    if (file->n_verdicts > 0)
        paper_line(p);
}

void audit_draw(const struct audit *a, struct text_style style, struct buf *out)
{
    struct paper p = {out, style, a->arena};
    size_t errors = audit_count(a, AUDIT_ERROR), warnings = audit_count(a, AUDIT_WARNING);

    for (size_t i = 0; i < a->n_files; i++)
        draw_file(a, &p, &a->files[i]);
    buf_printf(out, "%zu error%s, %zu warning%s", errors, errors == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
    paper_line(&p);
}
