/*
 * words: texts out of a capture that come again and again (names, targets, reasons), kept once.
 * Those that came together lately, not all: the table is small, and a new text takes the place of
 * an old one with the same hash.
 */
#ifndef HOPPROOF_CAPTURE_WORDS_H
#define HOPPROOF_CAPTURE_WORDS_H

#include <stddef.h>
#include <stdint.h>

struct arena;

enum { WORDS_PLACES = 2048 }; /* a power of two */

struct words {
    struct arena *arena; /* texts are kept there */
    uint64_t secret[2];
    struct word {
        const char *text; /* NULL: a free place */
        size_t len;
    } places[WORDS_PLACES];
};

void words_init(struct words *w, struct arena *arena, const uint64_t secret[2]);

/* A copy of these octets, with NUL behind them, that lives as long as the arena; perhaps shared. */
const char *words_keep(struct words *w, const void *text, size_t len);

/* The same of a string; NULL stays NULL. */
const char *words_keep_string(struct words *w, const char *text);

#endif
