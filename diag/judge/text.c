/*
 * text: the sentences of a result, and the texts of cause.def with their words in braces filled
 * in. Words that are not known become general ones: no sentence may have a hole.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_LIMIT = 8192 };

/* Everything that a text may ask for. */
struct words {
    struct judge *j;
    const struct cell *c;
    const struct step *s;
    const char *at, *note;
    const char *addresses; /* of all results that one text is about; NULL: of this one */
};

static const char * or (const char *s, const char *general)
{
    return s != NULL && *s != '\0' ? s : general;
}

static const char *endpoint_field(const struct cell *c, bool host)
{
    const struct endpoint *e = c != NULL ? c->result->of_endpoint : NULL;

    return e == NULL ? NULL : host ? e->host : e->id;
}

struct endpoint subject_of(const struct cell *c, const struct step *s)
{
    struct endpoint e = *c->result->of_endpoint;
    const struct tunnel_detail *d = step_tunnel(s);
    const char *port;

    if (s == NULL || c->path->n_legs < 2)
        return e;
    if (s->step == STEP_RESOLVE && s->target != NULL) { /* the endpoint's name goes to the proxy */
        e.id = e.host = s->target;
    } else if (d != NULL && d->hop != NULL && d->request != NULL &&
               c->judge->r->site->chain == CHAIN_NESTED &&
               !same_text(station_after(c, d->hop), "endpoint")) {
        port = strrchr(d->request, ':');
        e.id = e.host = d->request;
        if (port != NULL) {
            e.host = arena_strndup(c->judge->r->arena, d->request, (size_t)(port - d->request));
            e.port = strtol(port + 1, NULL, 10);
        }
    }
    return e;
}

const char *without_port(struct judge *j, const char *s)
{
    struct addr a;
    char ip[ADDR_TEXT];

    if (s == NULL || !addr_parse_port(s, 0, &a))
        return s;
    return text(j, "%s", addr_text(&a, ip));
}

bool address_answers(const struct step *s)
{
    return s->leg == NULL || strncmp(s->leg, "sensor>", 7) == 0;
}

/* What a step was about, without port: for a resolve step the address that was answered. */
static const char *address_of(const struct words *w)
{
    const struct dns_detail *d = step_dns(w->s);

    if (w->addresses != NULL)
        return w->addresses;
    if (d != NULL)
        return d->n_addresses > 0 ? d->addresses[0] : NULL;
    if (w->s == NULL)
        return NULL;
    if (!address_answers(w->s))
        return text(w->j, "the address that %.*s connects to", (int)strcspn(w->s->leg, ">"),
                    w->s->leg);
    return without_port(w->j, w->s->address);
}

/* The sensor's own address, as an ACL of Squid has it. */
static const char *source_of(const struct words *w)
{
    const char *client = w->c != NULL ? client_of(w->c) : NULL;

    return client == NULL ? NULL
                          : text(w->j, "%s/%d", client, strchr(client, ':') != NULL ? 128 : 32);
}

/* A balancer's address is that of all its members; then the name is all that is known. */
static const char *member_of(const struct words *w)
{
    const char *node = w->c != NULL ? failing_node(w->c) : NULL;
    const char *address = w->c != NULL ? failing_address(w->c) : NULL;

    return node != NULL && address != NULL ? text(w->j, "%s (%s)", node, address) : node;
}

static const char *port_of(const struct words *w)
{
    const char *address = w->s != NULL && step_dns(w->s) == NULL ? w->s->address : NULL;
    const char *to = w->at != NULL ? strchr(w->at, '>') : NULL;
    const struct hop_facts *behind = to != NULL ? facts_of_hop(w->j, to + 1) : NULL;
    const char *port =
        behind != NULL && behind->hop->url != NULL ? strrchr(behind->hop->url, ':') : NULL;
    struct addr a;

    /* On a leg towards a hop it is the hop's port that has to be opened. */
    if (port != NULL && port[1] >= '0' && port[1] <= '9')
        return text(w->j, "%.*s", (int)strspn(port + 1, "0123456789"), port + 1);
    if (w->s != NULL && w->s->step == STEP_CONNECT && address != NULL &&
        addr_parse_port(address, 0, &a) && a.port != 0)
        return text(w->j, "%u", (unsigned)a.port);
    if (w->c != NULL && w->c->result->of_endpoint->port > 0)
        return text(w->j, "%lld", (long long)w->c->result->of_endpoint->port);
    return NULL;
}

