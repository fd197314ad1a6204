/* Whose answer is it? Genuine services and the pages that stand in their way. */
#include "diag/proto/http1.h"
#include "probes/service.h"
#include "tests/unit/support.h"

struct answer {
    const char *host, *head, *body;
    enum service_answer is;
};

static const struct answer answers[] = {
    {"contoso.azure-devices.net",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "",
     ANSWER_GENUINE},
    {"contoso.azure-devices.net", "HTTP/1.1 200 OK\r\n\r\n", "<html>hello", ANSWER_FOREIGN},
    {"contoso.azure-devices.net",
     "HTTP/1.1 401 Unauthorized\r\niothub-errorcode: IotHubUnauthorizedAccess\r\n\r\n", "",
     ANSWER_REFUSAL},
    {"contoso.azure-devices.net", "HTTP/1.1 401 Unauthorized\r\n\r\n",
     "{\"Message\":\"ErrorCode:IotHubUnauthorizedAccess;Unauthorized\"}", ANSWER_REFUSAL},
    {"contoso.azure-devices.net",
     "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=box\r\n\r\n", "", ANSWER_FOREIGN},
    {"contoso.azure-devices.us", "HTTP/1.1 400 Bad Request\r\n\r\n", "", ANSWER_FOREIGN},
    {"contoso.servicebus.windows.net",
     "HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n\r\n",
     "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Publicly Listed Services</title>",
     ANSWER_GENUINE},
    {"contoso.servicebus.windows.net", "HTTP/1.1 400 Bad Request\r\n\r\n",
     "<Error><Code>400</Code><Detail>Bad Request. TrackingId:12</Detail></Error>", ANSWER_REFUSAL},
    {"contoso.servicebus.windows.net", "HTTP/1.1 401 Unauthorized\r\n\r\n",
     "<Error><Code>401</Code><Detail>Ip has been prevented to connect to the endpoint. "
     "TrackingId:1",
     ANSWER_REFUSAL},
    {"contoso.servicebus.windows.net", "HTTP/1.1 401 Unauthorized\r\n\r\n",
     "<Error><Code>401</Code><Detail>MissingToken. TrackingId:12</Detail></Error>", ANSWER_GENUINE},
    {"contoso.servicebus.windows.net", "HTTP/1.1 200 OK\r\n\r\n", "<html>Blocked by policy",
     ANSWER_FOREIGN},
    {"contoso.blob.core.windows.net", "HTTP/1.1 400 no\r\nx-ms-request-id: 1\r\n\r\n", "",
     ANSWER_GENUINE},
    {"contoso.blob.core.windows.net", "HTTP/1.1 400 no\r\nServer: Windows-Azure-Blob/1.0\r\n\r\n",
     "", ANSWER_GENUINE},
    {"contoso.blob.core.windows.net",
     "HTTP/1.1 403 no\r\nx-ms-request-id: 1\r\nx-ms-error-code: AuthorizationFailure\r\n\r\n", "",
     ANSWER_REFUSAL},
    {"contoso.blob.core.windows.net",
     "HTTP/1.1 409 no\r\nx-ms-request-id: 1\r\nx-ms-error-code: PublicAccessNotPermitted\r\n\r\n",
     "", ANSWER_GENUINE},
    {"contoso.blob.core.windows.net", "HTTP/1.1 403 Forbidden\r\nServer: nginx\r\n\r\n", "no",
     ANSWER_FOREIGN},
    {"download.microsoft.com",
     "HTTP/1.1 302 Found\r\nLocation: https://www.microsoft.com/download\r\n\r\n", "",
     ANSWER_GENUINE},
    {"download.microsoft.com", "HTTP/1.1 302 Found\r\nLocation: /en-us\r\n\r\n", "",
     ANSWER_GENUINE},
    {"download.microsoft.com", "HTTP/1.1 302 Found\r\nLocation: http://portal.site/login\r\n\r\n",
     "", ANSWER_FOREIGN},
    {"download.microsoft.com", "HTTP/1.1 302 Found\r\nLocation: http://evilmicrosoft.com/\r\n\r\n",
     "", ANSWER_FOREIGN},
    {"download.microsoft.com", "HTTP/1.1 511 Network Authentication Required\r\n\r\n", "",
     ANSWER_FOREIGN},
    {"download.microsoft.com", "HTTP/1.1 451 Unavailable For Legal Reasons\r\n\r\n", "",
     ANSWER_FOREIGN},
    {"download.microsoft.com", "HTTP/1.1 503 Unavailable\r\n\r\n", "", ANSWER_FOREIGN},
};

