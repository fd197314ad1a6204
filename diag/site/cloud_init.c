/* cloud_init: see cloud_init.h. Keys: cloudinit.readthedocs.io, module reference. */
#include "diag/site/cloud_init.h"

#include "diag/base/arena.h"
#include "diag/base/text.h"

#include <string.h>
#include <yaml.h>

enum { SHOWN = 200 };

static const char *const known_keys[] = {
    "ansible",
    "apk_repos",
    "apt",
    "apt_pipelining",
    "apt_reboot_if_required",
    "apt_update",
    "apt_upgrade",
    "authkey_hash",
    "autoinstall",
    "bootcmd",
    "byobu_by_default",
    "ca_certs",
    "ca-certs",
    "chef",
    "chpasswd",
    "cloud_config_modules",
    "cloud_final_modules",
    "cloud_init_modules",
    "create_hostname_file",
    "datasource",
    "device_aliases",
    "disable_ec2_metadata",
    "disable_root",
    "disable_root_opts",
    "disk_setup",
    "drivers",
    "fan",
    "final_message",
    "fqdn",
    "fs_setup",
    "groups",
    "growpart",
    "grub_dpkg",
    "grub-dpkg",
    "hostname",
    "keyboard",
    "landscape",
    "launch-index",
    "locale",
    "locale_configfile",
    "lxd",
    "manage_etc_hosts",
    "manage_resolv_conf",
    "mcollective",
    "merge_how",
    "merge_type",
    "migrate",
    "mount_default_fields",
    "mounts",
    "network",
    "no_ssh_fingerprints",
    "ntp",
    "output",
    "package_reboot_if_required",
    "package_update",
    "package_upgrade",
    "packages",
    "password",
    "phone_home",
    "power_state",
    "prefer_fqdn_over_hostname",
    "preserve_hostname",
    "puppet",
    "random_seed",
    "reporting",
    "resize_rootfs",
    "resolv_conf",
    "rh_subscription",
    "rsyslog",
    "runcmd",
    "salt_minion",
    "snap",
    "spacewalk",
    "ssh",
    "ssh_authorized_keys",
    "ssh_deletekeys",
    "ssh_fp_console_blacklist",
    "ssh_genkeytypes",
    "ssh_import_id",
    "ssh_keys",
    "ssh_publish_hostkeys",
    "ssh_pwauth",
    "ssh_quiet_keygen",
    "swap",
    "system_info",
    "timezone",
    "ubuntu_advantage",
    "ubuntu_pro",
    "updates",
    "user",
    "users",
    "vendor_data",
    "version",
    "wireguard",
    "write_files",
    "yum_repo_dir",
    "yum_repos",
    "zypper",
};
#define N_KNOWN (sizeof known_keys / sizeof known_keys[0])

bool cloud_init_recognize(const char *bytes, size_t len)
{
    static const char header[] = "#cloud-config";
    static const char *const marks[] = {
        "runcmd:", "run cmd:", "write_files:", "packages:", "bootcmd:"};
    const char *end = bytes + len;

    if (len >= sizeof header - 1 && memcmp(bytes, header, sizeof header - 1) == 0)
        return true;
    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));

        stop = stop == NULL ? end : stop;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
            size_t n = strlen(marks[i]);

            if ((size_t)(stop - bytes) >= n && memcmp(bytes, marks[i], n) == 0)
                return true;
        }
        bytes = stop + 1;
    }
    return false;
}

static int base64_value(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);

    return at == NULL ? -1 : (int)(at - alphabet);
}

char *cloud_init_base64(struct arena *a, const char *text, size_t len, size_t *out_len)
{
    char *out = arena_alloc(a, len / 4 * 3 + 4);
    unsigned bits = 0, held = 0, digits = 0, pads = 0;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int value = base64_value(text[i]);

        if (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t')
            continue;
        if (text[i] == '=') {
            pads++;
            continue;
        }
        if (value < 0 || pads > 0)
            return NULL;
        digits++;
        bits = (bits << 6 | (unsigned)value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (char)(bits >> held & 0xff);
        }
    }
    if (digits == 0 || (digits + pads) % 4 != 0 || pads > 2)
        return NULL;
    out[n] = '\0';
    *out_len = n;
    return out;
}

/* --- the YAML document --- */

struct reader {
    struct cloud_init *c;
    struct arena *arena;
    yaml_document_t doc;
};

static yaml_node_t *node(struct reader *r, int id)
{
    return yaml_document_get_node(&r->doc, id);
}

static unsigned long line_of(const yaml_node_t *n)
{
    return n->start_mark.line + 1;
}

static bool is_word(const yaml_node_t *n, const char *word)
{
    return n != NULL && n->type == YAML_SCALAR_NODE && strlen(word) == n->data.scalar.length &&
           memcmp(n->data.scalar.value, word, n->data.scalar.length) == 0;
}

static const char *printable(struct reader *r, const yaml_node_t *n)
{
    return text_printable(r->arena, n->data.scalar.value, n->data.scalar.length, SHOWN);
}

/* The value of a key in a mapping; the last one counts. */
static yaml_node_t *value_of(struct reader *r, const yaml_node_t *mapping, const char *key)
{
    yaml_node_t *found = NULL;

    for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
         p < mapping->data.mapping.pairs.top; p++) {
        if (is_word(node(r, p->key), key))
            found = node(r, p->value);
    }
    return found;
}

