/* squid_ip: see squid_ip.h. Follows acl_ip_data::FactoryParse of Squid 5. */
#include "diag/site/squid_ip.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <arpa/inet.h>
#include <string.h>

/* What Squid, loudly, takes for `all`. */
static const char *const old_alls[] = {
    "0/0", "0.0.0.0/0", "0.0.0.0/0.0.0.0", "0.0.0.0-255.255.255.255", "0.0.0.0-0.0.0.0/0",
};

static void mapped(const struct addr *address, uint8_t out[16])
{
    memset(out, 0, 16);
    if (address->family == AF_INET6) {
        memcpy(out, address->ip, 16);
        return;
    }
    out[10] = out[11] = 0xff;
    memcpy(out + 12, address->ip, 4);
}

/* An address as inet_aton(3) takes it, "10.2" included, or IPv6 without brackets. */
static bool parse_address(const char *text, struct addr *out)
{
    size_t len = strlen(text);
    struct in_addr v4;

    if (addr_parse(text, out))
        return true;
    if (strspn(text, "0123456789.") != len || inet_aton(text, &v4) == 0)
        return false;
    *out = addr_from_ip(AF_INET, &v4, 0);
    return true;
}

/* The number of leading ones; -1 where the mask has holes. */
static int mask_bits(const struct addr *mask)
{
    int bits = 0;
    bool ended = false;

    for (int i = 0; i < 32; i++) {
        bool one = (mask->ip[i / 8] & (0x80 >> i % 8)) != 0;

        if (one && ended)
            return -1;
        ended = ended || !one;
        bits += one;
    }
    return bits;
}

/* The mask behind the slash as bits of the mapped form; -1: refused, -2: cannot be said. */
static int parse_mask(const char *text, int family)
{
    int most = family == AF_INET ? 32 : 128;
    unsigned long bits;
    struct addr mask;

    if (text_parse_uint(text, (unsigned long)most, &bits))
        return (int)bits + 128 - most;
    if (strchr(text, '.') == NULL || !addr_parse(text, &mask) || mask.family != AF_INET ||
        family != AF_INET)
        return -1;
    bits = 0;
    return mask_bits(&mask) < 0 ? -2 : mask_bits(&mask) + 96;
}

/* Clear or set the bits behind the prefix; true when clearing changed something. */
static bool cut(uint8_t ip[16], int bits, bool ones)
{
    bool changed = false;

    for (int i = bits; i < 128; i++) {
        uint8_t bit = (uint8_t)(0x80 >> i % 8);

        if (ones) {
            ip[i / 8] |= bit;
        } else if ((ip[i / 8] & bit) != 0) {
            ip[i / 8] = (uint8_t)(ip[i / 8] & ~bit);
            changed = true;
        }
    }
    return changed;
}

/* A name must be looked up when Squid starts; what looks like an address and is none is refused. */
static enum squid_ip_kind no_address(const char *text)
{
    static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (text[0] == '\0' || text[strspn(text, name)] != '\0' ||
        text[strspn(text, "0123456789.")] == '\0')
        return SQUID_IP_BAD;
    return SQUID_IP_UNKNOWN;
}

struct squid_ip squid_ip_parse(struct arena *a, const char *text)
{
    struct squid_ip ip = {.kind = SQUID_IP_RANGE};
    char *copy = arena_strdup(a, text), *slash, *dash;
    struct addr first, last;
    int bits = 128;

    for (size_t i = 0; i < sizeof old_alls / sizeof old_alls[0]; i++)
        ip.old_all = ip.old_all || strcmp(text, old_alls[i]) == 0;
    if (strcmp(text, "all") == 0 || ip.old_all) {
        ip.kind = SQUID_IP_ALL;
        memset(ip.high, 0xff, sizeof ip.high);
        return ip;
    }
    slash = strchr(copy, '/');
    if (slash != NULL)
        *slash++ = '\0';
    dash = strchr(copy, '-');
    if (!parse_address(copy, &first)) {
        /* A range's dash also stands in host names. */
        if (dash != NULL)
            *dash++ = '\0';
        if (dash == NULL || !parse_address(copy, &first)) {
            ip.kind = no_address(text);
            return ip;
        }
    } else {
        dash = NULL;
    }
    last = first;
    if (dash != NULL && (!parse_address(dash, &last) || last.family != first.family)) {
        ip.kind = SQUID_IP_BAD;
        return ip;
    }
    if (slash != NULL)
        bits = parse_mask(slash, first.family);
    /* "/0" on a real address: Squid 5.7 then matches that one address, others everything. */
    if (bits == -2 || (slash != NULL && bits == (first.family == AF_INET ? 96 : 0))) {
        ip.kind = SQUID_IP_UNKNOWN;
        return ip;
    }
    if (bits < 0) {
        ip.kind = SQUID_IP_BAD;
        return ip;
    }
    mapped(&first, ip.low);
    mapped(&last, ip.high);
    ip.masked_away = cut(ip.low, bits, false);
    if (dash == NULL)
        cut(ip.high, bits, true);
    else
        cut(ip.high, bits, false);
    return ip;
}

static bool holds(const struct squid_ip *ip, const uint8_t point[16])
{
    return memcmp(ip->low, point, 16) <= 0 && memcmp(point, ip->high, 16) <= 0;
}

bool squid_ip_has(const struct squid_ip *ip, const struct addr *address)
{
    uint8_t point[16];

    mapped(address, point);
    return ip->kind == SQUID_IP_ALL || (ip->kind == SQUID_IP_RANGE && holds(ip, point));
}

bool squid_ip_clash(const struct squid_ip *a, const struct squid_ip *b)
{
    return holds(a, b->low) || holds(b, a->low);
}

bool squid_ip_within(const struct squid_ip *inner, const struct squid_ip *outer)
{
    return holds(outer, inner->low) && holds(outer, inner->high);
}
