/*
 * wire_packet: from packets to flows, errors and neighbours. What a packet says is in link, ip,
 * icmp, track, talk and lookup. Part of wire.
 */
#include "capture/claim.h"
#include "capture/clocks.h"
#include "capture/icmp.h"
#include "capture/link.h"
#include "capture/wire_ear.h"
#include "diag/base/arena.h"
#include "diag/proto/ntp.h"

#include <netinet/in.h>
#include <string.h>

enum {
    DNS_PORT = 53,
    ICMP_MAX = 8, /* errors kept for a flow */
    NEIGHBOURS_MAX = 256,
    UDP_HEAD = 8,
    ARP_LEN = 28,
    /* Packets that are opened before the first is taken in: long enough for memory to come. */
    BATCH = 16,
};

/* A TCP segment, and where its flow would be. */
struct segment {
    enum decode verdict;
    struct tcp_segment tcp;
    struct flow_key key;
    uint32_t hash;
    bool src_is_a;
};

/* A packet as far as it can be read without knowing others. */
struct opened {
    struct packet packet;
    enum link_result link_result;
    struct link_packet link;
    enum decode verdict; /* of IP; the rest only where it is DECODE_OK */
    struct ip_packet ip;
    bool is_segment;
    struct segment segment; /* of TCP, once it is no fragment */
};

static bool is_dns_port(const struct ear *e, uint16_t port)
{
    if (port == DNS_PORT)
        return true;
    for (size_t i = 0; i < e->options->n_dns_ports; i++) {
        if (e->options->dns_ports[i] == port)
            return true;
    }
    return false;
}

/* Ports of which datagrams are looked at. */
static bool is_known_port(const struct ear *e, uint16_t port)
{
    return port == NTP_PORT || is_dns_port(e, port);
}

/* Counts what could not be read. */
static bool was_read(struct ear *e, enum decode verdict)
{
    if (verdict == DECODE_OK)
        return true;
    e->file->cut += verdict == DECODE_TRUNCATED;
    e->file->malformed += verdict == DECODE_INVALID;
    return false;
}

static struct wire_flow *new_flow(struct ear *e, const struct flow_key *key, uint32_t hash,
                                  bool src_is_a, const struct seen *seen)
{
    struct wire_flow *f = flow_add(e->table, key, hash, src_is_a);

    if (f == NULL) {
        e->file->flows_refused++;
        return NULL;
    }
    f->first_frame = seen->frame;
    f->first_us = f->last_us = seen->time_us;
    return f;
}

static void open_tcp(struct segment *s, const struct flow_table *table, const struct ip_packet *ip)
{
    s->verdict = tcp_decode(ip, &s->tcp);
    if (s->verdict != DECODE_OK)
        return;
    s->src_is_a = flow_key_of(&s->key, ip->family == AF_INET6, IPPROTO_TCP, ip->src,
                              s->tcp.src_port, ip->dst, s->tcp.dst_port);
    s->hash = flow_hash(table, &s->key);
}

static void take_tcp(struct ear *e, const struct ip_packet *ip, const struct segment *s,
                     const struct seen *seen)
{
    struct wire_flow *f;
    int direction;

    if (!was_read(e, s->verdict))
        return;
    f = flow_find(e->table, &s->key, s->hash);
    if (f == NULL || track_is_new(f, &s->tcp, flow_direction(f, s->src_is_a))) {
        f = new_flow(e, &s->key, s->hash, track_from_src(&s->tcp) ? s->src_is_a : !s->src_is_a,
                     seen);
        if (f == NULL)
            return;
        f->state = WIRE_SYN_SENT;
    }
    direction = flow_direction(f, s->src_is_a);
    if (!track_segment(f, direction, ip, &s->tcp, seen))
        return;
    if (s->tcp.len > 0) {
        if (f->reading == NULL)
            talk_begin(&e->talks, f, is_dns_port(e, f->dst_port));
        talk_segment(&e->talks, f, direction, &s->tcp, seen);
    }
    talk_ended(&e->talks, f, seen->time_us);
}

