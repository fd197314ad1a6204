/* plausible: see plausible.h. */
#include "diag/site/plausible.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/site/url.h"

#include <stdbool.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

enum { KEY_ROOM = 64, STRING_MAX = 512 };

/* Parts of keys under which endpoints stand: "fqdn", "allowedHosts", "endpointUrl". */
static const char *const host_keys[] = {
    "fqdn", "host", "endpoint", "url", "uri", "domain", "dnsname", "server", "destination",
};

/*
 * Keys that never hold an endpoint, whole; and parts of keys. They win over the others:
 * "apiVersion", "hostVersion", "documentationUrl", "subnetMask", "resourceType".
 */
static const char *const other_keys[] = {
    "id",    "type",   "kind",  "file", "filename", "path", "mail",     "link",       "links",
    "href",  "help",   "sku",   "tags", "etag",     "tag",  "nextlink", "locale",     "author",
    "title", "region", "count", "date", "time",     "unit", "provider", "resourceid", "contact",
};
static const char *const other_parts[] = {
    "version",   "schema",     "email",      "docs",      "documentation", "learnmore",
    "moreinfo",  "reference",  "odata",      "mask",      "prefix",        "subnet",
    "gateway",   "dnsserver",  "nameserver", "timestamp", "resourcetype",  "provisioning",
    "createdby", "modifiedby", "readme",
};

/* Endings of real names. Two letters are a country's; those of programs stand further down. */
static const char *const endings[] = {
    "com",   "net",     "org",       "io",     "us",    "cn",       "de",       "uk",
    "eu",    "fr",      "info",      "biz",    "gov",   "mil",      "edu",      "int",
    "cloud", "azure",   "microsoft", "ms",     "app",   "dev",      "arpa",     "internal",
    "corp",  "local",   "lan",       "home",   "intra", "intranet", "private",  "localdomain",
    "test",  "example", "invalid",   "online", "site",  "tech",     "services", "network",
    "host",  "goog",    "google",    "amazon", "aws",
};

/* Country codes that are better known as the end of file names. */
static const char *const file_endings[] = {
    "md", "sh", "py", "rs", "so", "ps", "gz", "vb", "js", "ts", "cs",
};

static bool is_listed(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

static bool has_part(const char *word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strstr(word, list[i]) != NULL)
            return true;
    }
    return false;
}

enum key_hint plausible_key(const char *key)
{
    char word[KEY_ROOM];
    size_t n = 0;

    for (; *key != '\0' && n < sizeof word - 1; key++) {
        if (*key >= 'A' && *key <= 'Z')
            word[n++] = (char)(*key - 'A' + 'a');
        else if (strchr("_- ", *key) == NULL)
            word[n++] = *key;
    }
    word[n] = '\0';
    if (word[0] == '$' || text_ends_with_nocase(word, "type") ||
        text_ends_with_nocase(word, "id") || word[0] == '@' ||
        is_listed(word, other_keys, COUNT(other_keys)) ||
        has_part(word, other_parts, COUNT(other_parts)))
        return KEY_OTHER;
    return has_part(word, host_keys, COUNT(host_keys)) ? KEY_HOST : KEY_NEUTRAL;
}

/* Addresses that a cloud endpoint can have; masks and placeholders are none. */
static bool is_usable(const char *text)
{
    struct addr a;

    if (!addr_parse(text, &a))
        return false;
    if (a.family == AF_INET && a.ip[0] == 255)
        return false;
    return addr_kind(&a) == ADDR_PUBLIC || addr_kind(&a) == ADDR_PRIVATE ||
           (addr_kind(&a) == ADDR_RESERVED && a.ip[0] < 240); /* documentation, in examples */
}

/* A dotted name without scheme and port: does its ending say that it is a host? */
static enum plausible judge_name(const struct host *host, enum key_hint hint)
{
    const char *name = host->text, *ending = strrchr(name, '.');
    bool country;

    if (ending == NULL)
        return PLAUSIBLE_NO;
    ending++;
    if (strlen(ending) < 2)
        return PLAUSIBLE_NO; /* "e.g." */
    if (strncmp(ending, "xn--", 4) != 0 &&
        strspn(ending, "abcdefghijklmnopqrstuvwxyz") != strlen(ending))
        return PLAUSIBLE_NO; /* no top-level domain has digits: versions, build numbers */
    if (host->kind == HOST_WILDCARD)
        return PLAUSIBLE_YES;
    if (is_listed(ending, endings, COUNT(endings)) || strncmp(ending, "xn--", 4) == 0)
        return PLAUSIBLE_YES;
    if (strncmp(name, "microsoft.", 10) == 0 || hint == KEY_ITSELF)
        return PLAUSIBLE_NO; /* "Microsoft.Devices": a resource provider; "feature.is": a setting */
    country = strlen(ending) == 2 && !is_listed(ending, file_endings, COUNT(file_endings));
    return hint == KEY_HOST || country ? PLAUSIBLE_YES : PLAUSIBLE_DOUBT;
}

enum plausible plausible_endpoint(struct arena *a, const char *s, size_t len, enum key_hint hint)
{
    struct target t;

    /* Most strings end here, before anything is allocated for them. */
    if (len < 3 || len > STRING_MAX || memchr(s, '@', len) != NULL || memchr(s, ' ', len) != NULL ||
        (memchr(s, '.', len) == NULL && memchr(s, ':', len) == NULL))
        return PLAUSIBLE_NO;
    if (hint == KEY_OTHER)
        return PLAUSIBLE_NO;
    /* Without a scheme a slash makes it a resource type, a media type, a range or a path. */
    if (memchr(s, '/', len) != NULL && memmem(s, len, "://", 3) == NULL)
        return PLAUSIBLE_NO;
    if (target_parse(a, s, len, &t, NULL) != 0)
        return PLAUSIBLE_NO;
    if (t.host.kind == HOST_ADDRESS)
        return is_usable(t.host.text) ? PLAUSIBLE_YES : PLAUSIBLE_NO;
    if (t.scheme != NULL)
        return PLAUSIBLE_YES;
    if (t.port != 0) /* "host:443"; but "name:1" of a list of settings has no dot */
        return strchr(t.host.text, '.') != NULL ? PLAUSIBLE_YES : PLAUSIBLE_NO;
    return judge_name(&t.host, hint);
}
