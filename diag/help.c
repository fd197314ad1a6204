/* help: see help.h; the manual page is in manual.c. */
#include "diag/help.h"

#include "diag/options.h"

#include <stdbool.h>
#include <string.h>

enum { WIDTH = 80, HELP_COLUMN = 28 };

const char *const help_groups[GROUP_COUNT] = {
    [GROUP_INPUT] = "What to check",
    [GROUP_ROUTE] = "How it is reached",
    [GROUP_EFFORT] = "Time and effort",
    [GROUP_EVIDENCE] = "Evidence",
    [GROUP_REPORTS] = "Reports and exit status",
    [GROUP_GENERAL] = "General",
};

/* Words of `text` between the columns `indent` and WIDTH; the first line begins at `column`. */
static void print_wrapped(const char *text, size_t indent, size_t column, FILE *out)
{
    bool first = true;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (!first && column + 1 + len > WIDTH - 1) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        column += (size_t)fprintf(out, "%s%.*s", first ? "" : " ", (int)len, text);
        first = false;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_option(const struct option_row *row, FILE *out)
{
    size_t column = 0;

    if (row->letter != 0)
        column += (size_t)fprintf(out, "  -%c, --%s", row->letter, row->name);
    else
        column += (size_t)fprintf(out, "      --%s", row->name);
    if (row->argument != NULL)
        column += (size_t)fprintf(out, " %s", row->argument);
    if (column + 2 > HELP_COLUMN) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", (int)(HELP_COLUMN - column), "");
    print_wrapped(row->help, HELP_COLUMN, HELP_COLUMN, out);
}

void help_command(const struct subcommand *command, FILE *out)
{
    fprintf(out, "Usage: hopproof %s [options]%s%s\n\n", command->name,
            command->arguments[0] != '\0' ? " " : "", command->arguments);
    print_wrapped(command->about, 0, 0, out);
    for (int group = 0; group < GROUP_COUNT; group++) {
        bool headed = false;

        for (size_t i = 0; i < n_option_rows; i++) {
            const struct option_row *row = &option_rows[i];

            if (row->group != (enum option_group)group || (row->commands & command->bit) == 0)
                continue;
            if (!headed)
                fprintf(out, "\n%s:\n", help_groups[group]);
            headed = true;
            print_option(row, out);
        }
    }
}

void help_program(const struct subcommand *commands, size_t n, FILE *out)
{
    fputs("hopproof: connectivity diagnostics with packets as proof\n\n"
          "Usage: hopproof COMMAND [options] [arguments]\n\nCommands:\n",
          out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "  %-12s%s\n", commands[i].name, commands[i].help);
    fputs("\nhopproof COMMAND --help   options of a command\n"
          "hopproof --version        the version\n"
          "hopproof --man            the manual page, as in: hopproof --man | man -l -\n\n"
          "Exit status: 0 all required results passed; 1 at least one failed; 2 bad usage\n"
          "or input, nothing was probed; 3 the run could not be completed, or nothing\n"
          "required could be tested.\n",
          out);
}
