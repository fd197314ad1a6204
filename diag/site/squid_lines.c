/* squid_lines: see squid_lines.h. The order of work is that of Squid's cache_cf.cc. */
#include "diag/site/squid_lines.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/text.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define SPACE " \t\r\n\f\v"

enum {
    LINE_MAX_OCTETS = 256 * 1024,
    SQUID_FGETS_MAX = 8191, /* what Squid reads of a physical line at once: BUFSIZ of glibc */
    IFS_MAX = 32,
    SHOWN = 300,
    GLOB_MAX = 64, /* files of one include; a message names the number */
    WILD_MAX = 2,  /* parts of its path with wildcards: each lists all folders of the one before */
};

/* One file being read. */
struct reader {
    struct squid_text *text;
    const char *label;
    unsigned long line;  /* physical, the one just read */
    unsigned long first; /* where the logical line began */
    unsigned depth;      /* of include */
    bool meant[IFS_MAX]; /* the conditions around this place */
    size_t n_ifs;
    bool *quoted_values; /* of the whole configuration */
    struct fault *fault;
};

static int read_bytes(struct squid_text *t, const char *label, const char *bytes, size_t len,
                      unsigned depth, bool *quoted_values, struct fault *f);

void squid_problem_add(struct squid_text *t, enum squid_gravity gravity, struct squid_place at,
                       const char *code, const char *what, const char *why, const char *fix)
{
    struct squid_problem p = {at, gravity, code, what, why, fix};

    if (t->n_problems < SQUID_LINES_MAX)
        list_push(t->arena, t->problems, t->n_problems, p);
}

static struct squid_place place(const struct reader *r)
{
    return (struct squid_place){r->label, r->first};
}

static bool is_regular(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/*
 * Where a path of the configuration is to be looked for. A copy of a squid.conf must not be
 * judged by the /etc/squid of the machine that it was copied to: such paths are taken beside it.
 */
static const char *local_path(const struct squid_text *t, const char *path)
{
    static const char home[] = "/etc/squid/";

    if (strncmp(path, home, sizeof home - 1) == 0)
        return arena_printf(t->arena, "%s/%s", t->folder, path + sizeof home - 1);
    return path;
}

/* A file, when it is a regular one and within the bounds; NULL when it cannot be used here. */
static const char *read_file(struct squid_text *t, const char *path, size_t *len)
{
    const char *bytes;

    if (t->files >= SQUID_FILES_MAX || !is_regular(path))
        return NULL;
    t->files++;
    return file_read(t->arena, path, SQUID_SIZE_MAX, &bytes, len, NULL) == 0 ? bytes : NULL;
}

bool squid_lines_values(struct squid_text *t, const char *path, struct squid_word **words,
                        size_t *n)
{
    const char *label = text_printable(t->arena, path, strlen(path), SHOWN), *bytes, *end;
    unsigned long line = 0;
    size_t len;

    bytes = read_file(t, local_path(t, path), &len);
    if (bytes == NULL)
        return false;
    for (end = bytes + len; bytes < end; line++) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes)), *from = bytes, *to;

        stop = stop == NULL ? end : stop;
        bytes = stop + 1;
        while (from < stop && strchr(SPACE, *from) != NULL)
            from++;
        if (from == stop || *from == '#' || *from == '\0')
            continue;
        /* The value ends where a word that begins with "#" does begin, and without spaces. */
        for (to = from; to < stop; to++) {
            if (*to == '#' && strchr(SPACE, to[-1]) != NULL)
                break;
        }
        while (strchr(SPACE, to[-1]) != NULL)
            to--;
        if (++t->words > SQUID_WORDS_MAX)
            return false;
        list_push(t->arena, *words, *n,
                  ((struct squid_word){arena_strndup(t->arena, from, (size_t)(to - from)),
                                       false,
                                       {label, line + 1}}));
    }
    return true;
}

/* --- words --- */

/* A quoted word (configuration_includes_quoted_values on): `*p` stands behind the quote. */
static const char *unquote(struct squid_text *t, const char **p, char quote)
{
    struct buf out;
    const char *word;

    buf_init(&out, LINE_MAX_OCTETS);
    while (**p != '\0' && **p != quote) {
        if (**p == '\\' && (*p)[1] != '\0')
            ++*p;
        buf_char(&out, *(*p)++);
    }
    if (**p == quote)
        ++*p;
    word = arena_strdup(t->arena, buf_text(&out));
    buf_free(&out);
    return word;
}

