/* probe: see probe.h. Builds the stack, gives it time, and lets it say goodbye. */
#include "probes/probe.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "probes/hop_auth.h"
#include "probes/kernel.h"
#include "probes/layer.h"
#include "probes/loop.h"
#include "probes/tls_client.h"
#include "probes/trust.h"

#include <stdlib.h>
#include <string.h>

/* How long the far side may take to answer our goodbye. */
#define CLOSE_PATIENCE_US 300000
/* Small enough for any tunnel, large enough for any server (RFC 9293 section 3.7.1: 536). */
#define EXPERIMENT_MSS 536
/* A name that every filter lets through and no server serves (RFC 2606). */
#define OTHER_NAME "www.example.com"

struct hop_state {
    struct hop_auth auth;
    struct trust *trust; /* its own anchors, or the run's */
};

struct prober {
    struct loop *loop;
    struct report *report;
    const struct site *site;
    int64_t epoch_us;
    struct tls_client *tls;
    struct trust *trust;
    struct hop_state *hops;
    struct probe *all; /* running and closing */
    size_t closing;
    void (*on_closed)(void *arg);
    void *on_closed_arg;
};

struct probe {
    struct probe *next, **at; /* in prober->all */
    struct prober *prober;
    struct stack stack;
    struct watch *watch;
    unsigned watched; /* which of the sockets that the stack opened */
    size_t timed;     /* layer whose time runs */
    int64_t deadline_us;
    bool closing;
    probe_fn *done;
    void *arg;
};

/* --- what all share --- */

static int open_hops(struct prober *p, struct fault *f)
{
    p->hops = arena_alloc(p->report->arena, (p->site->n_proxies + 1) * sizeof *p->hops);
    for (size_t i = 0; i < p->site->n_proxies; i++) {
        const char *ca_file = p->site->proxies[i]->ca_file;

        p->hops[i].trust = ca_file == NULL ? p->trust : trust_new(p->report->arena, ca_file, f);
        if (p->hops[i].trust == NULL)
            return -1;
    }
    return 0;
}

struct prober *prober_new(struct loop *l, struct report *r, const struct site *s, int64_t epoch_us,
                          struct fault *f)
{
    struct prober *p = calloc(1, sizeof *p);

    if (p == NULL) {
        fault_set(f, "out of memory; free some memory");
        return NULL;
    }
    *p = (struct prober){.loop = l, .report = r, .site = s, .epoch_us = epoch_us};
    p->tls = tls_client_new(s->keylog, f);
    p->trust = p->tls == NULL ? NULL : trust_new(r->arena, s->ca_file, f);
    if (p->trust == NULL || open_hops(p, f) != 0) {
        prober_free(p);
        return NULL;
    }
    trust_preload(p->trust);
    return p;
}

static void probe_free(struct probe *probe);

void prober_free(struct prober *p)
{
    if (p == NULL)
        return;
    while (p->all != NULL)
        probe_free(p->all);
    for (size_t i = 0; p->hops != NULL && i < p->site->n_proxies; i++) {
        if (p->hops[i].trust != p->trust)
            trust_free(p->hops[i].trust);
    }
    if (p->trust != NULL)
        p->report->run->trust = trust_source(p->trust);
    trust_free(p->trust);
    tls_client_free(p->tls);
    free(p);
}

size_t prober_closing(const struct prober *p)
{
    return p->closing;
}

void prober_on_closed(struct prober *p, void (*fn)(void *arg), void *arg)
{
    p->on_closed = fn;
    p->on_closed_arg = arg;
}

/* --- building the stack --- */

static struct step *new_step(struct prober *p, const struct probe_spec *spec, enum step_kind kind,
                             const char *leg, const char *target)
{
    struct arena *a = p->report->arena;
    struct step *s = step_new(p->report, kind);
    char text[ADDR_TEXT];

    s->leg = leg;
    s->target = target;
    s->address = arena_strdup(a, addr_port_text(&spec->address, text));
    s->attempt = spec->attempt;
    s->probe = spec->number;
    s->experiment = spec->experiment;
    if (spec->result != NULL)
        list_push(a, spec->result->steps, spec->result->n_steps, s);
    else
        list_push(a, spec->hop->steps, spec->hop->n_steps, s);
    return s;
}