static void read_content(struct reader *r, struct cloud_file *file, const yaml_node_t *encoding,
                         const yaml_node_t *content)
{
    const char *text = (const char *)content->data.scalar.value;

    file->content = arena_strndup(r->arena, text, content->data.scalar.length);
    file->len = content->data.scalar.length;
    file->line = line_of(content);
    if (encoding == NULL || is_word(encoding, "text/plain"))
        return;
    if (is_word(encoding, "b64") || is_word(encoding, "base64")) {
        size_t len;
        char *decoded = cloud_init_base64(r->arena, text, file->len, &len);

        file->state = decoded == NULL ? CLOUD_BROKEN : CLOUD_DECODED;
        if (decoded != NULL) {
            file->content = decoded;
            file->len = len;
        }
        return;
    }
    file->state = CLOUD_UNSUPPORTED;
}

static void read_files(struct reader *r, const yaml_node_t *list)
{
    if (list->type != YAML_SEQUENCE_NODE)
        return;
    for (yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top && r->c->n_files < CLOUD_INIT_ITEMS_MAX; i++) {
        yaml_node_t *entry = node(r, *i), *path, *content, *encoding;
        struct cloud_file file = {0};

        if (entry == NULL || entry->type != YAML_MAPPING_NODE)
            continue;
        path = value_of(r, entry, "path");
        content = value_of(r, entry, "content");
        encoding = value_of(r, entry, "encoding");
        if (path == NULL || path->type != YAML_SCALAR_NODE || content == NULL ||
            content->type != YAML_SCALAR_NODE)
            continue;
        file.path = printable(r, path);
        read_content(r, &file, encoding, content);
        list_push(r->arena, r->c->files, r->c->n_files, file);
    }
}

/* A command is a string or a list of words. */
static const char *joined(struct reader *r, const yaml_node_t *n)
{
    const char *text = "";
    size_t words = 0;

    if (n->type == YAML_SCALAR_NODE)
        return printable(r, n);
    if (n->type != YAML_SEQUENCE_NODE)
        return text;
    for (yaml_node_item_t *i = n->data.sequence.items.start;
         i < n->data.sequence.items.top && words < 50; i++, words++) {
        yaml_node_t *word = node(r, *i);

        if (word != NULL && word->type == YAML_SCALAR_NODE)
            text = arena_printf(r->arena, "%s%s%s", text, *text != '\0' ? " " : "",
                                printable(r, word));
    }
    return text;
}

static void read_list(struct reader *r, const yaml_node_t *list, struct cloud_line **lines,
                      size_t *n)
{
    *n = 0;
    if (list->type != YAML_SEQUENCE_NODE)
        return;
    for (yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top && *n < CLOUD_INIT_ITEMS_MAX; i++) {
        yaml_node_t *item = node(r, *i);

        if (item != NULL)
            list_push(r->arena, *lines, *n, ((struct cloud_line){joined(r, item), line_of(item)}));
    }
}

static void read_key(struct reader *r, const yaml_node_t *key, const yaml_node_t *value)
{
    struct cloud_key k = {.name = printable(r, key), .line = line_of(key)};
    char joined_name[64];
    size_t n = 0;

    for (size_t i = 0; i < N_KNOWN; i++)
        k.known = k.known || is_word(key, known_keys[i]);
    if (!k.known) {
        for (const char *p = k.name; *p != '\0' && n + 1 < sizeof joined_name; p++) {
            if (*p != ' ' && *p != '-')
                joined_name[n++] = *p; /* "run cmd", "run-cmd" */
        }
        joined_name[n] = '\0';
        k.nearest = text_nearest(joined_name, known_keys, N_KNOWN);
    }
    for (size_t i = 0; i < r->c->n_keys; i++)
        r->c->keys[i].repeated = r->c->keys[i].repeated || strcmp(r->c->keys[i].name, k.name) == 0;
    list_push(r->arena, r->c->keys, r->c->n_keys, k);
    if (is_word(key, "write_files"))
        read_files(r, value);
    else if (is_word(key, "runcmd"))
        read_list(r, value, &r->c->commands, &r->c->n_commands);
    else if (is_word(key, "packages"))
        read_list(r, value, &r->c->packages, &r->c->n_packages);
}

static void read_document(struct reader *r)
{
    yaml_node_t *root = yaml_document_get_root_node(&r->doc);

    if (root == NULL || root->type != YAML_MAPPING_NODE) {
        r->c->broken = "it is no mapping of keys";
        r->c->broken_line = 1;
        return;
    }
    for (yaml_node_pair_t *p = root->data.mapping.pairs.start;
         p < root->data.mapping.pairs.top && r->c->n_keys < 1000; p++) {
        yaml_node_t *key = node(r, p->key), *value = node(r, p->value);

        if (key != NULL && key->type == YAML_SCALAR_NODE && value != NULL)
            read_key(r, key, value);
    }
}

void cloud_init_read(struct cloud_init *c, struct arena *a, const char *bytes, size_t len)
{
    static const char header[] = "#cloud-config";
    struct reader r = {.c = c, .arena = a};
    yaml_parser_t parser;

    *c = (struct cloud_init){0};
    if (len > sizeof header - 1 && memcmp(bytes, header, sizeof header - 1) == 0) {
        size_t rest = sizeof header - 1;

        while (rest < len && (bytes[rest] == ' ' || bytes[rest] == '\t' || bytes[rest] == '\r'))
            rest++;
        c->header = rest == len || bytes[rest] == '\n';
    }
    if (yaml_parser_initialize(&parser) == 0)
        return;
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
    if (yaml_parser_load(&parser, &r.doc) == 0) {
        c->broken = parser.problem != NULL ? arena_strdup(a, parser.problem) : "it is no YAML";
        c->broken_line = parser.problem_mark.line + 1;
    } else {
        read_document(&r);
        yaml_document_delete(&r.doc);
    }
    yaml_parser_delete(&parser);
}
