/* talk_http: CONNECT, pages, and what is answered (RFC 9110 section 9.3, RFC 9112). Part of talk.h.
 */
#include "capture/talk_state.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/html.h"
#include "diag/proto/revocation.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 512, TITLE_MAX = 200, PAGES_MAX = 16 };

static struct http1 *head_of(struct speaker *s, enum http1_kind kind)
{
    if (s->head == NULL) {
        s->head = malloc(sizeof *s->head);
        if (s->head == NULL)
            return NULL;
        http1_init(s->head, kind);
    }
    return s->head;
}

static void head_done(struct speaker *s)
{
    http1_free(s->head);
    free(s->head);
    s->head = NULL;
}

/* --- requests --- */

/* Does a line of the head begin here with this field name and a colon? */
static bool is_field(const char *p, size_t left, const char *name)
{
    size_t len = strlen(name);

    return left > len && strncasecmp(p, name, len) == 0 && p[len] == ':';
}

/* Remember where the head keeps credentials: behind the scheme of Proxy-Authorization. */
static void note_secrets(struct talks *t, struct wire_flow *f)
{
    static const char *const names[] = {"Proxy-Authorization", "Authorization"};
    const struct speaker *s = &reading_of(f)->side[0];
    const char *text = buf_text(&s->raw), *end = text + s->raw.len;

    for (const char *line = text; line < end;) { /* ends: each turn goes to a later line */
        const char *eol = memchr(line, '\n', (size_t)(end - line));
        const char *stop = eol != NULL ? eol : end;

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            const char *value;

            if (!is_field(line, (size_t)(stop - line), names[i]))
                continue;
            value = line + strlen(names[i]) + 1;
            while (value < stop && (*value == ' ' || *value == '\t'))
                value++;
            while (value < stop && *value != ' ' && *value != '\r') /* the scheme may be read */
                value++;
            while (value < stop && *value == ' ')
                value++;
            while (stop > value && (stop[-1] == '\r' || stop[-1] == '\n'))
                stop--;
            if (stop > value) {
                struct wire_secret secret = {.flow = f,
                                             .seq = s->raw_seq + (uint32_t)(value - text),
                                             .len = (uint32_t)(stop - value)};

                list_push(t->file->arena, t->file->secrets, t->file->n_secrets, secret);
            }
        }
        line = eol != NULL ? eol + 1 : end;
    }
}

/* A request to a proxy, still without an answer. */
static struct wire_tunnel *new_request(struct talks *t, struct wire_flow *f, const struct http1 *h)
{
    const struct reading *r = reading_of(f);
    struct arena *a = t->file->arena;
    struct wire_tunnel *tunnel = arena_new_of(a, struct wire_tunnel);
    const char *credentials = http1_get(h, "Proxy-Authorization", 0);

    tunnel->target = words_keep_string(t->words, http1_target(h));
    if (credentials != NULL)
        tunnel->auth_scheme = words_keep(t->words, credentials, strcspn(credentials, " "));
    tunnel->asked_us = r->now.time_us;
    tunnel->ask_frame = r->now.frame;
    tunnel->content_length = -1;
    return tunnel;
}

static void note_connect(struct talks *t, struct wire_flow *f, const struct http1 *h)
{
    struct reading *r = reading_of(f);
    struct wire_tunnel *tunnel = new_request(t, f, h);

    if (r->last != NULL)
        r->last->next = tunnel;
    else
        talk_of(t, f)->tunnels = tunnel;
    r->last = tunnel;
    r->open = false;
    if (r->waiting == NULL)
        r->waiting = tunnel;
}

static void note_plain(struct talks *t, struct wire_flow *f, const struct http1 *h)
{
    struct reading *r = reading_of(f);
    struct wire_tunnel *page;

    if (r->n_pages == PAGES_MAX) {
        if (r->method == NULL || strcmp(r->method, http1_method(h)) != 0)
            r->method = words_keep_string(t->words, http1_method(h));
        return;
    }
    page = new_request(t, f, h);
    page->method = r->method = words_keep_string(t->words, http1_method(h));
    page->host = words_keep_string(t->words, http1_get(h, "Host", 0));
    if (r->last_page != NULL)
        r->last_page->next = page;
    else
        talk_of(t, f)->pages = page;
    r->last_page = page;
    r->n_pages++;
    if (r->page == NULL)
        r->page = page;
}

