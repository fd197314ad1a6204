/*
 * speaker: which hop of a forwarded chain wrote an answer (measured on Squid 5.7).
 *
 * Only the first hop is heard. What it relays from the one behind arrives with that one's headers
 * and without its body; what it writes itself has a full body. Names in Proxy-Status (RFC 9209),
 * Via (RFC 9110 section 7.6.3), X-Cache and under error pages tell more, once it is known who
 * bears them: that is learned from answers which can only come from one hop.
 */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

static bool is_name_char(char c)
{
    return c != '\0' && strchr(" ,;:()\"\t", c) == NULL;
}

/* The name at `s`, up to the first character that no host name has; NULL when there is none. */
static const char *name_at(struct judge *j, const char *s)
{
    size_t len = 0;

    while (is_name_char(s[len]))
        len++;
    return len > 0 ? arena_strndup(j->r->arena, s, len) : NULL;
}

/* "1.1 p2 (squid/5.7), 1.1 p1": the first entry is the farthest station, which wrote it. */
static const char *name_in_via(struct judge *j, const char *via)
{
    const char *space = via != NULL ? strchr(via, ' ') : NULL;

    return space != NULL ? name_at(j, space + 1) : NULL;
}

/* "MISS from p2" */
static const char *name_in_x_cache(struct judge *j, const char *x_cache)
{
    const char *from = x_cache != NULL ? strstr(x_cache, " from ") : NULL;

    return from != NULL ? name_at(j, from + 6) : NULL;
}

/* The member of Proxy-Status that reports an error; the first is the nearest to the origin. */
static const char *name_in_proxy_status(struct judge *j, const char *status)
{
    while (status != NULL && *status != '\0') {
        const char *comma = strchr(status, ','), *error = strstr(status, "error=");

        status += strspn(status, " \t\"");
        if (error != NULL && (comma == NULL || error < comma))
            return name_at(j, status);
        status = comma != NULL ? comma + 1 : NULL;
    }
    return NULL;
}

/* Only of a CONNECT: the answer to a GET is relayed whole, whoever wrote it. */
static bool full_body(const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    return s->step == STEP_TUNNEL && d->body_complete == TRI_YES && d->body_len != INT_UNKNOWN &&
           d->body_len > 0;
}

/* Announced and not delivered. */
static bool cut_body(const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    return s->step == STEP_TUNNEL && d->content_length != INT_UNKNOWN && d->content_length > 0 &&
           (d->body_complete == TRI_NO || d->body_len == 0);
}

static void learn_name(struct judge *j, struct hop_facts *f, const char *name)
{
    if (name == NULL)
        return;
    for (size_t i = 0; i < f->n_names; i++) {
        if (text_equal_nocase(f->names[i], name))
            return;
    }
    list_push(j->r->arena, f->names, f->n_names, name);
}

static struct hop_facts *hop_of_name(const struct judge *j, const char *name)
{
    for (size_t i = 0; name != NULL && i < j->r->n_hops; i++) {
        for (size_t k = 0; k < j->hops[i].n_names; k++) {
            if (text_equal_nocase(j->hops[i].names[k], name))
                return &j->hops[i];
        }
    }
    return NULL;
}

static void learn_names(struct judge *j, struct hop_facts *f, const struct tunnel_detail *d)
{
    const char *names[] = {name_in_proxy_status(j, d->proxy_status), name_in_via(j, d->via),
                           name_in_x_cache(j, d->x_cache), d->generated_by};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct hop_facts *other = hop_of_name(j, names[i]);

        if (other == NULL || other == f)
            learn_name(j, f, names[i]);
    }
}

/* What the configuration calls it: the hop's own name and the host of its URL. */
static void learn_configured(struct judge *j, struct hop_facts *f)
{
    const char *url = f->hop->url, *host = url != NULL ? strstr(url, "://") : NULL, *at;
    struct hop_facts *taken;

    learn_name(j, f, f->hop->name);
    if (host == NULL)
        return;
    at = strchr(host + 3, '@');
    host = name_at(j, at != NULL ? at + 1 : host + 3);
    taken = hop_of_name(j, host);
    if (taken == NULL)
        learn_name(j, f, host);
}

