/*
 * The tunnel layer against scripted proxies: what each of them says becomes the right outcome, at
 * every split of the bytes; what follows the head belongs to the layer above.
 */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/secret.h"
#include "probes/hop_auth.h"
#include "probes/layer.h"
#include "tests/unit/support.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A bottom layer that speaks from a script: one answer for each request that ends in CRLF CRLF. */
struct script {
    struct layer layer;
    const char *answers[4];
    size_t lengths[4];
    size_t answer, given, chunk; /* chunk: bytes a read gives at the most */
    bool closes[4];              /* after this answer */
    bool asked;
    char requests[4096];
    size_t requests_len;
    unsigned connections;
};

static enum advance script_advance(struct layer *l)
{
    ((struct script *)l)->connections++;
    return ADVANCE_DONE;
}

static ssize_t script_read(struct layer *l, void *to, size_t room)
{
    struct script *s = (struct script *)l;
    size_t left, n;

    if (!s->asked)
        return IO_WAIT;
    left = s->lengths[s->answer] - s->given;
    if (left == 0)
        return s->closes[s->answer] ? IO_EOF : IO_WAIT;
    n = left < room ? left : room;
    if (n > s->chunk)
        n = s->chunk;
    memcpy(to, s->answers[s->answer] + s->given, n);
    s->given += n;
    return (ssize_t)n;
}

static ssize_t script_write(struct layer *l, const void *from, size_t len)
{
    struct script *s = (struct script *)l;

    ck_assert_uint_lt(s->requests_len + len, sizeof s->requests);
    memcpy(s->requests + s->requests_len, from, len);
    s->requests_len += len;
    if (s->asked) { /* the second request, on this connection or on a new one */
        s->answer++;
        s->given = 0;
    }
    s->asked = true;
    return (ssize_t)len;
}

static void script_expired(struct layer *l)
{
    (void)l;
}

static void script_reset(struct layer *l)
{
    (void)l;
}

static void script_free(struct layer *l)
{
    (void)l;
}

static const struct layer_ops script_ops = {script_advance, script_read,  script_write, NULL,
                                            script_expired, script_reset, script_free};

struct fixture {
    struct report *report;
    struct stack stack;
    struct script script;
    struct site_proxy proxy;
    struct hop_auth auth;
    struct step *step;
};

static void set_up(struct fixture *x, const char *answer, size_t len, size_t chunk, bool closes)
{
    struct tunnel_spec spec;

    memset(x, 0, sizeof *x);
    x->report = report_new();
    x->script.layer.ops = &script_ops;
    x->script.layer.step = step_new(x->report, STEP_CONNECT);
    x->script.answers[0] = answer;
    x->script.lengths[0] = len;
    x->script.closes[0] = closes;
    x->script.chunk = chunk;
    x->proxy = (struct site_proxy){.name = "hop1", .host = "proxy", .port = 3128};
    x->step = step_new(x->report, STEP_TUNNEL);
    stack_init(&x->stack, x->report, clock_monotonic_us());
    spec = (struct tunnel_spec){
        .proxy = &x->proxy, .auth = &x->auth, .host = "contoso.azure-devices.net", .port = 443};
    ck_assert(stack_push(&x->stack, &x->script.layer));
    ck_assert(stack_push(&x->stack, tunnel_layer_new(&spec, x->step)));
}

static void tear_down(struct fixture *x)
{
    secret_free(x->proxy.password);
    stack_free(&x->stack);
    report_free(x->report);
}

static enum advance run(struct fixture *x)
{
    return stack_advance(&x->stack, clock_monotonic_us());
}

struct odd {
    const char *name, *answer;
    bool closes;
    enum advance advance;
    enum outcome outcome;
    int64_t status; /* 0: none */
};

