/* join: see join.h. Steps find their flows by addresses, ports and time. */
#include "diag/join.h"

#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/text.h"
#include "diag/proto/dns.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/*
 * The sockets' clock and the kernel's time stamps agree to less than this; ports are not used
 * again so soon.
 */
static const int64_t slack_us = 2000000;

enum {
    NAME_SLOTS = 4096,
    NAME_SHOWN = 300,
    LOOKUPS_KEPT = 16, /* exchanges of one step and type that are listed, of each fate */
};

/* DNS exchanges by name and type. */
struct names_index {
    uint32_t slots[NAME_SLOTS]; /* index + 1 of the first */
    uint32_t *next;             /* index + 1 of the next with the same slot */
};

struct joining {
    struct report *report;
    const struct wire_file *file;
    int64_t epoch_us;
    struct names_index *names;
};

int64_t join_epoch(const struct report *r)
{
    const char *started = r->run->started;
    int64_t seconds = started == NULL ? INT64_MIN : clock_parse_rfc3339(started), us = 0,
            unit = 100000;
    const char *dot = started == NULL ? NULL : strchr(started, '.');

    if (seconds == INT64_MIN)
        return INT64_MIN;
    for (const char *p = dot == NULL ? "" : dot + 1; *p >= '0' && *p <= '9'; p++, unit /= 10)
        us += (*p - '0') * unit;
    return seconds * 1000000 + us;
}

static unsigned name_hash(const char *name, const char *type)
{
    unsigned h = 5381;

    for (; *name != '\0'; name++) /* letters in either case are equal: RFC 4343 */
        h = h * 33 + (unsigned char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name);
    return (h * 33 + (unsigned)strlen(type)) % NAME_SLOTS;
}

static const char *type_name(const struct wire_dns *d)
{
    const char *name = dns_type_name(d->type);

    return name != NULL ? name : "";
}

static void index_names(struct joining *j)
{
    struct arena *a = j->report->arena;

    j->names = arena_new_of(a, struct names_index);
    j->names->next = arena_alloc(a, (j->file->n_dns + 1) * sizeof *j->names->next);
    for (size_t i = j->file->n_dns; i-- > 0;) { /* backwards, so that chains are in order */
        const struct wire_dns *d = j->file->dns[i];
        uint32_t *slot = &j->names->slots[name_hash(d->name, type_name(d))];

        j->names->next[i] = *slot;
        *slot = (uint32_t)i + 1;
    }
}

/* Index of the flow in the wire, added if it is not there. */
static int64_t flow_index(struct joining *j, struct wire *wire, const struct wire_flow *w)
{
    struct flow *f = join_flow(j->report, j->file, w, j->epoch_us);

    for (size_t i = 0; i < wire->n_flows; i++) {
        if (strcmp(wire->flows[i]->src, f->src) == 0 && strcmp(wire->flows[i]->dst, f->dst) == 0 &&
            wire->flows[i]->started_us == f->started_us)
            return (int64_t)i;
    }
    list_push(j->report->arena, wire->flows, wire->n_flows, f);
    join_notes(j->report, wire, j->file, w);
    return (int64_t)wire->n_flows - 1;
}

/* The step as this result's own: shared steps have been given to another result's flow. */
static struct step *own_step(struct joining *j, struct result *result, size_t i)
{
    struct step *s = result->steps[i], *copy;

    if (s->flow == INT_UNKNOWN)
        return s;
    copy = report_new_of(j->report, step);
    *copy = *s;
    copy->flow = INT_UNKNOWN;
    result->steps[i] = copy;
    return copy;
}

/* --- connections --- */

/* The flow that was open when the step ran. */
static const struct wire_flow *flow_of_sock(const struct joining *j, const struct step *s,
                                            const struct sock *sock)
{
    int64_t start = j->epoch_us + s->started_us;
    struct addr local, remote;
    const struct wire_flow *w, *newest;

    if (sock == NULL || sock->local == NULL || sock->remote == NULL ||
        !addr_parse_port(sock->local, 0, &local) || !addr_parse_port(sock->remote, 0, &remote))
        return NULL;
    newest = wire_find(j->file, IPPROTO_TCP, &local, &remote);
    for (w = newest; w != NULL; w = wire_older(j->file, w)) { /* ends: older ones were before */
        if (s->started_us == INT_UNKNOWN || w->first_us <= start + slack_us)
            return w;
    }
    /* The only one it can be: the clock was set while the run was on. */
    return newest != NULL && wire_older(j->file, newest) == NULL ? newest : NULL;
}

/* All steps of one probe share its connection; any that knows the socket tells the rest. */
static const struct wire_flow *flow_of_probe(const struct joining *j, const struct result *result,
                                             const struct step *s)
{
    const struct wire_flow *w = flow_of_sock(j, s, step_sock(s));

    for (size_t i = 0; w == NULL && s->probe != INT_UNKNOWN && i < result->n_steps; i++) {
        const struct step *other = result->steps[i];

        if (other->probe == s->probe && other->step != STEP_RESOLVE)
            w = flow_of_sock(j, other, step_sock(other));
    }
    return w;
}

