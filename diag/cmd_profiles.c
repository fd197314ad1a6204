/* cmd_profiles: the built-in endpoint lists, each line with its date and source. */
#include "diag/commands.h"

#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/options.h"
#include "diag/output.h"
#include "diag/site/profile.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 79 };

/* Words of `text`, every line indented. */
static void print_wrapped(const char *text, int indent)
{
    int column = 0;

    while (*text != '\0') {
        int len = (int)strcspn(text, " ");

        if (column > 0 && column + 1 + len > WIDTH) {
            putchar('\n');
            column = 0;
        }
        column +=
            column == 0 ? printf("%*s%.*s", indent, "", len, text) : printf(" %.*s", len, text);
        text += len;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_profile(const struct profile *p)
{
    printf("%s: %s%s\n", p->name, p->title,
           strcmp(p->name, PROFILE_DEFAULT) == 0 ? " (default)" : "");
    for (size_t i = 0; i < p->n_lines; i++) {
        const struct profile_line *line = &p->lines[i];
        char origin[300];

        printf("  %s:%u  %s%s\n", line->host, line->port, line->service,
               line->optional ? " (optional)" : "");
        snprintf(origin, sizeof origin, "%s: %s", line->date, line->source);
        print_wrapped(origin, 6);
    }
    if (p->advice != NULL)
        print_wrapped(p->advice, 2);
}

static json_t *profile_json(const struct profile *p)
{
    json_t *lines = json_array();

    for (size_t i = 0; i < p->n_lines; i++) {
        const struct profile_line *line = &p->lines[i];

        json_array_append_new(lines, json_pack("{s:s, s:i, s:s, s:b, s:b, s:b, s:s, s:s}", "host",
                                               line->host, "port", line->port, "service",
                                               line->service, "wildcard", line->host[0] == '*',
                                               "optional", line->optional, "tls", !line->plain,
                                               "date", line->date, "source", line->source));
    }
    return json_pack("{s:s, s:s, s:b, s:s?, s:o}", "name", p->name, "title", p->title, "default",
                     strcmp(p->name, PROFILE_DEFAULT) == 0, "advice", p->advice, "endpoints",
                     lines);
}

int cmd_profiles(struct options *o)
{
    const struct profile *all, *one = NULL;
    json_t *json = NULL;
    struct fault fault;
    size_t n;

    all = profiles(&n);
    if (o->n_args > 0) {
        one = profile_find(o->args[0], &fault);
        if (one == NULL) {
            fprintf(stderr, "hopproof: %s\n", fault.text);
            return STATUS_USAGE;
        }
    }
    if (o->as_json)
        json = json_array();
    for (size_t i = 0; i < n; i++) {
        if (one != NULL && one != &all[i])
            continue;
        if (json != NULL) {
            json_array_append_new(json, profile_json(&all[i]));
            continue;
        }
        if (i > 0 && one == NULL)
            putchar('\n');
        print_profile(&all[i]);
    }
    if (json != NULL) {
        json_dumpf(json, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(json);
    }
    return output_printed(STATUS_PASS);
}
