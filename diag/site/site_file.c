/* site_file: see site_file.h. The table of its keys; routes, resolvers, time servers. */
#include "diag/site/site_file.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/model/site.h"
#include "diag/site/endpoints.h"
#include "diag/site/proxy.h"
#include "diag/site/site_bind.h"
#include "diag/site/url.h"
#include "diag/site/yaml.h"

#include <string.h>

enum { NTP_PORT = 123 };

/* --- routes and resolvers --- */

static int read_required(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    b->required_node = v;
    return site_read_text(b, v, to, f);
}

static int each_route(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    const char *route = NULL;

    if (site_read_text(b, v, &route, f) != 0)
        return -1;
    list_push(b->arena, b->site->routes, b->site->n_routes, route);
    return 0;
}

static int read_routes(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    b->route_nodes = v;
    return site_for_each(b, v, each_route, f);
}

static int check_route(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    struct fault why;

    return route_check(b->site, v->text, &why) == 0 ? 0
                                                    : yaml_fault(f, b->label, v, "%s", why.text);
}

/* Proxies may stand behind the routes; without any they may come from flags, checked there. */
static int check_routes(struct site_binder *b, struct fault *f)
{
    if (b->site->n_proxies == 0)
        return 0;
    if (b->required_node != NULL && check_route(b, b->required_node, f) != 0)
        return -1;
    return b->route_nodes == NULL ? 0 : site_for_each(b, b->route_nodes, check_route, f);
}

int site_add_ntp(struct site *s, struct arena *a, const char *text, struct fault *f)
{
    struct site_ntp *n = arena_new_of(a, struct site_ntp);
    struct target target;

    if (target_parse(a, text, strlen(text), &target, f) != 0)
        return -1;
    if (target.scheme != NULL || target.host.kind == HOST_WILDCARD)
        return fault_set(f, "\"%.60s\" is no time server; write HOST or HOST:PORT", text);
    n->host = target.host.text;
    n->port = target.port != 0 ? target.port : NTP_PORT;
    list_push(a, s->ntp, s->n_ntp, n);
    return 0;
}

static int each_ntp(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    const char *text = NULL;
    struct fault why;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    return site_add_ntp(b->site, b->arena, text, &why) == 0
               ? 0
               : yaml_fault(f, b->label, v, "%s", why.text);
}

static int read_ntp(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return site_for_each(b, v, each_ntp, f);
}

static int each_resolver(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    struct site_resolver *r = arena_new_of(b->arena, struct site_resolver);
    const char *text = NULL;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    if (!addr_parse_port(text, 53, &r->addr))
        return yaml_fault(f, b->label, v,
                          "\"%.60s\" is no address of a DNS server; write ADDR or "
                          "ADDR:PORT",
                          text);
    r->source = arena_printf(b->arena, "%s:%lu", b->label, v->line);
    list_push(b->arena, b->site->resolvers, b->site->n_resolvers, r);
    b->site->resolvers_given = true;
    return 0;
}

static int read_resolvers(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return site_for_each(b, v, each_resolver, f);
}

/* --- the file --- */

static const struct site_key site_keys[] = {
    {"name", site_read_text, offsetof(struct site, name)},
    {"sensor", site_read_text, offsetof(struct site, sensor)},
    {"interface", site_read_interface, offsetof(struct site, interface)},
    {"method", site_read_method, offsetof(struct site, method)},
    {"facts", site_read_facts, offsetof(struct site, facts)},
    {"legacy_hub", site_read_legacy_hub, offsetof(struct site, legacy_hub)},
    {"chain", site_read_chain, offsetof(struct site, chain)},
    {"require", read_required, offsetof(struct site, required_route)},
    {"routes", read_routes, 0},
    {"resolvers", read_resolvers, 0},
    {"ntp", read_ntp, 0},
    {"ca_file", site_read_path, offsetof(struct site, ca_file)},
    {"service_tags", site_read_path, offsetof(struct site, service_tags)},
    {"timeout", site_read_timeout, offsetof(struct site, timeout_us)},
    {"deadline", site_read_deadline, offsetof(struct site, deadline_us)},
    {"idle", site_read_idle, offsetof(struct site, idle_us)},
    {"attempts", site_read_attempts, offsetof(struct site, attempts)},
    {"parallel", site_read_parallel, offsetof(struct site, parallel)},
    {"proxy_parallel", site_read_parallel, offsetof(struct site, proxy_parallel)},
    {"app", site_read_bool, offsetof(struct site, app)},
    {"revocation", site_read_bool, offsetof(struct site, revocation)},
    {"large_hello", site_read_bool, offsetof(struct site, large_hello)},
    {"capture", site_read_bool, offsetof(struct site, capture)},
    {"experiments", site_read_bool, offsetof(struct site, experiments)},
    {"trace", site_read_bool, offsetof(struct site, trace)},
    {"endpoints", site_read_endpoints, 0},
    {"endpoints_files", site_read_endpoints_files, 0},
    {"profile", site_read_profiles, 0},
    {"profiles", site_read_profiles, 0},
    {"proxies", site_read_proxies, 0},
};

void site_defaults(struct site *s)
{
    *s = (struct site){
        .timeout_us = 5000000, .attempts = 1, .capture = true, .experiments = true, .trace = true};
}

/* "dir/site.yaml" -> "dir/"; paths in a file from standard input are relative to here. */
static const char *folder_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? "" : arena_strndup(a, path, (size_t)(slash - path) + 1);
}

int site_file_parse(const char *path, const char *bytes, size_t len, struct arena *a,
                    struct site *s, struct endpoints *e, struct fault *f)
{
    struct site_binder b = {.arena = a,
                            .label = file_label(a, path),
                            .folder = folder_of(a, path),
                            .site = s,
                            .endpoints = e};
    const struct yaml *root = yaml_read(a, b.label, bytes, len, f);

    if (root == NULL)
        return -1;
    if (root->kind != YAML_MAPPING)
        return yaml_fault(f, b.label, root,
                          "a site file is a mapping such as \"name: plant-7\", not "
                          "%s; docs/site-file.md has an example",
                          yaml_kind_text(root));
    if (site_read_mapping(&b, root, site_keys, sizeof site_keys / sizeof site_keys[0], s, f) != 0)
        return -1;
    return check_routes(&b, f);
}

int site_file_read(const char *path, struct arena *a, struct site *s, struct endpoints *e,
                   struct fault *f)
{
    const char *bytes;
    size_t len;

    if (file_read(a, path, YAML_SIZE_MAX, &bytes, &len, f) != 0)
        return -1;
    return site_file_parse(path, bytes, len, a, s, e, f);
}
