/* bundling: see bundling.h. */
#include "diag/bundling.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/environment.h"
#include "diag/model/report.h"
#include "diag/options.h"
#include "reports/bundle.h"
#include "reports/redact.h"
#include "reports/save.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 3, PACKETS_MAX = 256 * 1024 * 1024, SITE_MAX = 1024 * 1024 };

struct bundling {
    const struct report *report;
    struct bundle_file files[FILES];
    size_t n;
};

static int write_bundle(void *context, FILE *out)
{
    const struct bundling *b = context;

    return bundle_write(b->report, b->files, b->n, out);
}

/* The whole file; NULL, or why it cannot be had. */
static const char *read_whole(const char *path, struct buf *to)
{
    FILE *f = fopen(path, "rbe");
    const char *why = NULL;
    char piece[65536];
    size_t n;

    if (f == NULL)
        return strerror(errno);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0 && buf_add(to, piece, n) == 0)
        ;
    if (ferror(f))
        why = strerror(errno);
    else if (to->overflow)
        why = "too large for a bundle";
    fclose(f);
    return why;
}

/* ... of a file that is open already. */
static const char *read_packets(int fd, struct buf *to)
{
    char piece[65536];
    off_t at = 0;
    ssize_t n;

    while ((n = pread(fd, piece, sizeof piece, at)) > 0 && buf_add(to, piece, (size_t)n) == 0)
        at += n;
    if (n < 0)
        return strerror(errno);
    return to->overflow ? "too large for a bundle" : NULL;
}

/* Site files hold no passwords; whoever wrote one into a comment did not mean to send it. */
static void without_secrets(const struct buf *site, struct buf *to)
{
    const char *line = buf_text(site);
    struct arena *a = arena_new();

    while (*line != '\0') {
        const size_t len = strcspn(line, "\n");
        const char *copy = arena_strndup(a, line, len);

        if (text_contains_nocase(copy, "passw") || text_contains_nocase(copy, "secret") ||
            text_contains_nocase(copy, "token"))
            buf_str(to, "# (a line with a secret's name in it is left out)");
        else
            buf_str(to, copy);
        buf_char(to, '\n');
        line += len + (line[len] == '\n');
    }
    arena_free(a);
}

static void add(struct bundling *b, const char *name, const struct buf *content, const char *why)
{
    b->files[b->n++] = (struct bundle_file){.name = name,
                                            .data = why == NULL ? buf_text(content) : NULL,
                                            .len = why == NULL ? content->len : 0,
                                            .why = why};
}

/* Names are scanned line by line: a line is what the scanner knows as a text. */
static void redact_lines(struct redactor *redactor, struct buf *text, struct arena *a)
{
    struct buf out;

    buf_init(&out, text->limit);
    for (const char *line = buf_text(text); *line != '\0';) {
        const size_t len = strcspn(line, "\n");

        buf_str(&out, redact_text(redactor, a, arena_strndup(a, line, len)));
        buf_char(&out, '\n');
        line += len + (line[len] == '\n');
    }
    buf_free(text);
    *text = out;
}

static int write_key(void *redactor, FILE *out)
{
    return redact_write_key(redactor, out);
}

static int save_all(const struct options *o, struct bundling *b, struct redactor *redactor,
                    struct arena *a)
{
    const char *key = arena_printf(a, "%s.key", o->bundle);
    struct fault f;
    int result = 0;

    if (save(o->bundle, write_bundle, b, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        result = -1;
    }
    if (redactor == NULL || strcmp(o->bundle, "-") == 0)
        return result;
    if (save(key, write_key, redactor, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        result = -1;
    } else if (!o->quiet) {
        fprintf(stderr,
                "hopproof: what the bundle's pseudonyms stand for is in %s; keep it to "
                "yourself\n",
                key);
    }
    return result;
}

int bundling_write(const struct options *o, struct report *r, struct redactor *redactor,
                   int packets)
{
    static const char no_pseudonyms[] = "it cannot be given pseudonyms; --no-redact adds it";
    struct bundling b = {.report = r};
    struct redactor *own = NULL;
    struct buf environment, evidence, site, raw;
    int result;

    if (redactor == NULL && !o->no_redact) {
        redactor = own = redact_new();
        redact_report(own, r);
    }
    buf_init(&environment, SITE_MAX);
    buf_init(&evidence, PACKETS_MAX);
    buf_init(&site, SITE_MAX);
    buf_init(&raw, SITE_MAX);
    /* Only what the user named on this command line: a path in a saved report is a stranger's. */
    if ((o->command->bit & CMD_CHECK) != 0) {
        environment_text(&environment);
        if (redactor != NULL)
            redact_lines(redactor, &environment, r->arena);
        add(&b, "environment.txt", &environment, NULL);
        if (redactor != NULL && r->capture->enabled)
            add(&b, "evidence.pcapng", &evidence, no_pseudonyms);
        else if (packets >= 0)
            add(&b, "evidence.pcapng", &evidence, read_packets(packets, &evidence));
        if (o->site_file != NULL) {
            const char *why = redactor != NULL ? no_pseudonyms : read_whole(o->site_file, &raw);

            without_secrets(&raw, &site);
            add(&b, "site.yaml", &site, why);
        }
    }
    result = save_all(o, &b, redactor, r->arena);
    buf_free(&environment);
    buf_free(&evidence);
    buf_free(&site);
    buf_free(&raw);
    redact_free(own);
    return result;
}
