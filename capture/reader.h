/*
 * reader: the packets of a capture file, one after the other.
 *
 * pcap (draft-ietf-opsawg-pcap: microseconds, nanoseconds, both byte orders, the "modified" form
 * with longer records) and pcapng (draft-ietf-opsawg-pcapng: several sections and interfaces,
 * enhanced, simple and obsolete packet blocks). A broken file is read as far as it makes sense;
 * then `trouble` says what is wrong and at which byte.
 */
#ifndef HOPPROOF_CAPTURE_READER_H
#define HOPPROOF_CAPTURE_READER_H

#include "capture/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;

enum { READER_INTERFACES = 4096, PACKET_MAX = 16 * 1024 * 1024 };

/* LINKTYPE_ values of the tcpdump group's registry that are understood; see link.c. */

struct reader_interface {
    uint16_t linktype;
    uint32_t snaplen;
    uint64_t section; /* which one described it, 1 for the first */
    char name[64];    /* printable ASCII; "" when the file does not say */
    /* What the interface statistics blocks say; the last one counts. */
    bool has_drops;
    uint64_t received, dropped_interface, dropped_kernel;
    /* timestamps: units since 1970 + offset_s */
    bool binary;   /* units are 2^-power seconds, else 10^-power */
    uint8_t power; /* 6: microseconds */
    int64_t offset_s;
};

struct packet {
    uint64_t number;  /* 1 for the first of the file, as Wireshark counts */
    uint64_t offset;  /* of the record or block in the file */
    uint64_t data_at; /* offset of `data` in the file */
    int64_t time_us;  /* since 1970; that of the packet before where the format has none */
    const uint8_t *data;
    uint32_t len;      /* octets captured */
    uint32_t wire_len; /* octets on the wire */
    uint32_t iface;    /* index into reader->interfaces */
    uint16_t linktype;
    bool undated; /* the format has no time for it */
};

struct reader {
    struct source source;
    enum { READER_UNKNOWN, READER_PCAP, READER_PCAPNG } format;
    bool swapped;  /* the byte order of the file (section) is not ours */
    bool nano;     /* pcap: fractions are nanoseconds */
    bool modified; /* pcap: 8 octets more in each record's head */
    struct reader_interface *interfaces;
    size_t n_interfaces, room;
    size_t section; /* index of the first interface of the current section */
    uint64_t packets;
    int64_t last_us;
    bool done;
    char trouble[160]; /* "" or why reading ended before the end */
    uint64_t trouble_at;
    uint64_t section_count;
    bool own;         /* some section was written by this program */
    bool redacted;    /* ... and with pseudonyms (disguise.h) */
    uint64_t undated; /* packets without a time of their own */
};

/*
 * Begin to read. The reader must be freed in either case. 0, or -1 with a fault when the bytes
 * are no capture file at all.
 */
int reader_open_fd(struct reader *r, int fd, struct fault *f);
int reader_open_memory(struct reader *r, const void *bytes, size_t len, struct fault *f);
void reader_free(struct reader *r);

/*
 * The next packet; false at the end (see `trouble`). Data is valid until the next call, or, as long
 * as reader_has_next says true before each, that long.
 */
bool reader_next(struct reader *r, struct packet *p);

/* Is the next packet at hand as a whole, so that nothing needs to be read or moved for it? */
bool reader_has_next(const struct reader *r);

/* --- between reader.c and pcapng.c --- */

/* Reading ends here, for the reason given, which goes into `trouble`. Always false. */
bool reader_stop(struct reader *r, uint64_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A new interface of the current section; NULL when there are too many, or without memory. */
struct reader_interface *reader_add_interface(struct reader *r);
/* Read the first section header. 0, or -1 with `trouble`. */
int pcapng_begin(struct reader *r);
/* As reader_next; fills in what the block knows. */
bool pcapng_next(struct reader *r, struct packet *p);
bool pcapng_has_next(const struct reader *r);

static inline uint32_t reader_u32(const struct reader *r, const uint8_t *p)
{
    uint32_t v;

    __builtin_memcpy(&v, p, 4);
    return r->swapped ? __builtin_bswap32(v) : v;
}

static inline uint16_t reader_u16(const struct reader *r, const uint8_t *p)
{
    uint16_t v;

    __builtin_memcpy(&v, p, 2);
    return r->swapped ? __builtin_bswap16(v) : v;
}

#endif
