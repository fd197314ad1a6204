/* advice: see advice.h; the rules are in advice.def. */
#include "diag/advice.h"

#include <stddef.h>
#include <string.h>

#define HAS(fact) (1U << FACT_##fact)
#define NOTHING   0U

const struct advice_rule advice_rules[] = {
#define RULE(method, way, all, any, none, reason) {METHOD_##method, way, all, any, none, reason},
#include "diag/advice.def"
#undef RULE
};
const size_t n_advice_rules = sizeof advice_rules / sizeof advice_rules[0];

static const struct advice_rule conflicts[] = {
#define RULE(method, way, all, any, none, reason)
#define CONFLICT(all, any, none, words) {METHOD_COUNT, NULL, all, any, none, words},
#include "diag/advice.def"
#undef RULE
};

/* The facts of a set that have this value. */
static unsigned those(unsigned set, const enum tri facts[FACT_COUNT], enum tri value)
{
    unsigned found = 0;

    for (int i = 0; i < FACT_COUNT; i++) {
        if (facts[i] == value)
            found |= set & (1U << i);
    }
    return found;
}

static enum fact first_of(unsigned set)
{
    int i = 0;

    while ((set & (1U << i)) == 0)
        i++;
    return (enum fact)i;
}

enum tri advice_fits(const struct advice_rule *rule, const enum tri facts[FACT_COUNT],
                     enum fact *missing)
{
    unsigned unknown = those(rule->all, facts, TRI_UNKNOWN);

    if (those(rule->all, facts, TRI_NO) != 0 || those(rule->none, facts, TRI_YES) != 0 ||
        (rule->any != 0 && those(rule->any, facts, TRI_NO) == rule->any))
        return TRI_NO;
    if (unknown == 0)
        unknown = those(rule->none, facts, TRI_UNKNOWN);
    if (unknown == 0 && those(rule->any, facts, TRI_YES) == 0)
        unknown = those(rule->any, facts, TRI_UNKNOWN);
    if (unknown == 0)
        return TRI_YES;
    *missing = first_of(unknown);
    return TRI_UNKNOWN;
}

const struct advice_rule *advice_find(const enum tri facts[FACT_COUNT], enum fact *missing)
{
    for (size_t i = 0; i < n_advice_rules; i++) {
        switch (advice_fits(&advice_rules[i], facts, missing)) {
        case TRI_YES:
            return &advice_rules[i];
        case TRI_UNKNOWN:
            return NULL;
        case TRI_NO:
            break;
        }
    }
    return NULL; /* not reached: the last rule fits where none before it does */
}

unsigned advice_looks_at(const struct advice_rule *rule, const enum tri facts[FACT_COUNT])
{
    unsigned set = rule->all | rule->any | rule->none;

    return set & ~those(set, facts, TRI_UNKNOWN);
}

unsigned advice_open(const enum tri facts[FACT_COUNT])
{
    enum tri answered[FACT_COUNT];
    enum fact missing;
    unsigned set;

    if (advice_find(facts, &missing) != NULL)
        return 0;
    set = 1U << missing;
    memcpy(answered, facts, sizeof answered);
    for (int i = 0; i < 2; i++) { /* ends: one fact less is unknown each time */
        answered[missing] = i == 0 ? TRI_YES : TRI_NO;
        set |= advice_open(answered);
    }
    return set;
}

const struct advice_rule *advice_conflict(const enum tri facts[FACT_COUNT], size_t *next)
{
    enum fact missing;

    while (*next < sizeof conflicts / sizeof conflicts[0]) {
        const struct advice_rule *rule = &conflicts[(*next)++];

        if (advice_fits(rule, facts, &missing) == TRI_YES)
            return rule;
    }
    return NULL;
}
