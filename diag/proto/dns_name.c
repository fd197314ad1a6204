/* dns_name: see dns_name.h. */
#include "diag/proto/dns_name.h"

#include "diag/proto/dns.h"

#include <string.h>

/*
 *   0 1 2 3 4 5 6 7             0 1 2 3 4 5 6 7 8 9 ...
 *  +---+-----------+-----      +---+---------------------+
 *  |0 0|  length   | label     |1 1| offset in message   |
 *  +---+-----------+-----      +---+---------------------+
 */
void dns_name_read(const struct bytes *all, struct bytes *at, struct dns_name *out)
{
    const uint8_t *segment = at->p; /* where the run of labels being read began */
    struct bytes in = *at;
    bool jumped = false;

    out->len = 0;
    /*
     * Ends: a round adds a label of at most 255 octets in all, or jumps to before `segment`. What
     * a pointer names is a prior occurrence: it lies, as a whole, in front of the run that holds
     * the pointer, so that bytes yet to come have no say in it.
     */
    for (;;) {
        uint8_t head = bytes_u8(&in);
        const uint8_t *label;

        if (in.truncated)
            break;
        if ((head & 0xc0) == 0xc0) {
            size_t offset = (size_t)(head & 0x3f) << 8 | bytes_u8(&in);

            if (in.truncated)
                break;
            if (!jumped)
                at->p = in.p;
            jumped = true;
            if (offset >= (size_t)(segment - all->p)) {
                at->invalid = true;
                return;
            }
            in = bytes_of(all->p + offset, (size_t)(segment - all->p) - offset);
            segment = in.p;
            continue;
        }
        if ((head & 0xc0) != 0 || out->len + 1 + head > DNS_NAME_MAX) {
            at->invalid = true;
            return;
        }
        label = bytes_take(&in, head);
        if (label == NULL)
            break;
        out->wire[out->len++] = head;
        memcpy(out->wire + out->len, label, head);
        out->len += head;
        if (head == 0) {
            if (!jumped)
                at->p = in.p;
            return;
        }
    }
    if (jumped) {
        at->invalid = true;
        return;
    }
    at->truncated = true;
    at->p = at->end;
}

size_t dns_name_text(const struct dns_name *n, char *to)
{
    char *p = to;

    for (size_t i = 0; i < n->len && n->wire[i] != 0;) {
        size_t end = i + 1 + n->wire[i];

        if (i > 0)
            *p++ = '.';
        for (i++; i < end; i++) {
            uint8_t c = n->wire[i];

            if (c <= ' ' || c >= 0x7f) {
                *p++ = '\\';
                *p++ = (char)('0' + c / 100);
                *p++ = (char)('0' + c / 10 % 10);
                *p++ = (char)('0' + c % 10);
                continue;
            }
            if (strchr(".\\\"();@$", c) != NULL)
                *p++ = '\\';
            *p++ = (char)c;
        }
    }
    if (p == to)
        *p++ = '.';
    *p = '\0';
    return (size_t)(p - to);
}

/* One character of a label, escapes undone; false when an escape is broken. */
static bool label_char(const char **text, uint8_t *out)
{
    const char *s = *text;

    if (*s != '\\') {
        *out = (uint8_t)*s;
        *text = s + 1;
        return true;
    }
    s++;
    if (*s >= '0' && *s <= '9') {
        int value = 0;

        for (int i = 0; i < 3; i++, s++) {
            if (*s < '0' || *s > '9')
                return false;
            value = value * 10 + (*s - '0');
        }
        if (value > 255)
            return false;
        *out = (uint8_t)value;
    } else {
        if (*s == '\0')
            return false;
        *out = (uint8_t)*s++;
    }
    *text = s;
    return true;
}

bool dns_name_parse(const char *text, struct dns_name *out)
{
    struct dns_name n = {.len = 0};

    if (text[0] == '\0')
        return false;
    if (strcmp(text, ".") == 0)
        text++;
    while (*text != '\0') {
        size_t head = n.len++;

        for (; *text != '\0' && *text != '.'; n.len++) {
            /* One octet stays free for the root label. */
            if (n.len >= DNS_NAME_MAX - 1 || !label_char(&text, &n.wire[n.len]))
                return false;
        }
        if (n.len - head - 1 == 0 || n.len - head - 1 > 63 || n.len > DNS_NAME_MAX - 1)
            return false;
        n.wire[head] = (uint8_t)(n.len - head - 1);
        if (*text == '.')
            text++;
    }
    n.wire[n.len++] = 0;
    *out = n;
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
    if (a->len != b->len)
        return false;
    /* Lengths are at most 63 and below the letters, so that they may be compared alike. */
    for (size_t i = 0; i < a->len; i++) {
        if (lower(a->wire[i]) != lower(b->wire[i]))
            return false;
    }
    return true;
}
