/* yaml: see yaml.h. Over libyaml's events, which carry their marks. */
#include "diag/site/yaml.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    const char *label;
    size_t nodes;
};

static int vfault(struct fault *f, const char *label, unsigned long line, unsigned long column,
                  const char *format, va_list args) __attribute__((format(printf, 5, 0)));

static int vfault(struct fault *f, const char *label, unsigned long line, unsigned long column,
                  const char *format, va_list args)
{
    char what[1024];

    vsnprintf(what, sizeof what, format, args);
    return fault_set(f, "%s:%lu:%lu: %s", label, line, column, what);
}

int yaml_fault(struct fault *f, const char *label, const struct yaml *node, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfault(f, label, node->line, node->column, format, args);
    va_end(args);
    return -1;
}

static int fault_mark(struct fault *f, const struct reader *r, yaml_mark_t mark, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));

static int fault_mark(struct fault *f, const struct reader *r, yaml_mark_t mark, const char *format,
                      ...)
{
    va_list args;

    va_start(args, format);
    vfault(f, r->label, (unsigned long)mark.line + 1, (unsigned long)mark.column + 1, format, args);
    va_end(args);
    return -1;
}

const char *yaml_kind_text(const struct yaml *node)
{
    return node->kind == YAML_MAPPING    ? "a mapping"
           : node->kind == YAML_SEQUENCE ? "a list"
                                         : "a value";
}

/* Where to look for a mistake that libyaml complains about. */
static yaml_mark_t mark_of(const yaml_parser_t *p)
{
    if (p->error == YAML_READER_ERROR) /* broken bytes are known by their offset only */
        return p->mark;
    if (p->context != NULL && p->problem != NULL && strstr(p->problem, "end of stream") != NULL)
        return p->context_mark; /* the quote that was opened, not the end of the file */
    return p->problem_mark;
}

/* The next event, to be deleted by the caller. */
static int next(struct reader *r, yaml_event_t *event, struct fault *f)
{
    const yaml_parser_t *p = &r->parser;

    if (yaml_parser_parse(&r->parser, event))
        return 0;
    if (p->error == YAML_MEMORY_ERROR)
        return fault_set(f, "%s: no memory left to read it; free some", r->label);
    if (p->context != NULL && strstr(p->context, "alias") != NULL)
        return fault_mark(f, r, p->problem_mark,
                          "a value that begins with * must stand in quotes, as in "
                          "\"*.azure-devices.net\"; add them");
    return fault_mark(f, r, mark_of(p),
                      "is broken YAML: %s%s%s; correct the line or the one before",
                      p->context != NULL ? p->context : "", p->context != NULL ? ", " : "",
                      p->problem != NULL ? p->problem : "cannot be read");
}

static int refuse_extras(const struct reader *r, const yaml_event_t *event,
                         const yaml_char_t *anchor, const yaml_char_t *tag, struct fault *f)
{
    if (anchor != NULL)
        return fault_mark(f, r, event->start_mark,
                          "anchors (&%.40s) are not supported; write the value where it is needed",
                          text_printable(r->arena, anchor, strlen((const char *)anchor), 40));
    if (tag != NULL)
        return fault_mark(f, r, event->start_mark, "tags (!) are not supported; remove it");
    return 0;
}

static struct yaml *new_node(struct reader *r, enum yaml_kind kind, const yaml_event_t *event)
{
    struct yaml *node = arena_new_of(r->arena, struct yaml);

    node->kind = kind;
    node->line = (unsigned long)event->start_mark.line + 1;
    node->column = (unsigned long)event->start_mark.column + 1;
    r->nodes++;
    return node;
}

static int read_scalar(struct reader *r, const yaml_event_t *event, struct yaml **out,
                       struct fault *f)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    struct yaml *node;

    if (refuse_extras(r, event, event->data.scalar.anchor, event->data.scalar.tag, f) != 0)
        return -1;
    node = new_node(r, YAML_SCALAR, event);
    node->last = (unsigned long)event->end_mark.line + 1;
    node->text = arena_strndup(r->arena, value, len);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (strlen(node->text) != len || !text_is_printable(node->text))
        return fault_mark(
            f, r, event->start_mark,
            "the value holds a line end or a control character; write it in one line");
    *out = node;
    return 0;
}

/* A bounded recursion: YAML_DEPTH_MAX. */
static int read_node(struct reader *r, yaml_event_t *event, int depth, struct yaml **out,
                     struct fault *f);

static int read_sequence(struct reader *r, struct yaml *node, int depth, struct fault *f)
{
    yaml_event_t event;

    for (;;) {
        struct yaml *item = NULL;
        int rc;

        if (next(r, &event, f) != 0)
            return -1;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        rc = read_node(r, &event, depth + 1, &item, f);
        yaml_event_delete(&event);
        if (rc != 0)
            return -1;
        list_push(r->arena, node->items, node->n, item);
    }
}

