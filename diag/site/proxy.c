/* proxy: see proxy.h. */
#include "diag/site/proxy.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/base/text.h"
#include "diag/model/site.h"
#include "diag/site/url.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { PROXY_PORT = 3128, URL_MAX = 2048, HOPS_MAX = 8, PROXY_NAME_MAX = 40 };

/* The user in front of the host, percent-decoded (RFC 3986 section 2.1); NULL when broken. */
static char *decode_user(struct arena *a, const char *s, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    char *user = arena_strndup(a, s, len), *to = user;

    for (const char *from = user; *from != '\0'; from++) {
        const char *high, *low;

        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        if (from[1] == '\0' || from[2] == '\0')
            return NULL;
        high = strchr(hex, from[1] | 0x20);
        low = strchr(hex, from[2] | 0x20);
        if (high == NULL || low == NULL || (high == hex && low == hex))
            return NULL; /* no hexadecimal digits, or a NUL */
        *to++ = (char)((high - hex) * 16 + (low - hex));
        from += 2;
    }
    *to = '\0';
    return user;
}

static int parse_user(struct arena *a, const char *s, size_t len, struct site_proxy *out,
                      struct fault *f)
{
    if (memchr(s, ':', len) != NULL)
        return fault_set(f, "a proxy URL must not hold a password, because command lines and site "
                            "files are read by others; keep USER@ and give the password in a file "
                            "(--proxy-password-file, password_file) or in HOPPROOF_PROXY_PASSWORD");
    if (len == 0)
        return fault_set(f, "a proxy URL has an empty user; write USER@HOST:PORT or HOST:PORT");
    out->user = decode_user(a, s, len);
    if (out->user == NULL)
        return fault_set(f, "the user of a proxy URL has a broken %% sequence; write %%25 for a "
                            "percent sign");
    if (!text_is_printable(out->user) || strchr(out->user, ':') != NULL)
        return fault_set(f, "the user of a proxy URL holds a colon or a control character, which "
                            "proxy authentication cannot carry; correct it");
    return 0;
}

int proxy_parse(struct arena *a, const char *text, struct site_proxy *out, struct fault *f)
{
    struct site_proxy p = *out;
    const char *rest, *scheme = url_scheme(a, text, &rest), *authority = rest, *at;
    struct host host;
    uint16_t port = PROXY_PORT;
    size_t len;

    if (strlen(text) > URL_MAX)
        return fault_set(f, "a proxy URL is longer than %d characters; correct it", URL_MAX);
    if (scheme != NULL && strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
        return fault_set(f,
                         "\"%s://\" is no proxy that the sensor can use; write http:// or https://",
                         text_printable(a, scheme, strlen(scheme), 40));
    p.scheme = scheme != NULL && scheme[4] == 's' ? PROXY_HTTPS : PROXY_HTTP;
    p.user = NULL;
    /* The last @ ends the user: a password with @ in it must not leak into a message as host. */
    at = strrchr(rest, '@');
    if (at != NULL) {
        if (parse_user(a, rest, (size_t)(at - rest), &p, f) != 0)
            return -1;
        authority = at + 1;
    }
    len = strcspn(authority, "/?#");
    if (authority[len] != '\0' && strcmp(authority + len, "/") != 0)
        return fault_set(f, "\"%s\": a proxy has no path; end it after the port",
                         text_printable(a, authority, strlen(authority), 80));
    if (url_host_port(a, authority, len, &host, &port, f) != 0)
        return -1;
    if (host.kind == HOST_WILDCARD)
        return fault_set(f, "\"%s\" is no proxy: a wildcard cannot be connected to", host.text);
    p.host = host.text;
    p.port = port;
    p.url = arena_printf(a, strchr(p.host, ':') != NULL ? "%s://%s%s[%s]:%u" : "%s://%s%s%s:%u",
                         p.scheme == PROXY_HTTPS ? "https" : "http",
                         p.user != NULL ? arena_strndup(a, rest, (size_t)(at - rest)) : "",
                         p.user != NULL ? "@" : "", p.host, port);
    *out = p;
    return 0;
}

int proxy_name_check(const char *name, struct fault *f)
{
    static const char *const taken[] = {"direct", "sensor", "resolver", "endpoint"};
    size_t len = strlen(name);

    if (len == 0 || len > PROXY_NAME_MAX)
        return fault_set(f, "a proxy's name has 1 to 40 characters; correct it");
    for (const char *c = name; *c != '\0'; c++) {
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') &&
            strchr("-_.", *c) == NULL)
            return fault_set(f, "a proxy's name may hold letters, digits, \"-\", \"_\" and \".\" "
                                "only; rename it");
    }
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(name, taken[i]) == 0)
            return fault_set(f,
                             "\"%s\" has a meaning of its own in reports; name the proxy "
                             "otherwise",
                             name);
    }
    return 0;
}

