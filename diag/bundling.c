/* bundling: see bundling.h. */
#include "diag/bundling.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/owner.h"
#include "diag/bundling_site.h"
#include "diag/environment.h"
#include "diag/model/report.h"
#include "diag/options.h"
#include "diag/packets.h"
#include "reports/bundle.h"
#include "reports/redact.h"
#include "reports/save.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
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

/* From where the descriptor stands to the end; NULL, or why it cannot be had. */
static const char *read_whole(int fd, struct buf *to)
{
    const int error = file_read_on(fd, to);

    return error == E2BIG ? "too large for a bundle" : error != 0 ? strerror(error) : NULL;
}

static const char *read_site(const char *path, struct buf *to)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *why = fd < 0 ? strerror(errno) : read_whole(fd, to);

    if (fd >= 0)
        close(fd);
    return why;
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

/* The environment names all of them, the report only those that it used. */
static void learn_interfaces(struct redactor *redactor)
{
    struct if_nameindex *list = if_nameindex();

    for (const struct if_nameindex *i = list; i != NULL && i->if_index != 0; i++)
        redact_learn_interface(redactor, i->if_name);
    if (list != NULL)
        if_freenameindex(list);
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
    if (result != 0 || redactor == NULL || strcmp(o->bundle, "-") == 0)
        return result; /* a key to nothing would only be one more secret to look after */
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

/* The recording through a file without a name: it may be larger than what a bundle takes. */
static const char *collect_packets(const struct packets *packets, struct report *r,
                                   struct redactor *redactor, struct buf *to)
{
    struct packets shown = *packets;
    struct fault f;
    int file = owner_temporary(&f);
    const char *why = NULL;

    shown.credentials = false; /* were wanted in a file that stays here */
    if (file < 0 || packets_write(&shown, r, redactor, file, &f) != 0)
        why = arena_strdup(r->arena, f.text);
    else if (lseek(file, 0, SEEK_SET) < 0)
        why = strerror(errno);
    else
        why = read_whole(file, to);
    if (file >= 0)
        close(file);
    return why;
}

int bundling_write(const struct options *o, struct report *r, const struct packets *packets,
                   struct redactor *redactor)
{
    struct bundling b = {.report = r};
    struct redactor *own = NULL;
    struct buf environment, recording, site, raw;
    int result;

    if (redactor == NULL && !o->no_redact) {
        redactor = own = redact_new();
        redact_report(own, r);
    }
    buf_init(&environment, SITE_MAX);
    buf_init(&recording, PACKETS_MAX);
    buf_init(&site, SITE_MAX);
    buf_init(&raw, SITE_MAX);
    if (packets != NULL && packets->wire != NULL)
        add(&b, "evidence.pcapng", &recording,
            packets->file < 0 ? "the recording cannot be read again"
                              : collect_packets(packets, r, redactor, &recording));
    else if ((o->command->bit & CMD_CHECK) != 0)
        add(&b, "evidence.pcapng", &recording,
            r->capture->reason != NULL ? r->capture->reason : "nothing was recorded");
    /* Only what the user named on this command line: a path in a saved report is a stranger's. */
    if ((o->command->bit & CMD_CHECK) != 0) {
        environment_text(&environment);
        if (redactor != NULL) {
            learn_interfaces(redactor);
            redact_lines(redactor, &environment, r->arena);
        }
        add(&b, "environment.txt", &environment, NULL);
        if (o->site_file != NULL) {
            const char *why = read_site(o->site_file, &raw);

            if (why == NULL)
                why = bundling_site(&raw, redactor, &site);
            add(&b, "site.yaml", &site, why);
        }
    }
    result = save_all(o, &b, redactor, r->arena);
    buf_free(&environment);
    buf_free(&recording);
    buf_free(&site);
    buf_free(&raw);
    redact_free(own);
    return result;
}
