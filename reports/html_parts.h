/* html_parts: the sections of the report's page; see html.h. */
#ifndef HOPPROOF_REPORTS_HTML_PARTS_H
#define HOPPROOF_REPORTS_HTML_PARTS_H

#include "diag/model/report.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

/* How much is left out so that the page stays small; each level includes those before. */
enum html_cut { CUT_NOTHING, CUT_LADDERS, CUT_PASSING, CUT_ROWS, CUT_LEVELS };

struct html {
    struct buf *out;
    const struct report *r;
    struct arena *scratch;
    enum html_cut cut;
    const struct route **routes;     /* words_routes */
    const struct finding **findings; /* words_findings */
    const size_t *matrix;            /* words_matrix */
    const size_t *numbers;           /* words_numbers */
};

void html_matrix(const struct html *h);
void html_findings(const struct html *h);
void html_results(const struct html *h);
void html_checklist(const struct html *h);

/* Is there a block for this result on the page, to be linked to? */
bool html_has_result(const struct html *h, size_t result);

/* What a verdict rests on, and what was ruled out, as a list; `heading` is markup of ours. */
void html_reasons(const struct html *h, const char *heading, const struct result *result);

/* Legs as a strip: a line for each, with a word in it where it is not a pass. */
void html_strip(const struct html *h, const struct result *result, bool named);

/* Socket time and wire time of each step on one axis, as SVG. */
void html_waterfall(const struct html *h, const struct result *result);

/* The decisive frames between the stations, as SVG; false where nothing was captured. */
bool html_ladder(const struct html *h, const struct result *result);

/* Socket says yes, wire says no: the loudest state that a cell can have. */
bool html_disagrees(const struct result *result);

/* The certificates of a TLS step. */
void html_chain(const struct html *h, size_t result, const struct step *s);

#endif
