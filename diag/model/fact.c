/* fact: see fact.h. */
#include "diag/model/fact.h"

static const char *const words[] = {
#define FACT(name, word, question) word,
#include "diag/model/fact.def"
#undef FACT
};
const struct names fact_names = {"fact", words, FACT_COUNT};

const char *const fact_questions[FACT_COUNT] = {
#define FACT(name, word, question) question,
#include "diag/model/fact.def"
#undef FACT
};
