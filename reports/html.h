/*
 * html: the report as one self-contained page.
 *
 * No request to anywhere, readable with scripts off, a Content-Security-Policy that admits only
 * the page's own style and script by their hashes. Everything from a report goes through one
 * escaping function (page.h).
 */
#ifndef HOPPROOF_REPORTS_HTML_H
#define HOPPROOF_REPORTS_HTML_H

#include "diag/model/report.h"

#include <stddef.h>

struct buf;

enum { HTML_MAX_BYTES = 2 * 1000 * 1000 }; /* what a ticket system takes and a browser opens */

/*
 * The page, appended. What would be larger than HTML_MAX_BYTES loses its packet ladders, then the
 * details of passing results, then rows; the page says so.
 */
void html_draw(const struct report *r, struct buf *out);

#endif
