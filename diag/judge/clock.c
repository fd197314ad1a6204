/*
 * clock: is it the certificate that is out of its time, or the sensor?
 *
 * Evidence, strongest first: a time that somebody else told (a time server, HTTP Date; a proxy only
 * where nobody in the cloud did, since it may have its time from the same source); several
 * different certificates that all fail in the same direction while none is valid; a chain that is
 * out of its time from leaf to root.
 */
#include "diag/base/clock.h"
#include "diag/base/arena.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOLERANCE_S = 300, /* a Date may be stale, a run long; no certificate depends on minutes */
    ERR_NOT_YET_VALID = 9,
    ERR_EXPIRED = 10,
};

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0, past = y - 1;

    return (y - 1970) * 365 + (past / 4 - past / 100 + past / 400) - 477 + before[m - 1] + d - 1 +
           (m > 2 ? leap : 0);
}

int64_t clock_parse_http_date(const char *date)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4];
    const char *comma = date != NULL ? strchr(date, ',') : NULL, *at;
    int d, y, h, m, s, end = 0;

    /* IMF-fixdate only: the two obsolete forms are not sent by anything of this century. */
    if (comma == NULL ||
        sscanf(comma + 1, " %2d %3s %4d %2d:%2d:%2d GMT%n", &d, month, &y, &h, &m, &s, &end) != 6 ||
        end == 0)
        return INT64_MIN;
    at = strstr(months, month);
    if (at == NULL || strlen(month) != 3 || (at - months) % 3 != 0 || d < 1 || d > 31 || y < 1970 ||
        h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
        return INT64_MIN;
    return days_of(y, (at - months) / 3 + 1, d) * 86400 + h * 3600 + m * 60 + s;
}

/* The local clock at the end of a step, seconds; INT64_MIN when the run does not say. */
static int64_t local_time(const struct judge *j, const struct step *s)
{
    int64_t start =
        j->r->run->started != NULL ? clock_parse_rfc3339(j->r->run->started) : INT64_MIN;

    if (start == INT64_MIN)
        return INT64_MIN;
    if (s->started_us != INT_UNKNOWN)
        start += s->started_us / 1000000;
    if (s->duration_us != INT_UNKNOWN)
        start += s->duration_us / 1000000;
    return start;
}

/* A time told by the far side of a step; INT64_MIN when none. */
static int64_t told_time(const struct step *s)
{
    if (step_tunnel(s) != NULL)
        return clock_parse_http_date(step_tunnel(s)->date);
    if (step_app(s) != NULL)
        return clock_parse_http_date(step_app(s)->date);
    if (step_tls(s) != NULL && step_tls(s)->clock_evidence != NULL)
        return clock_parse_rfc3339(step_tls(s)->clock_evidence);
    return INT64_MIN;
}

struct offsets {
    int64_t *list;
    size_t n;
    const char *source;
};

/* Who told: of the cloud and of time servers, and of proxies. */
enum { TOLD_BY_CLOUD, TOLD_BY_PROXY, TELLERS };

