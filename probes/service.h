/*
 * service: what the cloud's services answer to somebody without credentials, so that the genuine
 * one can be told from a block page that has a valid certificate.
 */
#ifndef HOPPROOF_PROBES_SERVICE_H
#define HOPPROOF_PROBES_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

struct http1;

/* What is asked of a host. */
enum service {
    SERVICE_IOT_HUB,    /* WebSocket upgrade for MQTT (RFC 6455): 101 */
    SERVICE_EVENT_HUBS, /* GET /: an Atom feed, or an XML error with a TrackingId */
    SERVICE_BLOB,       /* GET /: an error that the storage service signs */
    SERVICE_WEB,        /* GET /: any answer of the site itself */
};

/* The service behind a host name, by its suffix, in all of Azure's clouds. */
enum service service_of(const char *host);

/*
 * Is this the answer of the genuine service? *kind becomes a few words for what it is. `body` is
 * as much of it as came.
 */
bool service_genuine(enum service service, const char *host, const struct http1 *head,
                     const void *body, size_t len, const char **kind);

/*
 * Is this the answer of the server of a plain HTTP endpoint? `expects`: "crl", "ocsp", or NULL for
 * any answer but that of a login page in between (511). `body`: as much of it as came, as it is
 * framed.
 */
bool service_plain_genuine(const char *expects, const struct http1 *head, const void *body,
                           size_t len, const char **kind);

#endif
