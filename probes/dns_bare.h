/*
 * dns_bare: refusals that do not repeat the question. Unbound and others say REFUSED (and FORMERR)
 * so (RFC 9619 allows it), as a header alone or with an OPT record behind it; Unbound 1.17 with
 * "refuse_non_local" leaves the question there and does not count it. c-ares takes such an answer
 * for somebody else's and waits on. So what follows the header gives way to the question, from the
 * query of the same id.
 */
#ifndef HOPPROOF_PROBES_DNS_BARE_H
#define HOPPROOF_PROBES_DNS_BARE_H

#include <stddef.h>
#include <stdint.h>

enum {
    BARE_QUESTION_MAX = 255 + 4, /* RFC 1035: a name, type and class */
    BARE_QUERIES = 256,          /* more are never under way to one resolver */
};

struct bare_query {
    uint16_t id;
    uint16_t len; /* of the question; 0: unused */
    uint8_t question[BARE_QUESTION_MAX];
};

/* The latest queries to one resolver; zeroed is empty. */
struct bare_queries {
    struct bare_query list[BARE_QUERIES];
    size_t next;
};

/* Remember what was sent. Anything but a query with one question is left out. */
void bare_remember(struct bare_queries *q, const uint8_t *query, size_t len);

/*
 * Complete an answer of `len` octets in a buffer of `room`: the new length, or `len` where it is no
 * refusal without a question, no query has its id, or there is no room.
 */
size_t bare_complete(const struct bare_queries *q, uint8_t *answer, size_t len, size_t room);

/* What an answer belongs to, of the queries that are remembered (RFC 5452 section 9.1). */
enum bare_match { BARE_MATCHES, BARE_OTHER_ID, BARE_OTHER_QUESTION };

enum bare_match bare_match(const struct bare_queries *q, const uint8_t *answer, size_t len);

#endif
