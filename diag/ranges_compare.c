/*
 * ranges_compare: two weeks against each other, and a firewall's list against a week; see ranges.h.
 *
 * All by addresses, never by text: a range that was only written otherwise has not changed.
 */
#include "diag/ranges.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/options.h"
#include "diag/site/allowed.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 3, HITS_MAX = 32 };

/* --- two files --- */

struct change {
    struct prefix_set added, removed;
};

static struct change change_of(const struct ranges *r, const char *name)
{
    struct prefix_set now = ranges_merged(r, r->t, name), then = ranges_merged(r, r->old, name);

    return (struct change){prefix_subtract(r->a, &now, &then), prefix_subtract(r->a, &then, &now)};
}

static bool is_wanted(const struct ranges *r, const char *name)
{
    for (size_t i = 0; i < r->n_names; i++) {
        if (strcmp(r->names[i], name) == 0)
            return true;
    }
    return r->all;
}

/* Tags that were not asked for and changed, new and gone ones included. */
static size_t count_others(const struct ranges *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->t->n_tags && !r->all; i++) {
        const char *name = r->t->tags[i].name;
        struct change c;

        if (is_wanted(r, name))
            continue;
        c = change_of(r, name);
        n += c.added.n > 0 || c.removed.n > 0;
    }
    for (size_t i = 0; i < r->old->n_tags && !r->all; i++)
        n += !is_wanted(r, r->old->tags[i].name) &&
             service_tags_find(r->t, r->old->tags[i].name, NULL) == NULL;
    return n;
}

static void print_change(const char *name, const struct change *c)
{
    char text[PREFIX_TEXT];

    printf("%s: %zu added, %zu removed\n", name, c->added.n, c->removed.n);
    for (size_t i = 0; i < c->added.n; i++)
        printf("  + %s\n", prefix_text(&c->added.list[i], text));
    for (size_t i = 0; i < c->removed.n; i++)
        printf("  - %s\n", prefix_text(&c->removed.list[i], text));
}

static void print_advice(const struct ranges *r, size_t added, size_t removed, size_t others)
{
    const char *live = ranges_live_from(r);

    if (added > 0 && live != NULL)
        printf("added ranges are in use from %s at the earliest: allow them before\n", live);
    else if (added > 0)
        puts("added ranges are in use one week after publication at the earliest: allow them "
             "before");
    if (added > 0 && live != NULL && ranges_skip_weeks(r))
        puts("there were files between these two: ranges of the first of them may be in use by "
             "then, those of the newest a week after its date");
    if (removed > 0)
        puts("removed ranges may serve others from now on: allow them no longer");
    if (others > 0)
        printf("%zu other tag%s changed; --tag all shows all\n", others, others == 1 ? "" : "s");
}

int ranges_difference(struct ranges *r)
{
    json_t *tags = r->json != NULL ? json_array() : NULL;
    const char *live = ranges_live_from(r);
    size_t added = 0, removed = 0, others = count_others(r);

    if (r->json == NULL)
        printf("%s against %s\n", r->t->label, r->old->label);
    for (size_t i = 0; i < r->n_names; i++) {
        struct change c = change_of(r, r->names[i]);

        added += c.added.n;
        removed += c.removed.n;
        if (r->all && c.added.n == 0 && c.removed.n == 0)
            continue;
        if (tags != NULL)
            json_array_append_new(tags, json_pack("{s:s, s:o, s:o}", "name", r->names[i], "added",
                                                  ranges_json(&c.added), "removed",
                                                  ranges_json(&c.removed)));
        else
            print_change(r->names[i], &c);
    }
    if (tags != NULL) {
        json_object_set_new(r->json, "live_from", live != NULL ? json_string(live) : json_null());
        json_object_set_new(r->json, "other_tags_changed", json_integer((json_int_t)others));
        json_object_set_new(r->json, "tags", tags);
    } else {
        print_advice(r, added, removed, others);
    }
    return added + removed > 0 ? STATUS_FAIL : STATUS_PASS;
}

/* --- a firewall's list --- */