static void request_done(struct talks *t, struct wire_flow *f)
{
    struct speaker *s = &reading_of(f)->side[0];
    struct http1 *h = s->head;
    uint64_t len = 0;

    note_secrets(t, f);
    buf_clear(&s->raw);
    if (strcmp(http1_method(h), "CONNECT") == 0) {
        note_connect(t, f, h);
        s->speaking = SPEAK_START;
    } else {
        note_plain(t, f, h);
        if (http1_get(h, "Transfer-Encoding", 0) != NULL)
            s->speaking = SPEAK_OVER;
        else if (http1_content_length(h, &len) == HTTP1_LENGTH_OK && len > 0) {
            s->framing = HTTP1_BODY_LENGTH;
            s->body_left = len;
            s->speaking = SPEAK_BODY;
        } else {
            s->speaking = SPEAK_START;
        }
    }
    head_done(s);
}

size_t http_request(struct talks *t, struct wire_flow *f, uint32_t seq, const uint8_t *p,
                    size_t len)
{
    struct speaker *s = &reading_of(f)->side[0];
    struct http1 *h = head_of(s, HTTP1_REQUEST);
    size_t used = 0;

    if (h == NULL)
        return 0;
    if (s->raw.len == 0)
        s->raw_seq = seq;
    switch (http1_feed(h, p, len, &used)) {
    case HTTP1_MORE:
        buf_add(&s->raw, p, used); /* the head has the same limit; a full buffer ends it soon */
        return used;
    case HTTP1_OK:
        buf_add(&s->raw, p, used);
        request_done(t, f);
        return used;
    default:
        buf_add(&s->raw, p, len); /* credentials are no less secret in a broken request */
        note_secrets(t, f);
        s->speaking = SPEAK_OVER;
        return len;
    }
}

/* --- answers --- */

static void note_head(struct talks *t, struct wire_tunnel *w, const struct http1 *h)
{
    struct arena *a = t->file->arena;
    uint64_t len;

    w->status = h->status;
    w->version = http1_version(h);
    w->reason = words_keep_string(t->words, http1_reason(h));
    w->via = http1_joined(h, "Via", a);
    w->x_cache = http1_joined(h, "X-Cache", a);
    w->x_squid_error = words_keep_string(t->words, http1_get(h, "X-Squid-Error", 0));
    w->proxy_status = http1_joined(h, "Proxy-Status", a);
    w->server = words_keep_string(t->words, http1_get(h, "Server", 0));
    w->date = arena_strdup(a, http1_get(h, "Date", 0));
    w->location = words_keep_string(t->words, http1_get(h, "Location", 0));
    w->connection = http1_joined(h, "Connection", a);
    w->content_type = words_keep_string(t->words, http1_get(h, "Content-Type", 0));
    for (size_t i = 0; http1_get(h, "Proxy-Authenticate", i) != NULL; i++) {
        const char *value = words_keep_string(t->words, http1_get(h, "Proxy-Authenticate", i));

        list_push(a, w->proxy_authenticate, w->n_proxy_authenticate, value);
    }
    if (http1_content_length(h, &len) == HTTP1_LENGTH_OK && len <= INT64_MAX)
        w->content_length = (int64_t)len;
}

/* The head of an answer to CONNECT, or of a page, is complete, or never will be. */
static void note_answer(struct talks *t, struct wire_flow *f, const struct http1 *h)
{
    struct reading *r = reading_of(f);
    struct wire_tunnel *w = r->waiting != NULL ? r->waiting : r->page;

    if (w == NULL)
        return; /* of no interest */
    w->http = (int)h->state;
    w->answered_us = r->now.time_us;
    w->answer_frame = r->now.frame;
    w->received = h->received;
    w->rule = h->rule; /* a constant */
    if (h->state == HTTP1_OK) {
        note_head(t, w, h);
    } else {
        w->first = (const uint8_t *)words_keep(t->words, h->first, h->n_first);
        w->n_first = h->n_first;
    }
    r->answered = w;
    if (w == r->page) {
        r->page = w->next;
        return;
    }
    r->waiting = w->next;
    r->open = h->state == HTTP1_OK && h->status / 100 == 2;
}

