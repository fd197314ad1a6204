/* text_matrix: endpoint by route on 80 columns; see text_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "reports/text_parts.h"
#include "reports/words.h"

#include <string.h>

enum {
    CELL_MIN = 12,  /* "✗ FAIL [12]", "✓ pass 66 ms", "- not tested" */
    CELL_BOTH = 20, /* from here on a cell has room for a time and a finding's number */
    CELL_CODE = 36, /* from here on a cell has room for the cause's code too */
    NAME_MIN = 24,
    GAP = 2,
    MANY = 24, /* endpoints; above, those that pass everywhere are only counted */
};

struct table {
    const struct paper *p;
    const struct report *r;
    const struct route **routes;
    const size_t *cells;   /* words_matrix */
    const size_t *numbers; /* words_numbers */
    size_t name_width, cell_width, rows;
};

static const struct result *result_at(const struct table *t, size_t row, size_t column)
{
    size_t cell = t->cells[row * t->r->n_routes + column];

    return cell == 0 ? NULL : t->r->results[cell - 1];
}

static const char *cell_text(const struct table *t, const struct result *result, size_t number)
{
    const char *code = names_word(&cause_names, (int)result->cause);
    const char *copy;
    struct buf b;

    buf_init(&b, 256);
    buf_printf(&b, "%s ", paper_mark(t->p, result->verdict));
    switch (result->verdict) {
    case VERDICT_PASS:
        buf_str(&b, "pass");
        if (number == 0 || t->cell_width >= CELL_BOTH) {
            buf_char(&b, ' ');
            words_duration(result->duration_us, &b);
        }
        break;
    case VERDICT_WARN:
        buf_str(&b, "WARN");
        break;
    case VERDICT_FAIL: /* capitals for what decides */
        buf_str(&b, result->required ? "FAIL" : "fail");
        break;
    case VERDICT_SKIP:
        buf_str(&b, "not tested");
        break;
    }
    if (t->cell_width >= CELL_CODE && code != NULL)
        buf_printf(&b, " %s", code);
    if (number != 0 && (result->verdict != VERDICT_SKIP || t->cell_width >= CELL_CODE))
        buf_printf(&b, " [%zu]", number);
    copy = arena_strdup(t->p->scratch, buf_text(&b));
    buf_free(&b);
    return copy;
}

static void draw_cell(const struct table *t, size_t row, size_t column)
{
    const struct result *result = result_at(t, row, column);
    const char *s = "";
    size_t width;

    if (result != NULL) {
        s = cell_text(t, result, t->numbers[t->cells[row * t->r->n_routes + column] - 1]);
        paper_paint(t->p, paper_ink(result->verdict, result->required), s);
    }
    width = text_columns(s);
    paper_spaces(t->p, width < t->cell_width ? t->cell_width - width : 1);
}

/* A row that says nothing new in a long table. */
static bool passes_everywhere(const struct table *t, size_t row)
{
    for (size_t i = 0; i < t->r->n_routes; i++) {
        const struct result *result = result_at(t, row, i);

        if (result != NULL && result->verdict != VERDICT_PASS)
            return false;
    }
    return true;
}

static bool is_shown(const struct table *t, size_t row)
{
    return t->p->style.verbose || t->r->n_endpoints <= MANY || !passes_everywhere(t, row);
}

static void draw_head(const struct table *t)
{
    paper_line(t->p);
    paper_paint(t->p, INK_FAINT, "ENDPOINT");
    paper_spaces(t->p, t->name_width - strlen("ENDPOINT") + GAP);
    for (size_t i = 0; i < t->r->n_routes; i++) {
        paper_cell(t->p, paper_safe(t->p, t->routes[i]->id), t->cell_width - GAP);
        paper_spaces(t->p, GAP);
    }
    paper_line(t->p);
    if (t->r->n_routes < 2)
        return;
    paper_spaces(t->p, t->name_width + GAP);
    for (size_t i = 0; i < t->r->n_routes; i++) {
        const char *role = t->routes[i]->required ? "required" : "info";

        paper_paint(t->p, INK_FAINT, role);
        paper_spaces(t->p, t->cell_width - strlen(role));
    }
    paper_line(t->p);
}

