/*
 * endpoint_text: endpoint lists in plain text: a host a line, # comments.
 *
 * Several may stand in one line, separated by blanks, commas or semicolons; a number behind a host
 * is its port ("host 443"); a "-" or "*" in front, as in lists in documents, is passed over.
 */
#include "diag/site/endpoint_file.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/endpoints.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SEPARATORS " \t\r,;"
#define QUOTES     "\"'`<>"

struct word {
    const char *text;
    size_t len;
};

/* The next word of a line, without quotes around it; false at the end or at a comment. */
static bool next_word(const char **at, const char *end, struct word *out)
{
    const char *p = *at;

    for (;;) {
        while (p < end && strchr(SEPARATORS, *p) != NULL)
            p++;
        if (p == end || *p == '#')
            return false;
        out->text = p;
        while (p < end && strchr(SEPARATORS, *p) == NULL)
            p++;
        out->len = (size_t)(p - out->text);
        while (out->len > 0 && strchr(QUOTES, out->text[0]) != NULL)
            out->text++, out->len--;
        while (out->len > 0 && strchr(QUOTES, out->text[out->len - 1]) != NULL)
            out->len--;
        if (out->len > 0) {
            *at = p;
            return true;
        }
    }
}

static bool is_bullet(const struct word *w)
{
    return w->len == 1 && (w->text[0] == '-' || w->text[0] == '*' || w->text[0] == '+');
}

/* A word of prose is no host: a name without a dot needs a port or a scheme to count. */
static bool is_single_label(const struct word *w)
{
    for (size_t i = 0; i < w->len; i++) {
        if (w->text[i] == '.' || w->text[i] == ':')
            return false;
    }
    return true;
}

static int add_word(struct endpoint_file *file, unsigned long line, const struct word *w,
                    unsigned long port, struct fault *f)
{
    struct endpoint_facts facts = {.port = (uint16_t)port};

    if (is_single_label(w) && port == 0)
        return fault_at(f, file->label, line,
                        "\"%s\" has no dot; write %.40s:443 if it is a host, or # in front of a "
                        "comment",
                        text_printable(file->arena, w->text, w->len, 80),
                        text_printable(file->arena, w->text, w->len, 40));
    return endpoint_file_add(file, line, w->text, w->len, &facts, f);
}

static int read_line(struct endpoint_file *file, unsigned long line, const char *p, const char *end,
                     struct fault *f)
{
    struct word word, host = {NULL, 0};
    bool first = true, has_port = true;

    while (next_word(&p, end, &word)) {
        unsigned long port;
        bool number =
            text_parse_uint(arena_strndup(file->arena, word.text, word.len), 65535, &port);
        bool bullet = first && is_bullet(&word);

        first = false;
        if (bullet)
            continue;
        if (host.text != NULL && number && port > 0) {
            has_port = true;
            if (add_word(file, line, &host, port, f) != 0)
                return -1;
            continue;
        }
        if (!has_port && add_word(file, line, &host, 0, f) != 0)
            return -1;
        host = word;
        has_port = false;
    }
    return has_port ? 0 : add_word(file, line, &host, 0, f);
}

int endpoint_text_read(struct endpoint_file *file, const char *text, struct fault *f)
{
    unsigned long line = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        line++;
        if (read_line(file, line, text, text + len, f) != 0)
            return -1;
        text += len;
        if (*text == '\n')
            text++;
    }
    return 0;
}
