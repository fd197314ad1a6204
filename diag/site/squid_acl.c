/* squid_acl: see squid_acl.h. This file reads `acl` lines; squid_match.c answers. */
#include "diag/site/squid_acl.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <ctype.h>
#include <regex.h>
#include <string.h>

enum {
    NAME_MAX_OCTETS = 63,
    SHOWN_WORD = 120,
    REGEX_MAX = 2000,
    VALUES_COMPARED = 2000,
    ACLS_MAX = 4096
};

static const struct {
    const char *name;
    enum squid_acl_kind kind;
    const char *why;
} types[] = {
#define TYPE(name, kind, why) {name, SQUID_ACL_##kind, why},
#include "diag/site/squid_acl_type.def"
#undef TYPE
};

static const char *shown(const struct squid_text *t, const char *word)
{
    return text_printable(t->arena, word, strlen(word), SHOWN_WORD);
}

static void fatal(struct squid_text *t, struct squid_place at, const char *what, const char *fix)
{
    squid_problem_add(t, SQUID_FATAL, at, "refused", what,
                      "Squid does not start with this line (\"Bungled\").", fix);
}

struct squid_acl *squid_acl_find(const struct squid_acls *acls, const char *name)
{
    for (size_t i = 0; i < acls->n; i++) {
        if (text_equal_nocase(acls->list[i]->name, name))
            return acls->list[i];
    }
    return NULL;
}

const char *squid_acl_why(const struct squid_acl *acl)
{
    if (acl->unseen)
        return "a list of values that cannot be read here";
    switch (acl->kind) {
    case SQUID_ACL_DST:
    case SQUID_ACL_DSTDOMAIN:
    case SQUID_ACL_DSTDOM_REGEX:
        return "what the proxy's own DNS answers";
    case SQUID_ACL_SRC:
        return "how a name or mask in its list is resolved";
    case SQUID_ACL_PROXY_AUTH:
        return "which user logs in";
    default:
        return acl->why_unknown != NULL ? acl->why_unknown : "what is not in the file";
    }
}

/* --- values --- */

/* Two entries of one dstdomain list, as Squid 5 sees them (measured, docs/audit.md). */
static void check_domain(struct squid_text *t, struct squid_acl *acl, struct squid_value *v)
{
    const char *fix, *name = v->text + strspn(v->text, ".");

    for (size_t i = 0; i < acl->n_values && i < VALUES_COMPARED; i++) {
        const struct squid_value *old = &acl->values[i];
        const char *old_name = old->text + strspn(old->text, ".");
        bool apex = strcmp(name, old_name) == 0;

        if (old->dropped ||
            (!squid_domain_has(old->text, name) && !squid_domain_has(v->text, old_name)))
            continue;
        if (apex && (v->text[0] == '.') == (old->text[0] == '.')) {
            v->dropped = true;
            return;
        }
        fix = arena_printf(t->arena, "keep one of them in ACL %s: .%s", acl->name,
                           strlen(name) < strlen(old_name) ? name : old_name);
        if (!apex && squid_domain_has(old->text, name)) {
            v->dropped = true;
            squid_problem_add(t, SQUID_WRONG, v->at, "domain-overlap",
                              arena_printf(t->arena, "%s is already part of %s in ACL %s",
                                           shown(t, v->text), shown(t, old->text), acl->name),
                              "Squid warns and ignores it; in the other order Squid 5 does not "
                              "start.",
                              arena_printf(t->arena, "remove %s", shown(t, v->text)));
            return;
        }
        squid_problem_add(t, SQUID_FATAL, v->at, "domain-overlap",
                          arena_printf(t->arena, "%s and %s overlap in ACL %s", shown(t, old->text),
                                       shown(t, v->text), acl->name),
                          "Squid 5 does not start (\"is a subdomain of\"); newer ones warn and "
                          "ignore one of the two.",
                          fix);
        return;
    }
}

