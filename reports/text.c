/* text: see text.h. The evidence of --verbose is in text_evidence.c, the table
 * in text_matrix.c, the checklist in text_checklist.c.  */
#include "reports/text.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/paper.h"
#include "reports/text_parts.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    VERDICT_AT = 7,   /* where the sentence stands beside " FAIL  " */
    LONG_REPORT = 48, /* lines; what is longer scrolls off and ends with the failures again */
    NAMES_LISTED = 6, /* endpoints of a finding that are named */
    BUF_LIMIT = 1 << 20,
};

static bool locale_is_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);

        if (value != NULL && value[0] != '\0')
            return strcasestr(value, "utf-8") != NULL || strcasestr(value, "utf8") != NULL;
    }
    return false;
}

struct text_style text_style_of(FILE *out, bool no_color, bool verbose)
{
    const char *asked = getenv("NO_COLOR"), *term = getenv("TERM");
    bool plain = no_color || (asked != NULL && asked[0] != '\0') || term == NULL ||
                 strcmp(term, "dumb") == 0;

    return (struct text_style){
        .color = !plain && isatty(fileno(out)), .utf8 = locale_is_utf8(), .verbose = verbose};
}

/* A buffer's text, safe and in the page's arena; the buffer is emptied. */
static const char *taken(const struct paper *p, struct buf *b)
{
    const char *s = arena_strdup(p->scratch, paper_safe(p, buf_text(b)));

    buf_clear(b);
    return s;
}

static void draw_verdict(const struct paper *p, const struct report *r)
{
    const enum verdict v = r->summary->verdict;
    const char *word = v == VERDICT_SKIP ? "NONE" : words_verdict(v);
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    words_sentence(r, &b);
    buf_char(p->out, ' ');
    paper_paint(p, v == VERDICT_SKIP ? INK_WARN : paper_ink(v, true), word);
    buf_str(p->out, "  ");
    paper_paragraph(p, VERDICT_AT, VERDICT_AT, taken(p, &b));
    buf_free(&b);
}

/* "fact · fact · fact", without those that nobody knows. */
static void add_fact(const struct paper *p, struct buf *b, const char *label, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    if (b->len > 0)
        buf_str(b, paper_dot(p));
    buf_str(b, label);
    buf_str(b, paper_safe(p, s));
}

static void draw_context(const struct paper *p, const struct report *r)
{
    struct buf b, time;

    buf_init(&b, BUF_LIMIT);
    buf_init(&time, 64);
    add_fact(p, &b, "site ", r->site->name);
    add_fact(p, &b, "sensor ", r->site->sensor);
    add_fact(p, &b, "", r->site->interface);
    add_fact(p, &b, "", r->run->command == COMMAND_ANALYZE ? "from a capture" : NULL);
    if (r->run->started != NULL && strlen(r->run->started) >= 16)
        buf_printf(&time, "%.10s %.5s UTC", r->run->started, r->run->started + 11);
    add_fact(p, &b, "", buf_text(&time));
    buf_clear(&time);
    if (r->run->duration_us != INT_UNKNOWN)
        words_duration(r->run->duration_us, &time);
    add_fact(p, &b, "took ", buf_text(&time));
    paper_spaces(p, VERDICT_AT);
    paper_paragraph(p, VERDICT_AT, VERDICT_AT, buf_text(&b));
    buf_free(&time);
    buf_free(&b);
}

/* "proxy-denied at proxy-B · 2 required results, 3 others" */
static void draw_code(const struct paper *p, const struct report *r, const struct finding *f)
{
    const char *code = names_word(&cause_names, (int)f->cause);
    size_t required = words_required(r, f), others = f->n_results - required;
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    buf_printf(&b, "%s ", code == NULL ? "no cause" : code);
    words_place(f->at, &b);
    if (f->n_results > 0) {
        buf_str(&b, paper_dot(p));
        if (required > 0)
            words_count(required, "required result", "required results", &b);
        if (required > 0 && others > 0)
            buf_str(&b, ", ");
        if (others > 0)
            words_count(others, required > 0 ? "other" : "result that decides nothing",
                        required > 0 ? "others" : "results that decide nothing", &b);
    }
    paper_spaces(p, 4);
    paper_paragraph(p, 4, 4, taken(p, &b));
    buf_free(&b);
}

