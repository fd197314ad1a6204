/*
 * site_file: the site file, strict YAML (docs/site-file.md), into a struct site.
 */
#ifndef HOPPROOF_SITE_SITE_FILE_H
#define HOPPROOF_SITE_SITE_FILE_H

#include <stddef.h>

struct arena;
struct endpoints;
struct fault;
struct site;

/* Everything as it is when neither site file nor flags say anything. */
void site_defaults(struct site *s);

/*
 * Read `path` into *s, its endpoints (with the lists and profiles that it names) into `e`.
 * Paths in it are relative to its own folder. Passwords are read from their files. 0, or -1 with
 * a fault "FILE:LINE:COL: what; what to do".
 */
int site_file_read(const char *path, struct arena *a, struct site *s, struct endpoints *e,
                   struct fault *f);

/* The same of bytes in memory; `path` names them and gives the folder. */
int site_file_parse(const char *path, const char *bytes, size_t len, struct arena *a,
                    struct site *s, struct endpoints *e, struct fault *f);

/* Add a time server, "HOST" or "HOST:PORT". 0, or -1 with a fault. */
int site_add_ntp(struct site *s, struct arena *a, const char *text, struct fault *f);

#endif
