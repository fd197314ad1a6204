/*
 * disguise_fragment: datagrams that went in IP fragments (large DNS answers), put together in the
 * first round, disguised as a whole, and dealt out again in the second.
 */
#include "capture/disguise_parts.h"
#include "capture/fragment.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { WHOLES_MAX = 4096 };

struct whole {
    int family;
    uint8_t src[16], dst[16], protocol;
    uint32_t id;
    uint64_t last; /* frame of its last fragment */
    uint8_t *out;
    size_t len;
};

struct disguise_fragments {
    struct fragments *open;
    struct whole *wholes; /* by `last` */
    size_t n, room;
};

struct disguise_fragments *disguise_fragments_new(void)
{
    struct disguise_fragments *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->open = fragments_new();
    if (f->open == NULL) {
        free(f);
        return NULL;
    }
    return f;
}

void disguise_fragments_free(struct disguise_fragments *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n; i++)
        free(f->wholes[i].out);
    free(f->wholes);
    fragments_free(f->open);
    free(f);
}

static struct whole *new_whole(struct disguise_fragments *f)
{
    if (f->n == WHOLES_MAX)
        return NULL;
    if (f->n == f->room) {
        size_t room = f->room == 0 ? 16 : f->room * 2;
        struct whole *wholes = realloc(f->wholes, room * sizeof *wholes);

        if (wholes == NULL)
            return NULL;
        f->wholes = wholes;
        f->room = room;
    }
    return &f->wholes[f->n];
}

void disguise_fragments_take(struct disguise *d, uint64_t number, int64_t time_us,
                             const struct ip_packet *fragment)
{
    struct disguise_fragments *f = d->fragments;
    struct ip_packet ip = *fragment;
    struct whole *w;

    if (ip.protocol != IPPROTO_UDP || !fragments_take(f->open, &ip, time_us))
        return;
    w = new_whole(f);
    if (w == NULL)
        return; /* its fragments will not be shown */
    *w = (struct whole){.family = ip.family,
                        .protocol = ip.protocol,
                        .id = ip.id,
                        .last = number,
                        .out = calloc(1, bytes_left(&ip.payload) + 1)};
    if (w->out == NULL)
        return;
    memcpy(w->src, ip.src, sizeof w->src);
    memcpy(w->dst, ip.dst, sizeof w->dst);
    w->len = disguise_datagram(d, &ip, w->out);
    f->n++;
}

size_t disguise_fragments_put(const struct disguise *d, uint64_t number, const struct ip_packet *ip,
                              uint8_t *out)
{
    const struct disguise_fragments *f = d->fragments;
    size_t len = bytes_left(&ip->payload);

    for (size_t i = 0; i < f->n; i++) {
        const struct whole *w = &f->wholes[i];

        if (w->last < number || w->family != ip->family || w->protocol != ip->protocol ||
            w->id != ip->id || memcmp(w->src, ip->src, sizeof w->src) != 0 ||
            memcmp(w->dst, ip->dst, sizeof w->dst) != 0)
            continue;
        if (ip->offset >= w->len)
            return 0;
        if (len > w->len - ip->offset)
            len = w->len - ip->offset;
        memcpy(out, w->out + ip->offset, len);
        return len;
    }
    return 0;
}