bool hop_forwards(const struct cell *c, const char *hop)
{
    const struct route *route = c->path->route;

    return route->forwarded && route->n_hops > 0 &&
           same_text(route->hops[route->n_hops - 1], hop) &&
           !same_text(station_after(c, hop), "endpoint");
}

static bool shows_a_proxy(const struct tunnel_detail *d)
{
    return d->via != NULL || d->proxy_status != NULL || d->x_squid_error != NULL ||
           d->x_cache != NULL || d->n_proxy_authenticate > 0 || has_text(d->server, "squid");
}

static void learn_conduct(struct hop_facts *f, const struct cell *c, const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    if (s->experiment == EXPERIMENT_HOP_PAGE) { /* says nothing of any CONNECT */
        f->page = s->outcome == OUTCOME_HTTP_STATUS ? TRI_YES : TRI_NO;
        return;
    }
    f->is_proxy = f->is_proxy || s->outcome == OUTCOME_OK || shows_a_proxy(d);
    if (s->experiment == EXPERIMENT_HOP_ITSELF) { /* no answer to a CONNECT */
        f->alive = s->outcome == OUTCOME_HTTP_STATUS ? TRI_YES : TRI_NO;
        return;
    }
    if (s->experiment == EXPERIMENT_HOP_LOOPBACK) { /* says nothing of any endpoint */
        f->handles = s->outcome == OUTCOME_OK || s->outcome == OUTCOME_HTTP_STATUS ? TRI_YES
                     : s->outcome == OUTCOME_TIMEOUT                               ? TRI_NO
                                                                                   : TRI_UNKNOWN;
        f->denies_itself = s->outcome == OUTCOME_HTTP_STATUS && d->status / 100 != 5;
        return;
    }
    f->stuck_at_addresses =
        f->stuck_at_addresses || (s->experiment == EXPERIMENT_BY_ADDRESS &&
                                  has_text(d->x_squid_error, "ERR_CANNOT_FORWARD"));
    f->asked =
        f->asked || d->status == 407 || (d->auth_rounds != INT_UNKNOWN && d->auth_rounds > 0);
    f->served = f->served || (s->outcome == OUTCOME_OK &&
                              (d->auth_rounds == INT_UNKNOWN || d->auth_rounds == 0));
    if (s->outcome != OUTCOME_OK && s->outcome != OUTCOME_HTTP_STATUS)
        return;
    if (f->answered == NULL)
        f->answered = c->result->of_endpoint;
    else if (f->answered != c->result->of_endpoint)
        f->answered_others = true;
}

enum pass { ALONE, FULL_BODIES };

static void learn_from(struct cell *c, enum pass pass)
{
    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        for (size_t k = 0; k < p->n; k++) {
            const struct step *s = p->steps[k];
            const char *hop = step_tunnel(s) != NULL ? step_hop(c, p, s) : NULL;
            struct hop_facts *f = hop != NULL ? facts_of_hop(c->judge, hop) : NULL;

            if (f == NULL || not_tried(s))
                continue;
            if (pass == ALONE) {
                learn_conduct(f, c, s);
                chain_learn(s, f);
            }
            if (s->experiment == EXPERIMENT_HOP_PAGE) /* relayed whole, whoever wrote it */
                continue;
            if (pass == ALONE ? !hop_forwards(c, hop) || s->experiment == EXPERIMENT_HOP_ITSELF
                              : full_body(s))
                learn_names(c->judge, f, step_tunnel(s));
        }
    }
}

static void learn_tls(struct cell *c, const struct probe *p)
{
    const struct step *last = probe_last(p);
    struct hop_facts *f;

    if (p->experiment != EXPERIMENT_HOP_TLS || last->step != STEP_TLS)
        return;
    f = facts_of_hop(c->judge, step_hop(c, p, last));
    if (f == NULL)
        return;
    /* Plain text is an answer, and none in TLS (a live member behind a balancer). */
    f->speaks_tls =
        fate_of_tls(last) > FATE_DIES && last->outcome != OUTCOME_NOT_TLS ? TRI_YES : TRI_NO;
}

