/*
 * disguise_dns: a DNS message (RFC 1035 section 4), in place: every label has a pseudonym of its
 * own length, so that lengths and pointers stay right. What a label becomes depends only on the
 * name from there to the root; a label that several names share reads right in all of them.
 */
#include "capture/disguise_parts.h"
#include "diag/base/bytes.h"

#include <string.h>
#include <sys/socket.h>

enum {
    HEAD = 12,
    LABELS_MAX = 128,
    TYPE_A = 1,
    TYPE_NS = 2,
    TYPE_CNAME = 5,
    TYPE_SOA = 6,
    TYPE_PTR = 12,
    TYPE_MX = 15,
    TYPE_TXT = 16,
    TYPE_AAAA = 28,
    TYPE_SRV = 33,
    TYPE_DNAME = 39,
    TYPE_OPT = 41,
    TYPE_SVCB = 64,
    TYPE_HTTPS = 65,
};

struct message {
    const struct disguise_names *names;
    const uint8_t *in;
    uint8_t *out;
    size_t len, at;
};

static bool is_plain(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '*';
}

/* Where the labels of the name at `at` stand; -1 when it is broken. *end: behind it, in place. */
static int find_labels(const struct message *m, size_t at, size_t where[LABELS_MAX], size_t *end)
{
    int n = 0;
    bool jumped = false;

    for (;;) { /* ends: labels are counted, pointers go backwards */
        uint8_t octet;

        if (at >= m->len)
            return -1;
        octet = m->in[at];
        if (octet >= 0xc0) {
            size_t to;

            if (at + 1 >= m->len)
                return -1;
            to = (size_t)(octet & 0x3f) << 8 | m->in[at + 1];
            if (to >= at)
                return -1;
            if (!jumped)
                *end = at + 2;
            jumped = true;
            at = to;
        } else if (octet >= 0x40 || at + 1 + octet > m->len) {
            return -1;
        } else if (octet == 0) {
            if (!jumped)
                *end = at + 1;
            return n;
        } else {
            if (n == LABELS_MAX)
                return -1;
            where[n++] = at;
            at += 1u + octet;
        }
    }
}

/* The labels from the i-th on as text, octets that no host name has as "x". */
static void text_of(const struct message *m, const size_t *where, int i, int n, char to[256])
{
    size_t len = 0;

    for (; i < n; i++) {
        const uint8_t *label = m->in + where[i];

        for (uint8_t k = 1; k <= label[0] && len < 254; k++)
            to[len++] = is_plain(label[k]) ? (char)label[k] : 'x';
        if (i + 1 < n && len < 254)
            to[len++] = '.';
    }
    to[len] = '\0';
}

static bool put_name(struct message *m)
{
    size_t where[LABELS_MAX], end = 0;
    int n = find_labels(m, m->at, where, &end);

    if (n < 0)
        return false;
    for (size_t at = m->at; at < end;) { /* what stands here: lengths, a pointer or the root */
        uint8_t octet = m->in[at];

        m->out[at] = octet;
        if (octet >= 0xc0)
            m->out[at + 1] = m->in[at + 1];
        at += octet >= 0xc0 ? 2 : 1u + octet;
    }
    for (int i = 0; i < n; i++) {
        uint8_t len = m->in[where[i]], *label = m->out + where[i] + 1;
        char name[256];
        const char *to;

        text_of(m, where, i, n, name);
        to = m->names->host(m->names->context, name);
        memset(label, 'x', len);
        if (strcspn(to, ".") == len)
            memcpy(label, to, len);
    }
    m->at = end;
    return true;
}

static bool keep(struct message *m, size_t len)
{
    if (len > m->len - m->at)
        return false;
    memcpy(m->out + m->at, m->in + m->at, len);
    m->at += len;
    return true;
}

static bool put_address(struct message *m, int family)
{
    const size_t len = family == AF_INET ? 4 : 16;

    if (len > m->len - m->at)
        return false;
    disguise_address(m->names, family, m->in + m->at, m->out + m->at);
    m->at += len;
    return true;
}

/* length 1 | octets, repeated */
static void put_strings(struct message *m, size_t end)
{
    while (m->at < end) { /* ends: each turn takes an octet at least */
        size_t len = m->in[m->at];

        m->out[m->at++] = (uint8_t)len;
        len = len < end - m->at ? len : end - m->at;
        memset(m->out + m->at, 'x', len);
        m->at += len;
    }
}

