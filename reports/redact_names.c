/* redact_names: pseudonyms that keep structure; see redact_parts.h. */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "reports/redact_parts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* host-N for the first label, domain-N.invalid for the rest. */
const char *redact_host(struct redactor *rd, const char *s, size_t len)
{
    const char *dot = memchr(s, '.', len);
    const size_t first = dot == NULL ? len : (size_t)(dot - s);
    const char *host = numbered(&rd->labels, s, first, "host");
    const char *domain;

    if (dot == NULL)
        return host;
    domain = numbered(&rd->domains, dot + 1, len - first - 1, "domain");
    return arena_printf(rd->arena, "%s.%s.invalid", host, domain);
}

const char *redact_mac(struct redactor *rd, const char *s, size_t len)
{
    const char *known = dict_get(&rd->addresses, s, len);
    char text[32];

    if (known != NULL)
        return known;
    if (strncmp(s, "02:00:00:", 9) == 0)
        return arena_strndup(rd->arena, s, len);
    rd->n_macs++;
    /* locally administered */
    snprintf(text, sizeof text, "02:00:00:%02zx:%02zx:%02zx", rd->n_macs >> 16 & 255,
             rd->n_macs >> 8 & 255, rd->n_macs & 255);
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

/* What an address becomes without its host part: "240.0.1." or "2001:db8:f000:1::". */
static const char *network_of(struct redactor *rd, const struct addr *a)
{
    const unsigned class = class_of(addr_kind(a));
    char key[40], text[40];
    const char *known;
    size_t n;

    if (a->family == AF_INET)
        snprintf(key, sizeof key, "%u.%u.%u", a->ip[0], a->ip[1], a->ip[2]);
    else
        snprintf(key, sizeof key, "%02x%02x:%02x%02x:%02x%02x:%02x%02x", a->ip[0], a->ip[1],
                 a->ip[2], a->ip[3], a->ip[4], a->ip[5], a->ip[6], a->ip[7]);
    known = dict_get(&rd->networks, key, strlen(key));
    if (known != NULL)
        return known;
    n = rd->networks.n + 1;
    if (a->family == AF_INET)
        snprintf(text, sizeof text, "%u.%zu.%zu.", 240 + class, n >> 8 & 255, n & 255);
    else
        snprintf(text, sizeof text, "2001:db8:f00%u:%zx::", class, n & 0xffff);
    return dict_put(&rd->networks, key, strlen(key), text);
}

/* The number of the next host in a network. */
static unsigned next_host(struct redactor *rd, const char *network)
{
    char name[64], text[16];

    /* One entry for each host: the dictionary only grows, and so the last number is looked for. */
    for (unsigned n = 1; n < 65536; n++) {
        int len = snprintf(name, sizeof name, "%s#%u", network, n);

        if (dict_get(&rd->in_use, name, (size_t)len) != NULL)
            continue;
        snprintf(text, sizeof text, "%u", n);
        dict_put(&rd->in_use, name, (size_t)len, text);
        return n;
    }
    return 0;
}

const char *redact_address(struct redactor *rd, const char *s, size_t len)
{
    const char *known = dict_get(&rd->addresses, s, len), *network;
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
    if (kind == ADDR_UNSPECIFIED || kind == ADDR_LOOPBACK || is_pseudonym(&a))
        return arena_strndup(rd->arena, s, len);
    /* "2001:DB8::1" and "2001:db8:0::1" are one host. */
    addr_text(&a, canonical);
    known = dict_get(&rd->addresses, canonical, strlen(canonical));
    if (known == NULL) {
        network = network_of(rd, &a);
        /* 256 hosts of a /24 get 1 to 255 and 0 */
        snprintf(text, sizeof text, a.family == AF_INET ? "%s%u" : "%s%x", network,
                 a.family == AF_INET ? next_host(rd, network) & 255 : next_host(rd, network));
        known = dict_put(&rd->addresses, canonical, strlen(canonical), text);
    }
    if (dict_get(&rd->addresses, s, len) == NULL)
        known = dict_put(&rd->addresses, s, len, known);
    return known;
}
