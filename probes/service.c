/*
 * service: see service.h. Sources: Azure's troubleshooting guides for Event Hubs (the feed
 * "Publicly Listed Services", the TrackingId of an IP filter) and IoT Hub (path and subprotocol of
 * the upgrade), its page on IP filters (a 401 that does not mention the rule), the error format of
 * the Blob service (x-ms-request-id). Path and subprotocol of AMQP over WebSocket: the constants of
 * Azure's own clients (azure-iot-sdk-c iothubtransportamqp_websockets.c, azure-sdk-for-java
 * WebSocketsConnectionHandler.java).
 */
#include "probes/service.h"

#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "diag/proto/http1.h"
#include "diag/proto/revocation.h"

#include <string.h>

enum service service_of(const char *host)
{
    if (text_contains_nocase(host, ".azure-devices."))
        return SERVICE_IOT_HUB;
    if (text_contains_nocase(host, ".servicebus."))
        return SERVICE_EVENT_HUBS;
    if (text_contains_nocase(host, ".blob.core."))
        return SERVICE_BLOB;
    return SERVICE_WEB;
}

const char *service_path(enum service service, enum service_question question,
                         const char **protocol)
{
    bool hub = service == SERVICE_IOT_HUB;

    *protocol = question == QUESTION_AMQP           ? "AMQPWSB10"
                : question == QUESTION_FIRST && hub ? "mqtt"
                                                    : NULL;
    if (*protocol == NULL)
        return "/";
    return hub ? "/$iothub/websocket" : "/$servicebus/websocket";
}

static const struct service_native natives[] = {
    /* CONNECT with a clean session and no name (MQTT 3.1.1 section 3.1). A hub answers strangers
     * with CONNACK "not authorized" (seen); a server may also close without a word (3.1.4). */
    {8883, "MQTT CONNECT", "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", "\x20\x02", 14, 2,
     "the MQTT CONNACK of an IoT hub", true},
    /* The header of the SASL layer, which is answered with its like (AMQP 1.0 section 5.3.1). */
    {5671, "AMQP header", "AMQP\x03\x01\x00\x00", "AMQP\x03\x01\x00\x00", 8, 8, "the AMQP header",
     false},
};

const struct service_native *service_native(const char *host, uint16_t port)
{
    enum service service = service_of(host);

    for (size_t i = 0; i < sizeof natives / sizeof natives[0]; i++) {
        if (natives[i].port == port &&
            (service == SERVICE_IOT_HUB || (service == SERVICE_EVENT_HUBS && port == 5671)))
            return &natives[i];
    }
    return NULL;
}

static bool has(const void *body, size_t len, const char *part)
{
    return len > 0 && memmem(body, len, part, strlen(part)) != NULL;
}

/* Does a redirect lead away from the site? A portal's does. */
static bool leads_away(const char *host, const char *location)
{
    const char *site = strrchr(host, '.'), *to = strstr(location, "://");
    size_t len;

    if (to == NULL || site == NULL)
        return false;                      /* a path on the same host */
    while (site > host && site[-1] != '.') /* the registrable part: the last two labels */
        site--;
    to += 3;
    len = strcspn(to, "/:?#");
    return len < strlen(site) || strncasecmp(to + len - strlen(site), site, strlen(site)) != 0 ||
           (len > strlen(site) && to[len - strlen(site) - 1] != '.');
}

/* Event Hubs says it with 401 (seen), 400 (the troubleshooting guide) or 403; 401 without these
 * words asks for a token, which we have not. */
static bool refused_by_namespace(const struct http1 *head, const void *body, size_t len)
{
    return head->status == 400 || head->status == 403 || has(body, len, "Ip has been prevented");
}

/* An IoT hub's own 401. To open the WebSocket takes no credentials (they come with MQTT's
 * CONNECT), so it is not about them. */
static bool refused_by_hub(const struct http1 *head, const void *body, size_t len)
{
    return head->status == 401 &&
           (http1_get(head, "iothub-errorcode", 0) != NULL || has(body, len, "IotHubUnauthorized"));
}

/* Says the hub itself so, whatever it says? Its errors have a code; what it does not serve at all,
 * Windows' HTTP driver under it refuses. */
static bool signed_by_hub(const struct http1 *head, const void *body, size_t len)
{
    const char *server = http1_get(head, "Server", 0);

    return http1_get(head, "iothub-errorcode", 0) != NULL || has(body, len, "ErrorCode:") ||
           (server != NULL && text_starts_with_nocase(server, "Microsoft-HTTPAPI"));
}

static bool signed_by_namespace(const void *body, size_t len)
{
    return has(body, len, "<feed") || has(body, len, "TrackingId");
}