static void check_address(struct squid_text *t, struct squid_acl *acl, struct squid_value *v)
{
    v->ip = squid_ip_parse(t->arena, v->text);
    if (v->ip.kind == SQUID_IP_BAD) {
        fatal(t, v->at, arena_printf(t->arena, "\"%s\" is no address", shown(t, v->text)),
              "write an address, a network (10.1.0.0/16) or a range (10.1.0.4-10.1.0.9)");
        return;
    }
    if (v->ip.masked_away)
        squid_problem_add(
            t, SQUID_WRONG, v->at, "masked-away",
            arena_printf(t->arena, "%s: the mask removes a part of the address", shown(t, v->text)),
            "Squid takes the whole network, not the one address.",
            "write /32 (/128 for IPv6) or no mask for one address, or the first "
            "address of the network");
    for (size_t i = 0; i < acl->n_values && i < VALUES_COMPARED; i++) {
        const struct squid_value *old = &acl->values[i];

        if (old->dropped || old->ip.kind != SQUID_IP_RANGE || v->ip.kind != SQUID_IP_RANGE ||
            !squid_ip_clash(&old->ip, &v->ip))
            continue;
        v->dropped = true;
        if (squid_ip_within(&v->ip, &old->ip))
            return;
        squid_problem_add(t, SQUID_WRONG, v->at, "address-overlap",
                          arena_printf(t->arena, "%s is ignored: it overlaps %s in ACL %s",
                                       shown(t, v->text), shown(t, old->text), acl->name),
                          "Squid keeps the first of two overlapping entries, also when the second "
                          "is the wider one.",
                          arena_printf(t->arena, "acl %s %s %s (and remove %s)", acl->name,
                                       acl->type, shown(t, v->text), shown(t, old->text)));
        return;
    }
}

static void check_port(struct squid_text *t, struct squid_value *v)
{
    char *copy = arena_strdup(t->arena, v->text), *dash = strchr(copy, '-');

    if (dash != NULL)
        *dash++ = '\0';
    if (text_parse_uint(copy, 65535, &v->low) &&
        text_parse_uint(dash != NULL ? dash : copy, 65535, &v->high) && v->low <= v->high)
        return;
    v->dropped = true;
    fatal(t, v->at, arena_printf(t->arena, "\"%s\" is no port", shown(t, v->text)),
          "write a number up to 65535, or a range like 1025-65535");
}

static void check_regex(struct squid_text *t, struct squid_value *v)
{
    regex_t regex;
    char why[120];
    int rc;

    if (strlen(v->text) > REGEX_MAX || strchr(v->text, '{') != NULL)
        return; /* left for the match to call unknown: counted repetitions can eat all memory */
    rc = regcomp(&regex, v->text, REG_EXTENDED | REG_NOSUB | (v->nocase ? REG_ICASE : 0));
    if (rc == 0) {
        regfree(&regex);
        return;
    }
    regerror(rc, NULL, why, sizeof why);
    v->dropped = true;
    squid_problem_add(
        t, SQUID_WRONG, v->at, "regex",
        arena_printf(t->arena, "\"%s\" is no regular expression: %s", shown(t, v->text), why),
        "Squid logs an error and ignores it.",
        "correct it (POSIX extended; a dot as such is \\., there is no leading *)");
}

static void add_value(struct squid_text *t, struct squid_acl *acl, const struct squid_word *word,
                      bool nocase)
{
    struct squid_value v = {.at = word->at, .text = word->text, .nocase = nocase};

    switch (acl->kind) {
    case SQUID_ACL_DSTDOMAIN: {
        char *lower = arena_strdup(t->arena, v.text);

        for (char *p = lower; *p != '\0'; p++)
            *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        v.text = lower;
        check_domain(t, acl, &v);
        break;
    }
    case SQUID_ACL_SRC:
    case SQUID_ACL_DST:
        check_address(t, acl, &v);
        break;
    case SQUID_ACL_PORT:
    case SQUID_ACL_LOCALPORT:
        check_port(t, &v);
        break;
    case SQUID_ACL_DSTDOM_REGEX:
    case SQUID_ACL_URL_REGEX:
    case SQUID_ACL_URLPATH_REGEX:
        check_regex(t, &v);
        break;
    default:
        break;
    }
    list_push(t->arena, acl->values, acl->n_values, v);
}

/* --- lines --- */

static bool is_regex(enum squid_acl_kind kind)
{
    return kind == SQUID_ACL_DSTDOM_REGEX || kind == SQUID_ACL_URL_REGEX ||
           kind == SQUID_ACL_URLPATH_REGEX || kind == SQUID_ACL_AUTH_REGEX;
}

static bool takes_flag(const struct squid_acl *acl, const char *flag)
{
    bool lookup = acl->kind == SQUID_ACL_DST || acl->kind == SQUID_ACL_DSTDOMAIN ||
                  acl->kind == SQUID_ACL_DSTDOM_REGEX;

    if (strcmp(flag, "-n") == 0)
        return lookup;
    return strcmp(flag, "-i") == 0 && acl->kind == SQUID_ACL_PROXY_AUTH;
}

