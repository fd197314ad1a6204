/* squid_conf: see squid_conf.h. Directives into their places; squid_access.c evaluates them. */
#include "diag/site/squid_conf.h"

#include "diag/base/arena.h"
#include "diag/base/file.h"
#include "diag/base/text.h"
#include "diag/site/squid_port.h"
#include "diag/site/squid_value.h"

#include <string.h>

static const char *const directives[] = {
#define DIRECTIVE(name) name,
#include "diag/site/squid_directive.def"
#undef DIRECTIVE
};
#define N_DIRECTIVES (sizeof directives / sizeof directives[0])

static bool is_directive(const char *word)
{
    for (size_t i = 0; i < N_DIRECTIVES; i++) {
        if (strcmp(directives[i], word) == 0)
            return true;
    }
    return false;
}

/* --- access lists --- */

/* Without configuration_includes_quoted_values a quoted word is the name of a file. */
static bool names_file(const struct squid_line *line, size_t i)
{
    for (; i < line->n && !line->quoted_values; i++) {
        if (line->words[i].text[0] == '"' || line->words[i].text[0] == '\'')
            return true;
    }
    return false;
}

/* "allow|deny ACL..." from word `i` on. */
static void add_rule(struct squid_conf *c, struct squid_list *list, const struct squid_line *line,
                     size_t i)
{
    struct squid_rule rule = {.at = line->at, .text = line->text};

    if (i >= line->n ||
        (strcmp(line->words[i].text, "allow") != 0 && strcmp(line->words[i].text, "deny") != 0)) {
        squid_problem_add(&c->text, SQUID_WRONG, line->at, "no-action",
                          "neither `allow` nor `deny`, in lower case, stands here",
                          "Squid logs an error and ignores the line.",
                          "write allow or deny in front of the ACLs");
        return;
    }
    rule.allow = line->words[i].text[0] == 'a';
    if (i + 1 == line->n) {
        squid_problem_add(&c->text, SQUID_WRONG, line->at, "no-acl", "the rule names no ACL",
                          "Squid logs an error and ignores the line.",
                          arena_printf(c->text.arena, "%s all", line->text));
        return;
    }
    if (names_file(line, i + 1)) {
        rule.unknown = true;
        squid_problem_add(&c->text, SQUID_WRONG, line->at, "quoted-name",
                          "a word in quotes is taken for a file with the names of ACLs",
                          "Where Squid cannot read it, it logs an error and ignores the word.",
                          "write the name of the ACL without quotes");
        list_push(c->text.arena, list->rules, list->n, rule);
        return;
    }
    if (squid_terms_read(&c->text, &c->acls, line->words + i + 1, line->n - i - 1, &rule.terms,
                         &rule.n_terms))
        list_push(c->text.arena, list->rules, list->n, rule);
}

/* `ssl_bump ACTION ACL...`: only that something is opened matters here. */
static void add_bump(struct squid_conf *c, const struct squid_line *line)
{
    struct squid_rule rule = {.at = line->at, .text = line->text, .allow = true};

    if (line->n >= 2 && strcmp(line->words[1].text, "splice") != 0 &&
        strcmp(line->words[1].text, "none") != 0 && strcmp(line->words[1].text, "peek") != 0 &&
        strcmp(line->words[1].text, "terminate") != 0)
        list_push(c->text.arena, c->ssl_bump.rules, c->ssl_bump.n, rule);
}

/* What an unread include may hold concerns every list. */
static void add_unknown(struct squid_conf *c, const struct squid_line *line)
{
    struct squid_list *lists[] = {&c->http_access, &c->adapted_http_access, &c->miss_access,
                                  &c->never_direct, &c->always_direct};
    struct squid_rule rule = {.at = line->at, .text = line->text, .unknown = true};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        list_push(c->text.arena, lists[i]->rules, lists[i]->n, rule);
    c->text.hole = true;
}

static void add_peer_access(struct squid_conf *c, const struct squid_line *line)
{
    struct squid_peer *peer = line->n > 1 ? squid_peer_find(c, line->words[1].text) : NULL;

    if (peer == NULL && c->text.hole)
        return; /* the include may define the peer; the way is in doubt anyway */
    if (peer == NULL)
        squid_problem_add(&c->text, SQUID_WRONG, line->at, "peer-unknown",
                          "no cache_peer of that name stands above this line",
                          "Squid logs an error and ignores the line.",
                          "name the peer as in its cache_peer line (or its name=), below it");
    else
        add_rule(c, &peer->access, line, 2);
}

