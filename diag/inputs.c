/* inputs: see inputs.h. */
#include "diag/inputs.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/base/text.h"
#include "diag/base/vault.h"
#include "diag/model/method.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/prompt.h"
#include "diag/site/anchor_file.h"
#include "diag/site/endpoints.h"
#include "diag/site/profile.h"
#include "diag/site/proxy.h"
#include "diag/site/site_file.h"
#include "diag/site/system.h"
#include "diag/site/url.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A fault of a reader, with the option that it is about in front. */
static int fault_of(struct fault *f, const char *option, const struct fault *why)
{
    return fault_set(f, "--%s: %s", option, why->text);
}

static int check_readable(const char *option, const char *path, struct fault *f)
{
    if (path == NULL || access(path, R_OK) == 0)
        return 0;
    return fault_set(f, "--%s: %.300s cannot be read: %s; correct the path", option, path,
                     strerror(errno));
}

static int check_anchors(const struct options *o, const char *option, const char *path,
                         struct fault *f)
{
    struct fault why;

    if (path == NULL)
        return 0;
    if (check_readable(option, path, f) != 0)
        return -1;
    return anchor_file_check(o->arena, path, &why) == 0 ? 0 : fault_of(f, option, &why);
}

/* --- endpoints --- */

static int add_profile(struct endpoints *e, const char *name, struct fault *f)
{
    const struct profile *profile;
    struct fault why;

    profile = profile_find(name, &why);
    if (profile == NULL || profile_add(profile, e, &why) != 0)
        return fault_of(f, "profile", &why);
    return 0;
}

/*
 * `hopproof check plant.yaml` would say that plant.yaml does not exist in DNS. Only what has a
 * file's ending and lies there is refused: a folder may well bear a host's name.
 */
