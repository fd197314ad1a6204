/*
 * layer_tunnel: what is asked of one hop: a tunnel by CONNECT (RFC 9110 section 9.3.6); for an
 * endpoint without TLS its page, by GET in absolute form (RFC 9112 section 3.2.2), as every client
 * does that and every proxy expects it; or a page of the hop's own, to see whether it answers at
 * all.
 *
 *     idle -> sending -> head -> done                  CONNECT, 2xx: then the tunnel's bytes
 *                          |---> body -> failed        the proxy's words are part of the answer
 *                          |---> body -> done          GET: the server's own answer
 *                          '---> body -> sending       407, once, with credentials
 *
 * Every answer is evidence: the step keeps who speaks and what it says, whatever the status.
 */
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/clock.h"
#include "diag/base/secret.h"
#include "diag/base/text.h"
#include "diag/proto/http1.h"
#include "probes/auth.h"
#include "probes/hop_auth.h"
#include "probes/layer.h"
#include "probes/proxy_answer.h"
#include "probes/service.h"

#include <stdlib.h>
#include <string.h>

/* A proxy that has sent its head has its page ready: nobody waits long for the rest. */
#define BODY_PATIENCE_US 1000000
#define HTTP_PORT        80

enum state { TUNNEL_IDLE, TUNNEL_SENDING, TUNNEL_HEAD, TUNNEL_BODY, TUNNEL_DONE };

struct tunnel_layer {
    struct layer layer;
    struct tunnel_spec spec;
    enum state state;
    struct buf request;
    size_t sent;
    struct http1 head;
    struct buf rest; /* read behind the head: the body, or bytes of the tunnel */
    ssize_t below_end;
    int64_t received;
    bool credentials_sent; /* in the request that is being answered */
    bool retried;          /* the one retry after 407 is used up */
    bool kept;             /* and goes over the connection that brought the 407 */
    struct challenges challenges;
};

static struct tunnel_layer *of(struct layer *l)
{
    return (struct tunnel_layer *)l;
}

static struct arena *arena_of(const struct tunnel_layer *t)
{
    return t->layer.stack->report->arena;
}

static struct tunnel_detail *detail_of(struct tunnel_layer *t)
{
    return step_tunnel(t->layer.step);
}

/* --- the request --- */

static const char *method_of(const struct tunnel_layer *t)
{
    return t->spec.path != NULL || t->spec.itself ? "GET" : "CONNECT";
}

/* Add the credentials that the challenges ask for. False when none can be given. */
static bool add_credentials(struct tunnel_layer *t, const char *target,
                            const struct challenges *challenges)
{
    char cnonce[AUTH_CNONCE_ROOM];
    struct auth auth = {0};
    struct auth_request request = {.user = t->spec.proxy->user,
                                   .password = t->spec.proxy->password,
                                   .method = method_of(t),
                                   .target = target,
                                   .cnonce = cnonce,
                                   .nc = ++t->spec.auth->nc};

    if (request.user == NULL || request.password == NULL || !auth_cnonce(cnonce) ||
        auth_answer(challenges, &request, &auth) != AUTH_OK)
        return false;
    buf_str(&t->request, "Proxy-Authorization: ");
    buf_add(&t->request, auth.value, auth.len);
    buf_str(&t->request, "\r\n");
    detail_of(t)->auth_offered = auth.scheme;
    t->credentials_sent = true;
    auth_free(&auth);
    return true;
}

static void wipe_request(struct tunnel_layer *t)
{
    if (t->request.data != NULL)
        explicit_bzero(t->request.data, t->request.room);
    buf_free(&t->request);
}

