/* mask: see mask.h. */
#include "capture/mask.h"

#include "capture/checksum.h"
#include "capture/link.h"
#include "capture/tcp.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    TCP_CHECKSUM_AT = 16,
    ICMP_CHECKSUM_AT = 2,
    ICMP_HEAD = 8,
};

struct mask {
    const struct wire_file *file;
    struct wire_secret *secrets; /* sorted by flow */
    size_t n;
};

static int by_flow(const void *a, const void *b)
{
    const struct wire_secret *x = a, *y = b;

    return (x->flow > y->flow) - (x->flow < y->flow);
}

struct mask *mask_new(const struct wire_file *file)
{
    struct mask *m = calloc(1, sizeof *m);

    if (m == NULL)
        return NULL;
    m->file = file;
    m->n = file->n_secrets;
    m->secrets = calloc(m->n + 1, sizeof *m->secrets);
    if (m->secrets == NULL) {
        free(m);
        return NULL;
    }
    if (m->n > 0)
        memcpy(m->secrets, file->secrets, m->n * sizeof *m->secrets);
    qsort(m->secrets, m->n, sizeof *m->secrets, by_flow);
    return m;
}

void mask_free(struct mask *m)
{
    if (m == NULL)
        return;
    free(m->secrets);
    free(m);
}

/* Overwrite the secrets of a flow in octets whose first has the number `seq`. */
static size_t mask_of_flow(const struct mask *m, const struct wire_flow *flow, int direction,
                           uint32_t seq, uint8_t *p, size_t len)
{
    struct wire_secret key = {.flow = flow};
    const struct wire_secret *s = bsearch(&key, m->secrets, m->n, sizeof key, by_flow);
    size_t masked = 0;

    if (s == NULL)
        return 0;
    while (s > m->secrets && s[-1].flow == flow)
        s--;
    for (; s < m->secrets + m->n && s->flow == flow; s++) {
        int32_t from = tcp_seq_diff(s->seq, seq);

        if (s->direction != direction)
            continue;
        for (uint32_t i = 0; i < s->len; i++) {
            int64_t at = (int64_t)from + i;

            if (at >= 0 && at < (int64_t)len) {
                p[at] = 'x';
                masked++;
            }
        }
    }
    return masked;
}

/* Overwrite a field's value behind its scheme ("Basic "), up to the end of the line or segment. */
static size_t mask_value(uint8_t *p, size_t len)
{
    size_t at = 0, masked = 0;

    while (at < len && (p[at] == ' ' || p[at] == '\t'))
        at++;
    while (at < len && p[at] != ' ' && p[at] != '\r' && p[at] != '\n')
        at++;
    for (; at < len && p[at] != '\r' && p[at] != '\n'; at++) {
        masked += p[at] != ' ';
        p[at] = p[at] == ' ' ? ' ' : 'x';
    }
    return masked;
}

/*
 * Where the capture lost a segment, nobody read the request to its end, and its secrets are not
 * known by their numbers. So a field that can be seen to hold some loses them in any case.
 */
static size_t mask_visible(uint8_t *p, size_t len)
{
    static const char field[] = "Authorization"; /* and Proxy-Authorization */
    const size_t name = sizeof field - 1;
    const uint8_t *colon = p;
    size_t masked = 0;

    /* Ends: each turn looks behind the colon before. */
    while ((colon = memchr(colon, ':', len - (size_t)(colon - p))) != NULL) {
        size_t at = (size_t)(colon - p);

        colon++;
        if (at >= name && strncasecmp((const char *)p + at - name, field, name) == 0)
            masked += mask_value(p + at + 1, len - at - 1);
    }
    return masked;
}

/* ... of all flows between the two ends of a segment. */
static size_t mask_octets(const struct mask *m, const struct ip_packet *ip, uint16_t src_port,
                          uint16_t dst_port, uint32_t seq, uint8_t *p, size_t len)
{
    struct addr src = addr_from_ip(ip->family, ip->src, src_port);
    struct addr dst = addr_from_ip(ip->family, ip->dst, dst_port);
    size_t masked = mask_visible(p, len);

    for (const struct wire_flow *f = wire_find(m->file, IPPROTO_TCP, &src, &dst); f != NULL;
         f = wire_older(m->file, f)) { /* ends: older ones were made before */
        int direction =
            f->src_port == src_port && memcmp(f->src, ip->src, sizeof f->src) == 0 ? 0 : 1;

        masked += mask_of_flow(m, f, direction, seq, p, len);
    }
    return masked;
}

