/* fragment: see fragment.h. */
#include "capture/fragment.h"

#include <stdlib.h>
#include <string.h>

enum {
    PACKETS = 32, /* under way at once */
    PACKET_ROOM = 65535,
    UNIT = 8, /* fragments begin at multiples of it */
    UNITS = PACKET_ROOM / UNIT + 1,
};

static const int64_t patience_us = 30 * 1000000;

struct partial {
    bool used;
    uint8_t src[16], dst[16], protocol;
    uint32_t id;
    int64_t since_us;
    uint32_t have, total; /* octets; total 0: the last fragment has not come */
    struct ip_packet first;
    bool has_first;
    uint8_t *data;                 /* PACKET_ROOM, kept for the next packet */
    uint8_t filled[UNITS / 8 + 1]; /* one bit for each unit */
};

struct fragments {
    struct partial list[PACKETS];
    uint64_t lost;
};

struct fragments *fragments_new(void)
{
    return calloc(1, sizeof(struct fragments));
}

void fragments_free(struct fragments *f)
{
    if (f == NULL)
        return;
    for (int i = 0; i < PACKETS; i++)
        free(f->list[i].data);
    free(f);
}

uint64_t fragments_lost(const struct fragments *f)
{
    uint64_t n = f->lost;

    for (int i = 0; i < PACKETS; i++)
        n += f->list[i].used;
    return n;
}

static bool is_of(const struct partial *p, const struct ip_packet *ip)
{
    return p->used && p->id == ip->id && p->protocol == ip->protocol &&
           memcmp(p->src, ip->src, 16) == 0 && memcmp(p->dst, ip->dst, 16) == 0;
}

/* The packet's place; a new one takes a free place or the oldest. NULL without memory. */
static struct partial *place_of(struct fragments *f, const struct ip_packet *ip, int64_t now)
{
    struct partial *best = &f->list[0];

    for (int i = 0; i < PACKETS; i++) {
        struct partial *p = &f->list[i];

        if (is_of(p, ip) && now - p->since_us < patience_us)
            return p;
        if (best->used && (!p->used || p->since_us < best->since_us))
            best = p;
    }
    if (best->data == NULL)
        best->data = malloc(PACKET_ROOM);
    if (best->data == NULL)
        return NULL;
    f->lost += best->used;
    best->used = true;
    best->has_first = false;
    best->have = best->total = 0;
    memset(best->filled, 0, sizeof best->filled);
    memcpy(best->src, ip->src, 16);
    memcpy(best->dst, ip->dst, 16);
    best->protocol = ip->protocol;
    best->id = ip->id;
    best->since_us = now;
    return best;
}

static void drop(struct fragments *f, struct partial *p)
{
    p->used = false;
    f->lost++;
}

/* Mark the units as filled; false when one was. */
static bool fill(struct partial *p, uint32_t offset, uint32_t len)
{
    for (uint32_t unit = offset / UNIT; unit < (offset + len + UNIT - 1) / UNIT; unit++) {
        if ((p->filled[unit / 8] >> unit % 8 & 1) != 0)
            return false;
        p->filled[unit / 8] |= (uint8_t)(1u << unit % 8);
    }
    return true;
}

bool fragments_take(struct fragments *f, struct ip_packet *ip, int64_t time_us)
{
    struct partial *p = place_of(f, ip, time_us);
    uint32_t end = (uint32_t)ip->offset + ip->len;

    if (p == NULL)
        return false;
    if (bytes_left(&ip->payload) < ip->len || end > PACKET_ROOM ||
        (ip->more && ip->len % UNIT != 0) || (p->total != 0 && end > p->total)) {
        drop(f, p); /* cut by the capture, or nonsense */
        return false;
    }
    if (!fill(p, ip->offset, ip->len)) {
        drop(f, p);
        return false;
    }
    memcpy(p->data + ip->offset, ip->payload.p, ip->len);
    p->have += ip->len;
    if (!ip->more)
        p->total = end;
    if (ip->offset == 0) {
        p->first = *ip;
        p->has_first = true;
    }
    if (p->total == 0 || p->have != p->total || !p->has_first)
        return false;
    *ip = p->first;
    ip->fragment = ip->more = false;
    ip->len = p->total;
    ip->payload = bytes_of(p->data, p->total);
    p->used = false;
    return true;
}
