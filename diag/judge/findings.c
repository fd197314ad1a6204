/*
 * findings: what is wrong, once each (contract sections 1 and 5). Results with the same cause at
 * the same place are one finding, however many endpoints suffer. Required results make errors and
 * warnings; what only optional routes suffer is information.
 */
#include "diag/base/arena.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

/* One reason to be told: a result's cause, or a remark. */
struct reason {
    enum cause cause;
    const char *at, *key, *note;
    enum severity severity;
    struct cell *cell;
    struct step *step;
    size_t order;
};

struct reasons {
    struct judge *j;
    struct reason *list;
    size_t n;
};

static bool is_hop(struct judge *j, const char *name)
{
    return facts_of_hop(j, name) != NULL;
}

/* The hop at the far end of a leg; NULL when it leads to the endpoint. */
static const char *hop_behind(struct judge *j, const char *leg)
{
    const char *to = leg != NULL ? strchr(leg, '>') : NULL;

    return to != NULL && is_hop(j, to + 1) ? to + 1 : NULL;
}

bool refuses_everybody(const struct judge *j, enum cause cause, const char *at)
{
    const char *to = at != NULL ? strchr(at, '>') : NULL;
    const struct hop_facts *behind = to != NULL ? facts_of_hop(j, to + 1) : NULL;
    const struct reach *seen = behind != NULL ? behind->hop->from_sensor : NULL;

    return BLOCK("owner-of-dead-parent") && cause == CAUSE_PROXY_UPSTREAM_FAILED && seen != NULL &&
           seen->cause == CAUSE_TCP_REFUSED;
}

/* A Squid whose request was taken, and its connection then broken: by errno, so not its own words
 * for "no parent" (proxy.c). */
bool broke_behind(enum cause cause, const struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);

    return cause == CAUSE_PROXY_UPSTREAM_FAILED && d != NULL && d->x_squid_error != NULL &&
           (has_text(d->x_squid_error, "ERR_READ_ERROR") ||
            has_text(d->x_squid_error, "ERR_ZERO_SIZE_OBJECT"));
}

const char *owner_of(struct judge *j, enum cause cause, const char *at, const struct step *s)
{
    const struct dns_detail *d = step_dns(s);
    const char *behind = hop_behind(j, at);

    if (at != NULL && is_hop(j, at))
        return text(j, "proxy:%s", at);
    if (BLOCK("owner-of-own-filter") && is_own(j, s) &&
        (cause_info(cause)->place == PLACE_LEG || cause == CAUSE_DNS_UNREACHABLE ||
         cause == CAUSE_DNS_REFUSED))
        return names_word(&owner_names, OWNER_SENSOR); /* no packet came onto that leg, or back */
    if (BLOCK("owner-of-passed-by") && chain_is_passed_by(j, cause, at))
        return text(j, "proxy:%.*s", (int)strcspn(at, ">"), at);
    if (BLOCK("owner-of-near-reset") && is_near_reset(j, s))
        return names_word(&owner_names, OWNER_NETWORK);
    /* A machine that answers with a reset is up: its own service is what is missing. */
    if ((cause == CAUSE_TCP_REFUSED || cause == CAUSE_PROXY_UPSTREAM_REFUSED) && behind != NULL)
        return text(j, "proxy:%s", behind);
    if (refuses_everybody(j, cause, at))
        return text(j, "proxy:%s", behind);
    if (BLOCK("owner-of-broken-answer") && behind != NULL && broke_behind(cause, s))
        return text(j, "proxy:%s", behind);
    if (d != NULL && cause_info(cause)->place == PLACE_RESOLVER &&
        (same_text(d->source, "hosts-file") || s->outcome == OUTCOME_DNS_NO_RESOLVER))
        return names_word(&owner_names, OWNER_SENSOR);
    /* The server is well: what lies between drops or breaks its packets. */
    if (BLOCK("owner-of-udp") && d != NULL &&
        (cause == CAUSE_DNS_TIMEOUT || s->outcome == OUTCOME_DNS_MALFORMED) &&
        !dns_answers_from_elsewhere(s) && dns_over_tcp(j, s->address) == TCP_ANSWERS)
        return names_word(&owner_names, OWNER_NETWORK);
    if (BLOCK("owner-of-expired-anchor") && cause == CAUSE_CERT_EXPIRED &&
        cert_expired_anchor(s) != NULL)
        return names_word(&owner_names, OWNER_SENSOR);
    if (cause == CAUSE_GATEWAY_UNREACHABLE &&
        (link_was_down(s) || (BLOCK("owner-of-entry-by-hand") && held_by_hand(s) != NULL)))
        return names_word(&owner_names, OWNER_SENSOR);
    if (cause_info(cause)->owner == OWNER_PROXY) {
        char *from = at != NULL ? arena_strdup(j->r->arena, at) : NULL;

        if (from != NULL && strchr(from, '>') != NULL)
            *strchr(from, '>') = '\0';
        if (from != NULL && is_hop(j, from))
            return text(j, "proxy:%s", from);
        return names_word(&owner_names,
                          cause == CAUSE_WEBSOCKET_BLOCKED ? OWNER_CLOUD : OWNER_NETWORK);
    }
    if (cause == CAUSE_INTERMITTENT || cause == CAUSE_SLOW) {
        if (same_text(at, "resolver"))
            return names_word(&owner_names, OWNER_DNS);
        if (same_text(at, "endpoint"))
            return names_word(&owner_names, OWNER_CLOUD);
    }
    return names_word(&owner_names, (int)cause_info(cause)->owner);
}

