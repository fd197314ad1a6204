/*
 * url: what stands for an endpoint on the command line and in files, and the parts that a proxy's
 * URL shares with it.
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

/* Is it the whole name of one IoT hub (or its address)? 0, or -1 with a fault that says what lacks.
 */
int target_fits_hub(const struct target *target, struct fault *f);

/* "scheme://" in front (RFC 3986 section 3.1): its lower-case text and what follows; or NULL. */
const char *url_scheme(struct arena *a, const char *text, const char **rest);

/* "host[:port]" in s[0..len): the host, and the port if there is one (*port is left alone else). */
int url_host_port(struct arena *a, const char *s, size_t len, struct host *host, uint16_t *port,
                  struct fault *f);

#endif
