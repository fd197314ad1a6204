/*
 * bundle: everything for a ticket in one ZIP file.
 *
 * report.json, report.html, report.txt, whatever files the caller adds, and manifest.json, which
 * lists each with its size and SHA-256, and what was left out and why.
 */
#ifndef HOPPROOF_REPORTS_BUNDLE_H
#define HOPPROOF_REPORTS_BUNDLE_H

#include "diag/model/report.h"

#include <stddef.h>
#include <stdio.h>

/* One more file; `data` NULL: left out, for the reason in `why`. */
struct bundle_file {
    const char *name;
    const void *data;
    size_t len;
    const char *why;
};

/*
 * The bundle on `out`. The same report and files give the same bytes: times in it are those of
 * the run. 0, or -1 with errno.
 */
int bundle_write(const struct report *r, const struct bundle_file *files, size_t n, FILE *out);

#endif
