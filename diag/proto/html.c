/* html: see html.h. */
#include "diag/proto/html.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    TAG_MAX = 4096,             /* a tag whose quotes do not end by then is broken */
    SIGNATURE_LOOK = 64 * 1024, /* text in which a signature is looked for */
};

struct scan {
    const char *p, *end;
    struct buf out;
    bool gap; /* white space stands between what is out and what comes */
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_alpha(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool begins(const struct scan *s, const char *at, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(s->end - at) < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = at[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if (c != word[i])
            return false;
    }
    return true;
}

static void put(struct scan *s, const char *bytes, size_t len)
{
    size_t room;

    if (s->gap && s->out.len > 0)
        buf_char(&s->out, ' ');
    s->gap = false;
    room = s->out.limit - s->out.len;
    buf_add(&s->out, bytes, len < room ? len : room);
    s->out.overflow = s->out.overflow || len > room;
}

static void put_code_point(struct scan *s, uint32_t c)
{
    char u[4];

    if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0) {
        s->gap = true;
        return;
    }
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    if (c < 0x80) {
        u[0] = (char)c;
        put(s, u, 1);
    } else if (c < 0x800) {
        u[0] = (char)(0xc0 | c >> 6);
        u[1] = (char)(0x80 | (c & 0x3f));
        put(s, u, 2);
    } else if (c < 0x10000) {
        u[0] = (char)(0xe0 | c >> 12);
        u[1] = (char)(0x80 | (c >> 6 & 0x3f));
        u[2] = (char)(0x80 | (c & 0x3f));
        put(s, u, 3);
    } else {
        u[0] = (char)(0xf0 | c >> 18);
        u[1] = (char)(0x80 | (c >> 12 & 0x3f));
        u[2] = (char)(0x80 | (c >> 6 & 0x3f));
        u[3] = (char)(0x80 | (c & 0x3f));
        put(s, u, 4);
    }
}

/* "&#NNN;" or "&#xHHH;": its value; false when it is none. */
static bool numeric_reference(struct scan *s, uint32_t *out)
{
    const char *p = s->p + 2;
    bool hex = p < s->end && (*p == 'x' || *p == 'X');
    uint32_t value = 0;
    const char *digits;

    p += hex;
    digits = p;
    for (; p < s->end && p - digits < 8; p++) {
        uint32_t d;

        if (*p >= '0' && *p <= '9')
            d = (uint32_t)(*p - '0');
        else if (hex && (*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
            d = (uint32_t)((*p | 0x20) - 'a') + 10;
        else
            break;
        value = value * (hex ? 16 : 10) + d; /* eight digits fit */
    }
    if (p == digits)
        return false;
    s->p = p < s->end && *p == ';' ? p + 1 : p;
    *out = value;
    return true;
}

static void read_reference(struct scan *s)
{
    static const struct {
        const char *name;
        uint32_t code;
    } known[] = {
        {"&amp;", '&'},      {"&lt;", '<'},       {"&gt;", '>'},        {"&quot;", '"'},
        {"&apos;", '\''},    {"&nbsp;", 0xa0},    {"&copy;", 0xa9},     {"&reg;", 0xae},
        {"&ndash;", 0x2013}, {"&mdash;", 0x2014}, {"&hellip;", 0x2026}, {"&lsquo;", 0x2018},
        {"&rsquo;", 0x2019}, {"&ldquo;", 0x201c}, {"&rdquo;", 0x201d},  {"&bull;", 0x2022},
    };
    uint32_t code;

    if (s->end - s->p > 2 && s->p[1] == '#' && numeric_reference(s, &code)) {
        put_code_point(s, code);
        return;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (begins(s, s->p, known[i].name)) {
            s->p += strlen(known[i].name);
            put_code_point(s, known[i].code);
            return;
        }
    }
    put(s, s->p++, 1);
}

/* Characters up to the next "<" (or the end), folded. */
static void read_text(struct scan *s)
{
    while (s->p < s->end && *s->p != '<' && !s->out.overflow) {
        if (is_space(*s->p)) {
            s->gap = true;
            s->p++;
        } else if (*s->p == '&') {
            read_reference(s);
        } else if (s->end - s->p > 1 && (uint8_t)s->p[0] == 0xc2 && (uint8_t)s->p[1] == 0xa0) {
            s->gap = true; /* a no-break space */
            s->p += 2;
        } else {
            const char *start = s->p;

            do
                s->p++;
            while (s->p < s->end && *s->p != '<' && *s->p != '&' && !is_space(*s->p) &&
                   (uint8_t)*s->p != 0xc2);
            put(s, start, (size_t)(s->p - start));
        }
    }
}

/* Behind the ">" of the tag at s->p, quotes minded as long as they end. */
static void skip_tag(struct scan *s)
{
    const char *look = s->end - s->p > TAG_MAX ? s->p + TAG_MAX : s->end, *p;
    char quote = '\0';

    for (p = s->p; p < look; p++) {
        if (quote != '\0')
            quote = *p == quote ? '\0' : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '>')
            break;
    }
    if (p == look)
        p = memchr(s->p, '>', (size_t)(s->end - s->p));
    s->p = p == NULL ? s->end : p + 1;
}

/* To the text `mark` (lower case), or to the end. */
static void skip_to(struct scan *s, const char *mark)
{
    for (; s->p < s->end; s->p++) {
        s->p = memchr(s->p, mark[0], (size_t)(s->end - s->p));
        if (s->p == NULL) {
            s->p = s->end;
            return;
        }
        if (begins(s, s->p, mark))
            return;
    }
}

static bool is_tag(const struct scan *s, const char *name)
{
    size_t len = strlen(name);
    const char *behind = s->p + 1 + len;

    return begins(s, s->p + 1, name) &&
           (behind == s->end || *behind == '>' || *behind == '/' || is_space(*behind));
}

/* Elements that stand within a word; every other one ends it. */
static bool is_inline(const struct scan *s)
{
    static const char *const names[] = {"a",    "b",    "i",    "u",   "em",  "tt",    "strong",
                                        "code", "font", "span", "sub", "sup", "small", "big"};
    struct scan at = *s;

    if (at.end - at.p > 1 && at.p[1] == '/')
        at.p++;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is_tag(&at, names[i]))
            return true;
    }
    return false;
}

