/*
 * layer_tls: a full TLS handshake (RFC 8446, RFC 5246) over whatever is below, and the carrier of
 * what is above it. A BIO of our own makes TLS in TLS cost nothing extra.
 *
 * After the handshake nothing is sent but a close_notify. Only where the server asked for a client
 * certificate does a TLS 1.3 client have to listen a little longer: the server's refusal comes
 * after the client has finished (RFC 8446 section 4.4.2.4).
 */
#include "diag/base/arena.h"
#include "diag/base/clock.h"
#include "diag/base/text.h"
#include "probes/layer.h"
#include "probes/loop.h"
#include "probes/tls_client.h"
#include "probes/tls_hello.h"
#include "probes/tls_progress.h"
#include "probes/trust.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

/* How long a connection is held on which we say nothing. */
#define SILENCE_US 1200000
/* How long a server that wanted a client certificate may take to refuse us. */
#define REFUSAL_PATIENCE_US 1500000

struct tls_layer {
    struct layer layer;
    struct tls_spec spec;
    SSL *ssl;
    struct tls_progress progress;
    ssize_t below_end; /* one of the IO_ words once the bytes below ended; else 1 */
    bool finished;
    int64_t received;
    unsigned char first[256]; /* what came first, in case it is not TLS */
    size_t first_len;
};

static struct tls_layer *of(struct layer *l)
{
    return (struct tls_layer *)l;
}

/* --- the BIO over the layer below (BIO_meth_new(3)) --- */

static int bio_read(BIO *bio, char *to, int room)
{
    struct tls_layer *t = BIO_get_data(bio);
    ssize_t n = below_read(&t->layer, to, (size_t)room);

    BIO_clear_retry_flags(bio);
    if (n > 0) {
        size_t keep = sizeof t->first - t->first_len;

        if (keep > (size_t)n)
            keep = (size_t)n;
        memcpy(t->first + t->first_len, to, keep);
        t->first_len += keep;
        t->received += n;
        return (int)n;
    }
    if (n == IO_WAIT) {
        BIO_set_retry_read(bio);
        return -1;
    }
    t->below_end = n;
    return n == IO_EOF ? 0 : -1;
}

static int bio_write(BIO *bio, const char *from, int len)
{
    struct tls_layer *t = BIO_get_data(bio);
    ssize_t n = below_write(&t->layer, from, (size_t)len);

    BIO_clear_retry_flags(bio);
    if (n >= 0)
        return (int)n;
    if (n == IO_WAIT)
        BIO_set_retry_write(bio);
    else
        t->below_end = n;
    return -1;
}

