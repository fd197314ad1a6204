/*
 * advice: which connection method fits what is known of a site: the vendor's decision, with its
 * reason. Pure: facts in, a rule of advice.def out.
 */
#ifndef HOPPROOF_ADVICE_H
#define HOPPROOF_ADVICE_H

#include "diag/model/fact.h"
#include "diag/model/method.h"
#include "diag/model/report.h"

struct advice_rule {
    enum method method;
    const char *way;         /* NULL: the method has one */
    unsigned all, any, none; /* sets of facts: 1U << FACT_ */
    const char *reason;
};

extern const struct advice_rule advice_rules[];
extern const size_t n_advice_rules;

/*
 * The rule that decides. NULL when a fact is missing, which *missing then names: the one to ask for
 * next. Facts that cannot change the decision are never missing.
 */
const struct advice_rule *advice_find(const enum tri facts[FACT_COUNT], enum fact *missing);

/* Does a rule fit by itself? Unknown: *missing says what would tell. */
enum tri advice_fits(const struct advice_rule *rule, const enum tri facts[FACT_COUNT],
                     enum fact *missing);

/* The unknown facts that may still be asked for before a rule decides: bits 1U << FACT_. */
unsigned advice_open(const enum tri facts[FACT_COUNT]);

/*
 * Facts that contradict each other: begin with *next = 0, and go on until NULL. The rule's reason
 * is what to say of them; its method is none.
 */
const struct advice_rule *advice_conflict(const enum tri facts[FACT_COUNT], size_t *next);

/* The known facts that a rule looks at: bits 1U << FACT_. */
unsigned advice_looks_at(const struct advice_rule *rule, const enum tri facts[FACT_COUNT]);

#endif