struct check {
    struct ranges *r;
    const struct allowed *list;
    struct prefix_set wanted, before; /* `before`: in the older file, if there is one */
    struct prefix_set missing;
    struct prefix_set *now, *then; /* of each tag asked for, in both files */
    size_t n_stale, n_excess;
    json_t *missing_json, *stale_json, *excess_json;
};

/* The tags asked for that have a part of `p`, as text and into `names` (may be NULL). */
static const char *tags_with(const struct check *c, const struct prefix_set *sets,
                             const struct prefix *p, json_t *names)
{
    const char *text = "";

    for (size_t i = 0; i < c->r->n_names; i++) {
        if (!prefix_set_overlaps(&sets[i], p))
            continue;
        text = arena_printf(c->r->a, "%s%s%s", text, *text != '\0' ? ", " : "", c->r->names[i]);
        if (names != NULL)
            json_array_append_new(names, json_string(c->r->names[i]));
    }
    return text;
}

static struct prefix_set *sets_of(const struct ranges *r, const struct service_tags *t)
{
    struct prefix_set *sets = arena_alloc(r->a, (r->n_names + 1) * sizeof *sets);

    for (size_t i = 0; i < r->n_names; i++)
        sets[i] = ranges_merged(r, t, r->names[i]);
    return sets;
}

static void tell_missing(struct check *c, const struct prefix *p)
{
    bool is_new = c->r->old != NULL && !prefix_set_overlaps(&c->before, p);
    json_t *names = c->missing_json != NULL ? json_array() : NULL;
    const char *tags = tags_with(c, c->now, p, names), *live = ranges_live_from(c->r);
    char text[PREFIX_TEXT];

    prefix_text(p, text);
    if (names != NULL) {
        json_array_append_new(c->missing_json,
                              json_pack("{s:s, s:o, s:o, s:s?}", "prefix", text, "tags", names,
                                        "new",
                                        c->r->old != NULL ? json_boolean(is_new) : json_null(),
                                        "live_from", is_new ? live : NULL));
        return;
    }
    printf("  %-24s %s%s", text, tags, is_new ? "; new" : "");
    if (is_new && live != NULL)
        printf(", in use from %s at the earliest", live);
    putchar('\n');
}

/* The first tag of any service that has all of `p` now; NULL. */
static const char *home_of(const struct check *c, const struct prefix *p)
{
    struct tag_hit hits[HITS_MAX];
    size_t n = service_tags_lookup(c->r->t, p, hits, HITS_MAX);

    return n > 0 ? hits[0].tag->name : NULL;
}

static void tell_stale(struct check *c, const struct allowed_entry *e)
{
    bool was = c->r->old != NULL && prefix_set_overlaps(&c->before, &e->prefix);
    json_t *names = c->stale_json != NULL ? json_array() : NULL;
    const char *then = was ? tags_with(c, c->then, &e->prefix, names) : "";
    const char *home = home_of(c, &e->prefix);
    char text[PREFIX_TEXT];

    prefix_text(&e->prefix, text);
    if (names != NULL) {
        json_array_append_new(c->stale_json,
                              json_pack("{s:s, s:I, s:o, s:s?}", "prefix", text, "line",
                                        (json_int_t)e->line, "was_in", names, "is_in", home));
        return;
    }
    printf("  %s:%lu: %s%s%s", c->list->label, e->line, text, was ? ", was in " : "", then);
    printf(home != NULL ? ", is in %s\n" : ", is in no tag\n", home);
}

static void tell_excess(struct check *c, const struct allowed_entry *e)
{
    struct prefix_set whole = {(struct prefix *)&e->prefix, 1};
    struct prefix_set rest = prefix_subtract(c->r->a, &whole, &c->wanted);
    char text[PREFIX_TEXT];

    prefix_text(&e->prefix, text);
    if (c->excess_json != NULL) {
        json_array_append_new(c->excess_json,
                              json_pack("{s:s, s:I, s:o}", "prefix", text, "line",
                                        (json_int_t)e->line, "outside", ranges_json(&rest)));
        return;
    }
    printf("  %s:%lu: %s allows more than the tags:", c->list->label, e->line, text);
    for (size_t i = 0; i < rest.n && i < SHOWN; i++)
        printf("%s %s", i > 0 ? "," : "", prefix_text(&rest.list[i], text));
    if (rest.n > SHOWN)
        printf(" and %zu more", rest.n - SHOWN);
    if (!e->prefix.six)
        printf(" (%llu address%s)", (unsigned long long)prefix_set_addresses4(&rest),
               prefix_set_addresses4(&rest) == 1 ? "" : "es");
    putchar('\n');
}

