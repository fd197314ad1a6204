/*
 * box: one box that answers in the place of several endpoints, with something that is no TLS, or
 * with a certificate of its own: a captive portal, a block page, a proxy's own page, a port
 * forwarding (field notes 5, row 53). It is one thing to put right, and so one finding.
 */
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    struct cell *cell;
    const char *text;
};

/* An answer without what its clock put there: a Date field, as step details show octets. */
static const char *timeless(struct judge *j, const char *answer)
{
    const char *date = strstr(answer, "Date: ");
    const char *end = date != NULL ? strstr(date, "\\x0d") : NULL;

    return end == NULL ? answer : text(j, "%.*s%s", (int)(date - answer), answer, end);
}

/* What came in the place of TLS from the end of the route; NULL when nothing did. */
static const char *answer_of(struct cell *c)
{
    const struct tls_detail *d = step_tls(c->decisive);

    if (c->result->cause != CAUSE_TLS_NOT_TLS || !same_text(c->result->at, "endpoint") ||
        d == NULL || d->first_bytes == NULL || *d->first_bytes == '\0')
        return NULL;
    return timeless(c->judge, d->first_bytes);
}

/* A certificate in another name than that of the public service whose place it is shown in. */
static const char *certificate_of(const struct cell *c)
{
    const struct tls_detail *d = step_tls(c->decisive);

    return c->result->cause == CAUSE_CERT_NAME_MISMATCH && same_text(c->result->at, "endpoint") &&
                   d != NULL && d->n_chain > 0 && name_is_public(c->result->of_endpoint)
               ? d->chain[0]->sha256
               : NULL;
}

/*
 * Services apart have no certificate together: who shows one for both, at the addresses of both, is
 * neither. (At one address it may be DNS that leads to another server.)
 */
static const char *shared_certificate(const struct judge *j, const struct cell *c)
{
    const char *shown = certificate_of(c);

    for (size_t i = 0; BLOCK("box-one-certificate") && shown != NULL && i < j->r->n_results; i++) {
        const struct cell *o = &j->cells[i];

        if (same_text(certificate_of(o), shown) && are_services_apart(c, o) &&
            !same_text(o->decisive->address, c->decisive->address))
            return shown;
    }
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct answer *)a)->text, ((const struct answer *)b)->text);
}

/* The first hop that all of these lead through; NULL when one leads past it. */
static const char *common_hop(const struct answer *list, size_t n)
{
    const char *hop = list[0].cell->path->n_legs > 1 ? list[0].cell->path->stations[1] : NULL;

    for (size_t i = 1; i < n && hop != NULL; i++) {
        if (leg_into(list[i].cell, hop) == NULL)
            hop = NULL;
    }
    return hop;
}

/* Was nothing else to be had on the routes of these? `tested`: results that were, by path. */
static bool is_all_there_is(struct judge *j, const struct answer *list, size_t n,
                            const size_t *tested)
{
    size_t *same = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *same);

    for (size_t i = 0; i < n; i++)
        same[list[i].cell->path - j->paths]++;
    for (size_t k = 0; k < j->r->n_routes; k++) {
        if (same[k] > 0 && same[k] < tested[k])
            return false;
    }
    return true;
}

/*
 * The same answer for several endpoints, and none of them gives it on a way past a hop: it is that
 * hop's. Without such a hop it is a box's when nothing else answers on these routes; two servers
 * among others that answer alike are two servers.
 */
static void judge_answer(struct judge *j, const struct answer *list, size_t n, const size_t *tested)
{
    const char *hop = common_hop(list, n), *key;
    bool several = false;

    for (size_t i = 1; i < n; i++)
        several = several || list[i].cell->result->of_endpoint != list[0].cell->result->of_endpoint;
    if (!several || (hop == NULL && !is_all_there_is(j, list, n, tested)))
        return;
    key = text(j, "%s %s", hop != NULL ? hop : "", list[0].text);
    for (size_t i = 0; i < n; i++)
        list[i].cell->box = key;
}

void boxes_find(struct judge *j)
{
    struct answer *list = arena_alloc(j->r->arena, (j->r->n_results + 1) * sizeof *list);
    size_t *tested = arena_alloc(j->r->arena, (j->r->n_routes + 1) * sizeof *tested), n = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        const char *answer = answer_of(c);

        c->box = shared_certificate(j, c);
        tested[c->path - j->paths] += c->tested > 0;
        if (c->result->cause == CAUSE_APP_REFUSED && portal_of(c, c->decisive) != NULL)
            c->box = portal_of(c, c->decisive); /* one portal, whatever else answers */
        if (answer != NULL)
            list[n++] = (struct answer){c, answer};
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_text);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(list[i].text, list[end].text) == 0;)
            end++;
        judge_answer(j, &list[i], end - i, tested);
    }
}
