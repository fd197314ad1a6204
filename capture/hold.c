/* hold: see hold.h. */
#include "capture/hold.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    OCTETS_A_PACKET = 128,
    /* Buffers of the kernel and busy processors disorder packets by less than this. */
    CLOCK_SET_BACK_US = 1000000,
    GAPS_ALLOWED = 64 * 1024, /* octets */
};

int hold_init(struct hold *h, size_t room, hold_leaves *leaves, void *arg)
{
    *h = (struct hold){.leaves = leaves,
                       .arg = arg,
                       .room = room,
                       .room_packets = room / OCTETS_A_PACKET + 1,
                       .bytes = malloc(room),
                       .spare = malloc(room)};
    h->heap = malloc(h->room_packets * sizeof *h->heap);
    if (h->bytes != NULL && h->spare != NULL && h->heap != NULL)
        return 0;
    hold_free(h);
    return -1;
}

void hold_free(struct hold *h)
{
    free(h->bytes);
    free(h->spare);
    free(h->heap);
    *h = (struct hold){0};
}

/* Not qsort: glibc's asks for the size of the memory, which the recorder's sandbox forbids. */
static bool is_before(const struct hold_one *a, const struct hold_one *b)
{
    if (a->packet.time_us != b->packet.time_us)
        return a->packet.time_us < b->packet.time_us;
    return a->number < b->number;
}

/* Put `one` at the end of the heap, and up to where it belongs. */
static void push(struct hold *h, const struct hold_one *one)
{
    size_t at = h->n++;

    for (; at > 0 && is_before(one, &h->heap[(at - 1) / 2]); at = (at - 1) / 2)
        h->heap[at] = h->heap[(at - 1) / 2];
    h->heap[at] = *one;
}

/* Take the first off; the last fills the gap, and sinks to where it belongs. */
static void pop(struct hold *h, struct hold_one *first)
{
    const struct hold_one last = h->heap[--h->n];
    size_t at = 0, next;

    *first = h->heap[0];
    for (; (next = 2 * at + 1) < h->n; at = next) {
        if (next + 1 < h->n && is_before(&h->heap[next + 1], &h->heap[next]))
            next++;
        if (!is_before(&h->heap[next], &last))
            break;
        h->heap[at] = h->heap[next];
    }
    if (h->n > 0)
        h->heap[at] = last;
}

/* The data of those that stay moves together. */
static void close_gaps(struct hold *h)
{
    uint8_t *bytes = h->bytes;

    h->len = 0;
    for (size_t i = 0; i < h->n; i++) {
        struct hold_packet *p = &h->heap[i].packet;

        memcpy(h->spare + h->len, p->data, p->len);
        p->data = h->spare + h->len;
        h->len += p->len;
    }
    h->bytes = h->spare;
    h->spare = bytes;
    h->gaps = 0;
}

static void first_leaves(struct hold *h)
{
    struct hold_one first;

    pop(h, &first);
    h->gaps += first.packet.len;
    h->leaves(h->arg, &first.packet);
}

static void let_go(struct hold *h, size_t n)
{
    for (size_t i = 0; i < n; i++)
        first_leaves(h);
    close_gaps(h);
}

void hold_add(struct hold *h, const struct hold_packet *p)
{
    struct hold_one one = {*p, h->added++};

    assert(p->len <= h->room);
    if (h->n > 0 && p->time_us < h->newest_us - CLOCK_SET_BACK_US)
        let_go(h, h->n);
    while (h->n == h->room_packets || p->len > h->room - h->len) /* ends: one leaves at least */
        let_go(h, h->n / 2 + 1);
    if (h->n == 0 || p->time_us > h->newest_us)
        h->newest_us = p->time_us;
    one.packet.data = h->bytes + h->len;
    memcpy(h->bytes + h->len, p->data, p->len);
    h->len += p->len;
    push(h, &one);
}

void hold_release(struct hold *h, int64_t us)
{
    int64_t newest_us = INT64_MIN;

    for (size_t i = 0; i < h->n; i++) {
        const struct hold_packet *p = &h->heap[i].packet;

        if (p->taken_us < us && p->time_us > newest_us)
            newest_us = p->time_us;
    }
    while (h->n > 0 && h->heap[0].packet.time_us <= newest_us) /* ends: each turn one leaves */
        first_leaves(h);
    /* Not each time, or every packet would be copied as often as it stays. */
    if (h->n == 0 || h->gaps > h->len / 2 + GAPS_ALLOWED)
        close_gaps(h);
}
