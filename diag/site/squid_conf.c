/* squid_conf: see squid_conf.h. Directives into their places; squid_access.c evaluates them. */
#include "diag/site/squid_conf.h"

#include "diag/base/arena.h"
#include "diag/base/file.h"
#include "diag/base/text.h"

#include <string.h>

enum { SHOWN_WORD = 120 };

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

static const char *shown(struct squid_conf *c, const char *word)
{
    return text_printable(c->text.arena, word, strlen(word), SHOWN_WORD);
}

static void refuse(struct squid_conf *c, struct squid_place at, const char *what, const char *fix)
{
    squid_problem_add(&c->text, SQUID_FATAL, at, "refused", what,
                      "Squid does not start with this line (\"Bungled\").", fix);
}

/* --- access lists --- */

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
    struct squid_list *lists[] = {&c->http_access, &c->miss_access, &c->never_direct,
                                  &c->always_direct};
    struct squid_rule rule = {.at = line->at, .text = line->text, .unknown = true};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        list_push(c->text.arena, lists[i]->rules, lists[i]->n, rule);
}

/* --- ports and peers --- */

static const char *option_value(const struct squid_line *line, size_t from, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = from; i < line->n; i++) {
        if (strncmp(line->words[i].text, name, len) == 0)
            return line->words[i].text + len;
    }
    return NULL;
}

static bool has_option(const struct squid_line *line, size_t from, const char *name)
{
    for (size_t i = from; i < line->n; i++) {
        if (strcmp(line->words[i].text, name) == 0)
            return true;
    }
    return false;
}

static void add_port(struct squid_conf *c, const struct squid_line *line, bool tls)
{
    static const char *const modes[] = {"intercept", "tproxy", "accel", "transparent"};
    struct squid_port p = {.at = line->at, .text = line->text, .tls = tls};
    const char *spec, *colon;
    unsigned long number;

    if (line->n < 2) {
        refuse(c, line->at, "no port is given", "write: http_port 3128");
        return;
    }
    spec = line->words[1].text;
    colon = strrchr(spec, ':');
    if (!text_parse_uint(colon == NULL ? spec : colon + 1, 65535, &number) || number == 0) {
        refuse(c, line->at, arena_printf(c->text.arena, "\"%s\" is no port", shown(c, spec)),
               "write a port from 1 to 65535, or ADDRESS:PORT");
        return;
    }
    p.port = (uint16_t)number;
    p.host =
        colon == NULL ? NULL : text_printable(c->text.arena, spec, (size_t)(colon - spec), 100);
    p.name = option_value(line, 2, "name=");
    p.name = p.name != NULL ? shown(c, p.name) : shown(c, spec);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (has_option(line, 2, modes[i]))
            p.mode = modes[i];
    }
    p.bumps = has_option(line, 2, "ssl-bump");
    list_push(c->text.arena, c->ports, c->n_ports, p);
}

static struct squid_peer *find_peer(struct squid_conf *c, const char *name)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        if (text_equal_nocase(c->peers[i].name, name))
            return &c->peers[i];
    }
    return NULL;
}

static void add_peer(struct squid_conf *c, const struct squid_line *line)
{
    struct squid_peer p = {.at = line->at, .text = line->text, .port = 3128};
    const char *type = line->n > 2 ? line->words[2].text : "", *value;
    unsigned long number = 3128;

    if (strcmp(type, "parent") != 0 && strcmp(type, "sibling") != 0 &&
        strcmp(type, "multicast") != 0) {
        refuse(c, line->at, "a cache_peer needs a host and a type",
               "write: cache_peer HOST parent 3128 0 no-query default");
        return;
    }
    if (line->n > 3 && (!text_parse_uint(line->words[3].text, 65535, &number) || number == 0)) {
        refuse(c, line->at,
               arena_printf(c->text.arena, "\"%s\" is no port", shown(c, line->words[3].text)),
               "write: cache_peer HOST parent 3128 0 no-query default");
        return;
    }
    p.port = (uint16_t)number;
    p.parent = type[0] == 'p';
    p.host = shown(c, line->words[1].text);
    value = option_value(line, 5, "name=");
    p.name = value != NULL ? shown(c, value) : p.host;
    p.login = option_value(line, 5, "login=");
    p.originserver = has_option(line, 5, "originserver");
    if (find_peer(c, p.name) != NULL) {
        refuse(c, line->at, arena_printf(c->text.arena, "cache_peer %s is there twice", p.name),
               "give one of them a name of its own with name=");
        return;
    }
    list_push(c->text.arena, c->peers, c->n_peers, p);
}

static void add_peer_access(struct squid_conf *c, const struct squid_line *line)
{
    struct squid_peer *peer = line->n > 1 ? find_peer(c, line->words[1].text) : NULL;

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
        refuse(c, line->at, arena_printf(c->text.arena, "%s is on or off", line->words[0].text),
               arena_printf(c->text.arena, "%s off", line->words[0].text));
        return false;
    }
    *to = on;
    return true;
}

static void add_auth(struct squid_conf *c, const struct squid_line *line)
{
    list_push(c->text.arena, c->auth_lines, c->n_auth_lines, line);
    if (c->auth == NULL && line->n >= 4 && strcmp(line->words[2].text, "program") == 0)
        c->auth = line;
}

/* Squid asks an ACL of users for its scheme when it reads it. */
static void check_auth_order(struct squid_conf *c, const struct squid_line *line)
{
    const char *type = line->n > 2 ? line->words[2].text : "";

    if ((strcmp(type, "proxy_auth") == 0 || strcmp(type, "proxy_auth_regex") == 0) &&
        c->auth == NULL)
        squid_problem_add(
            &c->text, SQUID_FATAL, line->at, "auth-missing",
            "users are asked for, but no auth_param program stands above this line",
            "Squid does not start (\"Invalid ACL\").",
            "auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwd");
}

static void unknown_directive(struct squid_conf *c, const struct squid_line *line)
{
    const char *word = shown(c, line->words[0].text), *near;

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
        squid_acl_read(&c->text, &c->acls, line);
    } else if (strcmp(word, "http_access") == 0)
        add_rule(c, &c->http_access, line, 1);
    else if (strcmp(word, "miss_access") == 0)
        add_rule(c, &c->miss_access, line, 1);
    else if (strcmp(word, "never_direct") == 0)
        add_rule(c, &c->never_direct, line, 1);
    else if (strcmp(word, "always_direct") == 0)
        add_rule(c, &c->always_direct, line, 1);
    else if (strcmp(word, "ssl_bump") == 0)
        add_bump(c, line);
    else if (strcmp(word, "http_port") == 0 || strcmp(word, "https_port") == 0)
        add_port(c, line, word[4] == 's');
    else if (strcmp(word, "cache_peer") == 0)
        add_peer(c, line);
    else if (strcmp(word, "cache_peer_access") == 0)
        add_peer_access(c, line);
    else if (strcmp(word, "auth_param") == 0)
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
    } else if (!is_directive(word))
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
