/*
 * proxy: from what came back on a CONNECT (or a GET for a plain endpoint) to proxy-… causes (RFC
 * 9110 sections 9.3.6, 11.7, 15; RFC 9209).
 *
 * Two questions: who speaks (speaker.c), and what does it say. A denial and a login lie at the one
 * who speaks, a failed connection on the leg behind it.
 */
#include "diag/base/addr.h"
#include "diag/base/text.h"
#include "diag/judge/conclude.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

/* What an answer says about the proxy's next step. */
enum said {
    SAID_NOTHING,
    SAID_DENIED,
    SAID_DNS,
    SAID_REFUSED,
    SAID_TIMEOUT,
    SAID_FAILED,
    SAID_STUCK /* cannot go on, no reason given */
};

struct phrase {
    const char *words;
    enum said said;
};

/* X-Squid-Error, by prefix: names of Squid's error pages, and the errno of a connection. */
static const struct phrase squid_errors[] = {
    {"ERR_CONNECT_FAIL 111", SAID_REFUSED},
    {"ERR_CONNECT_FAIL 110", SAID_TIMEOUT},
    {"ERR_CONNECT_FAIL", SAID_FAILED},
    {"ERR_DNS_FAIL", SAID_DNS},
    {"ERR_CANNOT_FORWARD", SAID_STUCK},
    {"ERR_SECURE_CONNECT_FAIL", SAID_FAILED},
    {"ERR_READ_TIMEOUT", SAID_TIMEOUT},
    {"ERR_LIFETIME_EXP", SAID_TIMEOUT},
    {"ERR_GATEWAY_FAILURE", SAID_FAILED},
    {"ERR_ZERO_SIZE_OBJECT", SAID_FAILED},
    /* Without an errno there was no connection: Squid 5.7 has no address to go to. Measured, GET.
     */
    {"ERR_READ_ERROR 0", SAID_STUCK},
    {"ERR_READ_ERROR", SAID_FAILED},
    {"ERR_WRITE_ERROR", SAID_FAILED},
    {"ERR_SOCKET_FAILURE", SAID_FAILED},
    {"ERR_ACCESS_DENIED", SAID_DENIED},
    {"ERR_FORWARDING_DENIED", SAID_DENIED},
    {"ERR_UNSUP_REQ", SAID_DENIED},
    {"ERR_TOO_BIG", SAID_DENIED},
};

/* The error parameter of Proxy-Status, RFC 9209 section 2.3. */
static const struct phrase status_errors[] = {
    {"dns_timeout", SAID_DNS},
    {"dns_error", SAID_DNS},
    {"destination_not_found", SAID_FAILED},
    {"destination_unavailable", SAID_FAILED},
    {"destination_ip_prohibited", SAID_DENIED},
    {"destination_ip_unroutable", SAID_FAILED},
    {"connection_refused", SAID_REFUSED},
    {"connection_terminated", SAID_FAILED},
    {"connection_timeout", SAID_TIMEOUT},
    {"connection_read_timeout", SAID_TIMEOUT},
    {"connection_write_timeout", SAID_TIMEOUT},
    {"connection_limit_reached", SAID_FAILED},
    {"tls_", SAID_FAILED},
    {"http_request_denied", SAID_DENIED},
};

/* Plain words in the reason, title or text of an error answer of other proxies. */
static const struct phrase spoken[] = {
    {"could not resolve", SAID_DNS},
    {"cannot resolve", SAID_DNS},
    {"unable to resolve", SAID_DNS},
    {"name resolution", SAID_DNS},
    {"unknown host", SAID_DNS},
    {"no such host", SAID_DNS},
    {"host not found", SAID_DNS},
    {"dns lookup", SAID_DNS},
    {"dns error", SAID_DNS},
    {"unable to determine ip", SAID_DNS},
    {"connection refused", SAID_REFUSED},
    {"timed out", SAID_TIMEOUT},
    {"timeout", SAID_TIMEOUT},
    {"time-out", SAID_TIMEOUT},
};

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static enum said in_squid_error(const struct tunnel_detail *d)
{
    /* A policy may show any page (deny_info); what Squid could not do, it says with 5xx. */
    if (BLOCK("proxy-squid-denial-page") && d->status == 403)
        return SAID_DENIED;
    for (size_t i = 0; d->x_squid_error != NULL && i < COUNT(squid_errors); i++) {
        if (text_starts_with_nocase(d->x_squid_error, squid_errors[i].words))
            return squid_errors[i].said;
    }
    return SAID_NOTHING;
}