/* The sensor's own pane knows "unreachable proxy server" for whatever keeps it from a hop. */
static enum sensor_class class_of(struct judge *j, enum cause cause, const char *at)
{
    enum sensor_class usual = cause_info(cause)->sensor_class;
    const char *behind = hop_behind(j, at);

    if (usual == CLASS_GENERAL_CONNECTION && at != NULL && strncmp(at, "sensor>", 7) == 0 &&
        behind != NULL)
        return CLASS_PROXY_SERVER;
    return usual;
}

/*
 * The leaf whose own dates, status or signature are the matter: one certificate is one thing to
 * replace, however many endpoints show it. NULL: it is another matter.
 */
static const char *leaf_at_fault(enum cause cause, const struct tls_detail *d)
{
    bool of_leaf = cause == CAUSE_CERT_EXPIRED || cause == CAUSE_CERT_NOT_YET_VALID ||
                   cause == CAUSE_CERT_REVOKED || cause == CAUSE_CERT_SELF_SIGNED;

    return of_leaf && d != NULL && d->n_chain > 0 ? d->chain[0]->sha256 : NULL;
}

/*
 * What makes two results with one cause at one place two findings: another machine. An endpoint is
 * a place of its own, unless several share what is wrong; who issued a strange certificate is one
 * somebody; so is a router. Wrong answers of DNS of different kinds are put right by different
 * people, or at different places. A name that DNS does not know is another one when it is a
 * proxy's. On one leg, the sensor's own filter and somebody else's are two.
 */
static const char *key_of(struct judge *j, const struct cell *c, enum cause cause, const char *at,
                          const struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    const struct tcp_detail *t = step_tcp(s);
    const struct trace_hop *refusal;
    const char *more = "", *leaf = leaf_at_fault(cause, d);

    if ((cause == CAUSE_CERT_UNTRUSTED || cause == CAUSE_CERT_INCOMPLETE_CHAIN) && d != NULL &&
        d->n_chain > 0 && d->chain[0]->issuer != NULL)
        more = d->chain[0]->issuer;
    else if (cause == CAUSE_TLS_INTERCEPTED && d != NULL && d->resigner != NULL)
        more = d->resigner;
    else if (BLOCK("key-dead-family") && family_of_finding(c, cause, at) != NULL)
        more = text(j, "%s %s", family_of_finding(c, cause, at),
                    s != NULL ? cause_info(s->cause)->code : "");
    else if (BLOCK("key-expired-anchor") && cause == CAUSE_CERT_EXPIRED &&
             cert_expired_anchor(s) != NULL)
        more = cert_expired_anchor(s);
    else if (BLOCK("key-one-certificate") && leaf != NULL && same_text(at, "endpoint"))
        more = leaf;
    else if (BLOCK("key-one-box-answers") &&
             (cause == CAUSE_TLS_NOT_TLS || cause == CAUSE_APP_REFUSED ||
              cause == CAUSE_CERT_NAME_MISMATCH) &&
             c != NULL && c->box != NULL && same_text(at, "endpoint"))
        more = c->box;
    else if (BLOCK("key-wrong-answer") && c != NULL && dns_wrong_answer(c, cause, s) != NULL)
        more = dns_wrong_answer(c, cause, s);
    else if (c != NULL && same_text(at, "endpoint"))
        more = c->result->endpoint;
    else if (BLOCK("key-proxy-name") && c != NULL && c->path->n_legs > 1 && step_dns(s) != NULL &&
             (cause == CAUSE_DNS_NXDOMAIN || cause == CAUSE_DNS_NO_ADDRESS))
        more = s->target != NULL ? s->target : "a proxy"; /* its name, not those of endpoints */
    else if (t != NULL && t->icmp_from != NULL)
        more = t->icmp_from;
    else if (c != NULL && c->told_router != NULL && s == c->decisive)
        more = c->told_router;
    else if (t != NULL && (refusal = trace_refusal(j, s->address)) != NULL)
        more = refusal->router != NULL ? refusal->router : "";
    else if (t != NULL && t->gateway != NULL && cause == CAUSE_GATEWAY_UNREACHABLE)
        more = t->gateway;
    return text(j, "%04d %s %s%s", (int)cause, at != NULL ? at : "",
                BLOCK("key-own-filter") && is_own(j, s) ? "own " : "", more);
}

