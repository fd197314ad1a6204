/*
 * dns_name: one domain name between its forms: compressed in a message (RFC 1035 section 4.1.4),
 * plain on the wire, and presentation text (section 5.1). Private to dns.
 */
#ifndef HOPPROOF_PROTO_DNS_NAME_H
#define HOPPROOF_PROTO_DNS_NAME_H

#include "diag/base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A name without compression: labels with their lengths, the empty root label last. */
struct dns_name {
    uint8_t wire[256];
    size_t len;
};

/*
 * Read the name at *at, whose end may lie before the end of `all`, the whole message. Pointers
 * may only go backwards, which ends every loop. Trouble is told in at's flags.
 */
void dns_name_read(const struct bytes *all, struct bytes *at, struct dns_name *out);

/* As text into `to` (DNS_NAME_TEXT bytes); returns its length. */
size_t dns_name_text(const struct dns_name *n, char *to);

/* From text; false when that is no domain name. */
bool dns_name_parse(const char *text, struct dns_name *out);

/* ASCII letters match in either case, everything else exactly (RFC 4343). */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

#endif
