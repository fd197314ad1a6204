/* redact_names: pseudonyms that keep structure; see redact_parts.h. */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/text.h"
#include "reports/redact.h"
#include "reports/redact_parts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Domains whose names say nothing about a site: clouds, their CDNs, public certificate authorities.
 */
static const char *const public_domains[] = {"akadns.net",
                                             "akamai.net",
                                             "akamaiedge.net",
                                             "akamaized.net",
                                             "azure.cn",
                                             "azure.com",
                                             "azure.net",
                                             "azure.us",
                                             "azure-devices.cn",
                                             "azure-devices.net",
                                             "azure-devices.us",
                                             "azure-devices-provisioning.net",
                                             "azureedge.net",
                                             "azurefd.net",
                                             "azurewebsites.net",
                                             "chinacloudapi.cn",
                                             "cloudapp.net",
                                             "digicert.cn",
                                             "digicert.com",
                                             "edgekey.net",
                                             "edgesuite.net",
                                             "entrust.net",
                                             "globalsign.com",
                                             "lencr.org",
                                             "microsoft",
                                             "microsoft.com",
                                             "microsoftonline.com",
                                             "msedge.net",
                                             "msftconnecttest.com",
                                             "msocsp.com",
                                             "office.com",
                                             "sectigo.com",
                                             "trafficmanager.net",
                                             "usgovcloudapi.net",
                                             "verisign.com",
                                             "windows.com",
                                             "windows.net",
                                             "windowsupdate.com",
                                             "zscaler.com",
                                             "zscaler.net"};

bool redact_is_public_name(const struct redactor *rd, const char *s, size_t len)
{
    char name[256];

    if (len >= sizeof name)
        return false;
    if (dict_get(&rd->kept, s, len) != NULL)
        return true;
    memcpy(name, s, len);
    name[len] = '\0';
    for (size_t i = 0; i < sizeof public_domains / sizeof public_domains[0]; i++) {
        const size_t tail = strlen(public_domains[i]);

        if (text_equal_nocase(name, public_domains[i]))
            return true;
        if (len > tail && name[len - tail - 1] == '.' &&
            text_ends_with_nocase(name, public_domains[i]))
            return true;
    }
    return false;
}

/* The next number in a dictionary's own series. */
static const char *numbered(struct dict *d, const char *s, size_t len, const char *word)
{
    const char *known = dict_get(d, s, len);
    char text[64];

    if (known != NULL)
        return known;
    snprintf(text, sizeof text, "%s-%zu", word, d->n + 1);
    return dict_put(d, s, len, text);
}

/* One of ours, "user-7": a text may be looked at twice. */
static bool is_numbered(const char *s, size_t len, const char *word)
{
    const size_t n = strlen(word);

    return len > n + 1 && strncmp(s, word, n) == 0 && s[n] == '-' &&
           strspn(s + n + 1, "0123456789") >= len - n - 1;
}

const char *redact_user(struct redactor *rd, const char *s, size_t len)
{
    if (is_numbered(s, len, "user"))
        return arena_strndup(rd->arena, s, len);
    return numbered(&rd->users, s, len, "user");
}

const char *redact_file(struct redactor *rd, const char *s, size_t len)
{
    return numbered(&rd->files, s, len, "file");
}

/*
 * Is this the end of a name that stays: an endpoint's or a public domain's, or what stands behind
 * one of their dots? Then it stays everywhere, so that a name which a DNS message shares between
 * a public and an internal host (RFC 1035 section 4.1.4) reads the same for both.
 */
static bool is_public_tail(const struct redactor *rd, const char *s, size_t len)
{
    if (redact_is_public_name(rd, s, len) || dict_get(&rd->tails, s, len) != NULL)
        return true;
    for (size_t i = 0; i < sizeof public_domains / sizeof public_domains[0]; i++) {
        const size_t whole = strlen(public_domains[i]);

        if (len < whole && public_domains[i][whole - len - 1] == '.' &&
            strncasecmp(public_domains[i] + whole - len, s, len) == 0)
            return true;
    }
    return false;
}

void redact_keep_name(struct redactor *rd, const char *name)
{
    if (dict_get(&rd->kept, name, strlen(name)) == NULL)
        dict_put(&rd->kept, name, strlen(name), name);
    for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        if (dict_get(&rd->tails, dot + 1, strlen(dot + 1)) == NULL)
            dict_put(&rd->tails, dot + 1, strlen(dot + 1), "");
    }
}

/* The last `n` digits of a number to the base 36. */
static void digits36(size_t number, size_t n, char *to)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    while (n-- > 0) {
        to[n] = digits[number % 36];
        number /= 36;
    }
}

/*
 * The k-th pseudonym of a label of `len` octets: "host_01", "h_1"; only where these run out (1295
 * and 36 of one length) others. An underscore is in no name that somebody can register, so none
 * of them is a real host's.
 */
