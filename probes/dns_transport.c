/*
 * dns_transport: see dns_transport.h.
 *
 * The octets of an answer are completed where need be, and not judged here. Over UDP there is no
 * EDNS, as the C library asks, and TC is ignored so that the truncated answer is seen. UDP sockets
 * are not connected: what comes from another address than the one that was asked would not be seen
 * then. It is not taken (RFC 5452 section 9.1), but told.
 */
#define CARES_NO_DEPRECATED /* the 1.18 API is what every supported system has */

#include "probes/dns_transport.h"

#include "diag/base/clock.h"
#include "diag/proto/dns.h"
#include "probes/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * c-ares doubles its patience with each of 5 tries: 1 + 2 + 4 + 8 + 16. On a path that loses every
 * fifth packet each way, 3 tries would find one name in twenty "without an answer".
 */
#define TRIES          5
#define PATIENCE_PARTS 31

enum {
    UDP_SIZE = 512, /* announced with EDNS: what c-ares takes without its own */
    CD = 0x10,      /* of the fourth octet of a message (RFC 4035 section 3.2.2) */
};

struct socket_watch {
    struct socket_watch *next;
    struct dns_transport *transport;
    ares_socket_t fd;
    struct watch *watch;
};

/* --- sockets: ports and errors --- */

static void note_port(struct dns_transport *t, int fd)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    struct addr local;

    if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0 ||
        !addr_from_sockaddr((struct sockaddr *)&sa, &local) || local.port == 0)
        return;
    if (t->n_ports < DNS_PORTS_MAX)
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

/*
 * The address and the port that connect(2) would take, and nobody to be connected to. A rule for
 * the source address (ip-rule(8)) would not hold for a socket without one; and by its port is found
 * what was sent.
 */
static int bind_as_connected(int fd, const struct sockaddr *to, socklen_t len)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC}; /* dissolves it: connect(2) */
    struct sockaddr_storage sa;
    socklen_t sa_len = sizeof sa;
    struct addr own;

    if (connect(fd, to, len) != 0 || getsockname(fd, (struct sockaddr *)&sa, &sa_len) != 0 ||
        !addr_from_sockaddr((struct sockaddr *)&sa, &own) ||
        connect(fd, &nobody, sizeof nobody) != 0)
        return -1;
    own.port = 0; /* its port is free for others by now */
    sa_len = addr_to_sockaddr(&own, &sa);
    return bind(fd, (struct sockaddr *)&sa, sa_len);
}

/* What was half read of a message goes with its connection; c-ares has one at a time. */
static void forget_stream(struct dns_transport *t)
{
    t->stream.len = t->stream.given = 0;
    t->stream.whole = false;
}

static int on_close(ares_socket_t fd, void *arg)
{
    forget_stream(arg);
    return close(fd);
}

