/* generate: see generate.h. */
#include "diag/generate.h"

#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/model/site.h"
#include "diag/site/squid_acl.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Every name is compared with every other one. */
enum { ENDPOINTS_LISTED = 5000 };

/* What a squid.conf is for. */
enum role { ALONE, CHILD, PARENT };

const char generate_kinds[] = "squid, squid-child, squid-parent, cloud-init, nsg, site";

int generate_check_sensor(struct arena *a, const char *text, struct fault *f)
{
    struct squid_ip ip = squid_ip_parse(a, text);

    if (ip.kind == SQUID_IP_RANGE && !ip.masked_away && strchr(text, '-') == NULL)
        return 0;
    return fault_set(f,
                     "--sensor: \"%s\" is no address and no network; give one like 10.1.0.7 or "
                     "10.1.0.0/16",
                     text_printable(a, text, strlen(text), 80));
}

static uint16_t proxy_port(const struct generate *g, size_t hop)
{
    return hop < g->site->n_proxies ? g->site->proxies[hop]->port : 3128;
}

/* --- squid.conf --- */

static bool is_address(const struct site_endpoint *e)
{
    struct addr address;

    return addr_parse(e->host, &address);
}

/* A name under a listed wildcard must not be listed too: Squid would not start. */
static bool is_covered(const struct generate *g, const struct site_endpoint *e)
{
    for (size_t i = 0; i < g->site->n_endpoints; i++) {
        const struct site_endpoint *other = g->site->endpoints[i];
        const char *name = e->wildcard ? e->host + 2 : e->host;

        if (other->wildcard && strcmp(other->host, e->host) != 0 &&
            squid_domain_has(other->host + 1, name))
            return true;
    }
    return false;
}

/* The same host on another port stands in the list once. */
static bool is_repeated(const struct generate *g, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(g->site->endpoints[k]->host, g->site->endpoints[i]->host) == 0)
            return true;
    }
    return false;
}

static void write_ports(const struct generate *g, struct buf *out)
{
    bool seen[65536] = {false};

    buf_str(out, "acl tunnel_ports port");
    for (size_t i = 0; i < g->site->n_endpoints; i++) {
        uint16_t port = g->site->endpoints[i]->port;

        if (!seen[port])
            buf_printf(out, " %u", port);
        seen[port] = true;
    }
    buf_char(out, '\n');
}

static void write_names(const struct generate *g, struct buf *out)
{
    for (size_t i = 0; i < g->site->n_endpoints; i++) {
        const struct site_endpoint *e = g->site->endpoints[i];

        if (is_repeated(g, i))
            continue;
        if (is_address(e))
            buf_printf(out, "acl cloud_addresses dst -n %s\n", e->host);
        else if (!is_covered(g, e))
            buf_printf(out, "acl cloud_names dstdomain -n %s\n",
                       e->wildcard ? e->host + 1 : e->host);
    }
}

static bool has_kind(const struct generate *g, bool address)
{
    for (size_t i = 0; i < g->site->n_endpoints; i++) {
        if (is_address(g->site->endpoints[i]) == address)
            return true;
    }
    return false;
}

/* Who may ask: the sensors, or for a parent the hop before it. */
static int write_sources(const struct generate *g, enum role role, struct buf *out, struct fault *f)
{
    struct addr address;

    buf_str(out, "acl sensors src");
    if (role == PARENT && g->site->n_proxies > 1 &&
        addr_parse(g->site->proxies[g->site->n_proxies - 2]->host, &address)) {
        buf_printf(out, " %s\n", g->site->proxies[g->site->n_proxies - 2]->host);
        return 0;
    }
    if (g->n_sensors == 0)
        return fault_set(f, "no --sensor is given; give the sensors' addresses or networks");
    for (size_t i = 0; i < g->n_sensors; i++)
        buf_printf(out, " %s", g->sensors[i]);
    buf_char(out, '\n');
    return 0;
}

