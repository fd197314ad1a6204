/*
 * host: host names, addresses and wildcards as people write them, brought to one form.
 *
 * Names become A-labels in lower case without a trailing dot (RFC 5891), addresses their shortest
 * text (RFC 5952). Rules for names: RFC 1123 section 2.1 and RFC 1035 section 2.3.4 (labels of at
 * most 63 octets, 253 in all), with the underscore, which real names have.
 */
#ifndef HOPPROOF_SITE_HOST_H
#define HOPPROOF_SITE_HOST_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fault;

enum host_kind { HOST_NAME, HOST_ADDRESS, HOST_WILDCARD };

struct host {
    const char *text; /* in the arena; an address without brackets; "*.x" for a wildcard */
    enum host_kind kind;
};

/*
 * text[0..len) as a host; IPv6 with or without brackets. 0, or -1 with a fault that begins with
 * the quoted text and says what is wrong with it.
 */
int host_parse(struct arena *a, const char *text, size_t len, struct host *out, struct fault *f);

#endif
