/*
 * flow: the table of flows, by protocol, addresses and ports. Open addressing with a keyed hash
 * (siphash.h, a fresh secret per table), so that nobody can choose colliding addresses; bounded.
 */
#ifndef HOPPROOF_CAPTURE_FLOW_H
#define HOPPROOF_CAPTURE_FLOW_H

#include "capture/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The two ends of a packet, the lesser first, so that both directions have one key. */
struct flow_key {
    uint64_t a[2], b[2]; /* addresses as they stand in memory; of IPv4 four octets, then zero */
    uint16_t a_port, b_port;
    uint8_t protocol;
    bool is_v6;
};

struct flow_table {
    struct wire_flow **chunks;
    size_t n, max;
    struct flow_slot {
        uint32_t flow; /* index + 1 of the newest flow of a key; 0: free */
        uint32_t hash; /* of the key; its lower bits say where the slot would best be */
    } * slots;
    size_t n_slots, used;
    uint64_t secret[2];
};

/* 0, or -1 without memory. */
int flow_table_init(struct flow_table *t, size_t max);
void flow_table_free(struct flow_table *t);

/* Make the key of a packet; returns true when the sender became `a`. */
static inline bool flow_key_of(struct flow_key *key, bool is_v6, uint8_t protocol,
                               const uint8_t *src, uint16_t src_port, const uint8_t *dst,
                               uint16_t dst_port)
{
    uint64_t s[2] = {0}, d[2] = {0};
    bool src_is_a;

    if (is_v6) {
        memcpy(s, src, sizeof s);
        memcpy(d, dst, sizeof d);
    } else {
        memcpy(s, src, 4);
        memcpy(d, dst, 4);
    }
    src_is_a = s[0] != d[0] ? s[0] < d[0] : s[1] != d[1] ? s[1] < d[1] : src_port <= dst_port;
    *key = src_is_a
               ? (struct flow_key){{s[0], s[1]}, {d[0], d[1]}, src_port, dst_port, protocol, is_v6}
               : (struct flow_key){{d[0], d[1]}, {s[0], s[1]}, dst_port, src_port, protocol, is_v6};
    return src_is_a;
}

/* The table's hash of a key. */
uint32_t flow_hash(const struct flow_table *t, const struct flow_key *key);

/*
 * A key with this hash will be looked for soon: let the memory be fetched, first its slot, a few
 * packets later (the slot is read for it) the flow that it names. Changes nothing.
 */
static inline void flow_fetch_slot(const struct flow_table *t, uint32_t hash)
{
    __builtin_prefetch(&t->slots[hash & (t->n_slots - 1)]);
}
void flow_fetch(const struct flow_table *t, uint32_t hash);

/* The newest flow of the key, whose hash is given; NULL when there is none. */
struct wire_flow *flow_find(const struct flow_table *t, const struct flow_key *key, uint32_t hash);

/*
 * A new flow from `src`, zeroed but for its ends, in front of older ones of the same key. NULL
 * when the table is full or memory is.
 */
struct wire_flow *flow_add(struct flow_table *t, const struct flow_key *key, uint32_t hash,
                           bool src_is_a);

/* Of a packet whose sender is `a` of the flow's key, or not: 0 from src to dst, 1 the other way. */
static inline int flow_direction(const struct wire_flow *f, bool sender_is_a)
{
    return f->src_is_a == sender_is_a ? 0 : 1;
}

#endif
