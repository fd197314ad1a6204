/*
 * fact: what a site's owner knows about it, expanded from fact.def.
 */
#ifndef HOPPROOF_MODEL_FACT_H
#define HOPPROOF_MODEL_FACT_H

#include "diag/model/names.h"

enum fact {
#define FACT(name, ...) FACT_##name,
#include "diag/model/fact.def"
#undef FACT
    FACT_COUNT
};

extern const struct names fact_names;
extern const char *const fact_questions[FACT_COUNT];

#endif