static void add(struct reasons *all, struct reason reason)
{
    reason.key = key_of(all->j, reason.cell, reason.cause, reason.at, reason.step);
    reason.order = all->n;
    list_push(all->j->r->arena, all->list, all->n, reason);
}

static enum severity severity_of(const struct result *x)
{
    if (!x->required || x->verdict == VERDICT_SKIP)
        return SEVERITY_INFO;
    return x->verdict == VERDICT_FAIL ? SEVERITY_ERROR : SEVERITY_WARNING;
}

static void collect(struct reasons *all)
{
    struct judge *j = all->j;

    for (size_t i = 0; i < j->r->n_results; i++) {
        struct cell *c = &j->cells[i];

        if (c->result->cause != CAUSE_NONE)
            add(all, (struct reason){.cause = c->result->cause,
                                     .at = c->result->at,
                                     .note = c->note,
                                     .severity = severity_of(c->result),
                                     .cell = c,
                                     .step = c->decisive});
    }
    for (size_t i = 0; i < j->n_remarks; i++) {
        const struct remark *m = &j->remarks[i];
        /* Revocation hosts are optional by nature, on the required route they count all the same.
         */
        bool optional = m->cell != NULL && !m->cell->result->required &&
                        m->cause != CAUSE_REVOCATION_UNREACHABLE;

        add(all, (struct reason){.cause = m->cause,
                                 .at = m->at,
                                 .note = m->note,
                                 .severity = optional ? SEVERITY_INFO : m->severity,
                                 .cell = m->cell,
                                 .step = m->step});
    }
}

