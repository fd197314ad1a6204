/* audit_squid: a squid.conf against every endpoint, from every source. */
#include "diag/audit_squid.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/site.h"

#include <string.h>

enum { FINDINGS_MAX = 300 };

struct squid_verdict audit_squid_ask(struct squid_audit *s, const struct squid_request *q)
{
    struct squid_verdict v = squid_conf_access(&s->conf, &s->conf.http_access, q, SQUID_DENY);
    const struct squid_list *further[] = {&s->conf.adapted_http_access, &s->conf.miss_access};

    for (size_t i = 0; v.answer == SQUID_ALLOW && i < sizeof further / sizeof further[0]; i++) {
        struct squid_verdict next = squid_conf_access(&s->conf, further[i], q, SQUID_ALLOW);

        if (next.answer != SQUID_ALLOW)
            return next;
    }
    return v;
}

struct squid_request audit_squid_request(struct squid_audit *s, const char *host, bool wildcard,
                                         uint16_t port, const struct audit_source *source)
{
    struct squid_request q = {.host = host,
                              .port = port,
                              .source = source->address,
                              .local_port = s->port,
                              .port_name = s->port_name};

    if (wildcard)
        q.host = arena_printf(s->a->arena, "hopproof-probe%s", host + 1);
    else
        q.is_address = addr_parse(host, &q.address);
    if (s->self != NULL)
        q.user = s->self->user;
    return q;
}

/* --- where from --- */

static void add_source(struct squid_audit *s, struct addr address, const char *name)
{
    if (s->n_sources < AUDIT_SOURCES_MAX)
        s->sources[s->n_sources++] = (struct audit_source){address, name};
}

/* An address of a list: of a network not its own address, which no machine has. */
static bool sample(const struct squid_acl *acl, struct addr *out)
{
    static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};

    for (size_t i = 0; i < acl->n_values; i++) {
        const struct squid_ip *ip = &acl->values[i].ip;
        uint8_t low[16];

        if (acl->values[i].dropped || ip->kind != SQUID_IP_RANGE)
            continue;
        memcpy(low, ip->low, 16);
        if (memcmp(ip->low, ip->high, 16) != 0)
            low[15] |= 1;
        *out = memcmp(low, v4, 12) == 0 ? addr_from_ip(AF_INET, low + 12, 0)
                                        : addr_from_ip(AF_INET6, low, 0);
        if (addr_kind(out) != ADDR_LOOPBACK && addr_kind(out) != ADDR_UNSPECIFIED)
            return true;
    }
    return false;
}

static bool is_listed(const struct squid_conf *c, const struct addr *address)
{
    for (size_t i = 0; i < c->acls.n; i++) {
        const struct squid_acl *acl = c->acls.list[i];

        for (size_t k = 0; acl->kind == SQUID_ACL_SRC && k < acl->n_values; k++) {
            if (acl->values[k].ip.kind == SQUID_IP_RANGE &&
                squid_ip_has(&acl->values[k].ip, address))
                return true;
        }
    }
    return false;
}

static void sample_lists(struct squid_audit *s)
{
    static const char *const others[] = {"10.255.255.254", "172.31.255.254", "192.168.255.254",
                                         "203.0.113.254"};
    struct addr address;
    char text[ADDR_TEXT];

    for (size_t i = 0; i < s->conf.acls.n && s->n_sources < AUDIT_SOURCES_MAX / 2; i++) {
        const struct squid_acl *acl = s->conf.acls.list[i];

        if (acl->kind == SQUID_ACL_SRC && sample(acl, &address))
            add_source(
                s, address,
                arena_printf(s->a->arena, "%s (ACL %s)", addr_text(&address, text), acl->name));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (!addr_parse(others[i], &address) || is_listed(&s->conf, &address))
            continue;
        add_source(s, address, s->n_sources == 0 ? "any address" : "any other address");
        return;
    }
}