static void spell_label(size_t len, size_t k, char *to)
{
    static const char first[] = "hijklmnopqrstuvwxyzabcdefg0123456789";
    size_t many = 1;

    if (len >= 7 && k < 36 * 36) {
        memcpy(to, "host_", 5);
        digits36(k, len - 5, to + 5);
        return;
    }
    if (len < 3) {
        digits36(k, len, to);
        to[0] = len == 1 ? first[k % 36] : '_';
        return;
    }
    for (size_t i = 0; i < len - 2 && many < SIZE_MAX / 36; i++)
        many *= 36;
    to[0] = first[k / many % 36];
    to[1] = '_';
    digits36(k, len - 2, to + 2);
}

/* "host_7", "h_7": of a report that was redacted before. A real label of that kind tells nothing.
 */
static bool is_label_pseudonym(const struct redactor *rd, const char *s, size_t len)
{
    const size_t n = len > 5 && strncmp(s, "host_", 5) == 0 ? 5
                     : len > 2 && strncmp(s, "h_", 2) == 0  ? 2
                                                            : 0;

    return dict_get(&rd->given, s, len) != NULL ||
           (n > 0 && strspn(s + n, "0123456789") >= len - n);
}

/* One label: the same everywhere, of the same length, because packets keep their sizes. */
static const char *label_of(struct redactor *rd, const char *s, size_t len)
{
    enum { LENGTHS = sizeof rd->n_labels / sizeof rd->n_labels[0] };
    const char *known = dict_get(&rd->labels, s, len);
    char *text;

    if (known != NULL)
        return known;
    if (is_label_pseudonym(rd, s, len))
        return arena_strndup(rd->arena, s, len);
    text = arena_strndup(rd->arena, s, len);
    spell_label(len, ++rd->n_labels[len < LENGTHS ? len : LENGTHS - 1], text);
    if (dict_get(&rd->given, text, len) == NULL)
        dict_put(&rd->given, text, len, "");
    return dict_put(&rd->labels, s, len, text);
}

/* Label by label, up to an end that stays. */
const char *redact_host(struct redactor *rd, const char *s, size_t len)
{
    const char *known = dict_get(&rd->hosts, s, len);
    const char *name;
    struct buf b;

    if (known != NULL)
        return known;
    buf_init(&b, len + 1);
    for (size_t at = 0; at < len;) { /* ends: each turn takes an octet at least */
        const char *dot = memchr(s + at, '.', len - at);
        const size_t label = dot == NULL ? len - at : (size_t)(dot - s) - at;

        if (is_public_tail(rd, s + at, len - at)) {
            buf_add(&b, s + at, len - at);
            break;
        }
        if (label == 1 && s[at] == '*')
            buf_char(&b, '*');
        else if (label > 0)
            buf_str(&b, label_of(rd, s + at, label));
        if (dot != NULL)
            buf_char(&b, '.');
        at += label + (dot != NULL);
    }
    name = arena_strdup(rd->arena, buf_text(&b));
    if (strncmp(name, s, len) != 0)
        dict_put(&rd->hosts, s, len, name);
    buf_free(&b);
    return name;
}

const char *redact_mac(struct redactor *rd, const char *s, size_t len)
{
    const char *known = dict_get(&rd->addresses, s, len);
    char text[32];

    if (known != NULL)
        return known;
    if (dict_get(&rd->given, s, len) != NULL)
        return arena_strndup(rd->arena, s, len);
    rd->n_macs++;
    /* locally administered */
    snprintf(text, sizeof text, "02:00:00:%02zx:%02zx:%02zx", rd->n_macs >> 16 & 255,
             rd->n_macs >> 8 & 255, rd->n_macs & 255);
    dict_put(&rd->given, text, strlen(text), "");
    return dict_put(&rd->addresses, s, len, text);
}

static unsigned class_of(enum addr_kind kind)
{
    switch (kind) {
    case ADDR_PUBLIC:
        return 0;
    case ADDR_PRIVATE:
        return 1;
    case ADDR_LINK_LOCAL:
        return 2;
    case ADDR_UNSPECIFIED:
    case ADDR_LOOPBACK:
    case ADDR_MULTICAST:
    case ADDR_RESERVED:
        break;
    }
    return 3;
}

/* Already one of ours: a text may be looked at twice. */
static bool is_pseudonym(const struct addr *a)
{
    static const uint8_t v6[5] = {0x20, 0x01, 0x0d, 0xb8, 0xf0};

    if (a->family == AF_INET)
        return a->ip[0] >= 240 && a->ip[0] <= 243;
    return memcmp(a->ip, v6, sizeof v6) == 0 && a->ip[5] <= 3;
}

/* The network of an address, by its number among all. */
static struct redact_network *network_of(struct redactor *rd, const struct addr *a)
{
    const unsigned class = class_of(addr_kind(a));
    struct redact_network fresh = {.hosts = 0};
    char key[40], number[24];
    const char *known;