/* Append a word, or with parameters("FILE") the words of that file. */
static void add_word(struct reader *r, struct squid_line *line, struct squid_word word)
{
    struct squid_text *t = r->text;
    static const char call[] = "parameters(";
    size_t len = strlen(word.text);
    char *path;

    if (!*r->quoted_values || word.quoted || strncmp(word.text, call, sizeof call - 1) != 0) {
        list_push(t->arena, line->words, line->n, word);
        return;
    }
    path = arena_strndup(t->arena, word.text + sizeof call - 1, len - (sizeof call - 1));
    path[strcspn(path, ")")] = '\0';
    if (*path == '"' || *path == '\'') {
        path++;
        path[strcspn(path, "\"'")] = '\0';
    }
    if (!squid_lines_values(t, path, &line->words, &line->n)) {
        line->unknown = true;
        squid_problem_add(t, SQUID_UNSEEN, word.at, "file-unseen",
                          arena_printf(t->arena, "the file %s cannot be read here",
                                       text_printable(t->arena, path, strlen(path), SHOWN)),
                          "Its values are part of this line; where Squid cannot read it either, "
                          "Squid does not start.",
                          "audit the file on the proxy itself, or put a copy at that path");
    }
}

static int split_words(struct reader *r, struct squid_line *line, const char *p)
{
    struct squid_text *t = r->text;

    for (p += strspn(p, SPACE); *p != '\0' && *p != '#'; p += strspn(p, SPACE)) {
        struct squid_word word = {NULL, false, place(r)};

        if (++t->words > SQUID_WORDS_MAX)
            return fault_at(r->fault, r->label, r->line,
                            "more than %d words; split the configuration", SQUID_WORDS_MAX);
        if (*r->quoted_values && (*p == '"' || *p == '\'')) {
            char quote = *p++;

            word.quoted = true;
            word.text = unquote(t, &p, quote);
        } else {
            size_t len = strcspn(p, SPACE);

            word.text = arena_strndup(t->arena, p, len);
            p += len;
        }
        add_word(r, line, word);
    }
    return 0;
}

/* --- conditions --- */

static bool parse_side(const char *text, size_t len, long *out)
{
    char word[32], *end;

    while (len > 0 && strchr(SPACE, text[len - 1]) != NULL)
        len--;
    if (len == 0 || len >= sizeof word)
        return false;
    memcpy(word, text, len);
    word[len] = '\0';
    /* The worker that serves clients has number 1 unless there are several. */
    if (strcmp(word, "${process_number}") == 0) {
        *out = 1;
        return true;
    }
    *out = strtol(word, &end, 10);
    return *end == '\0';
}

/* `true`, `false`, a number, or a comparison of two; -1: Squid would not understand it. */
static int eval_condition(const char *text)
{
    size_t at = strcspn(text, "=<>");
    long left, right;

    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return text[0] == 't';
    if (!parse_side(text, at, &left))
        return -1;
    if (text[at] == '\0')
        return left != 0;
    if (!parse_side(text + at + 1 + strspn(text + at + 1, SPACE),
                    strlen(text + at + 1 + strspn(text + at + 1, SPACE)), &right))
        return -1;
    return text[at] == '=' ? left == right : text[at] == '<' ? left < right : left > right;
}

/* "if", "else", "endif": true when the line was one of them. */
static bool take_condition(struct reader *r, const char *text)
{
    struct squid_text *t = r->text;
    const char *wrong = NULL;

    if (strncmp(text, "if", 2) == 0 && text[2] != '\0' && strchr(SPACE, text[2]) != NULL) {
        const char *expression = text + 2 + strspn(text + 2, SPACE);
        int yes = eval_condition(expression);

        if (yes < 0)
            wrong = "a condition that Squid does not understand";
        if (strstr(expression, "${process_number}") != NULL)
            squid_problem_add(t, SQUID_UNSEEN, place(r), "condition",
                              "the condition depends on the number of the process",
                              "It is judged for the first worker.",
                              "audit each worker's lines without the condition");
        if (r->n_ifs < IFS_MAX)
            r->meant[r->n_ifs++] = yes > 0;
        else
            wrong = "conditions are nested too deeply";
    } else if (strcmp(text, "else") == 0) {
        if (r->n_ifs == 0)
            wrong = "`else` without `if`";
        else
            r->meant[r->n_ifs - 1] = !r->meant[r->n_ifs - 1];
    } else if (strcmp(text, "endif") == 0) {
        if (r->n_ifs == 0)
            wrong = "`endif` without `if`";
        else
            r->n_ifs--;
    } else {
        return false;
    }
    if (wrong != NULL)
        squid_problem_add(t, SQUID_FATAL, place(r), "condition", wrong,
                          "Squid refuses the whole file for it.",
                          "correct or remove the condition");
    return true;
}

