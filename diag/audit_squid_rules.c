/* audit_squid_rules: what is wrong with a squid.conf as such, whatever the endpoints. */
#include "diag/audit_squid.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/model/site.h"

#include <string.h>
#include <sys/stat.h>

/* The balancer that stands before this Squid, if one is among the arguments: before the first hop.
 */
static const struct audit_balance *balance_before(const struct squid_audit *s)
{
    for (size_t i = 0; s->a->squid_index == 0 && i < s->a->n_balances; i++) {
        if (s->a->balances[i].backend_port != 0)
            return &s->a->balances[i];
    }
    return NULL;
}

static void check_ports(struct squid_audit *s)
{
    uint16_t wanted = s->self != NULL ? s->self->port : 3128;
    const struct audit_balance *balance = balance_before(s);
    const struct squid_port *found = NULL;

    if (balance != NULL)
        wanted = (uint16_t)balance->backend_port;

    for (size_t i = 0; i < s->conf.n_ports; i++) {
        if (s->conf.ports[i].port == wanted && found == NULL)
            found = &s->conf.ports[i];
    }
    if (s->conf.n_ports == 0)
        return; /* said already */
    if (found == NULL) {
        audit_find(s->a, s->file, AUDIT_ERROR, "other-port", s->conf.ports[0].at,
                   arena_printf(s->a->arena, "Squid listens on %u, not on %u",
                                s->conf.ports[0].port, wanted),
                   balance != NULL
                       ? arena_printf(s->a->arena, "The load balancer sends there (%s:%lu).",
                                      balance->at.file, balance->at.line)
                   : s->self != NULL ? "The site's sensors connect to that port."
                                     : "The load balancer's rule and health probe use 3128 by "
                                       "default, and so do sensors.",
                   arena_printf(s->a->arena, "http_port %u", wanted));
        return;
    }
    if (found->mode != NULL)
        audit_find(s->a, s->file, AUDIT_ERROR, "port-mode", found->at,
                   arena_printf(s->a->arena, "port %u is for %s traffic, not for proxy requests",
                                wanted, found->mode),
                   "A CONNECT request there is refused.",
                   arena_printf(s->a->arena, "http_port %u", wanted));
    if (found->host != NULL &&
        (strcmp(found->host, "127.0.0.1") == 0 || strcmp(found->host, "[::1]") == 0 ||
         strcmp(found->host, "localhost") == 0))
        audit_find(s->a, s->file, AUDIT_ERROR, "port-loopback", found->at,
                   "Squid listens on the loopback address alone",
                   "Neither sensors nor the health probe of a load balancer can connect.",
                   arena_printf(s->a->arena, "http_port %u", wanted));
    if (found->bumps && s->conf.ssl_bump.n > 0)
        audit_find(s->a, s->file, AUDIT_WARNING, "interception", s->conf.ssl_bump.rules[0].at,
                   "this Squid opens TLS connections",
                   "Sensors accept its certificates only with its CA installed (the sensor's "
                   "\"Client certificate\").",
                   "ssl_bump splice all");
}