/* Was somebody behind the first hop of a forwarded chain heard, by a tunnel or by an answer? */
static void learn_reach(struct cell *c, const struct probe *p)
{
    for (size_t k = 0; k < p->n; k++) {
        const struct step *s = p->steps[k];
        const char *hop = step_tunnel(s) != NULL ? step_hop(c, p, s) : NULL;
        struct speaker who;
        bool behind;

        if (hop == NULL || s->experiment == EXPERIMENT_HOP_ITSELF ||
            s->experiment == EXPERIMENT_HOP_PAGE || !hop_forwards(c, hop))
            continue;
        who = speaker_of(c, s);
        behind = s->outcome == OUTCOME_HTTP_STATUS && who.certain && !same_text(who.hop, hop);
        if (s->outcome == OUTCOME_OK || behind)
            c->judge->paths[c->path - c->judge->paths].beyond = true;
        if (behind && s->experiment == EXPERIMENT_HOP_LOOPBACK)
            facts_of_hop(c->judge, hop)->passes_on_to = who.hop;
    }
}

void speaker_learn(struct judge *j)
{
    for (size_t i = 0; i < j->r->n_hops; i++)
        learn_configured(j, &j->hops[i]);
    for (int pass = ALONE; pass <= FULL_BODIES; pass++) {
        for (size_t i = 0; i < j->r->n_results; i++)
            learn_from(&j->cells[i], (enum pass)pass);
    }
    for (size_t i = 0; i < j->r->n_results; i++) {
        for (size_t k = 0; k < j->cells[i].n_probes; k++) {
            learn_tls(&j->cells[i], &j->cells[i].probes[k]);
            learn_reach(&j->cells[i], &j->cells[i].probes[k]);
        }
    }
}

const char *speaker_node(struct judge *j, const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);
    const char *name = NULL;

    if (d == NULL)
        return NULL;
    name = name_in_proxy_status(j, d->proxy_status);
    if (name == NULL)
        name = name_in_via(j, d->via);
    if (name == NULL)
        name = name_in_x_cache(j, d->x_cache);
    return name != NULL ? name : d->generated_by;
}

static bool is_failing_try(const struct probe *p)
{
    return p->experiment == EXPERIMENT_NONE && p->verdict == VERDICT_FAIL && p->failing != NULL;
}

const char *failing_node(const struct cell *c)
{
    const char *node = NULL;

    for (size_t i = 0; i < c->n_probes; i++) {
        const char *name;

        if (!is_failing_try(&c->probes[i]))
            continue;
        name = speaker_node(c->judge, c->probes[i].failing);
        if (name == NULL || (node != NULL && strcmp(node, name) != 0))
            return NULL;
        node = name;
    }
    return node;
}

const char *failing_address(const struct cell *c)
{
    const char *address = NULL;

    for (size_t i = 0; i < c->n_probes; i++) {
        const char *its;

        if (!is_failing_try(&c->probes[i]))
            continue;
        its = c->probes[i].failing->address;
        if (its == NULL || (address != NULL && strcmp(address, its) != 0))
            return NULL;
        address = its;
    }
    /* Behind a balancer's one address the good tries have it too. */
    for (size_t i = 0; i < c->n_probes; i++) {
        if (!is_failing_try(&c->probes[i]) && c->probes[i].n > 0 &&
            same_text(c->probes[i].steps[0]->address, address))
            return NULL;
    }
    return without_port(c->judge, address);
}

/* The only station behind `hop` that is a hop; NULL when there are several or none. */
static const char *only_one_behind(const struct cell *c, const char *hop)
{
    const char *next = station_after(c, hop);

    return next != NULL && same_text(station_after(c, next), "endpoint") ? next : NULL;
}

