/* dict: see dict.h. */
#include "reports/dict.h"

#include "diag/base/arena.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

void dict_init(struct dict *d, struct arena *arena)
{
    *d = (struct dict){.arena = arena};
}

/* FNV-1a over small letters. */
static size_t hash(const char *s, size_t len)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        h = (h ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * 1099511628211u;
    }
    return (size_t)(h ^ h >> 32);
}

/* The slot where a text is, or would be. There always is an empty one. */
static size_t slot_of(const struct dict *d, const char *s, size_t len)
{
    size_t i = hash(s, len) & (d->n_slots - 1);

    while (d->slots[i] != 0) {
        const char *other = d->entries[d->slots[i] - 1].from;

        if (strncasecmp(other, s, len) == 0 && other[len] == '\0')
            break;
        i = (i + 1) & (d->n_slots - 1);
    }
    return i;
}

static void grow(struct dict *d)
{
    d->n_slots = d->n_slots == 0 ? 64 : d->n_slots * 2;
    d->slots = arena_alloc(d->arena, d->n_slots * sizeof *d->slots);
    for (size_t i = 0; i < d->n; i++)
        d->slots[slot_of(d, d->entries[i].from, strlen(d->entries[i].from))] = i + 1;
}

const char *dict_get(const struct dict *d, const char *from, size_t len)
{
    size_t i;

    if (d->n_slots == 0)
        return NULL;
    i = slot_of(d, from, len);
    return d->slots[i] == 0 ? NULL : d->entries[d->slots[i] - 1].to;
}

const char *dict_put(struct dict *d, const char *from, size_t len, const char *to)
{
    struct dict_entry entry = {arena_strndup(d->arena, from, len), arena_strdup(d->arena, to)};

    if (d->n * 2 >= d->n_slots)
        grow(d);
    d->slots[slot_of(d, from, len)] = d->n + 1;
    list_push(d->arena, d->entries, d->n, entry);
    return entry.to;
}
