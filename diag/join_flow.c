/* join_flow: flows of the capture in the form of the report. Part of join.h. */
#include "diag/join.h"
#include "diag/join_ladder.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/tls.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = 300, FRAMES_MAX = 12, NOTES_MAX = 40 };

static const char *printable(struct report *r, const char *s)
{
    return s == NULL ? NULL : text_printable(r->arena, s, strlen(s), NAME_MAX_LEN);
}

static const char *ends_text(struct report *r, struct addr a)
{
    char text[ADDR_TEXT];

    return arena_strdup(r->arena, addr_port_text(&a, text));
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* Sorted, each once, without zero. */
static void set_frames(struct report *r, struct flow *f, int64_t *frames, size_t n)
{
    qsort(frames, n, sizeof *frames, by_value);
    for (size_t i = 0; i < n; i++) {
        if (frames[i] != 0 && (i == 0 || frames[i] != frames[i - 1]))
            list_push(r->arena, f->frames, f->n_frames, frames[i]);
    }
}

static void frames_of(struct report *r, struct flow *f, const struct wire_flow *w)
{
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    int64_t frames[FRAMES_MAX] = {
        w->syn_frame, w->syn_ack_frame, w->reset_frame,       w->repeat_frame,
        w->fin_frame, w->first_frame,   w->zero_window_frame,
    };
    size_t n = 7;

    if (w->icmp != NULL)
        frames[n++] = w->icmp->frame;
    if (tls != NULL) {
        frames[n++] = tls->hello_frame;
        frames[n++] = tls->server_hello_frame;
        frames[n++] = tls->alert_frame;
    }
    if (w->talk != NULL && w->talk->tunnels != NULL)
        frames[n++] = w->talk->tunnels->answer_frame;
    set_frames(r, f, frames, n);
}

/* The error that says most: a destination unreachable, else the first. */
static const struct wire_icmp *telling(const struct wire_flow *w)
{
    const struct wire_icmp *best = w->icmp;

    for (const struct wire_icmp *i = w->icmp; i != NULL; i = i->next) {
        bool unreachable = w->is_v6 ? i->type == 1 : i->type == 3;

        if (unreachable && i->mtu == 0)
            return i;
    }
    return best;
}

static void set_icmp(struct report *r, struct flow *f, const struct wire_flow *w)
{
    const struct wire_icmp *icmp = telling(w);
    char text[ADDR_TEXT];

    if (icmp == NULL)
        return;
    f->icmp = wire_icmp_name(w->is_v6, icmp->type, icmp->code);
    f->icmp_type = icmp->type;
    f->icmp_code = icmp->code;
    f->icmp_from = arena_strdup(r->arena, addr_text(&icmp->from, text));
    for (icmp = w->icmp; icmp != NULL; icmp = icmp->next) {
        if (icmp->mtu != 0)
            f->icmp_mtu = icmp->mtu;
    }
}

/* Whose segments vanish, at which size, and which size passes. */
static void set_sizes(struct flow *f, const struct wire_flow *w)
{
    const struct wire_side *src = &w->side[0], *dst = &w->side[1], *side = dst;

    if (src->lost_len != 0) {
        side = src;
        f->lost_direction = "src";
    } else if (dst->lost_len != 0) {
        f->lost_direction = "dst";
    }
    if (side->lost_len != 0)
        f->lost_len = side->lost_len;
    if (side == src || side->passed_len >= side->seen_len)
        f->passed_len = side->passed_len;
    else
        f->passed_len = side->seen_len; /* what we saw of the other side has arrived */
    if (f->lost_direction == NULL && src->passed_len > f->passed_len)
        f->passed_len = src->passed_len;
}

static const char *side_word(int side)
{
    return side == 0 ? "src" : side == 1 ? "dst" : NULL;
}

static void set_resets(struct flow *f, const struct wire_flow *w)
{
    const struct wire_side *dst = &w->side[1];

    f->resets = w->side[0].resets + dst->resets;
    f->reset_by = side_word(w->reset_by);
    if (dst->ttl_max != 0)
        f->peer_ttl = dst->ttl_max;
    if (dst->resets == 0)
        return;
    f->reset_ttl = dst->reset_ttl;
    f->reset_foreign = (enum tri)wire_reset_foreign(w, 1);
}

static void set_talk(struct report *r, struct flow *f, const struct wire_talk *talk)
{
    if (talk == NULL)
        return;
    if (talk->tunnels != NULL)
        f->connect = printable(r, talk->tunnels->target);
    if (talk->tls == NULL)
        return;
    f->sni = printable(r, talk->tls->sni);
    if (talk->tls->alert >= 0)
        f->alert = tls_alert_name((unsigned)talk->tls->alert);
}

static const char *interface_name(const struct wire_file *file, uint16_t iface)
{
    return iface < file->n_interfaces && file->interfaces[iface].name[0] != '\0'
               ? file->interfaces[iface].name
               : NULL;
}

static bool was_seen_on(const struct wire_side *side, uint16_t iface)
{
    return side->iface == iface || (iface < 32 && (side->ifaces >> iface & 1) != 0);
}

/*
 * Where to say that a side's packets were captured. A bridge or bond and its port, a VLAN and the
 * card below it show the same packet each: the interface that the user named goes first, then
 * `wish`, then the one that was first to show it.
 */
static uint16_t iface_of(const struct report *r, const struct wire_file *file,
                         const struct wire_side *side, uint16_t wish)
{
    for (uint16_t i = 0; i < file->n_interfaces && i < 32 && r->site->interface != NULL; i++) {
        if (was_seen_on(side, i) && strcmp(file->interfaces[i].name, r->site->interface) == 0)
            return i;
    }
    return was_seen_on(side, wish) ? wish : side->iface;
}

struct flow *join_flow(struct report *r, const struct wire_file *file, const struct wire_flow *w,
                       int64_t epoch_us)
{
    const struct wire_side *src = &w->side[0], *dst = &w->side[1];
    const struct wire_side *first = src->packets > 0 ? src : dst;
    const uint16_t iface = iface_of(r, file, first, first->iface);
    struct flow *f = report_new_of(r, flow);

    f->src = ends_text(r, wire_src(w));
    f->dst = ends_text(r, wire_dst(w));
    f->packets = (int64_t)src->packets + dst->packets;
    f->packets_back = dst->packets;
    f->bytes = (int64_t)(src->bytes + dst->bytes);
    if (w->syn_us != 0 && w->syn_ack_us != 0)
        f->syn_rtt_us = w->syn_ack_us - w->syn_us;
    /* Without those that only an impatient timer sent: nothing was lost. */
    f->retransmits = (int64_t)src->retransmits - src->needless + dst->retransmits - dst->needless;
    f->mss = src->mss == 0 || (dst->mss != 0 && dst->mss < src->mss) ? dst->mss : src->mss;
    if (f->mss == 0)
        f->mss = INT_UNKNOWN;
    f->proto = w->protocol == IPPROTO_TCP ? "tcp" : "udp";
    f->interface = arena_strdup(r->arena, interface_name(file, iface));
    if (dst->packets > 0)
        f->interface_back =
            arena_strdup(r->arena, interface_name(file, iface_of(r, file, dst, iface)));
    if (w->syn_ack_us != 0)
        f->answered_us = w->syn_ack_us - epoch_us;
    f->state = wire_state_name((enum wire_state)w->state);
    f->syns = src->syns;
    f->closed_by = side_word(w->closed_by);
    f->zero_window = src->zero_windows > 0 || dst->zero_windows > 0;
    f->started_us = w->first_us - epoch_us;
    f->ended_us = w->last_us - epoch_us;
    set_resets(f, w);
    set_icmp(r, f, w);
    set_sizes(f, w);
    set_talk(r, f, w->talk);
    frames_of(r, f, w);
    join_ladder(r, f, w, epoch_us);
    return f;
}

struct flow *join_dns_flow(struct report *r, const struct wire_file *file, const struct wire_dns *d,
                           int64_t epoch_us)
{
    const struct wire_side *asker = &d->flow->side[0];
    struct flow *f = report_new_of(r, flow);
    int64_t frames[3] = {d->ask_frame, d->answer_frame, 0};

    f->src = ends_text(r, d->client);
    f->dst = ends_text(r, d->server);
    f->proto = d->tcp ? "tcp" : "udp";
    f->packets = d->queries + d->answered;
    f->packets_back = d->answered;
    f->bytes = d->answered ? (int64_t)d->answer_len : 0;
    f->retransmits = d->queries - 1;
    f->resets = 0;
    f->state = d->answered ? "answered" : "unanswered";
    f->started_us = d->asked_us - epoch_us;
    f->ended_us = (d->answered ? d->answered_us : d->asked_us) - epoch_us;
    f->interface =
        arena_strdup(r->arena, interface_name(file, iface_of(r, file, asker, asker->iface)));
    if (!d->answered && d->flow->icmp != NULL) {
        set_icmp(r, f, d->flow);
        frames[2] = d->flow->icmp->frame;
    }
    set_frames(r, f, frames, 3);
    return f;
}

/* --- notes --- */

static void note(struct report *r, struct wire *wire, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void note(struct report *r, struct wire *wire, const char *format, ...)
{
    va_list args;
    const char *text;

    if (wire->n_notes >= NOTES_MAX)
        return;
    va_start(args, format);
    text = arena_vprintf(r->arena, format, args);
    va_end(args);
    for (size_t i = 0; i < wire->n_notes; i++) {
        if (strcmp(wire->notes[i], text) == 0)
            return;
    }
    list_push(r->arena, wire->notes, wire->n_notes, text);
}

/* The SYNs left and nothing came: did anybody answer for the next router's hardware address? */
static void note_neighbours(struct report *r, struct wire *wire, const struct wire_file *file,
                            const struct wire_flow *w)
{
    struct addr src = wire_src(w);
    char text[ADDR_TEXT];

    for (size_t i = 0; i < file->n_neighbours; i++) {
        const struct wire_neighbour *n = &file->neighbours[i];

        if (n->replies == 0 && n->addr.family == src.family && addr_same_ip(&n->asker, &src))
            note(r, wire, "nobody answered the %u request%s for the hardware address of %s",
                 n->requests, n->requests == 1 ? "" : "s", addr_text(&n->addr, text));
    }
}

static void note_silence(struct report *r, struct wire *wire, const struct wire_file *file,
                         const struct wire_flow *w)
{
    char text[ADDR_TEXT];
    struct addr dst = wire_dst(w);

    if (w->side[1].packets > 0)
        return;
    note(r, wire, "%u SYN%s left to %s (first in frame %u) and nothing came back%s",
         w->side[0].syns, w->side[0].syns == 1 ? "" : "s", addr_port_text(&dst, text),
         w->first_frame, w->icmp != NULL ? " from it" : "");
    if (w->icmp == NULL)
        note_neighbours(r, wire, file, w);
}

static void note_resets(struct report *r, struct wire *wire, const struct wire_flow *w)
{
    const struct wire_side *dst = &w->side[1];

    if (dst->resets == 0)
        return;
    if (dst->ttl_max == 0) {
        note(r, wire, "a reset answered in frame %u, TTL %u", w->reset_frame, dst->reset_ttl);
        return;
    }
    note(r, wire,
         "a reset in frame %u came with TTL %u and identification %u; the peer's other packets "
         "have TTL %u to %u, the last identification was %u%s",
         w->reset_frame, dst->reset_ttl, dst->reset_id, dst->ttl_min, dst->ttl_max, dst->last_id,
         dst->after_reset ? "; the peer went on after it" : "");
}

static void note_icmp(struct report *r, struct wire *wire, const struct wire_flow *w)
{
    char text[ADDR_TEXT];

    for (const struct wire_icmp *i = w->icmp; i != NULL; i = i->next) {
        if (i->mtu != 0)
            note(r, wire,
                 "%s said in frame %u that packets may have %u octets at most: a segment size of "
                 "%u would pass",
                 addr_text(&i->from, text), i->frame, i->mtu,
                 i->mtu > (w->is_v6 ? 60u : 40u) ? i->mtu - (w->is_v6 ? 60u : 40u) : 0);
        else
            note(r, wire, "%s said in frame %u: %s", addr_text(&i->from, text), i->frame,
                 wire_icmp_name(w->is_v6, i->type, i->code));
    }
}

static void note_sizes(struct report *r, struct wire *wire, const struct wire_flow *w)
{
    static const char *const from[] = {"from here", "from the far side"};

    for (int d = 0; d < 2; d++) {
        const struct wire_side *side = &w->side[d];

        if (side->lost_len != 0)
            note(r, wire,
                 "a segment of %u octets %s never got through; the largest that did had %u",
                 side->lost_len, from[d],
                 d == 1 && side->seen_len > side->passed_len ? side->seen_len : side->passed_len);
    }
}

void join_notes(struct report *r, struct wire *wire, const struct wire_file *file,
                const struct wire_flow *w)
{
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    const unsigned unseen = w->side[0].unseen + w->side[1].unseen;

    note_silence(r, wire, file, w);
    note_icmp(r, wire, w);
    note_sizes(r, wire, w);
    if (tls == NULL || !tls->finished)
        note_resets(r, wire, w);
    if (unseen > 0)
        note(r, wire, "the capture lacks %u stretch%s acknowledged: it lost packets", unseen,
             unseen == 1 ? " that was" : "es that were");
    if (w->talk != NULL && w->talk->gap)
        note(r, wire, "what was said could not be read on, because packets are missing or cut");
}
