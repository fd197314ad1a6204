/* names: see names.h. */
#include "diag/model/names.h"

#include <string.h>

const char *names_word(const struct names *names, int value)
{
    return value >= 0 && (size_t)value < names->n ? names->words[value] : NULL;
}

int names_value(const struct names *names, const char *word)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *w = names->words[i];

        if (w == word || (w != NULL && word != NULL && strcmp(w, word) == 0))
            return (int)i;
    }
    return -1;
}
