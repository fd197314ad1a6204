/* html_result: everything known of one result; see html_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/html_parts.h"
#include "reports/page.h"
#include "reports/words.h"

#include <stdlib.h>
#include <string.h>

enum { BUF_LIMIT = 1 << 20, DETAIL_BYTES = 900 * 1000, SANS_LISTED = 12 };

bool html_has_result(const struct html *h, size_t result)
{
    const struct result *it = h->r->results[result];

    if (h->cut >= CUT_ROWS) /* which of them fit is not known yet */
        return false;
    return h->cut < CUT_PASSING || it->verdict == VERDICT_FAIL || it->verdict == VERDICT_WARN;
}

static void said(void *context, const char *label, const char *text)
{
    page_fact(context, label, text);
}

/* Certificates are drawn as a chain of their own. */
static void known_fact(void *context, const char *label, const char *text)
{
    if (strcmp(label, "certificate") != 0)
        page_fact(context, label, text);
}

/* The first result whose step shows the same leaf: its chain is drawn there. */
static size_t same_chain(const struct html *h, size_t result, const char *leaf)
{
    for (size_t i = 0; leaf != NULL && i < result; i++) {
        const struct result *other = h->r->results[i];

        if (other->of_endpoint != h->r->results[result]->of_endpoint || !html_has_result(h, i))
            continue;
        for (size_t k = 0; k < other->n_steps; k++) {
            const struct tls_detail *d = step_tls(other->steps[k]);

            if (d != NULL && d->n_chain > 0 && d->chain[0]->sha256 != NULL &&
                strcmp(d->chain[0]->sha256, leaf) == 0)
                return i;
        }
    }
    return SIZE_MAX;
}

static void draw_cert(const struct html *h, const struct cert *c, bool leaf)
{
    buf_str(h->out, "<li><b>");
    page_text(h->out, c->subject_cn != NULL ? c->subject_cn : c->subject);
    buf_str(h->out, "</b> issued by ");
    page_text(h->out, c->issuer_cn != NULL ? c->issuer_cn : c->issuer);
    if (c->issuer_o != NULL) {
        buf_str(h->out, " (");
        page_text(h->out, c->issuer_o);
        buf_char(h->out, ')');
    }
    buf_str(h->out, c->self_signed ? ", self-signed<dl>" : "<dl>");
    if (c->not_before != NULL && c->not_after != NULL) {
        buf_str(h->out, "<dt>valid</dt><dd>");
        page_text(h->out, c->not_before);
        buf_str(h->out, " to ");
        page_text(h->out, c->not_after);
        buf_str(h->out, "</dd>");
    }
    if (leaf && c->n_sans > 0) {
        buf_str(h->out, "<dt>names</dt><dd>");
        for (size_t i = 0; i < c->n_sans && i < SANS_LISTED; i++) {
            buf_str(h->out, i > 0 ? ", " : "");
            page_text(h->out, c->sans[i]);
        }
        if (c->n_sans > SANS_LISTED)
            buf_printf(h->out, " and %zu more", c->n_sans - SANS_LISTED);
        buf_str(h->out, "</dd>");
    }
    page_fact(h->out, "key", c->key);
    page_fact(h->out, "SHA-256", c->sha256);
    buf_str(h->out, "</dl></li>");
}

void html_chain(const struct html *h, size_t result, const struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    size_t same;

    if (d == NULL || d->n_chain == 0)
        return;
    same = same_chain(h, result, d->chain[0]->sha256);
    if (same != SIZE_MAX) {
        buf_printf(h->out, "<p>The certificates are <a href=\"#r%zu\">the same as over ", same);
        page_text(h->out, h->r->results[same]->route);
        buf_str(h->out, "</a>.</p>");
        return;
    }
    buf_str(h->out, "<h3>Certificates presented</h3><ol>");
    for (size_t i = 0; i < d->n_chain; i++)
        draw_cert(h, d->chain[i], i == 0);
    buf_str(h->out, "</ol>");
}

static void draw_step(const struct html *h, size_t result, const struct step *s)
{
    const char *cause = names_word(&cause_names, (int)s->cause);
    const size_t start = h->out->len;
    size_t before, empty;

    buf_printf(h->out, "<h3>%s", names_word(&step_kind_names, (int)s->step));
    if (s->leg != NULL) {
        buf_str(h->out, " on ");
        page_text(h->out, s->leg);
    }
    if (s->address != NULL) {
        buf_str(h->out, " with ");
        page_text(h->out, s->address);
    }
    if (s->experiment != EXPERIMENT_NONE)
        buf_printf(h->out, " (experiment %s)", names_word(&experiment_names, (int)s->experiment));
    buf_printf(h->out, ": <span class=\"t %s\">%s</span> %s</h3>", page_class(s->verdict),
               words_verdict(s->verdict),
               cause != NULL                ? cause
               : s->verdict == VERDICT_PASS ? ""
                                            : names_word(&outcome_names, (int)s->outcome));
    before = h->out->len;
    buf_str(h->out, "<dl class=\"q\" aria-label=\"what the far side said\">");
    empty = h->out->len;
    words_far_side(s, said, h->out);
    if (h->out->len == empty)
        h->out->len = before;
    else
        buf_str(h->out, "</dl>");
    buf_str(h->out, "<dl>");
    page_fact(h->out, "means", s->note);
    words_facts(s, known_fact, h->out);
    buf_str(h->out, "</dl>");
    html_chain(h, result, s);
    /* A plain connect that passed says nothing that the waterfall does not. */
    if (s->verdict == VERDICT_PASS && s->step == STEP_CONNECT && s->experiment == EXPERIMENT_NONE &&
        h->r->results[result]->verdict == VERDICT_PASS)
        h->out->len = start;
}