/* The hop that a cause is about: the place itself, or the station before the leg. */
static const char *hop_of(const struct words *w)
{
    const char *to = w->at != NULL ? strchr(w->at, '>') : NULL;
    const char *from =
        to != NULL ? arena_strndup(w->j->r->arena, w->at, (size_t)(to - w->at)) : NULL;

    if (w->at != NULL && facts_of_hop(w->j, w->at) != NULL)
        return w->at;
    if (from != NULL && facts_of_hop(w->j, from) != NULL)
        return from;
    if (to != NULL && facts_of_hop(w->j, to + 1) != NULL)
        return to + 1;
    return w->c != NULL && w->c->path->n_legs > 1 ? w->c->path->stations[1] : NULL;
}

static const char *leg_of(const struct words *w)
{
    if (w->at != NULL && strchr(w->at, '>') != NULL)
        return w->at;
    if (w->s != NULL && w->s->leg != NULL)
        return w->s->leg;
    return w->c != NULL ? last_leg(w->c) : NULL;
}

const char *hosts_lines(struct judge *j, const struct step *s)
{
    const struct dns_detail *d = step_dns(s);
    const char *file = or (s->address, "/etc/hosts"), *list = "";

    for (size_t i = 0; i < d->n_lines; i++)
        list = text(j, "%s%s%lld", list,
                    i == 0               ? ""
                    : i + 1 < d->n_lines ? ", "
                                         : " and ",
                    (long long)d->lines[i]);
    if (d->n_lines == 0)
        return file;
    return text(j, "line%s %s of %s", d->n_lines > 1 ? "s" : "", list, file);
}

static const char *resolver_of(const struct words *w)
{
    const struct dns_detail *d = step_dns(w->s);

    if (d != NULL && same_text(d->source, "hosts-file"))
        return text(w->j, "the sensor's hosts file (%s)", hosts_lines(w->j, w->s));
    return d != NULL ? without_port(w->j, w->s->address) : NULL;
}

static const char *router_of(const struct words *w)
{
    const struct tcp_detail *t = step_tcp(w->s);
    const struct dns_detail *d = step_dns(w->s);
    const struct wire *wire = w->c != NULL ? w->c->result->wire : NULL;
    const struct trace_hop *refusal = t != NULL ? trace_refusal(w->j, w->s->address) : NULL;

    /* Of a dead gateway the kernel itself says "host unreachable", from the sensor's own address.
     */
    if (BLOCK("router-is-the-gateway") && t != NULL && t->gateway != NULL &&
        same_text(w->at, "sensor"))
        return t->gateway;
    if (t != NULL && t->icmp_from == NULL && refusal != NULL)
        return refusal->router;
    if (w->c != NULL && w->c->told_router != NULL && w->s == w->c->decisive)
        return w->c->told_router;
    if (t != NULL && (t->icmp_from != NULL || t->gateway != NULL))
        return t->icmp_from != NULL ? t->icmp_from : t->gateway;
    if (d != NULL && d->gateway != NULL)
        return d->gateway;
    if (wire != NULL && w->s != NULL && w->s->flow >= 0 && w->s->flow < (int64_t)wire->n_flows)
        return wire->flows[w->s->flow]->icmp_from;
    return NULL;
}

/* A list of names as configuration files want it. */
static const char *without_commas(struct judge *j, const char *list)
{
    char *out = arena_strdup(j->r->arena, list), *to = out;

    for (const char *from = list; *from != '\0'; from++)
        if (*from != ',')
            *to++ = *from;
    *to = '\0';
    return out;
}

