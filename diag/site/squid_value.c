/* squid_value: see squid_value.h. */
#include "diag/site/squid_value.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/site/squid_other.h"

#include <regex.h>
#include <string.h>

enum { SHOWN_WORD = 120, REGEX_MAX = 2000, VALUES_COMPARED = 2000 };

const char *squid_shown(const struct squid_text *t, const char *word)
{
    return text_printable(t->arena, word, strlen(word), SHOWN_WORD);
}

void squid_acl_refuse(struct squid_text *t, struct squid_place at, const char *what,
                      const char *fix)
{
    squid_problem_add(t, SQUID_FATAL, at, "refused", what,
                      "Squid does not start with this line (\"Bungled\").", fix);
}

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
                                           squid_shown(t, v->text), squid_shown(t, old->text),
                                           acl->name),
                              "Squid warns and ignores it; in the other order Squid 5 does not "
                              "start.",
                              arena_printf(t->arena, "remove %s", squid_shown(t, v->text)));
            return;
        }
        squid_problem_add(t, SQUID_FATAL, v->at, "domain-overlap",
                          arena_printf(t->arena, "%s and %s overlap in ACL %s",
                                       squid_shown(t, old->text), squid_shown(t, v->text),
                                       acl->name),
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
        squid_acl_refuse(
            t, v->at, arena_printf(t->arena, "\"%s\" is no address", squid_shown(t, v->text)),
            "write an address, a network (10.1.0.0/16) or a range (10.1.0.4-10.1.0.9)");
        return;
    }
    if (v->ip.masked_away)
        squid_problem_add(t, SQUID_WRONG, v->at, "masked-away",
                          arena_printf(t->arena, "%s: the mask removes a part of the address",
                                       squid_shown(t, v->text)),
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
        squid_problem_add(
            t, SQUID_WRONG, v->at, "address-overlap",
            arena_printf(t->arena, "%s is ignored: it overlaps %s in ACL %s",
                         squid_shown(t, v->text), squid_shown(t, old->text), acl->name),
            "Squid keeps the first of two overlapping entries, also when the second "
            "is the wider one.",
            arena_printf(t->arena, "acl %s %s %s (and remove %s)", acl->name, acl->type,
                         squid_shown(t, v->text), squid_shown(t, old->text)));
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
    squid_acl_refuse(t, v->at, arena_printf(t->arena, "\"%s\" is no port", squid_shown(t, v->text)),
                     "write a number up to 65535, or a range like 1025-65535");
}

bool squid_regex_is_tame(const char *pattern)
{
    if (strlen(pattern) > REGEX_MAX || strchr(pattern, '{') != NULL)
        return false;
    while ((pattern = strchr(pattern, '\\')) != NULL && pattern[1] != '\0') {
        if (pattern[1] >= '1' && pattern[1] <= '9')
            return false;
        pattern += 2; /* an escaped backslash escapes nothing */
    }
    return true;
}

static void check_regex(struct squid_text *t, struct squid_value *v)
{
    regex_t regex;
    char why[120];
    int rc;

    if (!squid_regex_is_tame(v->text))
        return; /* left for the match to call unknown */
    rc = regcomp(&regex, v->text, REG_EXTENDED | REG_NOSUB | (v->nocase ? REG_ICASE : 0));
    if (rc == 0) {
        regfree(&regex);
        return;
    }
    regerror(rc, NULL, why, sizeof why);
    v->dropped = true;
    squid_problem_add(
        t, SQUID_WRONG, v->at, "regex",
        arena_printf(t->arena, "\"%s\" is no regular expression: %s", squid_shown(t, v->text), why),
        "Squid logs an error and ignores it.",
        "correct it (POSIX extended; a dot as such is \\., there is no leading *)");
}

void squid_value_add(struct squid_text *t, struct squid_acl *acl, const struct squid_word *word,
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
    case SQUID_ACL_OTHER: {
        const char *fix = squid_other_refused(acl->type, v.text);

        if (fix != NULL)
            squid_acl_refuse(t, v.at,
                             arena_printf(t->arena, "\"%s\" is no value of type %s",
                                          squid_shown(t, v.text), acl->type),
                             fix);
        break;
    }
    default:
        break;
    }
    list_push(t->arena, acl->values, acl->n_values, v);
}
