/* sighting_state: what sighting.c and sighting_name.c share. Private to sighting. */
#ifndef HOPPROOF_SIGHTING_STATE_H
#define HOPPROOF_SIGHTING_STATE_H

#include "diag/sighting.h"

enum {
    SIGHT_HOPS = 8,
    SIGHT_HOSTS = 4096, /* a power of two */
};

/* A name that a resolver gave for an address. */
struct sighted_name {
    struct addr addr;
    const char *name;
};

/* A name as it was on the wire, and as a host: many connections go to few hosts. */
struct sighted_host {
    const char *raw;
    size_t len;
    const char *host;
    unsigned added; /* port with which it was made an endpoint; 0: none */
};

/* What a connection was for. */
struct aim {
    const char *host; /* NULL: nothing that we can name */
    unsigned port;
    size_t hops[SIGHT_HOPS]; /* indices of site->proxies */
    size_t n_hops;
    bool other_name; /* the server name is none of the address's own: an experiment */
    bool hop_only;   /* goes to a proxy, and never said for what */
};

struct sighting {
    struct site *site;
    struct arena *arena;
    const struct wire_file *file;
    struct sighted_name *names; /* sorted by address */
    size_t n_names;
    const struct wire_dns **dns; /* the capture's exchanges, sorted by name, then by time */
    struct sighted_host *hosts;  /* SIGHT_HOSTS places; the newest at its place stays */
    size_t strangers;
    bool guess_proxies;
};

/* Fill s->names and s->dns. */
void sighting_names(struct sighting *s);

/* Is `name` this label with a domain behind it, as a search list (resolv.conf(5)) makes it? */
bool sighting_is_label(const char *label, const char *name);

/* The first name of the address, and whether `name` is one of them (either may be NULL). */
const char *sighting_name_of(const struct sighting *s, const struct addr *a, const char *name,
                             bool *is_one);

/* The exchanges about a name: their number, and the first of them in s->dns. */
size_t sighting_exchanges(const struct sighting *s, const char *name,
                          const struct wire_dns *const **out);

/*
 * Is this host, as an aim has it, an endpoint already? Says yes only where it is sure, and
 * remembers.
 */
bool sighting_is_added(struct sighting *s, const char *host, unsigned port);

/* What the flow was for; guesses proxies when the site has none. */
struct aim sighting_aim(struct sighting *s, const struct wire_flow *w);

#endif
