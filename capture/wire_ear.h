/*
 * wire_ear: what the files of wire share while a capture is read. wire.c: the whole file;
 * wire_packet.c: from packets to flows; wire_interface.c: where they were captured. Private to
 * wire.
 */
#ifndef HOPPROOF_CAPTURE_WIRE_EAR_H
#define HOPPROOF_CAPTURE_WIRE_EAR_H

#include "capture/flow.h"
#include "capture/fragment.h"
#include "capture/lookup.h"
#include "capture/reader.h"
#include "capture/talk.h"
#include "capture/wire.h"
#include "capture/words.h"

/* Everything that is needed only while reading. */
struct ear {
    struct reader reader;
    struct wire_file *file;
    struct flow_table *table;
    struct words words;
    struct lookups lookups;
    struct talks talks;
    struct fragments *fragments;
    const struct wire_options *options;
    /* Linux cooked v2: one file interface stands for many; each pair is one of ours */
    struct pair {
        uint32_t iface, ifindex;
        size_t ours; /* index into file->interfaces */
    } * pairs;
    size_t n_pairs;
};

/*
 * Take the next few packets in: count them, and put what they say into the file. False when there
 * are no more.
 */
bool wire_take_batch(struct ear *e);

/* Which of file->interfaces a packet belongs to; new ones are added. `ifindex`: of cooked v2. */
uint16_t wire_interface_of(struct ear *e, const struct packet *p, uint32_t ifindex);

/* What the file's statistics say, for the interfaces that had packets, and for the others. */
void wire_take_interfaces(struct ear *e);

#endif
