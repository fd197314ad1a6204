/*
 * method: what the site's connection method says about what was seen. Policy, not a fault: nothing
 * here colours the verdict.
 */
#include "diag/model/method.h"
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"

#include <string.h>

const char *method_azure_hop(const struct judge *j)
{
    const struct method_info *m = method_find(j->r->site->method);

    return m != NULL && m->in_azure && j->r->n_hops > 0 ? j->r->hops[0]->name : NULL;
}

bool cause_of_member(enum cause cause)
{
    const char *code = cause_info(cause)->code;

    return cause == CAUSE_INTERMITTENT || (code != NULL && strncmp(code, "proxy-", 6) == 0);
}

/* Only the dates of the certificate are wrong, or our clock: its owner answered all the same. */
static bool is_about_dates(enum cause cause)
{
    return cause == CAUSE_CERT_EXPIRED || cause == CAUSE_CERT_NOT_YET_VALID ||
           cause == CAUSE_CLOCK_SKEW;
}

bool reaches_service(const struct cell *c)
{
    const struct result *x = c->result;

    if (x->verdict == VERDICT_PASS || x->verdict == VERDICT_WARN)
        return true;
    if (x->verdict != VERDICT_FAIL || c->leaf == NULL)
        return false;
    return is_about_dates(x->cause) || (c->leaf->verdict == VERDICT_PASS && c->decisive != NULL &&
                                        c->decisive->step == STEP_APP);
}

/* A name that was looked up alone is no connection. */
bool connects(const struct result *x)
{
    for (size_t i = 0; i < x->n_steps; i++) {
        if (x->steps[i]->step == STEP_CONNECT)
            return true;
    }
    return false;
}

const char *method_hub_use(struct judge *j, struct cell **where)
{
    const char *hub = j->r->site->legacy_hub, *use = NULL;

    if (hub == NULL || !is_recording(j))
        return NULL;
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];

        if (!same_text(c->result->endpoint, hub) || c->result->n_steps == 0)
            continue;
        *where = c;
        if (connects(c->result))
            return text(j, "still connects to %s", hub);
        use = text(j, "still asks DNS for %s", hub);
    }
    return use;
}

/* The sensor has not moved, or not yet. */
static void conclude_hub(struct judge *j)
{
    struct cell *c = NULL;
    const char *use = method_hub_use(j, &c);

    if (BLOCK("legacy-hub-used") && use != NULL)
        remark(j, (struct remark){CAUSE_LEGACY_HUB_USED, "sensor", use, SEVERITY_INFO, c,
                                  c->decisive});
}

/* A method through a proxy, and an endpoint that is reached past it all the same. */
static void conclude_unwanted(struct judge *j)
{
    const struct method_info *m = method_find(j->r->site->method);

    if (m == NULL || !m->direct_unwanted || j->r->n_hops == 0)
        return;
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        const struct result *x = c->result;

        if (BLOCK("unwanted-path") && reaches_service(c) && c->path->n_legs == 1 &&
            !c->path->route->required && !x->of_endpoint->optional)
            remark(j, (struct remark){CAUSE_UNWANTED_PATH, last_leg(c), m->word, SEVERITY_INFO, c,
                                      c->decisive});
    }
}

void method_conclude(struct judge *j)
{
    conclude_unwanted(j);
    conclude_hub(j);
}

static const char *joined(struct judge *j, const char *sentence, const char *more)
{
    return sentence == NULL ? more : text(j, "%s %s", sentence, more);
}

/* All required results that were tested fail for this reason. */
static bool hits_all(const struct judge *j, const struct finding *f)
{
    size_t hit = 0, tested = 0;

    for (size_t i = 0; i < f->n_results; i++)
        hit += j->r->results[f->results[i]]->required;
    for (size_t i = 0; i < j->r->n_results; i++)
        tested += j->r->results[i]->required && j->r->results[i]->verdict != VERDICT_SKIP;
    return hit > 0 && hit == tested;
}

/* All that it hits are tries past the proxy, which decide nothing. */
static bool only_past_the_proxy(const struct judge *j, const struct finding *f)
{
    for (size_t i = 0; i < f->n_results; i++) {
        const struct result *x = j->r->results[f->results[i]];

        if (x->required || x->of_route->n_hops > 0)
            return false;
    }
    return f->n_results > 0;
}

/* What is closed where the method wants nothing open: no advice to open it. Is it that? */
static bool leave_closed(struct judge *j, struct finding *f)
{
    const struct method_info *m = method_find(j->r->site->method);

    if (m == NULL || !m->direct_unwanted || j->r->n_hops == 0 || f->severity != SEVERITY_INFO ||
        f->cause == CAUSE_UNWANTED_PATH || !only_past_the_proxy(j, f))
        return false;
    if (BLOCK("method-leaves-closed"))
        f->remedy = text(j,
                         "Nothing: with the method %s the sensor uses its proxy, and a direct way "
                         "is not wanted.",
                         m->word);
    return true;
}

/* After a migration the legacy hub is cut off; whoever did that need not open it again. */
static void leave_hub(struct judge *j, struct finding *f)
{
    if (f->severity != SEVERITY_INFO || j->r->site->legacy_hub == NULL || f->n_results == 0)
        return;
    for (size_t i = 0; i < f->n_results; i++) {
        const struct result *x = j->r->results[f->results[i]];

        if (x->required || !same_text(x->endpoint, j->r->site->legacy_hub))
            return;
    }
    if (BLOCK("method-leaves-legacy-hub"))
        f->remedy = text(j,
                         "Where the migration has cut off the legacy IoT hub: nothing. "
                         "Otherwise: %s",
                         f->remedy);
}

void method_add(struct judge *j, struct finding *f, const struct step *s)
{
    const char *hop = method_azure_hop(j);
    /* Past the TCP connection to the first hop, which is all that the balancer's probe asks for. */
    bool accepted = s != NULL && (s->step == STEP_TUNNEL || s->step == STEP_TLS);
    const char *out = hop != NULL ? text(j, "%s>endpoint", hop) : NULL;

    if (f->cause != CAUSE_LEGACY_HUB_USED && !leave_closed(j, f))
        leave_hub(j, f);
    if (hop == NULL || !accepted)
        return;
    if (BLOCK("method-balancer") && same_text(f->at, hop) && cause_of_member(f->cause))
        f->explanation =
            joined(j, f->explanation,
                   "A load balancer's TCP health probe cannot see this: the port accepts "
                   "connections, and that is all the probe asks.");
    /* Behind the proxies everything is in Azure: their subnet, its routes, its firewall. */
    if (BLOCK("method-nat") && same_text(f->at, out) && f->cause == CAUSE_PROXY_UPSTREAM_TIMEOUT &&
        hits_all(j, f)) {
        f->owner = names_word(&owner_names, OWNER_CLOUD);
        f->remedy = text(j,
                         "In Azure, since no endpoint is reached at all: attach a NAT gateway with "
                         "a public address to the subnet of %s. If it has one: %s",
                         hop, f->remedy);
    }
}
