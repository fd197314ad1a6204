/*
 * checksum: the Internet checksum (RFC 1071) of TCP segments and ICMP messages in captured
 * packets, to mend it after octets were changed.
 */
#ifndef HOPPROOF_CAPTURE_CHECKSUM_H
#define HOPPROOF_CAPTURE_CHECKSUM_H

#include "capture/ip.h"

#include <stdint.h>

/*
 * The sum over the payload of an IP packet with its pseudo header (RFC 9293 section 3.1, RFC 4443
 * section 2.3; none for ICMP of IPv4): 0 when the checksum in it is right, else what is wrong.
 */
uint16_t checksum_of(const struct ip_packet *ip);

#endif
