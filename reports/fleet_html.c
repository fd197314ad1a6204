/* fleet_html: the fleet report as one page; see fleet.h. */
#include "reports/fleet.h"

#include "diag/base/buf.h"
#include "reports/page.h"
#include "reports/words.h"

enum {
    MAX_BYTES = 1000 * 1000,
    BUF_LIMIT = 1 << 20,
    SECTIONS = 5, /* findings, sensors, sites, endpoints, files: each may take its share */
};

/* Room of one section: whatever the fleet's size, the page stays below a megabyte. */
static bool is_full(const struct buf *out, size_t start)
{
    return out->len - start > MAX_BYTES / (SECTIONS + 1);
}

static void more(struct buf *out, size_t n)
{
    if (n > 0)
        buf_printf(out, "<p><b>and %zu more, left out to keep the page small.</b></p>", n);
}

static void draw_head(const struct fleet *f, struct buf *out)
{
    const enum verdict v = fleet_verdict(f);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    fleet_sentence(f, &b);
    buf_printf(out,
               "<header><div class=\"band %s\"><h1 class=\"%s\"><span class=\"word\">%s</span>",
               page_class(v), page_class(v), words_verdict(v));
    page_text(out, buf_text(&b));
    buf_printf(out,
               "</h1><p>Sensors: <b>%zu</b> passed, <b>%zu</b> with a warning, <b>%zu</b> failed, "
               "<b>%zu</b> not tested; <b>%zu</b> incomplete runs</p>",
               f->counts[VERDICT_PASS], f->counts[VERDICT_WARN], f->counts[VERDICT_FAIL],
               f->counts[VERDICT_SKIP], f->n_incomplete);
    buf_printf(out, "<p>Left aside: %zu older %s of the same sensors, %zu %s that %s none</p>",
               f->n_superseded, f->n_superseded == 1 ? "report" : "reports", f->n_skipped,
               f->n_skipped == 1 ? "file" : "files", f->n_skipped == 1 ? "was" : "were");
    buf_str(out, "</div></header>\n");
    buf_free(&b);
}

static void draw_finding(const struct fleet *f, size_t i, struct buf *out)
{
    static const char *const classes[] = {[SEVERITY_NONE] = "skip",
                                          [SEVERITY_INFO] = "skip",
                                          [SEVERITY_WARNING] = "warn",
                                          [SEVERITY_ERROR] = "fail"};
    const struct fleet_finding *g = &f->findings[i];
    const struct fleet_hit *h = g->first;
    const char *code = names_word(&cause_names, (int)h->cause);
    const char *severity = names_word(&severity_names, (int)h->severity);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_printf(out, "<section class=\"f %s\" id=\"f%zu\"><h3><span class=\"t %s\">[%zu] %s</span> ",
               severity == NULL ? "info" : severity, i + 1, classes[h->severity], i + 1,
               words_severity(h->severity));
    page_text(out, h->title);
    words_count(g->n_members, "sensor at ", "sensors at ", &b);
    words_count(g->n_sites, "site", "sites", &b);
    buf_printf(out, ": %s</h3><p>%s ", buf_text(&b), code == NULL ? "" : code);
    buf_clear(&b);
    words_place(h->at, &b);
    page_text(out, buf_text(&b));
    buf_clear(&b);
    words_owner(h->owner, &b);
    buf_str(out, "</p><div class=\"do\"><p><b>To act:</b> ");
    page_text(out, buf_text(&b));
    buf_str(out, "</p><p><b>Do:</b> ");
    buf_clear(&b);
    fleet_remedy(g, &b);
    page_text(out, buf_text(&b));
    buf_str(out, "</p></div><h4>Endpoints</h4><ul>");
    for (size_t k = 0; k < g->n_endpoints && k < 30; k++) {
        buf_str(out, "<li>");
        page_text(out, g->endpoints[k].name);
        buf_printf(out, " (%zu)</li>", g->endpoints[k].n);
    }
    buf_str(out, g->n_endpoints > 0 ? "</ul>" : "<li>none in particular</li></ul>");
    more(out, g->n_endpoints > 30 ? g->n_endpoints - 30 : 0);
    buf_clear(&b);
    words_count(g->n_members, "sensor", "sensors", &b);
    buf_printf(out, "<details class=\"r\"><summary>%s</summary><p>", buf_text(&b));
    for (size_t k = 0; k < g->n_members && k < 200; k++) {
        buf_clear(&b);
        fleet_name(g->members[k], &b);
        buf_str(out, k > 0 ? ", " : "");
        page_text(out, buf_text(&b));
    }
    buf_str(out, "</p>");
    more(out, g->n_members > 200 ? g->n_members - 200 : 0);
    buf_str(out, "</details></section>\n");
    buf_free(&b);
}

static void draw_findings(const struct fleet *f, struct buf *out)
{
    const size_t start = out->len;
    size_t i;

    if (f->n_findings == 0)
        return;
    buf_str(out, "<section><h2>Findings</h2>\n");
    for (i = 0; i < f->n_findings && !is_full(out, start); i++)
        draw_finding(f, i, out);
    more(out, f->n_findings - i);
    buf_str(out, "</section>\n");
}

