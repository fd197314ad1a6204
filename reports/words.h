/*
 * words: how a report is put into words, the same ones in every format.
 *
 * Nothing here concludes anything: verdicts, causes and owners are the judge's. All texts are
 * appended to buffers raw (printable UTF-8 as in the report); escaping is the format's business.
 */
#ifndef HOPPROOF_REPORTS_WORDS_H
#define HOPPROOF_REPORTS_WORDS_H

#include "diag/model/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

/* "0.4 ms", "43 ms", "3.1 s", "2 min 5 s"; "?" when unknown. */
void words_duration(int64_t us, struct buf *to);

/* A place of the contract as a phrase: "at the sensor", "between sensor and hop1", "at hop1". */
void words_place(const char *at, struct buf *to);

/* An owner as those who must act: "the owner of proxy hop1", "the network team". */
void words_owner(const char *owner, struct buf *to);

/* PASS, WARN, FAIL, "not tested". */
const char *words_verdict(enum verdict v);

/* OK, WARNING, CRITICAL, UNKNOWN: the end of a check, as monitoring systems call it. */
const char *words_state(enum verdict v);

/* ERROR, WARNING, INFO. */
const char *words_severity(enum severity s);

/* A title in the middle of a sentence: "the proxy's policy denies the endpoint". */
void words_inside(const char *title, struct buf *to);

/*
 * The one sentence: what fails, where, who must act; or that all is well. `verdict` is what it
 * speaks of: the summary's, where results exist.
 */
void words_sentence(const struct report *r, struct buf *to);

/*
 * The headline finding of a report: the one that explains most of the required results that
 * decide the verdict; NULL when there is none.
 */
const struct finding *words_headline(const struct report *r);

/* Order in which findings are shown and numbered from 1: worst first, else as in the report. */
const struct finding **words_findings(const struct report *r, struct arena *a);

/* Order in which routes are shown: the required ones first. */
const struct route **words_routes(const struct report *r, struct arena *a);

/* For each result the number (from 1) of the finding that explains it; 0 for none. */
size_t *words_numbers(const struct report *r, const struct finding *const *findings,
                      struct arena *a);

/*
 * matrix[endpoint * n_routes + route], in the order of `routes`: the result's index plus 1; 0
 * where there is no result. The first result of a pair wins.
 */
size_t *words_matrix(const struct report *r, const struct route *const *routes, struct arena *a);

/* How many of the finding's results are required ones. */
size_t words_required(const struct report *r, const struct finding *f);

/* "ntp.example:123 says that the clock is 0.3 s fast (stratum 2)"; or what is wrong with it. */
void words_time_server(const struct time_server *t, struct buf *to);

/* Does a list of the checklist begin with this point? */
bool words_list_begins(const struct report *r, size_t point);

/* "Checklist of the method azure-proxy: 5 points hold, 1 does not, 4 cannot be seen from here". */
void words_list(const struct report *r, size_t point, struct buf *to);

/* What that list says for a sign-off: "For the sign-off: 1 needed point does not hold". */
void words_sign_off(const struct report *r, size_t point, struct buf *to);

/* "Step 2. What should hold: evidence", with "not seen from here" where that is so. */
void words_point(const struct point *p, struct buf *to);

/* "1 endpoint", "2 endpoints". */
void words_count(size_t n, const char *one, const char *many, struct buf *to);

/* Facts of a step's detail, one line each: "label: text". `add` is called with both. */
typedef void words_fact(void *context, const char *label, const char *text);
void words_facts(const struct step *s, words_fact *add, void *context);

/* What the far side itself said (status line, Via, alert, ICMP, response code), likewise. */
void words_far_side(const struct step *s, words_fact *add, void *context);

/* One flow in a line: "192.0.2.10:40112 > 203.0.113.1:443 tcp, 21 packets, ...". */
void words_flow(const struct flow *f, struct buf *to);

/* "1234 packets on eth0, none lost, kept in x.pcapng"; or why there are none. */
void words_capture(const struct report *r, struct buf *to);

#endif
