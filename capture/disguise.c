/* disguise: see disguise.h. This file: frames, and ARP. */
#include "capture/disguise.h"
#include "capture/claim.h"

#include "capture/disguise_parts.h"
#include "capture/link.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DNS_PORT = 53,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_SLL = 113,
    LINKTYPE_SLL2 = 276,
    ETHERNET_HEAD = 14,
    SLL_HEAD = 16,
    SLL2_HEAD = 20,
    ARP_LEN = 28,
};

bool disguise_is_dns(const struct disguise *d, uint16_t port)
{
    for (size_t i = 0; i < d->n_dns_ports; i++) {
        if (d->dns_ports[i] == port)
            return true;
    }
    return false;
}

struct disguise *disguise_new(const struct wire_file *file, const struct disguise_names *names)
{
    struct disguise *d = calloc(1, sizeof *d);

    if (d == NULL)
        return NULL;
    d->file = file;
    d->names = names;
    d->streams = disguise_streams_new(file);
    d->fragments = disguise_fragments_new();
    if (d->streams == NULL || d->fragments == NULL) {
        disguise_free(d);
        return NULL;
    }
    d->dns_ports[d->n_dns_ports++] = DNS_PORT;
    for (size_t i = 0; i < file->n_dns; i++) { /* what was read as DNS goes to those as well */
        const uint16_t port = file->dns[i]->server.port;

        if (!disguise_is_dns(d, port) &&
            d->n_dns_ports < sizeof d->dns_ports / sizeof d->dns_ports[0])
            d->dns_ports[d->n_dns_ports++] = port;
    }
    return d;
}

void disguise_free(struct disguise *d)
{
    if (d == NULL)
        return;
    disguise_streams_free(d->streams);
    disguise_fragments_free(d->fragments);
    free(d->out);
    free(d);
}

void disguise_learn(struct disguise *d, const struct packet *p)
{
    struct link_packet link;
    struct ip_packet ip;

    if (link_decode(p->linktype, p->data, p->len, &link) != LINK_OK ||
        ip_decode(link.payload.p, bytes_left(&link.payload),
                  link_wire_len(&link, p->data, p->wire_len), &ip) != DECODE_OK)
        return;
    if (ip.fragment)
        disguise_fragments_take(d, p->number, p->time_us, &ip);
    else if (ip.protocol == IPPROTO_TCP)
        disguise_streams_take(d->streams, p->number, &ip);
}

static void put_mac(const struct disguise *d, const uint8_t *in, uint8_t *out)
{
    static const uint8_t none[6], all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    /* One that routers share names a protocol and a number, and stays known as what it is. */
    if (memcmp(in, none, 6) == 0 || memcmp(in, all, 6) == 0 || claim_is_shared(in))
        memcpy(out, in, 6);
    else
        d->names->mac(d->names->context, in, out);
    if (in[0] & 1) /* a group stays one; its number may hold an address */
        out[0] |= 1;
}

/* Cooked: an address of up to 8 octets with its length (1 or 2 octets) in front. */
static void put_cooked(const struct disguise *d, const uint8_t *in, uint8_t *out, bool is_six)
{
    memset(out, 0, 8);
    if (is_six)
        put_mac(d, in, out);
}

/* The head of the frame, `head` octets of it. */
static void put_link(const struct disguise *d, uint16_t linktype, const uint8_t *in, size_t head,
                     uint8_t *out)
{
    memcpy(out, in, head);
    if (linktype == LINKTYPE_ETHERNET) {
        put_mac(d, in, out);
        put_mac(d, in + 6, out + 6);
    } else if (linktype == LINKTYPE_SLL) {
        put_cooked(d, in + 6, out + 6, in[4] == 0 && in[5] == 6);
    } else if (linktype == LINKTYPE_SLL2) {
        put_cooked(d, in + 12, out + 12, in[11] == 6);
    }
}

/* hardware 2 | protocol 2 | lengths 1+1 | operation 2 | sender 6+4 | target 6+4 (RFC 826) */
static size_t put_arp(const struct disguise *d, const uint8_t *in, size_t len, uint8_t *out)
{
    static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};

    if (len < ARP_LEN || memcmp(in, head, sizeof head) != 0)
        return 0;
    memcpy(out, in, 8);
    for (size_t at = 8; at < ARP_LEN; at += 10) {
        put_mac(d, in + at, out + at);
        disguise_address(d->names, AF_INET, in + at + 6, out + at + 6);
    }
    return len; /* what pads the frame is zeros */
}

/* Octets of the frame's head that are fit to be shown of traffic that is not looked into. */
static size_t fixed_head(uint16_t linktype, size_t len)
{
    const size_t head = linktype == LINKTYPE_ETHERNET ? ETHERNET_HEAD
                        : linktype == LINKTYPE_SLL    ? SLL_HEAD
                        : linktype == LINKTYPE_SLL2   ? SLL2_HEAD
                                                      : 0;

    return head <= len ? head : 0;
}

static size_t put_frame(struct disguise *d, const struct packet *p, uint8_t *out)
{
    struct link_packet link;
    size_t head, left;

    switch (link_decode(p->linktype, p->data, p->len, &link)) {
    case LINK_OK:
        break;
    case LINK_OTHER:
        head = fixed_head(p->linktype, p->len);
        put_link(d, p->linktype, p->data, head, out);
        return head;
    case LINK_TRUNCATED:
    case LINK_UNSUPPORTED:
        return 0;
    }
    head = (size_t)(link.payload.p - p->data);
    left = p->len - head;
    put_link(d, p->linktype, p->data, head, out);
    if (link.ethertype == ETHERTYPE_ARP_)
        return head + put_arp(d, p->data + head, left, out + head);
    return head + disguise_ip(d, p->number, p->data + head, left,
                              link_wire_len(&link, p->data, p->wire_len), out + head);
}

int disguise_packet(struct disguise *d, struct packet *p)
{
    if (p->len > d->room) {
        uint8_t *out = realloc(d->out, p->len);

        if (out == NULL)
            return -1;
        d->out = out;
        d->room = p->len;
    }
    if (p->len > 0)
        memset(d->out, 0, p->len);
    p->len = (uint32_t)put_frame(d, p, d->out);
    p->data = d->out;
    return 0;
}
