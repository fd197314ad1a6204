/*
 * text: the report for a terminal, 80 columns wide.
 *
 * The drawing is a function of the report and the style alone, so that a saved report is drawn
 * again to the last byte. Colour only repeats what a word says.
 */
#ifndef HOPPROOF_REPORTS_TEXT_H
#define HOPPROOF_REPORTS_TEXT_H

#include "diag/model/report.h"

#include <stdbool.h>
#include <stdio.h>

struct buf;

struct text_style {
    bool color;   /* ANSI escape sequences */
    bool utf8;    /* the reader's locale can show it; else ASCII only */
    bool verbose; /* every step with its evidence */
};

/*
 * The style for a stream: colour where it is a terminal that has some, unless the user said no
 * (`no_color`, or the variable NO_COLOR); UTF-8 as LC_ALL, LC_CTYPE or LANG say.
 */
struct text_style text_style_of(FILE *out, bool no_color, bool verbose);

/* The whole report, appended. */
void text_draw(const struct report *r, struct text_style style, struct buf *out);

/*
 * One line in the manner of a Nagios plugin, with performance data:
 * "HOPPROOF CRITICAL - 2 of 5 required endpoints fail ... | pass=3 warn=0 fail=2 skip=0 time=3.3s"
 */
void text_draw_line(const struct report *r, struct text_style style, struct buf *out);

#endif
