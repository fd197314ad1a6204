/* text: see text.h. UTF-8 as in RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. */
#include "diag/base/text.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t text_utf8_len(const unsigned char *s, size_t len)
{
    unsigned char c, low = 0x80, high = 0xbf;
    size_t need;

    if (len == 0)
        return 0;
    c = s[0];
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        need = 2;
    else if ((c & 0xf0) == 0xe0)
        need = 3;
    else if (c >= 0xf0 && c <= 0xf4)
        need = 4;
    else
        return 0;
    /* The second byte's range excludes overlong forms, surrogates and what lies past U+10FFFF. */
    if (c == 0xe0)
        low = 0xa0;
    else if (c == 0xed)
        high = 0x9f;
    else if (c == 0xf0)
        low = 0x90;
    else if (c == 0xf4)
        high = 0x8f;
    if (len < need || s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    return need;
}

static uint32_t code_point(const unsigned char *s, size_t len)
{
    uint32_t c = s[0];

    if (len == 1)
        return c;
    c &= 0xffu >> (len + 1);
    for (size_t i = 1; i < len; i++)
        c = c << 6 | (s[i] & 0x3fu);
    return c;
}

/* Characters that can hide or reorder text: a certificate's name must not. */
static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff) || (c & 0xfffe) == 0xfffe;
}

/* One unit of output for s[0..len): a character or its escapes. Returns how much of s it took. */
static size_t printable_unit(const unsigned char *s, size_t len, char unit[17], size_t *unit_len)
{
    size_t n = text_utf8_len(s, len), used = n == 0 ? 1 : n;

    if (n > 0 && s[0] == '\\') {
        memcpy(unit, "\\\\", 2);
        *unit_len = 2;
    } else if (n > 0 && !is_invisible(code_point(s, n))) {
        memcpy(unit, s, n);
        *unit_len = n;
    } else {
        for (size_t k = 0; k < used; k++)
            snprintf(unit + 4 * k, 5, "\\x%02x", s[k]);
        *unit_len = 4 * used;
    }
    return used;
}

char *text_printable(struct arena *a, const void *bytes, size_t len, size_t max)
{
    const unsigned char *s = bytes;
    size_t dots = max < 3 ? max : 3, fit = 0; /* what may stay in front of the dots */
    struct buf out;
    char *copy;

    buf_init(&out, max);
    for (size_t i = 0; i < len && !out.overflow;) {
        char unit[17];
        size_t unit_len;

        i += printable_unit(s + i, len - i, unit, &unit_len);
        buf_add(&out, unit, unit_len);
        if (out.len <= max - dots)
            fit = out.len;
    }
    copy = out.overflow ? arena_printf(a, "%.*s%.*s", (int)fit, buf_text(&out), (int)dots, "...")
                        : arena_strndup(a, buf_text(&out), out.len);
    buf_free(&out);
    return copy;
}

bool text_is_printable(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t len = strlen(s);

    for (size_t i = 0; i < len;) {
        size_t n = text_utf8_len(u + i, len - i);

        if (n == 0 || is_invisible(code_point(u + i, n)))
            return false;
        i += n;
    }
    return true;
}

static size_t width_of(uint32_t c)
{
    if ((c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) ||
        (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfe0f) ||
        (c >= 0xfe20 && c <= 0xfe2f))
        return 0; /* combining marks, variation selectors */
    if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
        (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
        (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
        (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd))
        return 2;
    return 1;
}

size_t text_columns(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t len = strlen(s), columns = 0;

    for (size_t i = 0; i < len;) {
        size_t n = text_utf8_len(u + i, len - i);

        columns += n == 0 ? 1 : width_of(code_point(u + i, n));
        i += n == 0 ? 1 : n;
    }
    return columns;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool text_equal_nocase_n(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
        if (a[i] == '\0')
            return true;
    }
    return true;
}

bool text_equal_nocase(const char *a, const char *b)
{
    return text_equal_nocase_n(a, b, SIZE_MAX);
}

bool text_starts_with_nocase(const char *s, const char *prefix)
{
    return text_equal_nocase_n(s, prefix, strlen(prefix));
}

bool text_ends_with_nocase(const char *s, const char *suffix)
{
    size_t len = strlen(s), tail = strlen(suffix);

    return tail <= len && text_equal_nocase(s + (len - tail), suffix);
}

bool text_contains_nocase(const char *s, const char *part)
{
    for (;; s++) {
        if (text_starts_with_nocase(s, part))
            return true;
        if (*s == '\0')
            return false;
    }
}

bool text_parse_uint(const char *s, unsigned long max, unsigned long *out)
{
    unsigned long value = 0;

    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        unsigned long digit = (unsigned long)(unsigned char)*s - '0';

        if (digit > 9 || value > (max - digit) / 10 || digit > max)
            return false;
        value = value * 10 + digit;
    }
    if (value > max)
        return false;
    *out = value;
    return true;
}

bool text_parse_seconds(const char *s, int64_t *out_us)
{
    int64_t us = 0, unit = 1000000;
    bool point = false, digits = false;

    for (; *s != '\0'; s++) {
        if (*s == '.' && !point) {
            point = true;
            continue;
        }
        if (*s < '0' || *s > '9' || (point && unit == 1) || us > INT64_MAX / 100)
            return false;
        digits = true;
        if (point)
            unit /= 10;
        us = point ? us + (*s - '0') * unit : us * 10 + (*s - '0') * unit;
    }
    if (!digits)
        return false;
    *out_us = us;
    return true;
}

/* Levenshtein distance, capped by the short words this is used for. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b), row[64];

    if (strlen(a) >= 63 || n >= 63)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 1; j <= n; j++) {
            size_t best = diagonal + (lower(a[i]) != lower(b[j - 1]));

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[n];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t n)
{
    const char *nearest = NULL;
    /* A third of the letters and one may be wrong ("prot" is two edits from "port"), never all. */
    size_t len = strlen(word), best = len < len / 3 + 2 ? len : len / 3 + 2;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, candidates[i]);

        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

void text_shell_word(struct buf *b, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "@%+=:,./_-";

    if (*s != '\0' && strspn(s, plain) == strlen(s)) {
        buf_str(b, s);
        return;
    }
    buf_char(b, '\'');
    for (; *s != '\0'; s++) {
        if (*s == '\'')
            buf_str(b, "'\\''");
        else
            buf_char(b, *s);
    }
    buf_char(b, '\'');
}
