/*
 * family: an address family that leads nowhere, while the other one works. To whom no client can
 * connect over IPv6 has no IPv6, whatever the single servers are worth: one finding, not one for
 * each endpoint. Clients wait for it each time, or try both (RFC 8305).
 */
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

/* Failed for another reason than that this machine does not have the family at all. */
static bool has_failed(const struct probe *p)
{
    return p->experiment == EXPERIMENT_NONE && p->failing != NULL &&
           p->failing->cause != CAUSE_NO_ROUTE;
}

void family_learn(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct cell *c = &j->cells[i];
        struct crowd *crowd = &j->crowds[c->path - j->paths];
        const char *host = c->result->of_endpoint->host;

        for (size_t k = 0; k < c->n_probes; k++) {
            bool six = address_is_v6(c->probes[k].steps[0]->address);

            if (!has_failed(&c->probes[k]))
                continue;
            crowd->failed_of_several[six] |=
                crowd->failed_host[six] != NULL && !same_text(crowd->failed_host[six], host);
            crowd->failed_host[six] = host;
        }
    }
}

const char *family_of_finding(const struct cell *c, enum cause cause, const char *at)
{
    bool failed[2] = {false, false};

    if (c == NULL || cause != CAUSE_SOME_ADDRESSES_FAIL || !same_text(at, "endpoint"))
        return NULL;
    for (size_t i = 0; i < c->n_probes; i++) {
        if (has_failed(&c->probes[i]))
            failed[address_is_v6(c->probes[i].steps[0]->address)] = true;
    }
    for (int six = 0; six < 2; six++) {
        if (failed[six] && !failed[!six] && !crowd_of(c)->stands[six] &&
            crowd_of(c)->stands[!six] && crowd_of(c)->failed_of_several[six])
            return six ? "IPv6" : "IPv4";
    }
    return NULL;
}
