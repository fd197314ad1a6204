/* http1: see http1.h. The reader of heads; how a body is framed is in http1_body.c. */
#include "diag/proto/http1.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <string.h>

enum {
    METHOD_MAX = 32,     /* a longer first word is no method that anybody uses */
    EMPTY_LINES_MAX = 4, /* in front of a request, RFC 9112 section 2.2 */
};

void http1_init(struct http1 *h, enum http1_kind kind)
{
    memset(h, 0, offsetof(struct http1, fields)); /* 1 KiB less for every head */
    h->kind = kind;
    /* What is kept of a line is never longer than the line: NULs stand where separators stood. */
    buf_init(&h->text, HTTP1_HEAD_MAX);
}

void http1_free(struct http1 *h)
{
    buf_free(&h->text);
    h->n_fields = 0;
}

static void stop(struct http1 *h, enum http1_state state, const char *rule)
{
    h->state = state;
    h->rule = rule;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 9110 section 5.6.2. */
static bool is_tchar(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_tchar(s[i]))
            return false;
    }
    return len > 0;
}

/*
 * Does a start line that begins with s[0..len) still look like HTTP? Told from the first bytes
 * on, so that a peer that speaks another protocol is known by its greeting.
 */
static bool may_be_http(const struct http1 *h, const char *s, size_t len)
{
    static const char name[] = "HTTP/";
    size_t n = sizeof name - 1;

    if (h->kind == HTTP1_ANSWER)
        return memcmp(s, name, len < n ? len : n) == 0;
    if (s[0] == '\n' || (s[0] == '\r' && (len == 1 || s[1] == '\n')))
        return h->empty_lines < EMPTY_LINES_MAX;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == ' ')
            return i > 0;
        if (!is_tchar(s[i]) || i == METHOD_MAX)
            return false;
    }
    return true;
}

/* "HTTP/1.1": the two numbers; false when it is of another form. */
static bool read_version(struct http1 *h, const char *s)
{
    if (strncmp(s, "HTTP/", 5) != 0 || !is_digit(s[5]) || s[6] != '.' || !is_digit(s[7]))
        return false;
    h->major = (unsigned)(s[5] - '0');
    h->minor = (unsigned)(s[7] - '0');
    return h->major == 1;
}

static uint32_t place(const struct http1 *h, const char *s)
{
    return (uint32_t)(s - (const char *)h->text.data);
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ], RFC 9112 section 4 */
static void read_status_line(struct http1 *h, char *s)
{
    char *code = s + 8;

    if (!read_version(h, s) || !is_blank(*code)) {
        stop(h, HTTP1_MALFORMED, "the HTTP version is not 1.x");
        return;
    }
    while (is_blank(*code)) /* white space of any form may separate: same section */
        code++;
    if (!is_digit(code[0]) || !is_digit(code[1]) || !is_digit(code[2]) || code[0] == '0' ||
        (code[3] != '\0' && !is_blank(code[3]))) {
        stop(h, HTTP1_MALFORMED, "no three-digit status code");
        return;
    }
    h->status = (unsigned)(code[0] - '0') * 100 + (unsigned)(code[1] - '0') * 10 +
                (unsigned)(code[2] - '0');
    h->reason = place(h, code + 3 + (code[3] != '\0'));
}

/* request-line = method SP request-target SP HTTP-version, RFC 9112 section 3 */
static void read_request_line(struct http1 *h, char *s)
{
    char *target = strchr(s, ' '), *version = strrchr(s, ' ');

    if (target == NULL || target == version || strncmp(version + 1, "HTTP/", 5) != 0) {
        stop(h, HTTP1_NOT_HTTP, "not a request line");
        return;
    }
    if (!read_version(h, version + 1) || version[9] != '\0') {
        stop(h, HTTP1_MALFORMED, "the HTTP version is not 1.x");
        return;
    }
    *target++ = '\0';
    *version = '\0';
    if (*target == '\0' || strpbrk(target, " \t") != NULL) {
        stop(h, HTTP1_MALFORMED, "white space in the request target");
        return;
    }
    h->method = place(h, s);
    h->target = place(h, target);
}

