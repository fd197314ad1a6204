/*
 * pcapng: blocks, options and times of the format (draft-ietf-opsawg-pcapng). Part of reader.h.
 *
 *   type 4 | total length 4 | body ... padded to 4 | total length 4
 *
 * Every section has a byte order of its own. A block that is not understood is skipped, however
 * long it is, without being held in memory.
 */
#include "capture/reader.h"

#include <string.h>

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OLD = 2,
    BLOCK_SIMPLE = 3,
    BLOCK_STATISTICS = 5,
    BLOCK_ENHANCED = 6,
    BLOCK_SECTION = 0x0a0d0d0a,
    OPTION_END = 0,
    SHB_USERAPPL = 4,
    SECTION_LOOK = 4096, /* octets of a section header that are looked at */
    IF_NAME = 2,
    IF_TSRESOL = 9,
    IF_TSOFFSET = 14,
    ISB_RECEIVED = 4,
    ISB_IFDROP = 5,
    ISB_OSDROP = 7,
    BLOCK_FRAME = 12,      /* type and both lengths */
    BLOCK_MAX = PACKET_MAX /* of the blocks that are looked into */
};

struct option {
    uint16_t code, len;
    const uint8_t *value;
};

/* The next of the options in [*p, end); false at their end or where they break. */
static bool next_option(const struct reader *r, const uint8_t **p, const uint8_t *end,
                        struct option *o)
{
    size_t left = (size_t)(end - *p), padded;

    if (left < 4) /* each turn consumes 4 octets at least */
        return false;
    o->code = reader_u16(r, *p);
    o->len = reader_u16(r, *p + 2);
    padded = ((size_t)o->len + 3) & ~(size_t)3;
    if (o->code == OPTION_END || left - 4 < padded)
        return false;
    o->value = *p + 4;
    *p += 4 + padded;
    return true;
}

static uint64_t u64(const struct reader *r, const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return r->swapped ? __builtin_bswap64(v) : v;
}

static int64_t pow10_of(unsigned n)
{
    int64_t v = 1;

    while (n-- > 0)
        v *= 10;
    return v;
}

/* Units of the interface to microseconds since 1970; what cannot be is clamped. */
static int64_t to_us(const struct reader_interface *i, uint64_t units)
{
    uint64_t us;

    if (i->power == 6 && !i->binary) {
        us = units;
    } else if (i->binary) {
        uint64_t whole = i->power >= 64 ? 0 : units >> i->power;
        uint64_t rest = i->power >= 64 ? 0 : units - (whole << i->power);
        unsigned shift = i->power;

        while (shift > 40) { /* keep rest * 10^6 within 64 bits */
            rest >>= 1;
            shift--;
        }
        us = whole > UINT32_MAX * 4ull ? (uint64_t)INT64_MAX / 2
                                       : whole * 1000000 + (rest * 1000000 >> shift);
    } else if (i->power < 6) {
        uint64_t factor = (uint64_t)pow10_of(6u - i->power);

        us = units > (uint64_t)INT64_MAX / 2 / factor ? (uint64_t)INT64_MAX / 2 : units * factor;
    } else {
        us = i->power - 6 > 18 ? 0 : units / (uint64_t)pow10_of(i->power - 6u);
    }
    if (us > (uint64_t)INT64_MAX / 2)
        us = (uint64_t)INT64_MAX / 2;
    if (i->offset_s > INT32_MAX || i->offset_s < INT32_MIN)
        return (int64_t)us;
    return (int64_t)us + i->offset_s * 1000000;
}

static void copy_name(char *to, size_t room, const struct option *o)
{
    size_t n = 0;

    for (; n < o->len && n + 1 < room && o->value[n] != 0; n++)
        to[n] = o->value[n] > ' ' && o->value[n] < 0x7f ? (char)o->value[n] : '?';
    to[n] = '\0';
}

/* link type 2 | reserved 2 | snaplen 4 | options */
static bool read_interface(struct reader *r, const uint8_t *p, size_t len, uint64_t at)
{
    const uint8_t *end = p + len;
    struct reader_interface *i;
    struct option o;

    if (len < 8)
        return reader_stop(r, at, "an interface description of %zu octets", len);
    i = reader_add_interface(r);
    if (i == NULL)
        return reader_stop(r, at, "more than %d interfaces, or no memory", READER_INTERFACES);
    i->linktype = reader_u16(r, p);
    i->snaplen = reader_u32(r, p + 4);
    for (p += 8; next_option(r, &p, end, &o);) {
        if (o.code == IF_NAME)
            copy_name(i->name, sizeof i->name, &o);
        else if (o.code == IF_TSRESOL && o.len == 1) {
            i->binary = (o.value[0] & 0x80) != 0;
            i->power = o.value[0] & 0x7f;
        } else if (o.code == IF_TSOFFSET && o.len == 8)
            i->offset_s = (int64_t)u64(r, o.value);
    }
    return true;
}