static void write_rules(const struct generate *g, enum role role, struct buf *out)
{
    const char *users = role == PARENT ? " users" : "";

    buf_str(out, "http_access deny !CONNECT\nhttp_access deny !tunnel_ports\n");
    if (has_kind(g, false))
        buf_printf(out, "http_access allow sensors cloud_names%s\n", users);
    if (has_kind(g, true))
        buf_printf(out, "http_access allow sensors cloud_addresses%s\n", users);
    buf_str(out, "http_access deny all\n");
}

static int write_squid(const struct generate *g, enum role role, struct buf *out, struct fault *f)
{
    const struct site *s = g->site;
    const struct site_proxy *next = s->n_proxies > 1 ? s->proxies[1] : NULL;

    if (role == CHILD && next == NULL)
        return fault_set(f, "a child needs the next hop; give both with --proxy, nearest first");
    buf_str(out, "# Tunnels of the sensors to their endpoints, and nothing else.\n");
    buf_printf(out, "http_port %u\ncache deny all\n\n",
               proxy_port(g, role == PARENT && s->n_proxies > 0 ? s->n_proxies - 1 : 0));
    if (write_sources(g, role, out, f) != 0)
        return -1;
    write_ports(g, out);
    write_names(g, out);
    if (role == PARENT)
        buf_str(out, "\n# htpasswd -c /etc/squid/passwd USER; chown root:proxy, chmod 640\n"
                     "auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/passwd\n"
                     "auth_param basic realm sensors\nacl users proxy_auth REQUIRED\n");
    buf_str(out, "\n# The first rule that matches decides.\n");
    write_rules(g, role, out);
    if (role == CHILD)
        buf_printf(out,
                   "\n# Without never_direct, Squid sends tunnels direct, past the parent. With\n"
                   "# login=PASSTHRU the parent sees the sensors' credentials.\n"
                   "cache_peer %s parent %u 0 no-query default login=PASSTHRU\n"
                   "never_direct allow all\n",
                   next->host, next->port);
    return 0;
}

/* --- cloud-init --- */

static int write_cloud(const struct generate *g, struct buf *out, struct fault *f)
{
    struct buf conf;
    const char *line;
    int rc;

    buf_init(&conf, out->limit);
    rc = write_squid(g, ALONE, &conf, f);
    buf_str(out,
            "#cloud-config\npackage_update: true\npackage_upgrade: true\npackages:\n  - squid\n"
            "# Written before the package is installed, which keeps it.\n"
            "write_files:\n  - path: /etc/squid/squid.conf\n    permissions: '0644'\n"
            "    content: |\n");
    for (line = buf_text(&conf); *line != '\0';) {
        size_t len = strcspn(line, "\n");

        buf_printf(out, "%s%.*s\n", len > 0 ? "      " : "", (int)len, line);
        line += len + (line[len] == '\n');
    }
    buf_str(out, "runcmd:\n  - systemctl enable squid\n  - systemctl restart squid\n");
    buf_free(&conf);
    return rc;
}

/* --- security group --- */

static json_t *nsg_rule(const char *name, int priority, const char *access, const char *protocol,
                        json_t *sources, const char *destination, const char *port)
{
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "name", name, "priority",
                     priority, "direction", "Inbound", "access", access, "protocol", protocol,
                     "sourceAddressPrefixes", sources, "sourcePortRange", "*",
                     "destinationAddressPrefix", destination, "destinationPortRange", port);
}

