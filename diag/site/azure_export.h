/*
 * azure_export: what all readers of Azure's JSON share: `az ... show` and `list` write the members
 * of an object side by side, REST puts most of them below "properties", and both spell some names
 * in different case. Texts come out printable, in the arena.
 */
#ifndef HOPPROOF_SITE_AZURE_EXPORT_H
#define HOPPROOF_SITE_AZURE_EXPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fault;

enum export_kind {
    EXPORT_NSG, /* also what is no known export */
    EXPORT_BALANCER,
    EXPORT_PROBES,
    EXPORT_NAT,
    EXPORT_ROUTES,
    EXPORT_SUBNET,
};

/* What the JSON is an export of; a list is what its first object is. */
enum export_kind export_recognize(const char *bytes, size_t len);

/* The file, for the lines that jansson does not keep. */
struct export
{
    struct arena *arena;
    const char *label, *bytes;
    size_t len;
};

/* The root, the caller's to release; NULL with a fault "LABEL:LINE: ...". */
json_t *export_load(const struct export *s, struct fault *f);

/* The i-th object of a list, or of a single object the first; NULL behind the last. */
json_t *export_at(json_t *root, size_t i);
json_t *export_first(json_t *root);

/* A member in either form, its name in any case; NULL where it is missing or null. */
json_t *export_member(json_t *object, const char *name);
bool export_has(json_t *object, const char *name);
bool export_true(json_t *object, const char *name);
size_t export_size(json_t *object, const char *name); /* of a list; 0 where there is none */
const char *export_text(const struct export *s, json_t *object, const char *name); /* or NULL */
unsigned export_number(json_t *object, const char *name); /* 0 to 65535; 0 where it is none */

/* The "id" of a resource, which is longer than other texts may be. */
const char *export_id(const struct export *s, json_t *object);

/* The last part of an id; that of the resource that a member {"id": ...} refers to, or NULL. */
const char *export_last_part(const char *id);
const char *export_referred(const struct export *s, json_t *object, const char *name);

/* The line that says "name": "NAME"; 0 where none does. */
unsigned long export_line(const struct export *s, const char *name);

#endif
