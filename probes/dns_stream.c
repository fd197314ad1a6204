/* dns_stream: see dns_stream.h. */
#include "probes/dns_stream.h"

#include <assert.h>
#include <string.h>

static size_t length_at(const uint8_t *p)
{
    return (size_t)p[0] << 8 | p[1];
}

uint8_t *dns_stream_room(struct dns_stream *s, size_t *room)
{
    assert(!s->whole);
    *room = s->len < DNS_LENGTH ? DNS_LENGTH - s->len : DNS_LENGTH + length_at(s->octets) - s->len;
    return s->octets + s->len;
}

void dns_stream_add(struct dns_stream *s, size_t n, const struct bare_queries *queries)
{
    size_t len;

    s->len += n;
    if (s->len < DNS_LENGTH || s->len < DNS_LENGTH + length_at(s->octets))
        return;
    len = bare_complete(queries, s->octets + DNS_LENGTH, s->len - DNS_LENGTH,
                        sizeof s->octets - DNS_LENGTH);
    s->octets[0] = (uint8_t)(len >> 8);
    s->octets[1] = (uint8_t)len;
    s->len = DNS_LENGTH + len;
    s->whole = true;
}

size_t dns_stream_left(const struct dns_stream *s)
{
    return s->whole ? s->len - s->given : 0;
}

size_t dns_stream_take(struct dns_stream *s, uint8_t *to, size_t room)
{
    size_t left = dns_stream_left(s), n = left < room ? left : room;

    if (n == 0)
        return 0;
    memcpy(to, s->octets + s->given, n);
    s->given += n;
    if (n == left) { /* ready for the next message */
        s->len = s->given = 0;
        s->whole = false;
    }
    return n;
}

void dns_stream_remember(struct bare_queries *queries, const uint8_t *sent, size_t len)
{
    size_t n;

    for (size_t at = 0; len - at >= DNS_LENGTH;
         at += DNS_LENGTH + n) { /* ends: grows by 2 or more */
        n = length_at(sent + at);
        if (n > len - at - DNS_LENGTH)
            return;
        bare_remember(queries, sent + at + DNS_LENGTH, n);
    }
}
