/*
 * help: the options as people read them: `--help` in 80 columns, and the manual page.
 */
#ifndef HOPPROOF_HELP_H
#define HOPPROOF_HELP_H

#include <stddef.h>
#include <stdio.h>

struct subcommand;

/* hopproof --help: the commands. */
void help_program(const struct subcommand *commands, size_t n, FILE *out);

/* hopproof COMMAND --help: its options. */
void help_command(const struct subcommand *command, FILE *out);

/* hopproof --man: everything, for man(1), in the language of man(7). */
void help_manual(const struct subcommand *commands, size_t n, FILE *out);

/* The headings of option groups. */
extern const char *const help_groups[];

#endif
