/*
 * portal: a redirect that leads to somebody else, in the place of a server without TLS. A captive
 * portal (RFC 8952) or a filter says 302 to everybody; servers redirect too, but to themselves, to
 * their own site, or to another site of the same company. Nothing in one answer proves whose it is;
 * so it takes one of three signs that no genuine server gives.
 */
#include "diag/base/addr.h"
#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/judge/sieve.h"

#include <stdlib.h>
#include <string.h>

/* The vendor's sites lead to each other, and to nobody else. */
static const char *const vendor_sites[] = {
    "microsoft.com",
    "microsoft",
    "microsoftonline.com",
    "azure.com",
    "azure.net",
    "azure.cn",
    "azure.us",
    "windows.net",
    "azure-devices.net",
    "azure-devices.us",
    "azure-devices.cn",
    "azureedge.net",
    "azurefd.net",
    "windows.com",
    "live.com",
    "office.com",
    "office.net",
    "office365.com",
    "msftauth.net",
    "msn.com",
    "bing.com",
    "aka.ms",
    "visualstudio.com",
    "trafficmanager.net",
    "usgovcloudapi.net",
    "chinacloudapi.cn",
    "windowsazure.cn",
    "cloudapp.net",
    "windowsupdate.com",
    "msedge.net",
    "digicert.com",
};

/* Who leads where. */
struct lead {
    const char *to;
    const struct endpoint *from;
};

/* Is `host` that site, or under it? */
static bool is_of(const char *host, const char *site)
{
    size_t len = strlen(host), site_len = strlen(site);

    return text_ends_with_nocase(host, site) &&
           (len == site_len || host[len - site_len - 1] == '.');
}

static bool is_vendors(const char *host)
{
    for (size_t i = 0; i < sizeof vendor_sites / sizeof *vendor_sites; i++) {
        if (is_of(host, vendor_sites[i]))
            return true;
    }
    return false;
}

/* The last two labels: too much of some names (co.uk), which makes for fewer alarms. */
static const char *site_of(const char *host)
{
    const char *dot = strrchr(host, '.');

    while (dot != NULL && dot > host && dot[-1] != '.')
        dot--;
    return dot != NULL ? dot : host;
}

static bool same_site(const char *a, const char *b)
{
    return is_of(a, site_of(b));
}

/* "http://HOST:PORT/PATH": the host, without brackets; NULL when it stays with the server. */
static const char *host_of(struct judge *j, const char *location)
{
    const char *at = location != NULL ? strstr(location, "//") : NULL;
    size_t len;

    /* A "//" further on belongs to a path or a query (RFC 3986 section 3). */
    if (at == NULL || strcspn(location, "/?#") < (size_t)(at - location))
        return NULL;
    at += 2;
    len = strcspn(at, "/?#");
    for (size_t i = len; i-- > 0;) { /* user information is no host */
        if (at[i] == '@') {
            at += i + 1;
            len -= i + 1;
            break;
        }
    }
    if (len > 0 && *at == '[') {
        at++;
        len = strcspn(at, "]/");
    } else {
        size_t colon = strcspn(at, ":");

        len = colon < len ? colon : len;
    }
    return len > 0 ? text(j, "%.*s", (int)len, at) : NULL;
}

/* Where an answer in the clear sends to; NULL: nowhere, or it was no such answer. */
static const char *target_of(struct judge *j, const struct step *s)
{
    const struct app_detail *a = step_app(s);
    const struct tunnel_detail *t = s->step == STEP_HTTP ? step_tunnel(s) : NULL;
    int64_t status = a != NULL ? a->status : t != NULL ? t->status : INT_UNKNOWN;

    if (status < 300 || status > 399)
        return NULL;
    return host_of(j, a != NULL ? a->location : t->location);
}

static int by_target(const void *a, const void *b)
{
    const struct lead *x = a, *y = b;
    int order = strcmp(x->to, y->to);

    return order != 0 ? order : x->from < y->from ? -1 : x->from > y->from;
}

/* One target of endpoints that have nothing to do with each other or with it. */
static void judge_target(struct judge *j, const struct lead *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (!same_site(list[0].from->host, list[i].from->host)) {
            list_push(j->r->arena, j->portals, j->n_portals, list[0].to);
            return;
        }
    }
}

void portal_learn(struct judge *j)
{
    struct lead *list = NULL;
    size_t n = 0;

    for (size_t i = 0; i < j->r->n_results; i++) {
        const struct result *x = j->r->results[i];

        for (size_t k = 0; k < x->n_steps; k++) {
            const struct step *s = x->steps[k];
            const char *to = s->detail != NULL ? target_of(j, s) : NULL;

            if (to != NULL && !is_vendors(to) && !same_site(to, x->of_endpoint->host))
                list_push(j->r->arena, list, n, ((struct lead){to, x->of_endpoint}));
        }
    }
    if (n > 1)
        qsort(list, n, sizeof *list, by_target);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && strcmp(list[i].to, list[end].to) == 0;)
            end++;
        judge_target(j, list + i, end - i);
    }
}

static bool is_portal(const struct judge *j, const char *host)
{
    for (size_t i = 0; i < j->n_portals; i++) {
        if (strcmp(j->portals[i], host) == 0)
            return true;
    }
    return false;
}

/* Does a server with a public address send to one of the site's own network? */
static bool leads_inside(const struct cell *c, const struct step *s, const char *host)
{
    struct addr to, from;

    return c->path->n_legs == 1 && s->address != NULL && addr_parse_port(s->address, 0, &from) &&
           addr_kind(&from) == ADDR_PUBLIC && addr_parse(host, &to) &&
           addr_kind(&to) != ADDR_PUBLIC;
}

static const char *why_not_genuine(const struct cell *c, const struct step *s, const char *to)
{
    const char *host = c->result->of_endpoint->host;

    if (BLOCK("portal-for-all") && is_portal(c->judge, to))
        return "other endpoints that have nothing to do with it are sent there too";
    if (BLOCK("portal-inside") && leads_inside(c, s, to))
        return "that is an address inside of a site, to which no public server leads";
    if (BLOCK("portal-not-the-vendors") && is_vendors(host) && !is_vendors(to))
        return "that is no site of the vendor's, whose servers lead to nobody else";
    return NULL;
}

const char *portal_of(const struct cell *c, const struct step *s)
{
    const char *to = s != NULL && s->outcome == OUTCOME_OK && c->result->of_endpoint->plain &&
                             c->result->of_endpoint->expects == NULL
                         ? target_of(c->judge, s)
                         : NULL;

    return to != NULL && !same_site(to, c->result->of_endpoint->host) &&
                   why_not_genuine(c, s, to) != NULL
               ? to
               : NULL;
}

void portal_sieve(struct cell *c, struct step *s)
{
    const char *to = portal_of(c, s);

    if (to != NULL)
        say_fail(c, s, CAUSE_APP_REFUSED, "endpoint",
                 text(c->judge, "a redirect to %s comes in its place; %s", to,
                      why_not_genuine(c, s, to)));
}
