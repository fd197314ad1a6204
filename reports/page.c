/* page: see page.h. Style and script are page.css and page.js, built in. */
#include "reports/page.h"

#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "page_css.h"
#include "page_js.h"

#include <openssl/evp.h>
#include <string.h>

static void escaped(struct buf *out, const char *s)
{
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '&':
            buf_str(out, "&amp;");
            break;
        case '<':
            buf_str(out, "&lt;");
            break;
        case '>':
            buf_str(out, "&gt;");
            break;
        case '"':
            buf_str(out, "&quot;");
            break;
        case '\'':
            buf_str(out, "&#39;");
            break;
        default:
            buf_char(out, *s);
        }
    }
}

void page_text(struct buf *out, const char *s)
{
    struct arena *a;

    if (s == NULL)
        return;
    if (text_is_printable(s)) {
        escaped(out, s);
        return;
    }
    a = arena_new();
    escaped(out, text_printable(a, s, strlen(s), strlen(s) * 4 + 4));
    arena_free(a);
}

/* 'sha256-...' of a CSP source list: the base64 of the digest of the element's content. */
static void source_hash(struct buf *out, const char *content)
{
    unsigned char digest[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (EVP_Digest(content, strlen(content), digest, &len, EVP_sha256(), NULL) != 1)
        return; /* the page then comes without style and script, and is still readable */
    EVP_EncodeBlock(base64, digest, (int)len);
    buf_printf(out, "'sha256-%s'", (const char *)base64);
}

void page_begin(struct buf *out, const char *title)
{
    buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "base-uri 'none'; form-action 'none'; style-src ");
    source_hash(out, page_css);
    buf_str(out, "; script-src ");
    source_hash(out, page_js);
    buf_str(out, "\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    page_text(out, title);
    buf_str(out, "</title>\n<style>");
    buf_str(out, page_css);
    buf_str(out, "</style></head>\n<body>\n");
}

void page_end(struct buf *out)
{
    buf_str(out, "<script>");
    buf_str(out, page_js);
    buf_str(out, "</script>\n</body></html>\n");
}

void page_filters(struct buf *out, bool with_required)
{
    buf_str(out, "<nav class=\"bar\" aria-label=\"Filters\" hidden>"
                 "<label>Find <input type=\"search\" id=\"find\" autocomplete=\"off\"></label>"
                 "<label><input type=\"checkbox\" id=\"bad\"> only problems</label>");
    if (with_required)
        buf_str(out, "<label><input type=\"checkbox\" id=\"req\"> only required</label>");
    buf_str(out, "<button type=\"button\" data-o=\"1\">Open all</button>"
                 "<button type=\"button\" data-o=\"0\">Close all</button>"
                 "<span id=\"say\" role=\"status\"></span></nav>\n");
}

const char *page_class(enum verdict v)
{
    switch (v) {
    case VERDICT_PASS:
        return "pass";
    case VERDICT_WARN:
        return "warn";
    case VERDICT_FAIL:
        return "fail";
    case VERDICT_SKIP:
        break;
    }
    return "skip";
}

void page_copyable(struct buf *out, const char *label, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    buf_printf(out,
               "<p>%s <button type=\"button\" data-c hidden aria-label=\"Copy: "
               "%s\">Copy</button></p><pre>",
               label, label);
    for (const char *line = s; line != NULL;) { /* several lines are ours; each may be hostile */
        const char *end = strchr(line, '\n');
        struct arena *a = arena_new();

        page_text(out, end == NULL ? line : arena_strndup(a, line, (size_t)(end - line)));
        if (end != NULL)
            buf_char(out, '\n');
        line = end == NULL ? NULL : end + 1;
        arena_free(a);
    }
    buf_str(out, "</pre>");
}

void page_fact(struct buf *out, const char *label, const char *s)
{
    if (s == NULL || s[0] == '\0')
        return;
    buf_str(out, "<dt>");
    page_text(out, label);
    buf_str(out, "</dt><dd>");
    page_text(out, s);
    buf_str(out, "</dd>");
}
