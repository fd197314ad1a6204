/*
 * names: an enum and the words that the report uses for it, in one table.
 *
 * Each table is expanded from a .def file or an X-macro, so that the enum, the JSON Schema and
 * the documentation cannot disagree.
 */
#ifndef HOPPROOF_MODEL_NAMES_H
#define HOPPROOF_MODEL_NAMES_H

#include <stddef.h>

struct names {
    const char *type;         /* what it is, for messages and the schema: "verdict" */
    const char *const *words; /* words[value]; NULL stands for "null" in JSON */
    size_t n;
};

/* The word of a value; NULL when the value is out of range or has no word. */
const char *names_word(const struct names *names, int value);

/* The value of a word; -1 when there is none. A NULL word finds the value that has none. */
int names_value(const struct names *names, const char *word);

#endif
