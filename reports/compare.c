/* compare: see compare.h. */
#include "reports/compare.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A time is another one when it differs by half and by more than what networks do by themselves. */
#define NOISE_US    50000
#define NOISE_RATIO 1.5
/* Octets of a list that is held against another one. */
#define JOINED_MAX ((size_t)16 * 1024)

#define COMPARE_SHAPE(name, FIELDS)                                                                \
    static const struct field name##_fields[] = {FIELDS(FIELD_ROW, name)};                         \
    const struct shape name##_shape = {#name, sizeof(struct name),                                 \
                                       offsetof(struct name, unknown_keys), name##_fields,         \
                                       sizeof name##_fields / sizeof name##_fields[0]};
COMPARE_SHAPES(COMPARE_SHAPE)

static const char *const change_words[] = {
    [CHANGE_BROKE] = "broke",       [CHANGE_UNTESTED] = "untested",
    [CHANGE_STILL] = "still-fails", [CHANGE_NEW_FAIL] = "new-fails",
    [CHANGE_WORSE] = "worse",       [CHANGE_GONE] = "gone",
    [CHANGE_FIXED] = "fixed",       [CHANGE_BETTER] = "better",
    [CHANGE_NEW] = "new",           [CHANGE_CUT] = "cut",
    [CHANGE_NONE] = "same",
};
const struct names change_kind_names = {"change", change_words, CHANGE_COUNT};

const char *compare_heading(enum change_kind kind)
{
    static const char *const headings[] = {
        [CHANGE_BROKE] = "BROKEN: passed, now fails",
        [CHANGE_UNTESTED] = "UNKNOWN: passed, now not tested",
        [CHANGE_STILL] = "STILL FAILING",
        [CHANGE_NEW_FAIL] = "NEW, AND FAILING",
        [CHANGE_WORSE] = "WORSE: passes, now with a warning",
        [CHANGE_GONE] = "GONE: no longer in the list",
        [CHANGE_CUT] = "CUT OFF: the legacy IoT hub, which worked before",
        [CHANGE_FIXED] = "FIXED: failed, now passes",
        [CHANGE_BETTER] = "BETTER: the warning is gone",
        [CHANGE_NEW] = "NEW",
        [CHANGE_NONE] = "AS BEFORE, but",
    };

    return (unsigned)kind < CHANGE_COUNT ? headings[kind] : "";
}

