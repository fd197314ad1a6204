/* junit: see junit.h; the elements are those of the Jenkins xUnit schema. */
#include "reports/junit.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "reports/page.h"
#include "reports/words.h"

#include <inttypes.h>
#include <string.h>

struct tally {
    size_t tests, failures, skipped;
    int64_t us;
};

static bool fails(const struct result *result)
{
    return result->required && result->verdict == VERDICT_FAIL;
}

/* Not a pass, and not allowed to break a build. */
static bool is_skipped(const struct result *result)
{
    return result->verdict == VERDICT_SKIP ||
           (!result->required && result->verdict == VERDICT_FAIL);
}

static void count(struct tally *t, const struct result *result)
{
    t->tests++;
    t->failures += fails(result);
    t->skipped += is_skipped(result);
    /* The sum of a hostile file's numbers must not overflow. */
    if (result->duration_us > 0 && result->duration_us < INT64_C(1000000000000))
        t->us += result->duration_us;
}

static struct tally tally_of(const struct report *r, const struct endpoint *e)
{
    struct tally t = {0};

    for (size_t i = 0; i < r->n_results; i++) {
        if (e == NULL || r->results[i]->of_endpoint == e)
            count(&t, r->results[i]);
    }
    return t;
}

static void seconds(struct buf *out, int64_t us)
{
    us = us < 0 ? 0 : us; /* unknown is negative too */
    buf_printf(out, " time=\"%" PRId64 ".%06d\"", us / 1000000, (int)(us % 1000000));
}

static void attribute(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_printf(out, " %s=\"", name);
    page_text(out, value);
    buf_char(out, '"');
}

static void numbers(struct buf *out, const struct tally *t)
{
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", t->tests,
               t->failures, t->skipped);
    seconds(out, t->us);
}

static void line(struct buf *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    buf_printf(out, "%s: ", label);
    page_text(out, text);
    buf_char(out, '\n');
}

/* What the reader of a failed build needs without opening anything else. */
static void story(struct buf *out, const struct result *result)
{
    line(out, "Seen", result->summary);
    line(out, "At", result->at);
    for (size_t i = 0; i < result->n_evidence; i++)
        line(out, "Because", result->evidence[i]);
    for (size_t i = 0; i < result->n_ruled_out; i++)
        line(out, "Not", result->ruled_out[i]);
    line(out, "Do", result->remedy);
    line(out, "Test again", result->retest);
}

static void draw_case(struct buf *out, const struct result *result)
{
    const char *cause = names_word(&cause_names, (int)result->cause);

    buf_str(out, "    <testcase");
    attribute(out, "classname", result->endpoint);
    attribute(out, "name", result->route);
    seconds(out, result->duration_us);
    buf_str(out, ">");
    if (fails(result)) {
        buf_str(out, "\n      <failure");
        attribute(out, "type", cause == NULL ? "fail" : cause);
        attribute(out, "message", result->summary == NULL ? "" : result->summary);
        buf_str(out, ">");
        story(out, result);
        buf_str(out, "</failure>\n    ");
    } else if (is_skipped(result)) {
        buf_str(out, "\n      <skipped message=\"");
        buf_str(out, result->verdict == VERDICT_SKIP ? "not tested" : "for information: fails");
        buf_printf(out, "%s%s%s", cause == NULL ? "" : " (", cause == NULL ? "" : cause,
                   cause == NULL ? "" : ")");
        if (result->summary != NULL)
            buf_str(out, ": ");
        page_text(out, result->summary);
        buf_str(out, "\"/>\n    ");
    } else if (result->verdict == VERDICT_WARN) {
        buf_printf(out, "\n      <system-out>Warning: %s\n", cause == NULL ? "" : cause);
        story(out, result);
        buf_str(out, "</system-out>\n    ");
    }
    buf_str(out, "</testcase>\n");
}

static void property(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_printf(out, "      <property name=\"%s\"", name);
    attribute(out, "value", value);
    buf_str(out, "/>\n");
}

static void draw_suite(const struct report *r, const struct endpoint *e, struct buf *out)
{
    const struct tally t = tally_of(r, e);

    if (t.tests == 0)
        return;
    buf_str(out, "  <testsuite");
    attribute(out, "name", e->id);
    attribute(out, "hostname", r->site->sensor == NULL ? "sensor" : r->site->sensor);
    if (r->run->started != NULL && strlen(r->run->started) >= 19) {
        char stamp[20];

        memcpy(stamp, r->run->started, 19); /* the schema knows no fractions and no zone */
        stamp[19] = '\0';
        attribute(out, "timestamp", stamp);
    }
    numbers(out, &t);
    buf_str(out, ">\n    <properties>\n");
    property(out, "service", e->service);
    property(out, "site", r->site->name);
    property(out, "run", r->run->id);
    property(out, "hopproof", r->tool->version);
    /* A build that only counts failures must be able to see that there was more to test. */
    property(out, "complete", r->run->complete ? "true" : "false");
    for (size_t i = 0; !r->run->complete && i < r->run->n_notes; i++)
        property(out, "note", r->run->notes[i]);
    buf_str(out, "    </properties>\n");
    for (size_t i = 0; i < r->n_results; i++) {
        if (r->results[i]->of_endpoint == e)
            draw_case(out, r->results[i]);
    }
    buf_str(out, "  </testsuite>\n");
}

void junit_draw(const struct report *r, struct buf *out)
{
    const struct tally all = tally_of(r, NULL);

    buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hopproof\"");
    numbers(out, &all);
    buf_str(out, ">\n");
    for (size_t i = 0; i < r->n_endpoints; i++)
        draw_suite(r, r->endpoints[i], out);
    buf_str(out, "</testsuites>\n");
}
