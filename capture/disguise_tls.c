/*
 * disguise_tls: one direction of a TLS connection (RFC 8446, RFC 5246). Heads of records and
 * messages stay, and of hello messages what every client and server has; names are exchanged, all
 * that is encrypted or unknown becomes zeros.
 */
#include "capture/disguise_parts.h"
#include "diag/base/buf.h"
#include "diag/base/bytes.h"
#include "diag/proto/tls.h"

#include <stdlib.h>
#include <string.h>

/* A cursor that shows what it passes, on request. */
struct pen {
    const struct disguise_names *names;
    struct bytes in;
    uint8_t *out; /* for the first octet of the cursor */
};

static void keep(struct pen *p, size_t len)
{
    size_t have = bytes_left(&p->in);

    len = len < have ? len : have;
    if (len > 0)
        memcpy(p->out, p->in.p, len);
    p->in.p += len;
    p->out += len;
}

/* The next `len` octets, or those that there are, by themselves. */
static struct pen part(struct pen *p, size_t len)
{
    size_t have = bytes_left(&p->in);
    struct pen sub = *p;

    len = len < have ? len : have;
    sub.in.end = p->in.p + len;
    p->in.p += len;
    p->out += len;
    return sub;
}

/* A vector whose length has `octets` octets, which stay. */
static struct pen vector(struct pen *p, size_t octets)
{
    size_t len = 0;

    for (size_t i = 0; i < octets && i < bytes_left(&p->in); i++)
        len = len << 8 | p->in.p[i];
    keep(p, octets);
    return part(p, len);
}

static void keep_all(struct pen p)
{
    keep(&p, bytes_left(&p.in));
}

/* list 2 of: type 1 (0: host name) | name 2 (RFC 6066 section 3) */
static void server_name(struct pen p)
{
    struct pen list = vector(&p, 2);

    while (bytes_left(&list.in) > 3) { /* ends: each turn takes three octets at least */
        struct pen name;

        keep(&list, 1);
        name = vector(&list, 2);
        disguise_host(name.names, name.in.p, bytes_left(&name.in), name.out);
    }
}

/* list 2 of: name 1 (RFC 7301). Known ones stay. */
static void alpn(struct pen p)
{
    static const char *const known[] = {"h2", "http/1.1", "http/1.0", "h3", "amqp", "mqtt"};
    struct pen list = vector(&p, 2);

    while (bytes_left(&list.in) > 1) { /* ends: each turn takes an octet at least */
        struct pen name = vector(&list, 1);

        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            if (bytes_left(&name.in) == strlen(known[i]) &&
                memcmp(name.in.p, known[i], strlen(known[i])) == 0)
                keep_all(name);
        }
    }
}

/* Extensions that hold numbers of the registries, lengths and random keys. */
static bool is_harmless(unsigned type)
{
    static const uint16_t types[] = {1,  10, 11, 13, 15, 18, 20, 21, 22,   23,
                                     27, 28, 34, 43, 45, 49, 50, 51, 65281};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i] == type)
            return true;
    }
    return false;
}

/* list 2 of: type 2 | content 2 */
static void extensions(struct pen *p)
{
    enum { SERVER_NAME = 0, ALPN = 16, PADDING = 21 };
    struct pen list = vector(p, 2);

    while (bytes_left(&list.in) >= 4) { /* ends: each turn takes four octets at least */
        unsigned type = (unsigned)(list.in.p[0] << 8 | list.in.p[1]);
        struct pen content;

        keep(&list, 2);
        content = vector(&list, 2);
        if (type == SERVER_NAME)
            server_name(content);
        else if (type == ALPN)
            alpn(content);
        else if (type != PADDING && is_harmless(type)) /* padding is zeros anyway */
            keep_all(content);
    }
}

/* version 2 | random 32 | session 1 | suites 2 (server: 2 octets) | compression 1 (server: 1) */
static void hello(struct pen p, bool client)
{
    keep(&p, 2 + 32);
    keep_all(vector(&p, 1));
    if (client) {
        keep_all(vector(&p, 2));
        keep_all(vector(&p, 1));
    } else {
        keep(&p, 3);
    }
    extensions(&p);
}

/* list 3 of: certificate 3; before TLS 1.3, where it is encrypted */
static void certificates(struct pen p)
{
    struct pen list = vector(&p, 3);

    while (bytes_left(&list.in) > 3) { /* ends: each turn takes three octets at least */
        struct pen one = vector(&list, 3);

        disguise_der(one.names, one.in.p, bytes_left(&one.in), one.out);
    }
}