static int refuse_file(struct arena *a, const char *argument, struct fault *f)
{
    static const struct {
        const char *ending, *advice;
    } rows[] = {
        {".yaml", "give it with --site"},
        {".yml", "give it with --site"},
        {".json",
         "give a list of endpoints with --endpoints; hopproof report draws a saved report"},
        {".csv", "give it with --endpoints"},
        {".txt", "give it with --endpoints"},
        {".pcapng", "hopproof analyze reads a capture"},
        {".pcap", "hopproof analyze reads a capture"},
        {".conf", "hopproof audit reads a proxy's configuration"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (text_ends_with_nocase(argument, rows[i].ending) && access(argument, F_OK) == 0)
            return fault_set(f, "\"%s\" is a file, not an endpoint; %s",
                             text_printable(a, argument, strlen(argument), 400), rows[i].advice);
    }
    return 0;
}

/* What the command line names; `from_file` lends what it knows of the same endpoints. */
static int given_endpoints(struct options *o, bool positional, struct endpoints *from_file,
                           struct endpoints **out, struct fault *f)
{
    struct endpoints *e = endpoints_new(o->arena);

    for (size_t i = 0; positional && i < o->n_args; i++) {
        if (refuse_file(o->arena, o->args[i], f) != 0 ||
            endpoints_add(e, o->args[i], strlen(o->args[i]), NULL, "command line", f) != 0)
            return -1;
    }
    for (size_t i = 0; i < o->n_endpoints_files; i++) {
        if (endpoints_add_file(e, o->endpoints_files[i], f) != 0)
            return -1;
    }
    for (size_t i = 0; i < o->n_profiles; i++) {
        if (add_profile(e, o->profiles[i], f) != 0)
            return -1;
    }
    if (endpoints_count(e) == 0) {
        *out = from_file;
        return 0;
    }
    endpoints_borrow(e, from_file);
    *out = e;
    return 0;
}

static const char *default_profile(const struct site *s)
{
    const struct method_info *method = method_find(s->method);

    return method != NULL ? method->profile : PROFILE_DEFAULT;
}

/* The hub that the sensor is to leave: looked at too, and none that decides. */
static int add_legacy_hub(struct options *o, struct endpoints *e, struct fault *f)
{
    static const struct endpoint_facts facts = {.service = "Legacy IoT hub", .optional = true};
    struct site *s = o->site;
    struct target target;
    struct fault why;

    s->migration = s->migration || o->legacy_hub != NULL || (o->command->bit & CMD_MIGRATE) != 0;
    if (o->legacy_hub != NULL)
        s->legacy_hub = o->legacy_hub;
    if (s->legacy_hub == NULL)
        return 0;
    if (target_parse(o->arena, s->legacy_hub, strlen(s->legacy_hub), &target, &why) != 0 ||
        target_fits_hub(&target, &why) != 0)
        return fault_set(f, "--legacy-hub: %s", why.text);
    if (endpoints_add(e, s->legacy_hub, strlen(s->legacy_hub), &facts, "legacy hub", f) != 0)
        return -1;
    s->legacy_hub = addr_host_port(o->arena, target.host.text, target.port > 0 ? target.port : 443);
    return 0;
}

static int read_endpoints(struct options *o, bool live, struct endpoints *from_file,
                          struct fault *f)
{
    bool positional = live && (o->command->bit & CMD_MIGRATE) == 0;
    struct endpoints *e;

    if (given_endpoints(o, positional, from_file, &e, f) != 0)
        return -1;
    if (live && endpoints_count(e) == 0 && add_profile(e, default_profile(o->site), f) != 0)
        return -1;
    if (add_legacy_hub(o, e, f) != 0)
        return -1;
    endpoints_give(e, o->site);
    if (positional)
        o->n_args = 0; /* they are in the site now */
    return 0;
}

int inputs_default_endpoints(struct options *o, struct fault *f)
{
    struct endpoints *e;

    if (o->site->n_endpoints > 0)
        return 0;
    e = endpoints_new(o->arena);
    if (add_profile(e, default_profile(o->site), f) != 0)
        return -1;
    endpoints_give(e, o->site);
    return 0;
}

/* --- proxies --- */

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
        return fault_of(f, "proxy", &why);
    p->password_file = value_of(o->proxy_password_files, o->n_proxy_password_files, i + 1);
    p->ca_file = value_of(o->proxy_ca_files, o->n_proxy_ca_files, i + 1);
    p->client_cert = value_of(o->proxy_certs, o->n_proxy_certs, i + 1);
    p->client_key = value_of(o->proxy_keys, o->n_proxy_keys, i + 1);
    if (check_anchors(o, "proxy-ca-file", p->ca_file, f) != 0 ||
        check_readable("proxy-cert", p->client_cert, f) != 0 ||
        check_readable("proxy-key", p->client_key, f) != 0)
        return -1;
    if (proxy_add(o->site, o->arena, p, &why) != 0 || proxy_check(p, &why) != 0)
        return fault_of(f, "proxy", &why);
    /* The site owns it now, and with it the secret. */
    if (p->password_file != NULL && secret_read_file(p->password_file, &p->password, &why) != 0)
        return fault_of(f, "proxy-password-file", &why);
    return 0;
}

static int read_proxies(struct options *o, struct fault *f)
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

/*
 * The pages of a secret are in no core file, but a request with credentials and what the TLS
 * library keeps stand in ordinary memory for a while. So there is none of this process from now on.
 */
static void leave_no_core_file(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0);
}

/* One password for all proxies that have none of their own, or an answer of the user for each. */
static int read_passwords(struct options *o, const struct secret *password, struct fault *f)
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
            leave_no_core_file();
    }
    return 0;
}

/* --- the rest --- */

static int read_resolvers(struct options *o, struct fault *f)
{
    struct site *s = o->site;

    if (o->n_resolvers > 0)
        s->n_resolvers = 0;
    for (size_t i = 0; i < o->n_resolvers; i++) {
        struct site_resolver *r = arena_new_of(o->arena, struct site_resolver);

        if (!addr_parse_port(o->resolvers[i], 53, &r->addr))
            return fault_set(
                f,
                "--resolver: \"%s\" is no address of a DNS server; give ADDR or "
                "ADDR:PORT",
                text_printable(o->arena, o->resolvers[i], strlen(o->resolvers[i]), 80));
        r->source = "--resolver";
        list_push(o->arena, s->resolvers, s->n_resolvers, r);
        s->resolvers_given = true;
    }
    return 0;
}

