/*
 * What is audited: squid.conf, cloud-init, exports of Azure. The first octet chooses the reader.
 * Beside "no crash": all findings get into the JSON, so that every text in them is UTF-8.
 */
#include "diag/audit.h"
#include "diag/base/arena.h"
#include "diag/base/buf.h"
#include "diag/base/fault.h"
#include "diag/model/site.h"
#include "diag/site/azure_export.h"
#include "diag/site/cloud_init.h"
#include "diag/site/endpoints.h"
#include "diag/site/profile.h"
#include "diag/site/site_file.h"
#include "diag/site/squid_conf.h"
#include "reports/text.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>

/* Nothing of this machine is to be read: a folder that does not exist, and no path in the input. */
static const char path[] = "/nonexistent/squid.conf";

static bool names_files(const char *bytes, size_t len)
{
    static const char *const words[] = {"include", "\"", "'", "parameters", "ncsa"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (memmem(bytes, len, words[i], strlen(words[i])) != NULL)
            return true;
    }
    return false;
}

static int judge(struct audit *a, struct audit_file *file, const char *bytes, size_t len,
                 struct fault *f)
{
    switch (file->kind) {
    case AUDIT_SQUID:
        return names_files(bytes, len) ? -1 : audit_squid(a, file, path, bytes, len, f);
    case AUDIT_CLOUD_INIT:
        return names_files(bytes, len) ? -1 : audit_cloud(a, file, path, bytes, len, f);
    case AUDIT_NSG:
        return audit_nsg(a, file, bytes, len, f);
    case AUDIT_BALANCER:
        return audit_balancer(a, file, bytes, len, f);
    case AUDIT_PROBES:
        return audit_probes(a, file, bytes, len, f);
    case AUDIT_NAT:
        return audit_nat(a, file, bytes, len, f);
    case AUDIT_ROUTES:
        return audit_routes(a, file, bytes, len, f);
    case AUDIT_SUBNET:
        return audit_subnets(a, file, bytes, len, f);
    case AUDIT_KIND_COUNT:
        break;
    }
    return -1;
}

static void check_json(const struct audit *a)
{
    struct buf out;
    json_t *root, *file;

    buf_init(&out, (size_t)1 << 28);
    MUST(audit_json(a, &out) == 0);
    root = json_loads(buf_text(&out), 0, NULL);
    file = json_array_get(json_object_get(root, "files"), 0);
    MUST(json_array_size(json_object_get(file, "findings")) == a->files[0].n_findings);
    MUST(json_array_size(json_object_get(file, "verdicts")) == a->files[0].n_verdicts);
    json_decref(root);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    struct endpoints *endpoints = endpoints_new(a);
    struct fault fault = {""};
    struct site site;
    struct audit_file file = {.label = "file"};
    struct audit audit = {.arena = a, .site = &site, .n_squid = 1};
    struct buf out;
    char *bytes;

    site_defaults(&site);
    MUST(profile_add(profile_find(PROFILE_DEFAULT, NULL), endpoints, NULL) == 0);
    endpoints_give(endpoints, &site);
    if (size > 0) {
        bytes = arena_strndup(a, (const char *)data + 1, size - 1); /* with a NUL, as file_read */
        (void)export_recognize(bytes, size - 1);
        (void)cloud_init_recognize(bytes, size - 1);
        (void)squid_conf_recognize(bytes, size - 1);
        file.kind = (enum audit_kind)(data[0] % AUDIT_KIND_COUNT);
        if (judge(&audit, &file, bytes, size - 1, &fault) == 0) {
            list_push(a, audit.files, audit.n_files, file);
            audit_together(&audit);
            check_json(&audit);
            buf_init(&out, (size_t)1 << 28);
            audit_draw(&audit, (struct text_style){.utf8 = true}, &out);
            MUST(out.len > 0);
            buf_free(&out);
        }
    }
    arena_free(a);
    return 0;
}
