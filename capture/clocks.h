/*
 * clocks: questions to time servers and their answers (NTP, RFC 5905 section 7.3), put together for
 * each client and server from single messages.
 */
#ifndef HOPPROOF_CAPTURE_CLOCKS_H
#define HOPPROOF_CAPTURE_CLOCKS_H

#include "capture/track.h"
#include "capture/wire.h"

#include <stddef.h>
#include <stdint.h>

enum { CLOCKS_MAX = 256 }; /* pairs that are kept */

/*
 * One datagram of `wire_len` octets, `len` of them captured, on a flow whose dst_port is that of
 * time servers; `direction` 0: from its src.
 */
void clocks_message(struct wire_file *file, const struct wire_flow *flow, int direction,
                    const uint8_t *message, size_t len, size_t wire_len, const struct seen *seen);

#endif
