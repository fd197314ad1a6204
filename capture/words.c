/* words: see words.h. */
#include "capture/words.h"

#include "capture/siphash.h"
#include "diag/base/arena.h"

#include <string.h>

void words_init(struct words *w, struct arena *arena, const uint64_t secret[2])
{
    *w = (struct words){.arena = arena, .secret = {secret[0], secret[1]}};
}

const char *words_keep(struct words *w, const void *text, size_t len)
{
    struct word *word = &w->places[siphash(w->secret, text, len) % WORDS_PLACES];

    if (word->text == NULL || word->len != len || memcmp(word->text, text, len) != 0)
        *word = (struct word){arena_strndup(w->arena, text, len), len};
    return word->text;
}

const char *words_keep_string(struct words *w, const char *text)
{
    return text == NULL ? NULL : words_keep(w, text, strlen(text));
}
