/* text_parts: the larger parts of the terminal report; see text.h. */
#ifndef HOPPROOF_REPORTS_TEXT_PARTS_H
#define HOPPROOF_REPORTS_TEXT_PARTS_H

#include "reports/paper.h"

/* Endpoint by route, each cell with its verdict and the number of the finding that explains it. */
void text_matrix(const struct paper *p, const struct report *r,
                 const struct finding *const *findings);

/* Every step of every result: times, addresses, what the far side said, what the wire shows. */
void text_evidence(const struct paper *p, const struct report *r);

/* The points of the checklist, list by list. */
void text_checklist(const struct paper *p, const struct report *r);

#endif