enum fit { FITS, STALE, EXCESS };

static enum fit fit_of(const struct check *c, const struct prefix *p)
{
    if (!prefix_set_overlaps(&c->wanted, p))
        return STALE;
    return prefix_set_contains(&c->wanted, p) ? FITS : EXCESS;
}

static bool of_family(const struct check *c, const struct prefix *p)
{
    return c->r->o->family == 0 || (c->r->o->family == 6) == p->six;
}

static void tell_entries(struct check *c, enum fit which, const char *heading)
{
    bool headed = c->r->json != NULL;

    for (size_t i = 0; i < c->list->n_entries; i++) {
        const struct allowed_entry *e = &c->list->entries[i];

        if (!of_family(c, &e->prefix) || fit_of(c, &e->prefix) != which)
            continue;
        if (!headed)
            puts(heading);
        headed = true;
        if (which == STALE) {
            c->n_stale++;
            tell_stale(c, e);
        } else {
            c->n_excess++;
            tell_excess(c, e);
        }
    }
}

static void tell_all(struct check *c)
{
    if (c->missing.n > 0 && c->r->json == NULL)
        puts("missing: needed by the tags, and not allowed");
    for (size_t i = 0; i < c->missing.n; i++)
        tell_missing(c, &c->missing.list[i]);
    tell_entries(c, STALE, "stale: allowed, and no part of the tags");
    tell_entries(c, EXCESS, "excess: allowed, and only partly of the tags");
    if (c->r->json != NULL) {
        json_object_set_new(c->r->json, "allowed", json_string(c->list->label));
        json_object_set_new(c->r->json, "missing", c->missing_json);
        json_object_set_new(c->r->json, "stale", c->stale_json);
        json_object_set_new(c->r->json, "excess", c->excess_json);
        return;
    }
    printf("%s: %zu missing, %zu stale, %zu excess, %zu allowed range%s read\n", c->list->label,
           c->missing.n, c->n_stale, c->n_excess, c->list->n_entries,
           c->list->n_entries == 1 ? "" : "s");
    if (c->list->n_denials > 0)
        printf("%zu %s passed over: a list is checked, not a policy\n", c->list->n_denials,
               c->list->n_denials == 1 ? "line that forbids was" : "lines that forbid were");
}

int ranges_allowed(struct ranges *r, struct fault *f)
{
    struct check c = {.r = r, .wanted = ranges_wanted(r, r->t)};
    struct prefix *prefixes;
    struct prefix_set allowed;
    struct allowed *list;

    if (allowed_read(r->o->allowed, r->a, &list, f) != 0)
        return -1;
    c.list = list;
    c.now = sets_of(r, r->t);
    if (r->old != NULL) {
        c.before = ranges_wanted(r, r->old);
        c.then = sets_of(r, r->old);
    }
    if (r->json != NULL) {
        c.missing_json = json_array();
        c.stale_json = json_array();
        c.excess_json = json_array();
    }
    prefixes = arena_alloc(r->a, list->n_entries * sizeof *prefixes);
    for (size_t i = 0; i < list->n_entries; i++)
        prefixes[i] = list->entries[i].prefix;
    allowed = prefix_merge(r->a, prefixes, list->n_entries);
    c.missing = prefix_subtract(r->a, &c.wanted, &allowed);
    tell_all(&c);
    if (c.missing.n > 0)
        return STATUS_FAIL;
    return r->o->strict && c.n_stale + c.n_excess > 0 ? STATUS_FAIL : STATUS_PASS;
}
