/*
 * fragment: puts IP packets together again (RFC 791 section 3.2, RFC 8200 section 4.5). Bounded
 * in number, size and time; overlapping fragments are dropped with their packet (RFC 5722).
 */
#ifndef HOPPROOF_CAPTURE_FRAGMENT_H
#define HOPPROOF_CAPTURE_FRAGMENT_H

#include "capture/ip.h"

#include <stdbool.h>
#include <stdint.h>

struct fragments;

/* NULL without memory. */
struct fragments *fragments_new(void);
void fragments_free(struct fragments *f);

/*
 * Take a fragment. True when its packet is complete: *ip then is that packet, whose payload is
 * valid until the next call.
 */
bool fragments_take(struct fragments *f, struct ip_packet *ip, int64_t time_us);

/* Packets that were begun and never became complete. */
uint64_t fragments_lost(const struct fragments *f);

#endif
