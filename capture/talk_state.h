/* talk_state: what talk.c, talk_http.c and talk_tls.c share. Private to talk. */
#ifndef HOPPROOF_CAPTURE_TALK_STATE_H
#define HOPPROOF_CAPTURE_TALK_STATE_H

#include "capture/stream.h"
#include "capture/talk.h"
#include "diag/base/buf.h"
#include "diag/proto/http1.h"
#include "diag/proto/tls_stream.h"

enum {
    BODY_MAX = 16 * 1024, /* of an error page, kept for its title and signature */
    FIRST_MAX = 64,
};

enum speaking {
    SPEAK_START, /* the next octet tells */
    SPEAK_HEAD,  /* within an HTTP head */
    SPEAK_BODY,  /* within an HTTP body */
    SPEAK_TLS,
    SPEAK_DNS,
    SPEAK_OVER, /* something that we do not understand, or all that matters was said */
};

/* One side. */
struct speaker {
    struct stream stream;
    enum speaking speaking;
    struct http1 *head;
    struct tls_stream tls; /* begun when `speaks_tls` */
    bool speaks_tls;
    struct buf raw;    /* request head as it came; body of an answer; DNS messages */
    uint32_t raw_seq;  /* of raw's first octet */
    uint64_t body_len; /* octets of body so far */
    uint64_t body_left;
    enum http1_framing framing;
};

struct reading {
    struct reading *next;   /* among the spare, or the ended ones */
    struct wire_flow *flow; /* whose it is */
    bool ended;             /* it stands among the ended ones, since: */
    int64_t ended_us;
    struct speaker side[2];
    struct wire_tunnel *last;    /* the newest CONNECT */
    struct wire_tunnel *waiting; /* the oldest without an answer */
    struct wire_tunnel *page;    /* the oldest page without an answer */
    struct wire_tunnel *last_page;
    struct wire_tunnel *answered; /* the one whose answer's body is being read */
    const char *method; /* of the newest plain request that has no answer; NULL when none */
    unsigned n_pages;
    uint8_t first[FIRST_MAX]; /* of what the server says in TLS's place */
    size_t n_first;
    bool open;               /* the newest tunnel was granted */
    bool client_goes;        /* the client said so little in keys that it may be an alert */
    bool server_after;       /* the server spoke after the client had finished */
    uint64_t client_records; /* of application data */
    struct seen now;
};

static inline struct reading *reading_of(struct wire_flow *f)
{
    return f->reading;
}

struct wire_talk *talk_of(struct talks *t, struct wire_flow *f);

/* Each takes octets of one side and returns how many it used; all of them, or it has changed the
 * side's `speaking`. */
size_t http_request(struct talks *t, struct wire_flow *f, uint32_t seq, const uint8_t *p,
                    size_t len);
size_t http_answer(struct talks *t, struct wire_flow *f, const uint8_t *p, size_t len);
size_t http_body(struct talks *t, struct wire_flow *f, int direction, const uint8_t *p, size_t len);
size_t tls_octets(struct talks *t, struct wire_flow *f, int direction, const uint8_t *p,
                  size_t len);

/* The connection is over: put down what was begun. */
void http_finish(struct talks *t, struct wire_flow *f);
void tls_finish(struct talks *t, struct wire_flow *f);

/* The TLS facts of the flow, made when first asked for. */
struct wire_tls *tls_of(struct talks *t, struct wire_flow *f);

struct talk_chains *chains_new(void);
void chains_free(struct talk_chains *c);

#endif
