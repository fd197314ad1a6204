/* again: see again.h. */
#include "diag/again.h"

#include "diag/base/arena.h"
#include "diag/model/report.h"
#include "diag/model/site.h"
#include "diag/options.h"

static void add(struct report *r, const char *word)
{
    list_push(r->arena, r->run->again, r->run->n_again, word);
}

static void add_value(struct report *r, const char *option, const char *value)
{
    if (value != NULL)
        add(r, arena_printf(r->arena, "--%s=%s", option, value));
}

static void add_seconds(struct report *r, const char *option, int64_t us)
{
    if (us > 0)
        add(r, arena_printf(r->arena, "--%s=%g", option, (double)us / 1e6));
}

static void add_flag(struct report *r, const char *option, bool given)
{
    if (given)
        add(r, arena_printf(r->arena, "--%s", option));
}

/* The URLs as the site keeps them: user names yes, passwords no (proxy_parse refuses them). */
static void add_proxies(const struct options *o, struct report *r)
{
    for (size_t i = 0; i < o->n_proxies && i < o->site->n_proxies; i++) {
        const struct site_proxy *p = o->site->proxies[i];

        add(r, arena_printf(r->arena, "--proxy=%s=%s", p->name, p->url));
        add_value(r, "proxy-password-file", p->password_file);
        add_value(r, "proxy-ca-file", p->ca_file);
        add_value(r, "proxy-cert", p->client_cert);
        add_value(r, "proxy-key", p->client_key);
    }
    add_value(r, "chain", o->chain);
}

void again_note(const struct options *o, struct report *r)
{
    add_value(r, "site", o->site_file);
    add_proxies(o, r);
    for (size_t i = 0; i < o->n_resolvers; i++)
        add_value(r, "resolver", o->resolvers[i]);
    add_value(r, "interface", o->interface);
    add_value(r, "ca-file", o->ca_file);
    add_value(r, "service-tags", o->service_tags);
    add_seconds(r, "timeout", o->timeout_us);
    if (o->attempts > 0)
        add(r, arena_printf(r->arena, "--attempts=%llu", (unsigned long long)o->attempts));
    add_flag(r, "app", o->app);
    add_flag(r, "large-hello", o->large_hello);
    add_flag(r, "no-experiments", o->no_experiments);
}
