/* html_findings: what is wrong, who acts, what to change, how to test again; see html_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/html_parts.h"
#include "reports/page.h"
#include "reports/words.h"

#include <string.h>

enum { BUF_LIMIT = 1 << 20, LINES_LISTED = 200, HITS_LISTED = 60 };

/* A required result, if there is one; the worst case stands for the rest. */
static size_t example_of(const struct report *r, const struct finding *f)
{
    for (size_t i = 0; i < f->n_results; i++) {
        if (r->results[f->results[i]]->required)
            return (size_t)f->results[i];
    }
    return f->n_results == 0 ? SIZE_MAX : (size_t)f->results[0];
}

static void hits(const struct html *h, const struct finding *f)
{
    if (f->n_results == 0)
        return;
    buf_printf(h->out, "<h4>Hits %zu %s</h4><ul>", f->n_results,
               f->n_results == 1 ? "result" : "results");
    for (size_t i = 0; i < f->n_results && i < HITS_LISTED; i++) {
        const size_t index = (size_t)f->results[i];
        const struct result *result = h->r->results[index];
        const bool linked = html_has_result(h, index);

        buf_str(h->out, "<li>");
        if (linked)
            buf_printf(h->out, "<a href=\"#r%zu\">", index);
        page_text(h->out, result->endpoint);
        buf_str(h->out, " over ");
        page_text(h->out, result->route);
        buf_str(h->out, linked ? "</a>" : "");
        buf_str(h->out, result->required ? "</li>" : " (for information)</li>");
    }
    buf_str(h->out, "</ul>");
    if (f->n_results > HITS_LISTED)
        buf_printf(h->out, "<p>and %zu more.</p>", f->n_results - HITS_LISTED);
}

/* host:port, one a line, each once: what goes into an allow list or a ticket. */
static void endpoint_lines(const struct html *h, const struct finding *f)
{
    const char *last = NULL;
    struct buf lines;
    size_t n = 0;

    buf_init(&lines, BUF_LIMIT);
    for (size_t i = 0; i < f->n_results && n < LINES_LISTED; i++) {
        const char *id = h->r->results[f->results[i]]->endpoint;

        if (last != NULL && strcmp(id, last) == 0)
            continue;
        last = id;
        if (n++ > 0)
            buf_char(&lines, '\n');
        buf_str(&lines, id);
    }
    page_copyable(h->out, "Endpoints concerned, one a line", buf_text(&lines));
    buf_free(&lines);
}

static void draw_finding(const struct html *h, size_t i)
{
    static const char *const classes[] = {[SEVERITY_NONE] = "skip",
                                          [SEVERITY_INFO] = "skip",
                                          [SEVERITY_WARNING] = "warn",
                                          [SEVERITY_ERROR] = "fail"};
    const struct finding *f = h->findings[i];
    const char *code = names_word(&cause_names, (int)f->cause);
    const char *severity = names_word(&severity_names, (int)f->severity);
    const size_t example = example_of(h->r, f);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_printf(h->out,
               "<section class=\"f %s\" id=\"f%zu\"><h3><span class=\"t %s\">[%zu] %s</span> ",
               severity == NULL ? "info" : severity, i + 1, classes[f->severity], i + 1,
               words_severity(f->severity));
    page_text(h->out, f->title);
    buf_str(h->out, "</h3>");
    words_place(f->at, &b);
    buf_printf(h->out, "<p class=\"m\">%s ", code == NULL ? "" : code);
    page_text(h->out, buf_text(&b));
    buf_printf(h->out, "; the sensor shows it under &quot;%s&quot;</p><p>",
               names_word(&sensor_class_names, (int)f->sensor_class));
    buf_clear(&b);
    page_text(h->out, f->explanation);
    buf_str(h->out, "</p>");
    if (example != SIZE_MAX && f->severity != SEVERITY_INFO)
        html_reasons(h, "<h4>Evidence</h4>", h->r->results[example]);
    words_owner(f->owner, &b);
    buf_str(h->out, "<div class=\"do\"><p><b>To act:</b> ");
    page_text(h->out, buf_text(&b));
    buf_str(h->out, "</p><p><b>Do:</b> ");
    page_text(h->out, f->remedy);
    buf_str(h->out, "</p></div>");
    if (f->severity != SEVERITY_INFO) {
        endpoint_lines(h, f);
        if (example != SIZE_MAX)
            page_copyable(h->out, "Test again", h->r->results[example]->retest);
    }
    hits(h, f);
    buf_str(h->out, "</section>\n");
    buf_free(&b);
}

void html_findings(const struct html *h)
{
    if (h->r->n_findings == 0)
        return;
    buf_str(h->out, "<section><h2>Findings</h2>\n");
    for (size_t i = 0; i < h->r->n_findings; i++)
        draw_finding(h, i);
    buf_str(h->out, "</section>\n");
}