static long bio_ctrl(BIO *bio, int command, long number, void *p)
{
    (void)bio, (void)number, (void)p;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/* One method for the whole program, made at first use; the process is single-threaded here. */
static const BIO_METHOD *layer_method(void)
{
    static BIO_METHOD *method;

    if (method == NULL) {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hopproof layer");
        if (method == NULL)
            return NULL;
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_ctrl(method, bio_ctrl);
    }
    return method;
}

/* --- set-up --- */

static int start(struct tls_layer *t)
{
    const struct tls_spec *spec = &t->spec;
    const BIO_METHOD *method = layer_method();
    BIO *bio = method != NULL ? BIO_new(method) : NULL;

    t->ssl = SSL_new(spec->large_hello ? tls_client_large_ctx(spec->client)
                                       : tls_client_ctx(spec->client));
    if (bio == NULL || t->ssl == NULL) {
        BIO_free(bio);
        return -1;
    }
    BIO_set_data(bio, t);
    BIO_set_init(bio, 1);
    SSL_set_bio(t->ssl, bio, bio);
    if (spec->hush && tls_client_hush(t->ssl) != 0)
        return -1;
    tls_progress_follow(&t->progress, t->ssl);
    SSL_set_connect_state(t->ssl);
    step_tls(t->layer.step)->sni = spec->sni;
    return tls_hello_set(t->ssl, spec);
}

/* --- what was learnt --- */

static void note_facts(struct tls_layer *t)
{
    struct arena *a = t->layer.stack->report->arena;
    struct tls_detail *d = step_tls(t->layer.step);
    const unsigned char *alpn = NULL;
    unsigned int alpn_len = 0;

    tls_progress_note(&t->progress, t->ssl);
    d->received = t->received;
    d->sock = tcp_layer_sock(t->layer.stack);
    if (t->ssl == NULL)
        return;
    if (t->finished) {
        int group = (int)SSL_get_negotiated_group(t->ssl);

        if (group != NID_undef && SSL_group_to_name(t->ssl, group) != NULL)
            d->group = arena_strdup(a, SSL_group_to_name(t->ssl, group));
        SSL_get0_alpn_selected(t->ssl, &alpn, &alpn_len);
        if (alpn_len > 0)
            d->alpn = text_printable(a, alpn, alpn_len, 64);
    }
    if (t->progress.stage >= STAGE_CERTIFICATE)
        (void)trust_examine(t->spec.trust, t->ssl, t->spec.name, clock_wall_us() / 1000000, d,
                            NULL);
}

/* Does what came first look like a TLS record (RFC 8446 section 5.1)? */
static bool looks_like_tls(const struct tls_layer *t)
{
    if (t->first_len == 0)
        return true;
    if (t->first[0] < 20 || t->first[0] > 24)
        return false;
    return t->first_len < 2 || t->first[1] == 3;
}

/* Read on a little, so that a person can see what answered. */
static void collect_first_bytes(struct tls_layer *t)
{
    while (t->first_len < sizeof t->first) {
        ssize_t n = below_read(&t->layer, t->first + t->first_len, sizeof t->first - t->first_len);

        if (n <= 0)
            break;
        t->first_len += (size_t)n;
        t->received += n;
    }
    step_tls(t->layer.step)->first_bytes =
        text_printable(t->layer.stack->report->arena, t->first, t->first_len, 400);
}

static enum outcome outcome_of_failure(struct tls_layer *t, unsigned long error)
{
    int reason = ERR_GET_REASON(error);

    if (!looks_like_tls(t))
        return OUTCOME_NOT_TLS;
    if (t->progress.alert_in >= 0)
        return OUTCOME_TLS_ALERT;
    if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
        (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_WRONG_SSL_VERSION ||
         reason == SSL_R_UNKNOWN_PROTOCOL))
        return OUTCOME_TLS_VERSION;
    if (t->below_end <= 0)
        return outcome_of_io(t->below_end);
    return OUTCOME_TLS_PROTOCOL;
}

static enum advance handshake_failed(struct tls_layer *t)
{
    struct arena *a = t->layer.stack->report->arena;
    struct tls_detail *d = step_tls(t->layer.step);
    unsigned long error = ERR_peek_error();
    enum outcome outcome = outcome_of_failure(t, error);
    const char *text = ERR_reason_error_string(error);

    if (text != NULL && t->below_end > 0)
        d->error = arena_strdup(a, text);
    ERR_clear_error();
    note_facts(t);
    if (outcome == OUTCOME_TLS_VERSION)
        d->peer_version = tls_version_word(t->progress.peer_version);
    if (outcome == OUTCOME_NOT_TLS)
        collect_first_bytes(t);
    return layer_fail(&t->layer, outcome);
}

/* The handshake is through; what does the certificate say? */
static enum advance conclude(struct tls_layer *t)
{
    struct tls_detail *d = step_tls(t->layer.step);

    t->finished = true;
    t->layer.patience_us = 0;
    note_facts(t);
    if (t->spec.any_cert)
        return ADVANCE_DONE;
    if (!trust_convinced(d) || (d->ocsp != NULL && strcmp(d->ocsp, "revoked") == 0))
        return layer_fail(&t->layer, OUTCOME_TLS_VERIFY);
    return ADVANCE_DONE;
}

/* Wait for the word of a server that asked for a certificate and got none. */
static enum advance await_refusal(struct tls_layer *t)
{
    int64_t now = clock_monotonic_us();
    char byte;
    int n;

    if (t->layer.patience_us == 0)
        t->layer.patience_us = now + REFUSAL_PATIENCE_US;
    n = SSL_peek(t->ssl, &byte, 1);
    if (t->progress.ticket || n > 0)
        return conclude(t);
    if (SSL_get_error(t->ssl, n) == SSL_ERROR_WANT_READ) {
        ERR_clear_error();
        return now >= t->layer.patience_us ? conclude(t) : ADVANCE_WAIT;
    }
    if (SSL_get_error(t->ssl, n) == SSL_ERROR_ZERO_RETURN)
        return conclude(t);
    return handshake_failed(t);
}

/*
 * The experiment of saying nothing: a timeout is what a sane server gives us; a reset or a close
 * has nothing to do with what we would have said.
 */
