/* audit_squid_why: why an endpoint is denied, and the line that would let it through. */
#include "diag/audit_squid.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/site.h"

#include <string.h>

/* What is said about the denial; `at` is where the correction belongs. */
struct reason {
    const char *code, *why, *fix;
    struct squid_place at;
};

static struct squid_place place_of(const struct squid_audit *s, const struct squid_verdict *v)
{
    const struct squid_list *list = &s->conf.http_access;

    if (v->rule != NULL)
        return v->rule->at;
    if (list->n > 0)
        return list->rules[list->n - 1].at;
    return (struct squid_place){s->file->label, 0};
}

static bool allowed(struct squid_audit *s, struct squid_request q)
{
    enum squid_answer answer;

    q.credentials = true;
    answer = audit_squid_ask(s, &q).answer;
    return answer == SQUID_ALLOW;
}

/* Would another address get through? Then the lists of addresses are the matter. */
static bool by_source(struct squid_audit *s, const struct squid_request *q, struct reason *r)
{
    char text[ADDR_TEXT];
    struct squid_request other = *q;

    for (size_t i = 0; i < s->conf.acls.n; i++) {
        const struct squid_acl *acl = s->conf.acls.list[i];

        for (size_t k = 0; acl->kind == SQUID_ACL_SRC && k < acl->n_values && k < 16; k++) {
            static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};
            const struct squid_ip *ip = &acl->values[k].ip;

            if (ip->kind != SQUID_IP_RANGE)
                continue;
            other.source = memcmp(ip->low, v4, 12) == 0 ? addr_from_ip(AF_INET, ip->low + 12, 0)
                                                        : addr_from_ip(AF_INET6, ip->low, 0);
            if (!allowed(s, other))
                continue;
            r->code = "source-denied";
            if (acl->at.file == NULL) { /* only the proxy itself: the factory's rules */
                r->why = "Only the proxy machine itself may pass: these are the rules of a new "
                         "installation.";
                r->fix = arena_printf(s->a->arena,
                                      "above this line: acl sensors src %s   and   http_access "
                                      "allow sensors",
                                      s->given ? addr_text(&q->source, text) : "SENSOR-ADDRESS");
                return true;
            }
            r->why = arena_printf(s->a->arena,
                                  "ACL %s lets other addresses pass, and not this one.", acl->name);
            r->fix =
                arena_printf(s->a->arena, "acl %s src %s", acl->name, addr_text(&q->source, text));
            r->at = acl->at;
            return true;
        }
    }
    return false;
}

/* Would port 443 get through? */
static bool by_port(struct squid_audit *s, const struct squid_request *q,
                    const struct squid_verdict *v, struct reason *r)
{
    struct squid_request other = *q;

    other.port = 443;
    if (q->port == 443 || !allowed(s, other))
        return false;
    r->code = "port-denied";
    r->why = arena_printf(s->a->arena, "The name may be reached on port 443, but not on port %u.",
                          q->port);
    r->fix =
        arena_printf(s->a->arena, "let tunnels to port %u pass in front of this line", q->port);
    for (size_t i = 0; v->rule != NULL && i < v->rule->n_terms; i++) {
        const struct squid_acl *acl = v->rule->terms[i].acl;

        if (acl->kind == SQUID_ACL_PORT && v->rule->terms[i].negated)
            r->fix = arena_printf(s->a->arena, "acl %s port %u", acl->name, q->port);
    }
    return true;
}

