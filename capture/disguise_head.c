/*
 * disguise_head: the head of a request or an answer (RFC 9112), written anew from what the decoder
 * understood of it: known fields with what is known to name nobody, names exchanged, everything
 * else overwritten; then filled up to its length with blanks, which may stand behind any field
 * (RFC 9112 section 5).
 */
#include "capture/disguise_parts.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "diag/proto/http1.h"

#include <string.h>

/* What may be shown of a field's value. */
enum how {
    HOW_OVERWRITE,
    HOW_WORDS,     /* of the vocabulary below, and numbers */
    HOW_NUMBERS,   /* digits, and what dates and error codes are made of */
    HOW_ERROR,     /* ERR_ACCESS_DENIED 0 */
    HOW_AUTHORITY, /* host:port */
    HOW_VIA,
    HOW_FROM, /* MISS from NAME */
    HOW_STATUS,
    HOW_CHALLENGE,
    HOW_URL,
};

static const struct {
    const char *name;
    enum how how;
    bool spare; /* may be left out where there is no room */
} fields[] = {
    {"Accept", HOW_WORDS, true},
    {"Accept-Ranges", HOW_WORDS, true},
    {"Age", HOW_NUMBERS, true},
    {"Authorization", HOW_CHALLENGE, false},
    {"Cache-Control", HOW_WORDS, true},
    {"Connection", HOW_WORDS, false},
    {"Content-Language", HOW_WORDS, true},
    {"Content-Length", HOW_NUMBERS, false},
    {"Content-Type", HOW_WORDS, false},
    {"Date", HOW_NUMBERS, false},
    {"ETag", HOW_OVERWRITE, true},
    {"Expires", HOW_NUMBERS, true},
    {"Host", HOW_AUTHORITY, false},
    {"Last-Modified", HOW_NUMBERS, true},
    {"Location", HOW_URL, false},
    {"Max-Forwards", HOW_NUMBERS, true},
    {"Mime-Version", HOW_WORDS, true},
    {"Pragma", HOW_WORDS, true},
    {"Proxy-Authenticate", HOW_CHALLENGE, false},
    {"Proxy-Authorization", HOW_CHALLENGE, false},
    {"Proxy-Connection", HOW_WORDS, false},
    {"Proxy-Status", HOW_STATUS, false},
    {"Retry-After", HOW_NUMBERS, true},
    {"Sec-WebSocket-Accept", HOW_OVERWRITE, true},
    {"Sec-WebSocket-Key", HOW_OVERWRITE, true},
    {"Sec-WebSocket-Protocol", HOW_WORDS, false},
    {"Sec-WebSocket-Version", HOW_NUMBERS, true},
    {"Server", HOW_WORDS, false},
    {"Transfer-Encoding", HOW_WORDS, false},
    {"Upgrade", HOW_WORDS, false},
    {"User-Agent", HOW_WORDS, true},
    {"Vary", HOW_WORDS, true},
    {"Via", HOW_VIA, false},
    {"WWW-Authenticate", HOW_CHALLENGE, false},
    {"X-Cache", HOW_FROM, false},
    {"X-Cache-Lookup", HOW_FROM, true},
    {"X-Squid-Error", HOW_ERROR, false},
};

/* Words of fields, reasons and products that name no site. */
static const char *const known_words[] = {
#define WORD(text) text,
#include "capture/disguise_word.def"
#undef WORD
};

static bool is_known_word(const char *s, size_t len)
{
    char word[32];

    if (len >= sizeof word)
        return false;
    memcpy(word, s, len);
    word[len] = '\0';
    for (size_t i = 0; i < sizeof known_words / sizeof known_words[0]; i++) {
        if (text_equal_nocase(word, known_words[i]))
            return true;
    }
    return strspn(word, "0123456789.") == len && strlen(word) - strcspn(word, ".") <= 4 &&
           len <= 8; /* a length, a version: no address */
}

static void overwrite(struct buf *out, size_t len)
{
    while (len-- > 0)
        buf_char(out, 'x');
}

/* Words that are known stay, others are overwritten; what stands between them stays. */
static void put_words(const char *s, size_t len, struct buf *out)
{
    static const char marks[] = " ,;=/()*\t";

    for (size_t at = 0; at < len;) { /* ends: each turn takes an octet at least */
        size_t word = 0;

        while (at + word < len && strchr(marks, s[at + word]) == NULL)
            word++;
        if (word == 0)
            buf_char(out, s[at++]);
        else if (is_known_word(s + at, word))
            buf_add(out, s + at, word);
        else
            overwrite(out, word);
        at += word;
    }
}

