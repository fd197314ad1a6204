/*
 * socks: does a client begin with SOCKS (RFC 1928 section 3; version 4: a request without
 * authentication)? Enough to tell a program that takes an HTTP proxy for a SOCKS proxy.
 */
#ifndef HOPPROOF_PROTO_SOCKS_H
#define HOPPROOF_PROTO_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version, 4 or 5, that these first octets of a client ask for; 0 when they are none of it. */
unsigned socks_version(const uint8_t *p, size_t len);

/* Does a server's first octet accept or refuse in SOCKS of this version? */
bool socks_is_answer(unsigned version, uint8_t octet);

#endif
