/* html_svg: the waterfall and the packet ladder as inline SVG; see html_parts.h. */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "reports/html_parts.h"
#include "reports/page.h"
#include "reports/paper.h"
#include "reports/words.h"

#include <inttypes.h>
#include <string.h>

/* All drawings are 700 units wide; numbers are whole units. */
enum {
    WIDTH = 700,
    BARS_AT = 210,
    BARS_END = 610,
    ROW = 24,
    STATIONS_AT = 110,
    STATIONS_END = 660,
    ARROW = 26,
    LABEL = 30,        /* columns of a label beside a bar */
    LADDER_FRAMES = 16 /* more is no ladder but a trace: that is the pcapng's business */
};

static void label(const struct html *h, const char *s, size_t columns)
{
    struct buf b;
    const struct paper p = {&b, {.utf8 = true}, h->scratch};
    size_t end;

    buf_init(&b, 1 << 16);
    paper_cell(&p, paper_safe(&p, s), columns);
    for (end = b.len; end > 0 && b.data[end - 1] == ' ';)
        b.data[--end] = 0;
    page_text(h->out, buf_text(&b));
    buf_free(&b);
}

/* A position on a line of `length` units; hostile times stay on the paper. */
static int scaled(int64_t us, int64_t from, int64_t span, int length)
{
    double share = span <= 0 ? 0 : ((double)us - (double)from) / (double)span;

    return share <= 0 ? 0 : share >= 1 ? length : (int)(share * length);
}

static bool is_timed(const struct step *s)
{
    return s->started_us != INT_UNKNOWN && s->duration_us != INT_UNKNOWN && s->duration_us >= 0;
}

static const struct flow *flow_of(const struct result *result, const struct step *s)
{
    return result->wire != NULL && s->flow != INT_UNKNOWN && s->flow >= 0 &&
                   (uint64_t)s->flow < result->wire->n_flows
               ? result->wire->flows[s->flow]
               : NULL;
}

/* From the first step's start to the last step's or packet's end. False without any time. */
static bool axis_of(const struct result *result, int64_t *from, int64_t *span)
{
    double first = 0, last = 0;
    bool any = false;

    for (size_t i = 0; i < result->n_steps; i++) {
        const struct step *s = result->steps[i];
        const struct flow *f = flow_of(result, s);
        double start, end;

        if (!is_timed(s))
            continue;
        start = (double)s->started_us;
        end = start + (double)s->duration_us;
        if (f != NULL && f->ended_us != INT_UNKNOWN && (double)f->ended_us > end)
            end = (double)f->ended_us;
        if (f != NULL && f->started_us != INT_UNKNOWN && (double)f->started_us < start)
            start = (double)f->started_us;
        first = !any || start < first ? start : first;
        last = !any || end > last ? end : last;
        any = true;
    }
    if (!any || last - first > 1e15)
        return false;
    *from = (int64_t)first;
    *span = last - first < 1 ? 1 : (int64_t)(last - first);
    return true;
}

static void spoken_steps(const struct html *h, const struct result *result)
{
    struct buf b;

    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < result->n_steps; i++) {
        const struct step *s = result->steps[i];

        buf_printf(&b, "%s%s ", i > 0 ? ", " : "", names_word(&step_kind_names, (int)s->step));
        words_duration(s->duration_us, &b);
        buf_printf(&b, " %s", words_verdict(s->verdict));
    }
    page_text(h->out, buf_text(&b));
    buf_free(&b);
}

static void wire_bar(const struct html *h, const struct flow *f, int64_t from, int64_t span, int y)
{
    int x, end;

    if (f == NULL || f->started_us == INT_UNKNOWN || f->ended_us == INT_UNKNOWN)
        return;
    x = BARS_AT + scaled(f->started_us, from, span, BARS_END - BARS_AT);
    end = BARS_AT + scaled(f->ended_us, from, span, BARS_END - BARS_AT);
    buf_printf(h->out, "<rect class=\"w\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"4\"/>", x, y,
               end - x < 2 ? 2 : end - x);
}

