/* app: from the service's answer to app-refused and websocket-blocked (RFC 6455, contract --app).
 */
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

static const char at_endpoint[] = "endpoint";

static bool wants_websocket(const struct app_detail *a)
{
    return has_text(a->request, "websocket");
}

/* Somebody else's certificate, which this machine trusts. */
static bool is_inspected(const struct cell *c)
{
    return c->leaf != NULL && c->leaf->cause == CAUSE_TLS_INTERCEPTED;
}

/* Who can strip an upgrade inside TLS? Only somebody who opened that TLS; else it is the server. */
static const char *who_strips(const struct cell *c)
{
    const struct step *leaf = c->leaf;

    if (is_inspected(c) && facts_of_hop(c->judge, leaf->at) != NULL)
        return leaf->at;
    return at_endpoint;
}

static const char *what_came(const struct cell *c, const struct step *s, const struct app_detail *a)
{
    struct judge *j = c->judge;

    if (a->status != INT_UNKNOWN)
        return text(j, "%lld %s%s%s%s%s", (long long)a->status, a->reason != NULL ? a->reason : "",
                    a->kind != NULL ? ", " : "", a->kind != NULL ? a->kind : "",
                    a->title != NULL ? ", titled " : "", a->title != NULL ? a->title : "");
    return s->outcome == OUTCOME_TIMEOUT  ? "no answer in time"
           : s->outcome == OUTCOME_RESET  ? "the connection was reset"
           : s->outcome == OUTCOME_CLOSED ? "the connection was closed"
                                          : "an answer that is not HTTP";
}

/* Nobody's site forbids a stranger its first page more often than an inspecting box does. */
static bool is_page_of_an_inspector(const struct cell *c, const struct app_detail *a)
{
    return BLOCK("app-page-of-an-inspector") && a->status == 403 && is_inspected(c);
}

/* A hub that got the request without its Upgrade says 401 too: where somebody could have taken it
 * out, the answer is not about our address. */
static bool is_about_our_address(const struct cell *c, const struct app_detail *a)
{
    return a->refuses_us &&
           !(BLOCK("upgrade-may-be-stripped") && wants_websocket(a) && is_inspected(c));
}

/* --- the same connection asked for something else (experiments app-page and app-amqp) --- */

static const struct step *answer_to(const struct cell *c, enum experiment what)
{
    const struct probe *p = experiment_probe(c, what);
    const struct step *s = p != NULL ? probe_last(p) : NULL;

    return step_app(s) == NULL || not_tried(s) ? NULL : s;
}

static bool is_page_for_people(const struct step *s)
{
    const struct app_detail *a = step_app(s);

    return s->outcome == OUTCOME_APP_UNEXPECTED &&
           (has_text(a->content_type, "html") || a->title != NULL);
}

static bool says_nothing(const struct step *s)
{
    return step_app(s)->status == INT_UNKNOWN &&
           (s->outcome == OUTCOME_TIMEOUT || s->outcome == OUTCOME_RESET ||
            s->outcome == OUTCOME_CLOSED);
}

/*
 * The upgrade was refused: it alone, or whatever is asked? A hub has an answer of its own to a
 * plain request. Where a stranger's page comes to that as well, or nothing does, the WebSocket has
 * no part in it.
 */
static bool everything_is_refused(const struct cell *c, const struct step *s)
{
    const struct step *page = answer_to(c, EXPERIMENT_APP_PAGE);

    return page != NULL && ((is_page_for_people(s) && is_page_for_people(page)) ||
                            (says_nothing(s) && says_nothing(page)));
}

/*
 * Inside TLS that nobody opened, nobody on the way can tell one request from another: there only an
 * answer counts that is not the service's own. Who opened it can strip the upgrade, so that the
 * service answers something else, or end the connection.
 */
static bool amqp_is_blocked(const struct cell *c, const struct step *s)
{
    const struct app_detail *a = step_app(s);

    if (BLOCK("amqp-refused-by-a-stranger") && s->outcome == OUTCOME_APP_UNEXPECTED)
        return true;
    return BLOCK("amqp-stripped") && is_inspected(c) && !a->upgraded;
}

void app_more_sieve(struct cell *c, struct step *s)
{
    const struct app_detail *a = step_app(s);

    if (a == NULL || not_tried(s))
        say_skip(s);
    else if (s->experiment == EXPERIMENT_APP_AMQP && amqp_is_blocked(c, s))
        say_fail(c, s, CAUSE_WEBSOCKET_BLOCKED, who_strips(c), what_came(c, s, a));
    else if (s->outcome == OUTCOME_OK)
        say_pass(s);
    else
        say_skip(s); /* what it means depends on the first answer */
}

bool app_warns(struct cell *c, struct step **out, const char **note)
{
    const struct probe *p = experiment_probe(c, EXPERIMENT_APP_AMQP);
    struct step *s = p != NULL ? probe_last(p) : NULL;

    if (step_app(s) == NULL || s->cause != CAUSE_WEBSOCKET_BLOCKED)
        return false;
    *out = s;
    *note =
        text(c->judge, "AMQP over WebSocket does not get through (%s); what was asked first does",
             s->note);
    return true;
}

void app_sieve(struct cell *c, struct step *s)
{
    const struct app_detail *a = step_app(s);

    if (a == NULL || not_tried(s))
        say_skip(s);
    else if (s->outcome == OUTCOME_OK && !is_page_of_an_inspector(c, a))
        say_pass(s);
    else if (BLOCK("app-refuses-us") && is_about_our_address(c, a))
        say_fail(c, s, CAUSE_APP_REFUSED, at_endpoint, what_came(c, s, a));
    else if (BLOCK("everything-refused") && wants_websocket(a) && everything_is_refused(c, s))
        say_fail(c, s, CAUSE_APP_REFUSED, at_endpoint,
                 text(c->judge, "%s; a request without the upgrade fares no better",
                      what_came(c, s, a)));
    else if (BLOCK("websocket-blocked") && wants_websocket(a) && !a->upgraded)
        say_fail(c, s, CAUSE_WEBSOCKET_BLOCKED, who_strips(c), what_came(c, s, a));
    else
        say_fail(c, s, CAUSE_APP_REFUSED, at_endpoint, what_came(c, s, a));
}