/* The result that shows the finding best: a required one. */
static const struct result *example_of(const struct report *r, const struct finding *f)
{
    for (size_t i = 0; i < f->n_results; i++) {
        if (r->results[f->results[i]]->required)
            return r->results[f->results[i]];
    }
    return f->n_results == 0 ? NULL : r->results[f->results[0]];
}

/* The endpoints that a finding hits, each once. */
static void name_endpoints(const struct report *r, const struct finding *f, size_t most,
                           struct buf *to)
{
    size_t named = 0, left = 0;
    const char *last = NULL;

    for (size_t i = 0; i < f->n_results; i++) {
        const char *id = r->results[f->results[i]]->endpoint;

        if (last != NULL && strcmp(last, id) == 0)
            continue;
        last = id;
        if (named < most)
            buf_printf(to, "%s%s", named++ > 0 ? ", " : "", id);
        else
            left++;
    }
    if (left > 0)
        buf_printf(to, " and %zu more", left);
}

static void draw_finding(const struct paper *p, const struct report *r, const struct finding *f,
                         size_t number)
{
    static const enum ink inks[] = {[SEVERITY_NONE] = INK_FAINT,
                                    [SEVERITY_INFO] = INK_FAINT,
                                    [SEVERITY_WARNING] = INK_WARN,
                                    [SEVERITY_ERROR] = INK_BAD};
    const struct result *example = example_of(r, f);
    const char *head = arena_printf(p->scratch, "[%zu] %s", number, words_severity(f->severity));
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    paper_line(p);
    paper_paint(p, inks[f->severity], head);
    buf_str(p->out, "  ");
    paper_paragraph(p, strlen(head) + 2, strlen(head) + 2, paper_safe(p, f->title));
    draw_code(p, r, f);
    name_endpoints(r, f, p->style.verbose ? SIZE_MAX : NAMES_LISTED, &b);
    paper_labelled(p, "Hits", taken(p, &b));
    paper_labelled(p, "Why", f->explanation);
    if (f->severity != SEVERITY_INFO && example != NULL)
        paper_labelled(p, "Seen", example->summary);
    words_owner(f->owner, &b);
    paper_labelled(p, "To act", taken(p, &b));
    paper_labelled(p, "Do", f->remedy);
    if (f->severity != SEVERITY_INFO && example != NULL && example->retest != NULL) {
        paper_spaces(p, 4);
        paper_paint(p, INK_FAINT, "Re-test");
        paper_spaces(p, 3);
        paper_command(p, 14, 14, paper_safe(p, example->retest));
    }
    if (f->severity == SEVERITY_ERROR)
        paper_labelled(p, "Sensor",
                       arena_printf(p->scratch, "shows this under \"%s\"",
                                    names_word(&sensor_class_names, (int)f->sensor_class)));
    buf_free(&b);
}

static void draw_counts(const struct paper *p, const char *label, const struct counts *c)
{
    const int64_t n[] = {c->pass, c->warn, c->fail, c->skip};
    int64_t known[4];

    for (int i = 0; i < 4; i++)
        known[i] = n[i] == INT_UNKNOWN ? 0 : n[i];
    paper_labelled(p, label,
                   arena_printf(p->scratch,
                                "%" PRId64 " passed, %" PRId64 " with a warning, %" PRId64
                                " failed, %" PRId64 " not tested",
                                known[0], known[1], known[2], known[3]));
}

