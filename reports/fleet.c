/* fleet: see fleet.h. Grouping is by sorting, so that it costs the same for any content. */
#include "reports/fleet.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/words.h"

#include <stdlib.h>
#include <string.h>

struct fleet *fleet_new(void)
{
    struct arena *a = arena_new();
    struct fleet *f = arena_new_of(a, struct fleet);

    f->arena = a;
    return f;
}

void fleet_free(struct fleet *f)
{
    if (f != NULL)
        arena_free(f->arena);
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

/* --- what a report leaves behind --- */

static void add_hit(struct fleet *f, struct fleet_member *m, const struct report *r,
                    const struct finding *finding)
{
    struct fleet_hit *h = arena_new_of(f->arena, struct fleet_hit);
    const char *last = NULL;

    h->member = m;
    h->cause = finding->cause;
    h->severity = finding->severity;
    h->sensor_class = finding->sensor_class;
    h->at = arena_strdup(f->arena, finding->at);
    h->owner = arena_strdup(f->arena, finding->owner);
    h->title = arena_strdup(f->arena, finding->title);
    h->remedy = arena_strdup(f->arena, finding->remedy);
    for (size_t i = 0; i < finding->n_results; i++) {
        const char *id = r->results[finding->results[i]]->endpoint;

        if (last != NULL && strcmp(last, id) == 0)
            continue; /* results stand in the order of the endpoints */
        last = id;
        list_push(f->arena, h->endpoints, h->n_endpoints, arena_strdup(f->arena, id));
    }
    /* The word "endpoint" is as many places as there are endpoints; a hop's name is one. */
    h->key =
        arena_printf(f->arena, "%d %d %s %s", SEVERITY_ERROR - (int)h->severity, (int)h->cause,
                     h->at == NULL ? "" : h->at,
                     compare_text(h->at, "endpoint") == 0 && last != NULL ? h->endpoints[0] : "");
    list_push(f->arena, m->hits, m->n_hits, h);
}

/* How bad: fail, warn, pass, skip. */
static int badness(enum verdict v)
{
    return v == VERDICT_FAIL ? 3 : v == VERDICT_WARN ? 2 : v == VERDICT_PASS ? 1 : 0;
}

static void add_states(struct fleet *f, struct fleet_member *m, const struct report *r)
{
    struct fleet_state *s = NULL;

    for (size_t i = 0; i < r->n_results; i++) {
        const struct result *result = r->results[i];

        if (!result->required)
            continue;
        if (s == NULL || strcmp(s->key, result->endpoint) != 0) {
            s = arena_new_of(f->arena, struct fleet_state);
            s->key = arena_strdup(f->arena, result->endpoint);
            s->member = m;
            s->verdict = result->verdict;
            list_push(f->arena, m->states, m->n_states, s);
        } else if (badness(result->verdict) > badness(s->verdict)) {
            s->verdict = result->verdict;
        }
    }
}

void fleet_add(struct fleet *f, const char *file, const struct report *r)
{
    struct fleet_member *m = arena_new_of(f->arena, struct fleet_member);
    struct buf sentence;

    buf_init(&sentence, 1 << 20);
    words_sentence(r, &sentence);
    m->file = arena_strdup(f->arena, file);
    m->site = arena_strdup(f->arena, r->site->name);
    m->sensor = arena_strdup(f->arena, r->site->sensor);
    m->started = arena_strdup(f->arena, r->run->started);
    m->sentence = arena_strdup(f->arena, buf_text(&sentence));
    m->verdict = r->summary->verdict;
    m->complete = r->run->complete;
    for (size_t i = 0; i < r->n_findings; i++)
        add_hit(f, m, r, r->findings[i]);
    add_states(f, m, r);
    fleet_take_points(f, m, r);
    list_push(f->arena, f->members, f->n_members, m);
    buf_free(&sentence);
}

void fleet_skip(struct fleet *f, const char *file, const char *why)
{
    struct fleet_skipped s = {arena_strdup(f->arena, file), arena_strdup(f->arena, why)};

    list_push(f->arena, f->skipped, f->n_skipped, s);
}

/* --- grouping --- */

static int by_sensor(const void *a, const void *b)
{
    const struct fleet_member *x = *(struct fleet_member *const *)a;
    const struct fleet_member *y = *(struct fleet_member *const *)b;
    int order = compare_text(x->site, y->site);

    if (order == 0)
        order = compare_text(x->sensor, y->sensor);
    if (order == 0)
        order = compare_text(y->started, x->started); /* RFC 3339 sorts as text; newest first */
    return order != 0 ? order : compare_text(x->file, y->file);
}

static void supersede(struct fleet *f)
{
    qsort(f->members, f->n_members, sizeof *f->members, by_sensor);
    for (size_t i = 0; i < f->n_members; i++) {
        struct fleet_member *m = f->members[i];
        const struct fleet_member *before = i > 0 ? f->members[i - 1] : NULL;

        /* Reports that name no sensor are all different ones. */
        m->superseded = before != NULL && m->sensor != NULL && before->sensor != NULL &&
                        compare_text(m->site, before->site) == 0 &&
                        strcmp(m->sensor, before->sensor) == 0;
        if (m->superseded) {
            f->n_superseded++;
            continue;
        }
        f->counts[m->verdict]++;
        f->n_incomplete += !m->complete;
    }
}

static int by_hit_key(const void *a, const void *b)
{
    const struct fleet_hit *x = *(struct fleet_hit *const *)a, *y = *(struct fleet_hit *const *)b;
    int order = strcmp(x->key, y->key);

    if (order == 0)
        order = compare_text(x->member->site, y->member->site);
    return order != 0 ? order : strcmp(x->member->file, y->member->file);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_count(const void *a, const void *b)
{
    const struct fleet_count *x = a, *y = b;

    return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->name, y->name);
}

static void count_endpoints(struct fleet *f, struct fleet_finding *finding,
                            struct fleet_hit *const *hits, size_t n)
{
    const char **names = NULL;
    size_t n_names = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < hits[i]->n_endpoints; k++)
            list_push(f->arena, names, n_names, hits[i]->endpoints[k]);
    }
    if (n_names == 0)
        return;
    qsort(names, n_names, sizeof *names, by_name);
    for (size_t i = 0; i < n_names; i++) {
        if (i > 0 && strcmp(names[i], names[i - 1]) == 0) {
            finding->endpoints[finding->n_endpoints - 1].n++;
        } else {
            struct fleet_count one = {names[i], 1};

            list_push(f->arena, finding->endpoints, finding->n_endpoints, one);
        }
    }
    qsort(finding->endpoints, finding->n_endpoints, sizeof *finding->endpoints, by_count);
}