/* field-line = field-name ":" OWS field-value OWS, RFC 9112 section 5 */
static void read_field(struct http1 *h, char *s, size_t len)
{
    char *colon = memchr(s, ':', len), *name_end = colon, *value, *end = s + len;

    if (colon == NULL) {
        stop(h, HTTP1_MALFORMED, "a field line without a colon");
        return;
    }
    /* Section 5.1: in a request this must be refused, from an answer it is taken off. */
    while (h->kind == HTTP1_ANSWER && name_end > s && is_blank(name_end[-1]))
        name_end--;
    if (!is_token(s, (size_t)(name_end - s))) {
        stop(h, HTTP1_MALFORMED, "a field name that is no token");
        return;
    }
    if (h->n_fields == HTTP1_FIELDS_MAX) {
        stop(h, HTTP1_OVERSIZED, "too many fields");
        return;
    }
    for (value = colon + 1; value < end && is_blank(*value);)
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    *name_end = '\0';
    *end = '\0';
    h->fields[h->n_fields++] = (struct http1_field){.name = place(h, s), .value = place(h, value)};
    h->text.len = place(h, end) + 1;
}

/*
 * obs-fold: a line that begins with white space continues the value before it; each fold becomes
 * a blank (RFC 9112 section 5.2).
 */
static void read_fold(struct http1 *h, char *s, size_t len)
{
    const char *value;
    char *to = s - 1; /* the NUL behind the value so far */

    h->obs_fold = true;
    if (h->n_fields == 0) {
        stop(h, HTTP1_MALFORMED, "white space in front of the first field");
        return;
    }
    while (len > 0 && is_blank(*s)) {
        s++;
        len--;
    }
    while (len > 0 && is_blank(s[len - 1]))
        len--;
    value = http1_field_value(h, h->n_fields - 1);
    if (len > 0 && value != to)
        *to++ = ' ';
    memmove(to, s, len);
    to[len] = '\0';
    h->text.len = place(h, to) + len + 1;
}

/* The empty line. */
static void end_head(struct http1 *h)
{
    bool interim = h->kind == HTTP1_ANSWER && h->status < 200 && h->status != 101;

    h->text.len = h->line;
    if (!interim) {
        h->state = HTTP1_OK;
        return;
    }
    if (h->interim == HTTP1_INTERIM_MAX) {
        stop(h, HTTP1_OVERSIZED, "too many interim answers");
        return;
    }
    h->interim++;
    h->in_fields = false;
    h->n_fields = 0;
    h->head_len = 0;
    buf_clear(&h->text);
}

/* A line is complete: text[line..len), its LF included. */
static void read_line(struct http1 *h)
{
    char *s = (char *)h->text.data + h->line;
    size_t len = h->text.len - h->line - 1;

    if (len > 0 && s[len - 1] == '\r')
        len--;
    else
        h->bare_lf = true;
    /* A CR elsewhere is read as a line end by some and not by others: section 2.2. */
    if (memchr(s, '\r', len) != NULL) {
        stop(h, HTTP1_MALFORMED, "a CR without LF");
        return;
    }
    s[len] = '\0';
    h->text.len = h->line + len + 1;
    if (h->in_fields && len == 0) {
        end_head(h);
    } else if (h->in_fields && is_blank(s[0])) {
        read_fold(h, s, len);
    } else if (h->in_fields) {
        read_field(h, s, len);
    } else if (len == 0) { /* only in front of a request, see may_be_http */
        h->empty_lines++;
        h->text.len = h->line;
    } else {
        h->in_fields = true;
        if (h->kind == HTTP1_ANSWER)
            read_status_line(h, s);
        else
            read_request_line(h, s);
    }
    h->line = (uint32_t)h->text.len;
}

/*
 * Take a piece that ends with a line or with the bytes at hand. What is found does not depend on
 * how the bytes were cut: the checks stand in the order in which the bytes come.
 */
static size_t take(struct http1 *h, const uint8_t *p, size_t len)
{
    size_t line_room = HTTP1_LINE_MAX - (h->text.len - h->line);
    size_t head_room = HTTP1_HEAD_MAX - h->head_len;
    size_t room = line_room < head_room ? line_room : head_room;
    size_t n = len < room ? len : room;
    const char *line;

    if (buf_add(&h->text, p, n) != 0) {
        stop(h, HTTP1_NO_MEMORY, NULL);
        return 0;
    }
    h->head_len += (uint32_t)n;
    line = (const char *)h->text.data + h->line;
    if (!h->in_fields && !may_be_http(h, line, h->text.len - h->line))
        stop(h, HTTP1_NOT_HTTP, NULL);
    else if (memchr(p, '\0', n) != NULL)
        stop(h, HTTP1_MALFORMED, "a NUL");
    else if (n < len)
        stop(h, HTTP1_OVERSIZED, line_room < head_room ? "a line too long" : "a head too long");
    else if (p[n - 1] == '\n')
        read_line(h);
    return n;
}

