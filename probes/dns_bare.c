/* dns_bare: see dns_bare.h. The message format is that of RFC 1035 section 4.1. */
#include "probes/dns_bare.h"

#include <stdbool.h>
#include <string.h>

enum { HEADER = 12, QR = 0x80, RCODE = 0x0f, LABEL_MAX = 63 };
enum { QUESTIONS = 4, ANSWERS = 6 }; /* where their counts are */

static uint16_t u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* Length of the question that begins at `from`; 0 when there is none. */
static size_t question_len(const uint8_t *from, size_t len)
{
    size_t at = 0;

    while (at < len && from[at] != 0) { /* ends: each label is one octet at least */
        if (from[at] > LABEL_MAX)
            return 0; /* a query has nothing to point to */
        at += 1U + from[at];
    }
    at += 1 + 4;
    return at <= len && at <= BARE_QUESTION_MAX ? at : 0;
}

void bare_remember(struct bare_queries *q, const uint8_t *query, size_t len)
{
    struct bare_query *b = &q->list[q->next];
    size_t question;

    if (len <= HEADER || (query[2] & QR) != 0 || u16(query + 4) != 1)
        return;
    question = question_len(query + HEADER, len - HEADER);
    if (question == 0)
        return;
    b->id = u16(query);
    b->len = (uint16_t)question;
    memcpy(b->question, query + HEADER, question);
    q->next = (q->next + 1) % BARE_QUERIES;
}

size_t bare_complete(const struct bare_queries *q, uint8_t *answer, size_t len, size_t room)
{
    if (len < HEADER || (answer[2] & QR) == 0 || (answer[3] & RCODE) == 0 ||
        u16(answer + QUESTIONS) != 0 || u16(answer + ANSWERS) != 0)
        return len;
    for (size_t i = 1; i <= BARE_QUERIES; i++) { /* the latest first */
        const struct bare_query *b = &q->list[(q->next + BARE_QUERIES - i) % BARE_QUERIES];

        if (b->len == 0 || b->id != u16(answer) || b->len > room - HEADER)
            continue;
        memset(answer + QUESTIONS, 0, HEADER - QUESTIONS);
        answer[QUESTIONS + 1] = 1;
        memcpy(answer + HEADER, b->question, b->len);
        return HEADER + b->len;
    }
    return len;
}

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

/* Letters match in either case: some servers change it (RFC 4343). Lengths of labels are no
 * letters. */
static bool is_same_question(const struct bare_query *b, const uint8_t *question, size_t len)
{
    if (len < b->len)
        return false;
    for (size_t i = 0; i < b->len; i++) {
        if (lower(question[i]) != lower(b->question[i]))
            return false;
    }
    return true;
}

enum bare_match bare_match(const struct bare_queries *q, const uint8_t *answer, size_t len)
{
    enum bare_match found = BARE_OTHER_ID;

    if (len < HEADER)
        return BARE_OTHER_ID;
    for (size_t i = 0; i < BARE_QUERIES; i++) {
        const struct bare_query *b = &q->list[i];

        if (b->len == 0 || b->id != u16(answer))
            continue;
        if (is_same_question(b, answer + HEADER, len - HEADER))
            return BARE_MATCHES;
        found = BARE_OTHER_QUESTION;
    }
    return found;
}
