/* words: see words.h. The facts of single steps are in words_facts.c. */
#include "reports/words.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void words_duration(int64_t us, struct buf *to)
{
    if (us == INT_UNKNOWN)
        buf_char(to, '?');
    else if (us > 0 && us < 50)
        buf_str(to, "<0.1 ms");
    else if (us < 10000)
        buf_printf(to, "%.1f ms", (double)us / 1000.0);
    else if (us < 999500)
        buf_printf(to, "%.0f ms", (double)us / 1000.0);
    else if (us < 60000000)
        buf_printf(to, "%.1f s", (double)us / 1e6);
    else
        buf_printf(to, "%" PRId64 " min %" PRId64 " s", us / 60000000, us / 1000000 % 60);
}

void words_place(const char *at, struct buf *to)
{
    const char *arrow = at == NULL ? NULL : strchr(at, '>');

    if (at == NULL)
        buf_str(to, "at an unknown place");
    else if (strcmp(at, "sensor") == 0 || strcmp(at, "endpoint") == 0)
        buf_printf(to, "at the %s", at);
    else if (strcmp(at, "resolver") == 0)
        buf_str(to, "at the DNS server");
    else if (arrow != NULL && arrow > at && strchr(arrow + 1, '>') == NULL)
        buf_printf(to, "between %.*s and %s", (int)(arrow - at), at, arrow + 1);
    else
        buf_printf(to, "at %s", at);
}

void words_owner(const char *owner, struct buf *to)
{
    static const struct {
        const char *owner, *people;
    } known[] = {{"sensor", "the sensor's administrator"},
                 {"dns", "the DNS team"},
                 {"network", "the network team"},
                 {"proxy", "the owner of the proxy"},
                 {"cloud", "the owner of the Azure subscription"}};

    for (size_t i = 0; owner != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(owner, known[i].owner) == 0) {
            buf_str(to, known[i].people);
            return;
        }
    }
    if (owner != NULL && strncmp(owner, "proxy:", 6) == 0)
        buf_printf(to, "the owner of %s", owner + 6);
    else
        buf_str(to, owner == NULL ? "somebody" : owner);
}

const char *words_verdict(enum verdict v)
{
    switch (v) {
    case VERDICT_PASS:
        return "PASS";
    case VERDICT_WARN:
        return "WARN";
    case VERDICT_FAIL:
        return "FAIL";
    case VERDICT_SKIP:
        break;
    }
    return "not tested";
}

const char *words_state(enum verdict v)
{
    switch (v) {
    case VERDICT_PASS:
        return "OK";
    case VERDICT_WARN:
        return "WARNING";
    case VERDICT_FAIL:
        return "CRITICAL";
    case VERDICT_SKIP:
        break;
    }
    return "UNKNOWN";
}

const char *words_severity(enum severity s)
{
    switch (s) {
    case SEVERITY_ERROR:
        return "ERROR";
    case SEVERITY_WARNING:
        return "WARNING";
    case SEVERITY_INFO:
    case SEVERITY_NONE:
        break;
    }
    return "INFO";
}

void words_inside(const char *title, struct buf *to)
{
    const char *s = title == NULL ? "" : title;
    /* "DNS ...", "TLS ..." keep their capitals; "The ...", "A ..." begin small. */
    bool lower = s[0] >= 'A' && s[0] <= 'Z' && !(s[1] >= 'A' && s[1] <= 'Z');

    if (lower)
        buf_char(to, (char)(s[0] + ('a' - 'A')));
    buf_str(to, lower ? s + 1 : s);
}

void words_count(size_t n, const char *one, const char *many, struct buf *to)
{
    buf_printf(to, "%zu %s", n, n == 1 ? one : many);
}

size_t words_required(const struct report *r, const struct finding *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n_results; i++)
        n += r->results[f->results[i]]->required;
    return n;
}

