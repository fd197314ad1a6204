/* story_file: see story_file.h. Written for the tests alone, independently of the product. */
#include "tests/wire/story_file.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned linktype;
} links[] = {
    {"ethernet", 1}, {"vlan", 1},  {"qinq", 1}, {"pppoe", 1},  {"snap", 1}, {"sll", 113},
    {"sll2", 276},   {"raw", 101}, {"null", 0}, {"loop", 108}, {"ppp", 9},  {"strange", 147},
};

static const char *const formats[] = {"pcap",          "pcap-ns",   "pcap-swapped",
                                      "pcap-modified", "pcapng",    "pcapng-swapped",
                                      "pcapng-simple", "pcapng-ns", "pcapng-sections"};

bool story_format_known(const char *format)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(format, formats[i]) == 0)
            return true;
    }
    return false;
}

static unsigned linktype_of(const char *link)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        if (strcmp(link, links[i].name) == 0)
            return links[i].linktype;
    }
    return 65535;
}

bool story_link_known(const char *link)
{
    return linktype_of(link) != 65535;
}

static bool swapped(const struct story_file *f)
{
    return strstr(f->format, "swapped") != NULL;
}

static void u32(const struct story_file *f, struct buf *b, uint32_t v)
{
    if (swapped(f))
        v = __builtin_bswap32(v);
    buf_add(b, &v, 4);
}

static void u16(const struct story_file *f, struct buf *b, uint16_t v)
{
    if (swapped(f))
        v = __builtin_bswap16(v);
    buf_add(b, &v, 2);
}

static void be16(struct buf *b, unsigned v)
{
    uint8_t p[2] = {(uint8_t)(v >> 8), (uint8_t)v};

    buf_add(b, p, 2);
}

static void zeros(struct buf *b, size_t n)
{
    while (n-- > 0)
        buf_char(b, 0);
}

/* The frame around the packet. */
static void add_frame(const struct story_file *f, struct buf *b, const uint8_t *p, size_t len,
                      bool arp, unsigned iface)
{
    bool v6 = p[0] >> 4 == 6;
    unsigned type = arp ? 0x0806 : v6 ? 0x86dd : 0x0800;
    const char *link = f->link;

    if (linktype_of(link) == 1) {
        zeros(b, 12);
        if (strcmp(link, "qinq") == 0)
            be16(b, 0x88a8), be16(b, 7);
        if (strcmp(link, "vlan") == 0 || strcmp(link, "qinq") == 0)
            be16(b, 0x8100), be16(b, 0x6000 | 42);
        if (strcmp(link, "pppoe") == 0) {
            be16(b, 0x8864);
            be16(b, 0x1100);
            be16(b, 1);
            be16(b, (unsigned)len + 2);
            be16(b, v6 ? 0x0057 : 0x0021);
        } else if (strcmp(link, "snap") == 0) {
            be16(b, (unsigned)len + 8);
            buf_add(b, "\xaa\xaa\x03\0\0", 6);
            be16(b, type);
        } else {
            be16(b, type);
        }
    } else if (strcmp(link, "sll") == 0) {
        zeros(b, 14);
        be16(b, type);
    } else if (strcmp(link, "sll2") == 0) {
        be16(b, type);
        zeros(b, 4);
        be16(b, iface + 1);
        zeros(b, 12);
    } else if (strcmp(link, "null") == 0) {
        uint32_t family = v6 ? 30 : 2; /* in the byte order of the machine that captured */

        buf_add(b, &family, 4);
    } else if (strcmp(link, "loop") == 0) {
        be16(b, 0);
        be16(b, v6 ? 24 : 2);
    } else if (strcmp(link, "ppp") == 0) {
        be16(b, 0xff03);
        be16(b, v6 ? 0x0057 : 0x0021);
    }
    buf_add(b, p, len);
    if (linktype_of(link) == 1 && len < 46)
        zeros(b, 46 - len); /* Ethernet pads */
}

