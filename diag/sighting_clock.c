/* sighting_clock: time servers in a capture: those of the site, or all that were asked. Part of
 * sighting. */
#include "diag/base/arena.h"
#include "diag/sighting_state.h"

#include <string.h>

enum { CLOCKS_MAX = 64 };

static bool is_of_site(const struct sighting *s, const char *host, unsigned port)
{
    for (size_t i = 0; i < s->site->n_ntp; i++) {
        if (s->site->ntp[i]->port == port && strcmp(s->site->ntp[i]->host, host) == 0)
            return true;
    }
    return false;
}

void sighting_guess_clocks(struct sighting *s)
{
    if (s->site->n_ntp > 0)
        return;
    for (size_t i = 0; i < s->file->n_clocks && s->site->n_ntp < CLOCKS_MAX; i++) {
        const struct wire_clock *c = &s->file->clocks[i];
        struct site_ntp *ntp;
        char text[ADDR_TEXT];
        bool unused;
        const char *host = sighting_name_of(s, &c->server, NULL, &unused);

        if (sighting_is_relay(s, &c->client))
            continue;
        if (host == NULL)
            host = arena_strdup(s->arena, addr_text(&c->server, text));
        if (is_of_site(s, host, c->server.port))
            continue;
        ntp = arena_new_of(s->arena, struct site_ntp);
        ntp->host = host;
        ntp->port = c->server.port;
        list_push(s->arena, s->site->ntp, s->site->n_ntp, ntp);
    }
}

static bool is_at(const struct sighting *s, const struct time_server *t, const struct addr *server)
{
    struct addr literal;
    bool is_one;

    if (server->port != t->port)
        return false;
    if (addr_parse(t->host, &literal))
        return addr_same_ip(&literal, server);
    sighting_name_of(s, server, t->host, &is_one);
    return is_one;
}

/* Somebody looked for its name, and no answer led anywhere. */
static bool has_no_address(const struct sighting *s, const char *host)
{
    const struct wire_dns *const *exchanges;
    size_t n = sighting_exchanges(s, host, &exchanges);
    bool answered = false;

    for (size_t i = 0; i < n; i++) {
        if (sighting_leads(exchanges[i]))
            return false;
        answered = answered || exchanges[i]->answered;
    }
    return answered;
}

void sighting_clocks(struct sighting *s, struct reenact *r)
{
    for (size_t i = 0; i < r->report->n_time_servers; i++) {
        struct time_server *t = r->report->time_servers[i];

        for (size_t k = 0; k < s->file->n_clocks; k++) {
            const struct wire_clock *c = &s->file->clocks[k];

            if (!sighting_is_relay(s, &c->client) && is_at(s, t, &c->server))
                reenact_clock(r, t, c);
        }
        if (t->outcome == OUTCOME_NONE && has_no_address(s, t->host))
            t->outcome = OUTCOME_NTP_NO_ADDRESS;
    }
}