static const char *word(const struct words *w, const char *name, size_t len)
{
#define IS(text) (len == sizeof(text) - 1 && memcmp(name, text, len) == 0)
    if (IS("endpoint"))
        return or (endpoint_field(w->c, false), "the endpoint");
    if (IS("host"))
        return or (endpoint_field(w->c, true), "the endpoint's host");
    if (IS("hosts"))
        return without_commas(w->j, or (endpoint_field(w->c, true), "the endpoint's host"));
    if (IS("port"))
        return or (port_of(w), "443");
    if (IS("address"))
        return or (address_of(w), "the endpoint's address");
    if (IS("hop"))
        return or (hop_of(w), "the proxy");
    if (IS("leg"))
        return or (leg_of(w), "the way to the endpoint");
    if (IS("resolver"))
        return or (resolver_of(w), "the DNS server");
    if (IS("router"))
        return or (router_of(w), "the router");
    if (IS("sensor"))
        return or (w->j->r->site->sensor, "the sensor");
    if (IS("client"))
        return or (w->c != NULL ? client_of(w->c) : NULL, "SENSOR-ADDRESS");
    if (IS("source"))
        return or (source_of(w), "SENSOR-ADDRESS");
    if (IS("member"))
        return or (member_of(w), "that fails");
    if (IS("lines"))
        return step_dns(w->s) != NULL ? hosts_lines(w->j, w->s) : "the hosts file";
    if (IS("detail"))
        return or (w->note, "");
#undef IS
    return NULL;
}

/* Without its last full stop, where the pattern brings one. */
static void add_detail(struct buf *b, const char *detail, const char *after)
{
    size_t len = strlen(detail);

    if (len == 0) { /* no hole: neither a lone blank nor an empty bracket */
        if (b->len > 0 && b->data[b->len - 1] == ' ' && (*after == '\0' || *after == ' '))
            b->len--;
        if (b->len > 1 && (b->data[b->len - 1] == '(' || b->data[b->len - 2] == ':'))
            buf_str(b, "see the steps of the result");
        return;
    }
    if (detail[len - 1] == '.' && *after == '.')
        len--;
    buf_add(b, detail, len);
    if ((*after == ' ' || *after == '\0') && detail[len - 1] != '.' && b->len > len + 1 &&
        b->data[b->len - len - 2] == '.')
        buf_char(b, '.'); /* it stands as a sentence of its own */
}

const char *text_fill(struct judge *j, const char *pattern, const struct cell *c,
                      const struct step *s, const char *at, const char *note, const char *addresses)
{
    const struct words w = {j, c, s, at, note, addresses};
    struct buf b;
    const char *filled;

    buf_init(&b, TEXT_LIMIT);
    while (*pattern != '\0') {
        const char *end = *pattern == '{' ? strchr(pattern, '}') : NULL;
        const char *with = end != NULL ? word(&w, pattern + 1, (size_t)(end - pattern - 1)) : NULL;

        if (with == NULL) {
            buf_char(&b, *pattern++);
            continue;
        }
        if (strncmp(pattern, "{detail}", 8) == 0)
            add_detail(&b, with, end + 1);
        else
            buf_str(&b, with);
        pattern = end + 1;
    }
    filled = arena_strndup(j->r->arena, buf_text(&b), b.len);
    buf_free(&b);
    return filled;
}

const char *link_down_words(struct judge *j, const char *interface, const char *route)
{
    return text(j, "%s %s", or (interface, "the interface"),
                same_text(route, "none") ? "is down, and its routes with it" : "has no link");
}

bool link_was_down(const struct step *s)
{
    const struct dns_detail *d = step_dns(s);
    const struct tcp_detail *t = step_tcp(s);

    return (d != NULL && d->link_down) || (t != NULL && t->link_down);
}

/*
 * The {detail} of an explanation or a remedy. Of silence, and of packets that went round in
 * circles, the traces tell more than the note.
 */
const char *text_detail(struct judge *j, enum cause cause, const char *note,
                        const struct step *const *about, size_t n, bool remedy)
{
    if ((cause != CAUSE_TCP_TIMEOUT && cause != CAUSE_NET_UNREACHABLE) ||
        (n > 0 && (is_own(j, about[0]) || is_doubled(j, about[0]))))
        return note;
    return trace_tell(j, about, n, remedy);
}

/* --- summary --- */

static const char *over(const struct cell *c)
{
    return c->path->n_legs == 1 ? "directly" : text(c->judge, "over %s", c->result->route);
}

static int64_t total_ms(const struct cell *c)
{
    int64_t us = 0;

    if (c->tested == 0 && c->decisive != NULL && c->decisive->duration_us != INT_UNKNOWN)
        return c->decisive->duration_us / 1000; /* the name was all that was tried */
    if (c->result->duration_us != INT_UNKNOWN)
        return c->result->duration_us / 1000;
    for (size_t i = 0; i < c->result->n_steps; i++) {
        const struct step *s = c->result->steps[i];

        if (s->experiment == EXPERIMENT_NONE && s->duration_us != INT_UNKNOWN &&
            s->verdict != VERDICT_SKIP)
            us += s->duration_us;
    }
    return us / 1000;
}

