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
    uint8_t *frame; /* a copy to mask in */
    size_t room, interfaces, comment;
    int64_t first_us;
};

/* Interfaces that the reader has met since the last call; all go into the one section. */
static void write_interfaces(struct writing *w)
{
    for (; w->interfaces < w->reader.n_interfaces; w->interfaces++) {
        const struct reader_interface *i = &w->reader.interfaces[w->interfaces];

        pcapng_interface(&w->writer, i->name, i->linktype, i->snaplen, NULL);
    }
}

static int write_packet(struct writing *w, const struct packet *p, struct fault *f)
{
    const struct evidence *e = w->evidence;
    const char *comments[COMMENTS_MAX];
    struct pcapng_packet out = {.iface = p->iface,
                                .time_us = p->time_us,
                                .data = p->data,
                                .len = p->len,
                                .wire_len = p->wire_len,
                                .comments = comments};

    if (!e->keep_secrets && e->file->n_secrets > 0 && p->len > 0) {
        if (p->len > w->room) {
            uint8_t *frame = realloc(w->frame, p->len);

            if (frame == NULL)
                return fault_set(f, "out of memory");
            w->frame = frame;
            w->room = p->len;
        }
        memcpy(w->frame, p->data, p->len);
        mask_frame(w->mask, p->linktype, w->frame, p->len, p->wire_len);
        out.data = w->frame;
    }
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
            pcapng_statistics(&w->writer, (uint32_t)n, &counts);
    }
}

static int write_all(struct writing *w, struct fault *f)
{
    const struct evidence *e = w->evidence;
    struct packet p;

    pcapng_section(&w->writer, e->about);
    if (e->keylog_len > 0) /* in front: it opens only what follows it */
        pcapng_secrets(&w->writer, e->keylog, e->keylog_len);
    while (reader_next(&w->reader, &p)) { /* ends with the file */
        if (p.number == 1)
            w->first_us = p.time_us;
        write_interfaces(w);
        if (write_packet(w, &p, f) != 0)
            return -1;
    }
    write_interfaces(w);
    write_statistics(w);
    pcapng_names(&w->writer, e->names, e->n_names);
    if (pcapng_flush(&w->writer) != 0)
        return fault_set(f, "cannot write the evidence: %s; make room and try again",
                         strerror(w->writer.error));
    return 0;
}

int evidence_write(int from, int to, const struct evidence *e, struct fault *f)
{
    struct writing w = {.evidence = e};
    int status = -1;

    if (lseek(from, 0, SEEK_SET) < 0)
        return fault_set(f, "cannot read the recording again: %s", strerror(errno));
    if (reader_open_fd(&w.reader, from, f) == 0) {
        w.mask = mask_new(e->file);
        if (w.mask == NULL || pcapng_writer_init(&w.writer, to) != 0)
            fault_set(f, "out of memory");
        else
            status = write_all(&w, f);
    }
    pcapng_writer_free(&w.writer);
    mask_free(w.mask);
    reader_free(&w.reader);
    free(w.frame);
    return status;
}
