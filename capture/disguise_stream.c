/*
 * disguise_stream: what the connections of a capture carry, put together, disguised as a whole,
 * and given back segment by segment: a name may stand in two segments, and in repeats of both.
 */
#include "capture/disguise_parts.h"
#include "capture/stream.h"
#include "capture/tcp.h"
#include "diag/base/buf.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE_MAX = 256 * 1024,       /* octets of one direction; what comes later is cut off */
    ALL_MAX = 128 * 1024 * 1024, /* of all */
};

/* One direction. */
struct side {
    struct stream stream;
    struct buf in;
    uint8_t *out; /* NULL until all has been read */
    size_t done;  /* octets of `out` that may be shown */
    uint32_t start;
};

struct connection {
    struct side side[2];
};

struct disguise_streams {
    const struct wire_file *file;
    struct connection **connections; /* by flow */
    size_t octets;
};

struct disguise_streams *disguise_streams_new(const struct wire_file *file)
{
    struct disguise_streams *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    s->file = file;
    s->connections = calloc(file->n_flows + 1, sizeof(struct connection *));
    if (s->connections == NULL) {
        free(s);
        return NULL;
    }
    return s;
}

static void connection_free(struct connection *c)
{
    if (c == NULL)
        return;
    for (int d = 0; d < 2; d++) {
        stream_free(&c->side[d].stream);
        buf_free(&c->side[d].in);
        free(c->side[d].out);
    }
    free(c);
}

void disguise_streams_free(struct disguise_streams *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->file->n_flows; i++)
        connection_free(s->connections[i]);
    free(s->connections);
    free(s);
}

/* The flow of a segment in this frame, and its direction; ports may be used again and again. */
static const struct wire_flow *flow_of(const struct wire_file *file, uint64_t number,
                                       const struct ip_packet *ip, const uint8_t ports[4],
                                       int *direction)
{
    struct addr src = addr_from_ip(ip->family, ip->src, (uint16_t)(ports[0] << 8 | ports[1]));
    struct addr dst = addr_from_ip(ip->family, ip->dst, (uint16_t)(ports[2] << 8 | ports[3]));
    const struct wire_flow *f = wire_find(file, IPPROTO_TCP, &src, &dst);

    while (f != NULL && f->first_frame > number) /* ends: older ones were made before */
        f = wire_older(file, f);
    if (f != NULL)
        *direction = f->src_port == src.port && memcmp(f->src, ip->src, sizeof f->src) == 0 ? 0 : 1;
    return f;
}

static struct connection *connection_of(struct disguise_streams *s, const struct wire_flow *f)
{
    struct connection *c = s->connections[f->index];

    if (c != NULL)
        return c;
    c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL; /* nothing of it will be shown */
    for (int d = 0; d < 2; d++) {
        buf_init(&c->side[d].in, SIDE_MAX);
        c->side[d].start = f->side[d].isn + 1;
        if (f->side[d].syns > 0)
            stream_start(&c->side[d].stream, c->side[d].start);
    }
    s->connections[f->index] = c;
    return c;
}

struct delivery {
    struct disguise_streams *streams;
    struct side *side;
};

static void on_octets(void *arg, uint32_t seq, const uint8_t *p, size_t len)
{
    const struct delivery *d = arg;
    size_t room = SIDE_MAX - d->side->in.len;

    if (d->side->in.len == 0)
        d->side->start = seq;
    if (seq != d->side->start + (uint32_t)d->side->in.len || d->streams->octets > ALL_MAX)
        return; /* something in between was refused */
    len = len < room ? len : room;
    if (buf_add(&d->side->in, p, len) == 0)
        d->streams->octets += len;
}

void disguise_streams_take(struct disguise_streams *s, uint64_t number, const struct ip_packet *ip)
{
    struct delivery d = {.streams = s};
    const struct wire_flow *f;
    struct connection *c;
    struct tcp_segment t;
    int direction;

    if (tcp_decode(ip, &t) != DECODE_OK || t.len == 0)
        return;
    f = flow_of(s->file, number, ip, ip->payload.p, &direction);
    c = f == NULL ? NULL : connection_of(s, f);
    if (c == NULL)
        return;
    d.side = &c->side[direction];
    stream_segment(&d.side->stream, t.seq, t.payload.p, bytes_left(&t.payload), t.len, on_octets,
                   &d);
}

/* Two octets of length stand before each message (RFC 1035 section 4.2.2). */
static void disguise_dns_stream(const struct disguise_names *n, struct disguise_say *s)
{
    while (s->len - s->at > 2) { /* ends: each turn takes two octets at least */
        const uint8_t *p = s->in + s->at;
        size_t message = (size_t)p[0] << 8 | p[1];

        if (message > s->len - s->at - 2 ||
            disguise_dns(n, p + 2, message, s->out + s->at + 2) < message)
            return;
        memcpy(s->out + s->at, p, 2);
        s->at += 2 + message;
    }
}

/* All of a connection is known: disguise both directions. */
static void settle(const struct disguise *d, struct connection *c, bool dns)
{
    struct disguise_say say[2];

    for (int i = 0; i < 2; i++) {
        struct side *side = &c->side[i];

        stream_free(&side->stream);
        side->out = calloc(1, side->in.len + 1);
        if (side->out == NULL)
            return;
        say[i] = (struct disguise_say){.in = side->in.data, .out = side->out, .len = side->in.len};
    }
    if (dns) {
        disguise_dns_stream(d->names, &say[0]);
        disguise_dns_stream(d->names, &say[1]);
    } else {
        disguise_talk(d->names, &say[0], &say[1]);
    }
    for (int i = 0; i < 2; i++) {
        c->side[i].done = say[i].at;
        buf_free(&c->side[i].in);
    }
}

size_t disguise_streams_put(struct disguise *d, uint64_t number, const struct ip_packet *ip,
                            uint32_t seq, const uint8_t *ports, size_t len, uint8_t *out)
{
    int direction;
    const struct wire_flow *f = flow_of(d->file, number, ip, ports, &direction);
    struct connection *c = f == NULL ? NULL : d->streams->connections[f->index];
    const struct side *side;
    int64_t from;

    if (c == NULL)
        return 0;
    if (c->side[0].out == NULL)
        settle(d, c, disguise_is_dns(d, f->dst_port));
    side = &c->side[direction];
    from = tcp_seq_diff(seq, side->start);
    if (side->out == NULL || from < 0 || (uint64_t)from >= side->done)
        return 0;
    if (len > side->done - (size_t)from)
        len = side->done - (size_t)from;
    memcpy(out, side->out + from, len);
    return len;
}
