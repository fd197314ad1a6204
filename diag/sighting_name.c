/* sighting_name: what a connection was for. Part of sighting. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/proto/dns.h"
#include "diag/sighting_state.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HTTPS_PORT = 443, DEAD_MAX = 100000 };

static bool is_proxy_at(const struct sighting *s, size_t i, const struct addr *a)
{
    const struct site_proxy *p = s->site->proxies[i];
    bool is_one;

    if (p->port != a->port)
        return false;
    if (s->literals[i].family != 0)
        return addr_same_ip(&s->literals[i], a);
    sighting_name_of(s, a, p->host, &is_one);
    return is_one;
}

size_t sighting_proxy_at(struct sighting *s, const struct addr *a)
{
    size_t i = 0;

    while (s->n_literals < s->site->n_proxies) { /* ends: each turn adds one */
        struct addr literal = {0};

        (void)addr_parse(s->site->proxies[s->n_literals]->host, &literal);
        list_push(s->arena, s->literals, s->n_literals, literal);
    }
    while (i < s->site->n_proxies && !is_proxy_at(s, i, a))
        i++;
    return i;
}

/* FNV-1a; a collision costs the work once more. */
struct sighted_host *sighting_place_of(const struct sighting *s, const char *raw, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)raw[i]) * 16777619u;
    return &s->hosts[(hash ^ hash >> 16) % SIGHT_HOSTS];
}

