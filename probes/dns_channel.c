/*
 * dns_channel: see dns_channel.h.
 *
 * Two c-ares channels: UDP without EDNS, as the C library asks, ignoring TC so that the truncated
 * answer is seen; and TCP. The octets are decoded here, not by c-ares, so that the capture's
 * decoder is the same. Socket functions tell the local ports (to find the packets again) and the
 * errno that c-ares does not hand on.
 */
#define CARES_NO_DEPRECATED /* the 1.18 API is what every supported system has */

#include "probes/dns_channel.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/model/dns_outcome.h"
#include "diag/proto/dns.h"
#include "probes/dns_bare.h"
#include "probes/errno_name.h"
#include "probes/kernel.h"
#include "probes/loop.h"

#include <ares.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PORTS_MAX = 16 };

/*
 * c-ares doubles its patience with each of 5 tries: 1 + 2 + 4 + 8 + 16. On a path that loses every
 * fifth packet each way, 3 tries would find one name in twenty "without an answer".
 */
#define TRIES          5
#define PATIENCE_PARTS 31

/* A resolver that left so many queries unanswered, and never answered one, is not asked on. */
#define DEAD_AFTER 16

struct transport;

struct socket_watch {
    struct socket_watch *next;
    struct transport *transport;
    ares_socket_t fd;
    struct watch *watch;
};

/* One c-ares channel with its sockets. */
struct transport {
    struct dns_channel *channel;
    ares_channel ares;
    struct socket_watch *sockets;
    struct watch *timer;
    bool tcp;
    int last_errno;
    uint16_t ports[PORTS_MAX];
    size_t n_ports;
};

struct dns_channel {
    struct loop *loop;
    struct report *report;
    struct addr to;
    struct transport udp, tcp;
    struct bare_queries queries;
    unsigned answers, timeouts;
    bool closing;
};

struct asking {
    struct dns_channel *channel;
    struct lookup *lookup;
    const char *name;
    lookup_fn *done;
    void *arg;
    int64_t started_us;
    bool over_tcp, tcp_only;
};

/* --- sockets: ports and errors --- */

static void note_port(struct transport *t, int fd)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    struct addr local;

    if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0 ||
        !addr_from_sockaddr((struct sockaddr *)&sa, &local) || local.port == 0)
        return;
    if (t->n_ports < PORTS_MAX)
        t->ports[t->n_ports++] = local.port;
}

static ares_socket_t on_socket(int family, int type, int protocol, void *arg)
{
    const int on = 1;
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

    (void)arg;
    if (fd < 0)
        return ARES_SOCKET_BAD;
    /* Without it Linux keeps "host unreachable" from UDP sockets (ip(7), IP_RECVERR). */
    if (type == SOCK_DGRAM && family == AF_INET)
        setsockopt(fd, SOL_IP, IP_RECVERR, &on, sizeof on);
    else if (type == SOCK_DGRAM)
        setsockopt(fd, SOL_IPV6, IPV6_RECVERR, &on, sizeof on);
    return fd;
}

static int on_close(ares_socket_t fd, void *arg)
{
    (void)arg;
    return close(fd);
}

static int on_connect(ares_socket_t fd, const struct sockaddr *sa, ares_socklen_t len, void *arg)
{
    struct transport *t = arg;
    int result = connect(fd, sa, len);
    int error = errno;

    if (result != 0 && error != EINPROGRESS)
        t->last_errno = error;
    else
        note_port(t, fd);
    errno = error;
    return result;
}

/* An error that stays in the queue would wake the loop for ever. */
static void drain_errors(int fd)
{
    char control[512], data[64];

    for (int i = 0; i < 64; i++) {
        struct iovec iov = {data, sizeof data};
        struct msghdr m = {.msg_iov = &iov,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};

        if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return;
    }
}

static ares_ssize_t on_receive(ares_socket_t fd, void *to, size_t room, int flags,
                               struct sockaddr *from, ares_socklen_t *len, void *arg)
{
    struct transport *t = arg;
    ssize_t n = recvfrom(fd, to, room, flags, from, len);
    int error = errno;

    if (n < 0 && error != EAGAIN && error != EWOULDBLOCK && error != EINTR)
        t->last_errno = error;
    if (n < 0)
        drain_errors(fd);
    else if (!t->tcp)
        n = (ssize_t)bare_complete(&t->channel->queries, to, (size_t)n, room);
    errno = error;
    return n;
}

