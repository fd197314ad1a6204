/*
 * cmd_advise: the vendor's choice of a connection method, from the facts of the site: those of the
 * site file and of --fact; what is missing is asked for where somebody sits at a terminal.
 */
#include "diag/advice.h"
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/commands.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/output.h"
#include "diag/prompt.h"
#include "reports/paper.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ADVICE_SCHEMA "hopproof.advice/1"

enum { OUTPUT_MAX = 1 << 16 };

/* --- the facts --- */

/* The n-th one given. */
static int read_fact(struct options *o, size_t n, struct fault *f)
{
    const char *text = o->facts[n];
    size_t len = strcspn(text, "=");
    const char *word = arena_strndup(o->arena, text, len), *near;
    int fact = names_value(&fact_names, word);
    bool yes = strcmp(text + len, "=yes") == 0;

    if (fact < 0) {
        near = text_nearest(word, fact_names.words, fact_names.n);
        if (near != NULL)
            return fault_set(f, "--fact: \"%s\" is not known; did you mean %s?",
                             text_printable(o->arena, word, len, 40), near);
        return fault_set(f, "--fact: \"%s\" is not known; hopproof advise --help lists them",
                         text_printable(o->arena, word, len, 40));
    }
    if (!yes && strcmp(text + len, "=no") != 0)
        return fault_set(f, "--fact: write %s=yes or %s=no", word, word);
    for (size_t i = 0; i < n; i++) { /* a site file may be overridden, the user's own words not */
        if (strncmp(o->facts[i], text, len + 1) == 0 && strcmp(o->facts[i], text) != 0)
            return fault_set(f, "--fact: %s is given as yes and as no; give it once", word);
    }
    o->site->facts[fact] = yes ? TRI_YES : TRI_NO;
    return 0;
}

/* "vpn, sla": the words of a set of facts. */
static const char *words_of(struct arena *a, unsigned set)
{
    const char *list = "";

    for (int i = 0; i < FACT_COUNT; i++) {
        if ((set & (1U << i)) != 0)
            list = arena_printf(a, "%s%s%s", list, *list != '\0' ? ", " : "", fact_names.words[i]);
    }
    return list;
}

/* With nobody to ask: what is missing now, and what the answer may make missing next. */
static void name_missing(struct options *o, enum fact missing, struct fault *f)
{
    const char *word = fact_names.words[missing];
    unsigned later = advice_open(o->site->facts) & ~(1U << missing);

    fault_set(
        f, "%s is not known. %s Give --fact %s=yes or --fact %s=no, or facts in the site file%s%s",
        word, fact_questions[missing], word, word, later != 0 ? "; depending on it also: " : "",
        words_of(o->arena, later));
}

/* Ask until a rule fits; every question may be the last one. */
static const struct advice_rule *decide(struct options *o, struct fault *f)
{
    bool terminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    const struct advice_rule *rule;
    enum fact missing;

    while ((rule = advice_find(o->site->facts, &missing)) == NULL) {
        bool yes;

        if (!terminal) {
            name_missing(o, missing, f);
            return NULL;
        }
        if (prompt_yes_no(fact_questions[missing], &yes, f) != 0)
            return NULL;
        o->site->facts[missing] = yes ? TRI_YES : TRI_NO;
    }
    return rule;
}

/* --- what to do next --- */

static bool is_over_private_link(const struct advice_rule *rule)
{
    return (rule->all & (1U << FACT_PRIVATE_ADDRESSES)) != 0;
}

/* As one word of a command line. */
static const char *shell_word(struct arena *a, const char *s)
{
    struct buf b;
    const char *word;

    buf_init(&b, OUTPUT_MAX);
    text_shell_word(&b, text_printable(a, s, strlen(s), PATH_MAX));
    word = arena_strndup(a, buf_text(&b), b.len);
    buf_free(&b);
    return word;
}

/* With the site file only what it lacks for the method. */
static const char *with_site_file(struct options *o, const struct advice_rule *rule)
{
    const struct site *s = o->site;
    const struct method_info *m = method_find(method_names.words[rule->method]);
    bool proxy = m->proxy == METHOD_PROXY_MUST || is_over_private_link(rule);
    const char *command =
        arena_printf(o->arena, "hopproof %s --site %s", s->legacy_hub != NULL ? "migrate" : "check",
                     shell_word(o->arena, o->site_file));
    bool endpoints = false;

    for (size_t i = 0; i < s->n_endpoints; i++)
        endpoints = endpoints || !s->endpoints[i]->optional;
    if (s->method == NULL || strcmp(s->method, m->word) != 0)
        command = arena_printf(o->arena, "%s --method %s", command, m->word);
    if (proxy && s->n_proxies == 0)
        command = arena_printf(o->arena, "%s%s", command,
                               rule->method == METHOD_PROXY_CHAIN
                                   ? " --proxy site=http://PROXY:3128 --proxy next=http://NEXT:3128"
                                   : " --proxy http://BALANCER:3128");
    return endpoints ? command : arena_printf(o->arena, "%s --endpoints FILE", command);
}

