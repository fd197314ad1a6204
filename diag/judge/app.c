/* app: from the service's answer to app-refused and websocket-blocked (RFC 6455, contract --app).
 */
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

void app_sieve(struct cell *c, struct step *s)
{
    const struct app_detail *a = step_app(s);

    if (a == NULL || not_tried(s))
        say_skip(s);
    else if (s->outcome == OUTCOME_OK && !is_page_of_an_inspector(c, a))
        say_pass(s);
    else if (BLOCK("app-refuses-us") && is_about_our_address(c, a))
        say_fail(c, s, CAUSE_APP_REFUSED, at_endpoint, what_came(c, s, a));
    else if (BLOCK("websocket-blocked") && wants_websocket(a) && !a->upgraded)
        say_fail(c, s, CAUSE_WEBSOCKET_BLOCKED, who_strips(c), what_came(c, s, a));
    else
        say_fail(c, s, CAUSE_APP_REFUSED, at_endpoint, what_came(c, s, a));
}
