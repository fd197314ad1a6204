/* flow: see flow.h. SipHash: Aumasson and Bernstein, 2012; 1 and 3 rounds as in Linux and Rust. */
#include "capture/flow.h"

#include "diag/base/pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SLOTS_FIRST = 1024 };

static inline uint64_t rotl(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

struct sip {
    uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip *s)
{
    s->v0 += s->v1;
    s->v1 = rotl(s->v1, 13) ^ s->v0;
    s->v0 = rotl(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotl(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotl(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotl(s->v1, 17) ^ s->v2;
    s->v2 = rotl(s->v2, 32);
}

uint64_t flow_hash(const uint64_t secret[2], const void *bytes, size_t len)
{
    struct sip s = {secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
                    secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
    const uint8_t *p = bytes;
    uint64_t word = 0, last = (uint64_t)len << 56;

    for (; len >= 8; p += 8, len -= 8) {
        memcpy(&word, p, 8);
        s.v3 ^= word;
        sip_round(&s);
        s.v0 ^= word;
    }
    for (size_t i = 0; i < len; i++)
        last |= (uint64_t)p[i] << (8 * i);
    s.v3 ^= last;
    sip_round(&s);
    s.v0 ^= last;
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

_Static_assert(WIRE_CHUNK * sizeof(struct wire_flow) <= PAGES_SIZE, "a chunk is a huge page");

/* The first chunk is touched as far as it is used; of a file that needs more, the others whole. */
static struct wire_flow *chunk_new(size_t i)
{
    return i == 0 ? calloc(WIRE_CHUNK, sizeof(struct wire_flow)) : pages_new(PAGES_SIZE);
}

static void chunk_free(struct wire_flow *chunk, size_t i)
{
    if (i == 0)
        free(chunk);
    else
        pages_free(chunk, PAGES_SIZE);
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

bool flow_key_of(struct flow_key *key, bool is_v6, uint8_t protocol, const uint8_t *src,
                 uint16_t src_port, const uint8_t *dst, uint16_t dst_port)
{
    int order = memcmp(src, dst, 16);
    bool src_is_a = order < 0 || (order == 0 && src_port <= dst_port);

    memcpy(key->a, src_is_a ? src : dst, 16);
    memcpy(key->b, src_is_a ? dst : src, 16);
    key->a_port = src_is_a ? src_port : dst_port;
    key->b_port = src_is_a ? dst_port : src_port;
    key->is_v6 = is_v6;
    key->protocol = protocol;
    key->zero[0] = key->zero[1] = 0;
    return src_is_a;
}

static struct wire_flow *at(const struct flow_table *t, uint32_t index)
{
    return &t->chunks[index / WIRE_CHUNK][index % WIRE_CHUNK];
}

static bool is_flow_of(const struct wire_flow *f, const struct flow_key *key)
{
    if (f->protocol != key->protocol || f->is_v6 != (key->is_v6 != 0))
        return false;
    if (f->src_port == key->a_port && f->dst_port == key->b_port &&
        memcmp(f->src, key->a, 16) == 0 && memcmp(f->dst, key->b, 16) == 0)
        return true;
    return f->src_port == key->b_port && f->dst_port == key->a_port &&
           memcmp(f->src, key->b, 16) == 0 && memcmp(f->dst, key->a, 16) == 0;
}

/* The slot of the key: one that holds its flow, or the free one where it would go. */
static size_t slot_of(const struct flow_table *t, const struct flow_key *key, uint64_t hash)
{
    size_t mask = t->n_slots - 1, i = hash & mask;

    /* ends: at least a quarter of the slots is free */
    for (; t->slots[i].flow != 0; i = (i + 1) & mask) {
        if (t->slots[i].tag == (uint32_t)(hash >> 32) &&
            is_flow_of(at(t, t->slots[i].flow - 1), key))
            break;
    }
    return i;
}

struct wire_flow *flow_find(const struct flow_table *t, const struct flow_key *key)
{
    size_t i = slot_of(t, key, flow_hash(t->secret, key, sizeof *key));

    return t->slots[i].flow == 0 ? NULL : at(t, t->slots[i].flow - 1);
}

static uint64_t hash_of_flow(const struct flow_table *t, const struct wire_flow *f)
{
    struct flow_key key;

    flow_key_of(&key, f->is_v6, f->protocol, f->src, f->src_port, f->dst, f->dst_port);
    return flow_hash(t->secret, &key, sizeof key);
}

static int grow(struct flow_table *t)
{
    size_t n = t->n_slots * 2, mask = n - 1;
    struct flow_slot *slots = calloc(n, sizeof *slots);

    if (slots == NULL)
        return -1;
    for (size_t i = 0; i < t->n_slots; i++) {
        uint64_t hash;
        size_t j;

        if (t->slots[i].flow == 0)
            continue;
        hash = hash_of_flow(t, at(t, t->slots[i].flow - 1));
        for (j = hash & mask; slots[j].flow != 0; j = (j + 1) & mask) /* ends: half is free */
            ;
        slots[j] = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n;
    return 0;
}

struct wire_flow *flow_add(struct flow_table *t, const struct flow_key *key, bool src_is_a)
{
    uint64_t hash = flow_hash(t->secret, key, sizeof *key);
    struct wire_flow *f;
    size_t i;

    if (t->n >= t->max || (t->used * 4 >= t->n_slots * 3 && grow(t) != 0))
        return NULL;
    if (t->n % WIRE_CHUNK == 0) {
        t->chunks[t->n / WIRE_CHUNK] = chunk_new(t->n / WIRE_CHUNK);
        if (t->chunks[t->n / WIRE_CHUNK] == NULL)
            return NULL;
    }
    i = slot_of(t, key, hash);
    f = at(t, (uint32_t)t->n);
    f->index = (uint32_t)t->n;
    f->older = t->slots[i].flow;
    memcpy(f->src, src_is_a ? key->a : key->b, 16);
    memcpy(f->dst, src_is_a ? key->b : key->a, 16);
    f->src_port = src_is_a ? key->a_port : key->b_port;
    f->dst_port = src_is_a ? key->b_port : key->a_port;
    f->is_v6 = key->is_v6 != 0;
    f->protocol = key->protocol;
    f->closed_by = f->reset_by = -1;
    f->side[0].wscale = f->side[1].wscale = 255;
    if (t->slots[i].flow == 0)
        t->used++;
    t->n++;
    t->slots[i] = (struct flow_slot){(uint32_t)t->n, (uint32_t)(hash >> 32)};
    return f;
}

int flow_direction(const struct wire_flow *f, const uint8_t *src, uint16_t src_port)
{
    return f->src_port == src_port && memcmp(f->src, src, 16) == 0 ? 0 : 1;
}
