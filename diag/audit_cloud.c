/* audit_cloud: a cloud-init file that installs Squid, and the squid.conf inside it. */
#include "diag/audit.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"
#include "diag/site/cloud_init.h"

#include <string.h>

#define SQUID_CONF "/etc/squid/squid.conf"

static struct squid_place at(const struct audit_file *file, unsigned long line)
{
    return (struct squid_place){file->label, line};
}

static void check_keys(struct audit *a, struct audit_file *file, const struct cloud_init *c)
{
    for (size_t i = 0; i < c->n_keys; i++) {
        const struct cloud_key *k = &c->keys[i];

        if (!k->known)
            audit_find(a, file, k->nearest != NULL ? AUDIT_ERROR : AUDIT_WARNING, "key-unknown",
                       at(file, k->line),
                       arena_printf(a->arena, "cloud-init knows no key \"%s\"", k->name),
                       "It ignores the key and all that stands under it.",
                       k->nearest != NULL ? arena_printf(a->arena, "%s:", k->nearest)
                                          : "remove it, or write the key that is meant");
        if (k->repeated)
            audit_find(a, file, AUDIT_ERROR, "key-twice", at(file, k->line),
                       arena_printf(a->arena, "\"%s\" stands below again", k->name),
                       "YAML keeps the last one: what stands under this one never happens.",
                       "put all of it under one key");
    }
}

/* cloud-init writes files first, installs packages then, and runs the commands at the end. */
static void check_commands(struct audit *a, struct audit_file *file, const struct cloud_init *c,
                           bool writes)
{
    for (size_t i = 0; i < c->n_commands; i++) {
        const char *text = c->commands[i].text;

        if (!writes || strstr(text, SQUID_CONF) == NULL ||
            (strncmp(text, "mv ", 3) != 0 && strncmp(text, "rm ", 3) != 0))
            continue;
        audit_find(a, file, AUDIT_ERROR, "command-undoes", at(file, c->commands[i].line),
                   arena_printf(a->arena, "takes away the file that write_files wrote: %s", text),
                   "Files are written before packages are installed, and commands run at the end; "
                   "the package keeps a configuration that is there already.",
                   "remove this line");
    }
}

static void check_package(struct audit *a, struct audit_file *file, const struct cloud_init *c)
{
    for (size_t i = 0; i < c->n_packages; i++) {
        if (strncmp(c->packages[i].text, "squid", 5) == 0)
            return;
    }
    for (size_t i = 0; i < c->n_commands; i++) {
        if (strstr(c->commands[i].text, "install") != NULL &&
            strstr(c->commands[i].text, "squid") != NULL)
            return;
    }
    audit_find(a, file, AUDIT_WARNING, "package-missing", at(file, 0),
               "a squid.conf is written, but the package squid is not installed",
               "Unless the image has it already, nothing listens.", "packages: [squid]");
}

static int check_file(struct audit *a, struct audit_file *file, const struct cloud_file *f,
                      struct fault *fault)
{
    const char *inside;
    struct audit_file part = {.kind = AUDIT_SQUID};

    if (memchr(f->content, '<', f->len) == f->content) {
        audit_find(a, file, AUDIT_ERROR, "placeholder", at(file, f->line),
                   "the placeholder was not replaced by the encoded squid.conf",
                   "Squid gets a configuration that is none.", "base64 -w0 squid.conf");
        return 0;
    }
    if (f->state == CLOUD_BROKEN || f->state == CLOUD_UNSUPPORTED) {
        audit_find(a, file, f->state == CLOUD_BROKEN ? AUDIT_ERROR : AUDIT_WARNING, "encoding",
                   at(file, f->line),
                   f->state == CLOUD_BROKEN ? "the content is no base64"
                                            : "the content's encoding is not read here",
                   "cloud-init writes what it can decode.", "base64 -w0 squid.conf");
        return 0;
    }
    inside = arena_printf(a->arena, "%s!%s", file->label, f->path);
    part.label = inside;
    if (audit_squid(a, &part, inside, f->content, f->len, fault) != 0)
        return -1;
    list_push(a->arena, a->files, a->n_files, part);
    return 0;
}

int audit_cloud(struct audit *a, struct audit_file *file, const char *path, const char *bytes,
                size_t len, struct fault *f)
{
    struct cloud_init c;
    bool writes = false;

    (void)path;
    cloud_init_read(&c, a->arena, bytes, len);
    if (!c.header)
        audit_find(
            a, file, AUDIT_ERROR, "header", at(file, 1), "the first line is not #cloud-config",
            "cloud-init does not take the file for its own, and ignores it.", "#cloud-config");
    if (c.broken != NULL)
        audit_find(a, file, AUDIT_ERROR, "yaml", at(file, c.broken_line),
                   arena_printf(a->arena, "no YAML: %s", c.broken),
                   "cloud-init ignores the whole file.", "correct the line");
    check_keys(a, file, &c);
    for (size_t i = 0; i < c.n_files; i++) {
        if (strcmp(c.files[i].path, SQUID_CONF) != 0)
            continue;
        writes = true;
        if (check_file(a, file, &c.files[i], f) != 0)
            return -1;
    }
    check_commands(a, file, &c, writes);
    if (writes)
        check_package(a, file, &c);
    else if (c.broken == NULL)
        audit_find(a, file, AUDIT_INFO, "no-squid-conf", at(file, 0),
                   "no " SQUID_CONF " is written", "There is no proxy to judge in this file.",
                   NULL);
    return 0;
}
