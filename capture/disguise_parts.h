/*
 * disguise_parts: what the files of disguise share: one for frames, one for connections, one for
 * each protocol. Private to disguise.
 *
 * Each function reads `in` and writes `out`, of the same length and zeroed before, so that
 * whatever nobody has let through is gone. It returns how many octets from the beginning are fit
 * to be shown.
 */
#ifndef HOPPROOF_CAPTURE_DISGUISE_PARTS_H
#define HOPPROOF_CAPTURE_DISGUISE_PARTS_H

#include "capture/disguise.h"
#include "capture/ip.h"

#include <stdbool.h>

struct buf;
struct http1;
struct disguise_fragments;
struct disguise_streams;

struct disguise {
    const struct wire_file *file;
    const struct disguise_names *names;
    struct disguise_streams *streams;
    struct disguise_fragments *fragments;
    uint16_t dns_ports[16];
    size_t n_dns_ports;
    uint8_t *out; /* the newest frame */
    size_t room;
};

bool disguise_is_dns(const struct disguise *d, uint16_t port);

/* --- packets: disguise_ip.c, disguise_icmp.c --- */

/* An IP packet of `wire_len` octets, `len` of them captured, in frame `number`. */
size_t disguise_ip(struct disguise *d, uint64_t number, const uint8_t *in, size_t len,
                   size_t wire_len, uint8_t *out);

/* The header alone, addresses exchanged; returns its length, 0 when there is no whole one. */
size_t disguise_ip_head(const struct disguise *d, const uint8_t *in, size_t len, size_t wire_len,
                        uint8_t *out, struct ip_packet *ip);

/* TCP options that hold numbers of the connection; others become "no operation". */
void disguise_tcp_options(const uint8_t *in, size_t len, uint8_t *out);

/* The checksum of the TCP segment that `was` carries, of the `len` octets that are shown of it. */
void disguise_tcp_sum(const struct disguise *d, const struct ip_packet *was, uint8_t *out,
                      size_t len);

/* The payload of a UDP packet that is no fragment. */
size_t disguise_datagram(const struct disguise *d, const struct ip_packet *ip, uint8_t *out);

/* The payload of an ICMP packet of either version. */
size_t disguise_icmp(const struct disguise *d, const struct ip_packet *ip, uint8_t *out);

/* Exchange an address of either family that stands in a packet. */
void disguise_address(const struct disguise_names *n, int family, const uint8_t *in, uint8_t *out);

/* --- connections: disguise_stream.c --- */

/* For the connections of `file`; NULL without memory. Freeing NULL is fine. */
struct disguise_streams *disguise_streams_new(const struct wire_file *file);
void disguise_streams_free(struct disguise_streams *s);

/* A packet goes by in the first round. */
void disguise_streams_take(struct disguise_streams *s, uint64_t number, const struct ip_packet *ip);

/* `len` octets from `seq` on of a segment in the second round; `ports`: where it begins. */
size_t disguise_streams_put(struct disguise *d, uint64_t number, const struct ip_packet *ip,
                            uint32_t seq, const uint8_t *ports, size_t len, uint8_t *out);

/* --- fragments of datagrams: disguise_fragment.c; rounds as above --- */

struct disguise_fragments *disguise_fragments_new(void);
void disguise_fragments_free(struct disguise_fragments *f);

/* A fragment goes by in the first round; what it completes is disguised as a whole. */
void disguise_fragments_take(struct disguise *d, uint64_t number, int64_t time_us,
                             const struct ip_packet *fragment);

/* The payload of a fragment in the second round; 0 when its datagram was never complete. */
size_t disguise_fragments_put(const struct disguise *d, uint64_t number, const struct ip_packet *ip,
                              uint8_t *out);

/* --- what is said --- */

/* One direction of a connection from its beginning. */
struct disguise_say {
    const uint8_t *in;
    uint8_t *out;
    size_t len;
    size_t at; /* up to here it is done */
};

/* Both directions: requests and answers, and what their tunnels carry. */
void disguise_talk(const struct disguise_names *n, struct disguise_say *client,
                   struct disguise_say *server);

/*
 * The complete head `h` in the `len` octets that it had. False: what can be shown of it has no
 * room in them (pseudonyms of addresses are longer).
 */
bool disguise_head(const struct disguise_names *n, const struct http1 *h, uint8_t *to, size_t len);

/* One direction of a TLS connection; one DNS message. How many octets may be shown. */
size_t disguise_tls(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out);
size_t disguise_dns(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out);

/* DER of a certificate or a part of one; as much as there is. */
void disguise_der(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out);

/* A text that is a host name, or is to be overwritten. */
void disguise_host(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out);

/* "HOST", "HOST:PORT", "[V6]:PORT": appended to `out`, overwritten where it is none. */
void disguise_authority(const struct disguise_names *n, const char *text, struct buf *out);

/* A URL of either length or less, without its path. */
void disguise_url(const struct disguise_names *n, const char *text, struct buf *out);

#endif
