/* dict: texts to texts, in the order in which they came; case of ASCII letters does not count. */
#ifndef HOPPROOF_REPORTS_DICT_H
#define HOPPROOF_REPORTS_DICT_H

#include <stddef.h>

struct arena;

struct dict_entry {
    const char *from, *to;
};

struct dict {
    struct arena *arena; /* of the texts and of the tables */
    struct dict_entry *entries;
    size_t n;
    size_t *slots; /* index plus 1 into entries, open addressing; n_slots is a power of two */
    size_t n_slots;
};

/* Empty; everything comes from the arena. */
void dict_init(struct dict *d, struct arena *arena);

/* NULL when there is none. The text need not end with a NUL. */
const char *dict_get(const struct dict *d, const char *from, size_t len);

/* A new pair; `from` must not be there yet. Both are copied. Returns the copy of `to`. */
const char *dict_put(struct dict *d, const char *from, size_t len, const char *to);

#endif