static const struct odd odd_proxies[] = {
    {"plain 200", "HTTP/1.1 200 Connection established\r\n\r\n", false, ADVANCE_DONE, OUTCOME_OK,
     200},
    {"HTTP/1.0 answer", "HTTP/1.0 200 OK\r\nVia: 1.0 p\r\n\r\n", false, ADVANCE_DONE, OUTCOME_OK,
     200},
    {"any 2xx opens the tunnel", "HTTP/1.1 204 No Content\r\n\r\n", false, ADVANCE_DONE, OUTCOME_OK,
     204},
    {"length of a 2xx is ignored", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", false,
     ADVANCE_DONE, OUTCOME_OK, 200},
    {"an interim answer is skipped", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", false,
     ADVANCE_DONE, OUTCOME_OK, 200},
    {"denied", "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!", false, ADVANCE_FAILED,
     OUTCOME_HTTP_STATUS, 403},
    {"relayed denial, cut body", "HTTP/1.1 403 Forbidden\r\nContent-Length: 3068\r\n\r\n", true,
     ADVANCE_FAILED, OUTCOME_HTTP_STATUS, 403},
    {"chunked error page",
     "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", false,
     ADVANCE_FAILED, OUTCOME_HTTP_STATUS, 503},
    {"407 without a user",
     "HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
     false, ADVANCE_FAILED, OUTCOME_HTTP_STATUS, 407},
    {"garbage", "SSH-2.0-OpenSSH_9.2\r\n", false, ADVANCE_FAILED, OUTCOME_NOT_HTTP, 0},
    {"a TLS alert", "\x15\x03\x01\x01\x02\x02\x28", false, ADVANCE_FAILED, OUTCOME_NOT_HTTP, 0},
    {"broken head", "HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n", false, ADVANCE_FAILED,
     OUTCOME_HTTP_MALFORMED, 0},
    {"closed at once", "", true, ADVANCE_FAILED, OUTCOME_CLOSED, 0},
    {"closed in the head", "HTTP/1.1 200 Conn", true, ADVANCE_FAILED, OUTCOME_CLOSED, 0},
    {"silence", "", false, ADVANCE_WAIT, OUTCOME_NONE, 0},
};

START_TEST(every_odd_proxy_gets_its_outcome_at_every_split)
{
    const struct odd *o = &odd_proxies[_i];
    size_t len = strlen(o->answer);

    for (size_t chunk = 1; chunk <= len + 1; chunk++) {
        struct fixture x;
        enum advance advance;

        set_up(&x, o->answer, len, chunk, o->closes);
        advance = run(&x);
        ck_assert_msg(advance == o->advance, "%s, chunks of %zu: advance %d", o->name, chunk,
                      advance);
        if (advance != ADVANCE_WAIT)
            ck_assert_msg(x.step->outcome == o->outcome, "%s, chunks of %zu: outcome %d", o->name,
                          chunk, x.step->outcome);
        if (o->status != 0)
            ck_assert_int_eq(step_tunnel(x.step)->status, o->status);
        tear_down(&x);
    }
}
END_TEST

START_TEST(bytes_behind_the_head_belong_to_the_layer_above)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03rest";
    const size_t head = strlen("HTTP/1.1 200 OK\r\n\r\n");

    for (size_t chunk = 1; chunk < sizeof answer; chunk++) {
        struct fixture x;
        char got[16];
        size_t len = 0;

        set_up(&x, answer, sizeof answer - 1, chunk, false);
        ck_assert_int_eq(run(&x), ADVANCE_DONE);
        for (;;) {
            ssize_t n =
                x.stack.layers[1]->ops->read(x.stack.layers[1], got + len, sizeof got - len);

            if (n <= 0)
                break;
            len += (size_t)n;
        }
        ck_assert_uint_eq(len, sizeof answer - 1 - head);
        ck_assert_mem_eq(got, answer + head, len);
        tear_down(&x);
    }
}
END_TEST

