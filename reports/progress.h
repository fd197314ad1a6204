/*
 * progress: what a run is doing, while it does it.
 *
 * On a terminal one line that is rewritten, at most ten times a second, and gone at the end. On
 * anything else a plain line for each result and phase; the caller makes a progress there only
 * when the user asked for --verbose. All functions take NULL and then do nothing.
 */
#ifndef HOPPROOF_REPORTS_PROGRESS_H
#define HOPPROOF_REPORTS_PROGRESS_H

#include "diag/model/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct progress;

/* `total` results are to come (0: not known). NULL without memory: a run goes on without. */
struct progress *progress_new(FILE *out, size_t total, bool tty);

/* A result is finished; its verdict may not be judged yet (then it counts as done only). */
void progress_done(struct progress *p, const struct result *result);

/* What happens now: "resolving names", "reading packets". */
void progress_phase(struct progress *p, const char *text);

/* Take the line away (terminal) and free. */
void progress_free(struct progress *p);

#endif