static void note_offset(struct judge *j, struct offsets by[TELLERS], const struct step *s)
{
    bool proxy = BLOCK("clock-proxy-is-weak") && step_tunnel(s) != NULL;
    struct offsets *o = &by[proxy ? TOLD_BY_PROXY : TOLD_BY_CLOUD];
    int64_t told = told_time(s), local = local_time(j, s);

    if (told == INT64_MIN || local == INT64_MIN)
        return;
    list_push(j->r->arena, o->list, o->n, local - told);
    if (o->source == NULL)
        o->source = s->address != NULL ? s->address : s->target;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static bool has_error(const struct tls_detail *d, int64_t code)
{
    for (size_t i = 0; i < d->n_chain_errors; i++) {
        if (d->chain_errors[i]->code == code)
            return true;
    }
    return false;
}

/*
 * What tells this certificate from others: what is out of its time, nearest to the leaf, or the
 * leaf. Ten servers under one intermediate that has expired are one certificate.
 */
static const char *what_counts(const struct tls_detail *d, int64_t code)
{
    const struct chain_error *first = NULL;

    for (size_t i = 0; i < d->n_chain_errors; i++) {
        const struct chain_error *e = d->chain_errors[i];

        if (e->code == code && e->depth > 0 && (first == NULL || e->depth < first->depth))
            first = e;
        else if (e->code == code && e->depth <= 0)
            return d->chain[0]->sha256;
    }
    if (!BLOCK("clock-one-intermediate") || first == NULL || (size_t)first->depth >= d->n_chain)
        return d->chain[0]->sha256;
    return d->chain[first->depth]->sha256;
}

/* Count different certificates that are out of their time although everything else is right. */
static void count_leaf(struct judge *j, const struct cell *c, const char **seen, size_t *n)
{
    const struct tls_detail *d = step_tls(c->leaf);
    /* An old root of ours beside a leaf that is valid says nothing against our clock. */
    bool own = BLOCK("clock-own-anchor") && cert_expired_anchor(c->leaf) != NULL;
    bool late = has_error(d, ERR_EXPIRED) && !own, early = has_error(d, ERR_NOT_YET_VALID);
    const char *hash = what_counts(d, late ? ERR_EXPIRED : ERR_NOT_YET_VALID);

    if ((late || early) && d->trusted_ignoring_time == TRI_NO)
        return;
    for (size_t i = *n; hash != NULL && i-- > 0;) {
        if (strcmp(seen[i], hash) == 0)
            return;
    }
    /* A dozen is as good as ten thousand, and keeps this loop short. */
    if (hash != NULL && *n < 12)
        seen[(*n)++] = hash;
    if (late)
        j->clock.failing[0]++;
    else if (early)
        j->clock.failing[1]++;
    else
        j->clock.valid++;
}

/* The median: one server whose own clock is wrong does not count. */
static int64_t median(struct offsets *o)
{
    qsort(o->list, o->n, sizeof *o->list, by_value);
    return o->list[(o->n - 1) / 2];
}

bool clock_differs(int64_t a_s, int64_t b_s)
{
    return a_s - b_s > TOLERANCE_S || b_s - a_s > TOLERANCE_S;
}

/*
 * What time servers tell counts as much as each server of the cloud. Where there are as many of
 * both and they differ, the cloud counts: the sensor's clock may follow a time server that is
 * wrong.
 */
static void add_time_servers(struct judge *j, struct offsets *o)
{
    size_t dates = o->n, servers = 0;

    if (dates > 0) {
        j->clock.dated = true;
        j->clock.dated_offset_s = median(o);
        j->clock.dated_by = o->source;
    }
    for (size_t i = 0; i < j->r->n_time_servers; i++)
        servers += j->r->time_servers[i]->outcome == OUTCOME_OK;
    if (BLOCK("clock-cloud-decides") && servers > 0 && servers == dates)
        return;
    for (size_t i = 0; i < j->r->n_time_servers; i++) {
        const struct time_server *t = j->r->time_servers[i];

        if (BLOCK("clock-ntp") && t->outcome == OUTCOME_OK && t->offset_us != INT_UNKNOWN) {
            list_push(j->r->arena, o->list, o->n, t->offset_us / 1000000);
            o->source = o->source == NULL || i == 0 ? t->id : o->source;
        }
    }
}

void clock_learn(struct judge *j)
{
    struct offsets by[TELLERS] = {{0}}, *o = &by[TOLD_BY_CLOUD];
    const char *seen[12];
    size_t n = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        for (size_t k = 0; k < j->r->results[i]->n_steps; k++)
            note_offset(j, by, j->r->results[i]->steps[k]);
        if (j->cells[i].leaf != NULL)
            count_leaf(j, &j->cells[i], seen, &n);
    }
    add_time_servers(j, o);
    if (o->n == 0)
        o = &by[TOLD_BY_PROXY];
    if (o->n > 0)
        j->r->run->clock_offset_s = median(o);
    if (j->r->run->clock_offset_s == INT_UNKNOWN)
        return;
    j->clock.known = true;
    j->clock.offset_s = j->r->run->clock_offset_s;
    j->clock.source = o->source;
    j->clock.weak = o == &by[TOLD_BY_PROXY];
}

