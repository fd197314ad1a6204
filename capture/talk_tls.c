/* talk_tls: the TLS handshake of a flow, as far as it is in the clear. Part of talk.h. */
#include "capture/siphash.h"
#include "capture/talk_state.h"
#include "diag/base/arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHAIN_SLOTS = 1 << 14,
    CHAINS_MAX = 8192,
    CHAINS_ROOM = 64 * 1024 * 1024,
    /*
     * Octets of records of TLS 1.3: 1 of inner type and at most 16 of tag behind the message. An
     * alert has 2, an empty Certificate 8 (the answer of a client that has none), a Finished 36.
     */
    ALERT_SIZED = 19,
    EMPTY_CERTIFICATE = 25,
};

/* Equal certificate lists are kept once: many flows go to few servers. */
struct talk_chains {
    struct wire_chain *slots[CHAIN_SLOTS];
    size_t n, bytes;
};

struct talk_chains *chains_new(void)
{
    return calloc(1, sizeof(struct talk_chains));
}

void chains_free(struct talk_chains *c)
{
    free(c);
}

static bool is_chain(const struct wire_chain *c, const struct tls_certificates *m)
{
    if (c->n != m->n)
        return false;
    for (size_t i = 0; i < c->n; i++) {
        if (c->der_len[i] != bytes_left(&m->der[i]) ||
            memcmp(c->der[i], m->der[i].p, c->der_len[i]) != 0)
            return false;
    }
    return true;
}

static struct wire_chain *keep_chain(struct talks *t, const struct tls_certificates *m)
{
    struct talk_chains *chains = t->chains;
    struct arena *a = t->file->arena;
    struct wire_chain *c;
    uint64_t hash = 0;
    size_t bytes = 0, i;

    for (i = 0; i < m->n; i++) {
        hash ^= siphash(t->secret, m->der[i].p, bytes_left(&m->der[i])) + i;
        bytes += bytes_left(&m->der[i]);
    }
    /* ends: half of the slots is free at least */
    for (i = hash % CHAIN_SLOTS; chains->slots[i] != NULL; i = (i + 1) % CHAIN_SLOTS) {
        if (is_chain(chains->slots[i], m))
            return chains->slots[i];
    }
    if (chains->n >= CHAINS_MAX || bytes > CHAINS_ROOM - chains->bytes)
        return NULL;
    c = arena_new_of(a, struct wire_chain);
    for (c->n = 0; c->n < m->n && c->n < sizeof c->der / sizeof c->der[0]; c->n++) {
        c->der_len[c->n] = bytes_left(&m->der[c->n]);
        c->der[c->n] =
            (const uint8_t *)arena_strndup(a, (const char *)m->der[c->n].p, c->der_len[c->n]);
    }
    chains->slots[i] = c;
    chains->n++;
    chains->bytes += bytes;
    return c;
}

struct wire_tls *tls_of(struct talks *t, struct wire_flow *f)
{
    struct wire_talk *talk = talk_of(t, f);

    if (talk->tls == NULL) {
        talk->tls = arena_new_of(t->file->arena, struct wire_tls);
        talk->tls->alert = talk->tls->alert_sent = -1;
    }
    return talk->tls;
}

static const char *copy(struct talks *t, struct bytes b)
{
    return words_keep(t->words, b.p, bytes_left(&b));
}

static void note_client_hello(struct talks *t, struct wire_tls *tls, struct bytes message,
                              const struct seen *seen)
{
    struct tls_client_hello hello = {0};
    enum decode verdict = tls_client_hello(message.p, bytes_left(&message), &hello);

    if (tls->hello_frame != 0 && tls->hello_whole)
        return; /* the second one, after a retry request */
    if (verdict == DECODE_INVALID)
        return;
    tls->hello_whole = verdict == DECODE_OK;
    tls->hello_len = (uint32_t)hello.len;
    tls->max_version = hello.max_version;
    tls->ech = hello.ech;
    if (hello.sni.p != NULL)
        tls->sni = copy(t, hello.sni);
    if (tls->hello_frame == 0) {
        tls->hello_frame = seen->frame;
        tls->hello_us = seen->time_us;
    }
}

static void note_server_hello(struct talks *t, struct wire_tls *tls, struct bytes message,
                              const struct seen *seen)
{
    struct tls_server_hello hello = {0};

    if (tls_server_hello(message.p, bytes_left(&message), &hello) != DECODE_OK)
        return;
    tls->hello_retry = tls->hello_retry || hello.hello_retry_request;
    tls->version = hello.version;
    tls->cipher = hello.cipher;
    tls->group = hello.group;
    if (hello.alpn.p != NULL)
        tls->alpn = copy(t, hello.alpn);
    if (tls->server_hello_frame == 0) {
        tls->server_hello_frame = seen->frame;
        tls->server_hello_us = seen->time_us;
    }
}

static void note_message(struct talks *t, struct wire_tls *tls, int direction,
                         const struct tls_event *e, const struct seen *seen)
{
    struct tls_certificates certificates = {0};

    if (direction == 0) {
        if (e->type == TLS_CLIENT_HELLO)
            note_client_hello(t, tls, e->message, seen);
        return;
    }
    if (e->type == TLS_SERVER_HELLO)
        note_server_hello(t, tls, e->message, seen);
    else if (e->type == TLS_CERTIFICATE_REQUEST)
        tls->client_cert_requested = true;
    else if (e->type == TLS_CERTIFICATE && tls->chain == NULL &&
             tls_certificates(e->message.p, bytes_left(&e->message), &certificates) == DECODE_OK)
        tls->chain = keep_chain(t, &certificates);
}