void audit_squid_sources(struct squid_audit *s)
{
    struct audit *a = s->a;
    const struct site *site = a->site;
    struct addr address;
    char text[ADDR_TEXT];

    if (a->n_squid > 1 && a->n_squid == site->n_proxies && a->squid_index > 0) {
        /* Behind the first hop, requests come from the hop before. */
        const char *host = site->proxies[a->squid_index - 1]->host;

        if (addr_parse(host, &address)) {
            add_source(s, address, host);
            s->given = true;
            return;
        }
    } else if (a->n_sensors > 0) {
        for (size_t i = 0; i < a->n_sensors; i++)
            add_source(s, a->sensors[i], arena_strdup(a->arena, addr_text(&a->sensors[i], text)));
        s->given = true;
        return;
    }
    sample_lists(s);
}

/* --- endpoints --- */

static const char *answer_text(enum squid_answer answer)
{
    switch (answer) {
    case SQUID_ALLOW:
        return "allow";
    case SQUID_DENY:
        return "deny";
    case SQUID_ASKS_AUTH:
        return "auth";
    case SQUID_UNDECIDED:
        break;
    }
    return "undecided";
}

static const char *way_text(struct squid_audit *s, const struct squid_request *q)
{
    const struct squid_peer *peer;

    switch (squid_conf_way(&s->conf, q, &peer)) {
    case SQUID_WAY_DIRECT:
        return "direct";
    case SQUID_WAY_PARENT:
        return arena_printf(s->a->arena, "through %s:%u", peer->host, peer->port);
    case SQUID_WAY_FALLS_BACK:
        return arena_printf(s->a->arena, "through %s:%u or direct", peer->host, peer->port);
    case SQUID_WAY_NOWHERE:
        return "nowhere";
    case SQUID_WAY_UNDECIDED:
        break;
    }
    return NULL;
}

static const char *by_text(struct squid_audit *s, const struct squid_verdict *v)
{
    if (v->answer == SQUID_UNDECIDED && v->unsure == NULL)
        return "depends on an include that cannot be read here";
    if (v->answer == SQUID_UNDECIDED)
        return arena_printf(s->a->arena, "depends on %s (ACL %s)", squid_acl_why(v->unsure),
                            v->unsure->name);
    if (v->rule != NULL)
        return v->rule->text;
    return s->conf.http_access.n == 0 ? "there is no http_access line, so all is denied"
                                      : "no rule matches: the opposite of the last one";
}

static void add_verdict(struct squid_audit *s, const struct site_endpoint *e, const char *way,
                        const struct squid_verdict *v, const char *from)
{
    struct audit_verdict row = {
        .from = from,
        .to = addr_host_port(s->a->arena, e->host, e->port),
        .answer = s->conf.refused ? "refused" : answer_text(v->answer),
        .by = s->conf.refused ? "Squid does not start with this file" : by_text(s, v),
    };

    if (v->rule != NULL && !s->conf.refused)
        row.at = v->rule->at;
    if (!s->conf.refused && v->answer != SQUID_DENY)
        row.way = way;
    audit_answer(s->a, s->file, row);
}

static bool same(const struct squid_verdict *v, const struct squid_verdict *w)
{
    return v->answer == w->answer && v->rule == w->rule;
}

static bool same_way(const char *v, const char *w)
{
    return v == w || (v != NULL && w != NULL && strcmp(v, w) == 0);
}

static void note_undecided(struct squid_audit *s, const struct site_endpoint *e,
                           const struct squid_verdict *v)
{
    struct squid_place at = {s->file->label, 0};

    audit_find_of(s->a, s->file,
                  (struct audit_finding){
                      .severity = AUDIT_WARNING,
                      .code = "undecided",
                      .at = v->unsure != NULL && v->unsure->at.file != NULL ? v->unsure->at : at,
                      .subject = arena_printf(s->a->arena, "%s:%u", e->host, e->port),
                      .what = "cannot be decided offline",
                      .why = arena_printf(s->a->arena, "It %s.", by_text(s, v)),
                      .fix = "test it live: hopproof check --proxy ..."});
}

