/*
 * layer_app: one HTTP/1.1 request without credentials (RFC 9110, RFC 6455 for the upgrade), to see
 * what kind of service answers: the genuine one, a block page, a captive portal; and what time
 * it believes it is. On a port where the service speaks something else, the first words of that.
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "diag/base/text.h"
#include "diag/proto/html.h"
#include "diag/proto/http1.h"
#include "probes/layer.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX         ((size_t)16 * 1024)
#define BODY_PATIENCE_US 700000
#define HTTP_PORT        80
#define NATIVE_MAX       ((size_t)16)

enum state { APP_SENDING, APP_HEAD, APP_BODY, APP_NATIVE };

struct app_layer {
    struct layer layer;
    struct app_spec spec;
    const struct service_native *native; /* NULL: HTTP is spoken */
    enum state state;
    struct buf request;
    size_t sent;
    struct http1 head;
    struct buf body;
};

static struct app_layer *of(struct layer *l)
{
    return (struct app_layer *)l;
}

static struct arena *arena_of(const struct app_layer *t)
{
    return t->layer.stack->report->arena;
}

static void build_request(struct app_layer *t)
{
    const struct app_spec *spec = &t->spec;
    bool of_service = spec->path == NULL && !spec->plain && !spec->clock;
    const char *protocol = NULL;
    const char *path = of_service ? service_path(service_of(spec->host), spec->question, &protocol)
                       : spec->path != NULL ? spec->path
                                            : "/";
    const char *host = spec->path != NULL && spec->port != HTTP_PORT
                           ? addr_host_port(arena_of(t), spec->host, spec->port)
                           : spec->host;

    buf_init(&t->request, 4096);
    if (t->native != NULL) {
        step_app(t->layer.step)->request = t->native->says;
        buf_add(&t->request, t->native->hello, t->native->hello_len);
        return;
    }
    step_app(t->layer.step)->request = arena_printf(arena_of(t), "GET %s HTTP/1.1", path);
    buf_printf(&t->request, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: hopproof/%s\r\n", path,
               host, HOPPROOF_VERSION);
    if (protocol != NULL)
        buf_printf(&t->request,
                   "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: aG9wcHJvb2YtY2hlY2stMQ==\r\n"
                   "Sec-WebSocket-Protocol: %s\r\n\r\n",
                   protocol);
    else
        buf_str(&t->request, "Accept: */*\r\nConnection: close\r\n\r\n");
}

static const char *field(struct app_layer *t, const char *name)
{
    const char *value = http1_joined(&t->head, name, arena_of(t));

    return value == NULL ? NULL : text_printable(arena_of(t), value, strlen(value), 300);
}

static void note_head(struct app_layer *t)
{
    struct app_detail *d = step_app(t->layer.step);
    const char *reason = http1_reason(&t->head);

    d->status = (int64_t)t->head.status;
    d->reason = text_printable(arena_of(t), reason, strlen(reason), 300);
    d->server = field(t, "Server");
    d->date = field(t, "Date");
    d->location = field(t, "Location");
    d->content_type = field(t, "Content-Type");
    d->upgraded = t->head.status == 101;
}

static void note_body(struct app_layer *t)
{
    struct app_detail *d = step_app(t->layer.step);

    d->sock = tcp_layer_sock(t->layer.stack);
    if (t->body.len == 0)
        return;
    d->title = html_title(arena_of(t), t->body.data, t->body.len, 200);
    d->body = html_text(arena_of(t), t->body.data, t->body.len, 400);
}

static enum advance fail(struct app_layer *t, enum outcome outcome)
{
    note_body(t);
    return layer_fail(&t->layer, outcome);
}

/* Read the head and what of the body comes soon. ADVANCE_DONE: there is an answer. */
static enum advance read_answer(struct app_layer *t)
{
    char bytes[4096];
    size_t used;

    for (;;) {
        ssize_t n = below_read(&t->layer, bytes, sizeof bytes);
        enum http1_state state;

        if (n == IO_WAIT && (t->state == APP_HEAD || clock_monotonic_us() < t->layer.patience_us))
            return ADVANCE_WAIT;
        if (n <= 0)
            return t->state == APP_BODY ? ADVANCE_DONE : fail(t, outcome_of_io(n));
        if (t->state == APP_BODY) {
            if (buf_add(&t->body, bytes, (size_t)n) != 0 || t->body.len >= BODY_MAX)
                return ADVANCE_DONE;
            continue;
        }
        state = http1_feed(&t->head, bytes, (size_t)n, &used);
        if (state == HTTP1_MORE)
            continue;
        if (state != HTTP1_OK) {
            step_app(t->layer.step)->error = t->head.rule;
            return fail(t, state == HTTP1_NOT_HTTP ? OUTCOME_NOT_HTTP : OUTCOME_HTTP_MALFORMED);
        }
        note_head(t);
        buf_add(&t->body, bytes + used, (size_t)n - used);
        if (t->head.status == 101 || t->spec.clock)
            return ADVANCE_DONE;
        t->state = APP_BODY;
        t->layer.patience_us = clock_monotonic_us() + BODY_PATIENCE_US;
    }
}

