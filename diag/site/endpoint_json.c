/*
 * endpoint_json: endpoints out of any JSON, as the portal's endpoint details file has no public
 * schema.
 *
 * Every string that is plausibly an endpoint is one, whether it is a value or a key; a port or a
 * service that stands beside it, or beside what holds it, belongs to it.
 */
#include "diag/site/endpoint_file.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/endpoints.h"
#include "diag/site/plausible.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 100, PORTS_MAX = 16, PATH_MAX_LEN = 300, SERVICE_MAX = 80 };

/* Where we are: a linked list up the stack, made into text only where an endpoint is found. */
struct place {
    const struct place *up;
    const char *key; /* NULL in an array */
    size_t index;
    enum key_hint hint;        /* of the nearest key */
    uint16_t ports[PORTS_MAX]; /* of the nearest object that names some */
    size_t n_ports;
    const char *service;
    int depth;
};

/* One step of a JSON path, RFC 9535: .name where the name is simple, else ['name']. */
static int print_step(const struct place *p, char *to, size_t room)
{
    bool simple;

    if (p->key == NULL)
        return snprintf(to, room, "[%zu]", p->index);
    simple = p->key[0] != '\0' &&
             strspn(p->key, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(p->key);
    return snprintf(to, room, simple ? ".%.60s" : "['%.60s']", p->key);
}

/* "$.cloud[3].fqdn"; what does not fit is cut at the end. */
static void print_path(const struct place *p, char *to, size_t room)
{
    const struct place *chain[DEPTH_MAX + 2];
    size_t n = 0, len = 1;

    for (; p->up != NULL; p = p->up)
        chain[n++] = p;
    snprintf(to, room, "$");
    while (n > 0 && len + 1 < room) {
        int step = print_step(chain[--n], to + len, room - len);

        if (step < 0 || (size_t)step >= room - len)
            return;
        len += (size_t)step;
    }
}

static int add(struct endpoint_file *file, const struct place *at, const char *s, size_t len,
               struct fault *f)
{
    struct endpoint_facts facts = {.service = at->service};
    char path[PATH_MAX_LEN];
    const char *source;
    struct fault why;
    size_t i = 0;

    print_path(at, path, sizeof path);
    source = arena_printf(file->arena, "%s:%s", file->label,
                          text_printable(file->arena, path, strlen(path), PATH_MAX_LEN));
    do {
        facts.port = i < at->n_ports ? at->ports[i] : 0;
        if (endpoints_add(file->list, s, len, &facts, source, &why) != 0)
            return fault_set(f, "%s: %s", source, why.text);
        file->found++;
    } while (++i < at->n_ports);
    return 0;
}

/* "a.example.net, b.example.net": taken apart only where every part is an endpoint. */
static int add_several(struct endpoint_file *file, const struct place *at, const char *s,
                       struct fault *f)
{
    for (int pass = 0; pass < 2; pass++) {
        for (const char *p = s + strspn(s, " ,;\t\r\n"); *p != '\0';) {
            size_t len = strcspn(p, " ,;\t\r\n");

            if (pass == 0 && plausible_endpoint(file->arena, p, len, at->hint) != PLAUSIBLE_YES)
                return 0;
            if (pass == 1 && add(file, at, p, len, f) != 0)
                return -1;
            p += len;
            p += strspn(p, " ,;\t\r\n");
        }
    }
    return 0;
}

static int take_string(struct endpoint_file *file, const struct place *at, const char *s,
                       size_t len, enum key_hint hint, struct fault *f)
{
    if (strlen(s) != len) /* holds a NUL */
        return 0;
    if (hint != KEY_ITSELF && s[strcspn(s, " ,;\t\r\n")] != '\0')
        return add_several(file, at, s, f);
    switch (plausible_endpoint(file->arena, s, len, hint)) {
    case PLAUSIBLE_YES:
        return add(file, at, s, len, f);
    case PLAUSIBLE_DOUBT:
        endpoint_file_doubt(file, s, len);
        return 0;
    case PLAUSIBLE_NO:
        break;
    }
    return 0;
}

static void take_port(struct place *p, const json_t *value)
{
    json_int_t number = 0;
    unsigned long parsed;

    if (json_is_integer(value))
        number = json_integer_value(value);
    else if (json_is_string(value) && text_parse_uint(json_string_value(value), 65535, &parsed))
        number = (json_int_t)parsed;
    if (number > 0 && number <= 65535 && p->n_ports < PORTS_MAX)
        p->ports[p->n_ports++] = (uint16_t)number;
}

/* One port or a list of them; what is neither changes nothing. */
static void take_ports(struct place *p, const json_t *value)
{
    json_t *item;
    size_t i;

    p->n_ports = 0;
    if (json_is_array(value)) {
        json_array_foreach(value, i, item) take_port(p, item);
    } else {
        take_port(p, value);
    }
}

/* "port": 443, "ports": [443, 8883], "service": "IoT Hub" of an object, for all below it. */
static void take_facts(struct endpoint_file *file, json_t *object, struct place *p)
{
    static const char *const ports[] = {"port", "Port", "ports", "Ports"};
    static const char *const services[] = {"service",  "serviceName", "Service",
                                           "category", "Category",    "purpose"};
    json_t *value;
    size_t i;

    for (i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        value = json_object_get(object, ports[i]);
        if (value != NULL) {
            take_ports(p, value);
            break;
        }
    }
    for (i = 0; i < sizeof services / sizeof services[0]; i++) {
        value = json_object_get(object, services[i]);
        if (json_is_string(value) && json_string_length(value) > 0) {
            p->service = text_printable(file->arena, json_string_value(value),
                                        json_string_length(value), SERVICE_MAX);
            return;
        }
    }
}

/* {"a.example.com": 443}, {"a.example.com": {"port": 443}}: the value tells about its key. */
static int take_key(struct endpoint_file *file, const struct place *at, const char *key,
                    json_t *value, struct fault *f)
{
    struct place here = *at;

    if (json_is_object(value))
        take_facts(file, value, &here);
    else if (json_is_integer(value) || json_is_array(value))
        take_ports(&here, value);
    return take_string(file, &here, key, strlen(key), KEY_ITSELF, f);
}

static int walk(struct endpoint_file *file, json_t *value, const struct place *at, struct fault *f)
{
    struct place below = *at;
    const char *key;
    json_t *item;
    size_t i;

    if (at->depth > DEPTH_MAX)
        return fault_set(f, "%s: is nested deeper than %d; is it an endpoint list?", file->label,
                         DEPTH_MAX);
    below.up = at;
    below.depth = at->depth + 1;
    if (json_is_string(value))
        return take_string(file, at, json_string_value(value), json_string_length(value), at->hint,
                           f);
    if (json_is_array(value)) {
        below.key = NULL;
        json_array_foreach(value, i, item)
        {
            below.index = i;
            if (walk(file, item, &below, f) != 0)
                return -1;
        }
    } else if (json_is_object(value)) {
        take_facts(file, value, &below);
        json_object_foreach(value, key, item)
        {
            below.key = key;
            below.hint = plausible_key(key);
            /* What stands under "endpoints" in a neutral word stays an endpoint. */
            if (below.hint == KEY_NEUTRAL && at->hint == KEY_HOST && !json_is_string(item))
                below.hint = KEY_HOST;
            if (take_key(file, &below, key, item, f) != 0 || walk(file, item, &below, f) != 0)
                return -1;
        }
    }
    return 0;
}

/* Our own reports lie in the same folder as the lists, and end in .json too. */
static bool is_report(json_t *json)
{
    const char *schema = json_string_value(json_object_get(json, "schema"));

    return schema != NULL && text_starts_with_nocase(schema, "hopproof.");
}

int endpoint_json_read(struct endpoint_file *file, const char *text, struct fault *f)
{
    struct place root = {.hint = KEY_NEUTRAL};
    json_error_t error;
    json_t *json;
    int rc;

    /* Of two equal keys jansson would keep one, and an endpoint would be lost. */
    json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        return fault_set(f, "%s:%d:%d: is broken JSON: %s; download the file again", file->label,
                         error.line, error.column,
                         text_printable(file->arena, error.text, strlen(error.text), 200));
    if (is_report(json))
        rc = fault_set(f,
                       "%s: is a report of hopproof, not a list of endpoints: it names proxies and "
                       "hosts too that nobody has to reach; give the list of that run",
                       file->label);
    else
        rc = walk(file, json, &root, f);
    json_decref(json);
    return rc;
}
