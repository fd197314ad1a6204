/*
 * options: what the user asked for, from the command line, the site file and the environment.
 *
 * The table option.def makes everything that knows an option. The site that a command works on
 * is complete when the command starts: site file read, flags applied, endpoint lists merged,
 * system's resolvers and hosts file read, passwords asked for.
 */
#ifndef HOPPROOF_OPTIONS_H
#define HOPPROOF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct arena;
struct fault;
struct options;
struct site;

/* Contract section 2. */
enum exit_status {
    STATUS_PASS = 0,
    STATUS_FAIL = 1,       /* a required result failed */
    STATUS_USAGE = 2,      /* bad usage or input; nothing was probed */
    STATUS_INCOMPLETE = 3, /* the run could not be completed */
};

/* One bit for each command that option.def speaks of, whether it is built or not. */
enum {
    CMD_CHECK = 1 << 0,
    CMD_ANALYZE = 1 << 1,
    CMD_REPORT = 1 << 2,
    CMD_COMPARE = 1 << 3,
    CMD_RANGES = 1 << 4,
    CMD_AUDIT = 1 << 5,
    CMD_PROFILES = 1 << 6,
    CMD_GENERATE = 1 << 7,
    CMD_ADVISE = 1 << 8,
    CMD_MIGRATE = 1 << 9, /* beside CMD_CHECK: it is one, and takes what that takes */
    CMD_ALL = (1 << 10) - 1,
};

/* A command that this program has; main.c holds the list. */
struct subcommand {
    const char *name;
    unsigned bit;                 /* CMD_, or several */
    int (*run)(struct options *); /* returns an enum exit_status */
    const char *arguments;        /* positional ones, as in a usage line */
    size_t min_args, max_args;    /* positional arguments that it takes; SIZE_MAX: any number */
    const char *help;             /* one line */
    const char *about;            /* a paragraph for --help and the manual */
};

struct of_proxy {
    const char *value;
    size_t proxy; /* number of --proxy options that stood before it: 1 for the first */
};

/*
 * The kinds of option.def: FLAG, TEXT, LIST (may repeat), COUNT (0: not given), SECONDS (in
 * microseconds; 0: not given), OUTPUT (a path, "-" for standard output, NULL: not asked for; at
 * most one of a command's outputs is "-"), OF_PROXY (belongs to the --proxy before it).
 */
#define OPTION_MEMBER_FLAG(field)    bool field;
#define OPTION_MEMBER_TEXT(field)    const char *field;
#define OPTION_MEMBER_OUTPUT(field)  const char *field;
#define OPTION_MEMBER_COUNT(field)   unsigned field;
#define OPTION_MEMBER_SECONDS(field) int64_t field##_us;
#define OPTION_MEMBER_LIST(field)                                                                  \
    const char **field;                                                                            \
    size_t n_##field;
#define OPTION_MEMBER_OF_PROXY(field)                                                              \
    struct of_proxy *field;                                                                        \
    size_t n_##field;

struct options {
    const struct subcommand *command;
    struct arena *arena; /* owns every string here, and the site */

    /*
     * The site with all flags applied, for check and analyze; NULL for the rest. What concerns
     * the site is to be read there, not from the raw options below.
     */
    struct site *site;

    /* Positional arguments, without the endpoints of check, which are in the site. */
    const char **args;
    size_t n_args;

    bool stdout_taken; /* an output is "-": no terminal report, no progress on standard output */

#define OPTION(kind, field, ...) OPTION_MEMBER_##kind(field)
#include "diag/option.def"
#undef OPTION
};

/*
 * Read the command line: options, then (for the commands that have one) the site. `commands` is
 * main's table. Returns
 *   0   *o is complete; o->command->run(o) is next
 *   1   help or version was asked for and printed to `out`: exit with status 0
 *  -1   with a fault that tells what is wrong and what to do: exit with status 2
 * In every case options_free is due. HOPPROOF_PROXY_PASSWORD is wiped from the environment.
 */
int options_read(struct options *o, const struct subcommand *commands, size_t n_commands, int argc,
                 char **argv, FILE *out, struct fault *f);

/* Wipe the passwords and free everything, the site included. */
void options_free(struct options *o);

/* --- the table, for help and manual page --- */

enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_OUTPUT,
    OPTION_COUNT,
    OPTION_SECONDS,
    OPTION_LIST,
    OPTION_OF_PROXY,
};

/* Options with a common heading. */
enum option_group {
    GROUP_INPUT,
    GROUP_ROUTE,
    GROUP_EFFORT,
    GROUP_EVIDENCE,
    GROUP_REPORTS,
    GROUP_GENERAL,
    GROUP_COUNT,
};

struct option_row {
    enum option_kind kind;
    size_t offset, number_offset; /* in struct options: the value; the length of a list */
    const char *name;
    char letter; /* 0: none */
    const char *argument;
    long min, max;
    unsigned commands;
    enum option_group group;
    const char *help;
};

extern const struct option_row option_rows[];
extern const size_t n_option_rows;

#endif
