/*
 * The floor: what checking N endpoints costs with the same libraries and nothing else.
 *
 *     bench_floor --endpoints FILE [--parallel N] [--ca-file FILE] [--proxy ADDR:PORT]
 *
 * One thread, epoll, c-ares and OpenSSL: A and AAAA of each name, TCP, CONNECT where a proxy is
 * given, a TLS handshake with verification of chain and name, a clean close. No report, no
 * judgement, no capture. Prints one line of JSON: count, pass, fail, wall_ms, cpu_ms.
 */
#include <ares.h>
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS_MAX = 256,
    NAMES_MAX = 100000,
    PARALLEL_MAX = 10000,
    RESOLVING_MAX = 100, /* more overflow the receive buffers, and answers are lost */
    STEP_TIMEOUT_S = 30,
    COMPLAINTS_MAX = 5,
};

enum stage { STAGE_IDLE, STAGE_RESOLVE, STAGE_CONNECT, STAGE_TUNNEL, STAGE_TLS, STAGE_CLOSE };

struct endpoint {
    char host[256];
    uint16_t port;
};

struct job {
    enum stage stage;
    const struct endpoint *endpoint;
    struct floor *floor;
    SSL *ssl;
    int fd;
    time_t deadline_s;
    size_t head_len;
    char head[4096]; /* the proxy's answer */
};

struct floor {
    struct endpoint *endpoints;
    size_t count, next, pass, fail;
    struct job *jobs;
    size_t parallel, active, resolving;
    struct sockaddr_in proxy; /* sin_port 0: direct */
    SSL_CTX *ctx;
    ares_channel channel;
    int epoll_fd;
};

static time_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_floor: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(3);
}

static void job_end(struct job *job)
{
    SSL_free(job->ssl);
    job->ssl = NULL;
    if (job->fd >= 0)
        close(job->fd);
    job->fd = -1;
    job->stage = STAGE_IDLE;
    job->floor->active--;
}

static void job_fail(struct job *job, const char *why)
{
    struct floor *floor = job->floor;
    if (floor->fail++ < COMPLAINTS_MAX)
        fprintf(stderr, "bench_floor: %s: %s\n", job->endpoint->host, why);
    job_end(job);
}

