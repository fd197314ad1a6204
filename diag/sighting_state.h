/* sighting_state: what the files of sighting share. Private to sighting. */
#ifndef HOPPROOF_SIGHTING_STATE_H
#define HOPPROOF_SIGHTING_STATE_H

#include "diag/sighting.h"

enum {
    SIGHT_HOPS = 8,
    SIGHT_HOSTS = 4096, /* a power of two */
    SIGHT_ENDS = 256,
    SIGHT_HOST_MAX = 300,
    SIGHT_DNS_PORT = 53,
    TRACE_TTL_MAX = 24, /* of SYNs that look for routers: our own, and most programs' */
    SIGHT_AIMS = 8,     /* hosts that one connection to a proxy may ask pages of */
};

/* A name that a resolver gave for an address. */
struct sighted_name {
    struct addr addr;
    const char *name;
    /* of no meaning in `failed`: */
    uint32_t frame;    /* of the first question with this answer */
    const char *first; /* the name of the address that was asked for first */
};

/* A name as it was on the wire, and as a host: many connections go to few hosts. */
struct sighted_host {
    const char *raw;
    size_t len;
    const char *host;
    unsigned added;  /* port with which it was made an endpoint; 0: none */
    unsigned failed; /* port with which it stands in sighting.failed; 0: none */
};

/* What is known of a name and an address: many connections go to few servers. */
struct sighted_end {
    struct addr addr; /* family 0: a free place */
    const char *name; /* or NULL */
    const char *first;
    bool is_one; /* as sighting_name_of says it */
};

/* What a connection was for. */
struct aim {
    const char *host; /* NULL: nothing that we can name */
    unsigned port;
    size_t hops[SIGHT_HOPS]; /* indices of site->proxies */
    size_t n_hops;
    bool other_name; /* the server name is none of the address's own: an experiment */
    bool by_address; /* asked of a proxy by address, where the name had failed: an experiment */
    bool hop_only;   /* goes to a proxy, and never said for what */
    enum experiment question;       /* ... because it asks the proxy something about itself */
    const struct wire_tunnel *page; /* what the host was asked for in plain HTTP, or NULL */
};

struct sighting {
    struct site *site;
    struct arena *arena;
    const struct wire_file *file;
    struct sighted_name *names; /* sorted by address, then name; each once */
    size_t n_names;
    struct sighted_name *failed; /* names that a proxy opened no tunnel to, by address and port */
    size_t n_failed;
    struct addr *dead; /* where handshakes with the address's own names failed, sorted */
    size_t n_dead;
    bool dead_noted;
    /*
     * The capture's exchanges, sorted by name, then by time: without those of proxies, and those
     * whose answer the capture does not hold.
     */
    const struct wire_dns **dns;
    size_t n_dns;
    struct addr *relays; /* proxies that somebody else was seen to use: they connect on */
    size_t n_relays;
    struct addr
        *literals; /* of the site's proxies, as far as looked for; family 0: it has a name */
    size_t n_literals;
    struct sighted_host *hosts;         /* SIGHT_HOSTS places; the newest at its place stays */
    struct sighted_end *ends;           /* SIGHT_ENDS places, as hosts */
    size_t strangers, earlier, relayed; /* connections that are of no result: see sighting_note */
    bool guess_proxies;
};

/* Fill s->names, s->dns and s->n_dns. */
void sighting_names(struct sighting *s);

/*
 * Fill s->failed: names for which a CONNECT was not granted, with the addresses that DNS gave for
 * them. A CONNECT to such an address asks whether the proxy only cannot resolve the name.
 */
void sighting_failed_names(struct sighting *s);

/* The one of them that has this address; NULL when none has, or several have. */
const char *sighting_failed_name_at(const struct sighting *s, struct addr a, unsigned port);

/*
 * Fill s->relays, once the site's proxies are known, and take out of s->dns what they asked.
 */
void sighting_relays(struct sighting *s);

/* Is it the address of such a proxy? */
bool sighting_is_relay(const struct sighting *s, const struct addr *a);

/* Is this a proxy's own connection, towards what is behind it? */
bool sighting_is_relayed(const struct sighting *s, const struct wire_flow *w);