/* The first bytes of what the service speaks instead of HTTP, or its refusal to say anything. */
static enum advance read_native(struct app_layer *t)
{
    const struct service_native *native = t->native;
    struct app_detail *d = step_app(t->layer.step);
    char bytes[NATIVE_MAX];

    while (t->body.len < native->answer_len) {
        ssize_t n = below_read(&t->layer, bytes, sizeof bytes);

        if (n == IO_WAIT)
            return ADVANCE_WAIT;
        if (n == IO_EOF && t->body.len == 0 && native->may_just_close) {
            d->kind = "closed without a word, as such a server may do with strangers";
            d->sock = tcp_layer_sock(t->layer.stack);
            return ADVANCE_DONE;
        }
        if (n <= 0)
            return fail(t, outcome_of_io(n));
        buf_add(&t->body, bytes, (size_t)n);
    }
    d->sock = tcp_layer_sock(t->layer.stack);
    if (memcmp(t->body.data, native->answer, native->answer_len) != 0) {
        d->kind = "not what this service speaks";
        return layer_fail(&t->layer, OUTCOME_APP_UNEXPECTED);
    }
    d->kind = native->kind;
    return ADVANCE_DONE;
}

/* Whose answer is it? Where only the time or the portal is asked for, any answer will do. */
static enum advance conclude(struct app_layer *t)
{
    struct app_detail *d = step_app(t->layer.step);
    enum service_answer answer;

    if (t->spec.path != NULL &&
        service_plain_genuine(t->spec.expects, &t->head, t->body.data, t->body.len, &d->kind)) {
        d->sock = tcp_layer_sock(t->layer.stack);
        return ADVANCE_DONE;
    }
    note_body(t);
    if (t->spec.path != NULL)
        return layer_fail(&t->layer, OUTCOME_APP_UNEXPECTED);
    if (t->spec.plain || t->spec.clock)
        return ADVANCE_DONE;
    answer = service_answer(service_of(t->spec.host), t->spec.question, t->spec.host, &t->head,
                            t->body.data, t->body.len, &d->kind);
    d->refuses_us = answer == ANSWER_REFUSAL;
    return answer == ANSWER_GENUINE ? ADVANCE_DONE : layer_fail(&t->layer, OUTCOME_APP_UNEXPECTED);
}

static enum advance advance(struct layer *l)
{
    struct app_layer *t = of(l);
    enum advance done;

    if (t->state == APP_SENDING) {
        if (t->request.len == 0)
            build_request(t);
        while (t->sent < t->request.len) {
            ssize_t n = below_write(l, t->request.data + t->sent, t->request.len - t->sent);

            if (n == IO_WAIT)
                return ADVANCE_WAIT;
            if (n < 0)
                return fail(t, outcome_of_io(n));
            t->sent += (size_t)n;
        }
        t->state = t->native != NULL ? APP_NATIVE : APP_HEAD;
    }
    if (t->state == APP_NATIVE)
        return read_native(t);
    done = read_answer(t);
    return done == ADVANCE_DONE ? conclude(t) : done;
}

static ssize_t app_read(struct layer *l, void *to, size_t room)
{
    return below_read(l, to, room);
}

static ssize_t app_write(struct layer *l, const void *from, size_t len)
{
    return below_write(l, from, len);
}

static void expired(struct layer *l)
{
    note_body(of(l));
}

static void reset(struct layer *l)
{
    struct app_layer *t = of(l);

    http1_free(&t->head);
    http1_init(&t->head, HTTP1_ANSWER);
    buf_clear(&t->body);
    t->sent = 0;
    t->state = APP_SENDING;
    l->patience_us = 0;
}

static void free_layer(struct layer *l)
{
    struct app_layer *t = of(l);

    buf_free(&t->request);
    buf_free(&t->body);
    http1_free(&t->head);
    free(t);
}

static const struct layer_ops app_ops = {advance, app_read, app_write, NULL,
                                         expired, reset,    free_layer};

struct layer *app_layer_new(const struct app_spec *spec, struct step *step)
{
    struct app_layer *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->layer = (struct layer){.ops = &app_ops, .step = step};
    t->spec = *spec;
    if (spec->path == NULL && !spec->plain && !spec->clock)
        t->native = service_native(spec->host, spec->port);
    buf_init(&t->body, BODY_MAX);
    http1_init(&t->head, HTTP1_ANSWER);
    return &t->layer;
}
