/*
 * fuzz_inputs: everything that users hand in as text: site file, endpoint lists, endpoints,
 * proxies.
 *
 * The first octet chooses the reader. Beside "no crash": what a list yields must be a fixed point,
 * that is, each endpoint read again from its own text is the same endpoint; and a password in a
 * proxy's URL must not show up in the complaint about it.
 */
#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/model/site.h"
#include "diag/site/endpoints.h"
#include "diag/site/proxy.h"
#include "diag/site/site_file.h"
#include "diag/site/url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition)
{
    if (!condition)
        abort();
}

static void check_fixed_point(struct arena *a, const struct site *s)
{
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct site_endpoint *item = s->endpoints[i];
        struct host again;

        must(item->port != 0);
        must(host_parse(a, item->host, strlen(item->host), &again, NULL) == 0);
        must(strcmp(again.text, item->host) == 0);
        must((again.kind == HOST_WILDCARD) == item->wildcard);
    }
}

static void fuzz_list(struct arena *a, const char *bytes, size_t len)
{
    struct endpoints *e = endpoints_new(a);
    struct site s = {0};

    if (endpoints_add_bytes(e, "list", bytes, len, NULL) == 0)
        must(endpoints_count(e) > 0);
    endpoints_give(e, &s);
    check_fixed_point(a, &s);
}

static void fuzz_site(struct arena *a, const char *bytes, size_t len)
{
    struct endpoints *e = endpoints_new(a);
    struct fault fault = {""};
    struct site s;

    site_defaults(&s);
    /* A folder that does not exist: no file of this machine can be named by accident. */
    if (site_file_parse("/nonexistent/site.yaml", bytes, len, a, &s, e, &fault) != 0)
        must(strncmp(fault.text, "/nonexistent/", 13) == 0);
    endpoints_give(e, &s);
    check_fixed_point(a, &s);
    site_wipe(&s);
}

static void fuzz_proxy(struct arena *a, const char *bytes, size_t len)
{
    char *text = arena_printf(a, "u:hunter2%.*s@proxy", (int)(len > 1000 ? 1000 : len), bytes);
    struct site_proxy p = {0};
    struct fault fault = {""};

    must(proxy_parse(a, text, &p, &fault) != 0);
    must(strstr(fault.text, "hunter2") == NULL);
    (void)proxy_parse(a, arena_strndup(a, bytes, len), &p, &fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data + 1;
    struct arena *a;
    struct target target;

    if (size == 0)
        return 0;
    a = arena_new();
    switch (data[0] % 4) {
    case 0:
        fuzz_list(a, bytes, size - 1);
        break;
    case 1:
        fuzz_site(a, bytes, size - 1);
        break;
    case 2:
        (void)target_parse(a, bytes, size - 1, &target, NULL);
        break;
    default:
        fuzz_proxy(a, bytes, size - 1);
    }
    arena_free(a);
    return 0;
}
