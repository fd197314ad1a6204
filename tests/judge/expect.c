/* expect: see expect.h. */
#include "tests/judge/expect.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/judge/judge.h"
#include "reports/json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct case_file {
    char *path, *report; /* its JSON text: each judgement begins with a fresh report */
    json_t *expect;
};

struct comparing {
    const struct case_file *c;
    struct report *r;
    bool quiet, failed;
};

struct case_file *case_read(const char *path)
{
    struct case_file *c = calloc(1, sizeof *c);
    json_error_t error;
    json_t *all = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    json_t *report = json_object_get(all, "report"), *expect = json_object_get(all, "expect");

    if (c == NULL || !json_is_object(report) || !json_is_object(expect) ||
        !json_is_string(json_object_get(all, "story"))) {
        fprintf(stderr, "%s:%d: %s\n", path, all == NULL ? error.line : 1,
                all == NULL ? error.text : "story, report or expect is missing");
        json_decref(all);
        free(c);
        return NULL;
    }
    c->path = strdup(path);
    c->report = json_dumps(report, JSON_COMPACT);
    c->expect = json_incref(expect);
    json_decref(all);
    return c;
}

void case_free(struct case_file *c)
{
    if (c == NULL)
        return;
    free(c->path);
    free(c->report);
    json_decref(c->expect);
    free(c);
}

const char *case_path(const struct case_file *c)
{
    return c->path;
}

static void differ(struct comparing *x, const char *what, const char *wanted, const char *got)
{
    if (!x->failed && !x->quiet)
        printf("FAIL %s\n", x->c->path);
    x->failed = true;
    if (!x->quiet)
        printf("     %s: expected \"%s\", got \"%s\"\n", what, wanted, got);
}

static const char *verdict_text(struct comparing *x, enum verdict v, enum cause cause,
                                const char *at)
{
    if (cause == CAUSE_NONE && at == NULL)
        return names_word(&verdict_names, (int)v);
    return arena_printf(x->r->arena, "%s %s at %s", names_word(&verdict_names, (int)v),
                        cause == CAUSE_NONE ? "nothing" : cause_info(cause)->code,
                        at != NULL ? at : "nowhere");
}

static const char *reach_text(struct comparing *x, const struct reach *reach)
{
    return verdict_text(x, reach->verdict, reach->cause, reach->at);
}

static const char *result_text(struct comparing *x, size_t i)
{
    const struct result *r = x->r->results[i];

    return verdict_text(x, r->verdict, r->cause, r->at);
}

static const char *hop_text(struct comparing *x, size_t i)
{
    const struct hop *hop = x->r->hops[i];
    const char *from_sensor = reach_text(x, hop->from_sensor);

    if (i == 0)
        return from_sensor;
    return arena_printf(x->r->arena, "%s, from the one before: %s", from_sensor,
                        reach_text(x, hop->from_previous));
}

static const char *legs_text(struct comparing *x, size_t i)
{
    const struct result *r = x->r->results[i];
    const char *text = "";

    for (size_t k = 0; k < r->n_legs; k++)
        text = arena_printf(x->r->arena, "%s%s%s", text, k > 0 ? " " : "",
                            names_word(&verdict_names, (int)r->legs[k]->verdict));
    return text;
}

static const char *finding_text(struct comparing *x, size_t i)
{
    const struct finding *f = x->r->findings[i];
    const char *text = arena_printf(
        x->r->arena, "%s %s at %s by %s:", names_word(&severity_names, (int)f->severity),
        cause_info(f->cause)->code, f->at, f->owner);

    for (size_t k = 0; k < f->n_results; k++)
        text = arena_printf(x->r->arena, "%s %lld", text, (long long)f->results[k]);
    return text;
}

static const char *resigner_text(struct comparing *x, size_t i)
{
    const struct result *r = x->r->results[i];

    for (size_t k = 0; k < r->n_steps; k++) {
        if (step_tls(r->steps[k]) != NULL && step_tls(r->steps[k])->resigner != NULL)
            return step_tls(r->steps[k])->resigner;
    }
    return "";
}

typedef const char *item_text(struct comparing *x, size_t i);

