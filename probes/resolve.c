/*
 * resolve: see resolve.h. Which answer counts follows the C library's order (resolv.conf(5)):
 * the hosts file, then the first resolver that gives a definite answer; failures, refusals and
 * silence pass to the next.
 */
#include "probes/resolve.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/fault.h"
#include "diag/model/dns_outcome.h"
#include "probes/dns_channel.h"
#include "probes/loop.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* A later resolver's answer is taken when the earlier ones have been silent for so long. */
#define EARLIER_PATIENCE_US 400000
/* 2 queries each: resolvers and receive buffers lose what is asked all at once. */
#define NAMES_IN_FLIGHT 64

struct waiter {
    struct waiter *next;
    resolved_fn *done;
    void *arg;
};

struct name {
    UT_hash_handle hh;
    struct name *next; /* in the queue */
    struct resolve *resolve;
    struct resolved out;
    struct step **by_resolver; /* the tail of out.steps */
    unsigned *queries_left;    /* per resolver */
    unsigned resolvers_left;
    bool chosen;
    struct waiter *waiters;
    struct watch *patience;
};

/* One query in flight. */
struct query {
    struct name *name;
    size_t resolver;
};

struct resolve {
    struct loop *loop;
    struct report *report;
    const struct site *site;
    int64_t epoch_us;
    struct dns_channel **channels;
    struct name *names; /* by name */
    struct name *queue, **queue_tail;
    unsigned in_flight;
    bool starting, closing;
    void (*on_idle)(void *arg);
    void *on_idle_arg;
};

struct resolve *resolve_new(struct loop *l, struct report *r, const struct site *s,
                            int64_t epoch_us, struct fault *f)
{
    struct resolve *resolve = calloc(1, sizeof *resolve);

    if (resolve == NULL) {
        fault_set(f, "out of memory; free some memory");
        return NULL;
    }
    *resolve = (struct resolve){.loop = l, .report = r, .site = s, .epoch_us = epoch_us};
    resolve->queue_tail = &resolve->queue;
    resolve->channels = arena_alloc(r->arena, (s->n_resolvers + 1) * sizeof *resolve->channels);
    for (size_t i = 0; i < s->n_resolvers; i++) {
        resolve->channels[i] = dns_channel_new(l, r, &s->resolvers[i]->addr, s->timeout_us, f);
        if (resolve->channels[i] == NULL) {
            resolve_free(resolve);
            return NULL;
        }
    }
    return resolve;
}

void resolve_free(struct resolve *r)
{
    struct name *n, *next;

    if (r == NULL)
        return;
    r->closing = true;
    for (size_t i = 0; i < r->site->n_resolvers; i++)
        dns_channel_free(r->channels[i]);
    HASH_ITER(hh, r->names, n, next)
    {
        HASH_DEL(r->names, n);
        watch_free(n->patience);
    }
    free(r);
}

/* --- choosing the answer --- */

static void add_address(struct arena *a, struct resolved *out, const struct addr *address)
{
    for (size_t i = 0; i < out->n_addresses; i++) {
        if (addr_same_ip(&out->addresses[i], address))
            return;
    }
    list_push(a, out->addresses, out->n_addresses, *address);
}

/* Take the addresses of a step; NULL: there is no answer to take. */
static void choose(struct name *n, struct step *step)
{
    struct arena *a = n->resolve->report->arena;
    struct waiter *w = n->waiters;

    n->chosen = true;
    watch_free(n->patience);
    n->patience = NULL;
    if (step != NULL) {
        struct dns_detail *d = step_dns(step);

        d->used = true;
        for (size_t i = 0; i < d->n_addresses; i++) {
            struct addr address;

            if (addr_parse(d->addresses[i], &address))
                add_address(a, &n->out, &address);
        }
    }
    n->waiters = NULL;
    while (w != NULL) {
        struct waiter *next = w->next;

        if (!n->resolve->closing)
            w->done(w->arg, &n->out);
        w = next;
    }
}

static void on_patience(void *arg, int what)
{
    struct name *n = arg;

    (void)what;
    for (size_t i = 0; i < n->resolve->site->n_resolvers; i++) {
        if (n->queries_left[i] == 0 && dns_outcome_is_definite(n->by_resolver[i]->outcome)) {
            choose(n, n->by_resolver[i]);
            return;
        }
    }
}

