/*
 * json_read: the reading half of json.h.
 *
 * jansson parses (strictly, RFC 8259); this file checks types against the tables and copies.
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "reports/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STRING ((size_t)64 * 1024) /* a certificate with thousands of names stays below */

struct reader {
    struct arena *arena;
    const char *name; /* of the file */
    struct fault *fault;
};

/* Where in the document we are; only read when there is something to complain about. */
struct trail {
    const struct trail *up;
    const char *key; /* NULL: an element of a list */
    size_t index;
};

static void trail_text(const struct trail *t, struct buf *to)
{
    if (t == NULL) {
        buf_char(to, '$');
        return;
    }
    trail_text(t->up, to);
    if (t->key != NULL)
        buf_printf(to, ".%s", t->key);
    else
        buf_printf(to, "[%zu]", t->index);
}

static int complain(const struct reader *rd, const struct trail *where, const char *what)
{
    struct buf path;

    buf_init(&path, 400);
    trail_text(where, &path);
    fault_set(rd->fault, "%s: %s: %s; give an unchanged file that hopproof wrote with --json",
              rd->name, buf_text(&path), what);
    buf_free(&path);
    return -1;
}

static int expect(const struct reader *rd, const struct trail *where, const char *wanted,
                  const json_t *found)
{
    static const char *const types[] = {"an object",       "a list", "a string", "a whole number",
                                        "a broken number", "true",   "false",    "null"};
    char what[128];

    snprintf(what, sizeof what, "%s expected, not %s", wanted, types[json_typeof(found)]);
    return complain(rd, where, what);
}

/* Printable already means: written by us or harmless, and then it must not change. */
static const char *copy_text(struct reader *rd, const json_t *value)
{
    const char *s = json_string_value(value);
    size_t len = json_string_length(value);

    if (len <= MAX_STRING && text_is_printable(s))
        return arena_strndup(rd->arena, s, len);
    return text_printable(rd->arena, s, len, MAX_STRING);
}

static int read_object(struct reader *rd, const json_t *json, const struct shape *shape,
                       const struct trail *where, void **out);

static int read_str(struct reader *rd, const json_t *value, const struct trail *where,
                    const char **to)
{
    if (json_is_null(value)) {
        *to = NULL;
        return 0;
    }
    if (!json_is_string(value))
        return expect(rd, where, "a string or null", value);
    *to = copy_text(rd, value);
    return 0;
}

static int read_int(struct reader *rd, const json_t *value, const struct trail *where, int64_t *to)
{
    if (json_is_null(value)) {
        *to = INT_UNKNOWN;
        return 0;
    }
    if (!json_is_integer(value))
        return expect(rd, where, "a whole number or null", value);
    if (json_integer_value(value) > INT_MOST || json_integer_value(value) < -INT_MOST)
        return complain(rd, where, "larger than any number of a report");
    *to = json_integer_value(value);
    return 0;
}

static int read_ms(struct reader *rd, const json_t *value, const struct trail *where, int64_t *to)
{
    double ms;

    if (json_is_null(value)) {
        *to = INT_UNKNOWN;
        return 0;
    }
    if (!json_is_number(value))
        return expect(rd, where, "a number of milliseconds or null", value);
    ms = json_number_value(value);
    if (!(ms > -1e12 && ms < 1e12)) /* 31 years; up to there a double holds every microsecond */
        return complain(rd, where, "this is no duration");
    *to = (int64_t)(ms * 1000.0 + (ms < 0 ? -0.5 : 0.5));
    return 0;
}

static int read_bool(struct reader *rd, const json_t *value, const struct trail *where,
                     enum tri *to)
{
    if (!json_is_boolean(value) && !json_is_null(value))
        return expect(rd, where, "true, false or null", value);
    *to = json_is_null(value) ? TRI_UNKNOWN : json_is_true(value) ? TRI_YES : TRI_NO;
    return 0;
}