static bool is_literal(const char *host)
{
    struct addr unused;

    return addr_parse(host, &unused);
}

/* Are credentials sent to this hop, or through it to a later one? */
static bool carries_credentials(const struct prober *p, const struct probe_spec *spec, size_t i)
{
    for (; i < spec->n_hops; i++) {
        if (p->site->proxies[spec->hops[i]]->user != NULL)
            return true;
    }
    return false;
}

static bool push_hop_tls(struct probe *probe, const struct probe_spec *spec, size_t i)
{
    struct prober *p = probe->prober;
    const struct site_proxy *proxy = p->site->proxies[spec->hops[i]];
    struct tls_spec tls = {.client = p->tls,
                           .trust = p->hops[spec->hops[i]].trust,
                           .name = proxy->host,
                           .sni = is_literal(proxy->host) ? NULL : proxy->host,
                           .client_cert = proxy->client_cert,
                           .client_key = proxy->client_key,
                           .hush = !p->site->keylog_credentials && carries_credentials(p, spec, i)};

    return stack_push(
        &probe->stack,
        tls_layer_new(&tls, new_step(p, spec, STEP_TLS, spec->legs[i],
                                     addr_host_port(p->report->arena, proxy->host, proxy->port))));
}

/* A tunnel through the i-th hop to the next one, or to the endpoint; where that has no TLS, the
 * last hop is asked for its page; or a question to the last. */
static bool push_tunnel(struct probe *probe, const struct probe_spec *spec, size_t i)
{
    struct prober *p = probe->prober;
    bool last = i + 1 == spec->n_hops;
    bool itself = last && spec->experiment == EXPERIMENT_HOP_ITSELF;
    bool page = last && spec->experiment == EXPERIMENT_HOP_PAGE;
    const struct site_proxy *to = itself  ? p->site->proxies[spec->hops[i]]
                                  : !last ? p->site->proxies[spec->hops[i + 1]]
                                          : NULL;
    struct tunnel_spec tunnel = {.proxy = p->site->proxies[spec->hops[i]],
                                 .auth = &p->hops[spec->hops[i]].auth,
                                 .host = to != NULL ? to->host : spec->host,
                                 .port = to != NULL ? to->port : spec->port,
                                 .path = page              ? "/"
                                         : last && !itself ? spec->path
                                                           : NULL,
                                 .expects = spec->expects,
                                 .itself = itself || page};
    enum step_kind kind = tunnel.path != NULL && !page ? STEP_HTTP : STEP_TUNNEL;
    struct step *step = new_step(p, spec, kind, spec->legs[tunnel.itself ? i : i + 1],
                                 addr_host_port(p->report->arena, tunnel.host, tunnel.port));

    step_tunnel(step)->hop = tunnel.proxy->name;
    return stack_push(&probe->stack, tunnel_layer_new(&tunnel, step));
}

/* The endpoint is at the end of the last leg: where the last hop forwards, beyond that hop's own.
 */
static const char *endpoint_leg(const struct probe_spec *spec)
{
    size_t last = spec->result != NULL && spec->result->n_legs > spec->n_hops
                      ? spec->result->n_legs - 1
                      : spec->n_hops;

    return spec->legs[last];
}

