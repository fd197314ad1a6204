/* dns: see dns.h. */
#include "diag/proto/dns.h"

#include "diag/base/text.h"
#include "diag/proto/dns_name.h"

#include <netinet/in.h>
#include <string.h>

enum { CLASS_IN = 1, OPTION_EDE = 15 };

/* A resource record as it stands in the message (RFC 1035 section 4.1.3). */
struct record {
    struct dns_name owner;
    uint16_t type, class;
    uint32_t ttl;
    struct bytes data;
};

/* What of an answer record the chain needs; the owner is read again when it is compared. */
struct link {
    const uint8_t *owner;
    uint16_t type;
    uint32_t ttl;
    struct bytes data;
    bool used;
};

struct decoder {
    struct bytes all; /* the message; `all.p` never moves, offsets count from it */
    struct bytes in;
    struct dns_message *m;
    struct link links[DNS_MAX_ANSWERS];
    size_t n_links;
};

/* `len` octets and a NUL into the pool; NULL (and `more`) when it is full. */
static const char *keep(struct dns_message *m, const void *text, size_t len)
{
    char *to = m->pool + m->pool_len;

    if (len >= sizeof m->pool - m->pool_len) {
        m->more = true;
        return NULL;
    }
    if (len > 0)
        memcpy(to, text, len);
    to[len] = '\0';
    m->pool_len += len + 1;
    return to;
}

/*
 *   0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15
 * +---+---------------+---+---+---+---+---+---+---+---------------+
 * |QR |    opcode     |AA |TC |RD |RA | Z |AD |CD |     RCODE     |
 * +---+---------------+---+---+---+---+---+---+---+---------------+
 */
static void read_header(struct bytes *in, struct dns_message *m)
{
    uint16_t flags;

    m->id = bytes_u16(in);
    flags = bytes_u16(in);
    m->response = flags & 0x8000;
    m->opcode = flags >> 11 & 0xf;
    m->aa = flags & 0x0400;
    m->tc = flags & 0x0200;
    m->rd = flags & 0x0100;
    m->ra = flags & 0x0080;
    m->ad = flags & 0x0020;
    m->cd = flags & 0x0010;
    m->rcode = flags & 0xf;
    for (int i = 0; i < 4; i++)
        m->counts[i] = bytes_u16(in);
}

static void read_questions(struct decoder *d, struct dns_name *first)
{
    first->len = 0;
    /* Ends: every question takes at least five octets of the message. */
    for (unsigned i = 0; i < d->m->counts[0] && bytes_ok(&d->in); i++) {
        struct dns_name name;
        uint16_t type, class;

        dns_name_read(&d->all, &d->in, &name);
        type = bytes_u16(&d->in);
        class = bytes_u16(&d->in);
        if (i > 0 || !bytes_ok(&d->in))
            continue;
        *first = name;
        dns_name_text(&name, d->m->name_text);
        d->m->name = d->m->name_text;
        d->m->type = type;
        d->m->class = class;
    }
}

static bool read_record(struct decoder *d, struct record *r)
{
    dns_name_read(&d->all, &d->in, &r->owner);
    r->type = bytes_u16(&d->in);
    r->class = bytes_u16(&d->in);
    r->ttl = bytes_u32(&d->in);
    if (r->ttl > INT32_MAX && r->type != DNS_OPT)
        r->ttl = 0; /* RFC 2181 section 8 */
    r->data = bytes_vec16(&d->in);
    return bytes_ok(&d->in);
}

/* An inner structure that needs more than its announced length is wrong, not cut. */
static void require(struct decoder *d, const struct bytes *inner, bool whole)
{
    if (!bytes_ok(inner) || (whole && bytes_left(inner) != 0))
        d->in.invalid = true;
}