/* A name from the wire as a host, in lower case; NULL when it cannot be one. */
static const char *host_of(struct sighting *s, const char *raw, size_t len)
{
    struct sighted_host *place = sighting_place_of(s, raw, len);
    char *host;

    if (len == 0 || len > SIGHT_HOST_MAX)
        return NULL;
    if (place->host != NULL && place->len == len && memcmp(place->raw, raw, len) == 0)
        return place->host;
    host = text_printable(s->arena, raw, len, SIGHT_HOST_MAX);
    for (char *p = host; *p != '\0'; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    *place = (struct sighted_host){.raw = raw, .len = len, .host = host};
    return host;
}

bool sighting_is_added(struct sighting *s, const char *host, unsigned port)
{
    struct sighted_host *place = sighting_place_of(s, host, strlen(host));

    if (place->host == host && place->added == port)
        return true;
    if (place->host == host)
        place->added = port;
    return false;
}

const char *sighting_split(struct sighting *s, const char *target, unsigned port_default,
                           unsigned *port)
{
    const char *colon = strrchr(target, ':'), *end = colon;
    unsigned long number;

    *port = port_default;
    if (target[0] == '[') {
        end = strchr(target, ']');
        if (end == NULL)
            return NULL;
        target++;
        if (end[1] == ':' && text_parse_uint(end + 2, 65535, &number))
            *port = (unsigned)number;
    } else if (colon != NULL && text_parse_uint(colon + 1, 65535, &number)) {
        *port = (unsigned)number;
    } else {
        end = target + strlen(target);
    }
    return host_of(s, target, (size_t)(end - target));
}

/* Does the user want this address itself, by whatever name? */
static bool is_wanted(const struct sighting *s, const char *host, unsigned port)
{
    for (size_t i = 0; i < s->site->n_endpoints; i++) {
        if (s->site->endpoints[i]->port == port && strcmp(s->site->endpoints[i]->host, host) == 0)
            return true;
    }
    return false;
}

static size_t add_proxy(struct sighting *s, const char *host, unsigned port)
{
    struct site_proxy *p = arena_new_of(s->arena, struct site_proxy);

    p->name = arena_printf(s->arena, "hop%zu", s->site->n_proxies + 1);
    p->scheme = PROXY_HTTP;
    p->host = host;
    p->port = (uint16_t)port;
    p->url = strchr(host, ':') != NULL ? arena_printf(s->arena, "http://[%s]:%u", host, port)
                                       : arena_printf(s->arena, "http://%s:%u", host, port);
    list_push(s->arena, s->site->proxies, s->site->n_proxies, p);
    return s->site->n_proxies - 1;
}

/* The proxy that this target names, as the next hop of a tunnel in a tunnel. */
static size_t proxy_named(const struct sighting *s, const char *host, unsigned port)
{
    size_t i = 0;

    while (i < s->site->n_proxies && !(s->site->proxies[i]->port == port &&
                                       text_equal_nocase(s->site->proxies[i]->host, host)))
        i++;
    return i;
}

/* What a connection asks a hop about itself: for its own page, or whether it speaks TLS. */
static enum experiment question_to(const struct sighting *s, const struct wire_flow *w, size_t hop)
{
    if (w->talk != NULL && w->talk->pages != NULL && !sighting_is_absolute(w->talk->pages))
        return EXPERIMENT_HOP_ITSELF;
    if (w->talk != NULL && w->talk->tls != NULL && w->talk->tls->hello_us != 0 &&
        s->site->proxies[hop]->scheme == PROXY_HTTP)
        return EXPERIMENT_HOP_TLS;
    return EXPERIMENT_NONE;
}

/* The hops of tunnels in tunnels; what the last was asked for is the host, NULL where that is no
 * name or goes on through somebody unknown. */
static void follow_tunnels(struct sighting *s, const struct wire_tunnel *t, struct aim *aim)
{
    for (; t != NULL; t = t->next) {
        size_t next;

        aim->host = sighting_split(s, t->target, HTTPS_PORT, &aim->port);
        if (aim->host == NULL || t->status / 100 != 2 || t->next == NULL)
            continue;
        /* It goes on inside the tunnel: what was just reached is a proxy itself. */
        next = proxy_named(s, aim->host, aim->port);
        if (next == s->site->n_proxies && s->guess_proxies) {
            next = add_proxy(s, aim->host, aim->port);
            s->site->chain = CHAIN_NESTED;
        }
        if (next == s->site->n_proxies || aim->n_hops == SIGHT_HOPS) {
            aim->host = NULL;
            return;
        }
        aim->hops[aim->n_hops++] = next;
    }
}

/* The hops of a connection through proxies, and what stands at the end. */
static void aim_through(struct sighting *s, const struct wire_flow *w, size_t first,
                        struct aim *aim)
{
    const struct wire_tls *tls = w->talk->tls;
    struct addr literal;
    const char *name;
    size_t last;

    aim->hops[aim->n_hops++] = first;
    follow_tunnels(s, w->talk->tunnels, aim);
    if (aim->host == NULL)
        return;
    if (addr_parse(aim->host, &literal) && !is_wanted(s, aim->host, aim->port) &&
        (name = sighting_failed_name_at(s, literal, aim->port)) != NULL) {
        aim->host = name;
        aim->by_address = true;
    }
    if (addr_parse(aim->host, &literal) && addr_kind(&literal) == ADDR_LOOPBACK &&
        !is_wanted(s, aim->host, aim->port)) {
        aim->host = NULL;
        aim->hop_only = true;
        aim->question = EXPERIMENT_HOP_LOOPBACK;
        return;
    }
    last = proxy_named(s, aim->host, aim->port);
    if (last < s->site->n_proxies) {
        /* A tunnel to a hop's own port that goes no further: on a nested route it is the way. */
        aim->host = NULL;
        if (aim->n_hops == SIGHT_HOPS)
            return;
        aim->hop_only = s->site->chain == CHAIN_NESTED;
        aim->hops[aim->n_hops++] = last;
        aim->question = question_to(s, w, last);
        return;
    }
    /* A client that resolves by itself asks for the address; what it wants is in the hello. */
    if (!aim->by_address && tls != NULL && tls->sni != NULL && addr_parse(aim->host, &literal) &&
        !is_wanted(s, aim->host, aim->port)) {
        aim->host = host_of(s, tls->sni, strlen(tls->sni));
        return;
    }
    aim->other_name = tls != NULL && tls->hello_whole &&
                      (tls->sni == NULL ? !aim->by_address && !addr_parse(aim->host, &literal)
                                        : !text_equal_nocase(tls->sni, aim->host));
}

static int by_end(const void *a, const void *b)
{
    const struct addr *x = a, *y = b;

    if (x->family != y->family)
        return x->family - y->family;
    return x->port != y->port ? (int)x->port - (int)y->port : memcmp(x->ip, y->ip, sizeof x->ip);
}

/* Where a handshake with one of the address's own names failed: only there is another an
 * experiment. */
static void note_dead(struct sighting *s)
{
    for (size_t i = 0; i < s->file->n_flows && s->n_dead < DEAD_MAX; i++) {
        const struct wire_flow *w = wire_flow_at(s->file, i);
        const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
        struct addr to = wire_dst(w);
        bool is_one;

        if (tls == NULL || tls->sni == NULL || w->talk->tunnels != NULL || reenact_passed(w))
            continue;
        sighting_name_of(s, &to, tls->sni, &is_one);
        if (is_one)
            list_push(s->arena, s->dead, s->n_dead, to);
    }
    if (s->n_dead > 0)
        qsort(s->dead, s->n_dead, sizeof *s->dead, by_end);
    s->dead_noted = true;
}

static bool has_died_at(struct sighting *s, const struct addr *to)
{
    if (!s->dead_noted)
        note_dead(s);
    return s->n_dead > 0 && bsearch(to, s->dead, s->n_dead, sizeof *to, by_end) != NULL;
}

static void aim_directly(struct sighting *s, const struct wire_flow *w, const struct addr *to,
                         struct aim *aim)
{
    const struct wire_tls *tls = w->talk != NULL ? w->talk->tls : NULL;
    const struct wire_tunnel *page = w->talk != NULL ? w->talk->pages : NULL;
    const char *sni = tls != NULL ? tls->sni : NULL, *name;
    unsigned unused;
    bool is_one;
    char text[ADDR_TEXT];

    if (sni == NULL && page != NULL && page->host != NULL)
        sni = sighting_split(s, page->host, to->port, &unused); /* says as much */
    name = sighting_name_of(s, to, sni, &is_one);
    if (sni != NULL && (is_one || name == NULL))
        aim->host = host_of(s, sni, strlen(sni));
    else if (name != NULL)
        aim->host = host_of(s, name, strlen(name));
    else
        aim->host = arena_strdup(s->arena, addr_text(to, text));
    aim->other_name = name != NULL && tls != NULL && tls->hello_whole && !is_one &&
                      (sni == NULL || s->file->own || has_died_at(s, to));
    if (sni != NULL && !is_one && !aim->other_name)
        aim->host = host_of(s, sni, strlen(sni)); /* many names share an address */
    aim->port = to->port;
}

struct aim sighting_aim(struct sighting *s, const struct wire_flow *w)
{
    struct aim aim = {0};
    struct addr to = wire_dst(w);
    bool asked =
        w->talk != NULL && (w->talk->tunnels != NULL ||
                            (w->talk->pages != NULL && sighting_is_absolute(w->talk->pages)));
    size_t proxy = sighting_proxy_at(s, &to);
    char text[ADDR_TEXT];

    if (w->protocol != IPPROTO_TCP || w->side[0].syns == 0)
        return aim; /* what began before the capture cannot be judged */
    if (sighting_is_relayed(s, w))
        return aim;
    if (proxy == s->site->n_proxies && asked && s->guess_proxies)
        proxy = add_proxy(s, arena_strdup(s->arena, addr_text(&to, text)), to.port);
    if (proxy < s->site->n_proxies && asked)
        aim_through(s, w, proxy, &aim);
    else if (proxy < s->site->n_proxies) {
        aim.hops[aim.n_hops++] = proxy;
        aim.hop_only = true;
        aim.question = question_to(s, w, proxy);
    } else if (!asked)
        aim_directly(s, w, &to, &aim);
    return aim;
}