/* One group of hits with the same key, ordered by site and file. */
static void group_findings(struct fleet *f, struct fleet_hit *const *hits, size_t n)
{
    struct fleet_finding finding = {.first = hits[0]};

    for (size_t i = 0; i < n; i++) {
        const struct fleet_member *m = hits[i]->member;

        if (compare_text(hits[i]->remedy, hits[0]->remedy) != 0)
            finding.remedies_differ = true;
        if (i > 0 && m == hits[i - 1]->member)
            continue;
        finding.n_sites += i == 0 || compare_text(m->site, hits[i - 1]->member->site) != 0;
        list_push(f->arena, finding.members, finding.n_members, m);
    }
    count_endpoints(f, &finding, hits, n);
    list_push(f->arena, f->findings, f->n_findings, finding);
}

void fleet_remedy(const struct fleet_finding *finding, struct buf *to)
{
    if (finding->first->remedy != NULL)
        buf_str(to, finding->first->remedy);
    if (!finding->remedies_differ)
        return;
    buf_str(to, " (That is ");
    fleet_name(finding->first->member, to);
    buf_str(to, "; the reports of other sensors name other machines.)");
}

static int by_weight(const void *a, const void *b)
{
    const struct fleet_finding *x = a, *y = b;

    if (x->first->severity != y->first->severity)
        return (int)y->first->severity - (int)x->first->severity;
    if (x->n_members != y->n_members)
        return x->n_members < y->n_members ? 1 : -1;
    return strcmp(x->first->key, y->first->key);
}

static void collect_findings(struct fleet *f)
{
    struct fleet_hit **hits = NULL;
    size_t n = 0, start = 0;

    for (size_t i = 0; i < f->n_members; i++) {
        for (size_t k = 0; !f->members[i]->superseded && k < f->members[i]->n_hits; k++)
            list_push(f->arena, hits, n, f->members[i]->hits[k]);
    }
    if (n == 0)
        return;
    qsort(hits, n, sizeof *hits, by_hit_key);
    for (size_t i = 1; i <= n; i++) {
        if (i < n && strcmp(hits[i]->key, hits[start]->key) == 0)
            continue;
        group_findings(f, hits + start, i - start);
        start = i;
    }
    qsort(f->findings, f->n_findings, sizeof *f->findings, by_weight);
}

