/* inputs: see inputs.h. */
#include "diag/inputs.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/base/vault.h"
#include "diag/inputs_parts.h"
#include "diag/model/method.h"
#include "diag/model/site.h"
#include "diag/options.h"
#include "diag/site/anchor_file.h"
#include "diag/site/endpoints.h"
#include "diag/site/proxy.h"
#include "diag/site/site_file.h"
#include "diag/site/system.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int inputs_fault_of(struct fault *f, const char *option, const struct fault *why)
{
    return fault_set(f, "--%s: %s", option, why->text);
}

int inputs_readable(const char *option, const char *path, struct fault *f)
{
    if (path == NULL || access(path, R_OK) == 0)
        return 0;
    return fault_set(f, "--%s: %.300s cannot be read: %s; correct the path", option, path,
                     strerror(errno));
}

int inputs_anchors(const struct options *o, const char *option, const char *path, struct fault *f)
{
    struct fault why;

    if (path == NULL)
        return 0;
    if (inputs_readable(option, path, f) != 0)
        return -1;
    return anchor_file_check(o->arena, path, &why) == 0 ? 0 : inputs_fault_of(f, option, &why);
}

void inputs_leave_no_core_file(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0);
}

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
            return inputs_fault_of(f, "ntp", &why);
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
    if (inputs_anchors(o, "ca-file", o->ca_file, f) != 0 ||
        inputs_readable("service-tags", o->service_tags, f) != 0)
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
    inputs_leave_no_core_file();
    fputs(
        "hopproof: warning: --keylog: the recorded packets will hold the TLS secrets of this run; "
        "whoever has the file can read what was said on its connections\n",
        stderr);
    return 0;
}

/* Scripts ask for packets always; the run is worth more than their consistency. */
static void warn_of_packets(const struct options *o)
{
    if (o->no_capture && o->pcap != NULL)
        fputs("hopproof: warning: --no-capture: nothing is recorded, so --pcap writes no file\n",
              stderr);
    else if (o->pcap_credentials && o->pcap == NULL && (o->bundle == NULL || !o->no_redact))
        fputs("hopproof: warning: --pcap-credentials: no packets are kept that could show any; add "
              "--pcap FILE, or --bundle FILE with --no-redact\n",
              stderr);
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
    if (read_method(o, f) != 0 || inputs_endpoints(o, live, from_file, f) != 0 ||
        inputs_proxies(o, f) != 0 || read_routes(o, f) != 0 || read_resolvers(o, f) != 0 ||
        read_ntp(o, f) != 0 || read_wishes(o, f) != 0)
        return -1;
    if (!live)
        return 0;
    if (check_method(o->site, f) != 0 || read_machine(o, f) != 0 || read_keylog(o, f) != 0)
        return -1;
    warn_of_packets(o);
    return inputs_passwords(o, password, f); /* last: nobody likes to type one for nothing */
}