/* Compare a list item by item; null in the case is not compared. `whole`: the length counts. */
static void compare_list(struct comparing *x, const char *key, size_t n, item_text *text,
                         bool whole)
{
    const json_t *wanted = json_object_get(x->c->expect, key);
    size_t n_wanted = json_array_size(wanted);

    if (wanted == NULL)
        return;
    for (size_t i = 0; i < n || i < n_wanted; i++) {
        const char *w = json_string_value(json_array_get(wanted, i));
        const char *got = i < n ? text(x, i) : "nothing";
        char what[64];

        snprintf(what, sizeof what, "%s[%zu]", key, i);
        if (i >= n_wanted ? whole : w != NULL && strcmp(w, got) != 0)
            differ(x, what, w != NULL ? w : "nothing", got);
    }
}

/* " / evidence, …  / not ruled out, … / $ command to test again" */
static const char *evidence_text(struct comparing *x, const struct result *r)
{
    const char *text = "";

    for (size_t k = 0; k < r->n_evidence; k++)
        text = arena_printf(x->r->arena, "%s / %s", text, r->evidence[k]);
    for (size_t k = 0; k < r->n_ruled_out; k++)
        text = arena_printf(x->r->arena, "%s / not %s", text, r->ruled_out[k]);
    return arena_printf(x->r->arena, "%s / $ %s /", text,
                        r->retest != NULL ? r->retest : "nothing");
}

/*
 * "INDEX: words" stand in the result's texts (summary, remedy, ruled out, retest), "finding INDEX:
 * words" in a finding's; under the key "unsaid" they do not.
 */
static void compare_words(struct comparing *x, const char *key, bool there)
{
    const json_t *says = json_object_get(x->c->expect, key);

    for (size_t i = 0; i < json_array_size(says); i++) {
        const char *s = json_string_value(json_array_get(says, i));
        bool finding = strncmp(s, "finding ", 8) == 0;
        char *end;
        size_t index = strtoul(finding ? s + 8 : s, &end, 10);
        const char *texts[3] = {"", "", ""}, *all;

        if (finding && index < x->r->n_findings) {
            texts[0] = x->r->findings[index]->explanation;
            texts[1] = x->r->findings[index]->remedy;
        } else if (!finding && index < x->r->n_results) {
            texts[0] = x->r->results[index]->summary;
            texts[1] = x->r->results[index]->remedy;
            texts[2] = evidence_text(x, x->r->results[index]);
        }
        all = arena_printf(x->r->arena, "%s / %s%s", texts[0], texts[1] != NULL ? texts[1] : "",
                           texts[2]);
        if (end[0] != ':' || (strstr(all, end + 2) != NULL) != there)
            differ(x, key, s, all);
    }
}

/* {"code": true} where a sign-off needs the point. */
static void compare_needed(struct comparing *x)
{
    json_t *needed = json_object_get(x->c->expect, "needed"), *wanted;
    const char *code;

    json_object_foreach(needed, code, wanted)
    {
        const char *got = "absent";

        for (size_t i = 0; i < x->r->n_checklist; i++) {
            if (strcmp(x->r->checklist[i]->id, code) == 0)
                got = x->r->checklist[i]->needed ? "needed" : "for information";
        }
        if (strcmp(json_is_true(wanted) ? "needed" : "for information", got) != 0)
            differ(x, code, json_is_true(wanted) ? "needed" : "for information", got);
    }
}

/* {"code": "state"} of single points; "code: words" under "shows" stand in a point's evidence. */
static void compare_checklist(struct comparing *x)
{
    json_t *states = json_object_get(x->c->expect, "checklist"), *state;
    const json_t *shows = json_object_get(x->c->expect, "shows");
    const char *code;

    json_object_foreach(states, code, state)
    {
        const char *got = "absent";

        for (size_t i = 0; i < x->r->n_checklist; i++) {
            if (strcmp(x->r->checklist[i]->id, code) == 0)
                got = names_word(&point_state_names, (int)x->r->checklist[i]->state);
        }
        if (strcmp(json_string_value(state), got) != 0)
            differ(x, code, json_string_value(state), got);
    }
    for (size_t i = 0; i < json_array_size(shows); i++) {
        const char *s = json_string_value(json_array_get(shows, i)), *got = "absent";
        const char *words = strstr(s, ": ");

        for (size_t k = 0; words != NULL && k < x->r->n_checklist; k++) {
            const struct point *p = x->r->checklist[k];

            if (strlen(p->id) == (size_t)(words - s) && strncmp(p->id, s, strlen(p->id)) == 0)
                got = p->evidence;
        }
        if (words == NULL || strstr(got, words + 2) == NULL)
            differ(x, "shows", s, got);
    }
}

