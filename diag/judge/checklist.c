/*
 * checklist: the points that the site's method and a migration ask for, each with what was seen of
 * it. A summary of verdicts that stand already: it concludes nothing of its own about a result, and
 * colours nothing.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/points.h"
#include "diag/judge/sieve.h"
#include "diag/model/method.h"

#include <string.h>

#define ON(method)      (1U << METHOD_##method)
#define EVERY_METHOD    ((1U << METHOD_COUNT) - 1)
#define THROUGH_PROXIES (ON(AZURE_PROXY) | ON(PROXY_CHAIN) | ON(MULTICLOUD))
#define IN_AZURE        (ON(AZURE_PROXY) | ON(MULTICLOUD))
#define MIGRATION       (1U << METHOD_COUNT)
#define NO_METHOD       0U

enum needs { ANYTHING, PROXY };

struct row {
    const char *code, *title, *unseen;
    unsigned lists, sign_off;
    enum needs needs;
    int step;
    struct answer (*see)(struct judge *j); /* NULL: never from here */
};

static const struct row rows[] = {
#define POINT(symbol, code, lists, sign_off, needs, step, title, unseen)                           \
    {code, title, unseen, lists, sign_off, needs, step, point_##symbol},
#define ELSEWHERE(code, lists, sign_off, needs, step, title, unseen)                               \
    {code, title, unseen, lists, sign_off, needs, step, NULL},
#include "diag/model/checklist.def"
#undef POINT
#undef ELSEWHERE
};

/* --- what the points share --- */

bool endpoint_decides(const struct judge *j, const struct endpoint *e)
{
    return !e->optional && !same_text(e->id, j->r->site->legacy_hub);
}

struct tally tally_of(const struct judge *j, const struct route *route)
{
    struct tally t = {.route = route};

    for (size_t i = 0; route != NULL && i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        if (c->result->of_route != route || !endpoint_decides(j, c->result->of_endpoint))
            continue;
        switch (c->result->verdict) {
        case VERDICT_PASS:
        case VERDICT_WARN:
            t.pass++;
            break;
        case VERDICT_FAIL:
            t.first = t.fail++ == 0 ? c : t.first;
            break;
        case VERDICT_SKIP:
            t.skip++;
            break;
        }
    }
    return t;
}

/* What "answers" rests on: ": each with a finished TLS handshake", and with --app more. */
static const char *what_came_back(struct judge *j, const struct tally *t)
{
    size_t shaken = 0, served = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];
        bool serves = false;

        if (c->result->of_route != t->route || !endpoint_decides(j, c->result->of_endpoint) ||
            (c->result->verdict != VERDICT_PASS && c->result->verdict != VERDICT_WARN))
            continue;
        shaken += c->leaf != NULL && c->leaf->outcome == OUTCOME_OK;
        for (size_t k = 0; k < c->result->n_steps; k++)
            serves = serves || (c->result->steps[k]->step == STEP_APP &&
                                c->result->steps[k]->verdict == VERDICT_PASS);
        served += serves;
    }
    if (shaken < t->pass)
        return "";
    return served < t->pass ? ", each with a finished TLS handshake"
                            : ", each with a finished TLS handshake and its service's own answer";
}

struct answer tally_answer(struct judge *j, const struct tally *t)
{
    size_t tested = t->pass + t->fail;
    const char *over = t->route == NULL       ? ""
                       : t->route->n_hops > 0 ? text(j, "over %s", t->route->id)
                                              : "directly";
    const char *rest = t->skip > 0 ? text(j, "; %zu not tested", t->skip) : "";

    if (tested == 0 && t->route == NULL)
        return (struct answer){POINT_UNSEEN, NULL};
    if (tested == 0)
        return (struct answer){POINT_UNSEEN,
                               text(j,
                                    is_recording(j) ? "in the recording no endpoint is asked for %s"
                                                    : "no endpoint was tested %s",
                                    over)};
    if (t->fail > 0) {
        const struct result *x = t->first->result;

        return (struct answer){POINT_UNMET, text(j, "%zu of %zu %s %s%s: %s (%s at %s)", t->fail,
                                                 tested, t->fail == 1 ? "fails" : "fail", over,
                                                 rest, x->endpoint, cause_info(x->cause)->code,
                                                 x->at != NULL ? x->at : "the endpoint")};
    }
    return (struct answer){t->skip == 0 ? POINT_MET : POINT_UNSEEN,
                           text(j, "%zu of %zu %s %s%s%s", t->pass, tested,
                                t->pass == 1 ? "endpoint answers" : "endpoints answer", over,
                                what_came_back(j, t), rest)};
}

const struct route *direct_route(const struct judge *j)
{
    return report_route(j->r, "direct");
}

const struct route *required_route(const struct judge *j)
{
    for (size_t i = 0; i < j->r->n_routes; i++) {
        if (j->r->routes[i]->required)
            return j->r->routes[i];
    }
    return NULL;
}

const char *first_hop_address(struct judge *j)
{
    const struct hop *hop = j->r->n_hops > 0 ? j->r->hops[0] : NULL;
    const char *address = NULL;

    for (size_t i = 0; hop != NULL && i < hop->n_steps; i++) {
        const struct step *s = hop->steps[i];

        if (s->step == STEP_CONNECT && s->experiment == EXPERIMENT_NONE && s->address != NULL &&
            (address == NULL || s->verdict == VERDICT_PASS))
            address = s->address;
    }
    for (size_t i = 0; address == NULL && hop != NULL && i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];

        for (size_t k = 0; same_text(c->path->stations[1], hop->name) && k < c->result->n_steps;
             k++)
            if (c->result->steps[k]->step == STEP_CONNECT)
                address = c->result->steps[k]->address;
    }
    return without_port(j, address);
}

bool is_private(const char *address)
{
    struct addr a;

    return address != NULL && addr_parse(address, &a) && addr_kind(&a) == ADDR_PRIVATE;
}

/* --- the list --- */

static void add(struct judge *j, const struct row *row, const char *list, bool needed)
{
    struct point *p = report_new_of(j->r, point);
    struct answer seen = {POINT_UNSEEN, NULL};

    if (row->see != NULL)
        seen = row->see(j);
    p->id = row->code;
    p->list = list;
    p->needed = needed;
    p->step = row->step > 0 ? row->step : INT_UNKNOWN;
    p->title = row->title;
    p->state = seen.state;
    p->evidence = seen.evidence != NULL ? seen.evidence : row->unseen;
    list_push(j->r->arena, j->r->checklist, j->r->n_checklist, p);
}

void checklist_conclude(struct judge *j)
{
    const struct method_info *m = method_find(j->r->site->method);
    unsigned mine = m != NULL ? 1U << m->method : 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        bool applies = row->needs == ANYTHING || j->r->n_hops > 0;

        if (applies && (row->lists & mine) != 0)
            add(j, row, m->word, (row->sign_off & mine) != 0);
        if (applies && (row->lists & MIGRATION) != 0 && j->r->site->migration)
            add(j, row, "migration", (row->sign_off & (mine | MIGRATION)) != 0);
    }
}
