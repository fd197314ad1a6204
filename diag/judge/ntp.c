/*
 * ntp: do the site's time servers tell the time? A sensor whose clock runs free fails one day, with
 * certificates that seem out of their time (clock.c). Warnings: nothing fails for it today.
 */
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
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

/* Its time is neither that of the cloud nor, so, what the sensor's clock should be set to. */
static bool tells_another_time(const struct judge *j, const struct time_server *t)
{
    return j->clock.dated && t->offset_us != INT_UNKNOWN &&
           clock_differs(t->offset_us / 1000000, j->clock.dated_offset_s);
}

static const char *other_time_note(struct judge *j, const struct time_server *t)
{
    int64_t ahead = j->clock.dated_offset_s - t->offset_us / 1000000;
    int64_t size = ahead < 0 ? -ahead : ahead;

    return text(j, "%s tells a time that is %lld %s %s what %s in the cloud tells", name_of(j, t),
                (long long)(size >= 7200 ? (size + 1800) / 3600 : size / 60),
                size >= 7200 ? "hours" : "minutes", ahead < 0 ? "behind" : "ahead of",
                or (j->clock.dated_by, "a server"));
}

static void judge_server(struct judge *j, struct time_server *t)
{
    /* Two servers are two places. */
    const char *at = text(j, "sensor>%s", or (t->host, "time server"));

    t->verdict = VERDICT_WARN;
    switch (t->outcome) {
    case OUTCOME_OK:
        if (BLOCK("ntp-other-time") && tells_another_time(j, t))
            remark(j, (struct remark){CAUSE_NTP_UNFIT, at, other_time_note(j, t), SEVERITY_WARNING,
                                      NULL, NULL});
        else
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
