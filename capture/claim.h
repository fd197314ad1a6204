/*
 * claim: who on the link says that an address is his (ARP, RFC 826; neighbour discovery, RFC 4861).
 * Two machines that say so of one address take each other's packets away (RFC 5227 section 1.1).
 */
#ifndef HOPPROOF_CAPTURE_CLAIM_H
#define HOPPROOF_CAPTURE_CLAIM_H

#include "capture/wire.h"

#include <stdint.h>

enum { CLAIMS_MAX = 256 }; /* addresses that are kept */

/* A link-layer address, 6 octets, that several routers share on purpose: VRRP, HSRP, GLBP. */
bool claim_is_shared(const uint8_t *mac);

/*
 * The sender of an ARP packet or of a neighbour's message says that `addr` is at `mac`, 6 octets.
 * Left out are the unspecified address, and a link-layer address of nobody, of a group or shared.
 */
void claims_take(struct wire_file *file, const struct addr *addr, const uint8_t *mac,
                 uint16_t iface);

#endif