/* The further questions are about what comes through; what the service thinks of us is known. */
static enum service_answer further_answer(enum service service, enum service_question question,
                                          const struct http1 *head, const void *body, size_t len,
                                          const char **kind)
{
    bool own = service == SERVICE_IOT_HUB ? signed_by_hub(head, body, len)
                                          : signed_by_namespace(body, len);

    if (question == QUESTION_AMQP && head->status == 101 &&
        http1_has_token(head, "Upgrade", "websocket")) {
        *kind = "the WebSocket upgrade for AMQP";
        return ANSWER_GENUINE;
    }
    *kind = own ? "an answer of the service itself" : "not an answer of this service";
    return own ? ANSWER_GENUINE : ANSWER_FOREIGN;
}

enum service_answer service_answer(enum service service, enum service_question question,
                                   const char *host, const struct http1 *head, const void *body,
                                   size_t len, const char **kind)
{
    const char *location = http1_get(head, "Location", 0);
    const char *server = http1_get(head, "Server", 0);
    const char *error = http1_get(head, "x-ms-error-code", 0);

    *kind = "not an answer of this service";
    if (head->status == 511 || (location != NULL && leads_away(host, location))) {
        *kind = "a redirect to a login or block page"; /* 511: RFC 6585 section 6 */
        return ANSWER_FOREIGN;
    }
    if (question != QUESTION_FIRST)
        return further_answer(service, question, head, body, len, kind);
    switch (service) {
    case SERVICE_IOT_HUB:
        if (head->status == 101 && http1_has_token(head, "Upgrade", "websocket")) {
            *kind = "the WebSocket upgrade of an IoT hub";
            return ANSWER_GENUINE;
        }
        *kind = "no WebSocket upgrade";
        if (!refused_by_hub(head, body, len))
            return ANSWER_FOREIGN;
        *kind = "from the IoT hub itself: its IP filter, or that only private access is allowed";
        return ANSWER_REFUSAL;
    case SERVICE_EVENT_HUBS:
        if (!signed_by_namespace(body, len))
            return ANSWER_FOREIGN;
        *kind = "the answer of an Event Hubs namespace";
        if (!refused_by_namespace(head, body, len))
            return ANSWER_GENUINE;
        *kind =
            "from the namespace itself: its IP firewall, or that only private access is allowed";
        return ANSWER_REFUSAL;
    case SERVICE_BLOB:
        if (http1_get(head, "x-ms-request-id", 0) == NULL &&
            (server == NULL || !text_starts_with_nocase(server, "Windows-Azure-Blob")))
            return ANSWER_FOREIGN;
        /* Of the refusals that a stranger gets, this one is about his address. */
        if (error != NULL && strcmp(error, "AuthorizationFailure") == 0) {
            *kind = "from the storage account itself: its firewall does not admit the address";
            return ANSWER_REFUSAL;
        }
        *kind = "the answer of a storage account";
        return ANSWER_GENUINE;
    case SERVICE_WEB:
        if (head->status >= 500 || head->status == 451) /* 451: RFC 7725 */
            return ANSWER_FOREIGN;
        *kind = "an answer of the site";
        return ANSWER_GENUINE;
    }
    return ANSWER_FOREIGN;
}

static bool is_expected(bool crl, const void *content, size_t len, bool complete)
{
    return crl ? revocation_is_crl(content, len, complete)
               : revocation_is_ocsp(content, len, complete);
}

bool service_plain_kind(const char *expects, unsigned status, bool as_expected, const char **kind)
{
    bool crl = expects != NULL && strcmp(expects, "crl") == 0;
    bool genuine = as_expected && status == 200;

    if (expects == NULL) {
        *kind = status == 511 ? "a login page in between" : "an answer of the server";
        return status != 511; /* RFC 6585 section 6 */
    }
    *kind = genuine ? (crl ? "a certificate revocation list" : "an OCSP response")
                    : (crl ? "no certificate revocation list" : "no OCSP response");
    return genuine;
}

bool service_plain_genuine(const char *expects, const struct http1 *head, const void *body,
                           size_t len, const char **kind)
{
    bool crl = expects != NULL && strcmp(expects, "crl") == 0, genuine = false, whole;
    struct buf content;
    uint64_t length = 0;
    size_t used;

    if (expects == NULL)
        return service_plain_kind(NULL, head->status, true, kind);
    switch (http1_framing(head, "GET", &length)) {
    case HTTP1_BODY_LENGTH:
        genuine = is_expected(crl, body, len < length ? len : (size_t)length, len >= length);
        break;
    case HTTP1_BODY_CHUNKED:
        buf_init(&content, len + 1);
        whole = http1_unchunk(body, len, &content, &used) == DECODE_OK;
        genuine = is_expected(crl, content.data, content.len, whole);
        buf_free(&content);
        break;
    case HTTP1_BODY_CLOSE:
        genuine = is_expected(crl, body, len, false);
        break;
    default:
        break;
    }
    return service_plain_kind(expects, head->status, genuine, kind);
}
