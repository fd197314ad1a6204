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
    ck_assert_msg(service_answer(service_of(a->host), a->host, &head, a->body, strlen(a->body),
                                 &kind) == a->is,
                  "%s: %s", a->host, a->head);
    ck_assert_ptr_nonnull(kind);
    http1_free(&head);
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
    tcase_add_loop_test(tc, a_plain_server_is_known_by_what_was_asked_for, 0,
                        (int)(sizeof plain / sizeof plain[0]));
    return run_case(suite, tc);
}
