/* story: see story.h and README.md. */
#include "tests/wire/story.h"

#include "diag/base/addr.h"
#include "tests/wire/story_file.h"
#include "tests/wire/story_tls.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOSTS = 16, FLOWS = 16, WORDS = 32, SEGMENTS = 64 };

static const int64_t epoch_us = 1800000000000000; /* some day in 2027 */

struct host {
    char name[32];
    struct addr addr;
    unsigned ttl;
};

/* What was sent, to send it again. */
struct sent {
    uint32_t seq, flags;
    struct buf payload;
};

struct end {
    struct host *host;
    uint16_t port;
    uint32_t isn, next, acked; /* acked: the last acknowledgement that this end sent */
    unsigned id;
    struct sent sent[SEGMENTS];
    size_t n_sent;
};

struct flow {
    char name[32];
    struct end end[2];
    struct buf newest; /* the newest IP packet of the first end, for ICMP errors */
};

struct play {
    struct story *story;
    struct story_file file;
    struct host hosts[HOSTS];
    struct flow flows[FLOWS];
    size_t n_hosts, n_flows;
    const char *path;
    unsigned line;
};

static int mistake(const struct play *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int mistake(const struct play *p, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:%u: ", p->path, p->line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return -1;
}

static struct host *host_of(struct play *p, const char *name)
{
    for (size_t i = 0; i < p->n_hosts; i++) {
        if (strcmp(p->hosts[i].name, name) == 0)
            return &p->hosts[i];
    }
    return NULL;
}

static struct flow *flow_of(struct play *p, const char *name)
{
    for (size_t i = 0; i < p->n_flows; i++) {
        if (strcmp(p->flows[i].name, name) == 0)
            return &p->flows[i];
    }
    return NULL;
}

static void be16(struct buf *b, unsigned v)
{
    uint8_t p[2] = {(uint8_t)(v >> 8), (uint8_t)v};

    buf_add(b, p, 2);
}

static void be32(struct buf *b, uint32_t v)
{
    be16(b, v >> 16);
    be16(b, v & 0xffff);
}

static void zeros(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_char(b, 0);
}

/* --- IP --- */

struct ip_words {
    unsigned ttl, id, frag, iface;
};

static void add_ip(struct buf *b, const struct addr *src, const struct addr *dst, unsigned protocol,
                   const struct ip_words *w, size_t len, unsigned offset, bool more)
{
    if (src->family == AF_INET) {
        be16(b, 0x4500);
        be16(b, (unsigned)len + 20);
        be16(b, w->id);
        be16(b, (w->frag == 0 ? 0x4000u : 0u) | (more ? 0x2000u : 0u) | offset / 8);
        buf_char(b, (char)w->ttl);
        buf_char(b, (char)protocol);
        be16(b, 0);
        buf_add(b, src->ip, 4);
        buf_add(b, dst->ip, 4);
    } else {
        be32(b, 0x60000000);
        be16(b, (unsigned)len + (w->frag != 0 ? 8 : 0));
        buf_char(b, (char)(w->frag != 0 ? 44 : protocol));
        buf_char(b, (char)w->ttl);
        buf_add(b, src->ip, 16);
        buf_add(b, dst->ip, 16);
        if (w->frag != 0) {
            buf_char(b, (char)protocol);
            buf_char(b, 0);
            be16(b, offset | (more ? 1u : 0));
            be32(b, w->id);
        }
    }
}

/* Fill the checksum in (RFC 1071), over payload and pseudo header; 0 in it so far. */
static void fill_checksum(const struct addr *src, const struct addr *dst, unsigned protocol,
                          const struct buf *payload)
{
    size_t at = protocol == 6 ? 16 : 2, ip = src->family == AF_INET ? 4 : 16;
    unsigned long sum = protocol == 1 ? 0 : protocol + payload->len;

    for (size_t i = 0; protocol != 1 && i < ip; i += 2)
        sum += (unsigned long)(src->ip[i] << 8 | src->ip[i + 1]) +
               (unsigned long)(dst->ip[i] << 8 | dst->ip[i + 1]);
    for (size_t i = 0; i < payload->len; i++)
        sum += (unsigned long)payload->data[i] << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    payload->data[at] = (uint8_t)(~sum >> 8);
    payload->data[at + 1] = (uint8_t)~sum;
}

static void send_ip(struct play *p, int64_t time_us, const struct addr *src, const struct addr *dst,
                    unsigned protocol, const struct ip_words *w, const struct buf *payload,
                    struct buf *copy)
{
    size_t part = w->frag != 0 ? w->frag / 8 * 8 : payload->len;

    if (protocol != 17)
        fill_checksum(src, dst, protocol, payload);

    for (size_t at = 0; at == 0 || at < payload->len; at += part) {
        size_t len = payload->len - at < part ? payload->len - at : part;
        struct buf packet;

        buf_init(&packet, 128 * 1024);
        add_ip(&packet, src, dst, protocol, w, len, (unsigned)at, at + len < payload->len);
        buf_add(&packet, payload->data + at, len);
        story_file_packet(&p->file, time_us, w->iface, packet.data, packet.len, false);
        if (copy != NULL && at == 0) {
            buf_clear(copy);
            buf_add(copy, packet.data, packet.len);
        }
        buf_free(&packet);
        if (part == 0)
            break;
    }
}

/* --- TCP --- */

struct segment_words {
    struct ip_words ip;
    unsigned flags, mss, ws, window;
    bool ts, lost, hold, again;
    unsigned back, from, to, dsack_from, dsack_to;
    long ack_at;
    struct buf payload;
};

static bool value_of(const char *word, const char *key, const char **value)
{
    size_t len = strlen(key);

    if (strncmp(word, key, len) != 0)
        return false;
    *value = word + len;
    return true;
}

static void add_text(struct buf *b, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s != '\\' || s[1] == '\0')
            buf_char(b, *s);
        else if (*++s == 'r')
            buf_char(b, '\r');
        else if (*s == 'n')
            buf_char(b, '\n');
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
        w->ts = true;
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
        be16(b, 0x0101), be16(b, 0x080a), be32(b, 1), be32(b, 2);
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

static int play_segment(struct play *p, int64_t time_us, struct flow *f, int d, char **words,
                        size_t n)
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

/* --- DNS --- */

static void add_name(struct buf *b, const char *name)
{
    while (*name != '\0') {
        size_t len = strcspn(name, ".");

        buf_char(b, (char)len);
        buf_add(b, name, len);
        name += len + (name[len] == '.');
    }
    buf_char(b, 0);
}

static int play_dns(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n)
{
    struct end *from = &f->end[d], *to = &f->end[!d];
    unsigned id = 1, rcode = 0, tc = 0, answers = 0, type;
    struct ip_words ip = {.ttl = from->host->ttl, .id = ++from->id};
    struct buf m, records, udp;
    const char *v, *owner;

    if (n < 2)
        return mistake(p, "dns wants a name and a type");
    owner = words[0];
    type = strcmp(words[1], "AAAA") == 0 ? 28 : 1;
    buf_init(&m, 65535);
    buf_init(&records, 65535);
    buf_init(&udp, 65535);
    for (size_t i = 2; i < n; i++) {
        struct addr a;

        if (value_of(words[i], "id=", &v))
            id = (unsigned)atoi(v);
        else if (value_of(words[i], "rcode=", &v))
            rcode = (unsigned)atoi(v);
        else if (value_of(words[i], "frag=", &v))
            ip.frag = (unsigned)atoi(v);
        else if (strcmp(words[i], "tc") == 0)
            tc = 0x0200;
        else if (value_of(words[i], "cname=", &v)) {
            struct buf target;

            buf_init(&target, 300);
            add_name(&target, v);
            add_name(&records, owner);
            be16(&records, 5), be16(&records, 1), be32(&records, 60);
            be16(&records, (unsigned)target.len);
            buf_add(&records, target.data, target.len);
            buf_free(&target);
            owner = v;
            answers++;
        } else if (addr_parse(words[i], &a)) {
            add_name(&records, owner);
            be16(&records, a.family == AF_INET ? 1 : 28), be16(&records, 1), be32(&records, 60);
            be16(&records, a.family == AF_INET ? 4 : 16);
            buf_add(&records, a.ip, a.family == AF_INET ? 4 : 16);
            answers++;
        } else
            return mistake(p, "\"%s\" is no word of a DNS message", words[i]);
    }
    be16(&m, id);
    be16(&m, (d == 1 ? 0x8180 | rcode | tc : 0x0100));
    be16(&m, 1), be16(&m, answers), be32(&m, 0);
    add_name(&m, words[0]);
    be16(&m, type), be16(&m, 1);
    if (records.len > 0)
        buf_add(&m, records.data, records.len);
    be16(&udp, from->port), be16(&udp, to->port), be16(&udp, (unsigned)m.len + 8), be16(&udp, 0);
    buf_add(&udp, m.data, m.len);
    send_ip(p, time_us, &from->host->addr, &to->host->addr, 17, &ip, &udp,
            d == 0 ? &f->newest : NULL);
    buf_free(&m);
    buf_free(&records);
    buf_free(&udp);
    return 0;
}

/* --- NTP --- */

/* The time of the server is that of the story, plus what the words say. */
static int play_ntp(struct play *p, int64_t time_us, struct flow *f, int d, char **words, size_t n)
{
    struct end *from = &f->end[d], *to = &f->end[!d];
    struct ip_words ip = {.ttl = from->host->ttl, .id = ++from->id};
    unsigned stratum = d == 0 ? 0 : 2, leap = 0, len = 48;
    struct buf m, udp;
    const char *v;
    int64_t at_us = time_us;

    for (size_t i = 0; i < n; i++) {
        if (value_of(words[i], "stratum=", &v))
            stratum = (unsigned)atoi(v);
        else if (value_of(words[i], "leap=", &v))
            leap = (unsigned)atoi(v);
        else if (value_of(words[i], "len=", &v))
            len = (unsigned)atoi(v);
        else if (value_of(words[i], "ahead=", &v))
            at_us += atoi(v) * INT64_C(1000000);
        else
            return mistake(p, "\"%s\" is no word of an NTP message", words[i]);
    }
    buf_init(&m, 1000);
    buf_init(&udp, 1000);
    buf_char(&m, (char)(leap << 6 | 4 << 3 | (d == 0 ? 3 : 4)));
    buf_char(&m, (char)stratum);
    zeros(&m, 10);
    buf_add(&m, "RATE", 4);
    zeros(&m, 8);
    for (int i = 0; i < 3;
         i++) { /* origin, receive, transmit: 4 octets of seconds, 4 of fraction */
        bool empty = d == 0 ? i < 2 : false;

        be32(&m, empty ? 0 : d == 1 && i == 0 ? 7 : (uint32_t)(at_us / 1000000 + 2208988800));
        be32(&m, empty ? 0 : d == 1 && i == 0 ? 7 : (uint32_t)((at_us % 1000000 << 32) / 1000000));
    }
    if (d == 0) { /* its cookie */
        m.len -= 8;
        be32(&m, 7), be32(&m, 7);
    }
    if (m.len > len)
        m.len = len;
    be16(&udp, from->port), be16(&udp, to->port), be16(&udp, (unsigned)m.len + 8), be16(&udp, 0);
    buf_add(&udp, m.data, m.len);
    send_ip(p, time_us, &from->host->addr, &to->host->addr, 17, &ip, &udp,
            d == 0 ? &f->newest : NULL);
    buf_free(&m);
    buf_free(&udp);
    return 0;
}

/* --- ICMP, ARP --- */

static int play_icmp(struct play *p, int64_t time_us, const struct host *from, char **words,
                     size_t n)
{
    struct flow *f = n >= 3 ? flow_of(p, words[2]) : NULL;
    struct ip_words ip = {.ttl = from->ttl, .id = 1};
    unsigned mtu = 0;
    const char *v;
    struct buf m;
    bool v6 = from->addr.family == AF_INET6;
    size_t quote = v6 ? 100 : 28; /* 28: what RFC 792 demands; most quote more */

    if (f == NULL || f->newest.len == 0)
        return mistake(p, "icmp wants TYPE CODE and a flow that sent something");
    for (size_t i = 3; i < n; i++) {
        if (value_of(words[i], "mtu=", &v))
            mtu = (unsigned)atoi(v);
        else if (value_of(words[i], "quote=", &v))
            quote = strtoul(v, NULL, 10);
    }
    buf_init(&m, 2048);
    buf_char(&m, (char)atoi(words[0]));
    buf_char(&m, (char)atoi(words[1]));
    be16(&m, 0);
    be32(&m, mtu);
    if (quote > f->newest.len)
        quote = f->newest.len;
    buf_add(&m, f->newest.data, quote);
    send_ip(p, time_us, &from->addr, &f->end[0].host->addr, v6 ? 58 : 1, &ip, &m, NULL);
    buf_free(&m);
    return 0;
}

static int play_arp(struct play *p, int64_t time_us, bool reply, char **words, size_t n)
{
    struct addr asker = {0}, target = {0};
    struct buf m;

    if (n < (reply ? 1u : 2u) || !addr_parse(words[n - 1], &target) ||
        (!reply && !addr_parse(words[0], &asker)))
        return mistake(p, "arp wants addresses");
    buf_init(&m, 64);
    be16(&m, 1), be16(&m, 0x0800), be16(&m, 0x0604), be16(&m, reply ? 2 : 1);
    zeros(&m, 6);
    buf_add(&m, reply ? target.ip : asker.ip, 4);
    zeros(&m, 6);
    buf_add(&m, reply ? asker.ip : target.ip, 4);
    story_file_packet(&p->file, time_us, 0, m.data, m.len, true);
    buf_free(&m);
    return 0;
}

/* --- lines --- */

static int add_host(struct play *p, char **words, size_t n)
{
    struct host *h = &p->hosts[p->n_hosts];

    if (n < 3 || p->n_hosts == HOSTS || !addr_parse(words[1], &h->addr))
        return mistake(p, "host NAME ADDRESS TTL");
    snprintf(h->name, sizeof h->name, "%s", words[0]);
    h->ttl = (unsigned)atoi(words[2]);
    p->n_hosts++;
    return 0;
}

static int add_flow(struct play *p, char **words, size_t n)
{
    struct flow *f = &p->flows[p->n_flows];

    if (n < 3 || p->n_flows == FLOWS)
        return mistake(p, "flow NAME HOST:PORT HOST:PORT");
    snprintf(f->name, sizeof f->name, "%s", words[0]);
    for (int d = 0; d < 2; d++) {
        char *colon = strrchr(words[1 + d], ':');

        if (colon == NULL)
            return mistake(p, "%s has no port", words[1 + d]);
        *colon = '\0';
        f->end[d].host = host_of(p, words[1 + d]);
        f->end[d].port = (uint16_t)atoi(colon + 1);
        /* near the end of the number space, so that it wraps in every story */
        f->end[d].isn = f->end[d].next = UINT32_MAX - 300 - (uint32_t)d;
        if (f->end[d].host == NULL)
            return mistake(p, "no host %s", words[1 + d]);
        f->end[d].id = 100 + 5000 * (unsigned)d;
    }
    buf_init(&f->newest, 4096);
    p->n_flows++;
    return 0;
}

static void add_raw(struct play *p, char **words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (const char *s = words[i]; s[0] != '\0' && s[1] != '\0'; s += 2) {
            unsigned octet = 0;

            sscanf(s, "%2x", &octet);
            buf_char(p->file.out, (char)octet);
        }
    }
}