static void draw_rest(const struct paper *p, const struct report *r)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    paper_line(p);
    draw_counts(p, "Required", r->summary->required);
    if (r->n_routes > 1)
        draw_counts(p, "All", r->summary->all);
    words_capture(r, &b);
    paper_labelled(p, "Packets", taken(p, &b));
    for (size_t i = 0; i < r->n_time_servers; i++) {
        words_time_server(r->time_servers[i], &b);
        paper_labelled(p, "Time", taken(p, &b));
    }
    for (size_t i = 0; i < r->run->n_notes; i++)
        paper_labelled(p, "Note", r->run->notes[i]);
    buf_free(&b);
}

/* What scrolled away is what the reader came for. */
static void draw_again(const struct paper *p, const struct report *r,
                       const struct finding *const *findings)
{
    struct buf b;

    buf_init(&b, BUF_LIMIT);
    paper_line(p);
    for (size_t i = 0; i < PAPER_WIDTH; i++)
        buf_str(p->out, p->style.utf8 ? "─" : "-");
    paper_line(p);
    draw_verdict(p, r);
    for (size_t i = 0; i < r->n_findings && findings[i]->severity == SEVERITY_ERROR; i++) {
        const char *head = arena_printf(p->scratch, "[%zu] ", i + 1);

        paper_spaces(p, VERDICT_AT);
        paper_paint(p, INK_BAD, head);
        buf_printf(&b, "%s: ", findings[i]->title == NULL ? "" : findings[i]->title);
        name_endpoints(r, findings[i], 3, &b);
        paper_paragraph(p, VERDICT_AT + strlen(head), VERDICT_AT + strlen(head), taken(p, &b));
    }
    buf_free(&b);
}

static size_t lines_in(const struct buf *b, size_t from)
{
    size_t n = 0;

    for (size_t i = from; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

void text_draw(const struct report *r, struct text_style style, struct buf *out)
{
    struct arena *scratch = arena_new();
    const struct paper p = {out, style, scratch};
    const struct finding **findings = words_findings(r, scratch);
    const size_t start = out->len;

    draw_verdict(&p, r);
    draw_context(&p, r);
    text_matrix(&p, r, findings);
    for (size_t i = 0; i < r->n_findings; i++)
        draw_finding(&p, r, findings[i], i + 1);
    text_checklist(&p, r);
    if (style.verbose)
        text_evidence(&p, r);
    draw_rest(&p, r);
    if (r->summary->verdict == VERDICT_FAIL && lines_in(out, start) > LONG_REPORT)
        draw_again(&p, r, findings);
    arena_free(scratch);
}

void text_draw_line(const struct report *r, struct text_style style, struct buf *out)
{
    struct arena *scratch = arena_new();
    const struct paper p = {out, style, scratch};
    const struct counts *c = r->summary->required;
    const int64_t us = r->run->duration_us;
    enum verdict v = r->summary->verdict;
    struct buf b;

    /* An unfinished run that found nothing wrong has not shown that all is well. */
    if (!r->run->complete && v != VERDICT_FAIL)
        v = VERDICT_SKIP;
    buf_init(&b, BUF_LIMIT);
    words_sentence(r, &b);
    for (size_t i = 0; i < b.len; i++) { /* a bar begins the performance data */
        if (b.data[i] == '|')
            b.data[i] = '/';
    }
    buf_printf(
        out, "HOPPROOF %s - %s | pass=%" PRId64 " warn=%" PRId64 " fail=%" PRId64 " skip=%" PRId64,
        words_state(v), paper_safe(&p, buf_text(&b)), c->pass == INT_UNKNOWN ? 0 : c->pass,
        c->warn == INT_UNKNOWN ? 0 : c->warn, c->fail == INT_UNKNOWN ? 0 : c->fail,
        c->skip == INT_UNKNOWN ? 0 : c->skip);
    if (us != INT_UNKNOWN)
        buf_printf(out, " time=%" PRId64 ".%03ds", us / 1000000, (int)(us / 1000 % 1000));
    buf_char(out, '\n');
    buf_free(&b);
    arena_free(scratch);
}