static int read_name(struct reader *rd, const json_t *value, const struct trail *where,
                     const struct names *names, int *to)
{
    char what[160];
    int number;

    if (json_is_null(value)) {
        *to = 0; /* every table begins with "unknown" or "nothing happened" */
        return 0;
    }
    if (!json_is_string(value))
        return expect(rd, where, "a word", value);
    number = names_value(names, json_string_value(value));
    if (number < 0) {
        snprintf(what, sizeof what, "\"%.40s\" is no %s that this version (%s) knows",
                 copy_text(rd, value), names->type, HOPPROOF_VERSION);
        return complain(rd, where, what);
    }
    *to = number;
    return 0;
}

static int read_list(struct reader *rd, const json_t *value, const struct trail *where,
                     const struct field *f, void *object)
{
    size_t n = json_array_size(value);
    size_t size = f->kind == FIELD_INTS ? sizeof(int64_t) : sizeof(void *);
    char *list;

    if (json_is_null(value))
        return 0;
    if (!json_is_array(value))
        return expect(rd, where, "a list", value);
    /* list_push() may go on with this list: it expects room up to the next power of two */
    list = NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *element = json_array_get(value, i);
        struct trail here = {where, NULL, i};
        void *to;
        int bad;

        list = arena_grow(rd->arena, list, i, size);
        to = list + i * size;
        if (f->kind == FIELD_STRS)
            bad = json_is_string(element) ? read_str(rd, element, &here, (const char **)to)
                                          : expect(rd, &here, "a string", element);
        else if (f->kind == FIELD_INTS)
            bad = json_is_integer(element) ? read_int(rd, element, &here, (int64_t *)to)
                                           : expect(rd, &here, "a whole number", element);
        else
            bad = read_object(rd, element, f->shape, &here, (void **)to);
        if (bad != 0)
            return -1;
    }
    memcpy((char *)object + f->offset, &list, sizeof list);
    memcpy((char *)object + f->count_offset, &n, sizeof n);
    return 0;
}

static int read_value(struct reader *rd, const json_t *value, const struct trail *where,
                      const struct field *f, void *object)
{
    void *to = (char *)object + f->offset;
    enum tri tri = TRI_UNKNOWN;

    switch (f->kind) {
    case FIELD_STR:
        return read_str(rd, value, where, to);
    case FIELD_INT:
        return read_int(rd, value, where, to);
    case FIELD_MS:
        return read_ms(rd, value, where, to);
    case FIELD_BOOL:
        if (read_bool(rd, value, where, &tri) != 0)
            return -1;
        *(bool *)to = tri == TRI_YES;
        return 0;
    case FIELD_TRI:
        return read_bool(rd, value, where, to);
    case FIELD_NAME:
        return read_name(rd, value, where, f->names, to);
    case FIELD_STRS:
    case FIELD_INTS:
    case FIELD_OBJS:
        return read_list(rd, value, where, f, object);
    case FIELD_OBJ:
        return json_is_null(value) ? 0 : read_object(rd, value, f->shape, where, to);
    case FIELD_DETAIL:
        break; /* read_detail, when the step's kind is known */
    }
    return 0;
}

/* A detail exists for every step that was read, so that step_tls() and its like find it. */
static int read_detail(struct reader *rd, const json_t *value, const struct trail *where,
                       struct step *step)
{
    const struct shape *shape = step_detail_shape(step->step);

    if (value == NULL || json_is_null(value)) {
        step->detail = shape_new(rd->arena, shape);
        return 0;
    }
    return read_object(rd, value, shape, where, &step->detail);
}

static bool knows(const struct shape *shape, const char *key)
{
    for (size_t i = 0; i < shape->n_fields; i++) {
        if (strcmp(shape->fields[i].key, key) == 0)
            return true;
    }
    return false;
}

