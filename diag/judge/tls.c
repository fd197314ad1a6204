/*
 * tls: from a handshake's outcome to tls-… causes (RFC 8446, 5246, 6066).
 *
 * A handshake that dies without words looks the same whoever killed it. What tells the killers
 * apart is what else dies or lives on the same address: another server name, a smaller hello, a
 * smaller segment size, a connection on which nothing is said.
 */
#include "diag/base/text.h"
#include "diag/judge/learned.h"
#include "diag/judge/sieve.h"

#include <string.h>

static const char at_endpoint[] = "endpoint";

/* Alert names are written with _ in RFC 8446; - is taken as well. */
static bool is_alert(const char *alert, const char *name)
{
    size_t i = 0;

    if (alert == NULL)
        return false;
    for (; name[i] != '\0'; i++) {
        char a = alert[i] == '-' ? '_' : alert[i];

        if (a != name[i])
            return false;
    }
    return alert[i] == '\0';
}

/* What a server says when it got an empty certificate message (RFC 5246 section 7.4.6). */
static bool is_client_cert_alert(const struct tls_detail *d)
{
    static const char *const names[] = {"handshake_failure",   "bad_certificate",
                                        "certificate_unknown", "no_certificate",
                                        "unknown_ca",          "access_denied"};

    if (is_alert(d->alert, "certificate_required")) /* RFC 8446: nothing else means it */
        return true;
    for (size_t i = 0; d->client_cert_requested && i < sizeof names / sizeof *names; i++) {
        if (is_alert(d->alert, names[i]))
            return true;
    }
    return false;
}

static bool lives(const struct cell *c, enum experiment what)
{
    return experiment_fate(c, what) == FATE_LIVES;
}

static bool dies(const struct cell *c, enum experiment what)
{
    return experiment_fate(c, what) == FATE_DIES;
}

/* Another name, or none, at the same address. With a refusal in words the hello got there too. */
static bool other_name_lives(const struct cell *c)
{
    return lives(c, EXPERIMENT_OTHER_NAME) || lives(c, EXPERIMENT_NO_NAME);
}

static bool other_name_answers(const struct cell *c)
{
    return experiment_fate(c, EXPERIMENT_OTHER_NAME) >= FATE_ANSWERS ||
           experiment_fate(c, EXPERIMENT_NO_NAME) >= FATE_ANSWERS;
}

/* A server that asked for a certificate got none, and left. */
static bool left_after_asking(const struct tls_detail *d)
{
    return d->client_cert_requested &&
           (same_text(d->reached, "certificate") || same_text(d->reached, "finished"));
}

/* The same once more lives: whatever the reason, it is none that always holds. */
static bool comes_and_goes(const struct cell *c)
{
    return BLOCK("tls-repeat-lives") && lives(c, EXPERIMENT_REPEAT);
}

static bool small_segments_help(const struct cell *c, const struct step *s)
{
    return s->outcome == OUTCOME_TIMEOUT && lives(c, EXPERIMENT_SMALL_MSS);
}

/*
 * A filter by name: dies with this one, lives with another. A small hello with the same name that
 * lives speaks for a filter by size, and then both remain: see size_only.
 */
static bool name_only(const struct cell *c, const struct step *s)
{
    bool other = other_name_lives(c);

    /* Where an answer was lost, only the full flight of the other name counts: a short refusal
     * passes where a long certificate does not. Unless small segments did not help either. */
    if (!other && other_name_answers(c))
        other = s->outcome != OUTCOME_TIMEOUT || dies(c, EXPERIMENT_SMALL_MSS);
    return other && !lives(c, EXPERIMENT_SMALL_HELLO);
}

/* What an old version was needed for; NULL where the experiment did not live. */
static const struct tls_detail *legacy(const struct cell *c)
{
    const struct step *s = lives(c, EXPERIMENT_LEGACY_TLS)
                               ? probe_last(experiment_probe(c, EXPERIMENT_LEGACY_TLS))
                               : NULL;

    return step_tls(s);
}

/* It lives by an old version, and not by the old ciphers that were offered along with it. */
static bool only_old_versions(const struct cell *c)
{
    const struct tls_detail *d = legacy(c);

    return d != NULL && !(BLOCK("tls-old-ciphers") && has_text(d->version, "TLSv1.") &&
                          !same_text(d->version, "TLSv1.1") && !same_text(d->version, "TLSv1.0"));
}

