/*
 * url: what stands for an endpoint or a proxy on the command line and in files.
 *
 * RFC 3986 authority syntax; scheme, path and query of an endpoint only tell its service.
 */
#ifndef HOPPROOF_SITE_URL_H
#define HOPPROOF_SITE_URL_H

#include "diag/site/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct fault;
struct site_proxy;

struct target {
    struct host host;
    uint16_t port;      /* 0 when the text names none and its scheme implies none */
    const char *scheme; /* "https", "http", "amqps", ...; NULL when there is none */
};

/*
 * "host", "host:port", "scheme://host[:port]/path", "*.suffix[:port]", "1.2.3.4", "[v6]:port",
 * "v6". A known scheme implies its port. 0, or -1 with a fault.
 */
int target_parse(struct arena *a, const char *text, size_t len, struct target *out,
                 struct fault *f);

/*
 * "[http://|https://][user@]host[:port][/]" into *out: scheme, host, port, url, user; the rest is
 * left alone. Without a port it is 3128, the one that the vendor's article, its load balancer and
 * Squid use; RFC 3986 would say 80 or 443 and curl 1080, which no sensor's proxy listens on. A
 * password in it is refused, because command lines and site files are read by others.
 */
int proxy_parse(struct arena *a, const char *text, struct site_proxy *out, struct fault *f);

/* A name that a hop may have: letters, digits, "-", "_", ".", and no word of the contract. */
int proxy_name_check(const char *name, struct fault *f);

#endif
