/* endpoints: see endpoints.h. A hash of "host:port" finds duplicates. */
#include "diag/site/endpoints.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/text.h"
#include "diag/model/site.h"
#include "diag/site/endpoint_file.h"
#include "diag/site/url.h"

#include <string.h>

enum { PORT_DEFAULT = 443, SLOTS_FIRST = 64 };

struct endpoints {
    struct arena *arena;
    struct site_endpoint **items;
    size_t n;
    uint32_t *slots; /* index + 1 into items; 0 is free */
    size_t n_slots;  /* a power of two */
    size_t repeated; /* since the start of this source */
    const char *repeated_example;
    const char **notes;
    size_t n_notes;
};

struct endpoints *endpoints_new(struct arena *a)
{
    struct endpoints *e = arena_new_of(a, struct endpoints);

    e->arena = a;
    e->n_slots = SLOTS_FIRST;
    e->slots = arena_alloc(a, e->n_slots * sizeof *e->slots);
    return e;
}

size_t endpoints_count(const struct endpoints *e)
{
    return e->n;
}

/* FNV-1a. The list is the user's own and bounded, so that collisions by design do not matter. */
static uint32_t hash(const char *host, uint16_t port)
{
    uint32_t h = 2166136261u ^ port;

    for (; *host != '\0'; host++)
        h = (h ^ (unsigned char)*host) * 16777619u;
    return h ^ h >> 15;
}

/* The slot of this endpoint, or the free one where it belongs; a slot is free at any time. */
static uint32_t *slot_of(struct endpoints *e, const char *host, uint16_t port)
{
    size_t i = hash(host, port) & (e->n_slots - 1);

    while (e->slots[i] != 0) {
        const struct site_endpoint *known = e->items[e->slots[i] - 1];

        if (known->port == port && strcmp(known->host, host) == 0)
            break;
        i = (i + 1) & (e->n_slots - 1);
    }
    return &e->slots[i];
}

/* Keep half of the slots free, so that a search is short. */
static void make_room(struct endpoints *e)
{
    if ((e->n + 1) * 2 <= e->n_slots)
        return;
    e->n_slots *= 2;
    e->slots = arena_alloc(e->arena, e->n_slots * sizeof *e->slots);
    for (size_t i = 0; i < e->n; i++)
        *slot_of(e, e->items[i]->host, e->items[i]->port) = (uint32_t)i + 1;
}

/* What a second source knows of an endpoint is added to what the first one said. */
static void merge(struct endpoints *e, struct site_endpoint *known,
                  const struct endpoint_facts *facts, const char *source)
{
    known->optional = known->optional && facts->optional;
    if (known->service == NULL)
        known->service = arena_strdup(e->arena, facts->service);
    if (known->expect_address == NULL)
        known->expect_address = arena_strdup(e->arena, facts->expect_address);
    if (e->repeated++ == 0)
        e->repeated_example = arena_printf(e->arena, "%s:%u in %s, first named in %s", known->host,
                                           known->port, source, known->source);
}

/* A service for those that only have a scheme to tell it. */
static const char *scheme_service(const struct target *t)
{
    if (t->scheme == NULL || strcmp(t->scheme, "https") == 0)
        return NULL;
    return t->scheme;
}

/* Schemes without TLS: the first N_HTTP of them are HTTP. */
enum { N_HTTP = 2, N_PLAIN = 4 };

static bool is_plain(const char *scheme, size_t n)
{
    static const char *const plain[N_PLAIN] = {"http", "ws", "amqp", "mqtt"};

    for (size_t i = 0; scheme != NULL && i < n; i++) {
        if (strcmp(plain[i], scheme) == 0)
            return true;
    }
    return false;
}

int endpoints_add(struct endpoints *e, const char *text, size_t len,
                  const struct endpoint_facts *facts, const char *source, struct fault *f)
{
    static const struct endpoint_facts none = {0};
    struct site_endpoint *item;
    struct target t;
    uint32_t *slot;

    if (facts == NULL)
        facts = &none;
    if (target_parse(e->arena, text, len, &t, f) != 0)
        return -1;
    if (t.port == 0)
        t.port = facts->port != 0 ? facts->port : PORT_DEFAULT;
    make_room(e);
    slot = slot_of(e, t.host.text, t.port);
    if (*slot != 0) {
        merge(e, e->items[*slot - 1], facts, source);
        return 0;
    }
    if (e->n == ENDPOINTS_MAX)
        return fault_set(f, "more than %d endpoints; split the list", ENDPOINTS_MAX);
    item = arena_new_of(e->arena, struct site_endpoint);
    item->host = t.host.text;
    item->port = t.port;
    item->wildcard = t.host.kind == HOST_WILDCARD;
    item->plain = facts->plain || is_plain(t.scheme, N_PLAIN);
    item->http = facts->plain || is_plain(t.scheme, N_HTTP);
    item->optional = facts->optional;
    item->service =
        arena_strdup(e->arena, facts->service != NULL ? facts->service : scheme_service(&t));
    item->source = arena_strdup(e->arena, source);
    item->expect_address = arena_strdup(e->arena, facts->expect_address);
    list_push(e->arena, e->items, e->n, item);
    *slot = (uint32_t)e->n;
    return 0;
}

void endpoints_note(struct endpoints *e, const char *note)
{
    list_push(e->arena, e->notes, e->n_notes, arena_strdup(e->arena, note));
}

/* Duplicates between two files are worth a word; those of one list too, in one line. */
static void note_repeated(struct endpoints *e, const char *label)
{
    if (e->repeated == 1)
        endpoints_note(e, arena_printf(e->arena, "%s: one endpoint was named before: %s", label,
                                       e->repeated_example));
    else if (e->repeated > 1)
        endpoints_note(e, arena_printf(e->arena,
                                       "%s: %zu endpoints were named before, the first is %s",
                                       label, e->repeated, e->repeated_example));
    e->repeated = 0;
}

int endpoints_add_bytes(struct endpoints *e, const char *name, const char *bytes, size_t len,
                        struct fault *f)
{
    const char *label = file_label(e->arena, name);
    struct endpoint_file file = {.list = e, .arena = e->arena, .label = label};

    e->repeated = 0;
    if (endpoint_file_read(&file, bytes, len, f) != 0)
        return -1;
    note_repeated(e, label);
    return 0;
}

int endpoints_add_file(struct endpoints *e, const char *path, struct fault *f)
{
    const char *bytes;
    size_t len;

    if (file_read(e->arena, path, ENDPOINTS_FILE_MAX, &bytes, &len, f) != 0)
        return -1;
    return endpoints_add_bytes(e, path, bytes, len, f);
}

void endpoints_borrow(struct endpoints *e, struct endpoints *from)
{
    for (size_t i = 0; i < e->n; i++) {
        struct site_endpoint *item = e->items[i];
        uint32_t slot = *slot_of(from, item->host, item->port);
        const struct site_endpoint *known;

        if (slot == 0)
            continue;
        known = from->items[slot - 1];
        item->optional = known->optional;
        item->plain = item->plain || known->plain;
        item->http = item->http || known->http;
        if (item->service == NULL)
            item->service = known->service;
        if (item->expect_address == NULL)
            item->expect_address = known->expect_address;
    }
}

void endpoints_give(struct endpoints *e, struct site *s)
{
    s->endpoints = e->items;
    s->n_endpoints = e->n;
    for (size_t i = 0; i < e->n_notes; i++)
        list_push(e->arena, s->notes, s->n_notes, e->notes[i]);
}
