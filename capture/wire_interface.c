/* wire_interface: the interfaces of a capture, and what it says of each. Part of wire. */
#include "capture/wire_ear.h"
#include "diag/base/arena.h"

#include <string.h>

/*
 * An interface that an earlier section described in the same words is the same one: a file that
 * was put together from several. Index into file->interfaces; behind its end when it is new.
 */
static size_t described_again(const struct ear *e, uint32_t iface, uint32_t ifindex)
{
    const struct reader_interface *fresh = &e->reader.interfaces[iface];

    for (size_t n = 0; n < e->n_pairs; n++) {
        const struct reader_interface *known = &e->reader.interfaces[e->pairs[n].iface];

        if (e->pairs[n].ifindex == ifindex && known->section != fresh->section &&
            known->linktype == fresh->linktype && strcmp(known->name, fresh->name) == 0)
            return e->pairs[n].ours;
    }
    return e->file->n_interfaces;
}

static uint16_t add_interface(struct ear *e, const struct packet *p, uint32_t ifindex)
{
    struct wire_file *file = e->file;
    struct wire_interface *i;
    struct pair pair = {.iface = p->iface, .ifindex = ifindex};
    const char *name = e->reader.interfaces[p->iface].name;

    if (e->n_pairs == READER_INTERFACES)
        return 0;
    pair.ours = described_again(e, p->iface, ifindex);
    list_push(file->arena, e->pairs, e->n_pairs, pair);
    if (pair.ours < file->n_interfaces)
        return (uint16_t)pair.ours;
    list_push(file->arena, file->interfaces, file->n_interfaces, (struct wire_interface){0});
    i = &file->interfaces[pair.ours];
    i->linktype = p->linktype;
    if (ifindex == 0)
        i->name = arena_strdup(file->arena, name);
    else if (name[0] == '\0')
        i->name = arena_printf(file->arena, "interface %u", ifindex);
    else
        i->name = arena_printf(file->arena, "%s#%u", name, ifindex);
    return (uint16_t)pair.ours;
}

uint16_t wire_interface_of(struct ear *e, const struct packet *p, uint32_t ifindex)
{
    for (size_t n = 0; n < e->n_pairs; n++) {
        if (e->pairs[n].iface == p->iface && e->pairs[n].ifindex == ifindex)
            return (uint16_t)e->pairs[n].ours;
    }
    return add_interface(e, p, ifindex);
}

void wire_take_interfaces(struct ear *e)
{
    struct wire_file *file = e->file;

    for (uint32_t n = 0; n < e->reader.n_interfaces; n++) {
        const struct reader_interface *r = &e->reader.interfaces[n];
        struct packet p = {.iface = n, .linktype = r->linktype};
        struct wire_interface *i;
        size_t first = 0, ours;

        while (first < e->n_pairs && e->pairs[first].iface != n)
            first++;
        ours = first < e->n_pairs ? e->pairs[first].ours : wire_interface_of(e, &p, 0);
        i = &file->interfaces[ours];
        i->has_drops = i->has_drops || r->has_drops;
        i->dropped_kernel += r->dropped_kernel;
        i->dropped_interface += r->dropped_interface;
    }
}
