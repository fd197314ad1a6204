/* output: see output.h. */
#include "diag/output.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/bundling.h"
#include "diag/options.h"
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

int output_report(const struct options *o, struct report *r, int packets)
{
    struct output outputs[OUTPUTS_MAX];
    struct format_needs needs = {.style = text_style_of(stdout, o->no_color, o->verbose)};
    size_t n = 0;
    struct redactor *redactor = NULL;
    int status = exit_status(o, r);

    if (o->redact)
        redactor = hide_names(o, r);
    add(outputs, &n, "json", o->json);
    add(outputs, &n, "html", o->html);
    add(outputs, &n, "junit", o->junit);
    add(outputs, &n, "prometheus", o->prometheus);
    if (!o->stdout_taken)
        add(outputs, &n, o->quiet ? "line" : "text", "-");
    if (formats_write(r, outputs, n, &needs, stderr) != 0)
        status = STATUS_INCOMPLETE;
    /* Last, because it redacts the report even where nothing else was to be redacted. */
    if (o->bundle != NULL && bundling_write(o, r, redactor, packets) != 0)
        status = STATUS_INCOMPLETE;
    redact_free(redactor);
    return status;
}
