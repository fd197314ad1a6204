/*
 * shape: a description of a report structure, field by field.
 *
 * A structure of the report is written down once, as an X-macro list of its fields (report.h).
 * The list expands into the C struct and into a table of this form; JSON writer, JSON reader,
 * JSON Schema, documentation and redaction walk the tables. So a field that exists in C exists
 * in the report, in the schema and in the judge's test files, under the same name.
 */
#ifndef HOPPROOF_MODEL_SHAPE_H
#define HOPPROOF_MODEL_SHAPE_H

#include "diag/model/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define INT_UNKNOWN INT64_MIN /* a number that nobody measured: null in JSON */
/* No number of a report is larger, or less than its negative: JSON is exact up to there (RFC 8259
 * section 6), and sums of a few stay numbers. */
#define INT_MOST ((int64_t)1 << 53)

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES }; /* null, false, true in JSON */

enum field_kind {
    FIELD_STR,    /* const char *: printable UTF-8; NULL is null */
    FIELD_INT,    /* int64_t; INT_UNKNOWN is null */
    FIELD_MS,     /* int64_t microseconds; in JSON milliseconds, under "KEY_ms" */
    FIELD_BOOL,   /* bool */
    FIELD_TRI,    /* enum tri */
    FIELD_NAME,   /* an enum with a table of names */
    FIELD_STRS,   /* const char **key; size_t n_key */
    FIELD_INTS,   /* int64_t *key; size_t n_key */
    FIELD_OBJ,    /* struct x *key: NULL is null */
    FIELD_OBJS,   /* struct x **key; size_t n_key */
    FIELD_DETAIL, /* void *: an object whose shape depends on the step's kind; NULL is {} */
};

struct shape;

struct field {
    const char *key; /* in JSON */
    enum field_kind kind;
    size_t offset;             /* of the value in the struct */
    size_t count_offset;       /* of the number of elements: STRS, INTS, OBJS */
    const struct shape *shape; /* OBJ, OBJS */
    const struct names *names; /* NAME */
    const char *doc;
};

struct shape {
    const char *name;
    size_t size;
    size_t unknown_offset; /* of `const char *unknown_keys`: JSON members of a newer version */
    const struct field *fields;
    size_t n_fields;
};

/* A new object of this shape: everything unknown (ints INT_UNKNOWN, the rest zero). */
void *shape_new(struct arena *a, const struct shape *shape);

/* --- from field lists to structs and tables; see report.h for their use --- */

#define MEMBER(S, kind, key, of, doc) MEMBER_##kind(key, of)
#define MEMBER_STR(key, of)           const char *key;
#define MEMBER_INT(key, of)           int64_t key;
#define MEMBER_MS(key, of)            int64_t key##_us;
#define MEMBER_BOOL(key, of)          bool key;
#define MEMBER_TRI(key, of)           enum tri key;
#define MEMBER_NAME(key, of)          enum of key;
#define MEMBER_STRS(key, of)                                                                       \
    const char **key;                                                                              \
    size_t n_##key;
#define MEMBER_INTS(key, of)                                                                       \
    int64_t *key;                                                                                  \
    size_t n_##key;
#define MEMBER_OBJ(key, of) struct of *key;
#define MEMBER_OBJS(key, of)                                                                       \
    struct of **key;                                                                               \
    size_t n_##key;
#define MEMBER_DETAIL(key, of) void *key;
#define MEMBER_LINK(key, of)   struct of *key; /* run-time only: no part of the JSON */

#define FIELD_ROW(S, kind, key, of, doc) FIELD_ROW_##kind(S, key, of, doc)
#define FIELD_ROW_STR(S, key, of, doc)                                                             \
    {#key, FIELD_STR, offsetof(struct S, key), 0, NULL, NULL, doc},
#define FIELD_ROW_INT(S, key, of, doc)                                                             \
    {#key, FIELD_INT, offsetof(struct S, key), 0, NULL, NULL, doc},
#define FIELD_ROW_MS(S, key, of, doc)                                                              \
    {#key "_ms", FIELD_MS, offsetof(struct S, key##_us), 0, NULL, NULL, doc},
#define FIELD_ROW_BOOL(S, key, of, doc)                                                            \
    {#key, FIELD_BOOL, offsetof(struct S, key), 0, NULL, NULL, doc},
#define FIELD_ROW_TRI(S, key, of, doc)                                                             \
    {#key, FIELD_TRI, offsetof(struct S, key), 0, NULL, NULL, doc},
#define FIELD_ROW_NAME(S, key, of, doc)                                                            \
    {#key, FIELD_NAME, offsetof(struct S, key), 0, NULL, &of##_names, doc},
#define FIELD_ROW_STRS(S, key, of, doc)                                                            \
    {#key, FIELD_STRS, offsetof(struct S, key), offsetof(struct S, n_##key), NULL, NULL, doc},
#define FIELD_ROW_INTS(S, key, of, doc)                                                            \
    {#key, FIELD_INTS, offsetof(struct S, key), offsetof(struct S, n_##key), NULL, NULL, doc},
#define FIELD_ROW_OBJ(S, key, of, doc)                                                             \
    {#key, FIELD_OBJ, offsetof(struct S, key), 0, &of##_shape, NULL, doc},
#define FIELD_ROW_OBJS(S, key, of, doc)                                                            \
    {#key, FIELD_OBJS, offsetof(struct S, key), offsetof(struct S, n_##key), &of##_shape,          \
     NULL, doc},
#define FIELD_ROW_DETAIL(S, key, of, doc)                                                          \
    {#key, FIELD_DETAIL, offsetof(struct S, key), 0, NULL, NULL, doc},
#define FIELD_ROW_LINK(S, key, of, doc)

#endif
