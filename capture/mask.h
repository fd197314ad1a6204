/*
 * mask: takes credentials out of captured packets, at equal length, checksums mended.
 */
#ifndef HOPPROOF_CAPTURE_MASK_H
#define HOPPROOF_CAPTURE_MASK_H

#include "capture/wire.h"

#include <stddef.h>
#include <stdint.h>

struct mask;

/*
 * For the secrets that wire_read found in a file (which must outlive the mask). NULL without
 * memory.
 */
struct mask *mask_new(const struct wire_file *file);
void mask_free(struct mask *m);

/*
 * Overwrite what is secret in one frame: in TCP segments (repeats too, and what looks like such a
 * field where the request could not be read), in what ICMP errors quote of them, and all of the
 * payload of TCP segments that came in IP fragments. A checksum that was right is right again; one
 * that was not (left to the network card) stays as it is. Returns the number of octets overwritten.
 */
size_t mask_frame(struct mask *m, uint16_t linktype, uint8_t *frame, size_t len, uint32_t wire_len);

#endif
