/* disguise_names: host names, addresses and URLs as texts in what is said. See disguise_parts.h. */
#include "capture/disguise_parts.h"
#include "diag/base/buf.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { NAME_MAX_LEN = 253 };

static bool is_name_octet(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '*';
}

static void overwrite(struct buf *out, size_t len)
{
    while (len-- > 0)
        buf_char(out, 'x');
}

void disguise_address(const struct disguise_names *n, int family, const uint8_t *in, uint8_t *out)
{
    const struct addr a = addr_from_ip(family, in, 0), to = n->address(n->context, &a);

    if (to.family == family)
        memcpy(out, to.ip, family == AF_INET ? 4 : 16);
}

void disguise_host(const struct disguise_names *n, const uint8_t *in, size_t len, uint8_t *out)
{
    char name[NAME_MAX_LEN + 1];
    const char *to;
    struct addr a;

    if (len == 0)
        return;
    memset(out, 'x', len);
    if (len > NAME_MAX_LEN)
        return;
    for (size_t i = 0; i < len; i++) {
        if (!is_name_octet(in[i]))
            return;
    }
    memcpy(name, in, len);
    name[len] = '\0';
    if (addr_parse(name, &a))
        return; /* the pseudonym of an address has another length */
    to = n->host(n->context, name);
    if (strlen(to) == len)
        memcpy(out, to, len);
}

void disguise_authority(const struct disguise_names *n, const char *text, struct buf *out)
{
    const char *colon = strrchr(text, ':');
    size_t len = strlen(text), host;
    char to[ADDR_TEXT];
    struct addr a;

    if (addr_parse_port(text, 0, &a)) {
        a = n->address(n->context, &a);
        buf_str(out, a.port != 0 || text[0] == '[' ? addr_port_text(&a, to) : addr_text(&a, to));
        return;
    }
    host = colon != NULL && strspn(colon + 1, "0123456789") == strlen(colon + 1)
               ? (size_t)(colon - text)
               : len;
    if (host > NAME_MAX_LEN) {
        overwrite(out, len);
        return;
    }
    {
        uint8_t name[NAME_MAX_LEN + 1] = {0};

        disguise_host(n, (const uint8_t *)text, host, name);
        buf_add(out, name, host);
    }
    buf_add(out, text + host, len - host);
}

/* "scheme://host:port/...": the path says too much. */
void disguise_url(const struct disguise_names *n, const char *text, struct buf *out)
{
    static const char *const schemes[] = {"http://", "https://"};
    char host[NAME_MAX_LEN + 8];
    size_t scheme = 0, len;

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
            scheme = strlen(schemes[i]);
    }
    len = strcspn(text + scheme, "/?#");
    if (scheme == 0 || len >= sizeof host || memchr(text + scheme, '@', len) != NULL) {
        overwrite(out, strlen(text));
        return;
    }
    snprintf(host, sizeof host, "%.*s", (int)len, text + scheme);
    buf_add(out, text, scheme);
    disguise_authority(n, host, out);
    if (text[scheme + len] != '\0') {
        buf_char(out, '/');
        overwrite(out, strlen(text + scheme + len) - 1);
    }
}