const struct finding *words_headline(const struct report *r)
{
    const enum severity wanted =
        r->summary->verdict == VERDICT_FAIL ? SEVERITY_ERROR : SEVERITY_WARNING;
    const struct finding *best = NULL;
    size_t most = 0;

    for (size_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = r->findings[i];
        size_t n = words_required(r, f);

        if (f->severity == wanted && (best == NULL || n > most)) {
            best = f;
            most = n;
        }
    }
    return best;
}

static size_t of_severity(const struct report *r, enum severity s)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n_findings; i++)
        n += r->findings[i]->severity == s;
    return n;
}

static int64_t known(int64_t n)
{
    return n == INT_UNKNOWN ? 0 : n;
}

static void sentence_of_failure(const struct report *r, struct buf *to)
{
    const struct counts *c = r->summary->required;
    const int64_t all = known(c->pass) + known(c->warn) + known(c->fail) + known(c->skip);
    const struct finding *f = words_headline(r);
    size_t others = of_severity(r, SEVERITY_ERROR);

    if (known(c->fail) == 1 && f != NULL && words_required(r, f) == 1) {
        for (size_t i = 0; i < f->n_results; i++) {
            const struct result *result = r->results[f->results[i]];

            if (result->required)
                buf_printf(to, "%s fails", result->endpoint);
        }
    } else if (known(c->fail) == all && all > 1) {
        if (all == 2)
            buf_str(to, "Both required endpoints fail");
        else
            buf_printf(to, "All %" PRId64 " required endpoints fail", all);
    } else {
        buf_printf(to, "%" PRId64 " of %" PRId64 " required endpoints fail%s", known(c->fail), all,
                   known(c->fail) == 1 ? "s" : "");
    }
    if (f == NULL) {
        buf_str(to, ".");
        return;
    }
    if (others > 1)
        buf_printf(to, " for %zu reasons, first", others);
    buf_char(to, ' ');
    words_place(f->at, to);
    buf_str(to, ": ");
    words_inside(f->title, to);
    buf_str(to, ". To act: ");
    words_owner(f->owner, to);
    buf_char(to, '.');
}

/* " directly" or " over hop1". */
static void required_way(const struct report *r, struct buf *to)
{
    if (r->site->required_route == NULL)
        return;
    if (strcmp(r->site->required_route, "direct") == 0)
        buf_str(to, " directly");
    else
        buf_printf(to, " over %s", r->site->required_route);
}

static void sentence_of_pass(const struct report *r, struct buf *to)
{
    const struct counts *c = r->summary->required;

    if (known(c->skip) > 0)
        buf_printf(to, "%" PRId64 " of %" PRId64 " required endpoints can be reached",
                   known(c->pass), known(c->pass) + known(c->skip));
    else if (known(c->pass) == 1)
        buf_str(to, "The required endpoint can be reached");
    else
        buf_printf(to, "All %" PRId64 " required endpoints can be reached", known(c->pass));
    required_way(r, to);
    if (known(c->skip) > 0)
        buf_printf(to, ", %" PRId64 " %s not tested", known(c->skip),
                   known(c->skip) == 1 ? "was" : "were");
    buf_char(to, '.');
}

/* Nothing was shown, so nothing may be said to pass. */
static void sentence_of_nothing(const struct report *r, struct buf *to)
{
    const int64_t skipped = known(r->summary->required->skip);

    if (skipped == 0)
        buf_str(to, "There is no required endpoint, so nothing was tested.");
    else if (skipped == 1)
        buf_str(to, "The required endpoint was not tested.");
    else
        buf_printf(to, "None of the %" PRId64 " required endpoints was tested.", skipped);
}

static void sentence_of_warning(const struct report *r, struct buf *to)
{
    const struct counts *c = r->summary->required;
    const struct finding *f = words_headline(r);

    if (known(c->pass) + known(c->warn) == 0) {
        sentence_of_nothing(r, to);
        return;
    }
    if (known(c->warn) == 0 && f == NULL) { /* it is what was not tested that warns */
        sentence_of_pass(r, to);
        return;
    }
    buf_str(to, "All required endpoints that were tested pass");
    if (known(c->warn) > 0)
        buf_printf(to, ", %" PRId64 " with a warning", known(c->warn));
    if (f != NULL) {
        buf_str(to, known(c->warn) > 0 ? ": " : "; ");
        words_inside(f->title, to);
        buf_char(to, ' ');
        words_place(f->at, to);
        buf_str(to, ". To look at: ");
        words_owner(f->owner, to);
    }
    buf_char(to, '.');
}