/* What the answers to one endpoint mean, over all sources. */
static void judge_endpoint(struct squid_audit *s, const struct site_endpoint *e,
                           const struct squid_request *q, const struct squid_verdict *v)
{
    size_t denied = 0, undecided = 0, worst = 0;

    for (size_t i = 0; i < s->n_sources; i++) {
        denied += v[i].answer == SQUID_DENY;
        undecided += v[i].answer == SQUID_UNDECIDED;
    }
    if (s->file->n_findings > FINDINGS_MAX)
        return;
    if (denied > 0 && (s->given || denied == s->n_sources)) {
        while (v[worst].answer != SQUID_DENY)
            worst++;
        audit_squid_denied(s, e, &q[worst], &v[worst]);
    } else if (undecided > 0 && (s->given || denied + undecided == s->n_sources)) {
        while (v[worst].answer != SQUID_UNDECIDED)
            worst++;
        note_undecided(s, e, &v[worst]);
    }
}

static void ask_endpoint(struct squid_audit *s, const struct site_endpoint *e)
{
    struct squid_request q[AUDIT_SOURCES_MAX + 1];
    struct squid_verdict v[AUDIT_SOURCES_MAX + 1], first[AUDIT_SOURCES_MAX + 1];
    const char *ways[AUDIT_SOURCES_MAX + 1];
    bool alike = true;

    for (size_t i = 0; i < s->n_sources; i++) {
        q[i] = audit_squid_request(s, e->host, e->wildcard, e->port, &s->sources[i]);
        v[i] = first[i] = audit_squid_ask(s, &q[i]);
        if (v[i].answer == SQUID_ASKS_AUTH) { /* and once the sensor has logged in? */
            q[i].credentials = true;
            v[i] = audit_squid_ask(s, &q[i]);
            if (v[i].answer == SQUID_ASKS_AUTH)
                v[i].answer = SQUID_DENY;
        }
        ways[i] = way_text(s, &q[i]);
        alike =
            alike && same(&first[i], &first[0]) && same(&v[i], &v[0]) && same_way(ways[i], ways[0]);
    }
    for (size_t i = 0; i < (alike ? 1 : s->n_sources); i++)
        add_verdict(s, e, ways[i],
                    first[i].answer == SQUID_ASKS_AUTH && v[i].answer == SQUID_DENY ? &v[i]
                                                                                    : &first[i],
                    alike && s->n_sources > 1 ? (s->given ? "every sensor" : "any address")
                                              : s->sources[i].name);
    if (!s->conf.refused)
        judge_endpoint(s, e, q, v);
}

/* --- the file --- */

static void copy_problems(struct squid_audit *s)
{
    for (size_t i = 0; i < s->conf.text.n_problems; i++) {
        const struct squid_problem *p = &s->conf.text.problems[i];

        if (i < FINDINGS_MAX)
            audit_find(s->a, s->file, p->gravity == SQUID_FATAL ? AUDIT_ERROR : AUDIT_WARNING,
                       p->code, p->at, p->what, p->why, p->fix);
    }
}

/* Which port of the file is the sensors', and whose file is it? */
static void find_self(struct squid_audit *s)
{
    const struct site *site = s->a->site;
    size_t i = s->a->squid_index;

    if (site->n_proxies > 0 && (s->a->n_squid == site->n_proxies || s->a->n_squid <= 1)) {
        s->self = site->proxies[i];
        s->next = i + 1 < site->n_proxies ? site->proxies[i + 1] : NULL;
    }
    s->port = s->self != NULL ? s->self->port : 3128;
    for (size_t k = 0; k < s->conf.n_ports; k++) {
        if (s->conf.ports[k].port == s->port)
            s->port_name = s->conf.ports[k].name;
    }
    if (s->port_name == NULL && s->conf.n_ports > 0) {
        s->port = s->conf.ports[0].port;
        s->port_name = s->conf.ports[0].name;
    }
}

int audit_squid(struct audit *a, struct audit_file *file, const char *path, const char *bytes,
                size_t len, struct fault *f)
{
    struct squid_audit *s = arena_new_of(a->arena, struct squid_audit);

    s->a = a;
    s->file = file;
    if (squid_conf_read(&s->conf, a->arena, path, bytes, len, f) != 0)
        return -1;
    find_self(s);
    audit_squid_sources(s);
    copy_problems(s);
    for (size_t i = 0; i < a->site->n_endpoints; i++)
        ask_endpoint(s, a->site->endpoints[i]);
    audit_squid_chain(s);
    audit_squid_rules(s);
    return 0;
}
