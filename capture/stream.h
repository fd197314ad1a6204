/*
 * stream: the beginning of one direction of a TCP connection, in order.
 *
 * Octets are handed on where they stand in the packet; only segments that came early are copied,
 * and only so many. Where an octet is missing for good, the stream ends.
 */
#ifndef HOPPROOF_CAPTURE_STREAM_H
#define HOPPROOF_CAPTURE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_LATE_MAX = 32,          /* segments that wait for an earlier one */
    STREAM_LATE_ROOM = 128 * 1024, /* octets of them */
};

struct stream_late;

struct stream {
    uint32_t next; /* sequence number of the octet that is wanted */
    bool started;
    bool over; /* octets are missing for good (lost by the capture, or cut) */
    bool cut;  /* ... because the capture does not hold all of a segment */
    uint8_t n_late;
    uint32_t late_len;
    struct stream_late *late; /* by sequence number */
};

/* Called with at least one octet; `seq` is that of the first. */
typedef void stream_fn(void *arg, uint32_t seq, const uint8_t *bytes, size_t len);

/* The stream begins at `seq` (one behind the SYN's). Without it, with the first segment. */
void stream_start(struct stream *s, uint32_t seq);

/* A segment of `wire_len` octets at `seq`, of which `len` are here. */
void stream_segment(struct stream *s, uint32_t seq, const uint8_t *bytes, size_t len,
                    size_t wire_len, stream_fn *fn, void *arg);

void stream_free(struct stream *s);

#endif