static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *parts, int n_parts, void *arg)
{
    struct transport *t = arg;
    struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = (size_t)n_parts};
    ssize_t n = sendmsg(fd, &m, MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        t->last_errno = errno;
    if (n > 0 && !t->tcp && n_parts == 1) /* a datagram is one part */
        bare_remember(&t->channel->queries, parts[0].iov_base, (size_t)n);
    return n;
}

static const struct ares_socket_functions socket_functions = {on_socket, on_close, on_connect,
                                                              on_receive, on_send};

/* --- the loop --- */

static void rearm(struct transport *t)
{
    struct timeval wait, *next = ares_timeout(t->ares, NULL, &wait);

    watch_want(t->timer, 0,
               next == NULL
                   ? 0
                   : clock_monotonic_us() + (int64_t)wait.tv_sec * 1000000 + wait.tv_usec + 1);
}

static void process(struct transport *t, ares_socket_t readable, ares_socket_t writable)
{
    ares_process_fd(t->ares, readable, writable);
    rearm(t);
}

static void on_ready(void *arg, int what)
{
    struct socket_watch *w = arg;
    ares_socket_t fd = w->fd; /* the watch may be gone when c-ares comes back */

    process(w->transport, what & LOOP_READ ? fd : ARES_SOCKET_BAD,
            what & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
}

static void on_timer(void *arg, int what)
{
    (void)what;
    process(arg, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* c-ares tells which sockets to wait for (ares_init_options(3), ARES_OPT_SOCK_STATE_CB). */
static void on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct transport *t = arg;
    struct socket_watch **at = &t->sockets, *w;
    int what = (readable ? LOOP_READ : 0) | (writable ? LOOP_WRITE : 0);

    while (*at != NULL && (*at)->fd != fd)
        at = &(*at)->next;
    w = *at;
    if (what == 0) {
        if (w != NULL) {
            *at = w->next;
            watch_free(w->watch);
            free(w);
        }
        return;
    }
    if (w == NULL) {
        w = calloc(1, sizeof *w);
        if (w == NULL)
            return; /* the query times out, and says so */
        *w = (struct socket_watch){.next = t->sockets, .transport = t, .fd = fd};
        w->watch = watch_new(t->channel->loop, fd, on_ready, w);
        if (w->watch == NULL) {
            free(w);
            return;
        }
        t->sockets = w;
    }
    watch_want(w->watch, what, 0);
}

/* --- life --- */

static int set_server(struct transport *t, const struct addr *to)
{
    struct ares_addr_port_node node = {
        .family = to->family, .udp_port = to->port, .tcp_port = to->port};

    memcpy(&node.addr, to->ip, to->family == AF_INET ? 4 : 16);
    return ares_set_servers_ports(t->ares, &node);
}

static int open_transport(struct transport *t, struct dns_channel *c, bool tcp, int64_t timeout_us)
{
    struct ares_options o = {0};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB |
               ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS | ARES_OPT_NDOTS;
    char lookups[] = "b";

    t->channel = c;
    t->tcp = tcp;
    o.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
              (tcp ? ARES_FLAG_USEVC | ARES_FLAG_STAYOPEN : ARES_FLAG_IGNTC);
    /* A TCP connection resends by itself: one try, with all the time there is. */
    o.tries = tcp ? 1 : TRIES;
    o.timeout = (int)(timeout_us / 1000 / (tcp ? 1 : PATIENCE_PARTS)) + 1;
    o.ndots = 0;
    o.lookups = lookups;
    o.socket_receive_buffer_size = 512 * 1024;
    o.sock_state_cb = on_socket_state;
    o.sock_state_cb_data = t;
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* every answer is to come from the network */
    o.qcache_max_ttl = 0;
#endif
    if (ares_init_options(&t->ares, &o, mask) != ARES_SUCCESS)
        return -1;
    ares_set_socket_functions(t->ares, &socket_functions, t);
    t->timer = watch_new(c->loop, -1, on_timer, t);
    return t->timer == NULL || set_server(t, &c->to) != ARES_SUCCESS ? -1 : 0;
}

static void close_transport(struct transport *t)
{
    if (t->ares != NULL)
        ares_destroy(t->ares); /* calls back every query; closes and un-watches the sockets */
    t->ares = NULL;
    while (t->sockets != NULL) {
        struct socket_watch *w = t->sockets;

        t->sockets = w->next;
        watch_free(w->watch);
        free(w);
    }
    watch_free(t->timer);
    t->timer = NULL;
}

struct dns_channel *dns_channel_new(struct loop *l, struct report *r, const struct addr *to,
                                    int64_t timeout_us, struct fault *f)
{
    struct dns_channel *c = calloc(1, sizeof *c);

    if (c != NULL) {
        *c = (struct dns_channel){.loop = l, .report = r, .to = *to};
        ares_library_init(ARES_LIB_INIT_ALL);
    }
    if (c == NULL || open_transport(&c->udp, c, false, timeout_us) != 0 ||
        open_transport(&c->tcp, c, true, timeout_us) != 0) {
        dns_channel_free(c);
        fault_set(f, "the DNS library does not start; free some memory or descriptors");
        return NULL;
    }
    return c;
}

void dns_channel_free(struct dns_channel *c)
{
    if (c == NULL)
        return;
    c->closing = true;
    close_transport(&c->udp);
    close_transport(&c->tcp);
    free(c);
}

void dns_channel_way(struct dns_channel *c, struct dns_detail *d)
{
    struct arena *a = c->report->arena;
    struct kernel_route way;
    char text[ADDR_TEXT];

    if (kernel_route(&c->to, &way, NULL) != 0)
        return;
    if (way.interface[0] != '\0')
        d->interface = arena_strdup(a, way.interface);
    if (way.gateway.family != 0)
        d->gateway = arena_strdup(a, addr_text(&way.gateway, text));
    d->neighbour = kernel_neighbour_name(way.neighbour);
    d->link_down = way.ifindex != 0 && (!way.admin_up || !way.link_up);
    d->route = kernel_way_name(way.way);
}

/* --- answers --- */

static void note_answer(struct asking *q, const struct dns_message *m)
{
    struct arena *a = q->channel->report->arena;
    struct lookup *l = q->lookup;
    char text[ADDR_TEXT];

    l->rcode = dns_rcode_name(m->rcode);
    if (l->rcode == NULL)
        l->rcode = arena_printf(a, "RCODE %u", m->rcode);
    if (m->ttl >= 0)
        l->ttl = m->ttl;
    for (size_t i = 0; i < m->n_cnames; i++)
        list_push(a, l->cnames, l->n_cnames,
                  text_printable(a, m->cnames[i], strlen(m->cnames[i]), 300));
    for (size_t i = 0; i < m->n_addresses; i++)
        list_push(a, l->addresses, l->n_addresses,
                  arena_strdup(a, addr_text(&m->addresses[i], text)));
    for (size_t i = 0; i < m->n_errors && l->error == NULL; i++) {
        const char *name = dns_error_name(m->errors[i].code);

        l->error = arena_printf(
            a, "extended error %u (%s) %s", m->errors[i].code, name != NULL ? name : "unknown",
            text_printable(a, m->errors[i].text, strlen(m->errors[i].text), 200));
    }
    l->outcome = dns_outcome_of_rcode(m->rcode, m->n_addresses > 0);
}

static enum outcome outcome_of_status(struct asking *q, int status, struct transport *t)
{
    switch (status) {
    case ARES_ETIMEOUT:
        /* An ICMP error may have been limited in rate: one of several tries is enough to know. */
        if (t->last_errno != 0 && q->channel->answers == 0)
            return OUTCOME_DNS_UNREACHABLE;
        return OUTCOME_DNS_TIMEOUT;
    case ARES_ECONNREFUSED:
    case ARES_ESERVFAIL:
        return OUTCOME_DNS_UNREACHABLE;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return OUTCOME_CANCELLED;
    case ARES_EBADRESP:
    case ARES_EFORMERR:
        return OUTCOME_DNS_MALFORMED;
    case ARES_EBADNAME:
        return OUTCOME_DNS_NXDOMAIN; /* cannot exist: longer than RFC 1035 allows */
    default: /* newer versions have more words for "no server can be used" */
        return t->last_errno != 0 ? OUTCOME_DNS_UNREACHABLE : OUTCOME_LOCAL_ERROR;
    }
}

static void note_ports(struct asking *q, struct transport *t)
{
    struct lookup *l = q->lookup;

    for (size_t i = 0; i < t->n_ports; i++)
        list_push(
            q->channel->report->arena, l->local_ports, l->n_local_ports,
            arena_printf(q->channel->report->arena, "%s/%u", t->tcp ? "tcp" : "udp", t->ports[i]));
}

static void finish(struct asking *q)
{
    q->lookup->duration_us = clock_monotonic_us() - q->started_us;
    q->done(q->arg);
    free(q);
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *octets, int len);

static void ask_over_tcp(struct asking *q)
{
    q->over_tcp = true;
    q->lookup->truncated = !q->tcp_only;
    ares_query(q->channel->tcp.ares, q->name, 1,
               strcmp(q->lookup->type, "A") == 0 ? DNS_A : DNS_AAAA, on_answer, q);
    rearm(&q->channel->tcp);
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *octets, int len)
{
    struct asking *q = arg;
    struct dns_channel *c = q->channel;
    struct transport *t = q->over_tcp ? &c->tcp : &c->udp;
    struct lookup *l = q->lookup;
    struct dns_message *m;
    enum decode decoded;

    (void)timeouts;
    note_ports(q, t);
    l->transport = q->tcp_only ? "tcp" : q->over_tcp ? "udp+tcp" : "udp";
    if (octets == NULL || len <= 0) {
        l->outcome = outcome_of_status(q, status, t);
        if (t->last_errno != 0)
            l->error = errno_name(t->last_errno);
        if (q->over_tcp && !q->tcp_only && l->outcome != OUTCOME_CANCELLED)
            l->outcome = OUTCOME_DNS_TCP_FAILED;
        if (l->outcome == OUTCOME_DNS_TIMEOUT && !q->over_tcp)
            c->timeouts++;
        finish(q);
        return;
    }
    c->answers++;
    m = calloc(1, sizeof *m);
    if (m == NULL) {
        l->outcome = OUTCOME_LOCAL_ERROR;
        finish(q);
        return;
    }
    l->answer_len = len;
    decoded = dns_decode(octets, (size_t)len, m);
    if (m->tc && !q->over_tcp && !c->closing && decoded != DECODE_INVALID) {
        free(m);
        ask_over_tcp(q);
        return;
    }
    if (decoded == DECODE_OK)
        note_answer(q, m);
    else
        l->outcome = OUTCOME_DNS_MALFORMED;
    free(m);
    finish(q);
}

static struct asking *asking_new(struct dns_channel *c, const char *name, struct lookup *lookup,
                                 lookup_fn *done, void *arg)
{
    struct asking *q = calloc(1, sizeof *q);

    if (q != NULL)
        *q = (struct asking){.channel = c,
                             .lookup = lookup,
                             .name = name,
                             .done = done,
                             .arg = arg,
                             .started_us = clock_monotonic_us()};
    return q;
}

static void end_unasked(struct lookup *lookup, enum outcome outcome, const char *error,
                        lookup_fn *done, void *arg)
{
    lookup->outcome = outcome;
    lookup->error = error;
    lookup->duration_us = 0;
    done(arg);
}

void dns_channel_ask(struct dns_channel *c, const char *name, struct lookup *lookup,
                     lookup_fn *done, void *arg)
{
    bool dead = c->answers == 0 && c->timeouts >= DEAD_AFTER;
    struct asking *q = dead ? NULL : asking_new(c, name, lookup, done, arg);

    if (dead)
        end_unasked(lookup, OUTCOME_DNS_TIMEOUT,
                    "not asked: this resolver left many other queries unanswered", done, arg);
    else if (q == NULL)
        end_unasked(lookup, OUTCOME_LOCAL_ERROR, "out of memory", done, arg);
    if (q == NULL)
        return;
    ares_query(c->udp.ares, name, 1, strcmp(lookup->type, "A") == 0 ? DNS_A : DNS_AAAA, on_answer,
               q);
    if (!c->closing)
        rearm(&c->udp);
}

void dns_channel_ask_tcp(struct dns_channel *c, const char *name, struct lookup *lookup,
                         lookup_fn *done, void *arg)
{
    struct asking *q = asking_new(c, name, lookup, done, arg);

    if (q == NULL) {
        end_unasked(lookup, OUTCOME_LOCAL_ERROR, "out of memory", done, arg);
        return;
    }
    q->tcp_only = true;
    ask_over_tcp(q);
}
