/* html_matrix: endpoint by route; see html_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/html_parts.h"
#include "reports/page.h"
#include "reports/words.h"

#include <string.h>

enum { MATRIX_BYTES = 800 * 1000 }; /* of the page at CUT_ROWS */

bool html_disagrees(const struct result *result)
{
    bool works = result->verdict == VERDICT_PASS || result->verdict == VERDICT_WARN;

    return result->cause == CAUSE_WIRE_NOT_SEEN || result->cause == CAUSE_WIRE_OTHER_INTERFACE ||
           (works && result->wire != NULL && result->wire->verdict == VERDICT_FAIL);
}

static const char *leg_word(enum verdict v)
{
    switch (v) {
    case VERDICT_PASS:
        return "pass";
    case VERDICT_WARN:
        return "warning";
    case VERDICT_FAIL:
        return "FAILS";
    case VERDICT_SKIP:
        break;
    }
    return "not reached";
}

void html_strip(const struct html *h, const struct result *result, bool named)
{
    static const char *const marks[] = {
        [VERDICT_SKIP] = "·", [VERDICT_PASS] = "✓", [VERDICT_WARN] = "!", [VERDICT_FAIL] = "✗"};

    if (result->n_legs == 0)
        return;
    buf_str(h->out, "<span class=\"s\" role=\"img\" aria-label=\"");
    for (size_t i = 0; i < result->n_legs; i++) {
        const struct leg *leg = result->legs[i];

        buf_str(h->out, i > 0 ? ", " : "");
        page_text(h->out, leg->from);
        buf_str(h->out, " to ");
        page_text(h->out, leg->to);
        buf_printf(h->out, " %s", leg_word(leg->verdict));
    }
    buf_str(h->out, "\">");
    for (size_t i = 0; i < result->n_legs; i++) {
        const enum verdict v = result->legs[i]->verdict;

        buf_printf(h->out, v == VERDICT_PASS ? "<i>%.0s%s</i>" : "<i class=\"%s\">%s</i>",
                   page_class(v), marks[v]);
    }
    buf_str(h->out, "</span>");
    if (!named)
        return;
    buf_str(h->out, "<span class=\"m\">");
    for (size_t i = 0; i < result->n_legs; i++) {
        buf_str(h->out, i > 0 ? ", " : "");
        page_text(h->out, result->legs[i]->from);
        buf_str(h->out, "&gt;");
        page_text(h->out, result->legs[i]->to);
        buf_printf(h->out, ": %s", leg_word(result->legs[i]->verdict));
    }
    buf_str(h->out, "</span>");
}

/* Two witnesses: what the socket saw, what the packets show. */
static void marks(const struct html *h, const struct result *result)
{
    const char *wire = "no packets recorded";

    if (result->cause == CAUSE_WIRE_NOT_SEEN)
        wire = "≠ not a packet";
    else if (result->cause == CAUSE_WIRE_OTHER_INTERFACE)
        wire = "≠ another interface";
    else if (result->wire != NULL)
        wire = result->wire->verdict == VERDICT_FAIL   ? "✗"
               : result->wire->verdict == VERDICT_WARN ? "!"
               : result->wire->verdict == VERDICT_PASS ? "✓"
                                                       : "nothing to see";
    buf_printf(h->out, "<span class=\"m\">socket %s, wire %s</span>",
               result->verdict == VERDICT_FAIL   ? "✗"
               : result->verdict == VERDICT_SKIP ? "not used"
                                                 : "✓",
               wire);
}

