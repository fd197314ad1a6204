/* html_checklist: what the method or a migration asks for, point by point; see html_parts.h. */
#include "diag/base/buf.h"
#include "reports/html_parts.h"
#include "reports/page.h"
#include "reports/words.h"

#include <inttypes.h>

enum { BUF_LIMIT = 1 << 16 };

static void draw_point(struct buf *out, const struct point *p, bool steps)
{
    /* The marks of the terminal, so that the pages about the methods tell of both. */
    const char *words = p->state == POINT_MET      ? "\u2713 holds"
                        : p->state == POINT_UNSEEN ? "not seen from here"
                        : p->needed                ? "\u2717 does not hold"
                                                   : "! does not hold";
    static const char *const classes[] = {
        [POINT_UNSEEN] = "skip", [POINT_MET] = "pass", [POINT_UNMET] = "warn"};

    buf_str(out, "<tr>");
    if (steps && p->step != INT_UNKNOWN)
        buf_printf(out, "<td>%" PRId64 "</td>", p->step);
    else if (steps)
        buf_str(out, "<td></td>");
    buf_str(out, "<th scope=\"row\">");
    page_text(out, p->title);
    buf_str(out, "<br><small>");
    page_text(out, p->id);
    buf_printf(out,
               "</small></th><td><span class=\"m\">%s</span></td><td><span class=\"t %s\">%s"
               "</span></td><td>",
               p->needed ? "needed" : "info", classes[p->state], words);
    page_text(out, p->evidence);
    buf_str(out, "</td></tr>\n");
}

void html_checklist(const struct html *h)
{
    const struct report *r = h->r;
    bool steps = false;
    struct buf b;

    if (r->n_checklist == 0)
        return;
    buf_init(&b, BUF_LIMIT);
    buf_str(h->out, "<section><h2>Checklist</h2>\n");
    for (size_t i = 0; i < r->n_checklist; i++) {
        if (words_list_begins(r, i)) {
            steps = r->checklist[i]->step != INT_UNKNOWN;
            words_list(r, i, &b);
            buf_str(&b, ". ");
            words_sign_off(r, i, &b);
            buf_printf(h->out, "%s<div class=\"wide\"><table><caption>",
                       i > 0 ? "</tbody></table></div>\n" : "");
            page_text(h->out, buf_text(&b));
            buf_printf(h->out,
                       "</caption><thead><tr>%s<th scope=\"col\">What should hold</th>"
                       "<th scope=\"col\">Sign-off</th><th scope=\"col\">State</th><th "
                       "scope=\"col\">Evidence, or where to "
                       "look</th></tr></thead><tbody>\n",
                       steps ? "<th scope=\"col\">Step</th>" : "");
            buf_clear(&b);
        }
        draw_point(h->out, r->checklist[i], steps);
    }
    buf_str(h->out, "</tbody></table></div></section>\n");
    buf_free(&b);
}
