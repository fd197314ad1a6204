/*
 * ranges: what the parts of `hopproof ranges` share: the files read, the tags asked for.
 *
 * cmd_ranges.c reads and chooses, ranges_list.c writes lists for firewalls, ranges_compare.c holds
 * two files, or a file and a firewall's list, against each other.
 */
#ifndef HOPPROOF_RANGES_H
#define HOPPROOF_RANGES_H

#include "diag/site/service_tags.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fault;
struct options;

struct ranges {
    const struct options *o;
    struct arena *a;
    const struct service_tags *t, *old; /* `old` is NULL without --against */
    const char **names;                 /* of the tags asked for, spelled as in the file */
    size_t n_names;
    bool all;     /* every tag */
    json_t *json; /* where answers go; NULL: text to standard output */
};

/* The published ranges of a tag, of the family asked for; {0} when the file does not have it. */
struct prefix_set ranges_published(const struct ranges *r, const struct service_tags *t,
                                   const char *name);

/* The same, and of all tags asked for together, as few ranges as possible. */
struct prefix_set ranges_merged(const struct ranges *r, const struct service_tags *t,
                                const char *name);
struct prefix_set ranges_wanted(const struct ranges *r, const struct service_tags *t);

/* An array of "ADDR/BITS". */
json_t *ranges_json(const struct prefix_set *s);

/* The day from which ranges that are new in `t` may be in use, or NULL when that is not known. */
const char *ranges_live_from(const struct ranges *r);

/* There were files between the two that are compared. */
bool ranges_skip_weeks(const struct ranges *r);

/* Is this a format of --format? A fault names those that there are. */
bool ranges_list_check(const char *format, const char *name, struct fault *f);

/* Each returns an enum exit_status, or -1 with a fault. */
int ranges_list(struct ranges *r);
int ranges_difference(struct ranges *r);
int ranges_allowed(struct ranges *r, struct fault *f);

#endif