/* --- DNS --- */

static const struct wire_dns *next_exchange(const struct joining *j, const struct step *s,
                                            const struct lookup *l, uint32_t *at)
{
    const char *name = step_dns(s)->name;
    int64_t start = j->epoch_us + s->started_us;
    struct addr server;
    bool has_server = s->address != NULL && addr_parse_port(s->address, 53, &server);

    while (*at != 0) { /* ends: goes down a chain */
        const struct wire_dns *d = j->file->dns[*at - 1];

        *at = j->names->next[*at - 1];
        if (strcmp(type_name(d), l->type) != 0 || !dns_same_name(d->name, name))
            continue;
        if (has_server && !addr_equal(&d->server, &server))
            continue;
        if (s->started_us != INT_UNKNOWN && d->asked_us < start - slack_us)
            continue;
        return d;
    }
    return NULL;
}

/*
 * Add the exchanges of the step; its own flow is the first that was not answered, else the first. A
 * sensor asks for the same name all day long: many more of the same tell nothing new.
 */
static void join_lookups(struct joining *j, struct wire *wire, struct step *s)
{
    struct report *r = j->report;
    const struct dns_detail *d = step_dns(s);
    bool silent = false;
    size_t left = 0;

    for (size_t i = 0; i < d->n_lookups && d->name != NULL; i++) {
        const struct lookup *l = d->lookups[i];
        uint32_t at = l->type == NULL ? 0 : j->names->slots[name_hash(d->name, l->type)];
        const struct wire_dns *w;
        size_t kept[2] = {0, 0};

        while (at != 0 && (w = next_exchange(j, s, l, &at)) != NULL) {
            if (kept[w->answered] == LOOKUPS_KEPT) {
                left++;
                continue;
            }
            kept[w->answered]++;
            list_push(r->arena, wire->flows, wire->n_flows,
                      join_dns_flow(r, j->file, w, j->epoch_us));
            if (s->flow == INT_UNKNOWN || (!silent && !w->answered)) {
                s->flow = (int64_t)wire->n_flows - 1;
                silent = !w->answered;
            }
        }
    }
    if (left > 0)
        list_push(r->arena, wire->notes, wire->n_notes,
                  arena_printf(r->arena, "%zu further questions for %s like those listed", left,
                               text_printable(r->arena, d->name, strlen(d->name), NAME_SHOWN)));
}

/* --- results --- */

/* Did the packets show the connection doing what it was for? */
static bool went_through(const struct wire_flow *w, bool with_tls)
{
    const struct wire_talk *talk = w->talk;

    if (with_tls)
        return talk != NULL && talk->tls != NULL && talk->tls->finished;
    return w->side[0].bytes > 0 && w->side[1].bytes > 0;
}

static bool has_tls(const struct result *result, int64_t probe)
{
    for (size_t i = 0; i < result->n_steps; i++) {
        if (result->steps[i]->probe == probe && result->steps[i]->step == STEP_TLS)
            return true;
    }
    return false;
}

/* A DNS exchange alone is no sight of a connection that worked elsewhere. */
static void forget_lookups(struct result *result, struct wire *wire)
{
    bool connected = false;

    for (size_t i = 0; i < wire->n_flows; i++) {
        if (wire->flows[i]->syns != INT_UNKNOWN)
            return; /* a connection was seen */
    }
    for (size_t i = 0; i < result->n_steps; i++)
        connected = connected || (result->steps[i]->step == STEP_CONNECT &&
                                  result->steps[i]->outcome == OUTCOME_OK);
    if (!connected)
        return;
    wire->n_flows = 0;
    for (size_t i = 0; i < result->n_steps; i++)
        result->steps[i]->flow = INT_UNKNOWN;
}

static void join_result(struct joining *j, struct result *result)
{
    struct wire *wire = report_new_of(j->report, wire);
    bool passed = false;

    result->wire = wire;
    for (size_t i = 0; i < result->n_steps; i++) {
        const struct wire_flow *w;
        struct step *s;

        if (result->steps[i]->outcome == OUTCOME_NONE)
            continue;
        s = own_step(j, result, i);
        if (s->step == STEP_RESOLVE) {
            join_lookups(j, wire, s);
            continue;
        }
        w = flow_of_probe(j, result, s);
        if (w == NULL)
            continue;
        s->flow = flow_index(j, wire, w);
        if (s->experiment == EXPERIMENT_NONE && went_through(w, has_tls(result, s->probe)))
            passed = true;
    }
    forget_lookups(result, wire);
    wire->verdict = wire->n_flows == 0 ? VERDICT_SKIP : passed ? VERDICT_PASS : VERDICT_FAIL;
}

