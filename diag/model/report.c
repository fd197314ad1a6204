/* report: see report.h. */
#include "diag/model/report.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"

#include <string.h>

/* Enums are read and written as int by the generic code that walks the tables. */
_Static_assert(sizeof(enum verdict) == sizeof(int) && sizeof(enum cause) == sizeof(int) &&
                   sizeof(enum tri) == sizeof(int),
               "an enum is an int");

#define REPORT_SHAPE(name, FIELDS)                                                                 \
    static const struct field name##_fields[] = {FIELDS(FIELD_ROW, name)};                         \
    const struct shape name##_shape = {#name, sizeof(struct name),                                 \
                                       offsetof(struct name, unknown_keys), name##_fields,         \
                                       sizeof name##_fields / sizeof name##_fields[0]};
REPORT_SHAPES(REPORT_SHAPE)

#define NAMES(type, text, ...)                                                                     \
    static const char *const type##_words[] = {__VA_ARGS__};                                       \
    const struct names type##_names = {text, type##_words,                                         \
                                       sizeof type##_words / sizeof type##_words[0]};
NAMES(verdict, "verdict", "skip", "pass", "warn", "fail")
NAMES(command, "command", "check", "analyze")
NAMES(chain, "chain", "forwarded", "nested")
NAMES(point_state, "state", "unseen", "met", "unmet")
NAMES(step_kind, "step", "resolve", "connect", "tunnel", "tls", "http", "app")

static const char *const outcome_words[] = {
#define OUTCOME(name, word, ...) word,
#include "diag/model/outcome.def"
#undef OUTCOME
};
const struct names outcome_names = {"outcome", outcome_words,
                                    sizeof outcome_words / sizeof outcome_words[0]};

static const char *const experiment_words[] = {
#define EXPERIMENT(name, word, ...) word,
#include "diag/model/experiment.def"
#undef EXPERIMENT
};
const struct names experiment_names = {"experiment", experiment_words,
                                       sizeof experiment_words / sizeof experiment_words[0]};

struct report *report_new(void)
{
    struct arena *a = arena_new();
    struct report *r = shape_new(a, &report_shape);

    r->arena = a;
    r->schema = REPORT_SCHEMA;
    r->tool = report_new_of(r, tool);
    r->tool->name = "hopproof";
    r->tool->version = HOPPROOF_VERSION;
    r->run = report_new_of(r, run);
    r->site = report_new_of(r, site_info);
    r->summary = report_new_of(r, summary);
    r->summary->required = report_new_of(r, counts);
    r->summary->all = report_new_of(r, counts);
    r->capture = report_new_of(r, capture);
    return r;
}

void report_free(struct report *r)
{
    if (r != NULL)
        arena_free(r->arena); /* the report itself is in it */
}

void report_note(struct report *r, const char *format, ...)
{
    va_list args;
    const char *note;

    va_start(args, format);
    note = arena_vprintf(r->arena, format, args);
    va_end(args);
    list_push(r->arena, r->run->notes, r->run->n_notes, note);
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

struct endpoint *report_endpoint(const struct report *r, const char *id)
{
    for (size_t i = 0; i < r->n_endpoints; i++) {
        if (same(r->endpoints[i]->id, id))
            return r->endpoints[i];
    }
    return NULL;
}

struct route *report_route(const struct report *r, const char *id)
{
    for (size_t i = 0; i < r->n_routes; i++) {
        if (same(r->routes[i]->id, id))
            return r->routes[i];
    }
    return NULL;
}

int report_link(struct report *r, struct fault *f)
{
    for (size_t i = 0; i < r->n_results; i++) {
        struct result *result = r->results[i];
        /* Results stand in the order of the endpoints, so the last one is nearly always right. */
        struct endpoint *e = i > 0 ? r->results[i - 1]->of_endpoint : NULL;

        if (e == NULL || !same(e->id, result->endpoint))
            e = report_endpoint(r, result->endpoint);
        result->of_endpoint = e;
        result->of_route = report_route(r, result->route);
        if (e == NULL || result->of_route == NULL)
            return fault_set(
                f, "result %zu names an endpoint or route that the report does not list", i);
    }
    return 0;
}

const struct shape *step_detail_shape(enum step_kind kind)
{
    switch (kind) {
    case STEP_RESOLVE:
        return &dns_detail_shape;
    case STEP_CONNECT:
        return &tcp_detail_shape;
    case STEP_TUNNEL:
    case STEP_HTTP:
        return &tunnel_detail_shape;
    case STEP_TLS:
        return &tls_detail_shape;
    case STEP_APP:
        return &app_detail_shape;
    }
    return NULL;
}

struct step *step_new(struct report *r, enum step_kind kind)
{
    struct step *s = report_new_of(r, step);

    s->step = kind;
    s->detail = shape_new(r->arena, step_detail_shape(kind));
    return s;
}

static void *detail_of(const struct step *s, enum step_kind kind)
{
    return s != NULL && s->step == kind ? s->detail : NULL;
}

struct dns_detail *step_dns(const struct step *s)
{
    return detail_of(s, STEP_RESOLVE);
}

struct tcp_detail *step_tcp(const struct step *s)
{
    return detail_of(s, STEP_CONNECT);
}

struct tunnel_detail *step_tunnel(const struct step *s)
{
    return s != NULL && (s->step == STEP_TUNNEL || s->step == STEP_HTTP) ? s->detail : NULL;
}

struct tls_detail *step_tls(const struct step *s)
{
    return detail_of(s, STEP_TLS);
}

struct app_detail *step_app(const struct step *s)
{
    return detail_of(s, STEP_APP);
}

struct sock *step_sock(const struct step *s)
{
    if (s == NULL || s->detail == NULL)
        return NULL;
    switch (s->step) {
    case STEP_RESOLVE:
        return NULL;
    case STEP_CONNECT:
        return step_tcp(s)->sock;
    case STEP_TUNNEL:
    case STEP_HTTP:
        return step_tunnel(s)->sock;
    case STEP_TLS:
        return step_tls(s)->sock;
    case STEP_APP:
        return step_app(s)->sock;
    }
    return NULL;
}

static const char *add_leg(struct report *r, struct result *result, const char *from,
                           const char *to)
{
    struct leg *leg = report_new_of(r, leg);

    leg->from = from;
    leg->to = to;
    list_push(r->arena, result->legs, result->n_legs, leg);
    return to;
}

void report_legs(struct report *r, struct result *result)
{
    const struct route *route = result->of_route;
    const char *from = "sensor";

    result->legs = NULL;
    result->n_legs = 0;
    for (size_t i = 0; i < route->n_hops; i++)
        from = add_leg(r, result, from, route->hops[i]);
    if (route->forwarded) { /* the hops behind the one that we talk to */
        bool behind = false;

        for (size_t i = 0; i < r->n_hops; i++) {
            if (behind)
                from = add_leg(r, result, from, r->hops[i]->name);
            behind = behind || same(r->hops[i]->name, from);
        }
    }
    add_leg(r, result, from, "endpoint");
}

const char *leg_name(struct report *r, const struct leg *leg)
{
    return arena_printf(r->arena, "%s>%s", leg->from, leg->to);
}
