/* page: head and foot of our HTML pages, and the one way for text to get into them. */
#ifndef HOPPROOF_REPORTS_PAGE_H
#define HOPPROOF_REPORTS_PAGE_H

#include "diag/model/report.h"

struct buf;

/* Text as content or as a quoted attribute value: never markup, never a control character. */
void page_text(struct buf *out, const char *s);

/* printf-like markup of our own; every %s in it must be ours too. */
#define page_markup buf_printf

/* Up to and including <body>; ends with page_end(). `title` is text. */
void page_begin(struct buf *out, const char *title);
void page_end(struct buf *out);

/* The controls that hide rows (data-k, data-v, data-q) and open details; hidden without script. */
void page_filters(struct buf *out, bool with_required);

/* "pass", "warn", "fail", "skip": the class of a verdict. */
const char *page_class(enum verdict v);

/* A <pre> with its button to copy it. `label` is ours. */
void page_copyable(struct buf *out, const char *label, const char *s);

/* <dt>label</dt><dd>text</dd>, nothing where the text is empty. */
void page_fact(struct buf *out, const char *label, const char *s);

#endif
