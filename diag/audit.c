/* audit: see audit.h. Which kind of file is which, and the lists that the judges fill. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/file.h"
#include "diag/site/azure_export.h"
#include "diag/site/cloud_init.h"
#include "diag/site/squid_conf.h"

#include <string.h>

enum { FILE_MAX = 8 * 1024 * 1024, SUBJECTS_SHOWN = 5 };

/* A file as it was read. */
struct input {
    const char *path, *bytes;
    size_t len;
    enum audit_kind kind;
};

const char *audit_kind_text(enum audit_kind kind)
{
    static const char *const names[AUDIT_KIND_COUNT] = {
        "squid.conf",    "cloud-init",    "network security group",
        "load balancer", "health probes", "NAT gateway",
        "route table",   "subnet"};

    return names[kind];
}

const char *audit_severity_text(enum audit_severity severity)
{
    static const char *const names[AUDIT_SEVERITY_COUNT] = {"error", "warning", "info"};

    return names[severity];
}

void audit_find(struct audit *a, struct audit_file *file, enum audit_severity severity,
                const char *code, struct squid_place at, const char *what, const char *why,
                const char *fix)
{
    struct audit_finding finding = {
        .severity = severity, .code = code, .at = at, .what = what, .why = why, .fix = fix};

    list_push(a->arena, file->findings, file->n_findings, finding);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void audit_find_of(struct audit *a, struct audit_file *file, struct audit_finding finding)
{
    struct audit_finding *last =
        file->n_findings > 0 ? &file->findings[file->n_findings - 1] : NULL;

    if (last == NULL || last->subject == NULL || strcmp(last->code, finding.code) != 0 ||
        last->severity != finding.severity || last->at.line != finding.at.line ||
        !same_text(last->at.file, finding.at.file) || !same_text(last->what, finding.what) ||
        !same_text(last->why, finding.why) || !same_text(last->fix, finding.fix)) {
        finding.n_subjects = 1;
        list_push(a->arena, file->findings, file->n_findings, finding);
        return;
    }
    if (last->n_subjects < SUBJECTS_SHOWN)
        last->subject = arena_printf(a->arena, "%s, %s", last->subject, finding.subject);
    last->n_subjects++;
}

const char *audit_what(const struct audit *a, const struct audit_finding *f)
{
    if (f->subject == NULL)
        return f->what;
    if (f->n_subjects > SUBJECTS_SHOWN)
        return arena_printf(a->arena, "%s and %zu more: %s", f->subject,
                            f->n_subjects - SUBJECTS_SHOWN, f->what);
    return arena_printf(a->arena, "%s: %s", f->subject, f->what);
}

void audit_answer(struct audit *a, struct audit_file *file, struct audit_verdict v)
{
    if (file->n_verdicts < AUDIT_VERDICTS_MAX)
        list_push(a->arena, file->verdicts, file->n_verdicts, v);
}

size_t audit_count(const struct audit *a, enum audit_severity severity)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n_files; i++) {
        for (size_t k = 0; k < a->files[i].n_findings; k++)
            n += a->files[i].findings[k].severity == severity;
    }
    return n;
}

/* One of our own: it has "routes" too, and is no route table. "schema" is always its first key. */
static bool is_report(const char *bytes, size_t len)
{
    const char *word = "\"hopproof.";
    enum { HEAD = 64 };

    return memmem(bytes, len < HEAD ? len : HEAD, word, strlen(word)) != NULL;
}

/* What the bytes are; false when nothing that is known. */
static bool recognize(struct input *in)
{
    static const enum audit_kind kinds[] = {
        [EXPORT_NSG] = AUDIT_NSG,       [EXPORT_BALANCER] = AUDIT_BALANCER,
        [EXPORT_PROBES] = AUDIT_PROBES, [EXPORT_NAT] = AUDIT_NAT,
        [EXPORT_ROUTES] = AUDIT_ROUTES, [EXPORT_SUBNET] = AUDIT_SUBNET,
    };
    const char *p = in->bytes, *end = in->bytes + in->len;

    if (in->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) /* Windows writes JSON with a mark */
        p += 3;
    while (p < end && strchr(" \t\r\n", *p) != NULL && *p != '\0')
        p++;
    if (p < end && (*p == '{' || *p == '[')) {
        if (is_report(p, (size_t)(end - p)))
            return false;
        in->kind = kinds[export_recognize(in->bytes, in->len)];
        return true;
    }
    if (cloud_init_recognize(in->bytes, in->len))
        in->kind = AUDIT_CLOUD_INIT;
    else if (squid_conf_recognize(in->bytes, in->len))
        in->kind = AUDIT_SQUID;
    else
        return false;
    return true;
}

static int judge(struct audit *a, const struct input *in, struct fault *f)
{
    struct audit_file file = {.label = file_label(a->arena, in->path), .kind = in->kind};
    int rc = -1;

    switch (in->kind) {
    case AUDIT_SQUID:
        rc = audit_squid(a, &file, in->path, in->bytes, in->len, f);
        a->squid_index++;
        break;
    case AUDIT_CLOUD_INIT:
        rc = audit_cloud(a, &file, in->path, in->bytes, in->len, f);
        break;
    case AUDIT_NSG:
        rc = audit_nsg(a, &file, in->bytes, in->len, f);
        break;
    case AUDIT_BALANCER:
        rc = audit_balancer(a, &file, in->bytes, in->len, f);
        break;
    case AUDIT_PROBES:
        rc = audit_probes(a, &file, in->bytes, in->len, f);
        break;
    case AUDIT_NAT:
        rc = audit_nat(a, &file, in->bytes, in->len, f);
        break;
    case AUDIT_ROUTES:
        rc = audit_routes(a, &file, in->bytes, in->len, f);
        break;
    case AUDIT_SUBNET:
        rc = audit_subnets(a, &file, in->bytes, in->len, f);
        break;
    case AUDIT_KIND_COUNT:
        break;
    }
    if (rc == 0)
        list_push(a->arena, a->files, a->n_files, file);
    return rc;
}

int audit_run(struct audit *a, const char *const *paths, size_t n, struct fault *f)
{
    struct input *inputs = arena_alloc(a->arena, (n == 0 ? 1 : n) * sizeof *inputs);

    if (n > AUDIT_FILES_MAX)
        return fault_set(f, "more than %d files; audit them in turns", AUDIT_FILES_MAX);
    for (size_t i = 0; i < n; i++) {
        inputs[i].path = paths[i];
        if (file_read(a->arena, paths[i], FILE_MAX, &inputs[i].bytes, &inputs[i].len, f) != 0)
            return -1;
        if (!recognize(&inputs[i]))
            return fault_set(f,
                             "%s: neither a squid.conf, nor cloud-init (#cloud-config), nor an "
                             "export of a network security group, load balancer, health probes, "
                             "NAT gateway, route table or subnet; give one of these",
                             file_label(a->arena, paths[i]));
        a->n_squid += inputs[i].kind == AUDIT_SQUID;
    }
    /* The balancers first: a security group is judged for their addresses. */
    for (int balancers = 1; balancers >= 0; balancers--) {
        for (size_t i = 0; i < n; i++) {
            if ((inputs[i].kind == AUDIT_BALANCER) == (balancers == 1) &&
                judge(a, &inputs[i], f) != 0)
                return -1;
        }
    }
    audit_together(a);
    return 0;
}
