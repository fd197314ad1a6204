/*
 * ntp: do the site's time servers tell the time? A sensor whose clock runs free fails one day, with
 * certificates that seem out of their time (clock.c). Warnings: nothing fails for it today.
 */
#include "diag/judge/sieve.h"

/* From a file of others, any of these may be missing. */
static const char * or (const char *s, const char *general)
{
    return s != NULL ? s : general;
}

static const char *name_of(struct judge *j, const struct time_server *t)
{
    if (t->id != NULL && same_text(t->id, t->address))
        return t->id;
    return text(j, "%s (%s)", or (t->id, "a time server"), or (t->address, "not asked"));
}

static const char *unreachable_note(struct judge *j, const struct time_server *t)
{
    switch (t->outcome) {
    case OUTCOME_TIMEOUT:
        return text(j, "%s does not answer", name_of(j, t));
    case OUTCOME_NTP_NO_ADDRESS:
        return text(j, "the name of %s has no address here", or (t->id, "the server"));
    default:
        return text(j, "%s cannot be reached: %s", name_of(j, t), or (t->error, "nobody said why"));
    }
}

static const char *unfit_note(struct judge *j, const struct time_server *t)
{
    switch (t->outcome) {
    case OUTCOME_NTP_KISS:
        return text(j, "%s turns the sensor away (%s)", name_of(j, t),
                    or (t->reference, "no reason given"));
    case OUTCOME_NTP_MALFORMED:
        return text(j, "what answers at %s is no time server", name_of(j, t));
    default:
        return text(j, "%s says that it is not synchronised itself", name_of(j, t));
    }
}

static void judge_server(struct judge *j, struct time_server *t)
{
    /* Two servers are two places. */
    const char *at = text(j, "sensor>%s", or (t->host, "time server"));

    t->verdict = VERDICT_WARN;
    switch (t->outcome) {
    case OUTCOME_OK:
        t->verdict = VERDICT_PASS;
        return;
    case OUTCOME_TIMEOUT:
    case OUTCOME_NTP_NO_ADDRESS:
    case OUTCOME_NTP_UNREACHABLE:
        if (BLOCK("ntp-unreachable"))
            remark(j, (struct remark){CAUSE_NTP_UNREACHABLE, at, unreachable_note(j, t),
                                      SEVERITY_WARNING, NULL, NULL});
        return;
    case OUTCOME_NTP_KISS:
    case OUTCOME_NTP_MALFORMED:
    case OUTCOME_NTP_UNSYNCHRONISED:
        if (BLOCK("ntp-unfit"))
            remark(j, (struct remark){CAUSE_NTP_UNFIT, at, unfit_note(j, t), SEVERITY_WARNING, NULL,
                                      NULL});
        return;
    default:
        t->verdict = VERDICT_SKIP;
    }
}

void ntp_conclude(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_time_servers; i++)
        judge_server(j, j->r->time_servers[i]);
}