static int by_key(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    if (order != 0)
        return order;
    if (x->severity != y->severity) /* the gravest stands for the finding */
        return x->severity > y->severity ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

enum { LISTED = 6 };

/* What a name in a list of several stands for. */
enum column { COLUMN_ID, COLUMN_HOST, COLUMN_ADDRESS };

static const char *item(struct judge *j, const struct reason *from, enum column column)
{
    const char *address = from->step != NULL ? from->step->address : NULL;

    switch (column) {
    case COLUMN_ID:
        return from->cell != NULL ? subject_of(from->cell, from->step).id : NULL;
    case COLUMN_HOST:
        return from->cell != NULL ? subject_of(from->cell, from->step).host : NULL;
    case COLUMN_ADDRESS:
        /* Only the addresses of connections that failed: a resolver is no such one. */
        return from->step != NULL && from->step->step != STEP_RESOLVE && address_answers(from->step)
                   ? without_port(j, address)
                   : NULL;
    }
    return NULL;
}

/* "a:443, b:443 and 10 more": all that one finding is about; NULL when it is about none. */
static const char *several(struct judge *j, const struct reason *from, size_t n, enum column column)
{
    const char *names[LISTED], *list = NULL, *last = NULL;
    size_t listed = 0, more = 0;

    for (size_t i = 0; i < n; i++) {
        const char *name = item(j, &from[i], column);
        bool known = name == NULL || same_text(name, last);

        for (size_t k = 0; !known && k < listed; k++)
            known = strcmp(names[k], name) == 0;
        if (known)
            continue;
        last = name;
        if (listed == LISTED) {
            more++;
            continue;
        }
        names[listed++] = name;
        list = list == NULL ? name : text(j, "%s, %s", list, name);
    }
    return more > 0 ? text(j, "%s and %zu more", list, more) : list;
}

static void write_texts(struct judge *j, struct finding *f, const struct reason *from, size_t n)
{
    struct cell *c = from->cell;
    const char *addresses = n > 1 ? several(j, from, n, COLUMN_ADDRESS) : NULL, *detail[2];
    const struct step **about = arena_alloc(j->r->arena, (n + 1) * sizeof *about);
    struct endpoint all, *one = c != NULL ? c->result->of_endpoint : NULL;

    if (one != NULL) { /* the words of one result, with the names of all */
        all = subject_of(c, from->step);
        all.id = several(j, from, n, COLUMN_ID);
        all.host = several(j, from, n, COLUMN_HOST);
        c->result->of_endpoint = &all;
    }
    for (size_t i = 0; i < n; i++)
        about[i] = from[i].step;
    for (int i = 0; i < 2; i++)
        detail[i] = text_detail(j, f->cause, from->note, about, n, i == 1);
    f->title = cause_info(f->cause)->title;
    f->explanation = text_fill(j, explanation_pattern(j, c, f->cause, from->step, f->at), c,
                               from->step, f->at, detail[0], addresses);
    f->remedy = text_fill(j, remedy_pattern(j, c, f->cause, from->step, f->at), c, from->step,
                          f->at, detail[1], addresses);
    if (one != NULL)
        c->result->of_endpoint = one;
}

static void make_finding(struct judge *j, const struct reason *from, size_t n)
{
    struct finding *f = report_new_of(j->r, finding);
    size_t kept = 0;

    f->cause = from->cause;
    f->at = from->at;
    f->severity = from->severity;
    f->owner = owner_of(j, f->cause, f->at, from->step);
    /* Nobody in the cloud can put that right: it is not the cloud that answers. */
    if ((BLOCK("owner-of-own-certificate") && is_own_certificate(from->cell, f->cause, f->at)) ||
        (BLOCK("owner-of-portal") && is_portal_page(from->cell, f->cause, from->step)) ||
        (BLOCK("owner-of-one-certificate") && is_one_certificate(from->cell, f->cause)))
        f->owner = names_word(&owner_names, OWNER_NETWORK);
    f->sensor_class = class_of(j, f->cause, f->at);
    for (size_t i = 0; i < n; i++) {
        if (from[i].cell != NULL)
            list_push(j->r->arena, f->results, f->n_results, (int64_t)from[i].cell->index);
    }
    if (f->n_results > 0)
        qsort(f->results, f->n_results, sizeof *f->results, by_number);
    for (size_t i = 0; i < f->n_results; i++) {
        if (kept == 0 || f->results[kept - 1] != f->results[i])
            f->results[kept++] = f->results[i];
    }
    f->n_results = kept;
    write_texts(j, f, from, n);
    method_add(j, f, from->step);
    list_push(j->r->arena, j->r->findings, j->r->n_findings, f);
}

static int by_gravity(const void *a, const void *b)
{
    const struct finding *x = *(struct finding *const *)a, *y = *(struct finding *const *)b;
    int64_t first_x = x->n_results > 0 ? x->results[0] : INT64_MAX;
    int64_t first_y = y->n_results > 0 ? y->results[0] : INT64_MAX;

    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    if (x->n_results != y->n_results)
        return x->n_results > y->n_results ? -1 : 1;
    if (first_x != first_y)
        return first_x < first_y ? -1 : 1;
    return x->cause < y->cause ? -1 : x->cause > y->cause;
}

static void count(struct counts *n, enum verdict verdict)
{
    int64_t *slot = verdict == VERDICT_PASS   ? &n->pass
                    : verdict == VERDICT_WARN ? &n->warn
                    : verdict == VERDICT_FAIL ? &n->fail
                                              : &n->skip;

    (*slot)++;
}

static bool has_warning(const struct judge *j)
{
    for (size_t i = 0; i < j->r->n_findings; i++) {
        if (j->r->findings[i]->severity >= SEVERITY_WARNING)
            return true;
    }
    return false;
}

/*
 * The whole: fail when a required result fails; warn when one warns, or was not tested for another
 * reason than being a wildcard, or when nothing at all was shown to work.
 */
static void summarise(struct judge *j)
{
    struct report *r = j->r;
    struct counts *required = r->summary->required, *all = r->summary->all;
    bool untested = false;

    *required = (struct counts){0};
    *all = (struct counts){0};
    for (size_t i = 0; i < r->n_results; i++) {
        const struct result *x = r->results[i];

        count(all, x->verdict);
        if (!x->required)
            continue;
        count(required, x->verdict);
        untested =
            untested || (x->verdict == VERDICT_SKIP && x->cause != CAUSE_WILDCARD_UNTESTABLE);
    }
    if (required->fail > 0)
        r->summary->verdict = VERDICT_FAIL;
    else if (required->warn > 0 || untested || required->pass == 0 || has_warning(j))
        r->summary->verdict = VERDICT_WARN;
    else
        r->summary->verdict = VERDICT_PASS;
}

void findings_conclude(struct judge *j)
{
    struct reasons all = {.j = j};

    collect(&all);
    if (all.n > 0)
        qsort(all.list, all.n, sizeof *all.list, by_key);
    for (size_t i = 0, end; i < all.n; i = end) {
        for (end = i + 1; end < all.n && strcmp(all.list[i].key, all.list[end].key) == 0;)
            end++;
        make_finding(j, &all.list[i], end - i);
    }
    if (j->r->n_findings > 0)
        qsort(j->r->findings, j->r->n_findings, sizeof *j->r->findings, by_gravity);
    summarise(j);
}
