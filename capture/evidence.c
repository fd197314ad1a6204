/* evidence: see evidence.h. */
#include "capture/evidence.h"

#include "capture/mask.h"
#include "capture/reader.h"
#include "diag/base/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMENTS_MAX = 8 }; /* on one packet */

struct writing {
    const struct evidence *evidence;
    struct reader reader;
    struct pcapng_writer writer;
    struct mask *mask;
    struct disguise *disguise; /* NULL: packets are shown as they are, but for the mask */
    uint8_t *frame;            /* a copy to mask in */
    uint32_t *ours;            /* number of the reader's interfaces in what is written */
    size_t room, interfaces, written, comment;
    int64_t first_us;
};

/*
 * An interface that an earlier section of the file described in the same words is the same one.
 * Index into the reader's; `n` itself when it is new.
 */
static size_t described_before(const struct reader *r, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (r->interfaces[i].section != r->interfaces[n].section &&
            r->interfaces[i].linktype == r->interfaces[n].linktype &&
            strcmp(r->interfaces[i].name, r->interfaces[n].name) == 0)
            return i;
    }
    return n;
}

/* Interfaces that the reader has met since the last call; all go into the one section. */
static int write_interfaces(struct writing *w)
{
    const size_t n = w->reader.n_interfaces;
    uint32_t *ours = w->interfaces < n ? realloc(w->ours, n * sizeof *ours) : w->ours;

    if (w->interfaces < n && ours == NULL)
        return -1;
    w->ours = ours;
    for (; w->interfaces < n; w->interfaces++) {
        const struct reader_interface *i = &w->reader.interfaces[w->interfaces];
        const struct disguise_names *names = w->evidence->disguise;
        const size_t first = described_before(&w->reader, w->interfaces);
        const char *name = i->name;

        if (first < w->interfaces) {
            w->ours[w->interfaces] = w->ours[first];
            continue;
        }
        if (names != NULL && name[0] != '\0')
            name = names->interface(names->context, name);
        pcapng_interface(&w->writer, name, i->linktype, i->snaplen, NULL);
        w->ours[w->interfaces] = (uint32_t)w->written++;
    }
    return 0;
}

/* Overwrite the credentials in a copy of the packet's data. */
static int mask_packet(struct writing *w, struct packet *p)
{
    if (p->len > w->room) {
        uint8_t *frame = realloc(w->frame, p->len);

        if (frame == NULL)
            return -1;
        w->frame = frame;
        w->room = p->len;
    }
    memcpy(w->frame, p->data, p->len);
    mask_frame(w->mask, p->linktype, w->frame, p->len, p->wire_len);
    p->data = w->frame;
    return 0;
}

static int write_packet(struct writing *w, struct packet *p, struct fault *f)
{
    const struct evidence *e = w->evidence;
    const char *comments[COMMENTS_MAX];
    struct pcapng_packet out = {.comments = comments};

    if (w->disguise != NULL ? disguise_packet(w->disguise, p) != 0
                            : !e->keep_secrets && p->len > 0 && mask_packet(w, p) != 0)
        return fault_set(f, "out of memory");
    out.iface = w->ours[p->iface];
    out.time_us = p->time_us;
    out.undated = p->undated;
    out.data = p->data;
    out.len = p->len;
    out.wire_len = p->wire_len;
    while (w->comment < e->n_comments && e->comments[w->comment].frame < p->number)
        w->comment++;
    while (w->comment < e->n_comments && e->comments[w->comment].frame == p->number) {
        if (out.n_comments < COMMENTS_MAX)
            comments[out.n_comments++] = e->comments[w->comment].text;
        w->comment++;
    }
    pcapng_packet(&w->writer, &out);
    return 0;
}

static void write_statistics(struct writing *w)
{
    for (size_t n = 0; n < w->reader.n_interfaces; n++) {
        const struct reader_interface *i = &w->reader.interfaces[n];
        struct pcapng_counts counts = {.start_us = w->first_us,
                                       .end_us = w->reader.last_us,
                                       .received = i->received,
                                       .dropped_interface = i->dropped_interface,
                                       .dropped_kernel = i->dropped_kernel};

        if (i->has_drops)
            pcapng_statistics(&w->writer, w->ours[n], &counts);
    }
}

/* Names and the addresses that they belong to, as the packets show them. */
static void write_names(struct writing *w)
{
    const struct evidence *e = w->evidence;
    const struct disguise_names *n = e->disguise;

    if (n == NULL) {
        pcapng_names(&w->writer, e->names, e->n_names);
        return;
    }
    for (size_t i = 0; i < e->n_names; i++) { /* one block each: a name lives until the next */
        struct pcapng_name name = {.addr = n->address(n->context, &e->names[i].addr),
                                   .name = n->host(n->context, e->names[i].name)};

        pcapng_names(&w->writer, &name, 1);
    }
}

static int write_all(struct writing *w, struct fault *f)
{
    const struct evidence *e = w->evidence;
    struct packet p;

    pcapng_section(&w->writer, e->about, e->disguise != NULL);
    if (e->keylog_len > 0) /* in front: it opens only what follows it */
        pcapng_secrets(&w->writer, e->keylog, e->keylog_len);
    write_names(w);                       /* in front: tshark reads once */
    while (reader_next(&w->reader, &p)) { /* ends with the file */
        if (p.number == 1)
            w->first_us = p.time_us;
        if (write_interfaces(w) != 0)
            return fault_set(f, "out of memory");
        if (write_packet(w, &p, f) != 0)
            return -1;
    }
    if (write_interfaces(w) != 0)
        return fault_set(f, "out of memory");
    write_statistics(w);
    if (pcapng_flush(&w->writer) != 0)
        return fault_set(f, "cannot write the evidence: %s; make room and try again",
                         strerror(w->writer.error));
    return 0;
}

static int rewind_file(int file, struct fault *f)
{
    if (lseek(file, 0, SEEK_SET) < 0)
        return fault_set(f, "cannot read the recording again: %s", strerror(errno));
    return 0;
}

/* The first round of a disguise. */
static int learn_packets(struct writing *w, int from, struct fault *f)
{
    struct reader reader;
    struct packet p;
    int status = -1;

    if (rewind_file(from, f) != 0)
        return -1;
    w->disguise = disguise_new(w->evidence->file, w->evidence->disguise);
    if (w->disguise == NULL)
        return fault_set(f, "out of memory");
    if (reader_open_fd(&reader, from, f) == 0) {
        while (reader_next(&reader, &p)) /* ends with the file */
            disguise_learn(w->disguise, &p);
        status = 0;
    }
    reader_free(&reader);
    return status;
}

int evidence_write(int from, int to, const struct evidence *e, struct fault *f)
{
    struct writing w = {.evidence = e};
    int status = -1;

    if ((e->disguise != NULL && learn_packets(&w, from, f) != 0) || rewind_file(from, f) != 0) {
        disguise_free(w.disguise);
        return -1;
    }
    if (reader_open_fd(&w.reader, from, f) == 0) {
        w.mask = mask_new(e->file);
        if (w.mask == NULL || pcapng_writer_init(&w.writer, to) != 0)
            fault_set(f, "out of memory");
        else
            status = write_all(&w, f);
    }
    pcapng_writer_free(&w.writer);
    mask_free(w.mask);
    disguise_free(w.disguise);
    reader_free(&w.reader);
    free(w.frame);
    free(w.ours);
    return status;
}
