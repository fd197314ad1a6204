/*
 * formats: the table of output formats, and how an output gets where the user wants it.
 *
 * A new format is one file with a drawing function and one row in formats.c.
 */
#ifndef HOPPROOF_REPORTS_FORMATS_H
#define HOPPROOF_REPORTS_FORMATS_H

#include "diag/model/report.h"
#include "reports/text.h"

#include <stdio.h>

/* What some formats need besides the report. */
struct format_needs {
    struct text_style style; /* text and line */
};

struct format {
    const char *name;   /* "json" */
    const char *option; /* that asks for it; NULL: the terminal's own */
    /* Draw on `out`; 0, or -1 with errno when writing failed. */
    int (*draw)(const struct report *r, const struct format_needs *needs, FILE *out);
    const char *what; /* for messages and the manual */
};

/* NULL when there is none of that name. */
const struct format *format_find(const char *name);

/* All of them; NULL behind the last. */
const struct format *format_at(size_t i);

/* One output that was asked for; "-" is standard output. */
struct output {
    const struct format *format;
    const char *path;
};

/*
 * Write all outputs. Each is complete or, as far as the file goes, not there: files are written
 * under a temporary name in the same folder and renamed. A failure of one (full disk, closed
 * pipe) is told on `complaints` in one line and does not keep the others from being written.
 * Returns 0, or -1 when any failed.
 */
int formats_write(const struct report *r, const struct output *outputs, size_t n,
                  const struct format_needs *needs, FILE *complaints);

#endif