/* An answer of a cell's normal tries in the same words as `s`; NULL where there is none. */
static const struct step *same_answer(const struct cell *c, const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s), *its;

    for (size_t i = 0; i < c->n_probes; i++) {
        const struct probe *p = &c->probes[i];

        for (size_t k = 0; k < p->n && p->experiment == EXPERIMENT_NONE; k++) {
            its = p->steps[k]->step == STEP_TUNNEL ? step_tunnel(p->steps[k]) : NULL;
            if (its != NULL && p->steps[k]->outcome == OUTCOME_HTTP_STATUS &&
                its->status == d->status &&
                (d->x_squid_error == NULL ? its->x_squid_error == NULL
                                          : same_text(its->x_squid_error, d->x_squid_error)))
                return p->steps[k];
        }
    }
    return NULL;
}

/* Of several behind `hop`, the nearest that gives the same answer when it is asked alone tells who
 * wrote it: itself, or one behind it. (Its routes are shorter, so this comes to an end.) */
static struct speaker author_as_told_alone(const struct cell *c, const struct step *s,
                                           const char *hop)
{
    size_t n;
    struct cell **sibling = cell_siblings(c, &n);

    while (facts_of_hop(c->judge, hop = station_after(c, hop)) != NULL) {
        for (size_t i = 0; i < n; i++) {
            const struct step *its =
                same_text(sibling[i]->path->stations[1], hop) ? same_answer(sibling[i], s) : NULL;
            struct speaker who = its != NULL ? speaker_of(sibling[i], its) : (struct speaker){0};

            if (who.certain && leg_into(c, who.hop) != NULL)
                return (struct speaker){
                    who.hop, true, text(c->judge, "%s, asked alone, gives the same answer", hop)};
        }
    }
    return (struct speaker){0};
}

struct speaker speaker_of(const struct cell *c, const struct step *s)
{
    struct judge *j = c->judge;
    const struct tunnel_detail *d = step_tunnel(s);
    const char *first = d->hop != NULL ? d->hop : c->path->stations[1];
    const char *names[] = {name_in_proxy_status(j, d->proxy_status), name_in_via(j, d->via),
                           name_in_x_cache(j, d->x_cache), d->generated_by};
    const char *behind = only_one_behind(c, first), *named = NULL;

    if (!hop_forwards(c, first))
        return (struct speaker){first, true, NULL};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct hop_facts *f = hop_of_name(j, names[i]);

        named = named != NULL ? named : names[i];
        if (BLOCK("speaker-known-name") && f != NULL && leg_into(c, f->hop->name) != NULL)
            return (struct speaker){f->hop->name, true, text(j, "it names itself %s", names[i])};
    }
    /* Each proxy on the way back adds its entry, the first one last (RFC 9110 section 7.6.3). */
    if (BLOCK("speaker-relayed") && s->step == STEP_HTTP && behind != NULL &&
        (has_text(d->via, ",") || has_text(d->x_cache, ",")))
        return (struct speaker){behind, true, "it came through the first proxy"};
    if (BLOCK("speaker-relayed-own") && s->step == STEP_HTTP &&
        (d->via != NULL || d->x_cache != NULL))
        return (struct speaker){first, true, "no other proxy has passed it on"};
    if (BLOCK("speaker-full-body") && full_body(s))
        return (struct speaker){first, true, "its error page is complete"};
    if (BLOCK("speaker-cut-body") && cut_body(s) && behind != NULL)
        return (struct speaker){behind, true, "the error page did not come along"};
    /* A stranger's name: not the first hop's, when that one's own name is known. */
    if (BLOCK("speaker-stranger") && named != NULL && behind != NULL &&
        facts_of_hop(j, first) != NULL && facts_of_hop(j, first)->n_names > 2)
        return (struct speaker){behind, true, text(j, "it names itself %s", named)};
    if (BLOCK("speaker-of-several") && cut_body(s) && behind == NULL) {
        struct speaker who = author_as_told_alone(c, s, first);

        if (who.certain)
            return who;
    }
    return (struct speaker){first, false, "the answer does not tell which proxy wrote it"};
}
