/*
 * fuzz_ranges: service tags files and lists of firewalls.
 *
 * The first octet chooses. Beside "no crash": what a tag lists is found by a look-up, sets are
 * sorted and without overlap, and a set without itself is empty.
 */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/site/allowed.h"
#include "diag/site/service_tags.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HITS = 8 };

static void must(int condition)
{
    if (!condition)
        abort();
}

static void check_set(struct arena *a, const struct prefix *list, size_t n)
{
    struct prefix_set s = prefix_merge(a, list, n);

    must(prefix_subtract(a, &s, &s).n == 0);
    for (size_t i = 0; i < n; i++)
        must(prefix_set_contains(&s, &list[i]));
    for (size_t i = 1; i < s.n; i++)
        must(prefix_compare(&s.list[i - 1], &s.list[i]) < 0 &&
             !prefix_contains(&s.list[i - 1], &s.list[i]));
}

static void check_tags(struct arena *a, const struct service_tags *t)
{
    for (size_t i = 0; i < t->n_tags; i++) {
        const struct service_tag *tag = &t->tags[i];

        must(service_tags_find(t, tag->name, NULL) == tag);
        for (size_t k = 0; k < tag->n_prefixes; k++) {
            struct tag_hit hits[HITS];
            size_t n = service_tags_lookup(t, &tag->prefixes[k], hits, HITS);
            int found = n > HITS; /* more than fit: it may be one of the others */

            for (size_t h = 0; h < n && h < HITS; h++)
                found = found || hits[h].tag == tag;
            must(found);
        }
        check_set(a, tag->prefixes, tag->n_prefixes);
    }
}

static void check_allowed(struct arena *a, const struct allowed *list)
{
    struct prefix *prefixes = arena_alloc(a, list->n_entries * sizeof *prefixes);

    for (size_t i = 0; i < list->n_entries; i++) {
        prefixes[i] = list->entries[i].prefix;
        must(prefix_is_aligned(&prefixes[i]));
    }
    check_set(a, prefixes, list->n_entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct service_tags *t;
    struct allowed *list;
    struct fault f;
    const char *text;

    if (size > 0) {
        text = arena_strndup(a, (const char *)data + 1, size - 1);
        if (data[0] % 2 == 0) {
            if (service_tags_parse(text, size - 1, "f.json", a, &t, &f) == 0)
                check_tags(a, t);
        } else if (allowed_parse(text, size - 1, "f.txt", a, &list, &f) == 0) {
            check_allowed(a, list);
        }
    }
    arena_free(a);
    return 0;
}
