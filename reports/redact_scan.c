/* redact_scan: finds what is to be replaced in a text of any kind; see redact_parts.h. */
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "reports/redact_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* "[", the longest address with an interface behind it, "]": inet_ntop(3), if_nametoindex(3). */
#define LITERAL_MAX 64

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What names are made of; bytes of UTF-8 belong to words too. */
static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || (c & 0x80) != 0;
}

static size_t run(const char *s, const char *also)
{
    size_t n = 0;

    while (s[n] != '\0' && (is_word(s[n]) || strchr(also, s[n]) != NULL))
        n++;
    return n;
}

/* Files that are named in sentences look like host names. */
static bool is_file_name(const char *s, size_t len)
{
    static const char *const endings[] = {".json", ".yaml",    ".yml", ".conf", ".pcap", ".pcapng",
                                          ".pem",  ".crt",     ".key", ".html", ".txt",  ".csv",
                                          ".log",  ".service", ".xml", ".prom", ".zip"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t tail = strlen(endings[i]);

        if (len > tail && strncasecmp(s + len - tail, endings[i], tail) == 0)
            return true;
    }
    return false;
}

/* Labels with dots between, the last one of letters (or punycode), as no number ends. */
static bool is_host_name(const char *s, size_t len)
{
    size_t last = len;

    if (len < 4 || len > 253 || s[0] == '.' || s[0] == '-')
        return false;
    while (last > 0 && s[last - 1] != '.')
        last--;
    if (last == 0 || len - last < 2)
        return false;
    for (size_t i = 1; i < len; i++) {
        if (s[i] == '.' && s[i - 1] == '.')
            return false;
    }
    if (strncasecmp(s + last, "xn--", 4) == 0)
        return true;
    for (size_t i = last; i < len; i++) {
        if (!is_letter(s[i]))
            return false;
    }
    return true;
}

/* Six pairs of hexadecimal digits. */
static size_t mac_len(const char *s)
{
    for (size_t i = 0; i < 17; i++) {
        if (i % 3 == 2 ? s[i] != ':' && s[i] != '-' : !is_hex(s[i]))
            return 0;
    }
    return is_word(s[17]) || s[17] == ':' ? 0 : 17;
}

/* An IPv6 address at s: as many bytes as it has; 0 for none. */
static size_t ipv6_len(const char *s)
{
    size_t n = 0, colons = 0;

    while (is_hex(s[n]) || s[n] == ':' || s[n] == '.') {
        colons += s[n] == ':';
        n++;
    }
    while (n > 0 && (s[n - 1] == '.' || (s[n - 1] == ':' && (n < 2 || s[n - 2] != ':'))))
        n--; /* a full stop or a colon behind the address */
    return colons >= 2 && !is_word(s[n]) ? n : 0;
}

/* A phrase (with blanks, or marks that no word has) that is known to be internal. */
static size_t known_phrase(const struct redactor *rd, const char *s, const char **to)
{
    for (size_t i = 0; i < rd->names.n; i++) {
        const struct dict_entry *e = &rd->names.entries[i];
        const size_t len = strlen(e->from);

        /* Not the beginning of a longer name, with or without dots. */
        if (strncasecmp(s, e->from, len) == 0 && !(is_word(s[len]) && is_word(e->from[len - 1])) &&
            !(s[len] == '.' && is_word(s[len + 1]))) {
            *to = e->to;
            return len;
        }
    }
    return 0;
}

/* "/home/me/list.txt": more than one part, and none of the system's own folders. */
static size_t path_len(const char *s)
{
    static const char *const harmless[] = {"/etc/", "/usr/", "/dev/", "/proc/", "/sys/"};
    size_t n = 0, slashes = 0;

    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        if (strncmp(s, harmless[i], strlen(harmless[i])) == 0)
            return 0;
    }
    while (s[n] != '\0' && strchr(" \"',;:()<>", s[n]) == NULL) {
        slashes += s[n] == '/';
        n++;
    }
    return slashes >= 2 && n > 3 && s[1] != '/' ? n : 0;
}

/* "user:secret@" or "user@" before a host: the length up to the @; 0 for none. */
static size_t user_len(const char *s)
{
    size_t n = run(s, ".%+:!~");

    return n > 0 && s[n] == '@' ? n : 0;
}

/* Behind "https://host:port": path and query of a foreign host say too much. */
static size_t tail_len(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0' && strchr(" \"'<>", s[n]) == NULL)
        n++;
    return n;
}