/* The list of users of basic_ncsa_auth, where it can be looked at. */
static void check_users(struct squid_audit *s)
{
    const struct squid_line *line = s->conf.auth;
    const char *program = line->words[3].text, *path;
    struct stat info;

    if (strstr(program, "basic_ncsa_auth") == NULL)
        return;
    if (line->n < 5) {
        audit_find(s->a, s->file, AUDIT_ERROR, "auth-no-file", line->at,
                   "basic_ncsa_auth is given no list of users",
                   "The helper ends at once, and nobody can log in.",
                   "auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwd");
        return;
    }
    path = line->words[4].text;
    if (strncmp(path, "/etc/squid/", 11) == 0)
        path = arena_printf(s->a->arena, "%s/%s", s->conf.text.folder, path + 11);
    if (stat(path, &info) != 0) {
        audit_find(s->a, s->file, AUDIT_INFO, "auth-file-unseen", line->at,
                   arena_printf(s->a->arena, "the list of users %s is not here",
                                text_printable(s->a->arena, line->words[4].text,
                                               strlen(line->words[4].text), 200)),
                   "Where it is missing on the proxy too, every login fails.",
                   "htpasswd -c FILE USER   on the proxy; readable for the user proxy");
    } else if (info.st_size == 0) {
        audit_find(s->a, s->file, AUDIT_ERROR, "auth-file-empty", line->at,
                   "the list of users is empty", "Nobody can log in.", "htpasswd FILE USER");
    } else if ((info.st_mode & S_IROTH) != 0) {
        audit_find(s->a, s->file, AUDIT_WARNING, "auth-file-open", line->at,
                   "every user of the proxy can read the password hashes",
                   "They can be guessed at leisure.", "chown root:proxy FILE; chmod 640 FILE");
    }
}

static bool asks_users(const struct squid_acl *acl, unsigned depth)
{
    if (acl->kind == SQUID_ACL_PROXY_AUTH || acl->kind == SQUID_ACL_AUTH_REGEX)
        return true;
    for (size_t i = 0; depth < 4 && i < acl->n_values; i++) {
        for (size_t k = 0; k < acl->values[i].n_terms; k++) {
            if (asks_users(acl->values[i].terms[k].acl, depth + 1))
                return true;
        }
    }
    return false;
}

static void check_auth(struct squid_audit *s)
{
    bool basic = false, used = false;
    const struct squid_list *list = &s->conf.http_access;

    for (size_t i = 0; i < list->n; i++) {
        for (size_t k = 0; k < list->rules[i].n_terms; k++)
            used = used || asks_users(list->rules[i].terms[k].acl, 0);
    }
    for (size_t i = 0; i < s->conf.n_auth_lines; i++)
        basic = basic || (s->conf.auth_lines[i]->n > 1 &&
                          strcmp(s->conf.auth_lines[i]->words[1].text, "basic") == 0);
    if (s->conf.auth == NULL)
        return;
    if (!used) {
        audit_find(s->a, s->file, AUDIT_WARNING, "auth-unused", s->conf.auth->at,
                   "logins are set up, but no http_access rule asks for one",
                   "Sensors with credentials then report \"proxy unnecessary\".",
                   "acl users proxy_auth REQUIRED   and   http_access allow users ...");
    } else if (!basic) {
        audit_find(s->a, s->file, AUDIT_ERROR, "auth-scheme", s->conf.auth->at,
                   "only schemes other than Basic are offered",
                   "A sensor has a user and a password, and can use Basic alone.",
                   "auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwd");
    }
    check_users(s);
}

/* Rules below one that holds for all are never looked at. */
static void check_dead_rules(struct squid_audit *s)
{
    const struct squid_list *list = &s->conf.http_access;

    for (size_t i = 0; i + 1 < list->n; i++) {
        const struct squid_rule *rule = &list->rules[i];

        if (rule->unknown || rule->n_terms != 1 || rule->terms[0].negated ||
            strcmp(rule->terms[0].acl->name, "all") != 0)
            continue;
        audit_find(
            s->a, s->file, AUDIT_WARNING, "rule-dead", list->rules[i + 1].at,
            arena_printf(s->a->arena, "never decides: %s", list->rules[i + 1].text),
            arena_printf(s->a->arena, "\"%s\" in line %lu holds for every request.", rule->text,
                         rule->at.line),
            arena_printf(s->a->arena, "move it above line %lu, or remove it", rule->at.line));
        return;
    }
}

/* A rule below this one (not in the list: anywhere) that denies tunnels to ports that a list lacks.
 */
