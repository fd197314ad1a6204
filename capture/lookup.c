/* lookup: see lookup.h. */
#include "capture/lookup.h"

#include "capture/siphash.h"
#include "diag/base/arena.h"
#include "diag/proto/dns.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 1 << 16,  /* fixed, as the number of questions is bounded */
    EARLIER_MAX = 64, /* questions of a slot that are looked at: far more than chance puts there */
};

int lookups_init(struct lookups *l, struct wire_file *file, struct words *words,
                 const uint64_t secret[2])
{
    *l = (struct lookups){.file = file, .words = words, .n_slots = SLOTS};
    memcpy(l->secret, secret, sizeof l->secret);
    l->slots = calloc(SLOTS, sizeof *l->slots);
    return l->slots == NULL ? -1 : 0;
}

void lookups_free(struct lookups *l)
{
    free(l->slots);
    l->slots = NULL;
}

/* What makes an answer belong to a question, besides name and type (RFC 5452 section 9.1). */
struct ends {
    uint8_t client[16], server[16];
    uint16_t client_port, server_port, id;
    uint8_t protocol, zero;
};

static struct ends ends_of(const struct wire_flow *f, bool from_src, uint16_t id)
{
    struct ends e = {.protocol = f->protocol, .id = id};

    memcpy(e.client, from_src ? f->src : f->dst, 16);
    memcpy(e.server, from_src ? f->dst : f->src, 16);
    e.client_port = from_src ? f->src_port : f->dst_port;
    e.server_port = from_src ? f->dst_port : f->src_port;
    return e;
}

static bool is_question(const struct wire_dns *d, const struct wire_flow *f, bool from_src,
                        const struct dns_message *m)
{
    struct addr client = from_src ? wire_src(f) : wire_dst(f);
    struct addr server = from_src ? wire_dst(f) : wire_src(f);

    return d->id == m->id && d->tcp == (f->protocol == IPPROTO_TCP) &&
           addr_equal(&d->client, &client) && addr_equal(&d->server, &server) &&
           (m->name == NULL || (d->type == m->type && dns_same_name(d->name, m->name)));
}

static uint32_t *slot_of(struct lookups *l, const struct ends *e)
{
    return &l->slots[siphash(l->secret, e, sizeof *e) & (l->n_slots - 1)];
}

/* The newest question of a slot that waits for an answer and is this one; NULL: none is. */
static struct wire_dns *waiting_of(const struct lookups *l, uint32_t slot,
                                   const struct wire_flow *f, bool from_src,
                                   const struct dns_message *m)
{
    for (int n = 0; slot != 0 && n < EARLIER_MAX; n++) {
        struct wire_dns *d = l->file->dns[slot - 1];

        if (!d->answered && is_question(d, f, from_src, m))
            return d;
        slot = d->earlier;
    }
    return NULL;
}

static void take_question(struct lookups *l, const struct wire_flow *f, int direction,
                          const struct dns_message *m, const struct seen *seen)
{
    struct wire_file *file = l->file;
    struct ends e = ends_of(f, direction == 0, m->id);
    uint32_t *slot = slot_of(l, &e);
    struct wire_dns *d;

    if (m->name == NULL)
        return;
    d = waiting_of(l, *slot, f, direction == 0, m);
    if (d != NULL) {
        d->queries++;
        return;
    }
    if (file->n_dns >= LOOKUPS_MAX) {
        file->dns_refused++;
        return;
    }
    d = arena_new_of(file->arena, struct wire_dns);
    d->client = direction == 0 ? wire_src(f) : wire_dst(f);
    d->server = direction == 0 ? wire_dst(f) : wire_src(f);
    d->tcp = f->protocol == IPPROTO_TCP;
    d->id = m->id;
    d->type = m->type;
    d->unchecked = m->cd && !m->edns_do;
    d->name = words_keep_string(l->words, m->name);
    d->queries = 1;
    d->ttl = -1;
    d->asked_us = seen->time_us;
    d->ask_frame = seen->frame;
    d->flow = f;
    d->earlier = *slot;
    list_push(file->arena, file->dns, file->n_dns, d);
    *slot = (uint32_t)file->n_dns;
}

static void take_answer(struct lookups *l, const struct wire_flow *f, int direction,
                        const struct dns_message *m, enum decode verdict, bool cut, size_t wire_len,
                        const struct seen *seen)
{
    struct arena *a = l->file->arena;
    struct ends e = ends_of(f, direction == 1, m->id);
    struct wire_dns *d = waiting_of(l, *slot_of(l, &e), f, direction == 1, m);

    if (d == NULL)
        return; /* nobody asked, or a second answer: the first is the one that counts */
    d->answered = true;
    d->answered_us = seen->time_us;
    d->answer_frame = seen->frame;
    d->answer_len = (uint32_t)wire_len;
    d->rcode = m->rcode;
    d->truncated = m->tc;
    d->malformed = verdict == DECODE_INVALID;
    d->cut = cut;
    d->ttl = m->ttl;
    d->n_cnames = m->n_cnames;
    d->n_addresses = m->n_addresses;
    if (m->n_cnames > 0)
        d->cnames = arena_alloc(a, m->n_cnames * sizeof *d->cnames);
    for (size_t i = 0; i < m->n_cnames; i++)
        d->cnames[i] = words_keep_string(l->words, m->cnames[i]);
    if (m->n_addresses > 0)
        d->addresses = arena_alloc(a, m->n_addresses * sizeof *d->addresses);
    for (size_t i = 0; i < m->n_addresses; i++)
        d->addresses[i] = m->addresses[i];
}

void lookups_message(struct lookups *l, const struct wire_flow *flow, int direction,
                     const uint8_t *message, size_t len, size_t wire_len, const struct seen *seen)
{
    struct dns_message m;
    enum decode verdict;

    if (len < 12)
        return;
    verdict = dns_decode(message, len, &m);
    if (m.opcode != 0) /* only standard queries */
        return;
    if (m.response)
        take_answer(l, flow, direction, &m, verdict, len < wire_len, wire_len, seen);
    else if (verdict != DECODE_INVALID)
        take_question(l, flow, direction, &m, seen);
}
