/* site_bind: see site_bind.h. */
#include "diag/site/site_bind.h"

#include "diag/base/arena.h"
#include "diag/base/fault.h"
#include "diag/base/text.h"
#include "diag/model/method.h"
#include "diag/model/site.h"
#include "diag/site/url.h"
#include "diag/site/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- single values --- */

int site_read_text(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    if (v->kind != YAML_SCALAR)
        return yaml_fault(f, b->label, v, "one value belongs here, not %s; write it in one line",
                          yaml_kind_text(v));
    if (v->text[0] == '\0' ||
        (!v->quoted && (strcmp(v->text, "~") == 0 || text_equal_nocase(v->text, "null"))))
        return yaml_fault(f, b->label, v, "the value is missing; give one or remove the key");
    *(const char **)to = v->text;
    return 0;
}

int site_read_bool(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    const char *text = NULL;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    if (v->quoted || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
        return yaml_fault(f, b->label, v, "\"%.40s\" is neither true nor false; write one of them",
                          text);
    *(bool *)to = text[0] == 't';
    return 0;
}

int site_read_number(struct site_binder *b, const struct yaml *v, unsigned long max, void *to,
                     struct fault *f)
{
    unsigned long number;
    const char *text = NULL;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    if (!text_parse_uint(text, max, &number) || number == 0)
        return yaml_fault(f, b->label, v, "\"%.40s\" is no number from 1 to %lu; correct it", text,
                          max);
    *(unsigned *)to = (unsigned)number;
    return 0;
}

int site_read_attempts(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return site_read_number(b, v, 1000, to, f);
}

int site_read_parallel(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return site_read_number(b, v, 10000, to, f);
}

static int read_seconds(struct site_binder *b, const struct yaml *v, int64_t min_us, int64_t max_us,
                        void *to, struct fault *f)
{
    const char *text = NULL;
    int64_t us;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    if (!text_parse_seconds(text, &us) || us < min_us || us > max_us)
        return yaml_fault(f, b->label, v,
                          "\"%.40s\" is no number of seconds from %g to %g; correct it", text,
                          (double)min_us / 1e6, (double)max_us / 1e6);
    *(int64_t *)to = us;
    return 0;
}

int site_read_timeout(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_seconds(b, v, 50000, INT64_C(300000000), to, f);
}

int site_read_deadline(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_seconds(b, v, 100000, INT64_C(86400000000), to, f);
}

int site_read_idle(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_seconds(b, v, 100000, INT64_C(7200000000), to, f);
}

/* A file beside the site file; it must be readable now, as later nothing can be said with a line.
 */
int site_read_path(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    const char *text = NULL, *path;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    path = text[0] == '/' ? text : arena_printf(b->arena, "%s%s", b->folder, text);
    if (access(path, R_OK) != 0)
        return yaml_fault(f, b->label, v, "%.300s cannot be read: %s; correct the path", path,
                          strerror(errno));
    *(const char **)to = path;
    return 0;
}

/* One of a list of words. */
static int read_word(struct site_binder *b, const struct yaml *v, const char *const *words,
                     size_t n, const char **to, struct fault *f)
{
    const char *text = NULL, *near;
    char known[200] = "";
    size_t end = 0;

    if (site_read_text(b, v, &text, f) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], text) == 0) {
            *to = words[i];
            return 0;
        }
        if (end < sizeof known)
            end += (size_t)snprintf(known + end, sizeof known - end, "%s%s", i > 0 ? ", " : "",
                                    words[i]);
    }
    near = text_nearest(text, words, n);
    if (near != NULL)
        return yaml_fault(f, b->label, v, "\"%.40s\" is not known; did you mean %s?", text, near);
    return yaml_fault(f, b->label, v, "\"%.40s\" is not known; use one of %s", text, known);
}

int site_read_chain(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    const char *word = NULL;

    if (read_word(b, v, chain_names.words, chain_names.n, &word, f) != 0)
        return -1;
    *(enum chain *)to = (enum chain)names_value(&chain_names, word);
    return 0;
}

int site_read_method(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    return read_word(b, v, method_names.words, method_names.n, to, f);
}

int site_read_legacy_hub(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    struct target target;
    struct fault why;

    if (site_read_text(b, v, to, f) != 0)
        return -1;
    if (target_parse(b->arena, v->text, strlen(v->text), &target, &why) != 0 ||
        target_fits_hub(&target, &why) != 0)
        return yaml_fault(f, b->label, v, "%s", why.text);
    b->site->migration = true;
    return 0;
}

int site_read_expect(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    static const char *const kinds[] = {"public", "private"};

    return read_word(b, v, kinds, sizeof kinds / sizeof kinds[0], to, f);
}

int site_read_interface(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    if (site_read_text(b, v, to, f) != 0)
        return -1;
    b->site->interface_given = true;
    return 0;
}

/* --- mappings --- */

int site_read_mapping(struct site_binder *b, const struct yaml *node, const struct site_key *keys,
                      size_t n_keys, void *base, struct fault *f)
{
    const char *names[40], *near;

    for (size_t k = 0; k < n_keys; k++)
        names[k] = keys[k].name;
    for (size_t i = 0; i < node->n; i++) {
        const struct site_key *key = NULL;

        for (size_t k = 0; k < n_keys && key == NULL; k++) {
            if (strcmp(keys[k].name, node->keys[i]->text) == 0)
                key = &keys[k];
        }
        if (key == NULL) {
            near = text_nearest(node->keys[i]->text, names, n_keys);
            if (near != NULL)
                return yaml_fault(f, b->label, node->keys[i],
                                  "unknown key \"%.60s\"; did you mean %s?", node->keys[i]->text,
                                  near);
            return yaml_fault(f, b->label, node->keys[i],
                              "unknown key \"%.60s\"; docs/site-file.md lists the keys",
                              node->keys[i]->text);
        }
        if (key->read(b, node->items[i], (char *)base + key->offset, f) != 0)
            return -1;
    }
    return 0;
}

int site_for_each(struct site_binder *b, const struct yaml *v,
                  int (*each)(struct site_binder *, const struct yaml *, struct fault *),
                  struct fault *f)
{
    if (v->kind == YAML_MAPPING)
        return yaml_fault(f, b->label, v,
                          "a list belongs here, not a mapping; begin each item "
                          "with \"- \"");
    if (v->kind == YAML_SCALAR)
        return each(b, v, f);
    for (size_t i = 0; i < v->n; i++) {
        if (each(b, v->items[i], f) != 0)
            return -1;
    }
    return 0;
}

/* "vpn: true": the words of fact.def; what is not said stays unknown. */
int site_read_facts(struct site_binder *b, const struct yaml *v, void *to, struct fault *f)
{
    enum tri *facts = to;

    if (v->kind != YAML_MAPPING)
        return yaml_fault(f, b->label, v, "a mapping such as \"vpn: true\" belongs here, not %s",
                          yaml_kind_text(v));
    for (size_t i = 0; i < v->n; i++) {
        const char *word = NULL;
        bool yes = false;

        if (read_word(b, v->keys[i], fact_names.words, fact_names.n, &word, f) != 0 ||
            site_read_bool(b, v->items[i], &yes, f) != 0)
            return -1;
        facts[names_value(&fact_names, word)] = yes ? TRI_YES : TRI_NO;
    }
    return 0;
}
