/*
 * layer_tcp: the connection itself (RFC 9293; tcp(7), ip(7)). The bottom of every stack and the
 * only layer that knows what it waits for.
 *
 * While the connection is being made, IP_RECVERR gives the ICMP error with its type, code and
 * sender, which errno alone hides.
 */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "probes/errno_name.h"
#include "probes/icmp_error.h"
#include "probes/layer.h"
#include "probes/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct tcp_layer {
    struct layer layer;
    struct tcp_spec spec;
    int fd;
    bool connected, write_failed, shut, ended;
    ssize_t end; /* what a failed write learned of the far side: IO_EOF, IO_RESET, IO_SILENCE */
    int64_t received;
};

static const struct layer_ops tcp_ops;

static struct tcp_layer *of(struct layer *l)
{
    return (struct tcp_layer *)l;
}

/* The bottom of a stack, when it is a connection; the tests put other things there. */
static struct tcp_layer *bottom(const struct stack *s)
{
    return s->n > 0 && s->layers[0]->ops == &tcp_ops ? of(s->layers[0]) : NULL;
}

/* Facts of the kernel's TCP_INFO; all of it is there since Linux 4.19. */
static void read_tcp_info(int fd, bool gave_up, struct sock *sock)
{
    static const char *const states[] = {"",           "established", "syn-sent",  "syn-received",
                                         "fin-wait-1", "fin-wait-2",  "time-wait", "closed",
                                         "close-wait", "last-ack",    "listen",    "closing"};
    struct tcp_info info = {0};
    socklen_t len = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return;
    sock->rtt_us = info.tcpi_rtt;
    sock->retransmits = info.tcpi_total_retrans;
    sock->unacked = info.tcpi_unacked;
    sock->mss = info.tcpi_snd_mss;
    sock->peer_mss = info.tcpi_rcv_mss;
    sock->pmtu = info.tcpi_pmtu;
    sock->sent = (int64_t)info.tcpi_bytes_sent - (int64_t)info.tcpi_bytes_retrans;
    /* The SYN counts as one octet in bytes_acked (RFC 4898 tcpEStatsAppHCThruOctetsAcked). */
    sock->acked = info.tcpi_bytes_acked > 0 ? (int64_t)info.tcpi_bytes_acked - 1 : 0;
    sock->received = (int64_t)info.tcpi_bytes_received;
    sock->segments_in = info.tcpi_segs_in;
    if (info.tcpi_bytes_received > 0)
        sock->last_received_us = (int64_t)info.tcpi_last_data_recv * 1000;
    if (info.tcpi_state < sizeof states / sizeof states[0])
        sock->state = states[info.tcpi_state];
    if (gave_up && sock->unacked == 0)
        sock->unacked = 1; /* at least: the kernel then throws away what was in flight */
}

static const char *name_of(struct stack *s, int fd,
                           int (*get)(int, struct sockaddr *restrict, socklen_t *restrict))
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    struct addr a;
    char text[ADDR_TEXT];

    if (get(fd, (struct sockaddr *)&sa, &len) != 0 ||
        !addr_from_sockaddr((struct sockaddr *)&sa, &a) || a.port == 0)
        return NULL;
    return arena_strdup(s->report->arena, addr_port_text(&a, text));
}

struct sock *tcp_layer_sock(struct stack *s)
{
    struct tcp_layer *t = bottom(s);
    struct sock *sock;
    char text[ADDR_TEXT];

    if (t == NULL || t->fd < 0)
        return NULL;
    sock = report_new_of(s->report, sock);
    sock->local = name_of(s, t->fd, getsockname);
    sock->remote = arena_strdup(s->report->arena, addr_port_text(&t->spec.to, text));
    read_tcp_info(t->fd, t->end == IO_SILENCE, sock);
    return sock;
}

/* What an ICMP error in the socket's queue was about. */
struct heard {
    bool icmp;       /* there was one */
    bool prohibited; /* it speaks of a policy */
    bool local;      /* it comes from this machine itself */
    bool neighbour;  /* it is the one that a kernel makes for a neighbour that is silent */
};

