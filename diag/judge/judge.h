/*
 * judge: from outcomes to causes. The only part that has an opinion.
 *
 * Works on the report alone (no library, no I/O, no clock), so that a case file with a report in
 * JSON is a complete test of it.
 */
#ifndef HOPPROOF_JUDGE_JUDGE_H
#define HOPPROOF_JUDGE_JUDGE_H

#include "diag/model/report.h"

#include <stddef.h>

/* One control experiment that would tell remaining causes apart. */
struct wish {
    struct result *result;
    const struct step
        *after; /* the step, mostly failed, whose address (and route) is to be used again */
    enum experiment what;
    const char *name; /* OTHER_NAME: a server name that is known to pass here; NULL: the prober's */
    const struct question *question; /* OTHER_PATH: what to ask for */
    const char *to; /* OTHER_RESOLVER: the address to connect to, BY_ADDRESS: to have a tunnel to,
                     * without port; else NULL */
};

/*
 * The smallest set of further experiments worth making, given the steps so far. May be called
 * again with their steps added (each with its `experiment` set): an experiment that was made is
 * never wished again, so the rounds end. The array is in the report's arena; the number is
 * returned, 0 when nothing failed or nothing more would help.
 */
size_t judge_wishes(struct report *r, struct wish **out);

/*
 * Fill in everything that is a conclusion: verdict, cause and `at` of each step and result, legs,
 * summaries, remedies, evidence, hops' reachability, findings and summary. Reads only outcomes,
 * details and `wire`; may be called again after more facts came in, and then judges anew.
 */
void judge_report(struct report *r);

#endif