static int check_key(const struct reader *r, const struct yaml *node, const struct yaml *key,
                     struct fault *f)
{
    if (key->kind != YAML_SCALAR)
        return yaml_fault(f, r->label, key, "a key is a word, not %s; check the indentation",
                          yaml_kind_text(key));
    if (strcmp(key->text, "<<") == 0)
        return yaml_fault(f, r->label, key,
                          "merge keys (<<) are not supported; write the values where they are "
                          "needed");
    for (size_t i = 0; i < node->n; i++) {
        if (strcmp(node->keys[i]->text, key->text) == 0)
            return yaml_fault(f, r->label, key,
                              "\"%.80s\" is given twice, first in line %lu; remove one", key->text,
                              node->keys[i]->line);
    }
    return 0;
}

static int read_mapping(struct reader *r, struct yaml *node, int depth, struct fault *f)
{
    yaml_event_t event;
    size_t n_keys = 0;

    for (;;) {
        struct yaml *key = NULL, *value = NULL;
        int rc;

        if (next(r, &event, f) != 0)
            return -1;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return 0;
        }
        if (node->n == 64) { /* far more than there are keys, and it bounds the search for twins */
            rc = fault_mark(f, r, event.start_mark,
                            "more than 64 keys in one mapping; is it a "
                            "site file?");
            yaml_event_delete(&event);
            return rc;
        }
        rc = read_node(r, &event, depth + 1, &key, f);
        yaml_event_delete(&event);
        if (rc != 0 || check_key(r, node, key, f) != 0 || next(r, &event, f) != 0)
            return -1;
        rc = read_node(r, &event, depth + 1, &value, f);
        yaml_event_delete(&event);
        if (rc != 0)
            return -1;
        list_push(r->arena, node->keys, n_keys, key);
        list_push(r->arena, node->items, node->n, value);
    }
}

static int read_node(struct reader *r, yaml_event_t *event, int depth, struct yaml **out,
                     struct fault *f)
{
    bool sequence = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *anchor, *tag;

    if (event->type == YAML_ALIAS_EVENT)
        return fault_mark(f, r, event->start_mark,
                          "aliases (*) are not supported; write the value, and put a wildcard such "
                          "as \"*.azure-devices.net\" in quotes");
    if (r->nodes >= YAML_NODES_MAX)
        return fault_set(f, "%s: more than %d values; is it a site file?", r->label,
                         YAML_NODES_MAX);
    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(r, event, out, f);
    if (depth >= YAML_DEPTH_MAX)
        return fault_mark(f, r, event->start_mark, "nested deeper than %d; is it a site file?",
                          YAML_DEPTH_MAX);
    anchor = sequence ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    tag = sequence ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    if (refuse_extras(r, event, anchor, tag, f) != 0)
        return -1;
    *out = new_node(r, sequence ? YAML_SEQUENCE : YAML_MAPPING, event);
    return sequence ? read_sequence(r, *out, depth, f) : read_mapping(r, *out, depth, f);
}

/* The start of the stream and of the document, then its root. */
static int read_document(struct reader *r, struct yaml **root, struct fault *f)
{
    yaml_event_t event;
    int rc = 0;

    for (int i = 0; i < 2; i++) { /* stream start, document start */
        if (next(r, &event, f) != 0)
            return -1;
        if (event.type == YAML_STREAM_END_EVENT)
            rc = fault_set(f, "%s: is empty; docs/site-file.md has an example", r->label);
        yaml_event_delete(&event);
        if (rc != 0)
            return -1;
    }
    if (next(r, &event, f) != 0)
        return -1;
    rc = read_node(r, &event, 0, root, f);
    yaml_event_delete(&event);
    return rc;
}

/* Nothing may follow the document. */
static int read_end(struct reader *r, struct fault *f)
{
    yaml_event_t event;
    int rc = 0;

    for (int i = 0; i < 2; i++) { /* document end, stream end */
        if (next(r, &event, f) != 0)
            return -1;
        if (event.type == YAML_DOCUMENT_START_EVENT)
            rc = fault_mark(f, r, event.start_mark,
                            "a second document begins here; a site file has only one");
        yaml_event_delete(&event);
        if (rc != 0)
            return -1;
    }
    return 0;
}

struct yaml *yaml_read(struct arena *a, const char *label, const char *bytes, size_t len,
                       struct fault *f)
{
    struct reader r = {.arena = a, .label = label};
    struct yaml *root = NULL;
    int rc;

    if (len > YAML_SIZE_MAX) {
        fault_set(f, "%s: larger than %d MiB; is it a site file?", label, YAML_SIZE_MAX >> 20);
        return NULL;
    }
    if (!yaml_parser_initialize(&r.parser)) {
        fault_set(f, "%s: no memory left to read it; free some", label);
        return NULL;
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes, len);
    rc = read_document(&r, &root, f);
    if (rc == 0)
        rc = read_end(&r, f);
    yaml_parser_delete(&r.parser);
    return rc == 0 ? root : NULL;
}