/* types 1 | signatures 2 | authorities 2 of: name 2 (RFC 5246 section 7.4.4) */
static void certificate_request(struct pen p)
{
    struct pen list;

    keep_all(vector(&p, 1));
    keep_all(vector(&p, 2));
    list = vector(&p, 2);
    while (bytes_left(&list.in) > 2) { /* ends: each turn takes two octets at least */
        struct pen name = vector(&list, 2);

        disguise_der(name.names, name.in.p, bytes_left(&name.in), name.out);
    }
}

/* type 1 | length 3 | body, one after the other */
static void messages(struct pen p)
{
    while (bytes_left(&p.in) >= TLS_HANDSHAKE_HEADER) { /* ends: each turn takes four octets */
        uint8_t type = p.in.p[0];
        struct pen body;

        keep(&p, 1);
        body = vector(&p, 3);
        switch (type) {
        case TLS_CLIENT_HELLO:
        case TLS_SERVER_HELLO:
            hello(body, type == TLS_CLIENT_HELLO);
            break;
        case TLS_CERTIFICATE:
            certificates(body);
            break;
        case TLS_CERTIFICATE_REQUEST:
            certificate_request(body);
            break;
        default: /* keys, signatures, tickets: nothing that is looked at */
            break;
        }
    }
}

struct record {
    const uint8_t *fragment;
    size_t at, have; /* where the fragment begins, how much of it is here */
    uint8_t type;
    bool whole, clear; /* clear: a handshake message or alert that is not encrypted */
};

/* The record at *at, which is moved behind it. False: there is none. */
static bool next_record(const uint8_t *in, size_t len, size_t *at, bool *keys, struct record *r)
{
    const uint8_t *p = in + *at;
    size_t want;

    if (len - *at < TLS_RECORD_HEADER || p[0] < TLS_CHANGE_CIPHER_SPEC ||
        p[0] > TLS_APPLICATION_DATA || p[1] != 3)
        return false;
    want = (size_t)p[3] << 8 | p[4];
    if (want > TLS_FRAGMENT_MAX)
        return false;
    *r = (struct record){.type = p[0], .fragment = p + TLS_RECORD_HEADER};
    r->at = *at + TLS_RECORD_HEADER;
    r->have = want < len - r->at ? want : len - r->at;
    r->whole = r->have == want;
    r->clear = !*keys;
    /* The second hello after a retry request comes behind a change of keys that is none. */
    if (*keys && r->type == TLS_HANDSHAKE && r->have >= TLS_HANDSHAKE_HEADER &&
        (r->fragment[0] == TLS_CLIENT_HELLO || r->fragment[0] == TLS_SERVER_HELLO) &&
        r->fragment[1] == 0 &&
        (size_t)(r->fragment[2] << 8 | r->fragment[3]) == want - TLS_HANDSHAKE_HEADER)
        r->clear = true;
    *keys = *keys || r->type == TLS_CHANGE_CIPHER_SPEC || r->type == TLS_APPLICATION_DATA;
    *at = r->at + r->have;
    return true;
}

/* Messages may go over several records: put together, disguised, and dealt out again. */
size_t disguise_tls(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out)
{
    struct record r;
    struct buf clear;
    uint8_t *shown;
    size_t at = 0, dealt = 0;
    bool keys = false;

    buf_init(&clear, len);
    while (next_record(in, len, &at, &keys, &r)) { /* ends: each turn takes five octets at least */
        if (r.type == TLS_HANDSHAKE && r.clear)
            buf_add(&clear, r.fragment, r.have);
    }
    shown = calloc(1, clear.len + 1);
    if (shown == NULL || clear.overflow) {
        free(shown);
        buf_free(&clear);
        return 0;
    }
    messages((struct pen){n, bytes_of(clear.data, clear.len), shown});
    at = 0;
    keys = false;
    while (next_record(in, len, &at, &keys, &r)) { /* as before */
        memcpy(out + r.at - TLS_RECORD_HEADER, in + r.at - TLS_RECORD_HEADER, TLS_RECORD_HEADER);
        if (r.type == TLS_HANDSHAKE && r.clear) {
            memcpy(out + r.at, shown + dealt, r.have);
            dealt += r.have;
        } else if (r.have > 0 && r.have <= 2 && r.whole &&
                   (r.type == TLS_CHANGE_CIPHER_SPEC || (r.type == TLS_ALERT && r.clear))) {
            memcpy(out + r.at, in + r.at, r.have);
        }
    }
    free(shown);
    buf_free(&clear);
    return at;
}
