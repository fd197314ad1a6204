/*
 * icmp: errors that quote the packet they are about (RFC 792, RFC 1191, RFC 4443), and neighbour
 * discovery (RFC 4861). Other ICMP traffic is not looked at.
 */
#ifndef HOPPROOF_CAPTURE_ICMP_H
#define HOPPROOF_CAPTURE_ICMP_H

#include "capture/ip.h"

#include <stdbool.h>
#include <stdint.h>

struct icmp_error {
    uint8_t type, code;
    uint32_t mtu; /* of "fragmentation needed" and "packet too big", else 0 */
    /* of the quoted packet; ports only for TCP and UDP */
    struct ip_packet about;
    uint16_t src_port, dst_port;
};

/* Is it an error about a TCP or UDP packet, and which? */
bool icmp_error_of(const struct ip_packet *ip, struct icmp_error *out);

struct icmp_neighbour {
    bool reply;
    uint8_t addr[16]; /* whose link-layer address is asked for or told */
    /* The option with the link-layer address (Ethernet's), of the asker or of addr; NULL. */
    const uint8_t *mac;
};

/* A neighbour solicitation or advertisement? */
bool icmp_neighbour_of(const struct ip_packet *ip, struct icmp_neighbour *out);

#endif