static void draw_tallies(const char *title, const char *id, const struct fleet_tally *list,
                         size_t n, struct buf *out)
{
    const size_t start = out->len;
    size_t i;

    if (n == 0)
        return;
    buf_printf(
        out,
        "<section><h2 id=\"%s\">By %s</h2><div class=\"wide\" role=\"region\" "
        "aria-labelledby=\"%s\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">%s</th>"
        "<th scope=\"col\">failed</th><th scope=\"col\">warning</th><th scope=\"col\">passed</th>"
        "<th scope=\"col\">not tested</th></tr></thead><tbody>\n",
        id, title, id, title);
    for (i = 0; i < n && !is_full(out, start); i++) {
        const struct fleet_tally *t = &list[i];

        buf_str(out, "<tr data-k=\"");
        page_text(out, t->name);
        buf_printf(out, "\" data-v=\"%s%s\" data-q=\"1\"><th scope=\"row\">",
                   t->n[VERDICT_FAIL] > 0 ? "f" : "", t->n[VERDICT_WARN] > 0 ? "w" : "");
        page_text(out, t->name);
        buf_printf(out,
                   "</th><td class=\"t %s\">%zu</td><td class=\"t %s\">%zu</td><td>%zu</td>"
                   "<td>%zu</td></tr>\n",
                   t->n[VERDICT_FAIL] > 0 ? "fail" : "skip", t->n[VERDICT_FAIL],
                   t->n[VERDICT_WARN] > 0 ? "warn" : "skip", t->n[VERDICT_WARN], t->n[VERDICT_PASS],
                   t->n[VERDICT_SKIP]);
    }
    buf_str(out, "</tbody></table></div>");
    more(out, n - i);
    buf_str(out, "</section>\n");
}

static void draw_member(const struct fleet_member *m, struct buf *out)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    fleet_name(m, &b);
    buf_str(out, "<tr data-k=\"");
    page_text(out, buf_text(&b));
    buf_printf(out, "\" data-v=\"%c\" data-q=\"1\"><th scope=\"row\">", page_class(m->verdict)[0]);
    page_text(out, buf_text(&b));
    buf_printf(out, "</th><td class=\"t %s\">%s</td><td>", page_class(m->verdict),
               words_verdict(m->verdict));
    page_text(out, m->sentence);
    buf_clear(&b);
    fleet_sign_off(m, &b);
    buf_printf(out, "</td><td%s>", m->n_unmet > 0 ? " class=\"t warn\"" : "");
    page_text(out, buf_text(&b));
    buf_str(out, "</td><td>");
    page_text(out, m->started);
    buf_str(out, "</td></tr>\n");
    buf_free(&b);
}

static void draw_members(const struct fleet *f, struct buf *out)
{
    static const enum verdict order[] = {VERDICT_FAIL, VERDICT_WARN, VERDICT_SKIP, VERDICT_PASS};
    const size_t start = out->len;
    size_t left = 0;

    buf_str(
        out,
        "<section><h2 id=\"s\">Sensors</h2><div class=\"wide\" role=\"region\" "
        "aria-labelledby=\"s\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">Sensor</th>"
        "<th scope=\"col\">Verdict</th><th scope=\"col\">Why</th><th scope=\"col\">Sign-off</th>"
        "<th scope=\"col\">Started</th>"
        "</tr></thead><tbody>\n");
    for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
        for (size_t i = 0; i < f->n_members; i++) {
            if (f->members[i]->superseded || f->members[i]->verdict != order[k])
                continue;
            if (is_full(out, start))
                left++;
            else
                draw_member(f->members[i], out);
        }
    }
    buf_str(out, "</tbody></table></div>");
    more(out, left);
    buf_str(out, "</section>\n");
}

static void draw_skipped(const struct fleet *f, struct buf *out)
{
    const size_t start = out->len;
    size_t i;

    if (f->n_skipped == 0)
        return;
    buf_str(out, "<section><h2>Files that were no reports</h2><ul>");
    for (i = 0; i < f->n_skipped && !is_full(out, start); i++) {
        buf_str(out, "<li>");
        page_text(out, f->skipped[i].why);
        buf_str(out, "</li>");
    }
    buf_str(out, "</ul>");
    more(out, f->n_skipped - i);
    buf_str(out, "</section>\n");
}

void fleet_html(const struct fleet *f, struct buf *out)
{
    page_begin(out, "Fleet report - hopproof");
    draw_head(f, out);
    page_filters(out, false);
    buf_str(out, "<main>");
    draw_findings(f, out);
    draw_tallies("site", "t", f->sites, f->n_sites, out);
    draw_tallies("endpoint", "e", f->endpoints, f->n_endpoints, out);
    draw_members(f, out);
    draw_skipped(f, out);
    buf_str(out, "</main>\n");
    page_end(out);
}
