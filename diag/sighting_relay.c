/*
 * sighting_relay: connections that a proxy makes itself, in a capture at the proxy or at a router.
 * They are not the sensor's: what the sensor sent went no further than to the proxy. Part of
 * sighting.
 */
#include "diag/base/arena.h"
#include "diag/sighting_state.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

enum { RELAYS_MAX = 64, EXAMPLES_MAX = 3, LOOK_AHEAD = 64, ASKED_OFTEN = 3 };

static bool is_in(const struct addr *list, size_t n, const struct addr *a)
{
    for (size_t i = 0; i < n; i++) {
        if (addr_same_ip(&list[i], a))
            return true;
    }
    return false;
}

static void add(struct arena *a, struct addr **list, size_t *n, const struct addr *addr)
{
    if (*n < RELAYS_MAX && !is_in(*list, *n, addr))
        list_push(a, *list, *n, *addr);
}

/* Questions that no sensor asked, and answers that nobody can read, show nothing about its names.
 */
static void leave_out(struct sighting *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->n_dns; i++) {
        const struct wire_dns *d = s->dns[i];

        if (!is_in(s->relays, s->n_relays, &d->client) && !(d->cut && d->n_addresses == 0))
            s->dns[kept++] = d;
    }
    s->n_dns = kept;
}

/*
 * The first flow behind that one that began at `us` or later; flows are in the order of their first
 * packets. Most often it is not far: by steps that double, then by halves.
 */
