/* proxy_answer: see proxy_answer.h. */
#include "probes/proxy_answer.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "diag/proto/html.h"
#include "diag/proto/http1.h"

#include <string.h>

#define VALUE_MAX 400 /* of a header field, in the report */

static const char *field(struct arena *a, const struct http1 *head, const char *name)
{
    const char *value = http1_joined(head, name, a);

    return value == NULL ? NULL : text_printable(a, value, strlen(value), VALUE_MAX);
}

void proxy_answer_head(struct arena *a, const struct http1 *head, struct tunnel_detail *d,
                       struct challenges *challenges)
{
    uint64_t length;

    d->status = (int64_t)head->status;
    d->reason = text_printable(a, http1_reason(head), strlen(http1_reason(head)), VALUE_MAX);
    d->version = http1_version(head);
    d->via = field(a, head, "Via");
    d->proxy_status = field(a, head, "Proxy-Status");
    d->x_cache = field(a, head, "X-Cache");
    d->x_squid_error = field(a, head, "X-Squid-Error");
    d->server = field(a, head, "Server");
    d->date = field(a, head, "Date");
    d->location = field(a, head, "Location");
    d->connection = field(a, head, "Connection");
    d->content_type = field(a, head, "Content-Type");
    if (http1_content_length(head, &length) == HTTP1_LENGTH_OK)
        d->content_length = (int64_t)length;
    *challenges = (struct challenges){0};
    d->proxy_authenticate = NULL;
    d->n_proxy_authenticate = 0;
    for (size_t i = 0; http1_get(head, "Proxy-Authenticate", i) != NULL; i++)
        challenges_add(a, http1_get(head, "Proxy-Authenticate", i), challenges);
    for (size_t i = 0; i < challenges->n; i++) {
        const char *text = challenges->list[i].text;

        list_push(a, d->proxy_authenticate, d->n_proxy_authenticate,
                  text_printable(a, text, strlen(text), VALUE_MAX));
    }
}

bool proxy_answer_whole(const struct http1 *head, const char *method, const struct buf *body,
                        bool ended, enum tri *complete)
{
    struct buf content;
    uint64_t length = 0;
    size_t used;
    bool done = ended || body->overflow || body->len >= PROXY_BODY_MAX;

    *complete = TRI_UNKNOWN;
    switch (http1_framing(head, method, &length)) {
    case HTTP1_BODY_NONE:
        *complete = TRI_YES;
        return true;
    case HTTP1_BODY_LENGTH:
        if (body->len >= length)
            *complete = TRI_YES;
        else if (done)
            *complete = body->len >= PROXY_BODY_MAX ? TRI_UNKNOWN : TRI_NO;
        break;
    case HTTP1_BODY_CHUNKED:
        buf_init(&content, PROXY_BODY_MAX);
        if (http1_unchunk(body->data, body->len, &content, &used) == DECODE_OK)
            *complete = TRI_YES;
        else if (done)
            *complete = TRI_NO;
        buf_free(&content);
        break;
    case HTTP1_BODY_CLOSE:
    case HTTP1_BODY_INVALID:
        break;
    }
    return done || *complete == TRI_YES;
}

void proxy_answer_body(struct arena *a, const struct buf *body, enum tri complete,
                       struct tunnel_detail *d)
{
    d->body_len = (int64_t)body->len;
    d->body_complete = complete;
    if (body->len == 0)
        return;
    d->title = html_title(a, body->data, body->len, 200);
    d->body = html_text(a, body->data, body->len, 600);
    d->generated_by = html_generated_by(a, body->data, body->len, NULL);
}

bool proxy_answer_own(const struct tunnel_detail *d)
{
    if (d->status == 407 || d->x_squid_error != NULL ||
        (d->proxy_status != NULL && strstr(d->proxy_status, "error=") != NULL))
        return true;
    /* Squid marks every answer in X-Cache, and its own ones in X-Squid-Error besides.
     * Measured, 5.7. */
    if (d->x_cache != NULL)
        return false;
    return d->status == 403 || d->status == 451 || (d->status >= 502 && d->status <= 504);
}
