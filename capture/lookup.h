/*
 * lookup: DNS questions and their answers (RFC 1035), put together from single messages.
 */
#ifndef HOPPROOF_CAPTURE_LOOKUP_H
#define HOPPROOF_CAPTURE_LOOKUP_H

#include "capture/track.h"
#include "capture/wire.h"
#include "capture/words.h"

#include <stddef.h>
#include <stdint.h>

enum { LOOKUPS_MAX = 200000 }; /* questions that are kept; further ones are counted */

struct lookups {
    struct wire_file *file; /* results go to its list, memory comes from its arena */
    struct words *words;    /* ... that of names from here */
    uint32_t *slots;        /* index + 1 of the newest question with that hash; see `earlier` */
    size_t n_slots;
    uint64_t secret[2];
};

/* 0, or -1 without memory. */
int lookups_init(struct lookups *l, struct wire_file *file, struct words *words,
                 const uint64_t secret[2]);
void lookups_free(struct lookups *l);

/*
 * One message of `wire_len` octets, `len` of them captured, on a flow; `direction` 0: from its
 * src. Questions may go either way; answers are matched by ends, number, name and type.
 */
void lookups_message(struct lookups *l, const struct wire_flow *flow, int direction,
                     const uint8_t *message, size_t len, size_t wire_len, const struct seen *seen);

#endif
