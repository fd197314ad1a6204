/* reader: see reader.h. This file: what both formats share, and pcap. */
#include "capture/reader.h"

#include "diag/base/fault.h"
#include "diag/base/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PCAP_HEAD = 24,
    RECORD_HEAD = 16,
};

static const uint32_t magic_micro = 0xa1b2c3d4, magic_nano = 0xa1b23c4d,
                      magic_modified = 0xa1b2cd34;
static const uint32_t magic_pcapng = 0x0a0d0d0a;

bool reader_stop(struct reader *r, uint64_t at, const char *format, ...)
{
    va_list args;

    r->done = true;
    r->trouble_at = at;
    va_start(args, format);
    vsnprintf(r->trouble, sizeof r->trouble, format, args);
    va_end(args);
    return false;
}

struct reader_interface *reader_add_interface(struct reader *r)
{
    struct reader_interface *i;

    if (r->n_interfaces >= READER_INTERFACES)
        return NULL;
    if (r->n_interfaces == r->room) {
        size_t room = r->room == 0 ? 4 : r->room * 2;

        i = realloc(r->interfaces, room * sizeof *i);
        if (i == NULL)
            return NULL;
        r->interfaces = i;
        r->room = room;
    }
    i = &r->interfaces[r->n_interfaces++];
    *i = (struct reader_interface){.power = 6, .section = r->section_count};
    return i;
}

/*
 * magic 4 | major 2 | minor 2 | zone 4 | sigfigs 4 | snaplen 4 | link type 4: its upper bits say
 * how long a frame check sequence is, which nobody keeps.
 */
static int pcap_begin(struct reader *r, uint32_t magic, struct fault *f)
{
    struct reader_interface *i;

    if (source_peek(&r->source, PCAP_HEAD) < PCAP_HEAD)
        return fault_set(f, "the capture file ends within its header of %d octets", PCAP_HEAD);
    r->format = READER_PCAP;
    r->nano = magic == magic_nano;
    r->modified = magic == magic_modified;
    i = reader_add_interface(r);
    if (i == NULL)
        return fault_set(f, "out of memory");
    i->snaplen = reader_u32(r, r->source.p + 16);
    i->linktype = (uint16_t)reader_u32(r, r->source.p + 20);
    source_take(&r->source, PCAP_HEAD);
    return 0;
}

static const char not_a_capture[] =
    "not a capture file (pcap or pcapng); give one that hopproof check --pcap, tcpdump or "
    "Wireshark wrote";

static int begin(struct reader *r, struct fault *f)
{
    size_t have = source_peek(&r->source, 4);
    const uint8_t *p = r->source.p;
    uint32_t magic;

    if (have < 4 && r->source.error != 0)
        return fault_set(f, "cannot read the capture: %s; %s", strerror(r->source.error),
                         file_todo(r->source.error));
    if (have == 0)
        return fault_set(f, "the capture file is empty; record again, and let the recording "
                            "program end before its file is copied");
    if (have >= 2 && p[0] == 0x1f && p[1] == 0x8b)
        return fault_set(f, "the capture is compressed (gzip); unpack it first, for example: "
                            "gunzip -c FILE | hopproof analyze -");
    if (file_is_zip(p, have))
        return fault_set(f, "it is a ZIP file; unpack it first: the packets of a bundle are "
                            "evidence.pcapng in it");
    if (have < 4)
        return fault_set(f, "%s", not_a_capture);
    magic = reader_u32(r, p);
    if (magic == magic_pcapng) { /* the same in either order */
        r->format = READER_PCAPNG;
        if (pcapng_begin(r) != 0)
            return fault_set(f, "%s", r->trouble);
        return 0;
    }
    for (int turn = 0; turn < 2; turn++, r->swapped = true, magic = __builtin_bswap32(magic)) {
        if (magic == magic_micro || magic == magic_nano || magic == magic_modified)
            return pcap_begin(r, magic, f);
    }
    return fault_set(f, "%s", not_a_capture);
}

int reader_open_fd(struct reader *r, int fd, struct fault *f)
{
    *r = (struct reader){0};
    source_of_fd(&r->source, fd);
    return begin(r, f);
}

int reader_open_memory(struct reader *r, const void *bytes, size_t len, struct fault *f)
{
    *r = (struct reader){0};
    source_of_memory(&r->source, bytes, len);
    return begin(r, f);
}

void reader_free(struct reader *r)
{
    source_free(&r->source);
    free(r->interfaces);
    *r = (struct reader){0};
}

/* seconds 4 | fraction 4 | captured 4 | original 4 | (modified: interface 4, protocol 2, type 1, 1)
 */
static bool pcap_next(struct reader *r, struct packet *p)
{
    struct source *s = &r->source;
    size_t head = RECORD_HEAD + (r->modified ? 8 : 0), have = source_peek(s, head);
    uint32_t fraction, len;

    if (have == 0 && s->error == 0) {
        r->done = true;
        return false;
    }
    if (s->error != 0)
        return reader_stop(r, s->offset, "cannot read on: %s", strerror(s->error));
    if (have < head)
        return reader_stop(r, s->offset, "the file ends within a record's head");
    len = reader_u32(r, s->p + 8);
    if (len > PACKET_MAX)
        return reader_stop(r, s->offset, "a record claims %u captured octets", len);
    fraction = reader_u32(r, s->p + 4);
    p->time_us = (int64_t)reader_u32(r, s->p) * 1000000 + (r->nano ? fraction / 1000 : fraction);
    p->wire_len = reader_u32(r, s->p + 12);
    p->offset = s->offset;
    if (have < head + len) {
        have = source_peek(s, head + len);
        if (have < head + len)
            return reader_stop(r, s->offset, "the file ends within a packet (%zu of %u octets)",
                               have - head, len);
    }
    p->data = s->p + head;
    p->data_at = s->offset + head;
    p->len = len;
    p->iface = 0;
    p->linktype = r->interfaces[0].linktype;
    source_take(s, head + len);
    return true;
}

static bool pcap_has_next(const struct reader *r)
{
    const struct source *s = &r->source;
    size_t head = RECORD_HEAD + (r->modified ? 8 : 0), have = (size_t)(s->end - s->p);

    return have >= head && reader_u32(r, s->p + 8) <= have - head;
}

bool reader_has_next(const struct reader *r)
{
    return !r->done && (r->format == READER_PCAP ? pcap_has_next(r) : pcapng_has_next(r));
}

bool reader_next(struct reader *r, struct packet *p)
{
    if (r->done)
        return false;
    p->undated = false;
    if (!(r->format == READER_PCAP ? pcap_next(r, p) : pcapng_next(r, p)))
        return false;
    if (p->wire_len < p->len)
        p->wire_len = p->len; /* some writers leave it zero */
    r->last_us = p->time_us;
    p->number = ++r->packets;
    return true;
}