/* code 2 | length 2 | value, repeated: of EDNS (RFC 6891); only an extended error's code stays */
static void put_options(struct message *m, size_t end)
{
    enum { EXTENDED_ERROR = 15 };

    while (end - m->at >= 4) { /* ends: each turn takes four octets at least */
        const uint8_t *p = m->in + m->at;
        size_t len = (size_t)p[2] << 8 | p[3];

        keep(m, 4);
        len = len < end - m->at ? len : end - m->at;
        if (p[0] == 0 && p[1] == EXTENDED_ERROR && len >= 2) {
            memcpy(m->out + m->at, p + 4, 2);
            memset(m->out + m->at + 2, 'x', len - 2);
        }
        m->at += len;
    }
}

/* key 2 | length 2 | value, repeated (RFC 9460): protocols, ports and address hints */
static void put_parameters(struct message *m, size_t end)
{
    enum { MANDATORY = 0, ALPN = 1, PORT = 3, HINT4 = 4, HINT6 = 6 };

    while (end - m->at >= 4) { /* ends: each turn takes four octets at least */
        unsigned key = (unsigned)(m->in[m->at] << 8 | m->in[m->at + 1]);
        size_t len = (size_t)m->in[m->at + 2] << 8 | m->in[m->at + 3], stop;

        keep(m, 4);
        stop = m->at + (len < end - m->at ? len : end - m->at);
        if (key == MANDATORY || key == ALPN || key == PORT)
            keep(m, stop - m->at);
        while (key == HINT4 && stop - m->at >= 4)
            put_address(m, AF_INET);
        while (key == HINT6 && stop - m->at >= 16)
            put_address(m, AF_INET6);
        m->at = stop;
    }
}

static bool put_data(struct message *m, unsigned type, size_t end)
{
    switch (type) {
    case TYPE_A:
        return end - m->at == 4 && put_address(m, AF_INET);
    case TYPE_AAAA:
        return end - m->at == 16 && put_address(m, AF_INET6);
    case TYPE_NS:
    case TYPE_CNAME:
    case TYPE_PTR:
    case TYPE_DNAME:
        return put_name(m);
    case TYPE_MX:
        return keep(m, 2) && put_name(m);
    case TYPE_SRV:
        return keep(m, 6) && put_name(m);
    case TYPE_SOA:
        return put_name(m) && put_name(m) && keep(m, 20);
    case TYPE_SVCB:
    case TYPE_HTTPS:
        if (!keep(m, 2) || !put_name(m) || m->at > end)
            return false;
        put_parameters(m, end);
        return true;
    case TYPE_TXT:
        put_strings(m, end);
        return true;
    case TYPE_OPT:
        put_options(m, end);
        return true;
    default: /* zeros */
        return true;
    }
}

/* name | type 2 | class 2 | TTL 4 | length 2 | data */
static bool put_record(struct message *m)
{
    const uint8_t *p;
    size_t end;

    if (!put_name(m) || m->len - m->at < 10)
        return false;
    p = m->in + m->at;
    end = m->at + 10 + ((size_t)p[8] << 8 | p[9]);
    if (end > m->len)
        return false;
    keep(m, 10);
    if (!put_data(m, (unsigned)(p[0] << 8 | p[1]), end) || m->at > end)
        return false;
    m->at = end;
    return true;
}

static unsigned count_at(const uint8_t *p)
{
    return (unsigned)(p[0] << 8 | p[1]);
}

size_t disguise_dns(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out)
{
    struct message m = {.names = n, .in = in, .out = out, .len = len};
    unsigned records;
    size_t whole;

    if (!keep(&m, HEAD))
        return 0;
    whole = m.at;
    for (unsigned i = 0; i < count_at(in + 4); i++) {
        if (!put_name(&m) || !keep(&m, 4))
            return whole;
        whole = m.at;
    }
    records = count_at(in + 6) + count_at(in + 8) + count_at(in + 10);
    for (unsigned i = 0; i < records; i++) { /* ends with the message: each takes octets */
        if (!put_record(&m))
            return whole;
        whole = m.at;
    }
    return whole;
}
