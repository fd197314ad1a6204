/* story_play: see story_play.h. What all lines of a story use: names, octets, IP. */
#include "tests/wire/story_play.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int mistake(const struct play *p, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s:%u: ", p->path, p->line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return -1;
}

struct host *host_of(struct play *p, const char *name)
{
    for (size_t i = 0; i < p->n_hosts; i++) {
        if (strcmp(p->hosts[i].name, name) == 0)
            return &p->hosts[i];
    }
    return NULL;
}

struct flow *flow_of(struct play *p, const char *name)
{
    for (size_t i = 0; i < p->n_flows; i++) {
        if (strcmp(p->flows[i].name, name) == 0)
            return &p->flows[i];
    }
    return NULL;
}

bool value_of(const char *word, const char *key, const char **value)
{
    size_t len = strlen(key);

    if (strncmp(word, key, len) != 0)
        return false;
    *value = word + len;
    return true;
}

void be16(struct buf *b, unsigned v)
{
    uint8_t p[2] = {(uint8_t)(v >> 8), (uint8_t)v};

    buf_add(b, p, 2);
}

void be32(struct buf *b, uint32_t v)
{
    be16(b, v >> 16);
    be16(b, v & 0xffff);
}

void zeros(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_char(b, 0);
}

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

void send_ip(struct play *p, int64_t time_us, const struct addr *src, const struct addr *dst,
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
