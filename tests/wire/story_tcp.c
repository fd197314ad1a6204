/* TCP segments of a story: see story_play.h. */
#include "tests/wire/story_play.h"
#include "tests/wire/story_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct segment_words {
    struct ip_words ip;
    unsigned flags, mss, ws, window;
    bool ts, lost, hold, again;
    unsigned back, from, to, dsack_from, dsack_to, stamp, echo;
    long ack_at;
    struct buf payload;
};

static void add_text(struct buf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s != '\\' || s[1] == '\0')
            buf_char(b, *s);
        else if (*++s == 'r')
            buf_char(b, '\r');
        else if (*s == 'n')
            buf_char(b, '\n');
        else if (*s == '0')
            buf_char(b, '\0');
        else if (*s >= '1' && *s <= '9')
            buf_char(b, (char)(*s - '0'));
        else
            buf_char(b, ' ');
    }
}

static int read_word(const struct play *p, struct segment_words *w, const char *word)
{
    static const struct {
        const char *name;
        unsigned flag;
    } flags[] = {{"fin", 1}, {"syn", 2}, {"rst", 4}, {"psh", 8}, {"ack", 16}};
    const char *v;

    for (size_t i = 0; i < 5; i++) {
        if (strcmp(word, flags[i].name) == 0) {
            w->flags |= flags[i].flag;
            return 0;
        }
    }
    if (value_of(word, "mss=", &v))
        w->mss = (unsigned)atoi(v);
    else if (value_of(word, "ws=", &v))
        w->ws = (unsigned)atoi(v);
    else if (value_of(word, "win=", &v))
        w->window = (unsigned)atoi(v);
    else if (value_of(word, "ttl=", &v))
        w->ip.ttl = (unsigned)atoi(v);
    else if (value_of(word, "id=", &v))
        w->ip.id = (unsigned)atoi(v);
    else if (value_of(word, "frag=", &v))
        w->ip.frag = (unsigned)atoi(v);
    else if (value_of(word, "iface=", &v))
        w->ip.iface = (unsigned)atoi(v);
    else if (value_of(word, "ack=", &v))
        w->ack_at = atol(v);
    else if (value_of(word, "back=", &v))
        w->again = true, w->back = (unsigned)atoi(v);
    else if (value_of(word, "dsack=", &v))
        w->dsack_from = (unsigned)atoi(v), w->dsack_to = (unsigned)atoi(strchr(v, '-') + 1);
    else if (value_of(word, "ts=", &v) && strchr(v, '/') != NULL)
        w->ts = true, w->stamp = (unsigned)atoi(v), w->echo = (unsigned)atoi(strchr(v, '/') + 1);
    else if (value_of(word, "part=", &v))
        w->from = (unsigned)atoi(v), w->to = (unsigned)atoi(strchr(v, '-') + 1);
    else if (value_of(word, "len=", &v))
        for (int i = 0; i < atoi(v); i++)
            buf_char(&w->payload, "abcdefghijklmnopqrstuvwxyz"[i % 26]);
    else if (value_of(word, "text:", &v))
        add_text(&w->payload, v);
    else if (value_of(word, "connect:", &v))
        buf_printf(&w->payload, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", v, v);
    else if (value_of(word, "auth:", &v)) {
        char scheme[32];

        snprintf(scheme, sizeof scheme, "%.*s", (int)strcspn(v, "_"), v);
        w->payload.len -= 2; /* in front of the empty line */
        buf_printf(&w->payload, "Proxy-Authorization: %s %s\r\n\r\n", scheme,
                   v + strcspn(v, "_") + 1);
    } else if (value_of(word, "status:", &v))
        buf_printf(&w->payload, "HTTP/1.1 %s Reason\r\nVia: 1.1 p1\r\n\r\n", v);
    else if (strcmp(word, "ts") == 0)
        w->ts = true, w->stamp = 1, w->echo = 2;
    else if (strcmp(word, "again") == 0)
        w->again = true;
    else if (strcmp(word, "lost") == 0)
        w->lost = true;
    else if (strcmp(word, "hold") == 0)
        w->hold = true;
    else if (!story_tls(&w->payload, word))
        return mistake(p, "\"%s\" is no word of a segment", word);
    return 0;
}

static void add_tcp(struct buf *b, const struct end *from, const struct end *to,
                    const struct segment_words *w, uint32_t seq, uint32_t ack)
{
    unsigned options = (w->mss != 0 ? 4u : 0u) + (w->ws != 0 ? 4u : 0u) + (w->ts ? 12u : 0u) +
                       (w->dsack_to != 0 ? 12u : 0u);

    be16(b, from->port);
    be16(b, to->port);
    be32(b, seq);
    be32(b, (w->flags & 16) != 0 ? ack : 0);
    be16(b, (5 + options / 4) << 12 | w->flags);
    be16(b, w->window);
    zeros(b, 4);
    if (w->mss != 0)
        be16(b, 0x0204), be16(b, w->mss);
    if (w->ws != 0)
        be16(b, 0x0103), be16(b, 0x0300 | w->ws);
    if (w->ts)
        be16(b, 0x0101), be16(b, 0x080a), be32(b, w->stamp), be32(b, w->echo);
    if (w->dsack_to != 0) {
        be16(b, 0x0101), be16(b, 0x050a);
        be32(b, to->isn + 1 + w->dsack_from);
        be32(b, to->isn + 1 + w->dsack_to);
    }
    if (w->payload.len > 0)
        buf_add(b, w->payload.data, w->payload.len);
}

static void remember(struct end *e, uint32_t seq, unsigned flags, const struct buf *payload)
{
    struct sent *s;

    if (e->n_sent == SEGMENTS) {
        buf_free(&e->sent[0].payload);
        memmove(&e->sent[0], &e->sent[1], (SEGMENTS - 1) * sizeof e->sent[0]);
        e->n_sent--;
    }
    s = &e->sent[e->n_sent++];
    s->seq = seq;
    s->flags = flags;
    buf_init(&s->payload, 128 * 1024);
    if (payload->len > 0)
        buf_add(&s->payload, payload->data, payload->len);
}

int play_segment(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n)
{
    struct end *from = &f->end[d], *to = &f->end[!d];
    struct segment_words w = {.window = 64000, .ack_at = -1, .ip = {.ttl = from->host->ttl}};
    struct buf bytes;
    uint32_t seq = from->next;
    int status = 0;

    buf_init(&w.payload, 128 * 1024);
    w.ip.id = ++from->id;
    for (size_t i = 0; i < n && status == 0; i++)
        status = read_word(p, &w, words[i]);
    if (status == 0 && w.again) {
        const struct sent *s;

        if (w.back >= from->n_sent)
            status = mistake(p, "nothing was sent that long ago");
        else {
            s = &from->sent[from->n_sent - 1 - w.back];
            seq = s->seq;
            w.flags |= s->flags;
            if (w.payload.len == 0 && s->payload.len > 0)
                buf_add(&w.payload, s->payload.data, s->payload.len);
        }
    }
    if (w.to > 0) { /* only a part of the payload */
        unsigned to_at = w.to < w.payload.len ? w.to : (unsigned)w.payload.len;

        w.payload.len = to_at;
        buf_drop(&w.payload, w.from);
        if (w.again)
            seq += w.from;
    }
    if (!w.hold && status == 0) {
        from->acked = w.ack_at >= 0 ? to->isn + 1 + (uint32_t)w.ack_at : to->next;
    }
    if (status == 0 && !w.again) {
        remember(from, seq, w.flags & ~8u, &w.payload);
        from->next += (uint32_t)w.payload.len + ((w.flags & 3) != 0 ? 1 : 0);
    }
    if (status == 0 && !w.lost) {
        buf_init(&bytes, 128 * 1024);
        add_tcp(&bytes, from, to, &w, seq, from->acked);
        send_ip(p, time_us, &from->host->addr, &to->host->addr, 6, &w.ip, &bytes,
                d == 0 ? &f->newest : NULL);
        buf_free(&bytes);
    }
    buf_free(&w.payload);
    return status;
}
