/*
 * plausible: is a string in somebody else's file meant as an endpoint?
 *
 * The portal's endpoint file has no public schema, so every string is a candidate, and most
 * strings in such files are none: states, versions, regions, resource types, mail addresses,
 * links to documentation. What is taken wrongly becomes a false alarm; what is left out silently
 * would be a hole in the check; so the answer has a middle.
 */
#ifndef HOPPROOF_SITE_PLAUSIBLE_H
#define HOPPROOF_SITE_PLAUSIBLE_H

#include <stddef.h>

struct arena;

enum plausible {
    PLAUSIBLE_NO,
    PLAUSIBLE_DOUBT, /* a well-formed name, but nothing says that it is one */
    PLAUSIBLE_YES,
};

/* What the key beside or above a string says about it. */
enum key_hint {
    KEY_NEUTRAL, /* "name", "value", none at all */
    KEY_HOST,    /* "fqdn", "endpoints", "url": endpoints stand here */
    KEY_OTHER,   /* "type", "version", "email": no endpoint stands here */
    KEY_ITSELF,  /* the string is a key: settings such as "feature.name" look like hosts */
};

/* KEY_NEUTRAL, KEY_HOST or KEY_OTHER; the case, "_", "-" and blanks of a key do not matter. */
enum key_hint plausible_key(const char *key);

enum plausible plausible_endpoint(struct arena *a, const char *s, size_t len, enum key_hint hint);

#endif