static void note_alert(struct wire_tls *tls, int direction, struct tls_alert alert,
                       const struct seen *seen)
{
    int16_t *to = direction == 0 ? &tls->alert_sent : &tls->alert;

    if (alert.level != 2 && alert.description == 0) /* close_notify is a goodbye */
        return;
    if (*to < 0)
        *to = alert.description;
    if (tls->alert_frame == 0) {
        tls->alert_frame = seen->frame;
        tls->alert_us = seen->time_us;
    }
}

static void note_finished(struct wire_flow *f, struct wire_tls *tls)
{
    if (tls->finished || tls->client_maybe_alert)
        return;
    tls->finished = true;
    tls->finished_us = reading_of(f)->now.time_us;
    tls->finished_at = f->side[0].bytes;
}

/* A record under keys that the client sent: is it its Finished? */
static void client_keys(struct wire_flow *f, struct wire_tls *tls, uint64_t len, bool data)
{
    struct reading *r = reading_of(f);
    bool first = !tls->client_encrypted;

    tls->client_encrypted = true;
    if (data)
        r->client_records++;
    if (first && len <= ALERT_SIZED)
        tls->client_maybe_alert = true;
    if (first && data && len == EMPTY_CERTIFICATE)
        tls->client_cert_requested = true; /* nobody sends one unasked */
    if (!first && len <= ALERT_SIZED)
        r->client_goes = true;
    if (tls->server_encrypted)
        note_finished(f, tls);
}

static void server_keys(struct wire_flow *f, struct wire_tls *tls, uint64_t len, bool data)
{
    struct reading *r = reading_of(f);
    bool before = tls->finished;

    tls->server_encrypted = true;
    if (tls->client_encrypted)
        note_finished(f, tls);
    if (before && !r->server_after) {
        r->server_after = data || len <= ALERT_SIZED;
        tls->server_maybe_alert = len <= ALERT_SIZED && !r->client_goes;
    }
}

/*
 * Length of the encrypted record that an event announced: of application data it is counted;
 * others (TLS 1.2: type handshake or alert) are told by their type.
 */
static void note_keys(struct wire_flow *f, struct wire_tls *tls, int direction,
                      const struct tls_event *e, uint64_t len)
{
    bool data = e->kind == TLS_EVENT_DATA;

    if (!data)
        len = e->type == TLS_ALERT ? ALERT_SIZED : ALERT_SIZED + 1;
    if (direction == 0)
        client_keys(f, tls, len, data);
    else
        server_keys(f, tls, len, data);
}

/* The server says something else: keep how it begins. */
static void note_not_tls(struct talks *t, struct reading *r, struct wire_tls *tls)
{
    if (tls->first != NULL)
        return;
    tls->not_tls = true;
    tls->first = (const uint8_t *)arena_strndup(t->file->arena, (const char *)r->first, r->n_first);
    tls->n_first = r->n_first;
}

size_t tls_octets(struct talks *t, struct wire_flow *f, int direction, const uint8_t *p, size_t len)
{
    struct reading *r = reading_of(f);
    struct speaker *s = &r->side[direction];
    struct bytes in = bytes_of(p, len);
    struct wire_tls *tls = tls_of(t, f);

    if (!s->speaks_tls) {
        s->speaks_tls = true;
        tls_stream_init(&s->tls);
        if (direction == 0 && tls->hello_frame == 0) {
            tls->hello_frame = r->now.frame;
            tls->hello_us = r->now.time_us;
        }
    }
    if (direction == 1) {
        size_t room = FIRST_MAX - r->n_first, part = len < room ? len : room;

        memcpy(r->first + r->n_first, p, part);
        r->n_first += part;
        tls->received += len;
    }
    for (;;) { /* ends: each event uses octets or is NONE or final */
        uint64_t data = s->tls.data_len;
        struct tls_event e;

        switch (tls_stream_next(&s->tls, &in, &e)) {
        case TLS_EVENT_NONE:
            return len;
        case TLS_EVENT_MESSAGE:
            note_message(t, tls, direction, &e, &r->now);
            break;
        case TLS_EVENT_ALERT:
            note_alert(tls, direction, e.alert, &r->now);
            break;
        case TLS_EVENT_CCS:
            break;
        case TLS_EVENT_ENCRYPTED:
        case TLS_EVENT_DATA:
            note_keys(f, tls, direction, &e, s->tls.data_len - data);
            break;
        case TLS_EVENT_NOT_TLS:
        case TLS_EVENT_INVALID:
        case TLS_EVENT_NO_MEMORY:
            if (direction == 1 && e.kind == TLS_EVENT_NOT_TLS)
                note_not_tls(t, r, tls);
            s->speaking = SPEAK_OVER;
            return len;
        }
    }
}

void tls_finish(struct talks *t, struct wire_flow *f)
{
    struct reading *r = reading_of(f);
    struct speaker *s = &r->side[0];
    struct bytes partial;

    if (!s->speaks_tls || f->talk == NULL || f->talk->tls == NULL || f->talk->tls->hello_whole)
        return;
    partial = tls_stream_partial(&s->tls);
    if (partial.p != NULL && bytes_left(&partial) >= TLS_HANDSHAKE_HEADER)
        note_client_hello(t, f->talk->tls, partial, &r->now);
}