/* The flags in front of the values; the index of the first word behind them. */
static size_t read_flags(struct squid_text *t, struct squid_acl *acl, const struct squid_line *line)
{
    size_t i = 3;

    for (; i < line->n && !line->words[i].quoted; i++) {
        const char *word = line->words[i].text;

        if (strcmp(word, "--") == 0)
            return i + 1;
        if ((word[0] != '-' && word[0] != '+') || acl->kind == SQUID_ACL_OTHER ||
            acl->kind == SQUID_ACL_ANY_OF || acl->kind == SQUID_ACL_ALL_OF)
            break;
        if (takes_flag(acl, word)) {
            acl->no_lookup = acl->no_lookup || word[1] == 'n';
            acl->nocase = acl->nocase || word[1] == 'i';
        } else if (is_regex(acl->kind)) {
            break; /* -i and +i are read with the values, as they may stand between them */
        } else {
            fatal(t, line->words[i].at,
                  arena_printf(t->arena, "`acl %s %s` takes no %s", acl->name, acl->type,
                               shown(t, word)),
                  "remove it");
        }
    }
    return i;
}

/* All values of a line; a quoted file ends the line, what stands behind it Squid never reads. */
static void read_values(struct squid_text *t, struct squid_acl *acl, const struct squid_line *line,
                        size_t i)
{
    bool nocase = false;

    for (; i < line->n; i++) {
        const struct squid_word *word = &line->words[i];
        struct squid_word *listed = NULL;
        size_t n = 0;

        if (is_regex(acl->kind) && !word->quoted && strcmp(word->text, "-i") == 0) {
            nocase = true;
        } else if (is_regex(acl->kind) && !word->quoted && strcmp(word->text, "+i") == 0) {
            nocase = false;
        } else if (is_regex(acl->kind) && !word->quoted && strcmp(word->text, "-n") == 0) {
            acl->no_lookup = true;
        } else if (!line->quoted_values && (word->text[0] == '"' || word->text[0] == '\'')) {
            char *path = arena_strdup(t->arena, word->text + 1);

            path[strcspn(path, "\"'")] = '\0';
            if (!squid_lines_values(t, path, &listed, &n)) {
                acl->unseen = true;
                squid_problem_add(
                    t, SQUID_UNSEEN, word->at, "file-unseen",
                    arena_printf(t->arena, "the list %s cannot be read here", shown(t, path)),
                    "Where Squid cannot read it either, the list is empty and matches nothing.",
                    "audit on the proxy itself, or put a copy at that path (lists of /etc/squid/ "
                    "are looked for beside the audited file)");
            }
            for (size_t k = 0; k < n; k++)
                add_value(t, acl, &listed[k], nocase);
            if (i + 1 < line->n)
                squid_problem_add(t, SQUID_WRONG, word->at, "values-after-file",
                                  arena_printf(t->arena,
                                               "what stands behind the list %s is ignored",
                                               shown(t, path)),
                                  "Squid stops reading the line where the file ends.",
                                  "put the other values in front of the file's name, or in a line "
                                  "of their own");
            return;
        } else {
            add_value(t, acl, word, nocase);
        }
    }
}

bool squid_terms_read(struct squid_text *t, const struct squid_acls *acls,
                      const struct squid_word *words, size_t n, struct squid_term **terms,
                      size_t *n_terms)
{
    const char *names[256];

    for (size_t i = 0; i < n; i++) {
        bool negated = words[i].text[0] == '!';
        const char *name = words[i].text + negated, *near;
        struct squid_term term = {squid_acl_find(acls, name), negated};
        size_t k;

        if (term.acl == NULL) {
            for (k = 0; k < acls->n && k < 256; k++)
                names[k] = acls->list[k]->name;
            near = text_nearest(name, names, k);
            squid_problem_add(
                t, SQUID_FATAL, words[i].at, "acl-unknown",
                arena_printf(t->arena, "no ACL is named \"%s\" above this line", shown(t, name)),
                "Squid does not start with a rule that names an unknown ACL.",
                near != NULL ? arena_printf(t->arena, "did you mean %s?", shown(t, near))
                             : "define the ACL above the rule");
            return false;
        }
        list_push(t->arena, *terms, *n_terms, term);
    }
    return true;
}

/* any-of: each word of its own; all-of: a line is one value. */
static void read_group(struct squid_text *t, const struct squid_acls *acls, struct squid_acl *acl,
                       const struct squid_line *line)
{
    struct squid_value v = {.at = line->at, .text = ""};

    if (acl->kind == SQUID_ACL_ALL_OF) {
        if (squid_terms_read(t, acls, line->words + 3, line->n - 3, &v.terms, &v.n_terms))
            list_push(t->arena, acl->values, acl->n_values, v);
        return;
    }
    for (size_t i = 3; i < line->n; i++) {
        v.terms = NULL;
        v.n_terms = 0;
        if (squid_terms_read(t, acls, &line->words[i], 1, &v.terms, &v.n_terms))
            list_push(t->arena, acl->values, acl->n_values, v);
    }
}

