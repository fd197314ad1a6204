/* text_evidence: every step of every result for --verbose; see text_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/text_parts.h"
#include "reports/words.h"

#include <string.h>

enum { BUF_LIMIT = 1 << 20, FACT_AT = 6 };

static void draw_fact(void *context, const char *label, const char *text)
{
    const struct paper *p = context;
    const char *safe = paper_safe(p, label);

    paper_spaces(p, FACT_AT);
    paper_paint(p, INK_FAINT, safe);
    buf_str(p->out, ": ");
    paper_paragraph(p, FACT_AT + strlen(safe) + 2, FACT_AT + 2, paper_safe(p, text));
}

/* "  +  9.7 ms  connect  sensor>endpoint  203.0.113.10:443  pass in 11 ms" */
static void draw_step(const struct paper *p, const struct step *s)
{
    const char *cause = names_word(&cause_names, (int)s->cause);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    if (s->started_us != INT_UNKNOWN) {
        buf_char(&b, '+');
        words_duration(s->started_us, &b);
        buf_char(&b, ' ');
    }
    buf_str(&b, names_word(&step_kind_names, (int)s->step));
    if (s->leg != NULL)
        buf_printf(&b, " %s", s->leg);
    if (s->address != NULL)
        buf_printf(&b, " %s", s->address);
    if (s->experiment != EXPERIMENT_NONE)
        buf_printf(&b, " (experiment %s)", names_word(&experiment_names, (int)s->experiment));
    buf_printf(&b, ": %s",
               s->verdict == VERDICT_PASS   ? "pass"
               : s->verdict == VERDICT_WARN ? "WARN"
               : s->verdict == VERDICT_FAIL ? "FAIL"
                                            : "not tested");
    if (cause != NULL)
        buf_printf(&b, " %s", cause);
    else if (s->verdict == VERDICT_FAIL)
        buf_printf(&b, " %s", names_word(&outcome_names, (int)s->outcome));
    if (s->duration_us != INT_UNKNOWN) {
        buf_str(&b, " in ");
        words_duration(s->duration_us, &b);
    }
    buf_str(p->out, "  ");
    paper_paint(p, paper_ink(s->verdict, true), paper_mark(p, s->verdict));
    buf_char(p->out, ' ');
    paper_paragraph(p, 4, 6, paper_safe(p, buf_text(&b)));
    buf_free(&b);
    if (s->note != NULL)
        draw_fact((void *)p, "means", s->note);
    words_far_side(s, draw_fact, (void *)p);
    words_facts(s, draw_fact, (void *)p);
}

static void draw_wire(const struct paper *p, const struct wire *w)
{
    struct buf b;

    if (w == NULL)
        return;
    buf_init(&b, BUF_LIMIT);
    for (size_t i = 0; i < w->n_flows; i++) {
        words_flow(w->flows[i], &b);
        paper_labelled(p, "Wire", buf_text(&b));
        buf_clear(&b);
    }
    for (size_t i = 0; i < w->n_notes; i++)
        paper_labelled(p, "Wire", w->notes[i]);
    if (w->n_flows == 0 && w->n_notes == 0)
        paper_labelled(p, "Wire", "no packets of this result were seen");
    buf_free(&b);
}

static void draw_result(const struct paper *p, const struct result *result)
{
    const char *cause = names_word(&cause_names, (int)result->cause);
    const char *word = words_verdict(result->verdict);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_printf(&b, "%s over %s", result->endpoint, result->route);
    if (cause != NULL) {
        buf_printf(&b, ": %s ", cause);
        words_place(result->at, &b);
    }
    paper_line(p);
    paper_paint(p, paper_ink(result->verdict, result->required), word);
    buf_char(p->out, ' ');
    paper_paragraph(p, strlen(word) + 1, 4, paper_safe(p, buf_text(&b)));
    buf_free(&b);
    paper_labelled(p, "Seen", result->summary);
    for (size_t i = 0; i < result->n_steps; i++)
        draw_step(p, result->steps[i]);
    draw_wire(p, result->wire);
    for (size_t i = 0; i < result->n_evidence; i++)
        paper_labelled(p, "Because", result->evidence[i]);
    for (size_t i = 0; i < result->n_ruled_out; i++)
        paper_labelled(p, "Not", result->ruled_out[i]);
    paper_labelled(p, "Do", result->remedy);
}

static void draw_hop(const struct paper *p, const struct hop *h)
{
    const struct reach *const ways[] = {h->from_sensor, h->from_previous};
    static const char *const names[] = {"from sensor", "from the hop before"};
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_printf(&b, "%s (%s)", h->name == NULL ? "?" : h->name, h->url == NULL ? "?" : h->url);
    for (size_t i = 0; i < 2; i++) {
        const char *cause = ways[i] == NULL ? NULL : names_word(&cause_names, (int)ways[i]->cause);

        if (ways[i] == NULL)
            continue;
        buf_printf(&b, ", %s: %s", names[i], words_verdict(ways[i]->verdict));
        if (cause != NULL)
            buf_printf(&b, " %s", cause);
    }
    paper_labelled(p, "Hop", buf_text(&b));
    buf_free(&b);
    for (size_t i = 0; i < h->n_steps; i++)
        draw_step(p, h->steps[i]);
}

void text_evidence(const struct paper *p, const struct report *r)
{
    paper_line(p);
    paper_paint(p, INK_BOLD, "EVIDENCE");
    paper_line(p);
    for (size_t i = 0; i < r->n_hops; i++)
        draw_hop(p, r->hops[i]);
    for (size_t i = 0; i < r->site->n_resolvers; i++)
        paper_labelled(p, "DNS", r->site->resolvers[i]);
    paper_labelled(p, "Trust", r->run->trust);
    for (size_t i = 0; i < r->n_results; i++)
        draw_result(p, r->results[i]);
}
