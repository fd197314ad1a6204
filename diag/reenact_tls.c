/* reenact_tls: the handshake of a connection, as far as it is in the clear, as a step. */
#include "diag/reenact_parts.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/proto/tls.h"
#include "probes/trust.h"
#include "probes/trust_der.h"

enum {
    FIRST_MAX = 400,
    GOODBYE = 2 * (5 + 19), /* records of a client that only closes, one of them sent again */
    CLIENT_CHAIN = 4096,    /* what a client that was asked for certificates may still send */
};

/* --- TLS --- */

/* Judge the certificates by this machine's anchors, at the time when they were shown. */
static void examine(struct probing *p, struct tls_detail *d, const struct wire_tls *tls)
{
    struct reenact *r = p->r;
    struct fault f = {""};

    if (r->trust == NULL && !r->trust_failed) {
        r->trust = trust_new(r->report->arena, r->ca_file, &f);
        r->trust_failed = r->trust == NULL;
        if (r->trust_failed)
            report_note(r->report, "certificates were not judged: %s", f.text);
        else
            r->report->run->trust = arena_strdup(r->report->arena, trust_source(r->trust));
    }
    if (r->trust != NULL &&
        trust_examine_der(r->trust, tls->chain->der, tls->chain->der_len, tls->chain->n,
                          p->what->host, tls->hello_us / 1000000, d, &f) != 0)
        report_note(r->report, "a certificate was not judged: %s", f.text);
}

static const char *reached(const struct wire_tls *tls)
{
    if (tls->finished)
        return "finished";
    if (tls->chain != NULL)
        return "certificate";
    return tls->version != 0 ? "server-hello" : "client-hello";
}

static void set_tls(struct probing *p, struct tls_detail *d, const struct wire_tls *tls)
{
    struct arena *a = p->r->report->arena;
    char name[TLS_NAME_ROOM];

    d->sni = probing_printable(p, tls->sni);
    if (tls->version != 0) {
        d->version = arena_strdup(a, tls_version_name(tls->version, name));
        d->cipher = arena_strdup(a, tls_cipher_name(tls->cipher, name));
    }
    if (tls->group != 0)
        d->group = arena_strdup(a, tls_group_name(tls->group, name));
    d->alpn = probing_printable(p, tls->alpn);
    if (tls->alert >= 0)
        d->alert = tls_alert_name((unsigned)tls->alert);
    if (tls->alert_sent >= 0)
        d->alert_sent = tls_alert_name((unsigned)tls->alert_sent);
    d->reached = reached(tls);
    if (tls->hello_len != 0)
        d->hello_len = tls->hello_len;
    d->received = (int64_t)tls->received;
    d->client_cert_requested = tls->client_cert_requested;
    if (tls->n_first > 0)
        d->first_bytes = text_printable(a, tls->first, tls->n_first, FIRST_MAX);
    d->sock = p->sock;
    if (tls->chain != NULL && !p->r->file->redacted)
        examine(p, d, tls);
}

/*
 * What the certificates were worth only the client knows. One that talks on has accepted them; one
 * that closes after the handshake may have only looked, as our own probes do.
 */
static void set_hidden(struct probing *p, struct tls_detail *d, const struct wire_tls *tls)
{
    uint64_t after = p->flow->side[0].bytes - tls->finished_at;

    p->r->hidden++;
    p->r->refused_hidden += tls->client_maybe_alert;
    d->hidden_accepted =
        tls->finished && after > (tls->client_cert_requested ? CLIENT_CHAIN : GOODBYE) ? TRI_YES
                                                                                       : TRI_NO;
}

/* Alerts by which a client says that it does not like the certificate (RFC 8446 section 6.2). */
static bool is_about_certificate(int alert)
{
    return alert >= 41 && alert <= 48; /* no_certificate ... unknown_ca */
}

static enum outcome outcome_of_tls(struct probing *p, const struct step *s,
                                   const struct wire_tls *tls, struct tls_detail *d)
{
    if (tls->not_tls)
        return OUTCOME_NOT_TLS;
    if (tls->alert >= 0)
        return OUTCOME_TLS_ALERT;
    if (tls->version != 0 && tls->version < TLS_12) {
        char name[TLS_NAME_ROOM];

        d->peer_version = arena_strdup(p->r->report->arena, tls_version_name(tls->version, name));
        return OUTCOME_TLS_VERSION;
    }
    if (d->n_chain_errors > 0)
        return OUTCOME_TLS_VERIFY;
    if (tls->alert_sent >= 0)
        return is_about_certificate(tls->alert_sent) ? OUTCOME_TLS_VERIFY : OUTCOME_TLS_PROTOCOL;
    if (tls->finished && tls->server_maybe_alert && tls->client_cert_requested)
        return OUTCOME_CLOSED; /* it asked, got nothing, said something short and left */
    if (tls->finished)
        return OUTCOME_OK;
    if (probing_is_hidden(p))
        return OUTCOME_CANCELLED;
    if (tls->client_maybe_alert) {
        d->error = "the client ended the handshake right after the server's messages, which TLS "
                   "1.3 hides; most often it does not accept the certificate";
        return OUTCOME_TLS_VERIFY;
    }
    if (p->flow->closed_by == 0 && tls->version != 0 &&
        p->flow->fin_us - p->flow->side[1].last_data_us < REENACT_PATIENCE_US)
        return OUTCOME_CANCELLED; /* the client left on its own, without having waited */
    return probing_outcome(p, s);
}

void reenact_tls(struct probing *p, size_t leg, const char *target)
{
    const struct wire_tls *tls = p->flow->talk != NULL ? p->flow->talk->tls : NULL;
    struct step *s;

    if (tls == NULL || tls->hello_us == 0)
        return;
    s = probing_add(p, STEP_TLS, leg, target, tls->hello_us);
    set_tls(p, step_tls(s), tls);
    s->outcome = outcome_of_tls(p, s, tls, step_tls(s));
    probing_end(p, s, tls->finished_us != 0 ? tls->finished_us : p->flow->last_us);
    if (tls->chain == NULL && tls->version == TLS_13)
        set_hidden(p, step_tls(s), tls);
}