static void cell(const struct html *h, size_t index)
{
    const struct result *result = h->r->results[index];
    const char *code = names_word(&cause_names, (int)result->cause);
    const bool odd = html_disagrees(result), linked = html_has_result(h, index);
    struct buf took;

    buf_printf(h->out, "<td%s>",
               odd                ? " class=\"odd\""
               : result->required ? ""
                                  : " class=\"info\"");
    if (linked)
        buf_printf(h->out, "<a href=\"#r%zu\">", index);
    buf_printf(h->out, "<span class=\"t %s\">%s</span>", page_class(result->verdict),
               words_verdict(result->verdict));
    buf_str(h->out, linked ? "</a>" : "");
    if (result->verdict == VERDICT_PASS) {
        buf_init(&took, 64);
        words_duration(result->duration_us, &took);
        buf_printf(h->out, " <small>%s</small>", buf_text(&took));
        buf_free(&took);
    } else if (code != NULL) {
        buf_printf(h->out, " <small>%s</small>", code);
    }
    if (h->numbers[index] != 0)
        buf_printf(h->out, " <a href=\"#f%zu\">[%zu]</a>", h->numbers[index], h->numbers[index]);
    if (odd)
        buf_str(h->out, "<br><b>SOCKET AND WIRE DISAGREE</b>");
    html_strip(h, result, false);
    if (result->verdict != VERDICT_SKIP)
        marks(h, result);
    buf_str(h->out, "</td>");
}

static void head(const struct html *h)
{
    buf_str(h->out, "<tr><th scope=\"col\">Endpoint</th>");
    for (size_t i = 0; i < h->r->n_routes; i++) {
        buf_str(h->out, "<th scope=\"col\">");
        page_text(h->out, h->routes[i]->id);
        buf_printf(h->out, " <small>%s</small></th>",
                   h->routes[i]->required ? "required" : "for information");
    }
    buf_str(h->out, "</tr>");
}

static void row(const struct html *h, size_t i)
{
    const struct endpoint *e = h->r->endpoints[i];
    const size_t *cells = &h->matrix[i * h->r->n_routes];
    bool required = false;

    buf_str(h->out, "<tr data-k=\"");
    page_text(h->out, e->id);
    buf_char(h->out, ' ');
    page_text(h->out, e->service);
    buf_str(h->out, "\" data-v=\"");
    for (size_t k = 0; k < h->r->n_routes; k++) {
        const struct result *result = cells[k] == 0 ? NULL : h->r->results[cells[k] - 1];

        /* A route that decides nothing is no problem when it is closed. */
        if (result != NULL && result->required)
            buf_char(h->out, page_class(result->verdict)[0]);
        required = required || (result != NULL && result->required);
    }
    buf_printf(h->out, "\" data-q=\"%d\"><th scope=\"row\">", required);
    page_text(h->out, e->id);
    if (e->service != NULL && e->service[0] != '\0') {
        buf_str(h->out, " <small>");
        page_text(h->out, e->service);
        buf_str(h->out, "</small>");
    }
    buf_str(h->out, e->optional ? " <small>(optional)</small></th>" : "</th>");
    for (size_t k = 0; k < h->r->n_routes; k++) {
        if (cells[k] == 0)
            buf_str(h->out, "<td></td>");
        else
            cell(h, cells[k] - 1);
    }
    buf_str(h->out, "</tr>\n");
}

static bool passes_everywhere(const struct html *h, size_t i)
{
    for (size_t k = 0; k < h->r->n_routes; k++) {
        size_t index = h->matrix[i * h->r->n_routes + k];

        if (index != 0 && h->r->results[index - 1]->verdict != VERDICT_PASS)
            return false;
    }
    return true;
}

void html_matrix(const struct html *h)
{
    const size_t start = h->out->len;
    size_t left_out = 0;

    if (h->r->n_endpoints == 0 || h->r->n_routes == 0)
        return;
    buf_str(h->out,
            "<section><h2 id=\"m\">Endpoints and routes</h2>"
            "<div class=\"wide\" role=\"region\" aria-labelledby=\"m\" tabindex=\"0\"><table>"
            "<caption>Each cell: verdict, the finding that explains it, the legs from the "
            "sensor to the endpoint, and both witnesses. A dotted leg was not reached: nothing is "
            "known of it.</caption><thead>");
    head(h);
    buf_str(h->out, "</thead><tbody>\n");
    for (size_t i = 0; i < h->r->n_endpoints; i++) {
        if (h->cut >= CUT_ROWS && (passes_everywhere(h, i) || h->out->len - start > MATRIX_BYTES))
            left_out++;
        else
            row(h, i);
    }
    buf_str(h->out, "</tbody></table></div>");
    if (left_out > 0)
        buf_printf(h->out, "<p><b>%zu %s left out.</b></p>", left_out,
                   left_out == 1 ? "row is" : "rows are");
    buf_str(h->out, "</section>\n");
}