static int build_request(struct tunnel_layer *t)
{
    const char *host = addr_host_port(arena_of(t), t->spec.host, t->spec.port), *target = host;
    const struct challenges *known =
        t->challenges.n > 0 ? &t->challenges : &t->spec.auth->challenges;

    if (t->spec.path != NULL) {
        host =
            t->spec.port == HTTP_PORT ? arena_strndup(arena_of(t), host, strlen(host) - 3) : host;
        target = arena_printf(arena_of(t), "http://%s%s", host, t->spec.path);
    }
    detail_of(t)->request = t->spec.itself ? arena_printf(arena_of(t), "GET %s", target) : target;
    detail_of(t)->hop = t->spec.proxy->name;
    /* Room for all at once: a buffer that moves would leave credentials behind in free memory. */
    buf_init(&t->request, 16 * 1024);
    buf_reserve(&t->request, 16 * 1024);
    /* A page of the proxy's own is asked for as of any server (RFC 9112 section 3.2.1). */
    if (t->spec.itself && t->spec.path == NULL) {
        target = "/";
        detail_of(t)->request = "GET /";
    }
    buf_printf(&t->request, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: hopproof/%s\r\n",
               method_of(t), target, host, HOPPROOF_VERSION);
    if (t->spec.path != NULL)
        buf_str(&t->request, "Accept: */*\r\n");
    t->credentials_sent = false;
    if (known->n > 0 && (!t->spec.itself || t->spec.path != NULL))
        (void)add_credentials(t, target, known);
    buf_str(&t->request, "\r\n");
    t->sent = 0;
    t->received = 0; /* of a 407 that was answered nothing counts as an answer to the login */
    http1_free(&t->head);
    http1_init(&t->head, HTTP1_ANSWER);
    buf_clear(&t->rest);
    return t->request.overflow ? -1 : 0;
}

/* --- the answer's facts --- */

static void note_end(struct tunnel_layer *t)
{
    struct tunnel_detail *d = detail_of(t);

    d->received = t->received;
    d->sock = tcp_layer_sock(t->layer.stack);
}

static enum advance fail(struct tunnel_layer *t, enum outcome outcome)
{
    note_end(t);
    return layer_fail(&t->layer, outcome);
}

/* --- the states --- */

/* Send what is left of the request. True when all is out. */
static bool send_request(struct tunnel_layer *t)
{
    while (t->sent < t->request.len) {
        ssize_t n = below_write(&t->layer, t->request.data + t->sent, t->request.len - t->sent);

        if (n == IO_WAIT)
            return false;
        if (n < 0)
            break; /* reading will tell why */
        t->sent += (size_t)n;
    }
    wipe_request(t);
    return true;
}

static enum advance not_http(struct tunnel_layer *t, enum outcome outcome)
{
    struct tunnel_detail *d = detail_of(t);
    unsigned char first[256];
    size_t len = t->head.n_first;

    memcpy(first, t->head.first, len);
    if (t->rest.len > 0 && len < sizeof first) {
        size_t more = sizeof first - len < t->rest.len ? sizeof first - len : t->rest.len;

        if (len == sizeof t->head.first) { /* the head's memory was full: it goes on there */
            memcpy(first + len, t->rest.data, more);
            len += more;
        }
    }
    d->first_bytes = text_printable(arena_of(t), first, len, 400);
    d->error = t->head.rule;
    return fail(t, outcome);
}

/* Feed what came to the head's reader; what lies behind the head goes to `rest`. */
static enum http1_state feed(struct tunnel_layer *t, const char *bytes, size_t len)
{
    size_t used = 0;
    enum http1_state state = http1_feed(&t->head, bytes, len, &used);

    if (used < len)
        buf_add(&t->rest, bytes + used, len - used);
    return state;
}

static enum advance head_ended(struct tunnel_layer *t)
{
    struct tunnel_detail *d = detail_of(t);

    /* Some close behind a 407 and do not say so: our credentials and their end crossed on the way,
     * and nobody has read them. That is no answer (RFC 9112 section 9.3.1): once more on a fresh
     * one. */
    if (t->kept && t->head.n_first == 0) {
        t->kept = false;
        t->layer.stack->restart = RESTART_CONNECTION;
        return ADVANCE_WAIT;
    }
    if (t->head.n_first > 0) {
        d->first_bytes = text_printable(arena_of(t), t->head.first, t->head.n_first, 400);
        d->error = "the connection ended in the middle of the answer's head";
    }
    return fail(t, outcome_of_io(t->below_end));
}

