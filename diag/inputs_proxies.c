/* inputs_proxies: the proxies of the command line, and their passwords. Part of inputs. */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/inputs_parts.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/prompt.h"
#include "diag/site/proxy.h"

#include <string.h>
#include <unistd.h>

/* The name in "NAME=URL": what stands before the first "=", if it can be a name. */
static const char *split_name(struct arena *a, const char *text, const char **url)
{
    size_t len = strcspn(text, "=:/@[?#%");

    *url = text;
    if (text[len] != '=')
        return NULL;
    *url = text + len + 1;
    return arena_strndup(a, text, len);
}

/* The value that belongs to proxy number `i` (from 1); the last one given counts. */
static const char *value_of(const struct of_proxy *list, size_t n, size_t i)
{
    const char *value = NULL;

    for (size_t k = 0; k < n; k++) {
        if (list[k].proxy == i)
            value = list[k].value;
    }
    return value;
}

static int add_proxy(struct options *o, size_t i, struct fault *f)
{
    struct site_proxy *p = arena_new_of(o->arena, struct site_proxy);
    const char *url;
    struct fault why;

    p->name = split_name(o->arena, o->proxies[i], &url);
    if (proxy_parse(o->arena, url, p, &why) != 0)
        return inputs_fault_of(f, "proxy", &why);
    p->password_file = value_of(o->proxy_password_files, o->n_proxy_password_files, i + 1);
    p->ca_file = value_of(o->proxy_ca_files, o->n_proxy_ca_files, i + 1);
    p->client_cert = value_of(o->proxy_certs, o->n_proxy_certs, i + 1);
    p->client_key = value_of(o->proxy_keys, o->n_proxy_keys, i + 1);
    if (inputs_anchors(o, "proxy-ca-file", p->ca_file, f) != 0 ||
        inputs_readable("proxy-cert", p->client_cert, f) != 0 ||
        inputs_readable("proxy-key", p->client_key, f) != 0)
        return -1;
    if (proxy_add(o->site, o->arena, p, &why) != 0 || proxy_check(p, &why) != 0)
        return inputs_fault_of(f, "proxy", &why);
    /* The site owns it now, and with it the secret. */
    if (p->password_file != NULL && secret_read_file(p->password_file, &p->password, &why) != 0)
        return inputs_fault_of(f, "proxy-password-file", &why);
    return 0;
}

int inputs_proxies(struct options *o, struct fault *f)
{
    if (o->n_proxies == 0)
        return 0;
    site_wipe(o->site);
    o->site->n_proxies = 0;
    for (size_t i = 0; i < o->n_proxies; i++) {
        if (add_proxy(o, i, f) != 0)
            return -1;
    }
    return 0;
}

int inputs_passwords(struct options *o, const struct secret *password, struct fault *f)
{
    for (size_t i = 0; i < o->site->n_proxies; i++) {
        struct site_proxy *p = o->site->proxies[i];

        if (p->user == NULL || p->password != NULL)
            continue;
        if (password != NULL) {
            p->password = secret_new(secret_text(password), secret_len(password));
            if (p->password == NULL)
                return fault_set(f, "no memory left for a password; free some");
        } else if (!isatty(STDIN_FILENO)) {
            return fault_set(f,
                             "proxy %s has a user, but no password; give --proxy-password-file "
                             "FILE behind its --proxy, password_file in the site file, or the "
                             "variable HOPPROOF_PROXY_PASSWORD",
                             p->name);
        } else if (prompt_password(
                       arena_printf(o->arena, "Password of %s for proxy %s: ", p->user, p->name),
                       &p->password, f) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < o->site->n_proxies; i++) {
        if (o->site->proxies[i]->password != NULL)
            inputs_leave_no_core_file();
    }
    return 0;
}