/* source port 2 | destination port 2 | length 2 | checksum 2 (RFC 768) */
static void take_udp(struct ear *e, const struct ip_packet *ip, const struct seen *seen)
{
    struct bytes b = ip->payload;
    uint16_t src_port = bytes_u16(&b), dst_port = bytes_u16(&b), len = bytes_u16(&b);
    struct flow_key key;
    struct wire_flow *f;
    struct wire_side *side;
    uint32_t hash;
    int direction;
    bool is_a;

    bytes_skip(&b, 2);
    if (!was_read(e, b.truncated ? DECODE_TRUNCATED : len < UDP_HEAD ? DECODE_INVALID : DECODE_OK))
        return;
    if (!is_known_port(e, src_port) && !is_known_port(e, dst_port)) {
        e->file->other_protocol++;
        return;
    }
    is_a = flow_key_of(&key, ip->family == AF_INET6, IPPROTO_UDP, ip->src, src_port, ip->dst,
                       dst_port);
    hash = flow_hash(e->table, &key);
    f = flow_find(e->table, &key, hash);
    if (f == NULL)
        f = new_flow(e, &key, hash, is_known_port(e, dst_port) ? is_a : !is_a, seen);
    if (f == NULL)
        return;
    direction = flow_direction(f, is_a);
    f->state = WIRE_DATAGRAMS;
    side = &f->side[direction];
    if (!track_interface(f, direction, seen))
        return;
    side->packets++;
    side->bytes += (uint64_t)len - UDP_HEAD;
    track_ttl(side, ip->ttl);
    f->last_us = seen->time_us;
    if (f->dst_port == NTP_PORT && !is_dns_port(e, f->src_port))
        clocks_message(e->file, f, direction, b.p, bytes_left(&b), (size_t)len - UDP_HEAD, seen);
    else
        lookups_message(&e->lookups, f, direction, b.p, bytes_left(&b), (size_t)len - UDP_HEAD,
                        seen);
}

static void take_error(struct ear *e, const struct ip_packet *ip, const struct icmp_error *error,
                       const struct seen *seen)
{
    struct wire_icmp **at, *icmp;
    struct flow_key key;
    struct wire_flow *f;
    int n = 0;

    flow_key_of(&key, ip->family == AF_INET6, error->about.protocol, error->about.src,
                error->src_port, error->about.dst, error->dst_port);
    f = flow_find(e->table, &key, flow_hash(e->table, &key));
    if (f == NULL) {
        e->file->icmp_foreign++;
        return;
    }
    for (at = &f->icmp; *at != NULL; at = &(*at)->next)
        n++;
    if (n == ICMP_MAX)
        return;
    icmp = arena_new_of(e->file->arena, struct wire_icmp);
    icmp->frame = seen->frame;
    icmp->time_us = seen->time_us;
    icmp->from = addr_from_ip(ip->family, ip->src, 0);
    icmp->type = error->type;
    icmp->code = error->code;
    icmp->mtu = error->mtu;
    *at = icmp;
}

static void take_neighbour(struct ear *e, const struct addr *addr, const struct addr *asker,
                           bool reply, const struct seen *seen)
{
    struct wire_file *file = e->file;
    struct wire_neighbour fresh = {.addr = *addr, .asker = *asker, .first_us = seen->time_us};
    size_t i = 0;

    while (i < file->n_neighbours && !(addr_same_ip(&file->neighbours[i].addr, addr) &&
                                       file->neighbours[i].iface == seen->iface))
        i++;
    if (i == file->n_neighbours) {
        if (i == NEIGHBOURS_MAX)
            return;
        fresh.iface = seen->iface;
        list_push(file->arena, file->neighbours, file->n_neighbours, fresh);
    }
    if (reply)
        file->neighbours[i].replies++;
    else
        file->neighbours[i].requests++;
}

/* hardware 2 | protocol 2 | lengths 1+1 | operation 2 | sender 6+4 | target 6+4 (RFC 826) */
static void take_arp(struct ear *e, struct bytes b, const struct seen *seen)
{
    const uint8_t *p = bytes_take(&b, ARP_LEN);
    static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
    struct addr sender, target;

    if (p == NULL || memcmp(p, head, sizeof head) != 0)
        return;
    sender = addr_from_ip(AF_INET, p + 14, 0);
    target = addr_from_ip(AF_INET, p + 24, 0);
    if (p[7] == 1 || p[7] == 2)
        claims_take(e->file, &sender, p + 8, seen->iface);
    if (p[7] == 1)
        take_neighbour(e, &target, &sender, false, seen);
    else if (p[7] == 2)
        take_neighbour(e, &sender, &target, true, seen);
}

