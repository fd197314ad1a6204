/*
 * intercept: somebody else's certificate in the endpoint's name (docs/contract.md
 * section 5). docs/judgement.md has the table of cases and the reasons.
 *
 * Three questions: how far is the chain believed (public roots, this machine, nobody), does the
 * same endpoint show another issuer over another route, and did the user name the trust anchors.
 * Anchors that the user named are trusted on purpose: they never make an interception by
 * themselves, and somebody unknown to them needs evidence beyond being unknown.
 */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

/* Names that public authorities alone vouch for, whoever listed the endpoint. */
static const char *const public_suffixes[] = {
    ".azure-devices.net",   ".azure-devices.us", ".azure-devices.cn",
    ".windows.net",         ".microsoft.com",    ".azure.com",
    ".usgovcloudapi.net",   ".chinacloudapi.cn", ".azure-devices-provisioning.net",
    ".microsoftonline.com", ".azure.net",        ".azureedge.net",
    ".trafficmanager.net",  ".digicert.com",
};

/* Products and habits of naming of inspecting devices. */
static const char *const inspectors[] = {
    "zscaler",   "fortinet",   "fortigate",   "palo alto", "blue coat",   "bluecoat",
    "netskope",  "forcepoint", "web gateway", "sophos",    "check point", "umbrella",
    "barracuda", "watchguard", "inspect",     "decrypt",   "intercept",   "mitm",
    "squid",     "proxy",      "firewall",    "untrust",
};

static const struct cert *leaf_of(const struct cell *c)
{
    return step_tls(c->leaf)->chain[0];
}

static const char *issuer_of(const struct cell *c)
{
    return leaf_of(c)->issuer != NULL ? leaf_of(c)->issuer : "";
}

int chain_rank(const struct tls_detail *d)
{
    if (d->public_trust == TRI_YES || d->public_with_bridge == TRI_YES)
        return 3;
    return d->trusted == TRI_YES || d->trusted_ignoring_time == TRI_YES ? 2 : 0;
}

bool name_is_public(const struct endpoint *e)
{
    for (size_t i = 0; i < sizeof public_suffixes / sizeof *public_suffixes; i++) {
        if (e->host != NULL && text_ends_with_nocase(e->host, public_suffixes[i]))
            return true;
    }
    return e->public_name;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_issuer(const void *a, const void *b)
{
    const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;
    int order = strcmp(issuer_of(x), issuer_of(y));

    return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

void intercept_learn(struct judge *j)
{
    struct arena *a = j->r->arena;

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];
        const struct tls_detail *d = step_tls(c->leaf);

        if (d == NULL)
            continue;
        if (chain_rank(d) == 0) {
            list_push(a, j->bad_leaves, j->n_bad_leaves, c);
            continue;
        }
        j->paths[c->path - j->paths].believed++;
        for (size_t k = 1; k < d->n_chain; k++) {
            if (d->chain[k]->subject != NULL && !d->chain[k]->self_signed)
                list_push(a, j->good_issuers, j->n_good_issuers, d->chain[k]->subject);
        }
    }
    if (j->n_good_issuers > 0)
        qsort(j->good_issuers, j->n_good_issuers, sizeof *j->good_issuers, by_text);
    if (j->n_bad_leaves > 0)
        qsort(j->bad_leaves, j->n_bad_leaves, sizeof *j->bad_leaves, by_issuer);
}

bool issuer_is_known(const struct judge *j, const char *issuer)
{
    return issuer != NULL && j->n_good_issuers > 0 &&
           bsearch(&issuer, j->good_issuers, j->n_good_issuers, sizeof *j->good_issuers, by_text) !=
               NULL;
}