    if (a->family == AF_INET)
        snprintf(key, sizeof key, "%u.%u.%u", a->ip[0], a->ip[1], a->ip[2]);
    else
        snprintf(key, sizeof key, "%02x%02x:%02x%02x:%02x%02x:%02x%02x", a->ip[0], a->ip[1],
                 a->ip[2], a->ip[3], a->ip[4], a->ip[5], a->ip[6], a->ip[7]);
    known = dict_get(&rd->networks, key, strlen(key));
    if (known != NULL)
        return &rd->network[strtoul(known, NULL, 10)];
    snprintf(number, sizeof number, "%zu", rd->n_networks);
    dict_put(&rd->networks, key, strlen(key), number);
    if (a->family == AF_INET)
        snprintf(fresh.text, sizeof fresh.text, "%u.%zu.%zu.", 240 + class,
                 (rd->n_networks + 1) >> 8 & 255, (rd->n_networks + 1) & 255);
    else
        snprintf(fresh.text, sizeof fresh.text, "2001:db8:f00%u:%zx::", class,
                 (rd->n_networks + 1) & 0xffff);
    list_push(rd->arena, rd->network, rd->n_networks, fresh);
    return &rd->network[rd->n_networks - 1];
}

/* Groups that every link has: they name no site. (Others hold an address or are a site's own.) */
static bool is_common_group(const struct addr *a)
{
    static const uint8_t link_local[14] = {0xff, 0x02};

    if (a->family == AF_INET)
        return (a->ip[0] == 224 && a->ip[1] == 0 && a->ip[2] == 0) ||
               memcmp(a->ip, "\xff\xff\xff\xff", 4) == 0;
    return memcmp(a->ip, link_local, sizeof link_local) == 0 && a->ip[14] <= 1;
}

const char *redact_address(struct redactor *rd, const char *s, size_t len)
{
    const char *known = dict_get(&rd->addresses, s, len);
    struct redact_network *network;
    char text[ADDR_TEXT], canonical[ADDR_TEXT];
    enum addr_kind kind;
    struct addr a;

    if (known != NULL)
        return known;
    if (len >= sizeof text)
        return NULL;
    memcpy(text, s, len);
    text[len] = '\0';
    if (!addr_parse(text, &a))
        return NULL;
    kind = addr_kind(&a);
    if (kind == ADDR_UNSPECIFIED || kind == ADDR_LOOPBACK || is_common_group(&a) ||
        is_pseudonym(&a))
        return arena_strndup(rd->arena, s, len);
    /* "2001:DB8::1" and "2001:db8:0::1" are one host. */
    addr_text(&a, canonical);
    known = dict_get(&rd->addresses, canonical, strlen(canonical));
    if (known == NULL) {
        network = network_of(rd, &a);
        network->hosts++;
        /* 256 hosts of a /24 get 1 to 255 and 0 */
        snprintf(text, sizeof text, a.family == AF_INET ? "%s%u" : "%s%x", network->text,
                 network->hosts & (a.family == AF_INET ? 255 : 0xffff));
        known = dict_put(&rd->addresses, canonical, strlen(canonical), text);
    }
    if (dict_get(&rd->addresses, s, len) == NULL)
        known = dict_put(&rd->addresses, s, len, known);
    return known;
}

struct addr redact_addr(struct redactor *rd, const struct addr *a)
{
    struct addr bare = *a, out = *a;
    char text[ADDR_TEXT];
    const char *to;

    bare.scope = 0;
    addr_text(&bare, text);
    to = redact_address(rd, text, strlen(text));
    if (to != NULL && addr_parse(to, &out))
        out.port = a->port;
    return out;
}

void redact_mac_octets(struct redactor *rd, const uint8_t mac[6], uint8_t to[6])
{
    char text[18];
    const char *pseudonym;

    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    pseudonym = redact_mac(rd, text, 17);
    for (size_t i = 0; i < 6; i++)
        to[i] = (uint8_t)strtoul(pseudonym + 3 * i, NULL, 16);
}

const char *redact_name(struct redactor *rd, const char *name)
{
    return redact_is_public_name(rd, name, strlen(name)) ? arena_strdup(rd->arena, name)
                                                         : redact_host(rd, name, strlen(name));
}

const char *redact_interface(struct redactor *rd, const char *name)
{
    static const char *const usual[] = {"any", "bond", "br",   "docker", "en",   "eth", "lo",
                                        "ppp", "tap",  "team", "tun",    "vlan", "wg",  "wl"};
    const size_t len = strlen(name);

    /* "eth0", "ens160", "enp1s0f0np0", "eth0.12", but not "enx" and a hardware address */
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const size_t word = strlen(usual[i]);

        if (strncmp(name, usual[i], word) == 0 && len - word <= 12 &&
            strspn(name + word, "0123456789sfopndlani.") == len - word)
            return name;
    }
    return numbered(&rd->interfaces, name, len, "if");
}
