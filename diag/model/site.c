/* site: see site.h. */
#include "diag/model/site.h"

#include "diag/base/secret.h"

void site_wipe(struct site *s)
{
    for (size_t i = 0; i < s->n_proxies; i++) {
        secret_free(s->proxies[i]->password);
        s->proxies[i]->password = NULL;
    }
}
