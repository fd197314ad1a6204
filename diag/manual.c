/* manual: the manual page out of the tables of commands and options; help.h. */
#include "diag/help.h"
#include "diag/options.h"

#include <stdbool.h>
#include <string.h>

/* Text for roff: a "-" is a minus that can be copied, a "\" is one, no line begins a request. */
static void put(const char *text, FILE *out)
{
    bool line_start = true;

    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        line_start = *text == '\n';
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
    }
}

/* Running text in short lines, so that a change of the page is a small difference. */
static void put_paragraph(const char *text, FILE *out)
{
    size_t column = 0;

    while (*text != '\0') {
        char word[256];
        size_t len = strcspn(text, " ");

        if (column > 0 && column + len > 90) {
            fputc('\n', out);
            column = 0;
        }
        snprintf(word, sizeof word, "%s%.*s", column > 0 ? " " : "", (int)len, text);
        put(word, out);
        column += len + 1;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void put_option(const struct option_row *row, FILE *out)
{
    fputs(".TP\n", out);
    if (row->letter != 0)
        fprintf(out, "\\fB\\-%c\\fR, ", row->letter);
    fputs("\\fB\\-\\-", out);
    put(row->name, out);
    fputs("\\fR", out);
    if (row->argument != NULL) {
        fputs(" \\fI", out);
        put(row->argument, out);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_paragraph(row->help, out);
}

static void put_command(const struct subcommand *c, FILE *out)
{
    fprintf(out, ".SH \"HOPPROOF ");
    for (const char *p = c->name; *p != '\0'; p++)
        fputc(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p, out);
    fputs("\"\n", out);
    put_paragraph(c->about, out);
    if ((c->bit & (c->bit - 1)) != 0) { /* one that is another one as well */
        put_paragraph("The options are those of hopproof check.", out);
        return;
    }
    for (int group = 0; group < GROUP_COUNT; group++) {
        bool headed = false;

        for (size_t i = 0; i < n_option_rows; i++) {
            const struct option_row *row = &option_rows[i];

            if (row->group != (enum option_group)group || (row->commands & c->bit) == 0)
                continue;
            if (!headed)
                fprintf(out, ".SS %s\n", help_groups[group]);
            headed = true;
            put_option(row, out);
        }
    }
}

static void put_item(const char *term, const char *text, FILE *out)
{
    fputs(".TP\n\\fB", out);
    put(term, out);
    fputs("\\fR\n", out);
    put_paragraph(text, out);
}

static void put_example(const char *command, const char *text, FILE *out)
{
    put_paragraph(text, out);
    fputs(".PP\n.RS 4\n.nf\n", out);
    put(command, out);
    fputs("\n.fi\n.RE\n.PP\n", out);
}

static void put_rest(FILE *out)
{
    fputs(".SH \"EXIT STATUS\"\n", out);
    put_item("0", "Every required result passed; warnings are allowed unless --strict is given.",
             out);
    put_item("1", "At least one required result failed.", out);
    put_item("2", "Bad usage, or input that cannot be read or understood; nothing was probed.",
             out);
    put_item("3",
             "The run could not be completed: the deadline was hit, packets could not be recorded "
             "although --interface was given, or memory ran out.",
             out);
    fputs(".SH ENVIRONMENT\n", out);
    put_item("HOPPROOF_PROXY_PASSWORD",
             "Password for every proxy that has a user and no password file. It is removed from "
             "the environment at the start.",
             out);
    put_item("NO_COLOR", "When set and not empty, no colours are used.", out);
    fputs(".SH FILES\n", out);
    put_item("/etc/resolv.conf",
             "The DNS servers, unless --resolver or the site file names others.", out);
    put_item("/etc/hosts", "Names that bypass DNS; used with the system's DNS servers only.", out);
    fputs(".SH EXAMPLES\n", out);
    put_example("hopproof check", "What does this machine reach of Defender for IoT, directly?",
                out);
    put_example("hopproof check --endpoints endpoints.json \\\n"
                "    --proxy http://sensor@10.1.0.4:3128 \\\n"
                "    --proxy-password-file proxy.pw --json report.json",
                "The endpoints of the portal's file, through a proxy with a password:", out);
    put_example("hopproof check --site plant-7.yaml --require hop1 \\\n"
                "    contoso.azure-devices.net",
                "One endpoint of a site again, on one route:", out);
}

void help_manual(const struct subcommand *commands, size_t n, FILE *out)
{
    fprintf(out,
            ".\\\" Made by \"hopproof --man\" from diag/option.def and diag/main.c.\n"
            ".TH HOPPROOF 1 \"\" \"hopproof %s\" \"User Commands\"\n"
            ".SH NAME\nhopproof \\- connectivity diagnostics with packets as proof\n"
            ".SH SYNOPSIS\n",
            HOPPROOF_VERSION);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, ".B hopproof %s\n[options] ", commands[i].name);
        put(commands[i].arguments, out);
        fputs("\n.br\n", out);
    }
    fputs(".B hopproof\n\\-\\-help | \\-\\-version | \\-\\-man\n.SH DESCRIPTION\n", out);
    put_paragraph("hopproof finds out whether a sensor reaches its cloud endpoints, directly and "
                  "through chains of HTTP proxies, and where it does not, which station refuses "
                  "and who has to change what.",
                  out);
    for (size_t i = 0; i < n; i++)
        put_item(commands[i].name, commands[i].help, out);
    for (size_t i = 0; i < n; i++)
        put_command(&commands[i], out);
    put_rest(out);
}
