/* method: see method.h. */
#include "diag/model/method.h"

#include <string.h>

enum { FINE = false, UNWANTED = true, ON_SITE = false, IN_AZURE = true };

static const struct method_info methods[] = {
#define METHOD(name, word, through, proxy, direct, place, profile)                                 \
    {METHOD_##name, word, through, METHOD_PROXY_##proxy, direct, place, profile},
#include "diag/model/method.def"
#undef METHOD
};

static const char *const words[] = {
#define METHOD(name, word, ...) word,
#include "diag/model/method.def"
#undef METHOD
};
const struct names method_names = {"method", words, METHOD_COUNT};

const struct method_info *method_find(const char *word)
{
    for (size_t i = 0; word != NULL && i < METHOD_COUNT; i++) {
        if (strcmp(methods[i].word, word) == 0)
            return &methods[i];
    }
    return NULL;
}