static struct heard read_error_queue(struct tcp_layer *t, struct tcp_detail *d)
{
    int family = t->spec.to.family;
    struct icmp_error e;
    struct addr own;
    char text[ADDR_TEXT];

    if (t->fd < 0 || !icmp_error_read(t->fd, &e))
        return (struct heard){0};
    d->icmp_type = e.type;
    d->icmp_code = e.code;
    d->icmp = icmp_error_name(family, &e);
    if (e.from.family != 0)
        d->icmp_from = arena_strdup(t->layer.stack->report->arena, addr_text(&e.from, text));
    return (struct heard){
        .icmp = true,
        .prohibited = icmp_error_prohibits(family, &e),
        .local = e.from.family != 0 && d->sock != NULL && d->sock->local != NULL &&
                 addr_parse_port(d->sock->local, 0, &own) && addr_same_ip(&e.from, &own),
        .neighbour = icmp_error_is_of_neighbour(family, &e)};
}

/* From errno and the ICMP message, if one came, to what was observed. */
static enum outcome outcome_of_errno(int error, const struct heard *h)
{
    if (h->icmp && h->local) /* whatever is not about the neighbour, our own packet filter says */
        return h->neighbour ? OUTCOME_TCP_NO_NEIGHBOUR : OUTCOME_TCP_LOCAL_DENIED;
    if (h->icmp && h->prohibited)
        return OUTCOME_TCP_PROHIBITED;
    switch (error) {
    case ECONNREFUSED:
        return OUTCOME_TCP_REFUSED;
    case ECONNRESET: /* accepted, and reset before we came to look; a SYN's reset is "refused" */
        return OUTCOME_RESET;
    case ETIMEDOUT:
        return OUTCOME_TCP_TIMEOUT;
    case EHOSTUNREACH: /* without an ICMP message from elsewhere it is our own neighbour table */
        return h->icmp ? OUTCOME_TCP_UNREACHABLE : OUTCOME_TCP_NO_NEIGHBOUR;
    case ENETUNREACH:
        return h->icmp ? OUTCOME_TCP_UNREACHABLE : OUTCOME_TCP_NO_ROUTE;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENETDOWN:
    case ENODEV:
    case EINVAL: /* a "blackhole" route */
        return OUTCOME_TCP_NO_ROUTE;
    case EACCES:
    case EPERM:
        return h->icmp ? OUTCOME_TCP_PROHIBITED : OUTCOME_TCP_LOCAL_DENIED;
    default:
        return h->icmp ? OUTCOME_TCP_UNREACHABLE : OUTCOME_LOCAL_ERROR;
    }
}

static enum advance connect_failed(struct tcp_layer *t, int error)
{
    struct tcp_detail *d = step_tcp(t->layer.step);
    struct heard heard;

    d->error = errno_name(error);
    d->sock = tcp_layer_sock(t->layer.stack);
    heard = read_error_queue(t, d);
    return layer_fail(&t->layer, outcome_of_errno(error, &heard));
}

static int open_socket(struct tcp_layer *t)
{
    const int on = 1;
    int family = t->spec.to.family;

    t->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (t->fd < 0)
        return -1;
    t->layer.stack->fd = t->fd;
    t->layer.stack->sockets++;
    setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    icmp_error_queue(t->fd, family, true);
    if (t->spec.mss > 0) {
        setsockopt(t->fd, IPPROTO_TCP, TCP_MAXSEG, &t->spec.mss, sizeof t->spec.mss);
        step_tcp(t->layer.step)->mss_clamp = t->spec.mss;
    }
    return 0;
}

static enum advance advance(struct layer *l)
{
    struct tcp_layer *t = of(l);
    struct sockaddr_storage sa;
    socklen_t len;
    int error = 0;

