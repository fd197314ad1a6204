/* html: see html.h. The sections are in html_*.c. */
#include "reports/html.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/html_parts.h"
#include "reports/page.h"
#include "reports/words.h"

#include <inttypes.h>
#include <string.h>

enum { BUF_LIMIT = 1 << 20 };

static void sentence(struct buf *out, void (*words)(const struct report *, struct buf *),
                     const struct report *r)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    words(r, &b);
    page_text(out, buf_text(&b));
    buf_free(&b);
}

static void fact(struct buf *out, const char *label, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    buf_printf(out, " <span>%s<b>", label);
    page_text(out, s);
    buf_str(out, "</b></span>");
}

static int64_t known(int64_t n)
{
    return n == INT_UNKNOWN ? 0 : n;
}

static void counts(struct buf *out, const char *label, const struct counts *c)
{
    buf_printf(out,
               "<p>%s: <b>%" PRId64 "</b> passed, <b>%" PRId64 "</b> with a warning, <b>%" PRId64
               "</b> failed, <b>%" PRId64 "</b> not tested</p>",
               label, known(c->pass), known(c->warn), known(c->fail), known(c->skip));
}

static void draw_band(const struct html *h)
{
    const struct report *r = h->r;
    const enum verdict v = r->summary->verdict;
    struct buf took;

    buf_init(&took, 64);
    words_duration(r->run->duration_us, &took);
    buf_printf(h->out,
               "<header><div class=\"band %s\"><h1 class=\"%s\"><span class=\"word\">%s</span>",
               page_class(v), page_class(v), v == VERDICT_SKIP ? "NOT TESTED" : words_verdict(v));
    sentence(h->out, words_sentence, r);
    buf_str(h->out, "</h1>");
    counts(h->out, "Required results", r->summary->required);
    if (r->n_routes > 1)
        counts(h->out, "All results", r->summary->all);
    buf_str(h->out, "<p>");
    fact(h->out, "Site ", r->site->name);
    fact(h->out, "Sensor ", r->site->sensor);
    fact(h->out, "Interface ", r->site->interface);
    fact(h->out, "Required route ", r->site->required_route);
    fact(h->out, "Started ", r->run->started);
    fact(h->out, "Took ", buf_text(&took));
    buf_str(h->out, "</p></div></header>\n");
    buf_free(&took);
}

static void list(struct buf *out, const char *label, const char *const *items, size_t n)
{
    if (n == 0)
        return;
    buf_printf(out, "<dt>%s</dt><dd>", label);
    for (size_t i = 0; i < n; i++) {
        buf_str(out, i > 0 ? "<br>" : "");
        page_text(out, items[i]);
    }
    buf_str(out, "</dd>");
}

static void draw_hop(struct buf *out, const struct hop *hop)
{
    const struct reach *const ways[] = {hop->from_sensor, hop->from_previous};
    static const char *const names[] = {"from sensor", "from the hop before"};

    buf_str(out, "<dt>Hop ");
    page_text(out, hop->name);
    buf_str(out, "</dt><dd>");
    page_text(out, hop->url);
    for (size_t i = 0; i < 2; i++) {
        const char *cause = ways[i] == NULL ? NULL : names_word(&cause_names, (int)ways[i]->cause);

        if (ways[i] == NULL)
            continue;
        buf_printf(out, ", %s: <span class=\"t %s\">%s</span> %s", names[i],
                   page_class(ways[i]->verdict), words_verdict(ways[i]->verdict),
                   cause == NULL ? "" : cause);
    }
    buf_str(out, "</dd>");
}

static void draw_time_servers(struct buf *out, const struct report *r)
{
    struct buf b;

    if (r->n_time_servers == 0)
        return;
    buf_init(&b, BUF_LIMIT);
    buf_str(out, "<dt>Time servers</dt><dd>");
    for (size_t i = 0; i < r->n_time_servers; i++) {
        buf_str(out, i > 0 ? "<br>" : "");
        words_time_server(r->time_servers[i], &b);
        page_text(out, buf_text(&b));
        buf_clear(&b);
    }
    buf_str(out, "</dd>");
    buf_free(&b);
}

