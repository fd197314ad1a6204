/*
 * fields: what intermediaries write about themselves into header fields: Via (RFC 9110 section
 * 7.6.3), X-Cache (Squid), Proxy-Status (RFC 9209) and challenges (RFC 9110 section 11.6.1).
 *
 * Everything returned lives in the arena and is raw: make it printable before showing it.
 */
#ifndef HOPPROOF_PROTO_FIELDS_H
#define HOPPROOF_PROTO_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum {
    FIELDS_MAX_CHALLENGES = 16,
    FIELDS_MAX_PARAMS = 32,
    FIELDS_MAX_MEMBERS = 16, /* intermediaries in one Proxy-Status */
};

/* One entry of Via: "1.1 p1.example:3128 (squid/5.7)". */
struct via {
    const char *protocol; /* "1.1", "HTTP/1.1" */
    const char *by;       /* host, host:port or pseudonym of the intermediary */
    const char *comment;  /* without its parentheses; NULL when none */
};

/*
 * The last entry of Via: who handed the message on last, in an answer the intermediary nearest
 * to us. `value` may be several fields joined with commas. False when the field is malformed.
 */
bool via_last(struct arena *a, const char *value, struct via *out);

/* The first entry: in an answer the intermediary nearest to the origin. */
bool via_first(struct arena *a, const char *value, struct via *out);

/* "MISS from NAME" (also "HIT from NAME:PORT"): the name; NULL when it is of another form. */
const char *x_cache_host(struct arena *a, const char *value);

/* One intermediary of Proxy-Status. */
struct proxy_status {
    const char *name;    /* of the intermediary */
    const char *error;   /* error type, "dns_error", "connection_refused", ...; NULL when none */
    const char *details; /* for people; NULL when none */
    const char *next_hop;
    const char *rcode;             /* of a dns_error */
    int received_status, alert_id; /* -1 when none */
};

/*
 * Members of Proxy-Status, the one nearest to the origin first (RFC 9209 section 2); returns
 * their number, at most `room`. 0 when the field is malformed (RFC 8941: ignored as a whole).
 */
size_t proxy_status_parse(struct arena *a, const char *value, struct proxy_status *out,
                          size_t room);

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