static const char *next_command(struct options *o, const struct advice_rule *rule)
{
    if (o->site_file != NULL)
        return with_site_file(o, rule);
    switch (rule->method) {
    case METHOD_DIRECT:
        return "hopproof check --method direct --endpoints FILE";
    case METHOD_AZURE_PROXY:
        return "hopproof check --method azure-proxy --proxy http://BALANCER:3128 --endpoints FILE";
    case METHOD_PROXY_CHAIN:
        return "hopproof check --method proxy-chain --proxy site=http://PROXY:3128 "
               "--proxy next=http://NEXT:3128 --endpoints FILE";
    case METHOD_MULTICLOUD:
        return is_over_private_link(rule)
                   ? "hopproof check --method multicloud --proxy http://BALANCER:3128 "
                     "--endpoints FILE"
                   : "hopproof check --method multicloud --endpoints FILE";
    case METHOD_LEGACY:
    case METHOD_COUNT:
        break;
    }
    return "";
}

static const char *page_of(struct arena *a, enum method method)
{
    return arena_printf(a, "docs/method-%s.md", method_names.words[method]);
}

/* "vpn yes, proxy_needed no". */
static const char *with_values(struct arena *a, unsigned set, const enum tri facts[FACT_COUNT])
{
    const char *text = "";

    for (int i = 0; i < FACT_COUNT; i++) {
        if ((set & (1U << i)) != 0)
            text = arena_printf(a, "%s%s%s %s", text, *text != '\0' ? ", " : "",
                                fact_names.words[i], facts[i] == TRI_YES ? "yes" : "no");
    }
    return text;
}

/* What a rule's answer rests on. */
static const char *grounds(struct arena *a, const struct advice_rule *rule,
                           const enum tri facts[FACT_COUNT])
{
    return with_values(a, advice_looks_at(rule, facts), facts);
}

/* What is known and did not matter, as far as it is more than a no. */
static const char *unused_facts(struct arena *a, const struct advice_rule *rule,
                                const enum tri facts[FACT_COUNT])
{
    unsigned set = 0;

    for (int i = 0; i < FACT_COUNT; i++)
        set |= facts[i] == TRI_YES ? 1U << i : 0;
    return with_values(a, set & ~advice_looks_at(rule, facts), facts);
}

static const char *conflict_text(struct arena *a, const struct advice_rule *conflict,
                                 const enum tri facts[FACT_COUNT])
{
    return arena_printf(a, "%s (%s)", conflict->reason, grounds(a, conflict, facts));
}

/* The methods that were not chosen, each once: by their rule that fits, else by their first. */
static const struct advice_rule *other_rule(enum method method, const enum tri facts[FACT_COUNT],
                                            enum tri *fits)
{
    const struct advice_rule *first = NULL;
    enum fact missing;

    *fits = TRI_NO;
    for (size_t i = 0; i < n_advice_rules; i++) {
        const struct advice_rule *rule = &advice_rules[i];
        enum tri answer;

        if (rule->method != method)
            continue;
        answer = advice_fits(rule, facts, &missing);
        if (first == NULL || (answer == TRI_YES && *fits != TRI_YES)) {
            first = rule;
            *fits = answer;
        }
    }
    return first;
}

/* --- output --- */

static const char *instead_text(struct arena *a, const struct advice_rule *chosen,
                                enum method method, const enum tri facts[FACT_COUNT])
{
    enum tri fits;
    const struct advice_rule *other = other_rule(method, facts, &fits);
    const char *why = grounds(a, other, facts);

    /* The chart for other clouds goes on there. */
    if (method == METHOD_AZURE_PROXY && is_over_private_link(chosen))
        return "azure-proxy is part of it: over the link between the clouds the sensor connects "
               "as with that method";
    return arena_printf(a, "%s %s%s%s%s", method_names.words[method],
                        fits == TRI_YES  ? "would fit too"
                        : fits == TRI_NO ? "does not fit"
                                         : "was not needed for the choice",
                        *why != '\0' ? " (" : "", why, *why != '\0' ? ")" : "");
}