static void try_to_choose(struct name *n)
{
    struct resolve *r = n->resolve;
    bool all_before = true;

    if (n->chosen)
        return;
    for (size_t i = 0; i < r->site->n_resolvers; i++) {
        if (n->queries_left[i] > 0) {
            all_before = false;
            continue;
        }
        if (!dns_outcome_is_definite(n->by_resolver[i]->outcome))
            continue;
        if (all_before) {
            choose(n, n->by_resolver[i]);
            return;
        }
        if (n->patience == NULL) {
            n->patience = watch_new(r->loop, -1, on_patience, n);
            if (n->patience != NULL)
                watch_want(n->patience, 0, clock_monotonic_us() + EARLIER_PATIENCE_US);
        }
        return;
    }
    if (all_before)
        choose(n, NULL);
}

/* --- from lookups to a step --- */

static void finish_step(struct name *n, size_t resolver)
{
    struct step *s = n->by_resolver[resolver];
    struct dns_detail *d = step_dns(s);

    s->outcome = OUTCOME_NONE;
    for (size_t i = 0; i < d->n_lookups; i++) {
        struct lookup *l = d->lookups[i];

        if (s->outcome == OUTCOME_NONE ||
            dns_outcome_weight(l->outcome) > dns_outcome_weight(s->outcome))
            s->outcome = l->outcome;
        for (size_t k = 0; k < l->n_addresses; k++)
            list_push(n->resolve->report->arena, d->addresses, d->n_addresses, l->addresses[k]);
        if (l->duration_us > s->duration_us)
            s->duration_us = l->duration_us;
    }
    if (dns_outcome_weight(s->outcome) >= 30 && dns_outcome_weight(s->outcome) <= 40)
        dns_channel_way(n->resolve->channels[resolver], d);
}