static enum advance stay_silent(struct tls_layer *t)
{
    int64_t now = clock_monotonic_us();
    ssize_t n = below_read(&t->layer, t->first, sizeof t->first);

    if (n == IO_WAIT && t->layer.patience_us == 0)
        t->layer.patience_us = now + SILENCE_US;
    if (n == IO_WAIT && now < t->layer.patience_us)
        return ADVANCE_WAIT;
    t->layer.patience_us = 0;
    note_facts(t);
    if (n <= 0)
        return layer_fail(&t->layer, outcome_of_io(n));
    t->first_len = (size_t)n; /* it speaks first: that is no TLS server */
    collect_first_bytes(t);
    return layer_fail(&t->layer, OUTCOME_NOT_TLS);
}

static enum advance advance(struct layer *l)
{
    struct tls_layer *t = of(l);
    int done, error;

    if (t->spec.silent)
        return stay_silent(t);
    ERR_clear_error();
    if (t->ssl == NULL && start(t) != 0) {
        step_tls(l->step)->error = t->spec.client_cert != NULL
                                       ? "the client certificate or its key cannot be used"
                                       : "the TLS library gave no connection";
        ERR_clear_error();
        return layer_fail(l, OUTCOME_LOCAL_ERROR);
    }
    if (SSL_is_init_finished(t->ssl))
        return await_refusal(t);
    done = SSL_connect(t->ssl);
    if (done == 1) {
        if (t->progress.cert_requested && t->spec.client_cert == NULL &&
            SSL_version(t->ssl) == TLS1_3_VERSION)
            return await_refusal(t);
        return conclude(t);
    }
    error = SSL_get_error(t->ssl, done);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return ADVANCE_WAIT;
    return handshake_failed(t);
}

/* --- carrying bytes for the layer above --- */

static ssize_t io_result(struct tls_layer *t, int n)
{
    int error = SSL_get_error(t->ssl, n);

    ERR_clear_error();
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return IO_WAIT;
    if (error == SSL_ERROR_ZERO_RETURN)
        return IO_EOF;
    return t->below_end <= 0 ? t->below_end : IO_BROKEN;
}

static ssize_t tls_read(struct layer *l, void *to, size_t room)
{
    int n;

    ERR_clear_error();
    n = SSL_read(of(l)->ssl, to, room > 1 << 20 ? 1 << 20 : (int)room);
    return n > 0 ? n : io_result(of(l), n);
}

static ssize_t tls_write(struct layer *l, const void *from, size_t len)
{
    int n;

    ERR_clear_error();
    n = SSL_write(of(l)->ssl, from, len > 1 << 20 ? 1 << 20 : (int)len);
    return n > 0 ? n : io_result(of(l), n);
}

static bool close_tls(struct layer *l)
{
    struct tls_layer *t = of(l);
    int n;

    if (t->ssl == NULL || !SSL_is_init_finished(t->ssl) || t->below_end <= 0)
        return true;
    ERR_clear_error();
    n = SSL_shutdown(t->ssl);
    ERR_clear_error();
    return n != 0;
}

static const struct layer_ops tls_ops;

bool tls_layer_closed(const struct layer *l)
{
    const struct tls_layer *t = (const struct tls_layer *)l;

    return l->ops == &tls_ops && t->ssl != NULL &&
           (SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

static void expired(struct layer *l)
{
    ERR_clear_error();
    note_facts(of(l));
}

static void reset(struct layer *l)
{
    struct tls_layer *t = of(l);

    SSL_free(t->ssl);
    *t = (struct tls_layer){.layer = t->layer,
                            .spec = t->spec,
                            .below_end = 1,
                            .progress = tls_progress_none(step_tls(t->layer.step))};
    t->layer.patience_us = 0;
}

static void free_layer(struct layer *l)
{
    SSL_free(of(l)->ssl);
    free(l);
}

static const struct layer_ops tls_ops = {advance, tls_read, tls_write, close_tls,
                                         expired, reset,    free_layer};

struct layer *tls_layer_new(const struct tls_spec *spec, struct step *step)
{
    struct tls_layer *t = calloc(1, sizeof *t);

    if (t == NULL)
        return NULL;
    t->layer = (struct layer){.ops = &tls_ops, .step = step};
    t->spec = *spec;
    t->below_end = 1;
    t->progress = tls_progress_none(step_tls(step));
    return &t->layer;
}