/* Members of a newer version, as JSON text ready to be written back: "key":value,"key":value. */
static const char *unknown_members(struct reader *rd, const json_t *json, const struct shape *shape)
{
    json_t *rest = NULL;
    const char *key;
    json_t *value;
    char *text, *members;

    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        if (knows(shape, key))
            continue;
        if (rest == NULL)
            rest = json_object();
        if (rest == NULL || json_object_set(rest, key, value) != 0)
            break;
    }
    if (rest == NULL)
        return NULL;
    /* ASCII only: an escape sequence in there must stay an escape sequence. 15 digits survive
     * being read and written again (DBL_DIG). */
    text = json_dumps(rest, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    json_decref(rest);
    if (text == NULL)
        return NULL;
    members = arena_strndup(rd->arena, text + 1, strlen(text) - 2);
    free(text);
    return members;
}

static int read_object(struct reader *rd, const json_t *json, const struct shape *shape,
                       const struct trail *where, void **out)
{
    size_t known = 0;
    char *object;

    if (!json_is_object(json))
        return expect(rd, where, "an object", json);
    object = shape_new(rd->arena, shape);
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct field *f = &shape->fields[i];
        const json_t *value = json_object_get(json, f->key);
        struct trail here = {where, f->key, 0};

        known += value != NULL;
        if (f->kind == FIELD_DETAIL) {
            if (read_detail(rd, value, &here, (struct step *)(void *)object) != 0)
                return -1;
        } else if (value != NULL && read_value(rd, value, &here, f, object) != 0) {
            return -1;
        }
    }
    if (known < json_object_size(json)) {
        const char *members = unknown_members(rd, json, shape);

        memcpy(object + shape->unknown_offset, &members, sizeof members);
    }
    *out = object;
    return 0;
}