/* --- switches --- */

static bool read_switch(struct squid_conf *c, const struct squid_line *line, bool *to)
{
    bool on = line->n > 1 && strcmp(line->words[1].text, "on") == 0;

    if (!on && (line->n < 2 || strcmp(line->words[1].text, "off") != 0)) {
        squid_acl_refuse(&c->text, line->at,
                         arena_printf(c->text.arena, "%s is on or off", line->words[0].text),
                         arena_printf(c->text.arena, "%s off", line->words[0].text));
        return false;
    }
    *to = on;
    return true;
}

static void add_auth(struct squid_conf *c, const struct squid_line *line)
{
    static const char *const schemes[] = {"basic", "digest", "ntlm", "negotiate"};
    bool known = false;

    for (size_t i = 0; line->n > 1 && i < sizeof schemes / sizeof schemes[0]; i++)
        known = known || text_equal_nocase(schemes[i], line->words[1].text);
    if (!known)
        squid_acl_refuse(
            &c->text, line->at, "auth_param needs one of basic, digest, ntlm, negotiate",
            "auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwd");
    list_push(c->text.arena, c->auth_lines, c->n_auth_lines, line);
    if (c->auth == NULL && line->n >= 4 && strcmp(line->words[2].text, "program") == 0)
        c->auth = line;
}

/* Squid asks an ACL of users for its scheme when it reads it. */
static void check_auth_order(struct squid_conf *c, const struct squid_line *line)
{
    const char *type = line->n > 2 ? line->words[2].text : "";

    if ((strcmp(type, "proxy_auth") == 0 || strcmp(type, "proxy_auth_regex") == 0) &&
        c->auth == NULL && !c->text.hole)
        squid_problem_add(
            &c->text, SQUID_FATAL, line->at, "auth-missing",
            "users are asked for, but no auth_param program stands above this line",
            "Squid does not start (\"Invalid ACL\").",
            "auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwd");
}

/* An `external` list names a helper that stands above it. */
static void check_external(struct squid_conf *c, const struct squid_line *line)
{
    if (line->n < 4 || strcmp(line->words[2].text, "external") != 0 || c->text.hole)
        return;
    for (size_t i = 0; i < c->n_externals; i++) {
        if (strcmp(c->externals[i], line->words[3].text) == 0)
            return;
    }
    squid_acl_refuse(&c->text, line->at,
                     arena_printf(c->text.arena,
                                  "no external_acl_type \"%s\" stands above this line",
                                  squid_shown(&c->text, line->words[3].text)),
                     "define the helper above the ACL: external_acl_type NAME %SRC PROGRAM");
}

/* Directives of Squid 6, which Squid 5 refuses. */
static bool is_newer(struct squid_conf *c, const struct squid_line *line)
{
    static const char *const newer[] = {"cache_log_message", "paranoid_hit_validation",
                                        "tls_key_log"};

    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
        if (strcmp(newer[i], line->words[0].text) != 0)
            continue;
        squid_problem_add(&c->text, SQUID_UNSEEN, line->at, "directive-newer",
                          arena_printf(c->text.arena, "%s is a directive of Squid 6", newer[i]),
                          "Squid 5 (Debian 12, Ubuntu 22.04) and older ones do not start with it.",
                          "on these, remove the line");
        return true;
    }
    return false;
}

static void unknown_directive(struct squid_conf *c, const struct squid_line *line)
{
    const char *word = squid_shown(&c->text, line->words[0].text), *near;

    near = text_nearest(line->words[0].text, directives, N_DIRECTIVES);
    squid_problem_add(&c->text, SQUID_FATAL, line->at, "directive-unknown",
                      arena_printf(c->text.arena, "Squid knows no directive \"%s\"", word),
                      "Squid does not start with an unrecognized directive.",
                      near != NULL ? arena_printf(c->text.arena, "did you mean %s?", near)
                                   : "remove the line");
}