static const char *mac_text(struct arena *a, const uint8_t m[6])
{
    return arena_printf(a, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

/* Addresses of the link that several machines claim. */
static void join_doubles(struct report *r, const struct wire_file *file)
{
    char text[ADDR_TEXT];

    for (size_t i = 0; i < file->n_claims; i++) {
        const struct wire_claim *claim = &file->claims[i];
        const char *interface = file->interfaces[claim->iface].name;
        struct double_address *d;

        if (claim->n_macs < 2)
            continue;
        d = report_new_of(r, double_address);
        d->address = arena_strdup(r->arena, addr_text(&claim->addr, text));
        d->interface = interface[0] != '\0' ? arena_strdup(r->arena, interface) : NULL;
        for (unsigned k = 0; k < claim->n_macs; k++)
            list_push(r->arena, d->macs, d->n_macs, mac_text(r->arena, claim->macs[k]));
        list_push(r->arena, r->capture->doubles, r->capture->n_doubles, d);
        report_note(r, "two machines on the network of %s say that %s is theirs: %s and %s",
                    interface[0] != '\0' ? interface : "the capture", d->address, d->macs[0],
                    d->macs[1]);
    }
}

/* Files claim any number. */
static int64_t add_count(int64_t sum, uint64_t n)
{
    return n > (uint64_t)(INT_MOST - sum) ? INT_MOST : sum + (int64_t)n;
}

static void join_capture(struct report *r, const struct wire_file *file)
{
    struct capture *c = r->capture;
    bool counted = false;
    int64_t kernel = 0, interface = 0;

    c->enabled = true;
    c->packets = (int64_t)file->packets;
    for (size_t i = 0; i < file->n_interfaces; i++) {
        const struct wire_interface *w = &file->interfaces[i];

        counted = counted || w->has_drops;
        kernel = add_count(kernel, w->dropped_kernel);
        interface = add_count(interface, w->dropped_interface);
        if (w->name[0] != '\0')
            list_push(r->arena, c->interfaces, c->n_interfaces, arena_strdup(r->arena, w->name));
        if (c->interface == NULL && w->name[0] != '\0')
            c->interface = arena_strdup(r->arena, w->name);
    }
    if (counted && (c->dropped_kernel == INT_UNKNOWN || c->dropped_kernel < kernel))
        c->dropped_kernel = kernel;
    if (counted && (c->dropped_interface == INT_UNKNOWN || c->dropped_interface < interface))
        c->dropped_interface = interface;
    join_doubles(r, file);
    if (file->trouble != NULL)
        report_note(r, "the capture can be read up to octet %llu only: %s",
                    (unsigned long long)file->trouble_at, file->trouble);
    if (file->unsupported_link > 0)
        report_note(r, "%llu packet%s of link type %u could not be read",
                    (unsigned long long)file->unsupported_link,
                    file->unsupported_link == 1 ? "" : "s", file->unsupported_linktype);
    if (file->flows_refused > 0)
        report_note(r, "%llu packet%s of further connections could not be kept: the table was full",
                    (unsigned long long)file->flows_refused, file->flows_refused == 1 ? "" : "s");
}

/*
 * The start of the run by the clock of the packets. A process may live in another time than its
 * kernel (libfaketime, a clock that was set in between): then all packets lie before the first step
 * or all of them behind the last one, and the last packet stands for the last step.
 */
static int64_t packets_epoch(const struct report *r, const struct wire_file *file, int64_t epoch_us)
{
    int64_t first = INT64_MAX, last = INT64_MIN;

    for (size_t i = 0; i < r->n_results; i++) {
        for (size_t k = 0; k < r->results[i]->n_steps; k++) {
            const struct step *s = r->results[i]->steps[k];
            int64_t took = s->duration_us == INT_UNKNOWN ? 0 : s->duration_us;

            if (s->outcome == OUTCOME_NONE || s->started_us == INT_UNKNOWN)
                continue;
            first = s->started_us < first ? s->started_us : first;
            last = s->started_us + took > last ? s->started_us + took : last;
        }
    }
    if (file->packets == 0 || first == INT64_MAX ||
        (file->last_us >= epoch_us + first - slack_us &&
         file->first_us <= epoch_us + last + slack_us))
        return epoch_us;
    return file->last_us - last;
}

void join_report(struct report *r, const struct wire_file *file)
{
    struct joining j = {.report = r, .file = file, .epoch_us = join_epoch(r)};

    join_capture(r, file);
    if (j.epoch_us == INT64_MIN)
        return; /* nothing can be held against time; a report of ours always says */
    j.epoch_us = packets_epoch(r, file, j.epoch_us);
    index_names(&j);
    for (size_t i = 0; i < r->n_results; i++)
        join_result(&j, r->results[i]);
}
