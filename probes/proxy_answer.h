/*
 * proxy_answer: what a proxy's answer says of itself, as facts for the report: who wrote it, what
 * it wants, and how much of its page came along.
 */
#ifndef HOPPROOF_PROBES_PROXY_ANSWER_H
#define HOPPROOF_PROBES_PROXY_ANSWER_H

#include "diag/model/report.h"
#include "diag/proto/challenge.h"

#include <stdbool.h>

struct arena;
struct buf;
struct http1;

#define PROXY_BODY_MAX ((size_t)64 * 1024)

/* Status and header fields into *d, the proxy's challenges into *challenges (raw, in the arena). */
void proxy_answer_head(struct arena *a, const struct http1 *head, struct tunnel_detail *d,
                       struct challenges *challenges);

/*
 * Is all of the body here that can or need come? `ended`: nothing more will. *complete: as many
 * octets as announced. `method` is that of the request.
 */
bool proxy_answer_whole(const struct http1 *head, const char *method, const struct buf *body,
                        bool ended, enum tri *complete);

/* Title, text and signature of the page into *d. */
void proxy_answer_body(struct arena *a, const struct buf *body, enum tri complete,
                       struct tunnel_detail *d);

/*
 * After proxy_answer_head: did the proxy write this answer to a request for somebody else's page
 * (RFC 9110 section 15.6, RFC 9209), and not the server that it asked? Where nothing tells, the
 * codes with which proxies refuse or fail count as the proxy's: what a server says with them is of
 * no use to a client either.
 */
bool proxy_answer_own(const struct tunnel_detail *d);

#endif
