/*
 * challenge: the lists of challenges in Proxy-Authenticate and WWW-Authenticate (RFC 9110 section
 * 11.6.1).
 *
 * Everything returned lives in the arena and is raw: make it printable before showing it.
 */
#ifndef HOPPROOF_PROTO_CHALLENGE_H
#define HOPPROOF_PROTO_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum {
    CHALLENGES_MAX = 16,       /* in one list */
    CHALLENGE_MAX_PARAMS = 32, /* of one of them */
};

struct auth_param {
    const char *name, *value; /* the value without its quotes and escapes */
};

struct challenge {
    const char *scheme;  /* as it came: compare without regard to case */
    const char *token68; /* NULL when there are parameters or nothing */
    struct auth_param *params;
    size_t n_params;
    const char *text; /* the challenge as it came */
};

struct challenges {
    struct challenge *list;
    size_t n;
    bool malformed; /* some field could not be read to its end */
};

/*
 * Add the challenges of one Proxy-Authenticate or WWW-Authenticate field to *out, which starts
 * as {0}. Challenges in front of a malformed one are kept.
 */
void challenges_add(struct arena *a, const char *value, struct challenges *out);

/* Value of a parameter, name without regard to case; NULL when there is none. */
const char *challenge_param(const struct challenge *c, const char *name);

#endif
