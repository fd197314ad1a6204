/*
 * flow: the table of flows, by protocol, addresses and ports. Open addressing with a keyed hash
 * (SipHash-1-3, a fresh key per table), so that nobody can choose colliding addresses; bounded.
 */
#ifndef HOPPROOF_CAPTURE_FLOW_H
#define HOPPROOF_CAPTURE_FLOW_H

#include "capture/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The two ends of a packet, the lesser first, so that both directions have one key. */
struct flow_key {
    uint8_t a[16], b[16];
    uint16_t a_port, b_port;
    uint8_t is_v6, protocol;
    uint8_t zero[2];
};

struct flow_table {
    struct wire_flow **chunks;
    size_t n, max;
    struct flow_slot {
        uint32_t flow; /* index + 1 of the newest flow of a key; 0: free */
        uint32_t tag;  /* upper half of its hash */
    } * slots;
    size_t n_slots, used;
    uint64_t secret[2];
};

/* 0, or -1 without memory. */
int flow_table_init(struct flow_table *t, size_t max);
void flow_table_free(struct flow_table *t);

/* Make the key of a packet; returns true when the sender became `a`. */
bool flow_key_of(struct flow_key *key, bool is_v6, uint8_t protocol, const uint8_t *src,
                 uint16_t src_port, const uint8_t *dst, uint16_t dst_port);

/* The newest flow of the key; NULL when there is none. */
struct wire_flow *flow_find(const struct flow_table *t, const struct flow_key *key);

/*
 * A new flow from `src`, zeroed but for its ends, in front of older ones of the same key. NULL
 * when the table is full or memory is.
 */
struct wire_flow *flow_add(struct flow_table *t, const struct flow_key *key, bool src_is_a);

/* 0 when the packet goes from src to dst, 1 the other way. */
int flow_direction(const struct wire_flow *f, const uint8_t *src, uint16_t src_port);

uint64_t flow_hash(const uint64_t secret[2], const void *bytes, size_t len);

#endif
