/* bundling_site: see bundling_site.h. */
#include "diag/bundling_site.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/site/yaml.h"
#include "reports/redact.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * Where a comment begins in a line of YAML: at its start or behind a blank, outside quotes (YAML
 * 1.2.2 sections 6.6 and 7.3). Quotes are those where a value begins, or the second one of a pair
 * in single quotes: an apostrophe within "Bob's" is none. What a quote that does not end in this
 * line holds may be a comment all the same, and goes.
 */
static size_t comment_at(const char *line)
{
    char quote = '\0', before = '\0'; /* the last one that is no blank */
    size_t i, doubtful = SIZE_MAX;

    for (i = 0; line[i] != '\0'; i++) {
        const char c = line[i];

        if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
            if (quote == '\0')
                return i;
            if (doubtful == SIZE_MAX)
                doubtful = i;
        } else if (quote == '"' && c == '\\' && line[i + 1] != '\0') {
            i++;
        } else if (c == quote) {
            quote = '\0';
            doubtful = SIZE_MAX;
        } else if (quote == '\0' && (c == '"' || c == '\'') && strchr(":-[{,?'", before) != NULL) {
            quote = c;
        }
        if (c != ' ' && c != '\t')
            before = c;
    }
    return quote != '\0' && doubtful != SIZE_MAX ? doubtful : i;
}

/* Mark the lines of texts that go over several: who knows a name does not know it by its parts. */
static void mark_folded(const struct yaml *node, bool *folded, size_t lines)
{
    for (size_t i = node->line; i <= node->last && node->last > node->line && i <= lines; i++)
        folded[i - 1] = true;
    for (size_t i = 0; i < node->n; i++) { /* ends: YAML_DEPTH_MAX */
        if (node->kind == YAML_MAPPING)
            mark_folded(node->keys[i], folded, lines);
        mark_folded(node->items[i], folded, lines);
    }
}

/* Is there a line end that YAML 1.1 knows and this file does not count: CR, NEL, LS or PS alone? */
static bool has_odd_ends(const char *s)
{
    static const char *const ends[] = {"\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (strstr(s, ends[i]) != NULL)
            return true;
    }
    for (s = strchr(s, '\r'); s != NULL; s = strchr(s + 1, '\r')) {
        if (s[1] != '\n')
            return true;
    }
    return false;
}

/* Of each of the site file's lines, whether it holds a part of a text; NULL: nobody can tell. */
static bool *find_folded(struct arena *a, const struct buf *site)
{
    const char *text = buf_text(site);
    size_t lines = 1;
    const struct yaml *root;
    struct fault f;
    bool *folded;

    for (const char *p = strchr(text, '\n'); p != NULL; p = strchr(p + 1, '\n'))
        lines++;
    root = has_odd_ends(text) ? NULL : yaml_read(a, "site.yaml", text, strlen(text), &f);
    if (root == NULL)
        return NULL;
    folded = arena_alloc(a, lines * sizeof *folded);
    mark_folded(root, folded, lines);
    return folded;
}

/* What a key of the site file names stays a name where no scanner would take it for one. */
static const char *redact_site_line(struct redactor *redactor, struct arena *a, const char *line)
{
    static const struct {
        const char *key, *word;
    } keys[] = {{"user:", "a user"},       {"password_file:", "a file"}, {"_file:", "a file"},
                {"_files:", "files"},      {"client_cert:", "a file"},   {"client_key:", "a file"},
                {"service:", "a service"}, {"service_tags:", "a file"}};

    /* A name that is written with escapes is not the one that the scanner knows. */
    if (strchr(line, '\\') != NULL || strstr(line, "''") != NULL)
        return "# (a line with an escape in it is left out)";
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *at = strstr(line, keys[i].key);

        if (at != NULL && at[strlen(keys[i].key)] != '\0')
            return arena_printf(a, "%.*s%s # %s is not shown", (int)(at - line), line, keys[i].key,
                                keys[i].word);
    }
    return redact_text(redactor, a, line);
}

const char *bundling_site(const struct buf *site, struct redactor *redactor, struct buf *to)
{
    const char *line = buf_text(site), *why = NULL;
    struct arena *a = arena_new();
    const bool *folded = redactor == NULL ? NULL : find_folded(a, site);

    if (redactor != NULL && folded == NULL)
        why = "it can no longer be read as a site file, and so not be redacted";
    for (size_t i = 0; why == NULL && *line != '\0'; i++) {
        const size_t len = strcspn(line, "\n");
        char *copy = arena_strndup(a, line, len);

        if (redactor != NULL)
            copy[comment_at(copy)] = '\0';
        if (text_contains_nocase(copy, "passw") || text_contains_nocase(copy, "secret") ||
            text_contains_nocase(copy, "token"))
            buf_str(to, "# (a line with a secret's name in it is left out)");
        else if (redactor == NULL)
            buf_str(to, copy);
        else if (folded[i])
            buf_str(to, "# (a line of a text over several lines is left out)");
        else
            buf_str(to, redact_site_line(redactor, a, copy));
        buf_char(to, '\n');
        line += len + (line[len] == '\n');
    }
    arena_free(a);
    return why;
}