/* --- include --- */

static const char unreadable[] = "nothing can be read here for";

/* `what` is not known of the include of this path. */
static void note_unseen(struct reader *r, const char *what, const char *path, const char *text)
{
    struct squid_text *t = r->text;
    struct squid_line line = {.at = place(r), .text = text, .unknown = true};

    list_push(t->arena, t->lines, t->n, line);
    squid_problem_add(
        t, SQUID_UNSEEN, place(r), "include-unseen",
        arena_printf(t->arena, "%s `include %s`", what,
                     text_printable(t->arena, path, strlen(path), SHOWN)),
        "What it holds may decide before every line below it. Where it matches no file on the "
        "proxy, Squid does not start.",
        "audit on the proxy itself, or copy the included files (those of /etc/squid/ are looked "
        "for beside the audited file), and name them one by one where they are many");
}

static int include_one(struct reader *r, const char *path, const char *text)
{
    struct squid_text *t = r->text;
    const char *bytes, *label = text_printable(t->arena, path, strlen(path), SHOWN);
    size_t len;

    bytes = read_file(t, path, &len);
    if (bytes == NULL) {
        note_unseen(r, unreadable, path, text);
        return 0;
    }
    return read_bytes(t, label, bytes, len, r->depth + 1, r->quoted_values, r->fault);
}

/* Would looking for its files list more folders than any configuration needs: a whole disk? */
static bool is_wide(const char *path)
{
    size_t wild = 0;

    while (*path != '\0') { /* ends: each turn takes a part of the path, or slashes */
        size_t len = strcspn(path, "/");

        wild += strcspn(path, "*?[") < len;
        path += len;
        path += strspn(path, "/");
    }
    return wild > WILD_MAX;
}

/* Every word is a glob; what it matches is read in sorted order, at this place. */
static int take_include(struct reader *r, const char *list, const char *text)
{
    struct squid_text *t = r->text;

    if (r->depth + 1 > SQUID_DEPTH_MAX) {
        squid_problem_add(t, SQUID_FATAL, place(r), "include-depth",
                          "`include` is nested more than 16 deep",
                          "Squid ends there; mostly a file includes itself.",
                          "remove the include that leads back");
        return 0;
    }
    for (list += strspn(list, SPACE); *list != '\0'; list += strspn(list, SPACE)) {
        size_t len = strcspn(list, SPACE);
        char *path = arena_strndup(t->arena, list, len);
        glob_t found = {0};
        int rc = 0;

        list += len;
        if (path[0] == '"') {
            path++;
            path[strcspn(path, "\"")] = '\0';
        }
        if (is_wide(path)) {
            note_unseen(r, "wildcards in more than two parts of a path are not followed:", path,
                        text);
            continue;
        }
        if (path[0] == '!' || path[0] == '|' || glob(local_path(t, path), 0, NULL, &found) != 0) {
            note_unseen(r, unreadable, path, text);
            globfree(&found);
            continue;
        }
        for (size_t i = 0; rc == 0 && i < found.gl_pathc; i++) {
            if (i < GLOB_MAX)
                rc = include_one(r, found.gl_pathv[i], text);
            else if (i == GLOB_MAX)
                note_unseen(r, "only the first 64 files are read of", path, text);
        }
        globfree(&found);
        if (rc != 0)
            return -1;
    }
    return 0;
}

/* --- lines --- */

static void set_quoted_values(struct reader *r, const struct squid_line *line)
{
    if (line->n >= 2 && strcmp(line->words[0].text, "configuration_includes_quoted_values") == 0)
        *r->quoted_values = strcmp(line->words[1].text, "on") == 0;
}

/* The line for messages, without the password of a peer (login=USER:PASSWORD). */
static const char *shown_line(struct squid_text *t, const char *bytes, size_t len)
{
    char *text = text_printable(t->arena, bytes, len, SHOWN), *login = strstr(text, "login="), *end;

    if (login == NULL || (login = strchr(login, ':')) == NULL)
        return text;
    end = login + strcspn(login, SPACE);
    return arena_printf(t->arena, "%.*s:***%s", (int)(login - text), text, end);
}