START_TEST(the_cut_body_of_a_relayed_denial_is_seen)
{
    static const char answer[] =
        "HTTP/1.1 403 Forbidden\r\nVia: 1.1 p2\r\nX-Cache: MISS from p2\r\n"
        "X-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Length: 3068\r\n\r\n";
    struct fixture x;

    set_up(&x, answer, sizeof answer - 1, 7, true);
    ck_assert_int_eq(run(&x), ADVANCE_FAILED);
    ck_assert_int_eq(step_tunnel(x.step)->body_complete, TRI_NO);
    ck_assert_int_eq(step_tunnel(x.step)->body_len, 0);
    ck_assert_int_eq(step_tunnel(x.step)->content_length, 3068);
    ck_assert_str_eq(step_tunnel(x.step)->via, "1.1 p2");
    ck_assert_str_eq(step_tunnel(x.step)->x_squid_error, "ERR_ACCESS_DENIED 0");
    tear_down(&x);
}
END_TEST

static const char ask_basic[] = "HTTP/1.1 407 Authentication Required\r\n"
                                "Proxy-Authenticate: Basic realm=\"squid\"\r\n"
                                "Content-Length: 2\r\n\r\nno";
static const char ask_and_close[] = "HTTP/1.1 407 Authentication Required\r\n"
                                    "Proxy-Authenticate: Basic realm=\"squid\"\r\n"
                                    "Connection: close\r\nContent-Length: 2\r\n\r\nno";
static const char welcome[] = "HTTP/1.1 200 OK\r\n\r\n";

static void with_user(struct fixture *x, const char *password)
{
    x->proxy.user = "sensor";
    x->proxy.password = secret_new(password, strlen(password));
}

START_TEST(credentials_are_sent_once_when_asked_for)
{
    struct fixture x;

    set_up(&x, ask_basic, sizeof ask_basic - 1, 1000, false);
    with_user(&x, "p@ss:w#rd%/");
    x.script.answers[1] = welcome;
    x.script.lengths[1] = sizeof welcome - 1;
    ck_assert_int_eq(run(&x), ADVANCE_DONE);
    ck_assert_int_eq(step_tunnel(x.step)->auth_rounds, 1);
    ck_assert_str_eq(step_tunnel(x.step)->auth_offered, "Basic");
    ck_assert_int_eq(step_tunnel(x.step)->received, sizeof welcome - 1);
    /* base64("sensor:p@ss:w#rd%/") */
    ck_assert_ptr_nonnull(
        strstr(x.script.requests, "Proxy-Authorization: Basic c2Vuc29yOnBAc3M6dyNyZCUv\r\n"));
    ck_assert_uint_eq(x.script.connections, 1);
    tear_down(&x);
}
END_TEST

START_TEST(a_proxy_that_closes_after_407_gets_a_new_connection)
{
    struct fixture x;

    set_up(&x, ask_and_close, sizeof ask_and_close - 1, 1000, true);
    with_user(&x, "secret");
    x.script.answers[1] = welcome;
    x.script.lengths[1] = sizeof welcome - 1;
    ck_assert_int_eq(run(&x), ADVANCE_DONE);
    ck_assert_uint_eq(x.script.connections, 2);
    tear_down(&x);
}
END_TEST

/* The second request meets the end of the connection that brought the 407. */
START_TEST(a_proxy_that_closes_after_407_unannounced_gets_a_new_connection)
{
    struct fixture x;

    set_up(&x, ask_basic, sizeof ask_basic - 1, 1000, false);
    with_user(&x, "secret");
    x.script.answers[1] = "";
    x.script.closes[1] = true;
    x.script.answers[2] = welcome;
    x.script.lengths[2] = sizeof welcome - 1;
    ck_assert_int_eq(run(&x), ADVANCE_DONE);
    ck_assert_uint_eq(x.script.connections, 2);
    tear_down(&x);
}
END_TEST

START_TEST(a_proxy_that_closes_on_credentials_is_tried_on_one_new_connection_only)
{
    struct fixture x;

    set_up(&x, ask_basic, sizeof ask_basic - 1, 1000, false);
    with_user(&x, "secret");
    for (int i = 1; i < 4; i++) {
        x.script.answers[i] = "";
        x.script.closes[i] = true;
    }
    ck_assert_int_eq(run(&x), ADVANCE_FAILED);
    ck_assert_int_eq(x.step->outcome, OUTCOME_CLOSED);
    ck_assert_int_eq(step_tunnel(x.step)->received, 0);
    ck_assert_uint_eq(x.script.connections, 2);
    tear_down(&x);
}
END_TEST