/* The proxy of the site at this address and port; their number when there is none. */
size_t sighting_proxy_at(struct sighting *s, const struct addr *a);

/* Time servers that were asked, into a site that names none. After sighting_relays. */
void sighting_guess_clocks(struct sighting *s);

/* The route that the aim took, by its hops' names; lives as long as the site. */
const char *sighting_route(struct sighting *s, const struct aim *aim);

/* Is there an address in the answer that a connection could have been seen to? */
bool sighting_leads(const struct wire_dns *d);

/* Is `name` this label with a domain behind it, as a search list (resolv.conf(5)) makes it? */
bool sighting_is_label(const char *label, const char *name);

/* The first name of the address, and whether `name` is one of them (either may be NULL). */
const char *sighting_name_of(const struct sighting *s, const struct addr *a, const char *name,
                             bool *is_one);

/* The exchanges about a name: their number, and the first of them in s->dns. */
size_t sighting_exchanges(const struct sighting *s, const char *name,
                          const struct wire_dns *const **out);

/* The place of a name, as it was on the wire, in the table of hosts. */
struct sighted_host *sighting_place_of(const struct sighting *s, const char *raw, size_t len);

/*
 * Is this host, as an aim has it, an endpoint already? Says yes only where it is sure, and
 * remembers.
 */
bool sighting_is_added(struct sighting *s, const char *host, unsigned port);

/*
 * What the flow was for; guesses proxies when the site has none. Without the pages that it asked
 * for: those are in sighting_aims.
 */
struct aim sighting_aim(struct sighting *s, const struct wire_flow *w);

/* The same with them: one aim, or one for each host of which it asked a proxy for pages. */
size_t sighting_aims(struct sighting *s, const struct wire_flow *w, struct aim aims[SIGHT_AIMS]);

/* Does the request name its host in the request line (RFC 9112 section 3.2.2)? */
bool sighting_is_absolute(const struct wire_tunnel *page);

/* "host", "host:port", "[v6]:port" in lower case; NULL when it is none. */
const char *sighting_split(struct sighting *s, const char *target, unsigned port_default,
                           unsigned *port);

/*
 * Is an endpoint that was seen one without TLS? Nobody named it, and it is by the way (clocks,
 * revocation): optional.
 */
bool sighting_is_plain(const struct aim *aim, const struct wire_flow *w);

/* Is it where certificates say whether they are revoked, by its name or by what was asked? */
bool sighting_is_revocation(const char *host, const struct wire_tunnel *page);

/* The connections of one result, in the order of the capture. */
struct cast {
    const struct wire_flow **flows;
    enum experiment *told;            /* for each: the experiment that it shows to be by itself */
    const struct wire_tunnel **pages; /* for each: what was asked for in plain HTTP, or NULL */
    size_t n, n_told, n_pages;
    int64_t answered_us; /* when the last began on which something was asked and answered */
    uint8_t usual_ttl;   /* the largest with which the client's packets came by */
};

/* The proxy wanted a password, and got it on a connection of its own. */
bool cast_is_superseded(const struct cast *cast, size_t i);

/* A SYN that was meant to end at a router on the way: the experiment trace, or a traceroute. */
bool cast_is_of_trace(const struct cast *cast, size_t i);

bool cast_same_destination(const struct wire_flow *a, const struct wire_flow *b);

/* The last thing that was asked of a proxy; NULL when nothing was. */
const struct wire_tunnel *cast_last_request(const struct wire_flow *w);

/*
 * What is different about this connection, held against the first of its kind? The wire shows it:
 * another server name, a smaller segment size, a smaller or larger hello, an older version.
 */
enum experiment cast_difference(const struct cast *cast, size_t i);

/* How often was this address tried before, this time included? */
int64_t cast_attempt(const struct cast *cast, size_t i);

/*
 * Nothing works at the addresses of the answer that the system uses, and something does at one that
 * only another resolver gives: the experiment other-resolver, which shows that the name leads to
 * the wrong machine (judge/misled.c).
 */
void cast_mark_sources(const struct result *result, struct cast *cast);

#endif