/* One entry of a list of names that nearly fits. */
static bool nearly(struct squid_audit *s, const struct site_endpoint *e,
                   const struct squid_acl *acl, const struct squid_value *v, struct reason *r)
{
    const char *host = e->wildcard ? e->host + 2 : e->host, *entry = v->text;
    const char *stem = entry + strspn(entry, "*.");
    size_t host_len = strlen(host), stem_len = strlen(stem), entry_len = strlen(entry);
    bool below = stem_len > 0 && host_len > stem_len && text_ends_with_nocase(host, stem) &&
                 host[host_len - stem_len - 1] == '.';
    bool apex = text_equal_nocase(host, stem);

    r->at = v->at;
    if (entry[0] == '*' && (below || apex)) {
        r->code = "domain-star";
        r->why = arena_printf(
            s->a->arena, "Squid takes \"%s\" literally: a list of names knows no star.", entry);
    } else if (entry_len > 1 && entry[entry_len - 1] == '.' &&
               squid_domain_has(arena_strndup(s->a->arena, entry, entry_len - 1), host)) {
        r->code = "domain-final-dot";
        r->why = "A name with a dot at its end matches nothing: Squid removes it from requests.";
        r->fix = arena_printf(s->a->arena, "acl %s dstdomain %.*s", acl->name, (int)entry_len - 1,
                              entry);
        return true;
    } else if (entry[0] != '.' && (below || (apex && e->wildcard))) {
        r->code = "domain-apex-only";
        r->why = arena_printf(s->a->arena,
                              "\"%s\" without a dot in front is that one name; names below it need "
                              "\".%s\".",
                              entry, stem);
    } else if (!e->wildcard && entry[0] == '.' && text_ends_with_nocase(stem, host) &&
               stem_len > host_len && stem[stem_len - host_len - 1] == '.') {
        r->code = "domain-below-only";
        r->why =
            arena_printf(s->a->arena, "\"%s\" holds names below the endpoint, not itself.", entry);
        r->fix = arena_printf(s->a->arena, "acl %s dstdomain %s", acl->name, host);
        return true;
    } else {
        return false;
    }
    r->fix =
        arena_printf(s->a->arena, "acl %s dstdomain .%s   (instead of %s)", acl->name, stem, entry);
    return true;
}

static bool by_name(struct squid_audit *s, const struct site_endpoint *e, struct reason *r)
{
    for (size_t i = 0; i < s->conf.acls.n; i++) {
        const struct squid_acl *acl = s->conf.acls.list[i];

        for (size_t k = 0; acl->kind == SQUID_ACL_DSTDOMAIN && k < acl->n_values; k++) {
            if (nearly(s, e, acl, &acl->values[k], r))
                return true;
        }
    }
    return false;
}

/* A list of names that a rule lets pass, to which the endpoint can be added. */
static const struct squid_acl *find_list(const struct squid_audit *s)
{
    const struct squid_list *list = &s->conf.http_access;

    for (size_t i = 0; i < list->n; i++) {
        for (size_t k = 0; list->rules[i].allow && k < list->rules[i].n_terms; k++) {
            const struct squid_term *term = &list->rules[i].terms[k];

            if (!term->negated && term->acl->kind == SQUID_ACL_DSTDOMAIN)
                return term->acl;
        }
    }
    return NULL;
}

static void by_omission(struct squid_audit *s, const struct site_endpoint *e, struct reason *r)
{
    const struct squid_acl *list = find_list(s);
    const char *name = e->wildcard ? e->host + 1 : e->host;

    r->code = "endpoint-denied";
    if (list != NULL) {
        r->why =
            arena_printf(s->a->arena, "No rule lets it pass; ACL %s does not name it.", list->name);
        r->fix = arena_printf(s->a->arena, "acl %s dstdomain %s", list->name, name);
        return;
    }
    r->why = "No rule in front of this one lets it pass.";
    r->fix = arena_printf(s->a->arena,
                          "above this line: acl cloud dstdomain %s   and   http_access allow "
                          "CONNECT cloud",
                          name);
}

void audit_squid_denied(struct squid_audit *s, const struct site_endpoint *e,
                        const struct squid_request *q, const struct squid_verdict *v)
{
    struct reason r = {.at = place_of(s, v)};
    const char *from = s->n_sources == 0 ? "any address" : NULL;
    struct squid_place at = r.at;

    for (size_t i = 0; from == NULL && i < s->n_sources; i++) {
        if (addr_same_ip(&s->sources[i].address, &q->source))
            from = s->given ? s->sources[i].name : "any address";
    }
    if (!by_source(s, q, &r) && !by_port(s, q, v, &r) && !by_name(s, e, &r)) {
        r.at = at;
        by_omission(s, e, &r);
    }
    audit_find_of(
        s->a, s->file,
        (struct audit_finding){.severity = e->optional ? AUDIT_WARNING : AUDIT_ERROR,
                               .code = r.code,
                               .at = r.at,
                               .subject = arena_printf(s->a->arena, "%s:%u", e->host, e->port),
                               .what = arena_printf(s->a->arena, "denied for %s%s%s", from,
                                                    v->rule != NULL ? ": " : ", as no rule matches",
                                                    v->rule != NULL ? v->rule->text : ""),
                               .why = r.why,
                               .fix = r.fix});
}