START_TEST(the_genuine_service_is_told_from_the_rest)
{
    const struct answer *a = &answers[_i];
    const char *kind = NULL;
    struct http1 head;
    size_t used;

    http1_init(&head, HTTP1_ANSWER);
    ck_assert_int_eq(http1_feed(&head, a->head, strlen(a->head), &used), HTTP1_OK);
    ck_assert_msg(service_answer(service_of(a->host), QUESTION_FIRST, a->host, &head, a->body,
                                 strlen(a->body), &kind) == a->is,
                  "%s: %s", a->host, a->head);
    ck_assert_ptr_nonnull(kind);
    http1_free(&head);
}
END_TEST

/* To the questions of experiments. */
static const struct {
    struct answer answer;
    enum service_question to;
} further[] = {
    {{"contoso.azure-devices.net",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "",
      ANSWER_GENUINE},
     QUESTION_AMQP},
    {{"contoso.azure-devices.net", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "",
      ANSWER_FOREIGN},
     QUESTION_AMQP},
    {{"contoso.servicebus.windows.net",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "",
      ANSWER_GENUINE},
     QUESTION_AMQP},
    {{"contoso.servicebus.windows.net", "HTTP/1.1 401 Unauthorized\r\n\r\n",
      "<Error><Code>401</Code><Detail>MissingToken. TrackingId:12</Detail></Error>",
      ANSWER_GENUINE},
     QUESTION_AMQP},
    {{"contoso.servicebus.windows.net", "HTTP/1.1 403 Forbidden\r\n\r\n", "<html>Blocked",
      ANSWER_FOREIGN},
     QUESTION_AMQP},
    {{"contoso.azure-devices.net", "HTTP/1.1 404 Not Found\r\niothub-errorcode: NotFound\r\n\r\n",
      "", ANSWER_GENUINE},
     QUESTION_PAGE},
    {{"contoso.azure-devices.net", "HTTP/1.1 404 no\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n",
      "<HTML><TITLE>Not Found", ANSWER_GENUINE},
     QUESTION_PAGE},
    {{"contoso.azure-devices.net", "HTTP/1.1 200 OK\r\n\r\n", "<html>Blocked", ANSWER_FOREIGN},
     QUESTION_PAGE},
    {{"contoso.azure-devices.net", "HTTP/1.1 302 Found\r\nLocation: http://portal.site/\r\n\r\n",
      "", ANSWER_FOREIGN},
     QUESTION_PAGE},
};

START_TEST(what_the_service_itself_says_is_genuine_to_a_further_question)
{
    const struct answer *a = &further[_i].answer;
    const char *kind = NULL;
    struct http1 head;
    size_t used;

    http1_init(&head, HTTP1_ANSWER);
    ck_assert_int_eq(http1_feed(&head, a->head, strlen(a->head), &used), HTTP1_OK);
    ck_assert_msg(service_answer(service_of(a->host), further[_i].to, a->host, &head, a->body,
                                 strlen(a->body), &kind) == a->is,
                  "%s: %s", a->host, a->head);
    ck_assert_ptr_nonnull(kind);
    http1_free(&head);
}
END_TEST

