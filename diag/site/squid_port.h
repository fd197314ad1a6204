/* squid_port: where requests come in and go out: http_port, https_port, cache_peer. */
#ifndef HOPPROOF_SITE_SQUID_PORT_H
#define HOPPROOF_SITE_SQUID_PORT_H

#include "diag/site/squid_conf.h"

/* An http_port line, or with `tls` an https_port line. Problems go to c->text. */
void squid_port_read(struct squid_conf *c, const struct squid_line *line, bool tls);

/* A cache_peer line. */
void squid_peer_read(struct squid_conf *c, const struct squid_line *line);

/* The peer of that name (in any case), or NULL. */
struct squid_peer *squid_peer_find(struct squid_conf *c, const char *name);

#endif
