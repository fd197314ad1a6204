/* site: see site.h. */
#include "diag/model/site.h"

#include "diag/base/secret.h"
#include "diag/base/vault.h"

#include <string.h>

size_t site_hosts_lookup(const struct site *s, const char *name, const struct site_host **first)
{
    size_t low = 0, high = s->n_hosts, n = 0;

    while (low < high) { /* the first entry that is not before the name */
        size_t middle = low + (high - low) / 2;

        if (strcmp(s->hosts[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + n < s->n_hosts && strcmp(s->hosts[low + n].name, name) == 0)
        n++;
    if (n > 0)
        *first = &s->hosts[low];
    return n;
}

void site_wipe(struct site *s)
{
    for (size_t i = 0; i < s->n_proxies; i++) {
        secret_free(s->proxies[i]->password);
        s->proxies[i]->password = NULL;
    }
    vault_free(s->keylog);
    s->keylog = NULL;
}
