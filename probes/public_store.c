/* public_store: see public_store.h. */
#include "probes/public_store.h"

#include "probes/public_roots.h"
#include "probes/verify.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>

struct public_store {
    X509_STORE *store;
    STACK_OF(X509) * bridges; /* the answer of public_store_bridges */
    X509 **decoded;           /* one for each row that was asked for; roots are in the store too */
};

struct public_store *public_store_new(void)
{
    struct public_store *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->store = X509_STORE_new();
    p->bridges = sk_X509_new_null();
    p->decoded = calloc(public_roots_count, sizeof(X509 *));
    if (p->store == NULL || p->bridges == NULL || p->decoded == NULL) {
        public_store_free(p);
        return NULL;
    }
    return p;
}

void public_store_free(struct public_store *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; p->decoded != NULL && i < public_roots_count; i++)
        X509_free(p->decoded[i]);
    free(p->decoded);
    sk_X509_free(p->bridges);
    X509_STORE_free(p->store);
    free(p);
}

/* The certificate of a row; a root is put into the store when it is first met. */
static X509 *take(struct public_store *p, const struct public_root *row)
{
    X509 **cert = &p->decoded[row - public_root_at(0)];

    if (*cert == NULL) {
        *cert = public_root_decode(row);
        if (*cert != NULL && row->kind != PUBLIC_ROOT_BRIDGE)
            X509_STORE_add_cert(p->store, *cert);
    }
    return *cert;
}

/* Take all rows with this name; true when there are any. Bridges are listed when wanted. */
static bool take_named(struct public_store *p, const X509_NAME *name, bool list_bridges)
{
    const struct public_root *row;
    size_t n = public_roots_named(X509_NAME_hash_ex(name, NULL, NULL, NULL), &row);

    for (size_t i = 0; i < n; i++) {
        bool bridge = row[i].kind == PUBLIC_ROOT_BRIDGE;
        X509 *cert;

        if (bridge && !list_bridges)
            continue;
        cert = take(p, &row[i]);
        if (cert == NULL || !bridge)
            continue;
        if (sk_X509_push(p->bridges, cert) != 0)
            take_named(p, X509_get_issuer_name(cert), false); /* where the bridge leads to */
    }
    return n > 0;
}

static bool take_issuers(struct public_store *p, const struct stack_st_X509 *chain,
                         bool list_bridges)
{
    bool any = false;

    for (int i = 0; i < sk_X509_num(chain); i++)
        any |= take_named(p, X509_get_issuer_name(sk_X509_value(chain, i)), list_bridges);
    return any;
}

X509_STORE *public_store_for(struct public_store *p, const struct stack_st_X509 *chain)
{
    take_issuers(p, chain, false);
    return p->store;
}

const struct stack_st_X509 *public_store_bridges(struct public_store *p,
                                                 const struct stack_st_X509 *chain)
{
    while (sk_X509_num(p->bridges) > 0)
        sk_X509_pop(p->bridges);
    take_issuers(p, chain, true);
    return p->bridges;
}

bool public_store_leads(struct public_store *p, const struct stack_st_X509 *chain, bool bridges)
{
    if (!bridges)
        return take_issuers(p, chain, false) && verify_leads_to(p->store, chain, NULL);
    return sk_X509_num(public_store_bridges(p, chain)) > 0 &&
           verify_leads_to(p->store, chain, p->bridges);
}