    if (t->connected)
        return ADVANCE_DONE;
    if (t->fd < 0) {
        if (open_socket(t) != 0)
            return connect_failed(t, errno);
        len = addr_to_sockaddr(&t->spec.to, &sa);
        if (connect(t->fd, (struct sockaddr *)&sa, len) != 0) {
            if (errno != EINPROGRESS)
                return connect_failed(t, errno);
            l->stack->want = LOOP_WRITE;
            return ADVANCE_WAIT;
        }
    } else {
        len = sizeof sa;
        if (getpeername(t->fd, (struct sockaddr *)&sa, &len) != 0) {
            len = sizeof error;
            if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
                error = errno;
            if (error == 0) {
                l->stack->want = LOOP_WRITE; /* woken too early */
                return ADVANCE_WAIT;
            }
            return connect_failed(t, error);
        }
    }
    t->connected = true;
    /* From now on ICMP errors are only hints again (RFC 9293 section 3.9.2.2): queued, they would
     * end reads that could go on. */
    icmp_error_queue(t->fd, t->spec.to.family, false);
    step_tcp(l->step)->sock = tcp_layer_sock(l->stack);
    l->stack->want = LOOP_READ;
    return ADVANCE_DONE;
}

/*
 * How an open connection ended. A kernel that repeats only a few times (tcp(7), tcp_retries2) gives
 * up before we do, with ETIMEDOUT or the last ICMP error that it heard: that is no reset.
 */
static ssize_t end_of_errno(int error)
{
    return error == ECONNRESET || error == EPIPE ? IO_RESET : IO_SILENCE;
}

static ssize_t tcp_read(struct layer *l, void *to, size_t room)
{
    struct tcp_layer *t = of(l);
    ssize_t n;

    do {
        n = recv(t->fd, to, room, 0);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        t->received += n;
        return n;
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        l->stack->want = LOOP_READ;
        return IO_WAIT;
    }
    t->ended = true;
    /* It may have been reported to the write before; what lay in the buffer has been read. */
    if (n < 0)
        t->end = end_of_errno(errno);
    return t->end;
}

static ssize_t tcp_write(struct layer *l, const void *from, size_t len)
{
    struct tcp_layer *t = of(l);
    ssize_t n;

    if (t->write_failed)
        return (ssize_t)len;
    do {
        n = send(t->fd, from, len, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        l->stack->want = LOOP_WRITE;
        return IO_WAIT;
    }
    /*
     * The far side may have said why before it hung up: pretend that the bytes are gone, and let
     * the next read find its words, or the end. EPIPE: it closed in order first.
     */
    t->write_failed = true;
    t->end = errno == EPIPE ? IO_EOF : end_of_errno(errno);
    return (ssize_t)len;
}

bool tcp_layer_drain(struct stack *s)
{
    struct tcp_layer *t = bottom(s);
    char trash[4096];

    if (t == NULL || t->fd < 0 || !t->connected || t->ended)
        return true;
    if (!t->shut) {
        t->shut = true;
        if (shutdown(t->fd, SHUT_WR) != 0)
            return true;
    }
    /* Unread bytes would make our own kernel send a reset into our own evidence. */
    for (int i = 0; i < 64; i++) {
        ssize_t n = tcp_read(&t->layer, trash, sizeof trash);

        if (n == IO_WAIT)
            return false;
        if (n <= 0)
            return true;
    }
    return true; /* somebody who never stops talking gets his reset */
}

static void expired(struct layer *l)
{
    struct tcp_detail *d = step_tcp(l->step);

    l->step->outcome = OUTCOME_TCP_TIMEOUT;
    d->sock = tcp_layer_sock(l->stack);
    if (d->sock != NULL)
        d->syn_retransmits = d->sock->retransmits;
    (void)read_error_queue(of(l), d);
}

static void reset(struct layer *l)
{
    struct tcp_layer *t = of(l);

    if (t->fd >= 0)
        close(t->fd);
    *t = (struct tcp_layer){.layer = t->layer, .spec = t->spec, .fd = -1};
    l->stack->fd = -1;
}

static void free_layer(struct layer *l)
{
    if (of(l)->fd >= 0)
        close(of(l)->fd);
    if (l->stack != NULL)
        l->stack->fd = -1;
    free(l);
}

static const struct layer_ops tcp_ops = {advance, tcp_read, tcp_write, NULL,
                                         expired, reset,    free_layer};

struct layer *tcp_layer_new(const struct tcp_spec *spec, struct step *step)
{
    struct tcp_layer *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->layer = (struct layer){.ops = &tcp_ops, .step = step};
    t->spec = *spec;
    t->fd = -1;
    return &t->layer;
}
