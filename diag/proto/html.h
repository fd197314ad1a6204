/*
 * html: what a person would read in an error page or block page: its title, its text, and who
 * signed it. A scanner, not an HTML parser: bounded, and indifferent to broken markup.
 *
 * Input is hostile and may be cut anywhere. Results live in the arena; white space is folded to
 * single blanks, character references are resolved, what is no printable UTF-8 is escaped
 * (text_printable), and at most `max` bytes are returned.
 */
#ifndef HOPPROOF_PROTO_HTML_H
#define HOPPROOF_PROTO_HTML_H

#include <stddef.h>

struct arena;

/* The text of the first <title>; NULL when there is none or it is empty. */
char *html_title(struct arena *a, const void *body, size_t len, size_t max);

/*
 * The text of the body: markup, comments, scripts, styles and the head's title removed. Works on
 * plain text too. NULL when nothing is left.
 */
char *html_text(struct arena *a, const void *body, size_t len, size_t max);

/*
 * The host of Squid's signature "Generated DATE by HOST (squid/5.7)"; NULL when there is none.
 * *software, when wanted, becomes what stands in the parentheses, or NULL.
 */
char *html_generated_by(struct arena *a, const void *body, size_t len, const char **software);

#endif