static size_t first_from(const struct wire_file *file, size_t behind, int64_t us)
{
    size_t low = behind, step = 1, high;

    while (low + step < file->n_flows && wire_flow_at(file, low + step)->first_us < us) {
        low += step; /* ends: grows */
        step *= 2;
    }
    high = low + step < file->n_flows ? low + step : file->n_flows;
    while (low < high) { /* ends: halves */
        size_t middle = low + (high - low) / 2;

        if (wire_flow_at(file, middle)->first_us < us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool goes_to(const struct sighting *s, const struct wire_flow *w, const char *host)
{
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    struct addr to = wire_dst(w), literal;
    bool is_one;

    if (addr_parse(host, &literal))
        return addr_same_ip(&literal, &to);
    sighting_name_of(s, &to, host, &is_one);
    return is_one || (tls != NULL && tls->sni != NULL && strcasecmp(tls->sni, host) == 0);
}

/*
 * A proxy has more addresses than the one that it listens at: IPv6, an outer interface. Who
 * connects to the very host for which a proxy was just asked, while that has not answered yet, is
 * the proxy.
 */
static void find_by_time(struct sighting *s, const struct wire_flow *asking,
                         const struct wire_tunnel *t, const struct addr *users, size_t n_users)
{
    int64_t until = t->answered_us != 0 ? t->answered_us : INT64_MAX;
    size_t from = first_from(s->file, asking->index, t->asked_us);
    unsigned port;
    const char *host = sighting_split(s, t->target, 443, &port);

    for (size_t i = from; host != NULL && i < s->file->n_flows && i - from < LOOK_AHEAD; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        struct addr by = wire_src(w);

        if (w->first_us > until)
            return;
        if (w->protocol == IPPROTO_TCP && w->dst_port == port && !is_in(users, n_users, &by) &&
            goes_to(s, w, host))
            add(s->arena, &s->relays, &s->n_relays, &by);
    }
}

void sighting_relays(struct sighting *s)
{
    struct addr *local = NULL; /* proxies on the sensor itself: their address is the sensor's */
    struct addr *users = NULL; /* who connects to proxies */
    size_t n_local = 0, n_users = 0;

    for (size_t i = 0; i < s->file->n_flows; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        struct addr from = wire_src(w), to = wire_dst(w);

        if (w->protocol != IPPROTO_TCP || sighting_proxy_at(s, &to) == s->site->n_proxies)
            continue;
        if (addr_same_ip(&from, &to))
            add(s->arena, &local, &n_local, &to);
        else
            add(s->arena, &s->relays, &s->n_relays, &to);
        add(s->arena, &users, &n_users, &from);
    }
    for (size_t i = 0; i < s->file->n_flows && n_users > 0; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        const struct wire_tunnel *t = w->talk != NULL ? w->talk->tunnels : NULL;

        for (; t != NULL; t = t->next)
            find_by_time(s, w, t, users, n_users);
    }
    for (size_t i = 0; i < s->site->n_proxies; i++) {
        struct addr named;

        if (addr_parse(s->site->proxies[i]->host, &named) && !is_in(local, n_local, &named))
            add(s->arena, &s->relays, &s->n_relays, &named);
    }
    leave_out(s);
}

bool sighting_is_relay(const struct sighting *s, const struct addr *a)
{
    return is_in(s->relays, s->n_relays, a);
}

bool sighting_is_relayed(const struct sighting *s, const struct wire_flow *w)
{
    struct addr from = wire_src(w);

    return sighting_is_relay(s, &from);
}

/* A connection of a proxy that did not come about: to whom, and how; NULL when it did. */
static const char *failure_of(struct report *r, const struct wire_flow *w)
{
    struct addr from = wire_src(w), to = wire_dst(w);
    char by[ADDR_TEXT], of[ADDR_TEXT];

    if (w->side[0].syns == 0 || w->syn_ack_us != 0 || w->side[1].bytes > 0)
        return NULL;
    return arena_printf(r->arena, "%s to %s: %s (frame %u)", addr_text(&from, by),
                        addr_port_text(&to, of),
                        w->side[1].resets > 0 ? "refused"
                        : w->icmp != NULL ? wire_icmp_name(w->is_v6, w->icmp->type, w->icmp->code)
                                          : "no answer",
                        w->first_frame);
}

static void note_relayed(const struct sighting *s, struct report *r)
{
    const char *examples = NULL;
    size_t n = 0;

    for (size_t i = 0; i < s->file->n_flows; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        const char *failure =
            w->protocol == IPPROTO_TCP && sighting_is_relayed(s, w) && w->dst_port != SIGHT_DNS_PORT
                ? failure_of(r, w)
                : NULL;

        if (failure == NULL || n++ >= EXAMPLES_MAX)
            continue;
        examples = examples == NULL ? failure : arena_printf(r->arena, "%s; %s", examples, failure);
    }
    report_note(r,
                "%zu %s from a proxy's own address: a way on from there, not the sensor's own%s%s",
                s->relayed, s->relayed == 1 ? "connection comes" : "connections come",
                n > 0 ? "; of these failed " : "", n > 0 ? examples : "");
}

/* Requests for a hardware address that nobody answered, of somebody who has an address himself. */
static void note_silent_neighbours(const struct sighting *s, struct report *r)
{
    char text[ADDR_TEXT], by[ADDR_TEXT];

    for (size_t i = 0, n = 0; i < s->file->n_neighbours && n < EXAMPLES_MAX; i++) {
        const struct wire_neighbour *w = &s->file->neighbours[i];

        if (w->replies > 0 || w->requests < ASKED_OFTEN || addr_same_ip(&w->addr, &w->asker) ||
            addr_kind(&w->asker) == ADDR_UNSPECIFIED) /* is an address free? RFC 5227, RFC 4862 */
            continue;
        n++;
        report_note(
            r,
            "nobody answered %s's %u requests for the hardware address of %s: if that is its "
            "router or proxy, nothing gets past it",
            addr_text(&w->asker, by), w->requests, addr_text(&w->addr, text));
    }
}

/* Programs whose proxy is set as a SOCKS proxy, although nobody there speaks it. */
static void note_socks(const struct sighting *s, struct report *r)
{
    const struct wire_flow *first = NULL;
    char by[ADDR_TEXT], at[ADDR_TEXT];
    struct addr from, to;
    size_t n = 0;

    for (size_t i = 0; i < s->file->n_flows; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);

        if (w->talk == NULL || w->talk->socks == 0 || sighting_is_relayed(s, w))
            continue;
        first = first == NULL ? w : first;
        n++;
    }
    if (n == 0)
        return;
    from = wire_src(first);
    to = wire_dst(first);
    report_note(r,
                "%zu %s with SOCKS version %u, and %s did not answer in it (the first in frame %u, "
                "from %s): a program there takes it for a SOCKS proxy; set it as an HTTP proxy",
                n, n == 1 ? "connection begins" : "connections begin", first->talk->socks,
                addr_port_text(&to, at), first->side[0].first_data_frame, addr_text(&from, by));
}

void sighting_note(const struct sighting *s, struct report *r)
{
    note_socks(s, r);
    note_silent_neighbours(s, r);
    if (s->relayed > 0)
        note_relayed(s, r);
    if (s->earlier > 0)
        report_note(r,
                    "%zu %s begun before the capture and cannot be judged; record from before the "
                    "sensor connects",
                    s->earlier, s->earlier == 1 ? "connection had" : "connections had");
    if (s->strangers > 0)
        report_note(r,
                    "%zu further %s not of this site: no endpoint of it, or through no proxy of it",
                    s->strangers, s->strangers == 1 ? "connection is" : "connections are");
    if (!s->file->own && s->file->shortened > 0)
        report_note(
            r,
            "the capture does not hold all octets of %llu of %llu packets (snap length): "
            "names, proxies' answers and certificates may be missing; record without a limit "
            "(tcpdump -s 0)",
            (unsigned long long)s->file->shortened, (unsigned long long)s->file->packets);
}
