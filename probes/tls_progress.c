/* tls_progress: see tls_progress.h. The callbacks are those of SSL_CTX_set_info_callback(3) and
 * SSL_CTX_set_msg_callback(3). */
#include "probes/tls_progress.h"

#include "diag/proto/tls.h"

#include <openssl/ssl.h>

static const char *const stage_words[] = {[STAGE_NONE] = NULL,
                                          [STAGE_CLIENT_HELLO] = "client-hello",
                                          [STAGE_SERVER_HELLO] = "server-hello",
                                          [STAGE_CERTIFICATE] = "certificate",
                                          [STAGE_FINISHED] = "finished"};

struct tls_progress tls_progress_none(struct tls_detail *detail)
{
    return (struct tls_progress){.alert_in = -1, .alert_out = -1, .detail = detail};
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct tls_progress *p = SSL_get_app_data(ssl);

    /* value: level << 8 | description; only fatal ones (2) end a handshake. */
    if (!(where & SSL_CB_ALERT) || value >> 8 != 2)
        return;
    if (where & SSL_CB_READ)
        p->alert_in = value & 0xff;
    else
        p->alert_out = value & 0xff;
}

static void on_message(int is_write, int version, int content_type, const void *bytes, size_t len,
                       SSL *ssl, void *arg)
{
    struct tls_progress *p = arg;
    const unsigned char *message = bytes;

    (void)version, (void)ssl;
    if (content_type != SSL3_RT_HANDSHAKE || len < 6)
        return;
    switch (message[0]) {
    case SSL3_MT_CLIENT_HELLO:
        if (is_write && p->stage == STAGE_NONE) {
            p->stage = STAGE_CLIENT_HELLO;
            p->detail->hello_len = (int64_t)len + SSL3_RT_HEADER_LENGTH;
        }
        break;
    case SSL3_MT_SERVER_HELLO:
        p->stage = STAGE_SERVER_HELLO;
        /* legacy_version; what a server before 1.3 chose */
        p->peer_version = message[4] << 8 | message[5];
        break;
    case SSL3_MT_CERTIFICATE:
        if (!is_write)
            p->stage = STAGE_CERTIFICATE;
        break;
    case SSL3_MT_CERTIFICATE_REQUEST:
        p->cert_requested = true;
        break;
    case SSL3_MT_FINISHED:
        if (!is_write)
            p->stage = STAGE_FINISHED;
        break;
    case SSL3_MT_NEWSESSION_TICKET:
        p->ticket = true;
        break;
    default:
        break;
    }
}

void tls_progress_follow(struct tls_progress *p, SSL *ssl)
{
    SSL_set_app_data(ssl, p);
    SSL_set_info_callback(ssl, on_info);
    SSL_set_msg_callback(ssl, on_message);
    SSL_set_msg_callback_arg(ssl, p);
}

const char *tls_version_word(int version)
{
    switch (version) {
    case SSL3_VERSION:
        return "SSLv3";
    case TLS1_VERSION:
        return "TLSv1.0";
    case TLS1_1_VERSION:
        return "TLSv1.1";
    case TLS1_2_VERSION:
        return "TLSv1.2";
    case TLS1_3_VERSION:
        return "TLSv1.3";
    default:
        return NULL;
    }
}

void tls_progress_note(const struct tls_progress *p, const SSL *ssl)
{
    struct tls_detail *d = p->detail;

    d->reached = stage_words[p->stage];
    d->client_cert_requested = p->cert_requested;
    if (p->alert_in >= 0)
        d->alert = tls_alert_name((unsigned)p->alert_in);
    if (p->alert_out >= 0)
        d->alert_sent = tls_alert_name((unsigned)p->alert_out);
    if (ssl == NULL || p->stage < STAGE_SERVER_HELLO)
        return;
    d->version = tls_version_word(SSL_version(ssl));
    d->peer_version = d->version;
    if (SSL_get_current_cipher(ssl) != NULL)
        d->cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl));
}