static void take_icmp(struct ear *e, const struct ip_packet *ip, const struct seen *seen)
{
    struct icmp_error error;
    struct icmp_neighbour neighbour;

    if (ip->protocol == IPPROTO_ICMPV6 && icmp_neighbour_of(ip, &neighbour)) {
        struct addr addr = addr_from_ip(AF_INET6, neighbour.addr, 0);
        struct addr asker = addr_from_ip(AF_INET6, ip->src, 0);

        take_neighbour(e, &addr, &asker, neighbour.reply, seen);
        if (neighbour.mac != NULL)
            claims_take(e->file, neighbour.reply ? &addr : &asker, neighbour.mac, seen->iface);
    } else if (icmp_error_of(ip, &error)) {
        take_error(e, ip, &error, seen);
    }
}

static void take_ip(struct ear *e, struct opened *o, const struct seen *seen)
{
    if (!was_read(e, o->verdict))
        return;
    if (o->ip.fragment) {
        if (!fragments_take(e->fragments, &o->ip, seen->time_us))
            return;
        if (o->ip.protocol == IPPROTO_TCP)
            open_tcp(&o->segment, e->table, &o->ip);
    }
    switch (o->ip.protocol) {
    case IPPROTO_TCP:
        take_tcp(e, &o->ip, &o->segment, seen);
        break;
    case IPPROTO_UDP:
        take_udp(e, &o->ip, seen);
        break;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        take_icmp(e, &o->ip, seen);
        break;
    default:
        e->file->other_protocol++;
    }
}

/* Nothing is kept of the packet yet; of a segment, what is known of its flow is fetched soon. */
static void open_packet(struct opened *o, const struct flow_table *table)
{
    const struct packet *p = &o->packet;
    const struct bytes *payload = &o->link.payload;

    o->is_segment = false;
    o->link_result = link_decode(p->linktype, p->data, p->len, &o->link);
    if (o->link_result != LINK_OK || o->link.ethertype == ETHERTYPE_ARP_)
        return;
    o->verdict = ip_decode(payload->p, bytes_left(payload),
                           link_wire_len(&o->link, p->data, p->wire_len), &o->ip);
    if (o->verdict != DECODE_OK || o->ip.fragment || o->ip.protocol != IPPROTO_TCP)
        return;
    open_tcp(&o->segment, table, &o->ip);
    o->is_segment = o->segment.verdict == DECODE_OK;
    if (o->is_segment)
        flow_fetch_slot(table, o->segment.hash);
}

static void take_packet(struct ear *e, struct opened *o)
{
    const struct packet *p = &o->packet;
    struct wire_file *file = e->file;
    struct seen seen = {.frame = p->number > UINT32_MAX ? UINT32_MAX : (uint32_t)p->number,
                        .time_us = p->time_us};

    if (file->packets++ == 0)
        file->first_us = p->time_us;
    file->bytes += p->wire_len;
    file->shortened += p->len < p->wire_len;
    if (p->time_us > file->last_us)
        file->last_us = p->time_us;
    seen.iface = wire_interface_of(e, p, o->link_result == LINK_OK ? o->link.ifindex : 0);
    file->interfaces[seen.iface].packets++;
    switch (o->link_result) {
    case LINK_OK:
        if (o->link.ethertype == ETHERTYPE_ARP_)
            take_arp(e, o->link.payload, &seen);
        else
            take_ip(e, o, &seen);
        break;
    case LINK_OTHER:
        file->other_protocol++;
        break;
    case LINK_TRUNCATED:
        file->cut++;
        break;
    case LINK_UNSUPPORTED:
        if (file->unsupported_link++ == 0)
            file->unsupported_linktype = p->linktype;
        break;
    }
}

/* The octets that will be looked at soon, of most packets: two lines of a processor's cache. */
static void fetch_heads(const struct packet *p)
{
    __builtin_prefetch(p->data);
    __builtin_prefetch(p->data + 64);
}

bool wire_take_batch(struct ear *e)
{
    struct opened batch[BATCH];
    size_t n = 0;

    while (n < BATCH && (n == 0 || reader_has_next(&e->reader)) &&
           reader_next(&e->reader, &batch[n].packet))
        fetch_heads(&batch[n++].packet);
    for (size_t i = 0; i < n; i++)
        open_packet(&batch[i], e->table);
    for (size_t i = 0; i < n; i++) {
        if (batch[i].is_segment)
            flow_fetch(e->table, batch[i].segment.hash);
    }
    for (size_t i = 0; i < n; i++)
        take_packet(e, &batch[i]);
    return n > 0;
}
