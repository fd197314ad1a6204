/* story_file: the capture file that a story becomes: formats, byte orders, link layers. */
#ifndef HOPPROOF_TESTS_WIRE_STORY_FILE_H
#define HOPPROOF_TESTS_WIRE_STORY_FILE_H

#include "diag/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct story_file {
    struct buf *out;
    const char *format, *link; /* as in README.md */
    size_t snaplen;            /* 0: all */
    unsigned interfaces;       /* described so far */
    bool begun;
};

/* Names that the grammar knows? */
bool story_format_known(const char *format);
bool story_link_known(const char *link);

/* An IP packet (or, with `arp`, an ARP packet) in its frame, as one packet of the file. */
void story_file_packet(struct story_file *f, int64_t time_us, unsigned iface, const uint8_t *p,
                       size_t len, bool arp);

#endif
