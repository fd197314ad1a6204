/* options: see options.h. getopt_long(3) over the rows of option.def. */
#include "diag/options.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/base/text.h"
#include "diag/help.h"
#include "diag/inputs.h"
#include "diag/model/site.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option_row option_rows[] = {
#define OPTION_OFFSET_SECONDS(field)  offsetof(struct options, field##_us)
#define OPTION_OFFSET_FLAG(field)     offsetof(struct options, field)
#define OPTION_OFFSET_TEXT(field)     offsetof(struct options, field)
#define OPTION_OFFSET_OUTPUT(field)   offsetof(struct options, field)
#define OPTION_OFFSET_COUNT(field)    offsetof(struct options, field)
#define OPTION_OFFSET_LIST(field)     offsetof(struct options, field)
#define OPTION_OFFSET_OF_PROXY(field) offsetof(struct options, field)
#define OPTION_NUMBER_FLAG(field)     0
#define OPTION_NUMBER_TEXT(field)     0
#define OPTION_NUMBER_OUTPUT(field)   0
#define OPTION_NUMBER_COUNT(field)    0
#define OPTION_NUMBER_SECONDS(field)  0
#define OPTION_NUMBER_LIST(field)     offsetof(struct options, n_##field)
#define OPTION_NUMBER_OF_PROXY(field) offsetof(struct options, n_##field)
#define OPTION(kind, field, name, letter, argument, min, max, commands, group, help)               \
    {OPTION_##kind,                                                                                \
     OPTION_OFFSET_##kind(field),                                                                  \
     OPTION_NUMBER_##kind(field),                                                                  \
     name,                                                                                         \
     letter,                                                                                       \
     argument,                                                                                     \
     min,                                                                                          \
     max,                                                                                          \
     commands,                                                                                     \
     GROUP_##group,                                                                                \
     help},
#include "diag/option.def"
#undef OPTION
};
const size_t n_option_rows = sizeof option_rows / sizeof option_rows[0];

enum { ROW_FIRST = 256, ROWS_MAX = 128 }; /* getopt values of rows without a letter */

_Static_assert(sizeof option_rows / sizeof option_rows[0] < ROWS_MAX, "the arrays have room");

/* What getopt_long needs for one command. */
struct getopt_tables {
    struct option longs[ROWS_MAX + 1];
    const char *names[ROWS_MAX];
    char shorts[ROWS_MAX * 2 + 2];
    size_t n;
};

static void make_tables(struct getopt_tables *t, unsigned command)
{
    char *letter = t->shorts;

    memset(t, 0, sizeof *t);
    *letter++ = ':'; /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < n_option_rows; i++) {
        const struct option_row *row = &option_rows[i];
        bool has_argument = row->kind != OPTION_FLAG;

        if ((row->commands & command) == 0)
            continue;
        t->names[t->n] = row->name;
        t->longs[t->n++] = (struct option){
            row->name, has_argument ? required_argument : no_argument, NULL, ROW_FIRST + (int)i};
        if (row->letter == 0)
            continue;
        *letter++ = row->letter;
        if (has_argument)
            *letter++ = ':';
    }
}

static const struct option_row *row_of(int value, unsigned command)
{
    if (value >= ROW_FIRST)
        return &option_rows[value - ROW_FIRST];
    for (size_t i = 0; i < n_option_rows; i++) {
        if (option_rows[i].letter == value && (option_rows[i].commands & command) != 0)
            return &option_rows[i];
    }
    return NULL;
}

/* A value that a message may show: printable and short. */
static const char *shown(const struct options *o, const char *text)
{
    return text_printable(o->arena, text, strlen(text), 80);
}

static int set_count(const struct options *o, const struct option_row *row, const char *value,
                     unsigned *to, struct fault *f)
{
    unsigned long number;

    if (!text_parse_uint(value, (unsigned long)row->max, &number) ||
        number < (unsigned long)row->min)
        return fault_set(f, "--%s: \"%s\" is no number from %ld to %ld; give one", row->name,
                         shown(o, value), row->min, row->max);
    *to = (unsigned)number;
    return 0;
}

static int set_seconds(const struct options *o, const struct option_row *row, const char *value,
                       int64_t *to, struct fault *f)
{
    int64_t us;

    if (!text_parse_seconds(value, &us) || us < row->min * INT64_C(1000) ||
        us > row->max * INT64_C(1000))
        return fault_set(f, "--%s: \"%s\" is no number of seconds from %g to %g; give one",
                         row->name, shown(o, value), (double)row->min / 1000,
                         (double)row->max / 1000);
    *to = us;
    return 0;
}