/* Pass the markup at s->p ("<"), or take it as text when it is none. */
static void read_markup(struct scan *s)
{
    char next = s->end - s->p > 1 ? s->p[1] : '\0';

    if (begins(s, s->p, "<!--")) {
        s->p += 4;
        skip_to(s, "-->");
        s->p = s->end - s->p > 3 ? s->p + 3 : s->end;
    } else if (is_tag(s, "script") || is_tag(s, "style") || is_tag(s, "title")) {
        const char *end = is_tag(s, "script")  ? "</script"
                          : is_tag(s, "style") ? "</style"
                                               : "</title";

        skip_tag(s);
        skip_to(s, end);
        s->gap = true;
    } else if (is_alpha(next) || next == '/' || next == '!' || next == '?') {
        s->gap = s->gap || !is_inline(s);
        skip_tag(s);
    } else {
        put(s, s->p++, 1);
    }
}

static struct scan scan_of(const void *body, size_t len, size_t limit)
{
    struct scan s = {.p = len == 0 ? "" : body};

    s.end = s.p + len;
    if (begins(&s, s.p, "\xef\xbb\xbf")) /* a byte order mark */
        s.p += 3;
    buf_init(&s.out, limit);
    return s;
}

static void scan_text(struct scan *s)
{
    /* Ends: each of the two takes at least a byte, or the limit is reached. */
    while (s->p < s->end && !s->out.overflow) {
        if (*s->p == '<')
            read_markup(s);
        else
            read_text(s);
    }
}

static char *finish(struct scan *s, struct arena *a, size_t max)
{
    char *text = s->out.len == 0 ? NULL : text_printable(a, s->out.data, s->out.len, max);

    buf_free(&s->out);
    return text;
}

char *html_text(struct arena *a, const void *body, size_t len, size_t max)
{
    /* A little more than wanted, so that text_printable sees that it has to cut. */
    struct scan s = scan_of(body, len, max + 1);

    scan_text(&s);
    return finish(&s, a, max);
}

char *html_title(struct arena *a, const void *body, size_t len, size_t max)
{
    struct scan s = scan_of(body, len, max + 1);

    while (s.p < s.end) { /* ends: every round takes at least a byte */
        s.p = memchr(s.p, '<', (size_t)(s.end - s.p));
        if (s.p == NULL || is_tag(&s, "title"))
            break;
        read_markup(&s);
    }
    if (s.p == NULL || s.p >= s.end) {
        buf_free(&s.out);
        return NULL;
    }
    skip_tag(&s);
    buf_clear(&s.out);
    s.gap = false;
    while (s.p < s.end && !begins(&s, s.p, "</title") && !s.out.overflow) {
        if (*s.p == '<')
            put(&s, s.p++, 1);
        else
            read_text(&s);
    }
    return finish(&s, a, max);
}

/* "HOST (SOFTWARE)" at `host`. */
static char *read_signature(struct arena *a, const char *host, const char **software)
{
    size_t len = strcspn(host, " "), paren;

    if (len == 0)
        return NULL;
    if (software != NULL) {
        *software = NULL;
        if (host[len] == ' ' && host[len + 1] == '(') {
            paren = strcspn(host + len + 2, ")");
            *software = text_printable(a, host + len + 2, paren, 128);
        }
    }
    return text_printable(a, host, len, 256);
}

char *html_generated_by(struct arena *a, const void *body, size_t len, const char **software)
{
    struct scan s = scan_of(body, len, SIGNATURE_LOOK);
    const char *text, *mark, *by;
    char *host = NULL;

    scan_text(&s);
    text = buf_text(&s.out);
    mark = strstr(text, "Generated ");
    by = mark == NULL ? NULL : strstr(mark, " by ");
    if (by != NULL && by - mark < 64) {
        host = read_signature(a, by + 4, software);
    } else {
        /* In a translated page the words differ; the software's name does not. */
        mark = strstr(text, " (squid");
        for (by = mark; by != NULL && by > text && by[-1] != ' ';)
            by--;
        if (by != NULL)
            host = read_signature(a, by, software);
    }
    buf_free(&s.out);
    return host;
}