static void take_line(struct squid_conf *c, const struct squid_line *line)
{
    const char *word = line->n > 0 ? line->words[0].text : "";
    bool flag;

    if (line->n == 0)
        add_unknown(c, line);
    else if (strcmp(word, "acl") == 0) {
        check_auth_order(c, line);
        check_external(c, line);
        squid_acl_read(&c->text, &c->acls, line);
    } else if (strcmp(word, "http_access") == 0)
        add_rule(c, &c->http_access, line, 1);
    else if (strcmp(word, "adapted_http_access") == 0 || strcmp(word, "http_access2") == 0)
        add_rule(c, &c->adapted_http_access, line, 1);
    else if (strcmp(word, "miss_access") == 0)
        add_rule(c, &c->miss_access, line, 1);
    else if (strcmp(word, "never_direct") == 0)
        add_rule(c, &c->never_direct, line, 1);
    else if (strcmp(word, "always_direct") == 0)
        add_rule(c, &c->always_direct, line, 1);
    else if (strcmp(word, "ssl_bump") == 0)
        add_bump(c, line);
    else if (strcmp(word, "http_port") == 0 || strcmp(word, "https_port") == 0)
        squid_port_read(c, line, word[4] == 's');
    else if (strcmp(word, "cache_peer") == 0)
        squid_peer_read(c, line);
    else if (strcmp(word, "cache_peer_access") == 0)
        add_peer_access(c, line);
    else if (strcmp(word, "external_acl_type") == 0) {
        if (line->n > 1)
            list_push(c->text.arena, c->externals, c->n_externals, line->words[1].text);
    } else if (strcmp(word, "auth_param") == 0)
        add_auth(c, line);
    else if (strcmp(word, "nonhierarchical_direct") == 0) {
        c->nonhierarchical = line;
        read_switch(c, line, &c->nonhierarchical_direct);
    } else if (strcmp(word, "prefer_direct") == 0)
        read_switch(c, line, &c->prefer_direct);
    else if (strcmp(word, "url_rewrite_program") == 0 || strcmp(word, "redirect_program") == 0 ||
             ((strcmp(word, "icap_enable") == 0 || strcmp(word, "ecap_enable") == 0) &&
              read_switch(c, line, &flag) && flag)) {
        if (c->rewriter == NULL && line->n > 1 && strcmp(line->words[1].text, "none") != 0)
            c->rewriter = line;
    } else if (!is_directive(word) && !is_newer(c, line))
        unknown_directive(c, line);
}

static bool has_unknown(const struct squid_conf *c)
{
    for (size_t i = 0; i < c->text.n; i++) {
        if (c->text.lines[i].n == 0)
            return true;
    }
    return false;
}

int squid_conf_read(struct squid_conf *c, struct arena *a, const char *path, const char *bytes,
                    size_t len, struct fault *f)
{
    *c = (struct squid_conf){.nonhierarchical_direct = true};
    if (squid_lines_read(&c->text, a, path, bytes, len, f) != 0)
        return -1;
    squid_acls_init(&c->text, &c->acls);
    for (size_t i = 0; i < c->text.n; i++)
        take_line(c, &c->text.lines[i]);
    if (c->n_ports == 0 && !has_unknown(c))
        squid_problem_add(&c->text, SQUID_FATAL, (struct squid_place){file_label(a, path), 0},
                          "no-port", "there is no http_port", "Squid does not start without one.",
                          "http_port 3128");
    for (size_t i = 0; i < c->text.n_problems; i++)
        c->refused = c->refused || c->text.problems[i].gravity == SQUID_FATAL;
    return 0;
}

bool squid_conf_recognize(const char *bytes, size_t len)
{
    static const char *const marks[] = {"http_access", "http_port", "acl",        "cache_peer",
                                        "auth_param",  "include",   "cache",      "never_direct",
                                        "https_port",  "cache_dir", "access_log", "miss_access"};
    const char *end = bytes + len;

    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t rest;

        stop = stop == NULL ? end : stop;
        while (bytes < stop && (*bytes == ' ' || *bytes == '\t'))
            bytes++;
        rest = (size_t)(stop - bytes);
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            size_t n = strlen(marks[i]);

            if (rest > n && strncmp(bytes, marks[i], n) == 0 &&
                (bytes[n] == ' ' || bytes[n] == '\t'))
                return true;
        }
        bytes = stop + 1;
    }
    return false;
}
