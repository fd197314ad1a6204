/* talk: see talk.h. This file: whose turn it is, and in which protocol. */
#include "capture/talk.h"

#include "capture/talk_state.h"
#include "diag/base/arena.h"
#include "diag/proto/socks.h"

#include <stdlib.h>
#include <string.h>

enum { ENDED_US = 2000000 }; /* so long after its end a connection is listened to */

/* Stands in wire_flow.reading once there is nothing more to read. */
static struct reading nothing_more;

int talks_init(struct talks *t, struct wire_file *file, struct lookups *lookups,
               struct words *words, const uint64_t secret[2])
{
    *t = (struct talks){.file = file, .lookups = lookups, .words = words, .chains = chains_new()};
    t->last_ended = &t->ended;
    memcpy(t->secret, secret, sizeof t->secret);
    return t->chains == NULL ? -1 : 0;
}

void talks_free(struct talks *t)
{
    chains_free(t->chains);
    t->chains = NULL;
}

struct wire_talk *talk_of(struct talks *t, struct wire_flow *f)
{
    if (f->talk == NULL)
        f->talk = arena_new_of(t->file->arena, struct wire_talk);
    return f->talk;
}

void talk_begin(struct talks *t, struct wire_flow *f, bool dns)
{
    struct reading *r = t->spare;

    if (r != NULL) {
        t->spare = r->next;
        memset(r, 0, sizeof *r);
    } else {
        r = arena_new_of(t->file->arena, struct reading);
    }
    for (int d = 0; d < 2; d++) {
        struct speaker *s = &r->side[d];

        s->speaking = dns ? SPEAK_DNS : SPEAK_START;
        buf_init(&s->raw, dns ? 2 + 65535 : d == 0 ? HTTP1_HEAD_MAX : BODY_MAX);
        if (f->side[d].syns > 0)
            stream_start(&s->stream, f->side[d].isn + 1);
    }
    r->flow = f;
    f->reading = r;
}

static void release(struct talks *t, struct wire_flow *f)
{
    struct reading *r = reading_of(f);

    for (int d = 0; d < 2; d++) {
        struct speaker *s = &r->side[d];

        stream_free(&s->stream);
        buf_free(&s->raw);
        if (s->head != NULL)
            http1_free(s->head);
        free(s->head);
        if (s->speaks_tls)
            tls_stream_free(&s->tls);
    }
    r->next = t->spare;
    t->spare = r;
    f->reading = &nothing_more;
}

/* Would have been read on, but something is missing. */
static bool has_gap(const struct speaker *s)
{
    return s->speaking != SPEAK_OVER && (s->stream.over || s->stream.n_late > 0);
}

/* Put down what is known of things that are not complete; free the state. */
static void talk_finish(struct talks *t, struct wire_flow *f)
{
    struct reading *r = reading_of(f);

    if (r == NULL || r == &nothing_more)
        return;
    http_finish(t, f);
    tls_finish(t, f);
    if (has_gap(&r->side[0]) || has_gap(&r->side[1]))
        talk_of(t, f)->gap = true;
    if (r->side[0].stream.cut || r->side[1].stream.cut)
        talk_of(t, f)->cut = true;
    release(t, f);
}

/* The first of those that ended has been listened to for long enough. */
static void finish_ended(struct talks *t)
{
    struct reading *r = t->ended;

    t->ended = r->next;
    if (t->ended == NULL)
        t->last_ended = &t->ended;
    talk_finish(t, r->flow);
}

void talk_ended(struct talks *t, struct wire_flow *f, int64_t now_us)
{
    struct reading *r = reading_of(f);

    if ((f->state == WIRE_RESET || f->state == WIRE_CLOSED) && r != NULL && r != &nothing_more &&
        !r->ended) {
        r->ended = true;
        r->ended_us = now_us;
        r->next = NULL;
        *t->last_ended = r;
        t->last_ended = &r->next;
    }
    while (t->ended != NULL && now_us - t->ended->ended_us > ENDED_US) /* ends: takes one off */
        finish_ended(t);
}

void talk_over(struct talks *t, struct wire_flow *f)
{
    talk_finish(t, f);
    f->reading = NULL;
}

/* Octets that open a handshake record or an alert (RFC 8446 section 5.1). */
static bool opens_tls(uint8_t octet)
{
    return octet >= TLS_CHANGE_CIPHER_SPEC && octet <= TLS_APPLICATION_DATA;
}

/* In HTTP, and has not answered yet. */
static bool was_asked(const struct reading *r)
{
    return r->waiting != NULL || r->page != NULL || r->method != NULL;
}

/* What does this side begin? */
static enum speaking begins(const struct reading *r, int direction, uint8_t octet)
{
    if (direction == 0) {
        if (opens_tls(octet))
            return SPEAK_TLS;
        return octet >= 'A' && octet <= 'Z' ? SPEAK_HEAD : SPEAK_OVER;
    }
    if (was_asked(r))
        return SPEAK_HEAD; /* it was asked in HTTP; whatever comes, the HTTP decoder judges it */
    if (r->side[0].speaking == SPEAK_TLS || r->open || opens_tls(octet))
        return SPEAK_TLS;
    return SPEAK_OVER;
}

