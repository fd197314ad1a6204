/* audit_squid_chain: does what is allowed go on to the next hop? */
#include "diag/audit_squid.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/site.h"

#include <string.h>

static const struct squid_peer *first_parent(const struct squid_conf *c)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        if (c->peers[i].parent && !c->peers[i].originserver)
            return &c->peers[i];
    }
    return NULL;
}

static const char *peer_line(struct squid_audit *s)
{
    return arena_printf(s->a->arena, "cache_peer %s parent %u 0 no-query default",
                        s->next != NULL ? s->next->host : "NEXT-PROXY",
                        s->next != NULL ? s->next->port : 3128);
}

/* The site has a next hop; is it one of the parents? */
static void check_peer(struct squid_audit *s)
{
    struct squid_place at = {s->file->label, 0};
    const struct squid_peer *parent = first_parent(&s->conf);
    bool certain = s->a->n_squid == s->a->site->n_proxies;

    if (s->next == NULL || s->a->site->chain != CHAIN_FORWARDED)
        return;
    if (parent == NULL) {
        audit_find(s->a, s->file, certain ? AUDIT_ERROR : AUDIT_WARNING, "chain-no-peer", at,
                   arena_printf(s->a->arena, "no cache_peer: %s never hands on to %s",
                                s->self->name, s->next->name),
                   certain ? "The site's chain goes on behind this hop."
                           : "The site's chain has several hops; this file is taken for the first "
                             "one's.",
                   peer_line(s));
        return;
    }
    for (size_t i = 0; i < s->conf.n_peers; i++) {
        if (s->conf.peers[i].parent && s->conf.peers[i].port == s->next->port &&
            text_equal_nocase(s->conf.peers[i].host, s->next->host))
            return;
    }
    audit_find(s->a, s->file, AUDIT_WARNING, "chain-other-peer", parent->at,
               arena_printf(s->a->arena, "the parent is %s:%u, the site's next hop %s:%u",
                            parent->host, parent->port, s->next->host, s->next->port),
               "It may be the same machine under another name; else the chain ends elsewhere.",
               peer_line(s));
}

static void note_way(struct squid_audit *s, enum squid_way way, const char *endpoint)
{
    const struct squid_peer *parent = first_parent(&s->conf);
    struct squid_place at = {s->file->label, 0};

    if (way == SQUID_WAY_DIRECT && parent != NULL)
        audit_find(s->a, s->file, AUDIT_ERROR, "chain-direct",
                   s->conf.nonhierarchical != NULL && s->conf.nonhierarchical_direct
                       ? s->conf.nonhierarchical->at
                       : parent->at,
                   arena_printf(s->a->arena, "tunnels (%s) go direct, past the parent %s:%u",
                                endpoint, parent->host, parent->port),
                   "A CONNECT request uses a parent only with `never_direct allow` or "
                   "`nonhierarchical_direct off`; the default is direct.",
                   "never_direct allow all");
    else if (way == SQUID_WAY_FALLS_BACK)
        audit_find(
            s->a, s->file, AUDIT_WARNING, "chain-fallback", parent->at,
            arena_printf(s->a->arena, "tunnels (%s) may go direct beside the parent", endpoint),
            "Squid then tries both ways; 5.7 was seen to go direct while the parent "
            "answered.",
            "never_direct allow all");
    else if (way == SQUID_WAY_NOWHERE)
        audit_find(s->a, s->file, AUDIT_ERROR, "chain-nowhere",
                   s->conf.never_direct.n > 0 ? s->conf.never_direct.rules[0].at : at,
                   arena_printf(s->a->arena,
                                "no way for %s: direct is forbidden, no parent takes it", endpoint),
                   "Squid answers 500 (ERR_CANNOT_FORWARD).", peer_line(s));
}

/* One finding for each way that is wrong, with the first endpoint that takes it. */
static void check_ways(struct squid_audit *s)
{
    bool said[SQUID_WAY_UNDECIDED + 1] = {false};

    for (size_t i = 0; i < s->a->site->n_endpoints && s->n_sources > 0; i++) {
        const struct site_endpoint *e = s->a->site->endpoints[i];
        struct squid_request q =
            audit_squid_request(s, e->host, e->wildcard, e->port, &s->sources[0]);
        const struct squid_peer *peer;
        enum squid_way way;

        q.credentials = true;
        way = squid_conf_way(&s->conf, &q, &peer);
        if (!said[way])
            note_way(s, way, arena_printf(s->a->arena, "%s:%u", e->host, e->port));
        said[way] = true;
    }
}

/* A client that builds the chain itself asks each hop for a tunnel to the next one. */
static void check_nested(struct squid_audit *s)
{
    struct squid_place at = {s->file->label, 0};

    if (s->next == NULL || s->a->site->chain != CHAIN_NESTED)
        return;
    for (size_t i = 0; i < s->n_sources; i++) {
        struct squid_request q =
            audit_squid_request(s, s->next->host, false, s->next->port, &s->sources[i]);
        struct squid_verdict v;

        q.credentials = true;
        v = audit_squid_ask(s, &q);
        if (v.answer == SQUID_ALLOW && !s->given)
            return;
        if (v.answer != SQUID_DENY || (!s->given && i + 1 < s->n_sources))
            continue;
        audit_find(s->a, s->file, AUDIT_ERROR, "chain-tunnel-denied",
                   v.rule != NULL ? v.rule->at : at,
                   arena_printf(s->a->arena, "no tunnel to the next hop %s:%u: %s", s->next->host,
                                s->next->port, v.rule != NULL ? v.rule->text : "no rule matches"),
                   "In a nested chain the sensor asks this hop for a tunnel to the next one.",
                   arena_printf(s->a->arena, "acl SSL_ports port %u   and a rule that allows %s",
                                s->next->port, s->next->host));
        return;
    }
}

void audit_squid_chain(struct squid_audit *s)
{
    const struct squid_peer *parent = first_parent(&s->conf);

    check_peer(s);
    check_ways(s);
    check_nested(s);
    if (parent != NULL && parent->login == NULL && s->conf.auth == NULL && s->self != NULL &&
        s->self->user != NULL)
        audit_find(s->a, s->file, AUDIT_WARNING, "chain-login", parent->at,
                   "the sensor's credentials end here",
                   "This Squid asks nobody for a login and does not hand the sensor's on, so a "
                   "parent that asks refuses with 407.",
                   arena_printf(s->a->arena, "%s login=PASSTHRU", parent->text));
}
