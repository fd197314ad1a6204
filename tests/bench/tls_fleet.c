/*
 * A fleet of TLS endpoints in one thread: epoll and OpenSSL, any local address, one port.
 *
 *     bench_fleet --names FILE --root-out FILE [--port 443] [--life SECONDS] [--shared-leaf NAME]
 *
 * Reads the endpoint names, makes a PKI and a leaf for each name, writes the root for the
 * clients, prints "ready" and serves until SIGTERM or the end of its life. The namespace routes a
 * whole prefix to it (`ip route add local PREFIX dev lo`), so ten thousand addresses cost one
 * socket. After the handshake a client may close, or send one request (anything with an empty
 * line) that is answered with 204: curl cannot end after a handshake.
 */
#include "lab_pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <search.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS_MAX = 256,
    BACKLOG = 4096,
    NAMES_MAX = 100000,
    IDLE_LIMIT_S = 60, /* a stalled client does not hold a descriptor for ever */
};

/* One accepted connection, on a list ordered by birth so that old ones are found at its head. */
struct conn {
    struct conn *prev, *next;
    SSL *ssl;
    int fd;
    time_t born;
    bool established;
};

struct fleet {
    struct lab_pki pki;
    struct lab_leaf *leaves; /* one for each name, or a single shared one */
    size_t leaf_count;
    struct hsearch_data by_name;
    SSL_CTX *ctx;
    int epoll_fd, listen_fd;
    struct conn *oldest, *newest;
    unsigned long accepted, handshakes, failed;
};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static time_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Picks the leaf of the name that the client asks for; without one the first leaf serves. */
static int on_server_name(SSL *ssl, int *alert, void *arg)
{
    (void)alert;
    struct fleet *fleet = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const struct lab_leaf *leaf = &fleet->leaves[0];
    if (name && fleet->leaf_count > 1) {
        ENTRY key = {.key = (char *)(uintptr_t)name};
        ENTRY *found;
        if (hsearch_r(key, FIND, &found, &fleet->by_name))
            leaf = found->data;
    }
    return SSL_use_cert_and_key(ssl, leaf->cert, leaf->key, fleet->pki.chain, 1)
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static char **read_names(const char *path, size_t *count)
{
    FILE *file = fopen(path, "re");
    char **names = calloc(NAMES_MAX, sizeof *names);
    if (!file || !names) {
        perror(path);
        exit(2);
    }
    char line[300];
    size_t n = 0;
    while (n < NAMES_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] && !(names[n++] = strdup(line))) {
            perror("memory");
            exit(2);
        }
    }
    fclose(file);
    *count = n;
    return names;
}

static int make_leaves(struct fleet *fleet, char **names, size_t count)
{
    fleet->leaves = calloc(count, sizeof *fleet->leaves);
    if (!fleet->leaves || !hcreate_r(count * 2, &fleet->by_name))
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (lab_pki_leaf(&fleet->pki, names[i], &fleet->leaves[i]) != 0)
            return -1;
        fleet->leaf_count = i + 1;
        ENTRY entry = {.key = names[i], .data = &fleet->leaves[i]};
        ENTRY *stored;
        if (!hsearch_r(entry, ENTER, &stored, &fleet->by_name))
            return -1;
    }
    return 0;
}

static int make_context(struct fleet *fleet)
{
    fleet->ctx = SSL_CTX_new(TLS_server_method());
    if (!fleet->ctx ||
        !SSL_CTX_use_cert_and_key(fleet->ctx, fleet->leaves[0].cert, fleet->leaves[0].key,
                                  fleet->pki.chain, 1) ||
        !SSL_CTX_set_min_proto_version(fleet->ctx, TLS1_2_VERSION))
        return -1;
    SSL_CTX_set_session_cache_mode(fleet->ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(fleet->ctx, SSL_MODE_RELEASE_BUFFERS);
    if (fleet->leaf_count > 1) {
        SSL_CTX_set_tlsext_servername_callback(fleet->ctx, on_server_name);
        SSL_CTX_set_tlsext_servername_arg(fleet->ctx, fleet);
    }
    return 0;
}

static int start_listening(struct fleet *fleet, uint16_t port)
{
    fleet->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    fleet->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    const int on = 1;
    const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (fleet->listen_fd < 0 || fleet->epoll_fd < 0 ||
        setsockopt(fleet->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fleet->listen_fd, (const struct sockaddr *)&any, sizeof any) != 0 ||
        listen(fleet->listen_fd, BACKLOG) != 0 ||
        epoll_ctl(fleet->epoll_fd, EPOLL_CTL_ADD, fleet->listen_fd, &event) != 0)
        return -1;
    return 0;
}

static void conn_free(struct fleet *fleet, struct conn *conn)
{
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        fleet->oldest = conn->next;
    if (conn->next)
        conn->next->prev = conn->prev;
    else
        fleet->newest = conn->prev;
    SSL_free(conn->ssl);
    close(conn->fd);
    free(conn);
}

static void accept_one(struct fleet *fleet, int fd)
{
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct conn *conn = calloc(1, sizeof *conn);
    SSL *ssl = SSL_new(fleet->ctx);
    /* Edge-triggered for both directions: one epoll_ctl for the whole life. */
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = conn};
    if (!conn || !ssl || !SSL_set_fd(ssl, fd) ||
        epoll_ctl(fleet->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        SSL_free(ssl);
        free(conn);
        close(fd);
        return;
    }
    SSL_set_accept_state(ssl);
    *conn = (struct conn){.prev = fleet->newest, .ssl = ssl, .fd = fd, .born = now_s()};
    if (fleet->newest)
        fleet->newest->next = conn;
    else
        fleet->oldest = conn;
    fleet->newest = conn;
    fleet->accepted++;
}

static void accept_all(struct fleet *fleet)
{
    for (int fd; (fd = accept4(fleet->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;)
        accept_one(fleet, fd);
}

/* Reads until the client closes or has sent a request. True: the connection is over. */
static bool serve(struct conn *conn)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    char request[4096];
    for (;;) {
        int len = SSL_read(conn->ssl, request, sizeof request);
        if (len <= 0) {
            int why = SSL_get_error(conn->ssl, len);
            if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                return false;
            if (why == SSL_ERROR_ZERO_RETURN)
                (void)SSL_shutdown(conn->ssl);
            return true;
        }
        /* Every client of the bench sends its small request in one record. */
        if (memmem(request, (size_t)len, "\r\n\r\n", 4)) {
            (void)SSL_write(conn->ssl, answer, sizeof answer - 1);
            (void)SSL_shutdown(conn->ssl);
            return true;
        }
    }
}

static void advance(struct fleet *fleet, struct conn *conn)
{
    ERR_clear_error();
    if (!conn->established) {
        int done = SSL_do_handshake(conn->ssl);
        if (done != 1) {
            int why = SSL_get_error(conn->ssl, done);
            if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                return;
            fleet->failed++;
            conn_free(fleet, conn);
            return;
        }
        conn->established = true;
        fleet->handshakes++;
    }
    if (serve(conn))
        conn_free(fleet, conn);
}

static void serve_until(struct fleet *fleet, time_t end)
{
    struct epoll_event events[EVENTS_MAX];
    while (!stop && now_s() < end) {
        int count = epoll_wait(fleet->epoll_fd, events, EVENTS_MAX, 1000);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                advance(fleet, events[i].data.ptr);
            else
                accept_all(fleet);
        }
        while (fleet->oldest && fleet->oldest->born + IDLE_LIMIT_S < now_s())
            conn_free(fleet, fleet->oldest);
    }
}

static long number_option(const char *text, long max)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || end == text || value < 1 || value > max) {
        fprintf(stderr, "bench_fleet: not a number from 1 to %ld: %s\n", max, text);
        exit(2);
    }
    return value;
}