static void describe_interface(struct story_file *f, unsigned n)
{
    struct buf *b = f->out;
    bool ns = strcmp(f->format, "pcapng-ns") == 0;
    char name[4] = {'i', 'f', (char)('0' + n % 10), 0};

    u32(f, b, 1);
    u32(f, b, 20 + 8 + (ns ? 8 : 0) + 4);
    u16(f, b, (uint16_t)linktype_of(f->link));
    u16(f, b, 0);
    u32(f, b, (uint32_t)f->snaplen);
    u16(f, b, 2);
    u16(f, b, 3);
    buf_add(b, name, 4);
    if (ns) {
        u16(f, b, 9);
        u16(f, b, 1);
        buf_add(b, "\x09\0\0", 4);
    }
    u32(f, b, 0);
    u32(f, b, 20 + 8 + (ns ? 8 : 0) + 4);
    f->interfaces = n + 1;
}

static void begin_section(struct story_file *f)
{
    u32(f, f->out, 0x0a0d0d0a);
    u32(f, f->out, 28);
    u32(f, f->out, 0x1a2b3c4d);
    u16(f, f->out, 1);
    u16(f, f->out, 0);
    u32(f, f->out, 0xffffffff);
    u32(f, f->out, 0xffffffff);
    u32(f, f->out, 28);
    f->interfaces = 0;
    /* a block that nobody knows */
    u32(f, f->out, 0x0bad);
    u32(f, f->out, 16);
    u32(f, f->out, 0);
    u32(f, f->out, 16);
}

static void begin(struct story_file *f)
{
    uint32_t magic = strcmp(f->format, "pcap-ns") == 0         ? 0xa1b23c4d
                     : strcmp(f->format, "pcap-modified") == 0 ? 0xa1b2cd34
                                                               : 0xa1b2c3d4;

    if (strncmp(f->format, "pcapng", 6) == 0) {
        begin_section(f);
    } else {
        u32(f, f->out, magic);
        u16(f, f->out, 2);
        u16(f, f->out, 4);
        zeros(f->out, 8);
        u32(f, f->out, f->snaplen != 0 ? (uint32_t)f->snaplen : 262144);
        u32(f, f->out, linktype_of(f->link));
    }
    f->begun = true;
}

static void pcapng_packet_of(struct story_file *f, int64_t time_us, unsigned iface,
                             const uint8_t *p, size_t len, size_t captured)
{
    size_t pad = (4 - captured % 4) % 4;
    bool simple = strcmp(f->format, "pcapng-simple") == 0;
    uint64_t time = (uint64_t)time_us * (strcmp(f->format, "pcapng-ns") == 0 ? 1000 : 1);
    uint32_t block = (uint32_t)((simple ? 16 : 32) + captured + pad);

    if (strcmp(f->format, "pcapng-sections") == 0)
        begin_section(f); /* one for every packet */
    while (f->interfaces <= iface)
        describe_interface(f, f->interfaces);
    u32(f, f->out, simple ? 3 : 6);
    u32(f, f->out, block);
    if (!simple) {
        u32(f, f->out, iface);
        u32(f, f->out, (uint32_t)(time >> 32));
        u32(f, f->out, (uint32_t)time);
        u32(f, f->out, (uint32_t)captured);
    }
    u32(f, f->out, (uint32_t)len);
    buf_add(f->out, p, captured);
    zeros(f->out, pad);
    u32(f, f->out, block);
}

void story_file_packet(struct story_file *f, int64_t time_us, unsigned iface, const uint8_t *p,
                       size_t len, bool arp)
{
    struct buf frame;
    size_t captured;

    if (!f->begun)
        begin(f);
    buf_init(&frame, 128 * 1024);
    add_frame(f, &frame, p, len, arp, iface);
    captured = f->snaplen != 0 && frame.len > f->snaplen ? f->snaplen : frame.len;
    if (strncmp(f->format, "pcapng", 6) == 0) {
        pcapng_packet_of(f, time_us, strcmp(f->link, "sll2") == 0 ? 0 : iface, frame.data,
                         frame.len, captured);
    } else {
        u32(f, f->out, (uint32_t)(time_us / 1000000));
        u32(f, f->out,
            (uint32_t)(time_us % 1000000) * (strcmp(f->format, "pcap-ns") == 0 ? 1000u : 1u));
        u32(f, f->out, (uint32_t)captured);
        u32(f, f->out, (uint32_t)frame.len);
        if (strcmp(f->format, "pcap-modified") == 0)
            zeros(f->out, 8);
        buf_add(f->out, frame.data, captured);
    }
    buf_free(&frame);
}