static int take_line(struct reader *r, char *bytes)
{
    struct squid_text *t = r->text;
    struct squid_line line = {.at = place(r)};
    size_t len = strlen(bytes);

    while (len > 0 && strchr(SPACE, bytes[len - 1]) != NULL)
        bytes[--len] = '\0';
    if (len == 0 || take_condition(r, bytes) ||
        (r->n_ifs > 0 && !r->meant[r->n_ifs - 1])) /* Squid looks at the innermost one alone */
        return 0;
    line.text = shown_line(t, bytes, len);
    if (strncmp(bytes, "include", 7) == 0 && bytes[7] != '\0' && strchr(SPACE, bytes[7]) != NULL)
        return take_include(r, bytes + 8, line.text);
    line.quoted_values = *r->quoted_values;
    if (split_words(r, &line, bytes) != 0)
        return -1;
    if (line.n == 0)
        return 0;
    if (t->n >= SQUID_LINES_MAX)
        return fault_at(r->fault, r->label, r->line, "more than %d lines; split the configuration",
                        SQUID_LINES_MAX);
    set_quoted_values(r, &line);
    list_push(t->arena, t->lines, t->n, line);
    return 0;
}

/* One physical line: comments and empty ones vanish even inside a continued one. */
static int take_physical(struct reader *r, struct buf *logical, const char *p, size_t len)
{
    const char *cr = memchr(p, '\r', len);

    len = cr == NULL ? len : (size_t)(cr - p);
    while (len > 0 && strchr(SPACE, *p) != NULL)
        p++, len--;
    if (len == 0 || *p == '#')
        return 0;
    if (logical->len == 0)
        r->first = r->line;
    if (buf_add(logical, p, len) != 0)
        return fault_at(r->fault, r->label, r->line, "a line of more than %d bytes; split it",
                        LINE_MAX_OCTETS);
    if (logical->data[logical->len - 1] == '\\') {
        logical->data[--logical->len] = '\0';
        return 0;
    }
    if (take_line(r, (char *)logical->data) != 0)
        return -1;
    buf_clear(logical);
    return 0;
}

static int read_bytes(struct squid_text *t, const char *label, const char *bytes, size_t len,
                      unsigned depth, bool *quoted_values, struct fault *f)
{
    struct reader r = {
        .text = t, .label = label, .depth = depth, .fault = f, .quoted_values = quoted_values};
    const char *end = bytes + len;
    struct buf logical;
    int rc = 0;

    if (memchr(bytes, '\0', len) != NULL)
        return fault_set(f, "%s: holds NUL bytes, so it is no squid.conf; give the text file",
                         label);
    buf_init(&logical, LINE_MAX_OCTETS);
    while (rc == 0 && bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));

        stop = stop == NULL ? end : stop;
        r.line++;
        while (rc == 0 && stop - bytes > SQUID_FGETS_MAX) {
            rc = take_physical(&r, &logical, bytes, SQUID_FGETS_MAX);
            bytes += SQUID_FGETS_MAX;
            squid_problem_add(t, SQUID_WRONG, (struct squid_place){label, r.line}, "line-long",
                              "the line has more than 8191 bytes",
                              "Squid takes what stands behind them for a line of its own.",
                              "split it with a backslash at the line's end, or put the values "
                              "into a file");
        }
        if (rc == 0)
            rc = take_physical(&r, &logical, bytes, (size_t)(stop - bytes));
        bytes = stop + 1;
    }
    buf_free(
        &logical); /* a line that ends in a backslash at the end of the file is lost in Squid */
    if (rc == 0 && r.n_ifs > 0)
        squid_problem_add(t, SQUID_FATAL, place(&r), "condition", "`if` without `endif`",
                          "Squid refuses the whole file for it.", "add the missing `endif`");
    return rc;
}

int squid_lines_read(struct squid_text *t, struct arena *a, const char *path, const char *bytes,
                     size_t len, struct fault *f)
{
    const char *slash = strrchr(path, '/');
    bool quoted_values = false;

    *t = (struct squid_text){.arena = a};
    t->folder = slash == NULL ? "." : arena_strndup(a, path, (size_t)(slash - path));
    return read_bytes(t, file_label(a, path), bytes, len, 0, &quoted_values, f);
}
