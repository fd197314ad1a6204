/*
 * layer: one protocol action of a route, stacked on the one below it.
 *
 * A route is an array of layers: TCP, a tunnel per hop (with TLS to an HTTPS proxy between), TLS
 * to the endpoint, the application check. stack_advance works them upwards; the layer that fails
 * is the step and the leg to blame. Each layer carries the bytes of the one above it, so TLS in
 * TLS and CONNECT in CONNECT need no special case. Only the TCP layer knows what it waits for.
 */
#ifndef HOPPROOF_PROBES_LAYER_H
#define HOPPROOF_PROBES_LAYER_H

#include "diag/base/addr.h"
#include "diag/model/report.h"
#include "diag/model/site.h"
#include "probes/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct trust;
struct tls_client;
struct hop_auth;
struct stack;

enum advance { ADVANCE_DONE, ADVANCE_WAIT, ADVANCE_FAILED };

/* What layer_read and layer_write return besides a number of bytes. */
enum { IO_EOF = 0, IO_WAIT = -1, IO_RESET = -2, IO_BROKEN = -3, IO_SILENCE = -4 };

struct layer;

struct layer_ops {
    /*
     * Go on as far as possible without waiting. On ADVANCE_FAILED the layer has put the outcome
     * and what it knows into its step.
     */
    enum advance (*advance)(struct layer *l);
    /*
     * Bytes for and from the layer above, once this one is done: a number of bytes, IO_EOF,
     * IO_WAIT, IO_RESET, IO_BROKEN (this layer's own protocol broke), or IO_SILENCE (the kernel
     * gave up: nothing acknowledged what was sent).
     */
    ssize_t (*read)(struct layer *l, void *to, size_t room);
    ssize_t (*write)(struct layer *l, const void *from, size_t len);
    /*
     * Say goodbye as the protocol wants it. True once the far side has said it too or is gone;
     * false while waiting. May be NULL.
     */
    bool (*close)(struct layer *l);
    /* The time for the step is over: put what is known into the step. */
    void (*expired)(struct layer *l);
    /* Forget the connection and be as new, for a restart; the step stays. May be NULL. */
    void (*reset)(struct layer *l);
    /* Free what is not the arena's; right in every state. */
    void (*free)(struct layer *l);
};

/* The common beginning of every layer. */
struct layer {
    const struct layer_ops *ops;
    struct layer *below;
    struct stack *stack;
    struct step *step;
    int64_t patience_us; /* the layer's own deadline, sooner than the step's; 0: none */
    int64_t extra_us; /* for a layer whose work it is to wait: so much longer may its step take */
};

/* Requests that a layer makes of its stack while it advances. */
enum restart { RESTART_NONE, RESTART_CONNECTION };

enum { STACK_MAX = 20 }; /* layers: TCP, two for each of 8 hops, TLS, app */

struct stack {
    struct report *report;           /* whose arena the facts go to */
    int64_t epoch_us;                /* start of the run, monotonic */
    int64_t polled_us;               /* when the events now handled were fetched */
    struct layer *layers[STACK_MAX]; /* lowest first */
    size_t n, current;
    bool started;     /* the current layer has begun */
    int fd, want;     /* of the TCP layer: LOOP_READ or LOOP_WRITE */
    unsigned sockets; /* opened so far: the next one may have the number of one that was closed */
    enum restart restart; /* a fresh connection is needed (authentication after a close) */
};

/* What a TCP layer is to do. */
struct tcp_spec {
    struct addr to;
    int mss; /* TCP_MAXSEG to ask for; 0: none */
};

/* What a TLS layer is to do. */
struct tls_spec {
    struct tls_client *client;
    struct trust *trust;
    const char *name; /* to verify */
    const char *sni;  /* to send; NULL: none */
    bool small_hello, large_hello, tls12_only, legacy;
    bool silent;   /* send nothing at all, and see what happens */
    bool any_cert; /* go on whatever the certificate is worth: only the Date above it matters */
    const char *client_cert, *client_key;
    bool http; /* HTTP/1.1 is spoken above: say so (ALPN, RFC 7301). Otherwise nothing is offered,
                  since a server with other protocols would end the handshake over it */
    bool hush; /* credentials are sent through it: the key log must not open them */
};

/* What a tunnel layer is to do: open a tunnel, or ask for a page. */
struct tunnel_spec {
    const struct site_proxy *proxy;
    struct hop_auth *auth; /* what is known of the proxy's wishes; shared by all probes of a run */
    const char *host;
    uint16_t port;
    const char *path;    /* GET http://host:port/path; NULL: a tunnel is wanted */
    const char *expects; /* see service_plain_genuine */
    bool itself; /* any answer ends the step; without a path the proxy's own page is asked */
};

/* What an application layer is to do. */
struct app_spec {
    const char *host;
    uint16_t port;
    const char *service;
    const char *path; /* ask for this, no TLS below; NULL: what the service answers to strangers */
    const char *expects; /* of `path`: see service_plain_genuine */
    bool plain;          /* no TLS below: the captive-portal question */
    bool clock;          /* only the Date header matters */
    enum service_question question;
};

/* What an idle layer is to do, on top of TLS. */
struct idle_spec {
    const char *host;
    int64_t idle_us; /* 0: ask at once */
};

/* Each makes a layer in malloc'ed memory; NULL without memory. The step becomes the layer's. */
struct layer *tcp_layer_new(const struct tcp_spec *spec, struct step *step);
struct layer *tls_layer_new(const struct tls_spec *spec, struct step *step);
struct layer *tunnel_layer_new(const struct tunnel_spec *spec, struct step *step);
struct layer *app_layer_new(const struct app_spec *spec, struct step *step);
struct layer *idle_layer_new(const struct idle_spec *spec, struct step *step);

/* Did the far end of a TLS layer end it by a close_notify (RFC 8446 section 6.1)? */
bool tls_layer_closed(const struct layer *l);

/* The kernel's view of the stack's connection, in the arena; NULL before there is a socket. */
struct sock *tcp_layer_sock(struct stack *s);

/* Shut the sending side and read what still comes. True once the far side has closed too. */
bool tcp_layer_drain(struct stack *s);

/* Through the layer below. */
static inline ssize_t below_read(struct layer *l, void *to, size_t room)
{
    return l->below->ops->read(l->below, to, room);
}

static inline ssize_t below_write(struct layer *l, const void *from, size_t len)
{
    return l->below->ops->write(l->below, from, len);
}

void stack_init(struct stack *s, struct report *report, int64_t epoch_us);
void stack_free(struct stack *s);

/* Put a layer on top; it becomes the stack's. False (and the layer is freed) when NULL or full. */
bool stack_push(struct stack *s, struct layer *l);

/*
 * Work as far as possible without waiting: ADVANCE_DONE when the top layer is done,
 * ADVANCE_FAILED when s->layers[s->current] failed, else ADVANCE_WAIT for s->want on s->fd.
 */
enum advance stack_advance(struct stack *s, int64_t polled_us);

/* The current layer's time is over: its step says so. */
void stack_expire(struct stack *s);

/* The run is over: what has begun is cancelled. */
void stack_cancel(struct stack *s);

/* The orderly end, from the top down, then the drain. True when nothing more is to be waited for.
 */
bool stack_close(struct stack *s);

/* End the layer's step with this outcome. Returns ADVANCE_FAILED, for "return layer_fail(...)". */
enum advance layer_fail(struct layer *l, enum outcome outcome);

/* The outcome that a layer's step gets when the bytes below ended: one of the IO_ words. */
enum outcome outcome_of_io(ssize_t io);

#endif