/* "Mon, 24 Nov 2025 11:00:00 GMT", "1234", "0": months, days, and no word besides. */
static void put_numbers(const char *s, struct buf *out)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDecMonTueWedThuFriSatSunGMT";

    for (size_t at = 0; s[at] != '\0';) { /* ends: each turn takes an octet at least */
        size_t word = strcspn(s + at, " ,:-0123456789");
        char name[4] = {0};

        if (word == 3)
            memcpy(name, s + at, 3);
        if (word == 0)
            buf_char(out, s[at++]);
        else if (word == 3 && strstr(names, name) != NULL)
            buf_add(out, s + at, word);
        else
            overwrite(out, word);
        at += word;
    }
}

static void put_authority(const struct disguise_names *n, const char *s, size_t len,
                          struct buf *out)
{
    char text[300];

    if (len >= sizeof text) {
        overwrite(out, len);
        return;
    }
    memcpy(text, s, len);
    text[len] = '\0';
    disguise_authority(n, text, out);
}

/* "1.1 p1.example:3128 (squid/5.7), 1.1 p2" (RFC 9110 section 7.6.3) */
static void put_via(const struct disguise_names *n, const char *s, struct buf *out)
{
    while (*s != '\0') { /* ends: each turn takes an octet at least */
        size_t element = strcspn(s, ","), protocol, by;

        protocol = strspn(s, " ");
        protocol += strcspn(s + protocol, " ,");
        put_words(s, protocol, out);
        by = protocol + strspn(s + protocol, " ");
        buf_add(out, s + protocol, by - protocol);
        protocol = by;
        by += strcspn(s + by, " ,(");
        put_authority(n, s + protocol, by - protocol, out);
        if (by < element)
            put_words(s + by, element - by, out);
        s += element > by ? element : by;
        if (*s == ',')
            buf_char(out, *s++);
    }
}

/* "MISS from NAME:PORT" */
static void put_from(const struct disguise_names *n, const char *s, struct buf *out)
{
    size_t what = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    if (strncmp(s + what, " from ", 6) != 0 || what > 24) {
        overwrite(out, strlen(s));
        return;
    }
    buf_add(out, s, what + 6);
    put_authority(n, s + what + 6, strlen(s + what + 6), out);
}

/* "NAME; error=connection_refused; details=..." (RFC 9209), one member */
static void put_status(const struct disguise_names *n, const char *s, struct buf *out)
{
    size_t name = strcspn(s, "; ,");

    put_authority(n, s, name, out);
    for (s += name; *s != '\0';) { /* ends: each turn takes an octet at least */
        size_t blank = strspn(s, "; "), item = strcspn(s + blank, ";");
        const char *value = memchr(s + blank, '=', item);

        buf_add(out, s, blank);
        s += blank;
        if (value != NULL &&
            (strncmp(s, "error=", 6) == 0 || strncmp(s, "received-status=", 16) == 0) &&
            strspn(value + 1, "abcdefghijklmnopqrstuvwxyz_0123456789") + 1 ==
                item - (size_t)(value - s))
            buf_add(out, s, item);
        else
            overwrite(out, item);
        s += item;
    }
}

/* "Digest realm="...", nonce="...", qop=auth": the scheme, and what tells how to answer. */
static void put_challenge(const char *s, struct buf *out)
{
    static const char *const shown[] = {"qop", "algorithm", "stale"};
    static const char *const known[] = {"realm", "nonce", "charset", "opaque", "domain"};
    size_t scheme = strcspn(s, " ");

    put_words(s, scheme, out);
    for (s += scheme; *s != '\0';) { /* ends: each turn takes an octet at least */
        size_t blank = strspn(s, " ,"), name, value;
        bool show = false, named = false;

        buf_add(out, s, blank);
        s += blank;
        name = strcspn(s, "=, ");
        if (s[name] == '=' && s[name + 1] == '"')
            value = name + 2 + strcspn(s + name + 2, "\"");
        else
            value = name + strcspn(s + name, ", ");
        if (s[value] == '"')
            value++;
        for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
            show = show || (name == strlen(shown[i]) && strncmp(s, shown[i], name) == 0);
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            named = named || (name == strlen(known[i]) && strncmp(s, known[i], name) == 0);
        if (show && value - name < 24) {
            buf_add(out, s, value);
        } else if (named && s[name] == '=' && s[name + 1] == '"' && value > name + 2) {
            buf_add(out, s, name + 2);
            overwrite(out, value - name - 3);
            buf_char(out, '"');
        } else {
            overwrite(out, value);
        }
        s += value;
    }
}