struct settings {
    char *names_path, *root_path, *shared;
    long port, life_s;
};

static void read_options(int argc, char **argv, struct settings *out)
{
    static const struct option options[] = {
        {"names", required_argument, NULL, 'n'},       {"root-out", required_argument, NULL, 'r'},
        {"port", required_argument, NULL, 'p'},        {"life", required_argument, NULL, 'l'},
        {"shared-leaf", required_argument, NULL, 's'}, {0},
    };
    *out = (struct settings){.port = 443, .life_s = 600};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'n':
            out->names_path = optarg;
            break;
        case 'r':
            out->root_path = optarg;
            break;
        case 'p':
            out->port = number_option(optarg, 65535);
            break;
        case 'l':
            out->life_s = number_option(optarg, 24L * 3600);
            break;
        case 's':
            out->shared = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (!out->names_path || !out->root_path) {
        fprintf(stderr, "bench_fleet: --names and --root-out are needed\n");
        exit(2);
    }
}

static void take_signals(void)
{
    const struct sigaction action = {.sa_handler = on_signal};

    /* The parent that measures may die: never outlive it. */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Certificates and the listening socket, from which on clients may come; else the exit status. */
static int open_fleet(struct fleet *fleet, const struct settings *s, char **names, size_t count)
{
    if (lab_pki_new(&fleet->pki) != 0 || make_leaves(fleet, names, count) != 0 ||
        lab_pki_write_root(&fleet->pki, s->root_path) != 0 || make_context(fleet) != 0) {
        fprintf(stderr, "bench_fleet: cannot make certificates\n");
        ERR_print_errors_fp(stderr);
        return 3;
    }
    if (start_listening(fleet, (uint16_t)s->port) != 0) {
        perror("bench_fleet: cannot listen");
        return 3;
    }
    return 0;
}

static void close_fleet(struct fleet *fleet)
{
    while (fleet->oldest)
        conn_free(fleet, fleet->oldest);
    SSL_CTX_free(fleet->ctx);
    for (size_t i = 0; i < fleet->leaf_count; i++)
        lab_leaf_free(&fleet->leaves[i]);
    free(fleet->leaves);
    hdestroy_r(&fleet->by_name);
    lab_pki_free(&fleet->pki);
    close(fleet->listen_fd);
    close(fleet->epoll_fd);
}

int main(int argc, char **argv)
{
    struct fleet fleet = {.epoll_fd = -1, .listen_fd = -1};
    struct settings settings;
    size_t count = 1;
    int status;

    read_options(argc, argv, &settings);
    take_signals();
    char **names = settings.shared ? &settings.shared : read_names(settings.names_path, &count);
    if (count == 0) {
        fprintf(stderr, "bench_fleet: %s: no names\n", settings.names_path);
        return 2;
    }
    status = open_fleet(&fleet, &settings, names, count);
    if (status != 0)
        return status; /* the end of the process frees what was made */
    printf("ready\n");
    fflush(stdout);
    serve_until(&fleet, now_s() + settings.life_s);
    fprintf(stderr, "bench_fleet: %lu accepted, %lu handshakes, %lu failed\n", fleet.accepted,
            fleet.handshakes, fleet.failed);
    close_fleet(&fleet);
    for (size_t i = 0; i < count && !settings.shared; i++)
        free(names[i]);
    if (!settings.shared)
        free(names);
    return 0;
}