static bool push_endpoint_tls(struct probe *probe, const struct probe_spec *spec)
{
    struct prober *p = probe->prober;
    struct tls_spec tls = {.client = p->tls,
                           .trust = p->trust,
                           .name = spec->host,
                           .sni = is_literal(spec->host) ? NULL : spec->host,
                           .http = spec->app && service_native(spec->host, spec->port) == NULL};

    switch (spec->experiment) {
    case EXPERIMENT_OTHER_NAME:
        tls.sni = spec->other_name != NULL ? spec->other_name : OTHER_NAME;
        break;
    case EXPERIMENT_NO_NAME:
        tls.sni = NULL;
        break;
    case EXPERIMENT_SMALL_HELLO:
        tls.small_hello = true;
        break;
    case EXPERIMENT_LARGE_HELLO:
        tls.large_hello = true;
        break;
    case EXPERIMENT_TLS12:
        tls.tls12_only = true;
        break;
    case EXPERIMENT_LEGACY_TLS:
        tls.legacy = true;
        break;
    case EXPERIMENT_CLOCK:
        tls.any_cert = true;
        tls.http = true;
        break;
    case EXPERIMENT_IDLE:
    case EXPERIMENT_IDLE_CONTROL:
        tls.http = true;
        break;
    case EXPERIMENT_SILENT:
        tls.silent = true;
        break;
    default:
        break;
    }
    return stack_push(
        &probe->stack,
        tls_layer_new(&tls, new_step(p, spec, STEP_TLS, endpoint_leg(spec),
                                     addr_host_port(p->report->arena, spec->host, spec->port))));
}

static bool push_app(struct probe *probe, const struct probe_spec *spec)
{
    struct app_spec app = {.host = spec->host,
                           .port = spec->port,
                           .service = spec->service,
                           .path = spec->path,
                           .expects = spec->expects,
                           .plain = spec->experiment == EXPERIMENT_PLAIN_HTTP,
                           .clock = spec->experiment == EXPERIMENT_CLOCK,
                           .question = spec->experiment == EXPERIMENT_APP_AMQP   ? QUESTION_AMQP
                                       : spec->experiment == EXPERIMENT_APP_PAGE ? QUESTION_PAGE
                                                                                 : QUESTION_FIRST};
    struct prober *p = probe->prober;

    return stack_push(
        &probe->stack,
        app_layer_new(&app, new_step(p, spec, STEP_APP, endpoint_leg(spec),
                                     addr_host_port(p->report->arena, spec->host, spec->port))));
}

static bool push_idle(struct probe *probe, const struct probe_spec *spec)
{
    struct idle_spec idle = {.host = spec->host,
                             .idle_us = spec->experiment == EXPERIMENT_IDLE ? spec->idle_us : 0};
    struct prober *p = probe->prober;

    return stack_push(
        &probe->stack,
        idle_layer_new(&idle, new_step(p, spec, STEP_APP, endpoint_leg(spec),
                                       addr_host_port(p->report->arena, spec->host, spec->port))));
}

static bool build(struct probe *probe, const struct probe_spec *spec)
{
    struct prober *p = probe->prober;
    struct tcp_spec tcp = {.to = spec->address,
                           .mss = spec->experiment == EXPERIMENT_SMALL_MSS ? EXPERIMENT_MSS : 0};

    if (!stack_push(&probe->stack, tcp_layer_new(&tcp, new_step(p, spec, STEP_CONNECT,
                                                                spec->legs[0], spec->entry))))
        return false;
    for (size_t i = 0; i < spec->n_hops; i++) {
        bool last = i + 1 == spec->n_hops;

        if ((p->site->proxies[spec->hops[i]]->scheme == PROXY_HTTPS ||
             (last && spec->experiment == EXPERIMENT_HOP_TLS)) &&
            !push_hop_tls(probe, spec, i))
            return false;
        if ((spec->host != NULL || !last) && !push_tunnel(probe, spec, i))
            return false;
    }
    if (spec->host == NULL || spec->tunnel_only || (spec->path != NULL && spec->n_hops > 0))
        return true;
    if (spec->experiment == EXPERIMENT_PLAIN_HTTP || spec->path != NULL)
        return push_app(probe, spec);
    if (!push_endpoint_tls(probe, spec))
        return false;
    if (spec->experiment == EXPERIMENT_IDLE || spec->experiment == EXPERIMENT_IDLE_CONTROL)
        return push_idle(probe, spec);
    return !(spec->app || spec->experiment == EXPERIMENT_CLOCK) || push_app(probe, spec);
}

/* --- life --- */

