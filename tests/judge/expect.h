/*
 * expect: one case of the judge: a report without conclusions, and the conclusions expected.
 *
 *   {"story": "what happened", "report": {...}, "expect": {
 *     "verdict": "fail",
 *     "results": ["fail tcp-refused at sensor>endpoint", "pass"],
 *     "findings": ["error tcp-refused at sensor>endpoint by network: 0 2"],
 *     "hops": ["pass", "skip, from the one before: fail proxy-upstream-failed at hop1>hop2"],
 *     "legs": ["fail", "pass"],
 *     "says": ["0: 10.0.0.1:443"],
 *     "unsaid": ["finding 0: balancer"],
 *     "checklist": {"route": "met"},
 *     "shows": ["route: 4 of 4 endpoints"],
 *     "wishes": ["0 repeat", "0 other-name www.example.com"],
 *     "resigner": [null, "Company CA"]}}
 *
 * What "expect" does not name is not compared; "findings" and "wishes" are compared as a whole.
 */
#ifndef HOPPROOF_TESTS_JUDGE_EXPECT_H
#define HOPPROOF_TESTS_JUDGE_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

struct case_file;

/* NULL when the file is none; the reason went to standard error. */
struct case_file *case_read(const char *path);
void case_free(struct case_file *c);
const char *case_path(const struct case_file *c);

/* Judge the report and compare; differences go to standard output unless `quiet`. */
bool case_holds(const struct case_file *c, bool quiet);

/* Does the case expect this cause in a result or a finding? */
bool case_expects(const struct case_file *c, const char *code);

#endif