static void note_answer(struct decoder *d, const uint8_t *owner, const struct record *r)
{
    struct bytes data = r->data;
    struct dns_name target;

    if (r->class != CLASS_IN)
        return;
    if (r->type == DNS_A || r->type == DNS_AAAA) {
        bytes_skip(&data, r->type == DNS_A ? 4 : 16);
        require(d, &data, true);
    } else if (r->type == DNS_CNAME) {
        dns_name_read(&d->all, &data, &target);
        require(d, &data, true);
    } else {
        return;
    }
    if (d->in.invalid)
        return;
    if (d->n_links == DNS_MAX_ANSWERS) {
        d->m->more = true;
        return;
    }
    d->links[d->n_links++] =
        (struct link){.owner = owner, .type = r->type, .ttl = r->ttl, .data = r->data};
}

/* MNAME, RNAME, SERIAL, REFRESH, RETRY, EXPIRE, MINIMUM (RFC 1035 section 3.3.13). */
static void note_authority(struct decoder *d, const struct record *r)
{
    struct bytes data = r->data;
    struct dns_name name;
    uint32_t minimum;

    if (r->type != DNS_SOA || r->class != CLASS_IN)
        return;
    dns_name_read(&d->all, &data, &name);
    dns_name_read(&d->all, &data, &name);
    bytes_skip(&data, 16);
    minimum = bytes_u32(&data);
    require(d, &data, true);
    if (!d->in.invalid && d->m->negative_ttl < 0)
        d->m->negative_ttl = minimum < r->ttl ? minimum : r->ttl;
}

/* The OPT pseudo record, RFC 6891 section 6.1. */
static void note_additional(struct decoder *d, const struct record *r)
{
    struct dns_message *m = d->m;
    struct bytes data = r->data;

    if (r->type != DNS_OPT)
        return;
    if (m->edns || r->owner.len != 1) { /* section 6.1.1: one, owned by the root */
        d->in.invalid = true;
        return;
    }
    m->edns = true;
    m->edns_udp_size = r->class;
    m->rcode = (uint16_t)(m->rcode | (r->ttl >> 24) << 4);
    m->edns_version = (uint8_t)(r->ttl >> 16);
    m->edns_do = r->ttl & 0x8000;
    /* Ends: every option takes at least four octets. */
    while (bytes_left(&data) > 0 && bytes_ok(&data)) {
        uint16_t code = bytes_u16(&data);
        struct bytes option = bytes_vec16(&data);
        struct dns_error error;

        if (code != OPTION_EDE || !bytes_ok(&data))
            continue;
        error.code = bytes_u16(&option);
        require(d, &option, false);
        if (m->n_errors == DNS_MAX_ERRORS) {
            m->more = true;
            continue;
        }
        error.text = keep(m, option.p, bytes_left(&option));
        if (error.text == NULL)
            error.text = "";
        m->errors[m->n_errors++] = error;
    }
    require(d, &data, false);
}

static void read_section(struct decoder *d, int section)
{
    /* Ends: every record takes at least eleven octets of the message. */
    for (unsigned i = 0; i < d->m->counts[section] && bytes_ok(&d->in); i++) {
        const uint8_t *owner = d->in.p;
        struct record r;

        if (!read_record(d, &r))
            return;
        if (section == 1)
            note_answer(d, owner, &r);
        else if (section == 2)
            note_authority(d, &r);
        else
            note_additional(d, &r);
    }
}

static bool owned_by(const struct decoder *d, const struct link *link, const struct dns_name *name)
{
    struct bytes at = bytes_of(link->owner, (size_t)(d->all.end - link->owner));
    struct dns_name owner;

    dns_name_read(&d->all, &at, &owner); /* went well before */
    return dns_name_equal(&owner, name);
}

static void note_ttl(struct dns_message *m, const struct link *link)
{
    if (m->ttl < 0 || link->ttl < m->ttl)
        m->ttl = link->ttl;
}

/* The alias of `name`, unless it has none. */
static struct link *alias_of(struct decoder *d, const struct dns_name *name)
{
    for (size_t i = 0; i < d->n_links; i++) {
        if (d->links[i].type == DNS_CNAME && owned_by(d, &d->links[i], name))
            return &d->links[i];
    }
    return NULL;
}

/*
 * From the question's name over its aliases (records may come in any order) to the addresses of
 * the last name. Ends: a link that was used once is not used again, and there are at most
 * DNS_MAX_CNAMES of them.
 */
