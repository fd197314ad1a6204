/*
 * hold: keeps packets back for a moment, so that those of several interfaces leave in the order of
 * their time stamps. Memory is bounded: when it is full, the older half leaves early.
 */
#ifndef HOPPROOF_CAPTURE_HOLD_H
#define HOPPROOF_CAPTURE_HOLD_H

#include <stddef.h>
#include <stdint.h>

struct hold_packet {
    int64_t time_us;  /* the stamp */
    int64_t taken_us; /* when it was added, on a clock that never jumps */
    const uint8_t *data;
    uint32_t iface, len, wire_len;
};

/* Called for each packet that leaves; `p` is valid during the call. */
typedef void hold_leaves(void *arg, const struct hold_packet *p);

struct hold_one {
    struct hold_packet packet;
    uint64_t number; /* in the order of adding */
};

struct hold {
    hold_leaves *leaves;
    void *arg;
    struct hold_one *heap; /* the oldest first, every other one behind the one of half its index */
    size_t n, room_packets;
    uint8_t *bytes, *spare; /* the packets' data; where what stays is copied to */
    size_t len, room;
    size_t gaps; /* of len, what has left */
    uint64_t added;
    int64_t newest_us; /* the greatest stamp that was added since it was empty */
};

/*
 * `room`: octets of data, at least those of the largest packet; about as many packets as fit into
 * it at 128 octets each. Takes twice the room, of which only what is used costs memory. 0, or -1
 * without memory.
 */
int hold_init(struct hold *h, size_t room, hold_leaves *leaves, void *arg);
void hold_free(struct hold *h);

/*
 * Copy the packet. Others leave early when there is no room for it; all of them, when it is so
 * much older than they are that the clock must have been set back in between.
 */
void hold_add(struct hold *h, const struct hold_packet *p);

/*
 * Let those leave that were taken before `us`, and with them all whose stamps are not newer. Of
 * equal stamps the first that was added leaves first.
 */
void hold_release(struct hold *h, int64_t us);

#endif