START_TEST(rejected_credentials_are_not_sent_again)
{
    struct fixture x;

    set_up(&x, ask_basic, sizeof ask_basic - 1, 1000, false);
    with_user(&x, "wrong");
    for (int i = 1; i < 4; i++) {
        x.script.answers[i] = ask_basic;
        x.script.lengths[i] = sizeof ask_basic - 1;
    }
    ck_assert_int_eq(run(&x), ADVANCE_FAILED);
    ck_assert_int_eq(x.step->outcome, OUTCOME_HTTP_STATUS);
    ck_assert_int_eq(step_tunnel(x.step)->auth_rounds, 2);
    ck_assert_uint_eq(x.script.answer, 1); /* two requests in all */
    tear_down(&x);
}
END_TEST

START_TEST(a_known_proxy_is_not_asked_twice)
{
    struct fixture x;

    set_up(&x, welcome, sizeof welcome - 1, 1000, false);
    with_user(&x, "secret");
    challenges_add(x.report->arena, "Basic realm=\"squid\"", &x.auth.challenges);
    ck_assert_int_eq(run(&x), ADVANCE_DONE);
    ck_assert_ptr_nonnull(strstr(x.script.requests, "Proxy-Authorization: Basic "));
    ck_assert_int_eq(step_tunnel(x.step)->auth_rounds, INT_UNKNOWN);
    tear_down(&x);
}
END_TEST

START_TEST(schemes_that_we_cannot_do_get_no_credentials)
{
    static const char answer[] = "HTTP/1.1 407 Authentication Required\r\n"
                                 "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n"
                                 "Content-Length: 0\r\n\r\n";
    struct fixture x;

    set_up(&x, answer, sizeof answer - 1, 1000, false);
    with_user(&x, "secret");
    x.script.answers[1] = answer;
    x.script.lengths[1] = sizeof answer - 1;
    ck_assert_int_eq(run(&x), ADVANCE_FAILED);
    ck_assert_uint_eq(step_tunnel(x.step)->n_proxy_authenticate, 2);
    ck_assert_ptr_null(step_tunnel(x.step)->auth_offered);
    ck_assert_ptr_null(strstr(x.script.requests, "Proxy-Authorization"));
    tear_down(&x);
}
END_TEST

START_TEST(an_endless_head_ends)
{
    static char answer[80 * 1024];
    struct fixture x;

    memset(answer, 'a', sizeof answer);
    memcpy(answer, "HTTP/1.1 200 OK\r\nX: ", 20);
    set_up(&x, answer, sizeof answer, 4096, false);
    ck_assert_int_eq(run(&x), ADVANCE_FAILED);
    ck_assert_int_eq(x.step->outcome, OUTCOME_HTTP_OVERSIZED);
    tear_down(&x);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tunnel");
    TCase *tc = tcase_create("tunnel");

    tcase_add_loop_test(tc, every_odd_proxy_gets_its_outcome_at_every_split, 0,
                        (int)(sizeof odd_proxies / sizeof odd_proxies[0]));
    tcase_add_test(tc, bytes_behind_the_head_belong_to_the_layer_above);
    tcase_add_test(tc, the_cut_body_of_a_relayed_denial_is_seen);
    tcase_add_test(tc, credentials_are_sent_once_when_asked_for);
    tcase_add_test(tc, a_proxy_that_closes_after_407_gets_a_new_connection);
    tcase_add_test(tc, a_proxy_that_closes_after_407_unannounced_gets_a_new_connection);
    tcase_add_test(tc, a_proxy_that_closes_on_credentials_is_tried_on_one_new_connection_only);
    tcase_add_test(tc, rejected_credentials_are_not_sent_again);
    tcase_add_test(tc, a_known_proxy_is_not_asked_twice);
    tcase_add_test(tc, schemes_that_we_cannot_do_get_no_credentials);
    tcase_add_test(tc, an_endless_head_ends);
    return run_case(suite, tc);
}