static void draw(struct options *o, const struct advice_rule *rule, const struct paper *p)
{
    const struct site *s = o->site;
    const struct method_info *m = method_find(method_names.words[rule->method]);
    const struct advice_rule *conflict;

    paper_labelled(p, "Method",
                   arena_printf(o->arena, "%s: the sensor connects %s%s%s", m->word, m->through,
                                rule->way != NULL ? ", by " : "",
                                rule->way != NULL ? rule->way : ""));
    paper_labelled(p, "Because", rule->reason);
    paper_labelled(p, "Facts", grounds(o->arena, rule, s->facts));
    for (size_t next = 0; (conflict = advice_conflict(s->facts, &next)) != NULL;)
        paper_labelled(p, "Conflict", conflict_text(o->arena, conflict, s->facts));
    if (*unused_facts(o->arena, rule, s->facts) != '\0')
        paper_labelled(p, "Unused", unused_facts(o->arena, rule, s->facts));
    for (int i = 0; i < METHOD_COUNT; i++) {
        if (i != (int)rule->method && i != METHOD_LEGACY)
            paper_labelled(p, "Others", instead_text(o->arena, rule, (enum method)i, s->facts));
    }
    if (s->method != NULL && strcmp(s->method, m->word) != 0)
        paper_labelled(p, "Note",
                       arena_printf(o->arena, "the site file says method: %s", s->method));
    paper_labelled(p, "Guide", page_of(o->arena, rule->method));
    paper_spaces(p, 4);
    paper_command(p, 4, 8, next_command(o, rule));
}

static int print_text(struct options *o, const struct advice_rule *rule)
{
    struct buf out;
    const struct paper p = {&out, text_style_of(stdout, o->no_color, false), o->arena};
    int failed;

    buf_init(&out, OUTPUT_MAX);
    draw(o, rule, &p);
    failed = fwrite(buf_text(&out), 1, out.len, stdout) != out.len;
    buf_free(&out);
    return failed ? -1 : 0;
}

static json_t *tri_json(enum tri value)
{
    return value == TRI_UNKNOWN ? json_null() : json_boolean(value == TRI_YES);
}

static int print_json(struct options *o, const struct advice_rule *rule)
{
    const struct site *s = o->site;
    json_t *facts = json_object(), *others = json_array(), *conflicts = json_array(), *root;
    const struct advice_rule *conflict;
    int failed;

    for (int i = 0; i < FACT_COUNT; i++)
        json_object_set_new(facts, fact_names.words[i], tri_json(s->facts[i]));
    for (int i = 0; i < METHOD_COUNT; i++) {
        enum tri fits;
        const struct advice_rule *other;

        if (i == (int)rule->method || i == METHOD_LEGACY)
            continue;
        other = other_rule((enum method)i, s->facts, &fits);
        json_array_append_new(others, json_pack("{s:s, s:o, s:s}", "method", method_names.words[i],
                                                "fits", tri_json(fits), "facts",
                                                grounds(o->arena, other, s->facts)));
    }
    for (size_t next = 0; (conflict = advice_conflict(s->facts, &next)) != NULL;)
        json_array_append_new(conflicts, json_string(conflict_text(o->arena, conflict, s->facts)));
    root = json_pack("{s:s, s:s, s:s?, s:s, s:s?, s:o, s:o, s:o, s:[s], s:s}", "schema",
                     ADVICE_SCHEMA, "method", method_names.words[rule->method], "way", rule->way,
                     "reason", rule->reason, "site_method", s->method, "facts", facts, "conflicts",
                     conflicts, "others", others, "next", next_command(o, rule), "page",
                     page_of(o->arena, rule->method));
    failed = root == NULL || json_dumpf(root, stdout, JSON_INDENT(2)) != 0;
    json_decref(root);
    putchar('\n');
    return failed ? -1 : 0;
}

int cmd_advise(struct options *o)
{
    const struct advice_rule *rule;
    struct fault fault;
    int failed = 0;

    for (size_t i = 0; i < o->n_facts && failed == 0; i++)
        failed = read_fact(o, i, &fault);
    rule = failed == 0 ? decide(o, &fault) : NULL;
    if (rule == NULL) {
        fprintf(stderr, "hopproof: %s\n", fault.text);
        return STATUS_USAGE;
    }
    failed = o->as_json ? print_json(o, rule) : print_text(o, rule);
    return output_printed(failed != 0 ? STATUS_INCOMPLETE : STATUS_PASS);
}