/* "[2001:db8::1%eth0]", RFC 3986 section 3.2.2; 0 for what is no literal, or longer than any. */
static size_t bracket_len(const char *s)
{
    size_t n = strcspn(s, "]/ ");

    return s[n] == ']' && n < LITERAL_MAX ? n + 1 : 0;
}

/* "scheme://[user@]host[:port][/path]". Bytes used; 0 when it is none. */
static size_t scan_url(struct redactor *rd, const char *s, struct buf *out)
{
    size_t scheme = run(s, "+"), at, user, host;
    bool foreign;

    if (scheme == 0 || strncmp(s + scheme, "://", 3) != 0)
        return 0;
    at = scheme + 3;
    buf_add(out, s, at);
    user = user_len(s + at);
    if (user > 0) {
        const char *colon = memchr(s + at, ':', user);
        size_t name = colon == NULL ? user : (size_t)(colon - (s + at));

        buf_printf(out, "%s@", redact_user(rd, s + at, name));
        at += user + 1;
    }
    host = s[at] == '[' ? bracket_len(s + at) : run(s + at, ".*");
    foreign = !redact_is_public_name(rd, s + at, host);
    if (s[at] == '[' && host > 0) {
        char text[LITERAL_MAX + 1];

        snprintf(text, sizeof text, "%.*s", (int)host, s + at);
        redact_scan(rd, text, out);
    } else if (redact_address(rd, s + at, host) != NULL) {
        buf_str(out, redact_address(rd, s + at, host));
    } else if (host > 0 && foreign && !is_digit(s[at + host - 1])) {
        buf_str(out, redact_host(rd, s + at, host));
    } else {
        buf_add(out, s + at, host);
    }
    at += host;
    if (s[at] == ':') {
        size_t port = 1 + strspn(s + at + 1, "0123456789");

        buf_add(out, s + at, port);
        at += port;
    }
    if (foreign && s[at] == '/') {
        size_t tail = tail_len(s + at);

        buf_str(out, tail > 1 ? "/..." : "/");
        at += tail;
    }
    return at;
}

/* One thing that stands at a boundary. Bytes used; 0 when there is nothing to replace. */
static size_t scan_one(struct redactor *rd, const char *s, char before, struct buf *out)
{
    const char *to = NULL;
    size_t n, word;

    if ((n = scan_url(rd, s, out)) > 0)
        return n;
    if ((n = known_phrase(rd, s, &to)) > 0 || (n = mac_len(s)) > 0) {
        buf_str(out, to != NULL ? to : redact_mac(rd, s, n));
        return n;
    }
    if ((n = ipv6_len(s)) > 0 && (to = redact_address(rd, s, n)) != NULL) {
        buf_str(out, to);
        return n;
    }
    if (s[0] == '/' && (before == '\0' || strchr(" \"'(=", before) != NULL) &&
        (n = path_len(s)) > 0) {
        buf_str(out, redact_file(rd, s, n));
        return n;
    }
    if ((n = user_len(s)) > 0 && run(s + n + 1, ".") > 0) { /* mail, or user@host */
        buf_printf(out, "%s@", redact_user(rd, s, n));
        return n + 1;
    }
    word = run(s, ".");
    while (word > 0 && s[word - 1] == '.')
        word--; /* the end of a sentence, or of an absolute name */
    if (word == 0)
        return 0;
    if ((to = redact_address(rd, s, word)) == NULL &&
        (to = dict_get(&rd->machines, s, word)) == NULL && is_host_name(s, word) &&
        !is_file_name(s, word) && !redact_is_public_name(rd, s, word))
        to = redact_host(rd, s, word);
    if (to == NULL)
        buf_add(out, s, word);
    else
        buf_str(out, to);
    return word;
}

/* "\xHH" and "\\" stand for one byte that was no part of a name; what follows begins anew. */
static size_t escape_len(const char *s)
{
    if (s[0] != '\\')
        return 0;
    if (s[1] == 'x' && is_hex(s[2]) && is_hex(s[3]))
        return 4;
    return s[1] == '\\' ? 2 : 0;
}

void redact_scan(struct redactor *rd, const char *s, struct buf *out)
{
    char before = '\0';

    while (*s != '\0') {
        size_t escape = escape_len(s);
        size_t n;

        if (escape > 0) {
            buf_add(out, s, escape);
            s += escape;
            before = '\0';
            continue;
        }
        n = is_word(before) ? 0 : scan_one(rd, s, before, out);

        if (n == 0) {
            buf_char(out, *s);
            n = 1;
        }
        before = s[n - 1];
        s += n;
    }
}
