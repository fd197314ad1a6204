/* squid_match: does a request meet an ACL? See squid_acl.h. */
#include "diag/site/squid_acl.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/site/squid_value.h"

#include <regex.h>
#include <string.h>

enum { GROUP_DEPTH_MAX = 16 };

static enum squid_match match(struct arena *a, const struct squid_acl *acl,
                              const struct squid_request *q, const struct squid_acl **why,
                              unsigned depth);

bool squid_domain_has(const char *entry, const char *name)
{
    size_t entry_len = strlen(entry), name_len = strlen(name);

    if (entry_len == 0)
        return false;
    if (entry[0] != '.')
        return text_equal_nocase(entry, name);
    if (entry_len == name_len + 1)
        return text_equal_nocase(entry + 1, name);
    return name_len > entry_len && text_ends_with_nocase(name, entry);
}

static enum squid_match unknown(const struct squid_acl *acl, const struct squid_acl **why)
{
    *why = acl;
    return SQUID_UNKNOWN;
}

static enum squid_match match_address(const struct squid_acl *acl, const struct addr *address,
                                      const struct squid_acl **why)
{
    bool doubt = acl->unseen;

    for (size_t i = 0; i < acl->n_values; i++) {
        const struct squid_value *v = &acl->values[i];

        if (v->dropped)
            continue;
        if (v->ip.kind == SQUID_IP_ALL || (address->family != 0 && squid_ip_has(&v->ip, address)))
            return SQUID_YES;
        doubt = doubt || v->ip.kind == SQUID_IP_UNKNOWN || address->family == 0;
    }
    return doubt ? unknown(acl, why) : SQUID_NO;
}

static bool is_local(const uint8_t ip[16])
{
    static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};
    struct addr a =
        memcmp(ip, v4, 12) == 0 ? addr_from_ip(AF_INET, ip + 12, 0) : addr_from_ip(AF_INET6, ip, 0);
    enum addr_kind kind = addr_kind(&a);

    return kind == ADDR_LOOPBACK || kind == ADDR_UNSPECIFIED || kind == ADDR_LINK_LOCAL;
}

/*
 * Nothing but addresses that no cloud service has, as in to_localhost and to_linklocal, which the
 * configuration that comes with Squid 6 denies. That the proxy's DNS gives such an address for an
 * endpoint is a fault to find live, no reason to doubt every endpoint here (docs/audit.md).
 */
static bool only_local(const struct squid_acl *acl)
{
    for (size_t i = 0; i < acl->n_values; i++) {
        const struct squid_ip *ip = &acl->values[i].ip;

        if (!acl->values[i].dropped &&
            (ip->kind != SQUID_IP_RANGE || !is_local(ip->low) || !is_local(ip->high)))
            return false;
    }
    return !acl->unseen;
}

static enum squid_match match_dst(const struct squid_acl *acl, const struct squid_request *q,
                                  const struct squid_acl **why)
{
    enum squid_match m;
    static const struct addr none;

    if (q->is_address)
        return match_address(acl, &q->address, why);
    if (only_local(acl))
        return SQUID_NO;
    m = match_address(acl, &none, why);
    return m == SQUID_UNKNOWN && acl->no_lookup && !acl->unseen ? SQUID_NO : m;
}

static bool domain_listed(const struct squid_acl *acl, const char *name)
{
    for (size_t i = 0; i < acl->n_values; i++) {
        if (!acl->values[i].dropped && squid_domain_has(acl->values[i].text, name))
            return true;
    }
    return false;
}

/* An address is looked up backwards, unless that is forbidden. */
static enum squid_match match_domain(const struct squid_acl *acl, const struct squid_request *q,
                                     const struct squid_acl **why)
{
    if (domain_listed(acl, q->host))
        return SQUID_YES;
    if (acl->unseen || (q->is_address && !acl->no_lookup && acl->n_values > 0))
        return unknown(acl, why);
    return SQUID_NO;
}

static enum squid_match match_regex(const struct squid_acl *acl, const char *text, bool lookup,
                                    const struct squid_acl **why)
{
    bool doubt = acl->unseen || (lookup && !acl->no_lookup && acl->n_values > 0);

    for (size_t i = 0; i < acl->n_values; i++) {
        const struct squid_value *v = &acl->values[i];
        regex_t regex;
        int rc;

        if (v->dropped)
            continue;
        if (!squid_regex_is_tame(v->text) ||
            regcomp(&regex, v->text, REG_EXTENDED | REG_NOSUB | (v->nocase ? REG_ICASE : 0)) != 0) {
            doubt = true;
            continue;
        }
        rc = regexec(&regex, text, 0, NULL, 0);
        regfree(&regex);
        if (rc == 0)
            return SQUID_YES;
    }
    return doubt ? unknown(acl, why) : SQUID_NO;
}

static enum squid_match match_port(const struct squid_acl *acl, unsigned port,
                                   const struct squid_acl **why)
{
    for (size_t i = 0; port != 0 && i < acl->n_values; i++) {
        const struct squid_value *v = &acl->values[i];

        if (!v->dropped && v->low <= port && port <= v->high)
            return SQUID_YES;
    }
    return acl->unseen || (port == 0 && acl->n_values > 0) ? unknown(acl, why) : SQUID_NO;
}

