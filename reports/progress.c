/* progress: see progress.h. */
#include "reports/progress.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "reports/paper.h"
#include "reports/words.h"

#include <stdlib.h>
#include <string.h>

enum { BAR = 20, MIN_INTERVAL_US = 100000, PHASE_MAX = 64 };

struct progress {
    FILE *out;
    size_t total, done, failed;
    bool tty, shown;
    int64_t drawn_us; /* when the line was drawn last */
    struct text_style style;
    char phase[PHASE_MAX];
};

struct progress *progress_new(FILE *out, size_t total, bool tty)
{
    struct progress *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->out = out;
    p->total = total;
    p->tty = tty;
    p->style = text_style_of(out, true, false);
    return p;
}

/* "[#####...............] 12/48, 2 failed  reading packets", never wider than the terminal. */
static void draw_line(struct progress *p, bool now)
{
    const int64_t time = clock_monotonic_us();
    struct arena *scratch;
    struct buf line;

    if (!now && p->shown && time - p->drawn_us < MIN_INTERVAL_US)
        return;
    buf_init(&line, 1024);
    scratch = arena_new();
    buf_char(&line, '[');
    for (size_t i = 0; i < BAR; i++)
        buf_char(&line, p->total > 0 && p->done * BAR >= (i + 1) * p->total ? '#' : '.');
    buf_printf(&line, "] %zu", p->done);
    if (p->total > 0)
        buf_printf(&line, "/%zu", p->total);
    if (p->failed > 0)
        buf_printf(&line, ", %zu failed", p->failed);
    fputc('\r', p->out);
    fputs(buf_text(&line), p->out);
    if (p->phase[0] != '\0' && line.len + 4 < PAPER_WIDTH) {
        struct buf phase;
        const struct paper paper = {&phase, p->style, scratch};

        buf_init(&phase, 1024);
        paper_cell(&paper, paper_safe(&paper, p->phase), PAPER_WIDTH - 3 - line.len);
        fprintf(p->out, "  %s", buf_text(&phase));
        buf_free(&phase);
    }
    fputs("\x1b[K", p->out);
    fflush(p->out);
    p->shown = true;
    p->drawn_us = time;
    arena_free(scratch);
    buf_free(&line);
}

/* A line of its own, whatever is in the text. */
static void plain_text(const struct progress *p, const char *text)
{
    struct arena *scratch = arena_new();
    const struct paper paper = {NULL, p->style, scratch};

    fprintf(p->out, "%s\n", paper_safe(&paper, text));
    arena_free(scratch);
}

static void plain_result(const struct progress *p, const struct result *result)
{
    struct arena *scratch = arena_new();
    struct buf line;
    const struct paper paper = {&line, p->style, scratch};
    const char *cause = names_word(&cause_names, (int)result->cause);

    buf_init(&line, 1 << 16);
    buf_printf(&line, "%zu", p->done);
    if (p->total > 0)
        buf_printf(&line, "/%zu", p->total);
    buf_printf(&line, " %s over %s", paper_safe(&paper, result->endpoint),
               paper_safe(&paper, result->route));
    if (result->verdict != VERDICT_SKIP)
        buf_printf(&line, ": %s", words_verdict(result->verdict));
    if (cause != NULL)
        buf_printf(&line, " %s", cause);
    fprintf(p->out, "%s\n", buf_text(&line));
    buf_free(&line);
    arena_free(scratch);
}

void progress_done(struct progress *p, const struct result *result)
{
    if (p == NULL)
        return;
    p->done++;
    p->failed += result->verdict == VERDICT_FAIL && result->required;
    if (p->tty)
        draw_line(p, false);
    else
        plain_result(p, result);
}

void progress_phase(struct progress *p, const char *text)
{
    if (p == NULL)
        return;
    snprintf(p->phase, sizeof p->phase, "%s", text);
    if (p->tty)
        draw_line(p, true);
    else
        plain_text(p, text);
}

void progress_free(struct progress *p)
{
    if (p == NULL)
        return;
    if (p->tty && p->shown) {
        fputs("\r\x1b[K", p->out);
        fflush(p->out);
    }
    free(p);
}
