/*
 * squid_ip: the addresses of `src` and `dst` lists: single ones, networks, ranges.
 *
 * Squid keeps IPv4 as IPv4-mapped IPv6; so do these ranges (RFC 4291 section 2.5.5.2).
 */
#ifndef HOPPROOF_SITE_SQUID_IP_H
#define HOPPROOF_SITE_SQUID_IP_H

#include <stdbool.h>
#include <stdint.h>

struct addr;
struct arena;

enum squid_ip_kind {
    SQUID_IP_RANGE,   /* low to high */
    SQUID_IP_ALL,     /* every address of both families */
    SQUID_IP_UNKNOWN, /* a host name, or a form whose meaning depends on the version */
    SQUID_IP_BAD,     /* Squid refuses it */
};

struct squid_ip {
    enum squid_ip_kind kind;
    uint8_t low[16], high[16];
    bool masked_away; /* the mask removed bits that were written */
    bool old_all;     /* a spelling of `all` that Squid complains about */
};

/* "10.1.0.0/16", "10.1.0.0/255.255.0.0", "10.1.0.1-10.1.0.9", "2001:db8::/32", "all", a name. */
struct squid_ip squid_ip_parse(struct arena *a, const char *text);

/* Is the address one of them? Only for ranges and SQUID_IP_ALL. */
bool squid_ip_has(const struct squid_ip *ip, const struct addr *address);

/*
 * Would Squid's tree take the two for the same, and so drop the one that comes later? One holds
 * the beginning of the other.
 */
bool squid_ip_clash(const struct squid_ip *a, const struct squid_ip *b);

/* The whole of `inner` lies in `outer`. */
bool squid_ip_within(const struct squid_ip *inner, const struct squid_ip *outer);

#endif
