/* pause: see pause.h. */
#include "capture/pause.h"

/* Between two packets: less is nobody's idea of an idle connection. */
enum { SHORTEST_US = 2000000 };

/* Octets that were not sent before; a keep-alive repeats one (RFC 9293 section 3.8.4). */
static bool is_fresh(const struct wire_side *side, const struct tcp_segment *s)
{
    return side->seq_known && s->len > 0 && tcp_seq_diff(s->seq + s->len, side->next) > 0;
}

void pause_segment(struct wire_flow *f, int direction, const struct tcp_segment *s,
                   const struct seen *seen)
{
    int64_t silence_us = seen->time_us - f->last_us;

    if (direction != 0 || silence_us < SHORTEST_US || !is_fresh(&f->side[0], s))
        return;
    /* A client that goes on into a connection that does not answer has not begun anew. */
    if (f->used_us != 0 && f->side[1].last_us < f->used_us)
        return;
    f->pause_ms = silence_us / 1000 < UINT32_MAX ? (uint32_t)(silence_us / 1000) : UINT32_MAX;
    f->used_us = seen->time_us;
}
