/*
 * golden_draw: one report file in one format on standard output, for the golden tests.
 *
 *   golden_draw FORMAT REPORT.json
 *
 * FORMAT: normal (JSON with every key), text, verbose, ascii, color, line, html.
 */
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int draw(const char *format, const struct report *r, struct buf *out)
{
    struct text_style style = {.utf8 = true};

    if (strcmp(format, "normal") == 0)
        return json_write_buf(r, out);
    style.verbose = strcmp(format, "verbose") == 0;
    style.color = strcmp(format, "color") == 0;
    style.utf8 = strcmp(format, "ascii") != 0;
    if (strcmp(format, "line") == 0)
        text_draw_line(r, style, out);
    else if (strcmp(format, "html") == 0)
        html_draw(r, out);
    else
        text_draw(r, style, out);
    return 0;
}

int main(int argc, char **argv)
{
    struct report *r = NULL;
    struct fault f;
    struct buf out;
    int bad;

    if (argc != 3) {
        fputs("usage: golden_draw FORMAT REPORT.json\n", stderr);
        return 2;
    }
    if (json_read(argv[2], &r, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        return 2;
    }
    buf_init(&out, (size_t)1 << 30);
    bad = draw(argv[1], r, &out) != 0 || out.overflow ||
          fwrite(buf_text(&out), 1, out.len, stdout) != out.len || fflush(stdout) != 0;
    buf_free(&out);
    report_free(r);
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
