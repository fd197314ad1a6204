/*
 * endpoint_file: one endpoint list as bytes, told apart into JSON, CSV and plain text.
 *
 * Internal to diag/site; callers use endpoints.h.
 */
#ifndef HOPPROOF_SITE_ENDPOINT_FILE_H
#define HOPPROOF_SITE_ENDPOINT_FILE_H

#include <stddef.h>

struct arena;
struct endpoint_facts;
struct endpoints;
struct fault;

/* The list being read. */
struct endpoint_file {
    struct endpoints *list;
    struct arena *arena;
    const char *label; /* the file's name, printable */
    size_t found;      /* endpoints it named, duplicates included */
    size_t doubtful;   /* strings that look like names, but were not taken */
    const char *doubtful_example;
};

/* Read all; 0, or -1 with a fault that begins with the label. */
int endpoint_file_read(struct endpoint_file *file, const char *bytes, size_t len, struct fault *f);

/* The formats: UTF-8 with a NUL behind it. */
int endpoint_text_read(struct endpoint_file *file, const char *text, struct fault *f);
int endpoint_csv_read(struct endpoint_file *file, const char *text, struct fault *f);
int endpoint_json_read(struct endpoint_file *file, const char *text, struct fault *f);

/* Does this text look like CSV: a separator in its first line that holds anything? */
char endpoint_csv_separator(const char *text);

/* Add one endpoint that stands in a line; a fault names file and line. */
int endpoint_file_add(struct endpoint_file *file, unsigned long line, const char *text, size_t len,
                      const struct endpoint_facts *facts, struct fault *f);

/* Count a string that was left out although it could be meant as an endpoint. */
void endpoint_file_doubt(struct endpoint_file *file, const char *text, size_t len);

/* A remark about the list as a whole (endpoints.c). */
void endpoints_note(struct endpoints *e, const char *note);

#endif
