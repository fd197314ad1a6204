/* Whose answer is it? Genuine services and the pages that stand in their way. */
#include "diag/proto/http1.h"
#include "probes/service.h"
#include "tests/unit/support.h"

struct answer {
    const char *host, *head, *body;
    bool genuine;
};

static const struct answer answers[] = {
    {"contoso.azure-devices.net",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "",
     true},
    {"contoso.azure-devices.net", "HTTP/1.1 200 OK\r\n\r\n", "<html>hello", false},
    {"contoso.azure-devices.us", "HTTP/1.1 400 Bad Request\r\n\r\n", "", false},
    {"contoso.servicebus.windows.net",
     "HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n\r\n",
     "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Publicly Listed Services</title>", true},
    {"contoso.servicebus.windows.net", "HTTP/1.1 400 Bad Request\r\n\r\n",
     "<Error><Code>400</Code><Detail>Ip has been prevented. TrackingId:12</Detail></Error>", true},
    {"contoso.servicebus.windows.net", "HTTP/1.1 200 OK\r\n\r\n", "<html>Blocked by policy", false},
    {"contoso.blob.core.windows.net", "HTTP/1.1 400 no\r\nx-ms-request-id: 1\r\n\r\n", "", true},
    {"contoso.blob.core.windows.net", "HTTP/1.1 400 no\r\nServer: Windows-Azure-Blob/1.0\r\n\r\n",
     "", true},
    {"contoso.blob.core.windows.net", "HTTP/1.1 403 Forbidden\r\nServer: nginx\r\n\r\n", "no",
     false},
    {"download.microsoft.com",
     "HTTP/1.1 302 Found\r\nLocation: https://www.microsoft.com/download\r\n\r\n", "", true},
    {"download.microsoft.com", "HTTP/1.1 302 Found\r\nLocation: /en-us\r\n\r\n", "", true},
    {"download.microsoft.com", "HTTP/1.1 302 Found\r\nLocation: http://portal.site/login\r\n\r\n",
     "", false},
    {"download.microsoft.com", "HTTP/1.1 302 Found\r\nLocation: http://evilmicrosoft.com/\r\n\r\n",
     "", false},
    {"download.microsoft.com", "HTTP/1.1 511 Network Authentication Required\r\n\r\n", "", false},
    {"download.microsoft.com", "HTTP/1.1 503 Unavailable\r\n\r\n", "", false},
};

START_TEST(the_genuine_service_is_told_from_the_rest)
{
    const struct answer *a = &answers[_i];
    const char *kind = NULL;
    struct http1 head;
    size_t used;

    http1_init(&head, HTTP1_ANSWER);
    ck_assert_int_eq(http1_feed(&head, a->head, strlen(a->head), &used), HTTP1_OK);
    ck_assert_msg(service_genuine(service_of(a->host), a->host, &head, a->body, strlen(a->body),
                                  &kind) == a->genuine,
                  "%s: %s", a->host, a->head);
    ck_assert_ptr_nonnull(kind);
    http1_free(&head);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("service");
    TCase *tc = tcase_create("service");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, tc);
    tcase_add_loop_test(tc, the_genuine_service_is_told_from_the_rest, 0,
                        (int)(sizeof answers / sizeof answers[0]));
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