static struct squid_acl *acl_new(struct squid_text *t, struct squid_acls *acls, const char *name,
                                 const char *type)
{
    struct squid_acl *acl;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, type) != 0)
            continue;
        acl = arena_new_of(t->arena, struct squid_acl);
        *acl = (struct squid_acl){.name = name,
                                  .type = types[i].name,
                                  .kind = types[i].kind,
                                  .why_unknown = types[i].why};
        list_push(t->arena, acls->list, acls->n, acl);
        return acl;
    }
    return NULL;
}

/* The type of an `acl` line under its present name. */
static const char *type_now(const char *type)
{
    return strcmp(type, "myport") == 0 ? "localport" : strcmp(type, "myip") == 0 ? "localip" : type;
}

static const char *nearest_type(const char *type)
{
    const char *names[sizeof types / sizeof types[0]];

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        names[i] = types[i].name;
    return text_nearest(type, names, sizeof types / sizeof types[0]);
}

void squid_acl_read(struct squid_text *t, struct squid_acls *acls, const struct squid_line *line)
{
    const char *name, *type, *near;
    struct squid_acl *acl;
    size_t first;

    if (line->n < 3 || strlen(line->words[1].text) > NAME_MAX_OCTETS) {
        fatal(t, line->at, "an `acl` line needs a name (at most 63 characters) and a type",
              "write: acl NAME TYPE VALUE...");
        return;
    }
    name = shown(t, line->words[1].text);
    type = type_now(line->words[2].text);
    if (strcmp(type, "proto") == 0 && strcmp(name, "manager") == 0)
        return; /* an old recommended line; `manager` is built in since 3.2 */
    acl = squid_acl_find(acls, line->words[1].text);
    if (acl != NULL && strcmp(acl->type, type) != 0) {
        fatal(t, line->at, arena_printf(t->arena, "ACL %s is of type %s already", name, acl->type),
              "take another name for this list");
        return;
    }
    if (acl == NULL && acls->n >= ACLS_MAX) {
        squid_problem_add(t, SQUID_UNSEEN, line->at, "acl-many", "more than 4096 ACLs",
                          "This one is not looked at.", "split the configuration");
        return;
    }
    if (acl == NULL)
        acl = acl_new(t, acls, name, type);
    if (acl == NULL) {
        near = nearest_type(type);
        fatal(t, line->at, arena_printf(t->arena, "no ACL type is named \"%s\"", shown(t, type)),
              near != NULL ? arena_printf(t->arena, "did you mean %s?", near)
                           : "take a type that Squid has");
        return;
    }
    if (acl->at.file == NULL && acl->n_values == 0)
        acl->at = line->at;
    acl->unseen = acl->unseen || line->unknown;
    first = acl->n_values;
    if (acl->kind == SQUID_ACL_ANY_OF || acl->kind == SQUID_ACL_ALL_OF)
        read_group(t, acls, acl, line);
    else
        read_values(t, acl, line, read_flags(t, acl, line));
    if (acl->n_values == first && !acl->unseen && acl->kind != SQUID_ACL_ALL_OF)
        squid_problem_add(t, SQUID_WRONG, line->at, "acl-empty",
                          arena_printf(t->arena, "ACL %s gets no value here", name),
                          "An empty list matches nothing.", "add the values, or remove the line");
}

void squid_acls_init(struct squid_text *t, struct squid_acls *acls)
{
    static const struct {
        const char *name, *type, *values[5];
    } builtin[] = {
        {"all", "src", {"all"}},
        {"manager", "url_regex", {"^cache_object://", "^[^:]+://[^/]+/squid-internal-mgr/"}},
        {"localhost", "src", {"127.0.0.1/32", "::1"}},
        {"to_localhost", "dst", {"127.0.0.0/8", "0.0.0.0/32", "::1/128", "::/128"}},
        {"CONNECT", "method", {"CONNECT"}},
    };

    *acls = (struct squid_acls){0};
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
        struct squid_acl *acl = acl_new(t, acls, builtin[i].name, builtin[i].type);

        for (size_t k = 0; k < 5 && builtin[i].values[k] != NULL; k++)
            add_value(t, acl, &(struct squid_word){.text = builtin[i].values[k]}, false);
    }
}
