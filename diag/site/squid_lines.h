/*
 * squid_lines: squid.conf as logical lines of words, read the way Squid reads them.
 *
 * Continuation lines, comments, `include` (with globs), `if`/`else`/`endif`, the macros that can
 * be known, quoted words, and values kept in files. Every word still knows its file and line.
 * Measured against Squid 5.7 (docs/audit.md). Nothing is ever executed: `include !command` is a
 * place of unknown content.
 */
#ifndef HOPPROOF_SITE_SQUID_LINES_H
#define HOPPROOF_SITE_SQUID_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fault;

enum {
    SQUID_SIZE_MAX = 4 * 1024 * 1024, /* octets of one file */
    SQUID_FILES_MAX = 256,            /* files of one configuration, lists of values included */
    SQUID_DEPTH_MAX = 16,             /* of include: Squid's own bound */
    SQUID_LINES_MAX = 100000,         /* logical lines */
    SQUID_WORDS_MAX = 500000,         /* words and values of the whole configuration */
};

struct squid_place {
    const char *file; /* printable */
    unsigned long line;
};

struct squid_word {
    const char *text;
    bool quoted; /* was in quotes that Squid takes away */
    struct squid_place at;
};

struct squid_line {
    struct squid_place at; /* of its first physical line */
    const char *text;      /* the whole logical line, printable, for messages */
    struct squid_word *words;
    size_t n;
    bool quoted_values; /* configuration_includes_quoted_values was on here */
    bool unknown;       /* stands for an include that cannot be read here: anything may be in it */
};

enum squid_gravity {
    SQUID_FATAL,  /* Squid does not start with this file */
    SQUID_WRONG,  /* it starts, and does something else than the line seems to say */
    SQUID_UNSEEN, /* something that cannot be known from the file alone */
};

/* What is wrong with a line, whatever the endpoints are. */
struct squid_problem {
    struct squid_place at;
    enum squid_gravity gravity;
    const char *code; /* a short stable name */
    const char *what, *why, *fix;
};

struct squid_text {
    struct arena *arena;
    const char *folder; /* of the main file: where files of /etc/squid/ are looked for */
    struct squid_line *lines;
    size_t n;
    struct squid_problem *problems;
    size_t n_problems;
    size_t files, words;
    bool hole; /* set by the reader of the lines once an unread include stands above */
};

/*
 * The configuration in bytes[0..len), which `path` names. 0, or -1 with a fault where it is no
 * text or beyond the bounds. Everything that Squid itself would complain about is a problem in
 * *t, no fault.
 */
int squid_lines_read(struct squid_text *t, struct arena *a, const char *path, const char *bytes,
                     size_t len, struct fault *f);

/*
 * The values that stand in a file, one in a line, as in `acl NAME dstdomain "FILE"`. False where
 * it cannot be read here. They are appended to *words.
 */
bool squid_lines_values(struct squid_text *t, const char *path, struct squid_word **words,
                        size_t *n);

/* Note a problem; `what` and `fix` are printf-made by the caller, in the arena. */
void squid_problem_add(struct squid_text *t, enum squid_gravity gravity, struct squid_place at,
                       const char *code, const char *what, const char *why, const char *fix);

#endif