static bool same_addresses(const struct dns_detail *a, const struct dns_detail *b)
{
    if (a->n_addresses != b->n_addresses)
        return false;
    for (size_t i = 0; i < a->n_addresses; i++) {
        bool found = false;

        for (size_t k = 0; k < b->n_addresses && !found; k++)
            found = strcmp(a->addresses[i], b->addresses[k]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* All resolvers have answered: who says something else than the answer that is used? */
static void note_disagreements(struct name *n)
{
    struct dns_detail *used = NULL;

    for (size_t i = 0; i < n->out.n_steps; i++) {
        if (step_dns(n->out.steps[i])->used)
            used = step_dns(n->out.steps[i]);
    }
    for (size_t i = 0; used != NULL && i < n->out.n_steps; i++) {
        struct step *s = n->out.steps[i];

        if (dns_outcome_is_definite(s->outcome) && !same_addresses(used, step_dns(s)))
            step_dns(s)->disagrees = true;
    }
}

/* --- queries --- */

static void start_queued(struct resolve *r);

static void tell_idle(struct resolve *r)
{
    if (!resolve_busy(r) && r->on_idle != NULL)
        r->on_idle(r->on_idle_arg);
}

static void on_lookup(void *arg)
{
    struct query *q = arg;
    struct name *n = q->name;
    struct resolve *r = n->resolve;
    size_t i = q->resolver;

    if (--n->queries_left[i] > 0)
        return;
    finish_step(n, i);
    if (--n->resolvers_left == 0)
        r->in_flight--;
    if (!r->closing)
        try_to_choose(n);
    if (n->resolvers_left == 0)
        note_disagreements(n);
    if (r->closing)
        return;
    start_queued(r);
    tell_idle(r);
}

static void ask(struct name *n, size_t resolver, const char *type)
{
    struct resolve *r = n->resolve;
    struct dns_detail *d = step_dns(n->by_resolver[resolver]);
    struct query *q = arena_new_of(r->report->arena, struct query);
    struct lookup *l = report_new_of(r->report, lookup);

    l->type = type;
    list_push(r->report->arena, d->lookups, d->n_lookups, l);
    *q = (struct query){.name = n, .resolver = resolver};
    dns_channel_ask(r->channels[resolver], n->out.name, l, on_lookup, q);
}

static void start_name(struct name *n)
{
    struct resolve *r = n->resolve;

    r->in_flight++;
    n->resolvers_left = (unsigned)r->site->n_resolvers;
    for (size_t i = 0; i < r->site->n_resolvers; i++) {
        n->queries_left[i] = 2;
        n->by_resolver[i]->started_us = clock_monotonic_us() - r->epoch_us;
        n->by_resolver[i]->duration_us = 0;
    }
    for (size_t i = 0; i < r->site->n_resolvers; i++) {
        ask(n, i, "A");
        ask(n, i, "AAAA");
    }
}

static void start_queued(struct resolve *r)
{
    if (r->starting)
        return; /* an answer that came at once: the loop below goes on, without recursion */
    r->starting = true;
    while (r->queue != NULL && r->in_flight < NAMES_IN_FLIGHT) {
        struct name *n = r->queue;

        r->queue = n->next;
        if (r->queue == NULL)
            r->queue_tail = &r->queue;
        start_name(n);
    }
    r->starting = false;
}

/* --- sources --- */

static struct step *add_step(struct name *n, const char *source, const char *address)
{
    struct report *r = n->resolve->report;
    struct step *s = step_new(r, STEP_RESOLVE);

    s->target = n->out.name;
    s->address = address;
    step_dns(s)->name = n->out.name;
    step_dns(s)->source = source;
    list_push(r->arena, n->out.steps, n->out.n_steps, s);
    return s;
}

/* What the hosts file says comes before every resolver, whether it is right or not. */
static struct step *look_into_hosts(struct name *n)
{
    struct resolve *r = n->resolve;
    const struct site_host *first;
    size_t count = site_hosts_lookup(r->site, n->out.name, &first);
    struct step *s;
    char text[ADDR_TEXT];

    if (count == 0)
        return NULL;
    s = add_step(n, "hosts-file", r->site->hosts_file);
    s->started_us = clock_monotonic_us() - r->epoch_us;
    s->duration_us = 0;
    s->outcome = OUTCOME_OK;
    for (size_t i = 0; i < count; i++) {
        list_push(r->report->arena, step_dns(s)->addresses, step_dns(s)->n_addresses,
                  arena_strdup(r->report->arena, addr_text(&first[i].addr, text)));
        list_push(r->report->arena, step_dns(s)->lines, step_dns(s)->n_lines,
                  (int64_t)first[i].line);
    }
    return s;
}

/* Lives in the arena: what stays until the end between blocks that come and go would scatter the
 * heap, and the allocator pays for it on every handshake. */
static struct name *name_new(struct resolve *r, const char *name)
{
    struct name *n = arena_alloc(r->report->arena, sizeof *n);
    struct addr literal;
    struct step *hosts;
    char text[ADDR_TEXT];
    size_t key_len = strlen(name);

    n->resolve = r;
    n->out.name = arena_strdup(r->report->arena, name);
    n->queries_left =
        arena_alloc(r->report->arena, (r->site->n_resolvers + 1) * sizeof *n->queries_left);
    HASH_ADD_KEYPTR(hh, r->names, n->out.name, key_len, n);
    if (addr_parse(name, &literal)) {
        list_push(r->report->arena, n->out.addresses, n->out.n_addresses, literal);
        n->chosen = true;
        return n;
    }
    hosts = look_into_hosts(n);
    for (size_t i = 0; i < r->site->n_resolvers; i++) {
        addr_port_text(&r->site->resolvers[i]->addr, text);
        add_step(n, "resolver", arena_strdup(r->report->arena, text));
    }
    n->by_resolver = n->out.steps + (hosts != NULL ? 1 : 0);
    if (hosts != NULL) {
        choose(n, hosts);
    } else if (r->site->n_resolvers == 0) {
        struct step *s = add_step(n, "resolver", NULL);

        s->started_us = clock_monotonic_us() - r->epoch_us;
        s->duration_us = 0;
        s->outcome = OUTCOME_DNS_NO_RESOLVER;
        n->chosen = true;
    }
    if (r->site->n_resolvers > 0) {
        *r->queue_tail = n;
        r->queue_tail = &n->next;
    }
    return n;
}

void resolve_name(struct resolve *r, const char *name, resolved_fn *done, void *arg)
{
    struct name *n;
    struct waiter *w;

    HASH_FIND_STR(r->names, name, n);
    if (n == NULL)
        n = name_new(r, name);
    if (n->chosen) {
        done(arg, &n->out);
    } else {
        w = arena_alloc(r->report->arena, sizeof *w);
        *w = (struct waiter){.next = n->waiters, .done = done, .arg = arg};
        n->waiters = w;
    }
    start_queued(r);
}

/* --- the experiments "dns-tcp" and "dns-unchecked" --- */

/* A step of one resolver, and how many of its queries run. */
struct experiment_query {
    struct resolve *resolve;
    struct step *step;
    unsigned left;
};

static void on_experiment_lookup(void *arg)
{
    struct experiment_query *q = arg;
    struct resolve *r = q->resolve;
    struct dns_detail *d = step_dns(q->step);

    if (--q->left > 0)
        return;
    for (size_t i = 0; i < d->n_lookups; i++) {
        const struct lookup *l = d->lookups[i];

        q->step->outcome =
            l->outcome; /* the last one's: what the experiment changes stands there */
        if (l->duration_us > q->step->duration_us)
            q->step->duration_us = l->duration_us;
        for (size_t k = 0; k < l->n_addresses; k++)
            list_push(r->report->arena, d->addresses, d->n_addresses, l->addresses[k]);
    }
    r->in_flight--;
    if (!r->closing)
        tell_idle(r);
}

/* The site's resolver that this step asked; the number of resolvers when it is none. */
static size_t resolver_of(const struct resolve *r, const struct step *s)
{
    size_t i = 0;
    char text[ADDR_TEXT];

    while (i < r->site->n_resolvers &&
           (s->address == NULL ||
            strcmp(addr_port_text(&r->site->resolvers[i]->addr, text), s->address) != 0))
        i++;
    return i;
}

/* The same question as in `after`, in `n` lookups of a new step at the end of `result`. */
static struct experiment_query *experiment_new(struct resolve *r, const struct step *after,
                                               enum experiment what, unsigned n,
                                               struct result *result)
{
    struct arena *a = r->report->arena;
    struct experiment_query *q = arena_new_of(a, struct experiment_query);

    q->resolve = r;
    q->left = n;
    q->step = step_new(r->report, STEP_RESOLVE);
    q->step->experiment = what;
    q->step->target = after->target;
    q->step->address = after->address;
    q->step->started_us = clock_monotonic_us() - r->epoch_us;
    q->step->duration_us = 0;
    step_dns(q->step)->name = after->target;
    step_dns(q->step)->source = "resolver";
    list_push(a, result->steps, result->n_steps, q->step);
    for (unsigned i = 0; i < n; i++) {
        struct lookup *l = report_new_of(r->report, lookup);

        l->type = "A";
        list_push(a, step_dns(q->step)->lookups, step_dns(q->step)->n_lookups, l);
    }
    r->in_flight++;
    return q;
}

bool resolve_over_tcp(struct resolve *r, const struct step *after, struct result *result)
{
    size_t i = resolver_of(r, after);
    struct experiment_query *q;

    if (i == r->site->n_resolvers || after->target == NULL)
        return false;
    q = experiment_new(r, after, EXPERIMENT_DNS_TCP, 1, result);
    dns_channel_ask_tcp(r->channels[i], after->target, step_dns(q->step)->lookups[0],
                        on_experiment_lookup, q);
    return true;
}

bool resolve_unchecked(struct resolve *r, const struct step *after, struct result *result)
{
    size_t i = resolver_of(r, after);
    struct experiment_query *q;

    if (i == r->site->n_resolvers || after->target == NULL)
        return false;
    q = experiment_new(r, after, EXPERIMENT_DNS_UNCHECKED, 2, result);
    step_dns(q->step)->lookups[1]->unchecked = true;
    for (int k = 0; k < 2; k++)
        dns_channel_ask_edns(r->channels[i], after->target, step_dns(q->step)->lookups[k],
                             on_experiment_lookup, q);
    return true;
}

bool resolve_busy(const struct resolve *r)
{
    return r->in_flight > 0 || r->queue != NULL;
}

void resolve_on_idle(struct resolve *r, void (*fn)(void *arg), void *arg)
{
    r->on_idle = fn;
    r->on_idle_arg = arg;
}