static enum said in_proxy_status(const struct tunnel_detail *d)
{
    const char *error = d->proxy_status != NULL ? strstr(d->proxy_status, "error=") : NULL;

    for (size_t i = 0; error != NULL && i < COUNT(status_errors); i++) {
        if (text_starts_with_nocase(error + 6, status_errors[i].words))
            return status_errors[i].said;
    }
    return error != NULL ? SAID_FAILED : SAID_NOTHING;
}

static enum said in_words(const struct tunnel_detail *d)
{
    for (size_t i = 0; i < COUNT(spoken); i++) {
        const char *words = spoken[i].words;

        if (has_text(d->reason, words) || has_text(d->title, words) || has_text(d->body, words))
            return spoken[i].said;
    }
    return SAID_NOTHING;
}

/* What it says, from the most exact source to the status code alone. */
static enum said what_it_says(const struct tunnel_detail *d)
{
    enum said said = BLOCK("proxy-squid-error") ? in_squid_error(d) : SAID_NOTHING;

    if (said == SAID_NOTHING && BLOCK("proxy-status-error"))
        said = in_proxy_status(d);
    if (said == SAID_NOTHING && d->status >= 500 && BLOCK("proxy-words"))
        said = in_words(d);
    /* Privoxy's "404 No such domain"; a web server has nothing but its pages to be found. */
    if (said == SAID_NOTHING && d->status == 404 && has_text(d->reason, "No such domain") &&
        BLOCK("proxy-no-such-domain"))
        said = SAID_DNS;
    if (said != SAID_NOTHING)
        return said;
    /* RFC 9110 sections 15.6.2, 15.6.6: it knows no CONNECT, or not this version; nothing upstream.
     */
    if (BLOCK("proxy-knows-no-connect") && (d->status == 501 || d->status == 505))
        return SAID_NOTHING;
    /* RFC 6585 sections 4, 6: too much was asked for, or a login of the network is wanted first. */
    if (BLOCK("proxy-turns-away") && (d->status == 429 || d->status == 511))
        return SAID_DENIED;
    if (d->status == 504) /* RFC 9110 section 15.6.5: not in time from the next one */
        return SAID_TIMEOUT;
    return d->status >= 500 ? SAID_FAILED : SAID_NOTHING;
}

/* The most telling of its own words beside the status line. */
static const char *telling_words(const struct tunnel_detail *d)
{
    bool repeats = d->reason != NULL && *d->reason != '\0' && has_text(d->title, d->reason);

    return d->x_squid_error != NULL  ? d->x_squid_error
           : d->proxy_status != NULL ? d->proxy_status
           : repeats                 ? NULL
                                     : d->title;
}

static const char *own_words(struct cell *c, const struct tunnel_detail *d, const struct speaker *w)
{
    const char *reason = d->reason != NULL && *d->reason != '\0' ? d->reason : NULL;
    const char *telling = telling_words(d);

    return text(
        c->judge, "It says %lld%s%s%s%s%s%s%s.", (long long)d->status, reason != NULL ? " " : "",
        reason != NULL ? reason : "", telling != NULL ? ", " : "", telling != NULL ? telling : "",
        w->how != NULL ? " (" : "", w->how != NULL ? w->how : "", w->how != NULL ? ")" : "");
}

/* Only schemes of a challenge list that the sensor cannot do: it knows Basic and Digest. */
static const char *unsupported_schemes(struct judge *j, const struct tunnel_detail *d)
{
    const char *names = NULL;

    for (size_t i = 0; i < d->n_proxy_authenticate; i++) {
        const char *c = d->proxy_authenticate[i];

        if (text_starts_with_nocase(c, "basic") || text_starts_with_nocase(c, "digest"))
            return NULL;
        names = names == NULL ? c : text(j, "%s, %s", names, c);
    }
    return names;
}

