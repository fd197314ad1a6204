/*
 * sighting_index: names by address: those that DNS gave, and those for which a proxy opened no
 * tunnel. Part of sighting.
 */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/dns.h"
#include "diag/sighting_state.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NAMES_MAX = 100000,
    ADDRESSES_MAX = 64, /* of a name that failed */
    HTTPS_PORT = 443,
    WORD_ALIGN = 16, /* texts lie at multiples of it (arena.h): only the rest tells them apart */
};

static int by_address(const void *a, const void *b)
{
    const struct sighted_name *x = a, *y = b;

    if (x->addr.family != y->addr.family)
        return x->addr.family - y->addr.family;
    return memcmp(x->addr.ip, y->addr.ip, sizeof x->addr.ip);
}

static int by_name(const void *a, const void *b)
{
    const struct wire_dns *const *x = a, *const *y = b;
    int order = strcasecmp((*x)->name, (*y)->name);

    return order != 0 ? order
                      : ((*x)->ask_frame > (*y)->ask_frame) - ((*x)->ask_frame < (*y)->ask_frame);
}

size_t sighting_exchanges(const struct sighting *s, const char *name,
                          const struct wire_dns *const **out)
{
    size_t low = 0, high = s->n_dns, n = 0;

    while (low < high) { /* ends: halves */
        size_t middle = low + (high - low) / 2;

        if (strcasecmp(s->dns[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + n < s->n_dns && strcasecmp(s->dns[low + n]->name, name) == 0)
        n++;
    *out = (const struct wire_dns *const *)s->dns + low;
    return n;
}

/* Equal names of an address stand together, the one that was asked for first in front. */
static int by_address_and_name(const void *a, const void *b)
{
    const struct sighted_name *x = a, *y = b;
    int order = by_address(x, y);

    if (order == 0)
        order = strcasecmp(x->name, y->name);
    return order != 0 ? order : (x->frame > y->frame) - (x->frame < y->frame);
}

/* Every answer once: a sensor asks for the same few names all day long. */
static size_t without_repeats(struct sighted_name *names, size_t n)
{
    size_t kept = 0;

    if (n > 0)
        qsort(names, n, sizeof *names, by_address_and_name);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && by_address(&names[i], &names[kept - 1]) == 0 &&
            strcasecmp(names[i].name, names[kept - 1].name) == 0)
            continue;
        names[kept++] = names[i];
    }
    return kept;
}

/* Each knows which name of its address was asked for first. */
static void note_first(struct sighted_name *names, size_t n)
{
    for (size_t i = 0, k; i < n; i = k) { /* address by address */
        const struct sighted_name *first = &names[i];

        for (k = i; k < n && by_address(&names[k], &names[i]) == 0; k++) {
            if (names[k].frame < first->frame)
                first = &names[k];
        }
        while (i < k)
            names[i++].first = first->name;
    }
}

/* The same answer to the same question as once before? Letter case makes no other name. */
static bool says_the_same(const struct wire_dns *d, const struct wire_dns *before)
{
    if (before == NULL || d->n_addresses != before->n_addresses ||
        strcasecmp(d->name, before->name) != 0)
        return false;
    for (size_t i = 0; i < d->n_addresses; i++) {
        if (!addr_equal(&d->addresses[i], &before->addresses[i]))
            return false;
    }
    return true;
}

void sighting_names(struct sighting *s)
{
    const struct wire_dns *kept[2] = {NULL}; /* of IPv4, of IPv6: what is asked all day long */
    const char *name = NULL;
    size_t room = 1;

    s->dns = arena_alloc(s->arena, (s->file->n_dns + 1) * sizeof *s->dns);
    for (size_t i = 0; i < s->file->n_dns; i++) {
        s->dns[s->n_dns++] = s->file->dns[i];
        room += s->file->dns[i]->n_addresses;
    }
    if (s->file->n_dns > 0)
        qsort(s->dns, s->file->n_dns, sizeof *s->dns, by_name);
    s->names = arena_alloc(s->arena, room * sizeof *s->names);
    for (size_t i = 0; i < s->file->n_dns; i++) { /* name by name */
        const struct wire_dns *d = s->dns[i];

        if (i == 0 || strcasecmp(d->name, s->dns[i - 1]->name) != 0)
            name = text_printable(s->arena, d->name, strlen(d->name), SIGHT_HOST_MAX);
        if (says_the_same(d, kept[d->type == DNS_AAAA]))
            continue;
        kept[d->type == DNS_AAAA] = d;
        for (size_t k = 0; k < d->n_addresses; k++)
            s->names[s->n_names++] =
                (struct sighted_name){.addr = d->addresses[k], .name = name, .frame = d->ask_frame};
    }
    s->n_names = without_repeats(s->names, s->n_names);
    if (s->n_names > NAMES_MAX)
        s->n_names = NAMES_MAX;
    note_first(s->names, s->n_names);
}

bool sighting_is_label(const char *label, const char *name)
{
    size_t len = strlen(label);

    return strchr(label, '.') == NULL && strncasecmp(label, name, len) == 0 && name[len] == '.';
}

/*
 * The first entry of a sorted list that is not before `key`; NULL when there is none. By halves: a
 * filter's address has as many names as were asked for.
 */
static const struct sighted_name *not_before(const struct sighted_name *list, size_t n,
                                             const struct sighted_name *key,
                                             int (*order)(const void *, const void *))
{
    size_t low = 0, high = n;

    while (low < high) { /* ends: halves */
        size_t middle = low + (high - low) / 2;

        if (order(&list[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n ? &list[low] : NULL;
}

/* The first of the address's names that is not before `name`. */
static const struct sighted_name *name_from(const struct sighting *s, const struct addr *a,
                                            const char *name)
{
    const struct sighted_name key = {.addr = *a, .name = name}; /* its frame 0 is before all */
    const struct sighted_name *n = not_before(s->names, s->n_names, &key, by_address_and_name);

    return n != NULL && by_address(n, &key) == 0 ? n : NULL;
}

/* A label is also a name with any domain behind it: these begin with "label.". */
static bool has_name(const struct sighting *s, const struct addr *a, const char *name)
{
    char wanted[SIGHT_HOST_MAX + 2];
    const size_t len = strlen(name), end = len > 1 && name[len - 1] == '.' ? len - 1 : len;
    const struct sighted_name *n;

    if (len > SIGHT_HOST_MAX)
        return false;
    memcpy(wanted, name, end);
    wanted[end] = '\0';
    n = name_from(s, a, wanted);
    if (n != NULL && dns_same_name(n->name, wanted))
        return true;
    strcpy(wanted + end, ".");
    n = strchr(name, '.') == NULL ? name_from(s, a, wanted) : NULL;
    return n != NULL && sighting_is_label(name, n->name);
}

/* By where the name lies, not by what it says: equal names are most often one text. */
static struct sighted_end *end_of(const struct sighting *s, const struct addr *a, const char *name)
{
    uint32_t front, back;

    memcpy(&front, a->ip, sizeof front);
    memcpy(&back, a->ip + sizeof a->ip - sizeof back, sizeof back);
    return &s->ends[((front ^ back) * 2654435761u ^ (uintptr_t)name) / WORD_ALIGN % SIGHT_ENDS];
}

const char *sighting_name_of(const struct sighting *s, const struct addr *a, const char *name,
                             bool *is_one)
{
    struct sighted_end *end = end_of(s, a, name);

    if (end->addr.family == 0 || end->name != name || !addr_same_ip(&end->addr, a)) {
        const struct sighted_name *n = name_from(s, a, "");

        *end = (struct sighted_end){.addr = *a,
                                    .name = name,
                                    .first = n != NULL ? n->first : NULL,
                                    .is_one = n != NULL && name != NULL && has_name(s, a, name)};
    }
    *is_one = end->is_one;
    return end->first;
}

static int by_end_and_name(const void *a, const void *b)
{
    const struct sighted_name *x = a, *y = b;
    int order = by_address(x, y);

    if (order == 0)
        order = (int)x->addr.port - (int)y->addr.port;
    return order != 0 ? order : strcmp(x->name, y->name);
}

/* Was this address of the name put down already, among those from `first` on? */
static bool is_failed(const struct sighting *s, size_t first, const struct addr *a)
{
    while (first < s->n_failed && !addr_same_ip(&s->failed[first].addr, a))
        first++;
    return first < s->n_failed;
}

static void add_failed(struct sighting *s, const char *host, unsigned port)
{
    struct sighted_host *place = sighting_place_of(s, host, strlen(host));
    const struct wire_dns *const *exchanges;
    size_t n, first = s->n_failed;

    if (place->host == host && place->failed == port)
        return;
    if (place->host == host)
        place->failed = port;
    n = sighting_exchanges(s, host, &exchanges);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < exchanges[i]->n_addresses && s->n_failed < NAMES_MAX; k++) {
            struct sighted_name failed = {.addr = exchanges[i]->addresses[k], .name = host};

            if (s->n_failed - first == ADDRESSES_MAX || is_failed(s, first, &failed.addr))
                continue;
            failed.addr.port = (uint16_t)port;
            list_push(s->arena, s->failed, s->n_failed, failed);
        }
    }
}

void sighting_failed_names(struct sighting *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->file->n_flows; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        const struct wire_tunnel *t = w->talk != NULL ? w->talk->tunnels : NULL;
        const char *host;
        unsigned port;

        while (t != NULL && t->next != NULL)
            t = t->next;
        if (t == NULL || t->status / 100 == 2)
            continue;
        host = sighting_split(s, t->target, HTTPS_PORT, &port);
        if (host != NULL)
            add_failed(s, host, port);
    }
    if (s->n_failed > 0)
        qsort(s->failed, s->n_failed, sizeof *s->failed, by_end_and_name);
    for (size_t i = 0; i < s->n_failed; i++) {
        if (kept == 0 || by_end_and_name(&s->failed[i], &s->failed[kept - 1]) != 0)
            s->failed[kept++] = s->failed[i];
    }
    s->n_failed = kept;
}

/* Is it of the same address and port? */
static bool is_same_end(const struct sighted_name *x, const struct sighted_name *y)
{
    return by_address(x, y) == 0 && x->addr.port == y->addr.port;
}

const char *sighting_failed_name_at(const struct sighting *s, struct addr a, unsigned port)
{
    const struct sighted_name *end = s->failed + s->n_failed, *n;
    struct sighted_name key = {.addr = a, .name = ""};

    key.addr.port = (uint16_t)port;
    n = not_before(s->failed, s->n_failed, &key, by_end_and_name);
    if (n == NULL || !is_same_end(n, &key))
        return NULL;
    return n + 1 < end && is_same_end(n + 1, &key) ? NULL : n->name;
}