static int read_ntp(struct options *o, struct fault *f)
{
    struct fault why;

    if (o->n_ntp > 0)
        o->site->n_ntp = 0;
    for (size_t i = 0; i < o->n_ntp; i++) {
        if (site_add_ntp(o->site, o->arena, o->ntp[i], &why) != 0)
            return fault_of(f, "ntp", &why);
    }
    return 0;
}

static int read_routes(struct options *o, struct fault *f)
{
    struct site *s = o->site;
    struct fault why;

    if (o->chain != NULL) {
        int chain = names_value(&chain_names, o->chain);

        if (chain < 0)
            return fault_set(f, "--chain: \"%.40s\" is not known; give forwarded or nested",
                             o->chain);
        s->chain = (enum chain)chain;
    }
    if (o->n_routes > 0) {
        s->routes = o->routes;
        s->n_routes = o->n_routes;
    }
    if (o->required_route != NULL)
        s->required_route = o->required_route;
    /* The site file's routes too: flags may have replaced the proxies that they name. */
    for (size_t i = 0; i < s->n_routes; i++) {
        if (route_check(s, s->routes[i], &why) != 0)
            return fault_set(f, "%s: %s", o->n_routes > 0 ? "--route" : "routes of the site file",
                             why.text);
    }
    if (s->required_route != NULL && route_check(s, s->required_route, &why) != 0)
        return fault_set(f, "%s: %s",
                         o->required_route != NULL ? "--require" : "require of the site file",
                         why.text);
    return 0;
}

static int check_interface(const struct site *s, struct fault *f)
{
    struct if_nameindex *all;
    char known[300] = "";
    size_t end = 0;

    if (s->interface == NULL || if_nametoindex(s->interface) != 0)
        return 0;
    all = if_nameindex();
    for (struct if_nameindex *i = all; i != NULL && i->if_index != 0 && end < sizeof known; i++)
        end += (size_t)snprintf(known + end, sizeof known - end, "%s%s", end > 0 ? ", " : "",
                                i->if_name);
    if (all != NULL)
        if_freenameindex(all);
    return fault_set(f, "interface %.40s does not exist on this machine; there are %s",
                     s->interface, end > 0 ? known : "none that can be listed");
}

static int read_wishes(struct options *o, struct fault *f)
{
    struct site *s = o->site;

    if (o->interface != NULL) {
        s->interface = o->interface;
        s->interface_given = true;
    }
    if (o->ca_file != NULL)
        s->ca_file = o->ca_file;
    if (o->service_tags != NULL)
        s->service_tags = o->service_tags;
    if (o->timeout_us != 0)
        s->timeout_us = o->timeout_us;
    if (o->deadline_us != 0)
        s->deadline_us = o->deadline_us;
    if (o->idle_us != 0)
        s->idle_us = o->idle_us;
    if (o->attempts != 0)
        s->attempts = o->attempts;
    if (o->parallel != 0)
        s->parallel = o->parallel;
    if (o->proxy_parallel != 0)
        s->proxy_parallel = o->proxy_parallel;
    s->app = s->app || o->app;
    s->revocation = s->revocation || o->revocation;
    s->large_hello = s->large_hello || o->large_hello;
    s->capture = s->capture && !o->no_capture;
    s->experiments = s->experiments && !o->no_experiments;
    if (o->trace && (o->no_trace || o->no_experiments))
        return fault_set(f, "--trace and --%s contradict each other; leave one out",
                         o->no_trace ? "no-trace" : "no-experiments");
    s->trace = o->trace || (s->trace && !o->no_trace);
    s->trace_optional = o->trace;
    if (s->deadline_us > 0 && s->idle_us >= s->deadline_us)
        return fault_set(f,
                         "connections cannot idle for %g s (idle) in a run of at most %g s "
                         "(deadline); give the run that much more time than its tests need",
                         (double)s->idle_us / 1e6, (double)s->deadline_us / 1e6);
    if (check_anchors(o, "ca-file", o->ca_file, f) != 0 ||
        check_readable("service-tags", o->service_tags, f) != 0)
        return -1;
    return 0;
}