/* Were credentials configured for this hop? */
static bool has_login(const struct cell *c, const char *hop)
{
    const struct hop_facts *f = facts_of_hop(c->judge, hop);

    return f != NULL && f->hop->url != NULL && strchr(f->hop->url, '@') != NULL;
}

static void judge_407(struct cell *c, struct step *s, const struct tunnel_detail *d)
{
    struct speaker who = speaker_of(c, s);
    const char *asked = d->hop != NULL ? d->hop : c->path->stations[1];
    const char *words = own_words(c, d, &who), *schemes = unsupported_schemes(c->judge, d);

    /* Credentials end at the hop they were sent to (RFC 9110 section 11.7.2); a later one has to
     * get its own from that hop, whatever the sensor sends. */
    if (BLOCK("proxy-auth-later-hop") && !same_text(who.hop, asked))
        say_fail(c, s, CAUSE_PROXY_AUTH_REQUIRED, who.hop,
                 text(c->judge, "%s The login has to come from the hop before it.", words));
    else if (BLOCK("proxy-auth-no-scheme") && d->n_proxy_authenticate == 0 &&
             d->auth_offered == NULL && has_login(c, who.hop))
        say_fail(c, s, CAUSE_PROXY_AUTH_UNSUPPORTED, who.hop,
                 "it names no scheme (Proxy-Authenticate is missing), so nothing was sent");
    else if (BLOCK("proxy-auth-unsupported") && schemes != NULL)
        say_fail(c, s, CAUSE_PROXY_AUTH_UNSUPPORTED, who.hop, schemes);
    else if (BLOCK("proxy-auth-rejected") && d->auth_offered != NULL)
        say_fail(c, s, CAUSE_PROXY_AUTH_REJECTED, who.hop,
                 text(c->judge, "%s %s was sent.", words, d->auth_offered));
    else
        say_fail(c, s, CAUSE_PROXY_AUTH_REQUIRED, who.hop, words);
}

/* Was the proxy asked for a name, which it has to resolve, and not for an address? */
static bool asked_for_a_name(const struct cell *c, const struct step *s,
                             const struct tunnel_detail *d)
{
    const char *target = d->request != NULL && s->step == STEP_TUNNEL ? d->request
                         : s->target != NULL                          ? s->target
                                                                      : c->result->endpoint;
    struct addr a;

    return !addr_parse_port(target, 0, &a);
}

/* Can this hop pass a request on to a parent, so that it may be the parent that is missing? */
static bool may_have_a_parent(const struct cell *c, const char *hop)
{
    return c->path->route->forwarded && !same_text(station_after(c, hop), "endpoint");
}

/* An answer that a proxy alone gives, or one from a machine that was a proxy elsewhere in the run.
 */
static bool surely_a_proxy(const struct cell *c, const struct tunnel_detail *d)
{
    const struct hop_facts *f =
        facts_of_hop(c->judge, d->hop != NULL ? d->hop : c->path->stations[1]);

    return d->x_squid_error != NULL || d->proxy_status != NULL || d->via != NULL ||
           (f != NULL && f->is_proxy);
}

/* The made-up name under a wildcard: the policy let it through, only the name leads nowhere. */
static bool admits_wildcard(const struct cell *c, enum cause cause, const char *at)
{
    if (!c->result->of_endpoint->wildcard)
        return false;
    return cause == CAUSE_PROXY_DNS_FAILED || same_text(at, last_leg(c));
}

static void say_upstream(struct cell *c, struct step *s, enum cause cause, const char *at,
                         const char *words)
{
    if (BLOCK("wildcard-admitted") && admits_wildcard(c, cause, at)) {
        say_pass(s);
        s->note = "the policy admits the name; that it leads nowhere is expected";
        return;
    }
    say_fail(c, s, cause, at, words);
}

