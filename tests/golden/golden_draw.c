/*
 * golden_draw: one report file in one format on standard output, for the golden tests.
 *
 *   golden_draw FORMAT REPORT.json
 *
 * FORMAT: one of formats.c, or verbose, ascii, color for the variants of text.
 */
#include "diag/base/fault.h"
#include "reports/formats.h"
#include "reports/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int draw(const char *name, const struct report *r)
{
    struct format_needs needs = {.style = {.utf8 = true}};
    const struct format *format;

    needs.style.verbose = strcmp(name, "verbose") == 0;
    needs.style.color = strcmp(name, "color") == 0;
    needs.style.utf8 = strcmp(name, "ascii") != 0;
    if (needs.style.verbose || needs.style.color || !needs.style.utf8)
        name = "text";
    format = format_find(name);
    if (format == NULL) {
        fprintf(stderr, "golden_draw: no format \"%s\"\n", name);
        return -1;
    }
    return format->draw(r, &needs, stdout);
}

int main(int argc, char **argv)
{
    struct report *r = NULL;
    struct fault f;
    int bad;

    if (argc != 3) {
        fputs("usage: golden_draw FORMAT REPORT.json\n", stderr);
        return 2;
    }
    if (json_read(argv[2], &r, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        return 2;
    }
    bad = draw(argv[1], r) != 0 || fflush(stdout) != 0;
    report_free(r);
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