/* A pair of octets with the length stands before each message (RFC 1035 section 4.2.2). */
static void dns_octets(struct talks *t, struct wire_flow *f, int direction, const uint8_t *p,
                       size_t len)
{
    struct reading *r = reading_of(f);
    struct speaker *s = &r->side[direction];

    if (buf_add(&s->raw, p, len) != 0) {
        s->speaking = SPEAK_OVER;
        return;
    }
    while (s->raw.len >= 2) { /* ends: each turn drops two octets at least */
        size_t message = (size_t)s->raw.data[0] << 8 | s->raw.data[1];

        if (s->raw.len < 2 + message)
            break;
        lookups_message(t->lookups, f, direction, s->raw.data + 2, message, message, &r->now);
        buf_drop(&s->raw, 2 + message);
    }
}

/*
 * A server that speaks first (SSH, SMTP, a banner of a device) answers what it is asked later, as
 * far as the one who asks can tell. Kept until then.
 */
static bool keep_early(struct reading *r, const uint8_t *p, size_t len)
{
    struct speaker *s = &r->side[1];

    return !was_asked(r) && !r->open && !opens_tls(p[0]) &&
           (r->side[0].speaking == SPEAK_START || r->side[0].speaking == SPEAK_HEAD) &&
           buf_add(&s->raw, p, len) == 0;
}

/* What a side begins with is nothing that we read. Does the client take its peer for a SOCKS proxy?
 */
static void note_socks(struct talks *t, struct wire_flow *f, int direction, const uint8_t *p,
                       size_t len)
{
    unsigned version = direction == 0 ? socks_version(p, len) : 0;

    if (version != 0)
        talk_of(t, f)->socks = (uint8_t)version;
    else if (direction == 1 && f->talk != NULL && socks_is_answer(f->talk->socks, p[0]))
        f->talk->socks = 0;
}

struct delivery {
    struct talks *talks;
    struct wire_flow *flow;
    int direction;
};

/* In-order octets of one side. */
static void on_octets(void *arg, uint32_t seq, const uint8_t *p, size_t len)
{
    const struct delivery *d = arg;
    struct reading *r = reading_of(d->flow);
    struct speaker *s = &r->side[d->direction];

    while (len > 0) { /* ends: each turn uses octets, or changes what is spoken, never back */
        enum speaking before = s->speaking;
        size_t used = len;

        switch (s->speaking) {
        case SPEAK_START:
            if (d->direction == 1 && keep_early(r, p, len))
                return;
            s->speaking = begins(r, d->direction, p[0]);
            if (s->speaking == SPEAK_OVER)
                note_socks(d->talks, d->flow, d->direction, p, len);
            s->raw_seq = seq;
            used = 0;
            break;
        case SPEAK_HEAD:
            used = d->direction == 0 ? http_request(d->talks, d->flow, seq, p, len)
                                     : http_answer(d->talks, d->flow, p, len);
            break;
        case SPEAK_BODY:
            used = http_body(d->talks, d->flow, d->direction, p, len);
            break;
        case SPEAK_TLS:
            used = tls_octets(d->talks, d->flow, d->direction, p, len);
            break;
        case SPEAK_DNS:
            dns_octets(d->talks, d->flow, d->direction, p, len);
            break;
        case SPEAK_OVER:
            return;
        }
        if (used == 0 && s->speaking == before) { /* cannot go on: our mistake or no memory */
            s->speaking = SPEAK_OVER;
            return;
        }
        p += used;
        seq += (uint32_t)used;
        len -= used;
    }
}

/* The client has asked; what came before is the answer to that. */
static void take_early(struct delivery *d)
{
    struct reading *r = reading_of(d->flow);
    struct speaker *s = &r->side[1];
    struct buf early = s->raw;

    if (s->speaking != SPEAK_START || early.len == 0 ||
        (!was_asked(r) && r->side[0].speaking < SPEAK_TLS))
        return;
    buf_init(&s->raw, early.limit);
    d->direction = 1;
    on_octets(d, s->stream.next - (uint32_t)early.len, early.data, early.len);
    buf_free(&early);
}

void talk_segment(struct talks *t, struct wire_flow *f, int direction, const struct tcp_segment *s,
                  const struct seen *seen)
{
    struct delivery d = {t, f, direction};
    struct reading *r = reading_of(f);
    const struct wire_tls *tls;

    if (r == &nothing_more || s->len == 0)
        return;
    r->now = *seen;
    stream_segment(&r->side[direction].stream, s->seq, s->payload.p, bytes_left(&s->payload),
                   s->len, on_octets, &d);
    if (direction == 0)
        take_early(&d);
    tls = f->talk != NULL ? f->talk->tls : NULL;
    if (!r->ended && /* else its turn comes */
        ((r->side[0].speaking == SPEAK_OVER && r->side[1].speaking == SPEAK_OVER) ||
         (tls != NULL && tls->finished && (r->server_after || r->client_records > 4)))) {
        http_finish(t, f);
        tls_finish(t, f);
        release(t, f);
    }
}
