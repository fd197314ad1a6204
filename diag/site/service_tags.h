/*
 * service_tags: Azure's addresses by service and region, from ServiceTags_*_YYYYMMDD.json.
 *
 * Microsoft publishes one file for each cloud every week. New ranges are not in use before one
 * week after their publication. A service's own tag (Storage) holds all of its regions
 * (Storage.WestEurope), but not prefix by prefix: addresses are compared by containment.
 */
#ifndef HOPPROOF_SITE_SERVICE_TAGS_H
#define HOPPROOF_SITE_SERVICE_TAGS_H

#include "diag/base/prefix.h"
#include "diag/model/azure.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct fault;

struct service_tag {
    const char *name;        /* "Storage.WestEurope": letters, digits, "." "-" "_" */
    const char *region;      /* "westeurope"; "" for a service everywhere */
    struct prefix *prefixes; /* as published, sorted */
    size_t n_prefixes;
};

/* One distinct range of the file. */
struct tagged_range {
    struct prefix prefix;
    uint32_t parent;   /* the smallest range that contains this one, RANGE_NONE when none does */
    uint32_t first, n; /* which tags list it: members of service_tags.owners */
};

#define RANGE_NONE UINT32_MAX

struct service_tags {
    const char *label;          /* the file, printable */
    const char *cloud;          /* its own word, printable; NULL when it does not say */
    enum azure_cloud of;        /* what that means */
    enum azure_cloud name_says; /* the cloud in the file's name */
    int64_t change_number;      /* -1 when it does not say */
    int64_t published_s;        /* from the file's name: seconds since 1970; SERVICE_TAGS_NO_DATE */
    int64_t saved_s;            /* when the file was last written; SERVICE_TAGS_NO_DATE */
    struct service_tag *tags;   /* sorted by name */
    size_t n_tags;
    /* for look-ups */
    struct tagged_range *ranges; /* sorted as a set, but nested */
    size_t n_ranges;
    uint32_t *owners;  /* indices of tags */
    size_t n_prefixes; /* in all tags together */
};

#define SERVICE_TAGS_NO_DATE INT64_MIN

/*
 * Read a file into the arena. 0, or -1 with a fault "FILE:LINE: ..." for what is broken, too large
 * or no service tags file; strict, as firewalls are built from it.
 */
int service_tags_read(const char *path, struct arena *a, struct service_tags **out,
                      struct fault *f);

/*
 * The same from memory, with a NUL behind it; `label` is copied, date and cloud are taken from it
 * as from a path.
 */
int service_tags_parse(const char *text, size_t len, const char *label, struct arena *a,
                       struct service_tags **out, struct fault *f);

/* The tag of this name, in any case; NULL with a fault (may be NULL) that names the nearest one. */
const struct service_tag *service_tags_find(const struct service_tags *t, const char *name,
                                            struct fault *f);

/* One tag that contains an address, and by which of its ranges. */
struct tag_hit {
    const struct service_tag *tag;
    const struct prefix *by;
};

/*
 * All tags with a range that contains all of `p` (aligned), the smallest range first, each tag
 * once. The number of hits, of which at most `room` were written to `hits`. Logarithmic in the
 * size of the file.
 */
size_t service_tags_lookup(const struct service_tags *t, const struct prefix *p,
                           struct tag_hit *hits, size_t room);

/*
 * What a reader should know before relying on the file: it is older than a week (`now_s` is the
 * time of day, seconds since 1970), it does not say of which cloud it is, or its name says another
 * one. Up to SERVICE_TAGS_DOUBTS sentences into `to`, from the arena; their number.
 */
enum {
    SERVICE_TAGS_DOUBTS = 2,
    SERVICE_TAGS_DAY_S = 24 * 3600,
    SERVICE_TAGS_WEEK_S = 7 * 24 * 3600
};
size_t service_tags_doubts(const struct service_tags *t, int64_t now_s, struct arena *a,
                           const char *to[SERVICE_TAGS_DOUBTS]);

/* "2025-11-10" into `to` (16 bytes), which is returned; "an unknown date". */
const char *service_tags_date(int64_t s, char *to);

/* service_tags_index.c: build ranges and owners from tags. */
void service_tags_index(struct service_tags *t, struct arena *a);

#endif