/* Two outputs in one stream would be neither. Rows with min 1 are files that are read again. */
static int set_output(struct options *o, const struct option_row *row, const char *value,
                      const char **to, struct fault *f)
{
    if (strcmp(value, "-") == 0) {
        if (row->min != 0)
            return fault_set(f, "--%s cannot go to standard output; give a file", row->name);
        if (o->stdout_taken && (*to == NULL || strcmp(*to, "-") != 0))
            return fault_set(f, "--%s: standard output is taken by another report; give a file",
                             row->name);
        o->stdout_taken = true;
    }
    *to = value;
    return 0;
}

static int set(struct options *o, const struct option_row *row, const char *value, struct fault *f)
{
    char *at = (char *)o + row->offset;
    size_t *n = (size_t *)(void *)((char *)o + row->number_offset);
    struct of_proxy of = {value, o->n_proxies};

    if (row->kind != OPTION_FLAG && value[0] == '\0')
        return fault_set(f, "--%s: the argument is empty; give %s", row->name, row->argument);
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)(void *)at = value;
        return 0;
    case OPTION_OUTPUT:
        return set_output(o, row, value, (const char **)(void *)at, f);
    case OPTION_COUNT:
        return set_count(o, row, value, (unsigned *)(void *)at, f);
    case OPTION_SECONDS:
        return set_seconds(o, row, value, (int64_t *)(void *)at, f);
    case OPTION_LIST:
        list_push(o->arena, *(const char ***)(void *)at, *n, value);
        return 0;
    case OPTION_OF_PROXY:
        if (o->n_proxies == 0)
            return fault_set(f,
                             "--%s belongs to the --proxy before it, and there is none; put it "
                             "behind its --proxy",
                             row->name);
        list_push(o->arena, *(struct of_proxy **)(void *)at, *n, of);
        return 0;
    }
    return 0;
}

/* How many options of the command begin with this: getopt takes an unambiguous beginning. */
static size_t beginnings(const struct getopt_tables *t, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++)
        n += strncmp(t->names[i], name, strlen(name)) == 0;
    return n;
}

/* getopt met something that it does not know; `word` is the argument that holds it. */
static int unknown_option(const struct options *o, const struct getopt_tables *t, const char *word,
                          struct fault *f)
{
    const char *command = o->command->name, *name, *near;

    if (optopt >= ROW_FIRST)
        return fault_set(f, "--%s takes no argument; remove what stands behind the =",
                         option_rows[optopt - ROW_FIRST].name);
    if (strncmp(word, "--", 2) != 0)
        return fault_set(f, "unknown option -%s; see hopproof %s --help",
                         text_printable(o->arena, (const char[]){(char)optopt}, 1, 8), command);
    name = arena_strndup(o->arena, word + 2, strcspn(word + 2, "=")); /* a value may be secret */
    if (beginnings(t, name) > 1)
        return fault_set(f, "--%s can be several options; write it in full (hopproof %s --help)",
                         shown(o, name), command);
    near = text_nearest(name, t->names, t->n);
    if (near != NULL)
        return fault_set(f, "unknown option --%s; did you mean --%s?", shown(o, name), near);
    return fault_set(f, "unknown option --%s; see hopproof %s --help", shown(o, name), command);
}

static int missing_argument(const struct options *o, struct fault *f)
{
    const struct option_row *row = row_of(optopt, o->command->bit);

    return fault_set(f, "--%s needs an argument; give %s", row->name, row->argument);
}

static int read_options(struct options *o, int argc, char **argv, struct fault *f)
{
    struct getopt_tables tables;
    int value;

    make_tables(&tables, o->command->bit);
    opterr = 0;
    optind = 0; /* start anew, as the tests call this more than once */
    while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        const struct option_row *row;

        if (value == '?')
            return unknown_option(o, &tables, argv[optind - 1], f);
        if (value == ':')
            return missing_argument(o, f);
        row = row_of(value, o->command->bit);
        if (set(o, row, arena_strdup(o->arena, optarg), f) != 0)
            return -1;
    }
    for (int i = optind; i < argc; i++)
        list_push(o->arena, o->args, o->n_args, arena_strdup(o->arena, argv[i]));
    return 0;
}

static const char *output_todo(int error)
{
    switch (error) {
    case EISDIR:
        return "it is a folder: name a file in it";
    case EACCES:
    case EPERM:
    case EROFS:
        return "give a file in a folder that you may write to";
    default:
        return "give a file in a folder that exists";
    }
}

/*
 * Can the file be written? Better to know before a long run than after it. A file that exists must
 * be writable, else its folder.
 */
static int check_writable(const struct options *o, const struct option_row *row, const char *path,
                          struct fault *f)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL   ? "."
                         : slash == path ? "/"
                                         : arena_strndup(o->arena, path, (size_t)(slash - path));
    struct stat info;
    int error = 0;

    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            error = EISDIR;
        else if (access(path, W_OK) != 0)
            error = errno;
    } else if (stat(folder, &info) != 0) {
        error = errno;
    } else if (!S_ISDIR(info.st_mode)) {
        error = ENOTDIR;
    } else if (access(folder, W_OK | X_OK) != 0) {
        error = errno;
    }
    if (error == 0)
        return 0;
    return fault_set(f, "--%s: %s cannot be written: %s; %s", row->name, shown(o, path),
                     strerror(error), output_todo(error));
}

