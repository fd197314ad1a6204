/* site_lists: the endpoints and the proxies of a site file. See site_bind.h. */
#include "diag/site/site_bind.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/model/site.h"
#include "diag/site/endpoints.h"
#include "diag/site/profile.h"
#include "diag/site/proxy.h"
#include "diag/site/yaml.h"

#include <stdio.h>
#include <string.h>

/* --- endpoints --- */

struct endpoint_item {
    const char *host, *service, *expect;
    unsigned port;
    bool optional;
};

static int read_port(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return site_read_number(b, v, 65535, to, f);
}

static const struct site_key endpoint_keys[] = {
    {"host", site_read_text, offsetof(struct endpoint_item, host)},
    {"port", read_port, offsetof(struct endpoint_item, port)},
    {"service", site_read_text, offsetof(struct endpoint_item, service)},
    {"optional", site_read_bool, offsetof(struct endpoint_item, optional)},
    {"expect", site_read_expect, offsetof(struct endpoint_item, expect)},
};

static int each_endpoint(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    struct endpoint_item item = {0};
    struct endpoint_facts facts;
    const char *source = arena_printf(b->arena, "%s:%lu", b->label, v->line);
    struct fault why;

    if (v->kind == YAML_MAPPING) {
        if (site_read_mapping(b, v, endpoint_keys, sizeof endpoint_keys / sizeof endpoint_keys[0],
                              &item, f) != 0)
            return -1;
        if (item.host == NULL)
            return yaml_fault(f, b->label, v, "the endpoint has no host; add host: NAME");
    } else if (site_read_text(b, v, &item.host, f) != 0) {
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

int site_read_endpoints(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return site_for_each(b, v, each_endpoint, f);
}

static int each_endpoints_file(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    const char *path = NULL;

    return site_read_path(b, v, &path, f) != 0 ? -1 : endpoints_add_file(b->endpoints, path, f);
}

int site_read_endpoints_files(struct site_binder *b, const struct yaml *v, void *to,
                              struct fault *f)
{
    (void)to;
    return site_for_each(b, v, each_endpoints_file, f);
}

static int each_profile(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    const struct profile *profile;
    const char *name = NULL;
    struct fault why;

    if (site_read_text(b, v, &name, f) != 0)
        return -1;
    profile = profile_find(name, &why);
    if (profile == NULL || profile_add(profile, b->endpoints, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

int site_read_profiles(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return site_for_each(b, v, each_profile, f);
}

/* --- proxies --- */

static int read_proxy_name(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct fault why;

    if (site_read_text(b, v, to, f) != 0)
        return -1;
    if (proxy_name_check(v->text, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

static int read_proxy_url(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct fault why;
    const char *text = NULL, *user = b->proxy->user;

    (void)to;
    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    if (proxy_parse(b->arena, text, b->proxy, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    if (user != NULL && b->proxy->user != NULL)
        return yaml_fault(f, b->label, v, "the user stands in url and in user; remove one");
    if (user != NULL)
        b->proxy->user = user;
    return 0;
}

static int read_proxy_user(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    if (b->proxy->user != NULL)
        return yaml_fault(f, b->label, v, "the user stands in url and in user; remove one");
    if (site_read_text(b, v, to, f) != 0)
        return -1;
    if (strchr(v->text, ':') != NULL)
        return yaml_fault(f, b->label, v,
                          "a proxy's user cannot hold a colon; the password belongs "
                          "into a file, named with password_file");
    return 0;
}

static int read_password_file(struct site_binder *b, const struct yaml *v, void *to,
                              struct fault *f)
{
    struct fault why;

    if (site_read_path(b, v, to, f) != 0)
        return -1;
    if (secret_read_file(*(const char **)to, &b->proxy->password, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    return 0;
}

static int refuse_password(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return yaml_fault(f, b->label, v,
                      "a password does not belong into a site file, which others "
                      "read; put it into a file of its own and name that with "
                      "password_file");
}

static const struct site_key proxy_keys[] = {
    {"name", read_proxy_name, offsetof(struct site_proxy, name)},
    {"url", read_proxy_url, 0},
    {"user", read_proxy_user, offsetof(struct site_proxy, user)},
    {"password_file", read_password_file, offsetof(struct site_proxy, password_file)},
    {"password", refuse_password, 0},
    {"ca_file", site_read_path, offsetof(struct site_proxy, ca_file)},
    {"client_cert", site_read_path, offsetof(struct site_proxy, client_cert)},
    {"client_key", site_read_path, offsetof(struct site_proxy, client_key)},
};

static int each_proxy(struct site_binder *b, const struct yaml *v, struct fault *f)
{
    struct site_proxy *p = arena_new_of(b->arena, struct site_proxy);
    struct fault why;
    int rc;

    b->proxy = p;
    if (v->kind == YAML_MAPPING)
        rc = site_read_mapping(b, v, proxy_keys, sizeof proxy_keys / sizeof proxy_keys[0], p, f);
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

int site_read_proxies(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    (void)to;
    return site_for_each(b, v, each_proxy, f);
}
