/* squid_acl: see squid_acl.h. This file reads `acl` lines; squid_match.c answers. */
#include "diag/site/squid_acl.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/site/squid_value.h"

#include <string.h>

enum { NAME_MAX_OCTETS = 63, ACLS_MAX = 4096 };

static const struct {
    const char *name;
    enum squid_acl_kind kind;
    const char *why;
} types[] = {
#define TYPE(name, kind, why) {name, SQUID_ACL_##kind, why},
#include "diag/site/squid_acl_type.def"
#undef TYPE
};

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
            squid_acl_refuse(t, line->words[i].at,
                             arena_printf(t->arena, "`acl %s %s` takes no %s", acl->name, acl->type,
                                          squid_shown(t, word)),
                             "remove it");
        }
    }
    return i;
}

/* One value. Flags may stand between patterns, also as lines of a file. */
static void take_value(struct squid_text *t, struct squid_acl *acl, const struct squid_word *word,
                       bool *nocase)
{
    bool flags = is_regex(acl->kind) && !word->quoted;

    if (flags && strcmp(word->text, "-i") == 0)
        *nocase = true;
    else if (flags && strcmp(word->text, "+i") == 0)
        *nocase = false;
    else if (flags && strcmp(word->text, "-n") == 0)
        acl->no_lookup = true;
    else
        squid_value_add(t, acl, word, *nocase);
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

        if (!line->quoted_values && (word->text[0] == '"' || word->text[0] == '\'')) {
            char *path = arena_strdup(t->arena, word->text + 1);

            path[strcspn(path, "\"'")] = '\0';
            if (!squid_lines_values(t, path, &listed, &n)) {
                acl->unseen = true;
                squid_problem_add(
                    t, SQUID_UNSEEN, word->at, "file-unseen",
                    arena_printf(t->arena, "the list %s cannot be read here", squid_shown(t, path)),
                    "Where Squid cannot read it either, the list is empty and matches nothing.",
                    "audit on the proxy itself, or put a copy at that path (lists of /etc/squid/ "
                    "are looked for beside the audited file)");
            }
            for (size_t k = 0; k < n; k++)
                take_value(t, acl, &listed[k], &nocase);
            if (i + 1 < line->n)
                squid_problem_add(t, SQUID_WRONG, word->at, "values-after-file",
                                  arena_printf(t->arena,
                                               "what stands behind the list %s is ignored",
                                               squid_shown(t, path)),
                                  "Squid stops reading the line where the file ends.",
                                  "put the other values in front of the file's name, or in a line "
                                  "of their own");
            return;
        } else {
            take_value(t, acl, word, &nocase);
        }
    }
}

/* An ACL that an unread include has to define, or else Squid does not start. */
static const struct squid_acl *acl_of_hole(struct squid_text *t, const char *name)
{
    struct squid_acl *acl = arena_new_of(t->arena, struct squid_acl);

    *acl = (struct squid_acl){.name = squid_shown(t, name),
                              .type = "",
                              .kind = SQUID_ACL_OTHER,
                              .why_unknown = "an include that cannot be read here"};
    return acl;
}