/* Does the same unknown issuer vouch for another public endpoint on this route too? */
static bool signs_others(const struct cell *c)
{
    const struct judge *j = c->judge;
    size_t low = 0, high = j->n_bad_leaves;

    while (low < high) { /* the first leaf of that issuer */
        size_t middle = low + (high - low) / 2;

        if (strcmp(issuer_of(j->bad_leaves[middle]), issuer_of(c)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < j->n_bad_leaves && same_text(issuer_of(j->bad_leaves[low]), issuer_of(c)); low++) {
        const struct cell *other = j->bad_leaves[low];

        if (other->path == c->path && other->result->of_endpoint != c->result->of_endpoint &&
            name_is_public(other->result->of_endpoint))
            return true;
    }
    return false;
}

static bool named_like_an_inspector(const struct cell *c)
{
    for (size_t i = 0; i < sizeof inspectors / sizeof *inspectors; i++) {
        if (has_text(issuer_of(c), inspectors[i]))
            return true;
    }
    return false;
}

/* Another key from another issuer. The same issuer with another key is a second server. */
static bool differs(const struct cell *a, const struct cell *b)
{
    return !same_text(leaf_of(a)->spki_sha256, leaf_of(b)->spki_sha256) &&
           !same_text(issuer_of(a), issuer_of(b));
}

static size_t hops_of(const struct cell *c)
{
    return c->path->n_legs - 1;
}

/* A certificate of the same endpoint that was shown over another route. */
struct other {
    const struct step *leaf;
    const char *route;
};

static bool is_better(const struct cell *c, const struct step *leaf, bool direct)
{
    struct cell other = *c;
    int rank = chain_rank(step_tls(c->leaf)), others_rank = chain_rank(step_tls(leaf));

    other.leaf = leaf;
    return differs(c, &other) &&
           (others_rank > rank || (others_rank == rank && rank < 3 && hops_of(c) > 0 && direct));
}

/*
 * The same endpoint over another route shows another issuer, whom more people believe; or, at
 * equal belief, it is the direct route that shows it. Two public chains are two servers.
 */
static struct other better_sibling(const struct cell *c)
{
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);

    for (size_t i = 0; i < n; i++) {
        if (sibling[i]->result != c->result && sibling[i]->leaf != NULL &&
            is_better(c, sibling[i]->leaf, hops_of(sibling[i]) == 0))
            return (struct other){sibling[i]->leaf, sibling[i]->result->route};
    }
    return (struct other){NULL, NULL};
}

static bool on_path(const struct path *p, const char *station)
{
    for (size_t i = 1; i < p->n_legs; i++) {
        if (same_text(p->stations[i], station))
            return true;
    }
    return false;
}

/*
 * Which hop is it? A route that shows the same issuer has it on its way, one that shows another
 * issuer has it not. When the direct route shows it too, no hop is left: it is the network.
 */
static const char *place_of(const struct cell *c, bool *certain)
{
    const char *culprit = NULL;
    size_t n, left = 0;
    struct cell **sibling = cell_siblings(c, &n);

    for (size_t h = 1; h < c->path->n_legs; h++) {
        const char *hop = c->path->stations[h];
        bool suspect = true;

        for (size_t i = 0; i < n; i++) {
            bool same, passed_by;

            if (sibling[i]->leaf == NULL || sibling[i]->result == c->result)
                continue;
            same = same_text(issuer_of(sibling[i]), issuer_of(c));
            passed_by = on_path(sibling[i]->path, hop);
            /* A clean route that does not pass by this hop says nothing of it. */
            suspect = suspect && (same ? passed_by : !passed_by);
        }
        if (suspect) {
            left++;
            culprit = culprit != NULL ? culprit : hop;
        }
    }
    *certain = left <= 1;
    return culprit != NULL ? culprit : last_leg(c);
}

static struct interception found(const struct cell *c, const char *why)
{
    const struct cert *leaf = leaf_of(c);
    bool certain;
    const char *at = place_of(c, &certain);

    return (struct interception){
        .found = true,
        .verdict = chain_rank(step_tls(c->leaf)) >= 2 ? VERDICT_WARN : VERDICT_FAIL,
        .at = at,
        .resigner = leaf->issuer_cn != NULL ? leaf->issuer_cn
                    : leaf->issuer != NULL  ? leaf->issuer
                                            : "an unnamed authority",
        .why = certain
                   ? why
                   : text(c->judge, "%s; which of the hops does it cannot be told from here", why),
    };
}

/* Nobody here believes the chain: an inspecting device, or just an unknown authority? */
static const char *why_unknown_is_foreign(const struct cell *c)
{
    bool given = c->judge->r->run->trust_given, hops = hops_of(c) > 0;
    bool others_fine = c->path->believed > 0;
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);

    if (!name_is_public(c->result->of_endpoint))
        return BLOCK("intercepted-by-name") && named_like_an_inspector(c)
                   ? "its name is that of an inspecting device"
                   : NULL;
    if (BLOCK("intercepted-public-name") && !given)
        return "no public authority stands behind it, although the name is public";
    if (BLOCK("intercepted-inspector") && named_like_an_inspector(c))
        return "its name is that of an inspecting device";
    /* Several servers that forget one intermediate look so too. */
    if (BLOCK("intercepted-several") && signs_others(c) &&
        !(BLOCK("several-forget") && chain_looks_incomplete(step_tls(c->leaf))))
        return "it signs for several endpoints";
    /* Through a proxy, with nobody else to compare: the proxy is the likelier one. But when the
     * direct route shows the same issuer, or others pass the proxy unharmed, it is the server. */
    for (size_t i = 0; i < n; i++) {
        if (sibling[i]->result != c->result && sibling[i]->leaf != NULL &&
            same_text(issuer_of(sibling[i]), issuer_of(c)) && hops_of(sibling[i]) == 0)
            return NULL;
    }
    return BLOCK("intercepted-behind-proxy") && hops && !others_fine
               ? "no known authority stands behind it, and a proxy is on the way"
               : NULL;
}

struct interception intercept_of(const struct cell *c, const struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    struct cell view = *c; /* the same cell, looking at this very step */
    struct other better = {NULL, NULL};
    const char *why;

    if (d->n_chain == 0)
        return (struct interception){0};
    view.leaf = s;
    if (chain_rank(d) < 3)
        better = better_sibling(&view);
    if (BLOCK("intercepted-routes-differ") && better.leaf != NULL) {
        const struct cert *leaf = step_tls(better.leaf)->chain[0];

        return found(&view, text(c->judge,
                                 "over the route %s the certificate is another one, "
                                 "issued by \"%s\"",
                                 better.route,
                                 leaf->issuer_cn != NULL ? leaf->issuer_cn : "somebody else"));
    }
    if (chain_rank(d) == 3)
        return (struct interception){0};
    if (chain_rank(d) == 2) {
        /* Believed here and by no public root. On purpose, when the user named the anchors. */
        if (BLOCK("intercepted-trusted") && !c->judge->r->run->trust_given &&
            d->public_trust == TRI_NO && name_is_public(c->result->of_endpoint))
            return found(&view, "this machine trusts it, the public roots do not");
        return (struct interception){0};
    }
    why = why_unknown_is_foreign(&view);
    return why != NULL ? found(&view, why) : (struct interception){0};
}