/* The file that an output option names; NULL when it is no such option, or was not given. */
static const char *output_of(const struct options *o, const struct option_row *row)
{
    if (row->kind != OPTION_OUTPUT || (row->commands & o->command->bit) == 0)
        return NULL;
    return *(const char *const *)(const void *)((const char *)o + row->offset);
}

static bool is_device(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && !S_ISREG(info.st_mode); /* /dev/null takes everything */
}

static int check_outputs(const struct options *o, struct fault *f)
{
    for (size_t i = 0; i < n_option_rows; i++) {
        const char *path = output_of(o, &option_rows[i]);

        if (path == NULL || strcmp(path, "-") == 0)
            continue;
        if (check_writable(o, &option_rows[i], path, f) != 0)
            return -1;
        for (size_t k = 0; k < i; k++) {
            const char *other = output_of(o, &option_rows[k]);

            if (other != NULL && strcmp(other, path) == 0 && !is_device(path))
                return fault_set(f, "--%s and --%s name the same file %s; give each its own",
                                 option_rows[k].name, option_rows[i].name, shown(o, path));
        }
    }
    return 0;
}

static int check_wishes(const struct options *o, struct fault *f)
{
    if (o->redact && o->no_redact)
        return fault_set(f, "--redact and --no-redact contradict each other; leave one out");
    return 0;
}

static int find_command(struct options *o, const struct subcommand *commands, size_t n,
                        const char *name, struct fault *f)
{
    const char *names[16], *near;

    for (size_t i = 0; i < n && i < 16; i++) {
        names[i] = commands[i].name;
        if (strcmp(names[i], name) == 0) {
            o->command = &commands[i];
            return 0;
        }
    }
    if (name[0] == '-')
        return fault_set(f, "the command comes first, as in hopproof check; see hopproof --help");
    near = text_nearest(name, names, n < 16 ? n : 16);
    if (near != NULL)
        return fault_set(f, "unknown command \"%s\"; did you mean %s?", shown(o, name), near);
    return fault_set(f, "unknown command \"%s\"; see hopproof --help", shown(o, name));
}

static int check_arguments(const struct options *o, struct fault *f)
{
    const struct subcommand *c = o->command;

    if (o->n_args < c->min_args)
        return fault_set(f, "%s needs %s; see hopproof %s --help", c->name, c->arguments, c->name);
    if (o->n_args > c->max_args)
        return fault_set(f, "\"%s\" is one argument too many for %s; see hopproof %s --help",
                         shown(o, o->args[c->max_args]), c->name, c->name);
    return 0;
}

/* What is asked for instead of a command. */
static bool print_general(const char *word, const struct subcommand *commands, size_t n, FILE *out)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0)
        help_program(commands, n, out);
    else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
        fprintf(out, "hopproof %s\n", HOPPROOF_VERSION);
    else if (strcmp(word, "--man") == 0)
        help_manual(commands, n, out);
    else
        return false;
    return true;
}

int options_read(struct options *o, const struct subcommand *commands, size_t n_commands, int argc,
                 char **argv, FILE *out, struct fault *f)
{
    struct secret *password;
    const char *no_color = getenv("NO_COLOR");
    int rc = -1;

    *o = (struct options){.arena = arena_new()};
    /* Whatever happens: no child and no core file shall find it in the environment. */
    if (secret_from_env("HOPPROOF_PROXY_PASSWORD", &password, f) != 0)
        return -1;
    if (argc < 2) {
        fault_set(f, "no command given; try hopproof check, or hopproof --help");
    } else if (print_general(argv[1], commands, n_commands, out)) {
        rc = 1;
    } else if (find_command(o, commands, n_commands, argv[1], f) == 0 &&
               read_options(o, argc - 1, argv + 1, f) == 0) {
        o->no_color = o->no_color || (no_color != NULL && no_color[0] != '\0');
        if (o->help) {
            help_command(o->command, out);
            rc = 1;
        } else {
            rc = check_arguments(o, f) != 0 || check_outputs(o, f) != 0 ? -1 : check_wishes(o, f);
        }
    }
    if (rc == 0 &&
        (o->command->bit & (CMD_CHECK | CMD_ANALYZE | CMD_AUDIT | CMD_GENERATE | CMD_ADVISE)) != 0)
        rc = inputs_read(o, password, f);
    secret_free(password);
    return rc;
}

void options_free(struct options *o)
{
    if (o->site != NULL)
        site_wipe(o->site);
    arena_free(o->arena);
    *o = (struct options){0};
}