/*
 * "20.1.2.3:443, 2 of 2 tries, 5003 ms": address, tries and time, as far as they are known.
 * `to`: what stands before an address that answered; one of a proxy was only passed through.
 */
static const char *figures(const struct cell *c, const char *to)
{
    struct judge *j = c->judge;
    const struct step *s = c->decisive;
    const char *address = s != NULL ? s->address : NULL;
    const char *tries =
        c->tested > 0 ? text(j, "%zu of %zu %s",
                             c->result->verdict == VERDICT_FAIL ? c->tested - c->passed : c->passed,
                             c->tested, c->tested == 1 ? "try" : "tries")
                      : NULL;

    if (address != NULL && !address_answers(s))
        to = "through ";
    return text(j, "%s%s%s%s%s%lld ms", address != NULL ? to : "", or (address, ""),
                address != NULL ? ", " : "", or (tries, ""), tries != NULL ? ", " : "",
                (long long)total_ms(c));
}

static const char *lower_first(struct judge *j, const char *title)
{
    char *s = arena_strdup(j->r->arena, title);

    /* "DNS", "TLS": only an ordinary word loses its capital, and the article. */
    if (s[0] >= 'A' && s[0] <= 'Z' && ((s[1] >= 'a' && s[1] <= 'z') || s[1] == ' '))
        s[0] = (char)(s[0] + ('a' - 'A'));
    return s;
}

static const char *note_without_stop(const struct cell *c)
{
    const char *subject = subject_of(c, c->decisive).id;
    const char *asked = same_text(subject, c->result->of_endpoint->id)
                            ? ""
                            : text(c->judge, ": it was asked for %s", subject);
    size_t len = c->note != NULL ? strlen(c->note) : 0;

    if (len == 0)
        return asked;
    if (c->note[len - 1] == '.')
        len--;
    return text(c->judge, "%s: %s", asked, arena_strndup(c->judge->r->arena, c->note, len));
}

/* A capture alone shows that a handshake worked, and with TLS 1.3 not for whom (RFC 8446 4.4.2). */
static const char *hidden_words(const struct cell *c)
{
    const struct tls_detail *d = step_tls(c->decisive);

    if (d == NULL || d->hidden_accepted == TRI_UNKNOWN)
        return "";
    return d->hidden_accepted == TRI_YES
               ? "; TLS 1.3 hides the certificate, but the client went on after it"
               : "; TLS 1.3 hides the certificate, and nothing shows whether it convinces";
}

static const char *pass_words(const struct cell *c)
{
    const struct tls_detail *d = step_tls(c->decisive);

    return d != NULL && d->version != NULL ? d->version : "connection";
}

const char *text_summary(struct cell *c)
{
    struct judge *j = c->judge;
    const struct result *x = c->result;
    const char *title = lower_first(j, cause_info(x->cause)->title);

    switch (x->verdict) {
    case VERDICT_PASS:
        if (x->of_endpoint->wildcard)
            return text(j, "%s is admitted %s, shown with a made-up name (%s).", x->endpoint,
                        over(c), figures(c, ""));
        return text(j, "%s works %s: %s %s%s%s%s.", x->endpoint, over(c), pass_words(c),
                    figures(c, "to "), hidden_words(c),
                    idle_words(c) != NULL ? "; left alone, the connection was " : "",
                    or (idle_words(c), ""));
    case VERDICT_WARN:
        return text(j, "%s works %s, but at %s %s%s (%s).", x->endpoint, over(c), x->at, title,
                    note_without_stop(c), figures(c, ""));
    case VERDICT_FAIL:
        return text(j, "%s fails %s at %s: %s%s (%s).", x->endpoint, over(c), x->at, title,
                    note_without_stop(c), figures(c, ""));
    case VERDICT_SKIP:
        break;
    }
    if (x->cause == CAUSE_WILDCARD_UNTESTABLE)
        return text(j, "%s is a wildcard: there is no server of that name to test %s.", x->endpoint,
                    over(c));
    return text(j, "%s was not tested %s.", x->endpoint, over(c));
}