static void draw_wire(const struct html *h, const struct result *result)
{
    struct buf b;

    if (result->wire == NULL)
        return;
    buf_init(&b, BUF_LIMIT);
    buf_str(h->out, "<h3>On the wire</h3><ul>");
    for (size_t i = 0; i < result->wire->n_flows; i++) {
        buf_clear(&b);
        words_flow(result->wire->flows[i], &b);
        buf_str(h->out, "<li>");
        page_text(h->out, buf_text(&b));
        buf_str(h->out, "</li>");
    }
    for (size_t i = 0; i < result->wire->n_notes; i++) {
        buf_str(h->out, "<li>");
        page_text(h->out, result->wire->notes[i]);
        buf_str(h->out, "</li>");
    }
    if (result->wire->n_flows + result->wire->n_notes == 0)
        buf_str(h->out, "<li>No packets of this result were seen.</li>");
    buf_str(h->out, "</ul>");
    if (h->cut < CUT_LADDERS)
        html_ladder(h, result);
    buf_free(&b);
}

void html_reasons(const struct html *h, const char *heading, const struct result *result)
{
    if (result->n_evidence + result->n_ruled_out == 0)
        return;
    page_markup(h->out, "%s<ul>", heading);
    for (size_t i = 0; i < result->n_evidence; i++) {
        buf_str(h->out, "<li>");
        page_text(h->out, result->evidence[i]);
        buf_str(h->out, "</li>");
    }
    for (size_t i = 0; i < result->n_ruled_out; i++) {
        buf_str(h->out, "<li>Ruled out: ");
        page_text(h->out, result->ruled_out[i]);
        buf_str(h->out, "</li>");
    }
    buf_str(h->out, "</ul>");
}

static void draw_verdict(const struct html *h, const struct result *result)
{
    html_reasons(h, "<h3>Why this verdict</h3>", result);
    if (result->remedy != NULL && result->remedy[0] != '\0') {
        buf_str(h->out, "<p class=\"do\"><b>Do:</b> ");
        page_text(h->out, result->remedy);
        buf_str(h->out, "</p>");
    }
    if (result->verdict != VERDICT_PASS && result->verdict != VERDICT_SKIP)
        page_copyable(h->out, "Test again", result->retest);
}

static void draw_result(const struct html *h, size_t i)
{
    const struct result *result = h->r->results[i];
    const char *code = names_word(&cause_names, (int)result->cause);

    buf_printf(h->out,
               "<details class=\"r %s%s\" id=\"r%zu\" data-v=\"%s\" data-q=\"%d\" data-k=\"",
               page_class(result->verdict), result->required ? "" : " info", i,
               result->required ? page_class(result->verdict) : "-", result->required);
    page_text(h->out, result->endpoint);
    buf_char(h->out, ' ');
    page_text(h->out, result->route);
    buf_printf(h->out, "\"%s><summary><span class=\"t %s\">%s</span> ",
               result->required && result->verdict == VERDICT_FAIL ? " open" : "",
               page_class(result->verdict), words_verdict(result->verdict));
    page_text(h->out, result->endpoint);
    buf_str(h->out, " over ");
    page_text(h->out, result->route);
    buf_printf(h->out, " %s%s</summary>", code == NULL ? "" : code,
               html_disagrees(result) ? " <b>SOCKET AND WIRE DISAGREE</b>" : "");
    if (result->summary != NULL) {
        buf_str(h->out, "<p>");
        page_text(h->out, result->summary);
        buf_str(h->out, "</p>");
    }
    html_strip(h, result, true);
    html_waterfall(h, result);
    for (size_t k = 0; k < result->n_steps; k++)
        draw_step(h, i, result->steps[k]);
    draw_wire(h, result);
    draw_verdict(h, result);
    buf_str(h->out, "</details>\n");
}

/* Failures that decide first, then other failures and warnings, then the rest. */
static int rank(const struct result *result)
{
    if (result->verdict == VERDICT_FAIL)
        return result->required ? 0 : 2;
    if (result->verdict == VERDICT_WARN)
        return result->required ? 1 : 3;
    return result->verdict == VERDICT_PASS ? 4 : 5;
}

void html_results(const struct html *h)
{
    const size_t start = h->out->len;
    size_t left_out = 0;

    if (h->r->n_results == 0)
        return;
    buf_str(h->out, "<section><h2>Results in detail</h2>\n");
    for (int wanted = 0; wanted <= 5; wanted++) {
        for (size_t i = 0; i < h->r->n_results; i++) {
            const struct result *result = h->r->results[i];

            if (rank(result) != wanted)
                continue;
            if ((h->cut >= CUT_PASSING && wanted >= 4) ||
                (h->cut >= CUT_ROWS && h->out->len - start > DETAIL_BYTES))
                left_out++;
            else
                draw_result(h, i);
        }
    }
    if (left_out > 0)
        buf_printf(h->out, "<p><b>The details of %zu result%s are left out.</b></p>", left_out,
                   left_out == 1 ? "" : "s");
    buf_str(h->out, "</section>\n");
}
