/* paper: see paper.h. */
#include "reports/paper.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"

#include <string.h>

enum { LABEL_AT = 4, LABEL_TEXT_AT = 14 };

static const char *ascii(struct arena *a, const char *s)
{
    struct buf b;
    const char *copy;

    buf_init(&b, strlen(s) * 4 + 1);
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c < 0x80)
            buf_char(&b, (char)c);
        else
            buf_printf(&b, "\\x%02x", c);
    }
    copy = arena_strdup(a, buf_text(&b));
    buf_free(&b);
    return copy;
}

const char *paper_safe(const struct paper *p, const char *s)
{
    bool plain = true;

    if (s == NULL)
        return "";
    if (!text_is_printable(s))
        s = text_printable(p->scratch, s, strlen(s), strlen(s) * 4 + 4);
    for (const char *c = s; !p->style.utf8 && *c != '\0'; c++)
        plain = plain && (unsigned char)*c < 0x80;
    return plain ? s : ascii(p->scratch, s);
}

void paper_paint(const struct paper *p, enum ink ink, const char *s)
{
    static const char *const sequences[] = {
        [INK_PLAIN] = "",         [INK_GOOD] = "\x1b[32m", [INK_WARN] = "\x1b[33m",
        [INK_BAD] = "\x1b[1;31m", [INK_FAINT] = "\x1b[2m", [INK_BOLD] = "\x1b[1m"};
    bool colored = p->style.color && ink != INK_PLAIN;

    if (colored)
        buf_str(p->out, sequences[ink]);
    buf_str(p->out, s);
    if (colored)
        buf_str(p->out, "\x1b[0m");
}

enum ink paper_ink(enum verdict v, bool required)
{
    switch (v) {
    case VERDICT_PASS:
        return INK_GOOD;
    case VERDICT_WARN:
        return required ? INK_WARN : INK_FAINT;
    case VERDICT_FAIL:
        return required ? INK_BAD : INK_FAINT;
    case VERDICT_SKIP:
        break;
    }
    return INK_FAINT;
}

const char *paper_mark(const struct paper *p, enum verdict v)
{
    switch (v) {
    case VERDICT_PASS:
        return p->style.utf8 ? "✓" : "+";
    case VERDICT_WARN:
        return "!";
    case VERDICT_FAIL:
        return p->style.utf8 ? "✗" : "x";
    case VERDICT_SKIP:
        break;
    }
    return "-";
}

const char *paper_dot(const struct paper *p)
{
    return p->style.utf8 ? " · " : " - ";
}

void paper_line(const struct paper *p)
{
    /* No blanks at the end of a line: padding is only for what follows. */
    while (p->out->len > 0 && p->out->data[p->out->len - 1] == ' ')
        p->out->data[--p->out->len] = 0;
    buf_char(p->out, '\n');
}

void paper_spaces(const struct paper *p, size_t n)
{
    while (n-- > 0)
        buf_char(p->out, ' ');
}

/* Bytes of `s` that fill at most `columns`. */
static size_t fitting(const char *s, size_t columns)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t len = strlen(s), used = 0;

    for (size_t i = 0; i < len;) {
        size_t n = text_utf8_len(u + i, len - i);
        char one[8] = "";

        n = n == 0 ? 1 : n;
        memcpy(one, s + i, n);
        used += text_columns(one);
        if (used > columns)
            return i;
        i += n;
    }
    return len;
}

size_t paper_cell(const struct paper *p, const char *s, size_t columns)
{
    size_t width = text_columns(s);
    const char *tail = s + strlen(s);
    size_t keep;

    if (width <= columns) {
        buf_str(p->out, s);
        paper_spaces(p, columns - width);
        return columns;
    }
    /* The end of a name with a port says as much as its beginning. */
    keep = columns / 2;
    while (tail > s && text_columns(tail) < keep) {
        tail--;
        while (tail > s && ((unsigned char)*tail & 0xc0) == 0x80)
            tail--;
    }
    keep = fitting(s, columns - text_columns(tail) - (p->style.utf8 ? 1 : 2));
    buf_add(p->out, s, keep);
    buf_str(p->out, p->style.utf8 ? "…" : "..");
    buf_str(p->out, tail);
    return columns;
}

void paper_paragraph(const struct paper *p, size_t at, size_t indent, const char *s)
{
    size_t column = at;
    bool first = true;

    while (*s != '\0') {
        size_t len = strcspn(s, " "), width;
        char *word = arena_strndup(p->scratch, s, len);

        width = text_columns(word);
        if (!first && column + 1 + width > PAPER_WIDTH) {
            paper_line(p);
            paper_spaces(p, indent);
            column = indent;
        } else if (!first) {
            buf_char(p->out, ' ');
            column++;
        }
        while (column + text_columns(word) > PAPER_WIDTH) {
            size_t n = fitting(word, PAPER_WIDTH - column);

            buf_add(p->out, word, n);
            word += n;
            paper_line(p);
            paper_spaces(p, indent);
            column = indent;
        }
        buf_str(p->out, word);
        column += text_columns(word);
        first = false;
        s += len;
        s += strspn(s, " ");
    }
    paper_line(p);
}

void paper_copyable(const struct paper *p, const char *s)
{
    buf_str(p->out, s);
    paper_line(p);
}

/* The shell's words: a space in single quotes or behind a backslash parts none. */
static size_t shell_word(const char *s)
{
    bool quoted = false;
    size_t i = 0;

    for (; s[i] != '\0' && (quoted || s[i] != ' '); i++) {
        if (s[i] == '\'')
            quoted = !quoted;
        else if (s[i] == '\\' && !quoted && s[i + 1] != '\0')
            i++;
    }
    return i;
}

void paper_command(const struct paper *p, size_t at, size_t indent, const char *s)
{
    size_t column = at;

    for (bool first = true; *s != '\0'; first = false) {
        size_t len = shell_word(s);

        /* An option and what may be its argument read better on one line. */
        if (strncmp(s, "--", 2) == 0 && s[len] == ' ' && s[len + 1] != '-')
            len += 1 + shell_word(s + len + 1);
        const char *word = arena_strndup(p->scratch, s, len);
        const size_t width = text_columns(word), end = s[len] == '\0' ? 0 : 2;

        if (!first && column + 1 + width + end > PAPER_WIDTH) {
            buf_str(p->out, " \\");
            paper_line(p);
            paper_spaces(p, indent);
            column = indent;
        } else if (!first) {
            buf_char(p->out, ' ');
            column++;
        }
        buf_str(p->out, word);
        column += width;
        s += len;
        s += strspn(s, " ");
    }
    paper_line(p);
}

void paper_labelled(const struct paper *p, const char *label, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    paper_spaces(p, LABEL_AT);
    paper_paint(p, INK_FAINT, label);
    paper_spaces(p, LABEL_TEXT_AT - LABEL_AT - strlen(label));
    paper_paragraph(p, LABEL_TEXT_AT, LABEL_TEXT_AT, paper_safe(p, s));
}
