/*
 * tls_progress: how far a handshake got (RFC 8446 section 4, RFC 5246 section 7.4), as the TLS
 * library tells it message by message: also of one that dies.
 */
#ifndef HOPPROOF_PROBES_TLS_PROGRESS_H
#define HOPPROOF_PROBES_TLS_PROGRESS_H

#include "diag/model/report.h"

#include <openssl/types.h>
#include <stdbool.h>

enum tls_stage {
    STAGE_NONE,
    STAGE_CLIENT_HELLO,
    STAGE_SERVER_HELLO,
    STAGE_CERTIFICATE,
    STAGE_FINISHED
};

struct tls_progress {
    enum tls_stage stage;
    int alert_in, alert_out; /* descriptions of fatal alerts; -1: none */
    int peer_version;        /* that the server named in its hello; 0: none yet */
    bool cert_requested, ticket;
    struct tls_detail *detail; /* takes the length of our hello as soon as it is sent */
};

/* The beginning of every handshake. */
struct tls_progress tls_progress_none(struct tls_detail *detail);

/* Follow the handshake of `ssl`, whose application data this takes; *p lives as long as it. */
void tls_progress_follow(struct tls_progress *p, SSL *ssl);

/* Note in the detail how far it got, the alerts and, where `ssl` is not NULL, what was agreed. */
void tls_progress_note(const struct tls_progress *p, const SSL *ssl);

/* "TLSv1.2" for a version on the wire; NULL for one that is not known. */
const char *tls_version_word(int version);

#endif