enum http1_state http1_feed(struct http1 *h, const void *bytes, size_t len, size_t *used)
{
    const uint8_t *p = bytes;
    size_t at = 0, known = h->n_first, keep = sizeof h->first - known;

    if (h->state != HTTP1_MORE || len == 0) {
        *used = 0;
        return h->state;
    }
    if (keep > len)
        keep = len;
    memcpy(h->first + known, p, keep);
    h->n_first += keep;
    /* Ends: every piece takes a byte or leaves the state. */
    while (h->state == HTTP1_MORE && at < len) {
        const uint8_t *lf = memchr(p + at, '\n', len - at);

        at += take(h, p + at, lf != NULL ? (size_t)(lf - p) + 1 - at : len - at);
    }
    if (h->state == HTTP1_OK && h->n_first > known + at)
        h->n_first = known + at; /* what follows is not ours to show */
    h->received += at;
    *used = at;
    return h->state;
}

static const char *text_at(const struct http1 *h, uint32_t at)
{
    return h->state == HTTP1_OK && h->text.data != NULL ? (const char *)h->text.data + at : "";
}

const char *http1_version(const struct http1 *h)
{
    static const char *const versions[] = {"HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/1.3",
                                           "HTTP/1.4", "HTTP/1.5", "HTTP/1.6", "HTTP/1.7",
                                           "HTTP/1.8", "HTTP/1.9"};

    return versions[h->minor]; /* a digit, and the major one is 1: others are no HTTP/1 */
}

const char *http1_reason(const struct http1 *h)
{
    return h->kind == HTTP1_ANSWER ? text_at(h, h->reason) : "";
}

const char *http1_method(const struct http1 *h)
{
    return h->kind == HTTP1_REQUEST ? text_at(h, h->method) : "";
}

const char *http1_target(const struct http1 *h)
{
    return h->kind == HTTP1_REQUEST ? text_at(h, h->target) : "";
}

const char *http1_field_name(const struct http1 *h, size_t i)
{
    return (const char *)h->text.data + h->fields[i].name;
}

const char *http1_field_value(const struct http1 *h, size_t i)
{
    return (const char *)h->text.data + h->fields[i].value;
}

const char *http1_get(const struct http1 *h, const char *name, size_t n)
{
    for (size_t i = 0; i < h->n_fields; i++) {
        if (text_equal_nocase(http1_field_name(h, i), name) && n-- == 0)
            return http1_field_value(h, i);
    }
    return NULL;
}

char *http1_joined(const struct http1 *h, const char *name, struct arena *a)
{
    const char *value;
    struct buf all;
    char *copy;

    if (http1_get(h, name, 0) == NULL)
        return NULL;
    buf_init(&all, (size_t)HTTP1_HEAD_MAX * 2); /* a ", " may be longer than what it replaces */
    for (size_t n = 0; (value = http1_get(h, name, n)) != NULL; n++) {
        buf_str(&all, n > 0 ? ", " : "");
        buf_str(&all, value);
    }
    copy = arena_strndup(a, buf_text(&all), all.len);
    buf_free(&all);
    return copy;
}

bool http1_has_token(const struct http1 *h, const char *name, const char *token)
{
    size_t len = strlen(token);
    const char *s;

    for (size_t n = 0; (s = http1_get(h, name, n)) != NULL; n++) {
        while (*s != '\0') {
            size_t item;

            s += strspn(s, " \t,");
            item = strcspn(s, ",; \t");
            if (item == len && len > 0 && text_starts_with_nocase(s, token))
                return true;
            s += strcspn(s, ",");
        }
    }
    return false;
}

const char *http1_state_name(enum http1_state state)
{
    static const char *const names[] = {
        [HTTP1_MORE] = "more",           [HTTP1_OK] = "ok",
        [HTTP1_NOT_HTTP] = "not-http",   [HTTP1_MALFORMED] = "malformed",
        [HTTP1_OVERSIZED] = "oversized", [HTTP1_NO_MEMORY] = "no-memory",
    };

    return names[state];
}
