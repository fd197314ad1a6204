/*
 * paper: lines of text of a fixed width on a terminal: painting, wrapping, shortening, escaping.
 *
 * Everything that is put on it may come from outside; it leaves as printable text, in ASCII where
 * the reader has nothing else.
 */
#ifndef HOPPROOF_REPORTS_PAPER_H
#define HOPPROOF_REPORTS_PAPER_H

#include "diag/model/report.h"
#include "reports/text.h"

#include <stddef.h>

struct arena;
struct buf;

enum { PAPER_WIDTH = 80 };

enum ink { INK_PLAIN, INK_GOOD, INK_WARN, INK_BAD, INK_FAINT, INK_BOLD };

struct paper {
    struct buf *out;
    struct text_style style;
    struct arena *scratch; /* for what lives until the page is drawn */
};

/* A text as it may be shown here: printable, and ASCII where needed; "" for NULL. */
const char *paper_safe(const struct paper *p, const char *s);

/* Words in an ink. The text is safe already. */
void paper_paint(const struct paper *p, enum ink ink, const char *s);
enum ink paper_ink(enum verdict v, bool required);

/* "✓", "!", "✗", "-", and in ASCII "+", "!", "x", "-". */
const char *paper_mark(const struct paper *p, enum verdict v);

/* A dot between facts, " · " or " - ". */
const char *paper_dot(const struct paper *p);

void paper_line(const struct paper *p); /* end of line */
void paper_spaces(const struct paper *p, size_t n);

/* Padded to `columns`; what is longer is shortened in its middle. Returns the columns taken. */
size_t paper_cell(const struct paper *p, const char *s, size_t columns);

/*
 * A paragraph that starts at column `at` (where the cursor stands already) and goes on at column
 * `indent`, broken at spaces; words that do not fit a line are broken too. Ends the line.
 */
void paper_paragraph(const struct paper *p, size_t at, size_t indent, const char *s);

/* A line that a reader copies: never broken, whatever its length. Ends the line. */
void paper_copyable(const struct paper *p, const char *s);

/*
 * A command that a reader copies into a shell, placed as a paragraph: broken between its words
 * only, each line but the last ending in a backslash, so that it still is one command. Ends the
 * line.
 */
void paper_command(const struct paper *p, size_t at, size_t indent, const char *s);

/* "    Label    text ...", nothing where the text is empty. */
void paper_labelled(const struct paper *p, const char *label, const char *s);

#endif
