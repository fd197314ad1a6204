/*
 * generate: configuration files for the way to the cloud, minimal and right, from the endpoint
 * list and the site. What comes out passes `hopproof audit` with the same options.
 */
#ifndef HOPPROOF_GENERATE_H
#define HOPPROOF_GENERATE_H

#include <stddef.h>

struct arena;
struct buf;
struct fault;
struct site;

/* What the files are made of. */
struct generate {
    struct arena *arena;
    const struct site *site;
    const char *const *sensors; /* addresses and networks, checked */
    size_t n_sensors;
};

/* Address or network ("10.1.0.7", "10.1.0.0/16")? */
int generate_check_sensor(struct arena *a, const char *text, struct fault *f);

/* The names of the kinds, for messages: "squid, squid-child, ...". */
extern const char generate_kinds[];

/* Append the file of a kind; -1 with a fault where the kind is unknown or something is missing. */
int generate_write(const struct generate *g, const char *kind, struct buf *out, struct fault *f);

#endif