static void follow_chain(struct decoder *d, struct dns_name *name)
{
    struct dns_message *m = d->m;
    char text[DNS_NAME_TEXT];
    struct link *alias;

    while ((alias = alias_of(d, name)) != NULL) {
        struct bytes at = alias->data;
        const char *kept;

        if (alias->used) {
            m->cname_loop = true;
            break;
        }
        if (m->n_cnames == DNS_MAX_CNAMES) {
            m->more = true;
            break;
        }
        alias->used = true;
        dns_name_read(&d->all, &at, name);
        note_ttl(m, alias);
        kept = keep(m, text, dns_name_text(name, text));
        if (kept == NULL)
            break;
        m->cnames[m->n_cnames++] = kept;
    }
    for (size_t i = 0; i < d->n_links && !m->cname_loop; i++) {
        struct link *link = &d->links[i];
        int family = link->type == DNS_A ? AF_INET : AF_INET6;

        if (link->type == DNS_CNAME || !owned_by(d, link, name))
            continue;
        link->used = true;
        note_ttl(m, link);
        if (m->n_addresses < DNS_MAX_ADDRESSES)
            m->addresses[m->n_addresses++] = addr_from_ip(family, link->data.p, 0);
        else
            m->more = true;
    }
}

/*
 * A refusal that does not repeat the question (RFC 9619 allows it): its header is the answer. What
 * Unbound 1.17 puts behind it does not fit its counts.
 */
static bool is_bare_refusal(const struct dns_message *m)
{
    return m->response && m->rcode != 0 && m->counts[0] == 0 && m->counts[1] == 0;
}

enum decode dns_decode(const void *message, size_t len, struct dns_message *m)
{
    struct decoder d = {.all = bytes_of(message, len), .in = bytes_of(message, len), .m = m};
    struct dns_name first;

    /* The two text areas need no zeroes: 5 KiB saved for every packet. */
    memset(m, 0, offsetof(struct dns_message, name_text));
    m->pool_len = 0;
    m->ttl = m->negative_ttl = -1;
    read_header(&d.in, m);
    if (!bytes_ok(&d.in))
        return bytes_verdict(&d.in);
    read_questions(&d, &first);
    for (int section = 1; section < 4; section++)
        read_section(&d, section);
    if (bytes_ok(&d.in))
        m->trailing = bytes_left(&d.in);
    if (m->name != NULL)
        follow_chain(&d, &first);
    for (size_t i = 0; i < d.n_links; i++)
        m->strays += !d.links[i].used;
    return is_bare_refusal(m) ? DECODE_OK : bytes_verdict(&d.in);
}

static uint8_t *put16(uint8_t *to, unsigned value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
    return to + 2;
}

size_t dns_query(uint8_t *out, uint16_t id, const char *name, uint16_t type, uint16_t udp_size)
{
    struct dns_name n;
    uint8_t *p = out;

    if (!dns_name_parse(name, &n))
        return 0;
    p = put16(p, id);
    p = put16(p, 0x0100); /* RD */
    p = put16(p, 1);
    p = put16(p, 0);
    p = put16(p, 0);
    p = put16(p, udp_size != 0);
    memcpy(p, n.wire, n.len);
    p = put16(p + n.len, type);
    p = put16(p, CLASS_IN);
    if (udp_size != 0) {
        *p++ = 0; /* the root owns it */
        p = put16(p, DNS_OPT);
        p = put16(p, udp_size);
        memset(p, 0, 6); /* version 0, no flags, no options */
        p += 6;
    }
    return (size_t)(p - out);
}

bool dns_same_name(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    struct dns_name x, y;

    /* Without escapes the text is the name, but for a dot at its end: nearly always. */
    if (a_len > 1 && b_len > 1 && memchr(a, '\\', a_len) == NULL &&
        memchr(b, '\\', b_len) == NULL) {
        a_len -= a[a_len - 1] == '.';
        b_len -= b[b_len - 1] == '.';
        return a_len == b_len && text_equal_nocase_n(a, b, a_len);
    }
    return dns_name_parse(a, &x) && dns_name_parse(b, &y) && dns_name_equal(&x, &y);
}