static void draw_rows(const struct table *t)
{
    for (size_t row = 0; row < t->r->n_endpoints; row++) {
        if (!is_shown(t, row))
            continue;
        paper_cell(t->p, paper_safe(t->p, t->r->endpoints[row]->id), t->name_width);
        paper_spaces(t->p, GAP);
        for (size_t i = 0; i < t->r->n_routes; i++)
            draw_cell(t, row, i);
        paper_line(t->p);
    }
}

/* Too many or too long routes for columns: one line for each. */
static void draw_list(const struct table *t)
{
    const size_t indent = 4;

    paper_line(t->p);
    for (size_t row = 0; row < t->r->n_endpoints; row++) {
        if (!is_shown(t, row))
            continue;
        paper_cell(t->p, paper_safe(t->p, t->r->endpoints[row]->id), PAPER_WIDTH);
        paper_line(t->p);
        for (size_t i = 0; i < t->r->n_routes; i++) {
            if (result_at(t, row, i) == NULL)
                continue;
            paper_spaces(t->p, indent);
            paper_cell(t->p, paper_safe(t->p, t->routes[i]->id),
                       PAPER_WIDTH - indent - t->cell_width - GAP);
            paper_spaces(t->p, GAP);
            draw_cell(t, row, i);
            paper_line(t->p);
        }
    }
}

static size_t longest_route(const struct table *t)
{
    size_t longest = 0;

    for (size_t i = 0; i < t->r->n_routes; i++) {
        size_t width = text_columns(paper_safe(t->p, t->routes[i]->id));

        longest = width > longest ? width : longest;
    }
    return longest;
}

/* Names get what they need, cells the rest; false when that does not fit. */
static bool share_width(struct table *t)
{
    size_t longest = 8, cell_min = CELL_MIN, n = t->r->n_routes;

    for (size_t i = 0; i < t->r->n_endpoints; i++) {
        size_t width = text_columns(paper_safe(t->p, t->r->endpoints[i]->id));

        if (is_shown(t, i) && width > longest)
            longest = width;
    }
    if (longest_route(t) > cell_min && longest_route(t) <= 20)
        cell_min = longest_route(t);
    cell_min += GAP;
    if (n * cell_min + NAME_MIN + GAP > PAPER_WIDTH + GAP)
        return false;
    t->name_width = longest;
    if (longest + GAP + n * cell_min > PAPER_WIDTH + GAP)
        t->name_width = PAPER_WIDTH - n * cell_min; /* the last cell needs no gap */
    t->cell_width = n == 1 ? PAPER_WIDTH - t->name_width - GAP : cell_min;
    return true;
}

void text_matrix(const struct paper *p, const struct report *r,
                 const struct finding *const *findings)
{
    struct table t = {.p = p, .r = r, .routes = words_routes(r, p->scratch)};
    size_t hidden = 0;

    if (r->n_endpoints == 0 || r->n_routes == 0)
        return;
    t.cells = words_matrix(r, t.routes, p->scratch);
    t.numbers = words_numbers(r, findings, p->scratch);
    for (size_t i = 0; i < r->n_endpoints; i++)
        hidden += !is_shown(&t, i);
    if (hidden < r->n_endpoints && share_width(&t)) {
        draw_head(&t);
        draw_rows(&t);
    } else if (hidden < r->n_endpoints) {
        t.cell_width = CELL_CODE;
        draw_list(&t);
    } else {
        paper_line(p);
    }
    if (hidden > 0) {
        const char *mark = paper_mark(p, VERDICT_PASS);

        paper_paint(p, INK_GOOD, mark);
        paper_paragraph(p, 1, 2,
                        arena_printf(p->scratch,
                                     " %zu %s pass on every route that was tested (--verbose "
                                     "lists them)",
                                     hidden, hidden == r->n_endpoints ? "endpoints" : "others"));
    }
}
