/*
 * tls_stream: one direction of a connection as a sequence of TLS events: handshake messages put
 * together across records (RFC 8446 section 5.1), alerts, and the point from which all is
 * encrypted. Memory is taken only for a message that is not complete; application data is
 * counted, not kept.
 */
#ifndef HOPPROOF_PROTO_TLS_STREAM_H
#define HOPPROOF_PROTO_TLS_STREAM_H

#include "diag/base/buf.h"
#include "diag/proto/tls.h"

enum tls_event_kind {
    TLS_EVENT_NONE,      /* all bytes are used up; feed more */
    TLS_EVENT_MESSAGE,   /* a handshake message in the clear */
    TLS_EVENT_ALERT,     /* an alert in the clear */
    TLS_EVENT_CCS,       /* change of cipher spec */
    TLS_EVENT_ENCRYPTED, /* a handshake or alert record that cannot be read */
    TLS_EVENT_DATA,      /* an application data record began */
    TLS_EVENT_NOT_TLS,   /* the first bytes are something else; final */
    TLS_EVENT_INVALID,   /* it was TLS and is no longer; final */
    TLS_EVENT_NO_MEMORY, /* ours; final */
};

struct tls_event {
    enum tls_event_kind kind;
    uint8_t type;           /* MESSAGE: enum tls_message; ENCRYPTED: enum tls_content */
    struct bytes message;   /* MESSAGE: with its 4-octet header; valid until the next call, and
                               as long as the bytes that were fed */
    struct tls_alert alert; /* ALERT */
    uint64_t at;            /* offset in the stream of the record that ended the event */
};

struct tls_stream {
    uint64_t received; /* bytes fed and consumed */
    uint64_t records, data_records;
    uint64_t data_len;    /* octets of application data announced */
    uint8_t last_message; /* type of the last handshake message in the clear, 0 when none */
    bool encrypted;       /* a change of cipher spec or application data went by */

    /* private */
    struct buf message;              /* handshake octets not handed out yet */
    size_t handed;                   /* of these, handed out by the last event */
    uint8_t head[TLS_RECORD_HEADER]; /* of a record header or an alert, as far as it came */
    size_t n_head;
    uint64_t record_at; /* offset of the current record */
    size_t record_len, fragment_left;
    uint8_t content; /* type of the current record */
    bool skip;       /* its fragment is not looked at */
    bool doubt;      /* it may be encrypted or a second ClientHello */
    bool retry;      /* the last message was a HelloRetryRequest */
    unsigned hellos; /* ClientHellos seen */
    enum tls_event_kind final;
};

void tls_stream_init(struct tls_stream *s);
void tls_stream_free(struct tls_stream *s);

/*
 * The next event out of *in, whose cursor moves over what was used. Call until TLS_EVENT_NONE;
 * then *in is empty. A final event is repeated for good. Returns out->kind.
 */
enum tls_event_kind tls_stream_next(struct tls_stream *s, struct bytes *in, struct tls_event *out);

/*
 * The beginning of a handshake message that is not complete (p == NULL when there is none): what
 * tls_client_hello says of it may still name the server. Valid until the next call.
 */
struct bytes tls_stream_partial(const struct tls_stream *s);

#endif
