/* formats: see formats.h. */
#include "reports/formats.h"

#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/prometheus.h"
#include "reports/save.h"

#include <string.h>

/* What is small is drawn in memory; only JSON is written in pieces. */
static int put(struct buf *b, FILE *out)
{
    int result = save_buf(b, out);

    buf_free(b);
    return result;
}

static const size_t most = (size_t)1 << 30;

static int draw_json(const struct report *r, const struct format_needs *needs, FILE *out)
{
    (void)needs;
    return json_write(r, out);
}

/* A format that is drawn into a buffer. */
#define DRAWN(name, call)                                                                          \
    static int draw_##name(const struct report *r, const struct format_needs *needs, FILE *out)    \
    {                                                                                              \
        struct buf b;                                                                              \
                                                                                                   \
        (void)needs;                                                                               \
        buf_init(&b, most);                                                                        \
        call;                                                                                      \
        return put(&b, out);                                                                       \
    }
DRAWN(text, text_draw(r, needs->style, &b))
DRAWN(line, text_draw_line(r, needs->style, &b))
DRAWN(html, html_draw(r, &b))
DRAWN(junit, junit_draw(r, &b))
DRAWN(prometheus, prometheus_draw(r, &b))

static const struct format formats[] = {
    {"text", NULL, draw_text, "the report for a terminal"},
    {"line", "--quiet", draw_line, "the verdict in one line, as a Nagios plugin prints it"},
    {"json", "--json", draw_json, "everything, for programs"},
    {"html", "--html", draw_html, "one self-contained page"},
    {"junit", "--junit", draw_junit, "JUnit XML, an endpoint a suite and a route a case"},
    {"prometheus", "--prometheus", draw_prometheus, "for node_exporter's textfile collector"},
};

const struct format *format_at(size_t i)
{
    return i < sizeof formats / sizeof formats[0] ? &formats[i] : NULL;
}

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}

struct drawing {
    const struct report *report;
    const struct format *format;
    const struct format_needs *needs;
};

static int draw(void *context, FILE *out)
{
    const struct drawing *d = context;

    return d->format->draw(d->report, d->needs, out);
}

int formats_write(const struct report *r, const struct output *outputs, size_t n,
                  const struct format_needs *needs, FILE *complaints)
{
    int result = 0;

    for (size_t i = 0; i < n; i++) {
        struct drawing d = {r, outputs[i].format, needs};
        struct fault f;

        if (save(outputs[i].path, draw, &d, &f) == 0)
            continue;
        fprintf(complaints, "hopproof: %s\n", f.text);
        result = -1;
    }
    return result;
}
