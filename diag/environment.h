/*
 * environment: what of this machine decides how its connections fare: versions of our libraries,
 * clock, interfaces, routes, resolver configuration. Plain text for a ticket; no host name.
 */
#ifndef HOPPROOF_ENVIRONMENT_H
#define HOPPROOF_ENVIRONMENT_H

struct buf;

void environment_text(struct buf *out);

#endif
