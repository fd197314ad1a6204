/*
 * ntp: the one question that a client asks a time server, and its answer (SNTP, RFC 4330; header as
 * in RFC 5905 section 7.3).
 *
 *  0        1        2        3        4          8          12
 *  LI VN Mo stratum  poll     precis.  root delay root disp. reference id
 *  16                24                32                    40
 *  reference time    origin time       receive time          transmit time
 */
#ifndef HOPPROOF_PROTO_NTP_H
#define HOPPROOF_PROTO_NTP_H

#include <stddef.h>
#include <stdint.h>

enum { NTP_LEN = 48, NTP_PORT = 123 };

/*
 * A request. `cookie` stands where the client's time would: the server returns it, and nobody can
 * answer who has not seen it, nor learn our clock (draft-ietf-ntp-data-minimization).
 */
void ntp_request(uint64_t cookie, uint8_t out[NTP_LEN]);

enum ntp_kind {
    NTP_TIME,           /* received_us and sent_us hold */
    NTP_UNSYNCHRONISED, /* it answers, and says that it does not know the time (section 5) */
    NTP_KISS,           /* stratum 0: go away; `reference` says why (section 8) */
    NTP_BROKEN,         /* no answer of a server, or without times */
    NTP_FOREIGN,        /* not to our question: wait on */
};

struct ntp_answer {
    enum ntp_kind kind;
    unsigned stratum, leap;
    char reference[16];           /* four characters, or an address: printable */
    int64_t received_us, sent_us; /* by the server's clock, since 1970 */
};

void ntp_read(const uint8_t *data, size_t len, uint64_t cookie, struct ntp_answer *out);

#endif
