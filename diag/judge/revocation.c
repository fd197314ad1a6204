/*
 * revocation: what became of the CRLs and OCSP responders that certificates name (endpoints of the
 * service "revocation", --revocation).
 *
 * Clients ask them in passing: where the required route does not bring what is to be had there,
 * that is a warning. One server may have several lists, and filters by path let some through.
 */
#include "diag/judge/conclude.h"
#include "diag/judge/sieve.h"

#include <string.h>

/* "/path" of what this step asked for: "GET /path HTTP/1.1", or "http://host/path" of a proxy. */
static const char *path_of(struct judge *j, const struct step *s)
{
    const struct app_detail *a = step_app(s);
    const struct tunnel_detail *t = step_tunnel(s);
    const char *request = a != NULL ? a->request : t != NULL ? t->request : NULL;
    const char *path = request != NULL ? strstr(request, "://") : NULL;

    path = path != NULL ? strchr(path + 3, '/') : request != NULL ? strchr(request, '/') : NULL;
    return path == NULL ? "" : text(j, "%.*s", (int)strcspn(path, " "), path);
}

bool revocation_lacks(struct cell *c)
{
    struct step *failing = NULL;
    size_t urls = 1, missing = 0;

    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        if (p->experiment != EXPERIMENT_OTHER_PATH || p->verdict == VERDICT_SKIP)
            continue;
        urls++;
        if (p->verdict != VERDICT_FAIL)
            continue;
        missing++;
        failing = failing != NULL ? failing : p->failing;
    }
    c->tested += urls - 1;
    c->passed += urls - 1 - missing;
    if (failing == NULL || !BLOCK("revocation-other-path"))
        return false;
    cell_set_from(c, VERDICT_FAIL, failing);
    c->note =
        text(c->judge, "%zu of %zu URLs there, %s%s%s", missing, urls, path_of(c->judge, failing),
             failing->note != NULL ? ": " : "", failing->note != NULL ? failing->note : "");
    return true;
}

/* Does the certificate name this responder? */
static bool names_responder(const struct cert *cert, const char *host)
{
    size_t len = strlen(host);

    for (size_t i = 0; i < cert->n_ocsp; i++) {
        const char *name = strstr(cert->ocsp[i], "://");

        if (name != NULL && strcspn(name + 3, ":/") == len && strncmp(name + 3, host, len) == 0)
            return true;
    }
    return false;
}

/* Do all certificates that name this responder come with a stapled status that is good? Then no
 * client has to ask there (RFC 6066 section 8). Intermediates are never stapled for (RFC 8446
 * section 4.4.2.1 allows it; no server does). */
static bool is_stapled_for(const struct judge *j, const char *host)
{
    bool named = false;

    for (size_t i = 0; i < j->r->n_results; i++) {
        for (size_t k = 0; k < j->r->results[i]->n_steps; k++) {
            const struct tls_detail *d = step_tls(j->r->results[i]->steps[k]);

            for (size_t n = 0; d != NULL && n < d->n_chain; n++) {
                if (!names_responder(d->chain[n], host))
                    continue;
                if (n > 0 || !same_text(d->ocsp, "good"))
                    return false;
                named = true;
            }
        }
    }
    return named;
}

static const char *words(const struct cell *c)
{
    struct judge *j = c->judge;
    const struct endpoint *e = c->result->of_endpoint;
    bool stapled =
        BLOCK("revocation-stapled") && same_text(e->expects, "ocsp") && is_stapled_for(j, e->host);

    return text(j, "%s%s (%s)%s", e->id,
                e->n_also > 0 && c->decisive != NULL ? path_of(j, c->decisive) : "",
                cause_info(c->result->cause)->code,
                stapled
                    ? ", which clients need not ask: every server that names it staples its status"
                    : "");
}

void revocation_warns(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        const struct result *x = c->result;

        if (BLOCK("revocation-unreachable") && same_text(x->of_endpoint->service, "revocation") &&
            c->path->route->required && x->verdict == VERDICT_FAIL)
            remark(j, (struct remark){CAUSE_REVOCATION_UNREACHABLE,
                                      x->at != NULL && strchr(x->at, '>') != NULL ? x->at
                                                                                  : last_leg(c),
                                      words(c), SEVERITY_WARNING, c, c->decisive});
    }
}