static int on_connect(ares_socket_t fd, const struct sockaddr *sa, ares_socklen_t len, void *arg)
{
    struct dns_transport *t = arg;
    int result = t->tcp ? connect(fd, sa, len) : bind_as_connected(fd, sa, len);
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

static ssize_t receive(struct dns_transport *t, ares_socket_t fd, void *to, size_t room, int flags,
                       struct sockaddr *from, ares_socklen_t *len)
{
    ssize_t n = recvfrom(fd, to, room, flags, from, len);
    int error = errno;

    if (n < 0 && error != EAGAIN && error != EWOULDBLOCK && error != EINTR)
        t->last_errno = error;
    if (n < 0)
        drain_errors(fd);
    errno = error;
    return n;
}

/* Like recv(2), but the octets of a message come when all of them are there. */
static ssize_t receive_stream(struct dns_transport *t, ares_socket_t fd, void *to, size_t room)
{
    size_t n;

    if (room == 0)
        return 0;
    while (dns_stream_left(&t->stream) == 0) { /* ends: each turn fills the message, or returns */
        size_t wanted;
        uint8_t *into = dns_stream_room(&t->stream, &wanted);
        ssize_t got = receive(t, fd, into, wanted, 0, NULL, NULL);

        if (got <= 0)
            return got;
        dns_stream_add(&t->stream, (size_t)got, &t->queries);
    }
    n = dns_stream_take(&t->stream, to, room);
    t->handed += n;
    return (ssize_t)n;
}

static void note_stray(struct dns_transport *t, enum dns_stray stray)
{
    if (stray > t->stray)
        t->stray = stray;
}

/*
 * Whether a datagram from there is taken. A resolver with several addresses that answers from
 * another one than was asked is not heard by anybody (RFC 2181 section 4.1).
 */
static bool is_from_the_server(struct dns_transport *t, const struct sockaddr_storage *from)
{
    struct addr source;

    if (!addr_from_sockaddr((const struct sockaddr *)from, &source))
        return false;
    if (addr_equal(&source, &t->to))
        return true;
    note_stray(t, STRAY_OTHER_SOURCE);
    t->stray_from = source;
    return false;
}

static ssize_t receive_datagram(struct dns_transport *t, ares_socket_t fd, uint8_t *to, size_t room,
                                int flags, struct sockaddr *from, ares_socklen_t *len)
{
    struct sockaddr_storage source = {0};
    socklen_t source_len = sizeof source;
    ssize_t n = receive(t, fd, to, room, flags, (struct sockaddr *)&source, &source_len);
    enum bare_match match;

    if (n < 0)
        return n;
    if (!is_from_the_server(t, &source)) {
        errno = EAGAIN;
        return -1;
    }
    n = (ssize_t)bare_complete(&t->queries, to, (size_t)n, room);
    match = bare_match(&t->queries, to, (size_t)n);
    if (match != BARE_MATCHES)
        note_stray(t, match == BARE_OTHER_ID ? STRAY_OTHER_ID : STRAY_OTHER_QUESTION);
    if (from != NULL && len != NULL) {
        memcpy(from, &source, *len < source_len ? *len : source_len);
        *len = source_len;
    }
    return n;
}

static ares_ssize_t on_receive(ares_socket_t fd, void *to, size_t room, int flags,
                               struct sockaddr *from, ares_socklen_t *len, void *arg)
{
    struct dns_transport *t = arg;

    return t->tcp ? receive_stream(t, fd, to, room)
                  : receive_datagram(t, fd, to, room, flags, from, len);
}

static ares_ssize_t on_send(ares_socket_t fd, const struct iovec *parts, int n_parts, void *arg)
{
    struct dns_transport *t = arg;
    struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = (size_t)n_parts};
    struct sockaddr_storage to;
    ssize_t n;

    if (!t->tcp) {
        m.msg_namelen = addr_to_sockaddr(&t->to, &to);
        m.msg_name = &to;
    }
    n = sendmsg(fd, &m, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        t->last_errno = errno;
    for (int i = 0; t->tcp && n > 0 && i < n_parts; i++)
        dns_stream_remember(&t->queries, parts[i].iov_base, parts[i].iov_len);
    if (n > 0 && !t->tcp && n_parts == 1) /* a datagram is one part */
        bare_remember(&t->queries, parts[0].iov_base, (size_t)n);
    return n;
}

static const struct ares_socket_functions socket_functions = {on_socket, on_close, on_connect,
                                                              on_receive, on_send};

/* --- the loop --- */

static void rearm(struct dns_transport *t)
{
    struct timeval wait, *next = ares_timeout(t->ares, NULL, &wait);

    watch_want(t->timer, 0,
               next == NULL
                   ? 0
                   : clock_monotonic_us() + (int64_t)wait.tv_sec * 1000000 + wait.tv_usec + 1);
}

static void process(struct dns_transport *t, ares_socket_t readable, ares_socket_t writable)
{
    size_t handed;

    do { /* what is held here wakes nobody; ends: c-ares took some of it, or left it */
        handed = t->handed;
        ares_process_fd(t->ares, readable, writable);
    } while (dns_stream_left(&t->stream) > 0 && t->handed != handed);
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
    struct dns_transport *t = arg;
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
        w->watch = watch_new(t->loop, fd, on_ready, w);
        if (w->watch == NULL) {
            free(w);
            return;
        }
        t->sockets = w;
    }
    watch_want(w->watch, what, 0);
}

/* --- life --- */

static int set_server(struct dns_transport *t, const struct addr *to)
{
    struct ares_addr_port_node node = {
        .family = to->family, .udp_port = to->port, .tcp_port = to->port};

    memcpy(&node.addr, to->ip, to->family == AF_INET ? 4 : 16);
    return ares_set_servers_ports(t->ares, &node);
}

int dns_transport_open(struct dns_transport *t, struct loop *l, const struct addr *to, bool tcp,
                       int64_t timeout_us)
{
    struct ares_options o = {0};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB |
               ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS | ARES_OPT_NDOTS;
    char lookups[] = "b";

    t->loop = l;
    t->to = *to;
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
    ares_library_init(ARES_LIB_INIT_ALL);
    if (ares_init_options(&t->ares, &o, mask) != ARES_SUCCESS)
        return -1;
    ares_set_socket_functions(t->ares, &socket_functions, t);
    t->timer = watch_new(l, -1, on_timer, t);
    return t->timer == NULL || set_server(t, to) != ARES_SUCCESS ? -1 : 0;
}

void dns_transport_close(struct dns_transport *t)
{
    t->closing = true;
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

void dns_transport_ask(struct dns_transport *t, const char *name, int type, ares_callback done,
                       void *arg)
{
    if (t->closing) {
        done(arg, ARES_EDESTRUCTION, 0, NULL, 0);
        return;
    }
    ares_query(t->ares, name, 1, type, done, arg);
    rearm(t);
}

void dns_transport_ask_edns(struct dns_transport *t, const char *name, int type, bool unchecked,
                            ares_callback done, void *arg)
{
    uint8_t query[DNS_QUERY_ROOM];
    uint16_t id;
    size_t len;

    if (t->closing) {
        done(arg, ARES_EDESTRUCTION, 0, NULL, 0);
        return;
    }
    if (getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id)
        id = (uint16_t)clock_monotonic_us();
    len = dns_query(query, id, name, (uint16_t)type, UDP_SIZE);
    if (len == 0) {
        done(arg, ARES_EBADNAME, 0, NULL, 0);
        return;
    }
    if (unchecked)
        query[3] |= CD;
    ares_send(t->ares, query, (int)len, done, arg);
    rearm(t);
}