static bool listed(const struct squid_acl *acl, const char *word, bool nocase)
{
    for (size_t i = 0; i < acl->n_values; i++) {
        const char *text = acl->values[i].text;

        if (nocase ? text_equal_nocase(text, word) : strcmp(text, word) == 0)
            return true;
    }
    return false;
}

static enum squid_match match_listed(const struct squid_acl *acl, const char *word,
                                     const struct squid_acl **why)
{
    if (word != NULL && listed(acl, word, true))
        return SQUID_YES;
    return acl->unseen || word == NULL ? unknown(acl, why) : SQUID_NO;
}

static enum squid_match match_user(const struct squid_acl *acl, const struct squid_request *q,
                                   const struct squid_acl **why)
{
    if (!q->credentials)
        return SQUID_AUTH;
    if (listed(acl, "REQUIRED", false))
        return SQUID_YES;
    if (q->user != NULL && listed(acl, q->user, acl->nocase))
        return SQUID_YES;
    return acl->unseen || (q->user == NULL && acl->n_values > 0) ? unknown(acl, why) : SQUID_NO;
}

static enum squid_match negate(enum squid_match m, bool negated)
{
    if (!negated)
        return m;
    return m == SQUID_YES ? SQUID_NO : m == SQUID_NO ? SQUID_YES : m;
}

/* All terms, from the left; the first certain NO ends it, as does a request for credentials. */
static enum squid_match match_terms(struct arena *a, const struct squid_value *v,
                                    const struct squid_request *q, const struct squid_acl **why,
                                    unsigned depth)
{
    enum squid_match all = SQUID_YES;

    for (size_t i = 0; i < v->n_terms; i++) {
        enum squid_match m =
            negate(match(a, v->terms[i].acl, q, why, depth + 1), v->terms[i].negated);

        if (m == SQUID_NO)
            return SQUID_NO;
        if (m == SQUID_AUTH)
            return all == SQUID_UNKNOWN ? SQUID_UNKNOWN : SQUID_AUTH;
        if (m == SQUID_UNKNOWN)
            all = SQUID_UNKNOWN;
    }
    return all;
}

static enum squid_match match_group(struct arena *a, const struct squid_acl *acl,
                                    const struct squid_request *q, const struct squid_acl **why,
                                    unsigned depth)
{
    bool doubt = acl->unseen;

    if (depth > GROUP_DEPTH_MAX)
        return unknown(acl, why);
    for (size_t i = 0; i < acl->n_values; i++) {
        enum squid_match m = match_terms(a, &acl->values[i], q, why, depth);

        if (m == SQUID_YES)
            return SQUID_YES;
        if (m == SQUID_AUTH)
            return doubt ? unknown(acl, why) : SQUID_AUTH;
        doubt = doubt || m == SQUID_UNKNOWN;
    }
    if (doubt && *why == NULL)
        *why = acl;
    return doubt ? SQUID_UNKNOWN : SQUID_NO;
}

/* A CONNECT request has no scheme, which Squid calls "none". */
static enum squid_match match_proto(const struct squid_acl *acl)
{
    return listed(acl, "none", true) ? SQUID_YES : SQUID_NO;
}

static enum squid_match match(struct arena *a, const struct squid_acl *acl,
                              const struct squid_request *q, const struct squid_acl **why,
                              unsigned depth)
{
    switch (acl->kind) {
    case SQUID_ACL_SRC:
        return match_address(acl, &q->source, why);
    case SQUID_ACL_DST:
        return match_dst(acl, q, why);
    case SQUID_ACL_DSTDOMAIN:
        return match_domain(acl, q, why);
    case SQUID_ACL_DSTDOM_REGEX:
        return match_regex(acl, q->host, q->is_address, why);
    case SQUID_ACL_URL_REGEX:
        return match_regex(acl, arena_printf(a, "%s:%u", q->host, q->port), false, why);
    case SQUID_ACL_URLPATH_REGEX: /* CONNECT has no path */
        return acl->unseen ? unknown(acl, why) : SQUID_NO;
    case SQUID_ACL_PORT:
        return match_port(acl, q->port, why);
    case SQUID_ACL_LOCALPORT:
        return match_port(acl, q->local_port, why);
    case SQUID_ACL_MYPORTNAME:
        return match_listed(acl, q->port_name, why);
    case SQUID_ACL_METHOD:
        return match_listed(acl, "CONNECT", why);
    case SQUID_ACL_PROTO:
        return acl->unseen ? unknown(acl, why) : match_proto(acl);
    case SQUID_ACL_PROXY_AUTH:
        return match_user(acl, q, why);
    case SQUID_ACL_AUTH_REGEX:
        return q->credentials ? unknown(acl, why) : SQUID_AUTH;
    case SQUID_ACL_ANY_OF:
    case SQUID_ACL_ALL_OF:
        return match_group(a, acl, q, why, depth);
    case SQUID_ACL_OTHER:
        break;
    }
    return unknown(acl, why);
}

enum squid_match squid_acl_match(struct arena *a, const struct squid_acl *acl,
                                 const struct squid_request *q, const struct squid_acl **why)
{
    *why = NULL;
    return match(a, acl, q, why, 0);
}

enum squid_match squid_term_match(struct arena *a, const struct squid_term *term,
                                  const struct squid_request *q, const struct squid_acl **why)
{
    return negate(squid_acl_match(a, term->acl, q, why), term->negated);
}