/* Whatever the case expects: no text may have a hole, no conclusion may be half. */
static void check_sanity(struct comparing *x)
{
    for (size_t i = 0; i < x->r->n_results; i++) {
        const struct result *r = x->r->results[i];
        bool bad = r->verdict == VERDICT_FAIL || r->verdict == VERDICT_WARN;
        bool told = false;

        if (r->summary == NULL || (bad && (r->remedy == NULL || r->cause == CAUSE_NONE)) ||
            ((r->cause == CAUSE_NONE) != (r->at == NULL)) ||
            (r->verdict == VERDICT_PASS && r->cause != CAUSE_NONE))
            differ(x, "result", "complete", result_text(x, i));
        for (size_t k = 0; k < x->r->n_findings; k++)
            for (size_t m = 0; m < x->r->findings[k]->n_results; m++)
                told = told || (x->r->findings[k]->cause == r->cause &&
                                x->r->findings[k]->results[m] == (int64_t)i);
        if (bad && !told)
            differ(x, "result", "a finding", "none");
    }
    for (size_t k = 0; k < x->r->n_findings; k++) {
        const struct finding *f = x->r->findings[k];

        if (strpbrk(f->explanation, "{}") != NULL || strpbrk(f->remedy, "{}") != NULL ||
            strstr(f->explanation, "..") != NULL || strstr(f->explanation, "  ") != NULL ||
            strstr(f->explanation, ": .") != NULL || strstr(f->explanation, "()") != NULL)
            differ(x, "finding", "texts without a hole", f->explanation);
    }
}

static void compare_wishes(struct comparing *x)
{
    const json_t *wanted = json_object_get(x->c->expect, "wishes");
    struct wish *wishes = NULL;
    size_t n;

    if (wanted == NULL)
        return;
    n = judge_wishes(x->r, &wishes);
    for (size_t i = 0; i < n || i < json_array_size(wanted); i++) {
        const char *w = json_string_value(json_array_get(wanted, i)), *got = "nothing";
        const char *more = i >= n ? NULL : wishes[i].to != NULL ? wishes[i].to : wishes[i].name;
        size_t index = 0;

        while (i < n && x->r->results[index] != wishes[i].result)
            index++;
        if (i < n)
            got = arena_printf(x->r->arena, "%zu %s%s%s", index,
                               names_word(&experiment_names, (int)wishes[i].what),
                               more != NULL ? " " : "", more != NULL ? more : "");
        if (w == NULL || strcmp(w, got) != 0)
            differ(x, "wishes", w != NULL ? w : "nothing", got);
    }
}

bool case_holds(const struct case_file *c, bool quiet)
{
    struct comparing x = {.c = c, .quiet = quiet};
    struct fault f = {0};
    const char *verdict = json_string_value(json_object_get(c->expect, "verdict"));

    if (json_read_bytes(c->path, c->report, strlen(c->report), &x.r, &f) != 0) {
        printf("FAIL %s: %s\n", c->path, f.text);
        return false;
    }
    compare_wishes(&x);
    judge_report(x.r);
    compare_list(&x, "results", x.r->n_results, result_text, false);
    compare_list(&x, "findings", x.r->n_findings, finding_text, true);
    compare_list(&x, "hops", x.r->n_hops, hop_text, false);
    compare_list(&x, "legs", x.r->n_results, legs_text, false);
    compare_list(&x, "resigner", x.r->n_results, resigner_text, false);
    compare_words(&x, "says", true);
    compare_words(&x, "unsaid", false);
    compare_checklist(&x);
    compare_needed(&x);
    check_sanity(&x);
    if (verdict != NULL &&
        strcmp(verdict, names_word(&verdict_names, (int)x.r->summary->verdict)) != 0)
        differ(&x, "verdict", verdict, names_word(&verdict_names, (int)x.r->summary->verdict));
    report_free(x.r);
    return !x.failed;
}

bool case_expects(const struct case_file *c, const char *code)
{
    static const char *const keys[] = {"results", "findings"};
    char with_blanks[64];

    snprintf(with_blanks, sizeof with_blanks, " %s at ", code);
    for (size_t k = 0; k < 2; k++) {
        const json_t *list = json_object_get(c->expect, keys[k]);

        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *s = json_string_value(json_array_get(list, i));

            if (s != NULL && strstr(s, with_blanks) != NULL)
                return true;
        }
    }
    return false;
}
