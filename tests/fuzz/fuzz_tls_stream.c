/* One direction of a TLS connection: where the bytes are cut must not matter. */
#include "diag/proto/tls_stream.h"
#include "tests/fuzz/fuzz.h"

struct tally {
    uint64_t events, hash;
    enum tls_event_kind last;
};

static void check_message(const struct tls_event *e)
{
    struct tls_certificates certificates;
    struct tls_client_hello client;
    struct tls_server_hello server;
    size_t len = bytes_left(&e->message);

    MUST(len >= TLS_HANDSHAKE_HEADER && e->message.p[0] == e->type);
    /* The message is all there: whatever is wrong with it, it is not cut. */
    MUST(e->type != TLS_CLIENT_HELLO ||
         tls_client_hello(e->message.p, len, &client) != DECODE_TRUNCATED);
    MUST(e->type != TLS_SERVER_HELLO ||
         tls_server_hello(e->message.p, len, &server) != DECODE_TRUNCATED);
    MUST(e->type != TLS_CERTIFICATE ||
         tls_certificates(e->message.p, len, &certificates) != DECODE_TRUNCATED);
}

static void feed(struct tls_stream *s, const uint8_t *data, size_t size, struct tally *t)
{
    struct bytes in = bytes_of(data, size);
    struct tls_client_hello hello;
    struct bytes partial;

    for (;;) {
        struct tls_event e;

        if (tls_stream_next(s, &in, &e) == TLS_EVENT_NONE)
            break;
        if (t->last != e.kind || e.kind < TLS_EVENT_NOT_TLS) {
            t->events++;
            t->hash = t->hash * 31 + e.kind * 256 + e.type + bytes_left(&e.message) +
                      e.alert.description + e.at;
        }
        t->last = e.kind;
        MUST(e.kind != TLS_EVENT_NO_MEMORY);
        if (e.kind >= TLS_EVENT_NOT_TLS)
            break;
        if (e.kind == TLS_EVENT_MESSAGE)
            check_message(&e);
    }
    partial = tls_stream_partial(s);
    if (partial.p != NULL && size > 1) /* not for every octet: it would be quadratic */
        tls_client_hello(partial.p, bytes_left(&partial), &hello);
    MUST(s->final != TLS_EVENT_NONE || bytes_left(&in) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut = split_of(data, size);
    struct tally whole = {.events = 0}, split = {.events = 0}, single = {.events = 0};
    struct tls_stream s;

    tls_stream_init(&s);
    feed(&s, data, size, &whole);
    MUST(s.received <= size);
    tls_stream_free(&s);
    tls_stream_init(&s);
    feed(&s, data, cut, &split);
    feed(&s, data + cut, size - cut, &split);
    tls_stream_free(&s);
    tls_stream_init(&s);
    for (size_t i = 0; i < size; i++)
        feed(&s, data + i, 1, &single);
    tls_stream_free(&s);
    MUST(whole.events == split.events && whole.hash == split.hash);
    MUST(whole.events == single.events && whole.hash == single.hash);
    return 0;
}