static int write_nsg(const struct generate *g, struct buf *out, struct fault *f)
{
    const struct site_proxy *balancer = g->site->n_proxies > 0 ? g->site->proxies[0] : NULL;
    json_t *sensors = json_array(), *rules = json_array(), *root;
    struct addr address;
    char *text;

    if (g->n_sensors == 0 || balancer == NULL || !addr_parse(balancer->host, &address)) {
        json_decref(sensors);
        json_decref(rules);
        return fault_set(f, "a security group needs the sensors (--sensor) and the balancer's "
                            "private address (--proxy ADDRESS:PORT)");
    }
    for (size_t i = 0; i < g->n_sensors; i++)
        json_array_append_new(sensors, json_string(g->sensors[i]));
    /* The group of the proxies' subnet sees its packets only, and behind the balancer: there they
     * are for a member's own address. */
    json_array_append_new(rules, nsg_rule("sensors", 100, "Allow", "Tcp", sensors, "VirtualNetwork",
                                          arena_printf(g->arena, "%u", balancer->port)));
    json_array_append_new(rules, nsg_rule("health-probe", 4095, "Allow", "*",
                                          json_pack("[s]", "AzureLoadBalancer"), "*", "*"));
    json_array_append_new(rules,
                          nsg_rule("deny-all", 4096, "Deny", "*", json_pack("[s]", "*"), "*", "*"));
    root = json_pack("{s:s, s:o}", "name", "sensor-proxies", "securityRules", rules);
    text = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (text == NULL)
        return fault_set(f, "no memory for the rules");
    buf_printf(out, "%s\n", text);
    free(text);
    return 0;
}

/* --- site file --- */

/* A value in single quotes, in which YAML knows nothing but the doubled quote. */
static void write_quoted(struct buf *out, const char *key, const char *value)
{
    buf_printf(out, "%s'", key);
    for (; *value != '\0'; value++) {
        if (*value == '\'')
            buf_char(out, '\'');
        buf_char(out, *value);
    }
    buf_str(out, "'\n");
}

static void write_site(const struct generate *g, struct buf *out)
{
    const struct site *s = g->site;

    buf_printf(out, "method: %s\n",
               s->method != NULL   ? s->method
               : s->n_proxies == 0 ? "direct"
               : s->n_proxies > 1  ? "proxy-chain"
                                   : "azure-proxy");
    for (size_t i = 0; i < s->n_proxies; i++) {
        const struct site_proxy *p = s->proxies[i];

        if (i == 0)
            buf_str(out, "proxies:\n");
        write_quoted(out, "  - name: ", p->name);
        write_quoted(out, "    url: ", p->url);
        if (p->password_file != NULL)
            write_quoted(out, "    password_file: ", p->password_file);
    }
    buf_str(out, "endpoints:\n");
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct site_endpoint *e = s->endpoints[i];

        buf_printf(out, "  - host: \"%s\"\n    port: %u\n", e->host, e->port);
        if (e->optional)
            buf_str(out, "    optional: true\n");
    }
}

/* What holds for every squid.conf that is made here. */
static int check_squid(const struct generate *g, struct fault *f)
{
    if (g->site->n_endpoints > ENDPOINTS_LISTED)
        return fault_set(f, "more than %d endpoints; list the groups as wildcards (*.example)",
                         ENDPOINTS_LISTED);
    for (size_t i = 0; i < g->site->n_proxies; i++) {
        if (g->site->proxies[i]->scheme == PROXY_HTTPS)
            return fault_set(f,
                             "%s is an https:// proxy, for which no squid.conf can be made; "
                             "give http:// proxies",
                             g->site->proxies[i]->name);
    }
    return 0;
}

int generate_write(const struct generate *g, const char *kind, struct buf *out, struct fault *f)
{
    if ((strncmp(kind, "squid", 5) == 0 || strcmp(kind, "cloud-init") == 0) &&
        check_squid(g, f) != 0)
        return -1;
    if (strcmp(kind, "squid") == 0)
        return write_squid(g, ALONE, out, f);
    if (strcmp(kind, "squid-child") == 0)
        return write_squid(g, CHILD, out, f);
    if (strcmp(kind, "squid-parent") == 0)
        return write_squid(g, PARENT, out, f);
    if (strcmp(kind, "cloud-init") == 0)
        return write_cloud(g, out, f);
    if (strcmp(kind, "nsg") == 0)
        return write_nsg(g, out, f);
    if (strcmp(kind, "site") != 0)
        return fault_set(f, "nothing of kind \"%s\" can be made; there are %s",
                         text_printable(g->arena, kind, strlen(kind), 80), generate_kinds);
    write_site(g, out);
    return 0;
}
