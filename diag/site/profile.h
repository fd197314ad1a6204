/*
 * profile: the built-in endpoint lists, each line with the date and place of its source.
 */
#ifndef HOPPROOF_SITE_PROFILE_H
#define HOPPROOF_SITE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct endpoints;
struct fault;

#define PROFILE_DEFAULT "defender-iot"

struct profile_line {
    const char *host; /* a wildcard where only the group is public */
    uint16_t port;
    const char *service;
    const char *date;   /* of the source, YYYY-MM or YYYY-MM-DD */
    const char *source; /* where it is said */
    bool optional;
    bool plain; /* HTTP without TLS */
};

struct profile {
    const char *name, *title;
    const char *advice; /* what a user of it should know; NULL: nothing */
    const struct profile_line *lines;
    size_t n_lines;
};

/* All of them, in the order in which they are shown. */
const struct profile *profiles(size_t *n);

/* By name; NULL with a fault that lists the known ones. */
const struct profile *profile_find(const char *name, struct fault *f);

/* Add the lines of a profile, source "profile NAME". */
int profile_add(const struct profile *p, struct endpoints *e, struct fault *f);

#endif
