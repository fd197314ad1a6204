/*
 * challenge: see challenge.h. Commas separate challenges and also their parameters; what follows a
 * comma is a parameter when a "=" stands behind its first word, else a new scheme.
 */
#include "diag/proto/challenge.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <string.h>

static const char token_chars[] = "!#$%&'*+-.^_`|~0123456789"
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char token68_chars[] = "-._~+/0123456789"
                                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

/* quoted-string (RFC 9110 section 5.6.4) at *at without quotes and escapes; NULL: no end. */
static const char *read_quoted(struct arena *a, const char **at)
{
    const char *s = *at + 1, *end;
    char *copy, *to;

    for (end = s; *end != '"'; end++) {
        if (*end == '\\' && end[1] != '\0')
            end++;
        else if (*end == '\0')
            return NULL;
    }
    copy = to = arena_alloc(a, (size_t)(end - s) + 1);
    for (; s < end; s++) {
        if (*s == '\\')
            s++;
        *to++ = *s;
    }
    *at = end + 1;
    return copy;
}

/*
 * auth-param = token BWS "=" BWS ( token / quoted-string ) at *at. An unquoted value may hold
 * what a token may not: base64 without quotes is common.
 */
static bool read_param(struct arena *a, const char **at, struct challenge *c)
{
    const char *name = *at, *s;
    size_t len = strspn(name, token_chars);
    struct auth_param param;

    s = skip_blanks(name + len);
    if (len == 0 || *s != '=')
        return false;
    s = skip_blanks(s + 1);
    if (*s == '"') {
        param.value = read_quoted(a, &s);
        if (param.value == NULL)
            return false;
    } else {
        size_t value = strcspn(s, " \t,\"");

        param.value = arena_strndup(a, s, value);
        s += value;
    }
    *at = s;
    if (c->n_params == CHALLENGE_MAX_PARAMS)
        return true; /* read over: nobody needs so many */
    param.name = arena_strndup(a, name, len);
    list_push(a, c->params, c->n_params, param);
    return true;
}

/* token68 as the only thing behind a scheme: up to the next comma or the end. */
static bool read_token68(struct arena *a, const char **at, struct challenge *c)
{
    const char *s = *at;
    size_t len = strspn(s, token68_chars);
    const char *end;

    if (len == 0)
        return false;
    len += strspn(s + len, "=");
    end = skip_blanks(s + len);
    if (*end != ',' && *end != '\0')
        return false;
    c->token68 = arena_strndup(a, s, len);
    *at = s + len;
    return true;
}

/* True when a parameter begins here, and not a scheme. */
static bool at_param(const char *s)
{
    size_t len = strspn(s, token_chars);

    return len > 0 && *skip_blanks(s + len) == '=';
}

/* The scheme at *at and what belongs to it; false when that is malformed. */
static bool read_challenge(struct arena *a, const char **at, struct challenge *c)
{
    const char *start = *at, *s = start, *end;
    size_t len = strspn(s, token_chars);
    bool ok = true;

    if (len == 0 || at_param(s)) /* a parameter belongs to nobody here */
        return false;
    *c = (struct challenge){.scheme = arena_strndup(a, s, len)};
    s += len;
    end = s;
    if (*s == ' ' || *s == '\t') {
        s = skip_blanks(s);
        if (read_token68(a, &s, c))
            end = s;
        else if (*s != ',' && *s != '\0')
            ok = read_param(a, &s, c);
    }
    /* Ends: every round reads a parameter. */
    while (ok && c->n_params > 0) {
        const char *next = s + strspn(s, " \t,");

        end = s;
        if (!at_param(next))
            break;
        /* Only blanks between two parameters are wrong, yet clear. */
        s = next;
        ok = read_param(a, &s, c);
    }
    if (ok) {
        s = skip_blanks(end);
        ok = *s == ',' || *s == '\0';
    }
    c->text = arena_strndup(a, start, (size_t)(end - start));
    *at = end;
    return ok;
}

void challenges_add(struct arena *a, const char *value, struct challenges *out)
{
    const char *s = value;

    for (;;) { /* ends: every round reads a scheme */
        struct challenge c;
        const char *start;
        bool ok;

        s += strspn(s, " \t,");
        if (*s == '\0')
            return;
        start = s;
        ok = out->n < CHALLENGES_MAX && read_challenge(a, &s, &c);
        if (s != start)
            list_push(a, out->list, out->n, c);
        if (!ok) {
            out->malformed = true;
            return;
        }
    }
}

const char *challenge_param(const struct challenge *c, const char *name)
{
    for (size_t i = 0; i < c->n_params; i++) {
        if (text_equal_nocase(c->params[i].name, name))
            return c->params[i].value;
    }
    return NULL;
}
