/* flow: see flow.h. */
#include "capture/flow.h"

#include "capture/siphash.h"
#include "diag/base/pages.h"

#include <stdlib.h>
#include <sys/random.h>

enum { SLOTS_FIRST = 1024, CACHE_LINE = 64 };

/* The first chunk is touched as far as it is used; of a file that needs more, the others whole. */
static struct wire_flow *chunk_new(size_t i)
{
    return i == 0 ? calloc(WIRE_CHUNK, sizeof(struct wire_flow)) : pages_new();
}

static void chunk_free(struct wire_flow *chunk, size_t i)
{
    if (i == 0)
        free(chunk);
    else
        pages_free(chunk);
}

int flow_table_init(struct flow_table *t, size_t max)
{
    *t = (struct flow_table){.max = max == 0 || max > UINT32_MAX / 4 ? 1000000 : max};
    if (getrandom(t->secret, sizeof t->secret, 0) != (ssize_t)sizeof t->secret)
        return -1;
    t->n_slots = SLOTS_FIRST;
    t->slots = calloc(t->n_slots, sizeof *t->slots);
    t->chunks = calloc(t->max / WIRE_CHUNK + 1, sizeof(struct wire_flow *));
    if (t->slots == NULL || t->chunks == NULL) {
        flow_table_free(t);
        return -1;
    }
    return 0;
}

void flow_table_free(struct flow_table *t)
{
    for (size_t i = 0; t->chunks != NULL && i * WIRE_CHUNK < t->n; i++)
        chunk_free(t->chunks[i], i);
    free(t->chunks);
    free(t->slots);
    *t = (struct flow_table){0};
}

/* Both addresses of IPv4 fit into one word, those of IPv6 take four. */
uint32_t flow_hash(const struct flow_table *t, const struct flow_key *key)
{
    struct sip s = sip_begin(t->secret);
    uint64_t rest = (uint64_t)key->a_port | (uint64_t)key->b_port << 16 |
                    (uint64_t)key->protocol << 32 | (uint64_t)key->is_v6 << 40;

    if (key->is_v6) {
        sip_word(&s, key->a[0]);
        sip_word(&s, key->a[1]);
        sip_word(&s, key->b[0]);
        sip_word(&s, key->b[1]);
    } else {
        sip_word(&s, key->a[0] | key->b[0] << 32);
    }
    return (uint32_t)sip_end(&s, rest);
}

static struct wire_flow *at(const struct flow_table *t, uint32_t index)
{
    return &t->chunks[index / WIRE_CHUNK][index % WIRE_CHUNK];
}

static bool is_flow_of(const struct wire_flow *f, const struct flow_key *key)
{
    const uint64_t *src = f->src_is_a ? key->a : key->b, *dst = f->src_is_a ? key->b : key->a;

    return f->src_port == (f->src_is_a ? key->a_port : key->b_port) &&
           f->dst_port == (f->src_is_a ? key->b_port : key->a_port) &&
           f->protocol == key->protocol && f->is_v6 == key->is_v6 &&
           memcmp(f->src, src, sizeof f->src) == 0 && memcmp(f->dst, dst, sizeof f->dst) == 0;
}

/* The slot of the key: one that holds its flow, or the free one where it would go. */
static struct flow_slot *slot_of(const struct flow_table *t, const struct flow_key *key,
                                 uint32_t hash)
{
    size_t mask = t->n_slots - 1, i = hash & mask;

    /* ends: at least a quarter of the slots is free */
    for (; t->slots[i].flow != 0; i = (i + 1) & mask) {
        if (t->slots[i].hash == hash && is_flow_of(at(t, t->slots[i].flow - 1), key))
            break;
    }
    return &t->slots[i];
}

void flow_fetch(const struct flow_table *t, uint32_t hash)
{
    uint32_t flow = t->slots[hash & (t->n_slots - 1)].flow;
    const char *at_flow;

    if (flow == 0)
        return;
    at_flow = (const char *)at(t, flow - 1);
    for (size_t i = 0; i < sizeof(struct wire_flow); i += CACHE_LINE)
        __builtin_prefetch(at_flow + i, 1);
}

struct wire_flow *flow_find(const struct flow_table *t, const struct flow_key *key, uint32_t hash)
{
    const struct flow_slot *slot = slot_of(t, key, hash);

    return slot->flow == 0 ? NULL : at(t, slot->flow - 1);
}

static int grow(struct flow_table *t)
{
    size_t n = t->n_slots * 2, mask = n - 1;
    struct flow_slot *slots = calloc(n, sizeof *slots);

    if (slots == NULL)
        return -1;
    for (size_t i = 0; i < t->n_slots; i++) {
        size_t j = t->slots[i].hash & mask;

        if (t->slots[i].flow == 0)
            continue;
        while (slots[j].flow != 0) /* ends: half is free */
            j = (j + 1) & mask;
        slots[j] = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n;
    return 0;
}

struct wire_flow *flow_add(struct flow_table *t, const struct flow_key *key, uint32_t hash,
                           bool src_is_a)
{
    struct flow_slot *slot;
    struct wire_flow *f;

    if (t->n >= t->max || (t->used * 4 >= t->n_slots * 3 && grow(t) != 0))
        return NULL;
    if (t->n % WIRE_CHUNK == 0) {
        t->chunks[t->n / WIRE_CHUNK] = chunk_new(t->n / WIRE_CHUNK);
        if (t->chunks[t->n / WIRE_CHUNK] == NULL)
            return NULL;
    }
    slot = slot_of(t, key, hash);
    f = at(t, (uint32_t)t->n);
    f->index = (uint32_t)t->n;
    f->older = slot->flow;
    f->src_is_a = src_is_a;
    memcpy(f->src, src_is_a ? key->a : key->b, sizeof f->src);
    memcpy(f->dst, src_is_a ? key->b : key->a, sizeof f->dst);
    f->src_port = src_is_a ? key->a_port : key->b_port;
    f->dst_port = src_is_a ? key->b_port : key->a_port;
    f->is_v6 = key->is_v6;
    f->protocol = key->protocol;
    f->closed_by = f->reset_by = -1;
    f->side[0].wscale = f->side[1].wscale = 255;
    if (slot->flow == 0)
        t->used++;
    t->n++;
    *slot = (struct flow_slot){(uint32_t)t->n, hash};
    return f;
}