static int play_event(struct play *p, char **words, size_t n)
{
    double seconds = strtod(words[0], NULL);
    int64_t time_us = epoch_us + (int64_t)(seconds * 1e6 + 0.5);
    bool ntp = n > 1 && strcmp(words[1], "ntp") == 0;
    bool dns = n > 1 && (ntp || strcmp(words[1], "dns") == 0);
    struct flow *f;
    struct host *h;
    int d;

    if (n < 2)
        return mistake(p, "an event without words");
    if (strcmp(words[1], "arp") == 0 || strcmp(words[1], "arp-reply") == 0)
        return play_arp(p, time_us, words[1][3] != '\0', words + 2, n - 2);
    h = host_of(p, words[1]);
    if (h != NULL && n > 3 && strcmp(words[2], "icmp") == 0)
        return play_icmp(p, time_us, h, words + 3, n - 3);
    f = flow_of(p, words[dns ? 2 : 1]);
    if (f == NULL || n < (dns ? 4u : 3u))
        return mistake(p, "\"%s\" is no flow", words[dns ? 2 : 1]);
    d = strcmp(words[dns ? 3 : 2], "<") == 0;
    return ntp   ? play_ntp(p, time_us, f, d, words + 4, n - 4)
           : dns ? play_dns(p, time_us, f, d, words + 4, n - 4)
                 : play_segment(p, time_us, f, d, words + 3, n - 3);
}

