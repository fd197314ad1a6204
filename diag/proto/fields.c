/* fields: see fields.h. Via, X-Cache and Proxy-Status; challenges are in challenge.c. */
#include "diag/proto/fields.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <limits.h>
#include <string.h>

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \t");
}

/* Behind the comment that begins at s ("("); NULL when it does not end (RFC 9110 5.6.5). */
static const char *skip_comment(const char *s)
{
    unsigned depth = 0;

    for (; *s != '\0'; s++) {
        if (*s == '(')
            depth++;
        else if (*s == ')' && --depth == 0)
            return s + 1;
        else if (*s == '\\' && s[1] != '\0')
            s++;
    }
    return NULL;
}

/* A slice of the value while it is being read. */
struct piece {
    const char *s;
    size_t len;
};

struct via_pieces {
    struct piece protocol, by, comment;
};

/* Via = #( received-protocol RWS received-by [ RWS comment ] ): one entry; NULL: malformed. */
static const char *read_via(const char *s, struct via_pieces *out)
{
    const char *end;

    *out = (struct via_pieces){.protocol = {s, strcspn(s, " \t,(")}};
    s += out->protocol.len;
    if (*s != ' ' && *s != '\t')
        return NULL;
    s = skip_blanks(s);
    out->by = (struct piece){s, strcspn(s, " \t,(")};
    s = skip_blanks(s + out->by.len);
    if (out->protocol.len == 0 || out->by.len == 0)
        return NULL;
    if (*s == '(') {
        end = skip_comment(s);
        if (end == NULL)
            return NULL;
        out->comment = (struct piece){s + 1, (size_t)(end - s) - 2};
        s = skip_blanks(end);
    }
    return *s == ',' || *s == '\0' ? s : NULL;
}

static bool read_vias(struct arena *a, const char *s, bool last, struct via *out)
{
    struct via_pieces entry, wanted = {.by = {NULL, 0}};

    for (;;) { /* ends: every round passes a comma or an entry */
        s += strspn(s, " \t,");
        if (*s == '\0')
            break;
        s = read_via(s, &entry);
        if (s == NULL)
            return false;
        if (last || wanted.by.s == NULL)
            wanted = entry;
    }
    if (wanted.by.s == NULL)
        return false;
    out->protocol = arena_strndup(a, wanted.protocol.s, wanted.protocol.len);
    out->by = arena_strndup(a, wanted.by.s, wanted.by.len);
    out->comment =
        wanted.comment.s == NULL ? NULL : arena_strndup(a, wanted.comment.s, wanted.comment.len);
    return true;
}

bool via_last(struct arena *a, const char *value, struct via *out)
{
    return read_vias(a, value, true, out);
}

bool via_first(struct arena *a, const char *value, struct via *out)
{
    return read_vias(a, value, false, out);
}

const char *x_cache_host(struct arena *a, const char *value)
{
    const char *s = skip_blanks(value);
    size_t word = strcspn(s, " \t,"), len;

    s = skip_blanks(s + word);
    if (word == 0 || !text_starts_with_nocase(s, "from") || (s[4] != ' ' && s[4] != '\t'))
        return NULL;
    s = skip_blanks(s + 4);
    len = strcspn(s, " \t,");
    return len == 0 ? NULL : arena_strndup(a, s, len);
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* sf-string, RFC 8941 section 3.3.3: "..." with \" and \\ ; NULL when it is none. */
static const char *read_sf_string(struct arena *a, const char **at)
{
    const char *s = *at + 1;
    char *copy = arena_alloc(a, strlen(s) + 1), *to = copy;

    for (; *s != '"'; s++) {
        if (*s == '\\' && s[1] != '"' && s[1] != '\\')
            return NULL;
        if (*s == '\\')
            s++;
        if (*s < ' ' || *s > '~') /* the end of the value, too */
            return NULL;
        *to++ = *s;
    }
    *at = s + 1;
    return copy;
}

/*
 * A bare item (RFC 8941 section 3.3) as text: strings without quotes, everything else as it
 * stands. NULL when it is none.
 */
static const char *read_bare_item(struct arena *a, const char **at)
{
    static const char rest_of_token[] = "!#$%&'*+-.^_`|~:/0123456789"
                                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *s = *at;
    size_t len = 0;

    if (*s == '"')
        return read_sf_string(a, at);
    if (is_alpha(*s) || *s == '*')
        len = strspn(s, rest_of_token);
    else if (is_digit(*s) || (*s == '-' && is_digit(s[1])))
        len = 1 + strspn(s + 1, "0123456789.");
    else if (*s == '?' && (s[1] == '0' || s[1] == '1'))
        len = 2;
    else if (*s == ':' && strchr(s + 1, ':') != NULL)
        len = 2 + strcspn(s + 1, ":");
    if (len == 0)
        return NULL;
    *at = s + len;
    return arena_strndup(a, s, len);
}

static int number(const char *text)
{
    unsigned long value;

    return text_parse_uint(text, INT_MAX, &value) ? (int)value : -1;
}

static void note_parameter(struct proxy_status *p, const char *key, size_t len, const char *value)
{
    const struct {
        const char *key, **text;
        int *number;
    } known[] = {
        {"error", &p->error, NULL},
        {"details", &p->details, NULL},
        {"next-hop", &p->next_hop, NULL},
        {"rcode", &p->rcode, NULL},
        {"received-status", NULL, &p->received_status},
        {"alert-id", NULL, &p->alert_id},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strlen(known[i].key) != len || memcmp(known[i].key, key, len) != 0)
            continue;
        if (known[i].text != NULL)
            *known[i].text = value;
        else
            *known[i].number = number(value);
    }
}

/* One member with its parameters; NULL when malformed. */
static const char *read_member(struct arena *a, const char *s, struct proxy_status *out)
{
    *out = (struct proxy_status){.received_status = -1, .alert_id = -1};
    out->name = read_bare_item(a, &s);
    if (out->name == NULL)
        return NULL;
    while (*s == ';') { /* ends: every round passes one */
        const char *key = s + 1 + strspn(s + 1, " "), *value = "?1";
        size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_-.*");

        if (len == 0 || is_digit(*key))
            return NULL;
        s = key + len;
        if (*s == '=') {
            s++;
            value = read_bare_item(a, &s);
            if (value == NULL)
                return NULL;
        }
        note_parameter(out, key, len, value);
    }
    s = skip_blanks(s);
    return *s == ',' || *s == '\0' ? s : NULL;
}

size_t proxy_status_parse(struct arena *a, const char *value, struct proxy_status *out, size_t room)
{
    const char *s = skip_blanks(value);
    struct proxy_status member;
    size_t n = 0;

    /* Ends: every round passes a member. */
    while (n < FIELDS_MAX_MEMBERS) {
        s = read_member(a, s, &member);
        if (s == NULL)
            return 0;
        if (n < room)
            out[n] = member;
        n++;
        if (*s == '\0')
            break;
        s = skip_blanks(s + 1);
    }
    return n < room ? n : room;
}
