/* wishes_app: the further questions to a service (--app); see wishes.c. */
#include "diag/judge/sieve.h"
#include "diag/judge/wishing.h"
#include "diag/model/azure.h"

/* Hubs and namespaces have AMQP over WebSocket. A hub was asked for a WebSocket first. */
static bool speaks_amqp(const struct cell *c, const struct app_detail *a)
{
    const struct azure_name *name = azure_name_of(c->result->of_endpoint->host);

    return has_text(a->request, "/$iothub/websocket") ||
           (has_text(a->request, "GET / ") && name != NULL && same_text(name->tag, "EventHub"));
}

/*
 * The first answer came through. Which of its protocols a sensor takes is not documented, so the
 * other one is asked for too, on every route.
 */
void wishes_after_answer(struct wishing *w, struct cell *c)
{
    if (wish_was_made(c, EXPERIMENT_APP_AMQP))
        return;
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];
        const struct step *last = probe_last(p);

        if (p->experiment != EXPERIMENT_NONE || step_app(last) == NULL ||
            (p->verdict != VERDICT_PASS && p->verdict != VERDICT_WARN))
            continue;
        if (BLOCK("wish-app-amqp") && speaks_amqp(c, step_app(last)))
            wish_push_after(w, c, last, EXPERIMENT_APP_AMQP);
        return;
    }
}

/* An upgrade was refused, and not by the service's own rules: is anything else let through? */
void wishes_after_refusal(struct wishing *w, struct cell *c)
{
    const struct app_detail *a = step_app(c->decisive);

    if (BLOCK("wish-app-page") && !c->result->of_endpoint->plain &&
        has_text(a->request, "websocket") && !a->refuses_us &&
        !wish_was_made(c, EXPERIMENT_APP_PAGE))
        wish_push(w, c, EXPERIMENT_APP_PAGE, NULL);
}