static const char *old_version(struct cell *c)
{
    const char *version = legacy(c)->version;

    return version == NULL
               ? "Only versions before TLS 1.2 live."
               : text(c->judge, "Only versions before TLS 1.2 live: it takes %s.", version);
}

/* Our hello with nothing newer than 1.2 in it lives, and no smaller change helped. */
static bool cannot_cope_with_13(const struct cell *c)
{
    return BLOCK("tls-1-3-intolerance") && lives(c, EXPERIMENT_TLS12) &&
           !lives(c, EXPERIMENT_SMALL_HELLO) && !other_name_answers(c);
}

bool tls_dies_of_13(const struct cell *c, enum cause cause)
{
    return (cause == CAUSE_TLS_TIMEOUT || cause == CAUSE_TLS_RESET || cause == CAUSE_TLS_CLOSED) &&
           cannot_cope_with_13(c->taught_by != NULL ? c->taught_by : c);
}

/*
 * Nothing that we sent was acknowledged, and yet a segment came after the handshake's own: without
 * data and without an acknowledgement it is the SYN-ACK once more (RFC 9293 section 3.10.7.4), of a
 * server that our ACK did not reach either. Behind a proxy the socket is the proxy's business.
 */
bool tls_is_one_way(const struct cell *c, const struct step *s)
{
    const struct sock *sock = step_sock(s);

    return c->path->n_legs == 1 && s->outcome == OUTCOME_TIMEOUT && sock != NULL &&
           sock->sent > 0 && sock->acked == 0 && sock->received == 0 && sock->segments_in > 1;
}

/* A hello that fits into one segment and dies all the same does not die of being in pieces. */
static bool size_only(const struct cell *c, const struct tls_detail *d)
{
    bool one_segment = d->sock != NULL && d->sock->mss > 0 && d->hello_len != INT_UNKNOWN &&
                       d->hello_len <= d->sock->mss;

    return lives(c, EXPERIMENT_SMALL_HELLO) && !other_name_answers(c) &&
           !(BLOCK("hello-in-one-segment") && one_segment);
}

static const char *how_far(struct cell *c, const struct step *s, const struct tls_detail *d)
{
    if (other_name_answers(c) && lives(c, EXPERIMENT_SMALL_HELLO))
        return "A filter by server name or one by the size of the ClientHello; the tests "
               "support both.";
    if (cannot_cope_with_13(c))
        return "With TLS 1.2 only it lives: a device on the way, or the server, cannot cope with "
               "TLS 1.3.";
    if (lives(c, EXPERIMENT_SMALL_HELLO))
        return "A smaller ClientHello lives: its size matters, or what newer TLS versions put "
               "into it.";
    if (d->received == INT_UNKNOWN)
        return s->outcome == OUTCOME_TIMEOUT ? "Nothing more came." : NULL;
    if (d->received == 0)
        return BLOCK("tls-one-way-words") && tls_is_one_way(c, s)
                   ? "Not one byte came back, and the server repeats its first answer (SYN-ACK): "
                     "it "
                     "hears nothing of what follows our SYN."
                   : "Not one byte came back.";
    return text(c->judge, "%lld byte%s came back, up to: %s.", (long long)d->received,
                d->received == 1 ? "" : "s",
                d->reached != NULL ? d->reached : "an incomplete message");
}

/* Was a connection reset on which nothing had been said yet? Perhaps before we came to look. */
static bool reset_unspoken(const struct probe *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct step *s = p->steps[i];
        const struct sock *sock = step_sock(s);

        if (s->outcome != OUTCOME_RESET)
            continue;
        if (s->step == STEP_CONNECT)
            return BLOCK("tcp-reset-before-we-looked");
        return sock != NULL && sock->sent == 0;
    }
    return false;
}

/* Was it reset before our words mattered? Only on the first leg do we hear the peer itself. */
static bool reset_regardless(const struct cell *c, const struct step *s, const struct tls_detail *d)
{
    const struct probe *silent = experiment_probe(c, EXPERIMENT_SILENT);
    const struct sock *sock = silent != NULL ? step_sock(probe_last(silent)) : NULL;

    if (s->outcome != OUTCOME_RESET || d->received > 0 || c->path->route->n_hops > 0)
        return false;
    if (BLOCK("tcp-reset-silent") && silent != NULL && reset_unspoken(silent))
        return true;
    if (sock != NULL && sock->sent == 0) /* it stayed open, or was closed in order */
        return false;
    return BLOCK("tcp-reset-unsent") && d->sock != NULL && d->sock->sent == 0;
}