static int by_failures(const void *a, const void *b)
{
    const struct fleet_tally *x = a, *y = b;

    if (x->n[VERDICT_FAIL] != y->n[VERDICT_FAIL])
        return x->n[VERDICT_FAIL] < y->n[VERDICT_FAIL] ? 1 : -1;
    if (x->n[VERDICT_WARN] != y->n[VERDICT_WARN])
        return x->n[VERDICT_WARN] < y->n[VERDICT_WARN] ? 1 : -1;
    return strcmp(x->name, y->name);
}

static int by_state_key(const void *a, const void *b)
{
    return strcmp((*(struct fleet_state *const *)a)->key, (*(struct fleet_state *const *)b)->key);
}

/* Verdicts of states with the same key; the states are sorted by it. */
static struct fleet_tally *tally(struct fleet *f, struct fleet_state **states, size_t n,
                                 size_t *n_tallies)
{
    struct fleet_tally *list = NULL;

    *n_tallies = 0;
    if (n == 0)
        return NULL;
    qsort(states, n, sizeof *states, by_state_key);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(states[i]->key, states[i - 1]->key) != 0) {
            struct fleet_tally one = {.name = states[i]->key};

            list_push(f->arena, list, *n_tallies, one);
        }
        list[*n_tallies - 1].n[states[i]->verdict]++;
    }
    qsort(list, *n_tallies, sizeof *list, by_failures);
    return list;
}

void fleet_finish(struct fleet *f)
{
    struct fleet_state **endpoints = NULL, **sites = NULL;
    size_t n_endpoints = 0, n_sites = 0;

    if (f->n_members == 0)
        return;
    supersede(f);
    collect_findings(f);
    for (size_t i = 0; i < f->n_members; i++) {
        const struct fleet_member *m = f->members[i];
        struct fleet_state *site;

        if (m->superseded)
            continue;
        site = arena_new_of(f->arena, struct fleet_state);
        site->key = m->site == NULL ? "(no site)" : m->site;
        site->verdict = m->verdict;
        list_push(f->arena, sites, n_sites, site);
        for (size_t k = 0; k < m->n_states; k++)
            list_push(f->arena, endpoints, n_endpoints, m->states[k]);
    }
    f->sites = tally(f, sites, n_sites, &f->n_sites);
    f->endpoints = tally(f, endpoints, n_endpoints, &f->n_endpoints);
}

enum verdict fleet_verdict(const struct fleet *f)
{
    return f->counts[VERDICT_FAIL] > 0   ? VERDICT_FAIL
           : f->counts[VERDICT_WARN] > 0 ? VERDICT_WARN
           : f->counts[VERDICT_PASS] > 0 ? VERDICT_PASS
                                         : VERDICT_SKIP;
}

void fleet_name(const struct fleet_member *m, struct buf *to)
{
    if (m->site == NULL && m->sensor == NULL)
        buf_str(to, m->file);
    else
        buf_printf(to, "%s%s%s", m->site == NULL ? "" : m->site,
                   m->site != NULL && m->sensor != NULL ? " / " : "",
                   m->sensor == NULL ? "" : m->sensor);
}

static size_t failing_sites(const struct fleet *f, enum verdict v)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_sites; i++)
        n += f->sites[i].n[v] > 0;
    return n;
}

void fleet_sentence(const struct fleet *f, struct buf *to)
{
    const enum verdict v = fleet_verdict(f);
    const size_t all = f->n_members - f->n_superseded;

    if (v == VERDICT_SKIP) {
        buf_str(to, "No sensor was tested.");
    } else if (v == VERDICT_PASS) {
        buf_printf(to, "%zu of ", f->counts[v]);
        words_count(all, "sensor reaches", "sensors reach", to);
        buf_str(to, " all required endpoints.");
    } else {
        buf_printf(to, "%zu of ", f->counts[v]);
        words_count(all, "sensor", "sensors", to);
        buf_printf(to, " at %zu of ", failing_sites(f, v));
        words_count(f->n_sites, "site", "sites", to);
        buf_str(to, v == VERDICT_FAIL ? (f->counts[v] == 1 ? " fails" : " fail")
                                      : " pass with a warning");
        if (f->n_findings > 0) {
            const struct fleet_finding *first = &f->findings[0];

            buf_str(to, ". Most of all ");
            words_place(first->first->at, to);
            buf_str(to, ": ");
            words_inside(first->first->title, to);
            buf_str(to, " (");
            words_count(first->n_members, "sensor", "sensors", to);
            buf_str(to, "). To act: ");
            words_owner(first->first->owner, to);
        }
        buf_char(to, '.');
    }
}
