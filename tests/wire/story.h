/*
 * story: a capture told in words, and what must be read from it. See README.md for the grammar.
 */
#ifndef HOPPROOF_TESTS_WIRE_STORY_H
#define HOPPROOF_TESTS_WIRE_STORY_H

#include "diag/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct story {
    struct buf capture;  /* the file's bytes */
    char *text;          /* owned: the story as read */
    char *expected[200]; /* lines behind "expect", within `text` */
    size_t n_expected;
};

/* Read and play a story; prints what is wrong with it and returns -1 on a mistake in it. */
int story_load(const char *path, struct story *s);
void story_free(struct story *s);

struct wire_file;

/* What was read, one line each: "flow ...", "dns ...", "neighbour ...", "file ...". */
void facts_print(const struct wire_file *file, struct buf *out);

/*
 * Does some line of `facts` begin with the same first word and hold every other word of
 * `expected`? A line that begins with "no " must not be found.
 */
bool facts_hold(const char *facts, const char *expected);

#endif
