/*
 * join_ladder: the frames of a flow that tell its story, in order, for drawing. See join.h.
 */
#include "diag/join_ladder.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/tls.h"

#include <stdlib.h>
#include <string.h>

/* A tunnel takes two rungs; what begins and ends the connection and its TLS take six. */
enum { RUNGS_MAX = 16, TUNNELS_MAX = 4 };

struct ladder {
    struct report *report;
    struct flow *flow;
    int64_t epoch_us;
};

/* One more rung; nothing when the frame is not in the capture. */
static struct frame *rung(struct ladder *l, uint32_t number, int64_t time_us, const char *from,
                          const char *what)
{
    struct frame *f;

    if (number == 0 || l->flow->n_ladder >= RUNGS_MAX)
        return NULL;
    f = report_new_of(l->report, frame);
    f->number = f->last = number;
    f->times = 1;
    f->at_us = time_us - l->epoch_us;
    f->from = from;
    f->what = what;
    list_push(l->report->arena, l->flow->ladder, l->flow->n_ladder, f);
    return f;
}

static void add_opening(struct ladder *l, const struct wire_flow *w)
{
    struct frame *f = rung(l, w->syn_frame, w->first_us, "src", "SYN");

    if (f != NULL) {
        f->times = w->side[0].syns;
        f->lost = w->syn_ack_frame == 0 && w->reset_frame == 0;
    }
    rung(l, w->syn_ack_frame, w->syn_ack_us, "dst", "SYN-ACK");
}

/* The last ones decide: before them a proxy asked for credentials, or a nearer hop agreed. */
static void add_tunnels(struct ladder *l, const struct wire_tunnel *t)
{
    struct arena *a = l->report->arena;
    size_t n = 0;

    for (const struct wire_tunnel *all = t; all != NULL; all = all->next)
        n++;
    for (; n > TUNNELS_MAX; n--)
        t = t->next;
    for (; t != NULL; t = t->next) {
        rung(l, t->ask_frame, t->asked_us, "src",
             text_printable(a, arena_printf(a, "CONNECT %s", t->target),
                            strlen("CONNECT ") + strlen(t->target), 80));
        rung(l, t->answer_frame, t->answered_us, "dst",
             t->status != 0 ? arena_printf(a, "HTTP %u", t->status) : "an answer that is not HTTP");
    }
}

static void add_tls(struct ladder *l, const struct wire_tls *t)
{
    struct arena *a = l->report->arena;
    struct frame *f = rung(l, t->hello_frame, t->hello_us, "src", "ClientHello");
    char name[TLS_NAME_ROOM];

    if (f != NULL && t->hello_len != 0)
        f->len = t->hello_len;
    if (t->server_hello_frame != 0)
        rung(l, t->server_hello_frame, t->server_hello_us, "dst",
             arena_printf(a, "ServerHello %s", tls_version_name(t->version, name)));
    if (t->alert_frame != 0 && (t->alert >= 0 || t->alert_sent >= 0)) {
        int alert = t->alert >= 0 ? t->alert : t->alert_sent;
        const char *word = tls_alert_name((unsigned)alert);

        rung(l, t->alert_frame, t->alert_us, t->alert >= 0 ? "dst" : "src",
             arena_printf(a, "Alert %s", word != NULL ? word : "of an unknown kind"));
    }
}

static void add_lost(struct ladder *l, const struct wire_side *side, const char *from)
{
    struct frame *f = rung(l, side->lost_frame, side->lost_us, from, "data");

    if (f == NULL)
        return;
    f->len = side->lost_len;
    f->times = side->lost_times;
    f->lost = true;
}

static void add_errors(struct ladder *l, const struct wire_flow *w)
{
    char text[ADDR_TEXT];
    int n = 0;

    for (const struct wire_icmp *i = w->icmp; i != NULL && n < 2; i = i->next, n++)
        rung(l, i->frame, i->time_us, arena_strdup(l->report->arena, addr_text(&i->from, text)),
             arena_printf(l->report->arena, "ICMP %s", wire_icmp_name(w->is_v6, i->type, i->code)));
}

static int by_number(const void *a, const void *b)
{
    const struct frame *const *x = a, *const *y = b;

    return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

void join_ladder(struct report *r, struct flow *f, const struct wire_flow *w, int64_t epoch_us)
{
    struct ladder l = {.report = r, .flow = f, .epoch_us = epoch_us};
    static const char *const side[] = {"src", "dst"};

    add_opening(&l, w);
    /* What ended it goes in before the talk, which may fill the ladder. */
    if (w->reset_frame != 0)
        rung(&l, w->reset_frame, w->reset_us, side[w->reset_by],
             arena_printf(r->arena, "RST TTL %u", w->side[w->reset_by].reset_ttl));
    else if (w->fin_frame != 0)
        rung(&l, w->fin_frame, w->fin_us, side[w->closed_by < 0 ? 0 : w->closed_by], "FIN");
    add_errors(&l, w);
    add_lost(&l, &w->side[0], "src");
    add_lost(&l, &w->side[1], "dst");
    if (w->talk != NULL && w->talk->tls != NULL)
        add_tls(&l, w->talk->tls);
    if (w->talk != NULL)
        add_tunnels(&l, w->talk->tunnels);
    qsort(f->ladder, f->n_ladder, sizeof f->ladder[0], by_number);
}
