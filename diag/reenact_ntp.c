/* reenact_ntp: what time servers were asked in a capture, and what they said; see reenact.h. */
#include "diag/reenact_parts.h"

#include "diag/base/arena.h"
#include "diag/proto/ntp.h"

static enum outcome outcome_of_kind(const struct wire_clock *c)
{
    if (c->cut)
        return OUTCOME_CANCELLED; /* it said something that the capture does not hold */
    switch ((enum ntp_kind)c->kind) {
    case NTP_TIME:
        return OUTCOME_OK;
    case NTP_UNSYNCHRONISED:
        return OUTCOME_NTP_UNSYNCHRONISED;
    case NTP_KISS:
        return OUTCOME_NTP_KISS;
    case NTP_BROKEN:
    case NTP_FOREIGN:
        break;
    }
    return OUTCOME_NTP_MALFORMED;
}

static enum outcome outcome_of(const struct reenact *r, const struct wire_clock *c)
{
    if (c->answers > 0)
        return outcome_of_kind(c);
    if (c->flow->icmp != NULL)
        return OUTCOME_NTP_UNREACHABLE;
    /* Silence that ends with the capture is none. */
    return r->file->last_us - c->first_us < REENACT_PATIENCE_US ? OUTCOME_CANCELLED
                                                                : OUTCOME_TIMEOUT;
}

/* Of several addresses of one name: one that tells the time, else the last that was asked. */
static bool is_better(const struct time_server *t, enum outcome outcome)
{
    return t->outcome == OUTCOME_NONE || t->outcome == OUTCOME_CANCELLED ||
           (t->outcome != OUTCOME_OK && outcome != OUTCOME_CANCELLED);
}

/* RFC 4330 section 5, as in probes/ntp.c; by the clock of whoever recorded. */
static void set_time(struct time_server *t, const struct wire_clock *c)
{
    t->offset_us = (c->told_asked_us - c->received_us + c->answered_us - c->sent_us) / 2;
    t->delay_us = c->answered_us - c->told_asked_us - (c->sent_us - c->received_us);
}

void reenact_clock(struct reenact *r, struct time_server *t, const struct wire_clock *c)
{
    enum outcome outcome = outcome_of(r, c);
    const struct wire_icmp *icmp = c->flow->icmp;
    struct arena *a = r->report->arena;
    char text[ADDR_TEXT];

    if (!is_better(t, outcome))
        return;
    t->outcome = outcome;
    t->address = arena_strdup(a, addr_port_text(&c->server, text));
    t->error = NULL;
    t->offset_us = t->delay_us = t->stratum = INT_UNKNOWN;
    t->reference = c->reference[0] != '\0' ? arena_strdup(a, c->reference) : NULL;
    if (c->answers > 0 && !c->cut)
        t->stratum = c->stratum;
    if (outcome == OUTCOME_OK)
        set_time(t, c);
    if (outcome == OUTCOME_NTP_UNREACHABLE)
        t->error =
            arena_printf(a, "%s from %s", wire_icmp_name(c->flow->is_v6, icmp->type, icmp->code),
                         addr_text(&icmp->from, text));
}