int proxy_add(struct site *s, struct arena *a, struct site_proxy *p, struct fault *f)
{
    if (s->n_proxies == HOPS_MAX)
        return fault_set(f, "more than %d proxies; a chain has fewer", HOPS_MAX);
    if (p->name == NULL)
        p->name = arena_printf(a, "hop%zu", s->n_proxies + 1);
    if (proxy_name_check(p->name, f) != 0)
        return -1;
    for (size_t i = 0; i < s->n_proxies; i++) {
        if (strcmp(s->proxies[i]->name, p->name) == 0)
            return fault_set(f, "two proxies are named \"%s\"; rename one", p->name);
    }
    list_push(a, s->proxies, s->n_proxies, p);
    return 0;
}

int proxy_check(const struct site_proxy *p, struct fault *f)
{
    if (p->scheme != PROXY_HTTPS &&
        (p->ca_file != NULL || p->client_cert != NULL || p->client_key != NULL))
        return fault_set(f,
                         "proxy %s has certificates, but is spoken to in clear text; write "
                         "https:// or remove them",
                         p->name);
    if (p->client_key != NULL && p->client_cert == NULL)
        return fault_set(f, "proxy %s has a client key without a certificate; add it", p->name);
    if (p->user == NULL && (p->password != NULL || p->password_file != NULL))
        return fault_set(f, "proxy %s has a password, but no user; write USER@HOST:PORT", p->name);
    return 0;
}

static const struct site_proxy *find(const struct site *s, const char *name, size_t len)
{
    for (size_t i = 0; i < s->n_proxies; i++) {
        if (strlen(s->proxies[i]->name) == len && memcmp(s->proxies[i]->name, name, len) == 0)
            return s->proxies[i];
    }
    return NULL;
}

static int unknown_hop(const struct site *s, const char *route, const char *name, size_t len,
                       struct fault *f)
{
    char known[HOPS_MAX * (PROXY_NAME_MAX + 2) + 1] = "";
    size_t end = 0;

    for (size_t i = 0; i < s->n_proxies; i++)
        end += (size_t)snprintf(known + end, sizeof known - end, "%s%.*s", i > 0 ? ", " : "",
                                PROXY_NAME_MAX, s->proxies[i]->name);
    if (s->n_proxies == 0)
        return fault_set(f,
                         "route \"%.80s\": there is no proxy; give one with --proxy or proxies, "
                         "or use direct",
                         route);
    return fault_set(f, "route \"%.80s\": no proxy is named \"%.*s\"; there are %s", route,
                     (int)(len < 40 ? len : 40), name, known);
}

int route_check(const struct site *s, const char *route, struct fault *f)
{
    const struct site_proxy *seen[HOPS_MAX];
    size_t n = 0;

    if (strcmp(route, "direct") == 0)
        return 0;
    for (const char *p = route;; p++) {
        size_t len = strcspn(p, ">");
        const struct site_proxy *hop = find(s, p, len);

        if (hop == NULL)
            return unknown_hop(s, route, p, len, f);
        for (size_t i = 0; i < n; i++) {
            if (seen[i] == hop)
                return fault_set(f, "route \"%.80s\" passes %s twice; remove one", route,
                                 hop->name);
        }
        seen[n++] = hop; /* no more than there are proxies, as none repeats */
        p += len;
        if (*p == '\0')
            return 0;
    }
}
