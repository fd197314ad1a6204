/*
 * service: what the cloud's services answer to somebody without credentials, so that the genuine
 * one can be told from a block page that has a valid certificate.
 */
#ifndef HOPPROOF_PROBES_SERVICE_H
#define HOPPROOF_PROBES_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http1;

/* What is asked of a host first. */
enum service {
    SERVICE_IOT_HUB,    /* WebSocket upgrade for MQTT (RFC 6455): 101 */
    SERVICE_EVENT_HUBS, /* GET /: an Atom feed, or an XML error with a TrackingId */
    SERVICE_BLOB,       /* GET /: an error that the storage service signs */
    SERVICE_WEB,        /* GET /: any answer of the site itself */
};

/* The service behind a host name, by its suffix, in all of Azure's clouds. */
enum service service_of(const char *host);

/* The first question, and those that an experiment asks of a hub or a namespace. */
enum service_question {
    QUESTION_FIRST, /* as in enum service */
    QUESTION_AMQP,  /* WebSocket upgrade for AMQP */
    QUESTION_PAGE,  /* GET / of a hub, no upgrade */
};

/* The path to ask for, and the sub-protocol of the upgrade; *protocol NULL: a plain GET. */
const char *service_path(enum service service, enum service_question question,
                         const char **protocol);

/*
 * A port where the service's clients speak their protocol without HTTP (MQTT on 8883, AMQP on
 * 5671): what a client says first, and how the answer begins.
 */
struct service_native {
    uint16_t port;
    const char *says; /* for people */
    const void *hello, *answer;
    size_t hello_len, answer_len;
    const char *kind;    /* what the answer is */
    bool may_just_close; /* so a server may turn a stranger away */
};

/* NULL: HTTP is spoken there. */
const struct service_native *service_native(const char *host, uint16_t port);

/* Whose answer is it? */
enum service_answer {
    ANSWER_FOREIGN, /* not this service's: a block page, a portal, another server */
    ANSWER_GENUINE, /* the service's, as it answers any stranger */
    ANSWER_REFUSAL, /* the service's, to an address that its network rules do not admit */
};

/* *kind becomes a few words for what the answer is. `body` is as much of it as came. To the
 * questions of experiments whatever the service itself says is genuine. */
enum service_answer service_answer(enum service service, enum service_question question,
                                   const char *host, const struct http1 *head, const void *body,
                                   size_t len, const char **kind);

/*
 * Is this the answer of the server of a plain HTTP endpoint? `expects`: "crl", "ocsp", or NULL for
 * any answer but that of a login page in between (511). `body`: as much of it as came, as it is
 * framed.
 */
bool service_plain_genuine(const char *expects, const struct http1 *head, const void *body,
                           size_t len, const char **kind);

/*
 * The same where the answer was only overheard: its status, and whether its body is what `expects`
 * says.
 */
bool service_plain_kind(const char *expects, unsigned status, bool as_expected, const char **kind);

#endif