static void step_row(const struct html *h, const struct result *result, size_t i, int64_t from,
                     int64_t span, int y)
{
    const struct step *s = result->steps[i];
    const struct flow *f = flow_of(result, s);
    int x, width;
    struct buf b;

    buf_init(&b, 1 << 16);
    buf_printf(&b, "%s%s %s", s->experiment == EXPERIMENT_NONE ? "" : "~ ",
               names_word(&step_kind_names, (int)s->step), s->leg == NULL ? "" : s->leg);
    buf_printf(h->out, "<text x=\"0\" y=\"%d\">", y + 11);
    label(h, buf_text(&b), LABEL);
    buf_str(h->out, "</text>");
    buf_clear(&b);
    if (is_timed(s)) {
        x = BARS_AT + scaled(s->started_us, from, span, BARS_END - BARS_AT);
        width = scaled(s->duration_us, 0, span, BARS_END - x);
        width = width < 2 ? 2 : width;
        words_duration(s->duration_us, &b);
        buf_printf(h->out,
                   "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"9\"/>"
                   "<text x=\"%d\" y=\"%d\">%s%s</text>",
                   page_class(s->verdict), x, y + 3, width, x + width + 4, y + 11, buf_text(&b),
                   s->verdict == VERDICT_FAIL   ? " ✗"
                   : s->verdict == VERDICT_WARN ? " !"
                                                : "");
    } else {
        buf_printf(h->out, "<text class=\"z\" x=\"%d\" y=\"%d\">not tested</text>", BARS_AT,
                   y + 11);
    }
    /* One bar a flow, under the step that opened it. */
    if (f != NULL && (i == 0 || flow_of(result, result->steps[i - 1]) != f))
        wire_bar(h, f, from, span, y + 14);
    buf_free(&b);
}

void html_waterfall(const struct html *h, const struct result *result)
{
    const int height = (int)(result->n_steps < 200 ? result->n_steps : 200) * ROW + 18;
    int64_t from, span;
    struct buf b;

    if (!axis_of(result, &from, &span))
        return;
    buf_printf(h->out,
               "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Waterfall: ", WIDTH,
               height);
    spoken_steps(h, result);
    buf_printf(h->out, "\"><path class=\"a\" d=\"M%d 0V%dM%d 0V%d\"/>", BARS_AT, height - 16,
               BARS_END, height - 16);
    for (size_t i = 0; i < result->n_steps && i < 200; i++)
        step_row(h, result, i, from, span, (int)i * ROW);
    buf_init(&b, 64);
    words_duration(span, &b);
    buf_printf(
        h->out,
        "<text class=\"z\" x=\"%d\" y=\"%d\">0</text><text class=\"z\" x=\"%d\" y=\"%d\">%s</text>"
        "</svg><figcaption>Thick: the socket's time. Thin: the packets' time on the same "
        "axis.</figcaption></figure>",
        BARS_AT, height - 4, BARS_END, height - 4, buf_text(&b));
    buf_free(&b);
}

/* --- the ladder --- */

/* Which station the far end of a flow is: the first hop of the route, or the endpoint. */
static size_t far_station(const struct result *result)
{
    return result->n_legs > 0 ? 1 : 0;
}

static int station_x(const struct result *result, size_t station)
{
    return STATIONS_AT + (int)((STATIONS_END - STATIONS_AT) * (int)station /
                               (int)(result->n_legs < 1 ? 1 : result->n_legs));
}

