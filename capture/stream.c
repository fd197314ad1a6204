/* stream: see stream.h. */
#include "capture/stream.h"

#include "capture/tcp.h"

#include <stdlib.h>
#include <string.h>

struct stream_late {
    struct stream_late *next;
    uint32_t seq, len;
    bool cut; /* more of the segment was on the wire */
    uint8_t bytes[];
};

void stream_start(struct stream *s, uint32_t seq)
{
    if (s->started)
        return;
    s->next = seq;
    s->started = true;
}

void stream_free(struct stream *s)
{
    while (s->late != NULL) {
        struct stream_late *next = s->late->next;

        free(s->late);
        s->late = next;
    }
    s->n_late = 0;
    s->late_len = 0;
}

static void give_up(struct stream *s)
{
    s->over = true;
    stream_free(s);
}

/* Hand on what is new of a segment that begins at or before the wanted octet. */
static void deliver(struct stream *s, uint32_t seq, const uint8_t *bytes, size_t len, bool cut,
                    stream_fn *fn, void *arg)
{
    uint32_t known = s->next - seq;

    if (known < len) {
        uint32_t at = s->next;

        s->next = seq + (uint32_t)len;
        fn(arg, at, bytes + known, len - known);
    }
    if (cut && tcp_seq_diff(seq + (uint32_t)len, s->next) >= 0) {
        s->cut = true;
        give_up(s);
    }
}

static void keep(struct stream *s, uint32_t seq, const uint8_t *bytes, size_t len, bool cut)
{
    struct stream_late **at = &s->late, *late;

    if (s->n_late == STREAM_LATE_MAX || len > STREAM_LATE_ROOM - s->late_len) {
        give_up(s); /* what is missing is not only late */
        return;
    }
    late = malloc(sizeof *late + len);
    if (late == NULL) {
        give_up(s);
        return;
    }
    while (*at != NULL && tcp_seq_diff((*at)->seq, seq) <= 0)
        at = &(*at)->next;
    late->next = *at;
    late->seq = seq;
    late->len = (uint32_t)len;
    late->cut = cut;
    memcpy(late->bytes, bytes, len);
    *at = late;
    s->n_late++;
    s->late_len += (uint32_t)len;
}

void stream_segment(struct stream *s, uint32_t seq, const uint8_t *bytes, size_t len,
                    size_t wire_len, stream_fn *fn, void *arg)
{
    bool cut = len < wire_len;

    if (s->over || wire_len == 0)
        return;
    stream_start(s, seq);
    if (tcp_seq_diff(seq, s->next) > 0) {
        keep(s, seq, bytes, len, cut);
        return;
    }
    deliver(s, seq, bytes, len, cut, fn, arg);
    /* ends: each turn takes one off the list */
    while (s->late != NULL && !s->over && tcp_seq_diff(s->late->seq, s->next) <= 0) {
        struct stream_late *late = s->late;

        s->late = late->next;
        s->n_late--;
        s->late_len -= late->len;
        if (late->len > 0) {
            deliver(s, late->seq, late->bytes, late->len, late->cut, fn, arg);
        } else if (late->cut) {
            s->cut = true;
            give_up(s);
        }
        free(late);
    }
}
