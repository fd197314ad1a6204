/*
 * json: the report as JSON (contract section 3), written and read by walking the field tables.
 *
 * What is written: every key, always, in the order of the tables; null where nothing is known;
 * durations in milliseconds with three decimals; members that a newer version added and that
 * were read before. What is read may come from anybody: it is bounded in size and depth, types
 * are checked, and every string is printable UTF-8 afterwards.
 */
#ifndef HOPPROOF_REPORTS_JSON_H
#define HOPPROOF_REPORTS_JSON_H

#include "diag/model/report.h"

#include <stddef.h>
#include <stdio.h>

struct buf;
struct fault;

#define JSON_SCHEMA_ID "urn:hopproof:schema:report:1"

enum {
    JSON_MAX_DEPTH = 32,                /* ours needs 9 */
    JSON_MAX_BYTES = 512 * 1024 * 1024, /* 10,000 endpoints on three routes make about 200 MiB */
};

/* The report on `out`, in pieces, so that a large one needs no memory of its size. 0, or -1 when
 * writing failed (errno says why). */
int json_write(const struct report *r, FILE *out);

/* The same into a buffer; -1 when its limit was reached. */
int json_write_buf(const struct report *r, struct buf *out);

/*
 * A report from a file ("-" is standard input), or from bytes that are called `name` in
 * complaints. Links are set (report_link), the parts that the contract promises exist, and every
 * index in it (findings to results, steps to flows) is in range. On failure -1 with a fault that
 * names the place in the file (FILE:LINE, or FILE and the JSON path); *out is untouched then.
 */
int json_read(const char *path, struct report **out, struct fault *f);
int json_read_bytes(const char *name, const void *bytes, size_t len, struct report **out,
                    struct fault *f);

/*
 * A report without its steps and packets (results[].steps and hops[].steps are empty, wire is
 * NULL), many times faster: for overviews of many reports. What is left out is not checked.
 */
int json_read_outline(const char *path, struct report **out, struct fault *f);

/*
 * One object of any shape, for test cases and tools that handle parts of a report: JSON text of an
 * object to a new object in `a`. Same strictness, no check across objects.
 */
int json_read_object(const char *name, const void *bytes, size_t len, const struct shape *shape,
                     struct arena *a, void **out, struct fault *f);

/* One object of any shape as JSON text, in one line when `flat`. -1 when the limit was reached. */
int json_write_object(const void *object, const struct shape *shape, bool flat, struct buf *out);

/* The JSON Schema (draft 2020-12) of what json_write writes. 0, or -1 when writing failed. */
int json_write_schema(FILE *out);

/* The same for other documents: its head, each shape that it is made of, the document itself. */
void json_schema_head(FILE *out, const char *id, const char *title);
void json_schema_part(FILE *out, const struct shape *shape, bool last);
int json_schema_root(FILE *out, const struct shape *shape);

#endif
