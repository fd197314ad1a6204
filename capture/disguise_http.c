/*
 * disguise_http: a connection as requests, answers and their bodies (RFC 9112), and what the
 * tunnels of CONNECT carry.
 */
#include "capture/disguise_parts.h"
#include "diag/proto/http1.h"

#include <string.h>

static bool is_known_method(const char *method)
{
    static const char *const methods[] = {"CONNECT", "GET", "HEAD", "OPTIONS", "POST"};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

/* Read the head that stands next. */
static bool read_head(const struct disguise_say *s, struct http1 *h, size_t *used)
{
    return s->at < s->len && http1_feed(h, s->in + s->at, s->len - s->at, used) == HTTP1_OK &&
           (h->kind == HTTP1_ANSWER || is_known_method(http1_method(h)));
}

static void fill(struct disguise_say *s, uint64_t len)
{
    size_t have = s->len - s->at;

    if (len < have)
        have = (size_t)len;
    memset(s->out + s->at, 'x', have);
    s->at += have;
}

/* size in hexadecimal CRLF | content CRLF, ..., 0 CRLF CRLF (RFC 9112 section 7.1) */
static void fill_chunks(struct disguise_say *s)
{
    for (;;) { /* ends: each turn takes a line at least */
        const uint8_t *line = s->in + s->at;
        size_t left = s->len - s->at, digits = 0;
        uint64_t size = 0;

        while (digits < left && digits < 8 && strchr("0123456789abcdefABCDEF", line[digits]) &&
               line[digits] != '\0') {
            size = size << 4 |
                   (uint64_t)(line[digits] <= '9' ? line[digits] - '0' : (line[digits] & 15) + 9);
            digits++;
        }
        if (digits == 0 || left < digits + 2 || memcmp(line + digits, "\r\n", 2) != 0)
            return; /* extensions: cut there */
        memcpy(s->out + s->at, line, digits + 2);
        s->at += digits + 2;
        fill(s, size);
        if (s->len - s->at < 2 || memcmp(s->in + s->at, "\r\n", 2) != 0)
            return;
        memcpy(s->out + s->at, "\r\n", 2);
        s->at += 2;
        if (size == 0)
            return;
    }
}

/* One request and its answer. False: not to be read on. */
static bool exchange(const struct disguise_names *n, struct disguise_say *client,
                     struct disguise_say *server)
{
    struct http1 request, answer;
    uint64_t len = 0;
    size_t used;
    bool ok;

    http1_init(&request, HTTP1_REQUEST);
    http1_init(&answer, HTTP1_ANSWER);
    ok = read_head(client, &request, &used) &&
         disguise_head(n, &request, client->out + client->at, used);
    if (ok) {
        client->at += used;
        if (strcmp(http1_method(&request), "CONNECT") != 0 &&
            http1_content_length(&request, &len) == HTTP1_LENGTH_OK)
            fill(client, len);
        ok = read_head(server, &answer, &used) &&
             disguise_head(n, &answer, server->out + server->at, used);
    }
    if (ok) {
        server->at += used;
        switch (http1_framing(&answer, http1_method(&request), &len)) {
        case HTTP1_BODY_NONE:
            break;
        case HTTP1_BODY_LENGTH:
            fill(server, len);
            break;
        case HTTP1_BODY_CHUNKED:
            fill_chunks(server);
            break;
        case HTTP1_BODY_CLOSE:
            fill(server, UINT64_MAX);
            break;
        case HTTP1_BODY_INVALID:
            ok = false;
        }
    }
    http1_free(&answer);
    http1_free(&request);
    return ok;
}

static bool opens_tls(const struct disguise_say *s)
{
    return s->at < s->len && s->in[s->at] >= 20 && s->in[s->at] <= 23;
}

static void whole_tls(const struct disguise_names *n, struct disguise_say *s)
{
    if (opens_tls(s))
        s->at += disguise_tls(n, s->in + s->at, s->len - s->at, s->out + s->at);
}

void disguise_talk(const struct disguise_names *n, struct disguise_say *client,
                   struct disguise_say *server)
{
    while (client->at < client->len && !opens_tls(client)) { /* ends: a head each turn, or stops */
        if (client->in[client->at] < 'A' || client->in[client->at] > 'Z' ||
            !exchange(n, client, server))
            return;
    }
    whole_tls(n, client);
    whole_tls(n, server);
}
