/*
 * addr: an IPv4 or IPv6 address with a port, and what kind of address it is.
 */
#ifndef HOPPROOF_BASE_ADDR_H
#define HOPPROOF_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct arena;

struct addr {
    int family;     /* AF_INET, AF_INET6; 0 is "no address" */
    uint16_t port;  /* host byte order; 0 when none is meant */
    uint32_t scope; /* IPv6 zone (interface index), 0 when none */
    uint8_t ip[16]; /* network byte order; the first 4 for IPv4 */
};

enum { ADDR_TEXT = 80 }; /* room for any address as text, with brackets, zone and port */

/* What an address is good for, from the IANA special-purpose registries (RFC 6890). */
enum addr_kind {
    ADDR_PUBLIC,
    ADDR_UNSPECIFIED, /* 0.0.0.0/8, :: */
    ADDR_LOOPBACK,    /* 127/8, ::1 */
    ADDR_PRIVATE,     /* RFC 1918, RFC 6598 shared space, RFC 4193, old site-local */
    ADDR_LINK_LOCAL,  /* 169.254/16, fe80::/10 */
    ADDR_MULTICAST,
    ADDR_RESERVED, /* documentation, benchmarking, 240/4, broadcast, discard-only */
};

/* "192.0.2.1", "2001:db8::1", "fe80::1%eth0"; no port, no brackets. False when it is none. */
bool addr_parse(const char *text, struct addr *out);

/* "ADDR", "ADDR:PORT", "[V6]", "[V6]:PORT"; a missing port becomes `port`. */
bool addr_parse_port(const char *text, uint16_t port, struct addr *out);

/* From and to the kernel's form; `addr_to_sockaddr` returns the length. */
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out);
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *out);

/* From raw bytes of a packet or a DNS record: 4 or 16. */
struct addr addr_from_ip(int family, const void *ip, uint16_t port);

/* As text into `to` (ADDR_TEXT bytes), which is returned: without the port; with it. */
const char *addr_text(const struct addr *a, char *to);
const char *addr_port_text(const struct addr *a, char *to);

/*
 * "HOST:PORT" of a name or an address literal, in the arena; IPv6 in brackets (RFC 3986 section
 * 3.2.2).
 */
const char *addr_host_port(struct arena *a, const char *host, unsigned port);

/* Same IP (port and zone ignored); same IP and port. An IPv4-mapped IPv6 address equals its IPv4.
 */
bool addr_same_ip(const struct addr *a, const struct addr *b);
bool addr_equal(const struct addr *a, const struct addr *b);

/*
 * The IPv4 address inside one that DNS64 made for a NAT64 translator, port 0: of the prefix
 * 64:ff9b::/96 that everybody knows (RFC 6052 section 2.1), or of one of 96 bits in 64:ff9b:1::/48,
 * which every site may use for itself (RFC 8215). False when it is none; *inside is untouched then.
 */
bool addr_translated(const struct addr *a, struct addr *inside);

/* Of a translated one, that of the IPv4 address inside. */
enum addr_kind addr_kind(const struct addr *a);

#endif
