/*
 * Saved reports: whatever a file holds, it is refused with advice or it can be drawn in every
 * format, written and read again as the same, compared, counted in a fleet, and redacted.
 */
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "reports/compare.h"
#include "reports/fleet.h"
#include "reports/formats.h"
#include "reports/json.h"
#include "reports/json_skim.h"
#include "reports/redact.h"
#include "tests/fuzz/fuzz.h"

static void draw_all(const struct report *r)
{
    const struct format_needs needs = {.style = {.color = true, .verbose = true}};

    for (size_t i = 0; format_at(i) != NULL; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);

        MUST(out != NULL && format_at(i)->draw(r, &needs, out) == 0);
        fclose(out);
        MUST(len == strlen(text));
        free(text);
    }
}

static void in_company(const struct report *r)
{
    struct comparison *c = compare_new(r, "a", r, "b");
    struct fleet *f = fleet_new();
    struct buf out;

    MUST(c->required->broke == 0);
    buf_init(&out, 1 << 26);
    compare_text(c, (struct text_style){.verbose = true}, &out);
    compare_html(c, &out);
    fleet_add(f, "a", r);
    fleet_add(f, "b", r);
    fleet_finish(f);
    fleet_text(f, (struct text_style){.verbose = true}, &out);
    fleet_html(f, &out);
    buf_free(&out);
    fleet_free(f);
    compare_free(c);
}

static void again(const struct report *r)
{
    struct report *copy = NULL;
    struct buf one, two;

    buf_init(&one, 1 << 26);
    buf_init(&two, 1 << 26);
    MUST(json_write_buf(r, &one) == 0);
    MUST(json_read_bytes("again", one.data, one.len, &copy, NULL) == 0);
    MUST(json_write_buf(copy, &two) == 0);
    MUST(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    report_free(copy);
    buf_free(&one);
    buf_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct redactor *redactor = redact_new();
    struct report *r = NULL;
    struct fault f = {""};
    char *copy = malloc(size + 1);

    if (json_read_bytes("fuzz", data, size, &r, &f) == 0) {
        draw_all(r);
        again(r);
        in_company(r);
        redact_report(redactor, r);
        draw_all(r);
        report_free(r);
    } else {
        MUST(strstr(f.text, "; ") != NULL);
    }
    memcpy(copy, data, size);
    size = json_skim(copy, size);
    if (json_read_bytes("outline", copy, size, &r, NULL) == 0)
        report_free(r);
    free(copy);
    redact_free(redactor);
    return 0;
}