static bool same(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool works(enum verdict v)
{
    return v == VERDICT_PASS || v == VERDICT_WARN;
}

static enum change_kind kind_of(const struct result *before, const struct result *after)
{
    const enum verdict was = before == NULL ? VERDICT_SKIP : before->verdict;
    const enum verdict is = after == NULL ? VERDICT_SKIP : after->verdict;

    if (after == NULL)
        return CHANGE_GONE;
    if (was == VERDICT_SKIP)
        return is == VERDICT_FAIL                     ? CHANGE_NEW_FAIL
               : is == VERDICT_SKIP && before != NULL ? CHANGE_NONE
                                                      : CHANGE_NEW;
    if (is == VERDICT_SKIP)
        return works(was) ? CHANGE_UNTESTED : CHANGE_NONE;
    if (was == VERDICT_FAIL)
        return is == VERDICT_FAIL ? CHANGE_STILL : CHANGE_FIXED;
    if (is == VERDICT_FAIL)
        return CHANGE_BROKE;
    return was == is ? CHANGE_NONE : is == VERDICT_WARN ? CHANGE_WORSE : CHANGE_BETTER;
}

static struct state *state_of(struct arena *a, const struct result *result)
{
    struct state *s;

    if (result == NULL)
        return NULL;
    s = shape_new(a, &state_shape);
    s->route = result->route;
    s->verdict = result->verdict;
    s->cause = result->cause;
    s->at = result->at;
    s->duration_us = result->duration_us;
    s->summary = result->summary;
    return s;
}

/* The texts as one, NULL for none. A strange report may hold more than anybody would read. */
static const char *joined(struct arena *a, const char *const *list, size_t n, const char *between)
{
    const char *copy = NULL;
    struct buf all;

    buf_init(&all, JOINED_MAX);
    for (size_t i = 0; i < n && !all.overflow; i++)
        buf_printf(&all, "%s%s", i > 0 ? between : "", list[i]);
    if (n > 0)
        copy = arena_printf(a, "%s%s", buf_text(&all), all.overflow ? ", ..." : "");
    buf_free(&all);
    return copy;
}

/* --- what changed beside the verdict --- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The addresses of all answers of a result, sorted, each once, as one text; NULL for none. */
static const char *addresses_of(struct arena *a, const struct result *result)
{
    const char **list = NULL;
    size_t n = 0, each = 0;

    for (size_t i = 0; i < result->n_steps; i++) {
        const struct dns_detail *d = step_dns(result->steps[i]);

        for (size_t k = 0; d != NULL && k < d->n_addresses; k++)
            list_push(a, list, n, d->addresses[k]);
    }
    if (n > 0)
        qsort(list, n, sizeof *list, by_text);
    for (size_t i = 0; i < n; i++) {
        if (each == 0 || strcmp(list[i], list[each - 1]) != 0)
            list[each++] = list[i];
    }
    return joined(a, list, each, ", ");
}

/* The last handshake that showed a certificate, experiments aside. */
static const struct tls_detail *tls_of(const struct result *result)
{
    for (size_t i = result->n_steps; i > 0; i--) {
        const struct tls_detail *d = step_tls(result->steps[i - 1]);

        if (d != NULL && result->steps[i - 1]->experiment == EXPERIMENT_NONE && d->n_chain > 0)
            return d;
    }
    return NULL;
}

static void note(struct comparison *c, struct change *change, const char *what, const char *before,
                 const char *after)
{
    const char *text;

    if (before == NULL || after == NULL || strcmp(before, after) == 0)
        return;
    text = arena_printf(c->arena, "%s: %s, now %s", what, before, after);
    list_push(c->arena, change->notes, change->n_notes, text);
}

static const char *issuer_of(const struct cert *leaf)
{
    return leaf->issuer_cn != NULL ? leaf->issuer_cn : leaf->issuer;
}

static void note_tls(struct comparison *c, struct change *change, const struct result *before,
                     const struct result *after)
{
    const struct tls_detail *was = tls_of(before), *is = tls_of(after);
    const char *text;

    if (was == NULL || is == NULL)
        return;
    note(c, change, "TLS version", was->version, is->version);
    note(c, change, "certificate issued by", issuer_of(was->chain[0]), issuer_of(is->chain[0]));
    if (same(was->chain[0]->sha256, is->chain[0]->sha256))
        return;
    text = same(was->chain[0]->spki_sha256, is->chain[0]->spki_sha256)
               ? "another certificate for the same key"
               : "another certificate with another key";
    list_push(c->arena, change->notes, change->n_notes, text);
}

static void note_time(struct comparison *c, struct change *change, const struct result *before,
                      const struct result *after)
{
    const double was = (double)before->duration_us, is = (double)after->duration_us;
    const char *text;
    struct buf b;

    if (before->duration_us < 0 || after->duration_us < 0 || !works(before->verdict) ||
        !works(after->verdict))
        return;
    if (!(is > was * NOISE_RATIO && is - was > NOISE_US) &&
        !(was > is * NOISE_RATIO && was - is > NOISE_US))
        return;
    buf_init(&b, 256);
    buf_str(&b, is > was ? "slower: " : "faster: ");
    words_duration(before->duration_us, &b);
    buf_str(&b, ", now ");
    words_duration(after->duration_us, &b);
    text = arena_strdup(c->arena, buf_text(&b));
    list_push(c->arena, change->notes, change->n_notes, text);
    buf_free(&b);
}

/*
 * The legacy hub is left on one route and missed on another, so what counts is whether it works at
 * all: this result, or one of another route that does.
 */
static const struct result *hub_result(const struct report *r, const struct result *on_route,
                                       const char *hub)
{
    if (on_route != NULL && works(on_route->verdict))
        return on_route;
    for (size_t i = 0; i < r->n_results; i++) {
        if (same(r->results[i]->endpoint, hub) && works(r->results[i]->verdict))
            return r->results[i];
    }
    return on_route;
}

/* A pair of results, one of which may be NULL; on the route that each report requires, or not. */
static void add_change(struct comparison *c, bool decisive_route, const struct result *before,
                       const struct result *after)
{
    struct change *change = shape_new(c->arena, &change_shape);
    const struct result *last = after != NULL ? after : before; /* what counts now */

    change->endpoint = last->endpoint;
    change->required = decisive_route && last->required;
    change->optional = decisive_route && !last->required;
    change->kind = kind_of(before, after);
    if (change->kind == CHANGE_BROKE && !change->required && c->legacy_hub != NULL &&
        same(change->endpoint, c->legacy_hub))
        change->kind = CHANGE_CUT;
    change->before = state_of(c->arena, before);
    change->after = state_of(c->arena, after);
    if (before != NULL && after != NULL) {
        const char *was = names_word(&cause_names, (int)before->cause);
        const char *is = names_word(&cause_names, (int)after->cause);

        if (before->verdict == after->verdict)
            note(c, change, "cause", was, is);
        note(c, change, "addresses", addresses_of(c->arena, before), addresses_of(c->arena, after));
        note_tls(c, change, before, after);
        note_time(c, change, before, after);
    }
    list_push(c->arena, c->changes, c->n_changes, change);
}

/* --- matching --- */

/* A report's results by endpoint and route, to be found by name. */
struct lookup_row {
    const struct result *result;
    const char *route; /* NULL stands for "the required one" */
};

static int by_row(const void *a, const void *b)
{
    const struct lookup_row *x = a, *y = b;
    int order = strcmp(x->result->endpoint, y->result->endpoint);

    if (order == 0 && (x->route == NULL) != (y->route == NULL))
        return x->route == NULL ? -1 : 1;
    return order != 0 || x->route == NULL ? order : strcmp(x->route, y->route);
}

static struct lookup_row *rows_of(struct arena *a, const struct report *r)
{
    struct lookup_row *rows = arena_alloc(a, (r->n_results + 1) * sizeof *rows);

    for (size_t i = 0; i < r->n_results; i++)
        rows[i] = (struct lookup_row){
            r->results[i], r->results[i]->of_route->required ? NULL : r->results[i]->route};
    qsort(rows, r->n_results, sizeof *rows, by_row);
    return rows;
}

static const struct result *find(const struct lookup_row *rows, size_t n,
                                 const struct lookup_row *like)
{
    const struct lookup_row *row = bsearch(like, rows, n, sizeof *rows, by_row);

    return row == NULL ? NULL : row->result;
}

static void match(struct comparison *c, const struct report *before, const struct report *after)
{
    const struct lookup_row *was = rows_of(c->arena, before), *is = rows_of(c->arena, after);

    for (size_t i = 0; i < after->n_results; i++) {
        const struct result *earlier;

        if (i > 0 && by_row(&is[i], &is[i - 1]) == 0)
            continue; /* a second result of the same pair */
        earlier = find(was, before->n_results, &is[i]);
        if (is[i].route == NULL && !is[i].result->required && c->legacy_hub != NULL &&
            same(is[i].result->endpoint, c->legacy_hub))
            add_change(c, true, hub_result(before, earlier, c->legacy_hub),
                       hub_result(after, is[i].result, c->legacy_hub));
        else
            add_change(c, is[i].route == NULL, earlier, is[i].result);
    }
    for (size_t i = 0; i < before->n_results; i++) {
        if ((i == 0 || by_row(&was[i], &was[i - 1]) != 0) &&
            find(is, after->n_results, &was[i]) == NULL)
            add_change(c, was[i].route == NULL, was[i].result, NULL);
    }
}

static int by_kind(const void *a, const void *b)
{
    const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;

    if (x->required != y->required)
        return x->required ? -1 : 1;
    if (x->kind != y->kind)
        return (int)x->kind - (int)y->kind;
    return strcmp(x->endpoint, y->endpoint);
}

/* --- around the endpoints --- */

static void circumstance(struct comparison *c, const char *what, const char *before,
                         const char *after)
{
    const char *text;

    if (same(before, after))
        return;
    text = arena_printf(c->arena, "%s: %s, now %s", what, before == NULL ? "none" : before,
                        after == NULL ? "none" : after);
    list_push(c->arena, c->circumstances, c->n_circumstances, text);
}

static const char *hops_of(struct arena *a, const struct report *r)
{
    const char **list = arena_alloc(a, (r->n_hops + 1) * sizeof *list);

    for (size_t i = 0; i < r->n_hops; i++)
        list[i] = arena_printf(a, "%s (%s)", r->hops[i]->name == NULL ? "?" : r->hops[i]->name,
                               r->hops[i]->url == NULL ? "?" : r->hops[i]->url);
    return joined(a, list, r->n_hops, " > ");
}

static const char *routes_of(struct arena *a, const struct report *r)
{
    const char **list = arena_alloc(a, (r->n_routes + 1) * sizeof *list);

    for (size_t i = 0; i < r->n_routes; i++)
        list[i] = r->routes[i]->id;
    return joined(a, list, r->n_routes, ", ");
}

static void compare_circumstances(struct comparison *c, const struct report *before,
                                  const struct report *after)
{
    const struct site_info *was = before->site, *is = after->site;

    circumstance(c, "site", was->name, is->name);
    circumstance(c, "sensor", was->sensor, is->sensor);
    circumstance(c, "interface", was->interface, is->interface);
    circumstance(c, "connection method", was->method, is->method);
    circumstance(c, "required route", was->required_route, is->required_route);
    circumstance(c, "chain", names_word(&chain_names, (int)was->chain),
                 names_word(&chain_names, (int)is->chain));
    circumstance(c, "hops", hops_of(c->arena, before), hops_of(c->arena, after));
    circumstance(c, "routes tested", routes_of(c->arena, before), routes_of(c->arena, after));
    circumstance(c, "DNS servers", joined(c->arena, was->resolvers, was->n_resolvers, ", "),
                 joined(c->arena, is->resolvers, is->n_resolvers, ", "));
    circumstance(c, "trust", before->run->trust, after->run->trust);
    circumstance(c, "hopproof", before->tool->version, after->tool->version);
    circumstance(c, "run complete", before->run->complete ? "yes" : "no",
                 after->run->complete ? "yes" : "no");
}

static struct side *side_of(struct comparison *c, const struct report *r, const char *file)
{
    struct side *s = shape_new(c->arena, &side_shape);

    s->file = arena_strdup(c->arena, file);
    s->run = r->run->id;
    s->started = r->run->started;
    s->site = r->site->name;
    s->sensor = r->site->sensor;
    s->required_route = r->site->required_route;
    s->verdict = r->summary->verdict;
    return s;
}

static void count(struct comparison *c)
{
    struct tally *t = c->required;
    int64_t *const counters[CHANGE_COUNT] = {
        [CHANGE_BROKE] = &t->broke,      [CHANGE_UNTESTED] = &t->untested,
        [CHANGE_STILL] = &t->still_fail, [CHANGE_NEW_FAIL] = &t->new_fail,
        [CHANGE_WORSE] = &t->worse,      [CHANGE_GONE] = &t->gone,
        [CHANGE_CUT] = &t->cut,          [CHANGE_FIXED] = &t->fixed,
        [CHANGE_BETTER] = &t->better,    [CHANGE_NEW] = &t->new_pass,
        [CHANGE_NONE] = &t->same};

    for (int i = 0; i < CHANGE_COUNT; i++)
        *counters[i] = 0;
    for (size_t i = 0; i < c->n_changes; i++) {
        if (c->changes[i]->required ||
            (c->changes[i]->optional && c->changes[i]->kind == CHANGE_CUT))
            ++*counters[c->changes[i]->kind];
    }
    c->verdict = t->broke > 0                                               ? VERDICT_FAIL
                 : t->untested + t->worse + t->new_fail + t->still_fail > 0 ? VERDICT_WARN
                                                                            : VERDICT_PASS;
}

struct comparison *compare_new(const struct report *before, const char *before_file,
                               const struct report *after, const char *after_file)
{
    struct arena *a = arena_new();
    struct comparison *c = shape_new(a, &comparison_shape);

    c->arena = a;
    c->schema = COMPARE_SCHEMA;
    c->before = side_of(c, before, before_file);
    c->after = side_of(c, after, after_file);
    c->required = shape_new(a, &tally_shape);
    c->legacy_hub =
        after->site->legacy_hub != NULL ? after->site->legacy_hub : before->site->legacy_hub;
    match(c, before, after);
    if (c->n_changes > 0)
        qsort(c->changes, c->n_changes, sizeof *c->changes, by_kind);
    compare_circumstances(c, before, after);
    count(c);
    return c;
}

void compare_free(struct comparison *c)
{
    if (c != NULL)
        arena_free(c->arena);
}

void compare_sentence(const struct comparison *c, struct buf *to)
{
    const struct tally *t = c->required;
    const struct {
        int64_t n;
        const char *words;
    } parts[] = {{t->untested, "no longer tested"},
                 {t->still_fail, "still failing"},
                 {t->new_fail, "new and failing"},
                 {t->worse, "now with a warning"},
                 {t->gone, "no longer listed"},
                 {t->fixed, "fixed"},
                 {t->better, "better"},
                 {t->new_pass, "new"},
                 {t->cut, "legacy IoT hub cut off"}};

    if (t->broke == 0)
        buf_str(to, "Nothing that passed before fails now");
    else if (t->broke == 1)
        buf_printf(to, "%s passed before and fails now", c->changes[0]->endpoint);
    else
        buf_printf(to, "%" PRId64 " required endpoints passed before and fail now", t->broke);
    for (size_t i = 0, said = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].n > 0)
            buf_printf(to, "%s%" PRId64 " %s", said++ == 0 ? "; " : ", ", parts[i].n,
                       parts[i].words);
    }
    buf_char(to, '.');
}

static void one_state(const struct state *s, struct buf *to)
{
    const char *cause;

    if (s == NULL) {
        buf_str(to, "not there");
        return;
    }
    cause = names_word(&cause_names, (int)s->cause);
    buf_printf(to, "%s %s", s->route, words_verdict(s->verdict));
    if (cause != NULL) {
        buf_printf(to, " %s ", cause);
        words_place(s->at, to);
    }
}

void compare_states(const struct change *change, struct buf *to)
{
    one_state(change->before, to);
    buf_str(to, " -> ");
    one_state(change->after, to);
}
