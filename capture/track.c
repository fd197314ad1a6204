/* track: see track.h. */
#include "capture/track.h"

#include "capture/pause.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    GAPS_MAX = 8,
    DUPLICATE_US = 5000, /* a retransmission takes a round trip; a second mirror port does not */
    REORDERED_US = 3000, /* later than a round trip (or this) a missing segment was sent again */
    LOST_TRIES = 3,      /* sent so often without an answer: it does not get through */
    MSS_DEFAULT = 1460,
    TIMESTAMP_OPTION = 12,
    PORT_EPHEMERAL = 1024,
};

/* Octets [from, to) of one side's stream that were passed over. */
struct wire_gap {
    size_t n;
    struct {
        uint32_t from, to;
        int64_t since_us;
    } list[GAPS_MAX];
};

static void count16(uint16_t *n)
{
    if (*n < UINT16_MAX)
        ++*n;
}

static uint16_t to16(uint32_t n)
{
    return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

static uint16_t min16(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

static uint16_t max16(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

bool track_from_src(const struct tcp_segment *s)
{
    if ((s->flags & TCP_SYN) != 0)
        return (s->flags & TCP_ACK) == 0;
    /* Services have the lower ports, and at least one below 1024 nearly always. */
    if ((s->src_port < PORT_EPHEMERAL) != (s->dst_port < PORT_EPHEMERAL))
        return s->dst_port < PORT_EPHEMERAL;
    return s->src_port >= s->dst_port;
}

/* The SYN of an answer that stands before it in the file: packets of several interfaces are only
 * roughly in order there (each has a queue of its own). */
static bool is_late(const struct wire_flow *f, const struct tcp_segment *s, int direction)
{
    const struct wire_side *side = &f->side[direction];

    return f->state == WIRE_SYN_ANSWERED && f->side[!direction].syns > 0 && side->packets == 0 &&
           side->seq_known && side->una == s->seq + 1;
}

bool track_is_new(const struct wire_flow *f, const struct tcp_segment *s, int direction)
{
    const struct wire_side *side = &f->side[direction];

    if ((s->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN)
        return false;
    if (side->syns == 0 && is_late(f, s, direction))
        return false;
    if (side->syns == 0) /* an opening from the other end, or of one that we saw in midstream */
        return f->state != WIRE_SYN_SENT;
    if (f->state == WIRE_RESET || f->state == WIRE_CLOSED)
        return true; /* that one is over, whatever the numbers */
    return side->isn != s->seq;
}

/*
 * The largest payload that one packet of this side can carry: what its peer announced. Larger
 * segments are not on the wire; the network card cuts them (or glued them together).
 */
static uint16_t packet_limit(const struct wire_flow *f, int direction)
{
    const struct wire_side *side = &f->side[direction], *peer = &f->side[!direction];
    uint16_t limit = peer->mss != 0 ? peer->mss : MSS_DEFAULT;

    if (side->timestamps && peer->timestamps && limit > TIMESTAMP_OPTION)
        limit = (uint16_t)(limit - TIMESTAMP_OPTION);
    return limit;
}

static void note_passed(struct wire_flow *f, int direction, uint16_t len)
{
    struct wire_side *side = &f->side[direction];

    side->passed_len = max16(side->passed_len, min16(len, packet_limit(f, direction)));
}

static void note_lost(struct wire_flow *f, int direction, uint32_t len)
{
    struct wire_side *side = &f->side[direction];
    uint16_t lost = min16(to16(len), packet_limit(f, direction));

    if (lost != 0 && (side->lost_len == 0 || lost < side->lost_len))
        side->lost_len = lost;
}

/* --- gaps --- */

static void gap_remove(struct wire_gap *g, size_t i)
{
    g->n--;
    memmove(&g->list[i], &g->list[i + 1], (g->n - i) * sizeof g->list[0]);
}

static void gap_add(struct wire_side *side, uint32_t from, uint32_t to, int64_t now)
{
    if (side->gaps == NULL)
        side->gaps = calloc(1, sizeof *side->gaps);
    if (side->gaps == NULL)
        return;
    if (side->gaps->n == GAPS_MAX)
        gap_remove(side->gaps, 0);
    side->gaps->list[side->gaps->n].from = from;
    side->gaps->list[side->gaps->n].to = to;
    side->gaps->list[side->gaps->n].since_us = now;
    side->gaps->n++;
}

/*
 * Octets [from, to) arrived late. When did their gap open? -1: they fill none, or not only gaps: of
 * what was merely overtaken, nothing has been there before.
 */
static int64_t gap_fill(struct wire_side *side, uint32_t from, uint32_t to)
{
    struct wire_gap *g = side->gaps;
    uint32_t missing = to - from;
    int64_t since = -1;

    for (size_t i = 0; g != NULL && i < g->n;) { /* ends: i grows, or n shrinks */
        uint32_t *gap_from = &g->list[i].from, *gap_to = &g->list[i].to;

        if (tcp_seq_diff(to, *gap_from) <= 0 || tcp_seq_diff(from, *gap_to) >= 0) {
            i++;
            continue;
        }
        since = g->list[i].since_us;
        missing -= (tcp_seq_diff(to, *gap_to) < 0 ? to : *gap_to) -
                   (tcp_seq_diff(from, *gap_from) > 0 ? from : *gap_from);
        if (tcp_seq_diff(from, *gap_from) <= 0 && tcp_seq_diff(to, *gap_to) >= 0) {
            gap_remove(g, i);
        } else if (tcp_seq_diff(from, *gap_from) <= 0) {
            *gap_from = to;
            i++;
        } else {
            uint32_t rest = *gap_to;

            *gap_to = from;
            if (tcp_seq_diff(to, rest) < 0 && g->n < GAPS_MAX)
                gap_add(side, to, rest, since);
            i++;
        }
    }
    return missing == 0 ? since : -1;
}

/* Everything below `ack` reached the other side: gaps there are gaps of the capture. */
static void gaps_acked(struct wire_side *side, uint32_t ack)
{
    struct wire_gap *g = side->gaps;

    for (size_t i = 0; g != NULL && i < g->n;) {
        if (tcp_seq_diff(g->list[i].to, ack) <= 0) {
            side->unseen++;
            gap_remove(g, i);
        } else {
            i++;
        }
    }
}

/* --- the parts of a segment --- */

bool track_interface(struct wire_flow *f, int direction, const struct seen *seen)
{
    struct wire_side *side = &f->side[direction];

    if (side->packets == 0)
        side->iface = seen->iface;
    side->ifaces |= seen->iface < 32 ? 1u << seen->iface : 0;
    if (side->iface == seen->iface)
        return true;
    f->other_iface++;
    return false;
}

void track_ttl(struct wire_side *side, uint8_t ttl)
{
    if (side->ttl_max == 0 || ttl < side->ttl_min)
        side->ttl_min = ttl;
    if (ttl > side->ttl_max)
        side->ttl_max = ttl;
}

/*
 * A SYN is repeated after 1 s (RFC 6298 section 2.1), also when its answer only takes longer than
 * that. Which one the answer is to, its timestamp tells (RFC 7323 section 4.3): after the first,
 * none was lost.
 */
static void take_syn_ack(struct wire_flow *f, const struct tcp_segment *s, const struct seen *seen)
{
    struct wire_side *src = &f->side[0], *dst = &f->side[1];

    if (f->syn_ack_us == 0) {
        if (src->syns > 1 && f->syn_frame == f->first_frame && src->timestamps && s->timestamps &&
            (uint16_t)s->echo == f->syn_stamp) {
            f->syn_us = f->first_us;
            src->needless = src->retransmits;
        }
    } else if (f->syn_us != 0 && dst->needless < dst->retransmits &&
               seen->time_us - f->syn_ack_us <= f->syn_ack_us - f->syn_us) {
        dst->needless++; /* sent before our acknowledgement can have been there */
    }
}

static void take_syn(struct wire_flow *f, int direction, const struct tcp_segment *s,
                     const struct seen *seen)
{
    struct wire_side *side = &f->side[direction];

    count16(&side->syns);
    if (side->syns > 1) {
        side->retransmits++;
        if (f->repeat_frame == 0)
            f->repeat_frame = seen->frame;
    } else {
        side->isn = s->seq;
        side->next = side->una = s->seq + 1;
        side->seq_known = true;
        side->mss = s->mss;
        side->wscale = s->wscale;
        side->timestamps = s->timestamps;
    }
    if (direction == 0) {
        if (f->syn_ack_us == 0 || f->syn_us == 0)
            f->syn_us = seen->time_us;
        if (f->syn_frame == 0) {
            f->syn_frame = seen->frame;
            f->syn_stamp = (uint16_t)s->stamp;
        } else if ((uint16_t)s->stamp == f->syn_stamp) {
            f->syn_stamp = (uint16_t)~s->stamp; /* no answer tells them apart */
        }
        return;
    }
    take_syn_ack(f, s, seen);
    if (f->syn_ack_frame == 0) {
        f->syn_ack_frame = seen->frame;
        f->syn_ack_us = seen->time_us;
        if (f->state == WIRE_SYN_SENT)
            f->state = WIRE_SYN_ANSWERED;
    }
}

static void take_reset(struct wire_flow *f, int direction, const struct ip_packet *ip,
                       const struct seen *seen)
{
    struct wire_side *side = &f->side[direction];

    count16(&side->resets);
    if (side->resets == 1) {
        side->reset_ttl = ip->ttl;
        side->reset_id = (uint16_t)ip->id;
    }
    if (f->reset_by < 0) {
        f->reset_by = (int8_t)direction;
        f->reset_frame = seen->frame;
        f->reset_us = seen->time_us;
    }
    if (f->closed_by < 0)
        f->closed_by = (int8_t)direction;
    if (f->state != WIRE_CLOSED)
        f->state = WIRE_RESET;
}

static void take_fin(struct wire_flow *f, int direction, const struct seen *seen)
{
    struct wire_side *side = &f->side[direction];

    count16(&side->fins);
    if (f->closed_by < 0)
        f->closed_by = (int8_t)direction;
    if (f->fin_frame == 0) {
        f->fin_frame = seen->frame;
        f->fin_us = seen->time_us;
    }
    if (f->state != WIRE_RESET)
        f->state = f->side[!direction].fins > 0 ? WIRE_CLOSED : WIRE_CLOSING;
}

/* The other side says that it has everything of `side` below `ack`. */
static void take_ack(struct wire_flow *f, int direction, uint32_t ack)
{
    struct wire_side *side = &f->side[direction];
    uint32_t fresh;

    if (!side->seq_known) {
        side->una = side->next = ack;
        side->seq_known = true;
        return;
    }
    if (tcp_seq_diff(ack, side->una) <= 0)
        return;
    if (tcp_seq_diff(ack, side->next) > 0) { /* it has something that the capture has not */
        side->unseen++;
        side->next = ack;
    }
    fresh = ack - side->una;
    if (side->head_len != 0 && fresh >= side->head_len) {
        note_passed(f, direction, side->head_len);
        /* It went through only after it had been made smaller. */
        if (side->lost_times > 1 && side->head_max > side->head_len && fresh < side->head_max)
            note_lost(f, direction, side->head_max);
    }
    if (ack == side->next) {
        if (side->head_max <= side->head_len) /* else the large one may be what vanished */
            note_passed(f, direction, side->pending_max);
        side->pending_max = 0;
    }
    side->una = ack;
    side->head_len = side->head_max = side->lost_times = 0;
    gaps_acked(side, ack);
}

static void note_repeat(struct wire_flow *f, struct wire_side *side, const struct seen *seen)
{
    side->retransmits++;
    if (f->repeat_frame == 0)
        f->repeat_frame = seen->frame;
}

/* A segment of data or a FIN: where does it stand in the side's sequence? */
static void take_sequence(struct wire_flow *f, int direction, const struct tcp_segment *s,
                          const struct seen *seen)
{
    struct wire_side *side = &f->side[direction];
    uint32_t len = s->len + ((s->flags & TCP_FIN) != 0 ? 1 : 0), end = s->seq + len;
    int64_t rtt = f->syn_us != 0 && f->syn_ack_us > f->syn_us ? f->syn_ack_us - f->syn_us : 0;
    int64_t late = rtt > 0 ? rtt : REORDERED_US, since;

    if (!side->seq_known) {
        side->una = s->seq;
        side->next = end;
        side->seq_known = true;
    } else if (tcp_seq_diff(s->seq, side->next) > 0) {
        gap_add(side, side->next, s->seq, seen->time_us);
        side->next = end;
    } else if (tcp_seq_diff(end, side->next) > 0) {
        if (s->seq != side->next) /* the front was sent before */
            note_repeat(f, side, seen);
        side->next = end;
    } else if (s->len <= 1 && s->seq + 1 == side->next && (s->flags & TCP_FIN) == 0) {
        return; /* keep-alive, or a probe of a closed window (RFC 9293 sections 3.8.4, 3.8.6.1) */
    } else {
        since = gap_fill(side, s->seq, end);
        if (since >= 0 && seen->time_us - since < late)
            side->out_of_order++;
        else
            note_repeat(f, side, seen);
    }
    side->seen_len = max16(side->seen_len, min16(to16(s->len), packet_limit(f, direction)));
    if (s->seq == side->una) {
        if (side->lost_times == 0) {
            side->lost_frame = seen->frame;
            side->lost_us = seen->time_us;
        }
        side->head_len = to16(s->len);
        side->head_max = max16(side->head_max, to16(s->len));
        count16(&side->lost_times);
    }
    side->pending_max = max16(side->pending_max, to16(s->len));
}

/*
 * The very packet once more: a mirror port that shows both directions, a bridge. Its identification
 * tells; IPv6 has none, and with DF it may be 0 (RFC 6864 section 4.1). Then the same octets count
 * within half a round trip: no sender can have missed the acknowledgement by then.
 */
static bool is_duplicate(const struct wire_flow *f, const struct wire_side *side,
                         const struct ip_packet *ip, const struct tcp_segment *s,
                         const struct seen *seen)
{
    int64_t rtt = f->syn_us != 0 ? f->syn_ack_us - f->syn_us : 0;

    if (side->packets == 0 || !side->seq_known)
        return false;
    if (ip->family == AF_INET && ip->id != 0)
        return side->last_id == (uint16_t)ip->id && seen->time_us - f->last_us < DUPLICATE_US &&
               tcp_seq_diff(s->seq + s->len, side->next) <= 0;
    if (s->len == 0 && (s->flags & (TCP_SYN | TCP_FIN)) == 0)
        return false; /* acknowledgements may well be alike */
    return s->seq == side->last_seq && to16(s->len) == side->last_len &&
           s->flags == side->last_flags && seen->time_us - side->last_us < DUPLICATE_US &&
           seen->time_us - side->last_us < rtt / 2;
}

static void open_up(struct wire_flow *f, int direction, const struct tcp_segment *s)
{
    if ((s->flags & TCP_ACK) == 0)
        return;
    if (f->state == WIRE_SYN_ANSWERED && direction == 0)
        f->state = WIRE_ESTABLISHED;
    else if (f->state == WIRE_SYN_SENT && (s->flags & TCP_SYN) == 0)
        /* the SYN-ACK is missing in the capture, but the connection goes on */
        f->state = f->side[0].syns > 0 ? WIRE_ESTABLISHED : WIRE_MIDSTREAM;
}

bool track_segment(struct wire_flow *f, int direction, const struct ip_packet *ip,
                   const struct tcp_segment *s, const struct seen *seen)
{
    struct wire_side *side = &f->side[direction];
    bool reset = (s->flags & TCP_RST) != 0;

    if (!track_interface(f, direction, seen))
        return false;
    if (!reset && is_duplicate(f, side, ip, s, seen)) {
        f->duplicates++;
        return false;
    }
    pause_segment(f, direction, s, seen);
    side->packets++;
    side->bytes += s->len;
    f->last_us = seen->time_us;
    if (reset) {
        take_reset(f, direction, ip, seen);
        return true;
    }
    track_ttl(side, ip->ttl);
    side->last_id = (uint16_t)ip->id;
    side->last_seq = s->seq;
    side->last_len = to16(s->len);
    side->last_flags = s->flags;
    side->last_us = seen->time_us;
    if (side->resets > 0 && (s->len > 0 || (s->flags & TCP_FIN) != 0))
        side->after_reset = true;
    open_up(f, direction, s);
    if ((s->flags & TCP_SYN) != 0)
        take_syn(f, direction, s, seen);
    else if (s->len > 0 || (s->flags & TCP_FIN) != 0)
        take_sequence(f, direction, s, seen);
    if ((s->flags & TCP_ACK) != 0)
        take_ack(f, !direction, s->ack);
    if (s->dsack && f->side[!direction].needless < f->side[!direction].retransmits)
        f->side[!direction].needless++;
    if (s->len > 0) {
        if (side->first_data_frame == 0) {
            side->first_data_frame = seen->frame;
            side->first_data_us = seen->time_us;
        }
        side->last_data_us = seen->time_us;
    }
    if ((s->flags & TCP_FIN) != 0)
        take_fin(f, direction, seen);
    if (s->window == 0 && (s->flags & TCP_SYN) == 0) {
        count16(&side->zero_windows);
        if (f->zero_window_frame == 0)
            f->zero_window_frame = seen->frame;
    }
    return true;
}

void track_finish(struct wire_flow *f)
{
    for (int d = 0; d < 2; d++) {
        struct wire_side *side = &f->side[d];

        if (side->lost_times >= LOST_TRIES && side->head_max > 0) {
            note_lost(f, d, side->head_max);
        } else {
            side->lost_times = 0;
            side->lost_frame = 0;
            side->lost_us = 0;
        }
        /* What is missing and was never acknowledged did not arrive. */
        for (size_t i = 0; side->gaps != NULL && i < side->gaps->n; i++)
            note_lost(f, d, side->gaps->list[i].to - side->gaps->list[i].from);
        free(side->gaps);
        side->gaps = NULL;
    }
}
