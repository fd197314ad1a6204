/*
 * service_tags_index: which tags contain an address.
 *
 * Ranges are nested or have nothing in common, so each has at most one smallest range around it,
 * its parent. In sorted order the last range that begins at or before an address is inside of, or
 * is, every range that contains the address: one binary search, then up the parents.
 */
#include "diag/site/service_tags.h"

#include "diag/base/arena.h"

#include <stdlib.h>

struct entry {
    struct prefix prefix;
    uint32_t tag;
};

static int by_prefix(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = prefix_compare(&x->prefix, &y->prefix);

    if (order != 0)
        return order;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

static size_t collect(const struct service_tags *t, struct entry *entries)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n_tags; i++) {
        for (size_t k = 0; k < t->tags[i].n_prefixes; k++)
            entries[n++] = (struct entry){t->tags[i].prefixes[k], (uint32_t)i};
    }
    if (n > 0)
        qsort(entries, n, sizeof *entries, by_prefix);
    return n;
}

/* The nearest range around one that sorts behind all others so far. */
static uint32_t parent_of(const struct service_tags *t, const struct prefix *p)
{
    uint32_t at = t->n_ranges == 0 ? RANGE_NONE : (uint32_t)(t->n_ranges - 1);

    while (at != RANGE_NONE && !prefix_contains(&t->ranges[at].prefix, p))
        at = t->ranges[at].parent;
    return at;
}

void service_tags_index(struct service_tags *t, struct arena *a)
{
    struct arena *scratch = arena_new();
    struct entry *entries = arena_alloc(scratch, (t->n_prefixes + 1) * sizeof *entries);
    size_t n = collect(t, entries);
    uint32_t n_owners = 0;

    t->ranges = arena_alloc(a, (n + 1) * sizeof *t->ranges);
    t->owners = arena_alloc(a, (n + 1) * sizeof *t->owners);
    t->n_ranges = 0;
    for (size_t i = 0; i < n; i++) {
        const struct prefix *p = &entries[i].prefix;

        if (i == 0 || prefix_compare(&entries[i - 1].prefix, p) != 0) {
            uint32_t parent = parent_of(t, p);

            t->ranges[t->n_ranges++] = (struct tagged_range){*p, parent, n_owners, 0};
        } else if (entries[i - 1].tag == entries[i].tag) {
            continue;
        }
        t->owners[n_owners++] = entries[i].tag;
        t->ranges[t->n_ranges - 1].n++;
    }
    arena_free(scratch);
}

/* The last range that sorts before `p` or is equal to it. */
static uint32_t last_not_behind(const struct service_tags *t, const struct prefix *p)
{
    size_t low = 0, high = t->n_ranges;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (prefix_compare(&t->ranges[middle].prefix, p) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? RANGE_NONE : (uint32_t)(low - 1);
}

static bool has_hit(const struct tag_hit *hits, size_t n, const struct service_tag *tag)
{
    for (size_t i = 0; i < n; i++) {
        if (hits[i].tag == tag)
            return true;
    }
    return false;
}

size_t service_tags_lookup(const struct service_tags *t, const struct prefix *p,
                           struct tag_hit *hits, size_t room)
{
    size_t n = 0;

    for (uint32_t at = last_not_behind(t, p); at != RANGE_NONE; at = t->ranges[at].parent) {
        const struct tagged_range *range = &t->ranges[at];

        if (!prefix_contains(&range->prefix, p))
            continue;
        for (uint32_t i = 0; i < range->n; i++) {
            const struct service_tag *tag = &t->tags[t->owners[range->first + i]];

            /* A tag may list a range and a part of it again. */
            if (has_hit(hits, n < room ? n : room, tag))
                continue;
            if (n < room)
                hits[n] = (struct tag_hit){tag, &range->prefix};
            n++;
        }
    }
    return n;
}