/* Read until the head is whole. ADVANCE_DONE: it is. */
static enum advance read_head(struct tunnel_layer *t)
{
    char bytes[4096];

    for (;;) {
        ssize_t n = below_read(&t->layer, bytes, sizeof bytes);

        if (n == IO_WAIT)
            return ADVANCE_WAIT;
        if (n <= 0) {
            t->below_end = n;
            return head_ended(t);
        }
        t->received += n;
        switch (feed(t, bytes, (size_t)n)) {
        case HTTP1_MORE:
            break;
        case HTTP1_OK:
            return ADVANCE_DONE;
        case HTTP1_NOT_HTTP:
            return not_http(t, OUTCOME_NOT_HTTP);
        case HTTP1_MALFORMED:
            return not_http(t, OUTCOME_HTTP_MALFORMED);
        case HTTP1_OVERSIZED:
            return not_http(t, OUTCOME_HTTP_OVERSIZED);
        case HTTP1_NO_MEMORY:
            return fail(t, OUTCOME_LOCAL_ERROR);
        }
    }
}

/* Can this 407 be answered with credentials, once? */
static bool may_retry(struct tunnel_layer *t)
{
    if (t->head.status != 407 || t->spec.itself || t->spec.proxy->user == NULL || t->retried)
        return false;
    /* Credentials that were sent unasked and refused are refused, unless only the nonce is old. */
    return !t->credentials_sent || auth_stale(&t->challenges);
}

static void start_retry(struct tunnel_layer *t, enum tri body_complete)
{
    bool keeps = t->below_end > 0 && body_complete == TRI_YES && t->head.minor >= 1 &&
                 !http1_has_token(&t->head, "Connection", "close") &&
                 !http1_has_token(&t->head, "Proxy-Connection", "close");

    t->retried = true;
    t->kept = keeps;
    t->spec.auth->challenges = t->challenges;
    t->spec.auth->nc = 0;
    t->state = TUNNEL_IDLE;
    t->layer.patience_us = 0;
    if (!keeps)
        t->layer.stack->restart = RESTART_CONNECTION;
}

/* The answer is there, as far as it matters. Of a page that was asked for: whose is it, and is it
 * that? */
static enum advance conclude(struct tunnel_layer *t, enum tri complete)
{
    struct tunnel_detail *d = detail_of(t);
    bool asked = t->spec.path != NULL && !t->spec.itself && !proxy_answer_own(d);

    if (asked &&
        service_plain_genuine(t->spec.expects, &t->head, t->rest.data, t->rest.len, &d->kind)) {
        d->body_len = (int64_t)t->rest.len;
        d->body_complete = complete;
        note_end(t);
        t->state = TUNNEL_DONE;
        return ADVANCE_DONE;
    }
    proxy_answer_body(arena_of(t), &t->rest, complete, d);
    return fail(t, asked ? OUTCOME_APP_UNEXPECTED : OUTCOME_HTTP_STATUS);
}

/* Read the body of an answer that opens no tunnel. */
static enum advance read_body(struct tunnel_layer *t)
{
    char bytes[4096];
    enum tri complete;

    while (!proxy_answer_whole(&t->head, method_of(t), &t->rest, t->below_end <= 0, &complete)) {
        ssize_t n = below_read(&t->layer, bytes, sizeof bytes);

        if (n == IO_WAIT && clock_monotonic_us() < t->layer.patience_us)
            return ADVANCE_WAIT;
        if (n == IO_WAIT) {
            t->below_end = IO_EOF; /* as good as ended: nobody waits for the rest */
            continue;
        }
        if (n <= 0) {
            t->below_end = n;
            continue;
        }
        t->received += n;
        buf_add(&t->rest, bytes, (size_t)n);
    }
    t->layer.patience_us = 0;
    if (may_retry(t)) {
        start_retry(t, complete);
        return ADVANCE_DONE;
    }
    return conclude(t, complete);
}

