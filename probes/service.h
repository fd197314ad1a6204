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

/* Whose answer is it? */
enum service_answer {
    ANSWER_FOREIGN, /* not this service's: a block page, a portal, another server */
    ANSWER_GENUINE, /* the service's, as it answers any stranger */
    ANSWER_REFUSAL, /* the service's, to an address that its network rules do not admit */
};

/* *kind becomes a few words for what the answer is. `body` is as much of it as came. */
enum service_answer service_answer(enum service service, const char *host, const struct http1 *head,
                                   const void *body, size_t len, const char **kind);

/*
 * Is this the answer of the server of a plain HTTP endpoint? `expects`: "crl", "ocsp", or NULL for
 * any answer but that of a login page in between (511). `body`: as much of it as came, as it is
 * framed.
 */
bool service_plain_genuine(const char *expects, const struct http1 *head, const void *body,
                           size_t len, const char **kind);

#endif
