/*
 * site_bind: how the values of a site file get to where they belong: tables of keys, each with the
 * function that reads its value. A reader answers 0, or -1 with a fault "FILE:LINE:COL: ...".
 */
#ifndef HOPPROOF_SITE_SITE_BIND_H
#define HOPPROOF_SITE_SITE_BIND_H

#include <stddef.h>

struct arena;
struct endpoints;
struct fault;
struct site;
struct site_proxy;
struct yaml;

struct site_binder {
    struct arena *arena;
    const char *label;  /* of the file, for faults and sources */
    const char *folder; /* with a slash at its end; "" for the current one */
    struct site *site;
    struct endpoints *endpoints;
    struct site_proxy *proxy;       /* being read */
    const struct yaml *route_nodes; /* to be checked when the proxies are known */
    const struct yaml *required_node;
};

/* The value of a key goes to *to, whose type the function knows. */
struct site_key {
    const char *name;
    int (*read)(struct site_binder *b, const struct yaml *value, void *to, struct fault *f);
    size_t offset; /* of *to in what the table is about */
};

/* Read every key of a mapping by its table; an unknown key is a mistake of the user. */
int site_read_mapping(struct site_binder *b, const struct yaml *node, const struct site_key *keys,
                      size_t n_keys, void *base, struct fault *f);

/* Call `each` for every item of a list; a single value stands for a list of one. */
int site_for_each(struct site_binder *b, const struct yaml *v,
                  int (*each)(struct site_binder *, const struct yaml *, struct fault *),
                  struct fault *f);

/* A number from 1 on. */
int site_read_number(struct site_binder *b, const struct yaml *v, unsigned long max, void *to,
                     struct fault *f);

/* --- single values, with the type of *to --- */

/* const char * */
int site_read_text(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* bool */
int site_read_bool(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* unsigned */
int site_read_attempts(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);
int site_read_parallel(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* int64_t, in microseconds */
int site_read_timeout(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);
int site_read_deadline(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);
int site_read_idle(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* const char *: a file that can be read now */
int site_read_path(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* enum chain */
int site_read_chain(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* const char *: a word of method.def */
int site_read_method(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* const char *: a host */
int site_read_legacy_hub(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* const char * */
int site_read_expect(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);
int site_read_interface(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* the answers of fact.def */
int site_read_facts(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

/* --- what there are several of (site_lists.c); `to` is not used --- */

int site_read_endpoints(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);
int site_read_endpoints_files(struct site_binder *b, const struct yaml *v, void *to,
                              struct fault *f);
int site_read_profiles(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);
int site_read_proxies(struct site_binder *b, const struct yaml *v, void *to, struct fault *f);

#endif
