/*
 * cloud_init: a #cloud-config file, as far as it installs a proxy: its top-level keys with
 * duplicates, the files that it writes (decoded), its commands and packages.
 *
 * Read leniently, as what is wrong with it is to be said: diag/site/yaml.h would refuse it.
 */
#ifndef HOPPROOF_SITE_CLOUD_INIT_H
#define HOPPROOF_SITE_CLOUD_INIT_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { CLOUD_INIT_ITEMS_MAX = 10000 };

struct cloud_key {
    const char *name; /* printable */
    unsigned long line;
    bool known;          /* cloud-init has such a key */
    const char *nearest; /* unknown: the one that is probably meant, or NULL */
    bool repeated;       /* it stands further below again, which wins */
};

/* How the content of a file stands in the configuration. */
enum cloud_content {
    CLOUD_PLAIN,
    CLOUD_DECODED,     /* was base64 */
    CLOUD_BROKEN,      /* says base64, is none */
    CLOUD_UNSUPPORTED, /* compressed, or an unknown encoding */
};

struct cloud_file {
    const char *path;
    unsigned long line;
    enum cloud_content state;
    const char *content; /* with a NUL behind it; as it stands there when not decoded */
    size_t len;
};

struct cloud_line {
    const char *text; /* printable */
    unsigned long line;
};

struct cloud_init {
    bool header;        /* the first line is exactly #cloud-config */
    const char *broken; /* not YAML: why, in line broken_line */
    unsigned long broken_line;
    struct cloud_key *keys;
    size_t n_keys;
    struct cloud_file *files;
    size_t n_files;
    struct cloud_line *commands; /* of the runcmd that counts */
    size_t n_commands;
    struct cloud_line *packages;
    size_t n_packages;
};

/* Does it begin with #cloud-config, or have keys of such a file? */
bool cloud_init_recognize(const char *bytes, size_t len);

/* Read it; never fails: what is broken is in *c. */
void cloud_init_read(struct cloud_init *c, struct arena *a, const char *bytes, size_t len);

/* RFC 4648 section 4, white space allowed between; NULL where it is none. */
char *cloud_init_base64(struct arena *a, const char *text, size_t len, size_t *out_len);

#endif
