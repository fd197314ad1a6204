/* tls_stream: see tls_stream.h. */
#include "diag/proto/tls_stream.h"

#include <string.h>

enum { MESSAGE_TYPE_MAX = 24 };

void tls_stream_init(struct tls_stream *s)
{
    *s = (struct tls_stream){.final = TLS_EVENT_NONE};
    buf_init(&s->message, TLS_HANDSHAKE_HEADER + TLS_HANDSHAKE_MAX + TLS_FRAGMENT_MAX);
}

void tls_stream_free(struct tls_stream *s)
{
    buf_free(&s->message);
    s->handed = 0;
}

static void event(const struct tls_stream *s, enum tls_event_kind kind, struct tls_event *out)
{
    out->kind = kind;
    out->type = 0;
    bytes_set(&out->message, NULL, 0);
    out->alert = (struct tls_alert){0};
    out->at = s->record_at;
}

static void finish(struct tls_stream *s, enum tls_event_kind kind, struct tls_event *out)
{
    s->final = kind;
    event(s, kind, out);
}

/* The length that a message announces in its first four octets, these included. */
static size_t announced(const uint8_t *p)
{
    return TLS_HANDSHAKE_HEADER + ((size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
}

static size_t message_len(const struct tls_stream *s)
{
    return announced(s->message.data);
}

/*
 * After a change of cipher spec, is the record that begins in `message` a second ClientHello,
 * answering a HelloRetryRequest that this direction does not see (RFC 8446 appendix D.4)? An
 * encrypted Finished of TLS 1.2 looks like one with a chance of about 2^-20.
 */
static bool is_second_hello(const struct tls_stream *s)
{
    return s->message.data[0] == TLS_CLIENT_HELLO && message_len(s) >= s->record_len &&
           message_len(s) <= TLS_FRAGMENT_MAX;
}

static void note_message(struct tls_stream *s, const uint8_t *message, size_t len,
                         struct tls_event *out)
{
    struct tls_server_hello hello;

    event(s, TLS_EVENT_MESSAGE, out);
    out->type = s->last_message = message[0];
    bytes_set(&out->message, message, len);
    s->hellos += out->type == TLS_CLIENT_HELLO;
    s->retry = out->type == TLS_SERVER_HELLO &&
               tls_server_hello(message, len, &hello) == DECODE_OK && hello.hello_retry_request;
}

/* A complete message at the front of the buffer; false when there is none. */
static bool next_message(struct tls_stream *s, struct tls_event *out)
{
    size_t len;

    if (s->message.len < TLS_HANDSHAKE_HEADER)
        return false;
    if (s->doubt && !is_second_hello(s)) {
        s->doubt = false;
        buf_clear(&s->message);
        s->skip = true;
        event(s, TLS_EVENT_ENCRYPTED, out);
        out->type = TLS_HANDSHAKE;
        return true;
    }
    if (s->doubt) {
        s->doubt = false;
        s->encrypted = false;
    }
    len = message_len(s);
    if (len > TLS_HANDSHAKE_HEADER + TLS_HANDSHAKE_MAX || s->message.data[0] > MESSAGE_TYPE_MAX) {
        finish(s, TLS_EVENT_INVALID, out);
        return true;
    }
    if (s->message.len < len)
        return false;
    note_message(s, s->message.data, len, out);
    s->handed = len;
    return true;
}

/* Move up to `want` octets from *in to `to`; returns their number. */
static size_t move(struct tls_stream *s, struct bytes *in, void *to, size_t want)
{
    size_t n = bytes_left(in) < want ? bytes_left(in) : want;

    if (n > 0 && to != NULL)
        memcpy(to, in->p, n);
    in->p += n;
    s->received += n;
    return n;
}

/* The header of a record is complete: decide what its fragment is. False: no event yet. */
static bool begin_record(struct tls_stream *s, struct tls_event *out)
{
    bool pending = s->message.len > 0;

    s->records++;
    s->content = s->head[0];
    s->record_len = s->fragment_left = (size_t)s->head[3] << 8 | s->head[4];
    s->n_head = 0;
    s->skip = true;
    switch (s->content) {
    case TLS_HANDSHAKE:
        if (!s->encrypted || (s->last_message == TLS_CLIENT_HELLO && s->hellos == 1)) {
            s->doubt = s->encrypted;
            s->skip = false;
            return false;
        }
        event(s, TLS_EVENT_ENCRYPTED, out);
        break;
    case TLS_ALERT: /* an encrypted one is longer */
        if (s->fragment_left == 2) {
            s->skip = false;
            return false;
        }
        event(s, TLS_EVENT_ENCRYPTED, out);
        break;
    case TLS_CHANGE_CIPHER_SPEC:
        if (pending || s->fragment_left != 1) {
            finish(s, TLS_EVENT_INVALID, out);
            return true;
        }
        /* Between a HelloRetryRequest and the ServerHello it is there for show only. */
        s->encrypted = s->encrypted || !s->retry;
        event(s, TLS_EVENT_CCS, out);
        break;
    default:
        if (pending) { /* RFC 8446 section 5.1: messages must not be interleaved */
            finish(s, TLS_EVENT_INVALID, out);
            return true;
        }
        s->encrypted = true;
        buf_free(&s->message); /* nothing readable comes any more */
        s->data_records++;
        s->data_len += s->fragment_left;
        event(s, TLS_EVENT_DATA, out);
        break;
    }
    out->type = s->content;
    return true;
}

static bool read_header(struct tls_stream *s, struct bytes *in, struct tls_event *out)
{
    struct bytes head;
    struct tls_record record;

    if (s->n_head == 0)
        s->record_at = s->received;
    s->n_head += move(s, in, s->head + s->n_head, TLS_RECORD_HEADER - s->n_head);
    head = bytes_of(s->head, s->n_head);
    if (tls_record(&head, &record) == DECODE_INVALID ||
        (s->records == 0 && tls_looks_like(s->head, s->n_head) == DECODE_INVALID)) {
        finish(s, s->records == 0 ? TLS_EVENT_NOT_TLS : TLS_EVENT_INVALID, out);
        return true;
    }
    return s->n_head == TLS_RECORD_HEADER && begin_record(s, out);
}

static bool read_fragment(struct tls_stream *s, struct bytes *in, struct tls_event *out)
{
    size_t n = bytes_left(in) < s->fragment_left ? bytes_left(in) : s->fragment_left;

    if (s->skip) {
        s->fragment_left -= move(s, in, NULL, n);
        return false;
    }
    if (s->content == TLS_ALERT) {
        s->n_head += move(s, in, s->head + s->n_head, n);
        s->fragment_left -= n;
        if (s->fragment_left > 0)
            return false;
        s->n_head = 0;
        event(s, TLS_EVENT_ALERT, out);
        if (tls_alert(s->head, 2, &out->alert) != DECODE_OK)
            finish(s, TLS_EVENT_INVALID, out);
        return true;
    }
    /* The usual case: all of a message is at hand, and needs not to be kept. */
    if (s->message.len == 0 && !s->doubt && n >= TLS_HANDSHAKE_HEADER && announced(in->p) <= n &&
        in->p[0] <= MESSAGE_TYPE_MAX) {
        size_t len = announced(in->p);

        note_message(s, in->p, len, out);
        s->fragment_left -= move(s, in, NULL, len);
        return true;
    }
    /* Never beyond the limit: a message that long was refused at its header. */
    if (buf_add(&s->message, in->p, n) != 0) {
        finish(s, TLS_EVENT_NO_MEMORY, out);
        return true;
    }
    s->fragment_left -= move(s, in, NULL, n);
    return false;
}

enum tls_event_kind tls_stream_next(struct tls_stream *s, struct bytes *in, struct tls_event *out)
{
    event(s, s->final, out);
    if (s->final != TLS_EVENT_NONE)
        return s->final;
    if (s->handed > 0) {
        buf_drop(&s->message, s->handed);
        s->handed = 0;
        if (s->message.len == 0)
            buf_free(&s->message); /* what comes next is most often whole, and needs none */
    }
    if (next_message(s, out))
        return out->kind;
    while (bytes_left(in) > 0) { /* ends: each of the two takes at least a byte */
        bool found = s->fragment_left > 0 ? read_fragment(s, in, out) : read_header(s, in, out);

        if (found || next_message(s, out))
            return out->kind;
    }
    return TLS_EVENT_NONE;
}

struct bytes tls_stream_partial(const struct tls_stream *s)
{
    if (s->message.len <= s->handed)
        return (struct bytes){.p = NULL};
    return bytes_of(s->message.data + s->handed, s->message.len - s->handed);
}
