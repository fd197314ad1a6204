/* output: see output.h. */
#include "diag/output.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/bundling.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/packets.h"
#include "reports/formats.h"
#include "reports/redact.h"
#include "reports/save.h"

#include <stdio.h>
#include <string.h>

enum { OUTPUTS_MAX = 8 };

static void add(struct output *outputs, size_t *n, const char *format, const char *path)
{
    const struct format *found = format_find(format);

    if (path != NULL && found != NULL)
        outputs[(*n)++] = (struct output){found, path};
}

/* "Passed" is never said of what nothing showed: wildcards alone, or a plan that was not reached.
 */
static bool nothing_was_tested(const struct report *r)
{
    const struct counts *c = r->summary->required;

    return c->skip > 0 && c->pass + c->warn + c->fail == 0;
}

static int exit_status(const struct options *o, const struct report *r)
{
    if (!r->run->complete || nothing_was_tested(r))
        return STATUS_INCOMPLETE;
    switch (r->summary->verdict) {
    case VERDICT_FAIL:
        return STATUS_FAIL;
    case VERDICT_WARN:
        return o->strict ? STATUS_FAIL : STATUS_PASS;
    case VERDICT_PASS:
    case VERDICT_SKIP:
        return STATUS_PASS;
    }
    return STATUS_INCOMPLETE;
}

static int write_key(void *redactor, FILE *out)
{
    return redact_write_key(redactor, out);
}

/* Pseudonyms in the report; the key to them goes beside the first file, for the user alone. */
static struct redactor *hide_names(const struct options *o, struct report *r)
{
    const char *beside = NULL, *files[] = {o->json, o->html, o->junit, o->prometheus};
    struct redactor *redactor = redact_new();
    struct fault f;

    redact_report(redactor, r);
    for (size_t i = 0; i < sizeof files / sizeof files[0] && beside == NULL; i++) {
        if (files[i] != NULL && strcmp(files[i], "-") != 0)
            beside = files[i];
    }
    if (beside != NULL) {
        const char *path = arena_printf(r->arena, "%s.key", beside);

        if (save(path, write_key, redactor, &f) != 0)
            fprintf(stderr, "hopproof: %s\n", f.text);
        else if (!o->quiet)
            fprintf(stderr,
                    "hopproof: what the pseudonyms stand for is in %s; keep it to yourself\n",
                    path);
    }
    return redactor;
}

/* The recording as a file of its own, with its pseudonyms where the report has them. */
static void keep_packets(const struct options *o, struct report *r, struct redactor *redactor,
                         const struct packets *packets)
{
    struct fault f;

    if (packets_save(packets, r, redactor, o->pcap, &f) == 0)
        return;
    r->capture->file = NULL;
    r->run->complete = false;
    report_note(r, "the packets could not be kept: %s",
                redactor == NULL ? f.text : redact_text(redactor, r->arena, f.text));
}

/* Whoever gets the packets must know that they open more than they show. */
static void note_keylog(const struct options *o, struct report *r)
{
    report_note(r,
                "the recorded packets hold the TLS secrets of this run (--keylog): whoever "
                "has the file can read what was said on its connections%s",
                o->site->keylog_credentials
                    ? ""
                    : "; what went to an https:// proxy that has credentials stays encrypted");
}

int output_report(const struct options *o, struct report *r, const struct packets *packets)
{
    struct output outputs[OUTPUTS_MAX];
    struct format_needs needs = {.style = text_style_of(stdout, o->no_color, o->verbose)};
    const bool keep = o->pcap != NULL && packets != NULL && packets->file >= 0;
    size_t n = 0;
    struct redactor *redactor = NULL;
    int status;

    if (packets != NULL && packets->keylog != NULL)
        note_keylog(o, r);
    if (keep)
        r->capture->file = arena_strdup(r->arena, o->pcap);
    if (o->redact)
        redactor = hide_names(o, r);
    if (keep)
        keep_packets(o, r, redactor, packets);
    status = exit_status(o, r);
    add(outputs, &n, "json", o->json);
    add(outputs, &n, "html", o->html);
    add(outputs, &n, "junit", o->junit);
    add(outputs, &n, "prometheus", o->prometheus);
    if (!o->stdout_taken)
        add(outputs, &n, o->quiet ? "line" : "text", "-");
    if (formats_write(r, outputs, n, &needs, stderr) != 0)
        status = STATUS_INCOMPLETE;
    /* Last, because it redacts the report even where nothing else was to be redacted. */
    if (o->bundle != NULL && bundling_write(o, r, packets, redactor) != 0)
        status = STATUS_INCOMPLETE;
    redact_free(redactor);
    return status;
}

static int nothing_more(void *unused, FILE *out)
{
    (void)unused;
    (void)out;
    return 0;
}

int output_printed(int status)
{
    struct fault fault;

    if (save("-", nothing_more, NULL, &fault) == 0)
        return status;
    fprintf(stderr, "hopproof: %s\n", fault.text);
    return STATUS_INCOMPLETE;
}