/* Make the checksum at this place of the payload right again. */
static void mend(const struct ip_packet *ip, uint8_t *payload, size_t at)
{
    uint16_t sum;

    payload[at] = payload[at + 1] = 0;
    sum = checksum_of(ip);
    payload[at] = (uint8_t)(sum >> 8);
    payload[at + 1] = (uint8_t)sum;
}

static bool is_right(const struct ip_packet *ip)
{
    return bytes_left(&ip->payload) == ip->len && checksum_of(ip) == 0;
}

static size_t mask_tcp(const struct mask *m, const struct ip_packet *ip, uint8_t *payload)
{
    bool right = is_right(ip);
    struct tcp_segment s;
    size_t len, masked;

    if (tcp_decode(ip, &s) != DECODE_OK)
        return 0;
    len = bytes_left(&s.payload);
    masked = mask_octets(m, ip, s.src_port, s.dst_port, s.seq,
                         payload + (s.payload.p - ip->payload.p), len);
    if (masked > 0 && right)
        mend(ip, payload, TCP_CHECKSUM_AT);
    return masked;
}

/* An error quotes the beginning of the packet that it is about, payload included. */
static size_t mask_quote(const struct mask *m, const struct ip_packet *ip, uint8_t *payload)
{
    size_t have = bytes_left(&ip->payload), head, masked;
    struct ip_packet quoted;
    bool right = is_right(ip);
    uint8_t *tcp;
    uint32_t seq;

    if (have <= ICMP_HEAD ||
        ip_decode(payload + ICMP_HEAD, have - ICMP_HEAD, (uint32_t)(have - ICMP_HEAD), &quoted) !=
            DECODE_OK ||
        quoted.protocol != IPPROTO_TCP || quoted.offset != 0 || bytes_left(&quoted.payload) <= 12)
        return 0;
    tcp = payload + (quoted.payload.p - payload);
    head = (size_t)(tcp[12] >> 4) * 4;
    if (head < 20 || head >= bytes_left(&quoted.payload))
        return 0;
    seq = (uint32_t)tcp[4] << 24 | (uint32_t)tcp[5] << 16 | (uint32_t)tcp[6] << 8 | tcp[7];
    masked =
        mask_octets(m, &quoted, (uint16_t)(tcp[0] << 8 | tcp[1]), (uint16_t)(tcp[2] << 8 | tcp[3]),
                    seq, tcp + head, bytes_left(&quoted.payload) - head);
    if (masked > 0 && right)
        mend(ip, payload, ICMP_CHECKSUM_AT);
    return masked;
}

size_t mask_frame(struct mask *m, uint16_t linktype, uint8_t *frame, size_t len, uint32_t wire_len)
{
    struct link_packet link;
    struct ip_packet ip;
    uint8_t *payload;
    size_t n;

    if (link_decode(linktype, frame, len, &link) != LINK_OK ||
        (link.ethertype != ETHERTYPE_V4 && link.ethertype != ETHERTYPE_V6) ||
        ip_decode(link.payload.p, bytes_left(&link.payload), link_wire_len(&link, frame, wire_len),
                  &ip) != DECODE_OK)
        return 0;
    payload = frame + (ip.payload.p - frame);
    n = bytes_left(&ip.payload);
    if (ip.protocol == IPPROTO_TCP && ip.fragment) {
        size_t head = ip.offset == 0 && n > 20 ? 20 : 0;

        if (m->n == 0)
            return 0;
        memset(payload + head, 'x', n - head); /* which octets they are is not known here */
        return n - head;
    }
    if (ip.protocol == IPPROTO_TCP)
        return mask_tcp(m, &ip, payload);
    if (ip.protocol == IPPROTO_ICMP || ip.protocol == IPPROTO_ICMPV6)
        return mask_quote(m, &ip, payload);
    return 0;
}