static void draw_circumstances(const struct html *h)
{
    const struct report *r = h->r;

    buf_str(h->out, "<section><h2>Circumstances</h2><dl>");
    buf_str(h->out, "<dt>Packets</dt><dd>");
    sentence(h->out, words_capture, r);
    buf_str(h->out, "</dd>");
    for (size_t i = 0; i < r->n_hops; i++)
        draw_hop(h->out, r->hops[i]);
    list(h->out, "DNS servers", r->site->resolvers, r->site->n_resolvers);
    draw_time_servers(h->out, r);
    page_fact(h->out, "Trust", r->run->trust);
    page_fact(h->out, "Connection method", r->site->method);
    list(h->out, "Notes", r->run->notes, r->run->n_notes);
    page_fact(h->out, "Run", r->run->id);
    buf_str(h->out, "</dl></section>\n");
}

/* For who hands the page on: typed before it is printed, or written on the paper. Nothing is sent
 * or kept, so that it needs no script. */
static void draw_note(const struct html *h)
{
    buf_printf(h->out,
               "<section class=\"note\"><h2>Notes</h2><label>%s "
               "<textarea rows=\"6\"></textarea></label>"
               "<p><label>Name <input autocomplete=\"off\"></label> <label>Date <input "
               "autocomplete=\"off\"></label></p><p class=\"m\">To be printed with the page, or "
               "filled in by hand. This file does not keep what is typed here.</p></section>\n",
               h->r->n_checklist > 0
                   ? "What was looked at elsewhere, and which warnings are accepted by whom"
                   : "What is known of this, what was done, who was told");
}

static void draw_cut(const struct html *h)
{
    static const char *const said[] = {
        [CUT_LADDERS] = "This page leaves the packet ladders out",
        [CUT_PASSING] = "This page leaves out packet ladders and the details of passing results",
        [CUT_ROWS] = "This page leaves out packet ladders, the details of passing results, and "
                     "part of the rows and details"};

    if (h->cut != CUT_NOTHING)
        buf_printf(h->out,
                   "<p role=\"note\"><b>%s</b>, to stay small enough for a ticket. The JSON report "
                   "holds everything.</p>\n",
                   said[h->cut]);
}

static void draw_at(const struct report *r, enum html_cut cut, struct buf *out)
{
    struct html h = {.out = out, .r = r, .scratch = arena_new(), .cut = cut};
    struct buf title;

    h.routes = words_routes(r, h.scratch);
    h.findings = words_findings(r, h.scratch);
    h.matrix = words_matrix(r, h.routes, h.scratch);
    h.numbers = words_numbers(r, h.findings, h.scratch);
    buf_init(&title, BUF_LIMIT);
    buf_printf(&title, "%s: %s - hopproof", words_verdict(r->summary->verdict),
               r->site->name != NULL     ? r->site->name
               : r->site->sensor != NULL ? r->site->sensor
                                         : "connectivity report");
    page_begin(out, buf_text(&title));
    draw_band(&h);
    if (r->n_results > 0)
        page_filters(out, r->n_routes > 1);
    buf_str(out, "<main>");
    draw_cut(&h);
    html_matrix(&h);
    html_findings(&h);
    html_checklist(&h);
    draw_note(&h);
    html_results(&h);
    draw_circumstances(&h);
    buf_str(out, "</main>\n<footer><p>");
    page_text(out, r->tool->name);
    buf_char(out, ' ');
    page_text(out, r->tool->version);
    buf_str(out, ". Not reached and not tested do not mean failed.</p></footer>\n");
    page_end(out);
    buf_free(&title);
    arena_free(h.scratch);
}

void html_draw(const struct report *r, struct buf *out)
{
    struct buf page;

    for (int cut = CUT_NOTHING; cut < CUT_LEVELS; cut++) {
        /* A page that becomes too large is given up at its limit, not when memory is full of it. */
        buf_init(&page, cut + 1 < CUT_LEVELS ? HTML_MAX_BYTES : out->limit);
        draw_at(r, (enum html_cut)cut, &page);
        if (!page.overflow)
            break;
        if (cut + 1 < CUT_LEVELS)
            buf_free(&page);
    }
    if (page.overflow)
        out->overflow = true;
    buf_add(out, buf_text(&page), page.len);
    buf_free(&page);
}
