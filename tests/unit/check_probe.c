/* probe: the stack of a probe and the sockets that it waits for. */
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/model/report.h"
#include "diag/model/site.h"
#include "probes/loop.h"
#include "probes/probe.h"
#include "tests/unit/support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const char wants_login[] = "HTTP/1.1 407 Proxy Authentication Required\r\n"
                                  "Proxy-Authenticate: Basic realm=\"x\"\r\n"
                                  "Connection: close\r\nContent-Length: 0\r\n\r\n";
static const char granted[] = "HTTP/1.1 200 Connection established\r\n\r\n";

/* A proxy of one thread with the probe: it speaks as soon as somebody is there. */
struct proxy {
    struct loop *loop;
    int listener, served;
    bool done, passed;
};

static int listen_here(struct addr *at)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, len), 0);
    ck_assert_int_eq(listen(fd, 4), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
    ck_assert(addr_from_sockaddr((struct sockaddr *)&sa, at));
    return fd;
}

static void serve_one(struct proxy *p, const char *answer)
{
    int fd = accept(p->listener, NULL, NULL);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(send(fd, answer, strlen(answer), MSG_NOSIGNAL), (ssize_t)strlen(answer));
    p->served = fd;
}

static void on_caller(void *arg, int what)
{
    if (what & LOOP_READ)
        serve_one(arg, granted);
}

static void on_done(void *arg, bool passed)
{
    struct proxy *p = arg;

    p->done = true;
    p->passed = passed;
    loop_stop(p->loop);
}

/*
 * The proxy has asked for a login before the probe comes to look at its connection: question,
 * close and the next connect fall into one wake-up, and the new socket gets the old one's number.
 */
START_TEST(a_second_connection_is_waited_for_like_the_first)
{
    static const char *const legs[] = {"sensor>hop1", "hop1>endpoint"};
    struct report *r = report_new();
    struct hop *hop = report_new_of(r, hop);
    struct proxy proxy = {.loop = loop_new(NULL)};
    struct site_proxy entry = {.name = "hop1", .host = "127.0.0.1", .user = "u"};
    struct site_proxy *proxies[] = {&entry};
    struct site site = {.timeout_us = 10000000, .proxies = proxies, .n_proxies = 1};
    struct probe_spec spec = {.hop = hop,
                              .attempt = 1,
                              .entry = "hop1",
                              .n_hops = 1,
                              .legs = legs,
                              .host = "www.example",
                              .port = 443,
                              .tunnel_only = true};
    struct prober *prober;
    struct watch *caller;
    struct fault f = {""};
    int first;

    entry.password = secret_new("p", 1);
    proxy.listener = listen_here(&spec.address);
    prober = prober_new(proxy.loop, r, &site, clock_monotonic_us(), &f);
    ck_assert_msg(prober != NULL, "%s", f.text);
    ck_assert_ptr_nonnull(probe_start(prober, &spec, on_done, &proxy));
    serve_one(&proxy, wants_login);
    first = proxy.served;
    shutdown(first, SHUT_WR);
    caller = watch_new(proxy.loop, proxy.listener, on_caller, &proxy);
    watch_want(caller, LOOP_READ, 0);
    loop_run(proxy.loop);
    ck_assert(proxy.done && proxy.passed);
    /* Woken by the connection, not by its time running out. */
    ck_assert_int_eq(hop->steps[0]->outcome, OUTCOME_OK);
    ck_assert_int_lt(hop->steps[0]->duration_us, site.timeout_us / 2);
    watch_free(caller);
    prober_free(prober);
    loop_free(proxy.loop);
    secret_free(entry.password);
    close(first);
    close(proxy.served);
    close(proxy.listener);
    report_free(r);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_second_connection_is_waited_for_like_the_first};

    return run_suite("probe", tests, ARRAY_LEN(tests));
}