/* "ERR_ACCESS_DENIED 0" */
static void put_error(const char *s, struct buf *out)
{
    size_t code = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    if (strncmp(s, "ERR_", 4) == 0 && code < 40 &&
        strspn(s + code, " 0123456789-") == strlen(s + code))
        buf_str(out, s);
    else
        overwrite(out, strlen(s));
}

static void put_value(const struct disguise_names *n, enum how how, const char *s, struct buf *out)
{
    switch (how) {
    case HOW_OVERWRITE:
        overwrite(out, strlen(s));
        break;
    case HOW_WORDS:
        put_words(s, strlen(s), out);
        break;
    case HOW_NUMBERS:
        put_numbers(s, out);
        break;
    case HOW_ERROR:
        put_error(s, out);
        break;
    case HOW_AUTHORITY:
        put_authority(n, s, strlen(s), out);
        break;
    case HOW_VIA:
        put_via(n, s, out);
        break;
    case HOW_FROM:
        put_from(n, s, out);
        break;
    case HOW_STATUS:
        put_status(n, s, out);
        break;
    case HOW_CHALLENGE:
        put_challenge(s, out);
        break;
    case HOW_URL:
        disguise_url(n, s, out);
        break;
    }
}

static void put_field(const struct disguise_names *n, const char *name, const char *value,
                      bool sparing, struct buf *out)
{
    size_t i = 0;

    while (i < sizeof fields / sizeof fields[0] && !text_equal_nocase(name, fields[i].name))
        i++;
    if (i == sizeof fields / sizeof fields[0]) {
        if (!sparing) { /* an unknown name may be an owner's: "X-Contoso-Gateway" */
            overwrite(out, strlen(name));
            buf_str(out, ": ");
            overwrite(out, strlen(value));
            buf_str(out, "\r\n");
        }
        return;
    }
    if (sparing && fields[i].spare)
        return;
    buf_printf(out, "%s: ", fields[i].name);
    put_value(n, fields[i].how, value, out);
    buf_str(out, "\r\n");
}

/* The target of a request: "host:443", "http://host/...", "/..." (RFC 9112 section 3.2). */
static void put_target(const struct disguise_names *n, const struct http1 *h, struct buf *out)
{
    const char *target = http1_target(h);

    if (strcmp(http1_method(h), "CONNECT") == 0) {
        disguise_authority(n, target, out);
    } else if (target[0] == '/') {
        buf_char(out, '/');
        overwrite(out, strlen(target) - 1);
    } else {
        disguise_url(n, target, out);
    }
}

static void write_head(const struct disguise_names *n, const struct http1 *h, bool sparing,
                       struct buf *out)
{
    if (h->kind == HTTP1_REQUEST) {
        buf_printf(out, "%s ", http1_method(h));
        put_target(n, h, out);
        buf_printf(out, " HTTP/%u.%u\r\n", h->major, h->minor);
    } else {
        const char *reason = http1_reason(h);

        buf_printf(out, "HTTP/%u.%u %u%s", h->major, h->minor, h->status,
                   reason[0] != '\0' ? " " : "");
        put_words(reason, strlen(reason), out);
        buf_str(out, "\r\n");
    }
    for (size_t i = 0; i < h->n_fields; i++)
        put_field(n, http1_field_name(h, i), http1_field_value(h, i), sparing, out);
}

bool disguise_head(const struct disguise_names *n, const struct http1 *h, uint8_t *to, size_t len)
{
    struct buf out;
    bool fits;

    buf_init(&out, 2 * HTTP1_HEAD_MAX);
    write_head(n, h, false, &out);
    if (out.len + 2 > len) {
        buf_clear(&out);
        write_head(n, h, true, &out);
    }
    fits = !out.overflow && out.len + 2 <= len;
    /* Behind the line of a request no blank may stand. */
    if (fits && h->kind == HTTP1_REQUEST && out.len + 2 < len &&
        strchr(buf_text(&out), '\n') == buf_text(&out) + out.len - 1) {
        fits = len - out.len - 2 >= 4;
        buf_str(&out, "X:\r\n");
    }
    if (fits) {
        memset(to, ' ', len);
        memcpy(to, out.data, out.len - 2);
        memcpy(to + len - 4, "\r\n\r\n", 4);
    }
    buf_free(&out);
    return fits;
}