/* interface 4 | time high 4 | time low 4 | options; about an interface that must exist */
static void read_statistics(struct reader *r, const uint8_t *p, size_t len)
{
    const uint8_t *end = p + len;
    struct reader_interface *i;
    struct option o;
    uint32_t id;

    if (len < 12)
        return;
    id = reader_u32(r, p);
    if (id >= r->n_interfaces - r->section)
        return;
    i = &r->interfaces[r->section + id];
    for (p += 12; next_option(r, &p, end, &o);) {
        if (o.len != 8)
            continue;
        if (o.code == ISB_RECEIVED)
            i->received = u64(r, o.value);
        else if (o.code == ISB_IFDROP)
            i->dropped_interface = u64(r, o.value), i->has_drops = true;
        else if (o.code == ISB_OSDROP)
            i->dropped_kernel = u64(r, o.value), i->has_drops = true;
    }
}

/* Fill the packet from its block's body, which begins with `head` octets before the data. */
static bool set_packet(struct reader *r, struct packet *p, const uint8_t *body, size_t len,
                       size_t head, uint32_t id, uint32_t captured, uint64_t at)
{
    if (id >= r->n_interfaces - r->section)
        return reader_stop(r, at, "a packet of interface %u, which is not described", id);
    if (captured > len - head)
        return reader_stop(r, at, "a packet of %u octets in a block of %zu", captured, len);
    p->iface = (uint32_t)r->section + id;
    p->linktype = r->interfaces[p->iface].linktype;
    p->offset = at;
    p->data = body + head;
    p->data_at = at + 8 + head;
    p->len = captured;
    return true;
}

/* interface 4 (old: 2, drops 2) | time high 4 | low 4 | captured 4 | original 4 | data | options */
static bool read_packet(struct reader *r, struct packet *p, uint32_t type, const uint8_t *body,
                        size_t len, uint64_t at)
{
    uint32_t id;

    if (len < 20)
        return reader_stop(r, at, "a packet block of %zu octets", len);
    id = type == BLOCK_ENHANCED ? reader_u32(r, body) : reader_u16(r, body);
    if (!set_packet(r, p, body, len, 20, id, reader_u32(r, body + 12), at))
        return false;
    p->wire_len = reader_u32(r, body + 16);
    p->time_us = to_us(&r->interfaces[p->iface],
                       (uint64_t)reader_u32(r, body + 4) << 32 | reader_u32(r, body + 8));
    return true;
}

/* original length 4 | data: of the section's first interface, without a time */
static bool read_simple(struct reader *r, struct packet *p, const uint8_t *body, size_t len,
                        uint64_t at)
{
    uint32_t original, captured, snaplen;

    if (len < 4)
        return reader_stop(r, at, "a simple packet block of %zu octets", len);
    if (r->n_interfaces == r->section)
        return reader_stop(r, at, "a simple packet block without an interface");
    original = reader_u32(r, body);
    snaplen = r->interfaces[r->section].snaplen;
    captured = original;
    if (snaplen != 0 && captured > snaplen)
        captured = snaplen;
    if (captured > len - 4)
        captured = (uint32_t)(len - 4);
    if (!set_packet(r, p, body, len, 4, 0, captured, at))
        return false;
    p->wire_len = original;
    p->time_us = r->last_us;
    p->undated = true;
    r->undated++;
    return true;
}

/* Who wrote the section that begins here? A header of `len` octets, as far as it is at hand. */
static void note_writer(struct reader *r, uint32_t len)
{
    static const char ours[] = "hopproof ";
    size_t have = source_peek(&r->source, len < SECTION_LOOK ? len : SECTION_LOOK);
    const uint8_t *p = r->source.p + 24, *end = r->source.p + (have < len ? have : len);
    static const char redacted[] = " (redacted)";
    struct option o;

    while (p < end && next_option(r, &p, end, &o)) {
        if (o.code != SHB_USERAPPL || o.len < sizeof ours - 1 ||
            memcmp(o.value, ours, sizeof ours - 1) != 0)
            continue;
        r->own = true;
        r->redacted = r->redacted || memmem(o.value, o.len, redacted, sizeof redacted - 1) != NULL;
    }
}