void words_sentence(const struct report *r, struct buf *to)
{
    switch (r->summary->verdict) {
    case VERDICT_FAIL:
        sentence_of_failure(r, to);
        break;
    case VERDICT_WARN:
        sentence_of_warning(r, to);
        break;
    case VERDICT_PASS:
        sentence_of_pass(r, to);
        break;
    case VERDICT_SKIP:
        buf_str(to, "No required endpoint was tested.");
        break;
    }
    if (!r->run->complete)
        buf_str(to, " The run is incomplete.");
}

const struct finding **words_findings(const struct report *r, struct arena *a)
{
    const struct finding **list = arena_alloc(a, (r->n_findings + 1) * sizeof(void *));
    size_t n = 0;

    for (int s = SEVERITY_ERROR; s >= SEVERITY_NONE; s--) {
        for (size_t i = 0; i < r->n_findings; i++) {
            if ((int)r->findings[i]->severity == s)
                list[n++] = r->findings[i];
        }
    }
    return list;
}

const struct route **words_routes(const struct report *r, struct arena *a)
{
    const struct route **list = arena_alloc(a, (r->n_routes + 1) * sizeof(void *));
    size_t n = 0;

    for (int required = 1; required >= 0; required--) {
        for (size_t i = 0; i < r->n_routes; i++) {
            if (r->routes[i]->required == (required != 0))
                list[n++] = r->routes[i];
        }
    }
    return list;
}

size_t *words_numbers(const struct report *r, const struct finding *const *findings,
                      struct arena *a)
{
    size_t *numbers = arena_alloc(a, (r->n_results + 1) * sizeof *numbers);

    for (size_t i = 0; i < r->n_findings; i++) {
        for (size_t k = 0; k < findings[i]->n_results; k++) {
            size_t result = (size_t)findings[i]->results[k];
            bool own = findings[i]->cause == r->results[result]->cause;

            /* The finding of the result's own cause, else the first that speaks of it. */
            if (numbers[result] == 0 ||
                (own && findings[numbers[result] - 1]->cause != r->results[result]->cause))
                numbers[result] = i + 1;
        }
    }
    return numbers;
}

size_t *words_matrix(const struct report *r, const struct route *const *routes, struct arena *a)
{
    size_t *matrix = arena_alloc(a, (r->n_endpoints * r->n_routes + 1) * sizeof *matrix);
    size_t row = 0;

    for (size_t i = 0; i < r->n_results; i++) {
        const struct result *result = r->results[i];
        size_t column = 0, looked = 0;

        /* Results stand in the order of the endpoints: the row is this one or the next. */
        while (r->endpoints[row] != result->of_endpoint && looked++ <= r->n_endpoints)
            row = (row + 1) % r->n_endpoints;
        if (r->endpoints[row] != result->of_endpoint)
            continue;
        while (column < r->n_routes && routes[column] != result->of_route)
            column++;
        if (column < r->n_routes && matrix[row * r->n_routes + column] == 0)
            matrix[row * r->n_routes + column] = i + 1;
    }
    return matrix;
}

void words_capture(const struct report *r, struct buf *to)
{
    const struct capture *c = r->capture;

    if (!c->enabled) {
        buf_printf(to, "not recorded%s%s", c->reason == NULL ? "" : ": ",
                   c->reason == NULL ? "" : c->reason);
        return;
    }
    if (c->packets != INT_UNKNOWN)
        buf_printf(to, "%" PRId64 " recorded", c->packets);
    else
        buf_str(to, "recorded");
    if (c->interface != NULL)
        buf_printf(to, " on %s", c->interface);
    if (known(c->dropped_kernel) + known(c->dropped_interface) > 0)
        buf_printf(to, ", %" PRId64 " LOST",
                   known(c->dropped_kernel) + known(c->dropped_interface));
    else
        buf_str(to, c->reason == NULL ? ", none lost" : ", but not all of the run");
    if (c->file != NULL)
        buf_printf(to, ", kept in %s", c->file);
}

