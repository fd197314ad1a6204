/* fleet_json: see fleet_json.h. */
#include "reports/fleet_json.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/model/shape.h"
#include "reports/json.h"

#define FLEET_SHAPE(name, FIELDS)                                                                  \
    static const struct field name##_fields[] = {FIELDS(FIELD_ROW, name)};                         \
    const struct shape name##_shape = {#name, sizeof(struct name),                                 \
                                       offsetof(struct name, unknown_keys), name##_fields,         \
                                       sizeof name##_fields / sizeof name##_fields[0]};
FLEET_SHAPES(FLEET_SHAPE)
#undef FLEET_SHAPE

static struct fleet_counts *counts_of(struct arena *a, const char *name, const size_t n[4])
{
    struct fleet_counts *c = shape_new(a, &fleet_counts_shape);

    c->name = name;
    c->pass = (int64_t)n[VERDICT_PASS];
    c->warn = (int64_t)n[VERDICT_WARN];
    c->fail = (int64_t)n[VERDICT_FAIL];
    c->skip = (int64_t)n[VERDICT_SKIP];
    return c;
}

static struct fleet_sensor *sensor_of(struct arena *a, const struct fleet_member *m)
{
    struct fleet_sensor *s = shape_new(a, &fleet_sensor_shape);

    s->file = m->file;
    s->site = m->site;
    s->sensor = m->sensor;
    s->started = m->started;
    s->verdict = m->verdict;
    s->complete = m->complete;
    s->superseded = m->superseded;
    s->sentence = m->sentence;
    s->checklist = m->has_checklist;
    s->unmet = m->unmet;
    s->n_unmet = m->n_unmet;
    s->to_look = m->to_look;
    s->n_to_look = m->n_to_look;
    s->unmet_info = m->remarks;
    s->n_unmet_info = m->n_remarks;
    return s;
}

/* Where a member stands in the list; it is there. */
static int64_t index_of(const struct fleet *f, const struct fleet_member *m)
{
    size_t i = 0;

    while (i + 1 < f->n_members && f->members[i] != m)
        i++;
    return (int64_t)i;
}

static struct fleet_group *group_of(struct arena *a, const struct fleet *f,
                                    const struct fleet_finding *finding)
{
    struct fleet_group *g = shape_new(a, &fleet_group_shape);

    g->cause = finding->first->cause;
    g->at = finding->first->at;
    g->owner = finding->first->owner;
    g->sensor_class = finding->first->sensor_class;
    g->severity = finding->first->severity;
    g->title = finding->first->title;
    g->remedy = finding->first->remedy;
    g->sites = (int64_t)finding->n_sites;
    for (size_t i = 0; i < finding->n_members; i++)
        list_push(a, g->sensors, g->n_sensors, index_of(f, finding->members[i]));
    for (size_t i = 0; i < finding->n_endpoints; i++) {
        struct fleet_times *t = shape_new(a, &fleet_times_shape);

        t->endpoint = finding->endpoints[i].name;
        t->sensors = (int64_t)finding->endpoints[i].n;
        list_push(a, g->endpoints, g->n_endpoints, t);
    }
    return g;
}

static struct fleet_document *document_of(struct arena *a, const struct fleet *f)
{
    struct fleet_document *d = shape_new(a, &fleet_document_shape);
    struct buf sentence;

    buf_init(&sentence, 4096);
    fleet_sentence(f, &sentence);
    d->schema = FLEET_SCHEMA;
    d->verdict = fleet_verdict(f);
    d->sentence = arena_strdup(a, buf_text(&sentence));
    d->counts = counts_of(a, NULL, f->counts);
    d->superseded = (int64_t)f->n_superseded;
    d->incomplete = (int64_t)f->n_incomplete;
    buf_free(&sentence);
    for (size_t i = 0; i < f->n_findings; i++)
        list_push(a, d->findings, d->n_findings, group_of(a, f, &f->findings[i]));
    for (size_t i = 0; i < f->n_sites; i++)
        list_push(a, d->sites, d->n_sites, counts_of(a, f->sites[i].name, f->sites[i].n));
    for (size_t i = 0; i < f->n_endpoints; i++)
        list_push(a, d->endpoints, d->n_endpoints,
                  counts_of(a, f->endpoints[i].name, f->endpoints[i].n));
    for (size_t i = 0; i < f->n_members; i++)
        list_push(a, d->sensors, d->n_sensors, sensor_of(a, f->members[i]));
    for (size_t i = 0; i < f->n_skipped; i++) {
        struct fleet_file *s = shape_new(a, &fleet_file_shape);

        s->file = f->skipped[i].file;
        s->why = f->skipped[i].why;
        list_push(a, d->skipped, d->n_skipped, s);
    }
    return d;
}

int fleet_json(const struct fleet *f, struct buf *out)
{
    struct arena *a = arena_new();
    int result = json_write_object(document_of(a, f), &fleet_document_shape, false, out);

    arena_free(a);
    return result == 0 ? buf_char(out, '\n') : -1;
}

int fleet_write_schema(FILE *out)
{
    json_schema_head(out, FLEET_SCHEMA_ID, "hopproof fleet report, version 1");
#define DEFINE(name, FIELDS)                                                                       \
    if (&name##_shape != &fleet_document_shape)                                                    \
        json_schema_part(out, &name##_shape, &name##_shape == &fleet_file_shape);
    FLEET_SHAPES(DEFINE)
#undef DEFINE
    return json_schema_root(out, &fleet_document_shape);
}