/* The last known hop cannot forward a request by name: by address either? */
static void judge_stuck(struct cell *c, struct step *s, const struct speaker *who,
                        const char *words)
{
    const struct hop_facts *f = facts_of_hop(c->judge, who->hop);

    if (BLOCK("proxy-stuck-parent") && f != NULL && f->stuck_at_addresses)
        say_upstream(c, s, CAUSE_PROXY_UPSTREAM_FAILED, leg_after(c, who->hop),
                     text(c->judge,
                          "%s It says the same when it is asked for an address, so its DNS is not "
                          "the reason: %s may have a parent proxy of its own, which is down.",
                          words, who->hop));
    else
        say_upstream(c, s, CAUSE_PROXY_DNS_FAILED, who->hop, words);
}

/* Its rules may be about the account, where it took a login; a later hop has heard of none. */
static const char *denial(struct cell *c, const struct tunnel_detail *d, const struct speaker *who,
                          const char *words)
{
    if (!BLOCK("proxy-denied-account") || d->auth_offered == NULL || !same_text(who->hop, d->hop))
        return words;
    return text(c->judge, "%s It took the login (%s), so its rule may be about the account.", words,
                d->auth_offered);
}

/* What is asked of this hop comes back to it. */
static void say_circle(struct cell *c, struct step *s, const char *words)
{
    const char *hop = step_tunnel(s)->hop;

    say_fail(c, s, CAUSE_PROXY_UPSTREAM_FAILED, chain_circle_leg(c, hop),
             text(c->judge,
                  "%s%sWhat is asked of %s comes back to it: proxies are each other's parent, and "
                  "send a request round in a circle until it is too long or they are out of "
                  "descriptors.",
                  words != NULL ? words : "", words != NULL ? " " : "", hop));
}

static void judge_status(struct cell *c, struct step *s, const struct tunnel_detail *d)
{
    struct speaker who = speaker_of(c, s);
    const char *words = own_words(c, d, &who), *behind = leg_after(c, who.hop);
    enum said said = what_it_says(d);

    if (BLOCK("proxy-goes-past") && chain_goes_past(c, s, who.hop))
        words = text(c->judge,
                     "%s The address that its page names is the endpoint's, not that of %s: it "
                     "goes there itself.",
                     words, station_after(c, who.hop));
    if (BLOCK("proxy-in-a-circle") && chain_is_circle(c->judge, s) &&
        (said == SAID_STUCK || chain_went_round(s)))
        say_circle(c, s, words);
    else if (said == SAID_DNS)
        say_upstream(c, s, CAUSE_PROXY_DNS_FAILED, who.hop, words);
    /* Squid 5.7 says ERR_CANNOT_FORWARD when a CONNECT's name does not resolve, and when its
     * parent is dead. The last one of the chain has no parent, or one that nobody told us of.
     * Measured. */
    else if (BLOCK("proxy-stuck-dns") && said == SAID_STUCK && who.certain &&
             !may_have_a_parent(c, who.hop) && asked_for_a_name(c, s, d))
        judge_stuck(c, s, &who, words);
    /* It does not say why, and with the address it can. */
    else if (BLOCK("proxy-dns-by-address") && said == SAID_FAILED && d->x_squid_error == NULL &&
             d->proxy_status == NULL && address_is_reached(c, s))
        say_fail(c, s, CAUSE_PROXY_DNS_FAILED, who.hop,
                 text(c->judge, "%s It connects when it is asked for the address.", words));
    else if (said == SAID_REFUSED)
        say_upstream(c, s, CAUSE_PROXY_UPSTREAM_REFUSED, behind, words);
    else if (said == SAID_TIMEOUT)
        say_upstream(c, s, CAUSE_PROXY_UPSTREAM_TIMEOUT, behind, words);
    else if (said == SAID_FAILED || said == SAID_STUCK)
        say_upstream(c, s, CAUSE_PROXY_UPSTREAM_FAILED, behind, words);
    else if (BLOCK("proxy-denied") && (said == SAID_DENIED || d->status == 403 || d->status == 451))
        say_fail(c, s, CAUSE_PROXY_DENIED, who.hop, denial(c, d, &who, words));
    /* 400, 404, 405, 501, redirects: from a web server "what is CONNECT", from a proxy "no". */
    else if (BLOCK("proxy-denied-otherwise") && surely_a_proxy(c, d))
        say_fail(c, s, CAUSE_PROXY_DENIED, who.hop, words);
    else
        say_fail(c, s, CAUSE_PROXY_NOT_A_PROXY, who.hop, words);
}

