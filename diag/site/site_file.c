/* site_file: see site_file.h. A table of keys, each with the function that reads its value. */
#include "diag/site/site_file.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/base/secret.h"
#include "diag/base/text.h"
#include "diag/model/method.h"
#include "diag/model/site.h"
#include "diag/site/endpoints.h"
#include "diag/site/profile.h"
#include "diag/site/proxy.h"
#include "diag/site/url.h"
#include "diag/site/yaml.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NTP_PORT = 123 };

struct binder {
    struct arena *arena;
    const char *label;  /* of the file, for faults and sources */
    const char *folder; /* with a slash at its end; "" for the current one */
    struct site *site;
    struct endpoints *endpoints;
    struct site_proxy *proxy;       /* being read */
    const struct yaml *route_nodes; /* to be checked when the proxies are known */
    const struct yaml *required_node;
};

/* The value of a key goes to *to, whose type the function knows. */
struct key {
    const char *name;
    int (*read)(struct binder *b, const struct yaml *value, void *to, struct fault *f);
    size_t offset; /* of *to in what the table is about */
};

/* --- single values --- */

static int read_text(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    if (v->kind != YAML_SCALAR)
        return yaml_fault(f, b->label, v, "one value belongs here, not %s; write it in one line",
                          yaml_kind_text(v));
    if (v->text[0] == '\0' ||
        (!v->quoted && (strcmp(v->text, "~") == 0 || text_equal_nocase(v->text, "null"))))
        return yaml_fault(f, b->label, v, "the value is missing; give one or remove the key");
    *(const char **)to = v->text;
    return 0;
}

static int read_bool(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    const char *text = NULL;

    if (read_text(b, v, &text, f) != 0)
        return -1;
    if (v->quoted || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
        return yaml_fault(f, b->label, v, "\"%.40s\" is neither true nor false; write one of them",
                          text);
    *(bool *)to = text[0] == 't';
    return 0;
}

static int read_number(struct binder *b, const struct yaml *v, unsigned long max, void *to,
                       struct fault *f)
{
    unsigned long number;
    const char *text = NULL;

    if (read_text(b, v, &text, f) != 0)
        return -1;
    if (!text_parse_uint(text, max, &number) || number == 0)
        return yaml_fault(f, b->label, v, "\"%.40s\" is no number from 1 to %lu; correct it", text,
                          max);
    *(unsigned *)to = (unsigned)number;
    return 0;
}

static int read_attempts(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_number(b, v, 1000, to, f);
}

static int read_parallel(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_number(b, v, 10000, to, f);
}

static int read_seconds(struct binder *b, const struct yaml *v, int64_t min_us, int64_t max_us,
                        void *to, struct fault *f)
{
    const char *text = NULL;
    int64_t us;

    if (read_text(b, v, &text, f) != 0)
        return -1;
    if (!text_parse_seconds(text, &us) || us < min_us || us > max_us)
        return yaml_fault(f, b->label, v,
                          "\"%.40s\" is no number of seconds from %g to %g; correct it", text,
                          (double)min_us / 1e6, (double)max_us / 1e6);
    *(int64_t *)to = us;
    return 0;
}

static int read_timeout(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_seconds(b, v, 50000, INT64_C(300000000), to, f);
}

static int read_deadline(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_seconds(b, v, 100000, INT64_C(86400000000), to, f);
}

static int read_idle(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_seconds(b, v, 100000, INT64_C(7200000000), to, f);
}

/* A file beside the site file; it must be readable now, as later nothing can be said with a line.
 */
static int read_path(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    const char *text = NULL, *path;

    if (read_text(b, v, &text, f) != 0)
        return -1;
    path = text[0] == '/' ? text : arena_printf(b->arena, "%s%s", b->folder, text);
    if (access(path, R_OK) != 0)
        return yaml_fault(f, b->label, v, "%.300s cannot be read: %s; correct the path", path,
                          strerror(errno));
    *(const char **)to = path;
    return 0;
}

/* One of a list of words. */
static int read_word(struct binder *b, const struct yaml *v, const char *const *words, size_t n,
                     const char **to, struct fault *f)
{
    const char *text = NULL, *near;
    char known[200] = "";
    size_t end = 0;

    if (read_text(b, v, &text, f) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            *to = words[i];
            return 0;
        }
        if (end < sizeof known)
            end += (size_t)snprintf(known + end, sizeof known - end, "%s%s", i > 0 ? ", " : "",
                                    words[i]);
    }
    near = text_nearest(text, words, n);
    if (near != NULL)
        return yaml_fault(f, b->label, v, "\"%.40s\" is not known; did you mean %s?", text, near);
    return yaml_fault(f, b->label, v, "\"%.40s\" is not known; use one of %s", text, known);
}

