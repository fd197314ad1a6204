/*
 * http1: the head of an HTTP/1 message, read byte by byte (RFC 9112 sections 2 to 5), and how long
 * its body is (section 6.3).
 *
 * The reader stops exactly behind the empty line: behind the head of a 2xx answer to CONNECT the
 * next byte belongs to the tunnel.
 */
#ifndef HOPPROOF_PROTO_HTTP1_H
#define HOPPROOF_PROTO_HTTP1_H

#include "diag/base/buf.h"
#include "diag/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
    HTTP1_LINE_MAX = 8 * 1024,
    HTTP1_HEAD_MAX = 64 * 1024,
    HTTP1_FIELDS_MAX = 128,
    HTTP1_INTERIM_MAX = 8, /* answers 1xx that are skipped */
    HTTP1_FIRST = 64,      /* first bytes kept as evidence */
};

enum http1_kind { HTTP1_ANSWER, HTTP1_REQUEST };

enum http1_state {
    HTTP1_MORE,      /* a correct beginning; more is needed */
    HTTP1_OK,        /* the head is complete */
    HTTP1_NOT_HTTP,  /* does not even begin like HTTP/1 */
    HTTP1_MALFORMED, /* begins like HTTP and breaks its rules; `rule` says which */
    HTTP1_OVERSIZED, /* beyond a limit; `rule` says which */
    HTTP1_NO_MEMORY, /* ours, not the peer's */
};

/* Places in `text`, because that moves while it grows. */
struct http1_field {
    uint32_t name, value;
};

/*
 * A head and its reader. Only http1_* write to it; reading is free once it is HTTP1_OK. All text
 * is raw: anything but NUL, CR and LF may stand in it.
 */
struct http1 {
    enum http1_kind kind;
    enum http1_state state;
    const char *rule; /* for MALFORMED and OVERSIZED: the rule that was broken, a short phrase */

    unsigned major, minor;  /* HTTP version */
    unsigned status;        /* answer: 100 to 999 */
    unsigned interim;       /* answers 1xx skipped in front of this one */
    bool bare_lf, obs_fold; /* seen and tolerated: signs of a home-made peer */

    uint64_t received;          /* bytes consumed, interim answers included */
    uint8_t first[HTTP1_FIRST]; /* the first bytes as they came, for evidence */
    size_t n_first;

    /* private */
    struct buf text;
    uint32_t line, reason, method, target, head_len;
    bool in_fields, after_cr;
    unsigned empty_lines;

    size_t n_fields;
    struct http1_field fields[HTTP1_FIELDS_MAX]; /* the first n_fields */
};

/* Get ready to read one head. No memory is taken yet. */
void http1_init(struct http1 *h, enum http1_kind kind);

/* Give memory back; right in every state, and more than once. */
void http1_free(struct http1 *h);

/*
 * Read on. *used becomes the number of bytes consumed: all of them while HTTP1_MORE; up to and
 * with the empty line for HTTP1_OK; otherwise up to where it broke. A final state is final: later
 * calls consume nothing and return it again. Answers 1xx other than 101 are skipped.
 */
enum http1_state http1_feed(struct http1 *h, const void *bytes, size_t len, size_t *used);

/* Of a complete head, never NULL: "HTTP/1.1"; the reason phrase; method and target of a request. */
const char *http1_version(const struct http1 *h);
const char *http1_reason(const struct http1 *h);
const char *http1_method(const struct http1 *h);
const char *http1_target(const struct http1 *h);

/* Name and value of the i-th field (i < n_fields): value without surrounding white space. */
const char *http1_field_name(const struct http1 *h, size_t i);
const char *http1_field_value(const struct http1 *h, size_t i);

/* Value of the n-th field (from 0) of that name, letter case ignored; NULL when there is none. */
const char *http1_get(const struct http1 *h, const char *name, size_t n);

/* All values of that name joined with ", " (RFC 9110 section 5.3); NULL when there is none. */
char *http1_joined(const struct http1 *h, const char *name, struct arena *a);

/* True when a comma list field (Connection, Transfer-Encoding, ...) holds the token. */
bool http1_has_token(const struct http1 *h, const char *name, const char *token);

enum http1_length {
    HTTP1_LENGTH_NONE,
    HTTP1_LENGTH_OK,
    HTTP1_LENGTH_INVALID,  /* not a number, or too large for 63 bits */
    HTTP1_LENGTH_CONFLICT, /* several, and they differ (RFC 9110 section 8.6) */
};

/* Content-Length; *out is written for OK only. */
enum http1_length http1_content_length(const struct http1 *h, uint64_t *out);

enum http1_framing {
    HTTP1_BODY_NONE,    /* nothing follows, or a tunnel does */
    HTTP1_BODY_LENGTH,  /* so many octets */
    HTTP1_BODY_CHUNKED, /* see http1_unchunk */
    HTTP1_BODY_CLOSE,   /* up to the end of the connection */
    HTTP1_BODY_INVALID, /* the head contradicts itself */
};

/*
 * How the body of a complete answer is framed (RFC 9112 section 6.3). `method` is that of the
 * request that it answers. *len is written for HTTP1_BODY_LENGTH.
 */
enum http1_framing http1_framing(const struct http1 *h, const char *method, uint64_t *len);

/*
 * The content of a chunked body (RFC 9112 section 7.1) appended to `out`, as far as its limit
 * allows. *used: octets consumed. DECODE_OK when the last chunk and the trailer are there;
 * DECODE_TRUNCATED when more is needed (start again with all the bytes and an empty `out`).
 */
enum decode http1_unchunk(const void *bytes, size_t len, struct buf *out, size_t *used);

/* The word for a state: "ok", "more", "not-http", "malformed", "oversized", "no-memory". */
const char *http1_state_name(enum http1_state state);

#endif
