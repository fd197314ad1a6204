/*
 * yaml: a strict reading of YAML 1.1 for configuration: mappings, sequences and scalars, nothing
 * that makes a file mean something else than it shows.
 *
 * Anchors, aliases, tags, merge keys, duplicate keys and several documents are refused; depth,
 * nodes and size are bounded. Every node knows where it stands, so that who reads it can complain
 * about the very place.
 */
#ifndef HOPPROOF_SITE_YAML_H
#define HOPPROOF_SITE_YAML_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct fault;

enum { YAML_SIZE_MAX = 8 * 1024 * 1024, YAML_DEPTH_MAX = 8, YAML_NODES_MAX = 500000 };

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml {
    enum yaml_kind kind;
    unsigned long line, column; /* from 1 */
    unsigned long last;         /* the line where a scalar ends; libyaml counts CR as an end, too */
    const char *text;           /* of a scalar: printable UTF-8 without line ends */
    bool quoted;                /* so that "5" and "" are meant as text */
    struct yaml **items;        /* of a sequence; the values of a mapping */
    struct yaml **keys;         /* of a mapping: scalars */
    size_t n;
};

/* The document in bytes[0..len); `label` names the file in faults. NULL with a fault. */
struct yaml *yaml_read(struct arena *a, const char *label, const char *bytes, size_t len,
                       struct fault *f);

/* "LABEL:LINE:COL: ..." about a node. Returns -1. */
int yaml_fault(struct fault *f, const char *label, const struct yaml *node, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What a node is, for messages: "a list", "a mapping", "a value". */
const char *yaml_kind_text(const struct yaml *node);

#endif