static int read_chain(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    const char *word = NULL;

    if (read_word(b, v, chain_names.words, chain_names.n, &word, f) != 0)
        return -1;
    *(enum chain *)to = (enum chain)names_value(&chain_names, word);
    return 0;
}

static int read_method(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_word(b, v, method_names.words, method_names.n, to, f);
}

static int read_legacy_hub(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct target target;
    struct fault why;

    if (read_text(b, v, to, f) != 0)
        return -1;
    if (target_parse(b->arena, v->text, strlen(v->text), &target, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    if (target.host.kind == HOST_WILDCARD)
        return yaml_fault(f, b->label, v, "a wildcard is no hub; give the hub's own name");
    b->site->migration = true;
    return 0;
}

static int read_expect(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    static const char *const kinds[] = {"public", "private"};

    return read_word(b, v, kinds, sizeof kinds / sizeof kinds[0], to, f);
}

static int read_interface(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    if (read_text(b, v, to, f) != 0)
        return -1;
    b->site->interface_given = true;
    return 0;
}

/* --- mappings --- */

/* Read every key of a mapping by its table; an unknown key is a mistake of the user. */
static int read_mapping(struct binder *b, const struct yaml *node, const struct key *keys,
                        size_t n_keys, void *base, struct fault *f)
{
    const char *names[40], *near;

    for (size_t k = 0; k < n_keys; k++)
        names[k] = keys[k].name;
    for (size_t i = 0; i < node->n; i++) {
        const struct key *key = NULL;

        for (size_t k = 0; k < n_keys && key == NULL; k++) {
            if (strcmp(keys[k].name, node->keys[i]->text) == 0)
                key = &keys[k];
        }
        if (key == NULL) {
            near = text_nearest(node->keys[i]->text, names, n_keys);
            if (near != NULL)
                return yaml_fault(f, b->label, node->keys[i],
                                  "unknown key \"%.60s\"; did you mean %s?", node->keys[i]->text,
                                  near);
            return yaml_fault(f, b->label, node->keys[i],
                              "unknown key \"%.60s\"; docs/site-file.md lists the keys",
                              node->keys[i]->text);
        }
        if (key->read(b, node->items[i], (char *)base + key->offset, f) != 0)
            return -1;
    }
    return 0;
}

/* Call `each` for every item of a list; a single value stands for a list of one. */
static int for_each(struct binder *b, const struct yaml *v,
                    int (*each)(struct binder *, const struct yaml *, struct fault *),
                    struct fault *f)
{
    if (v->kind == YAML_MAPPING)
        return yaml_fault(f, b->label, v,
                          "a list belongs here, not a mapping; begin each item "
                          "with \"- \"");
    if (v->kind == YAML_SCALAR)
        return each(b, v, f);
    for (size_t i = 0; i < v->n; i++) {
        if (each(b, v->items[i], f) != 0)
            return -1;
    }
    return 0;
}

/* "vpn: true": the words of fact.def; what is not said stays unknown. */
static int read_facts(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    enum tri *facts = to;

    if (v->kind != YAML_MAPPING)
        return yaml_fault(f, b->label, v, "a mapping such as \"vpn: true\" belongs here, not %s",
                          yaml_kind_text(v));
    for (size_t i = 0; i < v->n; i++) {
        const char *word = NULL;
        bool yes = false;

        if (read_word(b, v->keys[i], fact_names.words, fact_names.n, &word, f) != 0 ||
            read_bool(b, v->items[i], &yes, f) != 0)
            return -1;
        facts[names_value(&fact_names, word)] = yes ? TRI_YES : TRI_NO;
    }
    return 0;
}

/* --- endpoints --- */

struct endpoint_item {
    const char *host, *service, *expect;
    unsigned port;
    bool optional;
};

static int read_port(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_number(b, v, 65535, to, f);
}

static const struct key endpoint_keys[] = {
    {"host", read_text, offsetof(struct endpoint_item, host)},
    {"port", read_port, offsetof(struct endpoint_item, port)},
    {"service", read_text, offsetof(struct endpoint_item, service)},
    {"optional", read_bool, offsetof(struct endpoint_item, optional)},
    {"expect", read_expect, offsetof(struct endpoint_item, expect)},
};

static int each_endpoint(struct binder *b, const struct yaml *v, struct fault *f)
{
    struct endpoint_item item = {0};
    struct endpoint_facts facts;
    const char *source = arena_printf(b->arena, "%s:%lu", b->label, v->line);
    struct fault why;

    if (v->kind == YAML_MAPPING) {
        if (read_mapping(b, v, endpoint_keys, sizeof endpoint_keys / sizeof endpoint_keys[0], &item,
                         f) != 0)
            return -1;
        if (item.host == NULL)
            return yaml_fault(f, b->label, v, "the endpoint has no host; add host: NAME");
    } else if (read_text(b, v, &item.host, f) != 0) {
        return -1;
    }
    facts = (struct endpoint_facts){.port = (uint16_t)item.port,
                                    .service = item.service,
                                    .expect_address = item.expect,
                                    .optional = item.optional};
    if (endpoints_add(b->endpoints, item.host, strlen(item.host), &facts, source, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

static int read_endpoints(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return for_each(b, v, each_endpoint, f);
}

static int each_endpoints_file(struct binder *b, const struct yaml *v, struct fault *f)
{
    const char *path = NULL;

    return read_path(b, v, &path, f) != 0 ? -1 : endpoints_add_file(b->endpoints, path, f);
}

static int read_endpoints_files(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return for_each(b, v, each_endpoints_file, f);
}

static int each_profile(struct binder *b, const struct yaml *v, struct fault *f)
{
    const struct profile *profile;
    const char *name = NULL;
    struct fault why;

    if (read_text(b, v, &name, f) != 0)
        return -1;
    profile = profile_find(name, &why);
    if (profile == NULL || profile_add(profile, b->endpoints, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

static int read_profiles(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return for_each(b, v, each_profile, f);
}

/* --- proxies --- */

static int read_proxy_name(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct fault why;

    if (read_text(b, v, to, f) != 0)
        return -1;
    if (proxy_name_check(v->text, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

static int read_proxy_url(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct fault why;
    const char *text = NULL, *user = b->proxy->user;

    (void)to;
    if (read_text(b, v, &text, f) != 0)
        return -1;
    if (proxy_parse(b->arena, text, b->proxy, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    if (user != NULL && b->proxy->user != NULL)
        return yaml_fault(f, b->label, v, "the user stands in url and in user; remove one");
    if (user != NULL)
        b->proxy->user = user;
    return 0;
}

static int read_proxy_user(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    if (b->proxy->user != NULL)
        return yaml_fault(f, b->label, v, "the user stands in url and in user; remove one");
    if (read_text(b, v, to, f) != 0)
        return -1;
    if (strchr(v->text, ':') != NULL)
        return yaml_fault(f, b->label, v,
                          "a proxy's user cannot hold a colon; the password belongs "
                          "into a file, named with password_file");
    return 0;
}

static int read_password_file(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct fault why;

    if (read_path(b, v, to, f) != 0)
        return -1;
    if (secret_read_file(*(const char **)to, &b->proxy->password, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

static int refuse_password(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return yaml_fault(f, b->label, v,
                      "a password does not belong into a site file, which others "
                      "read; put it into a file of its own and name that with "
                      "password_file");
}

static const struct key proxy_keys[] = {
    {"name", read_proxy_name, offsetof(struct site_proxy, name)},
    {"url", read_proxy_url, 0},
    {"user", read_proxy_user, offsetof(struct site_proxy, user)},
    {"password_file", read_password_file, offsetof(struct site_proxy, password_file)},
    {"password", refuse_password, 0},
    {"ca_file", read_path, offsetof(struct site_proxy, ca_file)},
    {"client_cert", read_path, offsetof(struct site_proxy, client_cert)},
    {"client_key", read_path, offsetof(struct site_proxy, client_key)},
};

static int each_proxy(struct binder *b, const struct yaml *v, struct fault *f)
{
    struct site_proxy *p = arena_new_of(b->arena, struct site_proxy);
    struct fault why;
    int rc;

    b->proxy = p;
    if (v->kind == YAML_MAPPING)
        rc = read_mapping(b, v, proxy_keys, sizeof proxy_keys / sizeof proxy_keys[0], p, f);
    else
        rc = read_proxy_url(b, v, NULL, f);
    if (rc == 0 && p->host == NULL)
        rc = yaml_fault(f, b->label, v, "the proxy has no url; add url: http://HOST:PORT");
    if (rc == 0 && (proxy_add(b->site, b->arena, p, &why) != 0 || proxy_check(p, &why) != 0))
        rc = yaml_fault(f, b->label, v, "%s", why.text);
    if (rc != 0) { /* perhaps not the site's yet, so that nobody else would wipe it */
        secret_free(p->password);
        p->password = NULL;
    }
    return rc;
}

static int read_proxies(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return for_each(b, v, each_proxy, f);
}

/* --- routes and resolvers --- */

static int read_required(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    b->required_node = v;
    return read_text(b, v, to, f);
}

static int each_route(struct binder *b, const struct yaml *v, struct fault *f)
{
    const char *route = NULL;

    if (read_text(b, v, &route, f) != 0)
        return -1;
    list_push(b->arena, b->site->routes, b->site->n_routes, route);
    return 0;
}

static int read_routes(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    b->route_nodes = v;
    return for_each(b, v, each_route, f);
}

static int check_route(struct binder *b, const struct yaml *v, struct fault *f)
{
    struct fault why;

    return route_check(b->site, v->text, &why) == 0 ? 0
                                                    : yaml_fault(f, b->label, v, "%s", why.text);
}

/* Proxies may stand behind the routes; without any they may come from flags, checked there. */
static int check_routes(struct binder *b, struct fault *f)
{
    if (b->site->n_proxies == 0)
        return 0;
    if (b->required_node != NULL && check_route(b, b->required_node, f) != 0)
        return -1;
    return b->route_nodes == NULL ? 0 : for_each(b, b->route_nodes, check_route, f);
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

static int each_ntp(struct binder *b, const struct yaml *v, struct fault *f)
{
    const char *text = NULL;
    struct fault why;

    if (read_text(b, v, &text, f) != 0)
        return -1;
    return site_add_ntp(b->site, b->arena, text, &why) == 0
               ? 0
               : yaml_fault(f, b->label, v, "%s", why.text);
}

static int read_ntp(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return for_each(b, v, each_ntp, f);
}

static int each_resolver(struct binder *b, const struct yaml *v, struct fault *f)
{
    struct site_resolver *r = arena_new_of(b->arena, struct site_resolver);
    const char *text = NULL;

    if (read_text(b, v, &text, f) != 0)
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

static int read_resolvers(struct binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return for_each(b, v, each_resolver, f);
}

/* --- the file --- */

static const struct key site_keys[] = {
    {"name", read_text, offsetof(struct site, name)},
    {"sensor", read_text, offsetof(struct site, sensor)},
    {"interface", read_interface, offsetof(struct site, interface)},
    {"method", read_method, offsetof(struct site, method)},
    {"facts", read_facts, offsetof(struct site, facts)},
    {"legacy_hub", read_legacy_hub, offsetof(struct site, legacy_hub)},
    {"chain", read_chain, offsetof(struct site, chain)},
    {"require", read_required, offsetof(struct site, required_route)},
    {"routes", read_routes, 0},
    {"resolvers", read_resolvers, 0},
    {"ntp", read_ntp, 0},
    {"ca_file", read_path, offsetof(struct site, ca_file)},
    {"service_tags", read_path, offsetof(struct site, service_tags)},
    {"timeout", read_timeout, offsetof(struct site, timeout_us)},
    {"deadline", read_deadline, offsetof(struct site, deadline_us)},
    {"idle", read_idle, offsetof(struct site, idle_us)},
    {"attempts", read_attempts, offsetof(struct site, attempts)},
    {"parallel", read_parallel, offsetof(struct site, parallel)},
    {"proxy_parallel", read_parallel, offsetof(struct site, proxy_parallel)},
    {"app", read_bool, offsetof(struct site, app)},
    {"revocation", read_bool, offsetof(struct site, revocation)},
    {"large_hello", read_bool, offsetof(struct site, large_hello)},
    {"capture", read_bool, offsetof(struct site, capture)},
    {"experiments", read_bool, offsetof(struct site, experiments)},
    {"trace", read_bool, offsetof(struct site, trace)},
    {"endpoints", read_endpoints, 0},
    {"endpoints_files", read_endpoints_files, 0},
    {"profile", read_profiles, 0},
    {"profiles", read_profiles, 0},
    {"proxies", read_proxies, 0},
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
    struct binder b = {.arena = a,
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
    if (read_mapping(&b, root, site_keys, sizeof site_keys / sizeof site_keys[0], s, f) != 0)
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
