/* cmd_report: saved reports drawn again; several of them as one fleet report. */
#include "diag/commands.h"

#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/options.h"
#include "diag/output.h"
#include "reports/fleet_json.h"
#include "reports/json.h"
#include "reports/redact.h"
#include "reports/save.h"

#include <stdio.h>

enum { MOST_BYTES = 1 << 28 };

static int one_report(const struct options *o)
{
    struct report *r;
    struct fault f;
    int status;

    if (json_read(o->args[0], &r, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        return STATUS_USAGE;
    }
    status = output_report(o, r, NULL);
    report_free(r);
    return status;
}

static int write_one(const char *path, struct buf *b)
{
    struct fault f;

    if (save(path, save_buf, b, &f) == 0)
        return 0;
    fprintf(stderr, "hopproof: %s\n", f.text);
    return -1;
}

static int write_fleet(const struct fleet *fleet, const struct options *o)
{
    const struct text_style style = text_style_of(stdout, o->no_color, o->verbose);
    struct buf b;
    int result = 0;

    buf_init(&b, MOST_BYTES);
    if (o->json != NULL) {
        fleet_json(fleet, &b);
        result = write_one(o->json, &b);
        buf_clear(&b);
    }
    if (o->html != NULL) {
        fleet_html(fleet, &b);
        result = write_one(o->html, &b) == 0 ? result : -1;
        buf_clear(&b);
    }
    if (!o->stdout_taken) {
        if (o->quiet)
            fleet_line(fleet, style, &b);
        else
            fleet_text(fleet, style, &b);
        result = write_one("-", &b) == 0 ? result : -1;
    }
    buf_free(&b);
    return result;
}

static enum exit_status fleet_status(const struct fleet *fleet, bool strict)
{
    const enum verdict v = fleet_verdict(fleet);

    if (v == VERDICT_FAIL || (strict && v == VERDICT_WARN))
        return STATUS_FAIL;
    return v == VERDICT_SKIP || fleet->n_incomplete > 0 ? STATUS_INCOMPLETE : STATUS_PASS;
}

static enum exit_status many_reports(const struct options *o)
{
    struct fleet *fleet = fleet_new();
    struct redactor *redactor = o->redact ? redact_new() : NULL;
    enum exit_status status = STATUS_USAGE;

    for (size_t i = 0; i < o->n_args; i++) {
        struct report *r;
        struct fault f;

        if (json_read_outline(o->args[i], &r, &f) == 0) {
            if (redactor != NULL)
                redact_report(redactor, r);
            fleet_add(fleet, redactor == NULL ? o->args[i] : "a file", r);
            report_free(r);
        } else {
            fleet_skip(fleet, redactor == NULL ? o->args[i] : "a file",
                       redactor == NULL ? f.text : "a file that cannot be read as a report");
        }
    }
    fleet_finish(fleet);
    if (fleet->n_members == 0) {
        fprintf(stderr, "hopproof: none of %zu files is a report; the first: %s\n", o->n_args,
                fleet->skipped[0].why);
    } else {
        status = fleet_status(fleet, o->strict);
        if (write_fleet(fleet, o) != 0)
            status = STATUS_INCOMPLETE;
    }
    redact_free(redactor);
    fleet_free(fleet);
    return status;
}

int cmd_report(struct options *o)
{
    if (o->n_args == 1)
        return (int)one_report(o);
    if (o->junit != NULL || o->prometheus != NULL || o->bundle != NULL) {
        fprintf(stderr,
                "hopproof: a fleet report of several files is drawn as text, HTML and JSON only; "
                "give one file for the other formats\n");
        return STATUS_USAGE;
    }
    return (int)many_reports(o);
}
