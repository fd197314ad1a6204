/* output: see output.h. */
#include "diag/output.h"

#include "diag/options.h"
#include "reports/formats.h"

#include <stdio.h>

enum { OUTPUTS_MAX = 8 };

static void add(struct output *outputs, size_t *n, const char *format, const char *path)
{
    const struct format *found = format_find(format);

    if (path != NULL && found != NULL)
        outputs[(*n)++] = (struct output){found, path};
}

static int exit_status(const struct options *o, const struct report *r)
{
    if (!r->run->complete)
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

int output_report(const struct options *o, struct report *r)
{
    struct output outputs[OUTPUTS_MAX];
    struct format_needs needs = {.style = text_style_of(stdout, o->no_color, o->verbose)};
    size_t n = 0;
    int status = exit_status(o, r);

    if (o->redact || o->bundle != NULL) { /* never write what was to be hidden */
        fprintf(stderr, "hopproof: --redact and --bundle are not built yet; leave them out\n");
        return STATUS_INCOMPLETE;
    }
    add(outputs, &n, "json", o->json);
    add(outputs, &n, "html", o->html);
    add(outputs, &n, "junit", o->junit);
    add(outputs, &n, "prometheus", o->prometheus);
    if (!o->stdout_taken)
        add(outputs, &n, o->quiet ? "line" : "text", "-");
    if (formats_write(r, outputs, n, &needs, stderr) != 0)
        return STATUS_INCOMPLETE;
    return status;
}