START_TEST(each_question_has_its_path_and_sub_protocol)
{
    const char *protocol = NULL;

    ck_assert_str_eq(service_path(SERVICE_IOT_HUB, QUESTION_FIRST, &protocol),
                     "/$iothub/websocket");
    ck_assert_str_eq(protocol, "mqtt");
    ck_assert_str_eq(service_path(SERVICE_IOT_HUB, QUESTION_AMQP, &protocol), "/$iothub/websocket");
    ck_assert_str_eq(protocol, "AMQPWSB10");
    ck_assert_str_eq(service_path(SERVICE_IOT_HUB, QUESTION_PAGE, &protocol), "/");
    ck_assert_ptr_null(protocol);
    ck_assert_str_eq(service_path(SERVICE_EVENT_HUBS, QUESTION_FIRST, &protocol), "/");
    ck_assert_ptr_null(protocol);
    ck_assert_str_eq(service_path(SERVICE_EVENT_HUBS, QUESTION_AMQP, &protocol),
                     "/$servicebus/websocket");
    ck_assert_str_eq(protocol, "AMQPWSB10");
}
END_TEST

START_TEST(native_ports_are_not_asked_in_http)
{
    const struct service_native *mqtt = service_native("contoso.azure-devices.net", 8883);
    const struct service_native *amqp = service_native("contoso.servicebus.windows.net", 5671);

    ck_assert(mqtt != NULL && amqp != NULL && mqtt->may_just_close && !amqp->may_just_close);
    ck_assert_ptr_eq(service_native("contoso.azure-devices.net", 5671), amqp);
    /* MQTT 3.1.1 section 2.2.3: the remaining length counts what follows it. */
    ck_assert_uint_eq(((const unsigned char *)mqtt->hello)[1], mqtt->hello_len - 2);
    ck_assert_ptr_null(service_native("contoso.servicebus.windows.net", 8883));
    ck_assert_ptr_null(service_native("contoso.azure-devices.net", 443));
    ck_assert_ptr_null(service_native("download.microsoft.com", 5671));
}
END_TEST

static const struct {
    const char *expects, *head, *body;
    size_t len;
    bool genuine;
} plain[] = {
    {NULL, "HTTP/1.1 404 Not Found\r\n\r\n", "", 0, true},
    {NULL, "HTTP/1.1 511 Network Authentication Required\r\n\r\n", "", 0, false},
    {"ocsp", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "0\3\n\1\6", 5, true},
    {"ocsp", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "0\3\n\1\6surplus", 12, true},
    {"ocsp", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "0\7\n\1\0", 5, true},
    {"ocsp", "HTTP/1.1 200 OK\r\n\r\n", "0\3\n\1\6", 5, true},
    {"ocsp", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
     "2\r\n0\3\r\n3\r\n\n\1\6\r\n0\r\n\r\n", 22, true},
    {"ocsp", "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n", "0\3\n\1\6", 5, false},
    {"ocsp", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", "<html>", 6, false},
    {"crl", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "0\3\n\1\6", 5, false},
};

START_TEST(a_plain_server_is_known_by_what_was_asked_for)
{
    const char *kind = NULL;
    struct http1 head;
    size_t used;

    http1_init(&head, HTTP1_ANSWER);
    ck_assert_int_eq(http1_feed(&head, plain[_i].head, strlen(plain[_i].head), &used), HTTP1_OK);
    ck_assert_msg(service_plain_genuine(plain[_i].expects, &head, plain[_i].body, plain[_i].len,
                                        &kind) == plain[_i].genuine,
                  "%d: %s", _i, plain[_i].head);
    ck_assert_ptr_nonnull(kind);
    http1_free(&head);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("service");
    TCase *tc = tcase_create("service");

    tcase_add_loop_test(tc, the_genuine_service_is_told_from_the_rest, 0,
                        (int)(sizeof answers / sizeof answers[0]));
    tcase_add_loop_test(tc, what_the_service_itself_says_is_genuine_to_a_further_question, 0,
                        (int)(sizeof further / sizeof further[0]));
    tcase_add_test(tc, each_question_has_its_path_and_sub_protocol);
    tcase_add_test(tc, native_ports_are_not_asked_in_http);
    tcase_add_loop_test(tc, a_plain_server_is_known_by_what_was_asked_for, 0,
                        (int)(sizeof plain / sizeof plain[0]));
    return run_case(suite, tc);
}