/* Nesting is bounded before the parser's recursion sees it. */
static bool too_deep(const char *s, size_t len)
{
    unsigned depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (s[i] == '\\')
                i++;
            else if (s[i] == '"')
                quoted = false;
        } else if (s[i] == '"') {
            quoted = true;
        } else if (s[i] == '{' || s[i] == '[') {
            if (++depth > JSON_MAX_DEPTH)
                return true;
        } else if ((s[i] == '}' || s[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

static json_t *parse(struct reader *rd, const void *bytes, size_t len)
{
    json_error_t error;
    json_t *json;

    if (len > JSON_MAX_BYTES || too_deep(bytes, len)) {
        fault_set(rd->fault,
                  "%s: too large or too deeply nested for a report; give a file that "
                  "hopproof wrote with --json",
                  rd->name);
        return NULL;
    }
    json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        fault_at(rd->fault, rd->name, error.line < 1 ? 1 : (unsigned long)error.line,
                 "not JSON: %s; give a file that hopproof wrote with --json",
                 text_printable(rd->arena, error.text, strlen(error.text), 200));
    return json;
}

/* A report of our schema, not any other JSON document. */
static int check_schema(struct reader *rd, const json_t *json)
{
    const char *schema = json_string_value(json_object_get(json, "schema"));
    const size_t kind = strcspn(REPORT_SCHEMA, "/") + 1; /* what is behind it is the version */

    if (schema == NULL)
        return fault_set(rd->fault,
                         "%s: JSON, but no hopproof report (it has no \"schema\"); give "
                         "a file that hopproof wrote with --json",
                         rd->name);
    if (strncmp(schema, REPORT_SCHEMA, kind) != 0)
        return fault_set(rd->fault,
                         "%s: its schema is \"%s\", so it is not the report of a run; give one "
                         "that hopproof check, migrate or analyze wrote with --json",
                         rd->name, text_printable(rd->arena, schema, strlen(schema), 60));
    if (strcmp(schema, REPORT_SCHEMA) != 0)
        return fault_set(rd->fault,
                         "%s: its schema is \"%s\", this version (%s) reads \"%s\"; "
                         "use the hopproof that wrote it, or a newer one",
                         rd->name, text_printable(rd->arena, schema, strlen(schema), 60),
                         HOPPROOF_VERSION, REPORT_SCHEMA);
    return 0;
}

/* The parts that the contract promises exist also where the file has null or nothing. */
static void complete(struct report *r)
{
    if (r->tool == NULL)
        r->tool = report_new_of(r, tool);
    if (r->run == NULL)
        r->run = report_new_of(r, run);
    if (r->site == NULL)
        r->site = report_new_of(r, site_info);
    if (r->capture == NULL)
        r->capture = report_new_of(r, capture);
    if (r->summary == NULL)
        r->summary = report_new_of(r, summary);
    if (r->summary->required == NULL)
        r->summary->required = report_new_of(r, counts);
    if (r->summary->all == NULL)
        r->summary->all = report_new_of(r, counts);
}

static int check_flows(struct reader *rd, const struct report *r, size_t result)
{
    const struct result *res = r->results[result];
    const size_t n_flows = res->wire == NULL ? 0 : res->wire->n_flows;
    const struct trail results = {NULL, "results", 0}, the_result = {&results, NULL, result};
    const struct trail steps = {&the_result, "steps", 0};

    for (size_t i = 0; i < res->n_steps; i++) {
        const struct trail step = {&steps, NULL, i}, flow = {&step, "flow", 0};
        int64_t index = res->steps[i]->flow;

        if (index != INT_UNKNOWN && (index < 0 || (uint64_t)index >= n_flows))
            return complain(rd, &flow, "there is no such flow");
    }
    return 0;
}

/* Indices that drawing code follows without looking. */
static int check_indices(struct reader *rd, const struct report *r)
{
    const struct trail findings = {NULL, "findings", 0};

    for (size_t i = 0; i < r->n_findings; i++) {
        const struct trail finding = {&findings, NULL, i}, results = {&finding, "results", 0};
        const struct finding *fi = r->findings[i];

        for (size_t k = 0; k < fi->n_results; k++) {
            if (fi->results[k] < 0 || (uint64_t)fi->results[k] >= r->n_results)
                return complain(rd, &results, "there is no such result");
        }
    }
    for (size_t i = 0; i < r->n_results; i++) {
        if (check_flows(rd, r, i) != 0)
            return -1;
    }
    return 0;
}

static int read_report(struct reader *rd, const json_t *json, struct report **out)
{
    struct fault link;
    struct report *r;
    void *object;

    if (check_schema(rd, json) != 0 || read_object(rd, json, &report_shape, NULL, &object) != 0)
        return -1;
    r = object;
    r->arena = rd->arena;
    complete(r);
    if (report_link(r, &link) != 0)
        return fault_set(rd->fault,
                         "%s: %s; give an unchanged file that hopproof wrote with "
                         "--json",
                         rd->name, link.text);
    if (check_indices(rd, r) != 0)
        return -1;
    *out = r;
    return 0;
}

int json_read_bytes(const char *name, const void *bytes, size_t len, struct report **out,
                    struct fault *f)
{
    struct reader rd = {arena_new(), name, f};
    json_t *json = parse(&rd, bytes, len);
    int result = -1;

    if (json != NULL && !json_is_object(json))
        fault_set(f,
                  "%s: JSON, but no hopproof report; give a file that hopproof wrote with "
                  "--json",
                  name);
    else if (json != NULL)
        result = read_report(&rd, json, out);
    json_decref(json);
    if (result != 0)
        arena_free(rd.arena);
    return result;
}

int json_read_object(const char *name, const void *bytes, size_t len, const struct shape *shape,
                     struct arena *a, void **out, struct fault *f)
{
    struct reader rd = {a, name, f};
    json_t *json = parse(&rd, bytes, len);
    int result = json == NULL ? -1 : read_object(&rd, json, shape, NULL, out);

    json_decref(json);
    return result;
}