static void arrow(const struct html *h, const struct result *result, const struct frame *f, int y)
{
    const int near = station_x(result, 0), far = station_x(result, far_station(result));
    const bool down = f->from == NULL || strcmp(f->from, "src") == 0;
    const bool router = !down && strcmp(f->from, "dst") != 0;
    const int middle = (near + far) / 2;
    const int start = down ? near : router ? middle : far;
    const int end = !down ? near : f->lost ? middle : far;
    const int tip = end > start ? -6 : 6;
    struct buf b;

    buf_init(&b, 1 << 16);
    if (f->number != INT_UNKNOWN)
        buf_printf(&b, "#%" PRId64, f->number);
    if (f->last != INT_UNKNOWN && f->last != f->number)
        buf_printf(&b, "-%" PRId64, f->last);
    buf_printf(h->out, "<text class=\"z\" x=\"0\" y=\"%d\">%s ", y + 3, buf_text(&b));
    buf_clear(&b);
    words_duration(f->at_us, &b);
    buf_printf(h->out, "%s</text><path class=\"%s\" d=\"M%d %dH%dl%d -4m%d 4l%d 4\"/>",
               buf_text(&b), f->lost ? "l" : "d", start, y, end, tip, -tip, tip);
    if (f->lost)
        buf_printf(h->out, "<text class=\"fail\" x=\"%d\" y=\"%d\">✗ lost</text>", end + 4, y + 4);
    buf_clear(&b);
    buf_str(&b, f->what == NULL ? "data" : f->what);
    if (f->times != INT_UNKNOWN && f->times > 1)
        buf_printf(&b, ", %" PRId64 " times", f->times);
    if (f->len != INT_UNKNOWN && f->len > 0)
        buf_printf(&b, ", %" PRId64 " octet%s", f->len, f->len == 1 ? "" : "s");
    if (router)
        buf_printf(&b, " from %s", f->from);
    buf_printf(h->out, "<text x=\"%d\" y=\"%d\">", near + 8, y - 4);
    label(h, buf_text(&b), far - near > 300 ? 80 : 44);
    buf_str(h->out, "</text>");
    buf_free(&b);
}

static void stations(const struct html *h, const struct result *result, int height)
{
    for (size_t i = 0; i <= result->n_legs && i < 8; i++) {
        const struct leg *leg = result->legs[i == 0 ? 0 : i - 1];
        const int x = station_x(result, i);

        buf_printf(
            h->out,
            "<path class=\"a\" d=\"M%d 16V%d\"/><text x=\"%d\" y=\"11\" text-anchor=\"middle\">", x,
            height - 6, x);
        label(h, i == 0 ? leg->from : leg->to, 18);
        buf_str(h->out, "</text>");
    }
}

static void spoken_frames(const struct html *h, const struct flow *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_str(h->out, i > 0 ? "; " : "");
        page_text(h->out, f->ladder[i]->from);
        buf_str(h->out, ": ");
        page_text(h->out, f->ladder[i]->what);
        buf_str(h->out, f->ladder[i]->lost ? ", lost" : "");
    }
}

static bool draw_ladder(const struct html *h, const struct result *result, const struct flow *f)
{
    const size_t n = f->n_ladder < LADDER_FRAMES ? f->n_ladder : LADDER_FRAMES;
    const int height = (int)n * ARROW + 36;

    if (n == 0 || result->n_legs == 0 || result->n_legs > 7)
        return false;
    buf_printf(h->out,
               "<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Packets: ", WIDTH,
               height);
    spoken_frames(h, f, n);
    buf_str(h->out, "\">");
    stations(h, result, height);
    for (size_t i = 0; i < n; i++)
        arrow(h, result, f->ladder[i], 42 + (int)i * ARROW);
    buf_str(h->out, "</svg><figcaption>");
    if (f->n_ladder > n)
        buf_printf(h->out, "The first %zu of %zu decisive frames. ", n, f->n_ladder);
    buf_str(h->out, "Frame numbers are those of ");
    page_text(h->out, h->r->capture->file == NULL ? "the recording" : h->r->capture->file);
    buf_str(h->out, "; dashed: never acknowledged.</figcaption></figure>");
    return true;
}

bool html_ladder(const struct html *h, const struct result *result)
{
    bool any = false;

    for (size_t i = 0; result->wire != NULL && i < result->wire->n_flows; i++)
        any = draw_ladder(h, result, result->wire->flows[i]) || any;
    return any;
}
