/* cmd_compare: what a change of the site changed for its endpoints. */
#include "diag/commands.h"

#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/options.h"
#include "reports/compare.h"
#include "reports/json.h"
#include "reports/save.h"

#include <stdio.h>

enum { MOST_BYTES = 1 << 30 };

/* Write what is in the buffer and empty it. */
static int write_one(const char *path, struct buf *b)
{
    struct fault f;
    int result = save(path, save_buf, b, &f);

    if (result != 0)
        fprintf(stderr, "hopproof: %s\n", f.text);
    buf_clear(b);
    return result;
}

static int write_all(const struct comparison *c, const struct options *o)
{
    const struct text_style style = text_style_of(stdout, o->no_color, o->verbose);
    struct buf b;
    int result = 0;

    buf_init(&b, MOST_BYTES);
    if (o->json != NULL) {
        json_write_object(c, &comparison_shape, false, &b);
        buf_char(&b, '\n');
        result |= write_one(o->json, &b);
    }
    if (o->html != NULL) {
        compare_html(c, &b);
        result |= write_one(o->html, &b);
    }
    if (!o->stdout_taken) {
        if (o->quiet)
            compare_line(c, style, &b);
        else
            compare_text(c, style, &b);
        result |= write_one("-", &b);
    }
    buf_free(&b);
    return result;
}

int cmd_compare(struct options *o)
{
    struct report *before = NULL, *after = NULL;
    struct comparison *c = NULL;
    struct fault f;
    int status = STATUS_USAGE;

    if (json_read(o->args[0], &before, &f) != 0 || json_read(o->args[1], &after, &f) != 0) {
        fprintf(stderr, "hopproof: %s\n", f.text);
        goto out;
    }
    c = compare_new(before, o->args[0], after, o->args[1]);
    status = c->verdict == VERDICT_FAIL ? STATUS_FAIL : STATUS_PASS;
    if (write_all(c, o) != 0)
        status = STATUS_INCOMPLETE;
out:
    compare_free(c);
    report_free(before);
    report_free(after);
    return status;
}
