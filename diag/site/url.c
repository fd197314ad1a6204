/* url: see url.h. */
#include "diag/site/url.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <string.h>

enum { URL_MAX = 2048 };

static const struct {
    const char *scheme;
    uint16_t port;
} schemes[] = {
    {"https", 443},  {"http", 80},   {"wss", 443},    {"ws", 80},
    {"amqps", 5671}, {"amqp", 5672}, {"mqtts", 8883}, {"mqtt", 1883},
};

static uint16_t scheme_port(const char *scheme)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strcmp(schemes[i].scheme, scheme) == 0)
            return schemes[i].port;
    }
    return 0;
}

const char *url_scheme(struct arena *a, const char *text, const char **rest)
{
    size_t len = strcspn(text, ":/?#[]@");
    char *scheme;

    *rest = text;
    if (len == 0 || len > 20 || strncmp(text + len, "://", 3) != 0)
        return NULL;
    scheme = arena_strndup(a, text, len);
    for (char *c = scheme; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    *rest = text + len + 3;
    return scheme;
}

int url_host_port(struct arena *a, const char *s, size_t len, struct host *host, uint16_t *port,
                  struct fault *f)
{
    const char *as = text_printable(a, s, len, 80);
    const char *first = memchr(s, ':', len), *last = memrchr(s, ':', len);
    const char *digits = NULL;
    unsigned long number;
    size_t host_len = len;

    if (len > 0 && s[0] == '[') {
        const char *bracket = memchr(s, ']', len);

        if (bracket != NULL && bracket + 1 < s + len) {
            if (bracket[1] != ':')
                return fault_set(f, "\"%s\": only :PORT may follow the bracket; correct it", as);
            digits = bracket + 2;
            host_len = (size_t)(bracket + 1 - s);
        }
    } else if (first != NULL && first == last) { /* more colons: an IPv6 address */
        digits = first + 1;
        host_len = (size_t)(first - s);
    }
    if (digits != NULL) {
        const char *text = arena_strndup(a, digits, (size_t)(s + len - digits));

        if (!text_parse_uint(text, 65535, &number) || number == 0)
            return fault_set(f, "\"%s\": a port is a number from 1 to 65535; correct it", as);
        *port = (uint16_t)number;
    }
    return host_parse(a, s, host_len, host, f);
}

int target_parse(struct arena *a, const char *text, size_t len, struct target *out, struct fault *f)
{
    const char *as = text_printable(a, text, len, 80);
    struct target t = {0};
    const char *rest, *tail;
    char *copy;
    size_t n;

    if (len > URL_MAX || memchr(text, '\0', len) != NULL)
        return fault_set(f, "\"%s\" is no endpoint; write HOST, HOST:PORT or a URL", as);
    copy = arena_strndup(a, text, len);
    t.scheme = url_scheme(a, copy, &rest);
    n = strcspn(rest, "/?#");
    tail = rest + n;
    if (memchr(rest, '@', n) != NULL)
        return fault_set(f, "\"%s\": an endpoint has no user; remove what stands before the @",
                         text_printable(a, strchr(rest, '@'), strlen(strchr(rest, '@')), 80));
    if (url_host_port(a, rest, n, &t.host, &t.port, f) != 0)
        return -1;
    if (t.scheme == NULL && t.host.kind == HOST_ADDRESS && tail[0] == '/' && tail[1] != '\0' &&
        strspn(tail + 1, "0123456789") == strlen(tail + 1))
        return fault_set(f, "\"%s\" is a range of addresses; name single endpoints", as);
    if (t.port == 0 && t.scheme != NULL) {
        t.port = scheme_port(t.scheme);
        if (t.port == 0)
            return fault_set(f, "\"%s\": the port of scheme %s is not known; add :PORT", as,
                             t.scheme);
    }
    *out = t;
    return 0;
}

int target_fits_hub(const struct target *target, struct fault *f)
{
    const char *name = target->host.text;

    if (target->host.kind == HOST_WILDCARD)
        return fault_set(f, "a wildcard is no hub; give the hub's own name");
    /* The domain says which cloud: it cannot be guessed from the resource's name in the portal. */
    if (target->host.kind == HOST_NAME && strchr(name, '.') == NULL)
        return fault_set(f,
                         "\"%s\" is not the hub's whole name; give the host name that the portal "
                         "shows for it, as in %s.azure-devices.net",
                         name, name);
    return 0;
}
