/* squid_access: rules from the top, and the way of what they allow. See squid_conf.h. */
#include "diag/site/squid_conf.h"

#include "diag/base/arena.h"

/* Where the reading of a list stands. */
struct walk {
    struct squid_verdict verdict;
    bool doubted; /* an earlier rule may have decided */
};

static void may(struct walk *w, enum squid_answer answer)
{
    w->verdict.may_allow = w->verdict.may_allow || answer == SQUID_ALLOW;
    w->verdict.may_deny = w->verdict.may_deny || answer == SQUID_DENY;
    w->verdict.may_ask = w->verdict.may_ask || answer == SQUID_ASKS_AUTH;
}

/* The last word of the list. Doubts that change nothing are no doubts. */
static struct squid_verdict settle(struct walk *w, enum squid_answer answer,
                                   const struct squid_rule *rule)
{
    struct squid_verdict *v = &w->verdict;

    may(w, answer);
    v->answer = answer;
    v->rule = rule;
    if (v->may_allow + v->may_deny + v->may_ask > 1)
        v->answer = SQUID_UNDECIDED;
    return *v;
}

/* All terms from the left, as Squid does: the first NO ends the line. */
static enum squid_match match_rule(const struct squid_conf *c, const struct squid_rule *rule,
                                   const struct squid_request *q, const struct squid_acl **unsure)
{
    enum squid_match all = SQUID_YES;
    bool asks = false;

    for (size_t i = 0; i < rule->n_terms; i++) {
        const struct squid_acl *why = NULL;
        enum squid_match m = squid_term_match(c->text.arena, &rule->terms[i], q, &why);

        if (m == SQUID_NO)
            return asks ? SQUID_UNKNOWN : SQUID_NO;
        if (m == SQUID_AUTH && all == SQUID_YES)
            return SQUID_AUTH;
        if (m == SQUID_AUTH)
            asks = true; /* only if the doubtful one before it matches */
        if (m == SQUID_UNKNOWN) {
            all = SQUID_UNKNOWN;
            *unsure = *unsure == NULL ? why : *unsure;
        }
    }
    return all;
}

/* Could the doubtful rule also ask for credentials? */
static bool may_ask(const struct squid_conf *c, const struct squid_rule *rule,
                    const struct squid_request *q)
{
    for (size_t i = 0; i < rule->n_terms; i++) {
        const struct squid_acl *why = NULL;

        switch (squid_term_match(c->text.arena, &rule->terms[i], q, &why)) {
        case SQUID_NO:
            return false;
        case SQUID_AUTH:
            return true;
        default:
            break;
        }
    }
    return false;
}

struct squid_verdict squid_conf_access(const struct squid_conf *c, const struct squid_list *list,
                                       const struct squid_request *q, enum squid_answer otherwise)
{
    struct walk w = {0};

    for (size_t i = 0; i < list->n; i++) {
        const struct squid_rule *rule = &list->rules[i];
        const struct squid_acl *unsure = NULL;

        otherwise = rule->unknown ? otherwise : rule->allow ? SQUID_DENY : SQUID_ALLOW;
        if (rule->unknown) {
            may(&w, SQUID_ALLOW);
            may(&w, SQUID_DENY);
            w.doubted = true;
            continue;
        }
        switch (match_rule(c, rule, q, &unsure)) {
        case SQUID_YES:
            return settle(&w, rule->allow ? SQUID_ALLOW : SQUID_DENY, rule);
        case SQUID_AUTH:
            return settle(&w, SQUID_ASKS_AUTH, rule);
        case SQUID_UNKNOWN:
            if (may_ask(c, rule, q))
                may(&w, SQUID_ASKS_AUTH);
            else
                may(&w, rule->allow ? SQUID_ALLOW : SQUID_DENY);
            if (!w.doubted)
                w.verdict.unsure = unsure;
            w.doubted = true;
            break;
        case SQUID_NO:
            break;
        }
    }
    return settle(&w, otherwise, NULL);
}

/* The first parent whose cache_peer_access lets the request through; *doubt: perhaps one does. */
static const struct squid_peer *find_parent(const struct squid_conf *c,
                                            const struct squid_request *q, bool *doubt)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        const struct squid_peer *p = &c->peers[i];
        struct squid_verdict v;

        if (!p->parent || p->originserver)
            continue;
        v = squid_conf_access(c, &p->access, q, SQUID_ALLOW);
        if (v.answer == SQUID_ALLOW)
            return p;
        *doubt = *doubt || v.answer == SQUID_UNDECIDED;
    }
    return NULL;
}

enum squid_way squid_conf_way(const struct squid_conf *c, const struct squid_request *q,
                              const struct squid_peer **peer)
{
    struct squid_verdict always = squid_conf_access(c, &c->always_direct, q, SQUID_DENY);
    struct squid_verdict never = squid_conf_access(c, &c->never_direct, q, SQUID_DENY);
    bool doubt = false;

    *peer = find_parent(c, q, &doubt);
    if (always.answer == SQUID_ALLOW)
        return SQUID_WAY_DIRECT;
    if (always.answer == SQUID_UNDECIDED || never.answer == SQUID_UNDECIDED)
        return SQUID_WAY_UNDECIDED;
    if (never.answer == SQUID_ALLOW)
        return *peer != NULL ? SQUID_WAY_PARENT : doubt ? SQUID_WAY_UNDECIDED : SQUID_WAY_NOWHERE;
    /* CONNECT is what Squid calls non-hierarchical. */
    if (c->nonhierarchical_direct || c->prefer_direct)
        return SQUID_WAY_DIRECT;
    return *peer != NULL ? SQUID_WAY_FALLS_BACK : doubt ? SQUID_WAY_UNDECIDED : SQUID_WAY_DIRECT;
}