/* Built in, but not into every version. */
static void note_newer(struct squid_text *t, const struct squid_acl *acl, struct squid_place at)
{
    if (!acl->newer || acl->at.file != NULL)
        return;
    squid_problem_add(t, SQUID_UNSEEN, at, "acl-newer",
                      arena_printf(t->arena, "%s is built in from Squid 6 on", acl->name),
                      "Squid 5 (Debian 12, Ubuntu 22.04) and older ones do not start with this "
                      "rule.",
                      arena_printf(t->arena,
                                   "on these, put above it: acl %s dst 169.254.0.0/16 fe80::/10",
                                   acl->name));
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

        if (term.acl == NULL && t->hole)
            term.acl = acl_of_hole(t, name);
        if (term.acl == NULL) {
            for (k = 0; k < acls->n && k < 256; k++)
                names[k] = acls->list[k]->name;
            near = text_nearest(name, names, k);
            squid_problem_add(t, SQUID_FATAL, words[i].at, "acl-unknown",
                              arena_printf(t->arena, "no ACL is named \"%s\" above this line",
                                           squid_shown(t, name)),
                              "Squid does not start with a rule that names an unknown ACL.",
                              near != NULL
                                  ? arena_printf(t->arena, "did you mean %s?", squid_shown(t, near))
                                  : "define the ACL above the rule");
            return false;
        }
        note_newer(t, term.acl, words[i].at);
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

/*
 * The list that an `acl` line adds to; *fresh where the line is the first of that name, and makes
 * it. NULL after a complaint.
 */
static struct squid_acl *acl_of_line(struct squid_text *t, struct squid_acls *acls,
                                     const struct squid_line *line, const char *type, bool *fresh)
{
    struct squid_acl *acl = squid_acl_find(acls, line->words[1].text);
    const char *near;

    *fresh = acl == NULL;
    if (acl != NULL && strcmp(acl->type, type) != 0) {
        squid_acl_refuse(
            t, line->at,
            arena_printf(t->arena, "ACL %s is of type %s already", acl->name, acl->type),
            "take another name for this list");
        return NULL;
    }
    if (acl != NULL)
        return acl;
    if (acls->n >= ACLS_MAX) {
        squid_problem_add(t, SQUID_UNSEEN, line->at, "acl-many", "more than 4096 ACLs",
                          "This one is not looked at.", "split the configuration");
        return NULL;
    }
    acl = acl_new(t, acls, squid_shown(t, line->words[1].text), type);
    if (acl == NULL) {
        near = nearest_type(type);
        squid_acl_refuse(
            t, line->at,
            arena_printf(t->arena, "no ACL type is named \"%s\"", squid_shown(t, type)),
            near != NULL ? arena_printf(t->arena, "did you mean %s?", near)
                         : "take a type that Squid has");
        return NULL;
    }
    acl->at = line->at;
    return acl;
}

/* A line that brought nothing, which only all-of may. */
static void note_empty(struct squid_text *t, const struct squid_acl *acl, size_t before,
                       struct squid_place at)
{
    if (acl->n_values == 0 && strcmp(acl->type, "maxconn") == 0)
        squid_acl_refuse(t, at, "maxconn needs a number",
                         "write how many connections are too many");
    else if (acl->n_values == before && !acl->unseen && acl->kind != SQUID_ACL_ALL_OF)
        squid_problem_add(t, SQUID_WRONG, at, "acl-empty",
                          arena_printf(t->arena, "ACL %s gets no value here", acl->name),
                          "An empty list matches nothing.", "add the values, or remove the line");
}

void squid_acl_read(struct squid_text *t, struct squid_acls *acls, const struct squid_line *line)
{
    struct squid_acl *acl;
    const char *type;
    size_t before;
    bool fresh;

    if (line->n < 3 || strlen(line->words[1].text) > NAME_MAX_OCTETS) {
        squid_acl_refuse(t, line->at,
                         "an `acl` line needs a name (at most 63 characters) and a type",
                         "write: acl NAME TYPE VALUE...");
        return;
    }
    type = type_now(line->words[2].text);
    if (strcmp(type, "proto") == 0 && strcmp(line->words[1].text, "manager") == 0)
        return; /* an old recommended line; `manager` is built in since 3.2 */
    acl = acl_of_line(t, acls, line, type, &fresh);
    if (acl == NULL)
        return;
    acl->unseen = acl->unseen || line->unknown;
    before = acl->n_values;
    if (acl->kind == SQUID_ACL_ANY_OF || acl->kind == SQUID_ACL_ALL_OF) {
        acls->n -= fresh; /* in its own first line a group has no name yet */
        read_group(t, acls, acl, line);
        acls->n += fresh;
    } else {
        read_values(t, acl, line, read_flags(t, acl, line));
    }
    note_empty(t, acl, before, line->at);
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
        {"to_linklocal", "dst", {"169.254.0.0/16", "fe80::/10"}},
        {"CONNECT", "method", {"CONNECT"}},
    };

    *acls = (struct squid_acls){0};
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
        struct squid_acl *acl = acl_new(t, acls, builtin[i].name, builtin[i].type);

        for (size_t k = 0; k < 5 && builtin[i].values[k] != NULL; k++)
            squid_value_add(t, acl, &(struct squid_word){.text = builtin[i].values[k]}, false);
        acl->newer = strcmp(acl->name, "to_linklocal") == 0;
    }
}
