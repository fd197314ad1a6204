/* verify: see verify.h. */
#include "probes/verify.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

const char *verify_error_name(int code, char *room, size_t len)
{
    switch (code) {
#define VERIFY_ERROR(name, word)                                                                   \
    case X509_V_ERR_##name:                                                                        \
        return word;
#include "probes/verify_error.def"
#undef VERIFY_ERROR
    default:
        snprintf(room, len, "error-%d", code);
        return room;
    }
}

bool verify_error_is_time(int code)
{
    return code == X509_V_ERR_CERT_NOT_YET_VALID || code == X509_V_ERR_CERT_HAS_EXPIRED;
}

/* Remember and go on. The same complaint about the same certificate counts once. */
static int note_error(int ok, X509_STORE_CTX *ctx)
{
    struct verify *v = X509_STORE_CTX_get_app_data(ctx);
    struct verify_error e = {.depth = X509_STORE_CTX_get_error_depth(ctx),
                             .code = X509_STORE_CTX_get_error(ctx),
                             .cert = X509_STORE_CTX_get_current_cert(ctx)};

    if (ok)
        return 1;
    /* A left-over is taken for the reason of the next failure (build_chain in x509_vfy.c). */
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    for (size_t i = 0; i < v->n_errors; i++) {
        if (v->errors[i].depth == e.depth && v->errors[i].code == e.code)
            return 1;
    }
    if (v->n_errors < VERIFY_ERRORS_MAX)
        v->errors[v->n_errors++] = e;
    return 1;
}

/* What was built: where it ends, and whether that is an anchor. */
static void note_path(struct verify *v, X509_STORE_CTX *ctx)
{
    int n, untrusted = X509_STORE_CTX_get_num_untrusted(ctx);

    v->path = X509_STORE_CTX_get1_chain(ctx);
    n = sk_X509_num(v->path);
    if (n <= 0)
        return;
    if (n > 1)
        v->issuer = sk_X509_value(v->path, 1);
    if (untrusted < n)
        v->anchor = sk_X509_value(v->path, n - 1);
    else if (X509_self_signed(sk_X509_value(v->path, n - 1), 0) != 1)
        v->issuer_less = sk_X509_value(v->path, n - 1);
}

int verify_run(struct verify *v)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int rc = -1;

    if (ctx == NULL ||
        !X509_STORE_CTX_init(ctx, v->store, sk_X509_value(v->chain, 0), (STACK_OF(X509) *)v->chain))
        goto out;
    if (!X509_STORE_CTX_set_default(ctx, "ssl_server"))
        goto out;
    X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(ctx), v->security_level);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), v->now_s);
    X509_STORE_CTX_set_app_data(ctx, v);
    X509_STORE_CTX_set_verify_cb(ctx, note_error);
    rc = X509_verify_cert(ctx);
    if (rc <= 0 && v->n_errors == 0) { /* an error that no callback could overrule */
        if (X509_STORE_CTX_get_error(ctx) == X509_V_ERR_OUT_OF_MEM)
            goto out;
        v->errors[v->n_errors++] = (struct verify_error){
            .depth = X509_STORE_CTX_get_error_depth(ctx), .code = X509_STORE_CTX_get_error(ctx)};
    }
    note_path(v, ctx);
    rc = 0;
out:
    X509_STORE_CTX_free(ctx);
    return rc < 0 ? -1 : 0;
}

void verify_clear(struct verify *v)
{
    sk_X509_pop_free(v->path, X509_free);
    v->path = NULL;
    v->anchor = v->issuer = v->issuer_less = NULL;
    v->n_errors = 0;
}

bool verify_leads_to(X509_STORE *store, const struct stack_st_X509 *chain,
                     const struct stack_st_X509 *helpers)
{
    STACK_OF(X509) *untrusted = sk_X509_dup((STACK_OF(X509) *)chain);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool leads = false;

    if (untrusted == NULL || ctx == NULL)
        goto out;
    for (int i = 0; i < sk_X509_num(helpers); i++) {
        if (sk_X509_push(untrusted, sk_X509_value(helpers, i)) == 0)
            goto out;
    }
    if (!X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), untrusted))
        goto out;
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_NO_CHECK_TIME);
    leads = X509_verify_cert(ctx) == 1;
out:
    X509_STORE_CTX_free(ctx);
    sk_X509_free(untrusted);
    return leads;
}
