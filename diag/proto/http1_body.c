/* http1_body: how long the body behind a head is (RFC 9112 section 6), and chunks (section 7). */
#include "diag/proto/http1.h"

#include "diag/base/text.h"

#include <string.h>

/* One element of Content-Length; false when it is no number below 2^63. */
static bool read_number(const char *s, size_t len, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] < '0' || s[i] > '9' || value > (INT64_MAX - 9) / 10)
            return false;
        value = value * 10 + (uint64_t)(s[i] - '0');
    }
    *out = value;
    return len > 0;
}

enum http1_length http1_content_length(const struct http1 *h, uint64_t *out)
{
    enum http1_length verdict = HTTP1_LENGTH_NONE;
    uint64_t first = 0;
    const char *s;

    for (size_t n = 0; (s = http1_get(h, "Content-Length", n)) != NULL; n++) {
        for (;;) { /* ends with the string: each round passes a comma */
            size_t len = strcspn(s, ","), item;
            uint64_t value;

            while (len > 0 && (*s == ' ' || *s == '\t')) {
                s++;
                len--;
            }
            for (item = len; item > 0 && (s[item - 1] == ' ' || s[item - 1] == '\t');)
                item--;
            if (!read_number(s, item, &value))
                return HTTP1_LENGTH_INVALID;
            if (verdict == HTTP1_LENGTH_NONE)
                first = value;
            verdict = value == first && verdict != HTTP1_LENGTH_CONFLICT ? HTTP1_LENGTH_OK
                                                                         : HTTP1_LENGTH_CONFLICT;
            if (s[len] == '\0')
                break;
            s += len + 1;
        }
    }
    if (verdict == HTTP1_LENGTH_OK)
        *out = first;
    return verdict;
}

/* True when the last transfer coding of all is "chunked": section 6.1 allows it nowhere else. */
static bool ends_chunked(const struct http1 *h)
{
    const char *s, *last = NULL, *comma;

    for (size_t n = 0; (s = http1_get(h, "Transfer-Encoding", n)) != NULL; n++)
        last = s;
    if (last == NULL)
        return false;
    comma = strrchr(last, ',');
    if (comma != NULL)
        last = comma + 1;
    last += strspn(last, " \t");
    return strcspn(last, "; \t") == strlen("chunked") && text_starts_with_nocase(last, "chunked");
}

enum http1_framing http1_framing(const struct http1 *h, const char *method, uint64_t *len)
{
    /* In the order of section 6.3. */
    if (strcmp(method, "HEAD") == 0 || h->status < 200 || h->status == 204 || h->status == 304)
        return HTTP1_BODY_NONE;
    if (strcmp(method, "CONNECT") == 0 && h->status < 300)
        return HTTP1_BODY_NONE;
    if (http1_get(h, "Transfer-Encoding", 0) != NULL)
        return ends_chunked(h) ? HTTP1_BODY_CHUNKED : HTTP1_BODY_CLOSE;
    switch (http1_content_length(h, len)) {
    case HTTP1_LENGTH_NONE:
        return HTTP1_BODY_CLOSE;
    case HTTP1_LENGTH_OK:
        return HTTP1_BODY_LENGTH;
    case HTTP1_LENGTH_INVALID:
    case HTTP1_LENGTH_CONFLICT:
        break;
    }
    return HTTP1_BODY_INVALID;
}

/* The next line without its end, at most HTTP1_LINE_MAX octets; bare LF is accepted. */
static struct bytes chunk_line(struct bytes *in)
{
    size_t left = bytes_left(in), look = left < HTTP1_LINE_MAX ? left : HTTP1_LINE_MAX, len;
    const uint8_t *lf = look == 0 ? NULL : memchr(in->p, '\n', look), *line = in->p;

    if (lf == NULL) {
        if (left >= HTTP1_LINE_MAX)
            in->invalid = true;
        else
            in->truncated = true;
        return bytes_of(line, 0);
    }
    len = (size_t)(lf - line);
    in->p = lf + 1;
    return bytes_of(line, len > 0 && line[len - 1] == '\r' ? len - 1 : len);
}

/* chunk-size [ chunk-ext ]: the size; extensions mean nothing to us. */
static uint64_t chunk_size(struct bytes line, bool *ok)
{
    uint64_t size = 0;
    size_t digits = 0, len = bytes_left(&line);

    for (; digits < len && digits < 16; digits++) {
        uint8_t c = line.p[digits];
        unsigned value;

        if (c >= '0' && c <= '9')
            value = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            value = (unsigned)(c | 0x20) - 'a' + 10;
        else
            break;
        size = size << 4 | value;
    }
    *ok =
        digits > 0 && digits < 16 &&
        (digits == len || line.p[digits] == ';' || line.p[digits] == ' ' || line.p[digits] == '\t');
    return size;
}

/* Append as much as the limit allows. */
static void add_some(struct buf *out, const uint8_t *p, size_t len)
{
    size_t room = out->limit - out->len;

    if (len > room)
        out->overflow = true;
    buf_add(out, p, len < room ? len : room);
}

enum decode http1_unchunk(const void *bytes, size_t len, struct buf *out, size_t *used)
{
    struct bytes in = bytes_of(bytes, len), line;
    uint64_t size;
    bool ok;

    do { /* ends: every round takes at least a line */
        size_t have;

        line = chunk_line(&in);
        if (!bytes_ok(&in))
            goto out;
        size = chunk_size(line, &ok);
        if (!ok) {
            in.invalid = true;
            goto out;
        }
        have = bytes_left(&in) < size ? bytes_left(&in) : (size_t)size;
        if (have > 0)
            add_some(out, in.p, have);
        in.p += have;
        if (have < size) {
            in.truncated = true;
            goto out;
        }
        if (size > 0) {
            line = chunk_line(&in); /* the CRLF behind the data */
            if (bytes_left(&line) > 0)
                in.invalid = true;
        }
    } while (size > 0 && bytes_ok(&in));
    do { /* the trailer, up to an empty line */
        line = chunk_line(&in);
    } while (bytes_ok(&in) && bytes_left(&line) > 0);
out:
    *used = (size_t)(in.p - (const uint8_t *)bytes);
    return bytes_verdict(&in);
}