/* type 4 | length 4 | byte order 4 | major 2 | minor 2 | section length 8 | options */
static bool read_section(struct reader *r)
{
    struct source *s = &r->source;
    uint64_t at = s->offset;
    uint32_t len, order;
    uint16_t major;

    if (source_peek(s, 28) < 28)
        return reader_stop(r, at, "the file ends within a section header");
    r->swapped = false;
    order = reader_u32(r, s->p + 8);
    if (order == 0x4d3c2b1a)
        r->swapped = true;
    else if (order != 0x1a2b3c4d)
        return reader_stop(r, at, "a section header without a byte-order mark");
    len = reader_u32(r, s->p + 4);
    major = reader_u16(r, s->p + 12);
    if (major != 1)
        return reader_stop(r, at, "pcapng version %u is not known", major);
    if (len < 28 || len % 4 != 0)
        return reader_stop(r, at, "a section header of %u octets", len);
    note_writer(r, len);
    if (source_skip(s, len) < len)
        return reader_stop(r, at, "the file ends within a section header");
    r->section = r->n_interfaces; /* interfaces are numbered anew */
    r->section_count++;
    return true;
}

int pcapng_begin(struct reader *r)
{
    return read_section(r) ? 0 : -1;
}

static bool is_wanted(uint32_t type)
{
    return type == BLOCK_ENHANCED || type == BLOCK_INTERFACE || type == BLOCK_SIMPLE ||
           type == BLOCK_PACKET_OLD || type == BLOCK_STATISTICS;
}

/*
 * The next block that is looked into: its type (0 when there is none), body and length. The block
 * is consumed; its bytes stay until the next read.
 */
static uint32_t next_block(struct reader *r, const uint8_t **body, size_t *body_len, uint64_t *at)
{
    struct source *s = &r->source;

    for (;;) { /* ends: each turn consumes a block of 12 octets at least */
        size_t have = source_peek(s, BLOCK_FRAME);
        uint32_t type, len;

        *at = s->offset;
        if (have == 0 && s->error == 0) {
            r->done = true;
            return 0;
        }
        if (s->error != 0)
            return reader_stop(r, *at, "cannot read on: %s", strerror(s->error));
        if (have < BLOCK_FRAME)
            return reader_stop(r, *at, "the file ends within a block");
        type = reader_u32(r, s->p);
        if (type == BLOCK_SECTION) {
            if (!read_section(r))
                return 0;
            continue;
        }
        len = reader_u32(r, s->p + 4);
        if (len < BLOCK_FRAME || len % 4 != 0)
            return reader_stop(r, *at, "a block of %u octets", len);
        if (!is_wanted(type)) {
            if (source_skip(s, len) < len)
                return reader_stop(r, *at, "the file ends within a block of type %#x", type);
            continue;
        }
        if (len > BLOCK_MAX)
            return reader_stop(r, *at, "a block of %u octets", len);
        if (have < len && source_peek(s, len) < len)
            return reader_stop(r, *at, "the file ends within a block of %u octets", len);
        if (reader_u32(r, s->p + len - 4) != len)
            return reader_stop(r, *at, "a block whose two lengths differ");
        *body = s->p + 8;
        *body_len = len - BLOCK_FRAME;
        source_take(s, len);
        return type;
    }
}

bool pcapng_next(struct reader *r, struct packet *p)
{
    const uint8_t *body = NULL;
    size_t len = 0;
    uint64_t at;

    for (;;) { /* ends with the file: each turn consumes a block */
        switch (next_block(r, &body, &len, &at)) {
        case 0:
            return false;
        case BLOCK_INTERFACE:
            if (!read_interface(r, body, len, at))
                return false;
            break;
        case BLOCK_STATISTICS:
            read_statistics(r, body, len);
            break;
        case BLOCK_SIMPLE:
            return read_simple(r, p, body, len, at);
        case BLOCK_PACKET_OLD:
            return read_packet(r, p, BLOCK_PACKET_OLD, body, len, at);
        default:
            return read_packet(r, p, BLOCK_ENHANCED, body, len, at);
        }
    }
}

bool pcapng_has_next(const struct reader *r)
{
    const struct source *s = &r->source;
    size_t have = (size_t)(s->end - s->p);

    return have >= BLOCK_FRAME && reader_u32(r, s->p) == BLOCK_ENHANCED &&
           reader_u32(r, s->p + 4) <= have;
}
