/* sighting_page: what was asked for in plain HTTP, and of whom. Part of sighting. */
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/sighting_state.h"

#include <netinet/in.h>
#include <string.h>

enum { HTTP_PORT = 80, HTTPS_PORT = 443 };

static const char scheme[] = "http://";

bool sighting_is_absolute(const struct wire_tunnel *page)
{
    return text_starts_with_nocase(page->target, scheme);
}

/* Host and port of "http://[user@]host[:port]/...". */
static const char *host_in(struct sighting *s, const struct wire_tunnel *page, unsigned *port)
{
    const char *from = page->target + strlen(scheme);
    char *authority = arena_strndup(s->arena, from, strcspn(from, "/?#"));
    char *at = strrchr(authority, '@');

    return sighting_split(s, at != NULL ? at + 1 : authority, HTTP_PORT, port);
}

static bool is_known(const struct aim *aims, size_t n, const char *host, unsigned port)
{
    for (size_t i = 0; i < n; i++) {
        if (aims[i].port == port && aims[i].host != NULL && strcmp(aims[i].host, host) == 0)
            return true;
    }
    return false;
}

/*
 * Our own experiment hop-page: the page of a host for which the same proxy was asked for a tunnel
 * before, and had not answered.
 */
static bool is_question(const struct sighting *s, const struct wire_flow *w,
                        const struct wire_tunnel *page, const char *host)
{
    if (!s->file->own || !text_ends_with_nocase(page->target, "/"))
        return false;
    for (size_t i = 0; i < s->file->n_flows; i++) {
        const struct wire_flow *other = wire_flow_at(s->file, i);
        const struct wire_tunnel *asked = cast_last_request(other);

        if (asked != NULL && asked->answered_us == 0 && other->last_us <= w->first_us &&
            cast_same_destination(other, w) && strncmp(asked->target, host, strlen(host)) == 0 &&
            asked->target[strlen(host)] == ':')
            return true;
    }
    return false;
}

size_t sighting_aims(struct sighting *s, const struct wire_flow *w, struct aim aims[SIGHT_AIMS])
{
    const struct aim aim = sighting_aim(s, w);
    size_t n = 0;

    aims[0] = aim;
    if (w->talk == NULL || w->talk->pages == NULL || w->talk->tls != NULL)
        return 1;
    if (!sighting_is_absolute(w->talk->pages)) {
        if (!aim.hop_only)
            aims[0].page = w->talk->pages;
        return 1;
    }
    for (const struct wire_tunnel *page = w->talk->pages; page != NULL && n < SIGHT_AIMS;
         page = page->next) {
        unsigned port;
        const char *host = sighting_is_absolute(page) ? host_in(s, page, &port) : NULL;

        if (host == NULL || aim.n_hops == 0 || is_known(aims, n, host, port))
            continue;
        aims[n] = aim;
        aims[n].port = port;
        aims[n].page = page;
        aims[n].by_address = aims[n].other_name = false;
        aims[n].hop_only = port == HTTP_PORT && is_question(s, w, page, host);
        aims[n].host = aims[n].hop_only ? NULL : host;
        aims[n].question = aims[n].hop_only ? EXPERIMENT_HOP_PAGE : EXPERIMENT_NONE;
        n++;
    }
    return n > 0 ? n : 1;
}

bool sighting_is_plain(const struct aim *aim, const struct wire_flow *w)
{
    bool tls = w->talk != NULL && w->talk->tls != NULL;

    return aim->port != HTTPS_PORT && !tls && (aim->page != NULL || aim->port == HTTP_PORT);
}

bool sighting_is_revocation(const char *host, const struct wire_tunnel *page)
{
    const char *dot = strchr(host, '.');
    const char *ocsp = strstr(host, "ocsp"), *crl = strstr(host, "crl");

    if (page != NULL && reenact_expects(page) != NULL)
        return true;
    return dot != NULL && ((ocsp != NULL && ocsp < dot) || (crl != NULL && crl < dot));
}