static int play_line(struct play *p, char *line)
{
    char *words[WORDS], *save = NULL;
    size_t n = 0;

    for (char *w = strtok_r(line, " \t", &save); w != NULL && n < WORDS;
         w = strtok_r(NULL, " \t", &save)) {
        if (w[0] == '#')
            break;
        words[n++] = w;
    }
    if (n == 0)
        return 0;
    if (strcmp(words[0], "host") == 0)
        return add_host(p, words + 1, n - 1);
    if (strcmp(words[0], "flow") == 0)
        return add_flow(p, words + 1, n - 1);
    if (strcmp(words[0], "raw") == 0) {
        add_raw(p, words + 1, n - 1);
        return 0;
    }
    if (n == 2 && strcmp(words[0], "snaplen") == 0) {
        p->file.snaplen = strtoul(words[1], NULL, 10);
        return 0;
    }
    if (n == 2 && strcmp(words[0], "format") == 0 && story_format_known(words[1])) {
        p->file.format = words[1];
        return 0;
    }
    if (n == 2 && strcmp(words[0], "link") == 0 && story_link_known(words[1])) {
        p->file.link = words[1];
        return 0;
    }
    if (words[0][0] < '0' || words[0][0] > '9')
        return mistake(p, "\"%s\" begins no line", words[0]);
    return play_event(p, words, n);
}

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 128 * 1024);

    if (file == NULL || text == NULL) {
        perror(path);
        exit(2);
    }
    if (fread(text, 1, 128 * 1024 - 1, file) == 0)
        fprintf(stderr, "%s: empty\n", path);
    fclose(file);
    return text;
}

