/*
 * text: what came from outside, made fit for a place where people look.
 *
 * Store raw, escape on output. Reports hold only printable UTF-8: everything else becomes
 * "\xHH", so that JSON stays valid and no terminal sees a control sequence.
 */
#ifndef HOPPROOF_BASE_TEXT_H
#define HOPPROOF_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

/*
 * `len` hostile bytes as printable UTF-8 in the arena: valid sequences of printable characters
 * stay; control characters (C0, C1, DEL), bidirectional and zero-width formatting, and bytes that
 * are not UTF-8 become \xHH, a backslash becomes two. What would exceed `max` bytes is cut with
 * "..." at a character.
 */
char *text_printable(struct arena *a, const void *bytes, size_t len, size_t max);

/* Number of leading bytes of s[0..len) that are one well-formed UTF-8 character; 0 if none is. */
size_t text_utf8_len(const unsigned char *s, size_t len);

/* True when every byte belongs to a printable UTF-8 character (what text_printable keeps). */
bool text_is_printable(const char *s);

/* Columns a printable UTF-8 string takes on a terminal (wide East Asian characters take two). */
size_t text_columns(const char *s);

/* ASCII-only comparisons and classes: the locale must not change a verdict. */
bool text_equal_nocase(const char *a, const char *b);
bool text_equal_nocase_n(const char *a, const char *b, size_t n); /* of the first n octets */
bool text_ends_with_nocase(const char *s, const char *suffix);
bool text_starts_with_nocase(const char *s, const char *prefix);
bool text_contains_nocase(const char *s, const char *part);

/* A whole decimal number without sign, at most `max`; false when it is anything else. */
bool text_parse_uint(const char *s, unsigned long max, unsigned long *out);

/* Seconds with up to six decimals ("5", "0.25"), as microseconds; false when it is else or huge. */
bool text_parse_seconds(const char *s, int64_t *out_us);

/*
 * Append one word of a command line for the shells of this world: in single quotes where a
 * character may mean something to one.
 */
void text_shell_word(struct buf *to, const char *s);

/* The candidate nearest to `word` by edits, or NULL when none is near: for "did you mean". */
const char *text_nearest(const char *word, const char *const *candidates, size_t n);

#endif
