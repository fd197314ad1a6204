/*
 * disguise: a capture without names and addresses, for people outside.
 *
 * Frames keep their order, times and sizes, connections their numbers and flags, so that the
 * flows, repeats, losses and resets in it are the same. What stands in a packet is let through
 * only where it is known to name nobody: addresses and names are exchanged by the caller's
 * pseudonyms, secrets and texts are overwritten, checksums that were right are right again, and
 * what is not understood is cut off (the frame then says that it was longer on the wire).
 */
#ifndef HOPPROOF_CAPTURE_DISGUISE_H
#define HOPPROOF_CAPTURE_DISGUISE_H

#include "capture/reader.h"
#include "capture/wire.h"

#include <stddef.h>
#include <stdint.h>

/* What stands for what. The same question has the same answer, always. */
struct disguise_names {
    void *context;
    struct addr (*address)(void *context, const struct addr *a); /* of the same family */
    void (*mac)(void *context, const uint8_t mac[6], uint8_t to[6]);
    /*
     * Of a host name; itself when it may stand. Of the same length, with its dots in the same
     * places, and such that names with a common end behind a dot have one afterwards: otherwise
     * it is overwritten. Valid until the next call.
     */
    const char *(*host)(void *context, const char *name);
    const char *(*interface)(void *context, const char *name);
};

struct disguise;

/*
 * For a capture of which `file` was made; both arguments must outlive it. NULL without memory.
 * Each packet is shown twice, in order: first all of them to disguise_learn, which puts together
 * what the connections carry, then all of them to disguise_packet.
 */
struct disguise *disguise_new(const struct wire_file *file, const struct disguise_names *names);
void disguise_free(struct disguise *d);
void disguise_learn(struct disguise *d, const struct packet *p);

/*
 * Exchange the packet's data for what may be shown, which is valid until the next call, and its
 * `len` for how much that is. -1 without memory.
 */
int disguise_packet(struct disguise *d, struct packet *p);

#endif
