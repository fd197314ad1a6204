/*
 * dns: whole DNS messages, decoded and built: RFC 1035 section 4, RFC 3596 (AAAA), RFC 6891
 * (EDNS), RFC 8914 (extended errors). Over TCP a message has two octets of length in front
 * (RFC 1035 section 4.2.2), which the caller takes off.
 */
#ifndef HOPPROOF_PROTO_DNS_H
#define HOPPROOF_PROTO_DNS_H

#include "diag/base/addr.h"
#include "diag/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_NAME_MAX = 255,                 /* octets of a name on the wire, RFC 1035 section 2.3.4 */
    DNS_NAME_TEXT = 1012,               /* room for any name as text: every octet may need "\DDD" */
    DNS_MESSAGE_MAX = 65535,            /* what the length over TCP can say */
    DNS_QUERY_ROOM = 12 + 255 + 4 + 11, /* header, question, OPT */
    DNS_MAX_ANSWERS = 128,              /* records of the answer section that are looked at */
    DNS_MAX_CNAMES = 16,                /* links of an alias chain that are followed */
    DNS_MAX_ADDRESSES = 64,
    DNS_MAX_ERRORS = 4,   /* extended errors kept */
    DNS_TEXT_POOL = 4096, /* room for all names of a chain and the texts of the errors */
};

enum dns_type {
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_SOA = 6,
    DNS_AAAA = 28,
    DNS_OPT = 41,
};

enum dns_rcode {
    DNS_NOERROR = 0,
    DNS_FORMERR = 1,
    DNS_SERVFAIL = 2,
    DNS_NXDOMAIN = 3,
    DNS_NOTIMP = 4,
    DNS_REFUSED = 5,
    DNS_BADVERS = 16,
};

/* An extended DNS error (RFC 8914): why, in the resolver's own words. */
struct dns_error {
    uint16_t code;    /* see dns_error_name */
    const char *text; /* EXTRA-TEXT as it came, "" when none; not printable by itself */
};

/*
 * One message. Strings are names in presentation format (RFC 1035 section 5.1): printable ASCII,
 * special and other octets escaped, no dot at the end; the root is ".". They point into the
 * structure itself, which therefore must not be copied.
 */
struct dns_message {
    uint16_t id;
    bool response, aa, tc, rd, ra, ad, cd;
    uint8_t opcode;
    uint16_t rcode;     /* with the upper eight bits from EDNS */
    uint16_t counts[4]; /* question, answer, authority, additional, as the header says */

    /* The first question; NULL when there is none or it did not arrive whole. */
    const char *name;
    uint16_t type, class;

    /* The alias chain from the question's name on, in order; the last is the canonical name. */
    const char *cnames[DNS_MAX_CNAMES];
    size_t n_cnames;
    bool cname_loop; /* the chain comes back to a name it had */

    /* A and AAAA records of the canonical name, port 0, in the order of the answer. */
    struct addr addresses[DNS_MAX_ADDRESSES];
    size_t n_addresses;

    int64_t ttl;          /* smallest of the chain and its addresses, seconds; -1 when none */
    int64_t negative_ttl; /* of an authority SOA (RFC 2308 section 5), seconds; -1 when none */
    size_t strays;        /* addresses and aliases in the answer that the chain does not reach */
    bool more;            /* something did not fit one of the limits above and is left out */

    bool edns;
    uint8_t edns_version;
    bool edns_do;
    uint16_t edns_udp_size;
    struct dns_error errors[DNS_MAX_ERRORS];
    size_t n_errors;

    size_t trailing; /* octets behind the message */

    char name_text[DNS_NAME_TEXT];
    char pool[DNS_TEXT_POOL];
    size_t pool_len;
};

/*
 * Decode a message of `len` octets into *m. DECODE_TRUNCATED: the octets end in the middle; *m
 * holds what stood in front of the cut (the chain is followed over the records that are whole).
 * DECODE_INVALID: *m holds the header and what was understood before the contradiction; it may
 * serve as evidence, never as an answer. A message with TC set that is whole is DECODE_OK.
 */
enum decode dns_decode(const void *message, size_t len, struct dns_message *m);

/*
 * Build a query for `name` (presentation format, with or without the final dot) into `out`
 * (DNS_QUERY_ROOM octets). RD is set. `udp_size` 0: no EDNS; else that size is announced.
 * Returns the length, 0 when the name is not a domain name.
 */
size_t dns_query(uint8_t *out, uint16_t id, const char *name, uint16_t type, uint16_t udp_size);

/* "NOERROR", "NXDOMAIN", ... ; NULL when the number has no name (IANA registry). */
const char *dns_rcode_name(unsigned rcode);

/* "A", "AAAA", ...; NULL when this program has no name for it. */
const char *dns_type_name(unsigned type);

/* "Blocked", "Censored", "Filtered", ...: RFC 8914 section 4 and the registry; NULL if none. */
const char *dns_error_name(unsigned code);

/*
 * The same name: ASCII letters in either case, with or without the final dot (RFC 4343). Both in
 * presentation format.
 */
bool dns_same_name(const char *a, const char *b);

#endif
