/* squid_port: see squid_port.h. */
#include "diag/site/squid_port.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/site/squid_value.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

static const char *option_value(const struct squid_line *line, size_t from, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = from; i < line->n; i++) {
        if (strncmp(line->words[i].text, name, len) == 0)
            return line->words[i].text + len;
    }
    return NULL;
}

static bool has_option(const struct squid_line *line, size_t from, const char *name)
{
    for (size_t i = from; i < line->n; i++) {
        if (strcmp(line->words[i].text, name) == 0)
            return true;
    }
    return false;
}

/* Does Squid know this option of a port? Those of an accelerator need that mode before them. */
static bool is_port_option(const struct squid_line *line, size_t i)
{
    static const char *const plain[] = {"accel",           "intercept",    "transparent",
                                        "tproxy",          "vhost",        "no-vhost",
                                        "act-as-origin",   "ignore-cc",    "no-connection-auth",
                                        "connection-auth", "tcpkeepalive", "require-proxy-header",
                                        "ssl-bump",        "sslBump",      "worker-queues",
                                        "ftp-track-dirs",  "ipv4",         "ipv6"};
    static const char *const valued[] = {"name=",
                                         "connection-auth=",
                                         "disable-pmtu-discovery=",
                                         "tcpkeepalive=",
                                         "generate-host-certificates=",
                                         "dynamic_cert_mem_cache_size=",
                                         "cert=",
                                         "tls-cert=",
                                         "key=",
                                         "tls-key=",
                                         "options=",
                                         "tls-options=",
                                         "cipher=",
                                         "tls-cipher=",
                                         "version=",
                                         "clientca=",
                                         "tls-clientca=",
                                         "cafile=",
                                         "tls-cafile=",
                                         "capath=",
                                         "crlfile=",
                                         "tls-crlfile=",
                                         "dhparams=",
                                         "tls-dh=",
                                         "sslflags=",
                                         "tls-flags=",
                                         "sslcontext=",
                                         "tls-context=",
                                         "tls-min-version=",
                                         "tls-default-ca",
                                         "tls-no-npn"};
    static const char *const accelerator[] = {"defaultsite=", "vport", "protocol=", "allow-direct"};
    const char *word = line->words[i].text;

    for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++) {
        if (strcmp(plain[k], word) == 0)
            return true;
    }
    for (size_t k = 0; k < sizeof valued / sizeof valued[0]; k++) {
        if (strncmp(valued[k], word, strlen(valued[k])) == 0)
            return true;
    }
    for (size_t k = 0; k < sizeof accelerator / sizeof accelerator[0]; k++) {
        if (strncmp(accelerator[k], word, strlen(accelerator[k])) == 0)
            return has_option(line, 2, "accel") || has_option(line, 2, "vhost");
    }
    return false;
}

void squid_port_read(struct squid_conf *c, const struct squid_line *line, bool tls)
{
    static const char *const modes[] = {"intercept", "tproxy", "accel", "transparent"};
    struct squid_port p = {.at = line->at, .text = line->text, .tls = tls};
    const char *spec, *colon;
    unsigned long number;

    if (line->n < 2) {
        squid_acl_refuse(&c->text, line->at, "no port is given", "write: http_port 3128");
        return;
    }
    spec = line->words[1].text;
    colon = strrchr(spec, ':');
    if (!text_parse_uint(colon == NULL ? spec : colon + 1, 65535, &number) || number == 0) {
        squid_acl_refuse(
            &c->text, line->at,
            arena_printf(c->text.arena, "\"%s\" is no port", squid_shown(&c->text, spec)),
            "write a port from 1 to 65535, or ADDRESS:PORT");
        return;
    }
    for (size_t i = 2; i < line->n; i++) {
        if (!is_port_option(line, i))
            squid_acl_refuse(&c->text, line->at,
                             arena_printf(c->text.arena, "\"%s\" is no option of %s",
                                          squid_shown(&c->text, line->words[i].text),
                                          line->words[0].text),
                             "remove it, or put `accel` before the options of an accelerator");
    }
    p.port = (uint16_t)number;
    p.host =
        colon == NULL ? NULL : text_printable(c->text.arena, spec, (size_t)(colon - spec), 100);
    p.name = option_value(line, 2, "name=");
    p.name = p.name != NULL ? squid_shown(&c->text, p.name) : squid_shown(&c->text, spec);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (has_option(line, 2, modes[i]))
            p.mode = modes[i];
    }
    p.bumps = has_option(line, 2, "ssl-bump");
    list_push(c->text.arena, c->ports, c->n_ports, p);
}

struct squid_peer *squid_peer_find(struct squid_conf *c, const char *name)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        if (text_equal_nocase(c->peers[i].name, name))
            return &c->peers[i];
    }
    return NULL;
}

/* A port number, or the name of a service such as "https". */
static bool parse_service(const char *text, unsigned long *number)
{
    const struct servent *service;

    if (text_parse_uint(text, 65535, number))
        return *number != 0;
    service = getservbyname(text, "tcp");
    if (service == NULL)
        return false;
    *number = ntohs((uint16_t)service->s_port);
    return true;
}

void squid_peer_read(struct squid_conf *c, const struct squid_line *line)
{
    struct squid_peer p = {.at = line->at, .text = line->text, .port = 3128};
    const char *type = line->n > 2 ? line->words[2].text : "", *value;
    unsigned long number;

    if (line->n < 5) {
        squid_acl_refuse(&c->text, line->at, "a cache_peer needs a host, a type and two ports",
                         "write: cache_peer HOST parent 3128 0 no-query default");
        return;
    }
    if (!parse_service(line->words[3].text, &number)) {
        squid_acl_refuse(&c->text, line->at,
                         arena_printf(c->text.arena, "\"%s\" is no port",
                                      squid_shown(&c->text, line->words[3].text)),
                         "write: cache_peer HOST parent 3128 0 no-query default");
        return;
    }
    p.port = (uint16_t)number;
    p.parent = text_equal_nocase(type, "parent");
    if (!p.parent && !text_equal_nocase(type, "sibling") && !text_equal_nocase(type, "multicast"))
        squid_problem_add(
            &c->text, SQUID_WRONG, line->at, "peer-type",
            arena_printf(c->text.arena, "\"%s\" is no type of peer", squid_shown(&c->text, type)),
            "Squid warns (\"Unknown neighbor type\") and takes it for a sibling, "
            "which no tunnel goes through.",
            "write: cache_peer HOST parent 3128 0 no-query default");
    p.host = squid_shown(&c->text, line->words[1].text);
    value = option_value(line, 5, "name=");
    p.name = value != NULL ? squid_shown(&c->text, value) : p.host;
    p.login = option_value(line, 5, "login=");
    p.originserver = has_option(line, 5, "originserver");
    if (squid_peer_find(c, p.name) != NULL) {
        squid_acl_refuse(&c->text, line->at,
                         arena_printf(c->text.arena, "cache_peer %s is there twice", p.name),
                         "give one of them a name of its own with name=");
        return;
    }
    list_push(c->text.arena, c->peers, c->n_peers, p);
}
