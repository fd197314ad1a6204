/*
 * pcapng_write: writes a pcapng file of one section (draft-ietf-opsawg-pcapng), in this machine's
 * byte order, times in microseconds. After a failed write everything else is a no-op; see `error`.
 */
#ifndef HOPPROOF_CAPTURE_PCAPNG_WRITE_H
#define HOPPROOF_CAPTURE_PCAPNG_WRITE_H

#include "diag/base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pcapng_writer {
    int fd;                      /* the caller's */
    int error;                   /* errno of the first write that failed, 0 so far */
    uint64_t written;            /* octets, those in the buffer included */
    uint64_t packets;            /* so far */
    uint64_t kept, kept_packets; /* ... in whole blocks, at the last write that did not fail */
    uint8_t *buffer;
    size_t len, room;
};

/* 0, or -1 without memory. */
int pcapng_writer_init(struct pcapng_writer *w, int fd);
void pcapng_writer_free(struct pcapng_writer *w);

/* To the file with what is in the buffer. 0, or -1 (see `error`). */
int pcapng_flush(struct pcapng_writer *w);

/* First of all. `comment` may be NULL. `redacted`: what follows has pseudonyms (disguise.h). */
void pcapng_section(struct pcapng_writer *w, const char *comment, bool redacted);

/*
 * TLS secrets, in the NSS key log format; before the packets that they open. They do not stay in
 * the writer's memory.
 */
void pcapng_secrets(struct pcapng_writer *w, const char *keylog, size_t len);

/* Numbered from 0 in the order of the calls. `filter` may be NULL. */
void pcapng_interface(struct pcapng_writer *w, const char *name, uint16_t linktype,
                      uint32_t snaplen, const char *filter);

struct pcapng_packet {
    uint32_t iface;
    int64_t time_us;
    const uint8_t *data;
    uint32_t len, wire_len;
    const char *const *comments; /* each one shows in Wireshark */
    size_t n_comments;
    bool undated; /* time_us means nothing: a simple packet block, where one can hold it */
};

/* The packet with its comments, on an interface that was described before. */
void pcapng_packet(struct pcapng_writer *w, const struct pcapng_packet *p);

/* A record for `addr` with its names (at most 255 characters each). */
struct pcapng_name {
    struct addr addr;
    const char *name;
};
void pcapng_names(struct pcapng_writer *w, const struct pcapng_name *names, size_t n);

/* What the kernel counted for an interface. */
struct pcapng_counts {
    int64_t start_us, end_us;
    uint64_t received, dropped_interface, dropped_kernel;
};
void pcapng_statistics(struct pcapng_writer *w, uint32_t iface, const struct pcapng_counts *c);

#endif