static enum advance head_complete(struct tunnel_layer *t)
{
    struct tunnel_detail *d = detail_of(t);

    proxy_answer_head(arena_of(t), &t->head, d, &t->challenges);
    if (t->head.status / 100 == 2 && !t->spec.itself && t->spec.path == NULL) {
        d->surplus = (int64_t)t->rest.len;
        note_end(t);
        t->state = TUNNEL_DONE;
        return ADVANCE_DONE;
    }
    if (t->head.status == 407) {
        d->auth_rounds = d->auth_rounds == INT_UNKNOWN ? 1 : d->auth_rounds + 1;
        t->spec.auth->asked = true;
    }
    t->state = TUNNEL_BODY;
    t->layer.patience_us = clock_monotonic_us() + BODY_PATIENCE_US;
    return ADVANCE_WAIT;
}

static enum advance advance(struct layer *l)
{
    struct tunnel_layer *t = of(l);
    enum advance done;

    for (;;) {
        switch (t->state) {
        case TUNNEL_IDLE: /* we speak next */
            if (build_request(t) != 0)
                return fail(t, OUTCOME_LOCAL_ERROR);
            t->state = TUNNEL_SENDING;
            break;
        case TUNNEL_SENDING:
            if (!send_request(t))
                return ADVANCE_WAIT;
            t->state = TUNNEL_HEAD;
            break;
        case TUNNEL_HEAD: /* the proxy speaks next */
            done = read_head(t);
            if (done != ADVANCE_DONE)
                return done;
            if (head_complete(t) == ADVANCE_DONE)
                return ADVANCE_DONE;
            break;
        case TUNNEL_BODY:
            done = read_body(t);
            if (done != ADVANCE_DONE)
                return done;
            if (l->stack->restart != RESTART_NONE)
                return ADVANCE_WAIT;
            break;
        case TUNNEL_DONE:
            return ADVANCE_DONE;
        }
    }
}

static ssize_t tunnel_read(struct layer *l, void *to, size_t room)
{
    struct tunnel_layer *t = of(l);

    if (t->rest.len > 0) { /* the far side spoke right behind the proxy's head */
        size_t n = room < t->rest.len ? room : t->rest.len;

        memcpy(to, t->rest.data, n);
        buf_drop(&t->rest, n);
        return (ssize_t)n;
    }
    return below_read(l, to, room);
}

static ssize_t tunnel_write(struct layer *l, const void *from, size_t len)
{
    return below_write(l, from, len);
}

static void expired(struct layer *l)
{
    struct tunnel_layer *t = of(l);

    if (t->state == TUNNEL_HEAD && t->head.n_first > 0) {
        detail_of(t)->first_bytes =
            text_printable(arena_of(t), t->head.first, t->head.n_first, 400);
        detail_of(t)->error = "the answer's head did not end in time";
    }
    if (t->state == TUNNEL_BODY) { /* the head was all that matters */
        proxy_answer_body(arena_of(t), &t->rest, TRI_NO, detail_of(t));
        l->step->outcome = OUTCOME_HTTP_STATUS;
    }
    note_end(t);
}

static void reset(struct layer *l)
{
    struct tunnel_layer *t = of(l);

    wipe_request(t);
    http1_free(&t->head);
    buf_clear(&t->rest);
    t->state = TUNNEL_IDLE;
    t->below_end = 1;
    l->patience_us = 0;
}

static void free_layer(struct layer *l)
{
    struct tunnel_layer *t = of(l);

    wipe_request(t);
    http1_free(&t->head);
    buf_free(&t->rest);
    free(t);
}

static const struct layer_ops tunnel_ops = {advance, tunnel_read, tunnel_write, NULL,
                                            expired, reset,       free_layer};

struct layer *tunnel_layer_new(const struct tunnel_spec *spec, struct step *step)
{
    struct tunnel_layer *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->layer = (struct layer){.ops = &tunnel_ops, .step = step};
    t->spec = *spec;
    t->below_end = 1;
    buf_init(&t->rest, PROXY_BODY_MAX + 4096);
    return &t->layer;
}
