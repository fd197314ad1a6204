/*
 * auth: credentials for a proxy that asks: Basic (RFC 7617) and Digest (RFC 7616: SHA-256,
 * SHA-512-256, MD5, each also as -sess, qop=auth or none).
 *
 * User and password go out byte for byte as given: no percent-decoding, no normalisation. What
 * was computed from the password is wiped.
 */
#ifndef HOPPROOF_PROBES_AUTH_H
#define HOPPROOF_PROBES_AUTH_H

#include "diag/proto/challenge.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct secret;

enum { AUTH_CNONCE_ROOM = 33 };

enum auth_result {
    AUTH_OK,        /* `value` is there */
    AUTH_NO_SCHEME, /* nothing offered that this program can do */
    AUTH_UNUSABLE,  /* such a user name cannot be sent that way: a colon with Basic, a control
                       character */
    AUTH_FAILED,    /* ours: no memory, no hash */
};

struct auth_request {
    const char *user;
    const struct secret *password;
    const char *method; /* "CONNECT" */
    const char *target; /* the request target exactly as sent, "host:443" */
    const char *cnonce; /* from auth_cnonce */
    unsigned nc;        /* how often this nonce was used, from 1 */
};

struct auth {
    const char *scheme; /* "Basic", "Digest"; of static duration */
    char *value;        /* of Proxy-Authorization; NUL-terminated, secret: see auth_free */
    size_t len;
};

/*
 * Answer the best challenge of the list that we can do: Digest before Basic, the stronger hash
 * first, as RFC 9110 section 11.6.1 wants of a client. *out is written for AUTH_OK only and
 * belongs to the caller until auth_free.
 */
enum auth_result auth_answer(const struct challenges *offered, const struct auth_request *request,
                             struct auth *out);

/* Wipe and free; right after {0}, and more than once. */
void auth_free(struct auth *auth);

/*
 * True when a Digest challenge says stale=true: the credentials were right, only the nonce was
 * old, and the same request with the new one is to be tried (RFC 7616 section 3.3).
 */
bool auth_stale(const struct challenges *offered);

/* A fresh client nonce, 32 hexadecimal digits. False when there is no randomness. */
bool auth_cnonce(char to[AUTH_CNONCE_ROOM]);

#endif