static bool valid_at(const struct tls_detail *d, int64_t when)
{
    for (size_t i = 0; i < d->n_chain; i++) {
        int64_t from = INT64_MIN, to = INT64_MIN;

        if (d->chain[i]->not_before != NULL)
            from = clock_parse_rfc3339(d->chain[i]->not_before);
        if (d->chain[i]->not_after != NULL)
            to = clock_parse_rfc3339(d->chain[i]->not_after);
        if ((from != INT64_MIN && when < from) || (to != INT64_MIN && when > to))
            return false;
    }
    return true;
}

/* Is each certificate of a chain of at least two out of its time, in the same direction? */
static bool whole_chain_out(const struct tls_detail *d, int64_t local, bool too_early)
{
    for (size_t i = 0; i < d->n_chain; i++) {
        const char *text_of = too_early ? d->chain[i]->not_before : d->chain[i]->not_after;
        int64_t bound = text_of != NULL ? clock_parse_rfc3339(text_of) : INT64_MIN;

        if (bound == INT64_MIN || (too_early ? local >= bound : local <= bound))
            return false;
    }
    return d->n_chain >= 2;
}

static const char *offset_text(struct judge *j)
{
    int64_t off = j->clock.offset_s, size = off < 0 ? -off : off;

    return text(j, "%s says that it is %lld %s %s", j->clock.source ? j->clock.source : "a server",
                (long long)(size >= 172800 ? size / 86400
                            : size >= 7200 ? size / 3600
                                           : size / 60),
                size >= 172800 ? "days"
                : size >= 7200 ? "hours"
                               : "minutes",
                off < 0 ? "slow" : "fast");
}

bool clock_is_wrong(const struct cell *c, const struct step *s, bool too_early, const char **why)
{
    struct judge *j = c->judge;
    const struct tls_detail *d = step_tls(s);
    int64_t local = local_time(j, s);
    int64_t produced = d->ocsp_produced != NULL ? clock_parse_rfc3339(d->ocsp_produced) : INT64_MIN;

    if (BLOCK("clock-told") && j->clock.known) {
        int64_t off = j->clock.offset_s;

        /* A clock that agrees settles it; one that is wrong must also explain this chain. */
        if ((off >= -TOLERANCE_S && off <= TOLERANCE_S) || local == INT64_MIN ||
            !valid_at(d, local - off))
            return false;
        *why = offset_text(j);
        return true;
    }
    /* A statement of the authority that was signed later than now (RFC 6960 producedAt). */
    if (BLOCK("clock-staple") && too_early && produced != INT64_MIN && local != INT64_MIN &&
        produced > local + TOLERANCE_S && valid_at(d, produced)) {
        *why = text(j, "the stapled status was signed %s, later than the local time",
                    d->ocsp_produced);
        return true;
    }
    if (BLOCK("clock-valid-elsewhere") && j->clock.valid > 0)
        return false;
    if (BLOCK("clock-several-agree") && j->clock.failing[too_early] >= 2 &&
        j->clock.failing[!too_early] == 0) {
        *why = text(j, "%zu different certificates are all %s", j->clock.failing[too_early],
                    too_early ? "not yet valid" : "expired");
        return true;
    }
    if (BLOCK("clock-whole-chain") && local != INT64_MIN && whole_chain_out(d, local, too_early)) {
        *why = text(j, "the whole chain up to its authority is %s",
                    too_early ? "not yet valid" : "expired");
        return true;
    }
    return false;
}