/*
 * The reset only answers a ClientHello that came to a closed door: a connection on which nothing is
 * said is closed in order, and as soon as this one died. An idle timeout takes longer.
 */
static bool closed_regardless(const struct cell *c, const struct step *s)
{
    enum { AS_SOON_US = 100000 };
    const struct probe *silent = experiment_probe(c, EXPERIMENT_SILENT);
    const struct step *last = silent != NULL ? probe_last(silent) : NULL;
    const struct sock *sock = step_sock(last);

    return s->outcome == OUTCOME_RESET && last != NULL && last->outcome == OUTCOME_CLOSED &&
           sock != NULL && sock->sent == 0 && last->duration_us != INT_UNKNOWN &&
           last->duration_us <= s->duration_us + AS_SOON_US;
}

const char *leg_of_death(const struct cell *c, const struct step *s)
{
    const struct sock *sock = step_sock(s);

    return BLOCK("tls-unacked") && s->outcome == OUTCOME_TIMEOUT && sock != NULL &&
                   sock->unacked > 0 && sock->retransmits > 0
               ? first_leg(c)
               : last_leg(c);
}

static void judge_death(struct cell *c, struct step *s, const struct tls_detail *d)
{
    enum cause cause = s->outcome == OUTCOME_TIMEOUT ? CAUSE_TLS_TIMEOUT
                       : s->outcome == OUTCOME_RESET ? CAUSE_TLS_RESET
                                                     : CAUSE_TLS_CLOSED;
    const char *leg = leg_of_death(c, s);

    if (BLOCK("tls-client-cert-left") && s->outcome != OUTCOME_TIMEOUT && left_after_asking(d))
        say_fail(c, s, CAUSE_TLS_CLIENT_CERT_REQUIRED, at_endpoint, NULL);
    else if (comes_and_goes(c))
        say_fail(c, s, cause, leg, "The same once more lived.");
    else if (reset_regardless(c, s, d))
        say_fail(c, s, CAUSE_TCP_RESET, last_leg(c), NULL);
    else if (BLOCK("tls-closed-regardless") && closed_regardless(c, s))
        say_fail(c, s, CAUSE_TLS_CLOSED, last_leg(c),
                 "A connection on which nothing is said is closed as well.");
    else if (BLOCK("tls-version-legacy") && only_old_versions(c))
        say_fail(c, s, CAUSE_TLS_VERSION, at_endpoint, old_version(c));
    /* Small segments carry the same bytes: neither name nor length of the hello is the matter.
     * Our segment size rules the first connection only, so that is where the hole is. */
    else if (BLOCK("mtu-small-mss") && small_segments_help(c, s))
        say_fail(c, s, CAUSE_MTU_BLACKHOLE, first_leg(c),
                 "With small segments the same handshake lives.");
    else if (BLOCK("sni-other-name") && name_only(c, s))
        say_fail(c, s, CAUSE_SNI_FILTERED, leg, NULL);
    else if (BLOCK("hello-size-small") && size_only(c, d))
        say_fail(c, s, CAUSE_HELLO_SIZE_BLOCKED, leg,
                 text(c->judge, "%lld bytes die.",
                      d->hello_len == INT_UNKNOWN ? 0LL : (long long)d->hello_len));
    else
        say_fail(c, s, cause, leg, how_far(c, s, d));
}

/* The alert's name; and what it would take, where a careless client gets further. */
static const char *with_old_ciphers(struct cell *c, const char *alert, const struct tls_detail *d)
{
    const struct tls_detail *old = legacy(c);

    if (alert == NULL)
        alert = d->error != NULL ? d->error : "unnamed";
    if (old == NULL || old->cipher == NULL)
        return alert;
    return text(c->judge, "%s; it takes only ciphers that are not safe any more (%s)", alert,
                old->cipher);
}

