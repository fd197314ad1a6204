/* addr: see addr.h. Special-purpose ranges: RFC 6890 and its registries. */
#include "diag/base/addr.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool addr_parse(const char *text, struct addr *out)
{
    struct addr a = {0};
    const char *zone = strchr(text, '%');
    char host[INET6_ADDRSTRLEN];
    size_t len = zone != NULL ? (size_t)(zone - text) : strlen(text);
    unsigned long index;

    /* Names are asked too, and end here. */
    if (len >= sizeof host || (text[0] != ':' && !is_hex(text[0])))
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    if (zone == NULL && inet_pton(AF_INET, host, a.ip) == 1) {
        a.family = AF_INET;
    } else if (inet_pton(AF_INET6, host, a.ip) == 1) {
        a.family = AF_INET6;
        if (zone != NULL) {
            a.scope = if_nametoindex(zone + 1);
            if (a.scope == 0 && !text_parse_uint(zone + 1, UINT32_MAX, &index))
                return false;
            if (a.scope == 0)
                a.scope = (uint32_t)index;
        }
    } else {
        return false;
    }
    *out = a;
    return true;
}

bool addr_parse_port(const char *text, uint16_t port, struct addr *out)
{
    char host[ADDR_TEXT];
    const char *end, *colon;
    unsigned long number = port;
    bool bracketed = text[0] == '[';
    struct addr a;
    size_t len;

    if (addr_parse(text, out)) { /* a bare IPv6 address has colons of its own */
        out->port = port;
        return true;
    }
    if (bracketed) {
        end = strchr(text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return false;
        colon = end[1] == ':' ? end + 1 : NULL;
        text++;
    } else {
        end = colon = strchr(text, ':');
        if (colon == NULL)
            return false;
    }
    len = (size_t)(end - text);
    if (len >= sizeof host)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    if (colon != NULL && (!text_parse_uint(colon + 1, 65535, &number) || number == 0))
        return false;
    if (!addr_parse(host, &a) || (bracketed && a.family != AF_INET6))
        return false;
    *out = a;
    out->port = (uint16_t)number;
    return true;
}

bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out)
{
    if (sa->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, sa, sizeof in);
        *out = addr_from_ip(AF_INET, &in.sin_addr, ntohs(in.sin_port));
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, sa, sizeof in6);
        *out = addr_from_ip(AF_INET6, &in6.sin6_addr, ntohs(in6.sin6_port));
        out->scope = in6.sin6_scope_id;
        return true;
    }
    return false;
}

socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == AF_INET) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};

        memcpy(&in.sin_addr, a->ip, 4);
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(a->port), .sin6_scope_id = a->scope};

    memcpy(&in6.sin6_addr, a->ip, 16);
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

struct addr addr_from_ip(int family, const void *ip, uint16_t port)
{
    struct addr a = {.family = family, .port = port};

    memcpy(a.ip, ip, family == AF_INET ? 4 : 16);
    return a;
}

const char *addr_text(const struct addr *a, char *to)
{
    if (a->family == 0 || inet_ntop(a->family, a->ip, to, ADDR_TEXT) == NULL)
        return strcpy(to, "-");
    if (a->scope != 0) {
        char name[IF_NAMESIZE];
        size_t len = strlen(to);

        if (if_indextoname(a->scope, name) != NULL)
            snprintf(to + len, ADDR_TEXT - len, "%%%s", name);
        else
            snprintf(to + len, ADDR_TEXT - len, "%%%u", a->scope);
    }
    return to;
}

const char *addr_port_text(const struct addr *a, char *to)
{
    char ip[ADDR_TEXT];

    if (a->family == 0)
        return addr_text(a, to);
    addr_text(a, ip);
    snprintf(to, ADDR_TEXT, a->family == AF_INET6 ? "[%.70s]:%u" : "%.70s:%u", ip, a->port);
    return to;
}

const char *addr_host_port(struct arena *a, const char *host, unsigned port)
{
    return strchr(host, ':') != NULL ? arena_printf(a, "[%s]:%u", host, port)
                                     : arena_printf(a, "%s:%u", host, port);
}

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* The address with an IPv4-mapped one (RFC 4291 section 2.5.5.2) undone. */
static struct addr unmapped(const struct addr *a)
{
    if (a->family == AF_INET6 && memcmp(a->ip, mapped_prefix, sizeof mapped_prefix) == 0)
        return addr_from_ip(AF_INET, a->ip + 12, a->port);
    return *a;
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
    struct addr x, y;