/* TLS records begin 20..23, 3 (RFC 8446 section 5.1); a plain port answers with an HTTP error. */
static const char *other_language(struct cell *c, const struct tunnel_detail *d)
{
    const char *first = d->first_bytes;

    if (first == NULL)
        return "it does not speak HTTP";
    if (strncmp(first, "\\x15\\x03", 8) == 0 || strncmp(first, "\\x16\\x03", 8) == 0)
        return "it speaks TLS: the proxy setting should say https://";
    /* RFC 1928 section 3: no method is acceptable; SOCKS 4: request rejected. */
    if (strncmp(first, "\\x05\\xff", 8) == 0 || strncmp(first, "\\x00[", 5) == 0)
        return "it speaks SOCKS: that port takes no HTTP";
    return text(c->judge, "it answers \"%s\"", first);
}

/* A closed door may be one that another key opens. */
static bool speaks_tls(const struct cell *c, const char *hop)
{
    const struct hop_facts *f = facts_of_hop(c->judge, hop);

    return BLOCK("proxy-speaks-tls") && f != NULL && f->speaks_tls == TRI_YES;
}

void proxy_sieve(struct cell *c, struct probe *p, struct step *s)
{
    const struct tunnel_detail *d = step_tunnel(s);
    const char *hop = step_hop(c, p, s);
    bool words = d != NULL && d->received != INT_UNKNOWN && d->received > 0;

    if (d == NULL || hop == NULL || not_tried(s)) {
        say_skip(s);
        return;
    }
    switch (s->outcome) {
    case OUTCOME_OK:
        say_pass(s);
        return;
    case OUTCOME_HTTP_STATUS:
        if (BLOCK("proxy-auth") && d->status == 407)
            judge_407(c, s, d);
        /* Tinyproxy asks with 407 and refuses what it then gets with 401. */
        else if (BLOCK("proxy-auth-401") && d->status == 401 && d->auth_offered != NULL)
            judge_407(c, s, d);
        else
            judge_status(c, s, d);
        return;
    case OUTCOME_APP_UNEXPECTED: /* the proxy did its part */
        say_fail(c, s, CAUSE_APP_REFUSED, "endpoint",
                 text(c->judge, "%lld %s, %s", (long long)d->status,
                      d->reason != NULL ? d->reason : "",
                      d->kind != NULL ? d->kind : "not what was asked for"));
        return;
    case OUTCOME_TIMEOUT:
        if (BLOCK("silence-in-a-circle") && chain_is_circle(c->judge, s) && !words)
            say_circle(c, s, NULL);
        else
            silence_sieve(c, s, hop);
        return;
    case OUTCOME_RESET:
    case OUTCOME_CLOSED:
        if (BLOCK("proxy-cut-answer") && words)
            say_fail(c, s, CAUSE_PROXY_MALFORMED, hop, "it breaks off in the middle");
        else
            say_fail(c, s, CAUSE_PROXY_CLOSED, hop,
                     speaks_tls(c, hop) ? "It speaks TLS: the proxy setting should say https://."
                                        : NULL);
        return;
    case OUTCOME_NOT_HTTP:
        say_fail(c, s, CAUSE_PROXY_NOT_A_PROXY, hop, other_language(c, d));
        return;
    default: /* malformed, oversized */
        say_fail(c, s, CAUSE_PROXY_MALFORMED, hop,
                 d->error != NULL                       ? d->error
                 : s->outcome == OUTCOME_HTTP_OVERSIZED ? "its head has no end"
                                                        : "its head breaks the rules");
        return;
    }
}
