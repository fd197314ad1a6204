/* prometheus: see prometheus.h; the text format is version 0.0.4 of the exposition formats. */
#include "reports/prometheus.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "diag/base/text.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The results to speak of: one for each endpoint and route, or two series would have one name. */
struct subject {
    const struct report *r;
    const struct result **results;
    size_t n;
};

static void begin(struct buf *out, const char *name, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* name="value" with a comma in front of all but the first label. */
static void label(struct buf *out, bool first, const char *name, const char *value)
{
    struct arena *a = arena_new();
    const char *s = value == NULL ? "" : value;

    if (!text_is_printable(s))
        s = text_printable(a, s, strlen(s), strlen(s) * 4 + 4);
    buf_printf(out, "%s%s=\"", first ? "{" : ",", name);
    for (; *s != '\0'; s++) {
        if (*s == '\\' || *s == '"')
            buf_char(out, '\\');
        buf_char(out, *s);
    }
    buf_char(out, '"');
    arena_free(a);
}

static void whose(struct buf *out, const char *name, const struct result *result)
{
    buf_str(out, name);
    label(out, true, "endpoint", result->endpoint);
    label(out, false, "route", result->route);
    label(out, false, "required", result->required ? "true" : "false");
}

static void seconds(struct buf *out, int64_t us)
{
    buf_printf(out, "} %" PRId64 ".%06d\n", us / 1000000, (int)(us % 1000000));
}

static bool is_normal(const struct step *s, enum step_kind kind)
{
    return s->step == kind && s->experiment == EXPERIMENT_NONE && s->outcome != OUTCOME_NONE;
}

/* The longest step of a kind: the one that a user waited for. -1 when there was none. */
static int64_t longest(const struct result *result, enum step_kind kind)
{
    int64_t us = -1;

    for (size_t i = 0; i < result->n_steps; i++) {
        if (is_normal(result->steps[i], kind) && result->steps[i]->duration_us > us)
            us = result->steps[i]->duration_us;
    }
    return us;
}

/* The handshake with the endpoint: the last one that showed certificates. */
static const struct tls_detail *handshake(const struct result *result)
{
    for (size_t i = result->n_steps; i > 0; i--) {
        const struct tls_detail *d = step_tls(result->steps[i - 1]);

        if (d != NULL && is_normal(result->steps[i - 1], STEP_TLS) && d->n_chain > 0)
            return d;
    }
    return NULL;
}

static void draw_success(const struct subject *s, struct buf *out)
{
    begin(out, "probe_success", "Displays whether or not the probe was a success");
    for (size_t i = 0; i < s->n; i++) {
        enum verdict v = s->results[i]->verdict;

        if (v == VERDICT_SKIP)
            continue; /* not tested is neither */
        whose(out, "probe_success", s->results[i]);
        buf_printf(out, "} %d\n", v != VERDICT_FAIL);
    }
}

static void draw_durations(const struct subject *s, struct buf *out)
{
    begin(out, "probe_duration_seconds", "Returns how long the probe took to complete in seconds");
    for (size_t i = 0; i < s->n; i++) {
        if (s->results[i]->duration_us < 0 || s->results[i]->verdict == VERDICT_SKIP)
            continue;
        whose(out, "probe_duration_seconds", s->results[i]);
        seconds(out, s->results[i]->duration_us);
    }
    begin(out, "probe_dns_lookup_time_seconds",
          "Returns the time taken for probe dns lookup in seconds");
    for (size_t i = 0; i < s->n; i++) {
        int64_t us = longest(s->results[i], STEP_RESOLVE);

        if (us < 0)
            continue;
        whose(out, "probe_dns_lookup_time_seconds", s->results[i]);
        seconds(out, us);
    }
    begin(out, "hopproof_step_duration_seconds",
          "The longest step of each kind, experiments aside");
    for (size_t i = 0; i < s->n; i++) {
        for (size_t kind = 0; kind < step_kind_names.n; kind++) {
            int64_t us = longest(s->results[i], (enum step_kind)kind);

            if (us < 0)
                continue;
            whose(out, "hopproof_step_duration_seconds", s->results[i]);
            label(out, false, "step", step_kind_names.words[kind]);
            seconds(out, us);
        }
    }
}

static int64_t earliest_expiry(const struct tls_detail *d)
{
    int64_t earliest = INT64_MAX;

    for (size_t i = 0; i < d->n_chain; i++) {
        int64_t t = d->chain[i]->not_after == NULL ? INT64_MIN
                                                   : clock_parse_rfc3339(d->chain[i]->not_after);

        if (t != INT64_MIN && t < earliest)
            earliest = t;
    }
    return earliest;
}

static void draw_tls(const struct subject *s, struct buf *out)
{
    begin(out, "probe_ssl_earliest_cert_expiry", "Returns last SSL chain expiry in unixtime");
    for (size_t i = 0; i < s->n; i++) {
        const struct tls_detail *d = handshake(s->results[i]);

        if (d == NULL || earliest_expiry(d) == INT64_MAX)
            continue;
        whose(out, "probe_ssl_earliest_cert_expiry", s->results[i]);
        buf_printf(out, "} %" PRId64 "\n", earliest_expiry(d));
    }
    begin(out, "probe_tls_version_info", "Returns the TLS version used");
    for (size_t i = 0; i < s->n; i++) {
        const struct tls_detail *d = handshake(s->results[i]);

        if (d == NULL || d->version == NULL)
            continue;
        whose(out, "probe_tls_version_info", s->results[i]);
        /* blackbox_exporter writes "TLS 1.3" */
        label(out, false, "version",
              strcmp(d->version, "TLSv1.3") == 0   ? "TLS 1.3"
              : strcmp(d->version, "TLSv1.2") == 0 ? "TLS 1.2"
                                                   : d->version);
        buf_str(out, "} 1\n");
    }
}

static void draw_protocol(const struct subject *s, struct buf *out)
{
    begin(out, "probe_ip_protocol", "Specifies whether probe ip protocol is IP4 or IP6");
    for (size_t i = 0; i < s->n; i++) {
        const struct result *result = s->results[i];

        for (size_t k = 0; k < result->n_steps; k++) {
            const struct step *step = result->steps[k];

            if (!is_normal(step, STEP_CONNECT) || step->verdict == VERDICT_FAIL ||
                step->address == NULL)
                continue;
            whose(out, "probe_ip_protocol", result);
            buf_printf(out, "} %d\n", step->address[0] == '[' ? 6 : 4);
            break;
        }
    }
}

static void draw_causes(const struct subject *s, struct buf *out)
{
    begin(out, "hopproof_result_info", "Verdict of each result, with its cause and place");
    for (size_t i = 0; i < s->n; i++) {
        const struct result *result = s->results[i];

        whose(out, "hopproof_result_info", result);
        label(out, false, "verdict", names_word(&verdict_names, (int)result->verdict));
        label(out, false, "cause", names_word(&cause_names, (int)result->cause));
        label(out, false, "at", result->at);
        buf_str(out, "} 1\n");
    }
}

static bool same(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool seen_before(const struct report *r, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (r->findings[k]->cause == r->findings[i]->cause &&
            r->findings[k]->severity == r->findings[i]->severity &&
            same(r->findings[k]->at, r->findings[i]->at) &&
            same(r->findings[k]->owner, r->findings[i]->owner))
            return true;
    }
    return false;
}

static void draw_findings(const struct report *r, struct buf *out)
{
    begin(out, "hopproof_finding_results", "Number of results that each finding explains");
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct finding *f = r->findings[i];

        if (seen_before(r, i))
            continue;
        buf_str(out, "hopproof_finding_results");
        label(out, true, "cause", names_word(&cause_names, (int)f->cause));
        label(out, false, "at", f->at);
        label(out, false, "owner", f->owner);
        label(out, false, "severity", names_word(&severity_names, (int)f->severity));
        buf_printf(out, "} %zu\n", f->n_results);
    }
}