/* All of a body that will come has come. */
static void body_done(struct talks *t, struct wire_flow *f)
{
    struct reading *r = reading_of(f);
    struct speaker *s = &r->side[1];
    struct wire_tunnel *w = r->answered;
    struct arena *a = t->file->arena;
    const char *software;

    if (w != NULL) {
        struct buf content;
        const uint8_t *body = s->raw.data;
        size_t len = s->raw.len, used;
        bool whole;

        buf_init(&content, BODY_MAX);
        if (s->framing == HTTP1_BODY_CHUNKED) {
            w->body_complete = http1_unchunk(body, len, &content, &used) == DECODE_OK;
            body = content.data;
            len = content.len;
        } else if (s->framing == HTTP1_BODY_LENGTH) {
            w->body_complete = s->body_left == 0;
        } else if (s->framing == HTTP1_BODY_CLOSE) {
            w->body_complete = f->side[1].fins > 0;
        }
        w->body_len = (int64_t)s->body_len;
        w->received += s->body_len;
        whole = w->body_complete && (s->framing == HTTP1_BODY_CHUNKED || len == s->body_len);
        w->is_crl = revocation_is_crl(body, len, whole);
        w->is_ocsp = revocation_is_ocsp(body, len, whole);
        if (len > 0) {
            w->title = html_title(a, body, len, TITLE_MAX);
            w->body = html_text(a, body, len, TEXT_MAX);
            w->generated_by = html_generated_by(a, body, len, &software);
        }
        buf_free(&content);
    }
    buf_clear(&s->raw);
    s->body_len = 0;
    r->answered = NULL;
    s->speaking = SPEAK_START;
}

static void answer_done(struct talks *t, struct wire_flow *f)
{
    struct reading *r = reading_of(f);
    struct speaker *s = &r->side[1];
    const char *method = r->waiting != NULL ? "CONNECT"
                         : r->page != NULL  ? r->page->method
                                            : r->method;

    if (r->waiting == NULL)
        r->method = NULL;
    note_answer(t, f, s->head);
    s->framing = http1_framing(s->head, method, &s->body_left);
    s->body_len = 0;
    switch (s->framing) {
    case HTTP1_BODY_NONE:
        s->body_left = 0;
        s->speaking = SPEAK_START;
        r->answered = NULL;
        break;
    case HTTP1_BODY_LENGTH:
        s->speaking = SPEAK_BODY;
        if (s->body_left == 0)
            body_done(t, f);
        break;
    case HTTP1_BODY_CHUNKED:
    case HTTP1_BODY_CLOSE:
        s->speaking = SPEAK_BODY;
        break;
    case HTTP1_BODY_INVALID:
        s->speaking = SPEAK_OVER;
        break;
    }
    head_done(s);
}

size_t http_answer(struct talks *t, struct wire_flow *f, const uint8_t *p, size_t len)
{
    struct reading *r = reading_of(f);
    struct speaker *s = &r->side[1];
    struct http1 *h = head_of(s, HTTP1_ANSWER);
    size_t used = 0;

    if (h == NULL)
        return 0;
    switch (http1_feed(h, p, len, &used)) {
    case HTTP1_MORE:
        return used;
    case HTTP1_OK:
        answer_done(t, f);
        return used;
    default:
        note_answer(t, f, h);
        s->speaking = SPEAK_OVER;
        return len;
    }
}

/* Is a body in chunks over (RFC 9112 section 7.1)? Of one that is not kept whole nobody knows. */
static bool ends_in_chunks(const struct speaker *s)
{
    struct buf content;
    size_t used;
    bool over;

    if (s->framing != HTTP1_BODY_CHUNKED || s->raw.len != s->body_len || s->raw.len < 4 ||
        memcmp(s->raw.data + s->raw.len - 4, "\r\n\r\n", 4) != 0)
        return false;
    buf_init(&content, BODY_MAX);
    over = http1_unchunk(s->raw.data, s->raw.len, &content, &used) == DECODE_OK;
    buf_free(&content);
    return over;
}

size_t http_body(struct talks *t, struct wire_flow *f, int direction, const uint8_t *p, size_t len)
{
    struct speaker *s = &reading_of(f)->side[direction];
    size_t used = len, room = s->raw.limit - s->raw.len;

    if (s->framing == HTTP1_BODY_LENGTH && used > s->body_left)
        used = (size_t)s->body_left;
    if (direction == 1)
        buf_add(&s->raw, p, used < room ? used : room);
    s->body_len += used;
    if (direction == 1 && ends_in_chunks(s))
        body_done(t, f);
    if (s->framing != HTTP1_BODY_LENGTH)
        return used;
    s->body_left -= used;
    if (s->body_left == 0 && direction == 1)
        body_done(t, f);
    else if (s->body_left == 0)
        s->speaking = SPEAK_START;
    return used;
}

void http_finish(struct talks *t, struct wire_flow *f)
{
    struct reading *r = reading_of(f);

    if (r->side[0].raw.len > 0 && r->side[0].speaking == SPEAK_HEAD)
        note_secrets(t, f);
    if (r->side[1].speaking == SPEAK_BODY)
        body_done(t, f);
    else if (r->side[1].speaking == SPEAK_HEAD && r->side[1].head != NULL)
        note_answer(t, f, r->side[1].head);
}