static void probe_free(struct probe *probe)
{
    struct prober *p = probe->prober;

    watch_free(probe->watch);
    stack_free(&probe->stack);
    *probe->at = probe->next;
    if (probe->next != NULL)
        probe->next->at = probe->at;
    if (probe->closing)
        p->closing--;
    free(probe);
}

static void on_event(void *arg, int what);

/* Wait for what the stack wants, on the socket that it has now. */
static void wait_for(struct probe *probe, int want, int64_t until_us)
{
    /* The kernel forgets a socket that is closed, whoever gets its number next. */
    if (probe->watch == NULL || probe->watched != probe->stack.sockets) {
        watch_free(probe->watch);
        probe->watched = probe->stack.sockets;
        probe->watch = watch_new(probe->prober->loop, probe->stack.fd, on_event, probe);
    }
    if (probe->watch != NULL)
        watch_want(probe->watch, probe->stack.fd >= 0 ? want : 0, until_us);
}

static void say_goodbye(struct probe *probe)
{
    if (stack_close(&probe->stack) || clock_monotonic_us() >= probe->deadline_us) {
        struct prober *p = probe->prober;

        probe_free(probe);
        if (p->on_closed != NULL)
            p->on_closed(p->on_closed_arg);
        return;
    }
    wait_for(probe, LOOP_READ, probe->deadline_us);
}

static void note_way(struct probe *probe)
{
    struct layer *l = probe->stack.layers[0];
    struct addr to;

    /* Only where it explains something: it costs a question to the kernel. */
    if (probe->stack.current == 0 && addr_parse_port(l->step->address, 0, &to))
        kernel_describe(&to, probe->prober->report->arena, step_tcp(l->step));
}

static void end(struct probe *probe, bool passed)
{
    probe_fn *done = probe->done;
    void *arg = probe->arg;

    if (!passed)
        note_way(probe);
    probe->done = NULL;
    probe->closing = true;
    probe->prober->closing++;
    probe->deadline_us = clock_monotonic_us() + CLOSE_PATIENCE_US;
    say_goodbye(probe);
    if (done != NULL)
        done(arg, passed);
}

static void work(struct probe *probe)
{
    struct stack *s = &probe->stack;
    int64_t until;

    switch (stack_advance(s, loop_polled_us(probe->prober->loop))) {
    case ADVANCE_DONE:
        end(probe, true);
        return;
    case ADVANCE_FAILED:
        end(probe, false);
        return;
    case ADVANCE_WAIT:
        break;
    }
    if (probe->timed != s->current) { /* each step has its own time */
        probe->timed = s->current;
        probe->deadline_us = clock_monotonic_us() + probe->prober->site->timeout_us +
                             s->layers[s->current]->extra_us;
    }
    until = s->layers[s->current]->patience_us;
    if (until == 0 || until > probe->deadline_us)
        until = probe->deadline_us;
    wait_for(probe, s->want, until);
}

static void on_event(void *arg, int what)
{
    struct probe *probe = arg;

    if (probe->closing) {
        say_goodbye(probe);
        return;
    }
    if (what == LOOP_TIMEOUT && clock_monotonic_us() >= probe->deadline_us) {
        stack_expire(&probe->stack);
        end(probe, false);
        return;
    }
    work(probe);
}

struct probe *probe_start(struct prober *p, const struct probe_spec *spec, probe_fn *done,
                          void *arg)
{
    struct probe *probe = calloc(1, sizeof *probe);

    if (probe == NULL)
        return NULL;
    *probe = (struct probe){.next = p->all, .at = &p->all, .prober = p, .done = done, .arg = arg};
    if (p->all != NULL)
        p->all->at = &probe->next;
    p->all = probe;
    probe->timed = SIZE_MAX;
    stack_init(&probe->stack, p->report, p->epoch_us);
    if (!build(probe, spec)) {
        probe_free(probe);
        return NULL;
    }
    work(probe);
    return probe;
}

void probe_cancel(struct probe *probe)
{
    stack_cancel(&probe->stack);
    probe->done = NULL;
    probe_free(probe);
}