static const struct squid_rule *limit_of_ports(const struct squid_audit *s,
                                               const struct squid_rule *above)
{
    const struct squid_list *list = &s->conf.http_access;
    const struct squid_rule *found = NULL;

    for (size_t i = list->n; i-- > 0 && &list->rules[i] != above;) {
        const struct squid_rule *rule = &list->rules[i];

        for (size_t k = 0; !rule->allow && k < rule->n_terms; k++) {
            if (rule->terms[k].negated && rule->terms[k].acl->kind == SQUID_ACL_PORT)
                found = rule;
        }
    }
    return found;
}

/* May an allowed endpoint be reached on ports that nobody needs? */
static void check_any_port(struct squid_audit *s)
{
    for (size_t i = 0; i < s->a->site->n_endpoints; i++) {
        const struct site_endpoint *e = s->a->site->endpoints[i];

        for (size_t k = 0; k < s->n_sources; k++) {
            struct squid_request q =
                audit_squid_request(s, e->host, e->wildcard, e->port, &s->sources[k]);
            const struct squid_rule *limit;
            struct squid_verdict v;

            q.credentials = true;
            if (audit_squid_ask(s, &q).answer != SQUID_ALLOW)
                continue;
            q.port = 22;
            v = audit_squid_ask(s, &q);
            if (v.answer != SQUID_ALLOW)
                continue;
            limit = limit_of_ports(s, v.rule);
            audit_find(s->a, s->file, AUDIT_WARNING, "any-port",
                       v.rule != NULL ? v.rule->at : (struct squid_place){s->file->label, 0},
                       arena_printf(s->a->arena, "CONNECT to any port of %s is allowed: %s",
                                    e->host, v.rule != NULL ? v.rule->text : "no rule matches"),
                       limit != NULL ? arena_printf(s->a->arena,
                                                    "The rule stands above the one that limits the "
                                                    "ports of tunnels (line %lu).",
                                                    limit->at.line)
                                     : "No rule limits the ports of tunnels.",
                       limit != NULL
                           ? arena_printf(s->a->arena, "move `%s` above this line", limit->text)
                       : squid_acl_find(&s->conf.acls, "SSL_ports") != NULL
                           ? "http_access deny CONNECT !SSL_ports   above this line"
                           : "acl SSL_ports port 443   and   http_access deny CONNECT !SSL_ports   "
                             "above this line");
            return;
        }
    }
}

/* May a sensor go anywhere? */
static void check_open(struct squid_audit *s)
{
    for (size_t k = 0; k < s->n_sources; k++) {
        struct squid_request q =
            audit_squid_request(s, "anything.example", false, 443, &s->sources[k]);
        struct squid_verdict v = audit_squid_ask(s, &q);
        bool others = !s->given && strncmp(s->sources[k].name, "any", 3) == 0;

        if (v.answer != SQUID_ALLOW || (!others && k + 1 < s->n_sources))
            continue;
        audit_find(s->a, s->file, others ? AUDIT_WARNING : AUDIT_INFO,
                   others ? "open-proxy" : "any-destination",
                   v.rule != NULL ? v.rule->at : (struct squid_place){s->file->label, 0},
                   arena_printf(s->a->arena, "%s may reach every destination",
                                others ? "every address" : s->sources[k].name),
                   others ? "Who can connect to this Squid can use it for anything."
                          : "A sensor needs its endpoints alone.",
                   "acl cloud dstdomain ...   and   http_access allow sensors cloud");
        return;
    }
}

void audit_squid_rules(struct squid_audit *s)
{
    check_ports(s);
    check_auth(s);
    check_dead_rules(s);
    if (!s->conf.refused) {
        check_any_port(s);
        check_open(s);
    }
    if (s->conf.rewriter != NULL)
        audit_find(s->a, s->file, AUDIT_INFO, "rewriter", s->conf.rewriter->at,
                   "a program or service may change requests",
                   "What it does cannot be seen from here; the verdicts are those of the rules.",
                   "test it live: hopproof check --proxy ...");
}
