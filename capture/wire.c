/*
 * wire: see wire.h. This file: from packets to flows; what a packet says is in link, ip, icmp,
 * track, talk and lookup.
 */
#include "capture/wire.h"

#include "capture/clocks.h"
#include "capture/flow.h"
#include "capture/fragment.h"
#include "capture/icmp.h"
#include "capture/link.h"
#include "capture/lookup.h"
#include "capture/reader.h"
#include "capture/talk.h"
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/model/shape.h"
#include "diag/proto/ntp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DNS_PORT = 53,
    ICMP_MAX = 8, /* errors kept for a flow */
    NEIGHBOURS_MAX = 256,
    UDP_HEAD = 8,
    ARP_LEN = 28,
};

/* Everything that is needed only while reading. */
struct ear {
    struct reader reader;
    struct wire_file *file;
    struct flow_table *table;
    struct lookups lookups;
    struct talks talks;
    struct fragments *fragments;
    const struct wire_options *options;
    /* Linux cooked v2: one file interface stands for many; each pair is one of ours */
    struct pair {
        uint32_t iface, ifindex;
        size_t ours; /* index into file->interfaces */
    } * pairs;
    size_t n_pairs;
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

/*
 * An interface that an earlier section described in the same words is the same one: a file that
 * was put together from several. Index into file->interfaces; behind its end when it is new.
 */
static size_t described_again(const struct ear *e, uint32_t iface, uint32_t ifindex)
{
    const struct reader_interface *fresh = &e->reader.interfaces[iface];

    for (size_t n = 0; n < e->n_pairs; n++) {
        const struct reader_interface *known = &e->reader.interfaces[e->pairs[n].iface];

        if (e->pairs[n].ifindex == ifindex && known->section != fresh->section &&
            known->linktype == fresh->linktype && strcmp(known->name, fresh->name) == 0)
            return e->pairs[n].ours;
    }
    return e->file->n_interfaces;
}

/* Which of file->interfaces a packet belongs to; new ones are added. */
static uint16_t interface_of(struct ear *e, const struct packet *p, uint32_t ifindex)
{
    struct wire_file *file = e->file;
    struct wire_interface *i;
    struct pair pair = {.iface = p->iface, .ifindex = ifindex};
    const char *name = e->reader.interfaces[p->iface].name;
    size_t n;

    for (n = 0; n < e->n_pairs; n++) {
        if (e->pairs[n].iface == p->iface && e->pairs[n].ifindex == ifindex)
            return (uint16_t)e->pairs[n].ours;
    }
    if (n == READER_INTERFACES)
        return 0;
    pair.ours = described_again(e, p->iface, ifindex);
    list_push(file->arena, e->pairs, e->n_pairs, pair);
    if (pair.ours < file->n_interfaces)
        return (uint16_t)pair.ours;
    list_push(file->arena, file->interfaces, file->n_interfaces, (struct wire_interface){0});
    i = &file->interfaces[pair.ours];
    i->linktype = p->linktype;
    if (ifindex == 0)
        i->name = arena_strdup(file->arena, name);
    else if (name[0] == '\0')
        i->name = arena_printf(file->arena, "interface %u", ifindex);
    else
        i->name = arena_printf(file->arena, "%s#%u", name, ifindex);
    return (uint16_t)pair.ours;
}

/* Ports of which datagrams are looked at. */
static bool is_known_port(const struct ear *e, uint16_t port)
{
    return port == NTP_PORT || is_dns_port(e, port);
}

static struct wire_flow *new_flow(struct ear *e, const struct flow_key *key, bool src_is_a,
                                  const struct seen *seen)
{
    struct wire_flow *f = flow_add(e->table, key, src_is_a);

    if (f == NULL) {
        e->file->flows_refused++;
        return NULL;
    }
    f->first_frame = seen->frame;
    f->first_us = f->last_us = seen->time_us;
    return f;
}

static void take_tcp(struct ear *e, const struct ip_packet *ip, const struct seen *seen)
{
    struct tcp_segment s;
    struct flow_key key;
    struct wire_flow *f;
    bool is_a;
    int direction;

    switch (tcp_decode(ip, &s)) {
    case DECODE_OK:
        break;
    case DECODE_TRUNCATED:
        e->file->cut++;
        return;
    case DECODE_INVALID:
        e->file->malformed++;
        return;
    }
    is_a = flow_key_of(&key, ip->family == AF_INET6, IPPROTO_TCP, ip->src, s.src_port, ip->dst,
                       s.dst_port);
    f = flow_find(e->table, &key);
    if (f == NULL || track_is_new(f, &s, flow_direction(f, ip->src, s.src_port))) {
        f = new_flow(e, &key, track_from_src(&s) ? is_a : !is_a, seen);
        if (f == NULL)
            return;
        f->state = WIRE_SYN_SENT;
    }
    direction = flow_direction(f, ip->src, s.src_port);
    if (!track_segment(f, direction, ip, &s, seen))
        return;
    if (s.len > 0) {
        if (f->reading == NULL)
            talk_begin(&e->talks, f, is_dns_port(e, f->dst_port));
        talk_segment(&e->talks, f, direction, &s, seen);
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
    int direction;
    bool is_a;

    bytes_skip(&b, 2);
    if (b.truncated || len < UDP_HEAD) {
        *(b.truncated ? &e->file->cut : &e->file->malformed) += 1;
        return;
    }
    if (!is_known_port(e, src_port) && !is_known_port(e, dst_port)) {
        e->file->other_protocol++;
        return;
    }
    is_a = flow_key_of(&key, ip->family == AF_INET6, IPPROTO_UDP, ip->src, src_port, ip->dst,
                       dst_port);
    f = flow_find(e->table, &key);
    if (f == NULL)
        f = new_flow(e, &key, is_known_port(e, dst_port) ? is_a : !is_a, seen);
    if (f == NULL)
        return;
    direction = flow_direction(f, ip->src, src_port);
    f->state = WIRE_DATAGRAMS;
    side = &f->side[direction];
    if (side->packets == 0)
        side->iface = seen->iface;
    side->ifaces |= seen->iface < 32 ? 1u << seen->iface : 0;
    if (side->iface != seen->iface) {
        f->other_iface++;
        return;
    }
    side->packets++;
    side->bytes += (uint64_t)len - UDP_HEAD;
    if (side->ttl_max == 0 || ip->ttl < side->ttl_min)
        side->ttl_min = ip->ttl;
    if (ip->ttl > side->ttl_max)
        side->ttl_max = ip->ttl;
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
    f = flow_find(e->table, &key);
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
    } else if (icmp_error_of(ip, &error)) {
        take_error(e, ip, &error, seen);
    }
}

static void take_ip(struct ear *e, struct bytes payload, uint32_t wire_len, const struct seen *seen)
{
    struct ip_packet ip;

    switch (ip_decode(payload, wire_len, &ip)) {
    case DECODE_OK:
        break;
    case DECODE_TRUNCATED:
        e->file->cut++;
        return;
    case DECODE_INVALID:
        e->file->malformed++;
        return;
    }
    if (ip.fragment && !fragments_take(e->fragments, &ip, seen->time_us))
        return;
    switch (ip.protocol) {
    case IPPROTO_TCP:
        take_tcp(e, &ip, seen);
        break;
    case IPPROTO_UDP:
        take_udp(e, &ip, seen);
        break;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        take_icmp(e, &ip, seen);
        break;
    default:
        e->file->other_protocol++;
    }
}

static void take_packet(struct ear *e, const struct packet *p)
{
    struct wire_file *file = e->file;
    struct link_packet link;
    struct seen seen = {.frame = p->number > UINT32_MAX ? UINT32_MAX : (uint32_t)p->number,
                        .time_us = p->time_us};
    enum link_result result = link_decode(p->linktype, p->data, p->len, &link);

    if (file->packets++ == 0)
        file->first_us = p->time_us;
    file->bytes += p->wire_len;
    file->shortened += p->len < p->wire_len;
    if (p->time_us > file->last_us)
        file->last_us = p->time_us;
    seen.iface = interface_of(e, p, result == LINK_OK ? link.ifindex : 0);
    file->interfaces[seen.iface].packets++;
    switch (result) {
    case LINK_OK:
        if (link.ethertype == ETHERTYPE_ARP_)
            take_arp(e, link.payload, &seen);
        else
            take_ip(e, link.payload, p->wire_len - (uint32_t)(link.payload.p - p->data), &seen);
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

/* What the file's statistics say, for the interfaces that had packets, and for the others. */
static void take_interfaces(struct ear *e)
{
    struct wire_file *file = e->file;

    for (uint32_t n = 0; n < e->reader.n_interfaces; n++) {
        const struct reader_interface *r = &e->reader.interfaces[n];
        struct packet p = {.iface = n, .linktype = r->linktype};
        struct wire_interface *i;
        size_t first = 0, ours;

        while (first < e->n_pairs && e->pairs[first].iface != n)
            first++;
        ours = first < e->n_pairs ? e->pairs[first].ours : interface_of(e, &p, 0);
        i = &file->interfaces[ours];
        i->has_drops = i->has_drops || r->has_drops;
        i->dropped_kernel += r->dropped_kernel;
        i->dropped_interface += r->dropped_interface;
    }
}

static void read_all(struct ear *e)
{
    struct wire_file *file = e->file;
    struct packet p;

    while (reader_next(&e->reader, &p)) /* ends with the file */
        take_packet(e, &p);
    if (e->reader.trouble[0] != '\0') {
        file->trouble = arena_strdup(file->arena, e->reader.trouble);
        file->trouble_at = e->reader.trouble_at;
    }
    file->undated = e->reader.undated;
    file->own = e->reader.own;
    file->redacted = e->reader.redacted;
    file->fragments_lost = fragments_lost(e->fragments);
    take_interfaces(e);
    file->chunks = e->table->chunks;
    file->n_flows = e->table->n;
    talks_finish(&e->talks);
    for (size_t i = 0; i < file->n_flows; i++)
        track_finish(wire_flow_at(file, i));
}

static int begin(struct ear *e, const struct wire_options *options)
{
    static const struct wire_options defaults;

    e->options = options != NULL ? options : &defaults;
    e->file = calloc(1, sizeof *e->file);
    e->table = calloc(1, sizeof *e->table);
    e->fragments = fragments_new();
    if (e->file == NULL || e->table == NULL || e->fragments == NULL)
        return -1;
    e->file->arena = arena_new();
    return flow_table_init(e->table, e->options->max_flows) != 0 ||
                   lookups_init(&e->lookups, e->file, e->table->secret) != 0 ||
                   talks_init(&e->talks, e->file, &e->lookups, e->table->secret) != 0
               ? -1
               : 0;
}

/* `status` is that of opening the reader. */
static int read_whole(struct ear *e, int status, const struct wire_options *options,
                      struct wire_file **out, struct fault *f)
{
    if (status == 0 && begin(e, options) != 0)
        status = fault_set(f, "out of memory");
    if (status == 0) {
        read_all(e);
        e->file->table = e->table;
        *out = e->file;
    } else {
        if (e->file != NULL)
            arena_free(e->file->arena);
        if (e->table != NULL)
            flow_table_free(e->table);
        free(e->table);
        free(e->file);
    }
    lookups_free(&e->lookups);
    talks_free(&e->talks);
    fragments_free(e->fragments);
    reader_free(&e->reader);
    return status;
}

int wire_read_fd(int fd, const struct wire_options *options, struct wire_file **out,
                 struct fault *f)
{
    struct ear e = {0};

    return read_whole(&e, reader_open_fd(&e.reader, fd, f), options, out, f);
}

int wire_read_memory(const void *bytes, size_t len, const struct wire_options *options,
                     struct wire_file **out, struct fault *f)
{
    struct ear e = {0};

    return read_whole(&e, reader_open_memory(&e.reader, bytes, len, f), options, out, f);
}

int wire_read(const char *path, const struct wire_options *options, struct wire_file **out,
              struct fault *f)
{
    struct fault inner = {""};
    int fd, status;

    if (strcmp(path, "-") == 0)
        return wire_read_fd(STDIN_FILENO, options, out, f);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_set(f, "%s: cannot open: %s", path, strerror(errno));
    status = wire_read_fd(fd, options, out, &inner);
    close(fd);
    return status == 0 ? 0 : fault_set(f, "%s: %s", path, inner.text);
}

void wire_file_free(struct wire_file *file)
{
    if (file == NULL)
        return;
    flow_table_free(file->table);
    free(file->table);
    arena_free(file->arena);
    free(file);
}

struct addr wire_src(const struct wire_flow *f)
{
    return addr_from_ip(f->is_v6 ? AF_INET6 : AF_INET, f->src, f->src_port);
}

struct addr wire_dst(const struct wire_flow *f)
{
    return addr_from_ip(f->is_v6 ? AF_INET6 : AF_INET, f->dst, f->dst_port);
}

struct wire_flow *wire_find(const struct wire_file *file, uint8_t protocol, const struct addr *a,
                            const struct addr *b)
{
    struct flow_key key;

    if (a->family != b->family)
        return NULL;
    flow_key_of(&key, a->family == AF_INET6, protocol, a->ip, a->port, b->ip, b->port);
    return flow_find(file->table, &key);
}

struct wire_flow *wire_older(const struct wire_file *file, const struct wire_flow *f)
{
    return f->older == 0 ? NULL : wire_flow_at(file, f->older - 1);
}

const char *wire_state_name(enum wire_state state)
{
    static const char *const names[] = {"syn-sent", "syn-answered", "established", "midstream",
                                        "closing",  "closed",       "reset",       "datagrams"};

    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

int wire_reset_foreign(const struct wire_flow *f, int direction)
{
    const struct wire_side *side = &f->side[direction];

    if (side->resets == 0 || side->ttl_max == 0)
        return TRI_UNKNOWN; /* nothing to compare it with */
    if (side->reset_ttl < side->ttl_min || side->reset_ttl > side->ttl_max || side->after_reset)
        return TRI_YES;
    return TRI_NO;
}
