/*
 * runner_search: names as the C library asks for them: a single label in each domain of the search
 * list, then alone (resolv.conf(5), ndots:1); see runner_parts.h.
 */
#include "diag/runner_parts.h"

#include "diag/base/arena.h"

#include <string.h>

struct search {
    struct runner *runner;
    const char *host;
    size_t tried; /* domains */
    resolved_fn *done;
    void *arg;
};

static void ask_next(struct search *s);

static void on_resolved(void *arg, const struct resolved *resolved)
{
    struct search *s = arg;

    if (resolved->n_addresses == 0 && s->tried <= s->runner->site->n_search)
        ask_next(s); /* the next domain, or the name alone */
    else
        s->done(s->arg, resolved);
}

static void ask_next(struct search *s)
{
    const struct site *site = s->runner->site;
    const char *name = s->host;

    if (s->tried < site->n_search)
        name = arena_printf(s->runner->report->arena, "%s.%s", s->host, site->search[s->tried]);
    s->tried++;
    resolve_name(s->runner->resolve, name, on_resolved, s);
}

void runner_resolve(struct runner *r, const char *host, resolved_fn *done, void *arg)
{
    const struct site_host *in_file;
    struct addr literal;
    struct search *s;

    /* What the hosts file has is not searched for. */
    if (strchr(host, '.') != NULL || addr_parse(host, &literal) ||
        site_hosts_lookup(r->site, host, &in_file) != 0) {
        resolve_name(r->resolve, host, done, arg);
        return;
    }
    s = arena_new_of(r->report->arena, struct search);
    *s = (struct search){.runner = r, .host = host, .done = done, .arg = arg};
    ask_next(s);
}
