/*
 * disguise_der: certificates (RFC 5280) as a tree of DER values (ITU-T X.690): numbers, times,
 * identifiers and keys stay, host names and addresses are exchanged, other texts overwritten. The
 * signature is then wrong, of course.
 */
#include "capture/disguise_parts.h"
#include "diag/base/buf.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DEPTH_MAX = 24,
    CONSTRUCTED = 0x20,
    DER_OCTETS = 0x04,
    DER_UTF8 = 0x0c,
    DER_PRINTABLE = 0x13,
    DER_T61 = 0x14,
    DER_IA5 = 0x16,
    DER_VISIBLE = 0x1a,
    /* GeneralName (RFC 5280 section 4.2.1.6); 0 is also the key of an authority key identifier */
    NAME_KEY = 0x80,
    NAME_DNS = 0x82,
    NAME_URL = 0x86,
    NAME_ADDRESS = 0x87,
    TEXT_MAX = 512,
};

struct value {
    uint8_t tag;
    size_t head, len; /* octets of tag and length; of the content as announced */
};

/* tag 1 | length 1, or 0x80 + n and n octets. False where it makes no sense. */
static bool read_value(const uint8_t *p, size_t left, struct value *v)
{
    size_t octets;

    if (left < 2)
        return false;
    v->tag = p[0];
    v->head = 2;
    v->len = p[1];
    if (p[1] < 0x80)
        return (p[0] & 0x1f) != 0x1f; /* tags of several octets: not in certificates */
    octets = p[1] & 0x7f;
    if (octets == 0 || octets > 3 || left < 2 + octets)
        return false;
    v->head += octets;
    v->len = 0;
    for (size_t i = 0; i < octets; i++)
        v->len = v->len << 8 | p[2 + i];
    return (p[0] & 0x1f) != 0x1f;
}

/* Is it a value to the last octet? */
static bool is_der(const uint8_t *p, size_t len)
{
    struct value v;

    return read_value(p, len, &v) && v.head + v.len == len &&
           (v.tag == 0x30 || v.tag == DER_OCTETS || v.tag == 0x03 || v.tag == 0x02);
}

/* Could somebody read it? Random octets nearly never look so. */
static bool is_readable(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] < 0x20 || p[i] >= 0x7f)
            return false;
    }
    return true;
}

/* Identifiers of keys: digests of them. */
static void put_digest(const uint8_t *in, size_t len, uint8_t *out)
{
    if ((len == 20 || len == 32) && !is_readable(in, len))
        memcpy(out, in, len);
}

static void put_url(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out)
{
    char text[TEXT_MAX];
    struct buf url;

    memset(out, 'x', len);
    if (len >= sizeof text || !is_readable(in, len))
        return;
    memcpy(text, in, len);
    text[len] = '\0';
    buf_init(&url, sizeof text);
    disguise_url(n, text, &url);
    if (url.len <= len)
        memcpy(out, buf_text(&url), url.len);
    buf_free(&url);
}

static void put_primitive(const struct disguise_names *n, uint8_t tag, const uint8_t *in,
                          size_t len, uint8_t *out)
{
    switch (tag) {
    case 0x01: /* BOOLEAN, INTEGER, BIT STRING, NULL, OBJECT IDENTIFIER, ENUMERATED, times */
    case 0x02:
    case 0x03:
    case 0x05:
    case 0x06:
    case 0x0a:
    case 0x17:
    case 0x18:
        if (len > 0)
            memcpy(out, in, len);
        break;
    case DER_UTF8:
    case DER_PRINTABLE:
    case DER_T61:
    case DER_IA5:
    case DER_VISIBLE:
    case NAME_DNS:
        disguise_host(n, in, len, out);
        break;
    case NAME_URL:
        put_url(n, in, len, out);
        break;
    case NAME_ADDRESS:
        if (len == 4 || len == 16)
            disguise_address(n, len == 4 ? AF_INET : AF_INET6, in, out);
        break;
    case NAME_KEY:
    case DER_OCTETS:
        put_digest(in, len, out);
        break;
    default:
        break;
    }
}

static void walk(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out,
                 int depth)
{
    struct value v;

    while (read_value(in, len, &v)) { /* ends: each turn takes two octets at least */
        size_t have = v.len < len - v.head ? v.len : len - v.head;

        memcpy(out, in, v.head);
        if (depth < DEPTH_MAX) {
            if ((v.tag & CONSTRUCTED) != 0 ||
                (v.tag == DER_OCTETS && is_der(in + v.head, have))) /* an extension's value */
                walk(n, in + v.head, have, out + v.head, depth + 1);
            else
                put_primitive(n, v.tag, in + v.head, have, out + v.head);
        }
        in += v.head + have;
        out += v.head + have;
        len -= v.head + have;
    }
}

void disguise_der(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out)
{
    walk(n, in, len, out, 0);
}