/*
 * TLS secrets are written only into recorded packets, and never where names are to be hidden.
 */
static int read_keylog(struct options *o, struct fault *f)
{
    struct site *s = o->site;

    if (!o->keylog)
        return 0;
    if (o->redact)
        return fault_set(f, "--keylog opens what --redact hides; give one of them");
    if (!s->capture)
        return fault_set(f, "--keylog needs recorded packets; leave out --no-capture");
    if (o->pcap == NULL && (o->bundle == NULL || !o->no_redact))
        return fault_set(f, "--keylog puts TLS keys into recorded packets; add --pcap FILE, or "
                            "--bundle FILE with --no-redact");
    s->keylog = vault_new();
    s->keylog_credentials = o->pcap_credentials;
    if (s->keylog == NULL)
        return fault_set(f, "no memory left for TLS secrets; free some");
    leave_no_core_file();
    fputs(
        "hopproof: warning: --keylog: the recorded packets will hold the TLS secrets of this run; "
        "whoever has the file can read what was said on its connections\n",
        stderr);
    return 0;
}

/* Without its proxy, all that is left of the method is the direct way, of which it says nothing. */
static int check_method(const struct site *s, struct fault *f)
{
    const struct method_info *method = method_find(s->method);

    if (method == NULL || method->proxy != METHOD_PROXY_MUST || s->n_proxies > 0)
        return 0;
    return fault_set(f,
                     "method %s: no proxy is named; give it with --proxy URL or under proxies in "
                     "the site file",
                     method->word);
}

/* What only this machine, now, can tell. */
static int read_machine(struct options *o, struct fault *f)
{
    struct site *s = o->site;
    char name[256] = "";

    if (s->sensor == NULL && gethostname(name, sizeof name - 1) == 0 && name[0] != '\0')
        s->sensor = text_printable(o->arena, name, strlen(name), 100);
    if (!s->resolvers_given) {
        system_resolvers(s, o->arena, SYSTEM_RESOLV_CONF, SYSTEM_UPSTREAMS);
        system_hosts(s, o->arena, SYSTEM_HOSTS);
    }
    return check_interface(s, f);
}

/* Before the endpoints: their default follows from it. */
static int read_method(struct options *o, struct fault *f)
{
    const struct method_info *method = method_find(o->method);
    char known[120] = "";
    size_t end = 0;

    if (o->method == NULL)
        return 0;
    if (method != NULL) {
        o->site->method = method->word;
        return 0;
    }
    for (size_t i = 0; i < method_names.n && end < sizeof known; i++)
        end += (size_t)snprintf(known + end, sizeof known - end, "%s%s", i > 0 ? ", " : "",
                                method_names.words[i]);
    return fault_set(f, "--method: \"%s\" is not known; use one of %s",
                     text_printable(o->arena, o->method, strlen(o->method), 40), known);
}

int inputs_read(struct options *o, const struct secret *password, struct fault *f)
{
    bool live = (o->command->bit & CMD_CHECK) != 0;
    struct endpoints *from_file = endpoints_new(o->arena);

    o->site = arena_new_of(o->arena, struct site);
    site_defaults(o->site);
    if (o->site_file != NULL && site_file_read(o->site_file, o->arena, o->site, from_file, f) != 0)
        return -1;
    if (read_method(o, f) != 0 || read_endpoints(o, live, from_file, f) != 0 ||
        read_proxies(o, f) != 0 || read_routes(o, f) != 0 || read_resolvers(o, f) != 0 ||
        read_ntp(o, f) != 0 || read_wishes(o, f) != 0)
        return -1;
    if (!live)
        return 0;
    if (check_method(o->site, f) != 0 || read_machine(o, f) != 0 || read_keylog(o, f) != 0)
        return -1;
    return read_passwords(o, password, f); /* last: nobody likes to type one for nothing */
}