static void judge_alert(struct cell *c, struct step *s, const struct tls_detail *d)
{
    const char *alert = d->alert;

    /* Its alert is what the far side says; ours only says that we could not go on. */
    if (alert == NULL && d->alert_sent != NULL)
        alert = text(c->judge,
                     "no alert of its own, but what it sent breaks the protocol, so that this side "
                     "ended the handshake with %s%s%s%s",
                     d->alert_sent, d->error != NULL ? " (" : "", d->error != NULL ? d->error : "",
                     d->error != NULL ? ")" : "");
    if (BLOCK("tls-client-cert-alert") && is_client_cert_alert(d))
        say_fail(c, s, CAUSE_TLS_CLIENT_CERT_REQUIRED, at_endpoint, alert);
    else if (BLOCK("tls-version-alert") && (is_alert(d->alert, "protocol_version") ||
                                            is_alert(d->alert_sent, "protocol_version")))
        say_fail(c, s, CAUSE_TLS_VERSION, at_endpoint,
                 d->peer_version != NULL ? text(c->judge, "It wants %s.", d->peer_version) : NULL);
    else if (BLOCK("tls-version-legacy-alert") && only_old_versions(c))
        say_fail(c, s, CAUSE_TLS_VERSION, at_endpoint, old_version(c));
    else if (BLOCK("tls-alert-alpn") && is_alert(d->alert, "no_application_protocol"))
        say_fail(c, s, CAUSE_TLS_ALERT, at_endpoint, /* RFC 7301 section 3.2 */
                 text(c->judge,
                      "%s; it demands an application protocol (ALPN) that this test does not "
                      "offer, and may serve a client that does",
                      alert));
    else
        say_fail(c, s, CAUSE_TLS_ALERT, at_endpoint, with_old_ciphers(c, alert, d));
}

/* What a portal says of itself when it is asked in its own language. */
static const char *portal(const struct cell *c)
{
    const struct probe *p = experiment_probe(c, EXPERIMENT_PLAIN_HTTP);
    const struct app_detail *a = p != NULL ? step_app(probe_last(p)) : NULL;

    if (a == NULL || (a->title == NULL && a->location == NULL))
        return NULL;
    if (a->title == NULL || *a->title == '\0')
        return text(c->judge, "Asked in plain HTTP it sends to %s.",
                    a->location != NULL ? a->location : "a page without a title");
    return text(c->judge, "Asked in plain HTTP it says \"%s\"%s%s.", a->title,
                a->location != NULL ? " and sends to " : "",
                a->location != NULL ? a->location : "");
}

static void judge_not_tls(struct cell *c, struct step *s, const struct tls_detail *d)
{
    const char *page = portal(c);

    if (page == NULL && d->first_bytes != NULL)
        page = text(c->judge, "It begins with \"%s\".", d->first_bytes);
    say_fail(c, s, CAUSE_TLS_NOT_TLS, at_endpoint, page);
}

static void judge_handshake(struct cell *c, struct step *s, const struct tls_detail *d,
                            const char *hop)
{
    switch (s->outcome) {
    case OUTCOME_OK:
    case OUTCOME_TLS_VERIFY:
        /* TLS 1.3: the refusal comes after our side is done (RFC 8446 section 4.4.2.4). */
        if (BLOCK("tls-client-cert-late") && is_client_cert_alert(d))
            say_fail(c, s, CAUSE_TLS_CLIENT_CERT_REQUIRED, at_endpoint, d->alert);
        else
            cert_sieve(c, s, hop);
        return;
    case OUTCOME_TLS_ALERT:
        judge_alert(c, s, d);
        return;
    case OUTCOME_TLS_VERSION:
        say_fail(c, s, CAUSE_TLS_VERSION, at_endpoint,
                 d->peer_version != NULL ? text(c->judge, "It wants %s.", d->peer_version) : NULL);
        return;
    case OUTCOME_NOT_TLS:
        judge_not_tls(c, s, d);
        return;
    case OUTCOME_TLS_PROTOCOL: /* our own alert says what was wrong */
        judge_alert(c, s, d);
        return;
    default:
        judge_death(c, s, d);
        return;
    }
}

void tls_sieve(struct cell *c, struct probe *p, struct step *s)
{
    const struct tls_detail *d = step_tls(s);
    const char *hop = step_hop(c, p, s);

    if (d == NULL || not_tried(s)) {
        say_skip(s);
        return;
    }
    judge_handshake(c, s, d, hop);
    /* TLS with an HTTPS proxy: the same causes, at the hop (contract section 5). */
    if (BLOCK("tls-at-hop") && hop != NULL && s->verdict == VERDICT_FAIL &&
        s->cause != CAUSE_CLOCK_SKEW)
        s->at = hop;
}
