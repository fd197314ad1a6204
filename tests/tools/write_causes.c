/* Write docs/causes.md from the tables: write_causes > docs/causes.md */
#include "diag/model/cause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const places[] = {[PLACE_SENSOR] = "sensor",
                                     [PLACE_RESOLVER] = "resolver",
                                     [PLACE_HOP] = "the hop",
                                     [PLACE_LEG] = "the leg",
                                     [PLACE_ENDPOINT] = "endpoint"};

static const struct {
    const char *word, *meaning;
} outcomes[] =
    {
#define OUTCOME(name, word, meaning) {word, meaning},
#include "diag/model/outcome.def"
#undef OUTCOME
},
  experiments[] = {
#define EXPERIMENT(name, word, ...) {word, __VA_ARGS__},
#include "diag/model/experiment.def"
#undef EXPERIMENT
};

/* The words that the judge fills in stand in braces; as code they are told from the text. */
static void print_text(const char *label, const char *text)
{
    printf("%s", label);
    for (; *text != '\0'; text++) {
        if (*text == '{')
            putchar('`');
        else if (*text == '}')
            putchar('`');
        else if (*text == '<' || *text == '>' || *text == '*' || *text == '_')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
    printf("\n\n");
}

static void print_cause(enum cause cause)
{
    const struct cause_info *c = cause_info(cause);

    printf("### %s\n\n", c->code);
    printf("**%s.** ", c->title);
    print_text("", c->explanation);
    print_text("Remedy: ", c->remedy);
    if (cause_remedy(cause, true) != c->remedy) {
        print_text("Where the sensor's own system does it: ", cause_explanation(cause, true));
        print_text("Remedy then: ", cause_remedy(cause, true));
    }
    printf("At: %s · severity: %s · who has to act: %s · the sensor's own class: %s\n\n",
           places[c->place],
           c->severity == SEVERITY_NONE ? "none" : severity_names.words[c->severity],
           owner_names.words[c->owner], sensor_class_names.words[c->sensor_class]);
}

int main(void)
{
    puts("# Causes\n\n"
         "Made from `diag/model/cause.def` by `write_causes`; do not edit. A cause is why a result "
         "is not a\npass. Words `like this` inside the texts are filled in for each finding.\n");
    for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++)
        printf("- [%s](#%s): %s\n", cause_info((enum cause)i)->code,
               cause_info((enum cause)i)->code, cause_info((enum cause)i)->title);
    puts("\n## What each one means, and what to do\n");
    for (int i = CAUSE_NONE + 1; i < CAUSE_COUNT; i++)
        print_cause((enum cause)i);
    puts("## Outcomes\n\nWhat a step observed, before anybody judged it "
         "(`diag/model/outcome.def`).\n\n| outcome | meaning |\n| --- | --- |");
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        printf("| %s | %s |\n", outcomes[i].word, outcomes[i].meaning);
    puts("\n## Experiments\n\nThe one thing more that is tried when several causes fit "
         "(`diag/model/experiment.def`).\n\n| experiment | meaning |\n| --- | --- |");
    for (size_t i = 0; i < sizeof experiments / sizeof experiments[0]; i++) {
        if (experiments[i].word != NULL)
            printf("| %s | %s |\n", experiments[i].word, experiments[i].meaning);
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