int story_load(const char *path, struct story *s)
{
    static struct play play;
    struct play *p = &play;
    bool expecting = false;
    int status = 0;

    *s = (struct story){.text = read_text(path)};
    buf_init(&s->capture, 8 * 1024 * 1024);
    *p = (struct play){.story = s, .path = path};
    p->file = (struct story_file){.out = &s->capture, .format = "pcapng", .link = "ethernet"};
    for (char *line = s->text, *eol; line[0] != '\0' && status == 0; line = eol) {
        eol = line + strcspn(line, "\n");
        if (*eol != '\0')
            *eol++ = '\0';
        p->line++;
        if (!expecting && strcmp(line, "expect") == 0)
            expecting = true;
        else if (!expecting)
            status = play_line(p, line);
        else if (line[0] != '\0' && line[0] != '#' && s->n_expected < 200)
            s->expected[s->n_expected++] = line;
    }
    if (status == 0 && s->n_expected == 0)
        status = mistake(p, "nothing is expected");
    for (size_t i = 0; i < p->n_flows; i++) {
        buf_free(&p->flows[i].newest);
        for (int d = 0; d < 2; d++)
            for (size_t j = 0; j < p->flows[i].end[d].n_sent; j++)
                buf_free(&p->flows[i].end[d].sent[j].payload);
    }
    return status;
}

void story_free(struct story *s)
{
    buf_free(&s->capture);
    free(s->text);
}