static void job_connect(struct job *job, const struct sockaddr *address, socklen_t len)
{
    const int on = 1;
    job->stage = STAGE_CONNECT;
    job->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (job->fd < 0) {
        job_fail(job, "no socket");
        return;
    }
    (void)setsockopt(job->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(job->fd, address, len) != 0 && errno != EINPROGRESS) {
        job_fail(job, "connect");
        return;
    }
    /* Edge-triggered for both directions: one epoll_ctl for the whole life. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = job};
    if (epoll_ctl(job->floor->epoll_fd, EPOLL_CTL_ADD, job->fd, &event) != 0)
        job_fail(job, "epoll");
}

static void on_resolved(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
    (void)timeouts;
    struct job *job = arg;
    job->floor->resolving--;
    if (status != ARES_SUCCESS || !info->nodes)
        job_fail(job, ares_strerror(status));
    else
        job_connect(job, info->nodes->ai_addr, info->nodes->ai_addrlen);
    ares_freeaddrinfo(info);
}

static void job_start(struct job *job, const struct endpoint *endpoint)
{
    struct floor *floor = job->floor;
    job->endpoint = endpoint;
    job->fd = -1;
    job->head_len = 0;
    job->deadline_s = now_s() + STEP_TIMEOUT_S;
    floor->active++;
    if (floor->proxy.sin_port) {
        job_connect(job, (const struct sockaddr *)&floor->proxy, sizeof floor->proxy);
        return;
    }
    char port[8];
    snprintf(port, sizeof port, "%u", endpoint->port);
    const struct ares_addrinfo_hints hints = {
        .ai_flags = ARES_AI_NUMERICSERV | ARES_AI_NOSORT,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    job->stage = STAGE_RESOLVE;
    floor->resolving++;
    ares_getaddrinfo(floor->channel, endpoint->host, port, &hints, on_resolved, job);
}

static void job_start_tls(struct job *job)
{
    job->stage = STAGE_TLS;
    job->ssl = SSL_new(job->floor->ctx);
    if (!job->ssl || !SSL_set_fd(job->ssl, job->fd) ||
        !SSL_set_tlsext_host_name(job->ssl, job->endpoint->host) ||
        !SSL_set1_host(job->ssl, job->endpoint->host))
        die("no TLS connection");
    SSL_set_hostflags(job->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set_connect_state(job->ssl);
}

/* Sends CONNECT; a fresh socket takes so few bytes at once. */
static bool send_connect(struct job *job)
{
    char head[700];
    int len = snprintf(head, sizeof head, "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n\r\n",
                       job->endpoint->host, job->endpoint->port, job->endpoint->host,
                       job->endpoint->port);
    return send(job->fd, head, (size_t)len, MSG_NOSIGNAL) == len;
}

/* True once the proxy has opened the tunnel. Nothing of TLS can follow the head: the client
   speaks first. */
static bool read_connect_answer(struct job *job)
{
    for (;;) {
        size_t room = sizeof job->head - 1 - job->head_len;
        ssize_t len = recv(job->fd, job->head + job->head_len, room, 0);
        if (len <= 0) {
            if (len == 0 || errno != EAGAIN)
                job_fail(job, "proxy closed");
            return false;
        }
        job->head_len += (size_t)len;
        job->head[job->head_len] = '\0';
        if (strstr(job->head, "\r\n\r\n"))
            break;
        if (job->head_len == sizeof job->head - 1) {
            job_fail(job, "endless proxy answer");
            return false;
        }
    }
    if (strncmp(job->head, "HTTP/1.", 7) != 0 || strncmp(job->head + 8, " 200", 4) != 0) {
        job->head[strcspn(job->head, "\r")] = '\0';
        job_fail(job, job->head);
        return false;
    }
    return true;
}

static void handshake(struct job *job)
{
    ERR_clear_error();
    int done = SSL_do_handshake(job->ssl);
    if (done != 1) {
        int why = SSL_get_error(job->ssl, done);
        if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
            return;
        long verdict = SSL_get_verify_result(job->ssl);
        job_fail(job, verdict != X509_V_OK ? X509_verify_cert_error_string(verdict)
                                           : ERR_reason_error_string(ERR_peek_error()));
        return;
    }
    job->floor->pass++;
    (void)SSL_shutdown(job->ssl);
    (void)shutdown(job->fd, SHUT_WR);
    job->stage = STAGE_CLOSE;
}

/* Reads to the end: closing over unread session tickets would send a reset. */
static void drain(struct job *job)
{
    char scrap[4096];
    ssize_t len;
    while ((len = recv(job->fd, scrap, sizeof scrap, 0)) > 0)
        continue;
    if (len == 0 || errno != EAGAIN)
        job_end(job);
}

static void job_advance(struct job *job)
{
    if (job->stage == STAGE_CONNECT) {
        int error = 0;
        socklen_t len = sizeof error;
        if (getsockopt(job->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
            job_fail(job, strerror(error));
            return;
        }
        if (!job->floor->proxy.sin_port) {
            job_start_tls(job);
        } else if (send_connect(job)) {
            job->stage = STAGE_TUNNEL;
        } else {
            job_fail(job, "cannot send CONNECT");
            return;
        }
    }
    if (job->stage == STAGE_TUNNEL && read_connect_answer(job))
        job_start_tls(job);
    if (job->stage == STAGE_TLS)
        handshake(job);
    if (job->stage == STAGE_CLOSE)
        drain(job);
}

static void expire(struct floor *floor)
{
    time_t now = now_s();
    for (size_t i = 0; i < floor->parallel; i++) {
        struct job *job = &floor->jobs[i];
        /* c-ares keeps its own time, and its callback still points at the job. */
        if (job->stage > STAGE_RESOLVE && job->deadline_s < now)
            job_fail(job, "timeout");
    }
}

static void on_dns_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct floor *floor = arg;
    struct epoll_event event = {
        .events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u),
        /* Jobs are aligned, so an odd value is a DNS socket. */
        .data.u64 = (uint64_t)(unsigned)fd << 1 | 1,
    };
    if (!readable && !writable)
        (void)epoll_ctl(floor->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    else if (epoll_ctl(floor->epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT)
        (void)epoll_ctl(floor->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void fill(struct floor *floor)
{
    for (size_t i = 0; i < floor->parallel && floor->next < floor->count; i++) {
        if (floor->resolving >= RESOLVING_MAX)
            return;
        if (floor->jobs[i].stage == STAGE_IDLE)
            job_start(&floor->jobs[i], &floor->endpoints[floor->next++]);
    }
}

static void run(struct floor *floor)
{
    struct epoll_event events[EVENTS_MAX];
    time_t looked = now_s();
    for (;;) {
        if (floor->active < floor->parallel)
            fill(floor);
        if (floor->active == 0 && floor->next == floor->count)
            return;
        struct timeval limit = {.tv_sec = 1}, left;
        struct timeval *wait = ares_timeout(floor->channel, &limit, &left);
        int wait_ms = (int)(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1);
        int count = epoll_wait(floor->epoll_fd, events, EVENTS_MAX, wait_ms);
        for (int i = 0; i < count; i++) {
            uint64_t tag = events[i].data.u64;
            if (tag & 1) {
                ares_socket_t fd = (ares_socket_t)(tag >> 1);
                bool in = events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP);
                bool out = events[i].events & EPOLLOUT;
                ares_process_fd(floor->channel, in ? fd : ARES_SOCKET_BAD,
                                out ? fd : ARES_SOCKET_BAD);
            } else {
                job_advance(events[i].data.ptr);
            }
        }
        if (count <= 0 || now_s() != looked) { /* nobody else would notice a lost answer */
            ares_process_fd(floor->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            expire(floor);
            looked = now_s();
        }
    }
}

static void read_endpoints(struct floor *floor, const char *path)
{
    FILE *file = fopen(path, "re");
    floor->endpoints = calloc(NAMES_MAX, sizeof *floor->endpoints);
    if (!file || !floor->endpoints)
        die(path);
    char line[300];
    while (floor->count < NAMES_MAX && fgets(line, sizeof line, file)) {
        struct endpoint *endpoint = &floor->endpoints[floor->count];
        unsigned port;
        if (sscanf(line, "%255[^: \n]:%u", endpoint->host, &port) != 2 || port > 65535)
            die("an endpoint is host:port");
        endpoint->port = (uint16_t)port;
        floor->count++;
    }
    fclose(file);
}

/* The system's hashed directory, looked into when a chain needs it: no start-up cost.
   SSL_CTX_set_default_verify_paths would load the bundle (15 ms) and add the OSSL_STORE lookup,
   which reads the whole directory for each subject that is not an anchor, that is once for each
   handshake: a fifth more CPU. */
static bool use_system_store(SSL_CTX *ctx)
{
    X509_LOOKUP *lookup =
        X509_STORE_add_lookup(SSL_CTX_get_cert_store(ctx), X509_LOOKUP_hash_dir());
    return lookup && X509_LOOKUP_add_dir(lookup, X509_get_default_cert_dir(), X509_FILETYPE_PEM);
}

static void make_context(struct floor *floor, const char *ca_file)
{
    floor->ctx = SSL_CTX_new(TLS_client_method());
    if (!floor->ctx || !SSL_CTX_set_min_proto_version(floor->ctx, TLS1_2_VERSION))
        die("no TLS context");
    if (!(ca_file ? SSL_CTX_load_verify_file(floor->ctx, ca_file) : use_system_store(floor->ctx)))
        die("no trust anchors");
    SSL_CTX_set_verify(floor->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(floor->ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(floor->ctx, SSL_MODE_RELEASE_BUFFERS);
}

static void make_channel(struct floor *floor)
{
    struct ares_options options = {
        .sock_state_cb = on_dns_socket,
        .sock_state_cb_data = floor,
        .socket_receive_buffer_size = 1 << 20,
        .lookups = (char *)(uintptr_t) "b",
    };
    int mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_SOCK_RCVBUF | ARES_OPT_LOOKUPS;
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
        ares_init_options(&floor->channel, &options, mask) != ARES_SUCCESS)
        die("no resolver");
}

static void make_jobs(struct floor *floor, const char *parallel)
{
    long number = strtol(parallel, NULL, 10);
    if (number < 1 || number > PARALLEL_MAX)
        die("--parallel is out of range");
    floor->parallel = (size_t)number;
    floor->jobs = calloc(floor->parallel, sizeof *floor->jobs);
    if (!floor->jobs)
        die("no memory");
    for (size_t i = 0; i < floor->parallel; i++) {
        floor->jobs[i].floor = floor;
        floor->jobs[i].fd = -1;
    }
}

static void parse_proxy(struct floor *floor, const char *text)
{
    char address[INET_ADDRSTRLEN];
    unsigned port;
    floor->proxy.sin_family = AF_INET;
    if (sscanf(text, "%15[0-9.]:%u", address, &port) != 2 || port < 1 || port > 65535 ||
        inet_pton(AF_INET, address, &floor->proxy.sin_addr) != 1)
        die("--proxy is IPV4:PORT");
    floor->proxy.sin_port = htons((uint16_t)port);
}

static void print_result(const struct floor *floor, const struct timespec *begin)
{
    struct timespec end;
    struct rusage usage;
    clock_gettime(CLOCK_MONOTONIC, &end);
    getrusage(RUSAGE_SELF, &usage);
    double wall_ms =
        (double)(end.tv_sec - begin->tv_sec) * 1e3 + (double)(end.tv_nsec - begin->tv_nsec) / 1e6;
    double cpu_ms = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
    printf("{\"count\": %zu, \"pass\": %zu, \"fail\": %zu, \"wall_ms\": %.1f, \"cpu_ms\": %.1f}\n",
           floor->count, floor->pass, floor->fail, wall_ms, cpu_ms);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"endpoints", required_argument, NULL, 'e'},
        {"parallel", required_argument, NULL, 'j'},
        {"ca-file", required_argument, NULL, 'c'},
        {"proxy", required_argument, NULL, 'p'},
        {0},
    };
    struct timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    signal(SIGPIPE, SIG_IGN);
    struct floor floor = {.epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    const char *endpoints = NULL, *ca_file = NULL, *parallel = "300";
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'e':
            endpoints = optarg;
            break;
        case 'j':
            parallel = optarg;
            break;
        case 'c':
            ca_file = optarg;
            break;
        case 'p':
            parse_proxy(&floor, optarg);
            break;
        default:
            return 2;
        }
    }
    if (!endpoints)
        die("--endpoints is needed");
    /* No configuration file: hopproof loads none either. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    read_endpoints(&floor, endpoints);
    make_jobs(&floor, parallel);
    make_context(&floor, ca_file);
    make_channel(&floor);

    run(&floor);
    print_result(&floor, &begin);

    ares_destroy(floor.channel);
    ares_library_cleanup();
    SSL_CTX_free(floor.ctx);
    free(floor.jobs);
    free(floor.endpoints);
    close(floor.epoll_fd);
    return floor.fail ? 1 : 0;
}