static void draw_run(const struct report *r, struct buf *out)
{
    const struct counts *c = r->summary->required;
    const int64_t numbers[] = {[VERDICT_SKIP] = c->skip,
                               [VERDICT_PASS] = c->pass,
                               [VERDICT_WARN] = c->warn,
                               [VERDICT_FAIL] = c->fail};
    const int64_t finished = clock_parse_rfc3339(r->run->finished == NULL ? "" : r->run->finished);

    begin(out, "hopproof_required_results", "Required results by verdict");
    for (size_t v = 0; v < verdict_names.n; v++)
        buf_printf(out, "hopproof_required_results{verdict=\"%s\"} %" PRId64 "\n",
                   verdict_names.words[v], numbers[v] == INT_UNKNOWN ? 0 : numbers[v]);
    begin(out, "hopproof_run_complete", "Whether every part of the run could be done");
    buf_printf(out, "hopproof_run_complete %d\n", r->run->complete);
    if (r->run->duration_us >= 0) {
        begin(out, "hopproof_run_duration_seconds", "Duration of the run");
        buf_printf(out, "hopproof_run_duration_seconds %" PRId64 ".%06d\n",
                   r->run->duration_us / 1000000, (int)(r->run->duration_us % 1000000));
    }
    if (finished != INT64_MIN) { /* to alert on a timer that no longer fires */
        begin(out, "hopproof_run_finished_timestamp_seconds", "When the run ended, in unixtime");
        buf_printf(out, "hopproof_run_finished_timestamp_seconds %" PRId64 "\n", finished);
    }
    begin(out, "hopproof_build_info", "Version of the program");
    buf_str(out, "hopproof_build_info");
    label(out, true, "version", r->tool->version);
    buf_str(out, "} 1\n");
}

void prometheus_draw(const struct report *r, struct buf *out)
{
    struct arena *a = arena_new();
    const struct route **routes = words_routes(r, a);
    const size_t *matrix = words_matrix(r, routes, a);
    struct subject s = {.r = r};

    for (size_t i = 0; i < r->n_endpoints * r->n_routes; i++) {
        if (matrix[i] != 0)
            list_push(a, s.results, s.n, r->results[matrix[i] - 1]);
    }
    draw_success(&s, out);
    draw_durations(&s, out);
    draw_tls(&s, out);
    draw_protocol(&s, out);
    draw_causes(&s, out);
    draw_findings(r, out);
    draw_run(r, out);
    arena_free(a);
}
