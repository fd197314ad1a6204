/* ntp: see ntp.h. */
#include "diag/proto/ntp.h"

#include "diag/base/bytes.h"

#include <stdio.h>
#include <string.h>

enum {
    VERSION = 4,
    MODE_CLIENT = 3,
    MODE_SERVER = 4,
    LEAP_UNKNOWN = 3,  /* "alarm condition": not synchronised */
    STRATUM_KISS = 0,  /* section 8 */
    STRATUM_MOST = 15, /* 16: not synchronised (RFC 5905 figure 11) */
};

/* Seconds from 1900 to 1970. */
#define EPOCH_S INT64_C(2208988800)

void ntp_request(uint64_t cookie, uint8_t out[NTP_LEN])
{
    memset(out, 0, NTP_LEN);
    out[0] = VERSION << 3 | MODE_CLIENT;
    for (int i = 0; i < 8; i++)
        out[40 + i] = (uint8_t)(cookie >> (56 - 8 * i));
}

static uint64_t u64(struct bytes *b)
{
    uint64_t high = bytes_u32(b);

    return high << 32 | bytes_u32(b);
}

/* Microseconds since 1970. A clear top bit is a time from 2036 on (section 3). */
static int64_t time_us(uint64_t timestamp)
{
    int64_t s = (int64_t)(timestamp >> 32);
    int64_t us = (int64_t)(((timestamp & UINT32_MAX) * 1000000) >> 32);

    if ((timestamp >> 63) == 0)
        s += INT64_C(1) << 32;
    return (s - EPOCH_S) * 1000000 + us;
}

/* Four characters for a clock or a kiss code, else the address of the server's own source. */
static void reference_text(const uint8_t id[4], unsigned stratum, char *to, size_t room)
{
    size_t n = 0;

    if (stratum > 1) {
        snprintf(to, room, "%u.%u.%u.%u", id[0], id[1], id[2], id[3]);
        return;
    }
    for (; n < 4 && id[n] > ' ' && id[n] < 0x7f; n++)
        to[n] = (char)id[n];
    to[n] = '\0';
}

void ntp_read(const uint8_t *data, size_t len, uint64_t cookie, struct ntp_answer *out)
{
    struct bytes b = bytes_of(data, len);
    uint8_t first = bytes_u8(&b), stratum = bytes_u8(&b);
    const uint8_t *id;
    uint64_t origin, received, sent;

    *out = (struct ntp_answer){.kind = NTP_BROKEN, .stratum = stratum, .leap = first >> 6};
    bytes_skip(&b, 10);
    id = bytes_take(&b, 4);
    bytes_skip(&b, 8);
    origin = u64(&b);
    received = u64(&b);
    sent = u64(&b);
    if (!bytes_ok(&b))
        return;
    if (origin != cookie) {
        out->kind = NTP_FOREIGN;
        return;
    }
    if ((first & 7) != MODE_SERVER)
        return;
    reference_text(id, stratum, out->reference, sizeof out->reference);
    if (stratum == STRATUM_KISS)
        out->kind = NTP_KISS;
    else if (out->leap == LEAP_UNKNOWN || stratum > STRATUM_MOST)
        out->kind = NTP_UNSYNCHRONISED;
    else if (received != 0 && sent != 0) {
        out->kind = NTP_TIME;
        out->received_us = time_us(received);
        out->sent_us = time_us(sent);
    }
}