    if (a->family == AF_INET && b->family == AF_INET) /* nearly always */
        return memcmp(a->ip, b->ip, 4) == 0;
    x = unmapped(a);
    y = unmapped(b);

    return x.family == y.family && memcmp(x.ip, y.ip, x.family == AF_INET ? 4 : 16) == 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->port == b->port && addr_same_ip(a, b);
}

struct special {
    uint8_t prefix[16];
    int family, bits;
    enum addr_kind kind;
};

/* Most specific first. */
static const struct special specials[] = {
    {{255, 255, 255, 255}, AF_INET, 32, ADDR_RESERVED},
    {{0}, AF_INET, 8, ADDR_UNSPECIFIED},
    {{127}, AF_INET, 8, ADDR_LOOPBACK},
    {{10}, AF_INET, 8, ADDR_PRIVATE},
    {{100, 64}, AF_INET, 10, ADDR_PRIVATE},
    {{172, 16}, AF_INET, 12, ADDR_PRIVATE},
    {{192, 168}, AF_INET, 16, ADDR_PRIVATE},
    {{169, 254}, AF_INET, 16, ADDR_LINK_LOCAL},
    {{192, 0, 0}, AF_INET, 24, ADDR_RESERVED},
    {{192, 0, 2}, AF_INET, 24, ADDR_RESERVED},
    {{198, 18}, AF_INET, 15, ADDR_RESERVED},
    {{198, 51, 100}, AF_INET, 24, ADDR_RESERVED},
    {{203, 0, 113}, AF_INET, 24, ADDR_RESERVED},
    {{224}, AF_INET, 4, ADDR_MULTICAST},
    {{240}, AF_INET, 4, ADDR_RESERVED},
    {{0}, AF_INET6, 128, ADDR_UNSPECIFIED},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, AF_INET6, 128, ADDR_LOOPBACK},
    {{0xfc}, AF_INET6, 7, ADDR_PRIVATE},
    {{0xfe, 0x80}, AF_INET6, 10, ADDR_LINK_LOCAL},
    {{0xfe, 0xc0}, AF_INET6, 10, ADDR_PRIVATE}, /* site-local of old, RFC 3879 */
    {{0xff}, AF_INET6, 8, ADDR_MULTICAST},
    {{0x01, 0x00}, AF_INET6, 64, ADDR_RESERVED},
    {{0x20, 0x01, 0x0d, 0xb8}, AF_INET6, 32, ADDR_RESERVED},
    {{0x3f, 0xff}, AF_INET6, 20, ADDR_RESERVED},
};

static bool has_prefix(const uint8_t *ip, const uint8_t *prefix, int bits)
{
    int whole = bits / 8, rest = bits % 8;

    if (memcmp(ip, prefix, (size_t)whole) != 0)
        return false;
    return rest == 0 || ((ip[whole] ^ prefix[whole]) >> (8 - rest)) == 0;
}

bool addr_translated(const struct addr *a, struct addr *inside)
{
    static const uint8_t well_known[12] = {0x00, 0x64, 0xff, 0x9b};
    static const uint8_t local[6] = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
    /* Of a shorter prefix the last octets are zero, or all but one: no host's IPv4 address. */
    static const uint8_t suffix[3] = {0};

    if (a->family != AF_INET6 ||
        (!has_prefix(a->ip, well_known, 96) &&
         (!has_prefix(a->ip, local, 48) || memcmp(a->ip + 13, suffix, sizeof suffix) == 0)))
        return false;
    *inside = addr_from_ip(AF_INET, a->ip + 12, 0);
    return true;
}

enum addr_kind addr_kind(const struct addr *a)
{
    struct addr x = unmapped(a);

    addr_translated(&x, &x);
    if (x.family == 0)
        return ADDR_UNSPECIFIED;
    for (size_t i = 0; i < sizeof specials / sizeof specials[0]; i++) {
        if (x.family == specials[i].family &&
            has_prefix(x.ip, specials[i].prefix, specials[i].bits))
            return specials[i].kind;
    }
    return ADDR_PUBLIC;
}
