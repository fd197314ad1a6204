/* judge: the order of work; see judge.h. */
#include "diag/judge/judge.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

static void judge(struct judge *j, struct report *r)
{
    judge_collect(j, r);
    trace_learn(j);
    speaker_learn(j);
    clock_learn(j);
    dns_learn(j);
    portal_learn(j);
    misled_learn(j);
    intercept_learn(j);
    for (size_t i = 0; i < r->n_results; i++)
        cell_judge_steps(&j->cells[i]);
    crowd_learn(j);
    family_learn(j);
    for (size_t i = 0; i < r->n_results; i++)
        cell_conclude(&j->cells[i]);
    judge_across(j);
}

void judge_report(struct report *r)
{
    struct judge j;

    judge(&j, r);
    for (size_t i = 0; i < r->n_results; i++) {
        if (r->results[i]->verdict == VERDICT_PASS || r->results[i]->verdict == VERDICT_WARN)
            j.paths[j.cells[i].path - j.paths].passed++;
    }
    hops_conclude(&j);
    method_conclude(&j);
    wire_conclude(&j);
    ntp_conclude(&j);
    dns_find_shared_answers(&j);
    boxes_find(&j);
    for (size_t i = 0; i < r->n_results; i++)
        cell_write(&j.cells[i]);
    findings_conclude(&j);
    checklist_conclude(&j);
}

size_t judge_wishes(struct report *r, struct wish **out)
{
    struct judge j;

    judge(&j, r);
    return wishes_of(&j, out);
}