void words_time_server(const struct time_server *t, struct buf *to)
{
    buf_str(to, t->id == NULL ? "a time server" : t->id);
    if (t->outcome != OUTCOME_OK || t->offset_us == INT_UNKNOWN) {
        buf_printf(to, ": %s", names_word(&outcome_names, (int)t->outcome));
        return;
    }
    buf_str(to, ": the clock is ");
    words_duration(t->offset_us < 0 ? -t->offset_us : t->offset_us, to);
    buf_str(to, t->offset_us < 0 ? " slow" : " fast");
    if (t->stratum != INT_UNKNOWN)
        buf_printf(to, " (stratum %" PRId64 ")", t->stratum);
}

/* --- the checklist --- */

static bool same_list(const struct report *r, size_t a, size_t b)
{
    const char *x = r->checklist[a]->list, *y = r->checklist[b]->list;

    return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

bool words_list_begins(const struct report *r, size_t point)
{
    return point == 0 || !same_list(r, point - 1, point);
}

void words_list(const struct report *r, size_t point, struct buf *to)
{
    const char *list = r->checklist[point]->list;
    size_t states[3] = {0};

    for (size_t i = point; i < r->n_checklist && same_list(r, point, i); i++)
        states[r->checklist[i]->state]++;
    if (list != NULL && strcmp(list, "migration") == 0)
        buf_str(to, "Checklist of the migration: ");
    else
        buf_printf(to, "Checklist of the method %s: ", list == NULL ? "?" : list);
    words_count(states[POINT_MET], "point holds", "points hold", to);
    if (states[POINT_UNMET] > 0)
        buf_printf(to, ", %zu %s not", states[POINT_UNMET],
                   states[POINT_UNMET] == 1 ? "does" : "do");
    if (states[POINT_UNSEEN] > 0)
        buf_printf(to, ", %zu cannot be seen from here", states[POINT_UNSEEN]);
}

void words_sign_off(const struct report *r, size_t point, struct buf *to)
{
    size_t states[3] = {0};

    for (size_t i = point; i < r->n_checklist && same_list(r, point, i); i++)
        states[r->checklist[i]->state] += r->checklist[i]->needed;
    buf_str(to, "For the sign-off: ");
    if (states[POINT_UNMET] > 0)
        words_count(states[POINT_UNMET], "needed point does not hold", "needed points do not hold",
                    to);
    else if (r->summary->verdict == VERDICT_FAIL)
        buf_str(to, "the verdict FAIL is against it");
    else
        buf_str(to, states[POINT_UNSEEN] > 0 ? "nothing is against it from here"
                                             : "every needed point holds");
    if (states[POINT_UNSEEN] > 0) {
        buf_str(to, "; ");
        words_count(states[POINT_UNSEEN], "needed point has to be looked at where it says",
                    "needed points have to be looked at where they say", to);
    }
    if (r->summary->verdict == VERDICT_WARN)
        buf_str(to, "; with the verdict WARN only after each warning is mended, or accepted in "
                    "writing");
}

void words_point(const struct point *p, struct buf *to)
{
    if (p->step != INT_UNKNOWN)
        buf_printf(to, "Step %" PRId64 ". ", p->step);
    buf_str(to, p->title == NULL ? "" : p->title);
    /* The pages about the methods call each point by its code. */
    buf_printf(to, " (%s%s)", p->id == NULL ? "?" : p->id, p->needed ? "" : ", for information");
    if (p->state == POINT_UNMET)
        buf_str(to, ": NO");
    else if (p->state == POINT_UNSEEN)
        buf_str(to, ": not seen from here");
    if (p->evidence != NULL && p->evidence[0] != '\0')
        buf_printf(to, "%s%s", p->state == POINT_MET ? ": " : "; ", p->evidence);
}
